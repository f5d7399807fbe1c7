//! The reasons why an account was not linked, and what became of its gist.

use std::fmt;

use auths_core::Unavailable;
use auths_core::claim::SignError;
use auths_core::decide::Obstacle;
use auths_core::ports::{AccountProverError, KeptGist, LinkError, StoreError};

use crate::device_flow::DeviceFlowError;

/// A failure of [`LinkAccount::run`](crate::LinkAccount::run): what failed, and whether a gist exists.
///
/// ```
/// use auths_adapters_github::{GistStanding, LinkAccountError};
///
/// fn what_to_do(error: &LinkAccountError) -> String {
///     match &error.gist {
///         GistStanding::None => format!("{error}: nothing was published, run it again"),
///         GistStanding::Unknown => format!("{error}: look among your gists for a new one, and delete it"),
///         GistStanding::Published(gist) => format!("{error}: the claim is published at {}", gist.url),
///         _ => error.to_string(),
///     }
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct LinkAccountError {
    /// What failed.
    pub failure: LinkFailure,
    /// Whether a gist exists now.
    pub gist: GistStanding,
}

/// Whether a gist of the claim exists after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum GistStanding {
    /// No gist was made. The claim is not kept, unless the store itself failed.
    None,
    /// The gist was requested and no answer came, or none that can be read. The claim is kept without a gist, unless the store
    /// itself failed.
    Unknown,
    /// The gist was made. The claim is kept. If the store failed right then, only this says where the gist is.
    Published(KeptGist),
}

/// What failed while an account was linked. Refuted, unavailable and invalid stay apart: see [`obstacle`](Self::obstacle).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkFailure {
    /// The device flow gave no approval.
    #[error(transparent)]
    Flow(#[from] DeviceFlowError),
    /// It could not be read whose approval it is, or it is no person's.
    #[error(transparent)]
    Account(#[from] AccountProverError),
    /// The approval leaves out what publishing needs.
    #[error(transparent)]
    Approval(Unavailable),
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The gist was refused, or no answer about it came: [`LinkAccountError::gist`] tells which.
    #[error(transparent)]
    Publish(Unavailable),
    /// The store of links failed.
    #[error(transparent)]
    Links(#[from] LinkError),
    /// The recovery DID of the key could not be remembered.
    #[error(transparent)]
    Memory(#[from] StoreError),
}

impl LinkFailure {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Flow(error) => error.code(),
            Self::Account(error) => error.code(),
            Self::Approval(why) | Self::Publish(why) => why.code(),
            Self::Sign(error) => error.code(),
            Self::Links(error) => error.code(),
            Self::Memory(error) => error.code(),
        }
    }

    /// Returns what was seen against the link, or could not be seen; `None` where the input, the key or the store is at fault.
    #[must_use]
    pub fn obstacle(&self) -> Option<Obstacle> {
        match self {
            Self::Flow(DeviceFlowError::Denied(refuted))
            | Self::Account(AccountProverError::Refuted(refuted)) => Some(refuted.clone().into()),
            Self::Flow(DeviceFlowError::Unavailable(why))
            | Self::Account(AccountProverError::Unavailable(why))
            | Self::Approval(why)
            | Self::Publish(why) => Some(why.clone().into()),
            _ => None,
        }
    }
}

impl LinkAccountError {
    pub(crate) fn new(failure: LinkFailure, gist: GistStanding) -> Self {
        Self { failure, gist }
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.failure.code()
    }

    /// Returns what was seen against the link, or could not be seen; `None` where the input, the key or the store is at fault.
    #[must_use]
    pub fn obstacle(&self) -> Option<Obstacle> {
        self.failure.obstacle()
    }
}

impl fmt::Display for LinkAccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.gist {
            GistStanding::None => self.failure.fmt(f),
            GistStanding::Unknown => {
                write!(f, "{}; the gist may be there nevertheless", self.failure)
            }
            GistStanding::Published(gist) => {
                let url = auths_core::escape(&gist.url);
                write!(f, "{}; the gist is there: {url}", self.failure)
            }
        }
    }
}

impl std::error::Error for LinkAccountError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.failure)
    }
}

impl<E: Into<LinkFailure>> From<E> for LinkAccountError {
    /// Converts a failure before any gist was requested.
    fn from(failure: E) -> Self {
        Self::new(failure.into(), GistStanding::None)
    }
}
