//! The owner's ways to a yes, so that the denials elsewhere mean something.

use super::*;

#[test]
fn owner_by_account_statement_is_accepted() {
    let (scene, _) = linked_project();
    let decision = scene.answer(&alice(), "six", &as_alice());
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    let falls_to: Vec<_> = decision.falls_to().unwrap().weakest().collect();
    assert_eq!(
        falls_to,
        [FormerCollaborator, HeldToken, RepositoryWriter, DeviceKey]
    );
}

#[test]
fn owner_by_package_statement_is_accepted() {
    let (scene, _) = claimed_project();
    let decision = scene.answer(&alice(), "six", &ClaimParts::with_nothing());
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
}

#[test]
fn owner_of_a_new_package_that_names_the_did_is_accepted_by_waiting() {
    let scene = Scene::new();
    let session = scene.sign_up("alice");
    scene.publish(&session, "fresh", "1", &[&alice()]).unwrap();
    let early = scene.answer(&alice(), "fresh", &ClaimParts::with_nothing());
    assert_eq!(early.outcome(), Outcome::Pending);
    let ripe_at = early.ripe_at().unwrap();
    scene.wait_days(7);
    assert_eq!(scene.world().now(), ripe_at);
    assert!(scene.accepts(&alice(), "fresh", &ClaimParts::with_nothing()));
}

#[test]
fn the_remedy_for_a_typed_name_works_when_followed() {
    let (scene, session) = old_project();
    let typed = scene.answer(&alice(), "six", &ClaimParts::as_account("alice", None));
    denied_for(&typed, Stranger);
    assert!(
        typed
            .remedy()
            .unwrap()
            .contains("id claim pypi alice --statement")
    );
    let says = |version| {
        let said = scene.publish_for_account(&session, "mine", version, &alice(), "alice");
        said.unwrap();
    };
    says("1");
    scene.wait_days(7);
    says("2");
    assert!(scene.accepts(
        &alice(),
        "six",
        &ClaimParts::as_account("alice", Some("mine"))
    ));
}

#[test]
fn the_remedy_for_no_statement_works_when_followed() {
    let (scene, session) = old_project();
    scene.publish(&session, "six", "2.0", &[&alice()]).unwrap();
    let pending = scene.answer(&alice(), "six", &ClaimParts::with_nothing());
    assert_eq!(pending.outcome(), Outcome::Pending);
    assert!(pending.remedy().unwrap().contains("another release"));
    scene.wait_days(7);
    scene.publish(&session, "six", "2.1", &[&alice()]).unwrap();
    assert!(scene.accepts(&alice(), "six", &ClaimParts::with_nothing()));
}
