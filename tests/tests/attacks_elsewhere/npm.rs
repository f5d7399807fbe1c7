//! npm: package statements, account statements, maintainers by login, typed repositories.

mod former;
mod tokens;

use auths_core::capability::Capability::*;
use auths_core::evidence::SourceRepository;
use auths_core::{Platform, Policy};
use auths_testkit::scenes::{ClaimParts, Scene};
use auths_testkit::world::{Grant, Metadata, OrgRole, Session, World};
use auths_tests::claims::did;

use super::{accepted, alice, denied, denied_for, mallory, pending, strictly};

/// Alice maintains `left` alone, an old package that names nobody and that nobody depends on.
fn old_package() -> (Scene, Session) {
    let scene = Scene::in_world(World::npm);
    let session = scene.sign_up("alice");
    scene.publish(&session, "left", "1.0.0", &[]).unwrap();
    scene.wait_days(400);
    scene.publish(&session, "left", "1.1.0", &[]).unwrap();
    scene.wait_days(30);
    (scene, session)
}

/// The same, and a package has said that alice's DID speaks for her account, over two releases a week apart.
fn linked_package() -> (Scene, Session) {
    let (scene, session) = old_package();
    for (version, days) in [("2.0.0", 8), ("2.1.0", 1)] {
        scene
            .publish_for_account(&session, "@alice/auths", version, &alice(), "alice")
            .unwrap();
        scene.wait_days(days);
    }
    (scene, session)
}

/// The same, and a package has named alice's DID over two releases a week apart.
fn naming(package: &str) -> (Scene, Session) {
    let (scene, session) = old_package();
    scene
        .publish(&session, package, "2.0.0", &[&alice()])
        .unwrap();
    scene.wait_days(8);
    scene
        .publish(&session, package, "2.1.0", &[&alice()])
        .unwrap();
    scene.wait_days(1);
    (scene, session)
}

fn claimed_package() -> (Scene, Session) {
    naming("left")
}

fn as_alice() -> ClaimParts {
    ClaimParts::as_account("alice", Some("@alice/auths"))
}

fn nothing() -> ClaimParts {
    ClaimParts::with_nothing()
}

// --- the owner's ways to a yes

#[test]
fn owner_by_account_statement_is_accepted() {
    let (scene, _) = linked_package();
    accepted(
        &scene.answer(&alice(), "left", &as_alice()),
        &[HeldToken, DeviceKey],
    );
}

#[test]
fn owner_by_package_statement_is_accepted() {
    let (scene, _) = claimed_package();
    let decision = scene.answer(&alice(), "left", &nothing());
    accepted(&decision, &[HeldToken, RepositoryWriter, DeviceKey]);
}

#[test]
fn owner_by_provenance_of_a_linked_repository_is_what_any_maintainer_can_publish() {
    let scene = Scene::showing(World::npm, |registry| registry.showing_provenance());
    let session = scene.sign_up("alice");
    let hub = scene
        .world()
        .sign_up_on(&Platform::GITHUB, "alice")
        .unwrap();
    let account = scene.world().account_of_session(&hub).unwrap();
    let workflow = scene.world().create_repository(&hub, "alice/left").unwrap();
    scene.publish(&session, "left", "1.0.0", &[]).unwrap();
    scene.world().trust(&session, "left", &workflow).unwrap();
    let link = scene.gist(&hub, &alice(), account).unwrap();
    for version in ["1.1.0", "1.2.0"] {
        scene.publish(&workflow, "left", version, &[]).unwrap();
        scene.wait_days(8);
    }
    let decision = scene.answer(&alice(), "left", &ClaimParts::linked([link]));
    denied_for(&decision, Collaborator);
}

// --- stranger

#[test]
fn stranger_typing_the_maintainers_name() {
    let (scene, _) = linked_package();
    let typed = ClaimParts::as_account("alice", None);
    denied_for(&scene.answer(&mallory(), "left", &typed), Stranger);
    denied_for(&scene.answer(&mallory(), "left", &as_alice()), Stranger);
}

#[test]
fn stranger_with_statements_of_its_own() {
    let (scene, _) = linked_package();
    let theirs = scene.sign_up("mallory");
    let copied = Metadata::new().naming([did(&mallory())], &scene.namespace("left"));
    for version in ["1.0.0", "1.1.0"] {
        scene
            .publish_for_account(&theirs, "@mallory/auths", version, &mallory(), "mallory")
            .unwrap();
        let copy = copied.clone();
        scene
            .world()
            .publish(&theirs, "mine", version, copy)
            .unwrap();
        scene.wait_days(8);
    }
    let as_her = ClaimParts::as_account("alice", Some("@mallory/auths"));
    denied_for(&scene.answer(&mallory(), "left", &as_her), Stranger);
    let as_itself = ClaimParts::as_account("mallory", Some("@mallory/auths"));
    denied(&scene.answer(&mallory(), "left", &as_itself), "not-listed");
    denied(&scene.answer(&mallory(), "left", &nothing()), "no-chain");
    let in_her_scope = scene.publish(&theirs, "@alice/auths2", "1.0.0", &[]);
    assert!(in_her_scope.is_err());
}

/// Unscoped packages change hands: who takes one over takes over whatever its releases say.
#[test]
fn stranger_giving_a_package_that_names_its_key_to_the_owner() {
    let (scene, session) = linked_package();
    let theirs = scene.sign_up("mallory");
    for version in ["1.0.0", "1.1.0"] {
        scene
            .publish(&theirs, "gift", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    let mut world = scene.world();
    world.add_owner(&theirs, "gift", "alice").unwrap();
    world.accept_invitation(&session, "gift").unwrap();
    world.remove_role(&theirs, "gift", "mallory").unwrap();
    drop(world);
    let asking = ClaimParts::as_account("alice", Some("gift"));
    for days in [0, 30, 400] {
        scene.wait_days(days);
        denied_for(&scene.answer(&mallory(), "left", &asking), Stranger);
    }
}

// --- recycled name

#[test]
fn recycled_name_of_an_unpublished_package_with_the_old_bundle() {
    let (scene, session) = claimed_package();
    let asked = scene.ask(&alice(), "left", &nothing(), &Policy::standard());
    let bundle = asked.unwrap().bundle;
    scene.world().delete_project(&session, "left").unwrap();
    scene.wait_days(1);
    let theirs = scene.sign_up("mallory");
    scene
        .publish(&theirs, "left", "9.0.0", &[&alice()])
        .unwrap();
    let decision = scene.verify_live(&bundle, &Policy::standard());
    denied(&decision, "another-incarnation");
}

#[test]
fn recycled_name_of_an_account() {
    let (scene, session) = linked_package();
    let bob = scene.sign_up("bob");
    let mut world = scene.world();
    world.add_owner(&session, "left", "bob").unwrap();
    world.accept_invitation(&bob, "left").unwrap();
    world.delete_project(&session, "@alice/auths").unwrap();
    world.close_account(&session).unwrap();
    drop(world);
    scene.wait_days(30);
    let again = scene.sign_up("alice");
    for version in ["3.0.0", "3.1.0"] {
        scene
            .publish_for_account(&again, "@alice/auths", version, &mallory(), "alice")
            .unwrap();
        scene.wait_days(8);
    }
    denied(&scene.answer(&mallory(), "left", &as_alice()), "not-listed");
}

/// Gives mallory a GitHub account of that login, and a gist that has stood for long.
fn mature_gist(scene: &Scene, login: &str) -> ClaimParts {
    let hub = scene.world().sign_up_on(&Platform::GITHUB, login).unwrap();
    let account = scene.world().account_of_session(&hub).unwrap();
    let link = scene.gist(&hub, &mallory(), account).unwrap();
    scene.wait_days(8);
    ClaimParts::linked([link])
}

#[test]
fn recycled_name_of_the_repository_that_the_publisher_typed() {
    let (scene, session) = old_package();
    let hub = scene
        .world()
        .sign_up_on(&Platform::GITHUB, "alice")
        .unwrap();
    let repository = SourceRepository::new(Platform::GITHUB, "alice", "left");
    let typed = Metadata::new().from_repository(repository);
    scene
        .world()
        .publish(&session, "left", "1.2.0", typed)
        .unwrap();
    scene.world().rename_account(&hub, "alice-new").unwrap();
    let asking = mature_gist(&scene, "alice");
    let decision = scene.answer(&mallory(), "left", &asking);
    denied(&decision, "resisted");
    assert!(
        decision
            .chains()
            .iter()
            .any(|c| c.falls_to.contains(RecycledName))
    );
}

/// npm is not documented to bind a trusted repository's ids. Whoever gets the old name holds the workflow then, and is found
/// by the same answer: what a statement falls to says so.
#[test]
fn recycled_name_of_a_trusted_repository_is_the_workflow_and_strict_refuses_it() {
    let (scene, session) = old_package();
    let hub = scene.world().sign_up_on(&Platform::GITHUB, "acme").unwrap();
    let own = scene.world().create_repository(&hub, "acme/left").unwrap();
    scene.world().trust(&session, "left", &own).unwrap();
    scene.world().rename_account(&hub, "acme-corp").unwrap();
    let theirs = scene.world().sign_up_on(&Platform::GITHUB, "acme").unwrap();
    let again = scene
        .world()
        .create_repository(&theirs, "acme/left")
        .unwrap();
    scene
        .publish(&again, "left", "6.0.0", &[&mallory()])
        .unwrap();
    scene.wait_days(400);
    pending(&scene.answer(&mallory(), "left", &nothing()));
    scene
        .publish(&again, "left", "6.1.0", &[&mallory()])
        .unwrap();
    let decision = scene.answer(&mallory(), "left", &nothing());
    accepted(
        &decision,
        &[FormerCollaborator, HeldToken, RepositoryWriter, DeviceKey],
    );
    denied(
        &strictly(&scene, &mallory(), "left", &nothing()),
        "resisted",
    );
}

// --- collaborator

/// Bob belongs to the organisation that has the scope of `@acme/x`, which alice made: he may publish it, unlisted.
fn org_package() -> (Scene, Session) {
    let (scene, session) = old_package();
    let bob = scene.sign_up("bob");
    let mut world = scene.world();
    world.create_org(&session, "acme").unwrap();
    world
        .set_member(&session, "acme", "bob", OrgRole::Member)
        .unwrap();
    world.accept_membership(&bob, "acme").unwrap();
    drop(world);
    scene.publish(&session, "@acme/x", "1.0.0", &[]).unwrap();
    scene.wait_days(30);
    for version in ["2.0.0", "2.1.0"] {
        scene
            .publish(&bob, "@acme/x", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    (scene, bob)
}

#[test]
fn collaborator_of_the_organisation_publishing_statements_for_weeks() {
    let (scene, _) = org_package();
    let decision = scene.answer(&mallory(), "@acme/x", &nothing());
    denied_for(&decision, Collaborator);
}

#[test]
fn collaborator_of_the_organisation_in_a_package_that_lists_one_maintainer() {
    let (scene, _) = org_package();
    let asking = ClaimParts::as_account("alice", Some("@acme/x"));
    denied_for(&scene.answer(&mallory(), "left", &asking), Stranger);
}

// --- held token, workflow, session

#[test]
fn held_token_on_an_unclaimed_package_is_named_and_strict_refuses_it() {
    let (scene, session) = old_package();
    let token = scene.steal_token(&session, Some("left"));
    for version in ["6.0.0", "6.1.0"] {
        scene
            .publish(&token, "left", version, &[&mallory()])
            .unwrap();
        scene.wait_days(7);
    }
    let decision = scene.answer(&mallory(), "left", &nothing());
    accepted(&decision, &[HeldToken, RepositoryWriter, DeviceKey]);
    denied_for(&strictly(&scene, &mallory(), "left", &nothing()), HeldToken);
}

#[test]
fn ci_workflow_is_what_a_package_statement_falls_to_and_strict_refuses_it() {
    let (scene, session) = old_package();
    let workflow = scene.world().trust_workflow(&session, "left").unwrap();
    for version in ["6.0.0", "6.1.0"] {
        scene
            .publish(&workflow, "left", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    let decision = scene.answer(&mallory(), "left", &nothing());
    assert!(decision.falls_to().unwrap().contains(RepositoryWriter));
    denied_for(
        &strictly(&scene, &mallory(), "left", &nothing()),
        FormerCollaborator,
    );
}

#[test]
fn account_session_makes_its_holder_a_maintainer_and_the_answer_says_so() {
    let (scene, session) = old_package();
    let theirs = scene.sign_up("mallory");
    let stolen = session.clone();
    scene.world().add_owner(&stolen, "left", "mallory").unwrap();
    scene.world().accept_invitation(&theirs, "left").unwrap();
    for version in ["1.0.0", "1.1.0"] {
        scene
            .publish_for_account(&theirs, "@mallory/auths", version, &mallory(), "mallory")
            .unwrap();
        scene.wait_days(8);
    }
    let asking = ClaimParts::as_account("mallory", Some("@mallory/auths"));
    let decision = scene.answer(&mallory(), "left", &asking);
    assert!(decision.falls_to().unwrap().contains(AccountSession));
    // Once its sessions are ended and the role taken, nothing is left of it.
    let session = scene.world().end_sessions(&session).unwrap();
    assert!(scene.world().add_owner(&stolen, "left", "mallory").is_err());
    scene
        .world()
        .remove_role(&session, "left", "mallory")
        .unwrap();
    denied(&scene.answer(&mallory(), "left", &asking), "not-listed");
}

#[test]
fn a_security_holding_package_is_nobodys() {
    let (scene, _) = claimed_package();
    scene.world().quarantine("left", true).unwrap();
    let asked = scene.ask(&alice(), "left", &nothing(), &Policy::standard());
    assert!(asked.is_err());
}
