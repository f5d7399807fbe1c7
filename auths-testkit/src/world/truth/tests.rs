use std::time::Duration;

use super::*;
use crate::DAY;
use crate::world::{Metadata, Refused, Session, World};
use auths_core::capability::Capability::{self, *};
use auths_core::evidence::OwnerRole;
use auths_core::identity::Subject;

const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// Alice owns `six` and `toy` on PyPI; mallory and bob own nothing.
fn world() -> (World, Session) {
    let mut world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("alice").unwrap();
    for name in ["six", "toy"] {
        world.publish(&alice, name, "1.0", Metadata::new()).unwrap();
    }
    (world, alice)
}

fn person(name: &str) -> Person {
    Person::named(name)
}

fn capabilities(world: &World, name: &str) -> Vec<(Capability, HeldOf)> {
    let held = world.holdings(&person(name)).into_iter();
    held.map(|held| (held.capability, held.of)).collect()
}

fn package(world: &World, name: &str) -> Subject {
    Subject::Package(world.namespace(name).unwrap())
}

#[test]
fn a_stolen_token_is_held_of_what_it_was_made_for() {
    let (mut world, alice) = world();
    let toy = world.project("toy").unwrap().id();
    let one = world.create_token(&alice, Some("toy")).unwrap();
    let stolen = world.steal_token("mallory", &one).unwrap();
    assert_eq!(
        capabilities(&world, "mallory"),
        [(StolenToken, HeldOf::Project(toy))]
    );
    let held = &world.holdings(&person("mallory"))[0];
    let now = world.now();
    assert!(world.covers(&held.of, &package(&world, "toy"), now));
    assert!(!world.covers(&held.of, &package(&world, "six"), now));
    assert!(held.allows(&[Right::Publish]) && !held.allows(&[Right::WriteGist]));
    world
        .publish(&stolen, "toy", "1.1", Metadata::new())
        .unwrap();
    world.publish(&one, "toy", "1.2", Metadata::new()).unwrap();
    let uses = &world.holdings(&person("mallory"))[0].uses;
    assert_eq!(uses.len(), 1, "what alice does with her own copy is hers");
    assert_eq!(uses[0].project, Some(toy));
    let actors: Vec<_> = world
        .project("toy")
        .unwrap()
        .releases()
        .iter()
        .map(|r| r.actor().cloned())
        .collect();
    let expected = ["alice", "mallory", "alice"].map(|name| Some(person(name)));
    assert_eq!(actors, expected);
    world.wait(DAY);
    world.revoke_token(&alice, &one).unwrap();
    assert_eq!(
        world.holdings(&person("mallory"))[0].until,
        Some(world.now())
    );

    let all = world.create_token(&alice, None).unwrap();
    world.steal_token("mallory", &all).unwrap();
    let held = world.holdings(&person("mallory"));
    for name in ["six", "toy"] {
        assert!(
            world.covers(&held[1].of, &package(&world, name), now),
            "{name}"
        );
    }
    assert!(
        world.holdings(&person("alice")).is_empty(),
        "her own things count for nothing"
    );
}

#[test]
fn a_role_that_ended_is_a_former_one_and_a_lawful_owner_holds_nothing() {
    let (mut world, alice) = world();
    let six = HeldOf::Project(world.project("six").unwrap().id());
    let bob = world.sign_up("bob").unwrap();
    world
        .set_role(&alice, "six", "bob", OwnerRole::Maintainer)
        .unwrap();
    assert_eq!(capabilities(&world, "bob"), [(Collaborator, six.clone())]);
    world.wait(WEEK);
    world.remove_role(&alice, "six", "bob").unwrap();
    let held = capabilities(&world, "bob");
    assert_eq!(
        held,
        [
            (Collaborator, six.clone()),
            (FormerCollaborator, six.clone())
        ]
    );
    let namespace = world.namespace("six").unwrap();
    world
        .set_role(&alice, "six", "bob", OwnerRole::Owner)
        .unwrap();
    assert!(world.may_speak_for(&person("bob"), &namespace, world.now()));
    assert!(!world.may_speak_for(&person("bob"), &namespace, world.now() - DAY));
    world.remove_role(&bob, "six", "alice").unwrap();
    assert!(!world.may_speak_for(&person("alice"), &namespace, world.now()));
    assert_eq!(capabilities(&world, "alice")[1], (FormerCollaborator, six));
}

#[test]
fn what_a_thief_gives_is_no_lawful_role() {
    let (mut world, alice) = world();
    let six = world.namespace("six").unwrap();
    let stolen = world.steal_session("mallory", &alice).unwrap();
    let mallory = world.sign_up("mallory").unwrap();
    world.add_owner(&stolen, "six", "mallory").unwrap();
    world.sign_up("trudy").unwrap();
    world.add_owner(&mallory, "six", "trudy").unwrap();
    for name in ["mallory", "trudy"] {
        assert!(
            !world.may_speak_for(&person(name), &six, world.now()),
            "{name}"
        );
    }
    let held = world.holdings(&person("mallory"));
    assert_eq!(held[0].capability, AccountSession);
    assert!(world.covers(&held[0].of, &Subject::Package(six.clone()), world.now()));
    assert_eq!(world.end_sessions(&alice).unwrap().thief, None);
    assert_eq!(
        world.holdings(&person("mallory"))[0].until,
        Some(world.now())
    );
    // The registry gives whom it likes.
    world.hand_over("six", "trudy").unwrap();
    assert!(!world.may_speak_for(&person("alice"), &six, world.now()));
}

#[test]
fn who_is_named_for_a_package_speaks_for_it_and_for_no_other() {
    let (mut world, alice) = world();
    let did: Did = "did:web:bob.example".parse().unwrap();
    world.make_key("bob", did.clone());
    let (six, toy) = (
        world.namespace("six").unwrap(),
        world.namespace("toy").unwrap(),
    );
    let names = |namespace: &Namespace| Metadata::new().naming([did.clone()], namespace);
    world.publish(&alice, "toy", "1.1", names(&toy)).unwrap();
    assert!(world.may_speak_for(&person("bob"), &toy, world.now()));
    assert!(!world.may_speak_for(&person("bob"), &six, world.now()));
    world
        .publish(&alice, "toy", "1.2", Metadata::new())
        .unwrap();
    assert!(!world.may_speak_for(&person("bob"), &toy, world.now()));
    // Whom a thief names is named by nobody.
    let token = world.create_token(&alice, Some("toy")).unwrap();
    let stolen = world.steal_token("mallory", &token).unwrap();
    world.publish(&stolen, "toy", "1.3", names(&toy)).unwrap();
    assert!(!world.may_speak_for(&person("bob"), &toy, world.now()));
}

#[test]
fn write_access_and_workflows_are_held_of_what_trusts_them() {
    let (mut world, alice) = world();
    let hub = world.sign_up_on(&Platform::GITHUB, "alice").unwrap();
    let bobs = world.sign_up_on(&Platform::GITHUB, "bob").unwrap();
    let workflow = world.create_repository(&hub, "alice/six").unwrap();
    assert_eq!(
        world.run_as_writer(&bobs, &workflow),
        Err(Refused::Forbidden)
    );
    world.set_writer(&hub, &workflow, "bob", true).unwrap();
    let held = world.holdings(&person("bob"));
    assert_eq!(held[0].capability, RepositoryWriter);
    let six = package(&world, "six");
    assert!(
        !world.covers(&held[0].of, &six, world.now()),
        "nothing trusts it"
    );
    world.trust(&alice, "six", &workflow).unwrap();
    assert!(world.covers(&held[0].of, &six, world.now()));
    let run = world.run_as_writer(&bobs, &workflow).unwrap();
    world.publish(&run, "six", "2.0", Metadata::new()).unwrap();
    let actor = world.project("six").unwrap().releases()[1].actor().cloned();
    assert_eq!(actor, Some(person("bob")));
    world.steal_workflow("mallory", &workflow).unwrap();
    let held = world.holdings(&person("mallory"));
    assert_eq!(held[0].capability, CiWorkflow);
    assert!(world.covers(&held[0].of, &six, world.now()));
    world.set_writer(&hub, &workflow, "bob", false).unwrap();
    assert_eq!(capabilities(&world, "bob")[1].0, FormerCollaborator);
}

#[test]
fn a_login_that_was_given_up_is_another_persons() {
    let (mut world, alice) = world();
    world.sign_up("bob").unwrap();
    for name in ["six", "toy"] {
        world.add_owner(&alice, name, "bob").unwrap();
    }
    world.close_account(&alice).unwrap();
    world
        .sign_up_as("mallory", &Platform::PYPI, "alice")
        .unwrap();
    let held = world.holdings(&person("mallory"));
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].capability, RecycledName);
    let account = auths_core::Account::parse_login(Platform::PYPI, "alice").unwrap();
    assert!(world.covers(&held[0].of, &Subject::Account(account), world.now()));
    // Without a word of whose it is, it is somebody else's too.
    let next = World::pypi(world.now());
    let mut next = next;
    let first = next.sign_up("carol").unwrap();
    next.close_account(&first).unwrap();
    let second = next.sign_up("carol").unwrap();
    let number = next.account_of_session(&second).unwrap();
    let state = next
        .account_by_login(&Platform::PYPI, number.login().as_str())
        .unwrap();
    assert_ne!(next.person_of(state.id()), Some(&person("carol")));
}
