//! The needed parts of GitHub's answers. Everything else in them is skipped without being kept.
//!
//! Source: GitHub's OpenAPI description of its REST API, version 2022-11-28. `docs/platform-facts.md` has the facts, G1 to G20.

use auths_core::{Account, AccountId, Platform, Unavailable};
use auths_http::{Field, Object, Pairs};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::config::GitHubConfig;

/// The longest part of a word or name of an answer that is shown, in characters.
pub(crate) const MAX_SHOWN: usize = 80;

/// The longest part of a server's message that is shown, in characters.
pub(crate) const MAX_MESSAGE: usize = 200;

/// An account, in `GET /user`, `GET /user/{id}`, `GET /users/{login}`, and where an answer names an account ("simple user").
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) login: String,
    pub(crate) id: u64,
    /// The kind: `User`, `Organization`, `Bot`. GitHub's description allows any text.
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

impl User {
    /// Returns the account, identified by its id, on the configured server.
    ///
    /// # Errors
    /// [`Unreadable`](auths_core::UnavailableReason::Unreadable) for an id or login that no account has.
    /// [`MissingField`](auths_core::UnavailableReason::MissingField) without a type.
    pub(crate) fn account(&self, config: &GitHubConfig) -> Result<Account, Unavailable> {
        if self.kind.is_empty() {
            return Err(Unavailable::missing_field("type of an account"));
        }
        let id = AccountId::new(&self.id.to_string()).map_err(no_account)?;
        let account = Account::parse_login(Platform::GITHUB, &self.login).map_err(no_account)?;
        Ok(account.with_id(id).at(config.configured().cloned()))
    }

    /// Returns whether it is a person's account. Only such an account can hold a DID.
    pub(crate) fn is_person(&self) -> bool {
        self.kind == "User"
    }
}

/// A repository, in `GET /repos/{owner}/{repo}`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Repository {
    pub(crate) id: u64,
    pub(crate) full_name: String,
    pub(crate) owner: User,
}

fn no_account(error: auths_core::NameError) -> Unavailable {
    Unavailable::unreadable(format_args!("an account in the answer: {error}"))
}

/// A part of an answer that may be of any other form, and then counts as not read, alone.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Lenient<T> {
    Read(T),
    Odd(IgnoredAny),
}

impl<T> Lenient<T> {
    /// Returns what was read.
    pub(crate) fn read(self) -> Option<T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Odd(_) => None,
        }
    }
}

/// `GET /gists/{id}`, and what `POST /gists` is answered with.
#[derive(Debug, Deserialize)]
pub(crate) struct GistAnswer {
    pub(crate) id: String,
    /// The owner. Missing or null for gists without an account, which are no longer made.
    #[serde(default)]
    pub(crate) owner: Option<Object<GistOwner>>,
    /// The files. Null stands for a file that was taken away.
    pub(crate) files: Pairs<Option<Object<GistFile>>>,
    #[serde(default)]
    pub(crate) truncated: Option<bool>,
    /// The gist that it was forked from.
    #[serde(default)]
    pub(crate) fork_of: Field<IgnoredAny>,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    /// The newest first. Who is named as its author proves nothing. One that cannot be read costs the revision alone.
    #[serde(default)]
    pub(crate) history: Option<Lenient<Vec<Lenient<Object<GistRevision>>>>>,
}

/// The owner of a gist.
#[derive(Debug, Deserialize)]
pub(crate) struct GistOwner {
    login: String,
    id: u64,
    #[serde(rename = "type", default)]
    kind: Option<String>,
}

impl GistOwner {
    /// Returns the owner in the form in which other answers name accounts. Organisations have no gists, so an owner without a
    /// type is a person.
    pub(crate) fn into_user(self) -> User {
        let Self { login, id, kind } = self;
        let kind = kind.filter(|kind| !kind.is_empty());
        let kind = kind.unwrap_or_else(|| "User".to_owned());
        User { login, id, kind }
    }
}

/// One file of a gist.
#[derive(Debug, Deserialize)]
pub(crate) struct GistFile {
    #[serde(default)]
    pub(crate) size: Option<u64>,
    #[serde(default)]
    pub(crate) truncated: Option<bool>,
    #[serde(default)]
    pub(crate) content: Option<String>,
    #[serde(default)]
    pub(crate) encoding: Option<String>,
}

/// One revision of a gist.
#[derive(Debug, Deserialize)]
pub(crate) struct GistRevision {
    #[serde(default)]
    pub(crate) version: Option<String>,
}

/// The needed part of the answer to `POST /gists`. Everything is read anew afterwards.
#[derive(Debug, Deserialize)]
pub(crate) struct GistCreated {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) html_url: Option<String>,
}

/// The answer to `POST /applications/{client_id}/token`. It repeats the token.
#[derive(Deserialize)]
pub(crate) struct AppTokenAnswer {
    pub(crate) token: String,
    #[serde(default)]
    pub(crate) expires_at: Option<String>,
    pub(crate) app: Object<OAuthApp>,
    #[serde(default)]
    pub(crate) user: Option<Object<User>>,
}

/// An OAuth app.
#[derive(Debug, Deserialize)]
pub(crate) struct OAuthApp {
    pub(crate) client_id: String,
}

/// A membership, in `GET /user/memberships/orgs/{org}` and in each entry of `GET /user/memberships/orgs` ("org membership").
#[derive(Debug, Deserialize)]
pub(crate) struct MembershipAnswer {
    pub(crate) state: String,
    pub(crate) role: String,
    pub(crate) organization: Object<Organization>,
    /// The member. Null for some tokens.
    #[serde(default)]
    pub(crate) user: Option<Object<OrgMember>>,
}

/// An organisation in another answer ("organization simple").
#[derive(Debug, Deserialize)]
pub(crate) struct Organization {
    pub(crate) login: String,
    pub(crate) id: u64,
}

/// The member of a membership.
#[derive(Debug, Deserialize)]
pub(crate) struct OrgMember {
    pub(crate) id: u64,
}
