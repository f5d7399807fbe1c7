//! Waiting, as a port, so that tests of retries need not wait.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

/// A way to wait.
///
/// # Contract
/// `sleep` returns after at least `time`, and blocks no thread meanwhile. The transport counts the time it asked for, not the
/// time that passed, so a sleeper that returns early shortens no limit.
#[async_trait]
pub trait Sleeper: fmt::Debug + Send + Sync {
    /// Waits for `time`.
    async fn sleep(&self, time: Duration);
}

/// A sleeper on tokio's timer, for programs.
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioSleeper;

#[async_trait]
impl Sleeper for TokioSleeper {
    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// A sleeper that records the waits it was asked for, and returns at once. For tests only.
///
/// ```
/// use auths_http::{RecordingSleeper, Sleeper};
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
