//! The simulated world in crates.io's own wire format: the answers of a server for demonstrations and tests.
//!
//! ```
//! use auths_testkit::services::crates_io::answer;
//! use auths_testkit::world::{Metadata, World};
//!
//! let mut world = World::crates_io("2026-01-01T00:00:00Z".parse()?);
//! let alice = world.sign_up("alice")?;
//! world.publish(&alice, "demo", "1.0.0", Metadata::new())?;
//! assert_eq!(answer(&world, "GET", "/api/v1/crates/demo", Some("include=versions")).status, 200);
//! assert_eq!(answer(&world, "GET", "/api/v1/crates/other", None).status, 404);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "server")]
use std::sync::{Arc, Mutex};

#[cfg(feature = "server")]
use crate::server::{Received, Reply, Server};
use crate::world::{CratesUser, Project, World};
use auths_core::Namespace;
#[cfg(feature = "server")]
use auths_core::ports::Clock;
use serde_json::{Value, json};

use auths_adapters_github::PUBLIC_WEB;

use super::SimulatedAnswer;

/// Returns the answer of the simulated crates.io to `method` at `path` with this query.
///
/// The known routes are `/api/v1/crates/{name}`, `/api/v1/crates/{name}/owners` and `/api/v1/users/{login}`. Everything else is a
/// 404.
#[must_use]
pub fn answer(world: &World, method: &str, path: &str, query: Option<&str>) -> SimulatedAnswer {
    if method != "GET" {
        return error(405, "Method Not Allowed");
    }
    let includes = |what: &str| query == Some(format!("include={what}").as_str());
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let found = match segments.as_slice() {
        ["api", "v1", "crates", name] => match project(world, name) {
            Some(project) => Some(krate(project, world, includes("versions"))),
            None => return no_such_crate(name),
        },
        ["api", "v1", "crates", name, "owners"] => match project(world, name) {
            Some(project) => Some(owners(project, world)),
            None => return no_such_crate(name),
        },
        ["api", "v1", "users", login] => user(world, login, includes("linked_accounts")),
        _ => None,
    };
    match found {
        Some(body) => SimulatedAnswer::json(200, &body),
        None => error(404, "Not Found"),
    }
}

/// Returns the reply of a loopback server that answers as crates.io.
#[cfg(feature = "server")]
#[must_use]
pub fn reply(world: &World, request: &Received) -> Reply {
    let query = request.query.as_deref();
    answer(world, &request.method, &request.path, query).into()
}

/// Starts a loopback server that answers as crates.io from a shared world, and dates its answers by `clock`.
///
/// # Panics
/// When no port of 127.0.0.1 can be had.
#[cfg(feature = "server")]
#[must_use]
pub fn serve(world: Arc<Mutex<World>>, clock: Arc<dyn Clock>) -> Server {
    super::serve::serve(world, clock, |world, request| reply(world, request))
}

fn no_such_crate(name: &str) -> SimulatedAnswer {
    error(404, &format!("crate `{name}` does not exist"))
}

fn error(status: u16, detail: &str) -> SimulatedAnswer {
    let body = json!({ "errors": [{ "detail": detail }] });
    SimulatedAnswer::json(status, &body)
}

fn project<'w>(world: &'w World, name: &str) -> Option<&'w Project> {
    let namespace: Namespace = format!("cargo:{name}").parse().ok()?;
    world.project(&namespace)
}

fn krate(project: &Project, world: &World, with_versions: bool) -> Value {
    let name = project.spelled();
    let versions = || -> Vec<Value> {
        let newest_first = project.releases().iter().rev();
        newest_first.map(|release| {
            let by = release.published_by().and_then(|id| world.crates_user(id));
            json!({
                "audit_actions": [], "crate": name, "num": release.version(), "yanked": release.is_yanked(),
                "created_at": release.files().first().map(|at| precise(&at.to_string())),
                "published_by": by.map(public), "trustpub_data": null,
            })
        }).collect()
    };
    json!({
        "crate": {
            "id": name, "name": name, "created_at": precise(&project.created().to_string()), "description": "simulated",
            "num_versions": project.releases().len(), "repository": null, "trustpub_only": false,
        },
        "versions": with_versions.then(versions), "keywords": null, "categories": null,
    })
}

/// Returns a time as the server writes it: with a fraction and an offset.
fn precise(time: &str) -> String {
    time.replace('Z', ".000000+00:00")
}

fn owners(project: &Project, world: &World) -> Value {
    let listed = world.roles(project);
    let users = listed.iter().filter_map(|listed| {
        let github = listed.account.id()?.as_str().parse().ok()?;
        let user = world.crates_user(github)?;
        let mut owner = public(user);
        owner["kind"] = json!("user");
        owner["github_username_matches"] = json!(user.username == user.github_login);
        Some(owner)
    });
    let teams = project.teams().iter().map(|team| {
        json!({ "id": team.team, "kind": "team", "login": team.label, "name": null, "avatar": null, "url": null })
    });
    json!({ "users": users.chain(teams).collect::<Vec<_>>() })
}

fn public(user: &CratesUser) -> Value {
    json!({
        "id": user.id, "login": user.username, "name": null,
        "avatar": format!("https://avatars.githubusercontent.com/u/{}?v=4", user.github_id),
        "url": format!("{PUBLIC_WEB}/{}", user.github_login),
    })
}

fn user(world: &World, login: &str, with_linked: bool) -> Option<Value> {
    let key = |text: &str| text.to_ascii_lowercase().replace('-', "_");
    let user = world
        .crates_users()
        .find(|u| key(&u.username) == key(login))?;
    let mut body = json!({ "user": public(user) });
    if with_linked {
        body["linked_accounts"] = json!([{
            "provider": "github", "account_id": user.github_id.to_string(), "login": user.github_login, "avatar": null,
        }]);
    }
    Some(body)
}
