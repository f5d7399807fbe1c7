use std::time::Duration;

use super::*;
use crate::world::Metadata;
use crate::world::{Session, Token};

fn world() -> (World, Session, Token) {
    let mut world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("Alice").unwrap();
    world
        .publish(&alice, "Six", "1.0", Metadata::new())
        .unwrap();
    let token = world.create_token(&alice, None).unwrap();
    (world, alice, token)
}

fn publish<'a>(
    world: &mut World,
    by: impl Into<Credential<'a>>,
    name: &str,
    version: &str,
) -> Result<(), Refused> {
    world.publish(by, name, version, Metadata::new())
}

#[test]
fn a_token_publishes_and_nothing_else() {
    let (mut world, alice, token) = world();
    let stolen = token.clone();
    publish(&mut world, &stolen, "six", "1.1").unwrap();
    publish(&mut world, &stolen, "new", "1.0").unwrap();
    world.add_file(&stolen, "six", "1.1").unwrap();
    assert_eq!(
        publish(&mut world, &stolen, "six", "1.1.0"),
        Err(Refused::VersionExists)
    );
    world.revoke_token(&alice, &token).unwrap();
    assert_eq!(
        publish(&mut world, &stolen, "six", "1.2"),
        Err(Refused::Dead)
    );
}

#[test]
fn a_project_token_is_for_that_very_project() {
    let (mut world, alice, _) = world();
    let token = world.create_token(&alice, Some("six")).unwrap();
    publish(&mut world, &token, "SIX", "1.1").unwrap();
    assert_eq!(
        publish(&mut world, &token, "other", "1.0"),
        Err(Refused::Forbidden)
    );
    world.delete_project(&alice, "six").unwrap();
    assert_eq!(
        publish(&mut world, &token, "six", "1.2"),
        Err(Refused::Forbidden)
    );
    publish(&mut world, &alice, "six", "1.2").unwrap();
    assert_eq!(
        publish(&mut world, &token, "six", "1.3"),
        Err(Refused::Forbidden)
    );
}

#[test]
fn a_workflow_outlives_its_owners_roles() {
    let (mut world, alice, _) = world();
    let workflow = world.trust_workflow(&alice, "six").unwrap();
    let bob = world.sign_up("bob").unwrap();
    assert_eq!(world.trust_workflow(&bob, "six"), Err(Refused::Forbidden));
    assert_eq!(world.stop_trusting(&bob, "six"), Err(Refused::Forbidden));
    world
        .set_role(&alice, "six", "BOB", OwnerRole::Owner)
        .unwrap();
    world.remove_role(&bob, "six", "alice").unwrap();
    publish(&mut world, &workflow, "six", "1.1").unwrap();
    for refused in [
        publish(&mut world, &workflow, "other", "1.0"),
        world.yank(&workflow, "six", "1.1", true),
    ] {
        assert_eq!(refused, Err(Refused::Forbidden));
    }
    let run = world.run(&workflow).unwrap();
    publish(&mut world, &run, "six", "1.2").unwrap();
    world.wait(Duration::from_secs(15 * 60));
    assert_eq!(publish(&mut world, &run, "six", "1.3"), Err(Refused::Dead));
    // Whether a run's token dies with the trust is not documented, so it lives on for its minutes.
    let run = world.run(&workflow).unwrap();
    world.stop_trusting(&bob, "six").unwrap();
    assert_eq!(world.run(&workflow), Err(Refused::Forbidden));
    assert_eq!(
        publish(&mut world, &workflow, "six", "1.4"),
        Err(Refused::Forbidden)
    );
    publish(&mut world, &run, "six", "1.4").unwrap();
}

#[test]
fn a_maintainer_publishes_and_decides_nothing() {
    let (mut world, alice, _) = world();
    let bob = world.sign_up("bob").unwrap();
    assert_eq!(
        publish(&mut world, &bob, "six", "1.1"),
        Err(Refused::Forbidden)
    );
    world
        .set_role(&alice, "six", "bob", OwnerRole::Maintainer)
        .unwrap();
    publish(&mut world, &bob, "six", "1.1").unwrap();
    for refused in [
        world.yank(&bob, "six", "1.0", true),
        world.delete_file(&bob, "six", "1.0", 0),
        world.delete_release(&bob, "six", "1.0"),
        world.delete_project(&bob, "six"),
        world.set_role(&bob, "six", "bob", OwnerRole::Owner),
        world.remove_role(&bob, "six", "alice"),
        world.set_organization(&bob, "six", Some("acme")),
    ] {
        assert_eq!(refused, Err(Refused::Forbidden));
    }
    world.remove_role(&alice, "six", "bob").unwrap();
    assert_eq!(
        publish(&mut world, &bob, "six", "1.2"),
        Err(Refused::Forbidden)
    );
}

#[test]
fn a_project_keeps_an_owner() {
    let (mut world, alice, _) = world();
    assert_eq!(
        world.remove_role(&alice, "six", "alice"),
        Err(Refused::SoleOwner)
    );
    assert_eq!(
        world.set_role(&alice, "six", "alice", OwnerRole::Maintainer),
        Err(Refused::SoleOwner)
    );
    assert_eq!(world.close_account(&alice), Err(Refused::SoleOwner));
    assert_eq!(
        world.set_role(&alice, "six", "nobody", OwnerRole::Owner),
        Err(Refused::UnknownAccount)
    );
    assert_eq!(
        world.set_role(&alice, "six", "alice", OwnerRole::Other),
        Err(Refused::NotOffered)
    );
}

#[test]
fn names_and_logins_are_used_again_by_others() {
    let (mut world, alice, token) = world();
    let before = world.incarnation(world.project("six").unwrap());
    assert_eq!(world.sign_up("ALICE").unwrap_err(), Refused::LoginTaken);
    world.delete_project(&alice, "six").unwrap();
    world.close_account(&alice).unwrap();
    assert_eq!(
        publish(&mut world, &alice, "six", "1.0"),
        Err(Refused::Dead)
    );
    assert_eq!(
        publish(&mut world, &token, "six", "1.0"),
        Err(Refused::Dead)
    );
    world.wait(Duration::from_secs(1));
    let other = world.sign_up("alice").unwrap();
    publish(&mut world, &other, "six", "1.0").unwrap();
    let project = world.project("six").unwrap();
    assert_ne!(world.incarnation(project), before);
    assert_eq!(
        world.roles(project)[0].account,
        "pypi:alice".parse().unwrap()
    );
}

#[test]
fn sessions_are_stolen_and_ended() {
    let (mut world, alice, _) = world();
    let stolen = alice.clone();
    world.yank(&stolen, "six", "1.0", true).unwrap();
    let alice = world.end_sessions(&alice).unwrap();
    assert_eq!(world.yank(&stolen, "six", "1.0", false), Err(Refused::Dead));
    world.yank(&alice, "six", "1.0", false).unwrap();
}

type Move<'a> = dyn Fn(&mut World) -> Result<(), Refused> + 'a;

#[test]
fn every_change_raises_the_serial() {
    let (mut world, alice, token) = world();
    let bob = world.sign_up("bob").unwrap();
    let mut last = world.project("six").unwrap().serial();
    let moves: [Box<Move<'_>>; 12] = [
        Box::new(|w| w.publish(&token, "six", "2.0", Metadata::new())),
        Box::new(|w| w.add_file(&token, "six", "2.0")),
        Box::new(|w| w.yank(&alice, "six", "2.0", true)),
        Box::new(|w| w.delete_file(&alice, "six", "2.0", 0)),
        Box::new(|w| w.delete_release(&alice, "six", "2.0")),
        Box::new(|w| w.set_role(&alice, "six", "bob", OwnerRole::Owner)),
        Box::new(|w| w.set_organization(&alice, "six", Some("acme"))),
        Box::new(|w| w.quarantine("six", true)),
        Box::new(|w| w.quarantine("six", false)),
        Box::new(|w| w.hand_over("six", "alice")),
        Box::new(|w| w.set_role(&alice, "six", "bob", OwnerRole::Maintainer)),
        Box::new(|w| w.close_account(&bob)),
    ];
    for (i, step) in moves.iter().enumerate() {
        step(&mut world).unwrap();
        let serial = world.project("six").unwrap().serial();
        assert!(serial > last, "move {i}");
        last = serial;
    }
}

#[test]
fn what_installers_pick() {
    let (mut world, alice, _) = world();
    let pick = |world: &World| {
        world
            .project("six")
            .unwrap()
            .default_release()
            .map(|r| r.version().to_owned())
    };
    for version in ["1.10", "1.9", "2.0rc1"] {
        publish(&mut world, &alice, "six", version).unwrap();
    }
    assert_eq!(pick(&world).as_deref(), Some("1.10"));
    world.yank(&alice, "six", "1.10", true).unwrap();
    assert_eq!(pick(&world).as_deref(), Some("1.9"));
    for version in ["1.9", "1.0"] {
        world.yank(&alice, "six", version, true).unwrap();
    }
    assert_eq!(pick(&world).as_deref(), Some("2.0rc1"));
    world.yank(&alice, "six", "2.0rc1", true).unwrap();
    assert_eq!(pick(&world).as_deref(), Some("1.10"));
}

#[test]
fn a_quarantined_project_stands_still() {
    let (mut world, alice, _) = world();
    world.quarantine("six", true).unwrap();
    assert_eq!(
        publish(&mut world, &alice, "six", "1.1"),
        Err(Refused::Quarantined)
    );
    assert_eq!(
        world.delete_project(&alice, "six"),
        Err(Refused::Quarantined)
    );
    assert_eq!(world.quarantine("none", true), Err(Refused::UnknownProject));
}

#[test]
fn a_refused_move_registers_no_name() {
    let (mut world, alice, _) = world();
    let token = world.create_token(&alice, Some("six")).unwrap();
    assert!(publish(&mut world, &token, "fresh", "1.0").is_err());
    assert!(publish(&mut world, &alice, "fresh", "x").is_err());
    assert!(publish(&mut world, &alice, "-", "1.0").is_err());
    assert!(world.project("fresh").is_none());
}
