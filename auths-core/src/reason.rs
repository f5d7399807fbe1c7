//! The four answers, and the reasons why an answer is not a yes: closed lists, each reason with a stable code and a remedy.
//!
//! There are three classes, and they never mix. **Refuted**: what was seen contradicts the claim; this is final, for what was
//! seen. **Unavailable**: the evidence could not be seen; ask again. **Invalid**: the caller's input cannot be used. An empty,
//! missing or unreadable answer is always unavailable: never a no, and never a yes.
//!
//! Three refutations say that what was seen is not enough, or not enough yet, and contradicts nothing: [`RefutedReason::Young`],
//! in a pending answer, [`RefutedReason::Resisted`] and [`RefutedReason::NoChain`]. More evidence, or time, may turn them into a
//! yes.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::identity::{EscapedText, OriginError, escape};
use crate::tokens::hide_tokens;

pub use crate::codes::{Invalid, Reason, ReasonRow, RefutedReason, UnavailableReason, all_reasons};

/// An answer that could not be seen: the reason, the detail, and when to ask again. Its display form writes hidden characters
/// out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}: {}", escape(raw_detail))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Unavailable {
    /// The reason why it could not be seen.
    #[serde(rename = "reason")]
    pub reason: UnavailableReason,
    /// The detail: what was asked and what was seen, unescaped. Text from outside may be in it. For people, use
    /// [`detail`](Self::detail).
    #[serde(rename = "detail")]
    pub raw_detail: String,
    /// The time to wait before asking again, when the server gave one.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

impl Unavailable {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// Creates one from a reason and a detail. Tokens are removed from the detail ([`tokens`](crate::tokens)).
    #[must_use]
    pub fn new(reason: UnavailableReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            raw_detail: without_tokens(detail.into()),
            retry_after: None,
        }
    }

    /// Creates the reason for an answer without a field that is needed: [`UnavailableReason::MissingField`].
    ///
    /// ```
    /// use auths_core::Unavailable;
    ///
    /// let why = Unavailable::missing_field("owners");
    /// assert_eq!(why.raw_detail, "the answer has no owners");
    /// ```
    #[must_use]
    pub fn missing_field(field: impl fmt::Display) -> Self {
        let detail = format!("the answer has no {field}");
        Self::new(UnavailableReason::MissingField, detail)
    }

    /// Creates the reason for an answer that is not in the documented form: [`UnavailableReason::Unreadable`]. The detail says
    /// what is wrong with it.
    #[must_use]
    pub fn unreadable(detail: impl fmt::Display) -> Self {
        Self::new(UnavailableReason::Unreadable, detail.to_string())
    }

    /// Returns what was asked and seen, with hidden characters written out ([`escape`]).
    #[must_use]
    pub fn detail(&self) -> EscapedText<'_> {
        escape(&self.raw_detail)
    }

    /// Sets how long the server asks to wait.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Self {
        self.retry_after = wait;
        self
    }

    /// Returns whether a later attempt may succeed although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.reason,
            UnavailableReason::Network
                | UnavailableReason::Timeout
                | UnavailableReason::RateLimited
                | UnavailableReason::ServerError
                | UnavailableReason::Truncated
                | UnavailableReason::SerialRegressed
                | UnavailableReason::RevocationsUnread
                | UnavailableReason::KeysReadRecently
        )
    }
}

/// Converts the error for a name that makes no address on the server. Names are checked before, so this is a mistake of the
/// program.
impl From<OriginError> for Unavailable {
    fn from(error: OriginError) -> Self {
        Self::unreadable(error)
    }
}

/// A contradiction between a claim and what was seen: the broken rule and the detail. Its display form writes hidden characters
/// out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{reason}: {}", escape(raw_detail))]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Refuted {
    /// The rule that was broken.
    #[serde(rename = "reason")]
    pub reason: RefutedReason,
    /// The detail: what was seen, unescaped. Text from outside may be in it. For people, use [`detail`](Self::detail).
    #[serde(rename = "detail")]
    pub raw_detail: String,
}

impl Refuted {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.reason.code()
    }

    /// Creates one from a reason and a detail. Tokens are removed from the detail ([`tokens`](crate::tokens)).
    #[must_use]
    pub fn new(reason: RefutedReason, detail: impl Into<String>) -> Self {
        Self {
            reason,
            raw_detail: without_tokens(detail.into()),
        }
    }

    /// Returns what was seen, with hidden characters written out ([`escape`]).
    #[must_use]
    pub fn detail(&self) -> EscapedText<'_> {
        escape(&self.raw_detail)
    }
}

/// The four answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Outcome {
    /// Some chain falls to nothing that the policy resists.
    #[serde(rename = "accepted")]
    Accepted,
    /// Some chain will be accepted once its statement is mature.
    #[serde(rename = "pending")]
    Pending,
    /// No chain is accepted.
    #[serde(rename = "denied")]
    Denied,
    /// Some chain might be accepted, but something needed could not be read.
    #[serde(rename = "undetermined")]
    Undetermined,
}

impl Outcome {
    /// Returns the word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Pending => "pending",
            Self::Denied => "denied",
            Self::Undetermined => "undetermined",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An obstacle to a yes: evidence against it, or something that could not be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Obstacle {
    /// The evidence contradicts the claim.
    #[error(transparent)]
    Refuted(Refuted),
    /// The evidence could not be seen.
    #[error(transparent)]
    Unavailable(Unavailable),
}

impl Obstacle {
    /// Returns the outcome that the obstacle causes.
    pub(crate) fn outcome(&self) -> Outcome {
        match self {
            Self::Refuted(_) => Outcome::Denied,
            Self::Unavailable(_) => Outcome::Undetermined,
        }
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.code(),
            Self::Unavailable(u) => u.reason.code(),
        }
    }

    /// Returns the stable short name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.name(),
            Self::Unavailable(u) => u.reason.name(),
        }
    }

    /// Returns the remedy: the action that is open to the reader.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Refuted(r) => r.reason.remedy(),
            Self::Unavailable(u) => u.reason.remedy(),
        }
    }

    /// Returns how long to wait before asking again, when the server that could not be read gave a time. Always `None` for a
    /// refutation: asking again changes nothing.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refuted(_) => None,
            Self::Unavailable(u) => u.retry_after,
        }
    }
}

impl From<Refuted> for Obstacle {
    fn from(refuted: Refuted) -> Self {
        Self::Refuted(refuted)
    }
}

impl From<Unavailable> for Obstacle {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

fn without_tokens(detail: String) -> String {
    match hide_tokens(&detail) {
        Cow::Borrowed(_) => detail,
        Cow::Owned(hidden) => hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What no text for people may have in it, and that text when it is written out.
    const HIDDEN: (&str, &str) = ("six\u{202e}\u{1b}[31m", "six\\u{202e}\\u{1b}[31m");

    #[test]
    fn text_for_people_is_escaped_and_the_raw_value_has_its_own_name() {
        use crate::claim::{ClaimError, Incarnation, JsonError, SignError};
        use crate::policy::PolicyError;
        use crate::ports::{
            AccountProverError, KeyName, KeyStoreError, NamespaceError, StoreError, StoreKey,
        };
        let (raw, shown) = (HIDDEN.0.to_owned(), HIDDEN.1);
        let unavailable = Unavailable::new(UnavailableReason::Network, &*raw);
        let refuted = Refuted::new(RefutedReason::NotListed, &*raw);
        assert_eq!(
            (&*unavailable.raw_detail, &*refuted.raw_detail),
            (&*raw, &*raw)
        );
        assert_eq!(unavailable.detail().to_string(), shown);
        assert_eq!(refuted.detail().to_string(), shown);
        // One that came from elsewhere was never made by `new`.
        let wire = serde_json::to_string(&unavailable).unwrap();
        let received: Unavailable = serde_json::from_str(&wire).unwrap();
        assert_eq!(received.raw_detail, raw);
        let key = StoreKey::new("roles", &*raw);
        let name: KeyName = "key".parse().unwrap();
        let invalid = NamespaceError::Invalid { what: raw.clone() };
        let said: [Box<dyn fmt::Display>; 15] = [
            Box::new(received),
            Box::new(unavailable.clone()),
            Box::new(refuted.clone()),
            Box::new(Obstacle::from(unavailable.clone())),
            Box::new(Obstacle::from(refuted)),
            Box::new(NamespaceError::from(unavailable)),
            Box::new(invalid),
            Box::new(AccountProverError::Invalid { what: raw.clone() }),
            Box::new(ClaimError::malformed(&*raw)),
            Box::new(JsonError(raw.clone())),
            Box::new(SignError::Refused { what: raw.clone() }),
            Box::new(PolicyError::Syntax(raw.clone())),
            Box::new(Incarnation::new("created-at", &*raw)),
            Box::new(StoreError::new(&key, "read", "gone")),
            Box::new(KeyStoreError::Corrupt { name, what: raw }),
        ];
        for text in said {
            let text = text.to_string();
            assert!(text.contains(shown), "{text}");
            assert!(
                !text.contains('\u{202e}') && !text.contains('\u{1b}'),
                "{text:?}"
            );
        }
    }
}
