//! An ID token that was verified, and what an adapter reads in one.

use super::{CLOCK_LEEWAY, CiIdentity, CiIssuer, IssuerUrl, TokenAudience, TokenId, TokenTimes};
use crate::Timestamp;
use crate::reason::{Refuted, RefutedReason};

/// What an adapter read in a token whose signature it checked. It proves nothing by itself: core checks issuer, audience and times
/// again, and makes a [`VerifiedCiToken`] of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CiTokenEvidence {
    /// The run.
    pub identity: CiIdentity,
    /// The audience that the token names, as it names it.
    pub audience: TokenAudience,
    /// The id of the token.
    pub id: TokenId,
    /// The times of the token.
    pub times: TokenTimes,
}

impl CiTokenEvidence {
    /// Creates the evidence of a token.
    #[must_use]
    pub const fn new(
        identity: CiIdentity,
        audience: TokenAudience,
        id: TokenId,
        times: TokenTimes,
    ) -> Self {
        Self {
            identity,
            audience,
            id,
            times,
        }
    }
}

/// An ID token that was verified: core accepted what the plugged-in adapter read in it, for one audience, at one time.
///
/// Only [`CiTokenVerifierExt::verify`](crate::ports::CiTokenVerifierExt::verify) makes one. There is no constructor, no `Default`, no `Deserialize`, no `Clone` and no mutable
/// access:
///
/// ```compile_fail,E0451
/// let forged = auths_core::ci::VerifiedCiToken { evidence: todo!(), verified_at: todo!() };
/// ```
/// ```compile_fail,E0624
/// let forged = auths_core::ci::VerifiedCiToken::accept(unimplemented!(), unimplemented!(), unimplemented!());
/// ```
/// ```compile_fail,E0277
/// let forged: auths_core::ci::VerifiedCiToken = serde_json::from_str("{}").unwrap();
/// ```
/// ```compile_fail,E0277
/// fn needs_default<T: Default>() {}
/// needs_default::<auths_core::ci::VerifiedCiToken>();
/// ```
/// ```compile_fail,E0277
/// fn needs_clone<T: Clone>() {}
/// needs_clone::<auths_core::ci::VerifiedCiToken>();
/// ```
///
/// # Security
/// It says which run presented the token. It says nothing of what that run may do: a rule that matches decides that. A token is worth
/// one use: whoever acts on it first records [`replay_key`](Self::replay_key) until [`replay_until`](Self::replay_until).
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedCiToken {
    evidence: CiTokenEvidence,
    verified_at: Timestamp,
}

impl VerifiedCiToken {
    /// Checks an adapter's answer against what was asked for.
    pub(crate) fn accept(
        evidence: CiTokenEvidence,
        issuers: &[CiIssuer],
        only: Option<&IssuerUrl>,
        audience: &TokenAudience,
        now: Timestamp,
    ) -> Result<Self, Refuted> {
        let issuer = evidence.identity.issuer();
        let is_asked = only.is_none_or(|only| issuer.url == *only);
        if !issuers.contains(issuer) || !is_asked {
            let detail = format!("it is of {issuer}");
            return Err(Refuted::new(RefutedReason::TokenIssuer, detail));
        }
        if evidence.audience != *audience {
            let found = &evidence.audience;
            let detail = format!("it is for {found}, and {audience} was expected");
            return Err(Refuted::new(RefutedReason::TokenAudience, detail));
        }
        evidence.times.check(issuer.provider, now)?;
        Ok(Self {
            evidence,
            verified_at: now,
        })
    }

    /// Returns the run that the token is of.
    #[must_use]
    pub const fn identity(&self) -> &CiIdentity {
        &self.evidence.identity
    }

    /// Returns the audience that the token is for.
    #[must_use]
    pub const fn audience(&self) -> &TokenAudience {
        &self.evidence.audience
    }

    /// Returns the id of the token.
    #[must_use]
    pub const fn id(&self) -> &TokenId {
        &self.evidence.id
    }

    /// Returns the times of the token.
    #[must_use]
    pub const fn times(&self) -> &TokenTimes {
        &self.evidence.times
    }

    /// Returns the time at which it was verified.
    #[must_use]
    pub const fn verified_at(&self) -> Timestamp {
        self.verified_at
    }

    /// Returns the text under which the use of this token is recorded: its issuer and its id. Two tokens never have the same text,
    /// since no issuer has a space.
    ///
    /// ```
    /// # use auths_core::ci::VerifiedCiToken;
    /// # fn check(token: &VerifiedCiToken) {
    /// let key = token.replay_key();
    /// assert_eq!(key, format!("ci {} {}", token.identity().issuer().url, token.id()));
    /// # }
    /// ```
    #[must_use]
    pub fn replay_key(&self) -> String {
        format!("ci {} {}", self.identity().issuer().url, self.id())
    }

    /// Returns the time until which the use of this token must be remembered: its expiry and twice the leeway, so that it is never
    /// forgotten while any clock within the leeway would still accept it.
    #[must_use]
    pub fn replay_until(&self) -> Timestamp {
        self.times().expires + 2 * CLOCK_LEEWAY
    }
}
