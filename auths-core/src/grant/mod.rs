//! Grants: short-lived signed tokens that a front end hands out on an accepted decision.
//!
//! A [`GrantIssuer`] makes one from [`Verified`](crate::Verified) authorities and from nothing else. A [`GrantVerifier`] checks one
//! wherever it is used: signature, issuer, audience, times, and whether it covers the name and the action. A [`DenyList`] is looked at
//! both times. A grant lives five minutes at most, ends with the decision that it was made from, and is never renewed: whoever needs
//! another one is decided about again.
//!
//! On the wire a grant is a compact JWS (RFC 7515), signed with Ed25519 (`EdDSA`, RFC 8037). Its header is exactly `alg`, `kid` and
//! `typ`, with the `typ` [`GRANT_TYPE`]; its payload is exactly the members of [`Grant`], of which `iss`, `sub`, `aud`, `iat`, `exp`
//! and `jti` are those of RFC 7519. One grant has one spelling: a text that this library would write in another way is refused.
//!
//! # Security
//! An ID token is no grant and a grant is no ID token: `typ` and `alg` differ, and both readers demand their own. A grant is no signed
//! claim either: what a claim's signature covers is 64 bytes, which is shorter than any grant.

mod deny;
mod error;
mod issue;
mod request;
mod subject;
mod value;
mod verify;
mod wire;

pub use deny::{DenyList, DenyListError};
pub use error::{GrantError, GrantIssueError};
pub(crate) use issue::check_life;
pub use issue::{GrantIssuer, IssuedGrant};
pub use request::{GrantRequest, MAX_GRANT_LIFE};
pub use subject::{GrantSubject, GrantedRun};
pub use value::Grant;
pub use verify::GrantVerifier;
pub use wire::{GRANT_TYPE, MAX_GRANT_BYTES};
