//! What a server tells its client of a token that was not verified.

use std::fmt;

use auths_core::RefutedReason;
use auths_core::ports::CiTokenError;

/// The answer that a server may give to whoever presented a token that was not verified.
///
/// Until the signature and the audience of a token hold, nothing is known of its sender, and every answer is the same: it tells neither
/// which step failed, nor whether an issuer is configured, nor whether its keys could be read. From the audience on the sender has shown
/// that it controls a run of that repository, for this server, and the reason helps it. The operator's log has the [`CiTokenError`] itself.
///
/// ```
/// use auths_adapters_ci::PublicAnswer;
/// use auths_core::RefutedReason;
/// use auths_core::ports::CiTokenError;
///
/// let answer = |reason| PublicAnswer::of(&CiTokenError::refuted(reason, "a detail")).to_string();
/// assert_eq!(answer(RefutedReason::TokenSignature), answer(RefutedReason::TokenIssuer));
/// assert!(answer(RefutedReason::TokenExpired).contains("expired"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublicAnswer {
    /// The token is not accepted, or could not be checked. The same answer for every reason.
    NotAccepted,
    /// The token is of this issuer and for this audience, and is refused for this reason.
    Explained(CiTokenError),
}

impl PublicAnswer {
    /// Returns what may be told of an error.
    #[must_use]
    pub fn of(error: &CiTokenError) -> Self {
        match error {
            CiTokenError::Refuted(refuted) if is_after_audience(refuted.reason) => {
                Self::Explained(error.clone())
            }
            _ => Self::NotAccepted,
        }
    }
}

/// Returns whether a token is refused for this reason only after its signature and its audience held.
fn is_after_audience(reason: RefutedReason) -> bool {
    matches!(
        reason,
        RefutedReason::TokenExpired
            | RefutedReason::TokenNotYetValid
            | RefutedReason::TokenLifeTooLong
            | RefutedReason::TokenClaimMissing
            | RefutedReason::TokenClaimMalformed
            | RefutedReason::TokenInconsistent
            | RefutedReason::NoRuleMatches
    )
}

impl fmt::Display for PublicAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAccepted => f.write_str(
                "the ID token is not accepted here, or could not be checked now: if it should be, try again later with a new one",
            ),
            Self::Explained(error) => error.fmt(f),
        }
    }
}
