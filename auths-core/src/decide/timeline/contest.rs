//! Contests between DIDs: a DID that was mature before another one appeared, and has not been absent for the maturity since,
//! contests the other.
//!
//! An example, with a maturity of 7 days. The releases of a package were uploaded on these days of March, at noon:
//!
//! | day | release | names | what follows |
//! |---|---|---|---|
//! | 1 | 1.0 | nobody | |
//! | 2 | 1.1 | A | A appears: young |
//! | 5 | 1.2 | A, C | C appears before A is mature: A never contests it, as long as every release names C |
//! | 9 | 1.3 | A, C | A is mature: named again 7 days after it appeared |
//! | 10 | 1.4 | A, B, C | B appears: A contests it |
//! | 13 | 1.5 | B, C | A is no longer named, and still contests B. C is mature, and contests nobody who appeared before |
//! | 15 | 1.6 | A, B, C | A was away for 2 days, which is no absence |
//! | 16 | 1.7 | B, C | A is away again |
//!
//! - Read on the 12th, B is contested by A. If A signs a delegation to B, or is revoked with all its claims, it is not.
//! - Read on the 22nd, B is still contested by A, which has been away for 6 days. Releases name B for longer than the maturity by
//!   then: waiting ends no contest.
//! - Read on the 23rd at noon, A has been absent for the maturity, and contests nobody. C, which became mature on the 13th, does
//!   not contest B, which had appeared on the 10th. It contests a DID D that no release names, and that asks for the package by
//!   an account.
//!
//! The test `the_example_of_a_contest` goes through these days. What a contest does to a chain, and what a consent adds to it, is
//! in `decide/contests_and_consents.rs`.

use std::collections::BTreeMap;

use super::presence::{DidPresence, PresenceRun, SameSecond};
use super::releases::IndexedReleases;
use super::statements::{CannotTell, without_time};
use crate::Timestamp;
use crate::evidence::Release;
use crate::identity::Did;
use crate::reason::RefutedReason;

/// The DID that a chain leads to the package from, as the contests against it see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct CandidateDid<'d> {
    /// The DID; `None` for one that no release names.
    pub(super) did: Option<&'d Did>,
    /// The time since when the releases name it without a break. The time of reading, where the newest release does not name it.
    pub(super) appeared: Timestamp,
    /// True where only a statement that is still young speaks for it. When that statement is mature, every DID that a deleted
    /// release before it named has been absent for the maturity.
    pub(super) is_young: bool,
}

impl CandidateDid<'_> {
    /// Returns whether `did` is another DID than the candidate, and not `excused`.
    fn stands_beside(&self, did: &Did, excused: &impl Fn(&Did) -> bool) -> bool {
        Some(did) != self.did && !excused(did)
    }
}

/// Every DID that has not been absent for the maturity, found in one walk from the newest release back.
///
/// Withdrawn releases count here: the right to withdraw them must not end a contest. A gap shorter than the maturity is no
/// absence: the runs on both sides of it contest a newcomer between them.
#[derive(Debug)]
pub(super) struct OtherDids<'a> {
    /// The time when each DID was first mature, the earliest first.
    mature: Vec<(Timestamp, &'a Did)>,
    /// The time since when each DID has been present, the earliest first.
    present: Vec<(Timestamp, &'a Did)>,
    /// All DIDs that the walk met, including absent ones.
    met: BTreeMap<&'a Did, DidPresence>,
    /// The unread release at which the walk ended, and the time until which it was the newest.
    unread: Option<(&'a Release, Timestamp)>,
    /// The newest of the deleted releases that the walk met, and the time until which it was the newest.
    gone: Option<(&'a Release, Timestamp)>,
    /// True where deleted releases alone may have made some DID mature.
    gone_may_be_mature: bool,
}

impl<'a> OtherDids<'a> {
    pub(super) fn of(index: &IndexedReleases<'a>) -> Self {
        let mut others = Self {
            mature: Vec::new(),
            present: Vec::new(),
            met: BTreeMap::new(),
            unread: None,
            gone: None,
            gone_may_be_mature: false,
        };
        others.walk(index);
        for (did, presence) in &others.met {
            others.present.push((presence.since, *did));
            let mature = presence.mature_at_first(index);
            others.mature.extend(mature.map(|at| (at, *did)));
        }
        others.present.sort();
        others.mature.sort();
        others
    }

    /// Walks from the newest release back to where every DID has been absent for the maturity, or to a release that was not read.
    /// All releases of one second are handled at once.
    fn walk(&mut self, index: &IndexedReleases<'a>) {
        let mut earliest = index.read_at;
        let mut gone: Option<PresenceRun> = None;
        let mut end = index.dated.len();
        while let Some(last) = end.checked_sub(1) {
            let second = SameSecond::ending_at(index, last);
            if second.until <= earliest - index.maturity {
                return;
            }
            let (named, are_gone) = self.named_in(index, &second);
            for (did, count) in named {
                let presence = self.met.entry(did).or_insert(DidPresence::absent(index));
                if presence.reaches_back_to(index, second.run(count), second.until) {
                    earliest = earliest.min(second.at);
                }
            }
            if are_gone > 0 {
                let run = second.run(are_gone);
                let run = gone
                    .and_then(|later| run.joined(index, later))
                    .unwrap_or(run);
                self.gone_may_be_mature |= run.matures_at(index).is_some();
                gone = Some(run);
                earliest = earliest.min(second.at);
            }
            if self.unread.is_some() {
                return;
            }
            end = second.first;
        }
    }

    /// Returns in how many releases of one second each DID is named, and how many of them are deleted. Notes the first release
    /// that is unread, or deleted.
    fn named_in(
        &mut self,
        index: &IndexedReleases<'a>,
        second: &SameSecond,
    ) -> (BTreeMap<&'a Did, usize>, usize) {
        let releases = &index.dated[second.first..=second.last];
        #[cfg(test)]
        crate::work::went_through(releases.len());
        let mut named: BTreeMap<&'a Did, usize> = BTreeMap::new();
        let mut are_gone = 0;
        for (release, _) in releases.iter().rev() {
            match &release.dids {
                Some(dids) => {
                    for did in dids.iter() {
                        *named.entry(did).or_default() += 1;
                    }
                }
                // A deleted release may have named any DID, and so have kept it present.
                None if index.timeline.is_gone(release) => {
                    self.gone.get_or_insert((release, second.until));
                    are_gone += 1;
                }
                None => {
                    self.unread.get_or_insert((release, second.until));
                }
            }
        }
        (named, are_gone)
    }

    /// Returns the DIDs that were mature when the candidate appeared.
    pub(super) fn mature_before<'v>(
        &'v self,
        candidate: CandidateDid<'v>,
    ) -> impl Iterator<Item = &'a Did> + 'v {
        let mature = self.mature.iter();
        mature
            .take_while(move |(at, _)| *at <= candidate.appeared)
            .map(|(_, did)| *did)
            .filter(move |did| Some(*did) != candidate.did)
    }

    /// Checks that no DID contests the candidate, leaving out those that are `excused`.
    pub(super) fn ensure_none_contests(
        &self,
        index: &IndexedReleases<'a>,
        candidate: &CandidateDid<'_>,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), CannotTell<'a>> {
        if let Some(other) = self.mature_before(*candidate).find(|did| !excused(did)) {
            // A release without a time may belong to the ones that made it mature.
            if let Some(undated) = index.undated_without(other) {
                let (why, detail) = without_time(undated);
                return Err(CannotTell::Unavailable(why, detail));
            }
            let detail = format!("{other} was named and mature before this DID appeared");
            return Err(CannotTell::Refuted(
                RefutedReason::StatementContested,
                detail,
            ));
        }
        let mut present = self.present.iter();
        let earliest = present.find(|(_, did)| candidate.stands_beside(did, &excused));
        let earliest = earliest.map_or(index.read_at, |(at, _)| *at);
        // Releases that were no longer the newest by then matter to nobody.
        let matters_from = earliest.min(index.read_at) - index.maturity;
        if let Some((release, _)) = self.unread.filter(|(_, until)| *until > matters_from) {
            return Err(CannotTell::Read(release));
        }
        let Some((release, _)) = self.gone.filter(|(_, until)| *until > matters_from) else {
            return Ok(());
        };
        let mut met = self.met.keys();
        if !candidate.is_young
            && (self.gone_may_be_mature || met.any(|did| candidate.stands_beside(did, &excused)))
        {
            return Err(CannotTell::Read(release));
        }
        Ok(())
    }
}
