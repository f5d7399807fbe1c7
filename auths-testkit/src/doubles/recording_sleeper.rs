//! A sleeper that does not sleep.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use auths_http::Sleeper;

/// A sleeper that records the waits it was asked for, and returns at once. For tests only.
///
/// ```
/// use auths_http::Sleeper;
/// use auths_testkit::doubles::RecordingSleeper;
/// use std::time::Duration;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
/// # runtime.block_on(async {
/// let sleeper = RecordingSleeper::default();
/// sleeper.sleep(Duration::from_secs(3600)).await;
/// assert_eq!(sleeper.slept(), [Duration::from_secs(3600)]);
/// # });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct RecordingSleeper {
    slept: Mutex<Vec<Duration>>,
}

impl RecordingSleeper {
    /// Returns the waits asked for so far, in order.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.slept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Sleeper for RecordingSleeper {
    async fn sleep(&self, time: Duration) {
        self.slept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(time);
        tokio::task::yield_now().await;
    }
}
