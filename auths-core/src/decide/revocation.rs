//! Revocations: the sources that were consulted, and the claims and DIDs that each revocation counts against.

use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::DecisionInput;
use super::signatures::Signatures;
use crate::Timestamp;
use crate::claim::{
    Claim, ClaimError, ClaimId, KeyRing, MAX_CLOCK_LEAD, PlatformClaim, Revocation, Revoked, Signed,
};
use crate::identity::Did;
use crate::ports::PublishedRevocations;
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// The maximum number of revocations by unknown signers that are checked and reported for one answer.
const MAX_TOLD: usize = 64;

/// A source of revocations, the amount read from it, and the failure to read it, if any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Consulted {
    /// The name of the source.
    pub source: String,
    /// The number of revocations read from the source. Written as text in documents, because a report may be kept where numbers
    /// are not allowed.
    #[serde(serialize_with = "as_text")]
    pub revocations: usize,
    /// The number of platform claims read from the source. Written as text in documents.
    #[serde(serialize_with = "as_text")]
    pub claims: usize,
    /// The reason why the source could not be read, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unavailable>,
}

fn as_text<S: Serializer>(count: &usize, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(count)
}

/// A properly signed revocation of a subject of the answer, by a signer without a known right to revoke. It does not count. A
/// reader of the answer may know more: a claim that names the signer as recovery DID may have been left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct UnknownRevocation {
    /// The signer.
    pub by: Did,
    /// The claim or DID that it revokes.
    pub revokes: Revoked,
}

/// The report on revocations in an answer.
#[derive(Debug, Clone, Default)]
pub(in crate::decide) struct RevocationReport {
    pub(in crate::decide) consulted: Vec<Consulted>,
    pub(in crate::decide) unknown: Vec<UnknownRevocation>,
}

/// Writes an empty list where no source was consulted and there is nothing to report.
impl Serialize for RevocationReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Report<'a> {
            sources: &'a [Consulted],
            unknown: &'a [UnknownRevocation],
        }
        let (sources, unknown) = (&*self.consulted, &*self.unknown);
        if sources.is_empty() && unknown.is_empty() {
            return sources.serialize(serializer);
        }
        Report { sources, unknown }.serialize(serializer)
    }
}

/// The revocations that a decision knows of, and the sources that were consulted.
#[derive(Debug, Clone, Default)]
pub struct Revocations {
    consulted: Vec<Consulted>,
    found: Vec<Signed<Revocation>>,
    naming: Vec<Signed<PlatformClaim>>,
    remembered: Vec<Signed<Revocation>>,
    recovery: BTreeMap<Did, BTreeSet<Did>>,
    /// The reason why earlier revocations could not be recalled, or present ones not be remembered.
    forgotten: Option<Unavailable>,
}

impl Revocations {
    /// Creates the value for no consulted source: the answer will say `not-checked`.
    #[must_use]
    pub fn not_checked() -> Self {
        Self::default()
    }

    /// Adds the revocations from a source.
    #[must_use]
    pub fn with(
        self,
        source: impl Into<String>,
        given: Result<Vec<Signed<Revocation>>, Unavailable>,
    ) -> Self {
        self.with_published(source, given.map(PublishedRevocations::new))
    }

    /// Adds the revocations and platform claims from a source.
    #[must_use]
    pub fn with_published(
        mut self,
        source: impl Into<String>,
        given: Result<PublishedRevocations, Unavailable>,
    ) -> Self {
        let (read, unread) = match given {
            Ok(published) => (published, None),
            Err(why) => (PublishedRevocations::default(), Some(why)),
        };
        self.consulted.push(Consulted {
            source: source.into(),
            revocations: read.revocations.len(),
            claims: read.claims.len(),
            unread,
        });
        self.extend(read.revocations);
        self.naming(read.claims)
    }

    /// Adds revocations that came with the case itself. They count, but no source was consulted for them.
    pub fn extend(&mut self, revocations: impl IntoIterator<Item = Signed<Revocation>>) {
        self.found.extend(revocations);
        // The earliest revocation is used first, independent of the order of arrival.
        self.found
            .sort_by(|a, b| (a.created(), a.id()).cmp(&(b.created(), b.id())));
        self.found.dedup();
    }

    /// Adds this verifier's memory of earlier answers: the recovery DIDs that `did` named, and revocations whose signatures were
    /// checked then.
    ///
    /// # Security
    /// The input is trusted: take it from the verifier's own memory, as [`collect_revocations`](crate::use_cases::collect_revocations) does.
    pub(crate) fn recalling(
        &mut self,
        did: &Did,
        recovery: impl IntoIterator<Item = Did>,
        revocations: impl IntoIterator<Item = Signed<Revocation>>,
    ) {
        let named = self.recovery.entry(did.clone()).or_default();
        named.extend(recovery);
        let revocations: Vec<_> = revocations.into_iter().collect();
        if !revocations.is_empty() {
            self.remembered.extend(revocations.iter().cloned());
            self.extend(revocations);
        }
    }

    /// Sets why earlier revocations could not be recalled, or present ones not be remembered. Since they could only have said no,
    /// this keeps an answer from being a yes.
    #[must_use]
    pub fn forgetting(mut self, why: Unavailable) -> Self {
        self.forgotten = self.forgotten.or(Some(why));
        self
    }

    /// Returns the platform claims that came from the sources.
    pub(crate) fn named(&self) -> &[Signed<PlatformClaim>] {
        &self.naming
    }

    /// Returns the revocations that were remembered or recalled. Their signatures were checked.
    pub(crate) fn remembered(&self) -> &[Signed<Revocation>] {
        &self.remembered
    }

    /// Returns whether `recovery` is remembered as a recovery DID of any DID.
    pub(super) fn remembers(&self, recovery: &Did) -> bool {
        self.recovery.values().any(|named| named.contains(recovery))
    }

    /// Adds platform claims that name recovery DIDs: claims that this verifier stores, or that were published with the
    /// revocations.
    ///
    /// A thief of a device key leaves out the claim that names its recovery DID. A verifier that knows the claim from elsewhere
    /// still lets that DID revoke.
    #[must_use]
    pub fn naming(mut self, claims: impl IntoIterator<Item = Signed<PlatformClaim>>) -> Self {
        self.naming.extend(claims);
        self
    }

    /// Returns the sources that were consulted.
    #[must_use]
    pub fn consulted(&self) -> &[Consulted] {
        &self.consulted
    }

    /// Returns the revocations that were found, earliest first. Not verified.
    #[must_use]
    pub fn found(&self) -> &[Signed<Revocation>] {
        &self.found
    }

    /// Checks that neither `claim` nor its DID was revoked, for a claim by itself. A revocation counts if it is by the claim's
    /// signer, by a recovery DID that the claim, a source or this verifier's memory names, or by one of `others` who may revoke.
    /// [`decide`](super::decide) makes this check for every claim in a case.
    ///
    /// # Errors
    /// [`RefutedReason::Revoked`] when it was revoked; [`UnavailableReason::RevocationsUnread`] when a source could not be read,
    /// which could only have said that it was revoked.
    pub fn check<C: Claim>(
        &self,
        claim: &Signed<C>,
        others: &[Did],
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let own = (claim as &dyn Any).downcast_ref::<Signed<PlatformClaim>>();
        let register = RevocationIndex::knowing(self, own, keys, now);
        let mut above = register.above(claim.did());
        above.dids.extend(others);
        register.find_revocation(claim.id(), claim.did(), &above)?;
        self.unread().map_or(Ok(()), |why| Err(why.into()))
    }

    /// Returns the first failure of a source or of this verifier's memory. An unread source could only have said no.
    pub(crate) fn unread(&self) -> Option<Unavailable> {
        self.unread_source().or_else(|| self.forgotten.clone())
    }

    fn unread_source(&self) -> Option<Unavailable> {
        let unread = self
            .consulted
            .iter()
            .find_map(|c| Some((&c.source, c.unread.as_ref()?)));
        unread.map(|(source, why)| {
            // Name the failure's own reason only where it says more.
            let detail = match why.reason {
                UnavailableReason::RevocationsUnread => format!("{source}: {}", why.raw_detail),
                _ => format!("{source}: {why}"),
            };
            Unavailable::new(UnavailableReason::RevocationsUnread, detail)
                .retry_after(why.retry_after)
        })
    }
}

/// The DIDs that may revoke a claim, in addition to its signer.
#[derive(Debug, Clone, Default)]
pub(super) struct AuthorizedRevokers<'a> {
    /// The delegators, and the recovery DIDs that platform claims name.
    pub(super) dids: Vec<&'a Did>,
    /// The reason why platform claims that may name more of them were not read.
    unread: Option<&'a Unavailable>,
}

/// The revocations of one case, indexed by target, and the DIDs that may revoke each target. It is built once per decision: for
/// any number of chains, each revocation is found by its target, and each signature is checked once.
#[derive(Debug)]
pub(super) struct RevocationIndex<'a> {
    of_claims: BTreeMap<&'a ClaimId, Vec<&'a Signed<Revocation>>>,
    of_dids: BTreeMap<&'a Did, Vec<&'a Signed<Revocation>>>,
    /// The recovery DIDs that the platform claims of each DID name, as far as they revoked anything.
    recovery: BTreeMap<&'a Did, Vec<&'a Did>>,
    unread_accounts: BTreeMap<&'a Did, &'a Unavailable>,
    pub(super) signatures: Signatures<'a>,
    now: Timestamp,
    /// The time when the first of the revocations that were looked up takes effect, if it is in the future.
    begins: Cell<Option<Timestamp>>,
}

impl<'a> RevocationIndex<'a> {
    /// Creates an index of the revocations alone, for claims by themselves.
    pub(super) fn over(
        revocations: &'a [Signed<Revocation>],
        keys: &'a KeyRing,
        now: Timestamp,
    ) -> Self {
        let mut register = Self {
            of_claims: BTreeMap::new(),
            of_dids: BTreeMap::new(),
            recovery: BTreeMap::new(),
            unread_accounts: BTreeMap::new(),
            signatures: Signatures::under(keys),
            now,
            begins: Cell::new(None),
        };
        for revocation in revocations {
            let place = match &revocation.unverified().revokes {
                Revoked::Claim(id) => register.of_claims.entry(id).or_default(),
                Revoked::Did(did) => register.of_dids.entry(did).or_default(),
            };
            place.push(revocation);
        }
        register
    }

    /// Creates an index from the revocations and all knowledge of who may revoke: the memory, and properly signed `claims`.
    fn knowing(
        revocations: &'a Revocations,
        claims: impl IntoIterator<Item = &'a Signed<PlatformClaim>>,
        keys: &'a KeyRing,
        now: Timestamp,
    ) -> Self {
        let mut register = Self::over(&revocations.found, keys, now);
        // Their signatures were checked when they were received. A later change of keys undoes nothing.
        for revocation in &revocations.remembered {
            register.signatures.accept(revocation);
        }
        for (did, named) in &revocations.recovery {
            register.recovery.entry(did).or_default().extend(named);
        }
        let revokers: BTreeSet<_> = revocations.found.iter().map(Signed::did).collect();
        for claim in claims.into_iter().chain(&revocations.naming) {
            let recovery = claim.unverified().recovery.as_ref();
            if let Some(recovery) = recovery.filter(|did| revokers.contains(did))
                && register.signatures.check(claim).is_ok()
            {
                let named = register.recovery.entry(claim.did()).or_default();
                named.push(recovery);
            }
        }
        register
    }

    pub(super) fn of(case: &'a DecisionInput, now: Timestamp) -> Self {
        let linked = case.accounts.iter().map(|linked| &linked.claim);
        let mut register = Self::knowing(&case.revocations, linked, &case.keys, now);
        let unread = case.unread_accounts.iter();
        register.unread_accounts = unread.map(|(did, why)| (did, why)).collect();
        register
    }

    /// Returns when the first of the revocations that were looked up takes effect: nothing is valid beyond that time.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.begins.get()
    }

    /// Returns the report for the answer: the sources, and the signers who revoked something of the case without a known right.
    pub(super) fn report(&self, case: &DecisionInput) -> RevocationReport {
        let consulted = case.revocations.consulted.clone();
        let unknown = match case.revocations.found.is_empty() {
            true => Vec::new(),
            false => self.unknown(case),
        };
        RevocationReport { consulted, unknown }
    }

    fn unknown(&self, case: &DecisionInput) -> Vec<UnknownRevocation> {
        let delegators: BTreeSet<_> = case.delegations.iter().map(Signed::did).collect();
        let claims = [(case.claim.id(), case.claim.did())].into_iter();
        let linked = case.accounts.iter().map(|linked| &linked.claim);
        let claims = claims
            .chain(linked.map(|claim| (claim.id(), claim.did())))
            .chain(case.delegations.iter().map(|d| (d.id(), d.did())));
        let of_claims = claims.map(|(id, owner)| (self.of_claims.get(id), owner));
        let dids = delegators.iter().copied().chain([case.claim.did()]);
        let of_dids = dids.map(|did| (self.of_dids.get(did), did));
        let may = |by: &Did, owner: &Did| {
            let recovery = self.recovery.get(owner).into_iter().flatten();
            by == owner || delegators.contains(by) || recovery.into_iter().any(|did| *did == by)
        };
        let strangers = of_dids.chain(of_claims).flat_map(|(found, owner)| {
            let found = found.into_iter().flatten();
            found.filter(move |revocation| !may(revocation.did(), owner))
        });
        let signed = strangers
            .take(MAX_TOLD)
            .filter(|revocation| self.signatures.check(revocation).is_ok());
        let told = signed.map(|revocation| UnknownRevocation {
            by: revocation.did().clone(),
            revokes: revocation.unverified().revokes.clone(),
        });
        told.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns the DIDs that may revoke claims of `did`, in addition to `did` itself.
    pub(super) fn above(&self, did: &Did) -> AuthorizedRevokers<'a> {
        AuthorizedRevokers {
            dids: self.recovery.get(did).cloned().unwrap_or_default(),
            unread: self.unread_accounts.get(did).copied(),
        }
    }

    /// Returns whether `did` is revoked by now with all its claims, by itself or by a recovery DID of it.
    pub(super) fn is_revoked(&self, did: &Did) -> bool {
        let above = self.above(did);
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
    pub(super) fn find_revocation(
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
                Revoked::Claim(id) => format!("claim {id}"),
                Revoked::Did(did) => format!("{did} with all its claims"),
            };
            if let Some(since) = self.still_to_come(revocation) {
                let begins = since - MAX_CLOCK_LEAD;
                let first = self.begins.get().map_or(begins, |first| first.min(begins));
                self.begins.set(Some(first));
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
        unknown.map_or(Ok(()), |why| Err(why.into()))
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
}

/// Returns every platform claim of the case, whether it links an account or only names a recovery DID.
pub(super) fn platform_claims(
    case: &DecisionInput,
) -> impl Iterator<Item = &Signed<PlatformClaim>> {
    let linked = case.accounts.iter().map(|linked| &linked.claim);
    linked.chain(&case.revocations.naming)
}
