//! The port through which a verifier remembers: validators, digested evidence, serials, first sightings.

mod memory;

use std::fmt;

use async_trait::async_trait;

use crate::identity::escape;
use crate::reason::{Unavailable, UnavailableReason};

pub use memory::MemoryStore;

/// Whether a record may be forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    /// What only this verifier knows, and what may keep a wrong answer from being a yes: serials, owners that were found
    /// listed, pins, recovery DIDs. Never dropped, and never read as missing when it cannot be believed.
    Kept,
    /// What can be had again from where it came. A store may drop it at any time, and reads it as missing when it cannot be
    /// believed.
    Cached,
}

/// Where a record lies, and whether it may be forgotten: a collection, and a name in it.
///
/// Two keys of different kinds are never the same record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreKey {
    kind: RecordKind,
    collection: &'static str,
    name: String,
}

impl StoreKey {
    /// A [kept](RecordKind::Kept) record `name` in `collection` (a lower-case word, fixed in the code).
    #[must_use]
    pub fn new(collection: &'static str, name: impl Into<String>) -> Self {
        Self {
            kind: RecordKind::Kept,
            collection,
            name: name.into(),
        }
    }

    /// The [cached](RecordKind::Cached) record of this collection and name.
    #[must_use]
    pub fn as_cached(mut self) -> Self {
        self.kind = RecordKind::Cached;
        self
    }

    /// Whether the record may be forgotten.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        self.kind
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
        write!(f, "{}/{}", self.collection, escape(&self.name))
    }
}

/// The store could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the record {} could not be {doing}", escape(key))]
#[non_exhaustive]
pub struct StoreError {
    /// The record.
    pub key: String,
    /// `read`, `written` or `removed`.
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

    /// There is no room in the collection of `key` for another kept record: it may hold `bound` bytes.
    #[must_use]
    pub fn full(key: &StoreKey, bound: u64) -> Self {
        Self::new(key, "written", Full { bound })
    }
}

/// A collection of kept records is full.
#[derive(Debug, thiserror::Error)]
#[error(
    "its collection is full: it may hold {bound} bytes, and what is in it is never dropped; raise the bound of the store, or \
     remove what need not be remembered any more"
)]
struct Full {
    bound: u64,
}

impl From<StoreError> for Unavailable {
    /// [`UnavailableReason::StoreFailed`], with the cause.
    fn from(error: StoreError) -> Self {
        let detail = format!("{error}: {}", error.source);
        Self::new(UnavailableReason::StoreFailed, detail)
    }
}

/// How many bytes a store may hold in each of its collections, what a record costs besides its value included.
///
/// One collection never takes the room of another: a stranger who has many packages asked about fills what is remembered of
/// packages, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreBounds {
    cached: u64,
    kept: u64,
}

impl StoreBounds {
    /// At most `cached` bytes of cached records in a collection: the least recently used are dropped for new ones.
    #[must_use]
    pub const fn with_cached(mut self, bytes: u64) -> Self {
        self.cached = bytes;
        self
    }

    /// At most `kept` bytes of kept records in a collection: another one is then refused with a [`StoreError`], and those that
    /// are there stay.
    #[must_use]
    pub const fn with_kept(mut self, bytes: u64) -> Self {
        self.kept = bytes;
        self
    }

    /// The bytes for records of this kind in one collection.
    #[must_use]
    pub const fn of(self, kind: RecordKind) -> u64 {
        match kind {
            RecordKind::Kept => self.kept,
            RecordKind::Cached => self.cached,
        }
    }

    /// What a collection of cached records is brought down to when it is full: making room for an eighth at once spares
    /// looking through it for every record.
    #[must_use]
    pub const fn after_dropping(self) -> u64 {
        self.cached - self.cached / 8
    }
}

impl Default for StoreBounds {
    /// 128 MiB of cached records, 256 MiB of kept ones.
    fn default() -> Self {
        Self {
            cached: 128 << 20,
            kept: 256 << 20,
        }
    }
}

/// Remembers small records.
///
/// # Contract
/// - A record read is exactly a record written: never a part of one, never another's. `put_new` writes only where nothing is,
///   atomically, and says whether it did: two writers cannot both be first.
/// - [Kept](RecordKind::Kept) records stay until they are removed. Where there is no room for another one, writing it is a
///   [`StoreError`], and what is there stays and can be replaced by what is no larger.
/// - [Cached](RecordKind::Cached) records may be dropped at any time. They take no more room than the store's
///   [bound](StoreBounds), whatever is written: the least recently written or read make room for new ones, and one that is
///   larger than the bound is not kept at all.
/// - A record that was changed behind the store's back, as far as the store can tell, is a [`StoreError`] when it is kept,
///   and `None` when it is cached.
///
/// # Security
/// Records are this verifier's own memory, and an answer may rest on them: a server that says "not modified" is answered from
/// a cached record. Where others than the verifier can write what a store is made of, it must tell records of its own from
/// theirs by a message authentication code over kind, collection, name and value. No such code shows that a record was removed
/// or set back to what it was before: whoever can write there can make the verifier forget. No secret is ever put in.
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
