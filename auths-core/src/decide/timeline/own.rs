//! The statement of one DID by itself, regardless of other DIDs.

use super::releases::IndexedReleases;
use super::statements::{CannotTell, TimelineStatement, without_time};
use crate::Timestamp;
use crate::identity::Did;
use crate::reason::{RefutedReason, UnavailableReason};

/// Consecutive releases that name one DID, at the positions `first..=last`. The release before `first` does not name it or was
/// not read.
#[derive(Debug, Clone, Copy)]
pub(super) struct NamingRun {
    pub(super) first: usize,
    pub(super) last: usize,
    /// True where the release before `first` is known not to name it, or does not exist.
    exact: bool,
}

impl<'a> IndexedReleases<'a> {
    /// Returns the statement of `did`, and the run of releases that makes it.
    pub(super) fn own_statement(
        &self,
        did: &Did,
    ) -> Result<(TimelineStatement, NamingRun), CannotTell<'a>> {
        let run = self.current_run(did)?;
        self.check_default(did, &run)?;
        if let Some(undated) = self.undated_without(did) {
            let (why, detail) = without_time(undated);
            return Err(CannotTell::Unavailable(why, detail));
        }
        let statement = self.made_by(&run);
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
    pub(super) fn current_run(&self, did: &Did) -> Result<NamingRun, CannotTell<'a>> {
        let Some(newest) = self.dated.len().checked_sub(1) else {
            return Err(match self.undated.first() {
                Some(undated) => {
                    let (why, detail) = without_time(undated);
                    CannotTell::Unavailable(why, detail)
                }
                None => self.not_named(did, "there is no release".to_owned()),
            });
        };
        let release = self.dated[newest].0;
        match release.names(did) {
            None => return Err(CannotTell::Read(release)),
            Some(false) => {
                let version = &release.version;
                let detail = format!("the newest release, {version}, does not name the DID");
                return Err(self.not_named(did, detail));
            }
            Some(true) => {}
        }
        let mut first = newest;
        for place in self.named.get(did).into_iter().flatten().rev().skip(1) {
            if place + 1 != first {
                break;
            }
            first = *place;
        }
        self.run_before(first, newest)?.ok_or_else(|| {
            let detail = "a release uploaded in the same second does not name the DID";
            self.not_named(did, detail.to_owned())
        })
    }

    /// Returns that the newest releases do not name the DID: dropped where earlier ones do, and otherwise absent.
    fn not_named(&self, did: &Did, detail: String) -> CannotTell<'a> {
        let by = match self.named.contains_key(did) {
            true => RefutedReason::StatementDropped,
            false => RefutedReason::StatementAbsent,
        };
        CannotTell::Refuted(by, detail)
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
    fn later_than_before(&self, first: usize, last: usize) -> usize {
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
    fn made_by(&self, run: &NamingRun) -> Option<TimelineStatement> {
        let at = self.read_at;
        let mut makers = self.makers_of(run);
        let since = makers.next()?;
        // A registry's clock may run before that of the answer: such a release begins a statement, and repeats none.
        let last = makers.rfind(|made| *made <= at).unwrap_or(since);
        let first_ever = self.dated.first().map(|(release, _)| *release);
        let mut possibly_first = self.undated.iter().copied().chain(first_ever);
        let from_the_beginning =
            run.first == 0 && run.exact && possibly_first.all(|release| !release.withdrawn);
        let matures_at = since + self.maturity;
        let repeated = last >= matures_at;
        let needs_release = !from_the_beginning && !repeated;
        Some(TimelineStatement {
            since,
            since_exact: run.exact,
            matures_at,
            needs_release,
            from_the_beginning,
            repeated,
            mature: !needs_release && at >= matures_at,
        })
    }

    /// Returns the times of the releases of a run that can make a statement: those that are not withdrawn.
    fn makers_of(&self, run: &NamingRun) -> impl DoubleEndedIterator<Item = Timestamp> {
        let releases = self.dated[run.first..=run.last].iter();
        releases
            .filter(|(release, _)| !release.withdrawn)
            .map(|(_, at)| *at)
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
