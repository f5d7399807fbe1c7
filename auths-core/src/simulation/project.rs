//! A project of the world, as its registry keeps it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::access::Attestation;
use super::ci::Trusted;
use super::metadata::Metadata;
use super::truth::Person;
use super::version::Version;
use crate::Timestamp;
use crate::evidence::Role;
use crate::identity::Namespace;

/// A project. It has existed since its name was registered, and ends when it is deleted.
#[derive(Debug, Clone)]
pub struct Project {
    /// Never used again, not even for the same name.
    pub(super) id: u64,
    pub(super) namespace: Namespace,
    pub(super) spelled: String,
    pub(super) created: Timestamp,
    pub(super) serial: u64,
    pub(super) revision: u64,
    /// By the id of the account.
    pub(super) roles: BTreeMap<u64, Role>,
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
    /// When each remaining file was uploaded.
    pub(super) files: Vec<Timestamp>,
    pub(super) published_by: Option<u64>,
    pub(super) attestation: Option<Attestation>,
    /// Who really published it.
    pub(super) actor: Option<Person>,
    /// Whether that was an owner.
    pub(super) lawful: bool,
}

/// A GitHub team that owns a crate: its members may publish.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TeamOwner {
    /// The numeric id of the organisation.
    pub org: u64,
    /// The numeric id of the team: another one after a team of the same name was made again.
    pub team: u64,
    /// `github:org:team`, as it was when the team was added.
    pub label: String,
}

/// What a registry keeps of a project that was deleted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Buried {
    /// When its name was first registered.
    pub created: Timestamp,
    /// When it was deleted.
    pub deleted: Timestamp,
    /// Every version that was ever published, with its time.
    pub history: Vec<(String, Timestamp)>,
}

impl Project {
    /// A number that no other project ever has, not even a later one of the same name.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Its namespace on the public registry.
    #[must_use]
    pub fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// The name as it was first spelled.
    #[must_use]
    pub fn spelled(&self) -> &str {
        &self.spelled
    }

    /// When the name was registered for this project. npm: for the first project of that name, unless the world is
    /// [`creating_anew`](super::World::creating_anew).
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// A number that is raised with every change, over all projects.
    #[must_use]
    pub fn serial(&self) -> u64 {
        self.serial
    }

    /// How often this project was changed: the first part of npm's `_rev`.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The organization that owns it too.
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    /// The GitHub teams that own it too.
    #[must_use]
    pub fn teams(&self) -> &[TeamOwner] {
        &self.teams
    }

    /// Whether the registry has quarantined it; npm then shows a security holding package.
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

    /// Every version that was ever published in this life of the name, with its time, also those that were deleted.
    #[must_use]
    pub fn history(&self) -> &[(String, Timestamp)] {
        &self.history
    }

    /// The tags that installers follow (npm's dist-tags), with their versions.
    pub fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tags.iter().map(|(t, v)| (t.as_str(), v.as_str()))
    }

    /// What installers pick: what the tag `latest` says where there are tags; else the highest version, those not yanked
    /// first, and of those the final ones.
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

    /// The earliest upload of a file that remains.
    #[must_use]
    pub fn first_upload(&self) -> Option<Timestamp> {
        let files = self.releases.iter().flat_map(|r| &r.files);
        files.min().copied()
    }

    pub(super) fn owners(&self) -> usize {
        self.roles.values().filter(|r| **r == Role::Owner).count()
    }

    /// The earliest release that this account published.
    pub(super) fn first_published_by(&self, account: u64) -> Option<Timestamp> {
        let own = |r: &&PublishedRelease| r.published_by == Some(account);
        let uploads = self.releases.iter().filter(own).flat_map(|r| &r.files);
        uploads.min().copied()
    }

    /// Whether the first release of all is this account's. crates.io deletes no releases.
    pub(super) fn is_founder(&self, account: u64) -> bool {
        self.releases.first().and_then(|r| r.published_by) == Some(account)
    }

    /// Drops tags of versions that are gone; `latest` then names the newest that remains.
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
    /// The version, as it was spelled.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.spelled
    }

    /// Whether it was yanked or deprecated.
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

    /// The number of the account that published it; `None` for a trusted workflow.
    #[must_use]
    pub fn published_by(&self) -> Option<u64> {
        self.published_by
    }

    /// Who really published it: a thief, where a stolen copy was used.
    #[must_use]
    pub fn actor(&self) -> Option<&Person> {
        self.actor.as_ref()
    }

    /// What was attested of its build.
    #[must_use]
    pub fn attestation(&self) -> Option<&Attestation> {
        self.attestation.as_ref()
    }
}
