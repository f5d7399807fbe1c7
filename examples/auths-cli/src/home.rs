//! The home directory of the command: keys, claims, bundles, revocations, pins and the verifier's memory.

use std::path::PathBuf;
use std::sync::Arc;

use auths_core::claim::{Claim, Signed};
use auths_core::pin::Pin;
use auths_core::ports::{MemoryPins, PinStore, ReplayGuard, RevocationMemory as _, StoreError};
use auths_core::{Did, Invalid};
use auths_keystore::{
    FileLinks, FilePins, FileReplayGuard, FileRevocationMemory, KeptLink, RecordKey,
};

use crate::failure::Failure;
use crate::files;

/// A directory with `keys/`, `claims/`, `bundles/`, `revocations/`, `publish/` and `store/`, each made when first needed.
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

    /// Returns the record of the tokens and challenges that were used to publish. It lies beside the pins: whoever removes
    /// the folder of both is noticed, and whoever removes the used tokens alone is not.
    pub(crate) fn used(&self) -> Arc<dyn ReplayGuard> {
        Arc::new(FileReplayGuard::new(self.publish(), self.record_key()))
    }

    /// Returns the pins, as they are. A home that never had any is not changed.
    pub(crate) fn pins(&self) -> Result<Arc<dyn PinStore>, Failure> {
        match self.had_pins() {
            true => Ok(Arc::new(self.opened_pins()?)),
            false => Ok(Arc::new(MemoryPins::new())),
        }
    }

    /// Returns every pin, in the order of the packages.
    pub(crate) fn all_pins(&self) -> Result<Vec<Pin>, Failure> {
        match self.had_pins() {
            true => Ok(self.opened_pins()?.all()?),
            false => Ok(Vec::new()),
        }
    }

    /// Returns the pins, to be written to. The first call makes the store. Where the store was made before and is gone, it is not
    /// made again: every package would then go to whoever publishes first.
    pub(crate) fn pins_to_write(&self) -> Result<Arc<dyn PinStore>, Failure> {
        if self.had_pins() {
            return Ok(Arc::new(self.opened_pins()?));
        }
        files::make_dir(&self.keys())?;
        let pins = match FilePins::create(self.publish(), self.record_key()) {
            // Another process made it meanwhile, or this one did and was stopped before the next step.
            Err(error) if is_there(&error) => FilePins::open(self.publish(), self.record_key())?,
            made => made?,
        };
        files::write_private(&self.root, &self.pins_made(), b"")?;
        Ok(Arc::new(pins))
    }

    fn opened_pins(&self) -> Result<FilePins, Failure> {
        let opened = FilePins::open(self.publish(), self.record_key());
        opened.map_err(|error| {
            let failure = Failure::from(error);
            failure.remedy(format!(
                "restore {} from a copy; without it, this home does not know from which repositories packages were published",
                self.publish().display()
            ))
        })
    }

    /// Returns whether this home ever had pins.
    fn had_pins(&self) -> bool {
        // Where that cannot be seen, opening the pins says why.
        let there = |path: PathBuf| path.try_exists().unwrap_or(true);
        there(self.pins_made()) || there(self.publish().join("pins"))
    }

    /// Returns the file that says that the store of pins was made. It lies beside the keys, and not beside the pins.
    fn pins_made(&self) -> PathBuf {
        self.keys().join("pins-made")
    }

    fn publish(&self) -> PathBuf {
        self.root.join("publish")
    }

    fn record_key(&self) -> RecordKey {
        RecordKey::in_dir(self.keys())
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

/// Returns whether a store could not be made because one is there.
fn is_there(error: &StoreError) -> bool {
    let cause = error.source.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::AlreadyExists)
}
