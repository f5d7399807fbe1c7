//! Asking every source of revocations, and remembering everything that was ever shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::Timestamp;
use crate::bundle::Bundle;
use crate::claim::{
    Claim, ClaimId, Delegation, KeyRing, NamespaceClaim, PlatformClaim, Revocation,
    RevocationTarget, Signed, TrustedPublisher,
};
use crate::decide::{DecisionInput, Revocations, SpeakerProof};
use crate::identity::Did;
use crate::policy::Policy;
use crate::ports::{RevocationMemory, RevocationSource, StoreError};
use crate::reason::{Unavailable, UnavailableReason};

/// The maximum number of remembered recovery DIDs of one DID. Only the DID itself can name so many. From then on it is never
/// accepted, because there may be more that were not remembered.
const MAX_RECOVERY_DIDS: usize = 64;
/// The maximum number of remembered revocations of one target by one DID. A DID that signs so many, each from an earlier time
/// than the last, is never accepted from then on either.
const MAX_REVOCATIONS: usize = 64;

/// The revocable parts of an answer: claims and DIDs that it rests on, and the claims that tell who may revoke them.
#[derive(Debug, Clone, Default)]
pub struct RevocableParts<'a> {
    main: Option<&'a Signed<NamespaceClaim>>,
    dids: BTreeSet<&'a Did>,
    claims: Vec<(&'a ClaimId, &'a Did)>,
    naming: Vec<&'a Signed<PlatformClaim>>,
    delegations: Vec<&'a Signed<Delegation>>,
    publishers: Vec<&'a Signed<TrustedPublisher>>,
    brought: Vec<&'a Signed<Revocation>>,
}

/// The part of a [`RevocableParts`] that is properly signed.
struct SignedRevocable<'a> {
    dids: BTreeSet<&'a Did>,
    claims: Vec<(&'a ClaimId, &'a Did)>,
    /// The delegators of each DID, and theirs.
    delegators: BTreeMap<&'a Did, BTreeSet<&'a Did>>,
}

impl<'a> RevocableParts<'a> {
    /// Creates the revocable parts of one claim by itself.
    #[must_use]
    pub fn claim<C: Claim>(claim: &'a Signed<C>) -> Self {
        let mut revocable = Self::default();
        revocable.signed(claim);
        let claim = claim as &dyn std::any::Any;
        revocable
            .naming
            .extend(claim.downcast_ref::<Signed<PlatformClaim>>());
        revocable
    }

    /// Creates the revocable parts of a bundle that is decided under `policy`: its claims, and the observers that the policy
    /// trusts.
    #[must_use]
    pub fn bundle(bundle: &'a Bundle, policy: &Policy) -> Self {
        let mut revocable = Self::main(&bundle.claim);
        revocable.linked(&bundle.platform_claims);
        revocable.delegations.extend(&bundle.delegations);
        let observations = bundle.observations.iter();
        for observation in observations.filter(|o| policy.trusts(o.did())) {
            revocable.signed(observation);
        }
        revocable.brought = bundle.revocations.iter().collect();
        revocable
    }

    /// Creates the revocable parts of an input that is about to be decided.
    pub(super) fn of_input(input: &'a DecisionInput) -> Self {
        let mut revocable = match &input.speaker {
            SpeakerProof::Key(key) => Self::main(&key.claim),
            SpeakerProof::Run(run) => Self {
                publishers: run.matching().map(|(publisher, _)| publisher).collect(),
                ..Self::default()
            },
        };
        revocable.linked(input.accounts.iter().map(|linked| &linked.claim));
        revocable.delegations.extend(&input.delegations);
        revocable
    }

    /// Returns the DIDs whose revocation would change the answer.
    #[must_use]
    pub fn dids(&self) -> Vec<Did> {
        let delegators = self.delegations.iter().map(|claim| claim.did());
        let publishers = self.publishers.iter().map(|claim| claim.did());
        let others = delegators.chain(publishers);
        let dids: BTreeSet<&Did> = self.dids.iter().copied().chain(others).collect();
        dids.into_iter().cloned().collect()
    }

    fn main(claim: &'a Signed<NamespaceClaim>) -> Self {
        let mut revocable = Self::claim(claim);
        revocable.main = Some(claim);
        revocable
    }

    fn signed<C: Claim>(&mut self, claim: &'a Signed<C>) {
        self.dids.insert(claim.did());
        self.claims.push((claim.id(), claim.did()));
    }

    /// Adds platform claims. Claims of DIDs that matter in no other way here have no effect.
    pub(super) fn linked(&mut self, claims: impl IntoIterator<Item = &'a Signed<PlatformClaim>>) {
        for claim in claims {
            self.claims.push((claim.id(), claim.did()));
            self.naming.push(claim);
        }
    }

    /// Returns the properly signed part, or `None` where the main claim is not properly signed.
    fn standing(&self, keys: &KeyRing) -> Option<SignedRevocable<'a>> {
        if let Some(main) = self.main {
            main.check_signature(keys).ok()?;
        }
        let mut standing = SignedRevocable {
            dids: self.dids.clone(),
            claims: self.claims.clone(),
            delegators: BTreeMap::new(),
        };
        for publisher in &self.publishers {
            if publisher.check_signature(keys).is_ok() {
                standing.dids.insert(publisher.did());
                standing.claims.push((publisher.id(), publisher.did()));
            }
        }
        let mut delegators = BTreeMap::<&Did, BTreeSet<&Did>>::new();
        for delegation in &self.delegations {
            if delegation.check_signature(keys).is_err() {
                continue;
            }
            standing.dids.insert(delegation.did());
            standing.claims.push((delegation.id(), delegation.did()));
            let to = &delegation.unverified().to;
            delegators.entry(to).or_default().insert(delegation.did());
        }
        for did in &standing.dids {
            let above = above(did, &delegators);
            standing.delegators.insert(did, above);
        }
        Some(standing)
    }
}

/// Returns the delegators of a DID, and theirs, and so on: the DIDs above it in any chain.
fn above<'a>(did: &'a Did, delegators: &BTreeMap<&'a Did, BTreeSet<&'a Did>>) -> BTreeSet<&'a Did> {
    let mut found = BTreeSet::new();
    let mut next = vec![did];
    while let Some(below) = next.pop() {
        let above = delegators.get(below).into_iter().flatten();
        next.extend(above.copied().filter(|above| found.insert(*above)));
    }
    found
}

/// Asks every source about the `revocable` parts, and recalls everything that this verifier was ever shown about them. The new
/// answers are remembered: recovery DIDs (from every platform claim that names one, also an expired one, if its own DID signed
/// it), and revocations by somebody who may revoke. Nothing is remembered for a claim or a delegation that is not properly
/// signed, since it is valid for nobody.
///
/// A source that cannot be read is recorded, and so is a memory that cannot be read or written. Each keeps an answer from being a
/// yes. `keys` are those of DIDs that do not contain their own.
pub async fn collect_revocations(
    sources: &[&dyn RevocationSource],
    memory: &dyn RevocationMemory,
    revocable: &RevocableParts<'_>,
    keys: &KeyRing,
    now: Timestamp,
) -> Revocations {
    let dids = revocable.dids();
    let mut revocations = Revocations::not_checked();
    for source in sources {
        let published = source.revocations(&dids, now).await;
        revocations = revocations.with_published(source.name(), published);
    }
    recall_revocations(&mut revocations, memory, revocable, keys).await;
    revocations
}

async fn recall_revocations(
    revocations: &mut Revocations,
    memory: &dyn RevocationMemory,
    revocable: &RevocableParts<'_>,
    keys: &KeyRing,
) {
    let Some(standing) = revocable.standing(keys) else {
        return;
    };
    // A failure for one DID keeps no chain but those through that DID from being a yes, and the rest is still remembered.
    let mut may = BTreeMap::new();
    for did in &standing.dids {
        let (named, full) = recovery_dids(revocations, memory, revocable, keys, did).await;
        if let Err(why) = full {
            revocations.note_forgotten(did, why);
        }
        revocations.recalling(did, named.iter().cloned(), []);
        let above = standing.delegators.get(*did).into_iter().flatten();
        let mut those: BTreeSet<Did> = named;
        those.extend(above.copied().chain([*did]).cloned());
        may.insert(*did, those);
    }
    let dids = standing.dids.iter();
    let dids = dids.map(|did| (RevocationTarget::Did((*did).clone()), *did));
    let claims = standing.claims.iter();
    let claims = claims.map(|(id, owner)| (RevocationTarget::Claim((*id).clone()), *owner));
    let targets: BTreeMap<RevocationTarget, &Did> = dids.chain(claims).collect();
    let found = revocations.found().iter();
    let given: Vec<_> = found
        .chain(revocable.brought.iter().copied())
        .cloned()
        .collect();
    for (what, owner) in &targets {
        let Some(by) = may.get(owner) else { continue };
        match memory.revocations(what, by).await {
            Ok(known) => {
                note_too_often(revocations, what, &known);
                revocations.recalling(owner, [], known);
            }
            Err(error) => revocations.note_forgotten(owner, failed(&error)),
        }
    }
    for revocation in given {
        let what = &revocation.unverified().revokes;
        let Some(owner) = targets.get(what) else {
            continue;
        };
        let may = may.get(owner);
        if may.is_some_and(|may| may.contains(revocation.did()))
            && !alike(revocations, &revocation).any(|known| begins_as_early(known, &revocation))
            && revocation.check_signature(keys).is_ok()
        {
            if alike(revocations, &revocation).count() >= MAX_REVOCATIONS {
                revocations.revoked_too_often(what.clone(), revocation.did().clone());
                continue;
            }
            if let Err(error) = memory.remember_revocation(&revocation).await {
                revocations.note_forgotten(owner, failed(&error));
            }
            revocations.recalling(owner, [], [revocation]);
        }
    }
}

/// Returns the remembered revocations of the same target by the same signer.
fn alike<'a>(
    revocations: &'a Revocations,
    revocation: &'a Signed<Revocation>,
) -> impl Iterator<Item = &'a Signed<Revocation>> {
    let remembered = revocations.remembered().iter();
    remembered.filter(|known| {
        known.did() == revocation.did()
            && known.unverified().revokes == revocation.unverified().revokes
    })
}

/// Records who revoked this target so often that further revocations would not be remembered.
fn note_too_often(
    revocations: &mut Revocations,
    target: &RevocationTarget,
    known: &[Signed<Revocation>],
) {
    let mut count = BTreeMap::<_, usize>::new();
    for revocation in known {
        *count.entry(revocation.did()).or_default() += 1;
    }
    for (by, _) in count.into_iter().filter(|(_, n)| *n >= MAX_REVOCATIONS) {
        revocations.revoked_too_often(target.clone(), by.clone());
    }
}

/// Returns every recovery DID that `did` ever named, remembered before or newly remembered, as far as they can be read, together
/// with the failure if there was one.
async fn recovery_dids(
    revocations: &Revocations,
    memory: &dyn RevocationMemory,
    revocable: &RevocableParts<'_>,
    keys: &KeyRing,
    did: &Did,
) -> (BTreeSet<Did>, Result<(), Unavailable>) {
    let mut named: BTreeSet<Did> = match memory.recovery_dids(did).await {
        Ok(known) => known.into_iter().collect(),
        Err(error) => return (BTreeSet::new(), Err(failed(&error))),
    };
    let mut remembered = Ok(());
    let shown = revocable.naming.iter().copied().chain(revocations.named());
    for claim in shown.filter(|claim| claim.did() == did) {
        let Some(recovery) = &claim.unverified().recovery else {
            continue;
        };
        if named.contains(recovery) || claim.check_signature(keys).is_err() {
            continue;
        }
        if named.len() >= MAX_RECOVERY_DIDS {
            break;
        }
        if let Err(error) = memory.remember_recovery(did, recovery).await {
            remembered = Err(failed(&error));
        }
        named.insert(recovery.clone());
    }
    if named.len() >= MAX_RECOVERY_DIDS {
        let detail = format!("{did} named {MAX_RECOVERY_DIDS} recovery DIDs or more");
        remembered = Err(Unavailable::new(UnavailableReason::StoreFailed, detail));
    }
    (named, remembered)
}

/// Returns whether the known revocation, of the same target, takes effect at the same time or earlier.
fn begins_as_early(known: &Signed<Revocation>, given: &Signed<Revocation>) -> bool {
    let (since, later) = (known.unverified().since, given.unverified().since);
    since.is_none_or(|since| later.is_some_and(|later| since <= later))
}

fn failed(error: &StoreError) -> Unavailable {
    let detail = format!("what is remembered of revocations: {}", with_cause(error));
    Unavailable::new(UnavailableReason::StoreFailed, detail)
}

fn with_cause(error: &StoreError) -> String {
    format!("{error}: {}", error.source)
}

#[cfg(test)]
mod tests;
