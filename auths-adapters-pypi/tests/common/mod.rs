//! What every test over a real socket needs: an adapter for a loopback server, and answers in PyPI's shape.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use auths_adapters_pypi::{PyPi, PyPiConfig, statement};
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
    pub(crate) pypi: PyPi,
    pub(crate) store: Arc<dyn Store>,
}

pub(crate) fn serve(handler: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Pair {
    let server = Server::start_with_clock(Arc::new(FixedClock(now())), handler);
    adapter(server, Arc::new(MemoryStore::new()), |config| config)
}

/// An adapter for a server that is there already.
pub(crate) fn adapter(
    server: Server,
    store: Arc<dyn Store>,
    configure: impl FnOnce(PyPiConfig) -> PyPiConfig,
) -> Pair {
    adapter_by(server, store, Arc::new(FixedClock(now())), configure)
}

/// Makes the adapter, which tells the time by `clock`.
pub(crate) fn adapter_by(
    server: Server,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    configure: impl FnOnce(PyPiConfig) -> PyPiConfig,
) -> Pair {
    let pypi = pypi_at(server.origin(), Arc::clone(&store), clock, configure);
    Pair {
        server,
        pypi,
        store,
    }
}

/// The adapter for the server at `origin`, without the server.
pub(crate) fn pypi_at(
    origin: Origin,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    configure: impl FnOnce(PyPiConfig) -> PyPiConfig,
) -> PyPi {
    let transport = Transport::new(
        TransportConfig::default()
            .with_timeout(Duration::from_secs(4))
            .with_max_attempts(1),
        clock,
        Arc::new(RecordingSleeper::default()),
        Arc::clone(&store),
    )
    .unwrap();
    let config = configure(PyPiConfig::at(origin));
    PyPi::new(config, transport)
}

impl Pair {
    pub(crate) fn namespace(&self, name: &str) -> Namespace {
        let namespace: Namespace = format!("pypi:{name}").parse().unwrap();
        namespace.at(Some(self.server.origin()))
    }

    pub(crate) fn query(&self) -> NamespaceQuery {
        NamespaceQuery::new(self.namespace("six"), now())
    }

    pub(crate) fn gather(&self) -> Result<NamespaceEvidence, NamespaceError> {
        self.ask(&self.query())
    }

    pub(crate) fn ask(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        run(self.pypi.gather(query))
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
        tokio::time::timeout(Duration::from_secs(20), work)
            .await
            .expect("it hung past its limit")
    })
}

/// A project in the shape of six, written by hand: three releases, of which the last two name [`A`].
pub(crate) fn project() -> Value {
    json!({
        "info": info("1.2.0", Some(A)),
        "last_serial": 700,
        "ownership": { "organization": null, "roles": [{ "role": "Owner", "user": "Alice" }] },
        "releases": {
            "1.0.0": [file("2026-01-01T10:00:00.250000Z", false)],
            "1.1.0": [file("2026-10-01T10:00:00.500000Z", false), file("2026-10-01T10:00:03.500000Z", false)],
            "1.2.0": [file("2026-11-01T10:00:00.500000Z", false)],
        },
        "urls": [file("2026-11-01T10:00:00.500000Z", false)],
        "vulnerabilities": [],
    })
}

pub(crate) fn file(time: &str, yanked: bool) -> Value {
    json!({
        "comment_text": "", "digests": { "sha256": "00" }, "downloads": -1, "filename": "six.tar.gz", "has_sig": false,
        "packagetype": "sdist", "size": 3, "upload_time": &time[..19], "upload_time_iso_8601": time, "url": "",
        "yanked": yanked, "yanked_reason": null,
    })
}

pub(crate) fn info(version: &str, named: Option<&str>) -> Value {
    let six: Namespace = "pypi:six".parse().unwrap();
    let mut urls = json!({ "Source": "https://github.com/example/six" });
    if let Some(named) = named {
        urls["Auths"] = json!(statement::render([&did(named)], &six));
    }
    json!({
        "author": "", "bugtrack_url": null, "description": "long", "downloads": { "last_day": -1 }, "home_page": "",
        "keywords": "python", "name": "six", "project_urls": urls, "version": version, "yanked": false,
    })
}

/// The answer about one release of that project.
pub(crate) fn release(version: &str, named: Option<&str>) -> Value {
    json!({ "info": info(version, named), "last_serial": 700, "urls": [], "vulnerabilities": [],
        "ownership": project()["ownership"] })
}

/// The whole server for that project.
pub(crate) fn pypi(request: &Received) -> Reply {
    let reply = match request.path.as_str() {
        "/pypi/six/json" => Reply::json(200, project()),
        "/pypi/six/1.0.0/json" => Reply::json(200, release("1.0.0", None)),
        "/pypi/six/1.1.0/json" => Reply::json(200, release("1.1.0", Some(A))),
        "/pypi/six/1.2.0/json" => Reply::json(200, release("1.2.0", Some(A))),
        _ => return not_found(request),
    };
    let tag = format!("\"{}\"", request.path);
    reply.etag(&tag).header("x-pypi-last-serial", "700")
}

/// How each API says that it knows no such thing: the JSON API in JSON, the simple index by a page.
pub(crate) fn not_found(request: &Received) -> Reply {
    match request.path.starts_with("/pypi/") {
        true => Reply::json(404, json!({ "message": "Not Found" })),
        false => Reply::bytes(404, "text/html", "<html>404</html>"),
    }
}
