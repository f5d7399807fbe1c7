//! A timeline prepared for queries: one pass over its releases, for any number of DIDs.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::contest::{Asker, Others};
use super::{NoStatement, Statement, without_time};
use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::Did;
use crate::reason::{RefutedReason, UnavailableReason};

/// A timeline with its undated releases separated, and the positions where each DID is named.
#[derive(Debug)]
pub(in crate::decide) struct TimelineView<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) maturity: Duration,
    pub(super) read_at: Timestamp,
    /// The dated releases, oldest first. Where uploads share a second, their order is unknown: see `run_before`.
    pub(super) dated: Vec<(&'a Release, Timestamp)>,
    pub(super) undated: Vec<&'a Release>,
    /// The positions in `dated` that name each DID, oldest first. Empty for a DID that only undated releases name.
    named: BTreeMap<&'a Did, Vec<usize>>,
    default_at: Option<usize>,
    others: OnceCell<Others<'a>>,
}

/// A reason why there is no statement, or none yet.
#[derive(Debug)]
pub(super) enum CannotTell<'a> {
    Refuted(RefutedReason, String),
    Unavailable(UnavailableReason, String),
    /// This release must be read first.
    Read(&'a Release),
}

/// Consecutive releases that name one DID, at the positions `first..=last`. The release before `first` does not name it or was
/// not read.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamingRun {
    pub(super) first: usize,
    pub(super) last: usize,
    /// True where the release before `first` is known not to name it, or does not exist.
    exact: bool,
}

impl<'a> TimelineView<'a> {
    pub(in crate::decide) fn new(
        timeline: &'a Timeline,
        maturity: Duration,
        read_at: Timestamp,
    ) -> Self {
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
            others: OnceCell::new(),
        }
    }

    pub(in crate::decide) fn is_of(&self, timeline: &Timeline) -> bool {
        std::ptr::eq(self.timeline, timeline)
    }

    /// Returns whether no release that was read names any DID other than `did`.
    pub(in crate::decide) fn names_nobody_but(&self, did: &Did) -> bool {
        self.named.keys().all(|named| *named == did)
    }

    /// Returns the statement of `did`, unless a DID that is not `excused` contests it.
    pub(in crate::decide) fn uncontested(
        &self,
        did: &Did,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<Statement, NoStatement> {
        let told = self.own(did).and_then(|(statement, run)| {
            let asker = Asker {
                did: Some(did),
                appeared: self.time(run.first),
                is_young: !statement.mature,
            };
            self.against(&asker, excused).map(|()| statement)
        });
        told.map_err(|stop| NoStatement::of(self.timeline, stop))
    }

    /// Checks that everything about one DID, or about one that no release names, is known: its statement, and the contests
    /// against it.
    pub(super) fn told(&self, did: Option<&'a Did>) -> Result<(), CannotTell<'a>> {
        let is_young = match did.map(|did| self.own(did)) {
            Some(Err(read @ CannotTell::Read(_))) => return Err(read),
            Some(Ok((statement, _))) => !statement.mature,
            None | Some(Err(_)) => false,
        };
        let asker = self.asker(did, is_young)?;
        self.against(&asker, |_| false)
    }

    /// Creates the asker: with the time since when the releases name it without a break, or the time of reading, where the newest
    /// release does not name it.
    fn asker<'d>(&self, did: Option<&'d Did>, is_young: bool) -> Result<Asker<'d>, CannotTell<'a>> {
        let appeared = match did.map(|did| self.current_run(did)) {
            Some(Ok(run)) => self.time(run.first),
            Some(Err(read @ CannotTell::Read(_))) => return Err(read),
            None | Some(Err(_)) => self.read_at,
        };
        Ok(Asker {
            did,
            appeared,
            is_young,
        })
    }

    /// Checks that no other DID was mature when the asker appeared, unless it has been absent for the maturity since, or is
    /// `excused`.
    fn against(
        &self,
        asker: &Asker<'_>,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), CannotTell<'a>> {
        self.others().stand_against(self, asker, excused)
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
            .map_err(|stop| NoStatement::of(self.timeline, stop))
    }

    /// Calls `visit` with the DIDs that were mature when `did` appeared and have not been absent for the maturity since, until it
    /// returns false. Calls it with none where the beginning of `did` was not read.
    pub(in crate::decide) fn each_contesting(&self, did: &Did, visit: impl FnMut(&'a Did) -> bool) {
        if let Ok(asker) = self.asker(Some(did), false) {
            self.others().mature_before(&asker).all(visit);
        }
    }

    fn others(&self) -> &Others<'a> {
        self.others.get_or_init(|| Others::of(self))
    }

    pub(super) fn time(&self, place: usize) -> Timestamp {
        self.dated[place].1
    }

    /// Returns the statement of `did` by itself, regardless of other DIDs.
    pub(in crate::decide) fn statement_of(&self, did: &Did) -> Result<Statement, NoStatement> {
        let own = self.own(did).map(|(statement, _)| statement);
        own.map_err(|stop| NoStatement::of(self.timeline, stop))
    }

    fn own(&self, did: &Did) -> Result<(Statement, NamingRun), CannotTell<'a>> {
        let run = self.current_run(did)?;
        self.check_default(did, &run)?;
        // A release that names the DID breaks nothing, at any position.
        let elsewhere = |release: &&&Release| release.names(did) != Some(true);
        if let Some(undated) = self.undated.iter().find(elsewhere) {
            let (why, detail) = without_time(undated);
            return Err(CannotTell::Unavailable(why, detail));
        }
        let statement = self.span(&run);
        if !run.exact && !statement.as_ref().is_some_and(|s| s.mature) {
            return Err(self.read_before(&run));
        }
        let statement = statement.ok_or_else(|| {
            let detail = "only withdrawn releases name the DID".to_owned();
            CannotTell::Refuted(RefutedReason::StatementAbsent, detail)
        })?;
        Ok((statement, run))
    }

    /// Returns the unbroken run that reaches the newest release.
    fn current_run(&self, did: &Did) -> Result<NamingRun, CannotTell<'a>> {
        let places = self.named.get(did);
        let absent = |detail: String| {
            let by = match places {
                Some(_) => RefutedReason::StatementDropped,
                None => RefutedReason::StatementAbsent,
            };
            CannotTell::Refuted(by, detail)
        };
        let Some(newest) = self.dated.len().checked_sub(1) else {
            return Err(match self.undated.first() {
                Some(undated) => {
                    let (why, detail) = without_time(undated);
                    CannotTell::Unavailable(why, detail)
                }
                None => absent("there is no release".to_owned()),
            });
        };
        let release = self.dated[newest].0;
        match release.names(did) {
            None => return Err(CannotTell::Read(release)),
            Some(false) => {
                let version = &release.version;
                let detail = format!("the newest release, {version}, does not name the DID");
                return Err(absent(detail));
            }
            Some(true) => {}
        }
        let mut first = newest;
        for place in places.into_iter().flatten().rev().skip(1) {
            if place + 1 != first {
                break;
            }
            first = *place;
        }
        self.run_before(first, newest)?.ok_or_else(|| {
            let detail = "a release uploaded in the same second does not name the DID";
            absent(detail.to_owned())
        })
    }

    /// Returns the run of the releases `first..=last`, which name a DID that the release before them does not name; `None` when
    /// nothing is left.
    ///
    /// Uploads of one second have no known order. So a release of the same second that does not name the DID breaks the run
    /// before any of them, and an unread one must be read, because it may break the run. A deleted release did not name the DID
    /// that asks.
    fn run_before(&self, first: usize, last: usize) -> Result<Option<NamingRun>, CannotTell<'a>> {
        let exact = match first.checked_sub(1).map(|before| self.dated[before]) {
            Some((release, at)) if release.dids.is_none() && !self.timeline.is_gone(release) => {
                if at == self.time(first) {
                    return Err(CannotTell::Read(release));
                }
                false
            }
            _ => true,
        };
        let first = self.later_than_before(first, last);
        Ok((first <= last).then_some(NamingRun { first, last, exact }))
    }

    /// Returns the first position of `first..=last` whose release did not come in the same second as the release before `first`.
    pub(super) fn later_than_before(&self, first: usize, last: usize) -> usize {
        let Some(before) = first.checked_sub(1).map(|before| self.time(before)) else {
            return first;
        };
        let mut later = first..=last;
        later
            .find(|place| self.time(*place) != before)
            .unwrap_or(last + 1)
    }

    /// Returns that the release before a run must be read first.
    fn read_before(&self, run: &NamingRun) -> CannotTell<'a> {
        CannotTell::Read(self.dated[run.first - 1].0)
    }

    /// Returns the statement that a run makes, as of the time of reading. Withdrawn releases make none.
    fn span(&self, run: &NamingRun) -> Option<Statement> {
        let at = self.read_at;
        let makers = || {
            let releases = self.dated[run.first..=run.last].iter();
            releases
                .filter(|(release, _)| !release.withdrawn)
                .map(|(_, at)| *at)
                .filter(|uploaded| *uploaded <= at)
        };
        let (since, last) = (makers().next()?, makers().next_back()?);
        let first_ever = self.dated.first().map(|(release, _)| *release);
        let mut possibly_first = self.undated.iter().copied().chain(first_ever);
        let from_the_beginning =
            run.first == 0 && run.exact && possibly_first.all(|release| !release.withdrawn);
        let matures_at = since + self.maturity;
        let repeated = last >= matures_at;
        let needs_release = !from_the_beginning && !repeated;
        Some(Statement {
            since,
            since_exact: run.exact,
            matures_at,
            needs_release,
            from_the_beginning,
            repeated,
            mature: !needs_release && at >= matures_at,
        })
    }

    /// Checks that the version that installers pick lies in the run.
    fn check_default(&self, did: &Did, run: &NamingRun) -> Result<(), CannotTell<'a>> {
        let Some(version) = self.timeline.default_version() else {
            let detail = "the registry does not say which version installers pick".to_owned();
            return Err(CannotTell::Unavailable(
                UnavailableReason::MissingField,
                detail,
            ));
        };
        match self.default_at {
            Some(place) if place >= run.first => Ok(()),
            Some(place) if self.dated[place].0.names(did).is_none() && !run.exact => {
                Err(self.read_before(run))
            }
            Some(_) => {
                let detail = format!(
                    "installers pick {version}, which lies outside the releases that name the DID"
                );
                Err(CannotTell::Refuted(RefutedReason::DefaultOutside, detail))
            }
            None => {
                let detail =
                    format!("installers pick {version}, which is not among the dated releases");
                Err(CannotTell::Unavailable(
                    UnavailableReason::Unreadable,
                    detail,
                ))
            }
        }
    }
}
