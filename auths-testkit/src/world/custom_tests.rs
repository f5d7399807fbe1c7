//! Registries and platforms that core does not know.

use super::*;
use auths_core::evidence::{ListingBasis, OwnerRole};
use auths_core::identity::{Ecosystem, Platform};

static SHELF: Ecosystem = Ecosystem::from_static("shelf");

fn empty() -> World {
    let platform = Platform::from_static("shelf");
    World::new(
        SHELF.clone(),
        platform,
        "2026-01-01T00:00:00Z".parse().unwrap(),
    )
}

fn with_widget(mut world: World) -> (World, Session) {
    let alice = world.sign_up("alice").unwrap();
    let published = world.publish(&alice, "widget", "1.0.0", Metadata::new());
    published.unwrap();
    (world, alice)
}

#[test]
fn accounts_have_ids_unless_the_platform_has_none() {
    for (world, basis) in [
        (empty(), ListingBasis::Id),
        (empty().names_only(), ListingBasis::OnlyName),
    ] {
        let (world, alice) = with_widget(world);
        let listed = world.roles(world.project("widget").unwrap());
        assert_eq!(listed[0].basis, basis);
        let account = world.account_of_session(&alice).unwrap();
        assert_eq!(account, listed[0].account);
        assert_eq!(account.id().is_some(), basis == ListingBasis::Id);
    }
    // Of the platforms that core knows, it knows.
    let mut world = World::github("2026-01-01T00:00:00Z".parse().unwrap()).names_only();
    let alice = world.sign_up("alice").unwrap();
    assert!(world.account_of_session(&alice).unwrap().id().is_some());
}

#[test]
fn a_bare_name_can_mean_one_in_a_scope() {
    let (mut world, alice) = with_widget(empty().in_scope("acme/"));
    let widget = world.namespace("widget").unwrap();
    assert_eq!(widget.short(), "shelf:acme/widget");
    assert_eq!(world.project("widget").unwrap().spelled(), "acme/widget");
    assert!(world.project("acme/widget").is_some() && world.project(&widget).is_some());
    assert!(world.project("other/widget").is_none());
    world.yank(&alice, "widget", "1.0.0", true).unwrap();
    // Elsewhere a name is what it is.
    let bob = world.sign_up_on(&Platform::PYPI, "bob").unwrap();
    world.publish(&bob, "widget", "1", Metadata::new()).unwrap();
    let there = "pypi:widget".parse::<auths_core::Namespace>().unwrap();
    assert!(world.project(&there).is_some());
}

#[test]
fn a_token_adds_owners_where_the_rules_say_so() {
    let world = empty();
    let mut rules = world.rules(&SHELF).unwrap().clone();
    rules.tokens_may_add_owners = true;
    for (world, may) in [(world.clone(), false), (world.with_rules(rules), true)] {
        let (mut world, alice) = with_widget(world);
        world.sign_up("mallory").unwrap();
        let token = world.create_token(&alice, None).unwrap();
        let added = world.set_role(&token, "widget", "mallory", OwnerRole::Owner);
        assert_eq!(added.is_ok(), may, "{added:?}");
        let project = world.project("widget").unwrap();
        let listing = listing::listing(&world, project);
        assert_eq!(listing.tokens_may_add_owners, may);
        assert_eq!(listing.accounts[0].first_published.is_some(), may);
    }
}

#[test]
fn a_reader_is_listed_and_may_do_nothing() {
    let (mut world, alice) = with_widget(empty());
    let bob = world.sign_up("bob").unwrap();
    let mut publishes = |role, version| {
        world.set_role(&alice, "widget", "bob", role).unwrap();
        let listed = world.roles(world.project("widget").unwrap());
        assert!(listed.iter().any(|l| l.role == role));
        world.publish(&bob, "widget", version, Metadata::new())
    };
    assert_eq!(
        publishes(OwnerRole::Other, "1.1.0"),
        Err(Refused::Forbidden)
    );
    assert_eq!(publishes(OwnerRole::Maintainer, "1.1.0"), Ok(()));
}

#[test]
fn a_renamed_account_keeps_its_id_and_changes_what_is_shown_of_its_projects() {
    let mut rules = PlatformRules::other(Platform::from_static("shelf"));
    rules.renames = true;
    let (mut world, alice) = with_widget(empty().with_platform_rules(rules));
    let before = world.account_of_session(&alice).unwrap();
    let serial = world.project("widget").unwrap().serial();
    world.rename_account(&alice, "alicia").unwrap();
    let widget = world.project("widget").unwrap();
    assert_ne!(widget.serial(), serial);
    let shown = &world.roles(widget)[0].account;
    assert_eq!(
        (shown.id(), shown.login().as_str()),
        (before.id(), "alicia")
    );
    let mallory = world.sign_up("alice").unwrap();
    let taken = world.account_of_session(&mallory).unwrap();
    assert!(taken.same_login(&before) && taken.id() != before.id());
    let (mut other, alice) = with_widget(empty());
    let refused = other.rename_account(&alice, "alicia");
    assert_eq!(refused, Err(Refused::NotOffered));
}

#[test]
fn nobody_is_invited_but_owners() {
    let mut rules = empty().rules(&SHELF).unwrap().clone();
    rules.invites_owners = true;
    let (mut world, alice) = with_widget(empty().with_rules(rules));
    let bob = world.sign_up("bob").unwrap();
    for role in [OwnerRole::Other, OwnerRole::Maintainer] {
        world.set_role(&alice, "widget", "bob", role).unwrap();
        let accepted = world.accept_invitation(&bob, "widget");
        assert_eq!(accepted, Err(Refused::NotInvited));
    }
}

#[test]
fn another_life_of_a_name_has_another_number() {
    let (mut world, alice) = with_widget(empty());
    let before = world.project("widget").unwrap().id();
    world.delete_project(&alice, "widget").unwrap();
    world
        .publish(&alice, "widget", "1.0.0", Metadata::new())
        .unwrap();
    assert_ne!(world.project("widget").unwrap().id(), before);
}
