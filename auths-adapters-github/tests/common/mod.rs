//! A loopback GitHub that is played from the simulated world, in which time passes only when somebody waits.
#![allow(dead_code, reason = "each test uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_adapters_github::{DeviceFlow, GitHub, GitHubConfig};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::ports::{Clock, MemoryStore};
use auths_core::use_cases::sign_account_claim;
use auths_core::{Account, Did, Timestamp};
use auths_http::{Sleeper, TokioSleeper, Transport, TransportConfig};
use auths_testkit::server::{Received, Reply, Server};
pub(crate) use auths_testkit::services::github::reply;
use auths_testkit::services::github::{self, Asked};
use auths_testkit::world::{Session, SimulatedClock, World};
use serde_json::Value;

pub(crate) const APP: &str = "Iv1.auths";

pub(crate) fn key(byte: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new([byte; 32].into()))
}

pub(crate) fn did(byte: u8) -> Did {
    Did::from_key(&key(byte).public())
}

/// Serves the world with the bodies of its answers changed: `edit` is given the path.
pub(crate) fn edited(
    world: &mut World,
    request: &Received,
    edit: impl Fn(&str, &mut Value),
) -> Reply {
    let mut answer = github::answer(world, &Asked::from(request));
    let mut body: Value = serde_json::from_str(&answer.body).unwrap();
    edit(&request.path, &mut body);
    answer.body = body.to_string();
    answer.into()
}

pub(crate) fn transport(clock: Arc<dyn Clock>) -> Transport {
    transport_with(TransportConfig::default(), clock)
}

pub(crate) fn transport_with(config: TransportConfig, clock: Arc<dyn Clock>) -> Transport {
    let store = Arc::new(MemoryStore::new());
    Transport::new(config, clock, Arc::new(TokioSleeper), store).unwrap()
}

/// A world with Alice and an app, behind a server.
pub(crate) struct Stage {
    pub(crate) world: Arc<Mutex<World>>,
    pub(crate) server: Server,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) alice: Session,
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::answering(reply)
    }

    pub(crate) fn answering(
        reply: impl Fn(&mut World, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let mut world = World::github("2026-01-01T00:00:00Z".parse().unwrap());
        let alice = world.sign_up("alice").unwrap();
        world.register_app(APP, true);
        let world = Arc::new(Mutex::new(world));
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(Arc::clone(&world)));
        let shown = Arc::clone(&world);
        let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
            reply(&mut shown.lock().unwrap(), request)
        });
        Self {
            world,
            server,
            clock,
            alice,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.world.lock().unwrap())
    }

    pub(crate) fn config(&self) -> GitHubConfig {
        let config = GitHubConfig::at(self.server.origin()).with_web(self.server.origin());
        config.with_client_id(APP).unwrap()
    }

    pub(crate) fn github(&self) -> GitHub {
        GitHub::new(self.config(), transport(Arc::clone(&self.clock)))
    }

    /// The account as this server shows it.
    pub(crate) fn account(&self, session: &Session) -> Account {
        let account = self.world(|w| w.account_of_session(session).unwrap());
        account.at(Some(self.server.origin()))
    }

    /// "The DID of `key` holds `account`", signed now.
    pub(crate) async fn claim(&self, key: &KeyPair, account: Account) -> Signed<PlatformClaim> {
        sign_account_claim(key, account, None, self.now())
            .await
            .unwrap()
    }

    pub(crate) fn flow(&self, waiting: Waiting) -> DeviceFlow {
        let transport = transport(Arc::clone(&self.clock));
        DeviceFlow::new(
            self.config(),
            transport,
            Arc::new(waiting),
            Arc::clone(&self.clock),
        )
        .unwrap()
    }

    /// Waits by letting time pass in the world, and lets `then` happen after each wait.
    pub(crate) fn waiting(
        &self,
        then: impl Fn(&mut World, usize) + Send + Sync + 'static,
    ) -> Waiting {
        Waiting {
            world: Arc::clone(&self.world),
            slept: Arc::default(),
            then: Arc::new(then),
        }
    }
}

/// What happens in the world after each wait.
type Then = dyn Fn(&mut World, usize) + Send + Sync;

#[derive(Clone)]
pub(crate) struct Waiting {
    world: Arc<Mutex<World>>,
    pub(crate) slept: Arc<Mutex<Vec<Duration>>>,
    then: Arc<Then>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiting")
    }
}

#[async_trait]
impl Sleeper for Waiting {
    async fn sleep(&self, time: Duration) {
        let mut slept = self.slept.lock().unwrap();
        slept.push(time);
        let mut world = self.world.lock().unwrap();
        world.wait(time);
        (self.then)(&mut world, slept.len());
    }
}

pub(crate) fn seconds(times: &[Duration]) -> Vec<u64> {
    times.iter().map(Duration::as_secs).collect()
}

/// GitHub's own 404.
pub(crate) fn own_404() -> Reply {
    let docs = "https://docs.github.com/rest";
    let body =
        serde_json::json!({ "message": "Not Found", "documentation_url": docs, "status": "404" });
    Reply::json(404, body)
}
