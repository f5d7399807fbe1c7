//! A verifier's own records, as files.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auths_core::ports::{Store, StoreError, StoreKey};
use sha2::{Digest, Sha256};

use crate::disk;
use crate::hex::Hex;
use crate::record::{self, BadRecord, Key, Record};

/// Remembers records as files: `<directory>/<collection>/<SHA-256 of the name, in hexadecimal>`.
///
/// Each file holds its full key and a digest: a record that is damaged, cut, or lies under another's name is a
/// [`StoreError`], never `None` and never a value. Processes may share a directory: a record is replaced in one step, and of
/// two that call [`put_new`](Store::put_new) at once, one wrote.
///
/// What is written once and for all ([`put_new`](Store::put_new), and a removal) is on the disk when the call returns. A
/// replacement ([`put`](Store::put)) is not waited for: it outlives the process, but a power failure may leave the record of
/// before, or a damaged one, which is an error until its file is deleted. What is put is read from a server again.
///
/// # Errors
/// [`StoreError`] also for a record of more than 16 MiB, for a collection that is not a lower-case word, for a directory
/// that others can write, and for a file that others can read.
///
/// # Security
/// The digest has no key: it finds damage, not malice. Whoever can write the directory can change every record.
///
/// ```
/// use auths_core::ports::{Store, StoreKey};
/// use auths_keystore::FileStore;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// let store = FileStore::new(directory);
/// let key = StoreKey::new("pins", "pkg:npm/left-pad");
/// assert!(store.put_new(&key, b"first").await?);
/// assert!(!store.put_new(&key, b"second").await?);
/// assert_eq!(store.get(&key).await?.as_deref(), Some(&b"first"[..]));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    dir: PathBuf,
}

impl FileStore {
    /// The records in `dir`, which the first write makes. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the record lies: its directory and the name of its file.
    fn place(&self, key: &StoreKey, doing: &'static str) -> Result<(PathBuf, String), StoreError> {
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
        Ok((self.dir.join(collection), file_name(key.name())))
    }

    /// Writes the record with `write`, in a directory that is fit to be used.
    fn write<T>(
        &self,
        key: &StoreKey,
        value: &[u8],
        write: impl FnOnce(&Path, &str, &[u8]) -> io::Result<T>,
    ) -> Result<T, StoreError> {
        let (dir, file) = self.place(key, "written")?;
        let bytes = record::encode(key, value).map_err(|e| StoreError::new(key, "written", e))?;
        disk::make_dir(&self.dir)
            .and_then(|()| disk::make_dir(&dir))
            .and_then(|()| write(&dir, &file, &bytes))
            .map_err(|e| StoreError::new(key, "written", e))
    }

    /// The record in this file, whoever's it is.
    fn read(&self, dir: &Path, file: &str) -> Result<Option<Record>, Box<dyn Error + Send + Sync>> {
        if !disk::check_dir(&self.dir)? || !disk::check_dir(dir)? {
            return Ok(None);
        }
        match disk::read(&dir.join(file), record::MAX_LEN)? {
            Some(bytes) => Ok(Some(record::decode(&bytes)?)),
            None => Ok(None),
        }
    }

    /// Every readable record of a collection. What cannot be read is left out: fit for tidying up, not for deciding.
    pub(crate) fn readable(&self, collection: &'static str) -> Vec<Record> {
        let dir = self.dir.join(collection);
        let files = disk::names(&dir).unwrap_or_default();
        let read = |file: &String| {
            let record = self.read(&dir, file).ok()??;
            let own = record.key.collection == collection && file_name(&record.key.name) == *file;
            own.then_some(record)
        };
        files.iter().filter_map(read).collect()
    }
}

/// The name of a record's file: any text becomes a name that every file system takes.
fn file_name(name: &str) -> String {
    Hex::<32>(Sha256::digest(name.as_bytes()).into()).to_string()
}

#[async_trait]
impl Store for FileStore {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        let (dir, file) = self.place(key, "read")?;
        let record = self
            .read(&dir, &file)
            .map_err(|e| StoreError::new(key, "read", e))?;
        match record {
            Some(record) if record.key != Key::of(key) => {
                let what = BadRecord("its file holds another's record");
                Err(StoreError::new(key, "read", what))
            }
            record => Ok(record.map(|record| record.value)),
        }
    }

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        self.write(key, value, disk::replace)
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        self.write(key, value, disk::write_new)
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        let (dir, file) = self.place(key, "removed")?;
        disk::remove(&dir, &file)
            .map(|_| ())
            .map_err(|e| StoreError::new(key, "removed", e))
    }
}
