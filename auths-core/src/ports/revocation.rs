//! The port for published revocations.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::Timestamp;
use crate::identity::Did;
use crate::reason::Unavailable;

pub use crate::claim::published::PublishedRevocations;

/// A place where revocations are published: a file, a folder, a log, a hub.
///
/// # Contract
/// Returns every revocation that may concern the given DIDs, and every platform claim of them that names a recovery DID,
/// including expired ones. They are signed, but not verified. Additional ones are allowed. An empty answer means that the source
/// was read and has none. If any part of a source could not be read, the answer is [`Unavailable`], never a shorter list.
///
/// # Security
/// A source can withhold a revocation, but cannot invent one: core checks each signature and the signer's right.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait RevocationSource: fmt::Debug + Send + Sync {
    /// Returns the name of the source in answers.
    fn name(&self) -> String;

    /// Returns the revocations that may concern these DIDs, and the platform claims that name recovery DIDs for them.
    ///
    /// # Errors
    /// [`Unavailable`] when the source could not be read whole.
    async fn revocations(
        &self,
        dids: &[Did],
        now: Timestamp,
    ) -> Result<PublishedRevocations, Unavailable>;
}

/// A list of revocations in memory, as a [`RevocationSource`]: for example, a server's own list, or revocations read elsewhere.
///
/// ```
/// use auths_core::ports::{PublishedRevocations, RevocationList, RevocationSource};
///
/// let list = RevocationList::new("the hub's own list");
/// list.publish(PublishedRevocations::new([]));
/// assert_eq!(list.name(), "the hub's own list");
/// ```
#[derive(Debug)]
pub struct RevocationList {
    name: String,
    published: Mutex<PublishedRevocations>,
}

impl RevocationList {
    /// Creates an empty list.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            published: Mutex::default(),
        }
    }

    /// Adds revocations and claims. Nothing is ever removed.
    pub fn publish(&self, more: PublishedRevocations) {
        let mut published = self.published();
        published.revocations.extend(more.revocations);
        published.claims.extend(more.claims);
    }

    fn published(&self) -> MutexGuard<'_, PublishedRevocations> {
        self.published
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl RevocationSource for RevocationList {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn revocations(
        &self,
        _dids: &[Did],
        _now: Timestamp,
    ) -> Result<PublishedRevocations, Unavailable> {
        Ok(self.published().clone())
    }
}
