//! GitHub's answers, as far as they are needed. Everything else in them is skipped without being kept.
//!
//! Source: GitHub's OpenAPI description of its REST API, version 2022-11-28.

use auths_core::{Account, AccountId, Platform, Unavailable, Why};
use serde::Deserialize;

use crate::config::GitHubConfig;

/// `GET /user`, `GET /user/{id}`, `GET /users/{login}`, and wherever an answer names an account ("simple user").
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct User {
    pub(crate) login: String,
    pub(crate) id: u64,
    /// `User`, `Organization`, `Bot`; a free text by the description.
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

impl User {
    /// The account, told by its id, on the server that said so.
    ///
    /// # Errors
    /// [`Why::Unreadable`] for an id or login that no account has.
    pub(crate) fn account(&self, config: &GitHubConfig) -> Result<Account, Unavailable> {
        let unreadable = |error: auths_core::NameError| {
            Unavailable::new(
                Why::Unreadable,
                format!("an account in the answer: {error}"),
            )
        };
        let id = AccountId::new(&self.id.to_string()).map_err(unreadable)?;
        let account = Account::parse_login(Platform::GITHUB, &self.login).map_err(unreadable)?;
        Ok(account.with_id(id).at(config.configured().cloned()))
    }

    /// Whether it is a person's account, which alone can hold a DID.
    pub(crate) fn is_person(&self) -> bool {
        self.kind == "User"
    }
}
