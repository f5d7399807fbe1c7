//! Signed claims: their content, and the exact form in which they are signed.
//!
//! A claim is a JSON document secured by a W3C Data Integrity proof with the cryptosuite `eddsa-jcs-2022` (RFC 8785, SHA-256,
//! Ed25519), so that anyone can check one with standard tools and only the DID:
//!
//! ```json
//! {
//!   "@context": ["https://w3id.org/security/data-integrity/v2", "urn:auths:claims:v1"],
//!   "type": "PlatformClaim",
//!   "did": "did:key:z6Mk...",
//!   "account": { "platform": "pypi", "login": "alice" },
//!   "proof": {
//!     "@context": ["https://w3id.org/security/data-integrity/v2", "urn:auths:claims:v1"],
//!     "type": "DataIntegrityProof",
//!     "cryptosuite": "eddsa-jcs-2022",
//!     "created": "2026-11-21T08:46:00Z",
//!     "expires": "2026-12-21T08:46:00Z",
//!     "verificationMethod": "did:key:z6Mk...#z6Mk...",
//!     "proofPurpose": "assertionMethod",
//!     "domain": "auths:public",
//!     "proofValue": "z..."
//!   }
//! }
//! ```
//!
//! The profile is exact: these members and no others, one fixed context that is never fetched, no numbers, no duplicate keys.
//! White space is free. A [`Signed<C>`] is a document that was read but proves nothing yet; [`Signed::verify`] turns it into a
//! [`Verified<C>`](crate::Verified).
//!
//! A claim proves who said it, never that it is true: see [`ClaimNature`].
//!
//! This example checks a document of any type and tells what it proves:
//!
//! ```
//! use auths_core::Timestamp;
//! use auths_core::claim::{AnyClaim, Audience, ClaimError, Expectation, KeyRing};
//!
//! /// Says what a document proves by itself, and what that falls to.
//! fn check(bytes: &[u8], mine: Audience, now: Timestamp) -> Result<String, ClaimError> {
//!     let (public, mine) = (Expectation::new(Audience::public()), Expectation::new(mine));
//!     let keys = KeyRing::intrinsic();
//!     Ok(match AnyClaim::parse(bytes)? {
//!         AnyClaim::Platform(signed) => {
//!             let claim = signed.verify(&public, &keys, now)?;
//!             let (did, account) = (signed.did(), &claim.get().account);
//!             format!("{did} says that it holds {account}: falls to {}", claim.falls_to())
//!         }
//!         AnyClaim::Namespace(signed) => {
//!             let claim = signed.verify(&mine, &keys, now)?;
//!             format!("{} asks to speak for {}", signed.did(), claim.get().namespace)
//!         }
//!         AnyClaim::Delegation(signed) => {
//!             let claim = signed.verify(&public, &keys, now)?;
//!             format!("{} lets {} {}", signed.did(), claim.get().to, claim.get().actions)
//!         }
//!         AnyClaim::Revocation(signed) => {
//!             let claim = signed.verify(&public, &keys, now)?;
//!             format!("{} revokes {:?}", signed.did(), claim.get().revokes)
//!         }
//!         AnyClaim::Observation(signed) => {
//!             let claim = signed.verify(&public, &keys, now)?;
//!             format!("{} saw {:?}", signed.did(), claim.get().evidence)
//!         }
//!         _ => "a type that this program does not know".to_owned(),
//!     })
//! }
//!
//! let bytes = include_bytes!("../../../tests/vectors/claims/platform-pypi/claim.json");
//! let now = "2026-11-21T08:46:00Z".parse()?;
//! let says = check(bytes, "https://hub.example".parse()?, now)?;
//! assert!(says.contains("says that it holds pypi:"), "{says}");
//! assert!(check(bytes, "https://hub.example".parse()?, "2027-11-21T08:46:00Z".parse()?).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod any;
mod audience;
mod challenge;
mod checks;
mod delegation;
mod error;
mod expectation;
mod id;
mod json;
mod keys;
mod namespace;
mod observation;
mod platform;
mod proof;
pub(crate) mod published;
mod request;
mod revocation;
mod signed;
mod verify;

use std::any::TypeId;
use std::fmt;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use any::AnyClaim;
pub use audience::{Audience, AudienceError};
pub(crate) use challenge::ChallengeScope;
pub use challenge::{Challenge, ChallengeError, ChallengeKey, IssuedChallenge};
pub use delegation::{Action, Actions, Delegation};
pub use error::{ClaimError, SignError};
pub use expectation::{Expectation, MAX_CLOCK_LEAD};
pub use id::ClaimId;
pub(crate) use json::Json;
pub use json::JsonError;
pub use keys::KeyRing;
pub use namespace::{Incarnation, NamespaceClaim};
pub use observation::Observation;
pub use platform::PlatformClaim;
pub use request::SigningRequest;
pub use revocation::{Revocation, Revoked};
pub use signed::Signed;

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
/// The value that [`Signed::verify`] returns is read again from the signed bytes, through the type's own reader; it is never
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
    /// The signature itself makes the claim true, for the holder of the DID: delegations, revocations, observations.
    Act,
    /// The claim states a fact about something else, which anyone may state: platform and namespace claims, and every type that
    /// is not built in. Without evidence it falls to a stranger.
    Assertion,
}

/// The properties that core fixes for each type of document.
pub(crate) struct Rules {
    pub(crate) saying: ClaimNature,
    pub(crate) expires: bool,
    pub(crate) challenge: bool,
    /// True where `domain` must be `auths:public`, false where it must name a verifier, `None` where both are allowed.
    pub(crate) public: Option<bool>,
    /// True where the type is defined outside this crate.
    pub(crate) foreign: bool,
    /// The largest document, in bytes of its canonical form without the proof.
    pub(crate) max_bytes: usize,
}

/// Returns the rules of a type. No implementation can change this table. A built-in type is recognised by its Rust type, not by
/// its name, so a foreign type that borrows a built-in name gains nothing.
pub(crate) fn rules<C: Claim>() -> Rules {
    let is = |built_in: TypeId| TypeId::of::<C>() == built_in;
    let mut foreign = false;
    let (saying, expires, challenge, public) = if is(TypeId::of::<PlatformClaim>()) {
        (ClaimNature::Assertion, true, false, Some(true))
    } else if is(TypeId::of::<NamespaceClaim>()) {
        (ClaimNature::Assertion, true, true, Some(false))
    } else if is(TypeId::of::<Delegation>()) || is(TypeId::of::<Observation>()) {
        (ClaimNature::Act, true, false, Some(true))
    } else if is(TypeId::of::<Revocation>()) {
        (ClaimNature::Act, false, false, Some(true))
    } else {
        foreign = true;
        (ClaimNature::Assertion, true, true, None)
    };
    let max_bytes = if is(TypeId::of::<Observation>()) {
        json::MAX_OBSERVATION
    } else {
        json::MAX_CLAIM
    };
    Rules {
        saying,
        expires,
        challenge,
        public,
        foreign,
        max_bytes,
    }
}

#[cfg(test)]
mod tests;
