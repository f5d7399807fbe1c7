//! The moves on the owners of a project.

use super::access::{Credential, Session};
use super::named::Named;
use super::project::{Project, TeamOwner};
use super::refused::Refused;
use super::rules::{RegistryRules, Right};
use super::state::World;
use super::truth::Place;
use auths_core::evidence::OwnerRole;
use auths_core::identity::{Namespace, Platform};

impl World {
    /// Gives an account a role (Owner, Maintainer, or Other, which may do nothing), or changes its role. Where owners are invited
    /// (npm, crates.io), a new owner has the role once it [accepts](World::accept_invitation).
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to those who may not, or for another role; [`Refused::NotOffered`] for a role that the registry
    /// does not have; [`Refused::UnknownAccount`]; [`Refused::SoleOwner`].
    pub fn set_role<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        login: &str,
        role: OwnerRole,
    ) -> Result<(), Refused> {
        let (by, name) = (by.into(), name.into());
        let namespace = self.meant(by, name)?;
        let rules = self.rules(namespace.ecosystem());
        let has = |rule: fn(&RegistryRules) -> bool| rules.is_some_and(rule);
        let offered = match role {
            OwnerRole::Owner => true,
            OwnerRole::Maintainer => has(|r| r.lesser_role),
            OwnerRole::Other => has(|r| r.reader_role),
            _ => return Err(Refused::Forbidden),
        };
        if !offered {
            return Err(Refused::NotOffered);
        }
        let invites = role == OwnerRole::Owner && has(|r| r.invites_owners);
        let account = self.account_for(&namespace, login)?;
        let now = self.now;
        if let Some(place) = self.place_of(&namespace) {
            self.note_giver(by, place, account);
        }
        self.change(by, name, Right::ChangeOwners, |project| {
            if role != OwnerRole::Owner && is_last_owner(project, account) {
                return Err(Refused::SoleOwner);
            }
            match invites && !project.roles.contains_key(&account) {
                true => drop(project.invited.insert(account, now)),
                false => drop(project.roles.insert(account, role)),
            }
            Ok(())
        })
    }

    /// Makes an account an Owner, as [`World::set_role`] does.
    ///
    /// # Errors
    /// The errors of [`World::set_role`].
    pub fn add_owner<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        login: &str,
    ) -> Result<(), Refused> {
        self.set_role(by, name, login, OwnerRole::Owner)
    }

    /// Accepts the invitation to own a project.
    ///
    /// # Errors
    /// [`Refused::NotInvited`], [`Refused::Dead`].
    pub fn accept_invitation<'n>(
        &mut self,
        by: &Session,
        name: impl Into<Named<'n>>,
    ) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let namespace = self.meant(by.into(), name.into())?;
        let project = self.projects.get_mut(&namespace);
        let project = project.ok_or(Refused::UnknownProject)?;
        if project.invited.remove(&account).is_none() {
            return Err(Refused::NotInvited);
        }
        project.roles.insert(account, OwnerRole::Owner);
        self.join_crates(account, &namespace);
        self.changed(&namespace);
        Ok(())
    }

    /// Removes an account's role or invitation.
    ///
    /// # Errors
    /// The errors of [`World::set_role`].
    pub fn remove_role<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        login: &str,
    ) -> Result<(), Refused> {
        let (by, name) = (by.into(), name.into());
        let namespace = self.meant(by, name)?;
        let account = self.account_for(&namespace, login)?;
        self.change(by, name, Right::ChangeOwners, |project| {
            if is_last_owner(project, account) {
                return Err(Refused::SoleOwner);
            }
            let role = project.roles.remove(&account).is_some();
            let invited = project.invited.remove(&account).is_some();
            match role || invited {
                true => Ok(()),
                false => Err(Refused::UnknownAccount),
            }
        })
    }

    /// Makes a GitHub team an owner of a crate: its members may publish, and no more.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to those who may not change owners, or are neither on the team nor an administrator of its
    /// organisation; [`Refused::NotOffered`] elsewhere than on crates.io; [`Refused::UnknownThing`].
    pub fn add_team<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        org: &str,
        team: &str,
    ) -> Result<(), Refused> {
        let (by, name) = (by.into(), name.into());
        let (namespace, account) = self.entitled(by, name, Right::ChangeOwners)?;
        if namespace.ecosystem().as_str() != "cargo" {
            return Err(Refused::NotOffered);
        }
        let account = account.ok_or(Refused::Forbidden)?;
        let found = self.account_by_login(&Platform::GITHUB, org);
        let org_id = found.ok_or(Refused::UnknownAccount)?.id();
        let state = self.orgs.get(&org_id).ok_or(Refused::UnknownAccount)?;
        let team_id = state.team(team).ok_or(Refused::UnknownThing)?;
        if !state.is_admin(account) && !self.is_on_team(account, org_id, team_id) {
            return Err(Refused::Forbidden);
        }
        let label = format!("github:{org}:{team}").to_ascii_lowercase();
        self.change(by, name, Right::ChangeOwners, |project| {
            project.teams.push(TeamOwner {
                org: org_id,
                team: team_id,
                label,
            });
            Ok(())
        })
    }

    /// Removes a team by its label, `github:org:team`.
    ///
    /// # Errors
    /// The errors of [`World::remove_role`].
    pub fn remove_team<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        label: &str,
    ) -> Result<(), Refused> {
        self.change(by.into(), name.into(), Right::ChangeOwners, |project| {
            let before = project.teams.len();
            project.teams.retain(|t| t.label != label);
            match project.teams.len() < before {
                true => Ok(()),
                false => Err(Refused::UnknownThing),
            }
        })
    }
}

impl World {
    fn place_of(&self, namespace: &Namespace) -> Option<Place> {
        let project = self.projects.get(namespace)?;
        Some(Place::Project(project.id))
    }
}

fn is_last_owner(project: &Project, account: u64) -> bool {
    project.roles.get(&account) == Some(&OwnerRole::Owner) && project.owners() == 1
}
