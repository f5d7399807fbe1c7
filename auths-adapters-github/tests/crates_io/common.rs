//! An adapter for a loopback server, and answers in crates.io's shape.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use auths_adapters_github::{CratesIo, CratesIoConfig};
use auths_core::decide::{ListingAnswer, Obstacle, check_listing};
use auths_core::evidence::NamespaceEvidence;
use auths_core::ports::{
    Clock, FixedClock, MemoryStore, NamespaceError, NamespaceQuery, NamespaceVerifier, Store,
};
use auths_core::{Account, AccountId, Namespace, Platform, Policy, Timestamp};
use auths_http::{Transport, TransportConfig};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Received, Reply, Server};
use serde_json::{Value, json};

pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

/// A server, an adapter for it, and its store.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) crates_io: CratesIo,
}

pub(crate) fn serve(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Pair {
    let server = Server::start_with_clock(Arc::new(FixedClock(now())), handler);
    adapter(
        server,
        Arc::new(MemoryStore::new()),
        Arc::new(FixedClock(now())),
    )
}

/// An adapter for a server that is there already.
pub(crate) fn adapter(server: Server, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Pair {
    let config = CratesIoConfig::at(server.origin()).with_max_requests(200);
    let crates_io = crates_io(config, store, clock);
    Pair { server, crates_io }
}

pub(crate) fn crates_io(
    config: CratesIoConfig,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
) -> CratesIo {
    let transport = Transport::new(
        TransportConfig::default()
            .with_timeout(Duration::from_secs(4))
            .with_max_attempts(1),
        clock,
        Arc::new(RecordingSleeper::default()),
        Arc::clone(&store),
    );
    CratesIo::new(config, transport.unwrap())
}

impl Pair {
    pub(crate) fn namespace(&self) -> Namespace {
        let namespace: Namespace = "cargo:demo-crate".parse().unwrap();
        namespace.at(Some(self.server.origin()))
    }

    pub(crate) fn gather_at(&self, now: Timestamp) -> Result<NamespaceEvidence, NamespaceError> {
        run(self
            .crates_io
            .gather(&NamespaceQuery::new(self.namespace(), now)))
    }

    pub(crate) fn gather(&self) -> Result<NamespaceEvidence, NamespaceError> {
        self.gather_at(now())
    }

    /// Is this GitHub account listed?
    pub(crate) fn check(&self, login: &str, id: &str) -> Result<ListingAnswer, Obstacle> {
        let account = github(login, id).at(Some(self.server.origin()));
        check_listing(&self.gather().unwrap(), &account, &Policy::standard())
    }
}

pub(crate) fn github(login: &str, id: &str) -> Account {
    let account = Account::parse_login(Platform::GITHUB, login).unwrap();
    account.with_id(AccountId::new(id).unwrap())
}

/// Runs `work` on a runtime of its own.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(60), work)
            .await
            .expect("it hung past its limit")
    })
}

/// The crate: alice (7 on GitHub, 1 on crates.io) made it long ago, bob (8, 2) published a week and a half ago.
pub(crate) fn krate() -> Value {
    let version = |num: &str, at: &str, by: Value| {
        json!({ "id": 1, "crate": "Demo-Crate", "num": num, "created_at": at, "yanked": false, "published_by": by,
            "audit_actions": [], "trustpub_data": null })
    };
    json!({
        "crate": { "id": "Demo-Crate", "name": "Demo-Crate", "created_at": "2024-01-02T03:04:05.678901+00:00",
            "num_versions": 3, "repository": "https://github.com/mallory/demo", "versions": [3, 2, 1] },
        "versions": [
            version("1.2.0", "2026-11-20T10:00:00.100000Z", Value::Null),
            version("1.1.0", "2026-11-10T10:00:00.100000Z", public(2, "bobby", 8, "bob")),
            version("1.0.0", "2024-01-02T03:04:05.678901Z", public(1, "alice-rs", 7, "alice")),
        ],
        "keywords": null, "categories": null,
    })
}

/// An account of crates.io.
pub(crate) fn public(id: u64, username: &str, github: u64, login: &str) -> Value {
    json!({ "id": id, "login": username, "name": null, "url": format!("https://github.com/{login}"),
        "avatar": format!("https://avatars.githubusercontent.com/u/{github}?v=4") })
}

pub(crate) fn owner(id: u64, username: &str, github: u64, login: &str) -> Value {
    let mut owner = public(id, username, github, login);
    owner["kind"] = json!("user");
    owner
}

pub(crate) fn owners() -> Value {
    json!({ "users": [
        owner(1, "alice-rs", 7, "alice"),
        owner(2, "bobby", 8, "bob"),
        { "id": 1, "kind": "team", "login": "github:acme:core", "name": "core", "avatar": null, "url": null },
    ] })
}

pub(crate) fn user(id: u64, username: &str, github: u64, login: &str) -> Value {
    json!({ "user": public(id, username, github, login), "linked_accounts": [
        { "provider": "github", "account_id": github.to_string(), "login": login, "avatar": null }
    ] })
}

/// The whole server for that crate.
pub(crate) fn registry(request: &Received) -> Reply {
    match request.path.as_str() {
        "/api/v1/crates/demo-crate" => Reply::json(200, krate()),
        "/api/v1/crates/demo-crate/owners" => Reply::json(200, owners()),
        "/api/v1/users/alice-rs" => Reply::json(200, user(1, "alice-rs", 7, "alice")),
        "/api/v1/users/bobby" => Reply::json(200, user(2, "bobby", 8, "bob")),
        _ => not_found("Not Found"),
    }
}

/// The server with one answer of another kind.
pub(crate) fn but(path: &'static str, reply: Reply) -> Pair {
    serve(move |request| match request.path == path {
        true => reply.clone(),
        false => registry(request),
    })
}

pub(crate) fn not_found(detail: &str) -> Reply {
    Reply::json(404, json!({ "errors": [{ "detail": detail }] }))
}
