//! The statements of a timeline, each held against the other DIDs that the releases name.

use std::cell::OnceCell;
use std::time::Duration;

use super::contest::{AskingDid, OtherDids};
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
        let told = self.releases.own_statement(did).and_then(|(own, run)| {
            let asker = AskingDid {
                did: Some(did),
                appeared: self.releases.time(run.first),
                is_young: !own.mature,
            };
            self.against(&asker, excused).map(|()| own)
        });
        told.map_err(|stop| stop.explained(self.releases.timeline))
    }

    /// Checks contests for a chain that leads from `did` to the package by any links. `is_young` is true for a statement that is
    /// not mature yet.
    pub(in crate::decide) fn contest(
        &self,
        did: &Did,
        is_young: bool,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), NoStatement> {
        let asker = self.asker(Some(did), is_young);
        asker
            .and_then(|asker| self.against(&asker, excused))
            .map_err(|stop| stop.explained(self.releases.timeline))
    }

    /// Calls `visit` with the DIDs that were mature when `did` appeared and have not been absent for the maturity since, until it
    /// returns false. Calls it with none where the beginning of `did` was not read.
    pub(in crate::decide) fn each_contesting(&self, did: &Did, visit: impl FnMut(&'a Did) -> bool) {
        if let Ok(asker) = self.asker(Some(did), false) {
            self.others().mature_before(&asker).all(visit);
        }
    }

    /// Checks that everything about one DID, or about one that no release names, is known: its statement, and the contests
    /// against it.
    pub(super) fn told(&self, did: Option<&'a Did>) -> Result<(), CannotTell<'a>> {
        let is_young = match did.map(|did| self.releases.own_statement(did)) {
            Some(Err(read @ CannotTell::Read(_))) => return Err(read),
            Some(Ok((statement, _))) => !statement.mature,
            None | Some(Err(_)) => false,
        };
        let asker = self.asker(did, is_young)?;
        self.against(&asker, |_| false)
    }

    /// Creates the asker: with the time since when the releases name it without a break, or the time of reading, where the newest
    /// release does not name it.
    fn asker<'d>(
        &self,
        did: Option<&'d Did>,
        is_young: bool,
    ) -> Result<AskingDid<'d>, CannotTell<'a>> {
        let appeared = match did.map(|did| self.releases.current_run(did)) {
            Some(Ok(run)) => self.releases.time(run.first),
            Some(Err(read @ CannotTell::Read(_))) => return Err(read),
            None | Some(Err(_)) => self.releases.read_at,
        };
        Ok(AskingDid {
            did,
            appeared,
            is_young,
        })
    }

    /// Checks that no other DID was mature when the asker appeared, unless it has been absent for the maturity since, or is
    /// `excused`.
    fn against(
        &self,
        asker: &AskingDid<'_>,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), CannotTell<'a>> {
        self.others().stand_against(&self.releases, asker, excused)
    }

    fn others(&self) -> &OtherDids<'a> {
        self.others.get_or_init(|| OtherDids::of(&self.releases))
    }
}
