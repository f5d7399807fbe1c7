//! A verifier's own records, as files.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use auths_core::ports::{RecordKind, Store, StoreBounds, StoreError, StoreKey};
use sha2::{Digest, Sha256};

use crate::RecordKey;
use crate::disk::{self, ReadEffect};
use crate::hex::Hex;
use crate::record::{self, BadRecord, KindAndKey, StoreRecord};
use crate::room::{Room, Rooms};

/// A store of records as files, in two directories: records that may be forgotten in `<directory>/<collection>.cache`, and
/// records that must be kept in `<directory of the key>/records/<collection>`. The name of a file is the SHA-256 of the record's
/// name, in hexadecimal.
///
/// Each file holds its full key and a message authentication code under the [`RecordKey`]. A kept record is a [`StoreError`],
/// never `None` and never a value, when it is damaged, cut, changed, lies under another's name, or was written without that key.
/// A cached record is then `None`. Processes may share a directory: a record is replaced in one step, and of two calls of
/// [`put_new`](Store::put_new) at once, one writes.
///
/// A permanent write ([`put_new`](Store::put_new), and a removal) is on the disk when the call returns. A replacement
/// ([`put`](Store::put)) does not wait for the disk: it outlives the process, but a power failure may leave the former record, or
/// a damaged one, which is an error until its file is deleted. Values written by `put` can be read from a server again.
///
/// A record counts against the [bounds](StoreBounds) with the blocks of 4 KiB that its file and its name take. When cached
/// records are dropped, those neither written nor read for the longest time go first. Processes that write at the same moment may
/// pass a bound by the size of those writes.
///
/// # Errors
/// [`StoreError`] also for a record of more than 16 MiB, for a collection that is not a lower-case word, for a directory that
/// others can write, for a file that others can read, and for a kept record without room. Records of version 1, which had no code
/// and lay in `<directory>/<collection>`, are not believed. A kept record of version 1 is an error until it is moved away.
///
/// # Security
/// Anyone who can write the directory, and not that of the key, can remove cached records, and can set one back to an earlier
/// state, with the validator that belonged to it then. The server is then asked again, and nothing else happens. A code does not
/// show that a record was removed, and a yes may depend on a kept record being absent. Kept records therefore lie where the key
/// lies.
///
/// ```
/// use auths_core::ports::{Store, StoreKey};
/// use auths_keystore::{FileStore, RecordKey};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let (directory, keys) = (directory.path().join("store"), directory.path().join("keys"));
/// let store = FileStore::new(directory, RecordKey::in_dir(keys));
/// let key = StoreKey::new("pins", "pkg:npm/left-pad");
/// assert!(store.put_new(&key, b"first").await?);
/// assert!(!store.put_new(&key, b"second").await?);
/// assert_eq!(store.get(&key).await?.as_deref(), Some(&b"first"[..]));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    cached: Arc<Rooms>,
    kept: Arc<Rooms>,
    key: RecordKey,
}

impl FileStore {
    /// Creates a store with cached records in `dir` and kept records beside `key`, all authenticated under `key`. The first write
    /// makes the directories. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, key: RecordKey) -> Self {
        let kept = key.dir().join("records");
        Self::in_dirs(dir.into(), kept, key, StoreBounds::default())
    }

    fn in_dirs(cached: PathBuf, kept: PathBuf, key: RecordKey, bounds: StoreBounds) -> Self {
        let [cached, kept] = [cached, kept].map(|dir| Arc::new(Rooms::new(dir, bounds)));
        Self { cached, kept, key }
    }

    /// Sets another directory for kept records than that of the key.
    ///
    /// # Security
    /// Anyone who can write that directory can remove a kept record, or set it back to an earlier state, and so make this
    /// verifier forget.
    #[must_use]
    pub fn keeping_in(self, kept: impl Into<PathBuf>) -> Self {
        let (cached, bounds) = (self.dir().to_owned(), self.cached.bounds);
        Self::in_dirs(cached, kept.into(), self.key, bounds)
    }

    /// Sets the limits of the store.
    #[must_use]
    pub fn bounded(self, bounds: StoreBounds) -> Self {
        let (cached, kept) = (self.dir().to_owned(), self.kept_in().to_owned());
        Self::in_dirs(cached, kept, self.key, bounds)
    }

    /// Returns the directory of cached records.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.cached.dir
    }

    /// Returns the directory of kept records.
    #[must_use]
    pub fn kept_in(&self) -> &Path {
        &self.kept.dir
    }

    fn rooms(&self, key: &StoreKey) -> &Rooms {
        match key.kind() {
            RecordKind::Kept => &self.kept,
            RecordKind::Cached => &self.cached,
        }
    }

    /// Returns the place of the record: the directory of its collection in that of its kind, and the name of its file.
    fn checked_place(key: &StoreKey, doing: &'static str) -> Result<(String, String), StoreError> {
        let collection = key.collection();
        let ok = (1..=64).contains(&collection.len())
            && collection.starts_with(|c: char| c.is_ascii_lowercase())
            && collection
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !ok {
            let rule = BadRecord("its collection is not a lower-case word");
            return Err(StoreError::new(key, doing, rule));
        }
        let directory = match key.kind() {
            RecordKind::Kept => collection.to_owned(),
            RecordKind::Cached => format!("{collection}.cache"),
        };
        Ok((directory, file_name(key.name())))
    }

    /// Writes the record with `write`, in a directory that is fit to be used; `None` when the record is to be forgotten at once.
    fn write<T>(
        &self,
        key: &StoreKey,
        value: &[u8],
        write: impl FnOnce(&Path, &str, &[u8]) -> io::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let failed = |e: io::Error| StoreError::new(key, "written", e);
        let (collection, file) = Self::checked_place(key, "written")?;
        let tagger = self.key.find_or_make().map_err(failed)?;
        let bytes = record::encode(key, value, tagger);
        let bytes = bytes.map_err(|e| StoreError::new(key, "written", e))?;
        let rooms = self.rooms(key);
        let dir = rooms.dir.join(&collection);
        disk::make_dir(&rooms.dir).map_err(failed)?;
        let room = rooms.make(key.kind(), &collection, &file, bytes.len() as u64);
        match room.map_err(failed)? {
            Room::Made => {}
            Room::Full => return Err(StoreError::full(key, rooms.bounds.of(key.kind()))),
            Room::TooLarge => {
                // The existing file is an earlier record.
                disk::remove(&dir, &file).map_err(failed)?;
                return Ok(None);
            }
        }
        disk::make_dir(&dir).map_err(failed)?;
        write(&dir, &file, &bytes).map(Some).map_err(failed)
    }

    /// Returns every readable kept record of a collection. Unreadable records are left out: fit for tidying up, not for
    /// decisions.
    pub(crate) fn readable(&self, collection: &'static str) -> Vec<StoreRecord> {
        let files = self.files(collection).unwrap_or_default();
        let files = files.iter();
        files
            .filter_map(|file| self.read_file(collection, file).ok())
            .collect()
    }

    /// Returns the names of the files of a collection of kept records, in their order; none when the collection does not exist.
    pub(crate) fn files(&self, collection: &'static str) -> Result<Vec<String>, StoreError> {
        let failed = |e: io::Error| StoreError::new(&StoreKey::new(collection, ""), "read", e);
        if !disk::check_dir(self.kept_in()).map_err(failed)? {
            return Ok(Vec::new());
        }
        let mut files = disk::names(&self.kept_in().join(collection)).map_err(failed)?;
        files.retain(|file| !disk::is_temporary(file.as_ref()));
        files.sort();
        Ok(files)
    }

    /// Reads the kept record in one file of a collection.
    pub(crate) fn read_file(
        &self,
        collection: &'static str,
        file: &str,
    ) -> Result<StoreRecord, StoreError> {
        let read = || -> Result<StoreRecord, Box<dyn Error + Send + Sync>> {
            let bytes = bytes(self.kept_in(), collection, file, ReadEffect::Only)?;
            let bytes = bytes.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
            let record = record::decode(&bytes, self.key.find()?)?;
            let own = StoreKey::new(collection, record.key.name.as_str());
            match record.key == KindAndKey::of(&own) && file_name(&record.key.name) == file {
                true => Ok(record),
                false => Err(BadRecord("its file holds another's record").into()),
            }
        };
        read().map_err(|e| StoreError::new(&StoreKey::new(collection, file), "read", e))
    }

    /// Reads a record, as [`get`](Store::get) does.
    pub(crate) fn read(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        let (collection, file) = Self::checked_place(key, "read")?;
        let reading = match key.kind() {
            RecordKind::Kept => ReadEffect::Only,
            RecordKind::Cached => ReadEffect::AsUse,
        };
        let bytes = bytes(&self.rooms(key).dir, &collection, &file, reading);
        let Some(bytes) = bytes.map_err(|e| StoreError::new(key, "read", e))? else {
            return self.check_earlier(key, "read").map(|()| None);
        };
        match (key.kind(), self.decode(key, &bytes)) {
            (_, Ok(value)) => Ok(Some(value)),
            (RecordKind::Kept, Err(e)) => Err(StoreError::new(key, "read", e)),
            (RecordKind::Cached, Err(_)) => Ok(None),
        }
    }

    /// Writes a record if none exists, as [`put_new`](Store::put_new) does.
    pub(crate) fn write_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        self.check_earlier(key, "written")?;
        let written = self.write(key, value, disk::write_new)?;
        // A record that is forgotten at once counts as written.
        Ok(written.unwrap_or(true))
    }

    /// Checks that no earlier version kept this record, where it does not exist now: otherwise it would be forgotten.
    fn check_earlier(&self, key: &StoreKey, doing: &'static str) -> Result<(), StoreError> {
        let (collection, file) = Self::checked_place(key, doing)?;
        let earlier = self.dir().join(collection).join(file);
        if key.kind() == RecordKind::Cached || self.dir() == self.kept_in() {
            return Ok(());
        }
        match earlier.symlink_metadata() {
            Ok(_) => Err(StoreError::new(key, doing, record::EARLIER)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(e) => Err(StoreError::new(key, doing, e)),
        }
    }

    /// Reads the record in these bytes, which must be this one.
    fn decode(
        &self,
        key: &StoreKey,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let record = record::decode(bytes, self.key.find()?)?;
        if record.key != KindAndKey::of(key) {
            return Err(BadRecord("its file holds another's record").into());
        }
        Ok(record.value)
    }
}

/// Reads the bytes of a file of a collection; `None` when there is none.
fn bytes(
    dir: &Path,
    collection: &str,
    file: &str,
    reading: ReadEffect,
) -> io::Result<Option<Vec<u8>>> {
    let in_dir = dir.join(collection);
    if !disk::check_dir(dir)? || !disk::check_dir(&in_dir)? {
        return Ok(None);
    }
    disk::read(&in_dir.join(file), record::MAX_LEN, reading)
}

/// Returns the name of a record's file: any text becomes a name that every file system takes.
fn file_name(name: &str) -> String {
    Hex::<32>(Sha256::digest(name.as_bytes()).into()).to_string()
}

#[async_trait]
impl Store for FileStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(key)
    }

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        self.write(key, value, disk::replace).map(|_| ())
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        self.write_new(key, value)
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        let (collection, file) = Self::checked_place(key, "removed")?;
        disk::remove(&self.rooms(key).dir.join(collection), &file)
            .map(|_| ())
            .map_err(|e| StoreError::new(key, "removed", e))
    }
}
