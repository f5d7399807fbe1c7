//! The port for the keys of DIDs of other methods than `did:key`.

use async_trait::async_trait;

use crate::Timestamp;
use crate::crypto::PublicKey;
use crate::identity::{Did, VerificationMethod};
use crate::reason::Unavailable;

/// A source of the keys of DIDs.
///
/// # Contract
/// Returns the Ed25519 keys that may make assertions (`assertionMethod`) for `did` at the time `at`, each under its own
/// verification method. An empty list means that the lookup succeeded and there are no keys.
///
/// # Security
/// Core asks only for DIDs that do not contain their own key. For `did:key` a resolver is never consulted, so a lying resolver
/// cannot give a `did:key` another key.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait DidResolver: std::fmt::Debug + Send + Sync {
    /// Returns the keys of `did` at the time `at`.
    ///
    /// # Errors
    /// [`Unavailable`] when they could not be looked up.
    async fn resolve(
        &self,
        did: &Did,
        at: Timestamp,
    ) -> Result<Vec<(VerificationMethod, PublicKey)>, Unavailable>;
}
