//! The body of a claim: what every type of claim says of itself.

use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A kind of statement that a DID can sign.
///
/// # Contract
/// The implementing type is the *body* of the document: the members other than `@context`, `type`, `did` and `proof`. It
/// serializes to a JSON object without numbers or null, with wire names spelled in serde attributes, and refuses unknown fields
/// when read (`#[serde(deny_unknown_fields)]`).
///
/// # Security
/// Core reads the signer, the audience and the times from the signed bytes, never through this trait. An implementation can
/// neither extend its own life past [`MAX_LIFE`] nor change its audience. A type defined outside this crate is always a
/// [`ClaimNature::Assertion`]: a signature does not make it true.
///
/// The value that [`Signed::verify`](crate::claim::Signed::verify) returns is read again from the signed bytes, through the type's own reader; it is never
/// copied with the type's `Clone`. Later changes are the responsibility of the type: a body with a `Cell` or a `Mutex` in it can
/// be changed through `&C`, and a `Clone` may copy something else. Write bodies as plain data, with derived traits, as below.
///
/// ```
/// use auths_core::claim::Claim;
/// use serde::{Deserialize, Serialize};
/// use std::time::Duration;
///
/// #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct BuildClaim {
///     #[serde(rename = "commit")]
///     commit: String,
/// }
///
/// impl Claim for BuildClaim {
///     const TYPE: &'static str = "BuildClaim";
///     fn max_life(&self) -> Duration {
///         Duration::from_secs(3600)
///     }
/// }
/// ```
pub trait Claim:
    fmt::Debug + Clone + PartialEq + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// The `type` member of the document.
    const TYPE: &'static str;

    /// Returns the longest life that this claim may have. Core also caps it at [`MAX_LIFE`].
    fn max_life(&self) -> Duration;
}

/// The longest life of any claim: 180 days.
pub const MAX_LIFE: Duration = Duration::from_secs(180 * 86_400);

/// The meaning of a signature on a type of claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimNature {
    /// The signature itself makes the claim true, for the holder of the DID: delegations, trusted publishers, revocations,
    /// observations.
    Act,
    /// The claim states a fact about something else, which anyone may state: platform and namespace claims, and every type that
    /// is not built in. Without evidence it falls to a stranger.
    Assertion,
}
