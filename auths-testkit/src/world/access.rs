//! Sessions, tokens and control over workflows, held by owners and attackers. Stealing one copies it; a theft that is a move
//! ([`World::steal_token`](super::World::steal_token) and the like) is also recorded.

use std::collections::BTreeSet;

use super::rules::Grant;
use super::truth::Person;
use auths_core::Timestamp;
use auths_core::identity::{AccountId, Ecosystem, Login, Platform};

/// A signed-in browser of one account. It may do everything that the account may. A GitHub session is also a session of
/// crates.io.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub(super) account: u64,
    pub(super) generation: u64,
    /// The thief, where this copy was stolen.
    pub(super) thief: Option<Person>,
}

/// An API token. It may be used for what it was made for, by the table [`GRANTS`](super::GRANTS), as far as its account may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub(super) id: u64,
    /// The thief, where this copy was stolen.
    pub(super) thief: Option<Person>,
}

/// Lasting control over a publishing workflow. Its holder may run it at will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    pub(super) id: u64,
    /// The person who took control of it, where somebody did.
    pub(super) thief: Option<Person>,
}

/// One run of a workflow, for whoever has its ID tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiRun {
    pub(super) id: u64,
    /// The person who got into it, where that is not the one who started it.
    pub(super) thief: Option<Person>,
}

/// The credential that a move is made with.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// A session.
    Session(&'a Session),
    /// A token.
    Token(&'a Token),
    /// A workflow. A run of it is started for the move.
    Workflow(&'a Workflow),
}

impl<'a> From<&'a Session> for Credential<'a> {
    fn from(session: &'a Session) -> Self {
        Self::Session(session)
    }
}

impl<'a> From<&'a Token> for Credential<'a> {
    fn from(token: &'a Token) -> Self {
        Self::Token(token)
    }
}

impl<'a> From<&'a Workflow> for Credential<'a> {
    fn from(workflow: &'a Workflow) -> Self {
        Self::Workflow(workflow)
    }
}

/// The kind of an account: a person's or an organisation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountKind {
    /// The account of a person.
    User,
    /// The account of an organisation.
    Organization,
}

/// An account as its platform keeps it, for as long as the world lasts.
#[derive(Debug, Clone)]
pub struct AccountState {
    pub(super) id: u64,
    pub(super) platform: Platform,
    pub(super) login: Login,
    pub(super) kind: AccountKind,
    pub(super) created: Timestamp,
    pub(super) closed: Option<Timestamp>,
    /// A counter that is raised when all sessions are ended.
    pub(super) generation: u64,
}

impl AccountState {
    /// Returns the platform.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Returns the number under which the platform keeps the account. npm and PyPI do not show theirs.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Returns the present or last login.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Returns the kind of account.
    #[must_use]
    pub fn kind(&self) -> AccountKind {
        self.kind
    }

    /// Returns when the account was made.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Returns whether the account is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }
}

/// A token, as the service keeps it.
#[derive(Debug, Clone)]
pub(super) struct TokenState {
    /// The account that the token belongs to; `None` for the token of a run.
    pub(super) account: Option<u64>,
    /// The service where the token is valid.
    pub(super) ecosystem: Ecosystem,
    pub(super) grants: BTreeSet<Grant>,
    /// The projects that the token is for; `None` for all of its account's.
    pub(super) projects: Option<BTreeSet<u64>>,
    pub(super) expires: Option<Timestamp>,
    /// The OAuth app that the token was issued to.
    pub(super) app: Option<String>,
    /// The workflow whose run got the token.
    pub(super) workflow: Option<u64>,
    /// The organisations whose single sign-on the token passed.
    pub(super) sso: BTreeSet<u64>,
}

/// An attested build: the repository that it ran in, as its certificate states it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attestation {
    /// The repository's `owner/name`, at the time of the run.
    pub repository: String,
    /// The numeric id of the repository.
    pub repository_id: AccountId,
    /// The numeric id of the repository's owner.
    pub owner_id: AccountId,
    /// What else the certificate states of the run.
    pub(super) job: AttestedJob,
}

/// What the certificate of a build states of its run beside the repository: the two workflows, and the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttestedJob {
    /// The file of the workflow that was started.
    pub(super) file: String,
    /// The reusable workflow that held the job: its repository, by number and name, and its file.
    pub(super) reusable: Option<(u64, String, String)>,
    pub(super) environment: Option<String>,
}
