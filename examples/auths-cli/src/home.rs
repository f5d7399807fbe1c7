//! The home directory of the command: keys, claims, bundles, revocations and the verifier's memory.

use std::path::{Path, PathBuf};

use auths_core::claim::{Claim, Observation, PlatformClaim, Signed};
use auths_core::evidence::GistState;
use auths_core::ports::{GistHint, ProofHint, RevocationMemory as _};
use auths_core::use_cases::StoredLink;
use auths_core::{
    Account, Did, Invalid, Namespace, Platform, Timestamp, Unavailable, UnavailableReason,
};
use auths_keystore::FileRevocationMemory;
use serde::{Deserialize, Serialize};

use crate::failure::{Failure, with_causes};
use crate::files;

/// A directory with `keys/`, `claims/`, `bundles/`, `revocations/` and `store/`, each made when first needed.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    root: PathBuf,
}

/// A platform claim as the home stores it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptClaim {
    /// The signed claim.
    pub(crate) claim: Signed<PlatformClaim>,
    /// The package to read the account statement from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<Namespace>,
    /// The gist that holds the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gist: Option<KeptGist>,
    /// The observations of the account when it was claimed, signed by this key. They save running a device flow for every claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) observations: Vec<Signed<Observation>>,
}

/// The gist of a platform claim, and the state in which it was last seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptGist {
    pub(crate) id: String,
    pub(crate) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<GistState>,
}

impl KeptGist {
    /// Creates the entry of a new gist.
    pub(crate) fn new(id: String, url: String) -> Self {
        let state = None;
        Self { id, url, state }
    }

    /// Sets the state in which the gist was seen.
    pub(crate) fn in_state(mut self, state: GistState) -> Self {
        self.state = Some(state);
        self
    }
}

impl KeptClaim {
    /// Creates the entry of a claim without support.
    pub(crate) fn new(claim: Signed<PlatformClaim>) -> Self {
        Self {
            claim,
            statement: None,
            gist: None,
            observations: Vec::new(),
        }
    }

    /// Returns whether the claim has expired.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.claim.expires().is_some_and(|expires| expires <= now)
    }

    /// Returns whether the claim belongs to a platform where claims are published, and has no known gist.
    pub(crate) fn is_unpublished(&self) -> bool {
        let account = &self.claim.unverified().account;
        *account.platform() == Platform::GITHUB && self.gist.is_none()
    }

    /// Returns whether `other` has the same DID and account, and expires later. An unpublished claim renews nothing.
    pub(crate) fn is_renewed_by(&self, other: &Self) -> bool {
        let (held, renewed) = (self.claim.unverified(), other.claim.unverified());
        !other.is_unpublished()
            && self.claim.did() == other.claim.did()
            && held.account.same_as(&renewed.account)
            && self.claim.expires() < other.claim.expires()
    }

    /// Reads an entry. It must be an object: code that serde derives would also read a list of its fields. The claims in it are
    /// strict.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err("it is not a JSON object".to_owned());
        }
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// Returns the claim in the form that core's use cases take.
    pub(crate) fn link(&self) -> StoredLink {
        let statement = self.statement.clone().map(ProofHint::Statement);
        let gist = |gist: &KeptGist| {
            let hint = GistHint::new(gist.id.as_str());
            ProofHint::Gist(hint.recorded(gist.state.clone()))
        };
        let hint = statement.or_else(|| self.gist.as_ref().map(gist));
        StoredLink::new(self.claim.clone(), hint)
    }
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

    /// Stores a platform claim. The recovery DID that it names is remembered for good, also when the claim is replaced.
    pub(crate) async fn keep_claim(&self, kept: &KeptClaim) -> Result<PathBuf, Failure> {
        if let Some(recovery) = &kept.claim.unverified().recovery {
            self.remember_recovery(kept.claim.did(), recovery).await?;
        }
        let text = serde_json::to_string_pretty(kept)
            .map_err(|e| Failure::internal(format!("a claim does not serialize: {e}")))?;
        self.keep("claims", kept.claim.id().to_string().as_str(), &text)
    }

    /// Remembers for good that a DID of this home named another for its recovery.
    pub(crate) async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), Failure> {
        let kept = self.memory().remember_recovery(did, recovery).await;
        kept.map_err(|e| Unavailable::new(UnavailableReason::StoreFailed, with_causes(&e)).into())
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
    pub(crate) fn claims(&self) -> Result<Vec<KeptClaim>, Failure> {
        let paths = entries(&self.kept_claims()).map_err(store_failed)?;
        let mut claims = Vec::new();
        for path in paths {
            let bytes = read(&path).map_err(|e| store_failed(about(&path, &e)))?;
            claims.push(parse(&path, &bytes)?);
        }
        claims.sort_by_key(|kept| (kept.claim.created(), kept.claim.id().clone()));
        Ok(claims)
    }

    /// Reads a stored claim again: another run may have published or replaced it meanwhile.
    pub(crate) fn claim_again(&self, old: &KeptClaim) -> Result<Option<KeptClaim>, Failure> {
        let path = self.path_of(old);
        match read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            bytes => parse(&path, &bytes.map_err(store_failed)?).map(Some),
        }
    }

    /// Returns the claims of one DID to one account, oldest first. Where the platform has ids, they decide, because logins change
    /// hands.
    pub(crate) fn claims_to(
        &self,
        did: &Did,
        account: &Account,
    ) -> Result<Vec<KeptClaim>, Failure> {
        let mut claims = self.claims()?;
        claims.retain(|kept| {
            let held = &kept.claim.unverified().account;
            kept.claim.did() == did && held.same_as(account)
        });
        Ok(claims)
    }

    /// Forgets a claim that a newer one replaces.
    pub(crate) fn forget_claim(&self, old: &KeptClaim) -> Result<(), Failure> {
        match std::fs::remove_file(self.path_of(old)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(store_failed(error)),
            _ => Ok(()),
        }
    }

    fn path_of(&self, kept: &KeptClaim) -> PathBuf {
        let file = file_name(&kept.claim.id().to_string());
        self.kept_claims().join(file)
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

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    // Checked before opening: opening a pipe would block.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a file: move it away"));
    }
    files::read_io(path, 2 * files::MAX_CLAIM)
}

fn about(path: &Path, error: &std::io::Error) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Reads the claim in a file.
fn parse(path: &Path, bytes: &[u8]) -> Result<KeptClaim, Failure> {
    KeptClaim::parse(bytes).map_err(|e| {
        let says = format!("{} is not a kept claim: {e}", path.display());
        let failure = Failure::invalid(Invalid::BadClaim, says);
        failure.remedy("move the file away, and claim the account anew")
    })
}

/// Returns every entry of a directory, in the order of their names; none when the directory does not exist.
fn entries(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        // A link that leads nowhere is no empty directory.
        Err(e)
            if e.kind() == std::io::ErrorKind::NotFound
                && directory.symlink_metadata().is_err() =>
        {
            return Ok(Vec::new());
        }
        entries => entries?,
    };
    let found: std::io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut found = found?;
    found.sort();
    Ok(found)
}

/// Returns the file name of a claim: the hash of its id.
fn file_name(id: &str) -> String {
    format!("{}.json", id.trim_start_matches("sha256:"))
}

fn store_failed(error: std::io::Error) -> Failure {
    Unavailable::new(UnavailableReason::StoreFailed, error.to_string()).into()
}
