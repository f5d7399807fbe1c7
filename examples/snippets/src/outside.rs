//! The registry and the clock.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::ports::{Clock, MemoryStore, NamespaceVerifier};
use auths_core::{Account, Namespace, Platform};
use auths_http::{TokioSleeper, Transport, TransportConfig};
use auths_testkit::server::{Received, Reply, Server};
use auths_testkit::services::pypi;
use auths_testkit::world::{SimulatedClock, World};

use crate::Failure;

/// A simulated PyPI on a loopback address, and the ports through which a program reads it.
///
/// A program that reads the real PyPI uses `PyPiConfig::public()` and `auths_http::SystemClock` instead. The rest is the same.
#[derive(Clone)]
pub struct Outside {
    /// The adapter.
    pub pypi: Arc<dyn NamespaceVerifier>,
    /// The clock of the simulated world.
    pub clock: Arc<dyn Clock>,
    world: Arc<Mutex<World>>,
    is_down: Arc<AtomicBool>,
    server: Arc<Server>,
}

impl Outside {
    /// Creates an empty registry.
    ///
    /// # Errors
    /// [`Failure`] when the transport cannot be made.
    ///
    /// # Panics
    /// When no port of 127.0.0.1 can be had.
    pub fn new() -> Result<Self, Failure> {
        let world = Arc::new(Mutex::new(World::pypi("2026-01-05T09:00:00Z".parse()?)));
        let is_down = Arc::new(AtomicBool::new(false));
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(world.clone()));
        let (shown, down) = (world.clone(), is_down.clone());
        let server = Server::start_with_clock(clock.clone(), move |request: &Received| {
            if down.load(Ordering::Relaxed) {
                return Reply::status(503).header("Retry-After", "120");
            }
            pypi::reply(&lock(&shown), request)
        });

        let store = Arc::new(MemoryStore::new());
        let config = TransportConfig::default().with_product("auths-snippets", "0.1");
        let sleeper = Arc::new(TokioSleeper);
        let transport = Transport::new(config, clock.clone(), sleeper, store)?;
        let config = PyPiConfig::at(server.origin()).with_max_time(Duration::from_secs(5));
        let pypi: Arc<dyn NamespaceVerifier> = Arc::new(PyPi::new(config, transport));
        Ok(Self {
            pypi,
            clock,
            world,
            is_down,
            server: Arc::new(server),
        })
    }

    /// Sets whether the registry answers only 503 from now on.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// Returns the package of that name on this server.
    pub(crate) fn package(&self, name: &str) -> Result<Namespace, Failure> {
        let here = self.server.origin();
        Ok(self.world().namespace(name)?.at(Some(here)))
    }

    /// Returns the account of that login on this server.
    pub(crate) fn account(&self, login: &str) -> Result<Account, Failure> {
        let here = self.server.origin();
        Ok(Account::parse_login(Platform::PYPI, login)?.at(Some(here)))
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outside({})", self.server.origin())
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
