//! The port for a verifier's memory of revocations and of who may revoke.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::StoreError;
use crate::claim::{Revocation, RevocationTarget, Signed};
use crate::identity::Did;

/// A permanent memory of the recovery DIDs that were ever named for a DID, and of the rightful revocations that were ever seen.
///
/// A thief of a device key leaves out the platform claim that names its recovery DID, and also the revocation. The verifier must
/// not forget what it was shown once, only because it is shown something else later.
///
/// # Contract
/// The memory is append-only: nothing in it is ever replaced, forgotten or evicted, whatever is added later and however many
/// callers write at once. When `remember_...` returns, the entry is stored, also for later processes if the memory outlives its
/// process. Entries are recalled exactly and completely: if any part of a memory cannot be read, the result is a [`StoreError`],
/// never a shorter list. An empty list means that the memory was read and has no entry. Remembering something twice is no error.
///
/// Only verified entries are added: [`collect_revocations`](crate::use_cases::collect_revocations) is the step that checks, remembers and recalls.
///
/// # Security
/// Entries that a memory invents can only cause a no. Entries that it forgets help a thief: keep the memory where only the
/// verifier can write.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RevocationMemory: fmt::Debug + Send + Sync {
    /// Remembers that a platform claim signed by `did` named `recovery`.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored.
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError>;

    /// Returns every recovery DID that was ever remembered for `did`.
    ///
    /// # Errors
    /// [`StoreError`] when not all of them could be read.
    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError>;

    /// Remembers a revocation whose signature was checked.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored.
    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError>;

    /// Returns every remembered revocation of `what` by one of `by`.
    ///
    /// One call asks for all who may revoke. Where nothing of `what` was ever revoked, it should cost no more than one lookup: a
    /// bundle can name hundreds of DIDs that may revoke, and hundreds of claims that were not revoked.
    ///
    /// # Errors
    /// [`StoreError`] when not all of them could be read.
    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError>;
}

/// A memory that lasts as long as the process.
#[derive(Debug, Default)]
pub struct MemoryRevocations {
    kept: Mutex<KeptRevocations>,
}

#[derive(Debug, Default)]
struct KeptRevocations {
    recovery: BTreeMap<Did, BTreeSet<Did>>,
    revocations: BTreeMap<RevocationTarget, Vec<Signed<Revocation>>>,
}

impl MemoryRevocations {
    /// Creates an empty memory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, KeptRevocations> {
        // Each entry is written in one step, so a panic elsewhere leaves the data whole.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl RevocationMemory for MemoryRevocations {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        let mut kept = self.kept();
        let named = kept.recovery.entry(did.clone()).or_default();
        named.insert(recovery.clone());
        Ok(())
    }

    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        let kept = self.kept();
        Ok(kept
            .recovery
            .get(did)
            .into_iter()
            .flatten()
            .cloned()
            .collect())
    }

    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        let what = revocation.unverified().revokes.clone();
        let mut kept = self.kept();
        let of = kept.revocations.entry(what).or_default();
        if !of.contains(revocation) {
            of.push(revocation.clone());
        }
        Ok(())
    }

    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        let kept = self.kept();
        let of = kept.revocations.get(what).into_iter().flatten();
        Ok(of.filter(|one| by.contains(one.did())).cloned().collect())
    }
}
