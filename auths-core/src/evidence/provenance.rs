//! Attested builds.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identity::{AccountId, Platform};

/// An attested build. The adapter has checked the attestation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Provenance {
    /// The platform where the build ran.
    #[serde(rename = "platform")]
    pub platform: Platform,
    /// The numeric id of the repository's owner, from the certificate.
    #[serde(rename = "ownerId")]
    pub owner_id: AccountId,
    /// The numeric id of the repository, from the certificate.
    #[serde(rename = "repositoryId")]
    pub repository_id: AccountId,
    /// The time since when releases carry attestations of this owner without a gap.
    #[serde(rename = "since")]
    pub since: Timestamp,
    /// True where an API token alone can publish a release with an attestation of another repository (npm).
    #[serde(rename = "tokenMayPublish")]
    pub token_may_publish: bool,
    /// The newest release that carries an attestation. If it is not the newest release of all, or is not known, later releases
    /// may have been built anywhere.
    #[serde(rename = "newest", default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
}

impl Provenance {
    /// Creates the evidence of attestations that only the repository's own builds can publish, without the newest release.
    ///
    /// ```
    /// use auths_core::evidence::Provenance;
    /// use auths_core::{AccountId, Platform};
    ///
    /// let (owner, repository) = (AccountId::new("583231")?, AccountId::new("1296269")?);
    /// let mut built = Provenance::new(Platform::GITHUB, owner, repository, "2026-01-01T00:00:00Z".parse()?);
    /// built.newest = Some("1.2.0".to_owned());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn new(
        platform: Platform,
        owner_id: AccountId,
        repository_id: AccountId,
        since: Timestamp,
    ) -> Self {
        Self {
            platform,
            owner_id,
            repository_id,
            since,
            token_may_publish: false,
            newest: None,
        }
    }
}
