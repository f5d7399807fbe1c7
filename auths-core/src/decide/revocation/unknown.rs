//! Revocations by signers without a known right to revoke, which an answer reports.

use std::collections::BTreeSet;

use super::super::input::DecisionInput;
use super::index::RevocationIndex;
use super::report::{RevocationReport, UnknownRevocation};
use crate::claim::{Revocation, Signed};
use crate::identity::Did;

/// The maximum number of revocations by unknown signers that are checked and reported for one answer.
const MAX_TOLD: usize = 64;

impl RevocationIndex<'_> {
    /// Returns the report for the answer: the sources, and the signers who revoked something of the case without a known right.
    pub(in crate::decide) fn report(&self, case: &DecisionInput) -> RevocationReport {
        let consulted = case.revocations.consulted().to_vec();
        let unknown = match case.revocations.found().is_empty() {
            true => Vec::new(),
            false => self.unknown(case),
        };
        RevocationReport { consulted, unknown }
    }

    fn unknown(&self, case: &DecisionInput) -> Vec<UnknownRevocation> {
        let delegators: BTreeSet<_> = case.delegations.iter().map(Signed::did).collect();
        let mut told = BTreeSet::new();
        let strangers = self
            .of_the_case(case, &delegators)
            .filter(|(revocation, owner)| !self.may_revoke(revocation.did(), owner, &delegators));
        for (revocation, _) in strangers.take(MAX_TOLD) {
            if self.signatures.check(revocation).is_ok() {
                told.insert(UnknownRevocation {
                    by: revocation.did().clone(),
                    revokes: revocation.unverified().revokes.clone(),
                });
            }
        }
        told.into_iter().collect()
    }

    /// Returns every revocation of a DID or claim of the case, with the DID that it concerns: those of the DIDs first.
    fn of_the_case<'s>(
        &'s self,
        case: &'s DecisionInput,
        delegators: &BTreeSet<&'s Did>,
    ) -> impl Iterator<Item = (&'s Signed<Revocation>, &'s Did)> {
        let dids = delegators.iter().copied().chain([case.claim.did()]);
        let of_dids = dids.map(|did| (self.of_dids.get(did), did));
        let linked = case.accounts.iter().map(|linked| &linked.claim);
        let claims = [(case.claim.id(), case.claim.did())]
            .into_iter()
            .chain(linked.map(|claim| (claim.id(), claim.did())))
            .chain(case.delegations.iter().map(|d| (d.id(), d.did())));
        let of_claims = claims.map(|(id, owner)| (self.of_claims.get(id), owner));
        of_dids.chain(of_claims).flat_map(|(found, owner)| {
            let found = found.into_iter().flatten();
            found.map(move |revocation| (*revocation, owner))
        })
    }

    /// Returns whether `by` is known to have the right to revoke what is `owner`'s.
    fn may_revoke(&self, by: &Did, owner: &Did, delegators: &BTreeSet<&Did>) -> bool {
        let mut recovery = self.recovery.get(owner).into_iter().flatten();
        by == owner || delegators.contains(by) || recovery.any(|did| *did == by)
    }
}
