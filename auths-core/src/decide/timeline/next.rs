//! The releases that must be read before every statement of a timeline is known.

use std::time::Duration;

use super::account::next_for_accounts;
use super::statements::{CannotTell, why_unread, without_time};
use super::view::TimelineView;
use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::identity::Did;
use crate::reason::Unavailable;

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
        if expected.iter().all(|did| named.contains(did)) {
            return None;
        }
        let mut releases = timeline.releases().iter().rev();
        let unread = releases.find(|release| can_be_read(timeline, release))?;
        Some(&*unread.version)
    })
}

/// Returns the release that an adapter must read next, so that every statement of this timeline is known, and also whether one of
/// them contests a DID that no release names; `None` when everything is known.
///
/// Reads from the newest release backwards, and no further than the answer needs. A statement that holds is named by the newest
/// release. All releases of the newest second are read, because their order is not known. A mature DID contests every other DID
/// until it has been absent for the maturity. So the releases of that time are read, and the one before them.
#[must_use]
pub fn next_to_read(timeline: &Timeline, maturity: Duration, read_at: Timestamp) -> Option<&str> {
    if let Some(unread) = newest(timeline).find(|release| can_be_read(timeline, release)) {
        return Some(&unread.version);
    }
    let view = TimelineView::new(timeline, maturity, read_at);
    let named = timeline.dids().into_iter().map(Some);
    for did in named.chain([None]) {
        if let Err(CannotTell::Read(release)) = view.ensure_known(did)
            && can_be_read(timeline, release)
        {
            return Some(&release.version);
        }
    }
    let next = next_for_accounts(timeline, |release| can_be_read(timeline, release))?;
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
    let releases = timeline.releases().iter();
    let undated: Vec<&Release> = releases.filter(|r| r.uploaded_at.is_none()).collect();
    let mut unread = undated.iter().filter(|r| r.dids.is_none());
    if let Some(wrong) = unread.find(|release| release.unread.is_some()) {
        return Some(why_unread(timeline, wrong));
    }
    if undated.len() < timeline.releases().len() {
        return None;
    }
    let (why, detail) = without_time(undated.first()?);
    Some(Unavailable::new(why, detail))
}

/// Returns whether reading a release would show something that is not known yet.
fn can_be_read(timeline: &Timeline, release: &Release) -> bool {
    release.dids.is_none() && release.unread.is_none() && !timeline.is_gone(release)
}

/// Returns the releases of the newest second, the last of them first.
fn newest(timeline: &Timeline) -> impl Iterator<Item = &Release> {
    let dated = timeline.releases().iter().rev();
    let mut dated = dated.filter(|r| r.uploaded_at.is_some()).peekable();
    let at = dated.peek().and_then(|r| r.uploaded_at);
    dated.take_while(move |r| r.uploaded_at == at)
}
