//! The reasons why no grant is handed out.

use crate::decide::NotAccepted;
use crate::grant::GrantIssueError;
use crate::identity::Namespace;
use crate::ports::{CiTokenError, StoreError};
use crate::reason::{Invalid, Obstacle, Reason, Refuted, Unavailable, UnavailableReason};

/// The most packages of one request. Each costs the reads of a whole decision, and whoever has any token can ask.
pub(super) const MAX_PACKAGES: usize = 64;

/// The reason why no grant was handed out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The request names no package, or more than 64.
    #[error("a request is for 1 to {MAX_PACKAGES} packages, and this one is for {0}")]
    Packages(usize),
    /// The token does not hold. It was not used up.
    #[error(transparent)]
    Token(#[from] CiTokenError),
    /// The key's claim does not say what is asked for. Its challenge was not used up.
    #[error(transparent)]
    Claim(Refuted),
    /// The run may not act for one of the packages. Its token was not used up, unless that is the reason.
    #[error(transparent)]
    NotAccepted(#[from] NotAccepted),
    /// The token was used before, or nothing tells whether it was. It was not used up by this request.
    #[error(transparent)]
    TokenUse(Box<Obstacle>),
    /// A pin stands against it, or the pins cannot be read or written. The token was not used up.
    #[error("{}: {obstacle}", namespace.short())]
    Pin {
        /// The package.
        namespace: Box<Namespace>,
        /// What stands against it.
        obstacle: Box<Obstacle>,
    },
    /// The grant could not be made. What can be known before is found before the token is used up; a key that cannot sign, or no
    /// randomness, may cost the token.
    #[error(transparent)]
    Grant(#[from] GrantIssueError),
}

impl PublishError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Packages(_) => Invalid::Usage.code(),
            Self::Token(error) => error.code(),
            Self::Claim(refuted) => refuted.code(),
            Self::NotAccepted(error) => error.code(),
            Self::TokenUse(obstacle) | Self::Pin { obstacle, .. } => obstacle.code(),
            Self::Grant(error) => error.code(),
        }
    }

    pub(super) fn of_store(namespace: &Namespace, error: &StoreError) -> Self {
        let why = Unavailable::new(UnavailableReason::StoreFailed, format!("the pins: {error}"));
        Self::pin(namespace, why)
    }

    pub(super) fn pin(namespace: &Namespace, obstacle: impl Into<Obstacle>) -> Self {
        Self::Pin {
            namespace: Box::new(namespace.clone()),
            obstacle: Box::new(obstacle.into()),
        }
    }
}
