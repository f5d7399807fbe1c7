//! The revocation: "this claim, or everything by this DID, no longer holds". A revocation never expires, and it overrides claims.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Claim, ClaimId, MAX_LIFE};
use crate::Timestamp;
use crate::identity::Did;

/// The target of a revocation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RevocationTarget {
    /// One claim.
    #[serde(rename = "claim")]
    Claim(ClaimId),
    /// A DID and all its claims.
    #[serde(rename = "did")]
    Did(Did),
}

/// "This no longer holds", signed by somebody who may revoke it: the signer of the claim, the delegator above a delegate, or the
/// recovery DID that a platform claim of the revoked DID names.
///
/// # The effect of `since`
/// A DID revoked since a time counts as revoked in every decision made as of that time or later, together with everything that it
/// signed. A decision as of an earlier time does not change. From `since` on, claims with an earlier `created` are void too:
/// `created` is the signer's own word, and a thief of the key can write any time there. So `since` keeps no claim alive. It keeps
/// earlier correct decisions from being called wrong afterwards, and it allows the end of a key to be announced. Without `since`,
/// a DID counts as revoked at any time.
///
/// ```
/// use auths_core::Did;
/// use auths_core::claim::{Revocation, RevocationTarget};
///
/// let lost: Did = "did:key:z6MkmNL6xksdEJENGk9Z1qqGsY5njKQdjU1UhnUEUvWyQUVX".parse()?;
/// let stolen_at = "2026-11-20T00:00:00Z".parse()?;
/// let revocation = Revocation::new(RevocationTarget::Did(lost)).starting(stolen_at);
/// assert_eq!(revocation.since, Some(stolen_at));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireRevocation")]
#[non_exhaustive]
pub struct Revocation {
    /// The claim or DID that is revoked.
    #[serde(rename = "revokes")]
    pub revokes: RevocationTarget,
    /// The time from which a DID is revoked; `None` for all times. A claim is always revoked for all times, so with a claim this
    /// must be `None`.
    #[serde(rename = "since", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// The members on the wire.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRevocation {
    #[serde(rename = "revokes")]
    revokes: RevocationTarget,
    #[serde(rename = "since", default)]
    since: Option<Timestamp>,
}

impl TryFrom<WireRevocation> for Revocation {
    type Error = &'static str;

    fn try_from(wire: WireRevocation) -> Result<Self, Self::Error> {
        let WireRevocation { revokes, since } = wire;
        match (&revokes, since) {
            (RevocationTarget::Claim(_), Some(_)) => {
                Err("since stands only where a DID is revoked")
            }
            _ => Ok(Self { revokes, since }),
        }
    }
}

impl Revocation {
    /// Creates a revocation of a claim or a DID, for all times.
    #[must_use]
    pub fn new(revokes: RevocationTarget) -> Self {
        Self {
            revokes,
            since: None,
        }
    }

    /// Sets the time from which a DID is revoked. With a claim, signing then fails.
    #[must_use]
    pub fn starting(mut self, since: Timestamp) -> Self {
        self.since = Some(since);
        self
    }
}

/// Creates a revocation for all times.
impl From<RevocationTarget> for Revocation {
    fn from(revokes: RevocationTarget) -> Self {
        Self::new(revokes)
    }
}

impl Claim for Revocation {
    const TYPE: &'static str = "Revocation";

    /// Returns the maximum. A revocation does not expire, and core requires no `expires` on it.
    fn max_life(&self) -> Duration {
        MAX_LIFE
    }
}
