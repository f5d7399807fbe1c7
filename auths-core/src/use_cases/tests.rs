//! What workflows ask others for, use up once, and hand on when it is too large.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_util::FutureExt;
use zeroize::Zeroizing;

use super::*;
use crate::claim::{
    Action, Actions, Audience, Challenge, ChallengeKey, Incarnation, IssuedChallenge,
    NamespaceClaim, Observation, ProofExpectation, Signed, SigningRequest,
};
use crate::crypto::{KeyPair, Seed};
use crate::decide::{AwaitingUse, Decision, DecisionInput, Obstacle, Outcome, decide_answer};
use crate::evidence::{
    AccountEvidence, AccountProof, Evidence, NamespaceEvidence, ObservedEvidence, Reading, Release,
    Timeline,
};
use crate::identity::{Account, Did, Ecosystem, Namespace, Origin, Platform};
use crate::policy::Policy;
use crate::ports::{
    AccountProver, Entropy, EntropyError, MemoryReplayGuard, NamespaceError, NamespaceQuery,
    NamespaceVerifier, ReplayGuard, StoreError, StoreKey, TokenUse,
};
use crate::reason::{RefutedReason, Unavailable, UnavailableReason};
use crate::time::DAY;
use crate::{Bundle, Timestamp};

mod challenges;
mod live;
mod provers;

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
    done(request.with_challenge(challenge).sign(&key())).unwrap()
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
        let padding = Unavailable::new(UnavailableReason::TooLarge, "x".repeat(self.padding));
        seen.repositories = Reading::Unread(padding);
        Ok(seen)
    }
}

// --- large packages

fn claims(releases: u32, padding: usize) -> ClaimResult {
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
    let terms = VerifyOptions::new(
        ProofExpectation::new(Audience::local(&did())),
        &policy,
        now(),
    );
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
