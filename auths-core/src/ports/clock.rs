//! The port for the present time.

use crate::Timestamp;

/// A source of the present time. Core never asks it on its own: front ends read it once and pass `now` on.
///
/// # Contract
/// Returns UTC. May go backwards when the machine's clock is set; callers must not rely on the order.
///
/// # Security
/// The clock decides which claims are expired and which statements are mature. Use the system's clock in programs, and
/// [`FixedClock`] in tests only.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Clock: std::fmt::Debug + Send + Sync {
    /// Returns the present time.
    fn now(&self) -> Timestamp;
}

/// A clock that always returns one time, for tests and for deciding "as of" a stated time.
///
/// ```
/// use auths_core::ports::{Clock, FixedClock};
///
/// let clock = FixedClock("2026-11-21T08:46:00Z".parse()?);
/// assert_eq!(clock.now().to_string(), "2026-11-21T08:46:00Z");
/// # Ok::<(), auths_core::TimeError>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
