//! The use cases, which combine the ports: link an account, claim a namespace, verify, delegate, revoke, ask many.
//!
//! They gather through the ports and leave every judgement to [`decide`](crate::decide). None reads a clock: `now` is an
//! argument.
//!
//! | a verifier (a server or a gate) | |
//! |---|---|
//! | decides on what the registry shows now | [`verify_live`] |
//! | decides on what observers signed, without a network | [`verify_offline`] |
//! | hands out grants to CI runs and keys | [`Verifier::publish`], [`Verifier::publish_by_key`], [`GrantDesk`] |
//! | says what a publish would be answered | [`Verifier::check_publish`], [`Verifier::check_publish_by_key`], [`PublishGate`] |
//! | decides about a CI run, and uses its token up once | [`decide_run`](crate::decide::decide_run), [`TokenUses`] |
//! | issues challenges, and accepts each answer once | [`Challenges`], [`VerifyOptions::with_challenge`], [`Challenges::use_once`] |
//! | looks for revocations first, and remembers them | [`collect_revocations`], with what is [`RevocableParts`] |
//! | supports other DIDs than `did:key` | [`resolve_keys`] |
//! | asks only who is listed, for many packages | [`check_many`] |
//!
//! | a holder | |
//! |---|---|
//! | links an account that a package states, and sees what the link is worth | [`LinkByStatement`], [`prove_account`], [`AccountSupport`] |
//! | looks at its own links again | [`LinkReviewer`] |
//! | watches which DIDs the releases of its packages name | [`watch_statements`] |
//! | claims a package, and gets a bundle for others | [`ClaimNamespace`] |
//! | delegates to somebody else, or revokes a claim | [`delegate`], [`revoke`] |
//! | says which CI runs may act | [`trust_publisher`] |
//!
//! Besides an adapter, a verifier plugs in [`StatementProver`] for the accounts of a registry that has no other proof.
//!
//! ```
//! use auths_core::claim::{Audience, ClaimError, ProofExpectation};
//! use auths_core::decide::Revocations;
//! use auths_core::use_cases::{VerifyOptions, verify_offline};
//! use auths_core::{Bundle, Decision, Outcome, Policy, Timestamp};
//!
//! /// What came with a package is decided by us, on what the observers that our policy trusts have seen.
//! fn check(bundle: Bundle, me: Audience, policy: &Policy, now: Timestamp) -> Result<Decision, ClaimError> {
//!     // Somebody must have looked for revocations: here in a list of our own, which is empty. See `collect_revocations`.
//!     let known = Revocations::not_checked().with("our list", Ok(vec![]));
//!     verify_offline(bundle, VerifyOptions::new(ProofExpectation::new(me), policy, now).with_revocations(known))
//! }
//!
//! let bundle = Bundle::parse(include_bytes!("../../../tests/vectors/bundles/account/bundle.json"))?;
//! let (me, now): (Audience, Timestamp) = ("https://hub.example".parse()?, "2026-11-21T08:46:00Z".parse()?);
//! let nobody = Policy::standard();
//! let decision = check(bundle.clone(), me.clone(), &nobody, now)?;
//! assert_eq!(decision.outcome(), Outcome::Undetermined, "nobody whom we trust has looked");
//!
//! let observer = "did:key:z6MkmNL6xksdEJENGk9Z1qqGsY5njKQdjU1UhnUEUvWyQUVX".parse()?;
//! let policy = nobody.trusting([observer]);
//! let verified = check(bundle, me, &policy, now)?.into_verified()?;
//! let authority = verified.resisting(&policy, now)?;
//! assert!(authority.to_string().ends_with(" may publish pypi:six"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod accepted_record;
mod account_support;
mod challenges;
mod check;
mod claim;
mod context;
mod gather;
mod keys;
mod limits;
mod link_by_statement;
mod link_finding;
mod publish;
mod registries;
mod review;
mod review_links;
mod revocations;
mod setup_error;
mod sign;
mod statement_prover;
mod token_uses;
mod verifier;
pub(crate) mod verifier_ext;
mod verify;
mod watch_statements;
mod watch_verdict;
mod watched_statement;

pub use accepted_record::{AcceptedRecord, RecordError, RecordState};
pub use account_support::AccountSupport;
pub use challenges::Challenges;
pub use check::{ListingQuery, check_many};
pub use claim::{ClaimFailure, ClaimNamespace, ClaimRequest, ClaimResult};
pub use context::{ClaimsContext, StoredLink, prove_account};
pub use keys::resolve_keys;
pub use limits::VerificationLimits;
pub use link_by_statement::{LinkByStatement, LinkByStatementError};
pub use link_finding::{FindingOutcome, LinkFinding};
pub use publish::{
    GrantDesk, KeyPublishRequest, PublishCheck, PublishError, PublishGate, PublishGrant,
    PublishRequest,
};
pub use registries::{Registries, SameRegistry};
pub use review::Review;
pub use review_links::{LinkReview, LinkReviewer, ReviewedLink};
pub use revocations::{RevocableParts, collect_revocations};
pub use setup_error::SetupError;
pub use sign::{delegate, revoke, sign_account_claim, trust_publisher};
pub use statement_prover::StatementProver;
pub use token_uses::TokenUses;
pub use verifier::{Verifier, VerifierBuilder};
pub use verify::{ChallengeTerms, NoChallenge, VerifyOptions, verify_live, verify_offline};
pub use watch_statements::{ExpectedStatements, WatchError, WatchedPackage, watch_statements};
pub use watch_verdict::WatchVerdict;
pub use watched_statement::{StatementState, WatchedStatement};

#[cfg(test)]
mod tests;
