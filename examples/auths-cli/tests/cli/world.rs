//! A simulated PyPI behind a loopback server, its past made so that it ends about now.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_core::{Account, Did, Namespace};
use auths_http::SystemClock;
use auths_testkit::server::{Received, Reply, Server};
use auths_testkit::services::pypi;
use auths_testkit::world::{Metadata, Session, World};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// A registry that can be read.
pub(crate) struct Pypi {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) server: Server,
}

/// A world that began sixty days ago, with `six` of gutworth, and its session.
pub(crate) fn sixty_days_ago() -> (World, Session) {
    let mut world = World::pypi(SystemClock.now() - 60 * DAY);
    let gutworth = world.sign_up("gutworth").unwrap();
    world
        .publish(&gutworth, "six", "1.0", Metadata::new())
        .unwrap();
    (world, gutworth)
}

/// Metadata that names a DID for a project.
pub(crate) fn naming(did: &str, project: &str) -> Metadata {
    let did: Did = did.parse().unwrap();
    let namespace: Namespace = format!("pypi:{project}").parse().unwrap();
    Metadata::new().naming([did], &namespace)
}

/// Metadata that says that a DID speaks for gutworth's account.
pub(crate) fn speaking(did: &str, project: &str) -> Metadata {
    let (did, gutworth): (Did, Account) = (did.parse().unwrap(), "pypi:gutworth".parse().unwrap());
    let namespace: Namespace = format!("pypi:{project}").parse().unwrap();
    Metadata::new().speaking_for(did, &namespace, &gutworth)
}

impl Pypi {
    pub(crate) fn serve(world: World) -> Self {
        Self::serve_with(world, |_, reply| reply)
    }

    pub(crate) fn serve_with(
        world: World,
        change: impl Fn(&Received, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let world = Arc::new(Mutex::new(world));
        let shown = world.clone();
        let server = Server::start(move |request| {
            let reply = pypi::reply(&shown.lock().unwrap(), request);
            change(request, reply)
        });
        Self { world, server }
    }

    pub(crate) fn origin(&self) -> String {
        self.server.origin().to_string()
    }
}

/// A registry where gutworth owns six, and two releases of `gutworth-auths` two weeks apart say that `did` speaks for gutworth.
pub(crate) fn linked(did: &str) -> Pypi {
    Pypi::serve(linking(did))
}

/// The world of that.
pub(crate) fn linking(did: &str) -> World {
    let (mut world, gutworth) = sixty_days_ago();
    world.wait(30 * DAY);
    for version in ["1.0", "1.1"] {
        let statement = speaking(did, "gutworth-auths");
        world
            .publish(&gutworth, "gutworth-auths", version, statement)
            .unwrap();
        world.wait(14 * DAY);
    }
    world
}

/// The address of a port that nothing listens on.
pub(crate) fn nobody() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
