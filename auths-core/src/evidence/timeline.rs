//! The releases of a package, and which DIDs they name.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identity::Did;
use crate::outcome::{Unavailable, Why};

/// One release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Release {
    /// The version, as the registry spells it.
    #[serde(rename = "version")]
    pub version: String,
    /// When its earliest remaining file was uploaded; `None` when it has no file left, or the registry does not say.
    #[serde(
        rename = "uploadedAt",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub uploaded_at: Option<Timestamp>,
    /// Yanked or deprecated: it can break a statement, never make one.
    #[serde(rename = "withdrawn")]
    pub withdrawn: bool,
    /// The DIDs that its metadata names for this package; `None` when its metadata was not read.
    #[serde(rename = "dids", default, skip_serializing_if = "Option::is_none")]
    pub dids: Option<BTreeSet<Did>>,
}

impl Release {
    /// A release whose metadata was not read.
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
        }
    }

    /// The same, with the DIDs that its metadata names.
    #[must_use]
    pub fn naming(mut self, dids: impl IntoIterator<Item = Did>) -> Self {
        self.dids = Some(dids.into_iter().collect());
        self
    }

    /// Whether it names `did`; `None` when its metadata was not read.
    #[must_use]
    pub fn names(&self, did: &Did) -> Option<bool> {
        self.dids.as_ref().map(|dids| dids.contains(did))
    }
}

/// Every release that remains, whatever its state, and the version that installers pick by default.
///
/// A release that was deleted, but that the registry still shows a time of (npm), belongs here too, withdrawn and never
/// read. Left out, it would let whoever may delete make a later release pass for the package's first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Wire")]
#[non_exhaustive]
pub struct Timeline {
    #[serde(rename = "releases")]
    releases: Vec<Release>,
    #[serde(rename = "defaultVersion", skip_serializing_if = "Option::is_none")]
    default_version: Option<String>,
    #[serde(rename = "stopped", skip_serializing_if = "Option::is_none")]
    stopped: Option<Unavailable>,
}

/// A timeline as somebody wrote it: its order proves nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    #[serde(rename = "releases")]
    releases: Vec<Release>,
    #[serde(rename = "defaultVersion", default)]
    default_version: Option<String>,
    #[serde(rename = "stopped", default)]
    stopped: Option<Unavailable>,
}

impl From<Wire> for Timeline {
    fn from(wire: Wire) -> Self {
        let timeline = Self::new(wire.releases, wire.default_version);
        Self {
            stopped: wire.stopped,
            ..timeline
        }
    }
}

impl Timeline {
    /// All releases, in any order: kept from the oldest upload to the newest, those without a time first.
    ///
    /// `default_version` is what the registry itself says that installers pick when no version is named, never a guess. `None`
    /// means that it does not say: then no statement counts, unavailable for [`Why::MissingField`](crate::Why::MissingField).
    /// Nor does one with a version that is not among the releases with a time:
    /// [`Why::Unreadable`](crate::Why::Unreadable). See [`crate::decide::statement`].
    #[must_use]
    pub fn new(mut releases: Vec<Release>, default_version: Option<String>) -> Self {
        releases.sort_by(|a, b| (a.uploaded_at, &a.version).cmp(&(b.uploaded_at, &b.version)));
        Self {
            releases,
            default_version,
            stopped: None,
        }
    }

    /// The same, with why no more releases' metadata were read. [`Why::NotOffered`] means that they never can be: the withdrawn
    /// releases without metadata were deleted, and what they named is gone with them.
    #[must_use]
    pub fn stopped(mut self, why: Unavailable) -> Self {
        self.stopped = Some(why);
        self
    }

    /// Why no more releases' metadata were read, if reading ended early.
    #[must_use]
    pub fn why_stopped(&self) -> Option<&Unavailable> {
        self.stopped.as_ref()
    }

    /// Whether what a release of this timeline named can never be read any more.
    pub(crate) fn is_gone(&self, release: &Release) -> bool {
        let for_ever = self.stopped.as_ref().map(|why| why.why) == Some(Why::NotOffered);
        for_ever && release.withdrawn && release.dids.is_none()
    }

    /// The releases, oldest upload first.
    #[must_use]
    pub fn releases(&self) -> &[Release] {
        &self.releases
    }

    /// What installers pick when no version is named.
    #[must_use]
    pub fn default_version(&self) -> Option<&str> {
        self.default_version.as_deref()
    }

    /// Fills in the DIDs that the metadata of `version` names.
    pub fn set_dids(&mut self, version: &str, dids: BTreeSet<Did>) {
        for release in self.releases.iter_mut().filter(|r| r.version == version) {
            release.dids = Some(dids.clone());
        }
    }

    /// Every DID that some read release names.
    #[must_use]
    pub fn dids(&self) -> BTreeSet<&Did> {
        self.releases
            .iter()
            .filter_map(|r| r.dids.as_ref())
            .flatten()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_on_the_wire_does_not_count() {
        let at = |seconds| Some(Timestamp::from_unix(seconds).unwrap());
        let releases = vec![
            Release::new("1", at(10), false),
            Release::new("2", at(20), false),
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
    fn a_version_that_stands_twice_is_filled_in_twice() {
        let release = Release::new("1", None, false);
        let mut timeline = Timeline::new(vec![release.clone(), release], None);
        timeline.set_dids("1", BTreeSet::new());
        assert!(timeline.releases().iter().all(|r| r.dids.is_some()));
    }
}
