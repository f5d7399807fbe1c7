//! Waiting, as a port, so that tests of retries need not wait.

use std::fmt;
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
