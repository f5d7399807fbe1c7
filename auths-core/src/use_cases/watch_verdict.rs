//! The answer of a watch over the statements of a package.

use std::fmt;
use std::time::Duration;

use super::watched_statement::{StatementState, WatchedStatement};
use crate::decide::NoStatement;
use crate::reason::{Reason, Refuted, RefutedReason, Unavailable};

/// The answer of a watch over the statements of a package. A front end words the remedy where it knows a command for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WatchVerdict {
    /// Nothing was expected, and everything was read.
    Shown,
    /// The releases name what was expected, and nothing else.
    AsExpected,
    /// The releases name what was not expected.
    Unexpected {
        /// The DIDs, with the accounts that they are said to speak for.
        subjects: Vec<String>,
    },
    /// A DID that was expected has no statement. Of several, one that another DID contests.
    Gone {
        /// The DID, with the account that it is said to speak for.
        subject: String,
        /// The state of its statement.
        state: StatementState,
        /// What contradicts the statement.
        refuted: Refuted,
    },
    /// Releases that were not read may name others.
    Unread {
        /// Why they were not read.
        why: Unavailable,
        /// True where nothing was expected to be named, and what was read names nobody.
        names_nobody: bool,
    },
    /// What was read does not tell whether a statement stands.
    Open {
        /// What is missing.
        why: Unavailable,
    },
}

impl WatchVerdict {
    /// Weighs the statements. `unread` says why releases that were not read may name others; `is_compared`, whether anything was
    /// expected.
    ///
    /// What was seen against the expectation comes first: what was not read cannot take it back.
    pub(super) fn weigh(
        statements: &[WatchedStatement],
        unread: Option<Unavailable>,
        is_compared: bool,
    ) -> Self {
        let unexpected = statements.iter().filter(|one| one.expected == Some(false));
        let subjects: Vec<_> = unexpected.map(WatchedStatement::subject).collect();
        if !subjects.is_empty() {
            return Self::Unexpected { subjects };
        }
        let expected = statements.iter().filter(|one| one.expected == Some(true));
        let mut gone: Vec<_> = expected.filter(|one| one.state().is_no()).collect();
        gone.sort_by_key(|one| one.state());
        if let Some((one, Err(NoStatement::Refuted(refuted)))) =
            gone.first().map(|one| (one, &one.found))
        {
            return Self::Gone {
                subject: one.subject(),
                state: one.state(),
                refuted: refuted.clone(),
            };
        }
        if let Some(why) = unread {
            let names_nobody = is_compared && statements.is_empty();
            return Self::Unread { why, names_nobody };
        }
        let open = statements.iter().find_map(|one| match &one.found {
            Err(NoStatement::Unavailable(why)) => Some(why.clone()),
            _ => None,
        });
        match (open, is_compared) {
            (Some(why), _) => Self::Open { why },
            (None, true) => Self::AsExpected,
            (None, false) => Self::Shown,
        }
    }

    /// Returns whether the releases contradict what was expected.
    #[must_use]
    pub fn is_no(&self) -> bool {
        matches!(self, Self::Unexpected { .. } | Self::Gone { .. })
    }

    /// Returns the stable code of the reason; `None` where nothing is wrong.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Shown | Self::AsExpected => None,
            Self::Unexpected { .. } => Some(RefutedReason::WrongSubject.code()),
            Self::Gone { refuted, .. } => Some(refuted.reason.code()),
            Self::Unread { why, .. } | Self::Open { why } => Some(why.reason.code()),
        }
    }

    /// Returns the stable name of the reason; `None` where nothing is wrong.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Shown | Self::AsExpected => None,
            Self::Unexpected { .. } => Some(RefutedReason::WrongSubject.name()),
            Self::Gone { refuted, .. } => Some(refuted.reason.name()),
            Self::Unread { why, .. } | Self::Open { why } => Some(why.reason.name()),
        }
    }

    /// Returns the remedy: the action that is open to the holder.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Unexpected { .. } => {
                Some("find out who published those releases; if it was you, expect the DID too")
            }
            Self::Gone { refuted, .. } => Some(refuted.reason.remedy()),
            Self::Unread { why, .. } => Some(why.reason.remedy()),
            Self::Shown | Self::AsExpected | Self::Open { .. } => None,
        }
    }

    /// Returns how long to wait before the releases that were not read are read again, where the registry says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unread { why, .. } => why.retry_after,
            _ => None,
        }
    }
}

impl fmt::Display for WatchVerdict {
    /// Writes what was found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Shown => f.write_str("the statements were read"),
            Self::AsExpected => f.write_str("the releases name what was expected"),
            Self::Unexpected { subjects } => {
                let subjects = subjects.join(", ");
                write!(f, "releases name what was not expected: {subjects}")
            }
            Self::Gone {
                subject,
                state,
                refuted,
            } => write!(f, "{subject} is {}: {refuted}", state.as_str()),
            Self::Unread {
                why,
                names_nobody: true,
            } => write!(f, "no release that can be read names anybody; {why}"),
            Self::Unread { why, .. } | Self::Open { why } => why.fmt(f),
        }
    }
}
