//! The needed parts of crates.io's answers. Everything else in them is skipped without being kept.
//!
//! Source: crates.io's OpenAPI description and its sources (`views`, `controllers/user/other`). `docs/platform-facts.md` has the
//! facts, C1 to C14.

use auths_http::{Field, ListEntry, Object};
use serde::{Deserialize, Serialize};

/// `GET /api/v1/crates/{name}?include=versions`.
#[derive(Debug, Deserialize)]
pub(super) struct CrateAnswer {
    #[serde(rename = "crate")]
    pub(super) krate: Object<Crate>,
    pub(super) versions: Vec<Object<Version>>,
}

/// `GET /api/v1/crates/{name}?include=`: the crate alone.
#[derive(Debug, Deserialize)]
pub(super) struct LifeAnswer {
    #[serde(rename = "crate")]
    pub(super) krate: Object<Crate>,
}

/// A crate.
#[derive(Debug, Deserialize)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) created_at: String,
}

/// One version.
#[derive(Debug, Deserialize)]
pub(super) struct Version {
    #[serde(rename = "crate")]
    pub(super) krate: String,
    pub(super) created_at: String,
    /// The publisher. Null for trusted publishing, and for the oldest versions.
    #[serde(default)]
    pub(super) published_by: Field<Object<Publisher>>,
}

/// The publisher of a version.
#[derive(Debug, Deserialize)]
pub(super) struct Publisher {
    /// The id of the account on crates.io.
    pub(super) id: u64,
}

/// `GET /api/v1/crates/{name}/owners`.
#[derive(Debug, Deserialize)]
pub(super) struct OwnersAnswer {
    pub(super) users: Vec<ListEntry>,
}

/// An owner, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum AnyOwner {
    User(Owner),
    /// A GitHub team: `github:org:team`.
    Team(String),
    /// Neither a user with an id nor a team with a name.
    Odd,
}

/// An account on crates.io that owns a crate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    /// Counted apart from those of teams.
    pub(super) id: u64,
    /// The user name on crates.io, which says nothing of GitHub; empty where it cannot be read.
    pub(super) login: String,
    /// The GitHub page of the account, with its login as of the last visit.
    pub(super) url: Option<String>,
    /// The picture that GitHub gave at the last visit. Its address has the account's id in it, by habit and not by contract.
    pub(super) avatar: Option<String>,
}

impl AnyOwner {
    pub(super) fn new(entry: &ListEntry) -> Self {
        let [login, url, avatar] =
            ["login", "url", "avatar"].map(|field| entry.text(field).map(str::to_owned));
        match (entry.text("kind"), entry.number("id"), login) {
            (Some("user"), Some(id), login) if id > 0 => Self::User(Owner {
                id,
                login: login.unwrap_or_default(),
                url,
                avatar,
            }),
            (Some("team"), _, Some(team)) => Self::Team(team),
            _ => Self::Odd,
        }
    }
}

/// `GET /api/v1/users/{login}?include=linked_accounts`.
#[derive(Debug, Deserialize)]
pub(super) struct UserAnswer {
    pub(super) user: Object<User>,
    /// The linked accounts. Missing on servers that are too old to name them.
    #[serde(default)]
    pub(super) linked_accounts: Field<Vec<ListEntry>>,
}

/// An account on crates.io.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
}

/// An account elsewhere that one on crates.io signs in with, as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum LinkedLogin {
    /// One of GitHub, with its id and login.
    GitHub { account_id: String, login: String },
    /// One of another provider.
    Elsewhere,
    /// It may be one of GitHub: its provider is in no known spelling, or its id cannot be read.
    Odd,
}

impl LinkedLogin {
    pub(super) fn new(entry: &ListEntry) -> Self {
        match (entry.text("provider"), entry.text("account_id")) {
            (Some("github"), Some(id)) => Self::GitHub {
                account_id: id.to_owned(),
                login: entry.text("login").unwrap_or_default().to_owned(),
            },
            // The same word in other letters, or with something before or behind it, may mean the same.
            (Some(other), _)
                if !other.is_empty() && !other.to_ascii_lowercase().contains("github") =>
            {
                Self::Elsewhere
            }
            _ => Self::Odd,
        }
    }
}
