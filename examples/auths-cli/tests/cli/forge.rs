//! A simulated GitHub and its crates.io behind loopback servers, their past made so that it ends about now.

use std::sync::{Arc, Mutex, MutexGuard};

use auths_core::Platform;
use auths_http::SystemClock;
use auths_testkit::server::{Received, Reply, Server};
use auths_testkit::services::github::{self, Asked};
use auths_testkit::services::{SimulatedAnswer, crates_io};
use auths_testkit::world::{Metadata, Session, World};

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::world::DAY;

/// GitHub's API and crates.io, of one world.
pub(crate) struct Forge {
    world: Arc<Mutex<World>>,
    pub(crate) github: Server,
    pub(crate) crates_io: Server,
}

/// A world that began sixty days ago, with the crate `demo` of alice, and her session.
pub(crate) fn demo_of_alice() -> (World, Session) {
    let mut world = World::crates_io(SystemClock.now() - 60 * DAY);
    let alice = world.sign_up_on(&Platform::GITHUB, "alice").unwrap();
    world
        .publish(&alice, "demo", "1.0.0", Metadata::new())
        .unwrap();
    (world, alice)
}

/// Lets the world's time pass until a moment ago.
pub(crate) fn until_now(world: &mut World) {
    let left = SystemClock.now().since(world.now());
    world.wait(left);
}

impl Forge {
    pub(crate) fn serve(mut world: World) -> Self {
        until_now(&mut world);
        Self::serve_with(world, |_, reply| reply)
    }

    /// The same, GitHub's answers changed.
    pub(crate) fn serve_with(
        world: World,
        change: impl Fn(&Received, Reply) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::serving(world, move |world, request| {
            change(request, github::reply(world, request))
        })
    }

    /// The same, GitHub's answers edited before they are sent, or others sent in their place; the world's time is the machine's.
    pub(crate) fn serve_edited(
        world: World,
        edit: impl Fn(&mut World, &Received, &mut Value) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        Self::serving(world, move |world, request| {
            until_now(world);
            let mut answer: SimulatedAnswer = github::answer(world, &Asked::from(request));
            let mut body = serde_json::from_str(&answer.body).unwrap();
            let other = edit(world, request, &mut body);
            answer.body = body.to_string();
            // It is a validator of what was there before.
            answer.headers.retain(|(name, _)| *name != "etag");
            other.unwrap_or_else(|| answer.into())
        })
    }

    fn serving(
        world: World,
        github: impl Fn(&mut World, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let world = Arc::new(Mutex::new(world));
        let for_github = world.clone();
        let github = Server::start(move |request| github(&mut for_github.lock().unwrap(), request));
        let crates_io = crates_io::serve(world.clone(), Arc::new(SystemClock));
        Self {
            world,
            github,
            crates_io,
        }
    }

    /// The same, crates.io's answers edited before they are sent, or others sent in their place.
    pub(crate) fn with_crates_io(
        mut self,
        edit: impl Fn(&Received, &mut Value) -> Option<Reply> + Send + Sync + 'static,
    ) -> Self {
        let world = self.world.clone();
        self.crates_io = Server::start(move |request| {
            let (world, query) = (world.lock().unwrap(), request.query.as_deref());
            let answer = crates_io::answer(&world, &request.method, &request.path, query);
            let mut body = serde_json::from_str(&answer.body).unwrap();
            let other = edit(request, &mut body);
            other.unwrap_or_else(|| Reply::json(answer.status, body))
        });
        self
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// The sandbox, asking these servers.
    pub(crate) fn asked_by(&self, sandbox: Sandbox) -> Sandbox {
        sandbox
            .origin("github", self.github.origin())
            .origin("github-api", self.github.origin())
            .origin("crates-io", self.crates_io.origin())
    }
}
