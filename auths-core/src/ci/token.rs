//! The values of an ID token that are about the token itself: its audience, its id and its times.

use std::time::Duration;

use super::CiProvider;
use super::value::text_value;
use crate::Timestamp;
use crate::reason::{Refuted, RefutedReason};
use crate::time::in_words;

/// The largest ID token that is read, in bytes: 16 KiB. Real ones have 1.5 to 3 KiB.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The difference between two clocks that is allowed: 60 seconds, wherever the times of an ID token are compared. The record of
/// used tokens keeps each for twice as long after its expiry.
pub const CLOCK_LEEWAY: Duration = Duration::from_secs(60);

text_value! {
    /// The one audience that a token is for: exactly this text, 1 to 255 visible ASCII characters.
    ///
    /// # Security
    /// Every job that may ask for tokens can ask for any audience, so an audience keeps verifiers apart and proves no right.
    TokenAudience, "the audience of a token", check_audience
}

text_value! {
    /// The id of a token, which its issuer never gives to another: 1 to 255 visible ASCII characters.
    ///
    /// Source: the claim `jti`.
    TokenId, "the id of a token", check_id
}

fn check_audience(text: &str) -> Result<(), &'static str> {
    check_graphic(text)
}

fn check_id(text: &str) -> Result<(), &'static str> {
    check_graphic(text)
}

fn check_graphic(text: &str) -> Result<(), &'static str> {
    if (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err("1 to 255 visible ASCII characters, without spaces")
}

/// The times of a token, as its issuer wrote them.
///
/// Source: the claims `iat`, `nbf` and `exp`, whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct TokenTimes {
    /// The time of issue.
    pub issued_at: Timestamp,
    /// The time before which the token is not valid, where it names one.
    pub not_before: Option<Timestamp>,
    /// The time from which on the token is not valid.
    pub expires: Timestamp,
}

impl TokenTimes {
    /// Creates the times of a token.
    #[must_use]
    pub const fn new(
        issued_at: Timestamp,
        not_before: Option<Timestamp>,
        expires: Timestamp,
    ) -> Self {
        Self {
            issued_at,
            not_before,
            expires,
        }
    }

    /// Checks expiry, `not_before`, time of issue and life, in this order, with [`CLOCK_LEEWAY`].
    ///
    /// A token holds until a leeway after it expires, that moment left out; from a leeway before it is valid and issued on, that
    /// moment included. It does not expire before it was issued, and lives no longer than its platform's tokens do
    /// ([`CiProvider::max_token_life`]).
    ///
    /// ```
    /// use auths_core::ci::{CiProvider, TokenTimes};
    /// use auths_core::{RefutedReason, Timestamp};
    ///
    /// let issued: Timestamp = "2026-11-21T08:46:00Z".parse()?;
    /// let times = TokenTimes::new(issued, None, "2026-11-21T08:51:00Z".parse()?);
    /// assert!(times.check(CiProvider::GitHubActions, "2026-11-21T08:51:59Z".parse()?).is_ok());
    /// let late = times.check(CiProvider::GitHubActions, "2026-11-21T08:52:00Z".parse()?);
    /// assert_eq!(late.unwrap_err().reason, RefutedReason::TokenExpired);
    /// # Ok::<(), auths_core::TimeError>(())
    /// ```
    ///
    /// # Errors
    /// [`Refuted`] with [`RefutedReason::TokenExpired`], [`RefutedReason::TokenNotYetValid`] or
    /// [`RefutedReason::TokenLifeTooLong`].
    pub fn check(&self, provider: CiProvider, now: Timestamp) -> Result<(), Refuted> {
        Self::check_expires(self.expires, now)?;
        if let Some(not_before) = self.not_before {
            Self::check_not_before(not_before, now)?;
        }
        check_begin("issued", self.issued_at, now)?;
        if self.expires <= self.issued_at {
            let detail = "it ends before it was issued";
            return Err(Refuted::new(RefutedReason::TokenExpired, detail));
        }
        let life = self.expires.since(self.issued_at);
        match provider.max_token_life() {
            Some(longest) if life > longest => {
                let detail = format!(
                    "it lives {}, and a token of {provider} at most {}",
                    in_words(life),
                    in_words(longest)
                );
                Err(Refuted::new(RefutedReason::TokenLifeTooLong, detail))
            }
            _ => Ok(()),
        }
    }

    /// Checks the expiry alone, for a verifier that has not read the other times yet.
    ///
    /// # Errors
    /// [`Refuted`] with [`RefutedReason::TokenExpired`].
    pub fn check_expires(expires: Timestamp, now: Timestamp) -> Result<(), Refuted> {
        if now < expires + CLOCK_LEEWAY {
            return Ok(());
        }
        let detail = format!("it ended {expires}, and it is {now}");
        Err(Refuted::new(RefutedReason::TokenExpired, detail))
    }

    /// Checks the time before which a token is not valid alone, for a verifier that has not read the time of issue yet.
    ///
    /// # Errors
    /// [`Refuted`] with [`RefutedReason::TokenNotYetValid`].
    pub fn check_not_before(not_before: Timestamp, now: Timestamp) -> Result<(), Refuted> {
        check_begin("valid from", not_before, now)
    }
}

fn check_begin(what: &str, begin: Timestamp, now: Timestamp) -> Result<(), Refuted> {
    if begin <= now + CLOCK_LEEWAY {
        return Ok(());
    }
    let detail = format!("it is {what} {begin}, and it is {now}");
    Err(Refuted::new(RefutedReason::TokenNotYetValid, detail))
}
