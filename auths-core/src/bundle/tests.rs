//! Bundles that somebody hostile made.

use std::time::Duration;

use futures_util::FutureExt;
use zeroize::Zeroizing;

use super::*;
use crate::claim::{
    Action, Actions, Audience, Claim, Incarnation, RevocationTarget, SigningRequest,
};
use crate::crypto::{KeyPair, Seed};
use crate::decide::{Obstacle, Outcome, decide};
use crate::evidence::{
    ListedAccount, Listing, NamespaceEvidence, OwnerRole, Reading, Release, Timeline,
};
use crate::identity::{Account, Did, Namespace};
use crate::policy::Policy;
use crate::reason::{RefutedReason, UnavailableReason};
use crate::work::work;

fn key(n: u16) -> KeyPair {
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&n.to_le_bytes());
    KeyPair::from_seed(&Seed::new(Zeroizing::new(seed)))
}

fn did(n: u16) -> Did {
    Did::from_key(&key(n).public())
}

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

fn alice() -> Account {
    "pypi:alice".parse().unwrap()
}

fn sign_at<C: Claim>(n: u16, claim: C, at: Timestamp) -> Signed<C> {
    let request = SigningRequest::new(claim, at);
    request.sign(&key(n)).now_or_never().unwrap().unwrap()
}

fn sign<C: Claim>(n: u16, claim: C) -> Signed<C> {
    sign_at(n, claim, now())
}

fn bundle() -> Bundle {
    let body = NamespaceClaim::new(
        six(),
        Incarnation::new("first-upload", "x"),
        Actions::only(Action::Publish),
    );
    let request = SigningRequest::new(body, now()).for_audience(Audience::local(&did(1)));
    Bundle::new(request.sign(&key(1)).now_or_never().unwrap().unwrap())
}

fn case(bundle: Bundle) -> DecisionInput {
    let expected = ProofExpectation::new(Audience::local(&did(1)));
    let (none, keys) = (Revocations::not_checked(), KeyRing::intrinsic());
    bundle.into_input(expected, none, keys, now()).unwrap()
}

/// As many different platform claims of one DID and account as a bundle holds.
fn links(recovery: Option<Did>) -> Vec<Signed<PlatformClaim>> {
    let seconds = 0..u64::try_from(MAX_CLAIMS).unwrap();
    let at = |s| now() - Duration::from_secs(s);
    let claim = PlatformClaim::new(alice(), recovery);
    seconds.map(|s| sign_at(1, claim.clone(), at(s))).collect()
}

fn package(releases: u32) -> NamespaceEvidence {
    let origin = "https://pypi.example".parse().unwrap();
    let mut own = NamespaceEvidence::new("pypi:own".parse().unwrap(), origin, now());
    let release = |i: u32| {
        let at = now() - Duration::from_secs(u64::from(releases - i));
        Release::new(format!("{i}"), Some(at), false).naming([did(1)])
    };
    own.timeline = Reading::Read(Timeline::new(
        (0..releases).map(release).collect(),
        Some("0".to_owned()),
    ));
    own
}

fn account_observation(n: u16, proof: AccountProof) -> Signed<Observation> {
    let evidence = AccountEvidence::new(alice(), did(1), now(), proof);
    sign(n, Observation::new(Evidence::Account(Box::new(evidence))))
}

/// What this process saw of six: many releases, so that every look at them costs something.
fn seen() -> ObservedEvidence<NamespaceEvidence> {
    let mut evidence = package(3_000);
    evidence.namespace = six();
    evidence.incarnation = Reading::Read(Incarnation::new("first-upload", "x"));
    ObservedEvidence::live(evidence)
}

/// Decides, checking each signature at most once, and going through no more than this many releases.
fn decides_within(case: &DecisionInput, policy: &Policy, releases: usize) -> Decision {
    let (decision, work) = work(|| decide(case, policy, now()));
    let (linked, revoked) = (case.accounts.len(), case.revocations.found().len());
    let documents = 1 + linked + revoked + case.delegations.len();
    assert!(work.signatures <= documents, "{work:?} for {documents}");
    assert!(work.releases <= releases, "{work:?} over {releases}");
    assert_ne!(decision.outcome(), Outcome::Accepted);
    decision
}

#[test]
fn one_large_observation_under_many_links_is_kept_once() {
    let mut hostile = bundle();
    hostile.platform_claims = links(None);
    let proof = AccountProof::AccountStatement(Box::new(package(2_000)));
    hostile.observations = vec![account_observation(2, proof)];
    let mut case = case(hostile);
    case.evidence.push(seen());
    let first = case.accounts[0].evidence[0].evidence();
    for linked in &case.accounts {
        assert!(std::ptr::eq(first, linked.evidence[0].evidence()));
    }
    let _ = decides_within(&case, &Policy::standard(), 2 * 3_000);
    let _ = decides_within(
        &case,
        &Policy::standard().trusting([did(2)]),
        2 * 3_000 + 2 * 2_000,
    );
}

#[test]
fn what_a_stranger_signed_is_not_repeated_in_the_answer() {
    let long = "g".repeat(100_000);
    let mut hostile = bundle();
    hostile.platform_claims = links(None);
    let proof = AccountProof::GistProof {
        gist: long.clone(),
        claim: hostile.platform_claims[0].id().clone(),
        unchanged_since: now(),
        state: None,
    };
    hostile.observations = vec![account_observation(2, proof)];
    let mut case = case(hostile);
    case.evidence.push(seen());
    let decision = decides_within(&case, &Policy::standard(), 2 * 3_000);
    assert!(!serde_json::to_string(&decision).unwrap().contains(&long));
}

#[test]
fn many_links_with_a_recovery_did_that_revoked_are_each_checked_once() {
    let mut hostile = bundle();
    hostile.platform_claims = links(Some(did(9)));
    let elsewhere = Revocation::new(RevocationTarget::Did(did(3)));
    hostile.revocations = (0..256)
        .map(|s| sign_at(9, elsewhere.clone(), now() - Duration::from_secs(s)))
        .collect();
    let mut case = case(hostile);
    case.evidence.push(seen());
    let _ = decides_within(&case, &Policy::standard(), 2 * 3_000);
}

#[test]
fn a_mesh_of_delegations_is_cut_off() {
    let mut hostile = bundle();
    for (from, to) in (1..=17).flat_map(|from| (1..=16).map(move |to| (from, to))) {
        if from != to && hostile.delegations.len() < MAX_CLAIMS {
            let six = Delegation::new(did(to), [six()], Actions::only(Action::Publish));
            hostile.delegations.push(sign(from, six.with_further()));
        }
    }
    let mut case = case(hostile);
    case.evidence.push(seen());
    let decision = decides_within(&case, &Policy::standard(), 2 * 3_000);
    assert!(
        matches!(decision.reason(), Some(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::StepBudget),
        "{:?}",
        decision.reason()
    );
    assert!(decision.chains().is_empty(), "half a search shows nothing");
}

#[test]
fn a_bundle_of_a_million_empty_things_is_refused() {
    let text = bundle().to_json();
    let head = text.trim_end().trim_end_matches('}').trim_end();
    let things = vec![r#"{"":""}"#; 900_000].join(",");
    let bomb = format!("{head},\"decision\":[{things}]}}");
    assert!(bomb.len() < MAX_BYTES);
    assert!(Bundle::parse(bomb.as_bytes()).is_err());
    let small = format!("{head},\"decision\":[{}]}}", r#"{"":""}"#);
    assert!(Bundle::parse(small.as_bytes()).is_ok());
}

#[test]
fn a_package_of_many_releases_can_be_observed_and_sent() {
    let evidence = Evidence::Namespace(Box::new(package(5_000)));
    let mut large = bundle();
    large.observations = vec![sign(1, Observation::new(evidence))];
    let read = Bundle::parse(large.to_json().as_bytes()).unwrap();
    assert_eq!(read.observations, large.observations);
}

#[test]
fn an_observation_whose_key_is_not_known_counts_for_nothing_and_breaks_nothing() {
    #[derive(Debug)]
    struct Elsewhere;
    #[async_trait::async_trait]
    impl crate::ports::Signer for Elsewhere {
        fn method(&self) -> crate::identity::VerificationMethod {
            "did:web:hub.example#k".parse().unwrap()
        }
        async fn sign(
            &self,
            message: &[u8],
        ) -> Result<crate::crypto::Signature, crate::ports::SignerError> {
            Ok(key(9).sign(message))
        }
    }
    let evidence = seen().evidence().clone();
    let observation = Observation::new(Evidence::Namespace(Box::new(evidence)));
    let signed = SigningRequest::new(observation, now()).sign(&Elsewhere);
    let mut bundle = bundle();
    bundle.observations = vec![signed.now_or_never().unwrap().unwrap()];
    let case = case(bundle);
    assert!(case.unread.is_empty());
    let stranger = decide(&case, &Policy::standard(), now());
    let untrusted = matches!(stranger.reason(), Some(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::UntrustedObserver);
    assert!(untrusted, "{:?}", stranger.reason());
    let trusting = Policy::standard().trusting(["did:web:hub.example".parse().unwrap()]);
    let trusted = decide(&case, &trusting, now());
    let unknown = matches!(trusted.reason(), Some(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::KeyUnresolved);
    assert!(unknown, "{:?}", trusted.reason());
    let mut case = case;
    let mut listed = seen().evidence().clone();
    let owner = ListedAccount::new(alice(), OwnerRole::Owner, "Owner");
    listed.listing = Reading::Read(Listing::new(vec![owner]));
    case.evidence.push(ObservedEvidence::live(listed));
    let decision = decide(&case, &Policy::standard(), now());
    assert_eq!(
        decision.outcome(),
        Outcome::Pending,
        "{:?}",
        decision.reason()
    );
}

#[test]
fn an_observation_that_was_changed_spoils_the_bundle() {
    let mut changed = bundle();
    let evidence = Evidence::Namespace(Box::new(seen().evidence().clone()));
    changed.observations = vec![sign(2, Observation::new(evidence))];
    let text = changed.to_json().replace("pypi.example", "evil.example");
    let changed = Bundle::parse(text.as_bytes()).unwrap();
    let expected = ProofExpectation::new(Audience::local(&did(1)));
    let (none, keys) = (Revocations::not_checked(), KeyRing::intrinsic());
    assert!(matches!(
        changed.into_input(expected, none, keys, now()),
        Err(ClaimError::Refuted(r)) if r.reason == RefutedReason::BadSignature
    ));
}

/// Every object in `value`, as JSON pointers.
fn objects(value: &serde_json::Value, at: &str, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            into.push(at.to_owned());
            for (key, value) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                objects(value, &format!("{at}/{key}"), into);
            }
        }
        serde_json::Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                objects(value, &format!("{at}/{i}"), into);
            }
        }
        _ => {}
    }
}

/// What serde derives for a struct reads a list of its fields too: a second form of a signed document.
#[test]
fn a_list_in_place_of_an_object_is_refused_everywhere() {
    let mut full = bundle();
    let did = did(2);
    full.platform_claims = links(Some(did.clone())).split_off(MAX_CLAIMS - 1);
    full.observations = vec![sign(
        1,
        Observation::new(Evidence::Namespace(Box::new(package(2)))),
    )];
    full.revocations = vec![sign(1, Revocation::new(RevocationTarget::Did(did.clone())))];
    let actions = Actions::only(Action::Publish);
    full.delegations = vec![sign(1, Delegation::new(did, [six()], actions))];
    let good: serde_json::Value = serde_json::from_str(&full.to_json()).unwrap();
    assert!(Bundle::parse(good.to_string().as_bytes()).is_ok());
    let mut all = Vec::new();
    objects(&good, "", &mut all);
    assert!(all.len() > 15, "{all:?}");
    for at in all {
        let mut changed = good.clone();
        let object = changed.pointer_mut(&at).unwrap();
        let fields = object.as_object().unwrap().clone();
        *object = fields.into_values().collect();
        assert!(
            Bundle::parse(changed.to_string().as_bytes()).is_err(),
            "{at}"
        );
    }
}

#[test]
fn an_odd_observation_of_a_stranger_counts_for_nothing_and_the_others_stay() {
    let good = seen().evidence().clone();
    let mut ahead = good.clone();
    ahead.observed_at = now() + Duration::from_secs(5);
    let observe = |n, evidence: &NamespaceEvidence, at| {
        let evidence = Evidence::Namespace(Box::new(evidence.clone()));
        sign_at(n, Observation::new(evidence), at)
    };
    let decided = |observations| {
        let mut bundle = bundle();
        bundle.observations = observations;
        decide(&case(bundle), &Policy::standard().trusting([did(2)]), now())
    };
    let reason = |decision: &Decision| format!("{:?}", decision.reason());
    let alone = decided(vec![observe(2, &good, now())]);
    let old = now() - Duration::from_secs(40 * 86_400);
    for odd in [
        observe(7, &ahead, now()),
        observe(7, &good, now() + Duration::from_secs(86_400)),
        observe(7, &package(1), old),
    ] {
        let with = decided(vec![odd, observe(2, &good, now())]);
        assert_eq!(reason(&with), reason(&alone));
        assert_eq!(with.outcome(), alone.outcome());
    }
    // By somebody who is trusted, it is still no evidence, and the answer says why.
    let odd = decided(vec![observe(2, &ahead, now())]);
    assert!(
        reason(&odd).contains("EvidenceMismatch"),
        "{}",
        reason(&odd)
    );
    let old = decided(vec![observe(2, &package(1), old)]);
    assert!(
        reason(&old).contains("EvidenceMismatch"),
        "{}",
        reason(&old)
    );
    let mut dated = package(1);
    dated.namespace = six();
    let expired = now() - Duration::from_secs(31 * 86_400);
    dated.observed_at = expired;
    let expired = decided(vec![observe(2, &dated, expired)]);
    assert!(
        reason(&expired).contains("StaleEvidence"),
        "{}",
        reason(&expired)
    );
}

#[test]
fn a_mesh_of_delegations_under_many_revocations_costs_each_signature_once() {
    let mut hostile = bundle();
    for (from, to) in (1..=17).flat_map(|from| (1..=16).map(move |to| (from, to))) {
        if from != to && hostile.delegations.len() < MAX_CLAIMS {
            let six = Delegation::new(did(to), [six()], Actions::only(Action::Publish));
            hostile.delegations.push(sign(from, six.with_further()));
        }
    }
    // By those who may, of what is asked for, and each with another's signature: every one must be looked at.
    let (by, of) = (did(2).to_string(), did(1));
    let good = |s| {
        sign_at(
            2,
            Revocation::new(RevocationTarget::Did(of.clone())),
            now() - Duration::from_secs(s),
        )
    };
    let seconds = 0..u64::try_from(MAX_CLAIMS).unwrap();
    hostile.revocations = seconds
        .map(|s| {
            let text = good(s).to_json();
            let later = (now() - Duration::from_secs(s + 1)).to_string();
            let changed = text.replace(&(now() - Duration::from_secs(s)).to_string(), &later);
            Signed::parse(changed.as_bytes()).unwrap()
        })
        .collect();
    assert!(
        hostile
            .revocations
            .iter()
            .all(|r| r.did().to_string() == by)
    );
    let mut case = case(hostile);
    let mut small = seen().evidence().clone();
    small.timeline = Reading::NotOffered;
    case.evidence.push(ObservedEvidence::live(small));
    let _ = decides_within(&case, &Policy::standard(), 2 * 3_000);
}
