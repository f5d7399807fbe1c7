//! The port through which a verifier remembers: validators, digested evidence, serials, first sightings.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

/// Where a record lies: a collection and a name in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey {
    collection: &'static str,
    name: String,
}

impl StoreKey {
    /// A record `name` in `collection` (a lower-case word, fixed in the code).
    #[must_use]
    pub fn new(collection: &'static str, name: impl Into<String>) -> Self {
        Self {
            collection,
            name: name.into(),
        }
    }

    /// The collection.
    #[must_use]
    pub fn collection(&self) -> &'static str {
        self.collection
    }

    /// The name, any text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.collection, self.name)
    }
}

/// The store could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the record {key} could not be {doing}")]
#[non_exhaustive]
pub struct StoreError {
    /// The record.
    pub key: String,
    /// `read` or `written`.
    pub doing: &'static str,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// The record `key` could not be `doing` (`read`, `written`).
    pub fn new(
        key: &StoreKey,
        doing: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            key: key.to_string(),
            doing,
            source: source.into(),
        }
    }
}

/// Remembers small records.
///
/// # Contract
/// A record read is exactly a record written: never a part of one, never another's. `put_new` writes only where
/// nothing is, atomically, and says whether it did: two writers cannot both be first.
///
/// # Security
/// Records are this verifier's own memory (what was seen first, which serial was last). Whoever can write the store
/// can make an old answer look new; keep it where only the verifier writes. No secret is ever put in.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// The record, or `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be read: never `None` for a failure.
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes the record, replacing what was there.
    ///
    /// # Errors
    /// [`StoreError`]; the old record is then still there, whole.
    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError>;

    /// Writes the record if none is there, and says whether it wrote.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written.
    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError>;

    /// Removes the record, if it is there.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be removed.
    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError>;
}

/// A store that lives as long as the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    records: Mutex<BTreeMap<StoreKey, Vec<u8>>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn records(&self) -> std::sync::MutexGuard<'_, BTreeMap<StoreKey, Vec<u8>>> {
        // A record is written in one call: a panic elsewhere leaves the map whole.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.records().get(key).cloned())
    }

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        self.records().insert(key.clone(), value.to_vec());
        Ok(())
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        let mut records = self.records();
        if records.contains_key(key) {
            return Ok(false);
        }
        records.insert(key.clone(), value.to_vec());
        Ok(true)
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        self.records().remove(key);
        Ok(())
    }
}
