//! What becomes of repositories and of the workflow files in them: new names, new numbers, other files.

use std::collections::BTreeSet;

use super::access::{AttestedJob, Credential, Session, Workflow};
use super::ci::RepositoryState;
use super::refused::Refused;
use super::state::World;

impl World {
    /// Renames the repository of a workflow. Its number stays, and its old name is free.
    ///
    /// # Errors
    /// The errors of [`World::transfer_repository`], and [`Refused::NameTaken`].
    pub fn rename_repository(
        &mut self,
        by: &Session,
        workflow: &Workflow,
        name: &str,
    ) -> Result<(), Refused> {
        let repository = self.administered_repository(by, workflow)?;
        let owner = self.repositories.get(&repository).map(|r| r.owner);
        let mut others = self
            .repositories
            .iter()
            .filter(|(id, _)| **id != repository);
        if others.any(|(_, r)| Some(r.owner) == owner && r.name.eq_ignore_ascii_case(name)) {
            return Err(Refused::NameTaken);
        }
        if let Some(state) = self.repositories.get_mut(&repository) {
            name.clone_into(&mut state.name);
        }
        self.note_repository_name(repository);
        Ok(())
    }

    /// Deletes the repository of a workflow, with its workflows, writers and environments. Its name is free. Whoever makes a
    /// repository of that name makes one of another number.
    ///
    /// # Errors
    /// The errors of [`World::transfer_repository`].
    pub fn delete_repository(&mut self, by: &Session, workflow: &Workflow) -> Result<(), Refused> {
        let repository = self.administered_repository(by, workflow)?;
        self.repositories.remove(&repository);
        self.note_repository_end(repository);
        Ok(())
    }

    /// Forks the repository of a workflow into the account of the session. The fork has a number of its own, and the files of the
    /// original.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownThing`], [`Refused::NameTaken`].
    pub fn fork_repository(
        &mut self,
        by: &Session,
        workflow: &Workflow,
    ) -> Result<Workflow, Refused> {
        let account = self.signed_in(by)?;
        let (_, original) = self
            .repository_of(workflow.id)
            .ok_or(Refused::UnknownThing)?;
        let name = original.name.clone();
        let login = self
            .accounts
            .get(&account)
            .ok_or(Refused::Dead)?
            .login
            .clone();
        let fork = self.create_repository(by, &format!("{login}/{name}"))?;
        let copied = self.workflows.get(&workflow.id).cloned();
        if let (Some(copy), Some(original)) = (self.workflows.get_mut(&fork.id), copied) {
            copy.file = original.file;
            copy.environment = original.environment;
            copy.calls = original.calls;
        }
        Ok(fork)
    }

    /// Renames the file of a workflow.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownThing`]; [`Refused::Forbidden`] to those who may not write to the repository.
    pub fn rename_workflow<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        workflow: &Workflow,
        file: &str,
    ) -> Result<(), Refused> {
        self.written_repository(by.into(), workflow)?;
        if let Some(state) = self.workflows.get_mut(&workflow.id) {
            file.clone_into(&mut state.file);
        }
        Ok(())
    }

    /// Puts the publishing job of a workflow into an environment, or takes it out.
    ///
    /// # Errors
    /// The errors of [`World::rename_workflow`].
    pub fn use_environment<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        workflow: &Workflow,
        environment: Option<&str>,
    ) -> Result<(), Refused> {
        self.written_repository(by.into(), workflow)?;
        if let Some(state) = self.workflows.get_mut(&workflow.id) {
            state.environment = environment.map(str::to_owned);
        }
        Ok(())
    }

    /// Moves the publishing job of a workflow into a reusable workflow, which is called by the name of its repository.
    ///
    /// # Errors
    /// The errors of [`World::rename_workflow`].
    pub fn call_workflow<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        workflow: &Workflow,
        called: &Workflow,
    ) -> Result<(), Refused> {
        self.written_repository(by.into(), workflow)?;
        let (_, repository) = self.repository_of(called.id).ok_or(Refused::UnknownThing)?;
        let name = self.full_name(repository);
        let file = self.workflows.get(&called.id).map(|w| w.file.clone());
        let calls = file.map(|file| (name, file));
        if let Some(state) = self.workflows.get_mut(&workflow.id) {
            state.calls = calls;
        }
        Ok(())
    }

    /// Returns the number, the name, and the number of the owner of a workflow's repository, as GitHub shows them now; `None` where
    /// the repository is gone.
    #[must_use]
    pub fn shown_repository(&self, workflow: &Workflow) -> Option<(u64, String, u64)> {
        let (id, state) = self.repository_of(workflow.id)?;
        Some((id, self.full_name(state), state.owner))
    }

    /// Returns the file of a workflow.
    #[must_use]
    pub fn workflow_file(&self, workflow: &Workflow) -> Option<&str> {
        self.workflows.get(&workflow.id).map(|w| w.file.as_str())
    }

    /// Returns the reusable workflow that holds the job of a workflow: its repository, by the number and the name that it has now,
    /// and its file.
    #[must_use]
    pub fn called_workflow(&self, workflow: &Workflow) -> Option<(u64, String, String)> {
        self.attested_job(workflow.id)?.reusable
    }

    /// Returns the repository that has a name now.
    pub(super) fn repository_named(&self, name: &str) -> Option<(u64, &RepositoryState)> {
        let mut all = self.repositories.iter();
        let found = all.find(|(_, state)| self.full_name(state).eq_ignore_ascii_case(name));
        found.map(|(id, state)| (*id, state))
    }

    /// Returns what the certificate of a build of this workflow states of its job.
    pub(super) fn attested_job(&self, workflow: u64) -> Option<AttestedJob> {
        let state = self.workflows.get(&workflow)?;
        let own = state.repository;
        // A job in one's own file is in no reusable workflow.
        let is_own = |name: &str, file: &str| {
            let called = self.repository_named(name).map(|(id, _)| id);
            called == own && file == state.file
        };
        let calls = state.calls.as_ref();
        let calls = calls.filter(|(name, file)| !is_own(name, file));
        let reusable = calls.map(|(name, file)| {
            let (id, _) = self.repository_named(name)?;
            Some((id, name.clone(), file.clone()))
        });
        Some(AttestedJob {
            file: state.file.clone(),
            reusable: match reusable {
                Some(called) => Some(called?),
                None => None,
            },
            environment: state.environment.clone(),
        })
    }

    /// Returns the repository of a workflow, where the session has the rights of its owner.
    pub(super) fn administered_repository(
        &self,
        by: &Session,
        workflow: &Workflow,
    ) -> Result<u64, Refused> {
        let account = self.signed_in(by)?;
        let (repository, state) = self
            .repository_of(workflow.id)
            .ok_or(Refused::UnknownThing)?;
        match self.administers(state.owner, account) {
            true => Ok(repository),
            false => Err(Refused::Forbidden),
        }
    }

    /// Returns the repository of a workflow, where the credential may write to it. Control over the workflow itself suffices.
    pub(super) fn written_repository(
        &self,
        by: Credential<'_>,
        workflow: &Workflow,
    ) -> Result<u64, Refused> {
        let (repository, state) = self
            .repository_of(workflow.id)
            .ok_or(Refused::UnknownThing)?;
        let may = match by {
            Credential::Session(session) => self.may_write(state, self.signed_in(session)?),
            Credential::Workflow(own) => own.id == workflow.id,
            Credential::Token(_) => false,
        };
        match may {
            true => Ok(repository),
            false => Err(Refused::Forbidden),
        }
    }

    /// Returns every repository that ever had a name.
    pub(super) fn repositories_called(&self, name: &str) -> BTreeSet<u64> {
        let name = name.to_ascii_lowercase();
        let had = self.truth.repository_names.iter();
        let had = had.filter(|(other, _)| *other == name).map(|(_, id)| *id);
        had.chain(self.repository_named(&name).map(|(id, _)| id))
            .collect()
    }
}
