//! Strangers, names that were taken again, and collaborators.

use super::*;

// --- stranger

#[test]
fn stranger_typing_the_maintainers_name() {
    let (scene, _) = linked_project();
    denied_for(
        &scene.answer(&mallory(), "six", &ClaimParts::as_account("alice", None)),
        Stranger,
    );
}

#[test]
fn stranger_pointing_at_the_maintainers_own_statement() {
    let (scene, _) = linked_project();
    denied_for(&scene.answer(&mallory(), "six", &as_alice()), Stranger);
}

#[test]
fn stranger_with_a_package_of_its_own_as_statement() {
    let (scene, _) = linked_project();
    let theirs = scene.sign_up("mallory");
    scene.publish(&theirs, "mine", "1", &[&mallory()]).unwrap();
    scene.wait_days(8);
    scene.publish(&theirs, "mine", "2", &[&mallory()]).unwrap();
    denied_for(
        &scene.answer(
            &mallory(),
            "six",
            &ClaimParts::as_account("alice", Some("mine")),
        ),
        Stranger,
    );
    denied(
        &scene.answer(
            &mallory(),
            "six",
            &ClaimParts::as_account("mallory", Some("mine")),
        ),
        "not-listed",
    );
}

#[test]
fn stranger_with_a_statement_for_the_victims_package_in_its_own() {
    let (scene, _) = old_project();
    let theirs = scene.sign_up("mallory");
    let copied = Metadata::new().naming([did(&mallory())], &scene.namespace("six"));
    scene.world().publish(&theirs, "mine", "1", copied).unwrap();
    scene.wait_days(30);
    denied(
        &scene.answer(&mallory(), "six", &ClaimParts::with_nothing()),
        "no-chain",
    );
    denied(
        &scene.answer(&mallory(), "mine", &ClaimParts::with_nothing()),
        "no-chain",
    );
}

#[test]
fn stranger_with_a_look_alike_name_gets_that_name_only() {
    let (scene, _) = claimed_project();
    let theirs = scene.sign_up("mallory");
    scene.publish(&theirs, "slx", "1", &[&mallory()]).unwrap();
    scene.wait_days(8);
    assert!(scene.accepts(&mallory(), "slx", &ClaimParts::with_nothing()));
    denied(
        &scene.answer(&mallory(), "six", &ClaimParts::with_nothing()),
        "no-chain",
    );
}

// --- recycled name

#[test]
fn recycled_name_of_a_deleted_project_with_the_old_bundle() {
    let (scene, session) = claimed_project();
    let claimed = scene
        .ask(
            &alice(),
            "six",
            &ClaimParts::with_nothing(),
            &Policy::standard(),
        )
        .unwrap();
    scene.world().delete_project(&session, "six").unwrap();
    scene.wait_days(1);
    let theirs = scene.sign_up("mallory");
    scene.publish(&theirs, "six", "9", &[&alice()]).unwrap();
    denied(
        &scene.verify_live(&claimed.bundle, &Policy::standard()),
        "another-incarnation",
    );
}

#[test]
fn recycled_name_of_an_account() {
    let (scene, session) = linked_project();
    scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "six", "bob", OwnerRole::Owner)
        .unwrap();
    scene
        .world()
        .delete_project(&session, "alice-auths")
        .unwrap();
    scene.world().close_account(&session).unwrap();
    let again = scene.sign_up("alice");
    scene
        .publish_for_account(&again, "alice-auths", "1", &mallory(), "alice")
        .unwrap();
    scene.wait_days(8);
    scene
        .publish_for_account(&again, "alice-auths", "2", &mallory(), "alice")
        .unwrap();
    denied(&scene.answer(&mallory(), "six", &as_alice()), "not-listed");
}

// --- collaborator

#[test]
fn collaborator_by_its_own_account() {
    let (scene, session) = linked_project();
    let bob = scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "six", "bob", OwnerRole::Maintainer)
        .unwrap();
    for version in ["1", "2"] {
        scene.wait_days(8);
        scene
            .publish_for_account(&bob, "bobs", version, &mallory(), "bob")
            .unwrap();
    }
    denied_for(
        &scene.answer(
            &mallory(),
            "six",
            &ClaimParts::as_account("bob", Some("bobs")),
        ),
        Collaborator,
    );
}

#[test]
fn collaborator_publishing_statements_for_weeks() {
    let (scene, session) = old_project();
    let bob = scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "six", "bob", OwnerRole::Maintainer)
        .unwrap();
    for version in ["2.0", "2.1", "2.2"] {
        scene.publish(&bob, "six", version, &[&mallory()]).unwrap();
        scene.wait_days(8);
    }
    denied_for(
        &scene.answer(&mallory(), "six", &ClaimParts::with_nothing()),
        Collaborator,
    );
}

#[test]
fn collaborator_in_the_package_that_speaks_for_an_account() {
    let (scene, session) = linked_project();
    let bob = scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "alice-auths", "bob", OwnerRole::Maintainer)
        .unwrap();
    scene
        .publish_for_account(&bob, "alice-auths", "3", &mallory(), "alice")
        .unwrap();
    scene.wait_days(8);
    scene
        .publish_for_account(&bob, "alice-auths", "4", &mallory(), "alice")
        .unwrap();
    denied_for(&scene.answer(&mallory(), "six", &as_alice()), Stranger);
}
