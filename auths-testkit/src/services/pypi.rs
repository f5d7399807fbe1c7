//! The simulated world in PyPI's own wire format: the answers of a server for demonstrations and tests.
//!
//! ```
//! use auths_testkit::services::pypi::answer;
//! use auths_testkit::world::{Metadata, World};
//!
//! let mut world = World::pypi("2026-01-01T00:00:00Z".parse()?);
//! let alice = world.sign_up("alice")?;
//! world.publish(&alice, "six", "1.0", Metadata::new())?;
//! assert_eq!(answer(&world, "GET", "/pypi/six/json").status, 200);
//! assert_eq!(answer(&world, "GET", "/pypi/Six/json").status, 301);
//! assert_eq!(answer(&world, "GET", "/pypi/seven/json").status, 404);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "server")]
use std::sync::{Arc, Mutex};

#[cfg(feature = "server")]
use crate::server::{Received, Reply, Server};
use crate::world::{Metadata, Project, PublishedRelease, World};
use auths_core::evidence::OwnerRole;
#[cfg(feature = "server")]
use auths_core::ports::Clock;
use auths_core::{Ecosystem, Namespace, PackageName};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::SimulatedAnswer;
use auths_adapters_pypi::statement::{
    LABEL, render, render_for_account, render_keyword, render_keyword_for_account,
};

/// The media type of the simple index as JSON (PEP 691).
const SIMPLE: &str = "application/vnd.pypi.simple.v1+json";

/// Returns the answer of the simulated PyPI to `method` at `path` (percent-encoded, as in a request).
///
/// The known routes are `/pypi/{name}/json`, `/pypi/{name}/{version}/json` and `/simple/{name}/`. Everything else is a 404.
#[must_use]
pub fn answer(world: &World, method: &str, path: &str) -> SimulatedAnswer {
    if method != "GET" && method != "HEAD" {
        return plain(405);
    }
    let segments: Option<Vec<String>> = path
        .strip_prefix('/')
        .unwrap_or_default()
        .split('/')
        .map(|s| Some(percent_decode_str(s).decode_utf8().ok()?.into_owned()))
        .collect();
    let segments = segments.unwrap_or_default();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match segments.as_slice() {
        ["pypi", name, "json"] => at_normal_name(path, name, unknown(), |n| project(world, n)),
        ["pypi", name, version, "json"] => {
            at_normal_name(path, name, unknown(), |n| release(world, n, version))
        }
        ["simple", name, ""] => at_normal_name(path, name, plain(404), |n| index(world, n)),
        _ => plain(404),
    }
}

/// Returns the reply of a loopback server that answers as PyPI.
#[cfg(feature = "server")]
#[must_use]
pub fn reply(world: &World, request: &Received) -> Reply {
    answer(world, &request.method, &request.path).into()
}

/// Starts a loopback server that answers as PyPI from a shared world, and dates its answers by `clock`.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use auths_testkit::services::pypi;
/// use auths_testkit::world::{SimulatedClock, World};
///
/// let world = Arc::new(Mutex::new(World::pypi("2026-01-01T00:00:00Z".parse()?)));
/// let server = pypi::serve(world.clone(), Arc::new(SimulatedClock::new(world)));
/// assert!(server.origin().is_loopback());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Panics
/// When no port of 127.0.0.1 can be had.
#[cfg(feature = "server")]
#[must_use]
pub fn serve(world: Arc<Mutex<World>>, clock: Arc<dyn Clock>) -> Server {
    super::serve::serve(world, clock, |world, request| reply(world, request))
}

/// Returns the answer of the JSON API for a project or release that it does not know.
fn unknown() -> SimulatedAnswer {
    SimulatedAnswer::json(404, &json!({ "message": "Not Found" }))
}

fn plain(status: u16) -> SimulatedAnswer {
    let body = format!("<html><body>{status}</body></html>");
    SimulatedAnswer::new(status, "text/html; charset=UTF-8", body)
}

/// Adds the headers that an answer about a project has.
fn about_project(answer: SimulatedAnswer, project: &Project) -> SimulatedAnswer {
    let serial = project.serial().to_string();
    answer.with_etag().with_header("x-pypi-last-serial", serial)
}

/// Returns the answer at the normal form of `name`, or `unknown`. For any other spelling, returns a redirect to the normal form.
fn at_normal_name(
    path: &str,
    name: &str,
    unknown: SimulatedAnswer,
    answer: impl FnOnce(&PackageName) -> Option<SimulatedAnswer>,
) -> SimulatedAnswer {
    let Ok(normal) = PackageName::parse(&Ecosystem::PYPI, name) else {
        return unknown;
    };
    if normal.as_str() != name {
        // The name is the second segment of every address.
        let mut segments: Vec<&str> = path.split('/').collect();
        if let Some(segment) = segments.get_mut(2) {
            *segment = normal.as_str();
        }
        return plain(301).with_header("location", segments.join("/"));
    }
    answer(&normal).unwrap_or(unknown)
}

/// Returns the project on PyPI, whichever server the world simulates.
fn named<'a>(world: &'a World, name: &PackageName) -> Option<&'a Project> {
    world.project(&Namespace::new(Ecosystem::PYPI, name.clone()))
}

/// Returns the project as the JSON API shows it. The API hides quarantined projects, and those without a release.
fn shown<'a>(world: &'a World, name: &PackageName) -> Option<&'a Project> {
    let project = named(world, name)?;
    (!project.is_quarantined() && !project.releases().is_empty()).then_some(project)
}

fn project(world: &World, name: &PackageName) -> Option<SimulatedAnswer> {
    let project = shown(world, name)?;
    let latest = project.default_release()?;
    let releases: Map<String, Value> = project
        .releases()
        .iter()
        .map(|r| (r.version().to_owned(), files(project, r)))
        .collect();
    let mut body = about(world, project, latest);
    body["releases"] = Value::Object(releases);
    Some(about_project(SimulatedAnswer::json(200, &body), project))
}

fn release(world: &World, name: &PackageName, version: &str) -> Option<SimulatedAnswer> {
    let project = shown(world, name)?;
    let release = project.release(version)?;
    let body = about(world, project, release);
    Some(about_project(SimulatedAnswer::json(200, &body), project))
}

fn about(world: &World, project: &Project, release: &PublishedRelease) -> Value {
    let roles: Vec<Value> = world
        .roles(project)
        .iter()
        .map(|listed| {
            let role = match listed.role {
                OwnerRole::Owner => "Owner",
                _ => "Maintainer",
            };
            json!({ "role": role, "user": listed.account.login().as_str() })
        })
        .collect();
    json!({
        "info": info(project, release),
        "last_serial": project.serial(),
        "ownership": { "organization": project.organization(), "roles": roles },
        "urls": files(project, release),
        "vulnerabilities": [],
    })
}

fn info(project: &Project, release: &PublishedRelease) -> Value {
    let (urls, keywords) = typed(release.metadata());
    json!({
        "author": "", "bugtrack_url": null, "classifiers": [], "description": "", "home_page": "",
        "downloads": { "last_day": -1, "last_month": -1, "last_week": -1 },
        "keywords": keywords, "name": project.spelled(), "project_urls": urls, "summary": "",
        "version": release.version(), "yanked": release.is_yanked(), "yanked_reason": null,
    })
}

/// Returns the project URLs and keywords. Every second statement is put into keywords, so that both places are used.
fn typed(metadata: &Metadata) -> (Value, Value) {
    let mut urls = Map::new();
    let mut keywords = vec!["simulated".to_owned()];
    if let Some(repository) = metadata.repository() {
        let url = format!(
            "https://{}.com/{}/{}",
            repository.platform, repository.owner, repository.name
        );
        urls.insert("Source".to_owned(), json!(url));
    }
    for (i, statement) in metadata.statements().iter().enumerate() {
        let (dids, name) = (&statement.dids, &statement.namespace);
        let label = |n: usize| match (i, n) {
            (0, 0) => LABEL.to_owned(),
            (i, n) => format!("{LABEL} {i}.{n}"),
        };
        match (i % 2, &statement.account) {
            (0, None) => drop(urls.insert(label(0), json!(render(dids, name)))),
            (0, Some(account)) => {
                for (n, did) in dids.iter().enumerate() {
                    let url = render_for_account(did, name, account);
                    urls.insert(label(n), json!(url));
                }
            }
            (_, None) => keywords.extend(dids.iter().map(|did| render_keyword(did, name))),
            (_, Some(account)) => keywords.extend(
                dids.iter()
                    .map(|did| render_keyword_for_account(did, name, account)),
            ),
        }
    }
    let urls = match urls.is_empty() {
        true => Value::Null,
        false => Value::Object(urls),
    };
    (urls, json!(keywords.join(",")))
}

fn files(project: &Project, release: &PublishedRelease) -> Value {
    let version = release.version();
    let each = release.files().iter().enumerate().map(|(i, uploaded)| {
        let time = uploaded.to_string();
        json!({
            "digests": { "sha256": "" }, "downloads": -1, "filename": format!("{}-{version}-{i}.whl", project.spelled()),
            "has_sig": false, "packagetype": "bdist_wheel", "size": 1, "upload_time": time.trim_end_matches('Z'),
            "upload_time_iso_8601": time, "yanked": release.is_yanked(), "yanked_reason": null,
        })
    });
    each.collect()
}

fn index(world: &World, name: &PackageName) -> Option<SimulatedAnswer> {
    let project = named(world, name)?;
    let hidden = project.is_quarantined();
    let with_files = || {
        let releases = project.releases().iter();
        releases.filter(|r| !hidden && !r.files().is_empty())
    };
    let files: Vec<Value> = with_files()
        .flat_map(|r| {
            r.files()
                .iter()
                .map(|time| json!({ "upload-time": time, "yanked": r.is_yanked() }))
        })
        .collect();
    let versions: Vec<&str> = with_files().map(PublishedRelease::version).collect();
    let body = json!({
        "meta": { "_last-serial": project.serial(), "api-version": "1.4" },
        "name": name.as_str(),
        "project-status": { "status": if hidden { "quarantined" } else { "active" } },
        "files": files,
        "versions": versions,
    });
    let answer = SimulatedAnswer::new(200, SIMPLE, body.to_string());
    Some(about_project(answer, project))
}
