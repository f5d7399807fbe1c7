//! The registries, GitHub and the clock.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use auths_adapters_github::{AccountsOf, CratesIoConfig, GitHubConfig};
use auths_adapters_npm::NpmConfig;
use auths_adapters_pypi::PyPiConfig;
use auths_core::ports::{Clock, Store};
use auths_core::{Account, Namespace, Platform};
use auths_http::{TokioSleeper, Transport, TransportConfig};
use auths_testkit::server::{Received, Reply, Server};
use auths_testkit::services::{crates_io, github, npm, pypi};
use auths_testkit::world::{SimulatedClock, World};

use crate::Failure;

/// The longest time for a question to a registry.
const PATIENCE: Duration = Duration::from_secs(5);

/// A simulated PyPI, npm, crates.io and GitHub on loopback addresses, and how to reach them.
///
/// A program that reads the real ones uses `PyPiConfig::public()` and so on, `Transport::system()` and `auths_http::SystemClock`
/// instead. The rest is the same.
#[derive(Clone)]
pub struct Outside {
    /// The address of PyPI.
    pub pypi: PyPiConfig,
    /// The address of npm.
    pub npm: NpmConfig,
    /// The address of crates.io. Its owners are accounts of [`github`](Self::github).
    pub crates_io: CratesIoConfig,
    /// The address of GitHub.
    pub github: GitHubConfig,
    /// The clock of the simulated world.
    pub clock: Arc<dyn Clock>,
    world: Arc<Mutex<World>>,
    is_down: Arc<AtomicBool>,
    _servers: Arc<[Server; 4]>,
}

impl Outside {
    /// Creates empty registries.
    ///
    /// # Errors
    /// Never in practice: the time of its beginning is fixed.
    ///
    /// # Panics
    /// When no port of 127.0.0.1 can be had.
    pub fn new() -> Result<Self, Failure> {
        let world = Arc::new(Mutex::new(World::pypi("2026-01-05T09:00:00Z".parse()?)));
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(world.clone()));
        let is_down = Arc::new(AtomicBool::new(false));
        let replies: [fn(&mut World, &Received) -> Reply; 4] = [
            |world, request| pypi::reply(world, request),
            |world, request| npm::reply(world, request),
            |world, request| crates_io::reply(world, request),
            github::reply,
        ];
        let servers = replies.map(|reply| {
            let (world, is_down) = (world.clone(), is_down.clone());
            Server::start_with_clock(clock.clone(), move |request| {
                match is_down.load(Ordering::Relaxed) {
                    true => Reply::status(503).header("Retry-After", "120"),
                    false => reply(&mut lock(&world), request),
                }
            })
        });
        let [pypi, npm, crates_io, github] = servers.each_ref().map(Server::origin);
        let github = GitHubConfig::at(github).with_max_time(PATIENCE);
        let crates_io = CratesIoConfig::at(crates_io).with_accounts_of(AccountsOf::from(&github));
        Ok(Self {
            pypi: PyPiConfig::at(pypi).with_max_time(PATIENCE),
            npm: NpmConfig::at(npm).with_max_time(PATIENCE),
            crates_io: crates_io.with_max_time(PATIENCE),
            github,
            clock,
            world,
            is_down,
            _servers: Arc::new(servers),
        })
    }

    /// Creates a transport that keeps its records in `store` and tells the world's time.
    ///
    /// # Errors
    /// [`Failure`] when the transport cannot be made.
    pub fn transport(&self, store: impl Store + 'static) -> Result<Transport, Failure> {
        let config = TransportConfig::default().with_product("auths-snippets", "0.1");
        let (clock, sleeper) = (self.clock.clone(), Arc::new(TokioSleeper));
        Ok(Transport::new(config, clock, sleeper, Arc::new(store))?)
    }

    /// Sets whether all servers answer only 503 from now on.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    /// Lets time pass.
    pub fn wait(&self, time: Duration) {
        self.world().wait(time);
    }

    /// Returns the package of that name, such as `pypi:six`, on the simulated server.
    ///
    /// # Errors
    /// [`Failure`] when it is no name of a package.
    pub fn package(&self, name: &str) -> Result<Namespace, Failure> {
        let name: Namespace = name.parse()?;
        let here = match name.ecosystem().as_str() {
            "npm" => self.npm.origin(),
            "cargo" => self.crates_io.origin(),
            _ => self.pypi.origin(),
        };
        Ok(name.at(Some(here.clone())))
    }

    /// Returns the world, for moves of its people.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// Returns an account of the simulated world as the server of its platform shows it.
    pub(crate) fn account(&self, account: Account) -> Account {
        let here = match account.platform() {
            platform if *platform == Platform::GITHUB => self.github.api(),
            platform if *platform == Platform::NPM => self.npm.origin(),
            _ => self.pypi.origin(),
        };
        account.at(Some(here.clone()))
    }
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outside({})", self.pypi.origin())
    }
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}
