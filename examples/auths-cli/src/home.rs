//! The home directory of the command: keys, claims, bundles, revocations and the verifier's memory.

use std::path::PathBuf;

use auths_core::claim::{Claim, Signed};
use auths_core::ports::RevocationMemory as _;
use auths_core::{Did, Invalid};
use auths_keystore::{FileLinks, FileRevocationMemory, KeptLink};

use crate::failure::Failure;
use crate::files;

/// A directory with `keys/`, `claims/`, `bundles/`, `revocations/` and `store/`, each made when first needed.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    root: PathBuf,
}

impl Home {
    /// Creates the home at the given directory, or at the platform's place for the data of programs.
    pub(crate) fn new(given: Option<PathBuf>) -> Result<Self, Failure> {
        if let Some(root) = given.filter(|g| !g.as_os_str().is_empty()) {
            return Ok(Self { root });
        }
        let dirs = directories::ProjectDirs::from("", "", "auths").ok_or_else(|| {
            Failure::invalid(
                Invalid::BadConfiguration,
                "this system names no data directory",
            )
            .remedy("name one with --home or AUTHS_HOME")
        })?;
        Ok(Self {
            root: dirs.data_dir().to_owned(),
        })
    }

    /// Returns the directory of device keys.
    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Returns the directory in which verifiers remember what they saw.
    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// Returns the directory of the home's own revocations.
    pub(crate) fn revocations(&self) -> PathBuf {
        self.root.join("revocations")
    }

    /// Returns the directory of the home's own platform claims.
    pub(crate) fn kept_claims(&self) -> PathBuf {
        self.root.join("claims")
    }

    /// Returns the memory of all revocations, and of all who may revoke, that this home was ever shown. Its entries are never
    /// removed. It therefore lies beside the keys, and not beside files that may be deleted.
    pub(crate) fn memory(&self) -> FileRevocationMemory {
        FileRevocationMemory::new(self.keys().join("remembered"))
    }

    /// Remembers for good that a DID of this home named another for its recovery.
    pub(crate) async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), Failure> {
        let kept = self.memory().remember_recovery(did, recovery).await;
        kept.map_err(Failure::from)
    }

    /// Stores a revocation.
    pub(crate) fn keep_revocation<C: Claim>(&self, signed: &Signed<C>) -> Result<PathBuf, Failure> {
        self.keep("revocations", &signed.id().to_string(), &signed.to_json())
    }

    /// Stores a bundle, under its claim's id.
    pub(crate) fn keep_bundle(&self, id: &str, text: &str) -> Result<PathBuf, Failure> {
        self.keep("bundles", id, text)
    }

    /// Returns every platform claim in the home, oldest first. An unreadable claim is an error: a missing claim would silently
    /// reduce what its holder may do.
    pub(crate) fn claims(&self) -> Result<Vec<KeptLink>, Failure> {
        self.links().all().map_err(Failure::from)
    }

    /// Returns the store of the home's own platform claims.
    pub(crate) fn links(&self) -> FileLinks {
        FileLinks::new(self.kept_claims(), &self.root)
    }

    fn keep(&self, directory: &str, id: &str, text: &str) -> Result<PathBuf, Failure> {
        let directory = self.root.join(directory);
        files::make_dir(&directory)?;
        let path = directory.join(file_name(id));
        // Every entry of these folders is read, so half-written files lie beside them.
        let text = format!("{text}\n");
        files::write_private(&self.root, &path, text.as_bytes())?;
        Ok(path)
    }
}

/// Returns the file name of a claim: the hash of its id.
fn file_name(id: &str) -> String {
    format!("{}.json", id.trim_start_matches("sha256:"))
}
