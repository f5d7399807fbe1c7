//! Pins: what an accepted run leaves for the next one, and who may move it.

use super::*;
use auths_core::Namespace;
use auths_core::grant::GrantError;
use auths_core::reason::RefutedReason::{GrantTooNarrow, NoChain, PinnedToAnother};
use auths_testkit::block_on;
use auths_testkit::world::{OrgRole, Workflow};
use auths_tests::front_end::{on_github, on_pypi};

/// The repository of that name, of the organisation or of alice.
fn repository(stage: &Stage, name: &str) -> Workflow {
    stage.world().create_repository(&stage.hub, name).unwrap()
}

fn named(name: &str) -> Namespace {
    name.parse().unwrap()
}

/// What the front end keeps of alice: a gist that has held her claim for more than the maturity.
fn alices_gist(stage: &Stage) -> Kept {
    let account = stage.world().account_of_session(&stage.hub).unwrap();
    let claim = PlatformClaim::new(account, None);
    let claim = sign(SigningRequest::new(claim, stage.world().now()), &alice());
    let gist = stage
        .world()
        .create_gist(&stage.hub, claim.to_json())
        .unwrap();
    stage.wait_days(8);
    Kept {
        links: vec![(claim, Some(gist))],
        ..Kept::default()
    }
}

#[test]
fn an_old_rule_of_the_owner_replayed_moves_no_pin_and_a_later_one_does() {
    let stage = on_pypi();
    let other = repository(&stage, "alice/other");
    let old = stage.rule(&alice(), &other, &stage.six(), |_| {});
    let rules = [stage.owners_rule(), old];
    stage.world().wait(DAY / 24);
    assert!(stage.grant(&stage.run(&stage.hub), &rules).is_ok());
    let run = stage.run_of(&stage.hub, &other);
    refused(stage.grant(&run, &rules), PinnedToAnother);
    // Nor does one that names the package again by somebody who is nobody here.
    stage.world().wait(DAY / 24);
    let strangers = stage.rule(&mallory(), &other, &stage.six(), |_| {});
    let [first, old] = rules;
    let all = [first, old, strangers];
    refused(stage.grant(&run, &all), PinnedToAnother);
    let later = stage.rule(&alice(), &other, &stage.six(), |_| {});
    let [first, old, strangers] = all;
    let all = [first, old, strangers, later];
    assert!(stage.grant(&run, &all).is_ok());
    refused(stage.grant(&stage.run(&stage.hub), &all), PinnedToAnother);
}

#[test]
fn an_old_owner_signs_no_rule_that_moves_the_pin_of_the_next_one() {
    let stage = on_pypi();
    let old = stage.owners_rule();
    stage.world().wait(DAY / 24);
    // Bob takes the package over, names his own key, and publishes from his own repository.
    let bob = stage.world().sign_up("bob").unwrap();
    stage.world().hand_over("six", "bob").unwrap();
    for version in ["2.0.0", "2.1.0"] {
        stage.release(&bob, version, &[&key(2)]);
        stage.wait_days(8);
    }
    let bobs = stage.on_hub("bob");
    let tools = stage.world().create_repository(&bobs, "bob/six").unwrap();
    let new = stage.rule(&key(2), &tools, &stage.six(), |_| {});
    let run = stage.run_of(&bobs, &tools);
    assert!(stage.grant(&run, std::slice::from_ref(&new)).is_ok());
    stage.world().wait(DAY / 24);
    let later = stage.owners_rule();
    for rules in [
        vec![old.clone()],
        vec![later.clone()],
        vec![old, later, new],
    ] {
        assert!(stage.grant(&stage.run(&stage.hub), &rules).is_err());
        denied(
            &stage.default_answer(&stage.run(&stage.hub), &rules[..1]),
            "no-chain",
        );
    }
}

#[test]
fn a_grant_that_nobody_uses_pins_all_the_same_and_its_owner_is_not_shut_out() {
    let stage = on_pypi();
    let other = repository(&stage, "alice/other");
    let rules = [
        stage.owners_rule(),
        stage.rule(&alice(), &other, &stage.six(), |_| {}),
    ];
    stage.world().wait(DAY / 24);
    // A writer of the other repository takes a grant, and lets it lapse.
    stage.on_hub("mallory");
    let given = stage
        .world()
        .set_writer(&stage.hub, &other, "mallory", true);
    given.unwrap();
    drop(
        stage
            .grant(&stage.run_of(&stage.hub, &other), &rules)
            .unwrap(),
    );
    stage.wait_days(1);
    refused(stage.grant(&stage.run(&stage.hub), &rules), PinnedToAnother);
    let later = [stage.owners_rule()];
    assert!(stage.grant(&stage.run(&stage.hub), &later).is_ok());
}

#[test]
fn a_members_unused_grant_pins_nothing_against_a_rule_of_the_owner() {
    let stage = on_github();
    let kept = alices_gist(&stage);
    let server = named("github:acme/server");
    let bob = stage.on_hub("bob");
    {
        let mut world = stage.world();
        world
            .set_member(&stage.hub, "acme", "bob", OrgRole::Member)
            .unwrap();
        world.accept_membership(&bob, "acme").unwrap();
    }
    let bobs = stage.world().create_repository(&bob, "acme/bobs").unwrap();
    let lenient = resisting("'recycled-name', 'stolen-token'");
    let names = [server.clone()];
    let by_member = || {
        let run = stage.run_of(&bob, &bobs);
        accepted_at(
            &stage.answer(&run, &server, &[], &Kept::default(), &lenient),
            &[Collaborator],
        );
        stage.grant_for(&stage.token(&run), &names, &[], &Kept::default(), &lenient)
    };
    assert!(by_member().is_ok());
    let pin = block_on(auths_core::ports::PinStore::read(&*stage.pins, &server));
    assert!(pin.unwrap().unwrap().falls_to_collaborator());
    // By default any run of the organisation is a collaborator's.
    let run = stage.run_of(&bob, &bobs);
    let policy = Policy::standard();
    denied_for(
        &stage.answer(&run, &server, &[], &Kept::default(), &policy),
        Collaborator,
    );
    // Its owner's rule takes the pin over, and the member is held to that.
    let own = repository(&stage, "acme/server");
    let rules = [stage.rule(&alice(), &own, &server, |_| {})];
    let run = stage.run_of(&stage.hub, &own);
    accepted_at(
        &stage.answer(&run, &server, &rules, &kept, &policy),
        &[RepositoryWriter],
    );
    let granted = stage.grant_for(&stage.token(&run), &names, &rules, &kept, &policy);
    assert!(granted.is_ok(), "{granted:?}");
    refused(by_member(), PinnedToAnother);
}

#[test]
fn a_grant_for_an_organisation_is_held_to_the_pins_below_it() {
    let stage = on_github();
    let kept = alices_gist(&stage);
    let (acme, server, client) = (
        named("github:acme"),
        named("github:acme/server"),
        named("github:acme/client"),
    );
    let (first, second) = (
        repository(&stage, "acme/server"),
        repository(&stage, "acme/tools"),
    );
    let policy = Policy::standard();
    let rules = [
        stage.rule(&alice(), &first, &server, |_| {}),
        stage.rule(&alice(), &second, &acme, |_| {}),
    ];
    let run = stage.run_of(&stage.hub, &first);
    let names = [server.clone()];
    let granted = stage.grant_for(&stage.token(&run), &names, &rules, &kept, &policy);
    assert!(granted.is_ok(), "{granted:?}");
    // The other repository may act for the whole organisation, but not for what is pinned below it.
    let run = stage.run_of(&stage.hub, &second);
    accepted_at(
        &stage.answer(&run, &acme, &rules, &kept, &policy),
        &[RepositoryWriter],
    );
    let whole = stage.grant_for(&stage.token(&run), &[acme], &rules, &kept, &policy);
    let whole = whole.unwrap();
    let (files, now) = (stage.files(), stage.world().now());
    let authorize =
        |name: &Namespace| block_on(files.authorize(whole.token(), name, Action::Publish, now));
    // Nor for a name below it that has no pin yet.
    for (name, by) in [(&server, PinnedToAnother), (&client, GrantTooNarrow)] {
        match authorize(name) {
            Err(GrantError::Refuted(why)) => assert_eq!(why.reason, by, "{name}"),
            other => panic!("{other:?}"),
        }
    }
    refused(
        stage.grant_for(&stage.token(&run), &names, &rules, &kept, &policy),
        PinnedToAnother,
    );
    // That is asked for by itself.
    let own = stage.grant_for(
        &stage.token(&run),
        std::slice::from_ref(&client),
        &rules,
        &kept,
        &policy,
    );
    assert!(own.is_ok(), "{own:?}");
    assert!(authorize(&client).is_ok());
}

/// A name that was deleted and registered again is held to no pin of its earlier life.
#[test]
fn a_name_that_lives_again_is_held_to_no_pin_of_before() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    assert!(stage.grant(&stage.run(&stage.hub), &rules).is_ok());
    stage.world().delete_project(&stage.alice, "six").unwrap();
    let bob = stage.world().sign_up("bob").unwrap();
    for version in ["1.0.0", "1.1.0"] {
        stage.release(&bob, version, &[&key(2)]);
        stage.wait_days(8);
    }
    let bobs = stage.on_hub("bob");
    let tools = stage.world().create_repository(&bobs, "bob/six").unwrap();
    let new = [stage.rule(&key(2), &tools, &stage.six(), |_| {})];
    assert!(stage.grant(&stage.run_of(&bobs, &tools), &new).is_ok());
    refused(stage.grant(&stage.run(&stage.hub), &rules), NoChain);
}
