//! The adapter, over a loopback GitHub that is played from the simulated world, keeps the contract of its port. The suite's names
//! are personal ones; organisations are held to the simulated registry in `by_name`.

use std::sync::Arc;

use auths_adapters_github::{GitHubConfig, GitHubOrgs};
use auths_core::Timestamp;
use auths_core::ports::{Clock, MemoryStore};
use auths_testkit::conformance::*;
use auths_testkit::server::{Server, Shape};
use auths_testkit::services::github;
use auths_testkit::world::{RegistryFault, SimulatedClock, World};

use crate::common::quick;

/// Where GitHub's JSON holds what the troubles are about. A personal name has no list of owners.
const SHAPE: Shape = Shape {
    name: "/login",
    owners: "/owners",
};

struct Subject;

impl NamespaceSubject for Subject {
    fn world(&self, now: Timestamp) -> World {
        World::github(now)
    }

    fn open(&self, stage: Stage) -> Opened {
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(stage.shared_world()));
        let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
            let trouble = stage.trouble();
            let reply = github::reply(&mut stage.world(), request);
            stage.answered();
            reply.in_trouble(trouble, SHAPE)
        });
        let transport = quick(clock, Arc::new(MemoryStore::new()));
        let orgs = GitHubOrgs::new(GitHubConfig::at(server.origin()), transport);
        let server = Arc::new(server);
        let counted = Arc::clone(&server);
        Opened::new(orgs)
            .counting(move || counted.requests().len())
            .keeping(server)
    }

    fn offers(&self) -> Offers {
        Offers::everything()
            .without_co_owners()
            .without_lesser_role()
            .without_reader_role()
            .without_pages()
            .without_organizations()
            .without_quarantine()
            .without_statements()
            .without_withdrawing()
            .without_troubles(&[RegistryFault::OwnersMissing, RegistryFault::OwnersEmpty])
    }
}

auths_testkit::namespace_verifier_conformance!(Subject, tokio);
