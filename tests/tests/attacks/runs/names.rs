//! Names that change hands: repositories, owners, workflow files, and numbers of another server.

use super::*;
use auths_core::ci::CiIdentity;
use auths_core::reason::RefutedReason::NoRuleMatches;
use auths_tests::front_end::{ghes, on_pypi};

#[test]
fn recycled_name_of_a_deleted_repository_matches_nothing() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let mallory = stage.on_hub("mallory");
    {
        let mut world = stage.world();
        world
            .delete_repository(&stage.hub, &stage.workflow)
            .unwrap();
        // The account goes too, and both names are mallory's.
        world.rename_account(&stage.hub, "alice-new").unwrap();
        world.rename_account(&mallory, "alice").unwrap();
    }
    let again = stage
        .world()
        .create_repository(&mallory, "alice/six")
        .unwrap();
    let run = stage.run_of(&mallory, &again);
    let decision = stage.default_answer(&run, &rules);
    denied(&decision, "no-rule-matches");
    let message = decision.message();
    assert!(
        message.contains("repositoryId") && message.contains("ownerId"),
        "{message}"
    );
    refused(stage.grant(&run, &rules), NoRuleMatches);
}

#[test]
fn a_repository_that_its_owner_makes_again_needs_a_new_rule() {
    let stage = on_pypi();
    let old = stage.owners_rule();
    stage
        .world()
        .delete_repository(&stage.hub, &stage.workflow)
        .unwrap();
    let again = stage
        .world()
        .create_repository(&stage.hub, "alice/six")
        .unwrap();
    let run = stage.run_of(&stage.hub, &again);
    denied(
        &stage.default_answer(&run, std::slice::from_ref(&old)),
        "no-rule-matches",
    );
    let new = stage.rule(&alice(), &again, &stage.six(), |_| {});
    accepted_at(
        &stage.default_answer(&run, &[old, new]),
        &[RepositoryWriter],
    );
}

#[test]
fn a_renamed_repository_still_matches_and_whoever_takes_its_old_name_does_not() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    stage
        .world()
        .rename_repository(&stage.hub, &stage.workflow, "seven")
        .unwrap();
    let run = stage.run(&stage.hub);
    accepted_at(&stage.default_answer(&run, &rules), &[RepositoryWriter]);
    stage
        .world()
        .rename_account(&stage.hub, "alice-new")
        .unwrap();
    let run = stage.run(&stage.hub);
    accepted_at(&stage.default_answer(&run, &rules), &[RepositoryWriter]);
    let next = stage
        .world()
        .sign_up_as("mallory", &auths_core::Platform::GITHUB, "alice");
    let next = next.unwrap();
    let taken = stage.world().create_repository(&next, "alice/six").unwrap();
    denied(
        &stage.default_answer(&stage.run_of(&next, &taken), &rules),
        "no-rule-matches",
    );
}

#[test]
fn a_transferred_repository_matches_nothing_until_its_new_owner_is_named() {
    let stage = on_pypi();
    let rule = stage.owners_rule();
    let bob = stage.on_hub("bob");
    let kept = stage.run(&stage.hub);
    stage
        .world()
        .transfer_repository(&stage.hub, &stage.workflow, "bob")
        .unwrap();
    // Runs that were started before are of the new owner too.
    for run in [kept, stage.run(&bob)] {
        let decision = stage.default_answer(&run, std::slice::from_ref(&rule));
        denied(&decision, "no-rule-matches");
        assert!(
            decision.message().contains("ownerId"),
            "{}",
            decision.message()
        );
    }
    let renewed = stage.owners_rule();
    accepted_at(
        &stage.default_answer(&stage.run(&bob), &[rule, renewed]),
        &[RepositoryWriter],
    );
}

#[test]
fn another_workflow_file_of_the_repository_matches_nothing() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let writer = stage.writer("mallory");
    stage
        .world()
        .rename_workflow(&writer, &stage.workflow, "nightly.yml")
        .unwrap();
    let run = stage.run(&writer);
    let decision = stage.default_answer(&run, &rules);
    denied(&decision, "no-rule-matches");
    assert!(
        decision.message().contains("nightly.yml"),
        "{}",
        decision.message()
    );
    refused(stage.grant(&run, &rules), NoRuleMatches);
}

#[test]
fn the_same_numbers_on_a_github_that_somebody_else_runs_match_nothing() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let mut evidence = stage.evidence(&stage.run(&stage.hub));
    let mut parts = evidence.identity.parts().clone();
    parts.issuer = ghes();
    evidence.identity = CiIdentity::new(parts).unwrap();
    let token = stage.tokens.issue(evidence);
    let (six, kept, policy) = (stage.six(), Kept::default(), Policy::standard());
    let decision = stage.decide(&token, &six, &rules, &kept, &policy);
    denied(&decision, "no-rule-matches");
    assert!(
        decision.message().contains("issuer"),
        "{}",
        decision.message()
    );
    refused(
        stage.grant_for(&token, &[six], &rules, &kept, &policy),
        NoRuleMatches,
    );
}
