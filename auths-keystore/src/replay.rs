//! The used challenges, as files.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use auths_core::Timestamp;
use auths_core::claim::ChallengeKey;
use auths_core::ports::{ReplayGuard, Store, StoreError, StoreKey, TokenUse};
use zeroize::Zeroizing;

use crate::record::BadRecord;
use crate::{FileStore, RecordKey};

const COLLECTION: &str = "challenges";
/// The name of the record with the key, beside those of the used tokens: to lose the one is to lose the other. No challenge has
/// this spelling.
const KEY: &str = "the key of the challenges";
/// The time after its expiry for which a token is still remembered. The clocks of processes that share a directory differ.
const GRACE: Duration = Duration::from_secs(60 * 60);
/// The interval between searches for expired tokens.
const TIDY_EVERY: Duration = Duration::from_secs(10 * 60);

/// A memory of used challenges in a directory, across restarts and between processes that share it.
///
/// A token is recorded with [`FileStore::put_new`](Store::put_new), so of many uses at once, exactly one is the first. A token
/// that has expired by `now` counts as used, and nothing is recorded. Tokens are forgotten an hour after they expired. A record
/// that cannot be read then stays, and counts as used.
///
/// The key under which challenges are given lies in the same folder. Deleting the folder, and with it the records of used
/// challenges, deletes the key too: a new one is made, and no earlier challenge is recognised.
///
/// # Security
/// The guard relies on one expiry for a token, fixed when it was issued. Anyone who can write the directory can make a token
/// fresh again by removing its record. Anyone who can move `now` back by more than an hour can do so too. Anyone who can read the
/// directory can make challenges. A record that the [`RecordKey`] does not prove counts as used, and is never tidied away. When
/// the directory is full ([`StoreBounds`](auths_core::ports::StoreBounds)) no further token can be used. A folder restored from a
/// copy has forgotten the uses since: delete it instead.
///
/// ```
/// use auths_core::ports::ReplayGuard;
/// use auths_keystore::{FileReplayGuard, RecordKey};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// let guard = || FileReplayGuard::new(directory.join("used"), RecordKey::in_dir(directory.join("keys")));
/// let (now, expires) = ("2026-11-21T08:46:00Z".parse()?, "2026-11-21T08:51:00Z".parse()?);
/// assert!(guard().consume("token", now, expires).await?.is_first());
/// assert!(!guard().consume("token", now, expires).await?.is_first());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct FileReplayGuard {
    store: FileStore,
    tidied: Mutex<Option<Timestamp>>,
}

impl FileReplayGuard {
    /// Creates a guard for the used challenges in `dir`, authenticated under `key`. The first use makes the directory, which may
    /// be that of a [`FileStore`] with the same key.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, key: RecordKey) -> Self {
        let dir = dir.into();
        Self {
            store: FileStore::new(&dir, key).keeping_in(&dir),
            tidied: Mutex::new(None),
        }
    }

    /// Returns the directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.store.dir()
    }

    /// Returns whether it is time to tidy up. At most one caller gets true.
    fn is_due(&self, now: Timestamp) -> bool {
        let mut tidied = self.tidied.lock().unwrap_or_else(PoisonError::into_inner);
        let due = tidied.is_none_or(|last| now < last || now.since(last) >= TIDY_EVERY);
        if due {
            *tidied = Some(now);
        }
        due
    }

    /// Reads the key that lies beside the records.
    async fn kept_key(&self, place: &StoreKey) -> Result<Option<ChallengeKey>, StoreError> {
        let Some(bytes) = self.store.get(place).await?.map(Zeroizing::new) else {
            return Ok(None);
        };
        let key = <[u8; 32]>::try_from(bytes.as_slice());
        let bad =
            BadRecord("it is no key: delete its folder, and the challenges that were given end");
        let key = key.map_err(|_| StoreError::new(place, "read", bad))?;
        Ok(Some(ChallengeKey::from_bytes(Zeroizing::new(key))))
    }

    /// Forgets tokens that expired long ago. A record that cannot be removed now is removed another time.
    async fn drop_expired(&self, now: Timestamp) {
        for record in self.store.readable(COLLECTION) {
            let expires = std::str::from_utf8(&record.value)
                .ok()
                .and_then(|text| text.parse::<Timestamp>().ok());
            if expires.is_some_and(|expires| expires + GRACE <= now) {
                let _ = self
                    .store
                    .remove(&StoreKey::new(COLLECTION, record.key.name))
                    .await;
            }
        }
    }
}

#[async_trait]
impl ReplayGuard for FileReplayGuard {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        if expires <= now {
            return Ok(TokenUse::UsedUp);
        }
        let key = StoreKey::new(COLLECTION, token);
        let first = self
            .store
            .put_new(&key, expires.to_string().as_bytes())
            .await?;
        if self.is_due(now) {
            self.drop_expired(now).await;
        }
        Ok(match first {
            true => TokenUse::First,
            false => TokenUse::UsedUp,
        })
    }

    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        if expires <= now {
            return Ok(TokenUse::UsedUp);
        }
        let key = StoreKey::new(COLLECTION, token);
        Ok(match self.store.read(&key)? {
            Some(_) => TokenUse::UsedUp,
            None => TokenUse::First,
        })
    }

    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError> {
        let place = StoreKey::new(COLLECTION, KEY);
        if let Some(key) = self.kept_key(&place).await? {
            return Ok(key);
        }
        // Of several processes that make a key at once, the first one's key is used by all.
        if self.store.put_new(&place, fresh.expose()).await? {
            return Ok(fresh);
        }
        let key = self.kept_key(&place).await?;
        key.ok_or_else(|| StoreError::new(&place, "read", BadRecord("it is gone again")))
    }
}
