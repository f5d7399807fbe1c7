//! The port for a verifier's records: HTTP validators, cached evidence, registry serials, times of first observations.

use std::fmt;

use async_trait::async_trait;

use crate::identity::escape;
use crate::reason::{Reason, Unavailable, UnavailableReason};

/// The durability of a record: kept or cached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// A record that only this verifier has, and that may keep a wrong answer from being a yes: serials, owners that were found
    /// listed, pins, recovery DIDs. It is never dropped, and never read as missing when it cannot be trusted.
    Kept,
    /// A record that can be fetched again from its source. A store may drop it at any time, and reads it as missing when it
    /// cannot be trusted.
    Cached,
}

/// The address of a record: a collection, a name in it, and the kind of record.
///
/// Two keys of different kinds are never the same record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey {
    kind: RecordKind,
    collection: &'static str,
    name: String,
}

impl StoreKey {
    /// Creates the key of a [kept](RecordKind::Kept) record `name` in `collection` (a lower-case word, fixed in the code).
    #[must_use]
    pub fn new(collection: &'static str, name: impl Into<String>) -> Self {
        Self {
            kind: RecordKind::Kept,
            collection,
            name: name.into(),
        }
    }

    /// Sets the kind to [cached](RecordKind::Cached).
    #[must_use]
    pub fn as_cached(mut self) -> Self {
        self.kind = RecordKind::Cached;
        self
    }

    /// Returns the kind of record.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        self.kind
    }

    /// Returns the collection.
    #[must_use]
    pub fn collection(&self) -> &'static str {
        self.collection
    }

    /// Returns the name, which may be any text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.collection, escape(&self.name))
    }
}

/// The error when a store could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the record {} could not be {doing}", escape(key))]
#[non_exhaustive]
pub struct StoreError {
    /// The record.
    pub key: String,
    /// The failed operation: `read`, `written` or `removed`.
    pub doing: &'static str,
    /// The cause.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        UnavailableReason::StoreFailed.code()
    }

    /// Creates the error that the record `key` could not be `doing` (`read`, `written`).
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

    /// Creates the error that the collection of `key` has no room for another kept record, because it may hold only `bound`
    /// bytes.
    #[must_use]
    pub fn full(key: &StoreKey, bound: u64) -> Self {
        Self::new(key, "written", FullStore { bound })
    }
}

/// The cause: a collection of kept records is full.
#[derive(Debug, thiserror::Error)]
#[error(
    "its collection is full: it may hold {bound} bytes, and what is in it is never dropped; raise the bound of the store, or \
     remove what need not be remembered any more"
)]
struct FullStore {
    bound: u64,
}

impl From<&StoreError> for Unavailable {
    /// Converts to [`UnavailableReason::StoreFailed`], with the cause.
    fn from(error: &StoreError) -> Self {
        let detail = format!("{error}: {}", error.source);
        Self::new(UnavailableReason::StoreFailed, detail)
    }
}

impl From<StoreError> for Unavailable {
    fn from(error: StoreError) -> Self {
        Self::from(&error)
    }
}

/// The maximum number of bytes in each collection of a store, including the overhead of each record.
///
/// One collection never takes the room of another. A stranger who causes questions about many packages fills only the collection
/// for packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreBounds {
    cached: u64,
    kept: u64,
}

impl StoreBounds {
    /// Sets the maximum bytes of cached records in a collection. The least recently used records are dropped for new ones.
    #[must_use]
    pub const fn with_cached(mut self, bytes: u64) -> Self {
        self.cached = bytes;
        self
    }

    /// Sets the maximum bytes of kept records in a collection. When it is full, another record is refused with a [`StoreError`],
    /// and the existing ones stay.
    #[must_use]
    pub const fn with_kept(mut self, bytes: u64) -> Self {
        self.kept = bytes;
        self
    }

    /// Returns the maximum bytes for records of this kind in one collection.
    #[must_use]
    pub const fn of(self, kind: RecordKind) -> u64 {
        match kind {
            RecordKind::Kept => self.kept,
            RecordKind::Cached => self.cached,
        }
    }

    /// Returns the size to which a full collection of cached records is reduced. One eighth is freed at once, so that the
    /// collection is not searched for every new record.
    #[must_use]
    pub const fn after_dropping(self) -> u64 {
        self.cached - self.cached / 8
    }
}

impl Default for StoreBounds {
    /// Returns 128 MiB of cached records and 256 MiB of kept ones.
    fn default() -> Self {
        Self {
            cached: 128 << 20,
            kept: 256 << 20,
        }
    }
}

/// A store of small records.
///
/// # Contract
/// - A record is read exactly as it was written: never a part of it, never another record. `put_new` writes only where no record
///   is, atomically, and returns whether it wrote: two writers cannot both be first.
/// - [Kept](RecordKind::Kept) records stay until they are removed. When there is no room for another one, writing it is a
///   [`StoreError`]. Existing records then stay, and can be replaced by values that are not larger.
/// - [Cached](RecordKind::Cached) records may be dropped at any time. They never take more room than the store's
///   [bound](StoreBounds): the least recently written or read make room for new ones, and a record larger than the bound is not
///   stored at all.
/// - A record that was changed outside the store, as far as the store can tell, is a [`StoreError`] when it is kept, and `None`
///   when it is cached.
///
/// # Security
/// Records are this verifier's own memory, and an answer may rest on them: when a server answers "not modified", the cached
/// record is used. If others than the verifier can write to the underlying storage, the store must authenticate its records with
/// a message authentication code over kind, collection, name and value. No such code shows that a record was removed or set back
/// to an earlier value: anyone who can write there can make the verifier forget. Secrets are never stored.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// Returns the record, or `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be read: never `None` for a failure.
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes the record, replacing an existing one.
    ///
    /// # Errors
    /// [`StoreError`]; the old record is then still there, whole.
    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError>;

    /// Writes the record if none exists, and returns whether it wrote.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be written.
    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError>;

    /// Removes the record, if it exists.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be removed.
    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError>;
}
