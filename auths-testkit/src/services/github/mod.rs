//! The simulated world in GitHub's own wire format: the answers of a server for demonstrations and tests.
//!
//! One server answers for both: the API's routes, and the two of the device flow. A test compares the answers with GitHub's
//! description of its API.
//!
//! ```
//! use auths_testkit::services::github::{Asked, answer};
//! use auths_testkit::world::World;
//!
//! let mut world = World::github("2026-01-01T00:00:00Z".parse()?);
//! let alice = world.sign_up("alice")?;
//! let gist = world.create_gist(&alice, "hello")?;
//! let path = format!("/gists/{gist}");
//! assert_eq!(answer(&mut world, &Asked::get(&path)).status, 200);
//! assert_eq!(answer(&mut world, &Asked::get("/users/bob")).status, 404);
//! assert_eq!(answer(&mut world, &Asked::get("/user")).status, 401);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod flow;
mod gists;
mod orgs;
mod users;

#[cfg(feature = "server")]
use std::sync::{Arc, Mutex};

#[cfg(feature = "server")]
use crate::server::{Received, Reply, Server};
use crate::world::{Grant, Token, World};
#[cfg(feature = "server")]
use auths_core::ports::Clock;
use serde_json::{Value, json};

use auths_adapters_github::PUBLIC_DOCS;

use super::SimulatedAnswer;

/// The version of the REST API that the simulated GitHub knows.
const API_VERSION: &str = "2022-11-28";

/// A request to the simulated GitHub.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Asked<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, as it is written in the request.
    pub path: &'a str,
    /// The query, without its question mark.
    pub query: Option<&'a str>,
    /// The headers, with names in lower case.
    pub headers: &'a [(String, String)],
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Asked<'a> {
    /// Creates a GET without a token.
    #[must_use]
    pub fn get(path: &'a str) -> Self {
        Self::new("GET", path, &[], b"")
    }

    /// Creates any request without a query.
    #[must_use]
    pub fn new(
        method: &'a str,
        path: &'a str,
        headers: &'a [(String, String)],
        body: &'a [u8],
    ) -> Self {
        Self {
            method,
            path,
            query: None,
            headers,
            body,
        }
    }

    /// Sets the query.
    #[must_use]
    pub fn with_query(mut self, query: Option<&'a str>) -> Self {
        self.query = query;
        self
    }

    fn header(&self, name: &str) -> Option<&'a str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the secret of the token in the request.
    fn bearer(&self) -> Option<&'a str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }
}

/// The caller of the API.
struct Caller {
    token: Option<Token>,
}

/// Returns the answer of the simulated GitHub. Writes change the world.
///
/// The known routes are `/user`, `/user/{id}`, `/user/memberships/orgs`, `/user/memberships/orgs/{org}`, `/users/{login}`,
/// `/gists`, `/gists/{id}`, `/applications/{client_id}/token`, and the device flow's `/login/device/code` and
/// `/login/oauth/access_token`. Everything else is a 404.
#[must_use]
pub fn answer(world: &mut World, asked: &Asked<'_>) -> SimulatedAnswer {
    let segments: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
    match (asked.method, segments.as_slice()) {
        ("POST", ["login", "device", "code"]) => return flow::begin(world, asked),
        ("POST", ["login", "oauth", "access_token"]) => return flow::poll(world, asked),
        ("POST", ["applications", id, "token"]) => return flow::check(world, id, asked),
        _ => {}
    }
    if asked
        .header("x-github-api-version")
        .is_some_and(|version| version != API_VERSION)
    {
        return error(400, "unknown version");
    }
    let caller = match caller(world, asked) {
        Ok(caller) => caller,
        Err(refused) => return refused,
    };
    let answer = match (asked.method, segments.as_slice()) {
        ("GET", ["user"]) => users::own(world, &caller),
        ("GET", ["user", id]) => users::by_id(world, id),
        ("GET", ["users", login]) => users::by_login(world, login),
        ("GET", ["user", "memberships", "orgs"]) => orgs::list(world, &caller, asked.query),
        ("GET", ["user", "memberships", "orgs", org]) => orgs::one(world, &caller, org),
        ("POST", ["gists"]) => gists::create(world, &caller, asked.body),
        ("GET", ["gists", id]) => gists::get(world, id),
        _ => not_found(),
    };
    scopes(world, &caller, answer)
}

/// Returns the reply of a loopback server that answers as GitHub. Writes change the world.
#[cfg(feature = "server")]
#[must_use]
pub fn reply(world: &mut World, request: &Received) -> Reply {
    answer(world, &Asked::from(request)).into()
}

/// Starts a loopback server that answers as GitHub from a shared world, and dates its answers by `clock`.
///
/// # Panics
/// When no port of 127.0.0.1 can be had.
#[cfg(feature = "server")]
#[must_use]
pub fn serve(world: Arc<Mutex<World>>, clock: Arc<dyn Clock>) -> Server {
    super::serve::serve(world, clock, reply)
}

fn caller(world: &World, asked: &Asked<'_>) -> Result<Caller, SimulatedAnswer> {
    let Some(secret) = asked.bearer() else {
        return Ok(Caller { token: None });
    };
    match world.bearer(secret) {
        Ok(token) => Ok(Caller { token: Some(token) }),
        Err(_) => Err(error(401, "Bad credentials")),
    }
}

/// Adds GitHub's headers about the scopes of classic tokens and those of OAuth apps.
fn scopes(world: &World, caller: &Caller, answer: SimulatedAnswer) -> SimulatedAnswer {
    let Some(token) = &caller.token else {
        return answer;
    };
    let grants = world.grants(token);
    let is_fine_grained =
        |grant: &Grant| matches!(grant, Grant::FineGrainedGists | Grant::FineGrainedMembers);
    if grants.iter().any(is_fine_grained) {
        return answer;
    }
    let answer = match world.app(token) {
        Some(app) => answer.with_header("x-oauth-client-id", app),
        None => answer,
    };
    let names: Vec<&str> = grants.iter().filter_map(|grant| scope(*grant)).collect();
    answer.with_header("x-oauth-scopes", names.join(", "))
}

/// Returns GitHub's name for the scope of a grant.
fn scope(grant: Grant) -> Option<&'static str> {
    SCOPES
        .iter()
        .find(|(_, known)| *known == grant)
        .map(|(name, _)| *name)
}

/// The scopes that the world knows.
const SCOPES: &[(&str, Grant)] = &[
    ("gist", Grant::Gist),
    ("read:org", Grant::ReadOrg),
    ("write:org", Grant::WriteOrg),
    ("admin:org", Grant::AdminOrg),
];

fn not_found() -> SimulatedAnswer {
    error(404, "Not Found")
}

/// Returns an answer as JSON.
fn json_answer(status: u16, body: &Value) -> SimulatedAnswer {
    SimulatedAnswer::new(status, "application/json; charset=utf-8", body.to_string())
}

/// Returns a 200 with a validator.
fn ok(body: &Value) -> SimulatedAnswer {
    json_answer(200, body).with_weak_etag()
}

/// Returns an error in GitHub's form.
fn error(status: u16, message: &str) -> SimulatedAnswer {
    let body = json!({ "message": message, "documentation_url": format!("{PUBLIC_DOCS}/rest"), "status": status.to_string() });
    json_answer(status, &body)
}
