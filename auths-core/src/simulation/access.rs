//! What owners and attackers hold: sessions and tokens. Stealing one is cloning it.

/// A signed-in browser of one account: it may do whatever the account may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub(super) account: u64,
    pub(super) generation: u64,
}

/// An API token: it may publish, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub(super) id: u64,
}

/// What a move is made with.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Credential<'a> {
    /// A session.
    Session(&'a Session),
    /// A token.
    Token(&'a Token),
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

/// An account, as the registry keeps it.
#[derive(Debug, Clone)]
pub(super) struct AccountState {
    pub(super) login: crate::identity::Login,
    /// Raised when all sessions are ended.
    pub(super) generation: u64,
}

/// A token, as the registry keeps it.
#[derive(Debug, Clone)]
pub(super) struct TokenState {
    /// Whose it is; a trusted workflow's is nobody's.
    pub(super) account: Option<u64>,
    /// The one project that it is for.
    pub(super) project: Option<u64>,
}
