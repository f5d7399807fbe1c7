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
//! use auths_core::claim::{AnyClaim, Audience, ClaimError, ProofExpectation, KeyRing};
//!
//! /// Says what a document proves by itself, and what that falls to.
//! fn check(bytes: &[u8], mine: Audience, now: Timestamp) -> Result<String, ClaimError> {
//!     let (public, mine) = (ProofExpectation::new(Audience::public()), ProofExpectation::new(mine));
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
//!         AnyClaim::TrustedPublisher(signed) => {
//!             let claim = signed.verify(&public, &keys, now)?;
//!             format!("{} lets runs of {} {}", signed.did(), claim.get().publisher, claim.get().actions)
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
mod body;
pub(crate) mod by_purl;
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
mod rules;
mod signed;
mod trusted_publisher;
mod verify;

pub use any::AnyClaim;
pub use audience::{Audience, AudienceError};
pub use body::{Claim, ClaimNature, MAX_LIFE};
pub(crate) use challenge::ChallengeScope;
pub use challenge::{Challenge, ChallengeError, ChallengeKey, IssuedChallenge, MAX_CHALLENGE_LIFE};
pub use delegation::{Action, Actions, Delegation};
pub use error::{ClaimError, SignError};
pub use expectation::{MAX_CLOCK_LEAD, ProofExpectation};
pub use id::ClaimId;
pub use json::JsonError;
pub(crate) use json::StrictJson;
pub(crate) use keys::KeyLookup;
pub use keys::KeyRing;
pub use namespace::{Incarnation, NamespaceClaim};
pub use observation::Observation;
pub use platform::PlatformClaim;
pub use request::SigningRequest;
pub use revocation::{Revocation, RevocationTarget};
pub(crate) use rules::rules;
pub use signed::Signed;
pub use trusted_publisher::TrustedPublisher;

#[cfg(test)]
mod tests;
