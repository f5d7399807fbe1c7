//! Evidence of whatever kind.

use serde::{Deserialize, Serialize};

use super::{AccountEvidence, NamespaceEvidence};
use crate::Timestamp;

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Evidence {
    /// A registry's answer about a name.
    #[serde(rename = "namespace")]
    Namespace(Box<NamespaceEvidence>),
    /// Evidence that an account agrees to a DID.
    #[serde(rename = "account")]
    Account(Box<AccountEvidence>),
}

impl Evidence {
    /// Returns the time of the observation.
    #[must_use]
    pub fn observed_at(&self) -> Timestamp {
        match self {
            Self::Namespace(e) => e.observed_at,
            Self::Account(e) => e.observed_at,
        }
    }
}
