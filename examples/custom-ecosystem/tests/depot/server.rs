//! Depot itself: what it answers while it holds a simulated world.

use auths_core::Timestamp;
use auths_core::evidence::{ListedAccount, OwnerRole};
use auths_testkit::server::{Received, Reply, Shape};
use auths_testkit::world::{PlatformRules, Project, PublishedRelease, World};
use serde_json::{Value, json};

use crate::adapter::{ECOSYSTEM, PLATFORM};

pub(crate) const SHAPE: Shape = Shape {
    name: "/package",
    owners: "/owners",
};

/// An empty world with Depot as its home, where `widget` means `acme/widget`, and accounts change their logins.
pub(crate) fn world(now: Timestamp) -> World {
    let mut rules = PlatformRules::other(PLATFORM.clone());
    rules.renames = true;
    World::new(ECOSYSTEM.clone(), PLATFORM.clone(), now)
        .in_scope("acme/")
        .with_platform_rules(rules)
}

pub(crate) fn answer(world: &World, request: &Received) -> Reply {
    let segments: Vec<&str> = request.path.split('/').skip(1).collect();
    let ["packages", scope, name, rest @ ..] = segments.as_slice() else {
        return Reply::status(404);
    };
    let name = format!("{scope}/{name}");
    let Some(project) = world.project(&name) else {
        return Reply::json(404, json!({ "code": "no-such-package", "package": name }));
    };
    let page = request
        .query_value("page")
        .and_then(|page| page.parse().ok());
    let body = match (rest, page) {
        ([], None) => package(project),
        (["owners"], Some(page)) => owners(world, project, page),
        (["versions"], None) => versions(project),
        _ => return Reply::status(404),
    };
    Reply::json(200, body).etag(&format!("\"{}\"", project.serial()))
}

pub(crate) fn package(project: &Project) -> Value {
    json!({
        "package": project.spelled(),
        "id": project.id(),
        "latest": project.default_release().map(PublishedRelease::version),
    })
}

/// Fifty to a page.
pub(crate) fn owners(world: &World, project: &Project, page: usize) -> Value {
    let all = world.roles(project);
    let before = (page - 1) * 50;
    let owners = all.iter().skip(before).take(50).map(owner);
    json!({
        "package": project.spelled(),
        "id": project.id(),
        "page": page,
        "owners": owners.collect::<Vec<_>>(),
        "more": all.len() > before + 50,
    })
}

fn owner(listed: &ListedAccount) -> Value {
    let access = match listed.role {
        OwnerRole::Owner => "all",
        OwnerRole::Maintainer => "publish",
        _ => "read",
    };
    // The world's ids are numbers.
    let id = listed
        .account
        .id()
        .and_then(|id| id.as_str().parse::<u64>().ok());
    json!({ "id": id, "login": listed.account.login().as_str(), "access": access })
}

pub(crate) fn versions(project: &Project) -> Value {
    let versions = project.releases().iter().map(|release| {
        let statements = release.metadata().statements().iter();
        let statements = statements.flat_map(|statement| {
            let package = statement.namespace.short();
            let dids = statement.dids.iter();
            dids.map(move |did| format!("{did} for {package}"))
        });
        json!({
            "version": release.version(),
            "published_at": release.files().first(),
            "yanked": release.is_yanked(),
            "statements": statements.collect::<Vec<_>>(),
        })
    });
    json!({
        "package": project.spelled(),
        "id": project.id(),
        "versions": versions.collect::<Vec<_>>(),
    })
}
