//! Shelf itself: what it answers while it holds a simulated world. All that the tests need to know of its wire.
#![allow(dead_code, reason = "each test uses its part")]

use auths_core::Timestamp;
use auths_core::evidence::Role;
use auths_testkit::server::{Received, Reply, Shape};
use auths_testkit::world::{Project, PublishedRelease, World};
use custom_ecosystem::{ECOSYSTEM, PLATFORM};
use serde_json::{Value, json};

/// Where its answers hold the name and the owners, as JSON pointers.
pub(crate) const SHAPE: Shape = Shape {
    name: "/name",
    owners: "/keepers",
};

/// An empty world with Shelf as its home. Shelf has no ids.
pub(crate) fn world(now: Timestamp) -> World {
    World::new(ECOSYSTEM.clone(), PLATFORM.clone(), now).names_only()
}

/// What it answers.
pub(crate) fn answer(world: &World, request: &Received) -> Reply {
    let Some(name) = request.path.strip_prefix("/works/") else {
        return Reply::status(404);
    };
    match world
        .project(name)
        .filter(|work| !work.releases().is_empty())
    {
        Some(work) => Reply::json(200, body(world, work)).etag(&format!("\"{}\"", work.serial())),
        None => Reply::json(404, json!({ "error": "no-such-work", "name": name })),
    }
}

/// The good answer about a work.
pub(crate) fn body(world: &World, work: &Project) -> Value {
    let keepers = world.roles(work).into_iter().map(|listed| {
        let role = match listed.role {
            Role::Owner => "keeper",
            Role::Maintainer => "binder",
            _ => "reader",
        };
        json!({ "login": listed.account.login().as_str(), "role": role })
    });
    json!({
        "name": work.spelled(),
        "registered": work.created(),
        "keepers": keepers.collect::<Vec<_>>(),
        "current": work.default_release().map(PublishedRelease::version),
        "editions": work.releases().iter().map(edition).collect::<Vec<_>>(),
    })
}

fn edition(release: &PublishedRelease) -> Value {
    let statements = release.metadata().statements().iter();
    let voices = statements.flat_map(|statement| {
        let speaks_for = statement.namespace.short();
        let dids = statement.dids.iter();
        dids.map(move |did| json!({ "did": did, "speaks_for": speaks_for }))
    });
    json!({
        "number": release.version(),
        "shelved": release.files().iter().min(),
        "withdrawn": release.is_yanked(),
        "voices": voices.collect::<Vec<_>>(),
    })
}
