//! Revocations by signers without a known right to revoke, which an answer reports.

use std::collections::BTreeSet;

use super::super::input::DecisionInput;
use super::index::RevocationIndex;
use super::report::{RevocationReport, UnknownRevocation};
use crate::claim::{Revocation, Signed};
use crate::identity::Did;

/// The maximum number of revocations by unknown signers that are checked and reported for one answer.
const MAX_REPORTED: usize = 64;

impl RevocationIndex<'_> {
    /// Returns the report for the answer: the sources, and the signers who revoked something of the input without a known right.
    pub(in crate::decide) fn report(&self, input: &DecisionInput) -> RevocationReport {
        let consulted = input.revocations.consulted().to_vec();
        let unknown = match input.revocations.found().is_empty() {
            true => Vec::new(),
            false => self.unknown(input),
        };
        RevocationReport { consulted, unknown }
    }

    fn unknown(&self, input: &DecisionInput) -> Vec<UnknownRevocation> {
        let delegators: BTreeSet<_> = input.delegations.iter().map(Signed::did).collect();
        let mut reported = BTreeSet::new();
        let strangers = self
            .of_the_input(input, &delegators)
            .filter(|(revocation, owner)| !self.may_revoke(revocation.did(), owner, &delegators));
        for (revocation, _) in strangers.take(MAX_REPORTED) {
            if self.signatures.check(revocation).is_ok() {
                reported.insert(UnknownRevocation {
                    by: revocation.did().clone(),
                    revokes: revocation.unverified().revokes.clone(),
                });
            }
        }
        reported.into_iter().collect()
    }

    /// Returns every revocation of a DID or claim of the input, with the DID that it concerns: those of the DIDs first.
    fn of_the_input<'s>(
        &'s self,
        input: &'s DecisionInput,
        delegators: &BTreeSet<&'s Did>,
    ) -> impl Iterator<Item = (&'s Signed<Revocation>, &'s Did)> {
        let roots = input.speaker.roots();
        let dids: BTreeSet<&Did> = roots.iter().map(|(_, did)| *did).collect();
        let dids = delegators.iter().copied().chain(dids);
        let of_dids = dids.map(|did| (self.of_dids.get(did), did));
        let linked = input.accounts.iter().map(|linked| &linked.claim);
        let claims = roots
            .into_iter()
            .chain(linked.map(|claim| (claim.id(), claim.did())))
            .chain(input.delegations.iter().map(|d| (d.id(), d.did())));
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
