//! Deciding about a bundle: on the evidence in it, or on evidence that is read anew.

use std::sync::Arc;

use crate::Timestamp;
use crate::bundle::Bundle;
use crate::claim::{ClaimError, Expectation, KeyRing};
use crate::decide::{Decision, Revocations, decide};
use crate::policy::Policy;
use crate::ports::{AccountProver, NamespaceVerifier, NamespaceVerifierExt};
use crate::workflow::{ClaimsContext, StoredLink};

/// On what terms a bundle is decided.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Terms<'a> {
    /// For whom the claim must have been signed, and which challenge it must answer.
    pub expected: Expectation,
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
    /// Terms with no source of revocations consulted, for `did:key` DIDs.
    #[must_use]
    pub fn new(expected: Expectation, policy: &'a Policy, now: Timestamp) -> Self {
        Self {
            expected,
            policy,
            revocations: Revocations::not_checked(),
            keys: KeyRing::intrinsic(),
            now,
        }
    }
}

/// Decides on the evidence in the bundle, which counts as far as the policy trusts its observers.
///
/// # Errors
/// [`ClaimError`] when an observation in it was tampered with.
pub fn verify_offline(bundle: Bundle, terms: Terms<'_>) -> Result<Decision, ClaimError> {
    let case = bundle.into_case(terms.expected, terms.revocations, terms.keys, terms.now)?;
    Ok(decide(&case, terms.policy, terms.now))
}

/// Decides on evidence that is read now: the bundle's observations serve as hints where to look, and no more.
pub async fn verify_live(
    bundle: &Bundle,
    terms: Terms<'_>,
    verifier: &dyn NamespaceVerifier,
    provers: Vec<Arc<dyn AccountProver>>,
) -> Decision {
    let stored =
        |claim: &crate::claim::Signed<_>| StoredLink::new(claim.clone(), bundle.hint(claim));
    let context = ClaimsContext::new(bundle.platform_claims.iter().map(stored).collect(), provers);
    let case = bundle.case_without_evidence(terms.expected, terms.revocations, terms.keys);
    verifier
        .verify(&context, case, terms.policy, terms.now)
        .await
}
