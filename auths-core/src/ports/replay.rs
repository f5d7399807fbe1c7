//! The port that makes each challenge, and each ID token, usable only once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::StoreError;
use crate::Timestamp;
use crate::claim::ChallengeKey;

/// The result of using a token: first use or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "only the first use of a token counts"]
pub enum TokenUse {
    /// This is the first use, before the token expired.
    First,
    /// The token was used before, or has expired.
    UsedUp,
}

impl TokenUse {
    /// Returns whether this is the first use, before the token expired.
    #[must_use]
    pub fn is_first(self) -> bool {
        self == Self::First
    }
}

/// A record of the challenges that were used, with the key under which challenges are issued.
///
/// Nothing is kept of a challenge before it is used, so that nobody can exhaust the record. A used challenge is remembered until
/// it expires. Key and record belong together: while a challenge can still be recognised by its key, its use must be remembered.
///
/// # Contract
/// For one `token`, [`consume`](ReplayGuard::consume) returns [`TokenUse::First`] at most once until `expires`, for any number of
/// concurrent callers. From `expires` on it returns [`TokenUse::UsedUp`], whether or not the token was ever used: a token that
/// has expired by `now` counts as used, so that it may then be forgotten.
///
/// [`key`](ReplayGuard::key) returns the same key to all who share the record, from the first call on. The key **is lost with the
/// record**: a guard that no longer remembers which challenges were used makes a new key, and challenges issued before are no
/// longer recognised.
///
/// [`use_cases::Challenges`](crate::use_cases::Challenges) calls it.
///
/// # Security
/// A claim can be replayed if a guard forgets too early, if the processes of one verifier do not share it, or if it loses its
/// record and keeps the key.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ReplayGuard: std::fmt::Debug + Send + Sync {
    /// Marks `token` as used, and returns whether this is its first use.
    ///
    /// # Errors
    /// [`StoreError`] when the use could not be recorded. The token must then count as used.
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError>;

    /// Returns what [`consume`](ReplayGuard::consume) would return now, and records nothing. Another caller may use the token the
    /// moment after, so only `consume` lets anybody act.
    ///
    /// # Errors
    /// [`StoreError`] when the record could not be read.
    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError>;

    /// Returns the key under which challenges are issued: the stored one, or `fresh`, which is then stored, where there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the key could not be read or stored. A stored key that cannot be read is never replaced.
    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError>;
}

/// A guard for one process. Its key and its record end with the value.
#[derive(Debug, Default)]
pub struct MemoryReplayGuard {
    used: Mutex<BTreeMap<String, Timestamp>>,
    key: Mutex<Option<ChallengeKey>>,
}

impl MemoryReplayGuard {
    /// Creates an empty guard.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of used tokens in the record.
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

    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let is_used = used.get(token).is_some_and(|expiry| *expiry > now);
        match expires <= now || is_used {
            true => Ok(TokenUse::UsedUp),
            false => Ok(TokenUse::First),
        }
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
        assert!(is_first(&guard, 0, 100));
        assert!(!is_first(&guard, 1, 10));
        assert!(!is_first(&guard, 50, 100), "forgotten before its time");
        assert!(!is_first(&guard, 99, 100));
        assert!(
            !is_first(&guard, 100, 100),
            "a token that has expired counts as used"
        );
        assert!(
            is_first(&guard, 100, 200),
            "after its time it may be forgotten"
        );
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    /// Whether one token, which expires then, is used for the first time.
    fn is_first(guard: &MemoryReplayGuard, now: i64, expires: i64) -> bool {
        let used = guard.consume("token", at(now), at(expires));
        used.now_or_never().unwrap().unwrap().is_first()
    }
}
