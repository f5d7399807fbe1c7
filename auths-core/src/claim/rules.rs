//! What core fixes for each type of claim.

use std::any::TypeId;

use super::json::{MAX_CLAIM, MAX_OBSERVATION};
use super::{
    Claim, ClaimNature, Delegation, NamespaceClaim, Observation, PlatformClaim, Revocation,
    TrustedPublisher,
};

/// The properties that core fixes for each type of document.
pub(crate) struct DocumentRules {
    pub(crate) nature: ClaimNature,
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
pub(crate) fn rules<C: Claim>() -> DocumentRules {
    let mut foreign = false;
    let (nature, expires, challenge, public) = if is::<C, PlatformClaim>() {
        (ClaimNature::Assertion, true, false, Some(true))
    } else if is::<C, NamespaceClaim>() {
        (ClaimNature::Assertion, true, true, Some(false))
    } else if is::<C, Delegation>() || is::<C, TrustedPublisher>() || is::<C, Observation>() {
        (ClaimNature::Act, true, false, Some(true))
    } else if is::<C, Revocation>() {
        (ClaimNature::Act, false, false, Some(true))
    } else {
        foreign = true;
        (ClaimNature::Assertion, true, true, None)
    };
    let max_bytes = if is::<C, Observation>() {
        MAX_OBSERVATION
    } else {
        MAX_CLAIM
    };
    DocumentRules {
        nature,
        expires,
        challenge,
        public,
        foreign,
        max_bytes,
    }
}

/// Returns whether two types of claim are one.
fn is<C: Claim, B: Claim>() -> bool {
    TypeId::of::<C>() == TypeId::of::<B>()
}
