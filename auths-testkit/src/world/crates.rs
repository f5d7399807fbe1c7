//! crates.io's own accounts. Each is linked to a GitHub account, and has a user name of its own.

use super::access::Session;
use super::refused::Refused;
use super::state::World;
use auths_core::identity::{Ecosystem, Namespace, Platform};

/// An account of crates.io. Its name says nothing about GitHub; the linked id does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CratesUser {
    /// Its number on crates.io.
    pub id: u64,
    /// Its user name on crates.io. Any free name can be chosen, regardless of who has that login on GitHub.
    pub username: String,
    /// The numeric id of the linked GitHub account.
    pub github_id: u64,
    /// The login of the GitHub account at its last sign-in, which may be stale.
    pub github_login: String,
}

impl CratesUser {
    /// Changes the account to what crates.io makes of it when its GitHub account no longer exists.
    pub(super) fn become_ghost(&mut self) {
        self.username = format!("ghost_{}", self.id);
        self.github_login.clone_from(&self.username);
    }

    fn key(username: &str) -> String {
        username.to_ascii_lowercase().replace('-', "_")
    }
}

impl World {
    /// Signs in at crates.io with a GitHub session. Makes the account there if it is new, under the GitHub login or the given
    /// free name, and updates the stored GitHub login.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::NotOffered`] for a session of another platform; [`Refused::LoginTaken`].
    pub fn sign_in_to_crates(
        &mut self,
        by: &Session,
        username: Option<&str>,
    ) -> Result<CratesUser, Refused> {
        let account = self.signed_in(by)?;
        let state = self.accounts.get(&account).ok_or(Refused::Dead)?;
        if state.platform != Platform::GITHUB {
            return Err(Refused::NotOffered);
        }
        let login = state.login.as_str().to_owned();
        let taken = |name: &str| {
            let mut others = self
                .crates_users
                .values()
                .filter(|u| u.github_id != account);
            others.any(|u| CratesUser::key(&u.username) == CratesUser::key(name))
        };
        if username.is_some_and(taken) {
            return Err(Refused::LoginTaken);
        }
        let free = match taken(&login) {
            true => format!("{login}-{account}"),
            false => login.clone(),
        };
        let id = match self.crates_users.get(&account) {
            Some(user) => user.id,
            None => self.next_id(),
        };
        let user = self.crates_users.entry(account).or_insert(CratesUser {
            id,
            username: free,
            github_id: account,
            github_login: String::new(),
        });
        user.github_login = login;
        if let Some(username) = username {
            username.clone_into(&mut user.username);
        }
        Ok(user.clone())
    }

    /// Returns the account of crates.io that is linked to this GitHub id.
    #[must_use]
    pub fn crates_user(&self, github_id: u64) -> Option<&CratesUser> {
        self.crates_users.get(&github_id)
    }

    /// Returns every account of crates.io.
    pub fn crates_users(&self) -> impl Iterator<Item = &CratesUser> {
        self.crates_users.values()
    }

    /// Makes an account on crates.io for a GitHub account that gets a role on a crate.
    pub(super) fn join_crates(&mut self, account: u64, namespace: &Namespace) {
        if *namespace.ecosystem() != Ecosystem::CARGO || self.crates_users.contains_key(&account) {
            return;
        }
        if let Some(state) = self.accounts.get(&account) {
            let generation = state.generation;
            let session = Session {
                account,
                generation,
                thief: None,
            };
            drop(self.sign_in_to_crates(&session, None));
        }
    }
}
