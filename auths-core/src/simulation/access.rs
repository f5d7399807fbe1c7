//! What owners and attackers hold: sessions, tokens, and the control over a workflow. Stealing one is cloning it; a theft that
//! is a move ([`World::steal_token`](super::World::steal_token) and the like) is recorded too.

use std::collections::BTreeSet;

use super::rules::Grant;
use super::truth::Person;
use crate::Timestamp;
use crate::identity::{AccountId, Ecosystem, Login, Platform};

/// A signed-in browser of one account: it may do whatever the account may. A GitHub session is one of crates.io too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub(super) account: u64,
    pub(super) generation: u64,
    /// Who stole this copy, where it is one.
    pub(super) thief: Option<Person>,
}

/// An API token: it may do what it was made for, by the table [`GRANTS`](super::GRANTS), as far as its account may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub(super) id: u64,
    /// Who stole this copy, where it is one.
    pub(super) thief: Option<Person>,
}

/// Lasting control over a publishing workflow: whoever holds it may run it at will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workflow {
    pub(super) id: u64,
    /// Who took control of it, where somebody did.
    pub(super) thief: Option<Person>,
}

/// What a move is made with.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// A session.
    Session(&'a Session),
    /// A token.
    Token(&'a Token),
    /// A workflow: a run of it is started for the move.
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

/// Whether an account is a person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountKind {
    /// A person's.
    User,
    /// An organisation's.
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
    /// Raised when all sessions are ended.
    pub(super) generation: u64,
}

impl AccountState {
    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.platform
    }

    /// The number under which the platform keeps it. npm and PyPI do not show theirs.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The login that it has now, or had last.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Whether it is a person's.
    #[must_use]
    pub fn kind(&self) -> AccountKind {
        self.kind
    }

    /// When it was made.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Whether it is there.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }
}

/// A token, as it is kept where it counts.
#[derive(Debug, Clone)]
pub(super) struct TokenState {
    /// Whose it is; a run's is nobody's.
    pub(super) account: Option<u64>,
    /// Where it counts.
    pub(super) ecosystem: Ecosystem,
    pub(super) grants: BTreeSet<Grant>,
    /// The projects that it is for; `None` for all of its account's.
    pub(super) projects: Option<BTreeSet<u64>>,
    pub(super) expires: Option<Timestamp>,
    /// The OAuth app that it was given to.
    pub(super) app: Option<String>,
    /// The workflow whose run got it.
    pub(super) workflow: Option<u64>,
    /// The organisations whose single sign-on it passed.
    pub(super) sso: BTreeSet<u64>,
}

/// An attested build: what a certificate says of the repository that it ran in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attestation {
    /// `owner/name`, as it was when it ran.
    pub repository: String,
    /// The numeric id of the repository.
    pub repository_id: AccountId,
    /// The numeric id of the repository's owner.
    pub owner_id: AccountId,
}
