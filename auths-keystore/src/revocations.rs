//! All revocations and recovery DIDs ever shown, as files.

use std::collections::BTreeSet;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use auths_core::Did;
use auths_core::claim::{Revocation, RevocationTarget, Signed};
use auths_core::ports::{RecordKind, RevocationMemory, StoreBounds, StoreError, StoreKey};
use sha2::{Digest, Sha256};

use crate::disk::{self, ReadEffect};
use crate::hex::Hex;
use crate::room::{BLOCK, Room, Rooms};

const RECOVERY: &str = "recovery";
const REVOCATIONS: &str = "revoked";
/// The directory of an earlier version, with one directory for each pair of what was revoked and by whom. Only read.
const EARLIER_REVOCATIONS: &str = "revocations";
const FIRST_LINE: &str = "auths-remembered 1";
/// The longest file that is read: the longest claim as text, and the lines around it.
const MAX_LEN: usize = 3 * 1024 * 1024;

/// A permanent memory, in a directory, of all recovery DIDs ever named and all revocations given.
///
/// Each entry is its own file, `<directory>/recovery/<DID>/<recovery DID>` and `<directory>/revoked/<what is revoked>/<by
/// whom>/<revocation>`, each name the SHA-256 of its text in hexadecimal. What an earlier version wrote to
/// `<directory>/revocations` is read too. Files are only ever added, so of many processes that
/// share a directory none takes back what another wrote. The file is on the disk when the call returns.
///
/// # Errors
/// [`StoreError`] when any file in the directory asked about is damaged, cut, or not one of this memory's, because the unreadable
/// file may be the one that counts. Also for a directory that others can write, for a file that others can read, for a link that
/// leads nowhere, and for a pipe or a directory in place of a file. Where there is no room for more ([`StoreBounds`], as for a
/// [`FileStore`](crate::FileStore)), adding is an error, and all existing entries stay. Files that a crash leaves behind,
/// `.auths-*.tmp`, were never remembered, and are not read.
///
/// # Security
/// Anyone who can write the directory can make the memory forget: no file shows that another one was deleted. An entry added by
/// an attacker can only lead to a no.
///
/// ```
/// use auths_core::Did;
/// use auths_core::ports::RevocationMemory;
/// use auths_keystore::FileRevocationMemory;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = tempfile::tempdir()?;
/// # let directory = directory.path();
/// let alice: Did = "did:key:z6Mks931aemXLmTDGrasbApX8araucPWxRhzP8iqL7XHhXeC".parse()?;
/// let spare: Did = "did:key:z6Mkn1vNVEZYu4dKzmXsX3BGuT3PGaKuCtWJ1kqxQTuuVMNc".parse()?;
/// FileRevocationMemory::new(directory).remember_recovery(&alice, &spare).await?;
/// assert_eq!(FileRevocationMemory::new(directory).recovery_dids(&alice).await?, [spare]);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct FileRevocationMemory {
    rooms: Arc<Rooms>,
}

impl FileRevocationMemory {
    /// Creates the memory in `dir`. The first entry makes the directory. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        let rooms = Rooms::new(dir.into(), StoreBounds::default());
        Self {
            rooms: Arc::new(rooms),
        }
    }

    /// Sets the most kept bytes of recovery DIDs, and the same amount for revocations.
    #[must_use]
    pub fn bounded(self, bounds: StoreBounds) -> Self {
        let rooms = Rooms::new(self.dir().to_owned(), bounds);
        Self {
            rooms: Arc::new(rooms),
        }
    }

    /// Returns the directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.rooms.dir
    }

    /// Returns the directory of an entry.
    fn path_of(&self, entry: &TextPlace) -> PathBuf {
        let collection = self.dir().join(entry.key.collection());
        collection.join(&entry.place)
    }

    /// Adds `text` to the texts remembered at `entry`.
    fn remember(&self, entry: &TextPlace, text: &str) -> Result<(), StoreError> {
        let TextPlace { key, place } = entry;
        let failed = |e| StoreError::new(key, "written", e);
        let collection = self.dir().join(key.collection());
        let directories: Vec<PathBuf> = place.ancestors().map(|at| collection.join(at)).collect();
        let new = directories
            .iter()
            .filter(|dir| dir.symlink_metadata().is_err());
        let more = new.count() as u64;
        let file = write(key.name(), text);
        disk::make_dir(self.dir()).map_err(failed)?;
        let name = place.join(name_of(text));
        // Its directories take room as well.
        let bytes = file.len() as u64 + more * BLOCK;
        match self
            .rooms
            .make(RecordKind::Kept, key.collection(), &name, bytes)
        {
            Ok(Room::Made) => {}
            Ok(_) => {
                return Err(StoreError::full(
                    key,
                    self.rooms.bounds.of(RecordKind::Kept),
                ));
            }
            Err(e) => return Err(failed(e)),
        }
        for dir in directories.iter().rev() {
            disk::make_dir(dir).map_err(failed)?;
        }
        // A file of that name says the same, or is damaged, which reading it back shows.
        disk::write_new(&self.path_of(entry), &name_of(text), file.as_bytes())
            .map(drop)
            .map_err(failed)
    }

    /// Returns all texts remembered at `entry`.
    fn recall<T>(
        &self,
        entry: &TextPlace,
        read: impl Fn(&str) -> Result<T, Box<dyn Error + Send + Sync>>,
    ) -> Result<Vec<T>, StoreError> {
        let key = &entry.key;
        let place = self.path_of(entry);
        let files = self.names(key, &entry.place)?;
        let texts = files.iter().map(|file| {
            let text = text(&place.join(file), file, key.name());
            text.and_then(|text| read(&text))
                .map_err(|e| format!("{file}: {e}"))
        });
        let all: Result<Vec<T>, String> = texts.collect();
        all.map_err(|e| StoreError::new(key, "read", e))
    }

    /// Returns the names in a directory of the collection of `key`; none where the directory does not exist.
    fn names(&self, key: &StoreKey, place: &Path) -> Result<Vec<String>, StoreError> {
        let collection = self.dir().join(key.collection());
        let files = names_below(self.dir(), &collection, place);
        let mut files = files.map_err(|e| StoreError::new(key, "read", e))?;
        files.retain(|file| !(file.starts_with(".auths-") && file.ends_with(".tmp")));
        files.sort();
        Ok(files)
    }
}

/// The place of remembered texts: the subject, and the directory in that of its collection.
#[derive(Debug)]
struct TextPlace {
    key: StoreKey,
    place: PathBuf,
}

impl TextPlace {
    fn of_recovery(did: &Did) -> Self {
        Self {
            key: StoreKey::new(RECOVERY, did.as_str()),
            place: name_of(did.as_str()).into(),
        }
    }

    fn of_revocations(what: &str, by: &Did) -> Self {
        Self {
            key: StoreKey::new(REVOCATIONS, format!("{what} by {by}")),
            place: Path::new(&name_of(what)).join(name_of(by.as_str())),
        }
    }

    fn of_earlier_revocations(what: &str, by: &Did) -> Self {
        let name = format!("{what} by {by}");
        Self {
            place: name_of(&name).into(),
            key: StoreKey::new(EARLIER_REVOCATIONS, name),
        }
    }
}

/// Returns the names in a directory below `collection`, after checks of the directories above it.
fn names_below(dir: &Path, collection: &Path, place: &Path) -> io::Result<Vec<String>> {
    disk::check_dir(dir)?;
    disk::check_dir(collection)?;
    disk::names(&collection.join(place))
}

/// Reads the text in one file, which must have the right name and the right subject.
fn text(path: &Path, file: &str, about: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
    let bytes = disk::read(path, MAX_LEN, ReadEffect::Only)?;
    let bytes = bytes.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let text = String::from_utf8(bytes).ok();
    let text = text.and_then(|whole| {
        let (_, text) = whole
            .strip_prefix(FIRST_LINE)?
            .strip_prefix('\n')?
            .split_once('\n')?;
        let text = text.get(..text.len().checked_sub(65)?)?;
        // Writing it again gives the same bytes, digest included, so nothing of it was changed or cut.
        (write(about, text) == whole && name_of(text) == file).then(|| text.to_owned())
    });
    text.ok_or_else(|| "it is damaged, or not a file of this memory: move it away".into())
}

/// Returns the content of the file: its kind, its subject, the text, and a digest over all of them.
fn write(about: &str, text: &str) -> String {
    let body = format!("{FIRST_LINE}\n{about}\n{text}\n");
    let digest = Hex::<32>(Sha256::digest(body.as_bytes()).into());
    format!("{body}{digest}")
}

fn name_of(text: &str) -> String {
    Hex::<32>(Sha256::digest(text.as_bytes()).into()).to_string()
}

/// Returns the text of what is revoked.
fn text_of(what: &RevocationTarget) -> String {
    match what {
        RevocationTarget::Claim(id) => id.to_string(),
        RevocationTarget::Did(did) => did.to_string(),
        // A kind that is not known here is kept apart from the others by its own words.
        other => format!("{other:?}"),
    }
}

#[async_trait]
impl RevocationMemory for FileRevocationMemory {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        self.remember(&TextPlace::of_recovery(did), recovery.as_str())
    }

    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        self.recall(
            &TextPlace::of_recovery(did),
            |text| Ok(text.parse::<Did>()?),
        )
    }

    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        let what = text_of(&revocation.unverified().revokes);
        let entry = TextPlace::of_revocations(&what, revocation.did());
        self.remember(&entry, &revocation.to_json())
    }

    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        let text = text_of(what);
        let key = StoreKey::new(REVOCATIONS, text.as_str());
        // Reads who revoked it. Mostly nobody did, and then nothing more is read.
        let revokers = self.names(&key, Path::new(&name_of(&text)))?;
        let is_name =
            |name: &String| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some(odd) = revokers.iter().find(|name| !is_name(name)) {
            let says = format!("{odd} is none of this memory: move it away");
            return Err(StoreError::new(&key, "read", says));
        }
        let mut found = Vec::new();
        for did in by {
            if revokers.binary_search(&name_of(did.as_str())).is_ok() {
                let entry = TextPlace::of_revocations(&text, did);
                found.extend(self.recall(&entry, |text| read_revocation(text, what, did))?);
            }
        }
        let earlier = StoreKey::new(EARLIER_REVOCATIONS, text.as_str());
        if !self.names(&earlier, Path::new(""))?.is_empty() {
            for did in by {
                let entry = TextPlace::of_earlier_revocations(&text, did);
                found.extend(self.recall(&entry, |text| read_revocation(text, what, did))?);
            }
        }
        Ok(found)
    }
}

/// Reads a remembered revocation, which must be the one of `what` by `by`.
fn read_revocation(
    text: &str,
    what: &RevocationTarget,
    by: &Did,
) -> Result<Signed<Revocation>, Box<dyn Error + Send + Sync>> {
    let revocation = Signed::<Revocation>::parse(text.as_bytes())?;
    match revocation.did() == by && revocation.unverified().revokes == *what {
        true => Ok(revocation),
        false => Err("it is the revocation of something else".into()),
    }
}
