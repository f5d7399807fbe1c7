//! The outcome of an adapter for an answer, and the outcomes allowed for a fault.

use std::fmt;
use std::time::Duration;

use auths_core::decide::{NoStatement, Obstacle};
use auths_core::ports::NamespaceError;
use auths_core::{Reason, Unavailable, UnavailableReason};

/// The outcome of an adapter, by class.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Seen {
    /// The adapter's answer is yes.
    Yes,
    /// The adapter's answer is no, in these words.
    No(String),
    /// The adapter could not look.
    Unavailable(Unavailable),
    /// The adapter considered its own input unusable.
    Invalid(String),
}

impl From<Unavailable> for Seen {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl From<Obstacle> for Seen {
    fn from(obstacle: Obstacle) -> Self {
        match obstacle {
            Obstacle::Refuted(refuted) => Self::No(refuted.to_string()),
            Obstacle::Unavailable(unavailable) => Self::Unavailable(unavailable),
            other => Self::Invalid(other.to_string()),
        }
    }
}

impl From<NoStatement> for Seen {
    fn from(none: NoStatement) -> Self {
        match none {
            NoStatement::Refuted(refuted) => Self::No(refuted.to_string()),
            NoStatement::Unavailable(unavailable) => Self::Unavailable(unavailable),
            other => Self::Invalid(format!("{other:?}")),
        }
    }
}

impl From<NamespaceError> for Seen {
    fn from(error: NamespaceError) -> Self {
        match error {
            NamespaceError::Unavailable(unavailable) => Self::Unavailable(unavailable),
            other => Self::Invalid(other.to_string()),
        }
    }
}

/// Converts a result: `Ok` is a yes.
impl<T, E: Into<Seen>> From<Result<T, E>> for Seen {
    fn from(result: Result<T, E>) -> Self {
        result.map_or_else(Into::into, |_| Self::Yes)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("yes"),
            Self::No(text) => write!(f, "no: {text}"),
            Self::Unavailable(it) => {
                write!(f, "unavailable ({}): {}", it.reason.name(), it.raw_detail)?;
                match it.retry_after {
                    Some(wait) => write!(f, " (ask again in {}s)", wait.as_secs()),
                    None => Ok(()),
                }
            }
            Self::Invalid(text) => write!(f, "invalid: {text}"),
        }
    }
}

/// The outcomes that an adapter may have for a row of the table.
///
/// ```
/// use auths_core::{Unavailable, UnavailableReason};
/// use auths_testkit::faults::{Expect, Seen};
///
/// let limited = Expect::unavailable(&[UnavailableReason::RateLimited]).after(7);
/// assert!(!limited.allows(&Seen::Yes, &Seen::Yes));
/// let seen = Unavailable::new(UnavailableReason::RateLimited, "status 429");
/// assert!(!limited.allows(&seen.clone().into(), &Seen::Yes));
/// let seen = seen.retry_after(Some(std::time::Duration::from_secs(7)));
/// assert!(limited.allows(&seen.into(), &Seen::Yes));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expect {
    as_good: bool,
    no: bool,
    reasons: &'static [UnavailableReason],
    /// True where the outcome of the bare status is allowed too.
    or_status: bool,
    wait: Wait,
}

/// The wait that the adapter must pass on from the server's `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    Any,
    None,
    About(u64),
}

/// The allowed difference between the clocks of a server and an adapter within a test, in seconds.
const SLACK: u64 = 5;

impl Expect {
    /// Only the outcome of the good answer: the row is no fault.
    pub const GOOD: Self = Self {
        as_good: true,
        ..Self::unavailable(&[])
    };

    /// Only a no: on this route, the row is the registry's own answer.
    pub const NO: Self = Self {
        no: true,
        ..Self::unavailable(&[])
    };

    /// Creates an expectation: unavailable, for one of these reasons.
    #[must_use]
    pub const fn unavailable(reasons: &'static [UnavailableReason]) -> Self {
        Self {
            as_good: false,
            no: false,
            reasons,
            or_status: false,
            wait: Wait::Any,
        }
    }

    /// Allows the outcome of the good answer too.
    #[must_use]
    pub const fn or_good(mut self) -> Self {
        self.as_good = true;
        self
    }

    /// Requires the wait that the server asked for, in seconds.
    #[must_use]
    pub const fn after(mut self, seconds: u64) -> Self {
        self.wait = Wait::About(seconds);
        self
    }

    /// Requires that no wait is passed on, because the server's is not readable.
    #[must_use]
    pub const fn without_wait(mut self) -> Self {
        self.wait = Wait::None;
        self
    }

    /// Returns whether `seen` is allowed, where the good answer has the outcome `good`.
    #[must_use]
    pub fn allows(&self, seen: &Seen, good: &Seen) -> bool {
        match seen {
            Seen::Yes => self.as_good && *good == Seen::Yes,
            Seen::No(_) => self.no || (self.as_good && matches!(good, Seen::No(_))),
            Seen::Unavailable(it) => self.has(it.reason) && self.wait.is(it.retry_after),
            Seen::Invalid(_) => false,
        }
    }

    /// Allows the outcome of the bare status too, for rows whose fault is in the words of an answer.
    pub(super) fn or_status(mut self) -> Self {
        const WORDS: &[UnavailableReason] = &[
            UnavailableReason::Unreadable,
            UnavailableReason::MissingField,
            UnavailableReason::EvidenceMismatch,
        ];
        self.or_status = WORDS.iter().any(|reason| self.reasons.contains(reason));
        self
    }

    fn has(&self, reason: UnavailableReason) -> bool {
        self.reasons.contains(&reason)
            || (self.or_status && reason == UnavailableReason::UnexpectedStatus)
    }

    /// Returns whether only the outcome of the good answer is allowed.
    pub(super) fn is_control(&self) -> bool {
        self.as_good && self.reasons.is_empty()
    }

    /// Returns whether the row may last until a time limit.
    pub(super) fn may_time_out(&self) -> bool {
        self.reasons.contains(&UnavailableReason::Timeout)
    }
}

impl Wait {
    fn is(self, seen: Option<Duration>) -> bool {
        match (self, seen) {
            (Self::Any, _) | (Self::None, None) => true,
            (Self::About(wanted), Some(seen)) => seen.as_secs().abs_diff(wanted) <= SLACK,
            _ => false,
        }
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.as_good {
            parts.push("the outcome of the good answer".to_owned());
        }
        if self.no {
            parts.push("no".to_owned());
        }
        if !self.reasons.is_empty() {
            let of_status = self
                .or_status
                .then_some(&UnavailableReason::UnexpectedStatus);
            let names: Vec<_> = self
                .reasons
                .iter()
                .chain(of_status)
                .map(|w| w.name())
                .collect();
            parts.push(format!("unavailable ({})", names.join(", ")));
        }
        f.write_str(&parts.join(", or "))?;
        match self.wait {
            Wait::Any => Ok(()),
            Wait::None => f.write_str(", without a wait"),
            Wait::About(seconds) => write!(f, ", after {seconds}s"),
        }
    }
}
