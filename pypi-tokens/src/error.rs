//! The errors of a text that should be a token, and of a token that cannot be made. No message holds any part of a token.

use auths_core::{Invalid, Reason};

/// The longest token, in characters of its text. PyPI's own servers take about 24,500.
pub const MAX_TEXT: usize = 64 * 1024;

/// The most caveats of one token.
pub const MAX_CAVEATS: usize = 1_000;

/// The errors of a text that is not a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The text is longer than [`MAX_TEXT`], or has more than [`MAX_CAVEATS`] caveats.
    #[error("the token is larger than {MAX_TEXT} characters or {MAX_CAVEATS} caveats")]
    TooLarge,
    /// No prefix is followed by a dash.
    #[error("the token has no prefix: tokens of PyPI begin with `pypi-`; was it cut?")]
    NoPrefix,
    /// The prefix holds other characters than letters, digits, `_` and `.`, or is too long.
    #[error("the token's prefix is not up to 32 letters, digits, `_` and `.`")]
    BadPrefix,
    /// Nothing follows the prefix.
    #[error("the token ends after its prefix")]
    Empty,
    /// The text after the prefix is not base64.
    #[error("the token is not base64 after its prefix: was it cut, or white space left in it?")]
    NotBase64,
    /// The bytes have no known format.
    #[error("the token is no macaroon of version 1 or 2")]
    UnknownFormat,
    /// The bytes end too early, or hold something that does not belong there.
    #[error("the token is damaged: {0}")]
    Malformed(&'static str),
}

impl ParseError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadToken.code()
    }
}

/// The reasons why a token cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MakeError {
    /// The token would be larger than the largest that is read.
    #[error("the token would be larger than {MAX_TEXT} characters or {MAX_CAVEATS} caveats")]
    TooLarge,
    /// The prefix holds other characters than letters, digits, `_` and `.`, or is too long.
    #[error("the prefix is not up to 32 letters, digits, `_` and `.`")]
    BadPrefix,
    /// The signature does not have 32 bytes: no key ever signed this.
    #[error("the token's signature was cut or lengthened, so nothing can be derived from it")]
    BadSignature,
}

impl MakeError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadToken.code()
    }
}
