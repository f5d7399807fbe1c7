//! Statements of a timeline about one DID: named since when, mature or not, dropped, or contested.

mod account;
mod contest;
mod view;

use std::time::Duration;

use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::Did;
use crate::reason::{Refuted, Unavailable, UnavailableReason};

use view::CannotTell;
pub(in crate::decide) use view::TimelineView;

pub use account::account_statement;

/// The statement of a timeline about one DID, as of the time when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Statement {
    /// The time of the first release of the unbroken span that names the DID, leaving out withdrawn ones.
    pub since: Timestamp,
    /// True where `since` is exact. Otherwise releases before it were not read, and it may be earlier.
    pub since_exact: bool,
    /// The time when the statement becomes or became mature.
    pub matures_at: Timestamp,
    /// True where waiting is not enough: another release that names the DID must follow, at `matures_at` or later.
    pub needs_release: bool,
    /// True where the statement is there from the package's first release on, as far as the registry shows.
    pub from_the_beginning: bool,
    /// True where its last release came at least the maturity after its first. The statement then does not depend on being there
    /// from the package's first release on.
    pub repeated: bool,
    /// True where the statement was mature when the timeline was read.
    pub mature: bool,
}

/// A reason why a timeline gives no statement for a DID.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoStatement {
    /// The timeline contradicts the statement.
    Refuted(Refuted),
    /// The timeline does not show enough.
    Unavailable(Unavailable),
}

impl NoStatement {
    fn of(timeline: &Timeline, stop: CannotTell<'_>) -> Self {
        match stop {
            CannotTell::Refuted(by, detail) => Self::Refuted(Refuted::new(by, detail)),
            CannotTell::Unavailable(why, detail) => {
                Self::Unavailable(Unavailable::new(why, detail))
            }
            CannotTell::Read(release) => Self::Unavailable(why_unread(timeline, release)),
        }
    }
}

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
) -> Result<Statement, NoStatement> {
    TimelineView::new(timeline, maturity, read_at).uncontested(did, |_| false)
}

/// Returns the release to read next, like [`next_to_read`], for a caller who expects that releases name these DIDs. If no release
/// that was read names one of them, older releases tell whether it was dropped or never there.
#[must_use]
pub fn next_to_read_expecting<'a>(
    timeline: &'a Timeline,
    expected: &[Did],
    maturity: Duration,
    read_at: Timestamp,
) -> Option<&'a str> {
    let next = next_to_read(timeline, maturity, read_at);
    next.or_else(|| {
        let named = timeline.dids();
        let releases = timeline.releases().iter().rev();
        let mut unread = releases.filter(|release| can_be_read(timeline, release));
        let is_open = expected.iter().any(|did| !named.contains(did));
        is_open
            .then(|| unread.next())
            .flatten()
            .map(|r| &*r.version)
    })
}

/// Returns whether reading a release would show something that is not known yet.
fn can_be_read(timeline: &Timeline, release: &Release) -> bool {
    release.dids.is_none() && release.unread.is_none() && !timeline.is_gone(release)
}

/// Returns the release that an adapter must read next, so that every statement of this timeline is known, and also whether one of
/// them contests a DID that no release names; `None` when everything is known.
///
/// Reads from the newest release backwards, and no further than the answer needs. A statement that holds is named by the newest
/// release. All releases of the newest second are read, because their order is not known. A mature DID contests every other DID
/// until it has been absent for the maturity. So the releases of that time are read, and the one before them.
#[must_use]
pub fn next_to_read(timeline: &Timeline, maturity: Duration, read_at: Timestamp) -> Option<&str> {
    let can_be_read = |release: &Release| can_be_read(timeline, release);
    if let Some(unread) = newest(timeline).find(|release| can_be_read(release)) {
        return Some(&unread.version);
    }
    let view = TimelineView::new(timeline, maturity, read_at);
    let missing = |did| match view.told(did) {
        Err(CannotTell::Read(release)) if can_be_read(release) => Some(release),
        _ => None,
    };
    let named = timeline.dids().into_iter().map(Some);
    let next = named.chain([None]).find_map(missing);
    let next = next.or_else(|| account::next_for_accounts(timeline, can_be_read))?;
    Some(&next.version)
}

/// Returns why a DID that this timeline does not show may still have a statement; `None` when every DID whose statement holds, or
/// may yet be found to hold, is among [`Timeline::dids`].
///
/// Releases before the newest second are no reason: a DID that only they name was dropped. A release without a time and without
/// any file left is no reason either, where other releases have a time: it makes no statement for anybody. A release that has
/// files, but whose time could not be read, says so in [`Release::unread`], and may be the newest.
#[must_use]
pub fn may_hide_another(timeline: &Timeline) -> Option<Unavailable> {
    if let Some(unread) = newest(timeline).find(|release| release.dids.is_none()) {
        return Some(why_unread(timeline, unread));
    }
    let undated = || {
        timeline
            .releases()
            .iter()
            .filter(|r| r.uploaded_at.is_none())
    };
    let wrong = |release: &&Release| release.dids.is_none() && release.unread.is_some();
    if let Some(wrong) = undated().find(wrong) {
        return Some(why_unread(timeline, wrong));
    }
    let all_are = undated().count() == timeline.releases().len();
    let (why, detail) = undated().next().filter(|_| all_are).map(without_time)?;
    Some(Unavailable::new(why, detail))
}

/// Returns the releases of the newest second, the last of them first.
fn newest(timeline: &Timeline) -> impl Iterator<Item = &Release> {
    let dated = timeline.releases().iter().rev();
    let mut dated = dated.filter(|r| r.uploaded_at.is_some()).peekable();
    let at = dated.peek().and_then(|r| r.uploaded_at);
    dated.take_while(move |r| r.uploaded_at == at)
}

/// Returns why the metadata of a release was not read.
fn why_unread(timeline: &Timeline, release: &Release) -> Unavailable {
    let version = &release.version;
    if timeline.is_gone(release) {
        let detail = format!("release {version} was deleted, and what it named is gone with it");
        return Unavailable::new(UnavailableReason::ReleaseGone, detail);
    }
    if let Some(wrong) = &release.unread {
        let detail = format!("release {version} cannot be read: {}", wrong.raw_detail);
        return Unavailable::new(wrong.reason, detail);
    }
    timeline.why_stopped().cloned().unwrap_or_else(|| {
        let detail = format!("the metadata of release {version} was not read");
        Unavailable::new(UnavailableReason::RequestBudget, detail)
    })
}

/// Returns the reason for a release without a time: its position is not known.
fn without_time(release: &Release) -> (UnavailableReason, String) {
    let detail = format!("release {} has no upload time", release.version);
    (UnavailableReason::ReleaseWithoutTime, detail)
}

#[cfg(test)]
mod tests;
