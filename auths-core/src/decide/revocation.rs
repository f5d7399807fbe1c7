//! Revocations: which were consulted, and which of them count against whom.

use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::DecisionInput;
use super::decision::Obstacle;
use super::signatures::Signatures;
use crate::Timestamp;
use crate::claim::{
    Claim, ClaimError, ClaimId, KeyRing, MAX_CLOCK_LEAD, PlatformClaim, Revocation, Revoked, Signed,
};
use crate::identity::Did;
use crate::ports::PublishedRevocations;
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// How many revocations by somebody unknown are checked, and told, for one answer.
const MAX_TOLD: usize = 64;

/// A source of revocations, how much was read there, and whether it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Consulted {
    /// What the source is called.
    pub source: String,
    /// How many revocations were read there. As text in documents: a report may be kept where numbers have no place.
    #[serde(serialize_with = "as_text")]
    pub revocations: usize,
    /// How many platform claims were read there. As text in documents.
    #[serde(serialize_with = "as_text")]
    pub claims: usize,
    /// Why it could not be read, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unavailable>,
}

fn as_text<S: Serializer>(count: &usize, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(count)
}

/// A revocation of what an answer is about, properly signed by somebody of whom nothing is known that gives them the right.
/// It does not count. Whoever reads the answer may know more: a claim that names the signer as recovery DID may have been
/// left out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct UnknownRevocation {
    /// Who signed it.
    pub by: Did,
    /// What it revokes.
    pub revokes: Revoked,
}

/// What an answer says of revocations.
#[derive(Debug, Clone, Default)]
pub(in crate::decide) struct RevocationReport {
    pub(in crate::decide) consulted: Vec<Consulted>,
    pub(in crate::decide) unknown: Vec<UnknownRevocation>,
}

/// An empty list where no source was consulted and there is nothing to tell.
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

/// The revocations that a decision knows of, and where it looked for them.
#[derive(Debug, Clone, Default)]
pub struct Revocations {
    consulted: Vec<Consulted>,
    found: Vec<Signed<Revocation>>,
    naming: Vec<Signed<PlatformClaim>>,
    remembered: Vec<Signed<Revocation>>,
    recovery: BTreeMap<Did, BTreeSet<Did>>,
    /// Why what was seen before could not be recalled, or what was seen now not be remembered.
    forgotten: Option<Unavailable>,
}

impl Revocations {
    /// No source was consulted: the answer will say `not-checked`.
    #[must_use]
    pub fn not_checked() -> Self {
        Self::default()
    }

    /// Adds the revocations that a source gave.
    #[must_use]
    pub fn with(
        self,
        source: impl Into<String>,
        given: Result<Vec<Signed<Revocation>>, Unavailable>,
    ) -> Self {
        self.with_published(source, given.map(PublishedRevocations::new))
    }

    /// Adds all that a source gave.
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

    /// Adds revocations that came with the case itself: they count, and no source was consulted for them.
    pub fn extend(&mut self, revocations: impl IntoIterator<Item = Signed<Revocation>>) {
        self.found.extend(revocations);
        // The earliest speaks first, in whatever order they came.
        self.found
            .sort_by(|a, b| (a.created(), a.id()).cmp(&(b.created(), b.id())));
        self.found.dedup();
    }

    /// Adds what this verifier remembers of what it was shown before: the DIDs that `did` named for its recovery, and
    /// revocations whose signatures were checked then.
    ///
    /// # Security
    /// Believed as it is: take it from the verifier's own memory, as [`collect_revocations`](crate::use_cases::collect_revocations) does.
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

    /// Says that what was seen before could not be recalled, or what was seen now not be remembered: it could only have said
    /// no, and keeps an answer from being a yes.
    #[must_use]
    pub fn forgetting(mut self, why: Unavailable) -> Self {
        self.forgotten = self.forgotten.or(Some(why));
        self
    }

    /// The platform claims that came with what the sources gave.
    pub(crate) fn named(&self) -> &[Signed<PlatformClaim>] {
        &self.naming
    }

    /// What was remembered or recalled, with signatures that were checked.
    pub(crate) fn remembered(&self) -> &[Signed<Revocation>] {
        &self.remembered
    }

    /// Whether `recovery` is remembered as a recovery DID of anybody.
    pub(super) fn remembers(&self, recovery: &Did) -> bool {
        self.recovery.values().any(|named| named.contains(recovery))
    }

    /// Adds platform claims that name recovery DIDs: those that this verifier keeps, or that were published with the
    /// revocations.
    ///
    /// Whoever stole a device key leaves out the claim that names its recovery DID; a verifier that knows the claim from
    /// elsewhere still lets that DID revoke.
    #[must_use]
    pub fn naming(mut self, claims: impl IntoIterator<Item = Signed<PlatformClaim>>) -> Self {
        self.naming.extend(claims);
        self
    }

    /// Where it looked.
    #[must_use]
    pub fn consulted(&self) -> &[Consulted] {
        &self.consulted
    }

    /// What was found, earliest first. Not verified.
    #[must_use]
    pub fn found(&self) -> &[Signed<Revocation>] {
        &self.found
    }

    /// Whether `claim` or its DID was revoked, for a claim that is looked at by itself: by its signer, by a recovery DID that
    /// it, a source or this verifier's memory names, or by one of `others` who may. [`decide`](super::decide) asks this of
    /// every claim in a case.
    ///
    /// # Errors
    /// [`RefutedReason::Revoked`] when it was; [`UnavailableReason::RevocationsUnread`] when a source could not be read, which could only have
    /// said that it was.
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

    /// The first source that could not be read, or what this verifier could not remember: it could only have said no.
    pub(crate) fn unread(&self) -> Option<Unavailable> {
        self.unread_source().or_else(|| self.forgotten.clone())
    }

    fn unread_source(&self) -> Option<Unavailable> {
        let unread = self
            .consulted
            .iter()
            .find_map(|c| Some((&c.source, c.unread.as_ref()?)));
        unread.map(|(source, why)| {
            // Its own reason is said only where it says more.
            let detail = match why.reason {
                UnavailableReason::RevocationsUnread => format!("{source}: {}", why.raw_detail),
                _ => format!("{source}: {why}"),
            };
            Unavailable::new(UnavailableReason::RevocationsUnread, detail)
                .retry_after(why.retry_after)
        })
    }
}

/// Who beside its signer may revoke a claim.
#[derive(Debug, Clone, Default)]
pub(super) struct AuthorizedRevokers<'a> {
    /// Delegators, and recovery DIDs that platform claims name.
    pub(super) dids: Vec<&'a Did>,
    /// Why platform claims that may name more of them were not read.
    unread: Option<&'a Unavailable>,
}

/// The revocations of one case by what they revoke, and who may revoke what. Made once for a decision: however many chains
/// ask, each revocation is found by its target, and each signature is checked once.
#[derive(Debug)]
pub(super) struct RevocationIndex<'a> {
    of_claims: BTreeMap<&'a ClaimId, Vec<&'a Signed<Revocation>>>,
    of_dids: BTreeMap<&'a Did, Vec<&'a Signed<Revocation>>>,
    /// The DIDs that the platform claims of each DID name for its recovery, as far as they revoked anything.
    recovery: BTreeMap<&'a Did, Vec<&'a Did>>,
    unread_accounts: BTreeMap<&'a Did, &'a Unavailable>,
    pub(super) signatures: Signatures<'a>,
    now: Timestamp,
    /// When the first revocation that was asked about comes into force, where that is still to come.
    begins: Cell<Option<Timestamp>>,
}

impl<'a> RevocationIndex<'a> {
    /// The revocations alone, for claims that are looked at by themselves.
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

    /// The revocations with all that tells who may revoke: what is remembered, and `claims` as far as they are signed.
    fn knowing(
        revocations: &'a Revocations,
        claims: impl IntoIterator<Item = &'a Signed<PlatformClaim>>,
        keys: &'a KeyRing,
        now: Timestamp,
    ) -> Self {
        let mut register = Self::over(&revocations.found, keys, now);
        // Their signatures were checked when they were given: keys that changed since take nothing back.
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

    /// When the first revocation that was asked about comes into force: nothing is valid beyond it.
    pub(super) fn begins(&self) -> Option<Timestamp> {
        self.begins.get()
    }

    /// What the answer says: the sources, and who revoked something of the case without a known right to it.
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

    /// Who may revoke what `did` signs, beside itself.
    pub(super) fn above(&self, did: &Did) -> AuthorizedRevokers<'a> {
        AuthorizedRevokers {
            dids: self.recovery.get(did).cloned().unwrap_or_default(),
            unread: self.unread_accounts.get(did).copied(),
        }
    }

    /// Whether `did` is revoked by now with all its claims, by itself or by a recovery DID of it.
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

    /// Whether the claim `id` of `signer` was revoked, or `signer` itself, by somebody who may: the signer, or whoever is
    /// `above`. What could only have said no and cannot be told is unavailable: a revocation by one who may and whose key
    /// is not known, or by one who may or may not, because the platform claims that would tell were not read.
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
            // A revocation counts whatever its time says: a wrong clock must not keep it from winning.
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

    /// From when on a revocation counts that does not count yet. What a clock that is a little ahead may have dated later
    /// counts already.
    fn still_to_come(&self, revocation: &Signed<Revocation>) -> Option<Timestamp> {
        let since = revocation.unverified().since?;
        let signed = !matches!(
            self.signatures.check(revocation),
            Err(ClaimError::Refuted(_))
        );
        (since > self.now + MAX_CLOCK_LEAD && signed).then_some(since)
    }
}

/// Every platform claim that the case knows, whether it links an account or only names a recovery DID.
pub(super) fn platform_claims(
    case: &DecisionInput,
) -> impl Iterator<Item = &Signed<PlatformClaim>> {
    let linked = case.accounts.iter().map(|linked| &linked.claim);
    linked.chain(&case.revocations.naming)
}
