//! Projects of the world, as their registry keeps them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::access::Attestation;
use super::ci::Trusted;
use super::metadata::Metadata;
use super::truth::Person;
use super::version::Version;
use auths_core::Timestamp;
use auths_core::evidence::OwnerRole;
use auths_core::identity::Namespace;

/// A project. It exists from the registration of its name until it is deleted.
#[derive(Debug, Clone)]
pub struct Project {
    /// The number of the project. It is never used again, not even for the same name.
    pub(super) id: u64,
    pub(super) namespace: Namespace,
    pub(super) spelled: String,
    pub(super) created: Timestamp,
    pub(super) serial: u64,
    pub(super) revision: u64,
    /// The roles, by the id of the account.
    pub(super) roles: BTreeMap<u64, OwnerRole>,
    pub(super) invited: BTreeMap<u64, Timestamp>,
    pub(super) teams: Vec<TeamOwner>,
    pub(super) trusted: Vec<Trusted>,
    pub(super) organization: Option<String>,
    pub(super) quarantined: bool,
    pub(super) in_use: bool,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) releases: Vec<PublishedRelease>,
    /// Every version that was ever published, with its time.
    pub(super) history: Vec<(String, Timestamp)>,
}

/// A release of a project.
#[derive(Debug, Clone)]
pub struct PublishedRelease {
    pub(super) spelled: String,
    pub(super) version: Version,
    pub(super) yanked: bool,
    pub(super) metadata: Metadata,
    /// The upload time of each remaining file.
    pub(super) files: Vec<Timestamp>,
    pub(super) published_by: Option<u64>,
    pub(super) attestation: Option<Attestation>,
    /// The person who really published it.
    pub(super) actor: Option<Person>,
    /// True where that person was an owner.
    pub(super) lawful: bool,
}

/// A GitHub team that owns a crate: its members may publish.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TeamOwner {
    /// The numeric id of the organisation.
    pub org: u64,
    /// The numeric id of the team. A team of the same name that was made again has another id.
    pub team: u64,
    /// The label `github:org:team`, as it was when the team was added.
    pub label: String,
}

/// The data that a registry keeps of a deleted project.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Buried {
    /// The time when its name was first registered.
    pub created: Timestamp,
    /// The time when it was deleted.
    pub deleted: Timestamp,
    /// Every version that was ever published, with its time.
    pub history: Vec<(String, Timestamp)>,
}

impl Project {
    /// Returns a number that no other project ever has, not even a later one of the same name.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns its namespace on the public registry.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the name as it was first spelled.
    #[must_use]
    pub fn spelled(&self) -> &str {
        &self.spelled
    }

    /// Returns when the name was registered for this project. On npm: for the first project of that name, unless the world is
    /// [`creating_anew`](super::World::creating_anew).
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Returns a number that is raised with every change, over all projects.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// Returns how often this project was changed: the first part of npm's `_rev`.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Returns the organization that also owns it.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    /// Returns the GitHub teams that also own it.
    #[must_use]
    pub fn teams(&self) -> &[TeamOwner] {
        &self.teams
    }

    /// Returns whether the registry has quarantined it; npm then shows a security holding package.
    #[must_use]
    pub fn is_quarantined(&self) -> bool {
        self.quarantined
    }

    /// Returns the remaining releases, in the order in which they were published.
    #[must_use]
    pub fn releases(&self) -> &[PublishedRelease] {
        &self.releases
    }

    /// Returns the release of that version, spelled as it was published.
    #[must_use]
    pub fn release(&self, version: &str) -> Option<&PublishedRelease> {
        self.releases.iter().find(|r| r.spelled == version)
    }

    /// Returns every version that was ever published in this life of the name, with its time, including deleted ones.
    #[must_use]
    pub fn history(&self) -> &[(String, Timestamp)] {
        &self.history
    }

    /// Returns the tags that installers follow (npm's dist-tags), with their versions.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().map(|(t, v)| (t.as_str(), v.as_str()))
    }

    /// Returns the release that installers pick. Where there are tags, it is the one with the tag `latest`. Otherwise it is the
    /// highest version, preferring those not yanked, and among those the final ones.
    ///
    /// Source: the order in which PyPI picks the release that a project's page and JSON show.
    #[must_use]
    pub fn default_release(&self) -> Option<&PublishedRelease> {
        if let Some(latest) = self.tags.get("latest") {
            return self.release(latest);
        }
        self.releases
            .iter()
            .min_by_key(|r| (r.yanked, r.version.is_prerelease(), Reverse(&r.version)))
    }

    /// Returns the earliest upload of a remaining file.
    #[must_use]
    pub fn first_upload(&self) -> Option<Timestamp> {
        let files = self.releases.iter().flat_map(|r| &r.files);
        files.min().copied()
    }

    pub(super) fn owners(&self) -> usize {
        self.roles
            .values()
            .filter(|r| **r == OwnerRole::Owner)
            .count()
    }

    /// Returns the earliest release that this account published.
    pub(super) fn first_published_by(&self, account: u64) -> Option<Timestamp> {
        let own = |r: &&PublishedRelease| r.published_by == Some(account);
        let uploads = self.releases.iter().filter(own).flat_map(|r| &r.files);
        uploads.min().copied()
    }

    /// Returns whether the first release of all is by this account. crates.io deletes no releases.
    pub(super) fn is_founder(&self, account: u64) -> bool {
        self.releases.first().and_then(|r| r.published_by) == Some(account)
    }

    /// Removes tags of versions that no longer exist; `latest` then names the newest remaining one.
    pub(super) fn mend_tags(&mut self) {
        let remaining: BTreeSet<&str> = self.releases.iter().map(|r| r.spelled.as_str()).collect();
        let had_latest = self.tags.contains_key("latest");
        self.tags.retain(|_, v| remaining.contains(v.as_str()));
        if had_latest
            && !self.tags.contains_key("latest")
            && let Some(newest) = self.releases.last()
        {
            self.tags
                .insert("latest".to_owned(), newest.spelled.clone());
        }
    }
}

impl PublishedRelease {
    /// Returns the version, as it was spelled.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.spelled
    }

    /// Returns whether it was yanked or deprecated.
    #[must_use]
    pub fn is_yanked(&self) -> bool {
        self.yanked
    }

    /// Returns the metadata that its publisher typed.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns when each remaining file was uploaded, oldest first.
    #[must_use]
    pub fn files(&self) -> &[Timestamp] {
        &self.files
    }

    /// Returns the number of the account that published it; `None` for a trusted workflow.
    #[must_use]
    pub fn published_by(&self) -> Option<u64> {
        self.published_by
    }

    /// Returns the person who really published it: a thief, where a stolen copy was used.
    #[must_use]
    pub fn actor(&self) -> Option<&Person> {
        self.actor.as_ref()
    }

    /// Returns the attestation of its build.
    #[must_use]
    pub fn attestation(&self) -> Option<&Attestation> {
        self.attestation.as_ref()
    }
}
