//! CI runs: who starts one, who must approve it, who gets into it, and what its ID tokens say.

use std::time::Duration;

use super::access::{CiRun, Credential, Session, Workflow};
use super::refused::Refused;
use super::state::World;
use super::truth::Person;
use auths_core::Timestamp;
use auths_core::ci::{
    CiIdentity, CiIdentityError, CiIdentityParts, CiIssuer, CiProvider, CiTokenEvidence,
    EnvironmentName, GitRef, JobWorkflow, OwnerIdentity, RepositoryIdentity, RunnerKind,
    TokenAudience, TokenTimes, Trigger,
};

/// The longest time that a run lasts. Source: GitHub's page "Actions limits", the execution time of a job.
pub(super) const RUN_LIFE: Duration = Duration::from_secs(6 * 3_600);
/// The life of an ID token.
const TOKEN_LIFE: Duration = Duration::from_secs(5 * 60);
/// The event by which anybody starts a run, where the workflow takes it. The run is of the repository itself.
const BY_ANYBODY: &str = "pull_request_target";

/// How a run is started.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunPlan {
    /// The event.
    pub trigger: Trigger,
    /// The ref that the run is for.
    pub git_ref: GitRef,
    /// What whoever starts it writes into the workflow before; `None` for the workflow as it is.
    pub rewritten: Option<RewrittenJob>,
}

/// The publishing job as somebody writes it who may.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct RewrittenJob {
    /// The environment of the job.
    pub environment: Option<EnvironmentName>,
}

impl RunPlan {
    /// Creates the plan of a run by this event for this ref.
    #[must_use]
    pub const fn new(trigger: Trigger, git_ref: GitRef) -> Self {
        Self {
            trigger,
            git_ref,
            rewritten: None,
        }
    }

    /// Sets that the job is rewritten: it is in the caller's own file, and in this environment.
    #[must_use]
    pub fn rewriting(mut self, environment: Option<EnvironmentName>) -> Self {
        self.rewritten = Some(RewrittenJob { environment });
        self
    }
}

/// How a run came past the environment of its job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Passage {
    /// Somebody must approve first.
    Waiting,
    /// Nobody had to approve.
    Open,
    /// The run has the approvals that releases of its workflow get, or somebody approved it.
    Approved,
}

/// A run, as the platform keeps it.
#[derive(Debug, Clone)]
pub(super) struct RunState {
    pub(super) repository: u64,
    /// The file of the workflow that was started.
    pub(super) file: String,
    /// The workflow that holds the job, where that is in another repository: its repository by number and name, and its file.
    pub(super) called: Option<(u64, String, String)>,
    pub(super) trigger: Trigger,
    git_ref: GitRef,
    pub(super) environment: Option<EnvironmentName>,
    pub(super) started: Timestamp,
    /// The account that started it; `None` for whoever controls the workflow.
    starter: Option<u64>,
    /// The person who really started it.
    pub(super) by: Option<Person>,
    pub(super) passage: Passage,
    tokens: u64,
}

impl World {
    /// Starts a run of a workflow. Its job waits where the environment has reviewers.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownThing`] where a workflow is not there; [`Refused::Forbidden`] to those who may not write to the
    /// repository, but for the event `pull_request_target`, which anybody causes.
    pub fn start_run<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        workflow: &Workflow,
        plan: &RunPlan,
    ) -> Result<CiRun, Refused> {
        let by = by.into();
        let starter = match by {
            Credential::Session(session) => Some(self.signed_in(session)?),
            _ => None,
        };
        let may_write = self.written_repository(by, workflow);
        let is_anybodys = plan.trigger.as_str() == BY_ANYBODY && plan.rewritten.is_none();
        let repository = match may_write {
            Err(Refused::Forbidden) if is_anybodys && starter.is_some() => {
                let found = self.repository_of(workflow.id);
                found.map(|(id, _)| id).ok_or(Refused::UnknownThing)?
            }
            other => other?,
        };
        let job = self
            .attested_job(workflow.id)
            .ok_or(Refused::UnknownThing)?;
        let (called, environment) = match &plan.rewritten {
            Some(rewritten) => (None, rewritten.environment.clone()),
            None => {
                let named = job.environment.map(|name| name.parse());
                let named = named.transpose().map_err(|_| Refused::UnknownThing)?;
                (job.reusable, named)
            }
        };
        let is_needed = environment.as_ref().is_some_and(|name| {
            let protection = self.environment(repository, name.as_str());
            !protection.reviewers.is_empty()
        });
        let passage = match (is_needed, starter) {
            (false, _) => Passage::Open,
            (true, Some(_)) => Passage::Waiting,
            (true, None) => Passage::Approved,
        };
        let state = RunState {
            repository,
            file: job.file,
            called,
            trigger: plan.trigger.clone(),
            git_ref: plan.git_ref.clone(),
            environment,
            started: self.now,
            starter,
            by: self.actor(by),
            passage,
            tokens: 0,
        };
        let id = self.next_id();
        self.runs.insert(id, state);
        Ok(CiRun { id, thief: None })
    }

    /// Approves a run that waits, as a reviewer of its environment; or passes over the reviewers, as an administrator who may.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::Forbidden`] to everybody else, and to who started the run where that may not approve it.
    pub fn approve_run(&mut self, by: &Session, run: &CiRun) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let state = self.running_job(run)?;
        let Some(name) = &state.environment else {
            return Err(Refused::NotOffered);
        };
        let environment = self.environment(state.repository, name.as_str());
        let is_own = state.starter == Some(account);
        let reviews = environment.reviewers.contains(&account)
            && !(is_own && environment.prevents_self_review);
        let owner = self.repositories.get(&state.repository).map(|r| r.owner);
        let passes = environment.admins_may_bypass
            && owner.is_some_and(|owner| self.administers(owner, account));
        if !reviews && !passes {
            return Err(Refused::Forbidden);
        }
        self.note_approval(by, run);
        if let Some(state) = self.runs.get_mut(&run.id) {
            state.passage = Passage::Approved;
        }
        Ok(())
    }

    /// Gets into a run that somebody else started: code of this person runs once in its job, and has its ID tokens.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::Forbidden`] while the run waits.
    pub fn poison_run(&mut self, thief: impl Into<Person>, run: &CiRun) -> Result<CiRun, Refused> {
        let (thief, state) = (thief.into(), self.running_job(run)?);
        if state.passage == Passage::Waiting {
            return Err(Refused::Forbidden);
        }
        let repository = state.repository;
        self.note_poisoning(thief.clone(), repository, state.started + RUN_LIFE);
        Ok(CiRun {
            id: run.id,
            thief: Some(thief),
        })
    }

    /// Gets into a run by the reusable workflow that holds its job, as somebody who may write to the repository of that workflow.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::Forbidden`] to others, and while the run waits.
    pub fn take_called_job(&self, by: &Session, run: &CiRun) -> Result<CiRun, Refused> {
        let account = self.signed_in(by)?;
        let state = self.running_job(run)?;
        let called = state.called.as_ref().map(|(id, ..)| id);
        let called = called.and_then(|id| self.repositories.get(id));
        let writes = called.is_some_and(|called| self.may_write(called, account));
        if !writes || state.passage == Passage::Waiting {
            return Err(Refused::Forbidden);
        }
        Ok(CiRun {
            id: run.id,
            thief: self.actor(by.into()),
        })
    }

    /// Issues an ID token of a run. It says what the platform knows now: numbers stay, and names are those of the moment.
    ///
    /// # Errors
    /// [`Refused::Dead`] when the run has ended or its repository is gone; [`Refused::Forbidden`] while it waits.
    pub fn id_token(
        &mut self,
        run: &CiRun,
        audience: &TokenAudience,
    ) -> Result<CiTokenEvidence, Refused> {
        let state = self.running_job(run)?;
        if state.passage == Passage::Waiting {
            return Err(Refused::Forbidden);
        }
        let identity = self.identity_of(state).ok_or(Refused::Dead)?;
        let identity = identity.map_err(|_| Refused::Dead)?;
        let id = format!("run-{}-{}", run.id, state.tokens).parse();
        let id = id.map_err(|_| Refused::Dead)?;
        let times = TokenTimes::new(self.now, Some(self.now), self.now + TOKEN_LIFE);
        if let Some(state) = self.runs.get_mut(&run.id) {
            state.tokens += 1;
        }
        Ok(CiTokenEvidence::new(identity, audience.clone(), id, times))
    }

    /// Returns the person who has the ID tokens of a run: who started it, or who got into it.
    #[must_use]
    pub fn holder_of_run(&self, run: &CiRun) -> Option<Person> {
        let started = || self.runs.get(&run.id)?.by.clone();
        run.thief.clone().or_else(started)
    }

    /// Returns a run that has not ended, in a repository that is there.
    fn running_job(&self, run: &CiRun) -> Result<&RunState, Refused> {
        let state = self.runs.get(&run.id).ok_or(Refused::Dead)?;
        let is_there = self.repositories.contains_key(&state.repository);
        match is_there && self.now < state.started + RUN_LIFE {
            true => Ok(state),
            false => Err(Refused::Dead),
        }
    }

    /// Returns the identity of a run; `None` where its repository is gone.
    fn identity_of(&self, run: &RunState) -> Option<Result<CiIdentity, CiIdentityError>> {
        let repository = self.repositories.get(&run.repository)?;
        let (owner, name) = (repository.owner, self.full_name(repository));
        let login = self.accounts.get(&owner)?.login.as_str();
        Some(shown(run, &name, (owner, login)))
    }
}

/// Puts together what the token of a run says.
fn shown(
    run: &RunState,
    name: &str,
    (owner, login): (u64, &str),
) -> Result<CiIdentity, CiIdentityError> {
    let version = &run.git_ref;
    let own = format!("{name}/.github/workflows/{}@{version}", run.file);
    let job = match &run.called {
        Some((_, name, file)) => format!("{name}/.github/workflows/{file}@refs/heads/main"),
        None => own.clone(),
    };
    let job_in = run.called.as_ref().map_or(run.repository, |(id, ..)| *id);
    CiIdentity::new(CiIdentityParts {
        issuer: CiIssuer::public(CiProvider::GitHubActions)?,
        repository: RepositoryIdentity {
            id: run.repository.to_string().parse()?,
            name: name.parse()?,
        },
        owner: OwnerIdentity {
            id: owner.to_string().parse()?,
            name: login.parse()?,
        },
        workflow: own.parse()?,
        workflow_commit: Some(commit_of(run.repository).parse()?),
        // GitHub shows the name of its repository alone.
        job_workflow: Some(JobWorkflow {
            commit: Some(commit_of(job_in).parse()?),
            ..JobWorkflow::new(job.parse()?)
        }),
        git_ref: Some(version.clone()),
        ref_protected: Some(false),
        commit: commit_of(run.repository).parse()?,
        environment: run.environment.clone(),
        trigger: run.trigger.clone(),
        runner: Some(RunnerKind::Hosted),
        visibility: None,
        run: None,
    })
}

/// Returns the one commit that a repository has.
fn commit_of(repository: u64) -> String {
    format!("{repository:040x}")
}
