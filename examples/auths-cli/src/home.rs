//! The home: where keys, claims, bundles, revocations and the verifier's memory live.

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

/// A platform claim as the home keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptClaim {
    /// The signed claim.
    pub(crate) claim: Signed<PlatformClaim>,
    /// The package to read the account statement from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) statement: Option<Namespace>,
    /// The gist that holds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gist: Option<KeptGist>,
    /// What was seen of the account when it was claimed, signed by this key: a device flow is not run anew for every claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) observations: Vec<Signed<Observation>>,
}

/// The gist of a platform claim, and the state in which it was seen last.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptGist {
    pub(crate) id: String,
    pub(crate) url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<GistState>,
}

impl KeptGist {
    /// A gist that was just made.
    pub(crate) fn new(id: String, url: String) -> Self {
        let state = None;
        Self { id, url, state }
    }

    /// The same, seen in this state.
    pub(crate) fn in_state(mut self, state: GistState) -> Self {
        self.state = Some(state);
        self
    }
}

impl KeptClaim {
    /// A claim that nothing supports yet.
    pub(crate) fn new(claim: Signed<PlatformClaim>) -> Self {
        Self {
            claim,
            statement: None,
            gist: None,
            observations: Vec::new(),
        }
    }

    /// Whether it is over.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        self.claim.expires().is_some_and(|expires| expires <= now)
    }

    /// Whether it is of a platform where claims are published, and no gist is known that holds it.
    pub(crate) fn is_unpublished(&self) -> bool {
        let account = &self.claim.unverified().account;
        *account.platform() == Platform::GITHUB && self.gist.is_none()
    }

    /// Whether `other` is of the same DID and account, and ends later. One that was not published goes on with nothing.
    pub(crate) fn is_renewed_by(&self, other: &Self) -> bool {
        let (held, renewed) = (self.claim.unverified(), other.claim.unverified());
        !other.is_unpublished()
            && self.claim.did() == other.claim.did()
            && held.account.same_as(&renewed.account)
            && self.claim.expires() < other.claim.expires()
    }

    /// Reads one. It is an object: what serde derives would read a list of its fields too. Within, claims are strict.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err("it is not a JSON object".to_owned());
        }
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// What core's workflows take.
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
    /// The directory that was named, or the platform's place for the data of programs.
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

    /// Where device keys are kept.
    pub(crate) fn keys(&self) -> PathBuf {
        self.root.join("keys")
    }

    /// Where verifiers remember what they saw.
    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("store")
    }

    /// Where the home's own revocations lie.
    pub(crate) fn revocations(&self) -> PathBuf {
        self.root.join("revocations")
    }

    /// Where the home's own platform claims lie.
    pub(crate) fn kept_claims(&self) -> PathBuf {
        self.root.join("claims")
    }

    /// What this home was ever shown of revocations, and of who may revoke. Nothing in it is ever taken away: so it lies where the
    /// keys lie, and not where what may be deleted does.
    pub(crate) fn memory(&self) -> FileRevocationMemory {
        FileRevocationMemory::new(self.keys().join("remembered"))
    }

    /// Keeps a platform claim. The recovery DID that it names is remembered for good, also when the claim is replaced.
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

    /// Keeps a revocation.
    pub(crate) fn keep_revocation<C: Claim>(&self, signed: &Signed<C>) -> Result<PathBuf, Failure> {
        self.keep("revocations", &signed.id().to_string(), &signed.to_json())
    }

    /// Keeps a bundle, under its claim's id.
    pub(crate) fn keep_bundle(&self, id: &str, text: &str) -> Result<PathBuf, Failure> {
        self.keep("bundles", id, text)
    }

    /// Every platform claim in the home, oldest first. One that cannot be read is an error: a missing claim would shrink
    /// what its holder may do without a word.
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

    /// The same claim as it is kept now: another run may have published it meanwhile, or replaced it.
    pub(crate) fn claim_again(&self, old: &KeptClaim) -> Result<Option<KeptClaim>, Failure> {
        let path = self.path_of(old);
        match read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            bytes => parse(&path, &bytes.map_err(store_failed)?).map(Some),
        }
    }

    /// The claims of one DID to one account, oldest first. Where the platform has ids, they decide: a login changes hands.
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
        // Every entry of these folders is read: what is half written lies beside them.
        let text = format!("{text}\n");
        files::write_private(&self.root, &path, text.as_bytes())?;
        Ok(path)
    }
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    // Looked at before opening: opening a pipe would block.
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is not a file: move it away"));
    }
    files::read_io(path, 2 * files::MAX_CLAIM)
}

fn about(path: &Path, error: &std::io::Error) -> std::io::Error {
    std::io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The claim that a file holds.
fn parse(path: &Path, bytes: &[u8]) -> Result<KeptClaim, Failure> {
    KeptClaim::parse(bytes).map_err(|e| {
        let says = format!("{} is not a kept claim: {e}", path.display());
        let failure = Failure::invalid(Invalid::BadClaim, says);
        failure.remedy("move the file away, and claim the account anew")
    })
}

/// Every entry of a directory, in the order of their names; none when there is no directory.
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

/// The file of a claim: its digest.
fn file_name(id: &str) -> String {
    format!("{}.json", id.trim_start_matches("sha256:"))
}

fn store_failed(error: std::io::Error) -> Failure {
    Unavailable::new(UnavailableReason::StoreFailed, error.to_string()).into()
}
