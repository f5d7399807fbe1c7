//! A verifier's own records, as files.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use auths_core::ports::{RecordKind, Store, StoreBounds, StoreError, StoreKey};
use sha2::{Digest, Sha256};

use crate::RecordKey;
use crate::disk::{self, Reading};
use crate::hex::Hex;
use crate::record::{self, BadRecord, Key, Record};
use crate::room::{Room, Rooms};

/// Remembers records as files, in two directories: what may be forgotten in `<directory>/<collection>.cache`, and what must not in
/// `<directory of the key>/records/<collection>`. A file's name is the SHA-256 of the record's, in hexadecimal.
///
/// Each file holds its full key and a message authentication code under the [`RecordKey`]. A kept record that is damaged, cut,
/// changed, lies under another's name, or was written by somebody without that key, is a [`StoreError`], never `None` and never a
/// value; a cached one is `None`. Processes may share a directory: a record is replaced in one step, and of two that call
/// [`put_new`](Store::put_new) at once, one wrote.
///
/// What is written once and for all ([`put_new`](Store::put_new), and a removal) is on the disk when the call returns. A
/// replacement ([`put`](Store::put)) is not waited for: it outlives the process, but a power failure may leave the record of
/// before, or a damaged one, which is an error until its file is deleted. What is put is read from a server again.
///
/// A record counts against the [bounds](StoreBounds) with the blocks of 4 KiB that its file and its name take. When cached
/// records are dropped, those that were neither written nor read for longest go first. Processes that write at the same moment
/// may pass a bound by what they are writing.
///
/// # Errors
/// [`StoreError`] also for a record of more than 16 MiB, for a collection that is not a lower-case word, for a directory
/// that others can write, for a file that others can read, and for a kept record for which there is no room. Records of version
/// 1, which had no code and lay in `<directory>/<collection>`, are not believed: where one of them is a kept one, that is an
/// error until it is moved away.
///
/// # Security
/// Whoever can write the directory, and not that of the key, can take cached records away, and can set one back to what it was
/// before, under the validator that belonged to it then: the server is asked again, and nothing else happens. A code does not show
/// that a record was removed, and that a kept one is not there may be what a yes rests on: so those lie where the key lies.
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
    /// What is cached in `dir`, and what is kept beside `key`; all of it authenticated under `key`. The first write makes the
    /// directories. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, key: RecordKey) -> Self {
        let kept = key.dir().join("records");
        Self::in_dirs(dir.into(), kept, key, StoreBounds::default())
    }

    fn in_dirs(cached: PathBuf, kept: PathBuf, key: RecordKey, bounds: StoreBounds) -> Self {
        let rooms = |dir| Arc::new(Rooms::new(dir, bounds));
        Self {
            cached: rooms(cached),
            kept: rooms(kept),
            key,
        }
    }

    /// The same, with what is kept in another directory than that of the key.
    ///
    /// # Security
    /// Whoever can write that directory can remove a kept record, or set it back, and so make this verifier forget.
    #[must_use]
    pub fn keeping_in(self, kept: impl Into<PathBuf>) -> Self {
        let (cached, bounds) = (self.dir().to_owned(), self.cached.bounds);
        Self::in_dirs(cached, kept.into(), self.key, bounds)
    }

    /// The same, holding no more than this.
    #[must_use]
    pub fn bounded(self, bounds: StoreBounds) -> Self {
        let (cached, kept) = (self.dir().to_owned(), self.kept_in().to_owned());
        Self::in_dirs(cached, kept, self.key, bounds)
    }

    /// The directory of what is cached.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.cached.dir
    }

    /// The directory of what is kept.
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

    /// Where the record lies: the directory of its collection in that of its kind, and the name of its file.
    fn place(key: &StoreKey, doing: &'static str) -> Result<(String, String), StoreError> {
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

    /// Writes the record with `write`, in a directory that is fit to be used; `None` when it is one to be forgotten at once.
    fn write<T>(
        &self,
        key: &StoreKey,
        value: &[u8],
        write: impl FnOnce(&Path, &str, &[u8]) -> io::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let failed = |e: io::Error| StoreError::new(key, "written", e);
        let (collection, file) = Self::place(key, "written")?;
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
                // What is there is of before.
                disk::remove(&dir, &file).map_err(failed)?;
                return Ok(None);
            }
        }
        disk::make_dir(&dir).map_err(failed)?;
        write(&dir, &file, &bytes).map(Some).map_err(failed)
    }

    /// Every readable kept record of a collection. What cannot be read is left out: fit for tidying up, not for deciding.
    pub(crate) fn readable(&self, collection: &'static str) -> Vec<Record> {
        let files = disk::names(&self.kept_in().join(collection)).unwrap_or_default();
        let read = |file: &String| {
            let bytes = bytes(self.kept_in(), collection, file, Reading::Only).ok()??;
            let record = record::decode(&bytes, self.key.find().ok()?).ok()?;
            let own = StoreKey::new(collection, record.key.name.as_str());
            (record.key == Key::of(&own) && file_name(&record.key.name) == *file).then_some(record)
        };
        files.iter().filter_map(read).collect()
    }

    /// That an earlier version did not keep this record, where it is not there now: it would be forgotten.
    fn check_earlier(&self, key: &StoreKey, doing: &'static str) -> Result<(), StoreError> {
        let (collection, file) = Self::place(key, doing)?;
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

    /// The record in these bytes, which must be this one.
    fn decode(
        &self,
        key: &StoreKey,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        let record = record::decode(bytes, self.key.find()?)?;
        if record.key != Key::of(key) {
            return Err(BadRecord("its file holds another's record").into());
        }
        Ok(record.value)
    }
}

/// The bytes of a file of a collection; `None` when there is none.
fn bytes(
    dir: &Path,
    collection: &str,
    file: &str,
    reading: Reading,
) -> io::Result<Option<Vec<u8>>> {
    let in_dir = dir.join(collection);
    if !disk::check_dir(dir)? || !disk::check_dir(&in_dir)? {
        return Ok(None);
    }
    disk::read(&in_dir.join(file), record::MAX_LEN, reading)
}

/// The name of a record's file: any text becomes a name that every file system takes.
fn file_name(name: &str) -> String {
    Hex::<32>(Sha256::digest(name.as_bytes()).into()).to_string()
}

#[async_trait]
impl Store for FileStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        let (collection, file) = Self::place(key, "read")?;
        let reading = match key.kind() {
            RecordKind::Kept => Reading::Only,
            RecordKind::Cached => Reading::AsUse,
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

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        self.write(key, value, disk::replace).map(|_| ())
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        self.check_earlier(key, "written")?;
        let written = self.write(key, value, disk::write_new)?;
        // One that is forgotten at once was written all the same.
        Ok(written.unwrap_or(true))
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        let (collection, file) = Self::place(key, "removed")?;
        disk::remove(&self.rooms(key).dir.join(collection), &file)
            .map(|_| ())
            .map_err(|e| StoreError::new(key, "removed", e))
    }
}
