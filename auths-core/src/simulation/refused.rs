//! Why the world does not allow a move.

use crate::identity::NameError;

/// Why the world does not allow a move. The world is then as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The name is none in this ecosystem or platform.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The version is not one that the registry can order.
    #[error("{version:?} is no version here")]
    Version {
        /// What was given.
        version: String,
    },
    /// The login is in use.
    #[error("the login is in use")]
    LoginTaken,
    /// There is no such account.
    #[error("there is no such account")]
    UnknownAccount,
    /// There is no such project.
    #[error("there is no such project")]
    UnknownProject,
    /// There is no such release or file.
    #[error("there is no such release or file")]
    UnknownRelease,
    /// The version was published already.
    #[error("the version was published already")]
    VersionExists,
    /// The session has ended, or the token was revoked.
    #[error("the credential is not valid any more")]
    Dead,
    /// The credential may not do that to this project.
    #[error("the credential may not do that")]
    Forbidden,
    /// The project or account would be left without an Owner.
    #[error("a project must keep an Owner")]
    SoleOwner,
    /// The registry has quarantined the project.
    #[error("the project is quarantined")]
    Quarantined,
}
