//! The input of one decision.

use super::revocation::Revocations;
use crate::Timestamp;
use crate::claim::{Delegation, KeyRing, NamespaceClaim, PlatformClaim, ProofExpectation, Signed};
use crate::evidence::{LinkedAccount, NamespaceEvidence, ObservedEvidence};
use crate::identity::{Account, Did};
use crate::reason::Unavailable;

/// The input of one decision: the claim, and the evidence that was seen.
///
/// Nothing in it is trusted. Signatures, times, subjects and observers are checked by [`decide`](super::decide).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DecisionInput {
    /// The claim: "this DID speaks for that namespace".
    pub claim: Signed<NamespaceClaim>,
    /// The audience that the claim must have been signed for.
    pub expected: ProofExpectation,
    /// The accounts of the claim's DID, and of the DIDs that delegated to it.
    pub accounts: Vec<LinkedAccount>,
    /// The evidence about the namespace.
    pub evidence: Vec<ObservedEvidence<NamespaceEvidence>>,
    /// The delegations that lead to the claim's DID.
    pub delegations: Vec<Signed<Delegation>>,
    /// The revocations, and which sources were consulted.
    pub revocations: Revocations,
    /// The failures to read while gathering.
    pub unread: Vec<Unavailable>,
    /// The DIDs whose accounts could not be read, and why. One of their claims may have named a recovery DID.
    pub unread_accounts: Vec<(Did, Unavailable)>,
    /// The times since when this verifier knows an account as an owner of the namespace, from its own records.
    pub recorded_owners: Vec<(Account, Timestamp)>,
    /// The keys of DIDs that do not contain their own.
    pub keys: KeyRing,
}

impl DecisionInput {
    /// Creates an input without evidence.
    #[must_use]
    pub fn new(claim: Signed<NamespaceClaim>, expected: ProofExpectation) -> Self {
        Self {
            claim,
            expected,
            accounts: Vec::new(),
            evidence: Vec::new(),
            delegations: Vec::new(),
            revocations: Revocations::not_checked(),
            unread: Vec::new(),
            unread_accounts: Vec::new(),
            recorded_owners: Vec::new(),
            keys: KeyRing::intrinsic(),
        }
    }

    /// Returns the recovery DIDs that revoked something. Their keys are needed to check these revocations.
    #[must_use]
    pub fn recovery_revokers(&self) -> Vec<Did> {
        let revokers = self.revocations.found().iter().map(Signed::did);
        revokers
            .filter(|did| self.is_recovery_did(did))
            .cloned()
            .collect()
    }

    /// Returns whether a platform claim of the input, or this verifier's memory, names `did` as a recovery DID.
    fn is_recovery_did(&self, did: &Did) -> bool {
        let mut claims = self.platform_claims();
        claims.any(|claim| claim.unverified().recovery.as_ref() == Some(did))
            || self.revocations.remembers(did)
    }

    /// Returns every platform claim of the input, whether it links an account or only names a recovery DID.
    fn platform_claims(&self) -> impl Iterator<Item = &Signed<PlatformClaim>> {
        let linked = self.accounts.iter().map(|linked| &linked.claim);
        linked.chain(self.revocations.named())
    }

    /// Returns the first failure to read.
    pub(super) fn first_unread(&self) -> Option<&Unavailable> {
        let accounts = self.unread_accounts.iter().map(|(_, why)| why);
        self.unread.iter().chain(accounts).next()
    }

    /// Returns the DIDs whose accounts matter: the claim's own, and every delegator's.
    #[must_use]
    pub fn dids(&self) -> Vec<Did> {
        let mut dids = vec![self.claim.did().clone()];
        for delegation in &self.delegations {
            if !dids.contains(delegation.did()) {
                dids.push(delegation.did().clone());
            }
        }
        dids
    }
}
