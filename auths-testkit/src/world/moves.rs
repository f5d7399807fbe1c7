//! The moves on existing projects, with enforcement of who may make each.

use std::collections::BTreeMap;

use super::access::Credential;
use super::named::Named;
use super::project::{Buried, Project, PublishedRelease};
use super::refused::Refused;
use super::rules::{Deletion, Right};
use super::state::World;
use super::truth::Place;
use crate::DAY;
use auths_core::Timestamp;
use auths_core::evidence::OwnerRole;
use auths_core::identity::Namespace;

impl World {
    /// Adds a file to a release. The metadata of the first file stays.
    ///
    /// # Errors
    /// The errors of [`World::publish`], and [`Refused::UnknownRelease`]; [`Refused::NotOffered`] where a release has one file.
    pub fn add_file<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        version: &str,
    ) -> Result<(), Refused> {
        let now = self.now;
        let (namespace, _) = self.entitled(by.into(), name.into(), Right::Publish)?;
        if self.deletes(&namespace, |r| r.deletes_releases) != Deletion::Always {
            return Err(Refused::NotOffered);
        }
        let project = self.running(&namespace)?;
        release_of(project, version)?.files.push(now);
        self.changed(&namespace);
        Ok(())
    }

    /// Yanks or deprecates a release, or undoes that.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to those who may not; [`Refused::UnknownRelease`].
    pub fn yank<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        version: &str,
        yanked: bool,
    ) -> Result<(), Refused> {
        self.change(by.into(), name.into(), Right::Withdraw, |project| {
            release_of(project, version)?.yanked = yanked;
            Ok(())
        })
    }

    /// Points a tag that installers follow at a version. The tag `latest` is their default.
    ///
    /// # Errors
    /// The errors of [`World::yank`], and [`Refused::NotOffered`] where there are no tags.
    pub fn tag<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        tag: &str,
        version: &str,
    ) -> Result<(), Refused> {
        let (by, name) = (by.into(), name.into());
        let namespace = self.meant(by, name)?;
        if !self.rules(namespace.ecosystem()).is_some_and(|r| r.tags) {
            return Err(Refused::NotOffered);
        }
        self.change(by, name, Right::Tag, |project| {
            release_of(project, version)?;
            project.tags.insert(tag.to_owned(), version.to_owned());
            Ok(())
        })
    }

    /// Deletes one file of a release. A release without files remains.
    ///
    /// # Errors
    /// The errors of [`World::yank`], and [`Refused::NotOffered`] where a release has one file.
    pub fn delete_file<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        version: &str,
        file: usize,
    ) -> Result<(), Refused> {
        let (by, name) = (by.into(), name.into());
        let namespace = self.meant(by, name)?;
        if self.deletes(&namespace, |r| r.deletes_releases) != Deletion::Always {
            return Err(Refused::NotOffered);
        }
        self.change(by, name, Right::DeleteRelease, |project| {
            let files = &mut release_of(project, version)?.files;
            if file >= files.len() {
                return Err(Refused::UnknownRelease);
            }
            files.remove(file);
            Ok(())
        })
    }

    /// Deletes or unpublishes a release, if the registry still allows it. On PyPI the version can be published again, with other
    /// files and other metadata.
    ///
    /// # Errors
    /// The errors of [`World::yank`]; [`Refused::NotOffered`], [`Refused::TooLate`].
    pub fn delete_release<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        version: &str,
    ) -> Result<(), Refused> {
        let (by, name) = (by.into(), name.into());
        let namespace = self.meant(by, name)?;
        let (when, now) = (self.deletes(&namespace, |r| r.deletes_releases), self.now);
        self.change(by, name, Right::DeleteRelease, |project| {
            let uploaded = release_of(project, version)?.files.iter().min().copied();
            check_deletion(when, project, uploaded.unwrap_or(project.created), now)?;
            project.releases.retain(|r| r.spelled != version);
            project.mend_tags();
            Ok(())
        })
    }

    /// Deletes a project, if the registry still allows it. Anybody can take its name when the registry frees it.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to others than an Owner; [`Refused::Quarantined`], [`Refused::TooLate`].
    pub fn delete_project<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
    ) -> Result<(), Refused> {
        let (namespace, _) = self.entitled(by.into(), name.into(), Right::DeleteProject)?;
        let (when, now) = (self.deletes(&namespace, |r| r.deletes_projects), self.now);
        let project = self.running(&namespace)?;
        check_deletion(when, project, project.created, now)?;
        if let Some(project) = self.projects.remove(&namespace) {
            self.note_deletion(project.id);
            let before = self.buried.get(&namespace);
            let mut history = before.map_or_else(Vec::new, |b| b.history.clone());
            history.extend(project.history);
            let buried = Buried {
                created: before.map_or(project.created, |b| b.created),
                deleted: now,
                history,
            };
            self.buried.insert(namespace, buried);
            self.serial += 1;
        }
        Ok(())
    }

    /// Adds an organization of that name as an owner of the project, or removes it.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] to others than an Owner's session.
    pub fn set_organization<'a, 'n>(
        &mut self,
        by: impl Into<Credential<'a>>,
        name: impl Into<Named<'n>>,
        organization: Option<&str>,
    ) -> Result<(), Refused> {
        self.change(by.into(), name.into(), Right::Administer, |project| {
            project.organization = organization.map(str::to_owned);
            Ok(())
        })
    }

    /// Quarantines the project, or ends that. A move of the registry itself.
    ///
    /// # Errors
    /// [`Refused::UnknownProject`].
    pub fn quarantine<'n>(
        &mut self,
        name: impl Into<Named<'n>>,
        quarantined: bool,
    ) -> Result<(), Refused> {
        self.own_move(name.into(), |project| project.quarantined = quarantined)
    }

    /// Makes the account the only one with a role, as when an abandoned name is given away. A move of the registry itself.
    ///
    /// # Errors
    /// [`Refused::UnknownProject`], [`Refused::UnknownAccount`].
    pub fn hand_over<'n>(
        &mut self,
        name: impl Into<Named<'n>>,
        login: &str,
    ) -> Result<(), Refused> {
        let name = name.into();
        let namespace = self.namespace(name)?;
        let account = self.account_for(&namespace, login)?;
        if let Some(project) = self.projects.get(&namespace) {
            self.note_gift(Place::Project(project.id), account);
        }
        self.own_move(name, |project| {
            project.roles = BTreeMap::from([(account, OwnerRole::Owner)]);
        })
    }

    /// Sets whether others depend on the project. A move of other projects.
    ///
    /// # Errors
    /// [`Refused::UnknownProject`].
    pub fn depend_on<'n>(
        &mut self,
        name: impl Into<Named<'n>>,
        in_use: bool,
    ) -> Result<(), Refused> {
        self.own_move(name.into(), |project| project.in_use = in_use)
    }

    fn own_move(
        &mut self,
        name: Named<'_>,
        step: impl FnOnce(&mut Project),
    ) -> Result<(), Refused> {
        let namespace = self.namespace(name)?;
        let project = self.projects.get_mut(&namespace);
        step(project.ok_or(Refused::UnknownProject)?);
        self.changed(&namespace);
        Ok(())
    }

    fn deletes(
        &self,
        namespace: &Namespace,
        of: impl FnOnce(&super::RegistryRules) -> Deletion,
    ) -> Deletion {
        self.rules(namespace.ecosystem())
            .map_or(Deletion::Never, of)
    }

    /// Returns the intended project and the account of the credential, if the credential may make this move.
    pub(super) fn entitled(
        &self,
        by: Credential<'_>,
        name: Named<'_>,
        right: Right,
    ) -> Result<(Namespace, Option<u64>), Refused> {
        let namespace = self.meant(by, name)?;
        let holder = self.may(by, right)?;
        if !self.projects.contains_key(&namespace) {
            return Err(Refused::UnknownProject);
        }
        match self.has_role(&holder, &namespace, right) {
            true => Ok((namespace, holder.account)),
            false => Err(Refused::Forbidden),
        }
    }

    /// Makes a change that the credential may make.
    pub(super) fn change(
        &mut self,
        by: Credential<'_>,
        name: Named<'_>,
        right: Right,
        step: impl FnOnce(&mut Project) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let (namespace, _) = self.entitled(by, name, right)?;
        let project = self.projects.get_mut(&namespace);
        let project = project.ok_or(Refused::UnknownProject)?;
        let id = project.id;
        step(project)?;
        self.note_use(by, right, Some(id), false);
        self.changed(&namespace);
        Ok(())
    }

    /// Returns the project, unless it is quarantined.
    pub(super) fn running(&mut self, namespace: &Namespace) -> Result<&mut Project, Refused> {
        let project = self.projects.get_mut(namespace);
        let project = project.ok_or(Refused::UnknownProject)?;
        match project.quarantined {
            true => Err(Refused::Quarantined),
            false => Ok(project),
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

fn check_deletion(
    when: Deletion,
    project: &Project,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), Refused> {
    match when {
        Deletion::Always => Ok(()),
        Deletion::Never => Err(Refused::NotOffered),
        Deletion::Limited { not_in_use } => {
            let young = now < since + 3 * DAY && !(not_in_use && project.in_use);
            let alone = project.owners() == 1 && !project.in_use;
            match young || alone {
                true => Ok(()),
                false => Err(Refused::TooLate),
            }
        }
    }
}

#[cfg(test)]
mod tests;
