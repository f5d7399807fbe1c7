//! The port through which revocations come in.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::Timestamp;
use crate::claim::{PlatformClaim, Revocation, Signed};
use crate::identity::Did;
use crate::reason::Unavailable;

/// A place where revocations are published: a file, a folder, a log, a hub.
///
/// # Contract
/// Returns every revocation that may concern the DIDs asked about, and every platform claim of them that names a recovery
/// DID, expired ones too: signed and unchecked. More than those is fine. Nothing means: looked, and there is none. A
/// source of which any part could not be read is [`Unavailable`], never a shorter list.
///
/// # Security
/// A source can withhold a revocation, and cannot invent one: core checks each signature and the signer's right.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RevocationSource: fmt::Debug + Send + Sync {
    /// What the source is called in answers.
    fn name(&self) -> String;

    /// The revocations that may concern these DIDs, and the platform claims that name recovery DIDs for them.
    ///
    /// # Errors
    /// [`Unavailable`] when the source could not be read whole.
    async fn revocations(
        &self,
        dids: &[Did],
        now: Timestamp,
    ) -> Result<PublishedRevocations, Unavailable>;
}

/// What a source of revocations holds. Not verified.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct PublishedRevocations {
    /// The revocations.
    pub revocations: Vec<Signed<Revocation>>,
    /// The platform claims: those that name a recovery DID tell who may revoke.
    pub claims: Vec<Signed<PlatformClaim>>,
}

impl PublishedRevocations {
    /// These revocations, and no platform claims.
    #[must_use]
    pub fn new(revocations: impl IntoIterator<Item = Signed<Revocation>>) -> Self {
        Self {
            revocations: revocations.into_iter().collect(),
            claims: Vec::new(),
        }
    }

    /// The same, with these platform claims.
    #[must_use]
    pub fn naming(mut self, claims: impl IntoIterator<Item = Signed<PlatformClaim>>) -> Self {
        self.claims.extend(claims);
        self
    }
}

/// A list of revocations in memory, as a [`RevocationSource`]: a server's own list, or what was read elsewhere.
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
    /// An empty list: looked, and there is none.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            published: Mutex::default(),
        }
    }

    /// Adds these. Nothing is ever taken away.
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
