//! Revocations: which were consulted, and which of them count against whom.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Case;
use super::decision::Obstacle;
use crate::claim::{Claim, ClaimError, KeyRing, PlatformClaim, Revocation, Revoked, Signed};
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
        self.against(claim, others, keys)?;
        self.unread().map_or(Ok(()), |why| Err(why.into()))
    }

    /// The first source that could not be read: a revocation in it could only have said no.
    pub(crate) fn unread(&self) -> Option<Unavailable> {
        let unread = self
            .consulted
            .iter()
            .find_map(|c| Some((&c.source, c.unread.as_ref()?)));
        unread.map(|(source, why)| {
            Unavailable::new(Why::RevocationsUnread, format!("{source}: {why}"))
                .retry_after(why.retry_after)
        })
    }

    /// Whether `claim` or its DID was revoked by somebody who may: its signer, or one of `above` (delegators, recovery
    /// DIDs). A revocation by one of them whose key is not known could only have said no: then it cannot be told.
    pub(crate) fn against<C: Claim>(
        &self,
        claim: &Signed<C>,
        above: &[Did],
        keys: &KeyRing,
    ) -> Result<(), Obstacle> {
        let mut unknown = None;
        let may_revoke = |revoker: &Did| revoker == claim.did() || above.contains(revoker);
        for revocation in &self.found {
            let what = match &revocation.unverified().revokes {
                Revoked::Claim(id) if id == claim.id() => format!("claim {id}"),
                Revoked::Did(did) if did == claim.did() => format!("{did} with all its claims"),
                _ => continue,
            };
            // A revocation counts whatever its time says: a wrong clock must not keep it from winning.
            if !may_revoke(revocation.did()) {
                continue;
            }
            match revocation.check_signature(keys) {
                Ok(()) => {
                    let detail = format!(
                        "{} revoked {what} at {}",
                        revocation.did(),
                        revocation.created()
                    );
                    return Err(Refuted::new(Refutation::Revoked, detail).into());
                }
                Err(ClaimError::Unavailable(why)) => unknown = unknown.or(Some(why)),
                Err(_) => {}
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

/// The DIDs that the platform claims of each DID name for its recovery, as far as they revoked anything.
///
/// Looked up once for a decision: each claim's signature is checked once, however many chains ask.
#[derive(Debug)]
pub(super) struct Recovery<'a>(BTreeMap<&'a Did, Vec<Did>>);

impl<'a> Recovery<'a> {
    pub(super) fn of(case: &'a Case) -> Self {
        let revokers: BTreeSet<_> = case.revocations.found.iter().map(Signed::did).collect();
        let mut named: BTreeMap<&Did, Vec<Did>> = BTreeMap::new();
        for claim in platform_claims(case) {
            let recovery = claim.unverified().recovery.as_ref();
            if let Some(recovery) = recovery.filter(|did| revokers.contains(did))
                && claim.check_signature(&case.keys).is_ok()
            {
                named.entry(claim.did()).or_default().push(recovery.clone());
            }
        }
        Self(named)
    }

    pub(super) fn for_did(&self, did: &Did) -> &[Did] {
        self.0.get(did).map_or(&[], Vec::as_slice)
    }
}
