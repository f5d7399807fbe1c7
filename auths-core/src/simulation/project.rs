//! A project of the world, as its registry keeps it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::metadata::Metadata;
use super::version::Version;
use crate::Timestamp;
use crate::evidence::Role;

/// A project. It has existed since its name was registered, and ends when it is deleted.
#[derive(Debug, Clone)]
pub struct Project {
    /// Never used again, not even for the same name.
    pub(super) id: u64,
    pub(super) spelled: String,
    pub(super) created: Timestamp,
    pub(super) serial: u64,
    /// By the id of the account.
    pub(super) roles: BTreeMap<u64, Role>,
    pub(super) organization: Option<String>,
    pub(super) quarantined: bool,
    pub(super) releases: Vec<PublishedRelease>,
}

/// A release of a project.
#[derive(Debug, Clone)]
pub struct PublishedRelease {
    pub(super) spelled: String,
    pub(super) version: Version,
    pub(super) yanked: bool,
    pub(super) metadata: Metadata,
    /// When each remaining file was uploaded.
    pub(super) files: Vec<Timestamp>,
}

impl Project {
    /// The name as it was first spelled.
    #[must_use]
    pub fn spelled(&self) -> &str {
        &self.spelled
    }

    /// When the name was registered for this project.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// A number that is raised with every change, over all projects.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// The organization that owns it too.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    /// Whether the registry has quarantined it.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        self.quarantined
    }

    /// The releases that remain, in the order in which they were published.
    #[must_use]
    pub fn releases(&self) -> &[PublishedRelease] {
        &self.releases
    }

    /// The release of that version, spelled as it was published.
    #[must_use]
    pub fn release(&self, version: &str) -> Option<&PublishedRelease> {
        self.releases.iter().find(|r| r.spelled == version)
    }

    /// What installers pick: the highest version, those not yanked first, and of those the final ones.
    ///
    /// Source: the order in which PyPI picks the release that a project's page and JSON show.
    #[must_use]
    pub fn default_release(&self) -> Option<&PublishedRelease> {
        self.releases
            .iter()
            .min_by_key(|r| (r.yanked, r.version.is_prerelease(), Reverse(&r.version)))
    }

    /// The earliest upload of a file that remains.
    #[must_use]
    pub fn first_upload(&self) -> Option<Timestamp> {
        let files = self.releases.iter().flat_map(|r| &r.files);
        files.min().copied()
    }

    pub(super) fn owners(&self) -> usize {
        self.roles.values().filter(|r| **r == Role::Owner).count()
    }
}

impl PublishedRelease {
    /// The version, as it was spelled.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.spelled
    }

    /// Whether it was yanked.
    #[must_use]
    pub fn is_yanked(&self) -> bool {
        self.yanked
    }

    /// What its publisher typed.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// When each remaining file was uploaded, oldest first.
    #[must_use]
    pub fn files(&self) -> &[Timestamp] {
        &self.files
    }
}
