//! What needs attention about a stored link.

use std::fmt;

use crate::Timestamp;
use crate::identity::{Account, escape};
use crate::reason::{Obstacle, Reason, Refuted, RefutedReason, Unavailable};

/// Something that needs attention about a link. A front end words the remedy where it knows a command for it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LinkFinding {
    /// The claim's life has ended, and no later claim replaces it.
    Expired {
        /// The claimed account.
        account: Account,
        /// The end.
        at: Timestamp,
    },
    /// The claim ends within [`LinkReviewer::SOON`](super::LinkReviewer::SOON), and no later claim replaces it.
    ExpiringSoon {
        /// The claimed account.
        account: Account,
        /// The end.
        at: Timestamp,
    },
    /// No gist of the claim is known. Publishing it was interrupted, or its answer was lost; one may exist.
    Unpublished {
        /// The claimed account.
        account: Account,
    },
    /// The account has another login now. Its number is what counts.
    Renamed {
        /// The account as the claim names it.
        account: Account,
        /// The account as its platform names it now.
        now: Account,
    },
    /// The account has another login now, and another account has the old one.
    LoginReregistered {
        /// The account as the claim names it.
        account: Account,
        /// The account as its platform names it now.
        now: Account,
        /// Who has the old login.
        other: String,
    },
    /// Something was seen that contradicts the link: the claim was revoked, its gist was deleted or edited, its package has other
    /// owners.
    Refuted {
        /// What was seen.
        refuted: Refuted,
        /// A remedy for just this case, such as whom to remove from a package.
        remedy: Option<String>,
    },
    /// Something could not be read. It says nothing about the link.
    Unavailable(Unavailable),
}

/// What a finding means for a link. A later one is worse: what could not be found out may be anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingOutcome {
    /// The link holds, and something should be done or known.
    Notice,
    /// The link does not hold.
    Refuted,
    /// It could not be found out.
    Unavailable,
}

impl LinkFinding {
    /// Returns the stable name: `expired`, `expiring-soon`, `unpublished`, `renamed`, `login-reregistered`, `unavailable`, or the
    /// name of the [`RefutedReason`], such as `revoked` or `gist-deleted`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Expired { .. } => RefutedReason::Expired.name(),
            Self::ExpiringSoon { .. } => "expiring-soon",
            Self::Unpublished { .. } => "unpublished",
            Self::Renamed { .. } => "renamed",
            Self::LoginReregistered { .. } => RefutedReason::LoginReregistered.name(),
            Self::Refuted { refuted, .. } => refuted.reason.name(),
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// Returns what the finding means for the link.
    #[must_use]
    pub fn outcome(&self) -> FindingOutcome {
        match self {
            Self::Expired { .. } | Self::Refuted { .. } => FindingOutcome::Refuted,
            Self::Unavailable(_) => FindingOutcome::Unavailable,
            _ => FindingOutcome::Notice,
        }
    }

    /// Returns the stable code of the reason; `None` for a notice.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Expired { .. } => Some(RefutedReason::Expired.code()),
            Self::Refuted { refuted, .. } => Some(refuted.code()),
            Self::Unavailable(why) => Some(why.code()),
            _ => None,
        }
    }

    /// Returns the stable name of the reason; `None` for a notice.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self {
            Self::Expired { .. } => Some(RefutedReason::Expired.name()),
            Self::Refuted { refuted, .. } => Some(refuted.reason.name()),
            Self::Unavailable(why) => Some(why.reason.name()),
            _ => None,
        }
    }

    /// Returns the remedy: the action that is open to the holder.
    #[must_use]
    pub fn remedy(&self) -> &str {
        match self {
            Self::Expired { .. } | Self::ExpiringSoon { .. } => "sign a new claim to the account",
            Self::Unpublished { .. } => {
                "look for it among the account's gists, and publish the claim anew"
            }
            Self::Renamed { .. } | Self::LoginReregistered { .. } => {
                "nothing is lost: the account is told by its number"
            }
            Self::Refuted { refuted, remedy } => {
                remedy.as_deref().unwrap_or(refuted.reason.remedy())
            }
            Self::Unavailable(why) => why.reason.remedy(),
        }
    }
}

impl From<Obstacle> for LinkFinding {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Refuted(refuted) => Self::Refuted {
                refuted,
                remedy: None,
            },
            Obstacle::Unavailable(why) => Self::Unavailable(why),
        }
    }
}

impl fmt::Display for LinkFinding {
    /// Writes what was found.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { account, at } => write!(f, "the claim to {account} ended {at}"),
            Self::ExpiringSoon { account, at } => write!(f, "the claim to {account} ends {at}"),
            Self::Unpublished { account } => write!(
                f,
                "no gist is known that holds the claim to {account}: publishing it did not end well, and one may be there \
                 nevertheless"
            ),
            Self::Renamed { account, now } => {
                write!(f, "{account} is called {} now", now.login())
            }
            Self::LoginReregistered {
                account,
                now,
                other,
            } => write!(
                f,
                "{account} is called {} now, and another account has the old one: {}",
                now.login(),
                escape(other)
            ),
            Self::Refuted { refuted, .. } => refuted.fmt(f),
            Self::Unavailable(why) => why.fmt(f),
        }
    }
}
