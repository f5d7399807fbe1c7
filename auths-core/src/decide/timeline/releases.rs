//! The releases of a timeline, prepared for look-ups: one pass over them, for any number of DIDs.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::Did;

/// A timeline with its undated releases separated, and the positions where each DID is named.
#[derive(Debug)]
pub(super) struct IndexedReleases<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) maturity: Duration,
    pub(super) read_at: Timestamp,
    /// The dated releases, oldest first. Where uploads share a second, their order is unknown: see `run_before`.
    pub(super) dated: Vec<(&'a Release, Timestamp)>,
    pub(super) undated: Vec<&'a Release>,
    /// The positions in `dated` that name each DID, oldest first. Empty for a DID that only undated releases name.
    pub(super) named: BTreeMap<&'a Did, Vec<usize>>,
    /// The position of the version that installers pick.
    pub(super) default_at: Option<usize>,
}

impl<'a> IndexedReleases<'a> {
    pub(super) fn new(timeline: &'a Timeline, maturity: Duration, read_at: Timestamp) -> Self {
        #[cfg(test)]
        crate::work::went_through(timeline.releases().len());
        let (mut dated, mut undated) = (Vec::new(), Vec::new());
        let mut named: BTreeMap<&Did, Vec<usize>> = BTreeMap::new();
        let mut default_at = None;
        for release in timeline.releases() {
            let place = release.uploaded_at.map(|_| dated.len());
            for did in release.dids.iter().flat_map(|dids| dids.iter()) {
                named.entry(did).or_default().extend(place);
            }
            match release.uploaded_at {
                Some(at) => {
                    if default_at.is_none()
                        && timeline.default_version() == Some(release.version.as_str())
                    {
                        default_at = place;
                    }
                    dated.push((release, at));
                }
                None => undated.push(release),
            }
        }
        Self {
            timeline,
            maturity,
            read_at,
            dated,
            undated,
            named,
            default_at,
        }
    }

    /// Returns the upload time of the dated release at a position.
    pub(super) fn time(&self, place: usize) -> Timestamp {
        self.dated[place].1
    }

    /// Returns an undated release that is not known to name `did`. At any position, it could break a statement of the DID.
    pub(super) fn undated_without(&self, did: &Did) -> Option<&'a Release> {
        let mut undated = self.undated.iter().copied();
        undated.find(|release| release.names(did) != Some(true))
    }
}
