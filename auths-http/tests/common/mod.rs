//! What every test over a real socket needs: a transport with short limits, and sleepers that do not sleep.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests")]

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auths_core::ports::{MemoryStore, Store};
use auths_core::{Unavailable, UnavailableReason};
use auths_http::{Request, Response, SystemClock, Transport, TransportConfig};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Received, Reply, Server};

/// A server and a transport that waits by a recording sleeper.
pub(crate) struct Pair {
    pub(crate) server: Server,
    pub(crate) transport: Transport,
    pub(crate) sleeper: Arc<RecordingSleeper>,
    pub(crate) store: Arc<dyn Store>,
}

pub(crate) fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// One attempt, and a small body.
pub(crate) fn config() -> TransportConfig {
    TransportConfig::default()
        .with_timeout(Duration::from_secs(5))
        .with_max_attempts(1)
        .with_max_bytes(64 * 1024)
}

pub(crate) fn pair(
    config: TransportConfig,
    handler: impl Fn(&Received) -> Reply + Send + Sync + 'static,
) -> Pair {
    pair_with(Server::start(handler), config, Arc::new(MemoryStore::new()))
}

pub(crate) fn pair_with(server: Server, config: TransportConfig, store: Arc<dyn Store>) -> Pair {
    let sleeper = Arc::new(RecordingSleeper::default());
    let transport = Transport::new(
        config,
        Arc::new(SystemClock),
        Arc::clone(&sleeper) as _,
        Arc::clone(&store),
    )
    .unwrap();
    Pair {
        server,
        transport,
        sleeper,
        store,
    }
}

impl Pair {
    pub(crate) fn get(&self) -> Request {
        Request::get(&self.server.origin(), &["x"]).unwrap()
    }

    pub(crate) fn post(&self) -> Request {
        Request::post(&self.server.origin(), &["x"]).unwrap()
    }

    pub(crate) fn send(&self, request: Request) -> Result<Response, Unavailable> {
        run(self.transport.send(request))
    }

    pub(crate) fn why(&self, request: Request) -> UnavailableReason {
        self.send(request).unwrap_err().reason
    }
}

/// Runs `work` on a runtime of its own, and fails if it takes longer than any limit in these tests.
pub(crate) fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let started = Instant::now();
    let result = runtime.block_on(async {
        tokio::time::timeout(Duration::from_secs(10), work)
            .await
            .expect("it hung past its limit")
    });
    assert!(started.elapsed() < Duration::from_secs(10));
    result
}

/// Runs one test of this file again in a process of its own, with these variables set.
pub(crate) fn inner(test: &str, variables: &[(&str, &str)]) -> std::process::ExitStatus {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("AUTHS_HTTP_INNER", "1")
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .envs(variables.iter().copied())
        .status()
        .unwrap()
}
