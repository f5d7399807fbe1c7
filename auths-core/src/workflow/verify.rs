//! Deciding about a bundle: on the evidence in it, or on evidence that is read anew.

use std::sync::Arc;

use crate::Timestamp;
use crate::bundle::Bundle;
use crate::claim::{
    Audience, ClaimError, Expectation, IssuedChallenge, KeyRing, PlatformClaim, Signed,
};
use crate::decide::{Decision, Outcome, Revocations, decide};
use crate::policy::Policy;
use crate::ports::{AccountProver, NamespaceVerifier, NamespaceVerifierExt};
use crate::workflow::{ClaimsContext, StoredLink};

/// The most proofs of accounts that one bundle has read anew. Each may be a package with many releases.
pub const MAX_PROOF_READS: usize = 16;

/// On what terms a bundle is decided.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Terms<'a> {
    /// For whom the claim must have been signed, and which challenge it must answer.
    pub expected: Expectation,
    /// The challenge that this verifier gave, as it remembers it. Deciding does not use it up: [`use_once`](super::use_once)
    /// does.
    pub issued: Option<IssuedChallenge>,
    /// What the answer must resist.
    pub policy: &'a Policy,
    /// The revocations, and where they were looked for.
    pub revocations: Revocations,
    /// The keys of DIDs that do not spell their own.
    pub keys: KeyRing,
    /// The time as of which it is decided.
    pub now: Timestamp,
}

impl<'a> Terms<'a> {
    /// Terms with no source of revocations consulted, for `did:key` DIDs: a yes on them resists no preset.
    #[must_use]
    pub fn new(expected: Expectation, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            expected,
            issued: None,
            policy,
            revocations: Revocations::not_checked(),
            keys: KeyRing::intrinsic(),
            now,
        }
    }

    /// What is known of revocations, as [`consult`](super::consult) found it.
    #[must_use]
    pub fn with_revocations(mut self, revocations: Revocations) -> Self {
        self.revocations = revocations;
        self
    }

    /// The claim must answer this challenge, which this verifier gave.
    #[must_use]
    pub fn answering(mut self, issued: IssuedChallenge) -> Self {
        self.expected.challenge = Some(issued.challenge().clone());
        self.issued = Some(issued);
        self
    }
}

/// Decides on the evidence in the bundle, which counts as far as the policy trusts its observers.
///
/// # Errors
/// [`ClaimError`] when an observation in it was tampered with.
pub fn verify_offline(bundle: Bundle, terms: Terms<'_>) -> Result<Decision, ClaimError> {
    let (keys, now) = (terms.keys, terms.now);
    let mut case = bundle.into_case(terms.expected, terms.revocations, keys, now)?;
    case.issued = terms.issued;
    Ok(decide(&case, terms.policy, now))
}

/// Decides on evidence that is read now: the bundle's observations serve as hints where to look, and no more.
///
/// # Security
/// A bundle comes from anybody, and must not make this process ask others many questions. Nothing is asked for a namespace
/// claim that does not hold by itself (signature, audience, challenge, time, revocations), nor for the proof of a platform
/// claim that does not. At most [`MAX_PROOF_READS`] proofs are read, in the bundle's order; the accounts after them count as
/// not seen, [`Why::RequestBudget`](crate::Why::RequestBudget).
pub async fn verify_live(
    bundle: &Bundle,
    terms: Terms<'_>,
    verifier: &dyn NamespaceVerifier,
    provers: Vec<Arc<dyn AccountProver>>,
) -> Decision {
    let (policy, now) = (terms.policy, terms.now);
    let links = links(bundle, &terms.keys, now);
    let mut case = bundle.case_without_evidence(terms.expected, terms.revocations, terms.keys);
    case.issued = terms.issued;
    // With no evidence a claim that stands is undetermined: denied now, it is denied whatever is seen.
    let unseen = decide(&case, policy, now);
    let stands = case.claim.verify(&case.expected, &case.keys, now).is_ok();
    if !stands || unseen.outcome() == Outcome::Denied {
        return unseen;
    }
    let context = ClaimsContext::new(links, provers).reading_at_most(MAX_PROOF_READS);
    verifier.verify(&context, case, policy, now).await
}

/// The bundle's accounts: where to look for the proof of each whose claim holds.
fn links(bundle: &Bundle, keys: &KeyRing, now: Timestamp) -> Vec<StoredLink> {
    let public = Expectation::new(Audience::public());
    let link = |claim: &Signed<PlatformClaim>| {
        let holds = claim.verify(&public, keys, now).is_ok();
        let hint = holds.then(|| bundle.hint(claim)).flatten();
        StoredLink::new(claim.clone(), hint)
    };
    bundle.platform_claims.iter().map(link).collect()
}
