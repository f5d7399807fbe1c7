//! The links of a holder on this machine: platform claims, each with the place of its proof.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use auths_core::claim::{Observation, PlatformClaim, Signed};
use auths_core::evidence::GistState;
use auths_core::identity::escape;
use auths_core::ports::{GistHint, ProofHint};
use auths_core::use_cases::StoredLink;
use auths_core::{
    Account, Did, Invalid, Namespace, Platform, Reason, Timestamp, UnavailableReason,
};
use serde::{Deserialize, Serialize};

use crate::disk;

/// The largest file of a link, in bytes.
const MAX_LINK: usize = 16 * 1024 * 1024;

/// A platform claim as its holder stores it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeptLink {
    /// The signed claim.
    #[serde(rename = "claim")]
    pub claim: Signed<PlatformClaim>,
    /// The package to read the account statement from.
    #[serde(rename = "statement", default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Namespace>,
    /// The gist that holds the claim.
    #[serde(rename = "gist", default, skip_serializing_if = "Option::is_none")]
    pub gist: Option<KeptGist>,
    /// The observations of the account when it was claimed, signed by the holder's key. They save running a device flow for every
    /// claim.
    #[serde(
        rename = "observations",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub observations: Vec<Signed<Observation>>,
}

/// The gist of a platform claim, and the state in which it was last seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeptGist {
    /// The gist's id.
    #[serde(rename = "id")]
    pub id: String,
    /// The gist's page, for people.
    #[serde(rename = "url")]
    pub url: String,
    /// The state in which it was last seen.
    #[serde(rename = "state", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<GistState>,
}

impl KeptGist {
    /// Creates the entry of a new gist.
    #[must_use]
    pub fn new(id: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            url: url.into(),
            state: None,
        }
    }

    /// Sets the state in which the gist was seen.
    #[must_use]
    pub fn in_state(mut self, state: GistState) -> Self {
        self.state = Some(state);
        self
    }
}

impl KeptLink {
    /// Creates the entry of a claim without support.
    #[must_use]
    pub fn new(claim: Signed<PlatformClaim>) -> Self {
        Self {
            claim,
            statement: None,
            gist: None,
            observations: Vec::new(),
        }
    }

    /// Reads an entry. It must be an object: code that serde derives would also read a list of its fields. The claims in it are
    /// strict.
    ///
    /// # Errors
    /// The fault, in words, when it is no entry.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err("it is not a JSON object".to_owned());
        }
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// Returns whether the claim has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.claim.expires().is_some_and(|expires| expires <= now)
    }

    /// Returns whether the claim belongs to a platform where claims are published, and has no known gist.
    #[must_use]
    pub fn is_unpublished(&self) -> bool {
        let account = &self.claim.unverified().account;
        *account.platform() == Platform::GITHUB && self.gist.is_none()
    }

    /// Returns whether `other` has the same DID and account, and expires later. An unpublished claim renews nothing.
    #[must_use]
    pub fn is_renewed_by(&self, other: &Self) -> bool {
        let (held, renewed) = (self.claim.unverified(), other.claim.unverified());
        !other.is_unpublished()
            && self.claim.did() == other.claim.did()
            && held.account.same_as(&renewed.account)
            && self.claim.expires() < other.claim.expires()
    }

    /// Returns the claim in the form that core's use cases take.
    #[must_use]
    pub fn link(&self) -> StoredLink {
        let statement = self.statement.clone().map(ProofHint::Statement);
        let hint = statement.or_else(|| self.gist.as_ref().map(gist_hint));
        StoredLink::new(self.claim.clone(), hint)
    }
}

fn gist_hint(gist: &KeptGist) -> ProofHint {
    let hint = GistHint::new(gist.id.as_str());
    ProofHint::Gist(hint.recorded(gist.state.clone()))
}

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
        links.sort_by_key(|kept| (kept.claim.created(), kept.claim.id().clone()));
        Ok(links)
    }

    /// Returns the links of one DID to one account, oldest first. Where the platform has ids, they decide, because logins change
    /// hands.
    ///
    /// # Errors
    /// [`LinkError`], as for [`all`](Self::all).
    pub fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        let mut links = self.all()?;
        links.retain(|kept| {
            kept.claim.did() == did && kept.claim.unverified().account.same_as(account)
        });
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

    /// Forgets a link, for example one that a newer one replaces.
    ///
    /// # Errors
    /// [`LinkError::Failed`] when its file cannot be removed.
    pub fn forget(&self, old: &KeptLink) -> Result<(), LinkError> {
        match std::fs::remove_file(self.path_of(old)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(LinkError::Failed(error.to_string()))
            }
            _ => Ok(()),
        }
    }

    fn path_of(&self, kept: &KeptLink) -> PathBuf {
        let id = kept.claim.id().to_string();
        self.dir
            .join(format!("{}.json", id.trim_start_matches("sha256:")))
    }
}

/// A reason why links cannot be read or stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The disk failed, or a file is not one.
    #[error("{}", escape(.0))]
    Failed(String),
    /// A file in the folder holds no link.
    #[error("{} is not a kept claim: {}", path.display(), escape(what))]
    NotALink {
        /// The file.
        path: PathBuf,
        /// The fault.
        what: String,
    },
}

impl LinkError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Failed(_) => UnavailableReason::StoreFailed.code(),
            Self::NotALink { .. } => Invalid::BadClaim.code(),
        }
    }
}

fn made(path: &Path, error: &io::Error) -> LinkError {
    LinkError::Failed(format!("{} could not be made: {error}", path.display()))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<KeptLink, LinkError> {
    KeptLink::parse(bytes).map_err(|what| LinkError::NotALink {
        path: path.to_owned(),
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

/// Writes a file whole, for its owner only: to a temporary file in `scratch`, which is then renamed.
fn write(scratch: &Path, path: &Path, bytes: &[u8]) -> Result<(), LinkError> {
    let written = tempfile::NamedTempFile::new_in(scratch).and_then(|mut file| {
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
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
