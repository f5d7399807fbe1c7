//! The sources of revocations of the command: the named files and folders, and always the home.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use auths_core::claim::{AnyClaim, Claim, KeyRing, Revocation, Revoked, Signed};
use auths_core::decide::{Obstacle, Revocations};
use auths_core::ports::{PublishedRevocations, RevocationSource};
use auths_core::use_cases::{Revocable, collect_revocations};
use auths_core::{Did, Timestamp, Unavailable, UnavailableReason};
use auths_keystore::FileRevocationMemory;

use crate::files;
use crate::home::{Home, KeptClaim};

/// The deepest nesting of folders in a folder of revocations. It ends links that lead back to a folder above.
pub(crate) const MAX_DEPTH: usize = 8;
/// The most entries of a source, folders counted too.
pub(crate) const MAX_ENTRIES: usize = 10_000;
/// The most bytes of a source, in all.
pub(crate) const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Returns what a revocation says, in words.
pub(crate) fn says(revocation: &Revocation) -> String {
    match (&revocation.revokes, revocation.since) {
        (Revoked::Claim(id), _) => format!("the claim {id} holds no longer"),
        (Revoked::Did(did), None) => format!("{did} and all its claims hold no longer"),
        (Revoked::Did(did), Some(since)) => {
            format!("{did} and all its claims hold no longer from {since} on")
        }
        _ => "something holds no longer".to_owned(),
    }
}

/// The sources that the arguments name, and the home: its own revocations, its claims, and all revocations that it was ever
/// shown.
#[derive(Debug)]
pub(crate) struct Sources {
    sources: Vec<Files>,
    memory: FileRevocationMemory,
}

/// A file or folder of revocations and platform claims, or the home.
#[derive(Debug)]
struct Files {
    name: String,
    /// The file or folder that must exist.
    named: Option<PathBuf>,
    /// The folders that need not exist. A home without claims has none.
    own: Vec<PathBuf>,
}

impl Sources {
    /// Creates the sources from the named ones, and the home.
    pub(crate) fn new(named: &[PathBuf], home: &Home) -> Self {
        let named = named.iter().map(|path| Files {
            name: path.display().to_string(),
            named: Some(path.clone()),
            own: Vec::new(),
        });
        let home_itself = Files {
            name: "home".to_owned(),
            named: None,
            own: vec![home.revocations(), home.kept_claims()],
        };
        Self {
            sources: named.chain([home_itself]).collect(),
            memory: home.memory(),
        }
    }

    /// Returns the sources as the use cases take them.
    pub(crate) fn ports(&self) -> Vec<&dyn RevocationSource> {
        let port = |source| source as &dyn RevocationSource;
        self.sources.iter().map(port).collect()
    }

    /// Returns the memory of the revocations that the home was ever shown.
    pub(crate) fn memory(&self) -> &FileRevocationMemory {
        &self.memory
    }

    /// Returns the revocations of all sources.
    pub(crate) async fn collect_revocations(
        &self,
        about: &Revocable<'_>,
        now: Timestamp,
    ) -> Revocations {
        let keys = KeyRing::intrinsic();
        collect_revocations(&self.ports(), &self.memory, about, &keys, now).await
    }

    /// Checks whether a source revokes a claim that is looked at by itself. The revoker may be its signer, or a recovery DID that
    /// the claim, another claim of its DID or `others` name.
    pub(crate) async fn against<C: Claim>(
        &self,
        claim: &Signed<C>,
        others: &[Did],
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let revocations = self
            .collect_revocations(&Revocable::claim(claim), now)
            .await;
        revocations.check(claim, others, &KeyRing::intrinsic(), now)
    }
}

#[async_trait]
impl RevocationSource for Files {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn revocations(
        &self,
        _: &[Did],
        _: Timestamp,
    ) -> Result<PublishedRevocations, Unavailable> {
        let mut reading = Reading::default();
        let own = self.own.iter().filter(|folder| is_there(folder));
        let read = self
            .named
            .iter()
            .chain(own)
            .try_for_each(|path| reading.entry(path, 0));
        read.map_err(|Unread { path, why }| {
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
    !matches!(path.symlink_metadata(), Err(e) if e.kind() == std::io::ErrorKind::NotFound)
}

/// The part of a source that was read so far.
#[derive(Debug, Default)]
struct Reading {
    found: PublishedRevocations,
    entries: usize,
    bytes: usize,
}

/// The unreadable part of a source, and the reason. Nothing of the source then counts as read.
struct Unread {
    path: PathBuf,
    why: String,
}

impl Reading {
    /// Reads a file, or every entry of a folder and of the folders in it, whatever its name. Links are followed.
    fn entry(&mut self, path: &Path, depth: usize) -> Result<(), Unread> {
        let unread = |why: String| Unread {
            path: path.to_owned(),
            why,
        };
        let failed = |e: std::io::Error| unread(e.to_string());
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(unread(format!("there are more than {MAX_ENTRIES} entries")));
        }
        // Checked before opening: opening a pipe would block.
        let meta = std::fs::metadata(path).map_err(failed)?;
        if meta.is_dir() {
            if depth == MAX_DEPTH {
                return Err(unread(format!("folders lie more than {MAX_DEPTH} deep")));
            }
            let entries = std::fs::read_dir(path).map_err(failed)?;
            let paths: Result<Vec<_>, _> = entries.map(|entry| Ok(entry?.path())).collect();
            let mut paths = paths.map_err(failed)?;
            paths.sort();
            return paths
                .iter()
                .try_for_each(|path| self.entry(path, depth + 1));
        }
        if !meta.is_file() {
            return Err(unread("it is neither a file nor a folder".to_owned()));
        }
        let bytes = files::read_io(path, files::MAX_BUNDLE).map_err(failed)?;
        self.bytes += bytes.len();
        if self.bytes > MAX_BYTES {
            return Err(unread(format!("there are more than {MAX_BYTES} bytes")));
        }
        let documents = parse(&bytes).map_err(unread)?;
        for document in documents {
            match document {
                AnyClaim::Revocation(revocation) => self.found.revocations.push(revocation),
                AnyClaim::Platform(claim) => self.found.claims.push(claim),
                _ => {
                    let what = "it is neither a Revocation nor a PlatformClaim";
                    return Err(unread(what.to_owned()));
                }
            }
        }
        Ok(())
    }
}

/// Reads one document, a JSON list of them, or a platform claim as a home stores it.
fn parse(bytes: &[u8]) -> Result<Vec<AnyClaim>, String> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return serde_json::from_slice(bytes).map_err(|e| e.to_string());
    }
    match AnyClaim::parse(bytes) {
        Ok(document) => Ok(vec![document]),
        Err(error) => match KeptClaim::parse(bytes) {
            Ok(kept) => Ok(vec![AnyClaim::Platform(kept.claim)]),
            Err(_) => Err(error.to_string()),
        },
    }
}
