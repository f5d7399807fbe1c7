//! Jobs in reusable workflows of other repositories.

use super::*;
use auths_core::ci::{PublisherRuleFields, ReusableWorkflow, WorkflowBinding, WorkflowPin};
use auths_testkit::world::{Protection, Workflow};
use auths_tests::front_end::on_pypi;

/// The job of alice's workflow is in `carol/tools`.
struct Called {
    stage: Stage,
    carol: Session,
    tools: Workflow,
}

impl Called {
    fn new() -> Self {
        let stage = on_pypi();
        let carol = stage.on_hub("carol");
        let tools = stage
            .world()
            .create_repository(&carol, "carol/tools")
            .unwrap();
        let mut world = stage.world();
        world
            .call_workflow(&stage.hub, &stage.workflow, &tools)
            .unwrap();
        drop(world);
        Self {
            stage,
            carol,
            tools,
        }
    }

    fn rule(&self, pinned: bool) -> Signed<TrustedPublisher> {
        let (id, name, file) = self
            .stage
            .world()
            .called_workflow(&self.stage.workflow)
            .unwrap();
        let run = self.stage.evidence(&self.stage.run(&self.stage.hub));
        let job = run.identity.parts().job_workflow.clone().unwrap();
        let pin = job.commit.filter(|_| pinned).map(WorkflowPin::Commit);
        let (stage, six) = (&self.stage, self.stage.six());
        let number = id.to_string().parse().unwrap();
        let named = ReusableWorkflow::new(number, name.parse().unwrap(), file.parse().unwrap());
        stage.rule(&alice(), &stage.workflow, &six, |fields| {
            fields.reusable = Some(named.pinned(pin));
        })
    }

    /// Carol's account is renamed, and mallory makes `carol/tools` anew.
    fn take_over(&self) -> Session {
        let mut world = self.stage.world();
        world.rename_account(&self.carol, "caroline").unwrap();
        let next = world.sign_up_as("mallory", &auths_core::Platform::GITHUB, "carol");
        let next = next.unwrap();
        world.create_repository(&next, "carol/tools").unwrap();
        next
    }
}

#[test]
fn recycled_name_of_a_reusable_repository_is_named_and_refused_by_default() {
    let called = Called::new();
    let stage = &called.stage;
    let rules = [called.rule(false)];
    // GitHub shows its name alone, so that whoever takes the name over publishes: refused before anybody has.
    let own = stage.run(&stage.hub);
    denied_for(&stage.default_answer(&own, &rules), RecycledName);
    assert!(stage.grant(&own, &rules).is_err());
    let next = called.take_over();
    let run = stage.run(&stage.hub);
    let taken = stage.world().take_called_job(&next, &run).unwrap();
    denied_for(&stage.default_answer(&taken, &rules), RecycledName);
    let lenient = resisting("'stolen-token'");
    let six = stage.six();
    let decision = stage.answer(&taken, &six, &rules, &Kept::default(), &lenient);
    accepted_at(&decision, &[RecycledName]);
}

#[test]
fn recycled_name_of_a_reusable_repository_has_not_the_commit_that_a_rule_insists_on() {
    let called = Called::new();
    let stage = &called.stage;
    let rules = [called.rule(true)];
    let own = stage.run(&stage.hub);
    let decision = stage.default_answer(&own, &rules);
    accepted_at(&decision, &[RepositoryWriter]);
    assert!(!decision.falls_to().unwrap().contains(RecycledName));
    let next = called.take_over();
    let run = stage.run(&stage.hub);
    let taken = stage.world().take_called_job(&next, &run).unwrap();
    denied(&stage.default_answer(&taken, &rules), "no-rule-matches");
}

#[test]
fn a_job_that_moved_into_another_repository_matches_no_rule_that_does_not_name_it() {
    let called = Called::new();
    let stage = &called.stage;
    let rules = [stage.owners_rule()];
    let run = stage.run(&stage.hub);
    let decision = stage.default_answer(&run, &rules);
    denied(&decision, "no-rule-matches");
    assert!(
        decision.message().contains("jobWorkflow"),
        "{}",
        decision.message()
    );
}

/// A guarded environment keeps writers of the calling repository out, and not those of the called one.
#[test]
fn repository_writer_of_a_reusable_repository_goes_through_a_guarded_environment_and_is_named() {
    let called = Called::new();
    let stage = &called.stage;
    let bob = stage.on_hub("bob");
    {
        let (hub, workflow) = (&stage.hub, &stage.workflow);
        let guard = Protection::by(["bob"]);
        let mut world = stage.world();
        world
            .protect_environment(hub, workflow, "release", &guard)
            .unwrap();
        world
            .use_environment(hub, workflow, Some("release"))
            .unwrap();
    }
    let guarded = |fields: &mut PublisherRuleFields| {
        fields.environment = Some("release".parse().unwrap());
        fields.binding = WorkflowBinding::Caller;
    };
    let rules = [stage.rule(&alice(), &stage.workflow, &stage.six(), guarded)];
    let mallory = stage.on_hub("mallory");
    let carol = &called.carol;
    let given = stage
        .world()
        .set_writer(carol, &called.tools, "mallory", true);
    given.unwrap();
    let run = stage.run(&stage.hub);
    assert!(
        stage.world().take_called_job(&mallory, &run).is_err(),
        "it waits"
    );
    stage.world().approve_run(&bob, &run).unwrap();
    let taken = stage.world().take_called_job(&mallory, &run).unwrap();
    let six = stage.six();
    let answer = |policy: &Policy| stage.answer(&taken, &six, &rules, &Kept::default(), policy);
    denied_for(&answer(&Policy::standard()), RecycledName);
    let no_writers = resisting("'stolen-token', 'repository-writer'");
    denied_for(&answer(&no_writers), RepositoryWriter);
    accepted_at(&answer(&resisting("'stolen-token'")), &[RepositoryWriter]);
}
