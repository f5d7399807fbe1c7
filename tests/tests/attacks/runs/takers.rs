//! Who gets a run: nobody, strangers, writers, those whose code runs once, thieves of workflows and sessions.

use super::*;
use auths_core::reason::RefutedReason::{NoRuleMatches, TokenUsed};
use auths_tests::front_end::{on_pypi, push};

#[test]
fn owner_by_a_rule_of_its_own_is_granted_at_the_price_that_is_named() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let run = stage.run(&stage.hub);
    let decision = stage.default_answer(&run, &rules);
    accepted_at(
        &decision,
        &[RepositoryWriter, PoisonedRun, AccountSession, DeviceKey],
    );
    assert!(stage.grant(&run, &rules).is_ok());
    let strict = stage.answer(
        &run,
        &stage.six(),
        &rules,
        &Kept::default(),
        &Policy::strict(),
    );
    denied(&strict, "resisted");
}

#[test]
fn stranger_with_a_run_of_its_own_repository_or_of_a_fork_matches_nothing() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let mallory = stage.on_hub("mallory");
    let fork = stage.world().fork_repository(&mallory, &stage.workflow);
    let fork = stage.run_of(&mallory, &fork.unwrap());
    denied(&stage.default_answer(&fork, &rules), "no-rule-matches");
    refused(stage.grant(&fork, &rules), NoRuleMatches);
}

#[test]
fn stranger_by_a_pull_request_whose_run_has_the_rights_of_the_repository_matches_nothing() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let mallory = stage.on_hub("mallory");
    let mut plan = push();
    plan.trigger = "pull_request_target".parse().unwrap();
    let run = stage.world().start_run(&mallory, &stage.workflow, &plan);
    let run = run.unwrap();
    let decision = stage.default_answer(&run, &rules);
    denied(&decision, "no-rule-matches");
    assert!(
        decision.message().contains("pull_request_target"),
        "{}",
        decision.message()
    );
    refused(stage.grant(&run, &rules), NoRuleMatches);
}

#[test]
fn stranger_with_a_rule_of_its_own_is_granted_nothing_and_shuts_nobody_out() {
    let stage = on_pypi();
    let mallorys = stage.on_hub("mallory");
    let tools = stage
        .world()
        .create_repository(&mallorys, "mallory/tools")
        .unwrap();
    let strangers = stage.rule(&mallory(), &tools, &stage.six(), |_| {});
    let run = stage.run_of(&mallorys, &tools);
    let decision = stage.default_answer(&run, std::slice::from_ref(&strangers));
    assert_eq!(
        decision.outcome(),
        Outcome::Denied,
        "{:?}",
        decision.reason()
    );
    assert!(stage.grant(&run, std::slice::from_ref(&strangers)).is_err());
    // Many of them, for the owner's own repository too, and revocations of the owner's rule by strangers.
    let owners = stage.owners_rule();
    let mut rules: Vec<_> = (100..160)
        .map(|byte| stage.rule(&key(byte), &stage.workflow, &stage.six(), |_| {}))
        .collect();
    rules.extend([strangers, owners.clone()]);
    for byte in 100..120 {
        stage.revoke(&key(byte), RevocationTarget::Claim(owners.id().clone()));
        stage.revoke(&key(byte), RevocationTarget::Did(did(&alice())));
    }
    let own = stage.run(&stage.hub);
    accepted_at(&stage.default_answer(&own, &rules), &[RepositoryWriter]);
    let granted = stage.grant(&own, &rules);
    assert!(granted.is_ok(), "{granted:?}");
}

#[test]
fn repository_writer_is_the_price_of_an_open_rule_and_a_policy_may_refuse_it() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let mallory = stage.writer("mallory");
    let run = stage.run(&mallory);
    accepted_at(&stage.default_answer(&run, &rules), &[RepositoryWriter]);
    let policy = resisting("'stolen-token', 'repository-writer'");
    let refused = stage.answer(&run, &stage.six(), &rules, &Kept::default(), &policy);
    denied_for(&refused, RepositoryWriter);
    // The write access ended: the run of then goes on, and there is no other.
    let mut world = stage.world();
    world
        .set_writer(&stage.hub, &stage.workflow, "mallory", false)
        .unwrap();
    let again = world.start_run(&mallory, &stage.workflow, &push());
    assert!(again.is_err());
}

#[test]
fn poisoned_run_is_worth_one_grant_of_that_package_and_a_policy_may_refuse_it() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let run = stage.run(&stage.hub);
    let poisoned = stage.world().poison_run("mallory", &run).unwrap();
    accepted_at(&stage.default_answer(&poisoned, &rules), &[PoisonedRun]);
    let token = stage.token(&poisoned);
    let (six, kept, policy) = ([stage.six()], Kept::default(), Policy::standard());
    assert!(
        stage
            .grant_for(&token, &six, &rules, &kept, &policy)
            .is_ok()
    );
    refused(
        stage.grant_for(&token, &six, &rules, &kept, &policy),
        TokenUsed,
    );
    stage
        .world()
        .publish(&stage.alice, "toy", "1.0", Metadata::new())
        .unwrap();
    let toy = stage.world().namespace("toy").unwrap();
    let other = stage.answer(&poisoned, &toy, &rules, &kept, &policy);
    denied(&other, "delegation-too-narrow");
    let policy = resisting("'stolen-token', 'poisoned-run'");
    let strictly = stage.answer(&poisoned, &stage.six(), &rules, &kept, &policy);
    denied_for(&strictly, PoisonedRun);
    // The run ends, and with it everything that was held.
    stage.wait_days(1);
    let audience = auths_tests::front_end::audience();
    assert!(stage.world().id_token(&poisoned, &audience).is_err());
}

#[test]
fn ci_workflow_runs_at_will_at_the_price_of_its_repository() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let stolen = stage
        .world()
        .steal_workflow("mallory", &stage.workflow)
        .unwrap();
    let run = stage
        .world()
        .start_run(&stolen, &stage.workflow, &push())
        .unwrap();
    accepted_at(
        &stage.default_answer(&run, &rules),
        &[RepositoryWriter, PoisonedRun],
    );
    denied(
        &stage.answer(
            &run,
            &stage.six(),
            &rules,
            &Kept::default(),
            &Policy::strict(),
        ),
        "resisted",
    );
}

#[test]
fn account_session_of_the_repository_owner_runs_and_is_named() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let stolen = stage.world().steal_session("mallory", &stage.hub).unwrap();
    let run = stage.run(&stolen);
    accepted_at(&stage.default_answer(&run, &rules), &[AccountSession]);
}

#[test]
fn stolen_token_of_the_package_signs_no_rule_that_counts() {
    let stage = on_pypi();
    let token = stage
        .world()
        .create_token(&stage.alice, Some("six"))
        .unwrap();
    let token = stage.world().steal_token(MALLORY, &token).unwrap();
    let mallorys = stage.on_hub("mallory");
    let tools = stage
        .world()
        .create_repository(&mallorys, "mallory/tools")
        .unwrap();
    let rules = [stage.rule(&mallory(), &tools, &stage.six(), |_| {})];
    for version in ["6.0.0", "6.1.0", "6.2.0"] {
        stage.release(&token, version, &[&alice(), &mallory()]);
        let run = stage.run_of(&mallorys, &tools);
        denied(&stage.default_answer(&run, &rules), "statement-contested");
        assert!(stage.grant(&run, &rules).is_err());
        stage.wait_days(8);
    }
    let owners = [stage.owners_rule()];
    assert!(stage.grant(&stage.run(&stage.hub), &owners).is_ok());
}

#[test]
fn a_role_that_ended_takes_its_rules_with_it() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let run = stage.run(&stage.hub);
    accepted_at(&stage.default_answer(&run, &rules), &[RepositoryWriter]);
    // The package goes to bob, whose releases name nobody of before. Alice's right is judged now.
    stage.world().sign_up("bob").unwrap();
    stage.world().hand_over("six", "bob").unwrap();
    let bob = stage
        .world()
        .sign_up_as("bob", &auths_core::Platform::PYPI, "bob-2")
        .unwrap();
    stage.world().hand_over("six", "bob-2").unwrap();
    stage.release(&bob, "2.0.0", &[&key(2)]);
    let run = stage.run(&stage.hub);
    denied(&stage.default_answer(&run, &rules), "statement-dropped");
    assert!(stage.grant(&run, &rules).is_err());
}
