//! The input of one decision.

use std::collections::BTreeSet;

use super::revocation::Revocations;
use super::speaker::{KeyProof, RunProof, SpeakerProof};
use crate::Timestamp;
use crate::claim::{
    Actions, Delegation, KeyRing, NamespaceClaim, PlatformClaim, ProofExpectation, Signed,
};
use crate::evidence::{LinkedAccount, NamespaceEvidence, ObservedEvidence};
use crate::identity::{Account, Did, Namespace};
use crate::reason::Unavailable;

/// The input of one decision: who asks, and the evidence that was seen.
///
/// Nothing in it is trusted. Signatures, times, subjects and observers are checked by [`decide`](super::decide).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DecisionInput {
    /// Who asks, and for what.
    pub speaker: SpeakerProof,
    /// The accounts of the DIDs that the chains lead through: those of a claim, of trusted publishers, and of delegations.
    pub accounts: Vec<LinkedAccount>,
    /// The evidence about the namespace.
    pub evidence: Vec<ObservedEvidence<NamespaceEvidence>>,
    /// The delegations that lead to the DID of the claim, or to one that signed a trusted publisher.
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
    /// Creates the input for a claim, without evidence.
    #[must_use]
    pub fn new(claim: Signed<NamespaceClaim>, expected: ProofExpectation) -> Self {
        Self::about(SpeakerProof::Key(KeyProof::new(claim, expected)))
    }

    /// Creates the input for a CI run, without evidence.
    #[must_use]
    pub fn for_run(run: RunProof) -> Self {
        Self::about(SpeakerProof::Run(run))
    }

    fn about(speaker: SpeakerProof) -> Self {
        Self {
            speaker,
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

    /// Returns the claim, where a key asks.
    #[must_use]
    pub fn claim(&self) -> Option<&Signed<NamespaceClaim>> {
        self.speaker.claim()
    }

    /// Returns the proof of a key, to change it.
    #[cfg(test)]
    pub(crate) fn key(&mut self) -> &mut KeyProof {
        match &mut self.speaker {
            SpeakerProof::Key(key) => key,
            SpeakerProof::Run(_) => panic!("a run asks"),
        }
    }

    /// Returns the namespace that is asked for.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        self.speaker.namespace()
    }

    /// Returns the name that the evidence must be about: that of the organisation, for a name below one.
    #[must_use]
    pub fn evidence_name(&self) -> Namespace {
        let asked = self.namespace();
        asked.parent().unwrap_or_else(|| asked.clone())
    }

    /// Returns the actions that are asked for.
    #[must_use]
    pub fn actions(&self) -> &Actions {
        self.speaker.actions()
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

    /// Returns the DIDs whose accounts matter, each once: the claim's own, or those that signed a trusted publisher; then every
    /// delegator's.
    #[must_use]
    pub fn dids(&self) -> Vec<Did> {
        let roots = self.speaker.roots().into_iter().map(|(_, did)| did);
        let all = roots.chain(self.delegations.iter().map(Signed::did));
        let mut seen = BTreeSet::new();
        let dids = all.filter(|did| seen.insert(*did));
        dids.cloned().collect()
    }
}
