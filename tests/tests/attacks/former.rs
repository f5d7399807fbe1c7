//! Roles that have ended, and keys that were named for one package alone.

use auths_testkit::world::{SimulatedRegistry, World};

use super::*;

fn bob() -> KeyPair {
    key(2)
}

/// Alice owns `six` and `other`. Bob, Maintainer of `six`, has named mallory's key in it over two releases a week apart.
fn with_a_maintainer() -> (Scene, Session, Session) {
    let (scene, session) = old_project();
    scene.publish(&session, "other", "1.0", &[]).unwrap();
    let bob = scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "six", "bob", OwnerRole::Maintainer)
        .unwrap();
    for version in ["2.0", "2.1"] {
        scene.publish(&bob, "six", version, &[&mallory()]).unwrap();
        scene.wait_days(8);
    }
    (scene, session, bob)
}

#[test]
fn a_removed_maintainer_is_accepted_at_that_price_alone_and_strict_denies() {
    let (scene, session, _) = with_a_maintainer();
    let nothing = ClaimParts::with_nothing;
    denied_for(&scene.answer(&mallory(), "six", &nothing()), Collaborator);
    scene.world().remove_role(&session, "six", "bob").unwrap();
    let decision = scene.answer(&mallory(), "six", &nothing());
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(decision.falls_to().unwrap().contains(FormerCollaborator));
    assert!(decision.cost().contains("held a role on `pypi:six`"));
    let strict = scene.ask(&mallory(), "six", &nothing(), &Policy::strict());
    assert_ne!(strict.unwrap().decision.outcome(), Outcome::Accepted);
}

#[test]
fn a_removed_maintainer_gains_nothing_of_the_owners_other_packages() {
    let (scene, session, _) = with_a_maintainer();
    scene.world().remove_role(&session, "six", "bob").unwrap();
    for policy in [Policy::standard(), Policy::strict()] {
        for asking in [
            ClaimParts::with_nothing(),
            ClaimParts::as_account("alice", Some("six")),
            ClaimParts::as_account("alice", None),
        ] {
            let claimed = scene.ask(&mallory(), "other", &asking, &policy).unwrap();
            assert_eq!(claimed.decision.outcome(), Outcome::Denied);
        }
    }
}

#[test]
fn a_verifier_that_looked_tells_a_sole_owner_from_one_who_removed_another() {
    let remembering = |registry: SimulatedRegistry| registry.remembering();
    for with_bob in [false, true] {
        let scene = Scene::showing(World::pypi, remembering);
        let session = scene.sign_up("alice");
        let bob = scene.sign_up("bob");
        scene.publish(&session, "six", "1.0", &[]).unwrap();
        scene.wait_days(100);
        if with_bob {
            let mut world = scene.world();
            world
                .set_role(&session, "six", "bob", OwnerRole::Maintainer)
                .unwrap();
        }
        let look = || drop(scene.answer(&alice(), "six", &ClaimParts::with_nothing()));
        for version in ["2.0", "2.1"] {
            look();
            let by = if with_bob { &bob } else { &session };
            scene.publish(by, "six", version, &[&alice()]).unwrap();
            scene.world().wait(DAY / 2);
            look();
            scene.wait_days(8);
        }
        if with_bob {
            scene.world().remove_role(&session, "six", "bob").unwrap();
        }
        let decision = scene.answer(&alice(), "six", &ClaimParts::with_nothing());
        assert_eq!(decision.outcome(), Outcome::Accepted);
        let falls_to = decision.falls_to().unwrap();
        assert_eq!(falls_to.contains(FormerCollaborator), with_bob);
    }
}

/// Alice names bob's key for `six`, release after release: for `six`, and for nothing else.
#[test]
fn a_key_that_is_named_for_one_package_is_heard_for_no_other() {
    let (scene, session) = old_project();
    scene.publish(&session, "other", "1.0", &[]).unwrap();
    for version in ["2.0", "2.1"] {
        scene.publish(&session, "six", version, &[&bob()]).unwrap();
        scene.wait_days(8);
    }
    assert!(scene.accepts(&bob(), "six", &ClaimParts::with_nothing()));
    for package in [Some("six"), None] {
        let decision = scene.answer(&bob(), "other", &ClaimParts::as_account("alice", package));
        denied_for(&decision, Stranger);
    }
}

/// A token of an existing package adds the words, and the package was not made for it.
#[test]
fn a_package_becomes_no_account_statement_later() {
    let (scene, session) = old_project();
    scene.publish(&session, "other", "1.0", &[]).unwrap();
    let token = scene.world().create_token(&session, Some("other"));
    let token = token.unwrap();
    for version in ["2", "3"] {
        scene
            .publish_for_account(&token, "other", version, &mallory(), "alice")
            .unwrap();
        scene.wait_days(8);
    }
    let asking = ClaimParts::as_account("alice", Some("other"));
    denied_for(&scene.answer(&mallory(), "six", &asking), Stranger);
}
