//! The world: its clock, its accounts and tokens, and what a reader sees of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::access::{AccountState, Credential, Session, Token, TokenState};
use super::project::Project;
use super::refused::Refused;
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::evidence::{ListedAccount, Role};
use crate::identity::{
    Account, AccountId, Ecosystem, Login, NameError, Namespace, PackageName, Platform, StableIds,
};

/// One registry, its accounts, tokens and projects, and the time.
#[derive(Debug, Clone)]
pub struct World {
    pub(super) ecosystem: Ecosystem,
    pub(super) platform: Platform,
    pub(super) now: Timestamp,
    serial: u64,
    last_id: u64,
    /// By id.
    pub(super) accounts: BTreeMap<u64, AccountState>,
    pub(super) tokens: BTreeMap<u64, TokenState>,
    pub(super) projects: BTreeMap<PackageName, Project>,
}

impl World {
    /// An empty registry of `ecosystem`, whose accounts are those of `platform`.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, platform: Platform, now: Timestamp) -> Self {
        Self {
            ecosystem,
            platform,
            now,
            serial: 0,
            last_id: 0,
            accounts: BTreeMap::new(),
            tokens: BTreeMap::new(),
            projects: BTreeMap::new(),
        }
    }

    /// An empty PyPI.
    #[must_use]
    pub fn pypi(now: Timestamp) -> Self {
        Self::new(Ecosystem::PYPI, Platform::PYPI, now)
    }

    /// The ecosystem of its projects.
    #[must_use]
    pub fn ecosystem(&self) -> &Ecosystem {
        &self.ecosystem
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass.
    pub fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    /// The namespace of a project of that name, on the public registry.
    ///
    /// # Errors
    /// [`NameError`] when the ecosystem does not allow the name.
    pub fn namespace(&self, name: &str) -> Result<Namespace, NameError> {
        Namespace::parse_name(self.ecosystem.clone(), name)
    }

    /// The project of that name, in any spelling.
    #[must_use]
    pub fn project(&self, name: &str) -> Option<&Project> {
        let name = PackageName::parse(&self.ecosystem, name).ok()?;
        self.projects.get(&name)
    }

    /// Who has a role in `project`: Owners first, each by login.
    #[must_use]
    pub fn roles(&self, project: &Project) -> Vec<ListedAccount> {
        let mut roles: Vec<_> = project
            .roles
            .iter()
            .filter_map(|(id, role)| Some((*role, self.account(*id)?)))
            .collect();
        roles.sort_by(|(a, x), (b, y)| {
            (*a != Role::Owner, x.login()).cmp(&(*b != Role::Owner, y.login()))
        });
        let listed = |(role, account)| {
            let label = if role == Role::Owner {
                "Owner"
            } else {
                "Maintainer"
            };
            ListedAccount::new(account, role, label)
        };
        roles.into_iter().map(listed).collect()
    }

    /// What tells this project from an earlier or later one of the same name, where something was published.
    #[must_use]
    pub fn incarnation(&self, project: &Project) -> Option<Incarnation> {
        if self.ecosystem == Ecosystem::PYPI {
            let first = project.first_upload()?;
            return Some(Incarnation::new("first-upload", first.to_string()));
        }
        Some(Incarnation::new("created-at", project.created.to_string()))
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`Refused::LoginTaken`], or a login that the platform does not allow.
    pub fn sign_up(&mut self, login: &str) -> Result<Session, Refused> {
        let login = Login::parse(&self.platform, login)?;
        if self.accounts.values().any(|a| a.login == login) {
            return Err(Refused::LoginTaken);
        }
        let account = self.next_id();
        let state = AccountState {
            login,
            generation: 0,
        };
        self.accounts.insert(account, state);
        Ok(Session {
            account,
            generation: 0,
        })
    }

    /// Deletes the account. Its login is free at once, its tokens and roles end.
    ///
    /// # Errors
    /// [`Refused::SoleOwner`] while a project would be left without an Owner; [`Refused::Dead`].
    pub fn close_account(&mut self, by: &Session) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let owned_alone =
            |p: &Project| p.roles.get(&account) == Some(&Role::Owner) && p.owners() == 1;
        if self.projects.values().any(owned_alone) {
            return Err(Refused::SoleOwner);
        }
        self.accounts.remove(&account);
        self.tokens
            .retain(|_, token| token.account != Some(account));
        let names: Vec<_> = self.projects.keys().cloned().collect();
        for name in names {
            let serial = self.serial + 1;
            if let Some(project) = self.projects.get_mut(&name)
                && project.roles.remove(&account).is_some()
            {
                project.serial = serial;
                self.serial = serial;
            }
        }
        Ok(())
    }

    /// Ends every session of the account, thieves' ones too, and begins a new one.
    ///
    /// # Errors
    /// [`Refused::Dead`].
    pub fn end_sessions(&mut self, by: &Session) -> Result<Session, Refused> {
        let account = self.signed_in(by)?;
        let state = self.accounts.get_mut(&account).ok_or(Refused::Dead)?;
        state.generation += 1;
        Ok(Session {
            account,
            generation: state.generation,
        })
    }

    /// Makes a token for everything that the account may publish, or for one project.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownProject`], or [`Refused::Forbidden`] without a role there.
    pub fn create_token(&mut self, by: &Session, project: Option<&str>) -> Result<Token, Refused> {
        let account = self.signed_in(by)?;
        let project = match project {
            None => None,
            Some(name) => {
                let project = self.project(name).ok_or(Refused::UnknownProject)?;
                if !project.roles.contains_key(&account) {
                    return Err(Refused::Forbidden);
                }
                Some(project.id)
            }
        };
        Ok(self.issue(Some(account), project))
    }

    /// Lets a workflow publish the project: its token is nobody's, and lasts until it is revoked.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownProject`], or [`Refused::Forbidden`] to others than an Owner.
    pub fn trust_workflow(&mut self, by: &Session, project: &str) -> Result<Token, Refused> {
        let project = self.owned(by, project)?.id;
        Ok(self.issue(None, Some(project)))
    }

    /// Revokes a token of the account, or of a workflow of a project that it owns.
    ///
    /// # Errors
    /// [`Refused::Dead`], or [`Refused::Forbidden`] when it is somebody else's.
    pub fn revoke_token(&mut self, by: &Session, token: &Token) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let state = self.tokens.get(&token.id).ok_or(Refused::Dead)?;
        let owns = |p: &Project| {
            Some(p.id) == state.project && p.roles.get(&account) == Some(&Role::Owner)
        };
        let is_own = match state.account {
            Some(holder) => holder == account,
            None => self.projects.values().any(owns),
        };
        if !is_own {
            return Err(Refused::Forbidden);
        }
        self.tokens.remove(&token.id);
        Ok(())
    }

    fn issue(&mut self, account: Option<u64>, project: Option<u64>) -> Token {
        let id = self.next_id();
        self.tokens.insert(id, TokenState { account, project });
        Token { id }
    }

    /// The account by its id, as the registry shows it.
    fn account(&self, id: u64) -> Option<Account> {
        let account = Account::new(self.platform.clone(), self.accounts.get(&id)?.login.clone());
        match self.platform.stable_ids() {
            StableIds::Never => Some(account),
            _ => Some(account.with_id(AccountId::new(&id.to_string()).ok()?)),
        }
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// The account of a session that has not ended.
    pub(super) fn signed_in(&self, session: &Session) -> Result<u64, Refused> {
        match self.accounts.get(&session.account) {
            Some(state) if state.generation == session.generation => Ok(session.account),
            _ => Err(Refused::Dead),
        }
    }

    /// The project, if the session's account is an Owner of it.
    pub(super) fn owned(&mut self, by: &Session, name: &str) -> Result<&mut Project, Refused> {
        let account = self.signed_in(by)?;
        let name = PackageName::parse(&self.ecosystem, name)?;
        let project = self
            .projects
            .get_mut(&name)
            .ok_or(Refused::UnknownProject)?;
        match project.roles.get(&account) {
            Some(Role::Owner) => Ok(project),
            _ => Err(Refused::Forbidden),
        }
    }

    /// Whose the credential is, if anybody's, and the one project that it is for.
    pub(super) fn holder(&self, by: Credential<'_>) -> Result<(Option<u64>, Option<u64>), Refused> {
        match by {
            Credential::Session(session) => Ok((Some(self.signed_in(session)?), None)),
            Credential::Token(token) => {
                let state = self.tokens.get(&token.id).ok_or(Refused::Dead)?;
                Ok((state.account, state.project))
            }
        }
    }
}
