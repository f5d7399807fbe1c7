//! The revocation: "this claim, or everything by this DID, holds no longer". Has no expiry, and wins.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Claim, ClaimId, MAX_LIFE};
use crate::identity::Did;

/// What is revoked, for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Revoked {
    /// One claim.
    #[serde(rename = "claim")]
    Claim(ClaimId),
    /// A DID with all its claims.
    #[serde(rename = "did")]
    Did(Did),
}

/// "This holds no longer", signed by whoever may say so: the signer of the claim, the delegator above a delegate, or the
/// recovery DID that a platform claim of the revoked DID names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Revocation {
    /// What is revoked.
    #[serde(rename = "revokes")]
    pub revokes: Revoked,
}

impl Revocation {
    /// Revokes a claim or a DID.
    #[must_use]
    pub fn new(revokes: Revoked) -> Self {
        Self { revokes }
    }
}

impl Claim for Revocation {
    const TYPE: &'static str = "Revocation";

    /// A revocation does not expire; core asks for no `expires` on it.
    fn max_life(&self) -> Duration {
        MAX_LIFE
    }
}
