//! The sources of revocations of the command: the named files and folders, and always the home.

use std::path::PathBuf;

use auths_core::Did;
use auths_core::Timestamp;
use auths_core::claim::{Claim, KeyRing, Revocation, RevocationTarget, Signed};
use auths_core::decide::{Obstacle, Revocations};
use auths_core::ports::RevocationSource;
use auths_core::use_cases::{RevocableParts, VerifierBuilder, collect_revocations};
use auths_keystore::{FileRevocationMemory, FileRevocations};

use crate::home::Home;

/// The limits of a source, which the guard against tokens holds to as well.
pub(crate) const MAX_DEPTH: usize = FileRevocations::MAX_DEPTH;
pub(crate) const MAX_ENTRIES: usize = FileRevocations::MAX_ENTRIES;
pub(crate) const MAX_BYTES: usize = FileRevocations::MAX_BYTES;

/// Returns what a revocation says, in words.
pub(crate) fn says(revocation: &Revocation) -> String {
    match (&revocation.revokes, revocation.since) {
        (RevocationTarget::Claim(id), _) => format!("the claim {id} holds no longer"),
        (RevocationTarget::Did(did), None) => format!("{did} and all its claims hold no longer"),
        (RevocationTarget::Did(did), Some(since)) => {
            format!("{did} and all its claims hold no longer from {since} on")
        }
        _ => "something holds no longer".to_owned(),
    }
}

/// The sources that the arguments name, and the home: its own revocations, its claims, and all revocations that it was ever
/// shown.
#[derive(Debug)]
pub(crate) struct Sources {
    sources: Vec<FileRevocations>,
    memory: FileRevocationMemory,
}

impl Sources {
    /// Creates the sources from the named ones, and the home.
    pub(crate) fn new(named: &[PathBuf], home: &Home) -> Self {
        let named = named.iter().map(FileRevocations::new);
        let own = [home.revocations(), home.kept_claims()];
        let home_itself = FileRevocations::of_optional_folders("home", own);
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

    /// Gives the sources and the memory to a verifier.
    pub(crate) fn plug_into(self, verifier: VerifierBuilder) -> VerifierBuilder {
        let verifier = verifier.revocation_memory(self.memory);
        let sources = self.sources.into_iter();
        sources.fold(verifier, VerifierBuilder::revocations)
    }

    /// Returns the memory of the revocations that the home was ever shown.
    pub(crate) fn memory(&self) -> &FileRevocationMemory {
        &self.memory
    }

    /// Returns the revocations of all sources.
    pub(crate) async fn collect_revocations(
        &self,
        about: &RevocableParts<'_>,
        now: Timestamp,
    ) -> Revocations {
        let keys = KeyRing::intrinsic();
        collect_revocations(&self.ports(), &self.memory, about, &keys, now).await
    }

    /// Checks whether a source revokes a claim that is looked at by itself. The revoker may be its signer, or a recovery DID that
    /// the claim, another claim of its DID or `others` name.
    pub(crate) async fn check_unrevoked<C: Claim>(
        &self,
        claim: &Signed<C>,
        others: &[Did],
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let revocations = self
            .collect_revocations(&RevocableParts::claim(claim), now)
            .await;
        revocations.check(claim, others, &KeyRing::intrinsic(), now)
    }
}
