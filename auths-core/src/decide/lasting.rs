//! Evidence that holds for the life of a trusted publisher.

use serde::{Deserialize, Serialize};

use crate::identity::Account;

/// Evidence that holds for the life of a trusted publisher.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::decide) enum LastingEvidence {
    /// The organisation listed the account as an active Owner.
    OwnerRole(Account),
    /// The holder of the account approved it in a device flow.
    DeviceFlow(Account),
}
