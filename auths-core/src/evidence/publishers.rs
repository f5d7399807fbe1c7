//! The CI runs that a registry attests as publishers of a package.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::ci::PublisherRule;

/// A kind of CI run that published every file of every release of a package, from some release on up to the newest, as the
/// registry's own attestations show. The adapter has checked the attestations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AttestedPublisher {
    /// What all these runs have in common: repository and owner by number, both workflows, default triggers, and the environment
    /// where all of them show the same.
    #[serde(rename = "rule")]
    pub rule: PublisherRule,
    /// The time of the first of these releases.
    #[serde(rename = "since")]
    pub since: Timestamp,
    /// The time of the last of these releases.
    #[serde(rename = "last")]
    pub last: Timestamp,
    /// The version of the last of these releases. Where it is not the newest of all, later ones may have come from anywhere.
    #[serde(rename = "newest")]
    pub newest: String,
    /// True where an API token alone can publish a release with an attestation of another repository (npm).
    #[serde(rename = "tokenMayPublish")]
    pub token_may_publish: bool,
}

impl AttestedPublisher {
    /// Creates the evidence of attestations that only the repository's own runs can publish.
    #[must_use]
    pub const fn new(
        rule: PublisherRule,
        since: Timestamp,
        last: Timestamp,
        newest: String,
    ) -> Self {
        Self {
            rule,
            since,
            last,
            newest,
            token_may_publish: false,
        }
    }
}
