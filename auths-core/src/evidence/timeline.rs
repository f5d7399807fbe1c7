//! The releases of a package, and the DIDs that they name.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identity::{Account, Did};
use crate::reason::{Unavailable, UnavailableReason};

/// An account statement in a release: a DID speaks for an account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NamedAccount {
    /// The DID.
    #[serde(rename = "did")]
    pub did: Did,
    /// The account that it speaks for, on the server where the release was read.
    #[serde(rename = "account")]
    pub account: Account,
}

impl NamedAccount {
    /// Creates the statement that `did` speaks for `account`.
    #[must_use]
    pub fn new(did: Did, account: Account) -> Self {
        Self { did, account }
    }

    /// Returns whether this statement says that `did` speaks for exactly this account.
    #[must_use]
    pub fn says(&self, did: &Did, account: &Account) -> bool {
        self.did == *did && self.account.same_as(account)
    }
}

/// The names in a release: the DIDs that speak for the package, and the accounts that a DID speaks for. Most releases of a
/// package name the same; releases made from one `ReleaseNames` share it, so that many releases cost little memory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseNames {
    dids: Arc<BTreeSet<Did>>,
    accounts: Arc<BTreeSet<NamedAccount>>,
}

impl ReleaseNames {
    /// Creates the names from DIDs and accounts. The DIDs that speak for the accounts are also named for the package.
    #[must_use]
    pub fn new(
        dids: impl IntoIterator<Item = Did>,
        accounts: impl IntoIterator<Item = NamedAccount>,
    ) -> Self {
        let accounts: BTreeSet<NamedAccount> = accounts.into_iter().collect();
        let mut dids: BTreeSet<Did> = dids.into_iter().collect();
        dids.extend(accounts.iter().map(|named| named.did.clone()));
        Self {
            dids: Arc::new(dids),
            accounts: Arc::new(accounts),
        }
    }
}

/// One release.
///
/// An absent value in `accounts`, `publisher`, `from_ci` or `unread` means "not known": evidence from before these members
/// existed has none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Release {
    /// The version, as the registry spells it.
    #[serde(rename = "version")]
    pub version: String,
    /// The time when its earliest remaining file was uploaded; `None` when it has no file left, or the registry does not show the
    /// time. If it has files that can be installed, and neither their time nor its metadata could be read, `unread` tells why.
    #[serde(
        rename = "uploadedAt",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub uploaded_at: Option<Timestamp>,
    /// True where the release is yanked or deprecated. Such a release can break a statement, but never make one.
    #[serde(rename = "withdrawn")]
    pub withdrawn: bool,
    /// The DIDs that its metadata names for this package; `None` when its metadata was not read.
    #[serde(rename = "dids", default, skip_serializing_if = "Option::is_none")]
    pub dids: Option<Arc<BTreeSet<Did>>>,
    /// The accounts that its metadata names in account statements, each with the DID that speaks for it. Such a DID is among
    /// `dids` too.
    #[serde(rename = "accounts", default, skip_serializing_if = "names_no_account")]
    pub accounts: Arc<BTreeSet<NamedAccount>>,
    /// The account that published the release, as the registry shows it. A release from CI has none.
    #[serde(rename = "publisher", default, skip_serializing_if = "Option::is_none")]
    pub publisher: Option<Account>,
    /// True where a CI run published the release; `None` when nothing was seen that would tell.
    #[serde(rename = "fromCi", default, skip_serializing_if = "Option::is_none")]
    pub from_ci: Option<bool>,
    /// The reason why its metadata cannot be read, although reading was tried: something in this one release is wrong.
    #[serde(rename = "unread", default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unavailable>,
}

impl Release {
    /// Creates a release whose metadata was not read.
    #[must_use]
    pub fn new(
        version: impl Into<String>,
        uploaded_at: Option<Timestamp>,
        withdrawn: bool,
    ) -> Self {
        Self {
            version: version.into(),
            uploaded_at,
            withdrawn,
            dids: None,
            accounts: Arc::default(),
            publisher: None,
            from_ci: None,
            unread: None,
        }
    }

    /// Sets the DIDs that its metadata names.
    #[must_use]
    pub fn naming(mut self, dids: impl IntoIterator<Item = Did>) -> Self {
        self.dids = Some(Arc::new(dids.into_iter().collect()));
        self
    }

    /// Sets everything that `named` contains, and shares it.
    #[must_use]
    pub fn naming_all(mut self, named: &ReleaseNames) -> Self {
        self.dids = Some(named.dids.clone());
        self.accounts = named.accounts.clone();
        self
    }

    /// Sets the accounts that its metadata names, each with the DID that speaks for it. Those DIDs are also named for the
    /// package.
    #[must_use]
    pub fn naming_accounts(mut self, accounts: impl IntoIterator<Item = NamedAccount>) -> Self {
        let dids = self.dids.take().unwrap_or_default();
        self.naming_all(&ReleaseNames::new(dids.iter().cloned(), accounts))
    }

    /// Sets the account that published the release, as the registry shows it, and that the release is not from CI.
    #[must_use]
    pub fn by(mut self, publisher: Account) -> Self {
        self.publisher = Some(publisher);
        self.from_ci = Some(false);
        self
    }

    /// Sets that a CI run published the release.
    #[must_use]
    pub fn by_ci(mut self) -> Self {
        self.publisher = None;
        self.from_ci = Some(true);
        self
    }

    /// Returns whether the release names `did`; `None` when its metadata was not read.
    #[must_use]
    pub fn names(&self, did: &Did) -> Option<bool> {
        self.dids.as_ref().map(|dids| dids.contains(did))
    }

    /// Returns whether the release says that `did` speaks for `account`; `None` when its metadata was not read.
    #[must_use]
    pub fn speaks_for(&self, did: &Did, account: &Account) -> Option<bool> {
        self.dids.as_ref()?;
        Some(self.accounts.iter().any(|named| named.says(did, account)))
    }
}

fn names_no_account(accounts: &BTreeSet<NamedAccount>) -> bool {
    accounts.is_empty()
}

/// The maximum delay between the creation of a package and its first release: both come from one request.
const BEGINNING: Duration = Duration::from_secs(60);

/// The version that stands for releases that no longer exist. No real version has spaces.
const GONE: &str = "(earlier, and gone)";

/// Every remaining release, in whatever state, and the version that installers pick by default.
///
/// A deleted release whose time the registry still shows (npm) belongs here too, as withdrawn and never read. Without it,
/// somebody who may delete could make a later release look like the package's first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TimelineWire")]
#[non_exhaustive]
pub struct Timeline {
    #[serde(rename = "releases")]
    releases: Vec<Release>,
    #[serde(rename = "defaultVersion", skip_serializing_if = "Option::is_none")]
    default_version: Option<String>,
    #[serde(rename = "stopped", skip_serializing_if = "Option::is_none")]
    stopped: Option<Unavailable>,
    #[serde(rename = "unusable", skip_serializing_if = "Option::is_none")]
    unusable: Option<String>,
}

/// A timeline on the wire. Its order proves nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimelineWire {
    #[serde(rename = "releases")]
    releases: Vec<Release>,
    #[serde(rename = "defaultVersion", default)]
    default_version: Option<String>,
    #[serde(rename = "stopped", default)]
    stopped: Option<Unavailable>,
    #[serde(rename = "unusable", default)]
    unusable: Option<String>,
}

impl From<TimelineWire> for Timeline {
    fn from(wire: TimelineWire) -> Self {
        let timeline = Self::new(wire.releases, wire.default_version);
        Self {
            stopped: wire.stopped,
            unusable: wire.unusable,
            ..timeline
        }
    }
}

impl Timeline {
    /// Creates a timeline of all releases, in any order. They are sorted from the oldest upload to the newest; those without a
    /// time come first.
    ///
    /// `default_version` is the version that, by the registry's own statement, installers pick when no version is named; never a
    /// guess. If it is `None`, the registry does not say. Then no statement counts, and the reason is
    /// [`UnavailableReason::MissingField`](crate::UnavailableReason::MissingField). If the version is not among the releases with a time, no
    /// statement counts either, and the reason is [`UnavailableReason::Unreadable`](crate::UnavailableReason::Unreadable). See
    /// [`crate::decide::statement`].
    #[must_use]
    pub fn new(mut releases: Vec<Release>, default_version: Option<String>) -> Self {
        releases.sort_by(|a, b| (a.uploaded_at, &a.version).cmp(&(b.uploaded_at, &b.version)));
        Self {
            releases,
            default_version,
            stopped: None,
            unusable: None,
        }
    }

    /// Sets when the package was created, as the registry shows it. If its first known release came more than a minute later,
    /// earlier releases existed that are no longer shown. One such release is then added to the timeline, withdrawn and never
    /// read, so that no known release looks like the package's first release ever.
    ///
    /// npm still shows the first creation time of a package that was unpublished whole and published again.
    ///
    /// ```
    /// use auths_core::Timestamp;
    /// use auths_core::evidence::{Release, Timeline};
    ///
    /// let created: Timestamp = "2024-01-01T00:00:00Z".parse()?;
    /// let first = Release::new("6.0.0", Some("2026-11-01T00:00:00Z".parse()?), false);
    /// let timeline = Timeline::new(vec![first], Some("6.0.0".to_owned())).created(created);
    /// assert_eq!(timeline.releases().len(), 2);
    /// assert_eq!(timeline.releases()[0].uploaded_at, Some(created));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn created(self, at: Timestamp) -> Self {
        let first = self.releases.iter().filter_map(|r| r.uploaded_at).min();
        let Some(first) = first.filter(|first| *first > at + BEGINNING) else {
            return self;
        };
        let stopped = self.stopped.unwrap_or_else(|| {
            let detail = format!(
                "the package was created at {at}, and its first release that is known was published at {first}: what was \
                 released before is gone"
            );
            Unavailable::new(UnavailableReason::NotOffered, detail)
        });
        let mut releases = self.releases;
        releases.push(Release::new(GONE, Some(at), true));
        let timeline = Self::new(releases, self.default_version).stopped(stopped);
        Self {
            unusable: self.unusable,
            ..timeline
        }
    }

    /// Sets why no more releases' metadata were read. [`UnavailableReason::NotOffered`] means that they never can be read: the
    /// withdrawn releases without metadata were deleted, and the names in them are lost.
    #[must_use]
    pub fn stopped(mut self, why: Unavailable) -> Self {
        self.stopped = Some(why);
        self
    }

    /// Sets the version of the newest release, if that release carries a statement that names nobody for this package: the
    /// statement breaks a rule, or is for another package. No decision rests on this; it is shown to publishers.
    #[must_use]
    pub fn with_unusable(mut self, version: impl Into<String>) -> Self {
        self.unusable = Some(version.into());
        self
    }

    /// Returns the newest release's version, if it carries a statement that names nobody for this package.
    #[must_use]
    pub fn unusable(&self) -> Option<&str> {
        self.unusable.as_deref()
    }

    /// Returns why no more releases' metadata were read, if reading ended early.
    #[must_use]
    pub fn why_stopped(&self) -> Option<&Unavailable> {
        self.stopped.as_ref()
    }

    /// Returns whether the names in a release of this timeline can never be read any more.
    pub(crate) fn is_gone(&self, release: &Release) -> bool {
        let for_ever =
            self.stopped.as_ref().map(|why| why.reason) == Some(UnavailableReason::NotOffered);
        let unseen = release.dids.is_none() && release.unread.is_none();
        for_ever && release.withdrawn && unseen
    }

    /// Returns the releases, oldest upload first.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// Returns the version that installers pick when no version is named.
    #[must_use]
    pub fn default_version(&self) -> Option<&str> {
        self.default_version.as_deref()
    }

    /// Sets the DIDs that the metadata of `version` names.
    pub fn set_dids(&mut self, version: &str, dids: BTreeSet<Did>) {
        let dids = Arc::new(dids);
        for release in self.releases.iter_mut().filter(|r| r.version == version) {
            release.dids = Some(dids.clone());
        }
    }

    /// Sets the accounts that the metadata of `version` names, each with the DID that speaks for it.
    pub fn set_accounts(&mut self, version: &str, accounts: BTreeSet<NamedAccount>) {
        for release in self.releases.iter_mut().filter(|r| r.version == version) {
            *release = release.clone().naming_accounts(accounts.iter().cloned());
        }
    }

    /// Sets why the metadata of `version` cannot be read, where the fault lies in this one release and the other releases are not
    /// affected.
    pub fn set_unread(&mut self, version: &str, why: Unavailable) {
        for release in self.releases.iter_mut().filter(|r| r.version == version) {
            release.unread = Some(why.clone());
        }
    }

    /// Returns every account that some read release names, with the DID that speaks for it.
    #[must_use]
    pub fn accounts(&self) -> BTreeSet<&NamedAccount> {
        self.releases
            .iter()
            .flat_map(|r| r.accounts.iter())
            .collect()
    }

    /// Returns every DID that some read release names.
    #[must_use]
    pub fn dids(&self) -> BTreeSet<&Did> {
        self.releases
            .iter()
            .filter_map(|r| r.dids.as_deref())
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    #[test]
    fn the_order_on_the_wire_does_not_count() {
        let releases = vec![
            Release::new("1", Some(at(10)), false),
            Release::new("2", Some(at(20)), false),
        ];
        let timeline = Timeline::new(releases, Some("2".to_owned()));
        let mut wire = serde_json::to_value(&timeline).unwrap();
        assert_eq!(
            serde_json::from_value::<Timeline>(wire.clone()).unwrap(),
            timeline
        );
        wire["releases"].as_array_mut().unwrap().reverse();
        assert_eq!(serde_json::from_value::<Timeline>(wire).unwrap(), timeline);
    }

    #[test]
    fn a_package_that_is_older_than_its_first_release_had_others_before() {
        let first = Release::new("1", Some(at(1_000)), false);
        let undated = Release::new("0", None, false);
        let dated = Timeline::new(vec![first.clone()], Some("1".to_owned()));
        let both = Timeline::new(vec![first, undated.clone()], Some("1".to_owned()));
        let none_dated = Timeline::new(vec![undated], Some("1".to_owned()));
        for (created, before) in [
            (0, true),
            (939, true),
            (940, false),
            (1_000, false),
            (2_000, false),
        ] {
            let all = both.clone().created(at(created));
            assert_eq!(
                all.releases().len(),
                if before { 3 } else { 2 },
                "{created}"
            );
            assert_eq!(all.why_stopped().is_some(), before);
            if before {
                let gone = &all.releases()[1];
                assert!(gone.withdrawn && gone.dids.is_none());
                assert_eq!(gone.uploaded_at, Some(at(created)));
            }
        }
        let why = Unavailable::new(UnavailableReason::TooLarge, "x");
        let stopped = dated.stopped(why.clone()).created(at(0));
        assert_eq!(stopped.why_stopped(), Some(&why), "the first reason stays");
        assert_eq!(none_dated.created(at(0)).releases().len(), 1);
    }

    #[test]
    fn a_version_that_stands_twice_is_filled_in_twice() {
        let release = Release::new("1", None, false);
        let mut timeline = Timeline::new(vec![release.clone(), release], None);
        timeline.set_dids("1", BTreeSet::new());
        assert!(timeline.releases().iter().all(|r| r.dids.is_some()));
    }
}
