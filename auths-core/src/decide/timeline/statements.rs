//! What the releases of a package say of one DID or account: a statement, or why there is none.

use crate::Timestamp;
use crate::evidence::{Release, Timeline};
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// The statement of a timeline about one DID, as of the time when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimelineStatement {
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

impl From<NoStatement> for Obstacle {
    fn from(none: NoStatement) -> Self {
        match none {
            NoStatement::Refuted(refuted) => Self::Refuted(refuted),
            NoStatement::Unavailable(why) => Self::Unavailable(why),
        }
    }
}

/// A reason why there is no statement, or none yet. What is only asked in passing is not made into a whole reason.
#[derive(Debug)]
pub(super) enum CannotTell<'a> {
    Refuted(RefutedReason, String),
    Unavailable(UnavailableReason, String),
    /// This release must be read first.
    Read(&'a Release),
}

impl CannotTell<'_> {
    /// Returns the reason for the reader of the answer.
    pub(super) fn explained(self, timeline: &Timeline) -> NoStatement {
        match self {
            Self::Refuted(by, detail) => NoStatement::Refuted(Refuted::new(by, detail)),
            Self::Unavailable(why, detail) => {
                NoStatement::Unavailable(Unavailable::new(why, detail))
            }
            Self::Read(release) => NoStatement::Unavailable(why_unread(timeline, release)),
        }
    }
}

/// Returns why the metadata of a release was not read.
pub(super) fn why_unread(timeline: &Timeline, release: &Release) -> Unavailable {
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
pub(super) fn without_time(release: &Release) -> (UnavailableReason, String) {
    let detail = format!("release {} has no upload time", release.version);
    (UnavailableReason::ReleaseWithoutTime, detail)
}
