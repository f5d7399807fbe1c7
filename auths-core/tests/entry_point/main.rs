//! The entry point, over the simulated world: `Verifier`, `Registries`, records of what was accepted, and problems.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod grants;
mod killed;
mod link_by_statement;
mod pins;
mod problems;
mod publish;
mod registries;
mod review;
mod review_links;
mod verify;
mod watch_statements;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::Challenge;
use auths_core::crypto::KeyPair;
use auths_core::evidence::NamespaceEvidence;
use auths_core::ports::{
    MemoryReplayGuard, MemoryRevocations, NamespaceError, NamespaceQuery, NamespaceVerifier,
    PublishedRevocations, RevocationList,
};
use auths_core::use_cases::{ClaimRequest, ClaimsContext, Verifier, VerifierBuilder};
use auths_core::{
    Bundle, Decision, Ecosystem, Origin, Policy, Timestamp, Unavailable, UnavailableReason,
};
use auths_testkit::block_on;
use auths_testkit::doubles::CountingEntropy;
use auths_testkit::scenes::{did, key};
use auths_testkit::world::{Metadata, Session, SimulatedRegistry, World};

const DAY: Duration = Duration::from_secs(86_400);
const HUB: &str = "https://hub.example";

/// The simulated PyPI, which counts what it is asked and can be down.
#[derive(Debug, Clone)]
struct Counted {
    registry: Arc<SimulatedRegistry>,
    asked: Arc<AtomicUsize>,
    is_down: Arc<Mutex<bool>>,
}

#[async_trait]
impl NamespaceVerifier for Counted {
    fn ecosystem(&self) -> &Ecosystem {
        self.registry.ecosystem()
    }
    fn origin(&self) -> &Origin {
        self.registry.origin()
    }
    fn is_public(&self) -> bool {
        true
    }
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if *self.is_down.lock().unwrap() {
            let why = Unavailable::new(UnavailableReason::Network, "the registry is down");
            return Err(why.into());
        }
        self.registry.gather(query).await
    }
}

/// alice owns `six` on PyPI, whose releases have named her key for two weeks; a hub, and its list of revocations.
struct Scene {
    world: Arc<Mutex<World>>,
    alice: Session,
    key: KeyPair,
    pypi: Counted,
    list: Arc<RevocationList>,
    memory: Arc<MemoryRevocations>,
    guard: Arc<MemoryReplayGuard>,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
        let (key, alice) = (key(1), world.sign_up("alice").unwrap());
        let world = Arc::new(Mutex::new(world));
        let origin = "https://registry.example".parse().unwrap();
        let registry = SimulatedRegistry::public(world.clone(), origin);
        let scene = Self {
            world,
            alice,
            key,
            pypi: Counted {
                registry: Arc::new(registry),
                asked: Arc::default(),
                is_down: Arc::default(),
            },
            list: Arc::new(RevocationList::new("the hub's list")),
            memory: Arc::default(),
            guard: Arc::new(MemoryReplayGuard::new()),
        };
        scene.publish("1.0");
        scene.wait(DAY * 7);
        scene.publish("1.1");
        scene.wait(DAY * 7);
        scene
    }

    fn publish(&self, version: &str) {
        let named = Metadata::new().naming([did(&self.key)], &"pypi:six".parse().unwrap());
        let mut world = self.world.lock().unwrap();
        world.publish(&self.alice, "six", version, named).unwrap();
    }

    fn wait(&self, time: Duration) {
        self.world.lock().unwrap().wait(time);
    }

    fn now(&self) -> Timestamp {
        self.world.lock().unwrap().now()
    }

    fn asked(&self) -> usize {
        self.pypi.asked.load(Ordering::Relaxed)
    }

    fn set_down(&self, is_down: bool) {
        *self.pypi.is_down.lock().unwrap() = is_down;
    }

    fn builder(&self) -> VerifierBuilder {
        Verifier::builder(HUB.parse().unwrap())
            .registry(self.pypi.clone())
            .revocations(self.list.clone())
            .revocation_memory(self.memory.clone())
    }

    fn verifier(&self) -> Verifier {
        self.builder().without_challenges().build().unwrap()
    }

    fn verifier_with_challenges(&self) -> Verifier {
        self.builder()
            .challenges(self.guard.clone(), CountingEntropy::default(), DAY / 24)
            .build()
            .unwrap()
    }

    /// A claim of a key for `six`, answering a challenge where the verifier gives one.
    fn bundle(&self, verifier: &Verifier, by: &KeyPair, challenged: bool) -> Bundle {
        let answered = challenged.then(|| {
            let (six, now) = ("pypi:six".parse().unwrap(), self.now());
            let issued = block_on(verifier.issue_challenge(did(by), six, now)).unwrap();
            issued.challenge().clone()
        });
        self.bundle_answering(verifier, by, answered)
    }

    fn bundle_answering(
        &self,
        verifier: &Verifier,
        by: &KeyPair,
        challenge: Option<Challenge>,
    ) -> Bundle {
        let mut request = ClaimRequest::new("pypi:six".parse().unwrap(), self.now())
            .for_audience(HUB.parse().unwrap());
        request.challenge = challenge;
        let context = ClaimsContext::default();
        let claimed = block_on(verifier.claim(by, &context, request, &Policy::standard()));
        claimed.unwrap().bundle
    }

    fn verify(&self, verifier: &Verifier, bundle: &Bundle) -> Decision {
        block_on(verifier.verify(bundle, &Policy::standard(), self.now()))
    }

    fn publish_revocation(
        &self,
        revocation: auths_core::claim::Signed<auths_core::claim::Revocation>,
    ) {
        self.list.publish(PublishedRevocations::new([revocation]));
    }
}

fn code(decision: &Decision) -> &'static str {
    decision.reason().map_or("", |reason| reason.code())
}
