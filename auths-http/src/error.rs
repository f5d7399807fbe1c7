//! The errors of making a transport.

use auths_core::{Invalid, Reason};

/// A transport could not be made from its configuration.
///
/// None of these errors is about a server. Once a [`Transport`](crate::Transport) exists, every failure is an
/// [`Unavailable`](auths_core::Unavailable).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The product or the contact cannot stand in a `User-Agent` header.
    #[error("{text:?} cannot stand in a User-Agent: use visible ASCII without parentheses")]
    UserAgent {
        /// The text that was given.
        text: String,
    },
    /// A limit is zero, so that no request could ever be made.
    #[error("{limit} must not be zero")]
    Zero {
        /// The name of the limit.
        limit: &'static str,
    },
    /// The CA bundle holds no readable PEM certificate.
    #[error("the CA bundle holds no readable PEM certificate")]
    CaBundle {
        /// The cause, unless the bundle is merely empty.
        #[source]
        source: Option<reqwest::Error>,
    },
    /// TLS could not be set up at all.
    #[error("TLS could not be set up")]
    Tls {
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
}

impl TransportError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadConfiguration.code()
    }
}
