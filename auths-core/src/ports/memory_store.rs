//! A store in memory.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

use super::store::{RecordKind, Store, StoreBounds, StoreError, StoreKey};

/// A store that lasts as long as the process.
///
/// The size of a record is its name, its value and 128 bytes.
#[derive(Debug, Default)]
pub struct MemoryStore {
    bounds: StoreBounds,
    collections: Mutex<BTreeMap<(RecordKind, &'static str), MemoryCollection>>,
}

/// The records of one kind in one collection.
#[derive(Debug, Default)]
struct MemoryCollection {
    records: BTreeMap<String, MemoryRecord>,
    size: u64,
    /// A counter that grows with every use.
    uses: u64,
}

#[derive(Debug)]
struct MemoryRecord {
    value: Vec<u8>,
    /// The value of the counter at the last use.
    used: u64,
}

impl MemoryStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty store with these bounds.
    #[must_use]
    pub fn bounded(bounds: StoreBounds) -> Self {
        Self {
            bounds,
            collections: Mutex::default(),
        }
    }

    /// Runs `what` on the record's collection.
    fn in_collection<T>(&self, key: &StoreKey, what: impl FnOnce(&mut MemoryCollection) -> T) -> T {
        // Each record is written in one step, so a panic elsewhere leaves the map whole.
        let mut collections = self
            .collections
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        what(
            collections
                .entry((key.kind(), key.collection()))
                .or_default(),
        )
    }
}

/// Returns the size of a record in bytes.
fn size(name: &str, value: &[u8]) -> u64 {
    (name.len() + value.len() + 128) as u64
}

impl MemoryCollection {
    fn get(&mut self, name: &str) -> Option<Vec<u8>> {
        self.uses += 1;
        let record = self.records.get_mut(name)?;
        record.used = self.uses;
        Some(record.value.clone())
    }

    fn put(&mut self, key: &StoreKey, value: &[u8], bounds: StoreBounds) -> Result<(), StoreError> {
        let (new, bound) = (size(key.name(), value), bounds.of(key.kind()));
        let old = self.records.get(key.name());
        let old = old.map_or(0, |record| size(key.name(), &record.value));
        let is_full = self.size - old + new > bound;
        if key.kind() == RecordKind::Kept && is_full && new > old {
            return Err(StoreError::full(key, bound));
        }
        self.remove(key.name());
        if key.kind() == RecordKind::Cached && is_full {
            self.drop_least_used(bounds.after_dropping().saturating_sub(new));
        }
        if key.kind() == RecordKind::Kept || new <= bound {
            self.uses += 1;
            let (value, used) = (value.to_vec(), self.uses);
            let record = MemoryRecord { value, used };
            self.records.insert(key.name().to_owned(), record);
            self.size += new;
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) {
        if let Some(record) = self.records.remove(name) {
            self.size -= size(name, &record.value);
        }
    }

    /// Drops records, the least recently used first, until no more than `left` bytes are there.
    fn drop_least_used(&mut self, left: u64) {
        let records = self.records.iter();
        let mut names: Vec<_> = records
            .map(|(name, record)| (record.used, name.clone()))
            .collect();
        names.sort_unstable();
        for (_, name) in names {
            if self.size <= left {
                return;
            }
            self.remove(&name);
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.in_collection(key, |collection| collection.get(key.name())))
    }

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        self.in_collection(key, |collection| collection.put(key, value, self.bounds))
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        self.in_collection(key, |collection| {
            if collection.records.contains_key(key.name()) {
                return Ok(false);
            }
            collection.put(key, value, self.bounds).map(|()| true)
        })
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        self.in_collection(key, |collection| collection.remove(key.name()));
        Ok(())
    }
}
