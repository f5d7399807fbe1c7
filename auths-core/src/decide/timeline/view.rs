//! The statements of a timeline, each held against the other DIDs that the releases name.

use std::cell::OnceCell;
use std::time::Duration;

use super::contest::{CandidateDid, OtherDids};
use super::releases::IndexedReleases;
use super::statements::{CannotTell, NoStatement, TimelineStatement};
use crate::Timestamp;
use crate::evidence::Timeline;
use crate::identity::Did;

/// Reads the statement for `did` from a timeline that was read at `read_at`.
///
/// # Errors
/// [`NoStatement`] when the newest release or the default version does not name the DID, another DID's statement contests it, or
/// something needed was not read.
pub fn statement(
    timeline: &Timeline,
    did: &Did,
    maturity: Duration,
    read_at: Timestamp,
) -> Result<TimelineStatement, NoStatement> {
    TimelineView::new(timeline, maturity, read_at).uncontested(did, |_| false)
}

/// A timeline prepared for queries, for any number of DIDs.
#[derive(Debug)]
pub(in crate::decide) struct TimelineView<'a> {
    releases: IndexedReleases<'a>,
    others: OnceCell<OtherDids<'a>>,
}

impl<'a> TimelineView<'a> {
    pub(in crate::decide) fn new(
        timeline: &'a Timeline,
        maturity: Duration,
        read_at: Timestamp,
    ) -> Self {
        Self {
            releases: IndexedReleases::new(timeline, maturity, read_at),
            others: OnceCell::new(),
        }
    }

    pub(in crate::decide) fn is_of(&self, timeline: &Timeline) -> bool {
        std::ptr::eq(self.releases.timeline, timeline)
    }

    /// Returns whether no release that was read names any DID other than `did`.
    pub(in crate::decide) fn names_nobody_but(&self, did: &Did) -> bool {
        self.releases.named.keys().all(|named| *named == did)
    }

    /// Returns the statement of `did` by itself, regardless of other DIDs.
    pub(in crate::decide) fn statement_of(
        &self,
        did: &Did,
    ) -> Result<TimelineStatement, NoStatement> {
        match self.releases.own_statement(did) {
            Ok((statement, _)) => Ok(statement),
            Err(stop) => Err(stop.explained(self.releases.timeline)),
        }
    }

    /// Returns the statement of `did`, unless a DID that is not `excused` contests it.
    pub(in crate::decide) fn uncontested(
        &self,
        did: &Did,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<TimelineStatement, NoStatement> {
        let own = self.releases.own_statement(did).and_then(|(own, run)| {
            let candidate = CandidateDid {
                did: Some(did),
                appeared: self.releases.time(run.first),
                is_young: !own.mature,
            };
            self.ensure_none_contests(&candidate, excused).map(|()| own)
        });
        own.map_err(|stop| stop.explained(self.releases.timeline))
    }

    /// Checks that no DID that is not `excused` contests a chain that leads from `did` to the package by any links, or from a run
    /// by no DID (`None`). `is_young` is
    /// true for a statement that is not mature yet.
    pub(in crate::decide) fn ensure_uncontested(
        &self,
        did: Option<&Did>,
        is_young: bool,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), NoStatement> {
        let candidate = self.candidate(did, is_young);
        candidate
            .and_then(|candidate| self.ensure_none_contests(&candidate, excused))
            .map_err(|stop| stop.explained(self.releases.timeline))
    }

    /// Returns the DIDs that were mature when `did` appeared, or when the timeline was read (`None`), and have not been absent for
    /// the maturity since. None where the beginning of `did` was not read.
    pub(in crate::decide) fn contesting<'v>(
        &'v self,
        did: Option<&'v Did>,
    ) -> impl Iterator<Item = &'a Did> + 'v {
        let candidate = self.candidate(did, false).ok();
        candidate
            .into_iter()
            .flat_map(|candidate| self.others().mature_before(candidate))
    }

    /// Checks that everything about one DID, or about one that no release names, is known: its statement, and the contests
    /// against it.
    pub(super) fn ensure_known(&self, did: Option<&'a Did>) -> Result<(), CannotTell<'a>> {
        let is_young = match did.map(|did| self.releases.own_statement(did)) {
            Some(Err(read @ CannotTell::Read(_))) => return Err(read),
            Some(Ok((statement, _))) => !statement.mature,
            None | Some(Err(_)) => false,
        };
        let candidate = self.candidate(did, is_young)?;
        self.ensure_none_contests(&candidate, |_| false)
    }

    /// Creates the candidate for contests: with the time since when the releases name it without a break, or the time of reading,
    /// where the newest release does not name it.
    fn candidate<'d>(
        &self,
        did: Option<&'d Did>,
        is_young: bool,
    ) -> Result<CandidateDid<'d>, CannotTell<'a>> {
        let appeared = match did.map(|did| self.releases.current_run(did)) {
            Some(Ok(run)) => self.releases.time(run.first),
            Some(Err(read @ CannotTell::Read(_))) => return Err(read),
            None | Some(Err(_)) => self.releases.read_at,
        };
        Ok(CandidateDid {
            did,
            appeared,
            is_young,
        })
    }

    /// Checks that no other DID was mature when the candidate appeared, unless it has been absent for the maturity since, or is
    /// `excused`.
    fn ensure_none_contests(
        &self,
        candidate: &CandidateDid<'_>,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), CannotTell<'a>> {
        self.others()
            .ensure_none_contests(&self.releases, candidate, excused)
    }

    fn others(&self) -> &OtherDids<'a> {
        self.others.get_or_init(|| OtherDids::of(&self.releases))
    }
}
