//! The registry itself: what it answers while it holds a simulated world.

use auths_core::Timestamp;
use auths_testkit::server::{Received, Reply, Shape};
use auths_testkit::world::{PlatformRules, Project, PublishedRelease, RegistryRules, World};
use serde_json::{Value, json};

use crate::adapter::{ECOSYSTEM, NO, PLATFORM};

/// Where its answers hold the name and the owners: the owners are a whole answer.
pub(crate) fn shape(request: &Received) -> Shape {
    let owners = match request.path.ends_with("/owners") {
        true => "",
        false => "/owners",
    };
    Shape {
        name: "/name",
        owners,
    }
}

/// An empty world in which tokens add owners, there are no other roles, and accounts change their logins.
pub(crate) fn world(now: Timestamp) -> World {
    let mut rules = RegistryRules::other(ECOSYSTEM.clone(), PLATFORM.clone());
    rules.tokens_may_add_owners = true;
    rules.lesser_role = false;
    rules.reader_role = false;
    let mut accounts = PlatformRules::other(PLATFORM.clone());
    accounts.renames = true;
    World::new(ECOSYSTEM.clone(), PLATFORM.clone(), now)
        .with_rules(rules)
        .with_platform_rules(accounts)
}

pub(crate) fn answer(world: &World, request: &Received) -> Reply {
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    let ["packages", name, rest @ ..] = segments.as_slice() else {
        return Reply::status(404);
    };
    let project = world.project(*name);
    let Some(project) = project.filter(|project| !project.releases().is_empty()) else {
        return Reply::bytes(404, "text/plain; charset=utf-8", NO);
    };
    let body = match rest {
        [] => package(project),
        ["owners"] => owners(world, project),
        ["releases"] => releases(project),
        _ => return Reply::status(404),
    };
    Reply::json(200, body).etag(&format!("\"{}\"", project.serial()))
}

pub(crate) fn package(project: &Project) -> Value {
    json!({
        "id": project.id(),
        "name": project.spelled(),
        "version": project.default_release().map(PublishedRelease::version),
    })
}

pub(crate) fn owners(world: &World, project: &Project) -> Value {
    let owners = world.roles(project).into_iter().map(|listed| {
        let id = listed
            .account
            .id()
            .map(|id| id.as_str().parse::<u64>().ok());
        json!({ "id": id, "handle": listed.account.login().as_str() })
    });
    owners.collect()
}

/// Withdrawn releases are not shown.
pub(crate) fn releases(project: &Project) -> Value {
    let shown = project.releases().iter().filter(|r| !r.is_yanked());
    let releases = shown.map(|release| {
        let statements = release.metadata().statements().iter();
        let statements = statements.flat_map(|statement| {
            let package = statement.namespace.short();
            let dids = statement.dids.iter();
            dids.map(move |did| format!("{did} for {package}"))
        });
        json!({
            "version": release.version(),
            "created_at": release.files().first(),
            "statements": statements.collect::<Vec<_>>(),
        })
    });
    releases.collect()
}
