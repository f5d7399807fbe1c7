//! How long a DID has been present in the releases, as a walk from the newest release back finds it.

use super::releases::IndexedReleases;
use crate::Timestamp;

/// The releases that were uploaded in one second, at the positions `first..=last`. They have no known order.
#[derive(Debug, Clone, Copy)]
pub(super) struct SameSecond {
    pub(super) first: usize,
    pub(super) last: usize,
    pub(super) at: Timestamp,
    /// The time until which they were the newest. For the newest releases it is later than any absence can last.
    pub(super) until: Timestamp,
}

impl SameSecond {
    /// Creates the second whose last release is at the position `last`.
    pub(super) fn ending_at(index: &IndexedReleases<'_>, last: usize) -> Self {
        let at = index.time(last);
        Self {
            first: index.dated.partition_point(|(_, earlier)| *earlier < at),
            last,
            at,
            until: newest_until(index, last),
        }
    }

    /// Creates the run of the releases of this second, of which `count` belong to it.
    pub(super) fn run(&self, count: usize) -> PresenceRun {
        PresenceRun {
            first: self.first,
            last: self.last,
            is_whole: count == self.last + 1 - self.first,
        }
    }
}

/// Consecutive releases. Uploads of one second have no known order. A run may begin or end with any of them, and continues
/// through a second only where all releases of that second belong to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct PresenceRun {
    /// The position of the first release of its first second.
    first: usize,
    /// The position of the last release of its last second.
    last: usize,
    /// True where every release of its first second belongs to it.
    is_whole: bool,
}

impl PresenceRun {
    /// Joins this run and the later one as far as possible. If the later run's first second lies in the middle and does not
    /// belong to the run whole, the joined run ends at that second. `None` where anything lies between the runs.
    pub(super) fn joined(self, index: &IndexedReleases<'_>, later: Self) -> Option<Self> {
        if later.first != self.last + 1 {
            return None;
        }
        let at = index.time(later.first);
        let ends_there = at == index.time(later.last);
        let last = match later.is_whole || ends_there {
            true => later.last,
            false => index.dated.partition_point(|(_, other)| *other <= at) - 1,
        };
        Some(Self { last, ..self })
    }

    /// Returns when the run became mature while it was present. Where the order of uploads is not known, this is the earliest
    /// possible time, so that a publisher at the same moment makes nobody else's statement younger.
    pub(super) fn matures_at(self, index: &IndexedReleases<'_>) -> Option<Timestamp> {
        let from_the_beginning = index.time(self.first) == index.time(0);
        let old_enough = index.time(self.first) + index.maturity;
        let places = &index.dated[self.first..=self.last];
        let repeated = places.get(places.partition_point(|(_, at)| *at < old_enough));
        let waited = (from_the_beginning && old_enough <= newest_until(index, self.last))
            .then_some(old_enough);
        let repeated = repeated.map(|(_, at)| *at);
        [repeated, waited].into_iter().flatten().min()
    }
}

/// The presence of one DID during the walk back.
#[derive(Debug, Clone, Copy)]
pub(super) struct DidPresence {
    /// The run that the walk is in, or was in last; `None` for an absent DID.
    run: Option<PresenceRun>,
    /// The time since when the DID has not been absent for the maturity. The time of reading, where it is absent.
    pub(super) since: Timestamp,
    /// The time when a later run of the DID was first mature.
    mature_at: Option<Timestamp>,
}

impl DidPresence {
    /// Creates the presence of a DID that the walk has not met, at the time of reading.
    pub(super) fn absent(index: &IndexedReleases<'_>) -> Self {
        Self {
            run: None,
            since: index.read_at,
            mature_at: None,
        }
    }

    /// Adds the releases of one second, some of which name the DID, and which were the newest until `until`. Returns whether the
    /// DID has been present since then, without an absence of the maturity.
    pub(super) fn reaches_back_to(
        &mut self,
        index: &IndexedReleases<'_>,
        run: PresenceRun,
        until: Timestamp,
    ) -> bool {
        let joined = self.run.and_then(|later| run.joined(index, later));
        if joined.is_none() && until <= self.since - index.maturity {
            return false;
        }
        let run = joined.unwrap_or(run);
        if self.run.is_none_or(|later| later.last != run.last) {
            self.mature_at = self.mature_at_first(index);
        }
        self.run = Some(run);
        self.since = index.time(run.first);
        true
    }

    /// Returns when the DID was first mature, in the run that the walk is in or in a later one.
    pub(super) fn mature_at_first(&self, index: &IndexedReleases<'_>) -> Option<Timestamp> {
        let here = self.run.and_then(|run| run.matures_at(index));
        [here, self.mature_at].into_iter().flatten().min()
    }
}

/// Returns the time until which the releases of one second were the newest.
fn newest_until(index: &IndexedReleases<'_>, place: usize) -> Timestamp {
    let at = index.time(place);
    let later = index.dated.partition_point(|(_, uploaded)| *uploaded <= at);
    match index.dated.get(later) {
        Some((_, uploaded)) => *uploaded,
        None => index.read_at + index.maturity,
    }
}
