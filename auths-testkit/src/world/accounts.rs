//! The moves on accounts and their sessions.

use super::access::{AccountKind, AccountState, Session};
use super::refused::Refused;
use super::state::World;
use auths_core::evidence::OwnerRole;
use auths_core::identity::{Account, Login, Namespace, Platform};

impl World {
    /// Makes an account on the home's platform.
    ///
    /// # Errors
    /// The errors of [`World::sign_up_on`].
    pub fn sign_up(&mut self, login: &str) -> Result<Session, Refused> {
        let platform = self.platform().clone();
        self.sign_up_on(&platform, login)
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`Refused::LoginTaken`], [`Refused::NameHeld`] while a closed account's login is held back, or a login that the
    /// platform does not allow.
    pub fn sign_up_on(&mut self, platform: &Platform, login: &str) -> Result<Session, Refused> {
        let account = self.register_account(platform, login, AccountKind::User)?;
        Ok(Session {
            account,
            generation: 0,
            thief: None,
        })
    }

    /// Renames the account. Its old login is free at once; its number stays.
    ///
    /// # Errors
    /// [`Refused::NotOffered`] where accounts keep their login (npm, PyPI); [`Refused::Dead`]; the errors of
    /// [`World::sign_up_on`].
    pub fn rename_account(&mut self, by: &Session, login: &str) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        self.rename(account, login)
    }

    /// Closes the account: its sessions, tokens, roles and gists end. Its login is free when its platform frees it.
    ///
    /// # Errors
    /// [`Refused::SoleOwner`] while a project or organisation would be left without an Owner; [`Refused::Dead`].
    pub fn close_account(&mut self, by: &Session) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let survives = |namespace: &Namespace| {
            let rules = self.rules(namespace.ecosystem());
            rules.is_some_and(|r| r.survives_owners)
        };
        let alone = |(namespace, p): (&Namespace, &super::Project)| {
            let last = p.roles.get(&account) == Some(&OwnerRole::Owner) && p.owners() == 1;
            last && !survives(namespace)
        };
        if self.projects.iter().any(alone) || self.orgs.values().any(|o| o.is_last_admin(account)) {
            return Err(Refused::SoleOwner);
        }
        let leaves = |(namespace, p): (&Namespace, &super::Project)| {
            let has = p.roles.contains_key(&account) || p.invited.contains_key(&account);
            (has && !survives(namespace)).then(|| namespace.clone())
        };
        let left: Vec<Namespace> = self.projects.iter().filter_map(leaves).collect();
        for namespace in left {
            if let Some(project) = self.projects.get_mut(&namespace) {
                project.roles.remove(&account);
                project.invited.remove(&account);
            }
            self.changed(&namespace);
        }
        let orgs: Vec<u64> = self.orgs.keys().copied().collect();
        for org in orgs {
            if let Some(state) = self.orgs.get_mut(&org) {
                state.forget(account);
            }
            self.note_members(org);
        }
        self.note_sessions_end(account);
        self.tokens
            .retain(|_, token| token.account != Some(account));
        self.gists.retain(|_, gist| gist.owner != account);
        self.end_account(account);
        Ok(())
    }

    /// Ends every session of the account, including stolen copies, and begins a new one.
    ///
    /// # Errors
    /// [`Refused::Dead`].
    pub fn end_sessions(&mut self, by: &Session) -> Result<Session, Refused> {
        let account = self.signed_in(by)?;
        self.note_sessions_end(account);
        let state = self.accounts.get_mut(&account).ok_or(Refused::Dead)?;
        state.generation += 1;
        Ok(Session {
            account,
            generation: state.generation,
            thief: by.thief.clone(),
        })
    }

    /// Returns the account of a session, as the platform shows it.
    ///
    /// # Errors
    /// [`Refused::Dead`].
    pub fn account_of_session(&self, session: &Session) -> Result<Account, Refused> {
        self.account(self.signed_in(session)?).ok_or(Refused::Dead)
    }

    /// Returns the open account with that login.
    #[must_use]
    pub fn account_by_login(&self, platform: &Platform, login: &str) -> Option<&AccountState> {
        let login = Login::parse(platform, login).ok()?;
        let mut open = self.accounts.values().filter(|a| a.is_open());
        open.find(|a| a.platform == *platform && a.login == login)
    }

    /// Returns the account of a session that has not ended.
    pub(super) fn signed_in(&self, session: &Session) -> Result<u64, Refused> {
        match self.accounts.get(&session.account) {
            Some(state) if state.is_open() && state.generation == session.generation => {
                Ok(session.account)
            }
            _ => Err(Refused::Dead),
        }
    }

    pub(super) fn register_account(
        &mut self,
        platform: &Platform,
        login: &str,
        kind: AccountKind,
    ) -> Result<u64, Refused> {
        let login = self.free_login(platform, login)?;
        let id = self.next_id();
        self.note_login(platform, login.as_str(), id, kind == AccountKind::User);
        let state = AccountState {
            id,
            platform: platform.clone(),
            login,
            kind,
            created: self.now,
            closed: None,
            generation: 0,
        };
        self.accounts.insert(id, state);
        Ok(id)
    }

    pub(super) fn rename(&mut self, account: u64, login: &str) -> Result<(), Refused> {
        let state = self.accounts.get(&account).ok_or(Refused::UnknownAccount)?;
        let platform = state.platform.clone();
        if !self.platform_rules(&platform).renames {
            return Err(Refused::NotOffered);
        }
        let same = Login::parse(&platform, login)? == state.login;
        let login = match same {
            true => Login::parse(&platform, login)?,
            false => self.free_login(&platform, login)?,
        };
        self.note_login(&platform, login.as_str(), account, false);
        if let Some(state) = self.accounts.get_mut(&account) {
            state.login = login;
        }
        let listing = |(name, p): (&Namespace, &super::Project)| {
            p.roles.contains_key(&account).then(|| name.clone())
        };
        let listed: Vec<Namespace> = self.projects.iter().filter_map(listing).collect();
        for namespace in listed {
            self.changed(&namespace);
        }
        Ok(())
    }

    pub(super) fn end_account(&mut self, account: u64) {
        let now = self.now;
        if let Some(state) = self.accounts.get_mut(&account) {
            state.closed = Some(now);
        }
        if let Some(user) = self.crates_users.get_mut(&account) {
            user.become_ghost();
        }
    }

    /// Returns the account with that login, on the platform of `namespace`'s registry.
    pub(super) fn account_for(&self, namespace: &Namespace, login: &str) -> Result<u64, Refused> {
        let rules = self.rules(namespace.ecosystem());
        let platform = rules.map_or(self.platform(), |r| &r.platform);
        Login::parse(platform, login)?;
        let found = self.account_by_login(platform, login);
        found.map(|a| a.id).ok_or(Refused::UnknownAccount)
    }

    fn free_login(&self, platform: &Platform, login: &str) -> Result<Login, Refused> {
        let login = Login::parse(platform, login)?;
        let held = self.platform_rules(platform).login_held;
        let same = |a: &&AccountState| a.platform == *platform && a.login == login;
        for state in self.accounts.values().filter(same) {
            match state.closed {
                None => return Err(Refused::LoginTaken),
                Some(closed) if self.now < closed + held => return Err(Refused::NameHeld),
                Some(_) => {}
            }
        }
        Ok(login)
    }
}

/// Returns an account as its platform shows it, or showed it last.
pub(super) fn last_shown(world: &World, id: u64) -> Option<Account> {
    world.shown(world.accounts.get(&id)?)
}
