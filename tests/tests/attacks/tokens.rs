//! Stolen tokens, tokens that are held for longer, and a workflow that publishes.

use super::*;

// --- stolen token

#[test]
fn stolen_token_planting_one_release_at_once_and_by_waiting() {
    let (scene, session) = old_project();
    let token = scene.steal_token(&session, Some("six"));
    scene.publish(&token, "six", "6.6", &[&mallory()]).unwrap();
    for days in [0, 6, 1, 1, 365] {
        scene.wait_days(days);
        let decision = scene.answer(&mallory(), "six", &ClaimParts::with_nothing());
        assert_eq!(decision.outcome(), Outcome::Pending);
        assert!(
            decision
                .remedy()
                .unwrap()
                .contains("waiting alone is not enough")
        );
    }
}

#[test]
fn stolen_token_planting_a_release_that_is_yanked_at_once() {
    let (scene, session) = old_project();
    let token = scene.steal_token(&session, Some("six"));
    scene.publish(&token, "six", "0.1", &[&mallory()]).unwrap();
    scene.world().yank(&session, "six", "0.1", true).unwrap();
    scene.wait_days(8);
    scene.publish(&token, "six", "0.2", &[&mallory()]).unwrap();
    assert!(!scene.accepts(&mallory(), "six", &ClaimParts::with_nothing()));
}

#[test]
fn stolen_token_planting_old_looking_versions_that_installers_never_pick() {
    let (scene, session) = old_project();
    let token = scene.steal_token(&session, Some("six"));
    for version in ["0.0.1", "0.0.2"] {
        scene
            .publish(&token, "six", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    denied(
        &scene.answer(&mallory(), "six", &ClaimParts::with_nothing()),
        "default-outside",
    );
}

#[test]
fn stolen_token_over_a_mature_did_at_once_by_waiting_and_beside_it() {
    let (scene, session) = claimed_project();
    let token = scene.steal_token(&session, Some("six"));
    scene
        .publish(&token, "six", "2.2", &[&alice(), &mallory()])
        .unwrap();
    scene.wait_days(8);
    scene
        .publish(&token, "six", "2.3", &[&alice(), &mallory()])
        .unwrap();
    scene.wait_days(30);
    denied(
        &scene.answer(&mallory(), "six", &ClaimParts::with_nothing()),
        "statement-contested",
    );
    assert!(scene.accepts(&alice(), "six", &ClaimParts::with_nothing()));
}

#[test]
fn stolen_token_replacing_a_mature_did_once() {
    let (scene, session) = claimed_project();
    let token = scene.steal_token(&session, Some("six"));
    scene.publish(&token, "six", "2.2", &[&mallory()]).unwrap();
    denied(
        &scene.answer(&mallory(), "six", &ClaimParts::with_nothing()),
        "statement-contested",
    );
    scene.wait_days(400);
    assert!(!scene.accepts(&mallory(), "six", &ClaimParts::with_nothing()));
}

#[test]
fn stolen_token_re_adding_its_line_after_the_owner_dropped_it() {
    let (scene, session) = old_project();
    let token = scene.steal_token(&session, Some("six"));
    scene.publish(&token, "six", "6.0", &[&mallory()]).unwrap();
    scene.wait_days(6);
    scene.publish(&session, "six", "6.1", &[]).unwrap();
    scene.wait_days(2);
    scene.publish(&token, "six", "6.2", &[&mallory()]).unwrap();
    assert!(!scene.accepts(&mallory(), "six", &ClaimParts::with_nothing()));
}

#[test]
fn stolen_token_making_a_new_package_in_the_owners_name() {
    let (scene, session) = old_project();
    let token = scene.steal_token(&session, None);
    scene
        .publish_for_account(&token, "alice-tools", "1", &mallory(), "alice")
        .unwrap();
    scene.wait_days(365);
    let decision = scene.answer(
        &mallory(),
        "six",
        &ClaimParts::as_account("alice", Some("alice-tools")),
    );
    assert_eq!(
        decision.outcome(),
        Outcome::Pending,
        "{:?}",
        decision.reason()
    );
}

#[test]
fn stolen_token_over_a_mature_account_statement() {
    let (scene, session) = linked_project();
    let token = scene.steal_token(&session, None);
    scene
        .publish_for_account(&token, "alice-auths", "3", &mallory(), "alice")
        .unwrap();
    denied_for(&scene.answer(&mallory(), "six", &as_alice()), Stranger);
}

// --- held token: the default policy says yes on an unclaimed package, and says what it cost; strict refuses

#[test]
fn held_token_on_an_unclaimed_package_is_named_and_strict_refuses_it() {
    let (scene, session) = old_project();
    let token = scene.steal_token(&session, Some("six"));
    scene.publish(&token, "six", "6.0", &[&mallory()]).unwrap();
    scene.wait_days(7);
    scene.publish(&token, "six", "6.1", &[&mallory()]).unwrap();
    let decision = scene.answer(&mallory(), "six", &ClaimParts::with_nothing());
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(
        decision.cost().contains("stay unnoticed for 7 days"),
        "{}",
        decision.cost()
    );
    let strict = scene
        .ask(
            &mallory(),
            "six",
            &ClaimParts::with_nothing(),
            &Policy::strict(),
        )
        .unwrap();
    denied_for(&strict.decision, FormerCollaborator);
}

#[test]
fn held_token_on_a_claimed_package_while_its_owner_publishes() {
    let (scene, session) = claimed_project();
    let token = scene.steal_token(&session, Some("six"));
    for n in 0..4 {
        scene
            .publish(&token, "six", &format!("3.{n}"), &[&alice(), &mallory()])
            .unwrap();
        scene.wait_days(8);
        scene
            .publish(&session, "six", &format!("4.{n}"), &[&alice()])
            .unwrap();
        assert!(
            !scene.accepts(&mallory(), "six", &ClaimParts::with_nothing()),
            "round {n}"
        );
        assert!(
            scene.accepts(&alice(), "six", &ClaimParts::with_nothing()),
            "round {n}"
        );
    }
}

/// A mature DID that is absent for the whole maturity contests no longer: dropped unnoticed for that long, over two releases,
/// it is replaced, and the answer says what that took.
#[test]
fn held_token_that_drops_a_mature_did_is_contested_for_the_maturity_and_then_named() {
    let (scene, session) = claimed_project();
    let token = scene.steal_token(&session, Some("six"));
    let ask = || scene.answer(&mallory(), "six", &ClaimParts::with_nothing());
    scene.publish(&token, "six", "3.0", &[&mallory()]).unwrap();
    for _ in 0..6 {
        denied(&ask(), "statement-contested");
        denied(
            &scene.answer(&alice(), "six", &ClaimParts::with_nothing()),
            "statement-dropped",
        );
        scene.wait_days(1);
    }
    denied(&ask(), "statement-contested");
    // The whole maturity after the first, and not before, a second release makes it.
    scene.wait_days(2);
    assert_ne!(ask().outcome(), Outcome::Accepted);
    scene.publish(&token, "six", "3.1", &[&mallory()]).unwrap();
    let decision = ask();
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(decision.falls_to().unwrap().contains(HeldToken));
    let cost = decision.cost();
    assert!(cost.contains("stay unnoticed for 7 days"), "{cost}");
    let strict = Policy::strict();
    let strict = scene.ask(&mallory(), "six", &ClaimParts::with_nothing(), &strict);
    denied_for(&strict.unwrap().decision, FormerCollaborator);
}

/// One release of the owner's in between, and the wait begins again.
#[test]
fn held_token_that_drops_a_mature_did_while_its_owner_publishes_gains_nothing() {
    let (scene, session) = claimed_project();
    let token = scene.steal_token(&session, Some("six"));
    scene.publish(&token, "six", "3.0", &[&mallory()]).unwrap();
    scene.wait_days(6);
    scene.publish(&session, "six", "3.1", &[&alice()]).unwrap();
    scene.wait_days(2);
    scene.publish(&token, "six", "3.2", &[&mallory()]).unwrap();
    scene.wait_days(6);
    assert!(!scene.accepts(&mallory(), "six", &ClaimParts::with_nothing()));
}

// --- ci workflow

#[test]
fn ci_workflow_is_what_a_package_statement_falls_to_and_strict_refuses_it() {
    let (scene, session) = old_project();
    let workflow = scene.world().trust_workflow(&session, "six").unwrap();
    for version in ["6.0", "6.1"] {
        scene
            .publish(&workflow, "six", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    let decision = scene.answer(&mallory(), "six", &ClaimParts::with_nothing());
    assert!(decision.falls_to().unwrap().contains(RepositoryWriter));
    let strict = scene
        .ask(
            &mallory(),
            "six",
            &ClaimParts::with_nothing(),
            &Policy::strict(),
        )
        .unwrap();
    denied_for(&strict.decision, FormerCollaborator);
}

// --- a token of something else

/// `six` names alice's DID in every release. Mallory holds a token of `toy` alone, plants two releases of it a week apart, and
/// says that she holds alice's account.
#[test]
fn stolen_token_of_one_package_opens_no_other_whose_did_is_mature() {
    let (scene, session) = claimed_project();
    scene.publish(&session, "toy", "1.0", &[]).unwrap();
    let token = scene.steal_token(&session, Some("toy"));
    assert!(scene.publish(&token, "six", "6.6", &[&mallory()]).is_err());
    for version in ["2.0", "2.1"] {
        let planted = scene.publish_for_account(&token, "toy", version, &mallory(), "alice");
        planted.unwrap();
        scene.wait_days(8);
    }
    for policy in [
        Policy::standard(),
        Policy::strict(),
        Policy::trust_self_reported(),
    ] {
        for asking in [
            ClaimParts::with_nothing(),
            ClaimParts::as_account("alice", None),
            ClaimParts::as_account("alice", Some("toy")),
        ] {
            let claimed = scene.ask(&mallory(), "six", &asking, &policy).unwrap();
            assert_eq!(claimed.decision.outcome(), Outcome::Denied);
        }
    }
    assert!(scene.accepts(&alice(), "six", &ClaimParts::with_nothing()));
}

/// A token of the whole account makes a package that speaks for the account: it opens what is nobody's, at that price, and
/// nothing whose DID is mature.
#[test]
fn held_token_of_the_account_opens_nothing_whose_did_is_mature() {
    let (scene, session) = claimed_project();
    scene.publish(&session, "toy", "1.0", &[]).unwrap();
    let token = scene.steal_token(&session, None);
    for version in ["1", "2"] {
        let planted =
            scene.publish_for_account(&token, "alice-tools", version, &mallory(), "alice");
        planted.unwrap();
        scene.wait_days(8);
    }
    let asking = || ClaimParts::as_account("alice", Some("alice-tools"));
    denied(
        &scene.answer(&mallory(), "six", &asking()),
        "statement-contested",
    );
    let decision = scene.answer(&mallory(), "toy", &asking());
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(decision.falls_to().unwrap().contains(HeldToken));
    let cost = decision.cost();
    assert!(
        cost.contains("`pypi:alice-tools`") && cost.contains("every package of"),
        "{cost}"
    );
    let strict = scene.ask(&mallory(), "toy", &asking(), &Policy::strict());
    assert_ne!(strict.unwrap().decision.outcome(), Outcome::Accepted);
}
