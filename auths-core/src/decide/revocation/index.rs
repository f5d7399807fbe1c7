//! The search for revocations: which claims and DIDs each of them counts against.

use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::super::input::DecisionInput;
use super::super::signatures::SignatureCache;
use super::sources::Revocations;
use crate::Timestamp;
use crate::claim::{
    Claim, ClaimError, ClaimId, KeyRing, MAX_CLOCK_LEAD, PlatformClaim, Revocation,
    RevocationTarget, Signed,
};
use crate::identity::Did;
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

impl Revocations {
    /// Checks that neither `claim` nor its DID was revoked, for a claim by itself. A revocation counts if it is by the claim's
    /// signer, by a recovery DID that the claim, a source or this verifier's memory names, or by one of `others` who may revoke.
    /// [`decide`](crate::decide::decide) makes this check for every claim in an input.
    ///
    /// # Errors
    /// [`RefutedReason::Revoked`] when it was revoked; [`UnavailableReason::RevocationsUnread`] when a source could not be read,
    /// which could only have said that it was revoked.
    ///
    /// [`UnavailableReason::RevocationsUnread`]: crate::reason::UnavailableReason::RevocationsUnread
    pub fn check<C: Claim>(
        &self,
        claim: &Signed<C>,
        others: &[Did],
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let own = (claim as &dyn Any).downcast_ref::<Signed<PlatformClaim>>();
        let index = RevocationIndex::knowing(self, own, keys, now);
        let mut above = index.others_who_may_revoke(claim.did());
        above.dids.extend(others);
        index.ensure_not_revoked(claim.id(), claim.did(), &above)?;
        self.unread().map_or(Ok(()), |why| Err(why.into()))
    }
}

/// The DIDs that may revoke a claim, in addition to its signer.
#[derive(Debug, Clone, Default)]
pub(in crate::decide) struct AuthorizedRevokers<'a> {
    /// The delegators, and the recovery DIDs that platform claims name.
    pub(in crate::decide) dids: Vec<&'a Did>,
    /// The reason why platform claims that may name more of them were not read.
    unread: Option<&'a Unavailable>,
}

/// The revocations of one input, indexed by target, and the DIDs that may revoke each target. It is built once per decision: for
/// any number of chains, each revocation is found by its target, and each signature is checked once.
#[derive(Debug)]
pub(in crate::decide) struct RevocationIndex<'a> {
    pub(super) of_claims: BTreeMap<&'a ClaimId, Vec<&'a Signed<Revocation>>>,
    pub(super) of_dids: BTreeMap<&'a Did, Vec<&'a Signed<Revocation>>>,
    /// The recovery DIDs that the platform claims of each DID name, as far as they revoked anything.
    pub(super) recovery: BTreeMap<&'a Did, Vec<&'a Did>>,
    unread_accounts: BTreeMap<&'a Did, &'a Unavailable>,
    /// What could not be recalled of a DID and its claims.
    forgotten_of: Option<&'a BTreeMap<Did, Unavailable>>,
    too_often: Option<&'a BTreeSet<(RevocationTarget, Did)>>,
    pub(in crate::decide) signatures: SignatureCache<'a>,
    now: Timestamp,
    /// The time when the first of the revocations that were looked up takes effect, if it is in the future.
    begins: Cell<Option<Timestamp>>,
}

impl<'a> RevocationIndex<'a> {
    /// Creates the index of a whole input.
    pub(in crate::decide) fn of(input: &'a DecisionInput, now: Timestamp) -> Self {
        let linked = input.accounts.iter().map(|linked| &linked.claim);
        let mut index = Self::knowing(&input.revocations, linked, &input.keys, now);
        let unread = input.unread_accounts.iter();
        index.unread_accounts = unread.map(|(did, why)| (did, why)).collect();
        index
    }

    /// Creates an index without revocations, for accounts that are graded by themselves.
    pub(in crate::decide) fn empty(keys: &'a KeyRing, now: Timestamp) -> Self {
        Self::over(&[], keys, now)
    }

    /// Creates an index of the revocations alone.
    fn over(revocations: &'a [Signed<Revocation>], keys: &'a KeyRing, now: Timestamp) -> Self {
        let mut index = Self {
            of_claims: BTreeMap::new(),
            of_dids: BTreeMap::new(),
            recovery: BTreeMap::new(),
            unread_accounts: BTreeMap::new(),
            forgotten_of: None,
            too_often: None,
            signatures: SignatureCache::under(keys),
            now,
            begins: Cell::new(None),
        };
        for revocation in revocations {
            let place = match &revocation.unverified().revokes {
                RevocationTarget::Claim(id) => index.of_claims.entry(id).or_default(),
                RevocationTarget::Did(did) => index.of_dids.entry(did).or_default(),
            };
            place.push(revocation);
        }
        index
    }

    /// Creates an index from the revocations and all knowledge of who may revoke: the memory, and properly signed `claims`.
    fn knowing(
        revocations: &'a Revocations,
        claims: impl IntoIterator<Item = &'a Signed<PlatformClaim>>,
        keys: &'a KeyRing,
        now: Timestamp,
    ) -> Self {
        let mut index = Self::over(revocations.found(), keys, now);
        index.forgotten_of = Some(&revocations.forgotten_of);
        index.too_often = Some(&revocations.too_often).filter(|pairs| !pairs.is_empty());
        // Their signatures were checked when they were received. A later change of keys undoes nothing.
        for revocation in revocations.remembered() {
            index.signatures.accept(revocation);
        }
        for (did, named) in &revocations.recovery {
            index.recovery.entry(did).or_default().extend(named);
        }
        let revokers: BTreeSet<_> = revocations.found().iter().map(Signed::did).collect();
        for claim in claims.into_iter().chain(revocations.named()) {
            let recovery = claim.unverified().recovery.as_ref();
            if let Some(recovery) = recovery.filter(|did| revokers.contains(did))
                && index.signatures.check(claim).is_ok()
            {
                index
                    .recovery
                    .entry(claim.did())
                    .or_default()
                    .push(recovery);
            }
        }
        index
    }

    /// Returns when the first of the revocations that were looked up takes effect: nothing is valid beyond that time.
    pub(in crate::decide) fn begins(&self) -> Option<Timestamp> {
        self.begins.get()
    }

    /// Returns the DIDs that may revoke claims of `did`, in addition to `did` itself.
    pub(in crate::decide) fn others_who_may_revoke(&self, did: &Did) -> AuthorizedRevokers<'a> {
        AuthorizedRevokers {
            dids: self.recovery.get(did).cloned().unwrap_or_default(),
            unread: self.unread_accounts.get(did).copied(),
        }
    }

    /// Returns whether `did` is revoked by now with all its claims, by itself or by a recovery DID of it.
    pub(in crate::decide) fn is_revoked(&self, did: &Did) -> bool {
        let above = self.others_who_may_revoke(did);
        let mut of_did = self.of_dids.get(did).into_iter().flatten();
        of_did.any(|revocation| {
            let by = revocation.did();
            let may = by == did || above.dids.contains(&by);
            let counts = may && self.still_to_come(revocation).is_none();
            counts && self.signatures.check(revocation).is_ok()
        })
    }

    /// Checks that neither the claim `id` of `signer` nor `signer` itself was revoked by somebody who may: the signer, or a DID
    /// in `above`. A revocation that cannot be checked makes the result unavailable, since it could only have said no. That is a
    /// revocation by somebody who may revoke and whose key is not known, or by somebody whose right is not known, because the
    /// platform claims that would show it were not read.
    pub(in crate::decide) fn ensure_not_revoked(
        &self,
        id: &ClaimId,
        signer: &Did,
        above: &AuthorizedRevokers<'_>,
    ) -> Result<(), Obstacle> {
        let of_claim = self.of_claims.get(id).into_iter().flatten();
        let of_did = self.of_dids.get(signer).into_iter().flatten();
        let mut unknown = None;
        for revocation in of_claim.chain(of_did) {
            let by = revocation.did();
            let may = by == signer || above.dids.contains(&by);
            if !may && above.unread.is_none() {
                continue;
            }
            let what = match &revocation.unverified().revokes {
                RevocationTarget::Claim(id) => format!("claim {id}"),
                RevocationTarget::Did(did) => format!("{did} with all its claims"),
            };
            if let Some(since) = self.still_to_come(revocation) {
                self.note_begin(since - MAX_CLOCK_LEAD);
                continue;
            }
            // A revocation counts whatever its time: a wrong clock must not keep it from taking effect.
            match (self.signatures.check(revocation), above.unread) {
                (Ok(()), _) if may => {
                    let detail = format!("{by} revoked {what} at {}", revocation.created());
                    return Err(Refuted::new(RefutedReason::Revoked, detail).into());
                }
                (Ok(()), Some(why)) => {
                    let detail = format!(
                        "{by} revoked {what}, and whether it may was not read: {}",
                        why.raw_detail
                    );
                    let why = Unavailable::new(why.reason, detail).retry_after(why.retry_after);
                    unknown = unknown.or(Some(why));
                }
                (Err(ClaimError::Unavailable(why)), _) => unknown = unknown.or(Some(why)),
                _ => {}
            }
        }
        let unknown = unknown.or_else(|| self.forgotten(id, signer, above));
        unknown.map_or(Ok(()), |why| Err(why.into()))
    }

    /// Returns why there may be revocations that this verifier did not remember: of the claim `id` or of `signer`, by somebody who
    /// may revoke them.
    fn forgotten(
        &self,
        id: &ClaimId,
        signer: &Did,
        above: &AuthorizedRevokers<'_>,
    ) -> Option<Unavailable> {
        if let Some(why) = self.forgotten_of.and_then(|of| of.get(signer)) {
            return Some(why.clone());
        }
        let too_often = self.too_often?;
        let may = |by: &Did| by == signer || above.dids.contains(&by);
        let mut of_these = too_often.iter().filter(|(target, _)| match target {
            RevocationTarget::Claim(claim) => claim == id,
            RevocationTarget::Did(did) => did == signer,
        });
        let (_, by) = of_these.find(|(_, by)| may(by))?;
        let detail = format!("{by} revoked the same so often that not every time is remembered");
        Some(Unavailable::new(UnavailableReason::StoreFailed, detail))
    }

    /// Returns the time from which a revocation counts, if it does not count yet. A small clock lead is allowed: a slightly later
    /// date counts already.
    fn still_to_come(&self, revocation: &Signed<Revocation>) -> Option<Timestamp> {
        let since = revocation.unverified().since?;
        let signed = !matches!(
            self.signatures.check(revocation),
            Err(ClaimError::Refuted(_))
        );
        (since > self.now + MAX_CLOCK_LEAD && signed).then_some(since)
    }

    /// Records that a revocation which was looked up takes effect at `at`.
    fn note_begin(&self, at: Timestamp) {
        let first = self.begins.get().map_or(at, |first| first.min(at));
        self.begins.set(Some(first));
    }
}
