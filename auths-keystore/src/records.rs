//! The records of accepted answers, as files.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use auths_core::ports::{StoreError, StoreKey};
use auths_core::use_cases::AcceptedRecord;
use auths_core::{Did, Namespace};
use sha2::{Digest, Sha256};

use crate::disk::{self, ReadEffect};
use crate::hex::Hex;

/// The name of the collection in errors.
const COLLECTION: &str = "accepted";
/// The largest file, in bytes: the largest bundle as text within a text, and the lines around it.
const MAX_LEN: usize = 48 * 1024 * 1024;

/// The records of what a server accepted, in a folder: one JSON file for each package and DID,
/// `<folder>/<package>/<DID>`, each name the SHA-256 of its text in hexadecimal.
///
/// A record is written whole, replaces an earlier one of the same package and DID in one step, and is on the disk when the call
/// returns. A folder with a record that cannot be read, or that lies in the place of another, is an error: no record is passed over.
///
/// # Errors
/// [`StoreError`] for a file that cannot be read or written, or holds no record; for a directory that others can write, and a file
/// that others can read.
///
/// # Security
/// Whoever can write the folder decides what was accepted.
///
/// ```
/// use auths_core::Namespace;
/// use auths_keystore::FileRecords;
///
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// let records = FileRecords::new(directory.join("records"));
/// let six: Namespace = "pypi:six".parse()?;
/// assert!(records.of(&six)?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileRecords {
    dir: PathBuf,
    writing: Mutex<()>,
}

impl FileRecords {
    /// Creates the store in `dir`, which the first record makes. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            writing: Mutex::default(),
        }
    }

    /// Returns the folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stores the record of a claim that was accepted, in the place of an earlier one of the same package and DID.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be written. An earlier record is then still there.
    pub fn put(&self, record: &AcceptedRecord) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.write(record)
    }

    /// Stores a record that was [reviewed](auths_core::Verifier::review), and returns whether it did: if another claim has taken its
    /// place since it was read, nothing is written.
    ///
    /// Two processes that share the folder can still write at the same moment. Let one of them review.
    ///
    /// # Errors
    /// [`StoreError`] when the present record cannot be read, or the new one cannot be written.
    pub fn put_reviewed(&self, record: &AcceptedRecord) -> Result<bool, StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = name_of_package(record.namespace());
        let present = self.read(&folder, &name_of_did(record.did()))?;
        let is_same = present.is_some_and(|present| claim_of(&present) == claim_of(record));
        if is_same {
            self.write(record)?;
        }
        Ok(is_same)
    }

    /// Returns the records of a package, in the order in which they were accepted.
    ///
    /// # Errors
    /// [`StoreError`] when one of them cannot be read.
    pub fn of(&self, package: &Namespace) -> Result<Vec<AcceptedRecord>, StoreError> {
        self.in_folder(&name_of_package(package))
    }

    /// Returns every record, in the order in which they were accepted.
    ///
    /// # Errors
    /// [`StoreError`] when one of them cannot be read.
    pub fn all(&self) -> Result<Vec<AcceptedRecord>, StoreError> {
        let mut records = Vec::new();
        for folder in self.names(&self.dir, "")? {
            records.extend(self.in_folder(&folder)?);
        }
        records.sort_by_key(AcceptedRecord::accepted_at);
        Ok(records)
    }

    /// Removes the record of a package and a DID, if there is one. A record that has ended is needed no longer once its holder and
    /// the readers of logs were told.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be removed.
    pub fn forget(&self, package: &Namespace, did: &Did) -> Result<(), StoreError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let (folder, name) = (name_of_package(package), name_of_did(did));
        let removed = disk::remove(&self.dir.join(&folder), &name).map(drop);
        removed.map_err(|error| StoreError::new(&key(&folder, &name), "removed", error))
    }

    fn in_folder(&self, folder: &str) -> Result<Vec<AcceptedRecord>, StoreError> {
        let mut records = Vec::new();
        for name in self.names(&self.dir.join(folder), folder)? {
            // A file that is gone by now was forgotten by another process.
            records.extend(self.read(folder, &name)?);
        }
        records.sort_by_key(AcceptedRecord::accepted_at);
        Ok(records)
    }

    /// Returns the names in a directory of the store, in their order.
    fn names(&self, dir: &Path, name: &str) -> Result<Vec<String>, StoreError> {
        let names = disk::names(dir);
        let mut names = names.map_err(|error| StoreError::new(&key(name, ""), "read", error))?;
        names.retain(|name| !disk::is_temporary(name.as_ref()));
        names.sort();
        Ok(names)
    }

    fn read(&self, folder: &str, name: &str) -> Result<Option<AcceptedRecord>, StoreError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            StoreError::new(&key(folder, name), "read", error)
        };
        let path = self.dir.join(folder).join(name);
        let bytes =
            disk::read(&path, MAX_LEN, ReadEffect::Only).map_err(|error| failed(error.into()))?;
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let record = AcceptedRecord::parse(&bytes).map_err(|error| failed(error.into()))?;
        let is_here =
            folder == name_of_package(record.namespace()) && name == name_of_did(record.did());
        match is_here {
            true => Ok(Some(record)),
            false => Err(failed("it lies in the place of another record".into())),
        }
    }

    fn write(&self, record: &AcceptedRecord) -> Result<(), StoreError> {
        let (folder, name) = (
            name_of_package(record.namespace()),
            name_of_did(record.did()),
        );
        let failed =
            |error: std::io::Error| StoreError::new(&key(&folder, &name), "written", error);
        let text = record.to_json();
        if text.len() > MAX_LEN {
            let what = format!("it is longer than {MAX_LEN} bytes");
            return Err(failed(std::io::Error::other(what)));
        }
        let dir = self.dir.join(&folder);
        disk::make_dir(&self.dir).map_err(failed)?;
        disk::make_dir(&dir).map_err(failed)?;
        disk::replace_on_disk(&dir, &name, text.as_bytes()).map_err(failed)
    }
}

fn key(folder: &str, name: &str) -> StoreKey {
    StoreKey::new(COLLECTION, format!("{folder}/{name}"))
}

fn claim_of(record: &AcceptedRecord) -> &auths_core::claim::ClaimId {
    record.bundle().claim.id()
}

fn name_of_package(package: &Namespace) -> String {
    name_of(&package.in_normal_form().to_string())
}

fn name_of_did(did: &Did) -> String {
    name_of(did.as_str())
}

fn name_of(text: &str) -> String {
    Hex::<32>(Sha256::digest(text.as_bytes()).into()).to_string()
}
