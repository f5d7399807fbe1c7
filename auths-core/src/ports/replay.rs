//! The port through which a challenge is used once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::StoreError;
use crate::Timestamp;

/// Remembers which challenges were used.
///
/// # Contract
/// For one `token`, [`consume`](ReplayGuard::consume) returns `true` at most once until `expires`, whoever asks and
/// however many ask at once. After `expires` the token may be forgotten: callers refuse expired challenges first.
///
/// # Security
/// A guard that forgets early, or that is not shared between the processes of one verifier, lets a claim be replayed.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ReplayGuard: std::fmt::Debug + Send + Sync {
    /// Uses `token` up: `true` for the first use, `false` for every other.
    ///
    /// # Errors
    /// [`StoreError`] when that could not be recorded: then the token must count as used.
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError>;
}

/// A guard for one process.
#[derive(Debug, Default)]
pub struct MemoryReplayGuard {
    used: Mutex<BTreeMap<String, Timestamp>>,
}

impl MemoryReplayGuard {
    /// A guard that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

#[async_trait]
impl ReplayGuard for MemoryReplayGuard {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, expiry| *expiry > now);
        Ok(used.insert(token.to_owned(), expires).is_none())
    }
}
