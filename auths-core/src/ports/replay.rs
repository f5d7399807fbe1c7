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
/// however many ask at once. From `expires` on it returns `false`, whether or not the token was ever used: a token that has
/// expired by `now` counts as used, so that it may then be forgotten.
///
/// [`workflow::use_once`](crate::workflow::use_once) is the step that asks it.
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
        if expires <= now {
            return Ok(false);
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, expiry| *expiry > now);
        if used.contains_key(token) {
            return Ok(false);
        }
        used.insert(token.to_owned(), expires);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn a_second_use_neither_succeeds_nor_shortens_the_memory_of_the_first() {
        let guard = MemoryReplayGuard::new();
        let at = |seconds| Timestamp::from_unix(seconds).unwrap();
        let consume = |now, expires| {
            let used = guard.consume("token", at(now), at(expires));
            used.now_or_never().unwrap().unwrap()
        };
        assert!(consume(0, 100));
        assert!(!consume(1, 10));
        assert!(!consume(50, 100), "forgotten before its time");
        assert!(!consume(99, 100));
        assert!(
            !consume(100, 100),
            "a token that has expired counts as used"
        );
        assert!(consume(100, 200), "after its time it may be forgotten");
    }
}
