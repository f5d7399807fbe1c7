//! Problem details (RFC 9457) for everything that is not a yes.

use std::time::Duration;

use serde::Serialize;

use crate::Timestamp;
use crate::bundle::BundleError;
use crate::claim::{ClaimError, JsonError};
use crate::decide::{Decision, NotAccepted, NotResisting, Obstacle, Outcome};
use crate::grant::{GrantError, GrantIssueError};
use crate::identity::{AccountError, DidError, NamespaceNameError, escape};
use crate::ports::{CiTokenError, StoreError};
use crate::reason::{Invalid, Reason, ReasonRow, RefutedReason, Unavailable, UnavailableReason};
use crate::use_cases::{PublishError, RecordError};

/// The time after which to ask again where nobody gave one, and a later attempt may succeed.
const RETRY_AFTER: Duration = Duration::from_secs(60);

/// The problem details of an answer that is not a yes, as RFC 9457 has them. [`to_response`](Self::to_response) writes it.
///
/// | the answer | status |
/// |---|---|
/// | invalid: what was sent cannot be used | 400 |
/// | refuted, so denied | 403 |
/// | pending: a yes from `ripe_at` on | 409 |
/// | a fault of this program | 500 |
/// | unavailable, so undetermined: never a no | 503 |
///
/// ```
/// use auths_core::decide::Obstacle;
/// use auths_core::problem::ProblemDetails;
/// use auths_core::{Refuted, RefutedReason};
///
/// let no = Obstacle::from(Refuted::new(RefutedReason::NotListed, "pypi:mallory"));
/// let problem = ProblemDetails::from(&no);
/// assert_eq!((problem.status, problem.code), (403, "AUTHS-2014"));
/// assert!(serde_json::to_string(&problem)?.contains("\"type\":\"urn:auths:not-listed\""));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Security
/// Text from outside is in `detail` alone. Hidden characters in it are written out, and tokens are removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProblemDetails {
    /// The kind of problem, as a URI that names its reason: `urn:auths:not-listed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The meaning of the reason. It is the same for every problem of this kind.
    #[serde(rename = "title")]
    pub title: &'static str,
    /// The HTTP status.
    #[serde(rename = "status")]
    pub status: u16,
    /// What was seen, in this case.
    #[serde(rename = "detail")]
    pub detail: String,
    /// The stable code, such as `AUTHS-2014`.
    #[serde(rename = "code")]
    pub code: &'static str,
    /// The outcome; `None` where nothing was decided.
    #[serde(rename = "outcome", skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// The action that is open to the reader.
    #[serde(rename = "remedy")]
    pub remedy: String,
    /// For a pending answer, the earliest time when it can be a yes.
    #[serde(rename = "ripe_at", skip_serializing_if = "Option::is_none")]
    pub ripe_at: Option<Timestamp>,
    /// For a pending answer, whether another release must be published first, because waiting alone is not enough.
    #[serde(rename = "needs_release", skip_serializing_if = "std::ops::Not::not")]
    pub needs_release: bool,
    /// The seconds to wait before asking again, for the header `Retry-After`. `None` where asking again changes nothing.
    #[serde(rename = "retry_after", skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

impl ProblemDetails {
    /// The content type of a problem as JSON.
    pub const CONTENT_TYPE: &'static str = "application/problem+json";

    /// Creates the problem of input that cannot be used. `detail` says what is wrong with it.
    #[must_use]
    pub fn invalid(reason: Invalid, detail: &str) -> Self {
        Self::new(row_of_code(reason.code()), detail)
    }

    /// Creates the problem of a decision that is not a yes. For a yes there is none.
    #[must_use]
    pub fn of(decision: &Decision) -> Option<Self> {
        let mut problem = Self::from(decision.reason()?);
        problem.outcome = Some(decision.outcome());
        if let Some(remedy) = decision.remedy() {
            problem.remedy = escape(remedy).to_string();
        }
        if decision.outcome() == Outcome::Pending {
            problem.status = PENDING;
            problem.ripe_at = decision.ripe_at();
            problem.needs_release = decision.needs_release();
            let wait = problem
                .ripe_at
                .map(|ripe| ripe.since(decision.decided_at()));
            problem.retry_after = wait.map(|wait| wait.as_secs().max(1));
        }
        Some(problem)
    }

    /// Returns the response that tells the problem: its status, its headers and its body, for any web framework.
    ///
    /// ```
    /// use auths_core::problem::ProblemDetails;
    /// use auths_core::{Unavailable, UnavailableReason};
    ///
    /// let why = Unavailable::new(UnavailableReason::Timeout, "the registry");
    /// let (status, headers, body) = ProblemDetails::from(&why).to_response();
    /// assert_eq!(status, 503);
    /// assert!(headers.contains(&("retry-after", "60".to_owned())));
    /// assert!(body.contains("AUTHS-3002"));
    /// ```
    #[must_use]
    pub fn to_response(&self) -> (u16, Vec<(&'static str, String)>, String) {
        let mut headers = vec![("content-type", Self::CONTENT_TYPE.to_owned())];
        headers.extend(
            self.retry_after
                .map(|wait| ("retry-after", wait.to_string())),
        );
        // Every member is text, a number or a truth value, so it can be written.
        let body = serde_json::to_string(self).unwrap_or_default();
        (self.status, headers, body)
    }

    fn new(row: &'static ReasonRow, detail: &str) -> Self {
        Self {
            kind: format!("urn:auths:{}", row.name),
            title: row.meaning,
            status: status(row),
            detail: escape(detail).to_string(),
            code: row.code,
            outcome: None,
            remedy: row.remedy.to_owned(),
            ripe_at: None,
            needs_release: false,
            retry_after: None,
        }
    }
}

/// The status of a pending answer.
const PENDING: u16 = 409;

/// Returns the HTTP status for a reason. `docs/errors.md` shows it beside each.
#[must_use]
pub fn status(row: &ReasonRow) -> u16 {
    match (row.class, row.code) {
        ("invalid", _) => 400,
        ("refuted", code) if code == RefutedReason::Young.code() => PENDING,
        ("refuted", _) => 403,
        (_, code) if code == UnavailableReason::Internal.code() => 500,
        _ => 503,
    }
}

/// Returns what a stranger is told of the details. Those of the server's own stores, keys and sources of revocations name its files:
/// they are for its log.
fn public_detail<'a>(why: &'a Unavailable, row: &'static ReasonRow) -> &'a str {
    match why.reason {
        UnavailableReason::StoreFailed
        | UnavailableReason::KeystoreFailed
        | UnavailableReason::RevocationsUnread
        | UnavailableReason::Internal => row.meaning,
        _ => &why.raw_detail,
    }
}

/// Returns the row of a code. A code that no row has is a mistake of this library.
fn row_of_code(code: &str) -> &'static ReasonRow {
    let rows = [Invalid::ROWS, RefutedReason::ROWS, UnavailableReason::ROWS];
    let found = rows.into_iter().flatten().find(|row| row.code == code);
    found.unwrap_or(&UnavailableReason::ROWS[UnavailableReason::ROWS.len() - 1])
}

impl From<&Obstacle> for ProblemDetails {
    fn from(obstacle: &Obstacle) -> Self {
        match obstacle {
            Obstacle::Refuted(refuted) => {
                Self::new(row_of_code(refuted.code()), &refuted.raw_detail)
            }
            Obstacle::Unavailable(why) => Self::from(why),
        }
    }
}

impl From<&Unavailable> for ProblemDetails {
    fn from(why: &Unavailable) -> Self {
        let row = row_of_code(why.code());
        let given = why
            .retry_after
            .or(why.is_retryable().then_some(RETRY_AFTER));
        Self {
            retry_after: given.map(|wait| wait.as_secs().max(1)),
            ..Self::new(row, public_detail(why, row))
        }
    }
}

impl From<&NotAccepted> for ProblemDetails {
    fn from(NotAccepted(decision): &NotAccepted) -> Self {
        let unsaid = || {
            let detail = "the decision gives no reason";
            Self::from(&Unavailable::new(UnavailableReason::Internal, detail))
        };
        Self::of(decision).unwrap_or_else(unsaid)
    }
}

impl From<&ClaimError> for ProblemDetails {
    fn from(error: &ClaimError) -> Self {
        match error {
            ClaimError::Refuted(refuted) => Self::from(&Obstacle::from(refuted.clone())),
            ClaimError::Unavailable(why) => Self::from(why),
            other => Self::new(row_of_code(other.code()), &other.to_string()),
        }
    }
}

impl From<&GrantError> for ProblemDetails {
    fn from(error: &GrantError) -> Self {
        match error {
            GrantError::Refuted(refuted) => Self::from(&Obstacle::from(refuted.clone())),
            GrantError::Unavailable(why) => Self::from(why),
            GrantError::Malformed { .. } => {
                Self::new(row_of_code(error.code()), &error.to_string())
            }
        }
    }
}

impl From<&GrantIssueError> for ProblemDetails {
    /// Converts a key that cannot sign to a fault of the server: whoever asks it has sent nothing wrong.
    fn from(error: &GrantIssueError) -> Self {
        match error {
            GrantIssueError::Refuted(refuted) => Self::from(&Obstacle::from(refuted.clone())),
            GrantIssueError::NotResisting(not) => Self::from(not),
            GrantIssueError::Signer(_) | GrantIssueError::Entropy(_) => {
                let why = error.to_string();
                Self::from(&Unavailable::new(UnavailableReason::KeystoreFailed, why))
            }
            GrantIssueError::Invalid { .. } => {
                Self::new(row_of_code(error.code()), &error.to_string())
            }
        }
    }
}

impl From<&CiTokenError> for ProblemDetails {
    /// Converts the reason alone. Of the token and of the issuers nothing is told: the error itself is for the log.
    fn from(error: &CiTokenError) -> Self {
        let told = match error {
            CiTokenError::Refuted(refuted) => Self::from(&Obstacle::from(refuted.clone())),
            CiTokenError::Unavailable(why) => Self::from(why),
            CiTokenError::Invalid { .. } => Self::new(row_of_code(error.code()), ""),
        };
        Self {
            detail: told.title.to_owned(),
            ..told
        }
    }
}

impl From<&PublishError> for ProblemDetails {
    fn from(error: &PublishError) -> Self {
        match error {
            PublishError::Token(error) => Self::from(error),
            PublishError::NotAccepted(error) => Self::from(error),
            PublishError::Claim(refuted) => Self::from(&Obstacle::from(refuted.clone())),
            PublishError::TokenUse(obstacle) | PublishError::Pin { obstacle, .. } => {
                Self::from(&**obstacle)
            }
            PublishError::Grant(error) => Self::from(error),
            PublishError::Packages(_) => Self::new(row_of_code(error.code()), &error.to_string()),
        }
    }
}

impl From<&StoreError> for ProblemDetails {
    /// Converts to a fault of the server: whoever asks it has sent nothing wrong.
    fn from(error: &StoreError) -> Self {
        Self::from(&Unavailable::from(error))
    }
}

impl From<&RecordError> for ProblemDetails {
    fn from(error: &RecordError) -> Self {
        Self::from(&Unavailable::from(error))
    }
}

/// Errors that are their text and their code.
macro_rules! from_coded {
    ($($error:ty)*) => { $(
        impl From<&$error> for ProblemDetails {
            fn from(error: &$error) -> Self {
                Self::new(row_of_code(error.code()), &error.to_string())
            }
        }
    )* };
}

from_coded! { BundleError JsonError DidError NamespaceNameError AccountError NotResisting }

macro_rules! from_owned {
    ($($error:ty)*) => { $(
        impl From<$error> for ProblemDetails {
            fn from(error: $error) -> Self {
                Self::from(&error)
            }
        }
    )* };
}

from_owned! {
    Obstacle Unavailable NotAccepted ClaimError StoreError RecordError
    BundleError JsonError DidError NamespaceNameError AccountError NotResisting GrantError GrantIssueError
    CiTokenError PublishError
}
