//! crates.io's rules, as the world plays them.

use std::time::Duration;

use super::*;
use auths_core::evidence::ListingCompleteness;
use auths_core::identity::Platform;

const DAY: Duration = Duration::from_secs(86_400);

fn world() -> (World, Session) {
    let mut world = World::crates_io("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("alice").unwrap();
    put(&mut world, &alice, "demo", "1.0.0").unwrap();
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
fn each_scope_does_its_one_thing() {
    let (mut world, alice) = world();
    world.sign_up("mallory").unwrap();
    let grants = [
        Grant::CratesPublishNew,
        Grant::CratesPublishUpdate,
        Grant::CratesYank,
        Grant::CratesChangeOwners,
    ];
    for (n, grant) in grants.into_iter().enumerate() {
        let token = world.create_token_for(&alice, &[grant], None).unwrap();
        let did = [
            put(&mut world, &token, &format!("new{n}"), "1.0.0").is_ok(),
            put(&mut world, &token, "demo", &format!("2.{n}.0")).is_ok(),
            world.yank(&token, "demo", "1.0.0", true).is_ok(),
            world.add_owner(&token, "demo", "mallory").is_ok(),
        ];
        let only: Vec<bool> = (0..4).map(|i| i == n).collect();
        assert_eq!(did.to_vec(), only, "{grant:?}");
        assert!(world.create_gist(&token, "").is_err());
    }
}

#[test]
fn versions_stay_and_crates_go_within_limits() {
    let (mut world, alice) = world();
    let bob = world.sign_up("bob").unwrap();
    assert_eq!(
        world.delete_release(&alice, "demo", "1.0.0"),
        Err(Refused::NotOffered)
    );
    assert_eq!(
        world.add_file(&alice, "demo", "1.0.0"),
        Err(Refused::NotOffered)
    );
    world.depend_on("demo", true).unwrap();
    world.wait(3 * DAY);
    assert_eq!(world.delete_project(&alice, "demo"), Err(Refused::TooLate));
    world.depend_on("demo", false).unwrap();
    world.delete_project(&alice, "DEMO").unwrap();
    assert_eq!(
        put(&mut world, &bob, "demo", "1.0.0"),
        Err(Refused::NameHeld)
    );
    world.wait(DAY);
    put(&mut world, &bob, "demo", "2.0.0").unwrap();
    assert_eq!(world.project("demo").unwrap().created(), world.now());
}

#[test]
fn owners_accept_and_teams_publish_only() {
    let (mut world, alice) = world();
    let bob = world.sign_up("bob").unwrap();
    let carol = world.sign_up("carol").unwrap();
    world.create_org(&bob, "acme").unwrap();
    world
        .set_member(&bob, "acme", "carol", OrgRole::Member)
        .unwrap();
    world.accept_membership(&carol, "acme").unwrap();
    world.set_team(&bob, "acme", "core", &["carol"]).unwrap();
    assert_eq!(
        world.add_team(&alice, "demo", "acme", "core"),
        Err(Refused::Forbidden)
    );
    world.add_owner(&alice, "demo", "bob").unwrap();
    let listed = |world: &World| {
        let project = world.project("demo").unwrap();
        let roles = world.roles(project).into_iter();
        roles
            .map(|l| l.account.login().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed(&world), ["alice"], "invitations are not shown");
    world.accept_invitation(&bob, "demo").unwrap();
    assert_eq!(listed(&world), ["alice", "bob"]);
    assert_eq!(
        put(&mut world, &carol, "demo", "1.1.0"),
        Err(Refused::Forbidden)
    );
    world.add_team(&bob, "demo", "acme", "core").unwrap();
    put(&mut world, &carol, "demo", "1.1.0").unwrap();
    assert_eq!(
        world.add_owner(&carol, "demo", "carol"),
        Err(Refused::Forbidden)
    );
    let project = world.project("demo").unwrap();
    assert_eq!(project.teams()[0].label, "github:acme:core");
    assert_eq!(
        listing::listing(&world, project).owners,
        ListingCompleteness::Listed
    );
    // A team of the same name is another team.
    world.set_team(&bob, "acme", "core", &["carol"]).unwrap();
    assert_eq!(
        put(&mut world, &carol, "demo", "1.2.0"),
        Err(Refused::Forbidden)
    );
    world.remove_team(&bob, "demo", "github:acme:core").unwrap();
    assert!(world.project("demo").unwrap().teams().is_empty());
}

#[test]
fn owners_are_known_by_their_linked_id() {
    let (mut world, alice) = world();
    let id = world.account_of_session(&alice).unwrap();
    world.rename_account(&alice, "alice-new").unwrap();
    let other = world.sign_up("alice").unwrap();
    let first = world.roles(world.project("demo").unwrap())[0].clone();
    assert!(first.account.same_as(&id));
    assert_eq!(
        first.account.login().as_str(),
        "alice",
        "as of the last visit"
    );
    assert_eq!(
        first.first_published,
        Some("2026-01-01T00:00:00Z".parse().unwrap())
    );
    assert_eq!(
        put(&mut world, &other, "demo", "1.1.0"),
        Err(Refused::Forbidden)
    );
    // A free user name on crates.io is anybody's.
    let squatter = world.sign_in_to_crates(&other, Some("alice-new")).unwrap();
    assert_ne!(
        Some(squatter.github_id.to_string().as_str()),
        id.id().map(|i| i.as_str())
    );
    let user = world.sign_in_to_crates(&alice, None).unwrap();
    assert_eq!(
        (user.username.as_str(), user.github_login.as_str()),
        ("alice", "alice-new")
    );
    assert_eq!(
        world.sign_in_to_crates(&other, Some("ALICE")),
        Err(Refused::LoginTaken)
    );
    // The GitHub account goes; crates.io keeps a ghost.
    world.close_account(&alice).unwrap();
    let ghost = world.roles(world.project("demo").unwrap())[0].clone();
    assert!(ghost.account.same_as(&id) && ghost.account.login().as_str().starts_with("ghost_"));
}

#[test]
fn a_run_publishes_for_nobody_and_its_repository_is_bound_by_id() {
    let (mut world, alice) = world();
    let workflow = world.create_repository(&alice, "alice/demo").unwrap();
    assert_eq!(world.run(&workflow), Err(Refused::Forbidden));
    world.trust(&alice, "demo", &workflow).unwrap();
    let run = world.run(&workflow).unwrap();
    put(&mut world, &run, "demo", "1.1.0").unwrap();
    let release = world
        .project("demo")
        .unwrap()
        .release("1.1.0")
        .unwrap()
        .clone();
    assert_eq!(release.published_by(), None);
    assert_eq!(release.attestation(), None, "crates.io shows no owner id");
    world.rename_account(&alice, "alice-new").unwrap();
    let mallory = world.sign_up("alice").unwrap();
    let again = world.create_repository(&mallory, "alice/demo").unwrap();
    assert!(!world.may_publish(&again, "demo"));
    assert_eq!(world.whoami(&run), Err(Refused::NotOffered));
    assert_eq!(
        world.create_repository(&alice, "alice/other"),
        Err(Refused::Forbidden)
    );
    world
        .transfer_repository(&alice, &workflow, "alice")
        .unwrap();
    assert!(!world.may_publish(&workflow, "demo"));
    assert_eq!(
        world
            .account_by_login(&Platform::NPM, "alice")
            .map(|a| a.id()),
        None
    );
}
