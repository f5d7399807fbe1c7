//! The platform claim: "this DID holds that account".

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Claim, MAX_LIFE};
use crate::identity::{Account, Did};
use crate::time::DAY;

/// "This DID holds that account", signed by the DID.
///
/// # Security
/// Signing a platform claim is free: any key may name any account. Alone it is `self-reported` evidence and falls to a stranger;
/// it grants nothing. Its worth comes from evidence that the account agrees (a gist, a device flow, a package that only the
/// account can publish).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PlatformClaim {
    /// The account, with its stable id where the platform has one.
    #[serde(rename = "account")]
    pub account: Account,
    /// The DID that may revoke the signer if the signer's key is lost.
    #[serde(rename = "recovery", default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Did>,
}

impl PlatformClaim {
    /// Creates a claim to hold `account`. For an account on a configured registry, name the server with
    /// `account.at(Some(origin))`: without it, the account is the one on the public server.
    #[must_use]
    pub fn new(account: Account, recovery: Option<Did>) -> Self {
        Self { account, recovery }
    }
}

impl Claim for PlatformClaim {
    const TYPE: &'static str = "PlatformClaim";

    /// Returns 180 days, or 30 where the account is identified by a name, which may change hands (npm, PyPI).
    fn max_life(&self) -> Duration {
        if self.account.is_identified_by_id() {
            MAX_LIFE
        } else {
            30 * DAY
        }
    }
}
