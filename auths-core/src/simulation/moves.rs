//! The moves on projects: who may make which is enforced.

use std::collections::BTreeMap;

use super::access::{Credential, Session};
use super::metadata::Metadata;
use super::project::{Project, PublishedRelease};
use super::refused::Refused;
use super::version::Version;
use super::world::World;
use crate::evidence::Role;
use crate::identity::{Login, PackageName};

impl World {
    /// Publishes a version with one file. A name that is free is registered, and its publisher becomes its Owner.
    ///
    /// # Errors
    /// [`Refused`]: a credential without that right, a version that is there already, a name or version that is none.
    pub fn publish<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: &str,
        version: &str,
        metadata: Metadata,
    ) -> Result<(), Refused> {
        let by = by.into();
        let spelled = version.to_owned();
        let version = Version::parse(version).ok_or(Refused::Version {
            version: spelled.clone(),
        })?;
        let package = PackageName::parse(&self.ecosystem, name)?;
        self.holder(by)?;
        if !self.projects.contains_key(&package) {
            self.register(by, &package, name)?;
        }
        let now = self.now;
        let project = self.publishable(by, &package)?;
        if project.releases.iter().any(|r| r.version == version) {
            return Err(Refused::VersionExists);
        }
        project.releases.push(PublishedRelease {
            spelled,
            version,
            yanked: false,
            metadata,
            files: vec![now],
        });
        self.changed(&package);
        Ok(())
    }

    /// Adds a file to a release. Its metadata stays what the first file brought.
    ///
    /// # Errors
    /// As [`World::publish`], and [`Refused::UnknownRelease`].
    pub fn add_file<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: &str,
        version: &str,
    ) -> Result<(), Refused> {
        let package = PackageName::parse(&self.ecosystem, name)?;
        let now = self.now;
        let project = self.publishable(by.into(), &package)?;
        release_of(project, version)?.files.push(now);
        self.changed(&package);
        Ok(())
    }

    /// Yanks a release, or takes that back.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to others than an Owner's session; [`Refused::UnknownRelease`].
    pub fn yank(
        &mut self,
        by: &Session,
        name: &str,
        version: &str,
        yanked: bool,
    ) -> Result<(), Refused> {
        let project = self.owned(by, name)?;
        release_of(project, version)?.yanked = yanked;
        self.touch(name)
    }

    /// Deletes one file of a release. A release without files remains.
    ///
    /// # Errors
    /// As [`World::yank`].
    pub fn delete_file(
        &mut self,
        by: &Session,
        name: &str,
        version: &str,
        file: usize,
    ) -> Result<(), Refused> {
        let project = self.owned(by, name)?;
        let files = &mut release_of(project, version)?.files;
        if file >= files.len() {
            return Err(Refused::UnknownRelease);
        }
        files.remove(file);
        self.touch(name)
    }

    /// Deletes a release. The version can be published again, with other files and other metadata.
    ///
    /// # Errors
    /// As [`World::yank`].
    pub fn delete_release(
        &mut self,
        by: &Session,
        name: &str,
        version: &str,
    ) -> Result<(), Refused> {
        let project = self.owned(by, name)?;
        release_of(project, version)?;
        project.releases.retain(|r| r.spelled != version);
        self.touch(name)
    }

    /// Deletes a project. Its name is free at once.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to others than an Owner's session; [`Refused::Quarantined`].
    pub fn delete_project(&mut self, by: &Session, name: &str) -> Result<(), Refused> {
        if self.owned(by, name)?.quarantined {
            return Err(Refused::Quarantined);
        }
        let package = PackageName::parse(&self.ecosystem, name)?;
        self.projects.remove(&package);
        self.next_serial();
        Ok(())
    }

    /// Gives an account a role (Owner or Maintainer), or another one than it has.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to others than an Owner's session, or for another role; [`Refused::UnknownAccount`];
    /// [`Refused::SoleOwner`].
    pub fn set_role(
        &mut self,
        by: &Session,
        name: &str,
        login: &str,
        role: Role,
    ) -> Result<(), Refused> {
        if !matches!(role, Role::Owner | Role::Maintainer) {
            return Err(Refused::Forbidden);
        }
        let account = self.account_of(login)?;
        let project = self.owned(by, name)?;
        if role != Role::Owner && is_last_owner(project, account) {
            return Err(Refused::SoleOwner);
        }
        project.roles.insert(account, role);
        self.touch(name)
    }

    /// Takes an account's role away.
    ///
    /// # Errors
    /// As [`World::set_role`].
    pub fn remove_role(&mut self, by: &Session, name: &str, login: &str) -> Result<(), Refused> {
        let account = self.account_of(login)?;
        let project = self.owned(by, name)?;
        if is_last_owner(project, account) {
            return Err(Refused::SoleOwner);
        }
        project
            .roles
            .remove(&account)
            .ok_or(Refused::UnknownAccount)?;
        self.touch(name)
    }

    /// Gives the project to an organization of that name, too, or takes it back.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to others than an Owner's session.
    pub fn set_organization(
        &mut self,
        by: &Session,
        name: &str,
        organization: Option<&str>,
    ) -> Result<(), Refused> {
        self.owned(by, name)?.organization = organization.map(str::to_owned);
        self.touch(name)
    }

    /// The registry's own move: quarantines the project, or ends that.
    ///
    /// # Errors
    /// [`Refused::UnknownProject`].
    pub fn quarantine(&mut self, name: &str, quarantined: bool) -> Result<(), Refused> {
        let package = PackageName::parse(&self.ecosystem, name)?;
        let project = self
            .projects
            .get_mut(&package)
            .ok_or(Refused::UnknownProject)?;
        project.quarantined = quarantined;
        self.changed(&package);
        Ok(())
    }

    /// The registry's own move: makes the account the only one with a role, as when an abandoned name is given away.
    ///
    /// # Errors
    /// [`Refused::UnknownProject`], [`Refused::UnknownAccount`].
    pub fn hand_over(&mut self, name: &str, login: &str) -> Result<(), Refused> {
        let account = self.account_of(login)?;
        let package = PackageName::parse(&self.ecosystem, name)?;
        let project = self
            .projects
            .get_mut(&package)
            .ok_or(Refused::UnknownProject)?;
        project.roles = BTreeMap::from([(account, Role::Owner)]);
        self.changed(&package);
        Ok(())
    }

    /// A new project. Only a credential for everything that its account may do can make one.
    fn register(
        &mut self,
        by: Credential<'_>,
        package: &PackageName,
        spelled: &str,
    ) -> Result<(), Refused> {
        let (Some(account), None) = self.holder(by)? else {
            return Err(Refused::Forbidden);
        };
        let project = Project {
            id: self.next_id(),
            spelled: spelled.to_owned(),
            created: self.now,
            serial: 0,
            roles: BTreeMap::from([(account, Role::Owner)]),
            organization: None,
            quarantined: false,
            releases: Vec::new(),
        };
        self.projects.insert(package.clone(), project);
        Ok(())
    }

    /// The project, if the credential may publish to it.
    fn publishable(
        &mut self,
        by: Credential<'_>,
        package: &PackageName,
    ) -> Result<&mut Project, Refused> {
        let (account, scope) = self.holder(by)?;
        let project = self
            .projects
            .get_mut(package)
            .ok_or(Refused::UnknownProject)?;
        let in_scope = scope.is_none_or(|id| id == project.id);
        // A workflow is trusted by the project itself.
        let has_role = account.is_none_or(|id| project.roles.contains_key(&id));
        if !in_scope || !has_role {
            return Err(Refused::Forbidden);
        }
        if project.quarantined {
            return Err(Refused::Quarantined);
        }
        Ok(project)
    }

    fn account_of(&self, login: &str) -> Result<u64, Refused> {
        let login = Login::parse(&self.platform, login)?;
        let found = self.accounts.iter().find(|(_, state)| state.login == login);
        found.map(|(id, _)| *id).ok_or(Refused::UnknownAccount)
    }

    fn touch(&mut self, name: &str) -> Result<(), Refused> {
        let package = PackageName::parse(&self.ecosystem, name)?;
        self.changed(&package);
        Ok(())
    }

    fn changed(&mut self, package: &PackageName) {
        let serial = self.next_serial();
        if let Some(project) = self.projects.get_mut(package) {
            project.serial = serial;
        }
    }
}

fn release_of<'a>(
    project: &'a mut Project,
    version: &str,
) -> Result<&'a mut PublishedRelease, Refused> {
    let found = project.releases.iter_mut().find(|r| r.spelled == version);
    found.ok_or(Refused::UnknownRelease)
}

fn is_last_owner(project: &Project, account: u64) -> bool {
    project.roles.get(&account) == Some(&Role::Owner) && project.owners() == 1
}

#[cfg(test)]
mod tests;
