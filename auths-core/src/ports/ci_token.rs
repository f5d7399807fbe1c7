//! The port that verifies the ID tokens of CI runs.

use std::fmt;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::Budget;
use crate::Timestamp;
use crate::ci::{
    CiIssuer, CiTokenEvidence, IssuerUrl, MAX_TOKEN_BYTES, TokenAudience, VerifiedCiToken,
};
use crate::identity::escape;
use crate::reason::{Invalid, Reason, Refuted, RefutedReason, Unavailable};
use crate::tokens::hide_tokens;

/// The query to a [`CiTokenVerifier`]: a token, and what it must be for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CiTokenQuery {
    /// The token as it was presented. `Debug` does not show it.
    pub token: SecretString,
    /// The audience that the token must name.
    pub audience: TokenAudience,
    /// The present time.
    pub now: Timestamp,
    /// The only issuer that is accepted; `None` for every issuer that the verifier is configured with.
    pub issuer: Option<IssuerUrl>,
    /// The limit on the cost of reading keys, in addition to the adapter's own limits.
    pub budget: Budget,
}

impl CiTokenQuery {
    /// Creates a query that accepts every issuer of the verifier.
    #[must_use]
    pub fn new(token: SecretString, audience: TokenAudience, now: Timestamp) -> Self {
        Self {
            token,
            audience,
            now,
            issuer: None,
            budget: Budget::unlimited(),
        }
    }

    /// Accepts one issuer alone.
    #[must_use]
    pub fn from_issuer(mut self, issuer: Option<IssuerUrl>) -> Self {
        self.issuer = issuer;
        self
    }

    /// Sets the budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Checks the size of the token. An adapter calls this before anything else.
    ///
    /// # Errors
    /// [`CiTokenError::Invalid`] with [`Invalid::TokenTooLarge`] above [`MAX_TOKEN_BYTES`], and [`Invalid::MalformedToken`] for an
    /// empty one.
    pub fn check_size(&self) -> Result<(), CiTokenError> {
        let size = self.token.expose_secret().len();
        if size > MAX_TOKEN_BYTES {
            let what = format!("it has {size} bytes, and at most {MAX_TOKEN_BYTES} are read");
            return Err(CiTokenError::invalid(Invalid::TokenTooLarge, what));
        }
        if size == 0 {
            return Err(CiTokenError::invalid(
                Invalid::MalformedToken,
                "it is empty",
            ));
        }
        Ok(())
    }
}

/// A reason why a token was not verified.
///
/// # Security
/// No text of it holds the token: whoever makes one puts in the values of claims at most. What looks like a token is removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CiTokenError {
    /// The token was read, and does not hold here.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// The issuer's keys could not be read.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The input is no ID token, or the query is not for this verifier.
    #[error("{reason}: {}", escape(what))]
    Invalid {
        /// The reason.
        reason: Invalid,
        /// The fault that was seen.
        what: String,
    },
}

impl CiTokenError {
    /// Creates the error for input that is no ID token. Tokens are removed from the text ([`tokens`](crate::tokens)).
    #[must_use]
    pub fn invalid(reason: Invalid, what: impl Into<String>) -> Self {
        let what = hide_tokens(&what.into()).into_owned();
        Self::Invalid { reason, what }
    }

    /// Creates the error for a token that does not hold.
    #[must_use]
    pub fn refuted(reason: RefutedReason, detail: impl Into<String>) -> Self {
        Self::Refuted(Refuted::new(reason, detail))
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refuted(refuted) => refuted.reason.code(),
            Self::Unavailable(why) => why.reason.code(),
            Self::Invalid { reason, .. } => reason.code(),
        }
    }

    /// Returns whether the same query may succeed later although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(why) if why.is_retryable())
    }
}

/// A reader of the ID tokens of some issuers. Adapters implement it; core checks what they read.
///
/// # Contract
/// - The size is checked first ([`CiTokenQuery::check_size`]), before anything of the token is parsed.
/// - Only tokens of [`issuers`](CiTokenVerifier::issuers) are read, each compared byte for byte, before any key is looked for. The
///   signature is checked over the received bytes, by the algorithm that is configured for the issuer and no other, under a key of
///   that issuer and no other.
/// - The identity is that of the token, with every value as the token has it. A claim that is missing, empty, null or of another
///   type than its issuer documents is [`RefutedReason::TokenClaimMissing`] or [`RefutedReason::TokenClaimMalformed`]; nothing is
///   guessed. `audience` is the token's, whether or not it is the query's.
/// - A token of another issuer, for another audience, or out of its time is [`CiTokenError::Refuted`]. Bytes that are no token are
///   [`CiTokenError::Invalid`]. Keys that cannot be read are [`CiTokenError::Unavailable`]: never a no, and never a yes.
/// - Reading uses nothing up: the same token reads again with the same result.
/// - Every request is taken from `query.budget`.
/// - The token appears in no error, no log, and no `Debug` form.
///
/// # Security
/// An adapter can lie: a [`VerifiedCiToken`] means that core accepted what the adapter *you* plugged in said. It cannot vouch for an
/// issuer that it does not name, for another audience than asked, or for a token out of its time:
/// [`CiTokenVerifierExt::verify`] is implemented for every verifier and cannot be overridden.
///
/// ```compile_fail,E0119
/// use auths_core::ports::{CiTokenVerifier, CiTokenVerifierExt};
///
/// #[derive(Debug)]
/// struct Mine;
/// # #[async_trait::async_trait]
/// # impl CiTokenVerifier for Mine {
/// #     fn issuers(&self) -> &[auths_core::ci::CiIssuer] { &[] }
/// #     async fn read_token(&self, _: &auths_core::ports::CiTokenQuery)
/// #         -> Result<auths_core::ci::CiTokenEvidence, auths_core::ports::CiTokenError> { unimplemented!() }
/// # }
/// impl CiTokenVerifierExt for Mine {}
/// ```
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait CiTokenVerifier: fmt::Debug + Send + Sync {
    /// Returns the issuers whose tokens it reads. No two have the same address.
    fn issuers(&self) -> &[CiIssuer];

    /// Reads a token, and checks its signature.
    ///
    /// # Errors
    /// [`CiTokenError`] when the token does not hold, the keys could not be read, or the input is no token.
    async fn read_token(&self, query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError>;
}

/// The call that verifies. Implemented for every [`CiTokenVerifier`], so that no adapter can implement it differently.
#[async_trait]
pub trait CiTokenVerifierExt: CiTokenVerifier {
    /// Reads a token, and checks the adapter's answer against the query: the issuer is one of the verifier's and of the query, the
    /// audience is the one that was asked for, and the token holds now.
    ///
    /// # Errors
    /// The errors of [`read_token`](CiTokenVerifier::read_token); [`CiTokenError::Refuted`] also when the answer is not for this
    /// query.
    async fn verify(&self, query: &CiTokenQuery) -> Result<VerifiedCiToken, CiTokenError>;
}

#[async_trait]
impl<V: CiTokenVerifier + ?Sized> CiTokenVerifierExt for V {
    async fn verify(&self, query: &CiTokenQuery) -> Result<VerifiedCiToken, CiTokenError> {
        query.check_size()?;
        let evidence = self.read_token(query).await?;
        let accepted = VerifiedCiToken::accept(
            evidence,
            self.issuers(),
            query.issuer.as_ref(),
            &query.audience,
            query.now,
        );
        accepted.map_err(CiTokenError::Refuted)
    }
}

#[cfg(test)]
mod tests;
