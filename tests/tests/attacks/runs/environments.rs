//! Environments: runs outside of them, their reviewers, and who approves.

use super::*;
use auths_core::ci::PublisherRuleFields;
use auths_core::reason::RefutedReason::NoRuleMatches;
use auths_testkit::world::{Protection, Refused};
use auths_tests::front_end::{on_pypi, push};

fn in_release(fields: &mut PublisherRuleFields) {
    fields.environment = Some("release".parse().unwrap());
}

/// The publishing job is in an environment that carol reviews, and alice's rule names it. Mallory may write to the repository.
struct Guarded {
    stage: Stage,
    carol: Session,
    mallory: Session,
    rules: [Signed<TrustedPublisher>; 1],
}

impl Guarded {
    fn by(protection: &Protection) -> Self {
        let stage = on_pypi();
        let (carol, mallory) = (stage.on_hub("carol"), stage.writer("mallory"));
        {
            let mut world = stage.world();
            let (hub, workflow) = (&stage.hub, &stage.workflow);
            world
                .protect_environment(hub, workflow, "release", protection)
                .unwrap();
            world
                .use_environment(hub, workflow, Some("release"))
                .unwrap();
        }
        let rules = [stage.rule(&alice(), &stage.workflow, &stage.six(), in_release)];
        Self {
            stage,
            carol,
            mallory,
            rules,
        }
    }

    fn protect(&self, protection: &Protection) {
        let (hub, workflow) = (&self.stage.hub, &self.stage.workflow);
        let mut world = self.stage.world();
        world
            .protect_environment(hub, workflow, "release", protection)
            .unwrap();
    }

    fn answer(&self, run: &CiRun) -> Decision {
        self.stage.default_answer(run, &self.rules)
    }
}

fn carol_reviews() -> Protection {
    Protection::by(["carol"])
}

/// The policy under which only a guarded environment is enough.
fn no_writers() -> Policy {
    resisting("'stolen-token', 'repository-writer'")
}

#[test]
fn repository_writer_waits_at_a_guarded_environment_and_runs_outside_of_it_match_nothing() {
    let guarded = Guarded::by(&carol_reviews());
    let stage = &guarded.stage;
    let run = stage.run(&guarded.mallory);
    let audience = auths_tests::front_end::audience();
    assert_eq!(
        stage.world().id_token(&run, &audience),
        Err(Refused::Forbidden),
        "it waits"
    );
    assert_eq!(
        stage.world().approve_run(&guarded.mallory, &run),
        Err(Refused::Forbidden)
    );
    let outside = push().rewriting(None);
    let started = stage
        .world()
        .start_run(&guarded.mallory, &stage.workflow, &outside);
    let outside = started.unwrap();
    denied(&guarded.answer(&outside), "no-rule-matches");
    refused(stage.grant(&outside, &guarded.rules), NoRuleMatches);
    let other = push().rewriting(Some("staging".parse().unwrap()));
    let started = stage
        .world()
        .start_run(&guarded.mallory, &stage.workflow, &other);
    denied(&guarded.answer(&started.unwrap()), "no-rule-matches");
}

#[test]
fn an_approved_run_is_worth_the_reviewers_session_and_no_writer_is_named() {
    let guarded = Guarded::by(&carol_reviews());
    let stage = &guarded.stage;
    for by in [&stage.hub, &guarded.mallory] {
        let run = stage.run(by);
        stage.world().approve_run(&guarded.carol, &run).unwrap();
        let decision = guarded.answer(&run);
        accepted_at(&decision, &[PoisonedRun, AccountSession]);
        let own = decision.chains()[0].links[0].falls_to;
        assert!(!own.contains(RepositoryWriter), "{own}");
        assert!(stage.grant(&run, &guarded.rules).is_ok());
    }
    let run = stage.run(&stage.hub);
    stage.world().approve_run(&guarded.carol, &run).unwrap();
    let poisoned = stage.world().poison_run("mallory", &run).unwrap();
    accepted_at(&guarded.answer(&poisoned), &[PoisonedRun]);
}

#[test]
fn self_approval_and_administrators_who_pass_make_an_environment_open() {
    let lax = [
        Protection::by(["mallory", "carol"]).letting_starters_approve(),
        carol_reviews().letting_admins_pass(),
        Protection::none(),
    ];
    for protection in lax {
        let approves_itself = !protection.prevents_self_review;
        let waits = !protection.reviewers.is_empty();
        let guarded = Guarded::by(&protection);
        let stage = &guarded.stage;
        let by = if approves_itself {
            &guarded.mallory
        } else {
            &stage.hub
        };
        let run = stage.run(by);
        if waits {
            stage.world().approve_run(by, &run).unwrap();
        }
        accepted_at(&guarded.answer(&run), &[RepositoryWriter]);
        let (six, kept) = (stage.six(), Kept::default());
        let strictly = stage.answer(&run, &six, &guarded.rules, &kept, &no_writers());
        denied_for(&strictly, RepositoryWriter);
    }
}

/// While the reviewers are gone, a writer gets in. The answer names an open environment as long as it is open. Once they are back it
/// names the administrator, without whose session nobody takes them away.
#[test]
fn reviewers_removed_for_a_minute_are_an_act_of_an_administrator_and_named_as_one() {
    let guarded = Guarded::by(&carol_reviews());
    let stage = &guarded.stage;
    let by_mallory = stage.world().protect_environment(
        &guarded.mallory,
        &stage.workflow,
        "release",
        &Protection::none(),
    );
    assert_eq!(by_mallory, Err(Refused::Forbidden), "a writer does not");
    guarded.protect(&Protection::none());
    let run = stage.run(&guarded.mallory);
    accepted_at(&guarded.answer(&run), &[RepositoryWriter, AccountSession]);
    guarded.protect(&carol_reviews());
    let decision = guarded.answer(&run);
    accepted_at(&decision, &[AccountSession]);
    let own = decision.chains()[0].links[0].falls_to;
    assert!(!own.contains(RepositoryWriter), "{own}");
    // The next one waits again.
    let next = stage.run(&guarded.mallory);
    let audience = auths_tests::front_end::audience();
    assert!(stage.world().id_token(&next, &audience).is_err());
}

#[test]
fn ci_workflow_goes_through_a_guarded_environment_with_the_next_release_and_is_named_as_a_poisoned_run()
 {
    let guarded = Guarded::by(&carol_reviews());
    let stage = &guarded.stage;
    let stolen = stage
        .world()
        .steal_workflow("mallory", &stage.workflow)
        .unwrap();
    let run = stage
        .world()
        .start_run(&stolen, &stage.workflow, &push())
        .unwrap();
    accepted_at(&guarded.answer(&run), &[PoisonedRun, AccountSession]);
}

/// The registry attests that every release came from the environment: without a rule, a run outside of it is none of these.
#[test]
fn a_run_without_the_environment_that_history_has_is_not_the_publisher_of_before() {
    let stage = on_pypi();
    {
        let mut world = stage.world();
        world
            .use_environment(&stage.hub, &stage.workflow, Some("release"))
            .unwrap();
        world.trust(&stage.alice, "six", &stage.workflow).unwrap();
    }
    for version in ["2.0.0", "2.1.0"] {
        stage.release(&stage.workflow, version, &[]);
        stage.wait_days(8);
    }
    let answer = |run: &CiRun| stage.default_answer(run, &[]);
    let inside = stage.run(&stage.hub);
    accepted_at(
        &answer(&inside),
        &[RepositoryWriter, PoisonedRun, FormerCollaborator],
    );
    assert!(stage.grant(&inside, &[]).is_ok());
    let writer = stage.writer("mallory");
    let outside = push().rewriting(None);
    let outside = stage
        .world()
        .start_run(&writer, &stage.workflow, &outside)
        .unwrap();
    denied(&answer(&outside), "no-chain");
    let staging = push().rewriting(Some("staging".parse().unwrap()));
    let staging = stage
        .world()
        .start_run(&writer, &stage.workflow, &staging)
        .unwrap();
    denied(&answer(&staging), "no-chain");
    accepted_at(&answer(&stage.run(&writer)), &[RepositoryWriter]);
}
