//! The platform claim: "this DID holds that account".

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Claim, MAX_LIFE};
use crate::identity::{Account, Did};
use crate::time::DAY;

/// "This DID holds that account", signed by the DID.
///
/// # Security
/// Signing it is free: any key may name any account. Alone it is `self-reported` evidence and falls to a stranger; it
/// grants nothing. What makes it worth more is evidence that the account agrees (a gist, a device flow, a package that
/// only the account can publish).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PlatformClaim {
    /// The account, by stable id where the platform has one.
    #[serde(rename = "account")]
    pub account: Account,
    /// The DID that may revoke the signer, should its key be lost.
    #[serde(rename = "recovery", default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Did>,
}

impl PlatformClaim {
    /// A claim to hold `account`. On a configured registry the account names its server, `account.at(Some(origin))`: without
    /// it, it is the account of that name on the public one.
    #[must_use]
    pub fn new(account: Account, recovery: Option<Did>) -> Self {
        Self { account, recovery }
    }
}

impl Claim for PlatformClaim {
    const TYPE: &'static str = "PlatformClaim";

    /// 180 days; 30 where the account is told by a name, which may change hands (npm, PyPI).
    fn max_life(&self) -> Duration {
        if self.account.is_told_by_id() {
            MAX_LIFE
        } else {
            30 * DAY
        }
    }
}
