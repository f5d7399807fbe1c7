//! A timeline, made ready for the questions that are asked of it: one pass over its releases, however many DIDs ask.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::time::Duration;

use super::contest::{Asker, Others};
use super::{NoStatement, Statement, without_time};
use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::Did;
use crate::reason::{RefutedReason, UnavailableReason};

/// The timeline with its undated releases set apart, and where each DID is named.
#[derive(Debug)]
pub(in crate::decide) struct TimelineView<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) maturity: Duration,
    pub(super) read_at: Timestamp,
    /// Oldest first. Where uploads share a second, their order is unknown: see `run_before`.
    pub(super) dated: Vec<(&'a Release, Timestamp)>,
    pub(super) undated: Vec<&'a Release>,
    /// The places in `dated` that name each DID, oldest first; none for a DID that undated releases alone name.
    named: BTreeMap<&'a Did, Vec<usize>>,
    default_at: Option<usize>,
    others: OnceCell<Others<'a>>,
}

/// Why there is no statement, or none yet.
#[derive(Debug)]
pub(super) enum CannotTell<'a> {
    Refuted(RefutedReason, String),
    Unavailable(UnavailableReason, String),
    /// This release must be read first.
    Read(&'a Release),
}

/// Consecutive releases that name one DID: places `first..=last`, the one before `first` not naming it or not read.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamingRun {
    pub(super) first: usize,
    pub(super) last: usize,
    /// Whether the release before `first` is known not to name it, or there is none.
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

    /// Whether no release that was read names anybody but `did`.
    pub(in crate::decide) fn names_nobody_but(&self, did: &Did) -> bool {
        self.named.keys().all(|named| *named == did)
    }

    /// The statement of `did`, unless another one stands against it that is not `excused`.
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

    /// Everything that may be asked of one DID, or of one that no release names: its statement, and who stands against it.
    pub(super) fn told(&self, did: Option<&'a Did>) -> Result<(), CannotTell<'a>> {
        let is_young = match did.map(|did| self.own(did)) {
            Some(Err(read @ CannotTell::Read(_))) => return Err(read),
            Some(Ok((statement, _))) => !statement.mature,
            None | Some(Err(_)) => false,
        };
        let asker = self.asker(did, is_young)?;
        self.against(&asker, |_| false)
    }

    /// Somebody who asks: since when the releases name it without a break; now, where the newest one does not.
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

    /// Nobody else may have been mature when the asker appeared, unless it has been absent for the maturity since, or is
    /// `excused`.
    fn against(
        &self,
        asker: &Asker<'_>,
        excused: impl Fn(&Did) -> bool,
    ) -> Result<(), CannotTell<'a>> {
        self.others().stand_against(self, asker, excused)
    }

    /// The same, for a chain that leads from `did` to the package by whatever links: `is_young` where it is a statement that
    /// is not mature yet.
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

    /// Shows `visit` those who were mature when `did` appeared, and have not been absent for the maturity since, as long as it
    /// says to go on; nobody where since when the DID is named was not read.
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

    /// The statement of `did` by itself, whoever else is named.
    pub(in crate::decide) fn statement_of(&self, did: &Did) -> Result<Statement, NoStatement> {
        let own = self.own(did).map(|(statement, _)| statement);
        own.map_err(|stop| NoStatement::of(self.timeline, stop))
    }

    fn own(&self, did: &Did) -> Result<(Statement, NamingRun), CannotTell<'a>> {
        let run = self.current_run(did)?;
        self.check_default(did, &run)?;
        // One that names the DID breaks nothing, wherever it stands.
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

    /// The unbroken run that reaches the newest release.
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

    /// The run of the releases `first..=last`, which name a DID that the one before does not; `None` when nothing is left.
    ///
    /// Uploads of one second have no known order, so one of them that does not name the DID breaks the run before any of
    /// them; one that was not read must be read, for it may. One that was deleted did not name the DID that asks.
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

    /// The first of `first..=last` that did not come in the same second as the release before them all.
    pub(super) fn later_than_before(&self, first: usize, last: usize) -> usize {
        let Some(before) = first.checked_sub(1).map(|before| self.time(before)) else {
            return first;
        };
        let mut later = first..=last;
        later
            .find(|place| self.time(*place) != before)
            .unwrap_or(last + 1)
    }

    /// The release before a run must be read first.
    fn read_before(&self, run: &NamingRun) -> CannotTell<'a> {
        CannotTell::Read(self.dated[run.first - 1].0)
    }

    /// The statement that a run makes, as of when it was read. Withdrawn releases make none.
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

    /// The version that installers pick must lie in the run.
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
