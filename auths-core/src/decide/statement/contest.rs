//! Contests between DIDs: a DID that was mature before another one appeared, and has not been absent since, contests the other.

use std::collections::BTreeMap;

use super::view::{CannotTell, TimelineView};
use super::without_time;
use crate::Timestamp;
use crate::evidence::Release;
use crate::identity::Did;
use crate::reason::RefutedReason;

/// A DID that asks for the package.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'d> {
    /// The DID; `None` for one that no release names.
    pub(super) did: Option<&'d Did>,
    /// The time since when the releases name it without a break. The time of reading, where the newest release does not name it.
    pub(super) appeared: Timestamp,
    /// True where only a statement that is still young speaks for it. When that statement is mature, every DID that a deleted
    /// release before it named has been absent for the maturity.
    pub(super) is_young: bool,
}

/// Every DID that has not been absent for the maturity, found in one walk from the newest release back.
///
/// Withdrawn releases count here: the right to withdraw them must not end a contest. A gap shorter than the maturity is no
/// absence: the runs on both sides of it contest a newcomer between them.
#[derive(Debug)]
pub(super) struct Others<'a> {
    /// The time when each DID was first mature, the earliest first.
    mature: Vec<(Timestamp, &'a Did)>,
    /// The time since when each DID has been present, the earliest first.
    present: Vec<(Timestamp, &'a Did)>,
    /// All DIDs that the walk met, including absent ones.
    met: BTreeMap<&'a Did, Presence>,
    /// The unread release at which the walk ended, and the time until which it was the newest.
    unread: Option<(&'a Release, Timestamp)>,
    /// The newest of the deleted releases that the walk met, and the time until which it was the newest.
    gone: Option<(&'a Release, Timestamp)>,
    /// True where deleted releases alone may have made some DID mature.
    gone_may_be_mature: bool,
}

/// Consecutive releases. Uploads of one second have no known order. A run may begin or end with any of them, and continues
/// through a second only where all releases of that second belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct PresenceRun {
    /// The position of the first release of its first second.
    first: usize,
    /// The position of the last release of its last second.
    last: usize,
    /// True where every release of its first second belongs to it.
    is_whole: bool,
}

/// The presence of one DID during the walk back.
#[derive(Debug, Clone, Copy)]
struct Presence {
    /// The run that the walk is in, or was in last; `None` for an absent DID.
    run: Option<PresenceRun>,
    /// The time since when the DID has not been absent for the maturity. The time of reading, where it is absent.
    since: Timestamp,
    /// The time when a later run of the DID was first mature.
    mature_at: Option<Timestamp>,
}

impl<'a> Others<'a> {
    pub(super) fn of(view: &TimelineView<'a>) -> Self {
        let mut others = Self {
            mature: Vec::new(),
            present: Vec::new(),
            met: BTreeMap::new(),
            unread: None,
            gone: None,
            gone_may_be_mature: false,
        };
        others.walk(view);
        for (did, presence) in &others.met {
            others.present.push((presence.since, *did));
            let mature = presence.mature_at_first(view);
            others.mature.extend(mature.map(|at| (at, *did)));
        }
        others.present.sort();
        others.mature.sort();
        others
    }

    /// Walks from the newest release back to where every DID has been absent for the maturity, or to a release that was not read.
    /// All releases of one second are handled at once.
    fn walk(&mut self, view: &TimelineView<'a>) {
        let mut earliest = view.read_at;
        let mut gone: Option<PresenceRun> = None;
        let mut end = view.dated.len();
        while let Some(last) = end.checked_sub(1) {
            let at = view.time(last);
            let until = until(view, last);
            if until <= earliest - view.maturity {
                return;
            }
            let first = view.dated.partition_point(|(_, earlier)| *earlier < at);
            let second = &view.dated[first..end];
            #[cfg(test)]
            crate::work::went_through(second.len());
            let mut named: BTreeMap<&'a Did, usize> = BTreeMap::new();
            let mut are_gone = 0;
            for (release, _) in second.iter().rev() {
                match &release.dids {
                    Some(dids) => {
                        for did in dids.iter() {
                            *named.entry(did).or_default() += 1;
                        }
                    }
                    // A deleted release may have named any DID, and so have kept it present.
                    None if view.timeline.is_gone(release) => {
                        self.gone.get_or_insert((release, until));
                        are_gone += 1;
                    }
                    None => {
                        self.unread.get_or_insert((release, until));
                    }
                }
            }
            let run = |count: usize| PresenceRun {
                first,
                last,
                is_whole: count == second.len(),
            };
            for (did, count) in named {
                let presence = self.met.entry(did).or_insert(Presence {
                    run: None,
                    since: view.read_at,
                    mature_at: None,
                });
                if presence.reaches_back_to(view, run(count), until) {
                    earliest = earliest.min(at);
                }
            }
            if are_gone > 0 {
                let run = run(are_gone);
                let run = gone
                    .and_then(|later| run.joined(view, later))
                    .unwrap_or(run);
                self.gone_may_be_mature |= matures_at(view, run).is_some();
                gone = Some(run);
                earliest = earliest.min(at);
            }
            if self.unread.is_some() {
                return;
            }
            end = first;
        }
    }

    /// Returns the DIDs that were mature when the asker appeared.
    pub(super) fn mature_before<'v>(
        &'v self,
        asker: &'v Asker<'_>,
    ) -> impl Iterator<Item = &'a Did> + 'v {
        let mature = self.mature.iter();
        mature
            .take_while(|(at, _)| *at <= asker.appeared)
            .map(|(_, did)| *did)
            .filter(|did| Some(*did) != asker.did)
    }

    /// Checks that no DID contests the asker, leaving out those that are `excused`.
    pub(super) fn stand_against(
        &self,
        view: &TimelineView<'a>,
        asker: &Asker<'_>,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), CannotTell<'a>> {
        let counts = |did: &Did| Some(did) != asker.did && !excused(did);
        if let Some(other) = self.mature_before(asker).find(|did| !excused(did)) {
            // A release without a time may belong to the ones that made it mature.
            let breaks = |release: &&&Release| release.names(other) != Some(true);
            if let Some(undated) = view.undated.iter().find(breaks) {
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
        let earliest = present.find(|(_, did)| counts(did)).map(|(at, _)| *at);
        let earliest = earliest.unwrap_or(view.read_at).min(view.read_at);
        let matters = |until: Timestamp| until > earliest - view.maturity;
        if let Some((release, _)) = self.unread.filter(|(_, until)| matters(*until)) {
            return Err(CannotTell::Read(release));
        }
        let Some((release, _)) = self.gone.filter(|(_, until)| matters(*until)) else {
            return Ok(());
        };
        let anybody = || self.met.keys().any(|did| counts(did));
        if !asker.is_young && (self.gone_may_be_mature || anybody()) {
            return Err(CannotTell::Read(release));
        }
        Ok(())
    }
}

impl PresenceRun {
    /// Joins this run and the later one as far as possible. If the later run's first second lies in the middle and does not
    /// belong to the run whole, the joined run ends at that second. `None` where anything lies between the runs.
    fn joined(self, view: &TimelineView<'_>, later: Self) -> Option<Self> {
        if later.first != self.last + 1 {
            return None;
        }
        let at = view.time(later.first);
        let ends_there = at == view.time(later.last);
        let last = match later.is_whole || ends_there {
            true => later.last,
            false => view.dated.partition_point(|(_, other)| *other <= at) - 1,
        };
        Some(Self { last, ..self })
    }
}

impl Presence {
    /// Adds the releases of one second, some of which name the DID, and which were the newest until `until`. Returns whether the
    /// DID has been present since then, without an absence of the maturity.
    fn reaches_back_to(
        &mut self,
        view: &TimelineView<'_>,
        run: PresenceRun,
        until: Timestamp,
    ) -> bool {
        let joined = self.run.and_then(|later| run.joined(view, later));
        if joined.is_none() && until <= self.since - view.maturity {
            return false;
        }
        let run = joined.unwrap_or(run);
        if self.run.is_none_or(|later| later.last != run.last) {
            self.mature_at = self.mature_at_first(view);
        }
        self.run = Some(run);
        self.since = view.time(run.first);
        true
    }

    /// Returns when the DID was first mature, in the run that the walk is in or in a later one.
    fn mature_at_first(&self, view: &TimelineView<'_>) -> Option<Timestamp> {
        let here = self.run.and_then(|run| matures_at(view, run));
        [here, self.mature_at].into_iter().flatten().min()
    }
}

/// Returns the time until which the releases of one second were the newest. For the newest releases it is later than any absence
/// can last.
fn until(view: &TimelineView<'_>, place: usize) -> Timestamp {
    let at = view.time(place);
    let later = view.dated.partition_point(|(_, uploaded)| *uploaded <= at);
    match view.dated.get(later) {
        Some((_, uploaded)) => *uploaded,
        None => view.read_at + view.maturity,
    }
}

/// Returns when a run of releases became mature while it was present. Where the order of uploads is not known, this is the
/// earliest possible time, so that a publisher at the same moment makes nobody else's statement younger.
fn matures_at(view: &TimelineView<'_>, run: PresenceRun) -> Option<Timestamp> {
    let from_the_beginning = view.time(run.first) == view.time(0);
    let ripe = view.time(run.first) + view.maturity;
    let places = &view.dated[run.first..=run.last];
    let repeated = places.get(places.partition_point(|(_, at)| *at < ripe));
    let waited = (from_the_beginning && ripe <= until(view, run.last)).then_some(ripe);
    let repeated = repeated.map(|(_, at)| *at);
    [repeated, waited].into_iter().flatten().min()
}
