//! Roles that have ended, and scopes that changed hands, where npm tells who published each release.

use auths_core::Outcome;

use super::*;

/// Mallory maintains `left` beside alice, and has named her own key in it over two releases a week apart.
fn with_mallory() -> (Scene, Session, Session) {
    let (scene, session) = old_package();
    scene.publish(&session, "right", "1.0.0", &[]).unwrap();
    let theirs = scene.sign_up("mallory");
    scene
        .world()
        .add_owner(&session, "left", "mallory")
        .unwrap();
    let _ = scene.world().accept_invitation(&theirs, "left");
    for version in ["2.0.0", "2.1.0"] {
        scene
            .publish(&theirs, "left", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    (scene, session, theirs)
}

#[test]
fn a_maintainer_who_leaves_stays_a_collaborator_where_npm_names_the_publisher() {
    let (scene, _, theirs) = with_mallory();
    denied_for(&scene.answer(&mallory(), "left", &nothing()), Collaborator);
    // On npm she leaves by herself.
    scene
        .world()
        .remove_role(&theirs, "left", "mallory")
        .unwrap();
    denied_for(&scene.answer(&mallory(), "left", &nothing()), Collaborator);
    for policy in [Policy::standard(), Policy::strict()] {
        let asking = ClaimParts::as_account("alice", Some("left"));
        let claimed = scene.ask(&mallory(), "right", &asking, &policy).unwrap();
        assert_eq!(claimed.decision.outcome(), Outcome::Denied);
    }
}

#[test]
fn a_maintainer_who_publishes_through_a_trusted_workflow_is_a_former_one_later() {
    let (scene, session) = old_package();
    let theirs = scene.sign_up("mallory");
    scene
        .world()
        .add_owner(&session, "left", "mallory")
        .unwrap();
    let _ = scene.world().accept_invitation(&theirs, "left");
    let hub = scene
        .world()
        .sign_up_on(&Platform::GITHUB, "mallory")
        .unwrap();
    let workflow = scene
        .world()
        .create_repository(&hub, "mallory/left")
        .unwrap();
    scene.world().trust(&theirs, "left", &workflow).unwrap();
    for version in ["2.0.0", "2.1.0"] {
        scene
            .publish(&workflow, "left", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    denied_for(&scene.answer(&mallory(), "left", &nothing()), Collaborator);
    scene
        .world()
        .remove_role(&session, "left", "mallory")
        .unwrap();
    let decision = scene.answer(&mallory(), "left", &nothing());
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(decision.falls_to().unwrap().contains(FormerCollaborator));
    assert_ne!(
        strictly(&scene, &mallory(), "left", &nothing()).outcome(),
        Outcome::Accepted
    );
}

/// Alice's account becomes an organisation, which is listed as she was; mallory is a member, and publishes in its scope.
#[test]
fn a_scope_that_was_converted_to_an_organisation_links_nobody() {
    let (scene, session) = old_package();
    let (boss, theirs) = (scene.sign_up("boss"), scene.sign_up("mallory"));
    // The owner's own package from before, and one that a member makes with the owner listed.
    scene
        .publish(&session, "@alice/tool", "1.0.0", &[])
        .unwrap();
    {
        let mut world = scene.world();
        world.become_organization(&session, &boss).unwrap();
        world
            .set_member(&boss, "alice", "mallory", OrgRole::Member)
            .unwrap();
        world.accept_membership(&theirs, "alice").unwrap();
    }
    for version in ["1.0.0", "1.1.0"] {
        scene
            .publish_for_account(&theirs, "@alice/auths", version, &mallory(), "alice")
            .unwrap();
        scene.wait_days(8);
    }
    scene.world().hand_over("@alice/auths", "alice").unwrap();
    let asking = ClaimParts::as_account("alice", Some("@alice/auths"));
    let decision = scene.answer(&mallory(), "left", &asking);
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(auths_testkit::scenes::reason(&decision), "owners-hidden");
}

#[test]
fn a_release_from_ci_ends_what_a_package_says_of_its_account() {
    let (scene, session) = linked_package();
    let hub = scene
        .world()
        .sign_up_on(&Platform::GITHUB, "alice")
        .unwrap();
    let workflow = scene
        .world()
        .create_repository(&hub, "alice/auths")
        .unwrap();
    scene
        .world()
        .trust(&session, "@alice/auths", &workflow)
        .unwrap();
    assert!(scene.accepts(&alice(), "left", &as_alice()));
    scene
        .publish_for_account(&workflow, "@alice/auths", "3.0.0", &alice(), "alice")
        .unwrap();
    assert!(!scene.accepts(&alice(), "left", &as_alice()));
}

/// Whoever held alice's key before her account was made an organisation does not speak for what its members publish.
#[test]
fn a_person_who_was_made_an_organisation_owns_nothing_that_its_members_publish() {
    let (scene, session) = linked_package();
    let (boss, theirs) = (scene.sign_up("boss"), scene.sign_up("mallory"));
    scene
        .publish(&session, "@alice/tool", "1.0.0", &[])
        .unwrap();
    assert!(scene.accepts(&alice(), "@alice/tool", &as_alice()));
    {
        let mut world = scene.world();
        world.become_organization(&session, &boss).unwrap();
        world
            .set_member(&boss, "alice", "mallory", OrgRole::Member)
            .unwrap();
        world.accept_membership(&theirs, "alice").unwrap();
    }
    scene.publish(&theirs, "@alice/tool", "1.1.0", &[]).unwrap();
    let decision = scene.answer(&alice(), "@alice/tool", &as_alice());
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(auths_testkit::scenes::reason(&decision), "owners-hidden");
}
