//! The port through which revocations come in.

use std::fmt;

use async_trait::async_trait;

use crate::Timestamp;
use crate::claim::{Revocation, Signed};
use crate::identity::Did;
use crate::outcome::Unavailable;

/// A place where revocations are published: a file, a folder, a log, a hub.
///
/// # Contract
/// Returns every revocation that may concern the DIDs asked about, signed and unchecked; more than those is fine. An empty
/// list means: looked, and there is none.
///
/// # Security
/// A source can withhold a revocation, and cannot invent one: core checks each signature and the signer's right.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait RevocationSource: fmt::Debug + Send + Sync {
    /// What the source is called in answers.
    fn name(&self) -> String;

    /// The revocations that may concern these DIDs.
    ///
    /// # Errors
    /// [`Unavailable`] when the source could not be read whole.
    async fn revocations(
        &self,
        dids: &[Did],
        now: Timestamp,
    ) -> Result<Vec<Signed<Revocation>>, Unavailable>;
}
