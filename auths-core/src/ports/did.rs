//! The port through which DIDs of other methods than `did:key` get their keys.

use async_trait::async_trait;

use crate::Timestamp;
use crate::crypto::PublicKey;
use crate::identity::{Did, VerificationMethod};
use crate::reason::Unavailable;

/// Looks up the keys of a DID.
///
/// # Contract
/// Returns the Ed25519 keys that may make assertions (`assertionMethod`) for `did` at the time `at`, each under its
/// own verification method. An empty list means: looked, and there is none.
///
/// # Security
/// Core asks for DIDs that do not spell their own key only; for `did:key` a resolver is never consulted, so a lying
/// resolver cannot give a `did:key` another key.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait DidResolver: std::fmt::Debug + Send + Sync {
    /// The keys of `did` at the time `at`.
    ///
    /// # Errors
    /// [`Unavailable`] when they could not be looked up.
    async fn resolve(
        &self,
        did: &Did,
        at: Timestamp,
    ) -> Result<Vec<(VerificationMethod, PublicKey)>, Unavailable>;
}
