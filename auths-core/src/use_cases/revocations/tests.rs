//! What a verifier is shown once it does not forget.

use std::time::Duration;

use futures_util::FutureExt;
use zeroize::Zeroizing;

use super::*;
use crate::claim::{
    Action, Actions, Audience, Incarnation, NamespaceClaim, ProofExpectation, SigningRequest,
};
use crate::crypto::{KeyPair, Seed};
use crate::decide::{Decision, Outcome, decide};
use crate::evidence::{
    ListedAccount, Listing, NamespaceEvidence, ObservedEvidence, OwnerRole, Reading, Release,
    Timeline,
};
use crate::ports::{MemoryRevocations, PublishedRevocations, RevocationList, StoreKey};
use crate::reason::RefutedReason;
use crate::time::DAY;
use crate::use_cases::{VerifyOptions, verify_offline};

fn key(n: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new(Zeroizing::new([n; 32])))
}

fn did(n: u8) -> Did {
    Did::from_key(&key(n).public())
}

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn done<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

fn sign<C: Claim>(n: u8, claim: C) -> Signed<C> {
    done(SigningRequest::new(claim, now()).sign(&key(n))).unwrap()
}

fn first_upload() -> Incarnation {
    Incarnation::new("first-upload", "2010-06-29T19:56:36.719942Z")
}

fn six() -> crate::identity::Namespace {
    "pypi:six".parse().unwrap()
}

fn naming(n: u8, recovery: u8) -> Signed<PlatformClaim> {
    let account = "pypi:alice".parse().unwrap();
    sign(n, PlatformClaim::new(account, Some(did(recovery))))
}

fn revocation(by: u8, of: u8) -> Signed<Revocation> {
    sign(by, Revocation::new(RevocationTarget::Did(did(of))))
}

/// What DID `n` claims, with nothing beside it.
fn bundle(n: u8) -> Bundle {
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience(Audience::local(&did(n)));
    Bundle::new(done(request.sign(&key(n))).unwrap())
}

/// Alice owns `six` alone, and its releases have named DID 1 for a month.
fn seen() -> NamespaceEvidence {
    let origin = "https://pypi.example".parse().unwrap();
    let mut seen = NamespaceEvidence::new(six(), origin, now());
    let release = |days: u32| Release::new(format!("v{days}"), Some(now() - DAY * days), false);
    let releases = vec![
        release(900).naming([]),
        release(30).naming([did(1)]),
        release(10).naming([did(1)]),
    ];
    let owner = ListedAccount::new("pypi:alice".parse().unwrap(), OwnerRole::Owner, "Owner");
    seen.incarnation = Reading::Read(first_upload());
    seen.listing = Reading::Read(Listing::new(vec![owner]));
    seen.timeline = Reading::Read(Timeline::new(releases, Some("v10".into())));
    seen
}

fn consulted(
    bundle: &Bundle,
    source: &dyn RevocationSource,
    memory: &dyn RevocationMemory,
) -> Revocations {
    let revocable = RevocableParts::bundle(bundle, &Policy::standard());
    let keys = KeyRing::intrinsic();
    done(collect_revocations(
        &[source],
        memory,
        &revocable,
        &keys,
        now(),
    ))
}

fn decided(
    bundle: &Bundle,
    source: &dyn RevocationSource,
    memory: &dyn RevocationMemory,
) -> Decision {
    let revocations = consulted(bundle, source, memory);
    let expected = ProofExpectation::new(Audience::local(bundle.claim.did()));
    let mut case = bundle.input_without_evidence(expected, revocations, KeyRing::intrinsic());
    case.evidence.push(ObservedEvidence::live(seen()));
    decide(&case, &Policy::standard(), now())
}

fn list(published: PublishedRevocations) -> RevocationList {
    let list = RevocationList::new("list");
    list.publish(published);
    list
}

fn none() -> RevocationList {
    list(PublishedRevocations::default())
}

#[track_caller]
fn assert_revoked(decision: &Decision) {
    assert!(
        decision.is_refuted_by(RefutedReason::Revoked),
        "{:?}",
        decision.reason()
    );
}

#[test]
fn a_bundle_that_leaves_the_claim_out_makes_nobody_forget_the_recovery_did() {
    let memory = MemoryRevocations::new();
    let mut alices = bundle(1);
    alices.platform_claims = vec![naming(1, 9)];
    assert_eq!(
        decided(&alices, &none(), &memory).outcome(),
        Outcome::Accepted
    );
    // The thief of key 1 shows no claim, or one that names a recovery DID of his own.
    let lost = list(PublishedRevocations::new([revocation(9, 1)]));
    let mut thiefs = bundle(1);
    assert_revoked(&decided(&thiefs, &lost, &memory));
    thiefs.platform_claims = vec![naming(1, 66)];
    assert_revoked(&decided(&thiefs, &lost, &memory));
    assert_revoked(&decided(&bundle(1), &lost, &memory));
    // Who never saw the claim is told that somebody unknown revoked.
    let new = MemoryRevocations::new();
    let decision = decided(&bundle(1), &lost, &new);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert_eq!(decision.unknown_revocations()[0].by, did(9));
}

#[test]
fn a_source_gives_the_claim_that_names_the_recovery_did_and_is_remembered() {
    let memory = MemoryRevocations::new();
    let both = PublishedRevocations::new([revocation(9, 1)]).naming([naming(1, 9)]);
    assert_revoked(&decided(&bundle(1), &list(both), &memory));
    // Withheld later, both count on.
    assert_revoked(&decided(&bundle(1), &none(), &memory));
    let alone = list(PublishedRevocations::new([revocation(9, 1)]));
    assert_revoked(&decided(&bundle(1), &alone, &memory));
    let again = PublishedRevocations::default().naming([naming(1, 9)]);
    let fresh = MemoryRevocations::new();
    assert_eq!(
        decided(&bundle(1), &list(again), &fresh).outcome(),
        Outcome::Accepted
    );
    assert_revoked(&decided(&bundle(1), &alone, &fresh));
}

#[test]
fn a_revocation_that_was_given_once_counts_when_it_is_left_out() {
    for by in [1, 9] {
        let memory = MemoryRevocations::new();
        let mut first = bundle(1);
        first.platform_claims = vec![naming(1, 9)];
        first.revocations = vec![revocation(by, 1)];
        assert_revoked(&decided(&first, &none(), &memory));
        assert_revoked(&decided(&bundle(1), &none(), &memory));
    }
    // Of one claim.
    let memory = MemoryRevocations::new();
    let mut first = bundle(1);
    let of_claim = Revocation::new(RevocationTarget::Claim(first.claim.id().clone()));
    let again = first.clone();
    first.revocations = vec![sign(1, of_claim)];
    assert_revoked(&decided(&first, &none(), &memory));
    assert_revoked(&decided(&again, &none(), &memory));
    assert_eq!(
        decided(&again, &none(), &MemoryRevocations::new()).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn a_delegators_revocation_is_remembered_and_reaches_no_further_than_the_delegation() {
    let memory = MemoryRevocations::new();
    let delegated = |further: Vec<Signed<Revocation>>| {
        let mut bundle = bundle(2);
        let body = Delegation::new(did(2), [six()], Actions::only(Action::Publish));
        bundle.delegations = vec![sign(1, body)];
        bundle.revocations = further;
        bundle
    };
    assert_eq!(
        decided(&delegated(vec![]), &none(), &memory).outcome(),
        Outcome::Accepted
    );
    assert_revoked(&decided(
        &delegated(vec![revocation(1, 2)]),
        &none(),
        &memory,
    ));
    assert_revoked(&decided(&delegated(vec![]), &none(), &memory));
    // A stranger who delegates to DID 1, and revokes it, revokes nothing that DID 1 holds itself.
    let stranger = |by: u8| {
        let mut bundle = bundle(1);
        let body = Delegation::new(did(1), [six()], Actions::only(Action::Publish));
        bundle.delegations = vec![sign(by, body)];
        bundle.revocations = vec![revocation(by, 1)];
        bundle
    };
    assert_eq!(
        decided(&stranger(7), &none(), &memory).outcome(),
        Outcome::Accepted
    );
    assert_eq!(
        decided(&bundle(1), &none(), &memory).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn a_stranger_names_no_recovery_did_for_another_and_revokes_nothing() {
    let memory = MemoryRevocations::new();
    let mut strangers = bundle(1);
    // His own claim, one of DID 1 with a changed recovery DID, and one of a DID that the bundle is not about.
    let forged = naming(1, 8).to_json();
    let forged = forged.replace(did(8).as_str(), did(7).as_str());
    let forged = Signed::parse(forged.as_bytes()).unwrap();
    strangers.platform_claims = vec![naming(7, 7), forged, naming(3, 7)];
    strangers.revocations = vec![revocation(7, 1)];
    let given = PublishedRevocations::new([revocation(7, 1), revocation(7, 3)]);
    let given = list(given.naming(strangers.platform_claims.clone()));
    let decision = decided(&strangers, &given, &memory);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    for of in [1, 3, 7] {
        assert_eq!(done(memory.recovery_dids(&did(of))).unwrap(), [], "{of}");
        let kept =
            done(memory.revocations(&RevocationTarget::Did(did(of)), &BTreeSet::from([did(7)])));
        assert_eq!(kept.unwrap(), [], "{of}");
    }
}

#[test]
fn an_expired_claim_names_the_recovery_did_for_good() {
    let memory = MemoryRevocations::new();
    let account = "pypi:alice".parse().unwrap();
    let old = PlatformClaim::new(account, Some(did(9)));
    let old = done(SigningRequest::new(old, now() - DAY * 900).sign(&key(1)));
    let mut alices = bundle(1);
    alices.platform_claims = vec![old.unwrap()];
    let _ = decided(&alices, &none(), &memory);
    assert_eq!(done(memory.recovery_dids(&did(1))).unwrap(), [did(9)]);
}

/// A memory of which one call fails, the one after `left` others.
#[derive(Debug)]
struct FailsOnce {
    inner: MemoryRevocations,
    left: std::sync::Mutex<Option<usize>>,
}

impl FailsOnce {
    /// Creates a memory whose call number `n` fails, counted from 0.
    fn at(n: usize) -> Self {
        Self {
            inner: MemoryRevocations::new(),
            left: std::sync::Mutex::new(Some(n)),
        }
    }

    fn pass(&self) -> Result<&MemoryRevocations, StoreError> {
        let mut left = self.left.lock().unwrap();
        let fails = *left == Some(0);
        *left = left.and_then(|n| n.checked_sub(1));
        if fails {
            let key = StoreKey::new("recovery", "x");
            return Err(StoreError::new(&key, "read", "the disk is gone"));
        }
        Ok(&self.inner)
    }
}

#[async_trait::async_trait]
impl RevocationMemory for FailsOnce {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        self.pass()?.remember_recovery(did, recovery).await
    }
    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        self.pass()?.recovery_dids(did).await
    }
    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        self.pass()?.remember_revocation(revocation).await
    }
    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        self.pass()?.revocations(what, by).await
    }
}

#[test]
fn a_memory_that_fails_at_any_step_keeps_a_yes_back() {
    let mut alices = bundle(1);
    alices.platform_claims = vec![naming(1, 9)];
    // Something to recall and something to remember, but nothing that denies: revoked from tomorrow on.
    let tomorrow = Revocation::new(RevocationTarget::Did(did(1))).starting(now() + DAY);
    alices.revocations = vec![sign(1, tomorrow)];
    let mut steps = 0;
    loop {
        let memory = FailsOnce::at(steps);
        let decision = decided(&alices, &none(), &memory);
        match decision.outcome() {
            Outcome::Accepted => break,
            Outcome::Undetermined => {
                let says = decision.reason().unwrap();
                assert_eq!(says.code(), "AUTHS-3024", "{says}");
                assert!(says.to_string().contains("the disk is gone"), "{says}");
                // The next time it works again.
                let next = decided(&alices, &none(), &memory);
                assert_eq!(next.outcome(), Outcome::Accepted, "after step {steps}");
            }
            other => panic!("{other} at step {steps}"),
        }
        steps += 1;
    }
    assert!(steps >= 6, "{steps}");
}

#[test]
fn a_did_that_names_very_many_recovery_dids_is_never_accepted() {
    let memory = MemoryRevocations::new();
    let mut wild = bundle(1);
    let named = 100..99 + u8::try_from(MAX_RECOVERY_DIDS).unwrap();
    wild.platform_claims = named.map(|n| naming(1, n)).collect();
    assert_eq!(
        decided(&wild, &none(), &memory).outcome(),
        Outcome::Accepted
    );
    let mut more = bundle(1);
    more.platform_claims = vec![naming(1, 98)];
    // The last place is taken: whoever came next would not be remembered.
    for bundle in [more, bundle(1)] {
        let decision = decided(&bundle, &none(), &memory);
        assert_eq!(decision.outcome(), Outcome::Undetermined);
    }
    // None of the first was pushed out.
    assert_eq!(
        done(memory.recovery_dids(&did(1))).unwrap().len(),
        MAX_RECOVERY_DIDS
    );
}

/// Whoever has the key can fill the places before the rightful recovery DID revokes it.
#[test]
fn a_thief_who_fills_the_places_for_recovery_dids_is_not_accepted_once_the_revocation_is_gone() {
    let memory = MemoryRevocations::new();
    let mut thief = bundle(1);
    let named = 100..100 + u8::try_from(MAX_RECOVERY_DIDS).unwrap();
    thief.platform_claims = named.map(|n| naming(1, n)).collect();
    let mut lost = PublishedRevocations::new([revocation(9, 1)]);
    lost.claims = vec![naming(1, 9)];
    let lost = list(lost);
    for (bundle, source) in [(thief, none()), (bundle(1), lost), (bundle(1), none())] {
        let decision = decided(&bundle, &source, &memory);
        assert_ne!(decision.outcome(), Outcome::Accepted);
    }
}

/// A stranger's delegation in the bundle, whose own recovery DIDs are too many to be remembered.
#[test]
fn what_is_wrong_with_one_did_makes_nobody_forget_the_revocation_of_another() {
    let memory = MemoryRevocations::new();
    let mut poison = bundle(1);
    let body = Delegation::new(did(1), [six()], Actions::only(Action::Publish));
    // Strangers who come before and behind the revoked one.
    for stranger in [2, 3, 4] {
        poison.delegations.push(sign(stranger, body.clone()));
        let named = 100..101 + u8::try_from(MAX_RECOVERY_DIDS).unwrap();
        let named = named.map(|n| naming(stranger, n));
        poison.platform_claims.extend(named);
    }
    let mut lost = PublishedRevocations::new([revocation(9, 1)]);
    lost.claims = vec![naming(1, 9)];
    let decision = decided(&poison, &list(lost), &memory);
    assert_ne!(decision.outcome(), Outcome::Accepted);
    assert_revoked(&decided(&bundle(1), &none(), &memory));
}

#[test]
fn of_revocations_that_begin_later_none_is_kept_and_of_earlier_ones_only_so_many() {
    let memory = MemoryRevocations::new();
    let from = |days: u32| {
        let revocation =
            Revocation::new(RevocationTarget::Did(did(1))).starting(now() + DAY * days);
        sign(1, revocation)
    };
    let kept = || {
        done(memory.revocations(&RevocationTarget::Did(did(1)), &BTreeSet::from([did(1)]))).unwrap()
    };
    let mut wild = bundle(1);
    let most = u32::try_from(MAX_REVOCATIONS).unwrap();
    wild.revocations = vec![from(most + 1), from(most + 2), from(most + 1)];
    assert_eq!(
        decided(&wild, &none(), &memory).outcome(),
        Outcome::Accepted
    );
    assert_eq!(kept(), [from(most + 1)]);
    // Given one after the other, each begins before the last.
    for days in (2..=most).rev() {
        let mut next = bundle(1);
        next.revocations = vec![from(days)];
        let decision = decided(&next, &none(), &memory);
        assert_eq!(decision.outcome(), Outcome::Accepted, "{days}");
    }
    assert_eq!(kept().len(), MAX_REVOCATIONS);
    let mut last = bundle(1);
    last.revocations = vec![from(1)];
    let decision = decided(&last, &none(), &memory);
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(kept().len(), MAX_REVOCATIONS);
}

#[test]
fn what_is_revocable_is_everything_that_the_answer_rests_on() {
    let mut full = bundle(1);
    let body = Delegation::new(did(1), [six()], Actions::only(Action::Publish));
    full.delegations = vec![sign(2, body)];
    let evidence = crate::evidence::Evidence::Namespace(Box::new(seen()));
    full.observations = [3, 4]
        .map(|n| sign(n, crate::claim::Observation::new(evidence.clone())))
        .to_vec();
    full.platform_claims = vec![naming(5, 9)];
    let policy = Policy::standard().trusting([did(3)]);
    let mut dids = [did(1), did(2), did(3)];
    dids.sort();
    let mut asked = RevocableParts::bundle(&full, &policy).dids();
    asked.sort();
    assert_eq!(asked, dids);
}

#[test]
fn a_decision_offline_rests_on_what_was_consulted() {
    let memory = MemoryRevocations::new();
    let mut bundle = bundle(1);
    let evidence = crate::evidence::Evidence::Namespace(Box::new(seen()));
    bundle.observations = vec![sign(5, crate::claim::Observation::new(evidence))];
    let policy = Policy::standard().trusting([did(5)]);
    let decided = |revocations: Revocations| {
        let expected = ProofExpectation::new(Audience::local(&did(1)));
        let mut terms = VerifyOptions::new(expected, &policy, now());
        terms.revocations = revocations;
        let decision = verify_offline(bundle.clone(), terms).unwrap();
        decision.into_verified().unwrap()
    };
    let looked = decided(consulted(&bundle, &none(), &memory));
    assert!(looked.resisting(&policy, now()).is_ok());
    let nobody = decided(Revocations::not_checked());
    assert!(nobody.resisting(&policy, now()).is_err());
    assert!(nobody.valid_until() > now() + Duration::from_secs(1));
}

/// A memory that counts how often it is asked for revocations.
#[derive(Debug, Default)]
struct Counts {
    inner: MemoryRevocations,
    asked: std::sync::atomic::AtomicUsize,
}

#[async_trait::async_trait]
impl RevocationMemory for Counts {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        self.inner.remember_recovery(did, recovery).await
    }
    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        self.inner.recovery_dids(did).await
    }
    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        self.inner.remember_revocation(revocation).await
    }
    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        self.asked
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.inner.revocations(what, by).await
    }
}

#[test]
fn what_may_be_revoked_is_looked_up_once_however_many_may_revoke_it() {
    let memory = Counts::default();
    let mut wide = bundle(1);
    let body = Delegation::new(did(1), [six()], Actions::only(Action::Publish));
    wide.delegations = (2..102).map(|n| sign(n, body.clone())).collect();
    wide.platform_claims = (110..140).map(|n| naming(1, n)).collect();
    let _ = consulted(&wide, &none(), &memory);
    // The main claim and its DID, each delegation and its DID, each platform claim: where each of 131 DIDs may revoke.
    assert_eq!(memory.asked.into_inner(), 2 + 2 * 100 + 30);
}

#[test]
fn nothing_is_remembered_for_a_claim_or_a_delegation_that_nobody_signed() {
    let body = Delegation::new(did(1), [six()], Actions::only(Action::Publish));
    // One character of the signature is another.
    fn forged<C: Claim>(claim: &Signed<C>) -> Signed<C> {
        let json = claim.to_json();
        let at = json.find("proofValue").unwrap() + 40;
        let other = if &json[at..=at] == "2" { "3" } else { "2" };
        let text = format!("{}{other}{}", &json[..at], &json[at + 1..]);
        Signed::parse(text.as_bytes()).unwrap()
    }
    let filled = |bundle: &Bundle| {
        let memory = MemoryRevocations::new();
        let _ = consulted(bundle, &none(), &memory);
        [1, 2].map(|n| {
            let recovery = done(memory.recovery_dids(&did(n))).unwrap();
            let by = BTreeSet::from([did(n)]);
            let revoked = done(memory.revocations(&RevocationTarget::Did(did(n)), &by)).unwrap();
            (recovery.len(), revoked.len())
        })
    };
    let mut full = bundle(1);
    full.delegations = vec![sign(2, body)];
    full.platform_claims = vec![naming(1, 9), naming(2, 8)];
    full.revocations = vec![revocation(1, 1), revocation(2, 2)];
    assert_eq!(filled(&full), [(1, 1), (1, 1)]);
    let mut with_forged = full.clone();
    with_forged.delegations = vec![forged(&full.delegations[0])];
    assert_eq!(filled(&with_forged), [(1, 1), (0, 0)]);
    with_forged = full.clone();
    with_forged.claim = forged(&full.claim);
    assert_eq!(filled(&with_forged), [(0, 0), (0, 0)]);
}
