//! The moves on repositories and CI runs, and their effects on the world.

use auths_core::ci::{
    CiIssuer, CiProvider, PublisherRule, PublisherRuleFields, ReusableWorkflow, WorkflowBinding,
};
use auths_core::claim::{Action, Actions, Signed, SigningRequest, TrustedPublisher};
use auths_testkit::world::{CiRun, Protection, Refused, RunPlan};

use super::cast::{Package, Who};
use super::moves::With;
use super::table::Table;
use crate::claims::sign;

/// The environment of every publishing job that is in one.
const ENVIRONMENT: &str = "release";

/// The members of a rule beside the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleShape {
    /// True where it names the environment.
    pub environment: bool,
    /// True where it binds the caller alone.
    pub by_caller: bool,
    /// True where it names the file and the reusable workflow as they are; false for the file that every workflow has at first.
    pub as_it_is: bool,
}

/// The event that starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A push to the repository.
    Push,
    /// A release.
    Release,
    /// A pull request of anybody, in a workflow that then runs with the rights of the repository.
    PullRequestTarget,
}

/// One move on a repository or a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields say what they are")]
pub enum CiMove {
    /// Signs a rule that lets the runs of a player's repository act for a package: with one's own key, or a stolen one.
    SignRule {
        by: Who,
        key_of: Who,
        repository_of: Who,
        package: Package,
        shape: RuleShape,
    },
    /// Starts a run of the workflow of a player's repository, as it is or after changing it.
    StartRun {
        who: Who,
        with: With,
        repository_of: Who,
        event: Event,
        rewrites: Option<bool>,
    },
    /// Approves the newest run of a player.
    Approve { who: Who, of: Who },
    /// Gets into the newest run of a player, by code that runs in its job.
    Poison { who: Who, of: Who },
    /// Gets into the newest run of a player, by the reusable workflow that holds its job.
    TakeJob { who: Who, of: Who },
    /// Protects the environment of one's repository: with this reviewer, or with none.
    Protect {
        who: Who,
        reviewer: Option<Who>,
        strictly: bool,
    },
    /// Puts the publishing job of a player's repository into the environment, or takes it out.
    UseEnvironment {
        who: Who,
        repository_of: Who,
        uses: bool,
    },
    /// Moves the publishing job of one's workflow into the workflow of another player.
    Call { who: Who, called: Who },
    /// Renames one's repository.
    RenameRepository { who: Who },
    /// Renames the workflow file of a player's repository.
    RenameWorkflow { who: Who, repository_of: Who },
    /// Deletes one's repository.
    DeleteRepository { who: Who },
    /// Makes a repository with the first name of a player's, which only works with the login of that name.
    Recreate { who: Who, named_after: Who },
    /// Forks the repository of a player in the place of one's own.
    Fork { who: Who, of: Who },
    /// Gives one's repository to the organisation.
    TransferToOrganisation { who: Who },
}

impl Table {
    /// Makes a move on a repository or a run.
    pub(super) fn step_ci(&mut self, one: &CiMove) -> Result<(), Refused> {
        match one {
            CiMove::SignRule {
                by,
                key_of,
                repository_of,
                package,
                shape,
            } => {
                if by != key_of && !self.stolen_keys.contains(&(*by, *key_of)) {
                    return Err(Refused::Forbidden);
                }
                let rule = self.rule_for(*repository_of, *shape)?;
                let names = [package.run_namespace(self.home)];
                let body = TrustedPublisher::new(rule, names, Actions::only(Action::Publish));
                let signed = sign(SigningRequest::new(body, self.now()), key_of.key());
                self.give_publisher(signed);
                Ok(())
            }
            CiMove::StartRun {
                who,
                with,
                repository_of,
                event,
                rewrites,
            } => {
                let plan = plan(*event, *rewrites);
                let run = self.start_run(*who, *with, *repository_of, &plan?)?;
                self.runs.push((*who, run));
                if !self.started.contains(one) {
                    self.started.push(one.clone());
                }
                Ok(())
            }
            CiMove::Approve { who, of } => {
                let (session, run) = (self.github(*who)?, self.newest_run(*of)?);
                self.world().approve_run(&session, &run)
            }
            CiMove::Poison { who, of } => {
                let run = self.newest_run(*of)?;
                let poisoned = self.world().poison_run(who.person(), &run)?;
                self.runs.push((*who, poisoned));
                Ok(())
            }
            CiMove::TakeJob { who, of } => {
                let (session, run) = (self.github(*who)?, self.newest_run(*of)?);
                let taken = self.world().take_called_job(&session, &run)?;
                self.runs.push((*who, taken));
                Ok(())
            }
            CiMove::Protect {
                who,
                reviewer,
                strictly,
            } => {
                let (session, workflow) = (self.github(*who)?, self.repository(*who)?);
                let reviewer = reviewer.map(|reviewer| self.github_login(reviewer));
                let guard = Protection::by(reviewer.as_deref());
                let guard = match strictly {
                    true => guard,
                    false => guard.letting_starters_approve(),
                };
                self.world()
                    .protect_environment(&session, &workflow, ENVIRONMENT, &guard)
            }
            CiMove::UseEnvironment {
                who,
                repository_of,
                uses,
            } => {
                let (session, workflow) = (self.github(*who)?, self.repository(*repository_of)?);
                let environment = uses.then_some(ENVIRONMENT);
                self.world()
                    .use_environment(&session, &workflow, environment)
            }
            CiMove::Call { who, called } => {
                let (session, called) = (self.github(*who)?, self.repository(*called)?);
                let workflow = self.repository(*who)?;
                self.world().call_workflow(&session, &workflow, &called)
            }
            CiMove::RenameRepository { who } => {
                let (session, workflow) = (self.github(*who)?, self.repository(*who)?);
                self.world()
                    .rename_repository(&session, &workflow, "renamed")
            }
            CiMove::RenameWorkflow { who, repository_of } => {
                let (session, workflow) = (self.github(*who)?, self.repository(*repository_of)?);
                self.world()
                    .rename_workflow(&session, &workflow, "renamed.yml")
            }
            CiMove::DeleteRepository { who } => {
                let (session, workflow) = (self.github(*who)?, self.repository(*who)?);
                self.world().delete_repository(&session, &workflow)
            }
            CiMove::Recreate { who, named_after } => {
                let session = self.github(*who)?;
                let name = format!("{}/repo", named_after.login());
                let workflow = self.world().create_repository(&session, &name)?;
                self.repositories.insert(*who, workflow);
                Ok(())
            }
            CiMove::Fork { who, of } => {
                let (session, workflow) = (self.github(*who)?, self.repository(*of)?);
                let fork = self.world().fork_repository(&session, &workflow)?;
                self.repositories.insert(*who, fork);
                Ok(())
            }
            CiMove::TransferToOrganisation { who } => {
                let (session, workflow) = (self.github(*who)?, self.repository(*who)?);
                self.world()
                    .transfer_repository(&session, &workflow, "acme")
            }
        }
    }

    /// Starts a run as the owner or a writer of the repository, or with what a player stole.
    fn start_run(
        &self,
        who: Who,
        with: With,
        repository_of: Who,
        plan: &RunPlan,
    ) -> Result<CiRun, Refused> {
        let workflow = self.repository(repository_of)?;
        match with {
            With::Stolen(_) => {
                self.with_id(who, with, |world, by| world.start_run(by, &workflow, plan))
            }
            With::Own | With::Workflow(_) => {
                let session = self.github(who)?;
                self.world().start_run(&session, &workflow, plan)
            }
        }
    }

    fn newest_run(&self, of: Who) -> Result<CiRun, Refused> {
        let mut own = self.runs.iter().rev().filter(|(who, _)| *who == of);
        let (_, run) = own.next().ok_or(Refused::UnknownThing)?;
        Ok(run.clone())
    }

    /// Returns a rule for the repository of a player, by the numbers that it has now.
    fn rule_for(&self, of: Who, shape: RuleShape) -> Result<PublisherRule, Refused> {
        let workflow = self.repository(of)?;
        let world = self.world();
        let (id, name, owner) = world
            .shown_repository(&workflow)
            .ok_or(Refused::UnknownThing)?;
        let file = match shape.as_it_is {
            true => world
                .workflow_file(&workflow)
                .unwrap_or(FIRST_FILE)
                .to_owned(),
            false => FIRST_FILE.to_owned(),
        };
        let called = world.called_workflow(&workflow).filter(|_| shape.as_it_is);
        drop(world);
        make_rule((id, &name, owner), &file, called, shape).ok_or(Refused::UnknownThing)
    }

    /// Gives the verifier a rule.
    pub(super) fn give_publisher(&mut self, signed: Signed<TrustedPublisher>) {
        self.world().record_publisher(&signed);
        self.publishers.push(signed);
    }
}

/// The file of every workflow at first.
const FIRST_FILE: &str = "release.yml";

fn plan(event: Event, rewrites: Option<bool>) -> Result<RunPlan, Refused> {
    let (trigger, git_ref) = match event {
        Event::Push => ("push", "refs/heads/main"),
        Event::Release => ("release", "refs/tags/v1"),
        Event::PullRequestTarget => ("pull_request_target", "refs/heads/main"),
    };
    let (Ok(trigger), Ok(git_ref)) = (trigger.parse(), git_ref.parse()) else {
        return Err(Refused::UnknownThing);
    };
    let plan = RunPlan::new(trigger, git_ref);
    Ok(match rewrites {
        None => plan,
        Some(into_environment) => {
            let environment = into_environment.then(|| ENVIRONMENT.parse().ok()).flatten();
            plan.rewriting(environment)
        }
    })
}

fn make_rule(
    (id, name, owner): (u64, &str, u64),
    file: &str,
    called: Option<(u64, String, String)>,
    shape: RuleShape,
) -> Option<PublisherRule> {
    let github = CiIssuer::public(CiProvider::GitHubActions).ok()?;
    let mut fields = PublisherRuleFields::new(
        github.url,
        id.to_string().parse().ok()?,
        owner.to_string().parse().ok()?,
        name.parse().ok()?,
        file.parse().ok()?,
    );
    if shape.by_caller {
        fields.binding = WorkflowBinding::Caller;
    } else if let Some((id, name, file)) = called {
        let (id, name) = (id.to_string().parse().ok()?, name.parse().ok()?);
        fields.reusable = Some(ReusableWorkflow::new(id, name, file.parse().ok()?));
    }
    fields.environment = shape
        .environment
        .then(|| ENVIRONMENT.parse().ok())
        .flatten();
    PublisherRule::new(fields).ok()
}
