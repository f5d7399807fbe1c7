//! The errors of reading and signing claims.

use super::JsonError;
use crate::identity::escape;
use crate::ports::SignerError;
use crate::reason::{Invalid, Reason, Refuted, Unavailable};

/// A reason why a document is not a claim that can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// The bytes are not the strict JSON of this format.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The document does not follow the exact profile.
    #[error("not a claim of this profile: {}", escape(what))]
    Malformed {
        /// The fault that was seen, and where.
        what: String,
    },
    /// The document is a claim, but the claim does not hold.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// The document is a claim, but it could not be seen whether the claim holds.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl ClaimError {
    /// Returns the stable code. Its range also tells the kind: `AUTHS-1xxx` is not a claim, `AUTHS-2xxx` is a claim that does not
    /// hold, `AUTHS-3xxx` could not be seen.
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

    /// Returns whether a later check of the same document may give another result although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(why) if why.is_retryable())
    }

    pub(crate) fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed { what: what.into() }
    }
}

/// A reason why a claim could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claim does not fit the profile.
    #[error("the claim cannot be signed as asked: {}", escape(what))]
    Refused {
        /// The fault.
        what: String,
    },
    /// The signer failed.
    #[error("the device key did not sign")]
    Signer(#[from] SignerError),
}

impl SignError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused { .. } => Invalid::Usage.code(),
            Self::Signer(error) => error.code(),
        }
    }
}
