//! The example registry itself: what it answers while it holds a simulated world. All that the tests need to know of its wire.
#![allow(dead_code, reason = "each test uses its part")]

use auths_core::Timestamp;
use auths_core::evidence::OwnerRole;
use auths_testkit::server::{Received, Reply, Shape};
use auths_testkit::world::{Project, PublishedRelease, World};
use custom_ecosystem::{ECOSYSTEM, PLATFORM};
use serde_json::{Value, json};

/// Where its answers hold the name and the owners, as JSON pointers.
pub(crate) const SHAPE: Shape = Shape {
    name: "/name",
    owners: "/owners",
};

/// An empty world with the registry as its home. The registry has no ids.
pub(crate) fn world(now: Timestamp) -> World {
    World::new(ECOSYSTEM.clone(), PLATFORM.clone(), now).names_only()
}

/// What it answers.
pub(crate) fn answer(world: &World, request: &Received) -> Reply {
    let Some(name) = request.path.strip_prefix("/packages/") else {
        return Reply::status(404);
    };
    let package = world.project(name);
    let Some(package) = package.filter(|package| !package.releases().is_empty()) else {
        return Reply::json(404, json!({ "error": "no-such-package", "name": name }));
    };
    let tag = format!("\"{}\"", package.serial());
    Reply::json(200, body(world, package)).etag(&tag)
}

/// The good answer about a package.
pub(crate) fn body(world: &World, package: &Project) -> Value {
    let owners = world.roles(package).into_iter().map(|listed| {
        let role = match listed.role {
            OwnerRole::Owner => "owner",
            OwnerRole::Maintainer => "maintainer",
            _ => "reader",
        };
        json!({ "login": listed.account.login().as_str(), "role": role })
    });
    json!({
        "name": package.spelled(),
        "registered": package.created(),
        "owners": owners.collect::<Vec<_>>(),
        "latest": package.default_release().map(PublishedRelease::version),
        "releases": package.releases().iter().map(entry).collect::<Vec<_>>(),
    })
}

fn entry(release: &PublishedRelease) -> Value {
    let statements = release.metadata().statements().iter();
    let statements = statements.flat_map(|statement| {
        let package = statement.namespace.short();
        let dids = statement.dids.iter();
        dids.map(move |did| json!({ "did": did, "package": package }))
    });
    json!({
        "version": release.version(),
        "published": release.files().iter().min(),
        "withdrawn": release.is_yanked(),
        "statements": statements.collect::<Vec<_>>(),
    })
}
