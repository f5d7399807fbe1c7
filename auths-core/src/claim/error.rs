//! Why a claim cannot be relied on, or could not be signed.

use super::JsonError;
use crate::identity::escape;
use crate::ports::SignerError;
use crate::reason::{Invalid, Reason, Refuted, Unavailable};

/// Why a document is not a claim that can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The bytes are not the strict JSON of this format.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The document is not of the exact profile.
    #[error("not a claim of this profile: {}", escape(what))]
    Malformed {
        /// What was seen, and where.
        what: String,
    },
    /// The document is a claim, and does not hold.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// Whether it holds could not be seen.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl ClaimError {
    /// The stable code, by which the three kinds can be told apart too: `AUTHS-1xxx` is not a claim, `AUTHS-2xxx` is one that
    /// does not hold, `AUTHS-3xxx` could not be seen.
    ///
    /// ```
    /// use auths_core::claim::{PlatformClaim, Signed};
    ///
    /// let error = Signed::<PlatformClaim>::parse(b"{").unwrap_err();
    /// assert_eq!(error.code(), "AUTHS-1004");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Json(_) => Invalid::BadJson.code(),
            Self::Malformed { .. } => Invalid::BadClaim.code(),
            Self::Refuted(refuted) => refuted.reason.code(),
            Self::Unavailable(why) => why.reason.code(),
        }
    }

    /// Whether the same document may be judged otherwise later, with nothing changed by the caller.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(why) if why.is_retryable())
    }

    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }
}

/// Why a claim could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claim does not fit the profile.
    #[error("the claim cannot be signed as asked: {}", escape(what))]
    Refused {
        /// What is wrong.
        what: String,
    },
    /// The signer failed.
    #[error("the device key did not sign")]
    Signer(#[from] SignerError),
}
