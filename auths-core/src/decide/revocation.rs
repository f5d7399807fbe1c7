//! Revocations: which were consulted, and which of them count against whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Case;
use super::decision::Obstacle;
use super::signatures::Signatures;
use crate::claim::{
    Claim, ClaimError, ClaimId, KeyRing, PlatformClaim, Revocation, Revoked, Signed,
};
use crate::identity::Did;
use crate::outcome::{Refutation, Refuted, Unavailable, Why};

/// A source of revocations, and whether it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Consulted {
    /// What the source is called.
    pub source: String,
    /// Why it could not be read, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unavailable>,
}

/// The revocations that a decision knows of, and where it looked for them.
#[derive(Debug, Clone, Default)]
pub struct Revocations {
    consulted: Vec<Consulted>,
    found: Vec<Signed<Revocation>>,
    naming: Vec<Signed<PlatformClaim>>,
}

impl Revocations {
    /// No source was consulted: the answer will say `not-checked`.
    #[must_use]
    pub fn not_checked() -> Self {
        Self::default()
    }

    /// Adds what a source gave.
    #[must_use]
    pub fn with(
        mut self,
        source: impl Into<String>,
        given: Result<Vec<Signed<Revocation>>, Unavailable>,
    ) -> Self {
        let source = source.into();
        let unread = match given {
            Ok(revocations) => {
                self.extend(revocations);
                None
            }
            Err(why) => Some(why),
        };
        self.consulted.push(Consulted { source, unread });
        self
    }

    /// Adds revocations that came with the case itself: they count, and no source was consulted for them.
    pub fn extend(&mut self, revocations: impl IntoIterator<Item = Signed<Revocation>>) {
        self.found.extend(revocations);
        // The earliest speaks first, in whatever order they came.
        self.found
            .sort_by(|a, b| (a.created(), a.id()).cmp(&(b.created(), b.id())));
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

    /// Whether `claim` or its DID was revoked, for a claim that is looked at by itself: by its signer, or by one of `others`
    /// who may (the recovery DID that the claim names). [`decide`](super::decide) asks this of every claim in a case.
    ///
    /// # Errors
    /// [`Refutation::Revoked`] when it was; [`Why::RevocationsUnread`] when a source could not be read, which could only have
    /// said that it was.
    pub fn check<C: Claim>(
        &self,
        claim: &Signed<C>,
        others: &[Did],
        keys: &KeyRing,
    ) -> Result<(), Obstacle> {
        let dids = others.iter().collect();
        let above = Above { dids, unread: None };
        Register::over(&self.found, keys).against(claim.id(), claim.did(), &above)?;
        self.unread().map_or(Ok(()), |why| Err(why.into()))
    }

    /// The first source that could not be read: a revocation in it could only have said no.
    pub(crate) fn unread(&self) -> Option<Unavailable> {
        let unread = self
            .consulted
            .iter()
            .find_map(|c| Some((&c.source, c.unread.as_ref()?)));
        unread.map(|(source, why)| {
            // Its own reason is said only where it says more.
            let detail = match why.why {
                Why::RevocationsUnread => format!("{source}: {}", why.detail),
                _ => format!("{source}: {why}"),
            };
            Unavailable::new(Why::RevocationsUnread, detail).retry_after(why.retry_after)
        })
    }
}

/// Who beside its signer may revoke a claim.
#[derive(Debug, Clone, Default)]
pub(super) struct Above<'a> {
    /// Delegators, and recovery DIDs that platform claims name.
    pub(super) dids: Vec<&'a Did>,
    /// Why platform claims that may name more of them were not read.
    unread: Option<&'a Unavailable>,
}

/// The revocations of one case by what they revoke, and who may revoke what. Made once for a decision: however many chains
/// ask, each revocation is found by its target, and each signature is checked once.
#[derive(Debug)]
pub(super) struct Register<'a> {
    of_claims: BTreeMap<&'a ClaimId, Vec<&'a Signed<Revocation>>>,
    of_dids: BTreeMap<&'a Did, Vec<&'a Signed<Revocation>>>,
    /// The DIDs that the platform claims of each DID name for its recovery, as far as they revoked anything.
    recovery: BTreeMap<&'a Did, Vec<&'a Did>>,
    unread_accounts: BTreeMap<&'a Did, &'a Unavailable>,
    pub(super) signatures: Signatures<'a>,
}

impl<'a> Register<'a> {
    /// The revocations alone, for claims that are looked at by themselves.
    pub(super) fn over(revocations: &'a [Signed<Revocation>], keys: &'a KeyRing) -> Self {
        let mut register = Self {
            of_claims: BTreeMap::new(),
            of_dids: BTreeMap::new(),
            recovery: BTreeMap::new(),
            unread_accounts: BTreeMap::new(),
            signatures: Signatures::under(keys),
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

    pub(super) fn of(case: &'a Case) -> Self {
        let mut register = Self::over(&case.revocations.found, &case.keys);
        let revokers: BTreeSet<_> = case.revocations.found.iter().map(Signed::did).collect();
        for claim in platform_claims(case) {
            let recovery = claim.unverified().recovery.as_ref();
            if let Some(recovery) = recovery.filter(|did| revokers.contains(did))
                && register.signatures.check(claim).is_ok()
            {
                let named = register.recovery.entry(claim.did()).or_default();
                named.push(recovery);
            }
        }
        let unread = case.unread_accounts.iter();
        register.unread_accounts = unread.map(|(did, why)| (did, why)).collect();
        register
    }

    /// Who may revoke what `did` signs, beside itself.
    pub(super) fn above(&self, did: &Did) -> Above<'a> {
        Above {
            dids: self.recovery.get(did).cloned().unwrap_or_default(),
            unread: self.unread_accounts.get(did).copied(),
        }
    }

    /// Whether the claim `id` of `signer` was revoked, or `signer` itself, by somebody who may: the signer, or whoever is
    /// `above`. What could only have said no and cannot be told is unavailable: a revocation by one who may and whose key
    /// is not known, or by one who may or may not, because the platform claims that would tell were not read.
    pub(super) fn against(
        &self,
        id: &ClaimId,
        signer: &Did,
        above: &Above<'_>,
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
            // A revocation counts whatever its time says: a wrong clock must not keep it from winning.
            match (self.signatures.check(revocation), above.unread) {
                (Ok(()), _) if may => {
                    let detail = format!("{by} revoked {what} at {}", revocation.created());
                    return Err(Refuted::new(Refutation::Revoked, detail).into());
                }
                (Ok(()), Some(why)) => {
                    let detail = format!(
                        "{by} revoked {what}, and whether it may was not read: {}",
                        why.detail
                    );
                    let why = Unavailable::new(why.why, detail).retry_after(why.retry_after);
                    unknown = unknown.or(Some(why));
                }
                (Err(ClaimError::Unavailable(why)), _) => unknown = unknown.or(Some(why)),
                _ => {}
            }
        }
        unknown.map_or(Ok(()), |why| Err(why.into()))
    }
}

/// Every platform claim that the case knows, whether it links an account or only names a recovery DID.
pub(super) fn platform_claims(case: &Case) -> impl Iterator<Item = &Signed<PlatformClaim>> {
    let linked = case.accounts.iter().map(|linked| &linked.claim);
    linked.chain(&case.revocations.naming)
}
