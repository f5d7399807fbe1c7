//! Errors of moves that the world does not allow.

use auths_core::identity::NameError;

/// A reason why the world does not allow a move. The world is then unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The name is not valid in this ecosystem or platform.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The version is not one that the registry can order.
    #[error("{version:?} is no version here")]
    Version {
        /// The input.
        version: String,
    },
    /// The login is in use.
    #[error("the login is in use")]
    LoginTaken,
    /// The login or the name was given up, and is not free yet.
    #[error("the name was given up a short time ago, and is still held back")]
    NameHeld,
    /// The name exists already.
    #[error("there is one of that name already")]
    NameTaken,
    /// The account or organisation does not exist.
    #[error("there is no such account")]
    UnknownAccount,
    /// The project does not exist.
    #[error("there is no such project")]
    UnknownProject,
    /// The release or file does not exist.
    #[error("there is no such release or file")]
    UnknownRelease,
    /// The gist, repository, team or app does not exist.
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
    /// This registry or platform does not have this move.
    #[error("that cannot be done there")]
    NotOffered,
    /// The registry no longer allows deleting it.
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
