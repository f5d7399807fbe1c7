//! The port of the world's clock.

use std::sync::{Arc, Mutex, PoisonError};

use super::state::World;
use auths_core::Timestamp;
use auths_core::ports::Clock;

/// A clock that tells the world's time, for servers, transports and verifiers in the simulation.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use std::time::Duration;
/// use auths_core::ports::Clock;
/// use auths_testkit::world::{SimulatedClock, World};
///
/// let world = Arc::new(Mutex::new(World::pypi("2026-01-01T00:00:00Z".parse()?)));
/// let clock = SimulatedClock::new(Arc::clone(&world));
/// world.lock().map_err(|_| "poisoned")?.wait(Duration::from_secs(60));
/// assert_eq!(clock.now().to_string(), "2026-01-01T00:01:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SimulatedClock(Arc<Mutex<World>>);

impl SimulatedClock {
    /// Creates the clock of `world`.
    #[must_use]
    pub fn new(world: Arc<Mutex<World>>) -> Self {
        Self(world)
    }
}

impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now()
    }
}
