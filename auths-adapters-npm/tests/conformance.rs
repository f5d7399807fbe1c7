//! The adapter, over a loopback npm registry that is played from the simulated world, keeps the contracts of its ports.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_adapters_npm::{Npm, NpmConfig};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::ports::{Clock, FixedClock, MemoryStore, ProofHint};
use auths_core::use_cases::StatementProver;
use auths_core::{Account, Did, Platform, Timestamp};
use auths_testkit::conformance::*;
use auths_testkit::server::{Server, Shape, SimulatedBackend};
use auths_testkit::services::npm;
use auths_testkit::world::{Metadata, RegistryFault, World};
use common::{Pair, adapter_by, npm_at};

/// Where a packument holds what the troubles are about.
const SHAPE: Shape = Shape {
    name: "/name",
    owners: "/maintainers",
};

mod namespaces {
    use super::*;

    /// npm has no lesser role. Organisations own scopes, not single packages: see `evidence.rs`.
    fn subject() -> SimulatedBackend<Npm> {
        let offers = Offers::everything()
            .without_lesser_role()
            .without_reader_role()
            .without_pages()
            .without_organizations();
        let subject = SimulatedBackend::new(World::npm, npm::reply, SHAPE, |site| {
            Npm::new(NpmConfig::at(site.origin()), site.transport())
        });
        subject.offering(offers)
    }

    auths_testkit::namespace_verifier_conformance!(subject(), tokio);
}

mod accounts {
    use super::*;

    fn package(login: &str) -> String {
        format!("@{login}/auths")
    }

    /// One npm, which holds what the scene says.
    struct Subject {
        pair: Pair,
        scene: Arc<Mutex<(World, Option<RegistryFault>)>>,
    }

    fn later() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    /// A world in which `login` published its package twice, long ago, which says that `did` speaks for alice's account.
    fn world(login: &str, did: &Did) -> World {
        let mut world = World::npm("2026-01-01T00:00:00Z".parse().unwrap());
        let session = world.sign_up(login).unwrap();
        let package = package(login);
        let name = world.namespace(&package).unwrap();
        let alice = "npm:alice".parse().unwrap();
        for version in ["1.0.0", "1.1.0"] {
            let metadata = Metadata::new().speaking_for(did.clone(), &name, &alice);
            let published = world.publish(&session, &package, version, metadata);
            published.unwrap();
            world.wait(Duration::from_secs(10 * 86_400));
        }
        world
    }

    impl Subject {
        fn new() -> Self {
            let scene = Arc::new(Mutex::new((World::npm(later()), None)));
            let clock: Arc<dyn Clock> = Arc::new(FixedClock(later()));
            let shown = Arc::clone(&scene);
            let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
                let (world, trouble) = &*shown.lock().unwrap();
                npm::reply(world, request).in_trouble(*trouble, SHAPE)
            });
            let pair = adapter_by(server, Arc::new(MemoryStore::new()), clock, |config| config);
            Self { pair, scene }
        }
    }

    #[async_trait]
    impl AccountSubject for Subject {
        /// Evidence from a configured server is about that server's accounts.
        fn account(&self) -> Account {
            let account: Account = "npm:alice".parse().unwrap();
            account.at(Some(self.pair.server.origin()))
        }

        fn now(&self) -> Timestamp {
            later()
        }

        async fn open(&self, scene: &ProofScene, claim: &Signed<PlatformClaim>) -> Proving {
            let own = claim.did();
            let login = match scene {
                ProofScene::OfAnotherAccount => "mallory",
                _ => "alice",
            };
            let world = match scene {
                ProofScene::OfAnotherAccount => world(login, own),
                ProofScene::OfAnotherDid(other) => world("alice", other),
                ProofScene::Absent => World::npm(later()),
                _ => world("alice", own),
            };
            let trouble = match scene {
                ProofScene::InTrouble(trouble) => Some(*trouble),
                _ => None,
            };
            *self.scene.lock().unwrap() = (world, trouble);
            let hint = ProofHint::Statement(self.pair.namespace(&package(login)));
            // A new one each time: nothing that an earlier scene showed is remembered.
            let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(FixedClock(later())));
            let npm = npm_at(self.pair.server.origin(), store, clock, |config| config);
            Proving::new(StatementProver::new(Platform::NPM, Arc::new(npm)), hint)
        }
    }

    auths_testkit::account_prover_conformance!(Subject::new(), tokio);
}
