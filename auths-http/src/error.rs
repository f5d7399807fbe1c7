//! Why a transport could not be made.

/// The transport could not be made from its configuration.
///
/// Nothing here is about a server: once a [`Transport`](crate::Transport) exists, every failure is an
/// [`Unavailable`](auths_core::Unavailable).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The product or the contact cannot stand in a `User-Agent` header.
    #[error("{text:?} cannot stand in a User-Agent: use visible ASCII without parentheses")]
    UserAgent {
        /// What was given.
        text: String,
    },
    /// A limit is zero, so that nothing could ever be asked.
    #[error("{limit} must not be zero")]
    Zero {
        /// The limit.
        limit: &'static str,
    },
    /// The CA bundle holds no readable PEM certificate.
    #[error("the CA bundle holds no readable PEM certificate")]
    CaBundle {
        /// The cause, when the bundle is not merely empty.
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
