//! GitHub's rules, as the world plays them.

use std::time::Duration;

use super::*;
use auths_core::identity::Platform;

const DAY: Duration = Duration::from_secs(86_400);

fn world() -> (World, Session) {
    let mut world = World::github("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("alice").unwrap();
    world.create_org(&alice, "acme").unwrap();
    (world, alice)
}

#[test]
fn logins_change_hands_and_numbers_do_not() {
    let (mut world, alice) = world();
    let before = world.account_of_session(&alice).unwrap();
    world.rename_account(&alice, "alice2").unwrap();
    assert!(world.account_of_session(&alice).unwrap().same_as(&before));
    let again = world.sign_up("alice").unwrap();
    let after = world.account_of_session(&again).unwrap();
    assert!(after.same_login(&before) && !after.same_as(&before));
    assert_eq!(
        world.rename_account(&alice, "ALICE"),
        Err(Refused::LoginTaken)
    );
    assert_eq!(
        world.rename_account(&alice, "acme"),
        Err(Refused::LoginTaken)
    );
    world.close_account(&again).unwrap();
    assert_eq!(world.sign_up("alice").unwrap_err(), Refused::NameHeld);
    world.wait(90 * DAY);
    world.sign_up("alice").unwrap();
    assert_eq!(world.close_account(&alice), Err(Refused::SoleOwner));
    let org = world.org("acme").unwrap();
    world.rename_org(&alice, "acme", "acme-corp").unwrap();
    assert_eq!(world.org("acme-corp"), Some(org));
    let mallory = world.sign_up("mallory").unwrap();
    world.create_org(&mallory, "acme").unwrap();
    assert_ne!(world.org("acme"), Some(org));
    world.delete_org(&mallory, "acme").unwrap();
    assert_eq!(world.org("acme"), None);
    assert_eq!(world.create_org(&mallory, "acme"), Err(Refused::NameHeld));
}

#[test]
fn gists_are_their_owners_and_of_tokens_that_may() {
    let (mut world, alice) = world();
    let mallory = world.sign_up("mallory").unwrap();
    let token = world
        .create_token_for(&alice, &[Grant::Gist], None)
        .unwrap();
    let reader = world
        .create_token_for(&alice, &[Grant::ReadOrg], None)
        .unwrap();
    assert_eq!(world.create_gist(&reader, "x"), Err(Refused::Forbidden));
    let id = world.create_gist(&token, "one").unwrap();
    world.wait(DAY);
    world.edit_gist(&alice, &id, "two").unwrap();
    assert_eq!(world.edit_gist(&mallory, &id, "x"), Err(Refused::Forbidden));
    let gist = world.gist(&id).unwrap();
    assert_eq!((gist.content(), gist.revisions().len()), ("two", 2));
    assert_eq!(gist.updated(), world.now());
    assert_eq!(gist.created() + DAY, world.now());
    let fork = world.fork_gist(&mallory, &id).unwrap();
    let fork = world.gist(&fork).unwrap();
    assert_eq!((fork.content(), fork.fork_of()), ("two", Some(id.as_str())));
    assert_ne!(fork.owner_id(), world.gist(&id).unwrap().owner_id());
    world.delete_gist(&token, &id).unwrap();
    assert!(world.gist(&id).is_none());
    world.revoke_token(&alice, &token).unwrap();
    assert_eq!(world.create_gist(&token, "x"), Err(Refused::Dead));
    world.close_account(&mallory).unwrap();
    assert_eq!(world.gists_of(fork_owner(&world)).count(), 0);
    let elsewhere = world.sign_up_on(&Platform::NPM, "npmjs").unwrap();
    assert_eq!(world.create_gist(&elsewhere, "x"), Err(Refused::NotOffered));
}

fn fork_owner(world: &World) -> u64 {
    let closed = world.accounts().find(|a| !a.is_open());
    closed.map_or(0, AccountState::id)
}

#[test]
fn only_administrators_change_members() {
    let (mut world, alice) = world();
    let bob = world.sign_up("bob").unwrap();
    world
        .set_member(&alice, "acme", "bob", OrgRole::Admin)
        .unwrap();
    // Invited, and not yet there.
    assert_eq!(
        world.set_member(&bob, "acme", "bob", OrgRole::Member),
        Err(Refused::Forbidden)
    );
    let pending = world.membership(&bob, "acme").unwrap();
    assert!(!pending.active && pending.role == OrgRole::Admin);
    world.accept_membership(&bob, "acme").unwrap();
    world
        .set_member(&bob, "acme", "alice", OrgRole::BillingManager)
        .unwrap();
    assert_eq!(
        world.set_member(&alice, "acme", "alice", OrgRole::Admin),
        Err(Refused::Forbidden)
    );
    assert_eq!(
        world.remove_member(&bob, "acme", "bob"),
        Err(Refused::SoleOwner)
    );
    let mallory = world.sign_up("mallory").unwrap();
    for (grant, allowed) in [
        (Grant::ReadOrg, false),
        (Grant::WriteOrg, true),
        (Grant::AdminOrg, true),
        (Grant::FineGrainedMembers, true),
    ] {
        let token = world.create_token_for(&bob, &[grant], None).unwrap();
        let invited = world.set_member(&token, "acme", "mallory", OrgRole::Admin);
        assert_eq!(invited.is_ok(), allowed, "{grant:?}");
        assert!(world.rename_org(&mallory, "acme", "x").is_err());
    }
    world.accept_membership(&mallory, "acme").unwrap();
    let org = world.org("acme").unwrap();
    assert_eq!(world.members(org).len(), 3);
    let carol = world.sign_up("carol").unwrap();
    assert_eq!(
        world.accept_membership(&carol, "acme"),
        Err(Refused::NotInvited)
    );
}

#[test]
fn what_hides_a_membership() {
    let (mut world, alice) = world();
    world.register_app("app", true);
    let flow = world.begin_device_flow("app", &[Grant::ReadOrg]).unwrap();
    world
        .answer_device_flow(&alice, &flow.user_code, true)
        .unwrap();
    let by_app = world.poll_device_flow("app", &flow.device_code).unwrap();
    let mut token = |grant| world.create_token_for(&alice, &[grant], None).unwrap();
    let (classic, gist) = (token(Grant::ReadOrg), token(Grant::Gist));
    let fine = token(Grant::FineGrainedMembers);
    let publish = token(Grant::CratesYank);
    let mut hides = |token: &Token, sso, apps| {
        world.protect_org(&alice, "acme", sso, apps).unwrap();
        world.membership(token, "acme").map(|m| m.active)
    };
    assert_eq!(hides(&classic, false, false), Ok(true));
    assert_eq!(hides(&gist, false, false), Err(Hidden::Scope));
    assert_eq!(hides(&fine, false, false), Err(Hidden::TokenKind));
    assert_eq!(hides(&publish, false, false), Err(Hidden::TokenKind));
    assert_eq!(hides(&classic, true, false), Err(Hidden::Sso));
    assert_eq!(hides(&classic, false, true), Ok(true));
    assert_eq!(hides(&by_app, false, true), Err(Hidden::AppRestricted));
    let org = world.org("acme").unwrap();
    world.protect_org(&alice, "acme", true, true).unwrap();
    assert_eq!(
        world.memberships(&classic).unwrap(),
        (Vec::new(), vec![org])
    );
    world.authorize_sso(&alice, &classic, "acme").unwrap();
    world.authorize_sso(&alice, &by_app, "acme").unwrap();
    world.approve_app(&alice, "acme", "app").unwrap();
    for token in [&classic, &by_app] {
        assert_eq!(world.memberships(token).unwrap().0.len(), 1);
    }
    assert_eq!(
        world.membership(&classic, "none"),
        Err(Hidden::NotAffiliated)
    );
    world.revoke_token(&alice, &classic).unwrap();
    assert_eq!(world.membership(&classic, "acme"), Err(Hidden::Dead));
}

#[test]
fn a_secret_is_its_tokens_and_dies_with_it() {
    let (mut world, alice) = world();
    let grants = [Grant::Gist, Grant::FineGrainedGists, Grant::CratesYank];
    for (grant, prefix) in grants.into_iter().zip(["ghp_", "github_pat_", "cio"]) {
        let token = world.create_token_for(&alice, &[grant], None).unwrap();
        let secret = world.secret(&token);
        assert!(secret.starts_with(prefix), "{secret}");
        assert_eq!(world.bearer(&secret), Ok(token.clone()));
        world.revoke_token(&alice, &token).unwrap();
        assert_eq!(world.bearer(&secret), Err(Refused::Dead));
    }
    let other = world.sign_up("bob").unwrap();
    let token = world.create_token(&alice, None).unwrap();
    assert_eq!(world.revoke_token(&other, &token), Err(Refused::Forbidden));
}
