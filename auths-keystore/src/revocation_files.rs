//! Revocations that are published as files.

use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auths_core::claim::AnyClaim;
use auths_core::ports::{PublishedRevocations, RevocationSource};
use auths_core::{Did, Timestamp, Unavailable, UnavailableReason};

use crate::disk;
use crate::links::KeptLink;

/// The largest file of a source, in bytes.
const MAX_FILE: usize = 16 * 1024 * 1024;

/// A source of revocations in files: revocations, and the platform claims that name recovery DIDs, one document or a JSON list of
/// documents in each file, whatever its name. Folders are read with the folders in them.
///
/// ```
/// use auths_core::ports::RevocationSource;
/// use auths_keystore::FileRevocations;
///
/// # let home = tempfile::tempdir()?;
/// let published = FileRevocations::new(home.path());
/// let now = "2026-11-21T08:46:00Z".parse()?;
/// # use futures_util::FutureExt;
/// assert!(published.revocations(&[], now).now_or_never().unwrap()?.revocations.is_empty());
///
/// let typo = FileRevocations::new(home.path().join("revocatoins"));
/// assert!(typo.revocations(&[], now).now_or_never().unwrap().is_err(), "what is not there was not read");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
/// If any part of the source cannot be read, or is neither a revocation nor a platform claim, nothing of it counts as read.
#[derive(Debug, Clone)]
pub struct FileRevocations {
    name: String,
    /// The file or folder that must exist.
    named: Option<PathBuf>,
    /// The folders that need not exist.
    own: Vec<PathBuf>,
}

impl FileRevocations {
    /// The deepest nesting of folders. It ends links that lead back to a folder above.
    pub const MAX_DEPTH: usize = 8;
    /// The most entries of a source, folders counted too.
    pub const MAX_ENTRIES: usize = 10_000;
    /// The most bytes of a source, in all.
    pub const MAX_BYTES: usize = 64 * 1024 * 1024;

    /// Creates the source of a file or folder, which must exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.display().to_string(),
            named: Some(path),
            own: Vec::new(),
        }
    }

    /// Creates a source of several folders of the program's own, which need not exist yet: a folder that was never written to has
    /// nothing in it.
    #[must_use]
    pub fn of_folders(name: &str, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            name: name.to_owned(),
            named: None,
            own: folders.into_iter().collect(),
        }
    }
}

#[async_trait]
impl RevocationSource for FileRevocations {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn revocations(
        &self,
        _: &[Did],
        _: Timestamp,
    ) -> Result<PublishedRevocations, Unavailable> {
        let mut reading = SourceReading::default();
        let own = self.own.iter().filter(|folder| is_there(folder));
        let read = self
            .named
            .iter()
            .chain(own)
            .try_for_each(|path| reading.entry(path, 0));
        read.map_err(|UnreadSource { path, why }| {
            // The source is already named after its file.
            let says = match self.named.as_ref() == Some(&path) {
                true => why,
                false => format!("{}: {why}", path.display()),
            };
            Unavailable::new(UnavailableReason::RevocationsUnread, says)
        })?;
        Ok(reading.found)
    }
}

/// Returns whether a path exists. A link that leads nowhere exists, and cannot be read.
fn is_there(path: &Path) -> bool {
    !matches!(path.symlink_metadata(), Err(e) if e.kind() == io::ErrorKind::NotFound)
}

/// The part of a source that was read so far.
#[derive(Debug, Default)]
struct SourceReading {
    found: PublishedRevocations,
    entries: usize,
    bytes: usize,
}

/// The unreadable part of a source, and the reason. Nothing of the source then counts as read.
struct UnreadSource {
    path: PathBuf,
    why: String,
}

impl UnreadSource {
    fn new(path: &Path, why: impl ToString) -> Self {
        Self {
            path: path.to_owned(),
            why: why.to_string(),
        }
    }
}

impl SourceReading {
    /// Reads a file, or every entry of a folder and of the folders in it, whatever its name. Links are followed.
    fn entry(&mut self, path: &Path, depth: usize) -> Result<(), UnreadSource> {
        self.entries += 1;
        let most = FileRevocations::MAX_ENTRIES;
        if self.entries > most {
            return Err(UnreadSource::new(
                path,
                format!("there are more than {most} entries"),
            ));
        }
        // Checked before opening: opening a pipe would block.
        let meta = std::fs::metadata(path).map_err(|e| UnreadSource::new(path, e))?;
        if meta.is_dir() {
            return self.folder(path, depth);
        }
        if !meta.is_file() {
            return Err(UnreadSource::new(path, "it is neither a file nor a folder"));
        }
        self.file(path)
    }

    fn folder(&mut self, path: &Path, depth: usize) -> Result<(), UnreadSource> {
        let deepest = FileRevocations::MAX_DEPTH;
        if depth == deepest {
            let why = format!("folders lie more than {deepest} deep");
            return Err(UnreadSource::new(path, why));
        }
        let entries = std::fs::read_dir(path).map_err(|e| UnreadSource::new(path, e))?;
        let paths: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
        let mut paths = paths.map_err(|e| UnreadSource::new(path, e))?;
        paths.sort();
        paths
            .iter()
            .try_for_each(|path| self.entry(path, depth + 1))
    }

    fn file(&mut self, path: &Path) -> Result<(), UnreadSource> {
        let bytes = disk::read_capped(path, MAX_FILE).map_err(|e| UnreadSource::new(path, e))?;
        self.bytes += bytes.len();
        let most = FileRevocations::MAX_BYTES;
        if self.bytes > most {
            return Err(UnreadSource::new(
                path,
                format!("there are more than {most} bytes"),
            ));
        }
        for document in parse(&bytes).map_err(|why| UnreadSource::new(path, why))? {
            match document {
                AnyClaim::Revocation(revocation) => self.found.revocations.push(revocation),
                AnyClaim::Platform(claim) => self.found.claims.push(claim),
                _ => {
                    let what = "it is neither a Revocation nor a PlatformClaim";
                    return Err(UnreadSource::new(path, what));
                }
            }
        }
        Ok(())
    }
}

/// Reads one document, a JSON list of them, or a platform claim as its holder stores it.
fn parse(bytes: &[u8]) -> Result<Vec<AnyClaim>, String> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return serde_json::from_slice(bytes).map_err(|e| e.to_string());
    }
    match AnyClaim::parse(bytes) {
        Ok(document) => Ok(vec![document]),
        Err(error) => match KeptLink::parse(bytes) {
            Ok(kept) => Ok(vec![AnyClaim::Platform(kept.claim)]),
            Err(_) => Err(error.to_string()),
        },
    }
}
