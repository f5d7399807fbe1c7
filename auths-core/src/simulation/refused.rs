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
    /// The login or the name was given up, and is not free yet.
    #[error("the name was given up a short time ago, and is still held back")]
    NameHeld,
    /// There is one of that name already.
    #[error("there is one of that name already")]
    NameTaken,
    /// There is no such account or organisation.
    #[error("there is no such account")]
    UnknownAccount,
    /// There is no such project.
    #[error("there is no such project")]
    UnknownProject,
    /// There is no such release or file.
    #[error("there is no such release or file")]
    UnknownRelease,
    /// There is no such gist, repository, team or app.
    #[error("there is no such thing")]
    UnknownThing,
    /// The version was published already.
    #[error("the version was published already")]
    VersionExists,
    /// The session has ended, or the token was revoked or expired.
    #[error("the credential is not valid any more")]
    Dead,
    /// The credential may not do that, or not to this project.
    #[error("the credential may not do that")]
    Forbidden,
    /// There is no such move on this registry or platform.
    #[error("that cannot be done there")]
    NotOffered,
    /// The registry deletes it no more.
    #[error("it is too late to delete it")]
    TooLate,
    /// The account was not invited.
    #[error("there is no invitation")]
    NotInvited,
    /// The project or organisation would be left without an Owner.
    #[error("it must keep an Owner")]
    SoleOwner,
    /// The registry has quarantined the project.
    #[error("the project is quarantined")]
    Quarantined,
}
