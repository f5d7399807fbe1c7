//! The revocation: "this claim, or everything by this DID, holds no longer". Has no expiry, and wins.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Claim, ClaimId, MAX_LIFE};
use crate::Timestamp;
use crate::identity::Did;

/// What is revoked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
///
/// # What `since` gives
/// A DID that is revoked since a time counts as revoked in every decision that is made as of that time or later, with
/// everything that it signed; a decision as of an earlier time is what it was. Claims that say they were `created` earlier
/// are void from then on too: `created` is the signer's own word, and whoever stole the key can write any time there. So
/// `since` keeps no claim alive. It keeps what was rightly decided before from being called wrong afterwards, and lets the
/// end of a key be announced. Without it, a DID counts as revoked at any time.
///
/// ```
/// use auths_core::Did;
/// use auths_core::claim::{Revocation, Revoked};
///
/// let lost: Did = "did:key:z6MkmNL6xksdEJENGk9Z1qqGsY5njKQdjU1UhnUEUvWyQUVX".parse()?;
/// let stolen_at = "2026-11-20T00:00:00Z".parse()?;
/// let revocation = Revocation::new(Revoked::Did(lost)).starting(stolen_at);
/// assert_eq!(revocation.since, Some(stolen_at));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "WireRevocation")]
#[non_exhaustive]
pub struct Revocation {
    /// What is revoked.
    #[serde(rename = "revokes")]
    pub revokes: Revoked,
    /// From when on a DID is revoked; `None` for ever. A claim is always revoked for good: where one is named, nothing may
    /// stand here.
    #[serde(rename = "since", skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// The members as they are written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WireRevocation {
    #[serde(rename = "revokes")]
    revokes: Revoked,
    #[serde(rename = "since", default)]
    since: Option<Timestamp>,
}

impl TryFrom<WireRevocation> for Revocation {
    type Error = &'static str;

    fn try_from(wire: WireRevocation) -> Result<Self, Self::Error> {
        let WireRevocation { revokes, since } = wire;
        match (&revokes, since) {
            (Revoked::Claim(_), Some(_)) => Err("since stands only where a DID is revoked"),
            _ => Ok(Self { revokes, since }),
        }
    }
}

impl Revocation {
    /// Revokes a claim or a DID, for good and from ever.
    #[must_use]
    pub fn new(revokes: Revoked) -> Self {
        Self {
            revokes,
            since: None,
        }
    }

    /// The same revocation of a DID, from that time on. Of a claim it is refused when it is signed.
    #[must_use]
    pub fn starting(mut self, since: Timestamp) -> Self {
        self.since = Some(since);
        self
    }
}

/// The revocation of that, for good and from ever.
impl From<Revoked> for Revocation {
    fn from(revokes: Revoked) -> Self {
        Self::new(revokes)
    }
}

impl Claim for Revocation {
    const TYPE: &'static str = "Revocation";

    /// A revocation does not expire; core asks for no `expires` on it.
    fn max_life(&self) -> Duration {
        MAX_LIFE
    }
}
