//! What was ever shown of revocations, as files.

use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use auths_core::Did;
use auths_core::claim::{Revocation, Revoked, Signed};
use auths_core::ports::{RecordKind, RevocationMemory, StoreBounds, StoreError, StoreKey};
use sha2::{Digest, Sha256};

use crate::disk::{self, Reading};
use crate::hex::Hex;
use crate::room::{BLOCK, Room, Rooms};

const RECOVERY: &str = "recovery";
const REVOCATIONS: &str = "revocations";
const FIRST_LINE: &str = "auths-remembered 1";
/// The longest file that is read: the longest claim as text, and what stands around it.
const MAX_LEN: usize = 3 * 1024 * 1024;

/// Remembers in a directory which recovery DIDs were ever named, and which revocations were given: for good.
///
/// Each thing that is remembered is a file of its own, `<directory>/recovery/<whose>/<what>` and
/// `<directory>/revocations/<whose>/<what>`, each name the SHA-256 of its text in hexadecimal. A file is only ever added, so
/// that of many processes that share a directory none takes back what another wrote. It is on the disk when the call returns.
///
/// # Errors
/// [`StoreError`] when any file in the directory asked about is damaged, cut, or not one of this memory's: what cannot be
/// read may be what counts. So it is for a directory that others can write, for a file that others can read, for a link that
/// leads nowhere, and for a pipe or a directory in place of a file. Where there is no room for more
/// ([`StoreBounds`], as for a [`FileStore`](crate::FileStore)), remembering more is one too, and all that is there stays. What a
/// crash leaves behind, `.auths-*.tmp`, was never
/// remembered, and is not read.
///
/// # Security
/// Whoever can write the directory can make it forget: nothing in a file shows that another one was deleted. What is put in
/// wrongly can only say no.
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
    /// What is remembered in `dir`, which the first thing remembered makes. Touches no file yet.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        let rooms = Rooms::new(dir.into(), StoreBounds::default());
        Self {
            rooms: Arc::new(rooms),
        }
    }

    /// The same, holding no more kept bytes than this of recovery DIDs, and as many of revocations.
    #[must_use]
    pub fn bounded(self, bounds: StoreBounds) -> Self {
        let rooms = Rooms::new(self.dir().to_owned(), bounds);
        Self {
            rooms: Arc::new(rooms),
        }
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.rooms.dir
    }

    fn place(&self, key: &StoreKey) -> PathBuf {
        self.dir().join(key.collection()).join(name_of(key.name()))
    }

    /// Adds `text` to what is remembered under `key`.
    fn remember(&self, key: &StoreKey, text: &str) -> Result<(), StoreError> {
        let failed = |e| StoreError::new(key, "written", e);
        let place = self.place(key);
        let file = write(key.name(), text);
        let (collection, is_new) = (key.collection(), place.symlink_metadata().is_err());
        disk::make_dir(self.dir()).map_err(failed)?;
        let name = format!("{}/{}", name_of(key.name()), name_of(text));
        // Its directory takes room as well.
        let bytes = file.len() as u64 + if is_new { BLOCK } else { 0 };
        match self.rooms.make(RecordKind::Kept, collection, &name, bytes) {
            Ok(Room::Made) => {}
            Ok(_) => {
                return Err(StoreError::full(
                    key,
                    self.rooms.bounds.of(RecordKind::Kept),
                ));
            }
            Err(e) => return Err(failed(e)),
        }
        for dir in [&self.dir().join(collection), &place] {
            disk::make_dir(dir).map_err(failed)?;
        }
        // One of that name says the same, or is damaged, which recalling tells.
        disk::write_new(&place, &name_of(text), file.as_bytes())
            .map(drop)
            .map_err(failed)
    }

    /// All that is remembered under `key`.
    fn recall<T>(
        &self,
        key: &StoreKey,
        read: impl Fn(&str) -> Result<T, Box<dyn Error + Send + Sync>>,
    ) -> Result<Vec<T>, StoreError> {
        let place = self.place(key);
        let failed = |e| StoreError::new(key, "read", e);
        for dir in [self.dir(), &self.dir().join(key.collection())] {
            disk::check_dir(dir).map_err(failed)?;
        }
        let mut files = disk::names(&place).map_err(failed)?;
        files.retain(|file| !(file.starts_with(".auths-") && file.ends_with(".tmp")));
        files.sort();
        let text = |file: &String| self::text(&place.join(file), file, key.name());
        let texts = files.iter().map(|file| {
            let about = |e: Box<dyn Error + Send + Sync>| format!("{file}: {e}");
            text(file).and_then(|text| read(&text)).map_err(about)
        });
        let all: Result<Vec<T>, String> = texts.collect();
        all.map_err(|e| StoreError::new(key, "read", e))
    }
}

/// The text in one file, which has the right name and is about the right thing.
fn text(path: &Path, file: &str, about: &str) -> Result<String, Box<dyn Error + Send + Sync>> {
    let gone = || io::Error::from(io::ErrorKind::NotFound);
    let bytes = disk::read(path, MAX_LEN, Reading::Only)?.ok_or_else(gone)?;
    let text = String::from_utf8(bytes).ok();
    let text = text.and_then(|whole| {
        let (_, text) = whole
            .strip_prefix(FIRST_LINE)?
            .strip_prefix('\n')?
            .split_once('\n')?;
        let text = text.get(..text.len().checked_sub(65)?)?;
        // Written again it is the same, digest and all: so nothing of it was changed or cut.
        (write(about, text) == whole && name_of(text) == file).then(|| text.to_owned())
    });
    text.ok_or_else(|| "it is damaged, or not a file of this memory: move it away".into())
}

/// The file: what it is, whose, the text, and a digest over all of them.
fn write(about: &str, text: &str) -> String {
    let body = format!("{FIRST_LINE}\n{about}\n{text}\n");
    let digest = Hex::<32>(Sha256::digest(body.as_bytes()).into());
    format!("{body}{digest}")
}

fn name_of(text: &str) -> String {
    Hex::<32>(Sha256::digest(text.as_bytes()).into()).to_string()
}

fn of_recovery(did: &Did) -> StoreKey {
    StoreKey::new(RECOVERY, did.as_str())
}

fn of_revocations(what: &Revoked, by: &Did) -> StoreKey {
    let what = match what {
        Revoked::Claim(id) => id.to_string(),
        Revoked::Did(did) => did.to_string(),
        // A kind that is not known here is kept apart from the others by its own words.
        other => format!("{other:?}"),
    };
    StoreKey::new(REVOCATIONS, format!("{what} by {by}"))
}

#[async_trait]
impl RevocationMemory for FileRevocationMemory {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        self.remember(&of_recovery(did), recovery.as_str())
    }

    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        self.recall(&of_recovery(did), |text| Ok(text.parse::<Did>()?))
    }

    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        let key = of_revocations(&revocation.unverified().revokes, revocation.did());
        self.remember(&key, &revocation.to_json())
    }

    async fn revocations(
        &self,
        what: &Revoked,
        by: &Did,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        self.recall(&of_revocations(what, by), |text| {
            let revocation = Signed::<Revocation>::parse(text.as_bytes())?;
            let is_it = revocation.did() == by && revocation.unverified().revokes == *what;
            match is_it {
                true => Ok(revocation),
                false => Err("it is the revocation of something else".into()),
            }
        })
    }
}
