//! The adapter, over a loopback crates.io that is played from the simulated world, keeps the contract of its port.

use std::sync::Arc;

use auths_core::Timestamp;
use auths_core::ports::{Clock, MemoryStore};
use auths_testkit::conformance::*;
use auths_testkit::server::{Server, Shape};
use auths_testkit::services::crates_io;
use auths_testkit::world::{SimulatedClock, World};

use crate::common::adapter;

/// Where crates.io's JSON holds what the troubles are about.
const SHAPE: Shape = Shape {
    name: "/crate/name",
    owners: "/users",
};

struct Subject;

impl NamespaceSubject for Subject {
    fn world(&self, now: Timestamp) -> World {
        World::crates_io(now)
    }

    fn open(&self, stage: Stage) -> Opened {
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(stage.shared_world()));
        let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
            let trouble = stage.trouble();
            let reply = crates_io::reply(&stage.world(), request);
            stage.answered();
            // The crate's own answer and its owners' are two: each trouble is played where it can be.
            reply.in_trouble(trouble, SHAPE)
        });
        let pair = adapter(server, Arc::new(MemoryStore::new()), clock);
        let server = Arc::new(pair.server);
        let counted = Arc::clone(&server);
        Opened::new(pair.crates_io)
            .counting(move || counted.requests().len())
            .keeping(server)
    }

    fn offers(&self) -> Offers {
        Offers::everything()
            .without_lesser_role()
            .without_reader_role()
            .without_pages()
            .without_organizations()
            .without_quarantine()
            .without_statements()
            .without_withdrawing()
    }
}

auths_testkit::namespace_verifier_conformance!(Subject, tokio);
