//! The observation: evidence signed by whoever saw it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Claim;
use crate::evidence::Evidence;
use crate::time::DAY;

/// "I saw this", signed by the observer, so that others may rely on that observer offline.
///
/// # Security
/// Worth exactly the trust in the observer: a verifier that does not name its DID as trusted counts it as nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Observation {
    /// What was seen.
    #[serde(rename = "evidence")]
    pub evidence: Evidence,
}

impl Observation {
    /// An observation of `evidence`.
    #[must_use]
    pub fn new(evidence: Evidence) -> Self {
        Self { evidence }
    }
}

impl Claim for Observation {
    const TYPE: &'static str = "Observation";

    fn max_life(&self) -> Duration {
        30 * DAY
    }
}
