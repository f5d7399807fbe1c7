//! The use cases that put ports together: link an account, claim a namespace, verify, delegate, revoke, ask many.
//!
//! They gather through the ports and leave every judgement to [`decide`](crate::decide). None reads a clock: `now` comes in.

mod challenges;
mod check;
mod claim;
mod context;
mod keys;
mod once;
mod revocations;
mod sign;
mod statement_prover;
mod verify;

pub use challenges::Challenges;
pub use check::{Question, check_many};
pub use claim::{ClaimFailure, ClaimNamespace, ClaimRequest, Claimed};
pub use context::{ClaimsContext, StoredLink, link};
pub use keys::resolve_keys;
pub use once::use_once;
pub use revocations::consult;
pub use sign::{delegate, revoke, self_report};
pub use statement_prover::StatementProver;
pub use verify::{MAX_PROOF_READS, Terms, verify_live, verify_offline};

#[cfg(test)]
mod tests;
