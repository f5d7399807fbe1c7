//! The pins of packages, as files.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auths_core::Namespace;
use auths_core::pin::Pin;
use auths_core::ports::{PinChange, PinRecording, PinStore, StoreBounds, StoreError, StoreKey};

use crate::record::BadRecord;
use crate::{FileStore, RecordKey};

const COLLECTION: &str = "pins";
/// The name of the record that shows that the store was made. No package has this name.
const MADE: &str = "the store of the pins";
/// How many records after the last one are looked for, to notice that earlier ones were removed.
const LOOK_AHEAD: u64 = 8;

/// A store of pins in a directory, across restarts and between processes that share it.
///
/// Each pin is a kept record of a [`FileStore`], in a file of its own, authenticated under the [`RecordKey`]. A change adds the next
/// record of the package, with the number of the change, and leaves the earlier ones. Both are written only where no record of that
/// name is, so of many processes that write at once, one succeeds. The record is on the disk when the call returns.
///
/// A store is made once ([`create`](Self::create)) and opened ever after ([`open`](Self::open)).
///
/// # Errors
/// [`StoreError`] for a pin that is damaged, cut, changed without the key, or lies in the place of another; for a pin that was changed
/// and whose earlier record is gone; for a store that was never made, or whose records are gone; and where the directory is full
/// ([`StoreBounds`]: 4 KiB for each pin and each change).
///
/// # Security
/// Whoever can write the directory can remove the last record of a package, and so bring the pin before it back, or make it forgotten
/// where there was no other. So does whoever restores the directory from a copy. Nothing shows that. Whoever has the key can also write pins.
///
/// ```
/// use auths_core::ports::PinStore;
/// use auths_keystore::{FilePins, RecordKey};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// let key = RecordKey::in_dir(directory.join("keys"));
/// assert!(FilePins::open(directory.join("pins"), key.clone()).is_err(), "it was not made yet");
/// FilePins::create(directory.join("pins"), key.clone())?;
/// let pins = FilePins::open(directory.join("pins"), key)?;
/// assert!(pins.read(&"pypi:six".parse()?).await?.is_none());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct FilePins {
    store: FileStore,
}

impl FilePins {
    /// Creates a store in `dir`, authenticated under `key`. Call it once, when the server is set up. The directory may be that of a
    /// [`FileReplayGuard`](crate::FileReplayGuard) with the same key.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be made, or is there already: [`open`](Self::open) it then.
    pub fn create(dir: impl Into<PathBuf>, key: RecordKey) -> Result<Self, StoreError> {
        let pins = Self::at(dir.into(), key);
        let is_new = pins.store.files(COLLECTION)?.is_empty();
        let made = StoreKey::new(COLLECTION, MADE);
        match is_new && pins.store.write_new(&made, b"")? {
            true => Ok(pins),
            false => Err(StoreError::new(
                &made,
                "made",
                io::Error::from(io::ErrorKind::AlreadyExists),
            )),
        }
    }

    /// Opens the store in `dir`, and reads every pin once. A server does this when it starts.
    ///
    /// # Errors
    /// [`StoreError`] when there is no such store, or a pin in it cannot be read.
    pub fn open(dir: impl Into<PathBuf>, key: RecordKey) -> Result<Self, StoreError> {
        let pins = Self::at(dir.into(), key);
        pins.all().map(|_| pins)
    }

    fn at(dir: PathBuf, key: RecordKey) -> Self {
        Self {
            store: FileStore::new(&dir, key).keeping_in(&dir),
        }
    }

    /// Sets the most bytes of pins and their changes.
    #[must_use]
    pub fn bounded(self, bounds: StoreBounds) -> Self {
        Self {
            store: self.store.bounded(bounds),
        }
    }

    /// Returns the directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.store.dir()
    }

    /// Returns every present pin, in the order of the packages.
    ///
    /// # Errors
    /// [`StoreError`] when one cannot be read: there is no shorter list.
    pub fn all(&self) -> Result<Vec<Pin>, StoreError> {
        self.check_made()?;
        let mut packages = BTreeSet::new();
        for file in self.store.files(COLLECTION)? {
            let record = self.store.read_file(COLLECTION, &file)?;
            if record.key.name != MADE {
                let key = StoreKey::new(COLLECTION, record.key.name);
                let pin = parse(&key, &record.value)?;
                packages.insert(pin.namespace().clone());
            }
        }
        let mut pins = Vec::new();
        for package in &packages {
            match self.present(package)? {
                Some((_, pin)) => pins.push(pin),
                // One of its records was just read.
                None => {
                    let gone = BadRecord("it is gone, and a later one of its package is there");
                    return Err(StoreError::new(&key(package, 0), "read", gone));
                }
            }
        }
        Ok(pins)
    }

    /// Checks that the store was made: without that record, its pins are gone, or it lies somewhere else.
    fn check_made(&self) -> Result<(), StoreError> {
        let made = StoreKey::new(COLLECTION, MADE);
        match self.store.read(&made)? {
            Some(_) => Ok(()),
            None => Err(StoreError::new(
                &made,
                "read",
                BadRecord("there is no store of pins here: check the directory, or make one"),
            )),
        }
    }

    /// Returns the present pin of a package, with the number of changes before it.
    fn present(&self, package: &Namespace) -> Result<Option<(u64, Pin)>, StoreError> {
        let mut present = None;
        let mut number = 0;
        loop {
            let key = key(package, number);
            let mut record = self.store.read(&key)?;
            if record.is_none() && self.has_later(package, number)? {
                // Another process may have written both meanwhile. Otherwise it was removed, and nothing tells what it said.
                record = self.store.read(&key)?;
                if record.is_none() {
                    let gone = BadRecord("it is gone, and the next one of its package is there");
                    return Err(StoreError::new(&key, "read", gone));
                }
            }
            let Some(record) = record else {
                break;
            };
            present = Some((number, parse(&key, &record)?));
            number += 1;
        }
        if present.is_none() {
            self.check_made()?;
        }
        Ok(present)
    }

    /// Returns whether one of the next records of a package is there.
    fn has_later(&self, package: &Namespace, number: u64) -> Result<bool, StoreError> {
        for later in number + 1..=number + LOOK_AHEAD {
            if self.store.read(&key(package, later))?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Writes a pin with its number, and returns whether it did: `false` where another process was first.
    fn write(&self, number: u64, pin: &Pin) -> Result<bool, StoreError> {
        let key = key(pin.namespace(), number);
        self.store.write_new(&key, pin.to_json().as_bytes())
    }
}

#[async_trait]
impl PinStore for FilePins {
    async fn read(&self, namespace: &Namespace) -> Result<Option<Pin>, StoreError> {
        Ok(self.present(namespace)?.map(|(_, pin)| pin))
    }

    async fn record(&self, pin: &Pin) -> Result<PinRecording, StoreError> {
        if let Some((_, present)) = self.present(pin.namespace())? {
            return Ok(PinRecording::Present(present));
        }
        if self.write(0, pin)? {
            return Ok(PinRecording::Recorded);
        }
        match self.present(pin.namespace())? {
            Some((_, present)) => Ok(PinRecording::Present(present)),
            None => {
                let gone = BadRecord("it was just there, and is gone");
                Err(StoreError::new(&key(pin.namespace(), 0), "read", gone))
            }
        }
    }

    async fn change(&self, from: &Pin, to: &Pin) -> Result<PinChange, StoreError> {
        let package = from.namespace();
        if to.namespace() != package {
            let other = BadRecord("the new pin is of another package");
            return Err(StoreError::new(&key(package, 0), "written", other));
        }
        match self.present(package)? {
            Some((number, present)) if present == *from => {
                if self.write(number + 1, to)? {
                    return Ok(PinChange::Changed);
                }
            }
            other => return Ok(PinChange::Conflict(other.map(|(_, pin)| pin))),
        }
        Ok(PinChange::Conflict(
            self.present(package)?.map(|(_, pin)| pin),
        ))
    }
}

/// Returns the key of the record that is the pin of a package after so many changes. No package has a space in its purl.
fn key(package: &Namespace, number: u64) -> StoreKey {
    let package = package.in_normal_form();
    StoreKey::new(COLLECTION, format!("{package} {number}"))
}

/// Reads the pin of a record, which must be one of the package in its key.
fn parse(key: &StoreKey, record: &[u8]) -> Result<Pin, StoreError> {
    let pin = Pin::parse(record).map_err(|error| StoreError::new(key, "read", error))?;
    let package = key.name().rsplit_once(' ').map(|(package, _)| package);
    match package == Some(pin.namespace().to_string().as_str()) {
        true => Ok(pin),
        false => {
            let other = BadRecord("it is the pin of another package");
            Err(StoreError::new(key, "read", other))
        }
    }
}
