//! The port through which a challenge is used once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::StoreError;
use crate::Timestamp;
use crate::claim::ChallengeKey;

/// Whether a use of a token is the one that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only the first use of a token counts"]
pub enum TokenUse {
    /// It is the first, in time.
    First,
    /// It was used before, or has ended.
    UsedUp,
}

impl TokenUse {
    /// Whether it is the first, in time.
    #[must_use]
    pub fn is_first(self) -> bool {
        self == Self::First
    }
}

/// Remembers which challenges were used, and keeps the key under which they were given.
///
/// Nothing is kept of a challenge before it is used, so that nobody can take all of them; which ones were used is remembered
/// until each ends. The two belong together: while a challenge can still be recognised by its key, its use must be
/// remembered.
///
/// # Contract
/// For one `token`, [`consume`](ReplayGuard::consume) returns [`TokenUse::First`] at most once until `expires`, whoever asks and
/// however many ask at once. From `expires` on it returns [`TokenUse::UsedUp`], whether or not the token was ever used: a token
/// that has expired by `now` counts as used, so that it may then be forgotten.
///
/// [`key`](ReplayGuard::key) is the same for all who share the record, from the first time that it is asked for, and **is
/// lost with the record**: a guard that does not remember any more which challenges were used makes a new key, and nothing
/// that was given before is recognised.
///
/// [`use_cases::Challenges`](crate::use_cases::Challenges) asks it.
///
/// # Security
/// A guard that forgets early, that is not shared between the processes of one verifier, or that outlives its record with the
/// same key, lets a claim be replayed.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait ReplayGuard: std::fmt::Debug + Send + Sync {
    /// Uses `token` up, and says whether that is its first use.
    ///
    /// # Errors
    /// [`StoreError`] when that could not be recorded: then the token must count as used.
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError>;

    /// The key under which challenges are given: the one that is kept beside the record, or `fresh`, which is kept from now on, where
    /// there is none.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be read or kept. A key that is there and cannot be read is never replaced.
    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError>;
}

/// A guard for one process. Its key and its record live and end with it.
#[derive(Debug, Default)]
pub struct MemoryReplayGuard {
    used: Mutex<BTreeMap<String, Timestamp>>,
    key: Mutex<Option<ChallengeKey>>,
}

impl MemoryReplayGuard {
    /// A guard that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many used tokens it remembers.
    #[cfg(test)]
    pub(crate) fn remembered(&self) -> usize {
        self.used
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

#[async_trait]
impl ReplayGuard for MemoryReplayGuard {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        if expires <= now {
            return Ok(TokenUse::UsedUp);
        }
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        used.retain(|_, expiry| *expiry > now);
        if used.contains_key(token) {
            return Ok(TokenUse::UsedUp);
        }
        used.insert(token.to_owned(), expires);
        Ok(TokenUse::First)
    }

    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError> {
        let mut kept = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(kept.get_or_insert(fresh).clone())
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
            used.now_or_never().unwrap().unwrap().is_first()
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
