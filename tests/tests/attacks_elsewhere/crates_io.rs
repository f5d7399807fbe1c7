//! crates.io: owners by linked GitHub id, gists, device flows.

mod tokens;

use auths_core::capability::Capability::*;
use auths_core::claim::{
    Action, Actions, Delegation, Revocation, RevocationTarget, SigningRequest,
};
use auths_core::{Account, Outcome, Policy};
use auths_testkit::scenes::{APP, ClaimParts, Link, MALLORY, Scene};
use auths_testkit::world::{Grant, Metadata, OrgRole, Session, Token, World};
use auths_tests::claims::{did, sign};

use super::{accepted, alice, denied, denied_for, mallory, pending, strictly};

/// Alice alone owns `demo`, an old crate.
fn old_crate() -> (Scene, Session) {
    made(Scene::in_world(World::crates_io))
}

fn made(scene: Scene) -> (Scene, Session) {
    let session = scene.sign_up("alice");
    scene.publish(&session, "demo", "1.0.0", &[]).unwrap();
    scene.wait_days(400);
    (scene, session)
}

/// The same, and a gist of alice's has held her claim for longer than the maturity.
fn linked_crate() -> (Scene, Session, Link) {
    let (scene, session) = old_crate();
    let link = scene
        .gist(&session, &alice(), scene.account("alice"))
        .unwrap();
    scene.wait_days(8);
    (scene, session, link)
}

/// Mallory's own account, with a mature gist.
fn mallorys(scene: &Scene) -> (Session, ClaimParts) {
    let theirs = scene.sign_up("mallory");
    let link = scene
        .gist(&theirs, &mallory(), scene.account("mallory"))
        .unwrap();
    scene.wait_days(8);
    (theirs, ClaimParts::linked([link]))
}

fn presenting(scene: &Scene, account: Account, token: &Token) -> ClaimParts {
    let claim = scene.link(&mallory(), account);
    ClaimParts {
        presented: vec![(claim, token.clone())],
        ..ClaimParts::default()
    }
}

// --- the owner's ways to a yes

#[test]
fn owner_by_a_mature_gist_is_accepted() {
    let (scene, _, link) = linked_crate();
    let decision = scene.answer(&alice(), "demo", &ClaimParts::linked([link]));
    accepted(&decision, &[HeldToken, DeviceKey]);
}

#[test]
fn owner_by_device_flow_is_accepted() {
    let (scene, session) = old_crate();
    let mut world = scene.world();
    let flow = world.begin_device_flow(APP, &[]).unwrap();
    world
        .answer_device_flow(&session, &flow.user_code, true)
        .unwrap();
    let token = world.poll_device_flow(APP, &flow.device_code).unwrap();
    drop(world);
    let claim = scene.link(&alice(), scene.account("alice"));
    let asking = ClaimParts {
        presented: vec![(claim, token)],
        ..ClaimParts::default()
    };
    let decision = scene.answer(&alice(), "demo", &asking);
    accepted(&decision, &[AccountSession, DeviceKey]);
}

#[test]
fn owner_of_a_new_login_is_accepted_by_the_same_id() {
    let (scene, session, link) = linked_crate();
    scene.world().rename_account(&session, "alice-new").unwrap();
    let decision = scene.answer(&alice(), "demo", &ClaimParts::linked([link]));
    accepted(&decision, &[HeldToken, DeviceKey]);
}

#[test]
fn a_deleted_or_edited_gist_supports_nothing() {
    let (scene, session, link) = linked_crate();
    let gist = link.1.clone().unwrap();
    scene
        .world()
        .edit_gist(&session, &gist, link.0.to_json())
        .unwrap();
    let asking = ClaimParts::linked([link]);
    pending(&scene.answer(&alice(), "demo", &asking));
    scene.world().delete_gist(&session, &gist).unwrap();
    // Its account is still there: what is left is the claim alone.
    denied_for(&scene.answer(&alice(), "demo", &asking), Stranger);
}

// --- stranger

#[test]
fn stranger_typing_the_owners_name() {
    let (scene, _, _) = linked_crate();
    let typed = ClaimParts::as_account("alice", None);
    denied_for(&scene.answer(&mallory(), "demo", &typed), Stranger);
    let decision = scene.answer(&mallory(), "demo", &ClaimParts::with_nothing());
    denied(&decision, "no-chain");
}

#[test]
fn stranger_with_copies_of_the_owners_gist() {
    let (scene, _, (claim, gist)) = linked_crate();
    let theirs = scene.sign_up("mallory");
    let hers = scene.link(&mallory(), scene.account("alice"));
    let mut world = scene.world();
    let fork = world.fork_gist(&theirs, &gist.clone().unwrap()).unwrap();
    let copy = world.create_gist(&theirs, claim.to_json()).unwrap();
    let own = world.create_gist(&theirs, hers.to_json()).unwrap();
    drop(world);
    scene.wait_days(8);
    for proof in [gist.unwrap(), fork, copy, own] {
        let asking = ClaimParts::linked([(hers.clone(), Some(proof))]);
        denied_for(&scene.answer(&mallory(), "demo", &asking), Stranger);
    }
    // The owner's own claim is of the owner's DID.
    let asking = ClaimParts::linked([(claim, None)]);
    denied(&scene.answer(&mallory(), "demo", &asking), "no-chain");
}

#[test]
fn stranger_with_an_account_of_its_own_and_the_owners_name_on_crates_io() {
    let (scene, session, _) = linked_crate();
    scene
        .world()
        .sign_in_to_crates(&session, Some("alice-rs"))
        .unwrap();
    let (theirs, asking) = mallorys(&scene);
    scene
        .world()
        .sign_in_to_crates(&theirs, Some("alice"))
        .unwrap();
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
}

// --- recycled name

#[test]
fn recycled_name_of_the_owners_login() {
    let (scene, session, link) = linked_crate();
    scene.world().rename_account(&session, "alice-new").unwrap();
    let again = scene.sign_up("alice");
    let claimed = scene
        .gist(&again, &mallory(), scene.account("alice"))
        .unwrap();
    scene.wait_days(8);
    let asking = ClaimParts::linked([claimed]);
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
    // The old id with the new holder's gist.
    let old = link.0.unverified().account.clone();
    let forged = scene.gist(&again, &mallory(), old).unwrap();
    scene.wait_days(8);
    let asking = ClaimParts::linked([forged]);
    denied_for(&scene.answer(&mallory(), "demo", &asking), Stranger);
}

#[test]
fn recycled_name_where_the_server_shows_no_ids() {
    let scene = Scene::showing(World::crates_io, |registry| registry.without_ids());
    let (scene, session) = made(scene);
    scene.world().rename_account(&session, "alice-new").unwrap();
    let again = scene.sign_up("alice");
    let claimed = scene
        .gist(&again, &mallory(), scene.account("alice"))
        .unwrap();
    scene.wait_days(8);
    let decision = scene.answer(&mallory(), "demo", &ClaimParts::linked([claimed]));
    denied(&decision, "resisted");
    assert!(decision.falls_to().unwrap().contains(RecycledName));
}

#[test]
fn recycled_name_of_a_deleted_crate_with_the_old_bundle() {
    let (scene, session, link) = linked_crate();
    let asking = ClaimParts::linked([link]);
    let asked = scene.ask(&alice(), "demo", &asking, &Policy::standard());
    let bundle = asked.unwrap().bundle;
    scene.world().delete_project(&session, "demo").unwrap();
    let theirs = scene.sign_up("mallory");
    assert!(scene.publish(&theirs, "demo", "2.0.0", &[]).is_err());
    scene.wait_days(1);
    scene.publish(&theirs, "demo", "2.0.0", &[]).unwrap();
    let decision = scene.verify_live(&bundle, &Policy::standard());
    denied(&decision, "another-incarnation");
}

#[test]
fn recycled_name_of_an_account_that_is_gone() {
    let (scene, session, link) = linked_crate();
    scene.world().close_account(&session).unwrap();
    scene.wait_days(90);
    let again = scene.sign_up("alice");
    let claimed = scene
        .gist(&again, &mallory(), scene.account("alice"))
        .unwrap();
    scene.wait_days(8);
    let asking = ClaimParts::linked([claimed]);
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
    let gone = scene.answer(&alice(), "demo", &ClaimParts::linked([link]));
    denied_for(&gone, Stranger);
}

// --- collaborator

#[test]
fn collaborator_on_a_team_that_owns_the_crate() {
    let (scene, session, _) = linked_crate();
    let (theirs, asking) = mallorys(&scene);
    let mut world = scene.world();
    world.create_org(&session, "acme").unwrap();
    world
        .set_member(&session, "acme", "mallory", OrgRole::Member)
        .unwrap();
    world.accept_membership(&theirs, "acme").unwrap();
    world
        .set_team(&session, "acme", "core", &["mallory"])
        .unwrap();
    world.add_team(&session, "demo", "acme", "core").unwrap();
    drop(world);
    scene
        .publish(&theirs, "demo", "1.1.0", &[&mallory()])
        .unwrap();
    scene.wait_days(30);
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
}

// --- held token

/// One use of a token is enough where the owner does not look at her gists for as long as the maturity: a gist is not
/// published again. The answer calls it `held-token`, and `strict` refuses it.
#[test]
fn held_token_planting_a_gist_once_is_named_and_strict_refuses_it() {
    let (scene, session, _) = linked_crate();
    let token = scene.steal_token_for(&session, &[Grant::Gist]);
    let link = scene
        .gist(&token, &mallory(), scene.account("alice"))
        .unwrap();
    scene.world().revoke_token(&session, &token).unwrap();
    scene.wait_days(7);
    let asking = ClaimParts::linked([link]);
    let decision = scene.answer(&mallory(), "demo", &asking);
    accepted(&decision, &[HeldToken, DeviceKey]);
    denied_for(&strictly(&scene, &mallory(), "demo", &asking), HeldToken);
}

// --- workflow, session, keys

#[test]
fn ci_workflow_gains_no_owner() {
    let (scene, session, _) = linked_crate();
    let (_, asking) = mallorys(&scene);
    let workflow = scene.world().trust_workflow(&session, "demo").unwrap();
    for version in ["6.0.0", "6.1.0"] {
        scene
            .publish(&workflow, "demo", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
    let decision = scene.answer(&mallory(), "demo", &ClaimParts::with_nothing());
    denied(&decision, "no-chain");
}

#[test]
fn account_session_by_one_approval_that_was_tricked_out_of_the_owner() {
    let (scene, session, _) = linked_crate();
    let mut world = scene.world();
    let flow = world.begin_device_flow(APP, &[]).unwrap();
    world
        .answer_device_flow(&session, &flow.user_code, true)
        .unwrap();
    let token = world.poll_device_flow(APP, &flow.device_code).unwrap();
    let token = world.steal_token(MALLORY, &token).unwrap();
    drop(world);
    let asking = presenting(&scene, scene.account("alice"), &token);
    let decision = scene.answer(&mallory(), "demo", &asking);
    accepted(&decision, &[AccountSession, DeviceKey]);
    assert!(
        decision.cost().contains("trick one approval"),
        "{}",
        decision.cost()
    );
}

#[test]
fn delegate_key_gains_what_was_delegated_and_no_more() {
    let (scene, session, link) = linked_crate();
    scene
        .world()
        .publish(&session, "other", "1.0.0", Metadata::new())
        .unwrap();
    scene.wait_days(30);
    let body = Delegation::new(
        did(&mallory()),
        [scene.namespace("demo")],
        Actions::only(Action::Publish),
    );
    let delegation = sign(SigningRequest::new(body, scene.world().now()), &alice());
    let asking = ClaimParts {
        delegations: vec![delegation],
        ..ClaimParts::linked([link])
    };
    let decision = scene.answer(&mallory(), "demo", &asking);
    accepted(&decision, &[HeldToken, DelegateKey, DeviceKey]);
    denied(
        &scene.answer(&mallory(), "other", &asking),
        "delegation-too-narrow",
    );
}

#[test]
fn device_key_that_was_revoked_gains_nothing() {
    let (scene, _, link) = linked_crate();
    let body = Revocation::new(RevocationTarget::Did(did(&alice())));
    let revocation = sign(SigningRequest::new(body, scene.world().now()), &alice());
    let asking = ClaimParts {
        revocations: vec![revocation],
        ..ClaimParts::linked([link])
    };
    denied(&scene.answer(&alice(), "demo", &asking), "revoked");
}

/// Mallory, whom a stolen token makes an owner, and who publishes one version under her own name.
fn added_by_a_stolen_token_in(scene: Scene) -> (Scene, Session, Session, ClaimParts) {
    let (scene, session) = made(scene);
    let (theirs, asking) = mallorys(&scene);
    let token = scene.steal_token(&session, None);
    add_again(&scene, &theirs, &token);
    scene.world().revoke_token(&session, &token).unwrap();
    scene.publish(&theirs, "demo", "6.0.0", &[]).unwrap();
    (scene, session, theirs, asking)
}

/// One use of the token is enough where the owner does not look at the owners for as long as the maturity. The listing says so
/// itself, with a gist or without: `strict` refuses it.
#[test]
fn held_token_adding_its_thief_who_then_publishes_and_waits() {
    let (scene, _, theirs, asking) = added_by_a_stolen_token_in(Scene::in_world(World::crates_io));
    for days in [0, 6] {
        scene.wait_days(days);
        pending(&scene.answer(&mallory(), "demo", &asking));
    }
    scene.wait_days(1);
    let decision = scene.answer(&mallory(), "demo", &asking);
    accepted(&decision, &[HeldToken, DeviceKey]);
    denied_for(&strictly(&scene, &mallory(), "demo", &asking), HeldToken);
    let asking = flowing(&scene, &theirs, "mallory");
    let decision = scene.answer(&mallory(), "demo", &asking);
    accepted(&decision, &[HeldToken, DeviceKey]);
    denied_for(&strictly(&scene, &mallory(), "demo", &asking), HeldToken);
}

/// Who made the crate is told apart: for them a device flow meets `strict`.
#[test]
fn owner_who_made_the_crate_is_accepted_by_the_strict_policy() {
    let (scene, session) = old_crate();
    let asking = flowing(&scene, &session, "alice");
    let decision = strictly(&scene, &alice(), "demo", &asking);
    accepted(&decision, &[AccountSession, DeviceKey]);
}

#[test]
fn held_token_adding_its_thief_who_publishes_nothing_is_seen_by_a_verifier_that_remembers() {
    let (scene, session) = made(remembering());
    let (theirs, asking) = mallorys(&scene);
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
    let token = scene.steal_token(&session, None);
    add_again(&scene, &theirs, &token);
    for days in [0, 6] {
        scene.wait_days(days);
        pending(&scene.answer(&mallory(), "demo", &asking));
    }
    scene.wait_days(1);
    let decision = scene.answer(&mallory(), "demo", &asking);
    accepted(&decision, &[HeldToken, DeviceKey]);
    denied_for(&strictly(&scene, &mallory(), "demo", &asking), HeldToken);
}

/// What was published stays when its publisher is removed. A verifier that looked in between knows that it says nothing.
#[test]
fn stolen_token_adding_a_removed_owner_again_waits_anew_where_the_verifier_looked_in_between() {
    let (scene, session, theirs, asking) = added_by_a_stolen_token_in(remembering());
    scene.wait_days(1);
    pending(&scene.answer(&mallory(), "demo", &asking));
    remove(&scene, &session);
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
    scene.wait_days(30);
    let token = scene.steal_token(&session, None);
    add_again(&scene, &theirs, &token);
    for days in [0, 6] {
        scene.wait_days(days);
        pending(&scene.answer(&mallory(), "demo", &asking));
    }
}

/// Not even to who made the crate, and lost it since.
#[test]
fn stolen_token_adding_a_former_maker_again_waits_anew_where_the_verifier_looked_in_between() {
    let (scene, session) = made(remembering());
    let (theirs, asking) = mallorys(&scene);
    scene.publish(&theirs, "other", "1.0.0", &[]).unwrap();
    let mut world = scene.world();
    world.add_owner(&theirs, "other", "alice").unwrap();
    world.accept_invitation(&session, "other").unwrap();
    world.remove_role(&session, "other", "mallory").unwrap();
    drop(world);
    denied(&scene.answer(&mallory(), "other", &asking), "not-listed");
    scene.wait_days(30);
    let mut world = scene.world();
    let token = world.create_token(&session, None).unwrap();
    world.add_owner(&token, "other", "mallory").unwrap();
    world.accept_invitation(&theirs, "other").unwrap();
    drop(world);
    pending(&scene.answer(&mallory(), "other", &asking));
    scene.wait_days(7);
    let decision = scene.answer(&mallory(), "other", &asking);
    accepted(&decision, &[HeldToken, DeviceKey]);
}

// --- open: crates.io shows no public record of who was an owner when. This test holds what happens today.

/// A verifier that did not look while its publisher was removed cannot know that it was: the answer says `held-token`, and
/// `strict` refuses it, but no time passes unnoticed.
#[test]
fn open_an_owner_that_was_removed_and_added_again_while_nobody_looked_is_known_at_once() {
    let (scene, session, theirs, asking) = added_by_a_stolen_token_in(remembering());
    scene.wait_days(1);
    remove(&scene, &session);
    scene.wait_days(30);
    let token = scene.steal_token(&session, None);
    add_again(&scene, &theirs, &token);
    let decision = scene.answer(&mallory(), "demo", &asking);
    accepted(&decision, &[HeldToken, DeviceKey]);
    denied_for(&strictly(&scene, &mallory(), "demo", &asking), HeldToken);
}

/// A crates.io whose reader remembers whom it found listed.
fn remembering() -> Scene {
    Scene::showing(World::crates_io, |registry| registry.remembering())
}

/// What a device flow of the account's own session shows.
fn flowing(scene: &Scene, session: &Session, login: &str) -> ClaimParts {
    let mut world = scene.world();
    let flow = world.begin_device_flow(APP, &[]).unwrap();
    world
        .answer_device_flow(session, &flow.user_code, true)
        .unwrap();
    let token = world.poll_device_flow(APP, &flow.device_code).unwrap();
    drop(world);
    let key = if login == "alice" { alice() } else { mallory() };
    let claim = scene.link(&key, scene.account(login));
    ClaimParts {
        presented: vec![(claim, token)],
        ..ClaimParts::default()
    }
}

fn add_again(scene: &Scene, theirs: &Session, token: &Token) {
    let mut world = scene.world();
    world.add_owner(token, "demo", "mallory").unwrap();
    world.accept_invitation(theirs, "demo").unwrap();
}

fn remove(scene: &Scene, session: &Session) {
    let mut world = scene.world();
    world.remove_role(session, "demo", "mallory").unwrap();
}
