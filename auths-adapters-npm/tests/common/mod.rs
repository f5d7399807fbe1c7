//! What every test over a real socket needs: an adapter for a loopback server, and answers in npm's shape.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use auths_adapters_npm::{Npm, NpmConfig, statement};
use auths_core::evidence::NamespaceEvidence;
use auths_core::ports::{
    Clock, FixedClock, MemoryStore, NamespaceError, NamespaceQuery, NamespaceVerifier, Store,
};
use auths_core::{Did, Namespace, Origin, Timestamp};
use auths_http::{Transport, TransportConfig};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Received, Reply, Server};
use serde_json::{Value, json};

pub(crate) const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
pub(crate) const B: &str = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";

pub(crate) fn did(text: &str) -> Did {
    text.parse().unwrap()
}

pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

/// A server, an adapter for it, and their store.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) npm: Npm,
    pub(crate) store: Arc<dyn Store>,
}

pub(crate) fn serve(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Pair {
    let server = Server::start_with_clock(Arc::new(FixedClock(now())), handler);
    adapter(server, Arc::new(MemoryStore::new()), |config| config)
}

/// A server that answers every question by this packument.
pub(crate) fn showing(packument: Value) -> Pair {
    serve(move |_| Reply::json(200, &packument))
}

/// An adapter for a server that is there already.
pub(crate) fn adapter(
    server: Server,
    store: Arc<dyn Store>,
    configure: impl FnOnce(NpmConfig) -> NpmConfig,
) -> Pair {
    adapter_by(server, store, Arc::new(FixedClock(now())), configure)
}

/// Makes the adapter, which tells the time by `clock`.
pub(crate) fn adapter_by(
    server: Server,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    configure: impl FnOnce(NpmConfig) -> NpmConfig,
) -> Pair {
    let npm = npm_at(server.origin(), Arc::clone(&store), clock, configure);
    Pair { server, npm, store }
}

/// The adapter for the server at `origin`, without the server.
pub(crate) fn npm_at(
    origin: Origin,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    configure: impl FnOnce(NpmConfig) -> NpmConfig,
) -> Npm {
    let transport = Transport::new(
        TransportConfig::default()
            .with_timeout(Duration::from_secs(4))
            .with_max_attempts(1),
        clock,
        Arc::new(RecordingSleeper::default()),
        Arc::clone(&store),
    )
    .unwrap();
    Npm::new(configure(NpmConfig::at(origin)), transport)
}

impl Pair {
    pub(crate) fn namespace(&self, name: &str) -> Namespace {
        let namespace: Namespace = format!("npm:{name}").parse().unwrap();
        namespace.at(Some(self.server.origin()))
    }

    pub(crate) fn query(&self) -> NamespaceQuery {
        NamespaceQuery::new(self.namespace("left"), now())
    }

    pub(crate) fn gather(&self) -> Result<NamespaceEvidence, NamespaceError> {
        self.ask(&self.query())
    }

    pub(crate) fn ask(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        run(self.npm.gather(query))
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.server.requests().into_iter().map(|r| r.path).collect()
    }
}

/// Runs `work` on a runtime of its own.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(300), work)
            .await
            .expect("it hung past its limit")
    })
}

/// A packument, written by hand: three versions, of which the last two name [`A`].
pub(crate) fn packument() -> Value {
    json!({
        "_id": "left", "_rev": "7-4cf1c2a9b0", "name": "left", "description": "to the left",
        "dist-tags": { "latest": "1.2.0", "next": "1.1.0" },
        "versions": {
            "1.0.0": manifest("1.0.0", &[]),
            "1.1.0": manifest("1.1.0", &[A]),
            "1.2.0": manifest("1.2.0", &[A]),
        },
        "readme": "# left", "readmeFilename": "README.md", "users": { "bob": true },
        "maintainers": [{ "name": "alice", "email": "alice@mail.example" }],
        "time": {
            "created": "2026-01-01T10:00:00.250Z", "modified": "2026-11-01T10:00:01.000Z",
            "1.0.0": "2026-01-01T10:00:00.500Z", "1.1.0": "2026-10-01T10:00:00.500Z",
            "1.2.0": "2026-11-01T10:00:00.500Z",
        },
        "repository": { "type": "git", "url": "git+https://github.com/example/left.git", "directory": "x" },
        "license": "MIT", "bugs": { "url": "" },
    })
}

/// The `package.json` of a version of it.
pub(crate) fn manifest(version: &str, named: &[&str]) -> Value {
    let left: Namespace = "npm:left".parse().unwrap();
    let mut manifest = json!({
        "name": "left", "version": version, "_id": format!("left@{version}"), "main": "index.js",
        "maintainers": [{ "name": "mallory", "email": "m@mail.example" }],
        "_npmUser": { "name": "alice", "email": "a@mail.example" },
        "dist": { "integrity": "", "tarball": "", "signatures": [{ "keyid": "", "sig": "" }] },
    });
    if !named.is_empty() {
        let dids: Vec<Did> = named.iter().map(|text| did(text)).collect();
        manifest[statement::FIELD] = statement::render(&dids, &left);
    }
    manifest
}
