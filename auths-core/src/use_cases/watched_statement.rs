//! What the releases of a package say of one DID, beside what was expected.

use crate::Timestamp;
use crate::decide::{NoStatement, TimelineStatement};
use crate::identity::{Account, Did};
use crate::reason::{Reason, RefutedReason};

/// The state of a statement, in the words of answers. A no that another DID causes comes before one where a DID is only gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum StatementState {
    /// The statement counts.
    Mature,
    /// The statement stands, and is too new to count.
    Young,
    /// Another DID contests the statement.
    Contested,
    /// The newest release does not name the DID any more.
    Dropped,
    /// The version that installers pick does not name the DID.
    DefaultOutside,
    /// No release that was read names the DID so, or not all of them do that must.
    Absent,
    /// What was read does not tell.
    Undetermined,
}

impl StatementState {
    /// Returns the stable name, such as `default-outside`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mature => "mature",
            Self::Young => "young",
            Self::Contested => "contested",
            Self::Dropped => "dropped",
            Self::DefaultOutside => "default-outside",
            Self::Absent => "absent",
            Self::Undetermined => "undetermined",
        }
    }

    /// Returns whether the releases contradict the statement.
    #[must_use]
    pub fn is_no(self) -> bool {
        !matches!(self, Self::Mature | Self::Young | Self::Undetermined)
    }
}

/// What the releases of a package say of one DID: for the package, or for an account.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WatchedStatement {
    /// The DID.
    pub did: Did,
    /// The account that the DID is said to speak for, in an account statement.
    pub account: Option<Account>,
    /// The statement, or why there is none.
    pub found: Result<TimelineStatement, NoStatement>,
    /// The time when the statement becomes or became mature. `None` where waiting was not enough, and only a release is missing.
    pub matures_at: Option<Timestamp>,
    /// Whether the DID was expected in this role; `None` where nothing was expected.
    pub expected: Option<bool>,
    /// True where the DID was expected to speak for an account, and no release says so of any.
    pub(super) is_of_no_account: bool,
}

impl WatchedStatement {
    pub(super) fn new(
        did: &Did,
        account: Option<Account>,
        found: Result<TimelineStatement, NoStatement>,
        read_at: Timestamp,
    ) -> Self {
        let matures_at = found.as_ref().ok().and_then(|found| {
            let is_over = found.needs_release && found.matures_at <= read_at;
            (!is_over).then_some(found.matures_at)
        });
        Self {
            did: did.clone(),
            account,
            found,
            matures_at,
            expected: None,
            is_of_no_account: false,
        }
    }

    /// Returns the state.
    #[must_use]
    pub fn state(&self) -> StatementState {
        match &self.found {
            Ok(found) if found.mature => StatementState::Mature,
            Ok(_) => StatementState::Young,
            Err(NoStatement::Refuted(refuted)) => match refuted.reason {
                RefutedReason::StatementContested => StatementState::Contested,
                RefutedReason::StatementDropped => StatementState::Dropped,
                RefutedReason::DefaultOutside => StatementState::DefaultOutside,
                _ => StatementState::Absent,
            },
            Err(NoStatement::Unavailable(_)) => StatementState::Undetermined,
        }
    }

    /// Returns the DID, and the account that it is said to speak for, in words. The account's server is the package's.
    #[must_use]
    pub fn subject(&self) -> String {
        match &self.account {
            None => self.did.to_string(),
            Some(account) => format!(
                "{} for {}:{}",
                self.did,
                account.platform(),
                account.login()
            ),
        }
    }

    /// Returns whether the statement is about an account, or was expected to be.
    pub(super) fn is_of_an_account(&self) -> bool {
        self.account.is_some() || self.is_of_no_account
    }

    /// Returns the stable code of the reason why there is no statement.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self.found.as_ref().err()? {
            NoStatement::Refuted(refuted) => Some(refuted.reason.code()),
            NoStatement::Unavailable(why) => Some(why.reason.code()),
        }
    }

    /// Returns the stable name of the reason why there is no statement.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        match self.found.as_ref().err()? {
            NoStatement::Refuted(refuted) => Some(refuted.reason.name()),
            NoStatement::Unavailable(why) => Some(why.reason.name()),
        }
    }

    /// Returns why there is no statement, in words.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        match self.found.as_ref().err()? {
            NoStatement::Refuted(refuted) => Some(refuted.to_string()),
            NoStatement::Unavailable(why) => Some(why.to_string()),
        }
    }
}
