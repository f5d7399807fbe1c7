//! The clock of the machine.

use std::time::{SystemTime, UNIX_EPOCH};

use auths_core::Timestamp;
use auths_core::ports::Clock;

/// The clock of the machine that the program runs on.
///
/// A clock that stands before 1970 reads as 1970. Every certificate and every answer is then from the future, and is refused.
///
/// ```
/// use auths_http::SystemClock;
///
/// assert!(SystemClock.now() > "2024-01-01T00:00:00Z".parse()?);
/// # Ok::<(), auths_core::TimeError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl SystemClock {
    /// Returns the time now, as [`Clock::now`] does.
    #[must_use]
    pub fn now(self) -> Timestamp {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        #[expect(
            clippy::expect_used,
            reason = "second 0 lies in the range by definition"
        )]
        let epoch = Timestamp::from_unix(0).expect("1970 is a time");
        // `+` stops at the end of the year 9999.
        epoch + since
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Self::now(*self)
    }
}
