//! What workflows ask others for, use up once, and hand on when it is too large.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::FutureExt;
use zeroize::Zeroizing;

use super::*;
use crate::claim::{
    Action, Actions, Audience, Challenge, Expectation, Incarnation, IssuedChallenge,
    NamespaceClaim, Observation, Signed, SigningRequest,
};
use crate::crypto::{KeyPair, Seed};
use crate::decide::{Case, Decision, Obstacle, Outcome, decide};
use crate::evidence::{
    AccountEvidence, AccountProof, Evidence, NamespaceEvidence, Reading, Release, Sighting,
    Timeline,
};
use crate::identity::{Account, Did, Ecosystem, Namespace, Origin, Platform};
use crate::outcome::{Refutation, Unavailable, Why};
use crate::policy::Policy;
use crate::ports::{
    AccountProver, Entropy, EntropyError, MemoryReplayGuard, NamespaceError, NamespaceQuery,
    NamespaceVerifier, ReplayGuard, StoreError,
};
use crate::time::DAY;
use crate::{Bundle, Timestamp};

fn key() -> KeyPair {
    KeyPair::from_seed(&Seed::new(Zeroizing::new([1; 32])))
}

fn did() -> Did {
    Did::from_key(&key().public())
}

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn origin() -> Origin {
    "https://pypi.example".parse().unwrap()
}

fn first_upload() -> Incarnation {
    Incarnation::new("first-upload", "x")
}

fn done<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().unwrap()
}

/// `name` with two releases that name the DID, twenty days and one hour ago, after `more` older ones that name nobody.
fn package(name: &str, more: u32) -> NamespaceEvidence {
    let mut seen = NamespaceEvidence::new(name.parse().unwrap(), origin(), now());
    let release = |version: String, days| Release::new(version, Some(now() - DAY * days), false);
    let older = (0..more).map(|i| release(format!("{i}.0.0"), 900).naming([]));
    let naming = [("last", 20), ("newest", 1)].map(|(v, d)| release(v.into(), d).naming([did()]));
    let releases = older.chain(naming).collect();
    seen.incarnation = Reading::Read(first_upload());
    seen.timeline = Reading::Read(Timeline::new(releases, Some("newest".into())));
    seen
}

fn claim(audience: &str, challenge: Option<Challenge>) -> Signed<NamespaceClaim> {
    let six = "pypi:six".parse().unwrap();
    let body = NamespaceClaim::new(six, first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience(audience.parse().unwrap());
    done(request.answering(challenge).sign(&key())).unwrap()
}

/// A registry that counts how often it is asked.
#[derive(Debug)]
struct Registry {
    origin: Origin,
    asked: AtomicUsize,
    releases: u32,
    padding: usize,
}

impl Registry {
    /// Its packages have `releases` older releases, and as many bytes of text beside them.
    fn new(releases: u32, padding: usize) -> Self {
        Self {
            origin: origin(),
            asked: AtomicUsize::new(0),
            releases,
            padding,
        }
    }
}

#[async_trait]
impl NamespaceVerifier for Registry {
    fn ecosystem(&self) -> &Ecosystem {
        &Ecosystem::PYPI
    }
    fn origin(&self) -> &Origin {
        &self.origin
    }
    fn is_public(&self) -> bool {
        true
    }
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let mut seen = package(&query.namespace.short(), self.releases);
        let padding = Unavailable::new(Why::TooLarge, "x".repeat(self.padding));
        seen.repositories = Reading::Unread(padding);
        Ok(seen)
    }
}

// --- verify_live

/// A bundle with `n` accounts, each with an observation that hints where its proof lies.
fn bundle_of(n: usize) -> Bundle {
    let mut bundle = Bundle::new(claim("hub", None));
    for i in 0..n {
        let account: Account = format!("pypi:u{i}").parse().unwrap();
        let linked = done(self_report(&key(), account.clone(), None, now())).unwrap();
        bundle.platform_claims.push(linked);
        let proof = AccountProof::AccountStatement(Box::new(package(&format!("pypi:p{i}"), 0)));
        let evidence = AccountEvidence::new(account, did(), now(), proof);
        let observation = Observation::new(Evidence::Account(Box::new(evidence)));
        let signed = done(SigningRequest::new(observation, now()).sign(&key()));
        bundle.observations.push(signed.unwrap());
    }
    bundle
}

fn live(bundle: &Bundle, audience: &str) -> (Decision, usize) {
    let registry = Arc::new(Registry::new(0, 0));
    let prover = StatementProver::new(Platform::PYPI, registry.clone());
    let provers: Vec<Arc<dyn AccountProver>> = vec![Arc::new(prover)];
    let policy = Policy::standard();
    let terms = Terms::new(Expectation::new(audience.parse().unwrap()), &policy, now());
    let decision = done(verify_live(bundle, terms, &*registry, provers));
    (decision, registry.asked.load(Ordering::Relaxed))
}

#[test]
fn a_claim_that_does_not_hold_makes_nobody_ask_anything() {
    let good = bundle_of(3);
    assert_eq!(live(&good, "hub").1, 4);
    let (wrong_audience, asked) = live(&good, "elsewhere");
    assert!(wrong_audience.is_refuted_by(Refutation::WrongAudience));
    assert_eq!(asked, 0);
    let spoiled = good
        .to_json()
        .replace("2026-11-21T08:00:00Z", "2026-11-21T07:59:59Z");
    let (spoiled, asked) = live(&Bundle::parse(spoiled.as_bytes()).unwrap(), "hub");
    assert_eq!(spoiled.outcome(), Outcome::Denied);
    assert_eq!(asked, 0);
}

#[test]
fn a_platform_claim_that_does_not_hold_is_not_looked_at() {
    let mut bundle = bundle_of(3);
    let text = bundle.platform_claims[1].to_json();
    let spoiled = text.replace("2026-11-21T08:00:00Z", "2026-11-21T07:59:59Z");
    bundle.platform_claims[1] = Signed::parse(spoiled.as_bytes()).unwrap();
    assert_eq!(live(&bundle, "hub").1, 3);
}

#[test]
fn a_bundle_of_many_accounts_has_few_of_them_read_and_says_so() {
    let (decision, asked) = live(&bundle_of(MAX_PROOF_READS), "hub");
    let over_budget = |decision: &Decision| {
        let text = serde_json::to_string(decision).unwrap();
        text.contains("request-budget")
    };
    assert_eq!(asked, 1 + MAX_PROOF_READS);
    assert!(!over_budget(&decision));
    let (decision, asked) = live(&bundle_of(MAX_PROOF_READS + 9), "hub");
    assert_eq!(asked, 1 + MAX_PROOF_READS);
    assert!(over_budget(&decision));
}

// --- use_once

#[derive(Debug)]
struct Sevens;
impl Entropy for Sevens {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        buffer.fill(7);
        Ok(())
    }
}

#[derive(Debug)]
struct Broken;
#[async_trait]
impl ReplayGuard for Broken {
    async fn consume(&self, _: &str, _: Timestamp, _: Timestamp) -> Result<bool, StoreError> {
        let disk = std::io::Error::other("the disk is full");
        Err(StoreError {
            key: "a challenge".to_owned(),
            doing: "written",
            source: Box::new(disk),
        })
    }
}

fn issued() -> IssuedChallenge {
    let six: Namespace = "pypi:six".parse().unwrap();
    IssuedChallenge::issue(&Sevens, did(), six, now(), DAY).unwrap()
}

fn answered(issued: Option<IssuedChallenge>) -> Decision {
    let challenge = issued.as_ref().map(|i| i.challenge().clone());
    let mut case = Case::new(
        claim("hub", challenge),
        Expectation::new("hub".parse().unwrap()),
    );
    case.issued = issued;
    let mut seen = package("pypi:six", 0);
    let sole = crate::evidence::ListedAccount::new(
        "pypi:alice".parse::<Account>().unwrap(),
        crate::evidence::Role::Owner,
        "Owner",
    );
    seen.listing = Reading::Read(crate::evidence::Listing::new(vec![sole]));
    case.evidence.push(Sighting::live(seen));
    decide(&case, &Policy::standard(), now())
}

#[test]
fn the_same_answer_is_accepted_once() {
    let guard = MemoryReplayGuard::new();
    let decide = || answered(Some(issued()));
    assert_eq!(decide().outcome(), Outcome::Accepted);
    let first = done(use_once(decide(), &guard, now()));
    assert_eq!(first.outcome(), Outcome::Accepted);
    assert!(first.into_verified().is_ok());
    let second = done(use_once(decide(), &guard, now()));
    assert_eq!(second.outcome(), Outcome::Denied);
    assert!(second.is_refuted_by(Refutation::ChallengeUsed));
    assert_eq!(second.valid_until(), None);
    assert!(second.into_verified().is_err());
}

#[test]
fn a_use_that_is_late_unrecorded_or_of_no_challenge_is_not_accepted() {
    let guard = MemoryReplayGuard::new();
    let late = done(use_once(
        answered(Some(issued())),
        &guard,
        issued().expires(),
    ));
    assert!(late.is_refuted_by(Refutation::ChallengeUsed));
    let unrecorded = done(use_once(answered(Some(issued())), &Broken, now()));
    assert_eq!(unrecorded.outcome(), Outcome::Undetermined);
    assert!(matches!(
        unrecorded.reason(),
        Some(Obstacle::Unavailable(u)) if u.why == Why::StoreFailed
    ));
    assert!(unrecorded.into_verified().is_err());
    let unasked = done(use_once(answered(None), &guard, now()));
    assert!(unasked.is_refuted_by(Refutation::WrongChallenge));
}

#[test]
fn an_answer_that_is_not_accepted_uses_nothing_up() {
    let guard = MemoryReplayGuard::new();
    let mut case = Case::new(claim("hub", None), Expectation::new("hub".parse().unwrap()));
    case.issued = Some(issued());
    let bad = decide(&case, &Policy::standard(), now());
    let bad = done(use_once(bad, &guard, now()));
    assert!(bad.is_refuted_by(Refutation::WrongChallenge));
    let good = done(use_once(answered(Some(issued())), &guard, now()));
    assert_eq!(good.outcome(), Outcome::Accepted);
}

// --- large packages

fn claims(releases: u32, padding: usize) -> Claimed {
    let registry = Registry::new(releases, padding);
    let (signer, context) = (key(), ClaimsContext::default());
    let workflow = ClaimNamespace {
        signer: &signer,
        verifier: &registry,
        context: &context,
        revocations: &[],
        memory: &crate::ports::MemoryRevocations::new(),
        resolver: None,
    };
    let request = ClaimRequest::new("pypi:six".parse().unwrap(), now());
    done(workflow.run(request, &Policy::standard())).unwrap()
}

#[test]
fn a_package_of_fourteen_thousand_releases_is_decided_and_bundled_whole() {
    let claimed = claims(14_000, 0);
    assert_eq!(claimed.omitted, Vec::<String>::new());
    assert_eq!(claimed.bundle.observations.len(), 1);
    let read = Bundle::parse(claimed.bundle.to_json().as_bytes()).unwrap();
    assert_eq!(read.observations, claimed.bundle.observations);
    let policy = Policy::standard().trusting([did()]);
    let terms = Terms::new(Expectation::new(Audience::local(&did())), &policy, now());
    let offline = verify_offline(read, terms).unwrap();
    assert_eq!(offline.outcome(), claimed.decision.outcome());
}

#[test]
fn a_package_too_large_to_be_observed_is_decided_and_the_bundle_says_what_it_lacks() {
    let claimed = claims(10, 4 << 20);
    let small = claims(10, 0);
    assert_eq!(claimed.decision.outcome(), small.decision.outcome());
    assert!(claimed.bundle.observations.is_empty());
    assert!(claimed.bundle.check().is_ok());
    let [omitted] = claimed.omitted.as_slice() else {
        panic!("{:?}", claimed.omitted)
    };
    assert!(omitted.contains("the observation of pypi:six"), "{omitted}");
}
