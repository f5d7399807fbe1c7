//! Who stands against whom: a DID that was mature before another one appeared, and that has not been absent since.

use std::collections::BTreeMap;

use super::view::{Stop, View};
use super::without_time;
use crate::Timestamp;
use crate::evidence::Release;
use crate::identity::Did;
use crate::outcome::Refutation;

/// Somebody who asks for the package.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker<'d> {
    /// The DID; `None` for one that no release names.
    pub(super) did: Option<&'d Did>,
    /// Since when the releases name it without a break; when they were read, where the newest one does not.
    pub(super) appeared: Timestamp,
    /// Whether nothing but a statement that is still young speaks for it. By when that is mature, whatever a deleted release
    /// before it named has been absent for the maturity.
    pub(super) is_young: bool,
}

/// Every DID that has not been absent for the maturity, told in one walk from the newest release back.
///
/// Withdrawn releases count here: whoever can withdraw them must not end a contest by it. A gap that is shorter than the
/// maturity is no absence: the runs on both sides of it stand against a newcomer between them.
#[derive(Debug)]
pub(super) struct Others<'a> {
    /// When each was mature first, the earliest first.
    mature: Vec<(Timestamp, &'a Did)>,
    /// Since when each has been there, the earliest first.
    present: Vec<(Timestamp, &'a Did)>,
    /// All whom the walk met, absent ones too.
    met: BTreeMap<&'a Did, Presence>,
    /// The release that was not read, where the walk ended, and until when it was the newest.
    unread: Option<(&'a Release, Timestamp)>,
    /// The newest of the deleted releases that the walk met, and until when it was the newest.
    gone: Option<(&'a Release, Timestamp)>,
    /// Whether deleted releases alone may have made somebody mature.
    gone_may_be_mature: bool,
}

/// One of them, as the walk goes back.
#[derive(Debug, Clone, Copy)]
struct Presence {
    /// The places of the run that the walk is in, or was in last.
    first: usize,
    last: usize,
    /// Since when it has not been absent for the maturity; now, where it is absent.
    since: Timestamp,
    /// When a later run of it was mature first.
    mature_at: Option<Timestamp>,
}

impl<'a> Others<'a> {
    pub(super) fn of(view: &View<'a>) -> Self {
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

    /// From the newest release back to where everybody has been absent for the maturity, or to one that was not read.
    fn walk(&mut self, view: &View<'a>) {
        let mut earliest = view.read_at;
        let mut gone_until: Option<usize> = None;
        for place in (0..view.dated.len()).rev() {
            let (release, at) = view.dated[place];
            let until = until(view, place);
            if until <= earliest - view.maturity {
                return;
            }
            #[cfg(test)]
            crate::work::went_through(1);
            let Some(dids) = &release.dids else {
                if !view.timeline.is_gone(release) {
                    self.unread = Some((release, until));
                    return;
                }
                // It may have named anybody, and so have kept them there.
                let last = *gone_until.get_or_insert(place);
                self.gone.get_or_insert((release, until));
                self.gone_may_be_mature |= matures_at(view, place, last).is_some();
                earliest = earliest.min(at);
                continue;
            };
            gone_until = None;
            for did in dids.iter() {
                let presence = self.met.entry(did).or_insert(Presence {
                    first: place + 1,
                    last: place,
                    since: view.read_at,
                    mature_at: None,
                });
                if presence.reaches_back_to(view, place, until) {
                    earliest = earliest.min(at);
                }
            }
        }
    }

    /// Those who were mature when the asker appeared.
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

    /// Whether anybody stands against the asker, those left aside who are `excused`.
    pub(super) fn stand_against(
        &self,
        view: &View<'a>,
        asker: &Asker<'_>,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), Stop<'a>> {
        let counts = |did: &Did| Some(did) != asker.did && !excused(did);
        if let Some(other) = self.mature_before(asker).find(|did| !excused(did)) {
            // One without a time may stand among those that made it mature.
            let breaks = |release: &&&Release| release.names(other) != Some(true);
            if let Some(undated) = view.undated.iter().find(breaks) {
                let (why, detail) = without_time(undated);
                return Err(Stop::Unavailable(why, detail));
            }
            let detail = format!("{other} was named and mature before this DID appeared");
            return Err(Stop::Refuted(Refutation::StatementContested, detail));
        }
        let mut present = self.present.iter();
        let earliest = present.find(|(_, did)| counts(did)).map(|(at, _)| *at);
        let earliest = earliest.unwrap_or(view.read_at).min(view.read_at);
        let matters = |until: Timestamp| until > earliest - view.maturity;
        if let Some((release, _)) = self.unread.filter(|(_, until)| matters(*until)) {
            return Err(Stop::Read(release));
        }
        let Some((release, _)) = self.gone.filter(|(_, until)| matters(*until)) else {
            return Ok(());
        };
        let anybody = || self.met.keys().any(|did| counts(did));
        if !asker.is_young && (self.gone_may_be_mature || anybody()) {
            return Err(Stop::Read(release));
        }
        Ok(())
    }
}

impl Presence {
    /// Takes in the release at `place`, which names the DID and was the newest one until then: whether the DID has been there
    /// since, without an absence of the maturity.
    fn reaches_back_to(&mut self, view: &View<'_>, place: usize, until: Timestamp) -> bool {
        let continues = self.first <= self.last && self.first == place + 1;
        if !continues {
            if until <= self.since - view.maturity {
                return false;
            }
            self.mature_at = self.mature_at_first(view);
            self.last = place;
        }
        self.first = place;
        self.since = view.time(place);
        true
    }

    /// When it was mature first, in the run that the walk is in or in a later one.
    fn mature_at_first(&self, view: &View<'_>) -> Option<Timestamp> {
        let here = (self.first <= self.last)
            .then(|| matures_at(view, self.first, self.last))
            .flatten();
        [here, self.mature_at].into_iter().flatten().min()
    }
}

/// Until when a release was the newest, of one second all of them: the newest one is so for longer than anybody can be absent.
fn until(view: &View<'_>, place: usize) -> Timestamp {
    let at = view.time(place);
    let later = view.dated.partition_point(|(_, uploaded)| *uploaded <= at);
    match view.dated.get(later) {
        Some((_, uploaded)) => *uploaded,
        None => view.read_at + view.maturity,
    }
}

/// When a run of releases was mature, while it stood. Uploads of one second have no known order: here the run may have come
/// first among them, so that whoever publishes at the same moment makes nobody else's statement younger.
fn matures_at(view: &View<'_>, first: usize, last: usize) -> Option<Timestamp> {
    let from_the_beginning = view.time(first) == view.time(0);
    let ripe = view.time(first) + view.maturity;
    let places = &view.dated[first..=last];
    let repeated = places.get(places.partition_point(|(_, at)| *at < ripe));
    let waited = (from_the_beginning && ripe <= until(view, last)).then_some(ripe);
    let repeated = repeated.map(|(_, at)| *at);
    [repeated, waited].into_iter().flatten().min()
}
