//! A store of links in memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::links::{KeptLink, LinkError, LinkStore};
use crate::identity::{Account, Did};

/// A store of links that lasts as long as the process, for tests and for programs that keep links elsewhere.
///
/// ```
/// use auths_core::ports::{LinkStore, MemoryLinks};
/// # use futures_util::FutureExt as _;
///
/// let links = MemoryLinks::new();
/// let all = links.all().now_or_never().ok_or("it waits for nothing")??;
/// assert!(all.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryLinks {
    links: Mutex<Vec<KeptLink>>,
}

impl MemoryLinks {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn links(&self) -> MutexGuard<'_, Vec<KeptLink>> {
        // Each entry is written in one step, so a panic elsewhere leaves the list whole.
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LinkStore for MemoryLinks {
    async fn all(&self) -> Result<Vec<KeptLink>, LinkError> {
        Ok(self.links().clone())
    }

    async fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        let mut links = self.links().clone();
        links.retain(|kept| kept.is_of(did, account));
        Ok(links)
    }

    async fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError> {
        let links = self.links();
        let mut links = links.iter();
        Ok(links
            .find(|kept| kept.claim.id() == old.claim.id())
            .cloned())
    }

    async fn keep(&self, kept: &KeptLink) -> Result<(), LinkError> {
        let mut links = self.links();
        links.retain(|known| known.claim.id() != kept.claim.id());
        links.push(kept.clone());
        links.sort_by_key(KeptLink::sort_key);
        Ok(())
    }

    async fn forget(&self, read: &KeptLink) -> Result<bool, LinkError> {
        let mut links = self.links();
        links.retain(|known| !known.has_gist_of(read));
        Ok(links
            .iter()
            .all(|known| known.claim.id() != read.claim.id()))
    }
}
