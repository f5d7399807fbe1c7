//! What a timeline says about one DID: named since when, mature or not, dropped, or contested.

mod account;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::Did;
use crate::outcome::{Refutation, Refuted, Unavailable, Why};

pub use account::account_statement;

/// What a timeline says about one DID, as of the time it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// The first release of the unbroken span that names the DID, withdrawn ones left out.
    pub since: Timestamp,
    /// Whether `since` is exact; otherwise releases before it were not read, and it may be earlier.
    pub since_exact: bool,
    /// When it is or was mature.
    pub matures_at: Timestamp,
    /// Whether waiting is not enough: another release that names the DID must follow, at `matures_at` or later.
    pub needs_release: bool,
    /// Whether it is there from the package's first release on, as far as the registry shows.
    pub from_the_beginning: bool,
    /// Whether its last release came the maturity after its first, so that it does not rest on being there from the
    /// package's first release on.
    pub repeated: bool,
    /// Whether it was mature when the timeline was read.
    pub mature: bool,
}

/// Why a timeline gives no statement for a DID.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoStatement {
    /// The timeline speaks against it.
    Refuted(Refuted),
    /// The timeline cannot say.
    Unavailable(Unavailable),
}

/// Reads the statement for `did` out of a timeline that was read at `read_at`.
///
/// # Errors
/// [`NoStatement`] when the newest release or the default version does not name the DID, another DID's statement stands
/// against it, or something needed was not read.
pub fn statement(
    timeline: &Timeline,
    did: &Did,
    maturity: Duration,
    read_at: Timestamp,
) -> Result<Statement, NoStatement> {
    let view = View::new(timeline, maturity, read_at);
    view.statement(did).map_err(|stop| match stop {
        Stop::Refuted(by, detail) => NoStatement::Refuted(Refuted::new(by, detail)),
        Stop::Unavailable(why, detail) => NoStatement::Unavailable(Unavailable::new(why, detail)),
        Stop::Read(release) => NoStatement::Unavailable(why_unread(timeline, release)),
    })
}

/// Which release an adapter must read next, so that every statement of this timeline can be told; `None` when all can.
///
/// Reads from the newest release backwards, and no further than the answer needs. A statement that stands is named by the
/// newest release, so that all releases of the newest second are read: which of them came last is not known.
#[must_use]
pub fn next_to_read(timeline: &Timeline, maturity: Duration, read_at: Timestamp) -> Option<&str> {
    let can_be_read = |release: &Release| {
        release.dids.is_none() && release.unread.is_none() && !timeline.is_gone(release)
    };
    if let Some(unread) = newest(timeline).find(|release| can_be_read(release)) {
        return Some(&unread.version);
    }
    let view = View::new(timeline, maturity, read_at);
    let for_a_did = |did| match view.statement(did) {
        Err(Stop::Read(release)) if can_be_read(release) => Some(release),
        _ => None,
    };
    let next = timeline.dids().into_iter().find_map(for_a_did);
    let next = next.or_else(|| account::next_for_accounts(timeline, can_be_read))?;
    Some(&next.version)
}

/// Why a DID that this timeline does not show may have a statement all the same; `None` when every DID whose statement stands,
/// or may yet be told to, is among [`Timeline::dids`].
///
/// Releases before the newest second are no reason: what only they name was dropped.
#[must_use]
pub fn may_hide_another(timeline: &Timeline) -> Option<Unavailable> {
    if let Some(unread) = newest(timeline).find(|release| release.dids.is_none()) {
        return Some(why_unread(timeline, unread));
    }
    let undated = timeline.releases().iter().find(|r| r.uploaded_at.is_none());
    let (why, detail) = undated.map(without_time)?;
    Some(Unavailable::new(why, detail))
}

/// The releases of the newest second, the last of them first.
fn newest(timeline: &Timeline) -> impl Iterator<Item = &Release> {
    let dated = timeline.releases().iter().rev();
    let mut dated = dated.filter(|r| r.uploaded_at.is_some()).peekable();
    let at = dated.peek().and_then(|r| r.uploaded_at);
    dated.take_while(move |r| r.uploaded_at == at)
}

/// Why the metadata of a release was not read.
fn why_unread(timeline: &Timeline, release: &Release) -> Unavailable {
    let version = &release.version;
    if timeline.is_gone(release) {
        let detail = format!("release {version} was deleted, and what it named is gone with it");
        return Unavailable::new(Why::ReleaseGone, detail);
    }
    if let Some(wrong) = &release.unread {
        let detail = format!("release {version} cannot be read: {}", wrong.detail);
        return Unavailable::new(wrong.why, detail);
    }
    timeline.why_stopped().cloned().unwrap_or_else(|| {
        let detail = format!("the metadata of release {version} was not read");
        Unavailable::new(Why::RequestBudget, detail)
    })
}

/// Nobody knows where a release without a time stands.
fn without_time(release: &Release) -> (Why, String) {
    let detail = format!("release {} has no upload time", release.version);
    (Why::ReleaseWithoutTime, detail)
}

/// The timeline with its undated releases set apart.
struct View<'a> {
    /// Oldest first. Where uploads share a second, their order is unknown: see `run_ending_at`.
    releases: Vec<&'a Release>,
    undated: Option<&'a Release>,
    timeline: &'a Timeline,
    maturity: Duration,
    read_at: Timestamp,
}

enum Stop<'a> {
    Refuted(Refutation, String),
    Unavailable(Why, String),
    /// This release must be read first.
    Read(&'a Release),
}

/// Whose run it is that is looked for: what a deleted release named is taken to be what helps the asker least.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// The DID that is asked about: a deleted release did not name it.
    Asker,
    /// Another one, which may stand against it: a deleted release may have named it.
    Other,
}

/// Consecutive releases that name one DID: indices `first..=last`, the one before `first` not naming it or not read.
struct Run {
    first: usize,
    last: usize,
    /// Whether the release before `first` is known not to name it, or there is none.
    exact: bool,
}

impl<'a> View<'a> {
    fn new(timeline: &'a Timeline, maturity: Duration, read_at: Timestamp) -> Self {
        let all = timeline.releases();
        #[cfg(test)]
        crate::work::went_through(all.len());
        Self {
            releases: all.iter().filter(|r| r.uploaded_at.is_some()).collect(),
            undated: all.iter().find(|r| r.uploaded_at.is_none()),
            timeline,
            maturity,
            read_at,
        }
    }

    fn time(&self, index: usize) -> Timestamp {
        // Undated releases were filtered out.
        self.releases[index].uploaded_at.unwrap_or(self.read_at)
    }

    fn statement(&self, did: &Did) -> Result<Statement, Stop<'a>> {
        let run = self.current_run(did)?;
        self.check_default(did, &run)?;
        if let Some((why, detail)) = self.undated.map(without_time) {
            return Err(Stop::Unavailable(why, detail));
        }
        let statement = self.span(&run, self.read_at);
        if !run.exact && !statement.as_ref().is_some_and(|s| s.mature) {
            return Err(self.read_before(&run));
        }
        let statement = statement.ok_or_else(|| {
            let detail = "only withdrawn releases name the DID".to_owned();
            Stop::Refuted(Refutation::StatementAbsent, detail)
        })?;
        self.check_contested(did, &run, statement.mature)?;
        Ok(statement)
    }

    /// The unbroken run that reaches the newest release.
    fn current_run(&self, did: &Did) -> Result<Run, Stop<'a>> {
        let releases = self.timeline.releases();
        let named_before = releases.iter().any(|r| r.names(did) == Some(true));
        let absent = |detail: &str| {
            let by = if named_before {
                Refutation::StatementDropped
            } else {
                Refutation::StatementAbsent
            };
            Stop::Refuted(by, detail.to_owned())
        };
        let Some(newest) = self.releases.len().checked_sub(1) else {
            return Err(match self.undated {
                Some(undated) => {
                    let (why, detail) = without_time(undated);
                    Stop::Unavailable(why, detail)
                }
                None => absent("there is no release"),
            });
        };
        match self.releases[newest].names(did) {
            None => return Err(Stop::Read(self.releases[newest])),
            Some(false) => {
                let detail = format!(
                    "the newest release, {}, does not name the DID",
                    self.releases[newest].version
                );
                return Err(absent(&detail));
            }
            Some(true) => {}
        }
        self.run_ending_at(newest, did, Of::Asker)?
            .ok_or_else(|| absent("a release uploaded in the same second does not name the DID"))
    }

    /// The longest run of releases naming `did` that ends at `last`; `None` when `last` does not name it.
    ///
    /// Uploads of one second have no known order, so one of them that does not name the DID breaks the run before any of
    /// them; one that was not read must be read, for it may. One that was deleted counts as `of` says.
    fn run_ending_at(&self, last: usize, did: &Did, of: Of) -> Result<Option<Run>, Stop<'a>> {
        let mut first = last + 1;
        let mut exact = true;
        for index in (0..=last).rev() {
            let release = self.releases[index];
            let breaks = of == Of::Asker && self.timeline.is_gone(release);
            match release.names(did).or(breaks.then_some(false)) {
                Some(true) => first = index,
                Some(false) => {
                    while first <= last && self.time(first) == self.time(index) {
                        first += 1;
                    }
                    break;
                }
                None if first <= last && self.time(first) == self.time(index) => {
                    return Err(Stop::Read(self.releases[index]));
                }
                None => {
                    exact = false;
                    break;
                }
            }
        }
        Ok((first <= last).then_some(Run { first, last, exact }))
    }

    /// The release before a run must be read first.
    fn read_before(&self, run: &Run) -> Stop<'a> {
        Stop::Read(self.releases[run.first - 1])
    }

    /// The statement that a run makes, as of `at`. Withdrawn releases make none.
    fn span(&self, run: &Run, at: Timestamp) -> Option<Statement> {
        self.span_over(run, at, |release| !release.withdrawn)
    }

    /// The statement that those releases of a run make which count.
    fn span_over(
        &self,
        run: &Run,
        at: Timestamp,
        counts: impl Fn(&Release) -> bool,
    ) -> Option<Statement> {
        let makers = || {
            (run.first..=run.last)
                .filter(|i| counts(self.releases[*i]))
                .map(|i| self.time(i))
                .filter(|t| *t <= at)
        };
        let (since, last) = (makers().next()?, makers().next_back()?);
        let from_the_beginning = run.first == 0 && run.exact && counts(self.releases[0]);
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
    fn check_default(&self, did: &Did, run: &Run) -> Result<(), Stop<'a>> {
        let Some(version) = self.timeline.default_version() else {
            let detail = "the registry does not say which version installers pick".to_owned();
            return Err(Stop::Unavailable(Why::MissingField, detail));
        };
        match self.releases.iter().position(|r| r.version == version) {
            Some(index) if index >= run.first => Ok(()),
            Some(index) if self.releases[index].names(did).is_none() && !run.exact => {
                Err(self.read_before(run))
            }
            Some(_) => {
                let detail = format!(
                    "installers pick {version}, which lies outside the releases that name the DID"
                );
                Err(Stop::Refuted(Refutation::DefaultOutside, detail))
            }
            None => {
                let detail =
                    format!("installers pick {version}, which is not among the dated releases");
                Err(Stop::Unavailable(Why::Unreadable, detail))
            }
        }
    }

    /// No other DID may have been mature when this one appeared, unless it has been absent for the maturity since.
    ///
    /// Withdrawn releases count for the other DID: whoever can withdraw them must not end a contest by it. A gap shorter
    /// than the maturity is no absence: the runs on both sides of it stand against a newcomer between them.
    fn check_contested(&self, did: &Did, run: &Run, mature: bool) -> Result<(), Stop<'a>> {
        let appeared = self.time(run.first);
        // Where each other DID is named next, later than the release looked at; at the latest, when this was read.
        let mut named_next: BTreeMap<&Did, Timestamp> = BTreeMap::new();
        let mut earliest_named = self.read_at;
        // From the newest back to where every other DID has been absent for the maturity.
        for last in (0..self.releases.len()).rev() {
            let ends_at = if last + 1 < self.releases.len() {
                self.time(last + 1)
            } else {
                self.read_at + self.maturity
            };
            if ends_at <= earliest_named - self.maturity {
                break;
            }
            let Some(dids) = &self.releases[last].dids else {
                // By when a young statement is mature, it has been away for the maturity, whomever it named.
                if !mature && self.timeline.is_gone(self.releases[last]) {
                    continue;
                }
                return Err(Stop::Read(self.releases[last]));
            };
            for other in dids.iter().filter(|other| *other != did) {
                let continues = last + 1 < self.releases.len()
                    && self.releases[last + 1].names(other) == Some(true);
                let next = named_next.get(other).copied().unwrap_or(self.read_at);
                if continues || ends_at <= next - self.maturity {
                    continue;
                }
                let Some(theirs) = self.run_ending_at(last, other, Of::Other)? else {
                    named_next.insert(other, self.time(last));
                    earliest_named = earliest_named.min(self.time(last));
                    continue;
                };
                let before_us = self.span_over(&theirs, appeared, |_| true);
                if theirs.first < run.first && before_us.is_some_and(|s| s.mature) {
                    let detail = format!("{other} was named and mature before this DID appeared");
                    return Err(Stop::Refuted(Refutation::StatementContested, detail));
                }
                if !theirs.exact {
                    return Err(self.read_before(&theirs));
                }
                let since = self.time(theirs.first);
                named_next.insert(other, since);
                earliest_named = earliest_named.min(since);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
