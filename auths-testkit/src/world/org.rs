//! Organisations of GitHub and npm, with their members and teams.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{AccountKind, Credential, Session, Token};
use super::refused::Refused;
use super::rules::Right;
use super::state::World;
use super::truth::Place;
use auths_core::identity::Platform;

/// The role of a member of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrgRole {
    /// An administrator, who may do everything: an Owner.
    Admin,
    /// An ordinary member. On npm, a member may publish every package of the scope.
    Member,
    /// A manager who sees and pays bills, and is not a member.
    BillingManager,
}

impl OrgRole {
    /// Returns the role in the words of GitHub's API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::BillingManager => "billing_manager",
        }
    }
}

/// An organisation, as its platform keeps it.
#[derive(Debug, Clone, Default)]
pub(super) struct OrgState {
    pub(super) members: BTreeMap<u64, (OrgRole, bool)>,
    teams: BTreeMap<String, (u64, BTreeSet<u64>)>,
    pub(super) sso: bool,
    pub(super) restricts_apps: bool,
    pub(super) approved_apps: BTreeSet<String>,
}

impl OrgState {
    pub(super) fn is_admin(&self, account: u64) -> bool {
        self.members.get(&account) == Some(&(OrgRole::Admin, true))
    }

    pub(super) fn is_last_admin(&self, account: u64) -> bool {
        let admins = self
            .members
            .values()
            .filter(|m| **m == (OrgRole::Admin, true));
        self.is_admin(account) && admins.count() == 1
    }

    pub(super) fn forget(&mut self, account: u64) {
        self.members.remove(&account);
        for (_, members) in self.teams.values_mut() {
            members.remove(&account);
        }
    }

    pub(super) fn team(&self, slug: &str) -> Option<u64> {
        self.teams.get(slug).map(|(id, _)| *id)
    }

    pub(super) fn is_member(&self, account: u64) -> bool {
        let member = self.members.get(&account);
        member.is_some_and(|(role, active)| *active && *role != OrgRole::BillingManager)
    }
}

impl World {
    /// Makes an organisation on the session's platform, administered by the account. Its login shares the name space of the
    /// accounts.
    ///
    /// # Errors
    /// The errors of [`World::sign_up_on`]; [`Refused::NotOffered`] on PyPI, whose organizations are not accounts
    /// ([`World::set_organization`]).
    pub fn create_org(&mut self, by: &Session, login: &str) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let platform = self.platform_of(account)?;
        if platform == Platform::PYPI {
            return Err(Refused::NotOffered);
        }
        let org = self.register_account(&platform, login, AccountKind::Organization)?;
        let mut state = OrgState::default();
        state.members.insert(account, (OrgRole::Admin, true));
        self.orgs.insert(org, state);
        self.note_gift(Place::Organization(org), account);
        self.note_members(org);
        Ok(())
    }

    /// Converts a person's npm account to an organisation, which `administrator` administers from now on. Nobody can sign in as
    /// it any more, and its tokens end. Its packages still list it, and their releases still name it as their publisher.
    ///
    /// # Errors
    /// [`Refused::NotOffered`] elsewhere than on npm; [`Refused::Dead`]; [`Refused::Forbidden`] if the administrator is the
    /// account itself.
    pub fn become_organization(
        &mut self,
        by: &Session,
        administrator: &Session,
    ) -> Result<(), Refused> {
        let (account, admin) = (self.signed_in(by)?, self.signed_in(administrator)?);
        if self.platform_of(account)? != Platform::NPM || self.platform_of(admin)? != Platform::NPM
        {
            return Err(Refused::NotOffered);
        }
        if account == admin {
            return Err(Refused::Forbidden);
        }
        let state = self.accounts.get_mut(&account).ok_or(Refused::Dead)?;
        state.kind = AccountKind::Organization;
        state.generation += 1;
        self.tokens
            .retain(|_, token| token.account != Some(account));
        let mut org = OrgState::default();
        org.members.insert(admin, (OrgRole::Admin, true));
        self.orgs.insert(account, org);
        self.note_sessions_end(account);
        self.truth.people.remove(&account);
        self.note_gift(Place::Organization(account), admin);
        self.note_members(account);
        Ok(())
    }

    /// Invites an account, or changes the role of a member. A new member is pending until it accepts.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to those who may not change members; [`Refused::UnknownAccount`]; [`Refused::SoleOwner`].
    pub fn set_member<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        org: &str,
        login: &str,
        role: OrgRole,
    ) -> Result<(), Refused> {
        let by = by.into();
        let (platform, id) = self.administered(by, org, Right::ChangeMembers)?;
        let account = self.account_by_login(&platform, login);
        let account = account.ok_or(Refused::UnknownAccount)?.id();
        self.note_giver(by, Place::Organization(id), account);
        let state = self.orgs.get_mut(&id).ok_or(Refused::UnknownAccount)?;
        if role != OrgRole::Admin && state.is_last_admin(account) {
            return Err(Refused::SoleOwner);
        }
        let active = state
            .members
            .get(&account)
            .is_some_and(|(_, active)| *active);
        state.members.insert(account, (role, active));
        self.note_use(by, Right::ChangeMembers, None, false);
        self.note_members(id);
        Ok(())
    }

    /// Accepts the invitation to an organisation.
    ///
    /// # Errors
    /// [`Refused::NotInvited`], [`Refused::Dead`], [`Refused::UnknownAccount`].
    pub fn accept_membership(&mut self, by: &Session, org: &str) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let platform = self.platform_of(account)?;
        let org = self.org_id(&platform, org)?;
        let state = self.orgs.get_mut(&org).ok_or(Refused::UnknownAccount)?;
        let member = state.members.get_mut(&account).ok_or(Refused::NotInvited)?;
        member.1 = true;
        self.note_members(org);
        Ok(())
    }

    /// Removes a membership.
    ///
    /// # Errors
    /// The errors of [`World::set_member`].
    pub fn remove_member<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        org: &str,
        login: &str,
    ) -> Result<(), Refused> {
        let by = by.into();
        let (platform, id) = self.administered(by, org, Right::ChangeMembers)?;
        let account = self.account_by_login(&platform, login);
        let account = account.ok_or(Refused::UnknownAccount)?.id();
        let state = self.orgs.get_mut(&id).ok_or(Refused::UnknownAccount)?;
        if state.is_last_admin(account) {
            return Err(Refused::SoleOwner);
        }
        state.forget(account);
        self.note_use(by, Right::ChangeMembers, None, false);
        self.note_members(id);
        Ok(())
    }

    /// Renames an organisation. Its old name is free at once; its number stays.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to others than an administrator's session; the errors of [`World::rename_account`].
    pub fn rename_org(&mut self, by: &Session, org: &str, login: &str) -> Result<(), Refused> {
        let (_, id) = self.administered(by.into(), org, Right::Account)?;
        self.rename(id, login)
    }

    /// Deletes an organisation. Its name is free when the platform frees it.
    ///
    /// # Errors
    /// The errors of [`World::rename_org`].
    pub fn delete_org(&mut self, by: &Session, org: &str) -> Result<(), Refused> {
        let (_, id) = self.administered(by.into(), org, Right::Account)?;
        self.orgs.remove(&id);
        self.note_members(id);
        self.end_account(id);
        Ok(())
    }

    /// Sets whether the organisation requires a single sign-on for each token, and whether it allows approved apps only.
    ///
    /// # Errors
    /// The errors of [`World::rename_org`].
    pub fn protect_org(
        &mut self,
        by: &Session,
        org: &str,
        sso: bool,
        restricts_apps: bool,
    ) -> Result<(), Refused> {
        let (_, id) = self.administered(by.into(), org, Right::Account)?;
        let state = self.orgs.get_mut(&id).ok_or(Refused::UnknownAccount)?;
        (state.sso, state.restricts_apps) = (sso, restricts_apps);
        Ok(())
    }

    /// Approves an OAuth app.
    ///
    /// # Errors
    /// The errors of [`World::rename_org`].
    pub fn approve_app(&mut self, by: &Session, org: &str, app: &str) -> Result<(), Refused> {
        let (_, id) = self.administered(by.into(), org, Right::Account)?;
        let state = self.orgs.get_mut(&id).ok_or(Refused::UnknownAccount)?;
        state.approved_apps.insert(app.to_owned());
        Ok(())
    }

    /// Passes the organisation's single sign-on for a token of the account.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::Forbidden`] for somebody else's token; [`Refused::UnknownAccount`].
    pub fn authorize_sso(&mut self, by: &Session, token: &Token, org: &str) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let platform = self.platform_of(account)?;
        let org = self.org_id(&platform, org)?;
        let state = self.tokens.get_mut(&token.id).ok_or(Refused::Dead)?;
        if state.account != Some(account) {
            return Err(Refused::Forbidden);
        }
        state.sso.insert(org);
        Ok(())
    }

    /// Makes a team with these members of the organisation. A team that is made again is a different team.
    ///
    /// # Errors
    /// The errors of [`World::set_member`].
    pub fn set_team(
        &mut self,
        by: &Session,
        org: &str,
        slug: &str,
        members: &[&str],
    ) -> Result<(), Refused> {
        let (platform, org) = self.administered(by.into(), org, Right::ChangeMembers)?;
        let find = |login: &&str| self.account_by_login(&platform, login).map(|a| a.id());
        let members: Option<BTreeSet<u64>> = members.iter().map(find).collect();
        let members = members.ok_or(Refused::UnknownAccount)?;
        let id = self.next_id();
        let state = self.orgs.get_mut(&org).ok_or(Refused::UnknownAccount)?;
        if !members.iter().all(|member| state.is_member(*member)) {
            return Err(Refused::UnknownAccount);
        }
        state.teams.insert(slug.to_owned(), (id, members));
        Ok(())
    }

    /// Returns the numeric id of the organisation with that name on GitHub.
    #[must_use]
    pub fn org(&self, login: &str) -> Option<u64> {
        self.org_id(&Platform::GITHUB, login).ok()
    }

    /// Returns the platform and number of an organisation that the credential administers.
    fn administered(
        &self,
        by: Credential<'_>,
        org: &str,
        right: Right,
    ) -> Result<(Platform, u64), Refused> {
        let account = self.acting(by, right)?;
        let platform = self.platform_of(account)?;
        let id = self.org_id(&platform, org)?;
        match self.orgs.get(&id).is_some_and(|o| o.is_admin(account)) {
            true => Ok((platform, id)),
            false => Err(Refused::Forbidden),
        }
    }

    fn platform_of(&self, account: u64) -> Result<Platform, Refused> {
        let state = self.accounts.get(&account).ok_or(Refused::Dead)?;
        Ok(state.platform.clone())
    }

    fn org_id(&self, platform: &Platform, login: &str) -> Result<u64, Refused> {
        let found = self.account_by_login(platform, login);
        let found = found.filter(|a| a.kind() == AccountKind::Organization);
        found.map(|a| a.id()).ok_or(Refused::UnknownAccount)
    }

    /// Returns whether an account is an active member of exactly that team.
    pub(super) fn is_on_team(&self, account: u64, org: u64, team: u64) -> bool {
        let Some(state) = self.orgs.get(&org) else {
            return false;
        };
        let mut teams = state.teams.values();
        state.is_member(account) && teams.any(|(id, on)| *id == team && on.contains(&account))
    }
}
