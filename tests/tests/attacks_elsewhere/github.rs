//! GitHub: organisations by their active administrators, personal names by their numeric id.

use auths_core::capability::Capability::*;
use auths_core::crypto::KeyPair;
use auths_core::{Outcome, Policy};
use auths_testkit::scenes::{APP, ClaimParts, Link, MALLORY, Scene, reason};
use auths_testkit::world::{Grant, OrgRole, Session, World};

use super::{accepted, alice, denied, denied_for, mallory, pending, strictly};

/// Alice administers `acme`, and a gist of hers has held her claim for longer than the maturity.
fn org() -> (Scene, Session, Link) {
    let scene = Scene::in_world(World::github);
    let session = scene.sign_up("alice");
    scene.world().create_org(&session, "acme").unwrap();
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

// --- the owner's ways to a yes

#[test]
fn owner_of_an_organisation_and_of_a_name_is_accepted() {
    let (scene, session, link) = org();
    let asking = ClaimParts::linked([link]);
    for name in ["acme", "alice"] {
        accepted(
            &scene.answer(&alice(), name, &asking),
            &[HeldToken, DeviceKey],
        );
    }
    scene.world().rename_account(&session, "alice-new").unwrap();
    for name in ["acme", "alice-new"] {
        accepted(
            &scene.answer(&alice(), name, &asking),
            &[HeldToken, DeviceKey],
        );
    }
}

#[test]
fn owner_read_with_the_owners_own_token_is_accepted_and_others_are_left_open() {
    let (scene, session, link) = org();
    let mut world = scene.world();
    let token = world
        .create_token_for(&session, &[Grant::ReadOrg], None)
        .unwrap();
    drop(world);
    scene.registry().see_with(token.clone());
    let (_, theirs) = mallorys(&scene);
    let hers = ClaimParts::linked([link]);
    accepted(
        &scene.answer(&alice(), "acme", &hers),
        &[HeldToken, DeviceKey],
    );
    let open = |asking: &ClaimParts, key: KeyPair, why| {
        let decision = scene.answer(&key, "acme", asking);
        assert_eq!(
            (decision.outcome(), reason(&decision)),
            (Outcome::Undetermined, why)
        );
    };
    open(&theirs, mallory(), "owners-hidden");
    scene
        .world()
        .protect_org(&session, "acme", true, false)
        .unwrap();
    open(&hers, alice(), "sso-required");
    scene
        .world()
        .authorize_sso(&session, &token, "acme")
        .unwrap();
    accepted(
        &scene.answer(&alice(), "acme", &hers),
        &[HeldToken, DeviceKey],
    );
    scene.world().revoke_token(&session, &token).unwrap();
    open(&hers, alice(), "dead-token");
}

// --- stranger

#[test]
fn stranger_typing_the_owners_name_or_bringing_its_own() {
    let (scene, _, _) = org();
    let typed = ClaimParts::as_account("alice", None);
    let (_, own) = mallorys(&scene);
    for name in ["acme", "alice"] {
        denied_for(&scene.answer(&mallory(), name, &typed), Stranger);
        denied(&scene.answer(&mallory(), name, &own), "not-listed");
        let nothing = scene.answer(&mallory(), name, &ClaimParts::with_nothing());
        denied(&nothing, "no-chain");
    }
}

// --- recycled name

#[test]
fn recycled_name_of_an_organisation() {
    let (scene, session, link) = org();
    let hers = ClaimParts::linked([link]);
    let asked = scene.ask(&alice(), "acme", &hers, &Policy::standard());
    let bundle = asked.unwrap().bundle;
    scene
        .world()
        .rename_org(&session, "acme", "acme-corp")
        .unwrap();
    let (theirs, own) = mallorys(&scene);
    scene.world().create_org(&theirs, "acme").unwrap();
    let decision = scene.verify_live(&bundle, &Policy::standard());
    denied(&decision, "another-incarnation");
    denied(&scene.answer(&alice(), "acme", &hers), "not-listed");
    denied(&scene.answer(&mallory(), "acme-corp", &own), "not-listed");
    accepted(
        &scene.answer(&alice(), "acme-corp", &hers),
        &[HeldToken, DeviceKey],
    );
}

#[test]
fn recycled_name_of_an_account() {
    let (scene, session, link) = org();
    let hers = ClaimParts::linked([link]);
    let asked = scene.ask(&alice(), "alice", &hers, &Policy::standard());
    let bundle = asked.unwrap().bundle;
    scene.world().rename_account(&session, "alice-new").unwrap();
    let again = scene.sign_up("alice");
    let link = scene
        .gist(&again, &mallory(), scene.account("alice"))
        .unwrap();
    scene.wait_days(8);
    let theirs = ClaimParts::linked([link]);
    for name in ["acme", "alice-new"] {
        denied(&scene.answer(&mallory(), name, &theirs), "not-listed");
    }
    denied(&scene.answer(&alice(), "alice", &hers), "not-listed");
    let decision = scene.verify_live(&bundle, &Policy::standard());
    denied(&decision, "another-incarnation");
}

// --- collaborator

#[test]
fn collaborator_in_every_role_but_an_active_administrators() {
    let (scene, session, _) = org();
    let (theirs, own) = mallorys(&scene);
    let invite = |role| {
        let mut world = scene.world();
        world.set_member(&session, "acme", "mallory", role).unwrap();
    };
    for role in [OrgRole::Admin, OrgRole::Member, OrgRole::BillingManager] {
        invite(role);
        denied(&scene.answer(&mallory(), "acme", &own), "role-pending");
    }
    scene.world().accept_membership(&theirs, "acme").unwrap();
    for role in [OrgRole::Member, OrgRole::BillingManager] {
        invite(role);
        denied(&scene.answer(&mallory(), "acme", &own), "lesser-role");
    }
    invite(OrgRole::Admin);
    assert!(scene.accepts(&mallory(), "acme", &own));
    scene
        .world()
        .remove_member(&session, "acme", "mallory")
        .unwrap();
    denied(&scene.answer(&mallory(), "acme", &own), "not-listed");
}

// --- stolen token

#[test]
fn stolen_token_presented_or_planting_a_gist_that_is_seen_in_time() {
    let (scene, session, _) = org();
    let grants = [Grant::Gist, Grant::ReadOrg];
    let token = scene.steal_token_for(&session, &grants);
    let claim = scene.link(&mallory(), scene.account("alice"));
    let presented = ClaimParts {
        presented: vec![(claim, token.clone())],
        ..ClaimParts::default()
    };
    let link = scene
        .gist(&token, &mallory(), scene.account("alice"))
        .unwrap();
    let planted = link.1.clone().unwrap();
    let gist = ClaimParts::linked([link]);
    for name in ["acme", "alice"] {
        denied_for(&scene.answer(&mallory(), name, &presented), StolenToken);
        pending(&scene.answer(&mallory(), name, &gist));
    }
    assert!(scene.world().rename_org(&session, "acme", "x").is_ok());
    scene.world().delete_gist(&session, &planted).unwrap();
    scene.wait_days(30);
    for name in ["x", "alice"] {
        assert!(!scene.accepts(&mallory(), name, &gist));
    }
}

#[test]
fn stolen_token_without_rights_over_members_changes_none() {
    let (scene, session, _) = org();
    let (_, own) = mallorys(&scene);
    for grant in [Grant::Gist, Grant::ReadOrg, Grant::FineGrainedGists] {
        let token = scene.steal_token_for(&session, &[grant]);
        let mut world = scene.world();
        assert!(
            world
                .set_member(&token, "acme", "mallory", OrgRole::Admin)
                .is_err()
        );
    }
    denied(&scene.answer(&mallory(), "acme", &own), "not-listed");
}

// --- held token, session

#[test]
fn held_token_planting_a_gist_once_is_named_and_strict_refuses_it() {
    let (scene, session, _) = org();
    let token = scene.steal_token_for(&session, &[Grant::Gist]);
    let link = scene
        .gist(&token, &mallory(), scene.account("alice"))
        .unwrap();
    scene.wait_days(7);
    let asking = ClaimParts::linked([link]);
    accepted(
        &scene.answer(&mallory(), "acme", &asking),
        &[HeldToken, DeviceKey],
    );
    denied_for(&strictly(&scene, &mallory(), "acme", &asking), HeldToken);
}

/// A token with organisation administration rights is an `account-session` (`docs/security/trust-model.md`).
#[test]
fn account_session_by_a_token_that_administers_the_organisation() {
    for grant in [Grant::WriteOrg, Grant::AdminOrg, Grant::FineGrainedMembers] {
        let (scene, session, _) = org();
        let (theirs, own) = mallorys(&scene);
        let token = scene.steal_token_for(&session, &[grant]);
        let mut world = scene.world();
        world
            .set_member(&token, "acme", "mallory", OrgRole::Admin)
            .unwrap();
        drop(world);
        denied(&scene.answer(&mallory(), "acme", &own), "role-pending");
        scene.world().accept_membership(&theirs, "acme").unwrap();
        let decision = scene.answer(&mallory(), "acme", &own);
        assert!(decision.falls_to().unwrap().contains(AccountSession));
    }
}

#[test]
fn account_session_by_one_approval_that_was_tricked_out_of_the_owner() {
    let (scene, session, _) = org();
    let mut world = scene.world();
    let flow = world.begin_device_flow(APP, &[]).unwrap();
    world
        .answer_device_flow(&session, &flow.user_code, true)
        .unwrap();
    let token = world.poll_device_flow(APP, &flow.device_code).unwrap();
    let token = world.steal_token(MALLORY, &token).unwrap();
    drop(world);
    let claim = scene.link(&mallory(), scene.account("alice"));
    let asking = ClaimParts {
        presented: vec![(claim, token)],
        ..ClaimParts::default()
    };
    let decision = scene.answer(&mallory(), "acme", &asking);
    accepted(&decision, &[AccountSession, DeviceKey]);
}
