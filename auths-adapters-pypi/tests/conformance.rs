//! The adapter, over a loopback PyPI that is played from the simulated world, keeps the contracts of its ports.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::ports::{Clock, FixedClock, MemoryStore, ProofHint};
use auths_core::use_cases::StatementProver;
use auths_core::{Account, Did, Platform, Timestamp};
use auths_testkit::conformance::*;
use auths_testkit::server::{Server, Shape, SimulatedBackend};
use auths_testkit::services::pypi::reply;
use auths_testkit::world::{Metadata, RegistryFault, World};
use common::{Pair, adapter_by, pypi_at};

/// Where PyPI's JSON holds what the troubles are about.
const SHAPE: Shape = Shape {
    name: "/info/name",
    owners: "/ownership/roles",
};

mod namespaces {
    use super::*;

    fn subject() -> SimulatedBackend<PyPi> {
        SimulatedBackend::new(World::pypi, reply, SHAPE, |site| {
            PyPi::new(PyPiConfig::at(site.origin()), site.transport())
        })
        .offering(Offers::everything().without_reader_role().without_pages())
    }

    auths_testkit::namespace_verifier_conformance!(subject(), tokio);
}

mod accounts {
    use super::*;

    const PACKAGE: &str = "alice-auths";

    /// One PyPI, which holds what the scene says.
    struct Subject {
        pair: Pair,
        scene: Arc<Mutex<(World, Option<RegistryFault>)>>,
    }

    fn later() -> Timestamp {
        "2026-03-01T00:00:00Z".parse().unwrap()
    }

    /// A world in which `login` published its package twice, long ago, which says that `did` speaks for alice's account.
    fn world(login: &str, did: &Did) -> World {
        let mut world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
        let session = world.sign_up(login).unwrap();
        let name = world.namespace(PACKAGE).unwrap();
        let alice = "pypi:alice".parse().unwrap();
        for version in ["1.0", "1.1"] {
            let metadata = Metadata::new().speaking_for(did.clone(), &name, &alice);
            let published = world.publish(&session, PACKAGE, version, metadata);
            published.unwrap();
            world.wait(Duration::from_secs(10 * 86_400));
        }
        world
    }

    impl Subject {
        fn new() -> Self {
            let scene = Arc::new(Mutex::new((World::pypi(later()), None)));
            let clock: Arc<dyn Clock> = Arc::new(FixedClock(later()));
            let shown = Arc::clone(&scene);
            let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
                let (world, trouble) = &*shown.lock().unwrap();
                reply(world, request).in_trouble(*trouble, SHAPE)
            });
            let pair = adapter_by(server, Arc::new(MemoryStore::new()), clock, |config| config);
            Self { pair, scene }
        }
    }

    #[async_trait]
    impl AccountSubject for Subject {
        /// Evidence from a configured server is about that server's accounts.
        fn account(&self) -> Account {
            let account: Account = "pypi:alice".parse().unwrap();
            account.at(Some(self.pair.server.origin()))
        }

        fn now(&self) -> Timestamp {
            later()
        }

        async fn open(&self, scene: &ProofScene, claim: &Signed<PlatformClaim>) -> Proving {
            let own = claim.did();
            let world = match scene {
                ProofScene::OfAnotherAccount => world("mallory", own),
                ProofScene::OfAnotherDid(other) => world("alice", other),
                ProofScene::Absent => World::pypi(later()),
                _ => world("alice", own),
            };
            let trouble = match scene {
                ProofScene::InTrouble(trouble) => Some(*trouble),
                _ => None,
            };
            *self.scene.lock().unwrap() = (world, trouble);
            let hint = ProofHint::Statement(self.pair.namespace(PACKAGE));
            // A new one each time: nothing that an earlier scene showed is remembered.
            let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(FixedClock(later())));
            let pypi = pypi_at(self.pair.server.origin(), store, clock, |config| config);
            Proving::new(StatementProver::new(Platform::PYPI, Arc::new(pypi)), hint)
        }
    }

    auths_testkit::account_prover_conformance!(Subject::new(), tokio);
}
