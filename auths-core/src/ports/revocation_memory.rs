//! The port through which a verifier remembers who may revoke, and what was revoked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::StoreError;
use crate::claim::{Revocation, Revoked, Signed};
use crate::identity::Did;

/// Remembers for good which recovery DIDs were ever named for a DID, and which rightful revocations were given.
///
/// Whoever stole a device key leaves out the platform claim that names its recovery DID, and the revocation too. What this
/// verifier was shown once, it must not forget because it is shown something else later.
///
/// # Contract
/// Append-only: what was remembered is never replaced, never forgotten, and never evicted, whatever is remembered after it
/// and however many write at once. When `remember_...` returns, it is kept, for later processes too where the memory
/// outlives its process. What is recalled is what was remembered, exactly and whole: a memory of which any part cannot be
/// read is a [`StoreError`], never a shorter list. An empty list means: looked, and there is none. Remembering something
/// twice is no error.
///
/// Only what was verified goes in: [`collect_revocations`](crate::use_cases::collect_revocations) is the step that checks, remembers and recalls.
///
/// # Security
/// What a memory invents can only say no. What it forgets lets a thief go on: keep it where only the verifier writes.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RevocationMemory: fmt::Debug + Send + Sync {
    /// Remembers that a platform claim that `did` signed named `recovery`.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be kept.
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError>;

    /// Every recovery DID that was ever remembered for `did`.
    ///
    /// # Errors
    /// [`StoreError`] when they could not all be read.
    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError>;

    /// Remembers a revocation whose signature was checked.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be kept.
    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError>;

    /// Every revocation of `what` by one of `by` that was ever remembered.
    ///
    /// One call asks for all who may revoke. It should cost no more than a look where nothing of `what` was ever revoked: a
    /// bundle can name hundreds of DIDs that may, and hundreds of claims that were not.
    ///
    /// # Errors
    /// [`StoreError`] when they could not all be read.
    async fn revocations(
        &self,
        what: &Revoked,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError>;
}

/// A memory that lives as long as the process.
#[derive(Debug, Default)]
pub struct MemoryRevocations {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    recovery: BTreeMap<Did, BTreeSet<Did>>,
    revocations: BTreeMap<Revoked, Vec<Signed<Revocation>>>,
}

impl MemoryRevocations {
    /// A memory that was told nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What is kept is written in one call: a panic elsewhere leaves it whole.
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
        what: &Revoked,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        let kept = self.kept();
        let of = kept.revocations.get(what).into_iter().flatten();
        Ok(of.filter(|one| by.contains(one.did())).cloned().collect())
    }
}
