//! The observation: evidence signed by the observer.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Claim;
use crate::evidence::Evidence;
use crate::time::DAY;

/// "I saw this", signed by the observer, so that others may rely on that observer offline.
///
/// # Security
/// An observation is worth exactly the trust in its observer. It counts for nothing with a verifier that does not name the
/// observer's DID as trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Observation {
    /// The evidence that was seen.
    #[serde(rename = "evidence")]
    pub evidence: Evidence,
}

impl Observation {
    /// Creates an observation of `evidence`.
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
