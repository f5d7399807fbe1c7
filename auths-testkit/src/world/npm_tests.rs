//! npm's rules, as the world plays them.

use std::time::Duration;

use super::*;
use auths_core::evidence::{ListingCompleteness, OwnerRole};
use auths_core::identity::{Namespace, Platform};

const DAY: Duration = Duration::from_secs(86_400);

fn world() -> (World, Session) {
    let mut world = World::npm("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("alice").unwrap();
    put(&mut world, &alice, "left", "1.0.0").unwrap();
    (world, alice)
}

fn put<'a>(
    world: &mut World,
    by: impl Into<Credential<'a>>,
    name: &str,
    version: &str,
) -> Result<(), Refused> {
    world.publish(by, name, version, Metadata::new())
}

#[test]
fn what_each_kind_of_token_may_do() {
    let (mut world, alice) = world();
    world.sign_up("mallory").unwrap();
    for (grant, publishes) in [
        (Grant::NpmReadOnly, false),
        (Grant::NpmGranular, true),
        (Grant::NpmBypass, true),
    ] {
        let token = world.create_token_for(&alice, &[grant], None).unwrap();
        let version = format!("2.0.{}", token.id);
        let moves = [
            put(&mut world, &token, "left", &version),
            world.yank(&token, "left", "1.0.0", true),
            world.tag(&token, "left", "latest", "1.0.0"),
            world.delete_release(&token, "left", &version),
        ];
        for (n, one) in moves.iter().enumerate() {
            assert_eq!(one.is_ok(), publishes, "{grant:?} {n}");
        }
        for refused in [
            world.add_owner(&token, "left", "mallory"),
            world.remove_role(&token, "left", "alice"),
            world.set_organization(&token, "left", None),
        ] {
            assert_eq!(refused, Err(Refused::Forbidden));
        }
    }
    for grant in [Grant::CratesYank, Grant::PypiToken, Grant::Upload] {
        let elsewhere = world.create_token_for(&alice, &[grant], None);
        assert_eq!(elsewhere, Err(Refused::NotOffered), "{grant:?}");
    }
    let run = world.create_token_for(&alice, &[Grant::Run], None);
    assert_eq!(run, Err(Refused::NotOffered));
}

#[test]
fn tags_decide_what_installers_pick() {
    let (mut world, alice) = world();
    let latest = |world: &World| {
        let project = world.project("left").unwrap();
        project.default_release().unwrap().version().to_owned()
    };
    put(&mut world, &alice, "left", "2.0.0").unwrap();
    assert_eq!(latest(&world), "2.0.0");
    world.tag(&alice, "left", "latest", "1.0.0").unwrap();
    world.tag(&alice, "left", "next", "2.0.0").unwrap();
    assert_eq!(latest(&world), "1.0.0");
    assert_eq!(
        world.tag(&alice, "left", "latest", "9.0.0"),
        Err(Refused::UnknownRelease)
    );
    // Deprecating moves nothing.
    world.yank(&alice, "left", "1.0.0", true).unwrap();
    assert_eq!(latest(&world), "1.0.0");
    world.delete_release(&alice, "left", "1.0.0").unwrap();
    assert_eq!(latest(&world), "2.0.0");
    let tags: Vec<_> = world.project("left").unwrap().tags().collect();
    assert_eq!(tags, [("latest", "2.0.0"), ("next", "2.0.0")]);
}

#[test]
fn unpublishing_has_its_limits_and_versions_are_never_used_again() {
    let (mut world, alice) = world();
    put(&mut world, &alice, "left", "1.1.0").unwrap();
    world.delete_release(&alice, "left", "1.1.0").unwrap();
    assert_eq!(
        put(&mut world, &alice, "left", "1.1.0"),
        Err(Refused::VersionExists)
    );
    let history = world.project("left").unwrap().history().len();
    assert_eq!(history, 2);
    world.depend_on("left", true).unwrap();
    assert_eq!(world.delete_project(&alice, "left"), Err(Refused::TooLate));
    world.depend_on("left", false).unwrap();
    world.wait(30 * DAY);
    world.delete_project(&alice, "left").unwrap();
    assert!(world.buried("left").is_some());
    let mallory = world.sign_up("mallory").unwrap();
    assert_eq!(
        put(&mut world, &mallory, "left", "2.0.0"),
        Err(Refused::NameHeld)
    );
    world.wait(DAY);
    assert_eq!(
        put(&mut world, &mallory, "left", "1.1.0"),
        Err(Refused::VersionExists)
    );
    let first: auths_core::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    put(&mut world, &mallory, "left", "2.0.0").unwrap();
    let project = world.project("left").unwrap();
    assert_eq!(
        project.created(),
        first,
        "the choice that helps an attacker"
    );
    let life = world.incarnation(project).unwrap();
    assert!(life.value().ends_with("2026-02-01T00:00:00Z"), "{life}");
    assert!(world.buried("left").is_none());
}

#[test]
fn with_several_maintainers_only_the_first_days_count() {
    let (mut world, alice) = world();
    let bob = world.sign_up("bob").unwrap();
    world.add_owner(&alice, "left", "bob").unwrap();
    assert_eq!(
        put(&mut world, &bob, "left", "1.1.0"),
        Err(Refused::Forbidden)
    );
    world.accept_invitation(&bob, "left").unwrap();
    put(&mut world, &bob, "left", "1.1.0").unwrap();
    assert_eq!(
        world.accept_invitation(&bob, "left"),
        Err(Refused::NotInvited)
    );
    assert_eq!(
        world.set_role(&alice, "left", "bob", OwnerRole::Maintainer),
        Err(Refused::NotOffered)
    );
    world.wait(3 * DAY);
    assert_eq!(
        world.delete_release(&bob, "left", "1.1.0"),
        Err(Refused::TooLate)
    );
    world.remove_role(&alice, "left", "bob").unwrap();
    world.delete_release(&alice, "left", "1.1.0").unwrap();
}

#[test]
fn names_and_logins_of_npm() {
    let (mut world, alice) = world();
    let bob = world.sign_up("bob").unwrap();
    assert_eq!(
        world.rename_account(&bob, "robert"),
        Err(Refused::NotOffered)
    );
    world.close_account(&bob).unwrap();
    assert_eq!(world.sign_up("bob").unwrap_err(), Refused::NameHeld);
    world.wait(30 * DAY);
    world.sign_up("bob").unwrap();
    assert_eq!(world.close_account(&alice), Err(Refused::SoleOwner));
}

#[test]
fn a_scope_is_a_users_or_an_organisations() {
    let (mut world, alice) = world();
    let bob = world.sign_up("bob").unwrap();
    put(&mut world, &alice, "@alice/auths", "1.0.0").unwrap();
    assert_eq!(
        put(&mut world, &bob, "@alice/x", "1.0.0"),
        Err(Refused::Forbidden)
    );
    world.create_org(&alice, "acme").unwrap();
    put(&mut world, &alice, "@acme/x", "1.0.0").unwrap();
    assert_eq!(
        put(&mut world, &bob, "@acme/x", "1.0.1"),
        Err(Refused::Forbidden)
    );
    world
        .set_member(&alice, "acme", "bob", OrgRole::Member)
        .unwrap();
    assert_eq!(
        put(&mut world, &bob, "@acme/x", "1.0.1"),
        Err(Refused::Forbidden)
    );
    world.accept_membership(&bob, "acme").unwrap();
    put(&mut world, &bob, "@acme/x", "1.0.1").unwrap();
    assert_eq!(
        world.add_owner(&bob, "@acme/x", "bob"),
        Err(Refused::Forbidden)
    );
    let owners = |name: &str| listing::listing(&world, world.project(name).unwrap()).owners;
    assert_eq!(
        owners("@acme/x"),
        ListingCompleteness::Organization("acme".to_owned())
    );
    assert_eq!(owners("@alice/auths"), ListingCompleteness::Listed);
}

#[test]
fn a_workflow_is_trusted_by_its_name_alone() {
    let (mut world, alice) = world();
    let hub = world.sign_up_on(&Platform::GITHUB, "acme").unwrap();
    let own = world.create_repository(&hub, "acme/left").unwrap();
    world.trust(&alice, "left", &own).unwrap();
    put(&mut world, &own, "left", "1.1.0").unwrap();
    let release = |world: &World, version: &str| {
        let project = world.project("left").unwrap();
        project.release(version).unwrap().clone()
    };
    let attested = release(&world, "1.1.0").attestation().unwrap().clone();
    assert_eq!(attested.repository, "acme/left");
    // The account gives its name up, and another one makes the same repository.
    world.rename_account(&hub, "acme-corp").unwrap();
    let mallory = world.sign_up_on(&Platform::GITHUB, "Acme").unwrap();
    let again = world.create_repository(&mallory, "acme/left").unwrap();
    assert!(world.may_publish(&again, "left"));
    assert!(!world.may_publish(&own, "left"));
    put(&mut world, &again, "left", "1.2.0").unwrap();
    let other = release(&world, "1.2.0").attestation().unwrap().clone();
    assert_ne!(other.owner_id, attested.owner_id);
    // A token brings any attestation along.
    let token = world.create_token(&alice, None).unwrap();
    let namespace: Namespace = "npm:left".parse().unwrap();
    world
        .publish_attested(&token, &namespace, "1.3.0", Metadata::new(), &again)
        .unwrap();
    assert_eq!(release(&world, "1.3.0").attestation(), Some(&other));
}
