//! The simulated world in npm's own wire format: the answers of a server for demonstrations and tests.
//!
//! ```
//! use auths_testkit::services::npm::answer;
//! use auths_testkit::world::{Metadata, World};
//!
//! let mut world = World::npm("2026-01-01T00:00:00Z".parse()?);
//! let alice = world.sign_up("alice")?;
//! world.publish(&alice, "@alice/auths", "1.0.0", Metadata::new())?;
//! assert_eq!(answer(&world, "GET", "/@alice%2fauths").status, 200);
//! assert_eq!(answer(&world, "GET", "/left").status, 404);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "server")]
use std::sync::{Arc, Mutex};

#[cfg(feature = "server")]
use crate::server::{Received, Reply, Server};
use crate::world::{Metadata, Project, PublishedRelease, World};
use auths_core::evidence::SourceRepository;
#[cfg(feature = "server")]
use auths_core::ports::Clock;
use auths_core::{Ecosystem, Namespace, Platform, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use auths_adapters_npm::statement;

use super::SimulatedAnswer;
use super::answer::hash;

/// Returns the answer of the simulated npm to `method` at `path` (percent-encoded, as in a request).
///
/// The known route is `/{name}`, where the slash of a scoped name is escaped. Everything else is a 404.
#[must_use]
pub fn answer(world: &World, method: &str, path: &str) -> SimulatedAnswer {
    if method != "GET" && method != "HEAD" {
        return plain(405, "method not allowed");
    }
    let segment = path.strip_prefix('/').filter(|p| !p.contains('/'));
    let name = segment.and_then(|s| percent_decode_str(s).decode_utf8().ok());
    let namespace = name.and_then(|name| Namespace::parse_name(Ecosystem::NPM, &name).ok());
    namespace
        .and_then(|namespace| packument(world, &namespace))
        .map_or_else(|| plain(404, "Not found"), |body| ok(&body))
}

/// Returns the reply of a loopback server that answers as npm.
#[cfg(feature = "server")]
#[must_use]
pub fn reply(world: &World, request: &Received) -> Reply {
    answer(world, &request.method, &request.path).into()
}

/// Starts a loopback server that answers as npm from a shared world, and dates its answers by `clock`.
///
/// # Panics
/// When no port of 127.0.0.1 can be had.
#[cfg(feature = "server")]
#[must_use]
pub fn serve(world: Arc<Mutex<World>>, clock: Arc<dyn Clock>) -> Server {
    super::serve::serve(world, clock, |world, request| reply(world, request))
}

fn plain(status: u16, error: &str) -> SimulatedAnswer {
    SimulatedAnswer::json(status, &json!({ "error": error }))
}

fn ok(body: &Value) -> SimulatedAnswer {
    SimulatedAnswer::json(200, body).with_etag()
}

/// Returns what npm shows of a name; `None` when it does not know the name.
fn packument(world: &World, namespace: &Namespace) -> Option<Value> {
    if let Some(gone) = world.buried(namespace) {
        return Some(unpublished(
            namespace,
            gone.created,
            gone.deleted,
            &gone.history,
        ));
    }
    let project = world.project(namespace)?;
    if project.is_quarantined() {
        return Some(held(project));
    }
    Some(match project.default_release() {
        Some(latest) => shown(world, project, latest),
        // npm removes a package together with its last version.
        None => unpublished(namespace, project.created(), world.now(), project.history()),
    })
}

fn shown(world: &World, project: &Project, latest: &PublishedRelease) -> Value {
    let versions: Map<String, Value> = project
        .releases()
        .iter()
        .map(|release| {
            (
                release.version().to_owned(),
                manifest(world, project, release),
            )
        })
        .collect();
    let maintainers: Vec<Value> = world
        .roles(project)
        .iter()
        .map(|listed| maintainer(listed.account.login().as_str()))
        .collect();
    let tags: Map<String, Value> = project
        .tags()
        .map(|(tag, version)| (tag.to_owned(), json!(version)))
        .collect();
    let mut body = head(project.namespace(), project.revision());
    body["dist-tags"] = Value::Object(tags);
    body["versions"] = Value::Object(versions);
    body["time"] = time(project.created(), project.history());
    body["maintainers"] = json!(maintainers);
    body["readme"] = json!("# It");
    if let Some(repository) = latest.metadata().repository() {
        body["repository"] = typed(repository);
    }
    body
}

/// Returns a package that was unpublished. npm still shows when its versions were published.
fn unpublished(
    namespace: &Namespace,
    created: Timestamp,
    ended: Timestamp,
    history: &[(String, Timestamp)],
) -> Value {
    let versions: Vec<&str> = history.iter().map(|(v, _)| v.as_str()).collect();
    let mut body = head(namespace, 1_000_000);
    body["time"] = time(created, history);
    body["time"]["unpublished"] = json!({ "time": at(ended), "versions": versions });
    body
}

/// Returns the package that npm puts in the place of one that it took away.
fn held(project: &Project) -> Value {
    let version = "0.0.1-security";
    let mut body = head(project.namespace(), project.revision());
    body["dist-tags"] = json!({ "latest": version });
    body["versions"] = json!({ version: {
        "name": project.namespace().name().as_str(), "version": version, "repository": "npm/security-holder",
    } });
    body["time"] = json!({ "created": at(project.created()), "modified": at(project.created()),
        version: at(project.created()) });
    body["maintainers"] = json!([maintainer("npm")]);
    let holder = SourceRepository::new(Platform::GITHUB, "npm", "security-holder");
    body["repository"] = typed(&holder);
    body
}

fn head(namespace: &Namespace, revision: u64) -> Value {
    let name = namespace.name().as_str();
    let rev = format!("{revision}-{:032x}", hash(&(name, revision)));
    json!({ "_id": name, "_rev": rev, "name": name })
}

fn maintainer(login: &str) -> Value {
    json!({ "name": login, "email": format!("{login}@mail.example") })
}

/// Returns the `package.json` of a release, with npm's additions.
fn manifest(world: &World, project: &Project, release: &PublishedRelease) -> Value {
    let name = project.namespace().name().as_str();
    let mut manifest = json!({
        "name": name, "version": release.version(), "_id": format!("{name}@{}", release.version()),
        "dist": { "tarball": "", "shasum": "", "fileCount": 1, "signatures": [{ "keyid": "", "sig": "" }] },
        "maintainers": [maintainer("whoever-it-was-then")],
        "scripts": { "test": "exit 1" },
    });
    manifest["_npmUser"] = match world.publisher_of(release) {
        Some(account) => maintainer(account.login().as_str()),
        None => json!({ "name": "GitHub Actions", "email": "npm-oidc-no-reply@mail.example",
            "trustedPublisher": { "id": "github", "oidcConfigId": "oidc:simulated" } }),
    };
    if release.attestation().is_some() {
        manifest["dist"]["attestations"] = json!({ "url": "", "provenance": { "predicateType": "https://slsa.dev/provenance/v1" } });
    }
    if let Some(statements) = statements(release.metadata()) {
        manifest[statement::FIELD] = statements;
    }
    if let Some(repository) = release.metadata().repository() {
        manifest["repository"] = typed(repository);
    }
    if release.is_yanked() {
        manifest["deprecated"] = json!("use something else");
    }
    manifest
}

/// Returns the field `auths`: an object for one statement, else a list.
fn statements(metadata: &Metadata) -> Option<Value> {
    let each = metadata.statements().iter();
    let mut all: Vec<Value> = each
        .flat_map(|naming| {
            let (package, account) = (&naming.namespace, naming.account.as_ref());
            naming.dids.iter().map(move |did| match account {
                None => statement::render([did], package),
                Some(account) => statement::render_for_account(did, package, account),
            })
        })
        .collect();
    match all.len() {
        0 => None,
        1 => all.pop(),
        _ => Some(Value::Array(all)),
    }
}

fn typed(repository: &SourceRepository) -> Value {
    let url = format!(
        "git+https://{}.com/{}/{}.git",
        repository.platform, repository.owner, repository.name
    );
    json!({ "type": "git", "url": url })
}

fn time(created: Timestamp, history: &[(String, Timestamp)]) -> Value {
    let modified = history.iter().map(|(_, at)| *at).max().unwrap_or(created);
    let mut time = json!({ "created": at(created), "modified": at(modified) });
    for (version, published) in history {
        time[version.as_str()] = json!(at(*published));
    }
    time
}

/// Returns a time as npm writes it, with milliseconds.
fn at(time: Timestamp) -> String {
    time.to_string().replace('Z', ".000Z")
}
