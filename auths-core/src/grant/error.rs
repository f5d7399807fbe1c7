//! The reasons why a grant was not made, and why one does not hold.

use crate::decide::NotResisting;
use crate::identity::escape;
use crate::ports::{EntropyError, SignerError};
use crate::reason::{Invalid, Reason, Refuted, RefutedReason, Unavailable};
use crate::tokens::hide_tokens;

/// A reason why no grant was made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GrantIssueError {
    /// The request cannot become a grant, whoever asks.
    #[error("no grant can be made of this: {}", escape(what))]
    Invalid {
        /// The fault.
        what: String,
    },
    /// A decision is not good enough for the policy, or holds no longer.
    #[error(transparent)]
    NotResisting(#[from] NotResisting),
    /// What was decided does not reach, the name is denied, or the speaker cannot be named.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// The key could not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// There were no random bytes for the id.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl GrantIssueError {
    pub(super) fn invalid(what: impl Into<String>) -> Self {
        let what = hide_tokens(&what.into()).into_owned();
        Self::Invalid { what }
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => Invalid::Usage.code(),
            Self::NotResisting(error) => error.code(),
            Self::Refuted(refuted) => refuted.code(),
            Self::Signer(error) => error.code(),
            Self::Entropy(error) => error.code(),
        }
    }
}

/// A reason why a grant does not hold here.
///
/// # Security
/// No text of it holds the token, or text of a token whose signature was not checked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GrantError {
    /// The text is no grant.
    #[error("{}: {what}", Invalid::MalformedGrant)]
    Malformed {
        /// The part that is wrong. Nothing of the text is in it.
        what: &'static str,
    },
    /// The grant was read, and does not hold here.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// The keys of the issuer's DID could not be looked up.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl GrantError {
    pub(super) const fn malformed(what: &'static str) -> Self {
        Self::Malformed { what }
    }

    pub(super) fn refuted(reason: RefutedReason, detail: impl Into<String>) -> Self {
        Self::Refuted(Refuted::new(reason, detail))
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed { .. } => Invalid::MalformedGrant.code(),
            Self::Refuted(refuted) => refuted.code(),
            Self::Unavailable(why) => why.code(),
        }
    }

    /// Returns whether the same question may succeed later although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(why) if why.is_retryable())
    }
}
