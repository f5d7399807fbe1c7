//! The needed parts of crates.io's answers. Everything else in them is skipped without being kept.
//!
//! Source: crates.io's OpenAPI description and its sources (`views`, `controllers/user/other`).

use auths_http::{Field, Object};
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
    pub(super) users: Vec<Object<Owner>>,
}

/// An owner: an account on crates.io, or a GitHub team. Users and teams are numbered apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Owner {
    pub(super) id: u64,
    pub(super) kind: String,
    /// The user name on crates.io, which says nothing about GitHub; or `github:org:team`.
    pub(super) login: String,
    /// The GitHub page of the account, with its login as of the last visit.
    #[serde(default)]
    pub(super) url: Option<String>,
    /// The picture that GitHub gave at the last visit. Its address holds the account's id, by habit and not by contract.
    #[serde(default)]
    pub(super) avatar: Option<String>,
}

/// `GET /api/v1/users/{login}?include=linked_accounts`.
#[derive(Debug, Deserialize)]
pub(super) struct UserAnswer {
    pub(super) user: Object<User>,
    /// The linked accounts. Missing on servers that are too old to name them.
    #[serde(default)]
    pub(super) linked_accounts: Field<Vec<Object<Linked>>>,
}

/// An account on crates.io.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: u64,
}

/// An account elsewhere that an account on crates.io signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Linked {
    pub(super) provider: String,
    pub(super) account_id: String,
    pub(super) login: String,
}
