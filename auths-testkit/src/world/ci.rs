//! Continuous integration: repositories, the workflows in them, and the registries that trust them.

use std::collections::{BTreeMap, BTreeSet};

use super::access::{Attestation, Credential, Session, Token, TokenState, Workflow};
use super::environments::EnvironmentState;
use super::named::Named;
use super::refused::Refused;
use super::rules::{Grant, Right};
use super::state::World;
use super::truth::{Person, Place};
use auths_core::identity::{AccountId, Platform};

/// A repository, as GitHub keeps it.
#[derive(Debug, Clone)]
pub(super) struct RepositoryState {
    pub(super) owner: u64,
    pub(super) name: String,
    /// The accounts that may write to it, in addition to its owner.
    pub(super) writers: BTreeSet<u64>,
    /// The environments that were protected, by name in lower case.
    pub(super) environments: BTreeMap<String, EnvironmentState>,
}

/// A workflow that publishes.
#[derive(Debug, Clone)]
pub(super) struct WorkflowState {
    /// The repository that contains it; `None` for a workflow on another host.
    pub(super) repository: Option<u64>,
    /// The person who made it.
    pub(super) made_by: Option<Person>,
    /// The name of its file.
    pub(super) file: String,
    /// The environment of its publishing job.
    pub(super) environment: Option<String>,
    /// The reusable workflow that holds its publishing job: the name of its repository, and its file.
    pub(super) calls: Option<(String, String)>,
}

/// A workflow or repository that a project trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trusted {
    /// A workflow on another host.
    Elsewhere(u64),
    /// A repository, as it was when its owner was looked up.
    Repository { full_name: String, owner: u64 },
}

impl World {
    /// Makes a repository `owner/name` with a publishing workflow, `release.yml`, for the account or an organisation that it is a
    /// member of. A member who does not administer the organisation may write to what it made. No project trusts it yet.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::UnknownAccount`], [`Refused::Forbidden`] for somebody else's name; [`Refused::NameTaken`].
    pub fn create_repository(
        &mut self,
        by: &Session,
        full_name: &str,
    ) -> Result<Workflow, Refused> {
        let account = self.signed_in(by)?;
        let (login, name) = full_name.split_once('/').ok_or(Refused::UnknownAccount)?;
        let owner = self.account_by_login(&Platform::GITHUB, login);
        let owner = owner.ok_or(Refused::UnknownAccount)?.id();
        let org = self.orgs.get(&owner);
        if owner != account && !org.is_some_and(|o| o.is_member(account)) {
            return Err(Refused::Forbidden);
        }
        let is_guest = owner != account && !org.is_some_and(|o| o.is_admin(account));
        let taken = |r: &RepositoryState| r.owner == owner && r.name.eq_ignore_ascii_case(name);
        if self.repositories.values().any(taken) {
            return Err(Refused::NameTaken);
        }
        let repository = self.next_id();
        let name = name.to_owned();
        let state = RepositoryState {
            owner,
            name,
            writers: is_guest.then_some(account).into_iter().collect(),
            environments: BTreeMap::new(),
        };
        self.repositories.insert(repository, state);
        self.note_gift(Place::Repository(repository), owner);
        self.note_writers(repository);
        self.note_repository_name(repository);
        Ok(self.new_workflow(Some(repository), by))
    }

    /// Transfers a repository to another account, or to an organisation that the account is a member of. Its number stays, its
    /// owner's number changes.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownThing`], [`Refused::UnknownAccount`], [`Refused::Forbidden`].
    pub fn transfer_repository(
        &mut self,
        by: &Session,
        workflow: &Workflow,
        to: &str,
    ) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let to = self.account_by_login(&Platform::GITHUB, to);
        let to = to.ok_or(Refused::UnknownAccount)?.id();
        let state = self.workflows.get(&workflow.id);
        let repository = state
            .and_then(|w| w.repository)
            .ok_or(Refused::UnknownThing)?;
        let owner = self.repositories.get(&repository).map(|r| r.owner);
        let owner = owner.ok_or(Refused::UnknownThing)?;
        if !self.administers(owner, account) {
            return Err(Refused::Forbidden);
        }
        if self
            .orgs
            .get(&to)
            .is_some_and(|org| !org.is_member(account))
        {
            return Err(Refused::Forbidden);
        }
        self.note_giver(by.into(), Place::Repository(repository), to);
        if let Some(state) = self.repositories.get_mut(&repository) {
            state.owner = to;
        }
        self.note_writers(repository);
        self.note_repository_name(repository);
        Ok(())
    }

    /// Grants an account write access to the repository of a workflow, or removes it.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownThing`], [`Refused::UnknownAccount`], [`Refused::Forbidden`].
    pub fn set_writer(
        &mut self,
        by: &Session,
        workflow: &Workflow,
        login: &str,
        writes: bool,
    ) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let writer = self.account_by_login(&Platform::GITHUB, login);
        let writer = writer.ok_or(Refused::UnknownAccount)?.id();
        let (repository, state) = self
            .repository_of(workflow.id)
            .ok_or(Refused::UnknownThing)?;
        let owner = state.owner;
        if !self.administers(owner, account) {
            return Err(Refused::Forbidden);
        }
        if writer == owner {
            return Err(Refused::SoleOwner);
        }
        if writes {
            self.note_giver(by.into(), Place::Repository(repository), writer);
        }
        if let Some(state) = self.repositories.get_mut(&repository) {
            match writes {
                true => state.writers.insert(writer),
                false => state.writers.remove(&writer),
            };
        }
        self.note_writers(repository);
        Ok(())
    }

    /// Runs a workflow that the account may write to, after changing it. Returns a short-lived token for the projects that trust
    /// the workflow. Publishing has no other protection than the repository.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::Forbidden`] to others than the repository's owner and writers; the errors of [`World::run`].
    pub fn run_as_writer(&mut self, by: &Session, workflow: &Workflow) -> Result<Token, Refused> {
        let account = self.signed_in(by)?;
        let (_, state) = self
            .repository_of(workflow.id)
            .ok_or(Refused::UnknownThing)?;
        if !self.may_write(state, account) {
            return Err(Refused::Forbidden);
        }
        let thief = self.actor(by.into());
        let token = self.run(workflow)?;
        Ok(Token { thief, ..token })
    }

    /// Allows a new workflow on some other host to publish the project.
    ///
    /// # Errors
    /// The errors of [`World::trust`].
    pub fn trust_workflow<'n>(
        &mut self,
        by: &Session,
        project: impl Into<Named<'n>>,
    ) -> Result<Workflow, Refused> {
        let project = project.into();
        self.entitled(by.into(), project, Right::Administer)?;
        let workflow = self.new_workflow(None, by);
        self.trust(by, project, &workflow)?;
        Ok(workflow)
    }

    /// Allows the workflow to publish the project. A repository is trusted by its owner's number and its name where the registry
    /// binds the number, else by name alone.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownProject`], or [`Refused::Forbidden`] to others than an Owner's session.
    pub fn trust<'n>(
        &mut self,
        by: &Session,
        project: impl Into<Named<'n>>,
        workflow: &Workflow,
    ) -> Result<(), Refused> {
        let trusted = match self.repository_of(workflow.id) {
            Some((_, state)) => Trusted::Repository {
                full_name: self.full_name(state),
                owner: state.owner,
            },
            None => Trusted::Elsewhere(workflow.id),
        };
        self.change(by.into(), project.into(), Right::Administer, |project| {
            project.trusted.push(trusted);
            Ok(())
        })
    }

    /// Ends a project's trust in all workflows.
    ///
    /// # Errors
    /// The errors of [`World::trust`].
    pub fn stop_trusting<'n>(
        &mut self,
        by: &Session,
        project: impl Into<Named<'n>>,
    ) -> Result<(), Refused> {
        self.change(by.into(), project.into(), Right::Administer, |project| {
            project.trusted.clear();
            Ok(())
        })
    }

    /// Runs the workflow, and returns a short-lived token for the projects that trust it. An attacker who poisons one run holds
    /// that token; an attacker who holds the workflow runs it at will.
    ///
    /// # Errors
    /// [`Refused::Forbidden`] when no project trusts it.
    pub fn run(&mut self, workflow: &Workflow) -> Result<Token, Refused> {
        let projects = self.trusting(workflow);
        let mut found = self.projects.values().filter(|p| projects.contains(&p.id));
        let ecosystem = found.next().map(|p| p.namespace.ecosystem().clone());
        let ecosystem = ecosystem.ok_or(Refused::Forbidden)?;
        let life = self.rules(&ecosystem).ok_or(Refused::NotOffered)?.run_life;
        let expires = Some(self.now + life);
        let issued = self.issue(TokenState {
            account: None,
            ecosystem,
            grants: BTreeSet::from([Grant::Run]),
            projects: Some(projects),
            expires,
            app: None,
            workflow: Some(workflow.id),
            sso: BTreeSet::new(),
        });
        Ok(Token {
            thief: workflow.thief.clone(),
            ..issued
        })
    }

    /// Returns whether the credential may publish the project at present.
    #[must_use]
    pub fn may_publish<'a, 'n>(
        &self,
        by: impl Into<Credential<'a>>,
        project: impl Into<Named<'n>>,
    ) -> bool {
        let allowed = self.entitled(by.into(), project.into(), Right::Publish);
        allowed.is_ok()
    }

    /// Returns the projects that trust a workflow at present.
    pub(super) fn trusting(&self, workflow: &Workflow) -> BTreeSet<u64> {
        self.trusting_workflow(workflow.id)
    }

    /// Returns the projects that trust the workflow with this number at present.
    pub(super) fn trusting_workflow(&self, workflow: u64) -> BTreeSet<u64> {
        let here = self.repository_of(workflow);
        let here = here.map(|(_, state)| (self.full_name(state), state.owner));
        let trusts = |project: &&super::Project| {
            let rules = self.rules(project.namespace.ecosystem());
            let by_id = rules.is_none_or(|r| r.trusts_by_id);
            project
                .trusted
                .iter()
                .any(|trusted| match (trusted, &here) {
                    (Trusted::Elsewhere(id), _) => *id == workflow,
                    (Trusted::Repository { full_name, owner }, Some((name, id))) => {
                        full_name.eq_ignore_ascii_case(name) && (!by_id || owner == id)
                    }
                    _ => false,
                })
        };
        self.projects
            .values()
            .filter(trusts)
            .map(|p| p.id)
            .collect()
    }

    /// Returns the attestation of a build of this workflow; `None` outside GitHub.
    pub(super) fn attest(&self, workflow: u64) -> Option<Attestation> {
        let (repository, state) = self.repository_of(workflow)?;
        Some(Attestation {
            repository: self.full_name(state),
            repository_id: AccountId::new(&repository.to_string()).ok()?,
            owner_id: AccountId::new(&state.owner.to_string()).ok()?,
            job: self.attested_job(workflow)?,
        })
    }

    fn new_workflow(&mut self, repository: Option<u64>, by: &Session) -> Workflow {
        let id = self.next_id();
        let made_by = self.actor(by.into());
        let state = WorkflowState {
            repository,
            made_by,
            file: "release.yml".to_owned(),
            environment: None,
            calls: None,
        };
        self.workflows.insert(id, state);
        Workflow {
            id,
            thief: by.thief.clone(),
        }
    }

    pub(super) fn repository_of(&self, workflow: u64) -> Option<(u64, &RepositoryState)> {
        let id = self.workflows.get(&workflow)?.repository?;
        Some((id, self.repositories.get(&id)?))
    }

    /// Returns whether an account has the rights of the owner of a repository: it is the owner, or administers the organisation
    /// that is.
    pub(super) fn administers(&self, owner: u64, account: u64) -> bool {
        owner == account || self.orgs.get(&owner).is_some_and(|o| o.is_admin(account))
    }

    pub(super) fn may_write(&self, repository: &RepositoryState, account: u64) -> bool {
        self.administers(repository.owner, account) || repository.writers.contains(&account)
    }

    pub(super) fn full_name(&self, repository: &RepositoryState) -> String {
        let owner = self.accounts.get(&repository.owner);
        let owner = owner.map_or("", |a| a.login.as_str());
        format!("{owner}/{}", repository.name)
    }
}
