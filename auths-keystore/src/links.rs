//! The links of a holder on this machine, as files.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auths_core::ports::{KeptLink, LinkError, LinkStore};
use auths_core::{Account, Did};

use crate::disk;

/// The largest file of a link, in bytes.
const MAX_LINK: usize = 16 * 1024 * 1024;

/// A folder of links, one file each.
///
/// Every file in the folder is read, whatever its name: a link that was passed over would silently reduce what its holder may do. So
/// files are written to a folder beside it first, on the same file system.
///
/// ```
/// use auths_keystore::FileLinks;
///
/// # let home = tempfile::tempdir()?;
/// let links = FileLinks::new(home.path().join("claims"), home.path());
/// assert!(links.all()?.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct FileLinks {
    dir: PathBuf,
    scratch: PathBuf,
}

impl FileLinks {
    /// Creates the store in `dir`, which is made when the first link is kept. Half-written files are in `scratch`, which must exist
    /// by then and be on the same file system.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>, scratch: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            scratch: scratch.into(),
        }
    }

    /// Returns the folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Stores a link, and returns its file. An earlier entry of the same claim is replaced in one step.
    ///
    /// # Errors
    /// [`LinkError::Failed`] when it cannot be written.
    pub fn keep(&self, kept: &KeptLink) -> Result<PathBuf, LinkError> {
        let text =
            serde_json::to_string_pretty(kept).map_err(|e| LinkError::Failed(e.to_string()))?;
        disk::make_own_dir(&self.dir).map_err(|e| made(&self.dir, &e))?;
        let path = self.path_of(kept);
        write(&self.scratch, &path, format!("{text}\n").as_bytes())?;
        Ok(path)
    }

    /// Returns every link, oldest first.
    ///
    /// # Errors
    /// [`LinkError`] when one cannot be read, or is none.
    pub fn all(&self) -> Result<Vec<KeptLink>, LinkError> {
        let paths = entries(&self.dir).map_err(|e| LinkError::Failed(e.to_string()))?;
        let mut links = Vec::new();
        for path in paths {
            let bytes = read(&path);
            let bytes = bytes.map_err(|e| LinkError::Failed(format!("{}: {e}", path.display())))?;
            links.push(parse(&path, &bytes)?);
        }
        links.sort_by_key(KeptLink::sort_key);
        Ok(links)
    }

    /// Returns the links of one DID to one account ([`KeptLink::is_of`]), oldest first.
    ///
    /// # Errors
    /// [`LinkError`], as for [`all`](Self::all).
    pub fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        let mut links = self.all()?;
        links.retain(|kept| kept.is_of(did, account));
        Ok(links)
    }

    /// Reads a link again: another process may have published or replaced it meanwhile. `None` when it is gone.
    ///
    /// # Errors
    /// [`LinkError`], as for [`all`](Self::all).
    pub fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError> {
        let path = self.path_of(old);
        match read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LinkError::Failed(error.to_string())),
            Ok(bytes) => parse(&path, &bytes).map(Some),
        }
    }

    /// Forgets a link that was read as `old`, for example one that a newer one replaces. Returns whether it is gone: `false` when
    /// it has another gist by now and was left.
    ///
    /// The file is read again right before it is removed. Only a process that publishes the claim between these two steps is
    /// missed.
    ///
    /// # Errors
    /// [`LinkError`] when its file cannot be read again or removed.
    pub fn forget(&self, old: &KeptLink) -> Result<bool, LinkError> {
        if self.again(old)?.is_some_and(|held| !held.has_gist_of(old)) {
            return Ok(false);
        }
        match std::fs::remove_file(self.path_of(old)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LinkError::Failed(error.to_string()))
            }
            _ => Ok(true),
        }
    }

    /// Returns the file of a link, whether it is there or not.
    #[must_use]
    pub fn path_of(&self, kept: &KeptLink) -> PathBuf {
        let id = kept.claim.id().to_string();
        self.dir
            .join(format!("{}.json", id.trim_start_matches("sha256:")))
    }
}

#[async_trait]
impl LinkStore for FileLinks {
    async fn all(&self) -> Result<Vec<KeptLink>, LinkError> {
        FileLinks::all(self)
    }

    async fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        FileLinks::of(self, did, account)
    }

    async fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError> {
        FileLinks::again(self, old)
    }

    async fn keep(&self, kept: &KeptLink) -> Result<(), LinkError> {
        FileLinks::keep(self, kept).map(drop)
    }

    async fn forget(&self, read: &KeptLink) -> Result<bool, LinkError> {
        FileLinks::forget(self, read)
    }
}

fn made(path: &Path, error: &io::Error) -> LinkError {
    LinkError::Failed(format!("{} could not be made: {error}", path.display()))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<KeptLink, LinkError> {
    KeptLink::parse(bytes).map_err(|what| LinkError::NotALink {
        place: path.display().to_string(),
        what,
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Checked before opening: opening a pipe would block.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a file: move it away"));
    }
    disk::read_capped(path, MAX_LINK)
}

/// Writes a file whole and durably, for its owner only: to a temporary file in `scratch`, which is then renamed.
fn write(scratch: &Path, path: &Path, bytes: &[u8]) -> Result<(), LinkError> {
    let written = tempfile::NamedTempFile::new_in(scratch).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        // The name is on the disk too, before the claim is published.
        path.parent().map_or(Ok(()), disk::sync_dir)
    });
    written.map_err(|e| LinkError::Failed(format!("{} could not be written: {e}", path.display())))
}

/// Returns every entry of a folder, in the order of their names; none when the folder does not exist.
fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(dir) {
        // A link of the file system that leads nowhere is no empty folder.
        Err(e) if e.kind() == io::ErrorKind::NotFound && dir.symlink_metadata().is_err() => {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let found: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut found = found?;
    found.sort();
    Ok(found)
}
