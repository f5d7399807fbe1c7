//! Random sequences of moves: an owner who publishes and looks, and a thief with her tokens.

use std::time::Duration;

use auths_core::crypto::KeyPair;
use auths_core::{Ecosystem, Namespace, Platform, Timestamp};
use auths_testkit::scenes::{ClaimParts, DAY, Scene, WEEK};
use auths_testkit::world::{Grant, Metadata, OrgRole, Session, Token, World};
use auths_tests::claims::did;
use proptest::prelude::*;

use super::{alice, mallory};

/// One move: which, a package, and a choice. What the world refuses is not made.
type Move = (u8, usize, u8);

fn moves() -> impl Strategy<Value = Vec<Move>> {
    prop::collection::vec((any::<u8>(), 0usize..3, any::<u8>()), 1..20)
}

const PACKAGES: [&str; 3] = ["left", "@alice/auths", "@alice/new"];

/// The moves on npm. The thief publishes, deprecates, moves tags and unpublishes, for less than `holds_for` since its first.
fn on_npm(
    scene: &Scene,
    session: &Session,
    moves: &[Move],
    holds_for: Duration,
) -> Result<(), TestCaseError> {
    let workflow = scene.world().trust_workflow(session, "left").unwrap();
    let token = scene.steal_token(session, None);
    let mut first_theft = None;
    for (n, (which, package, choice)) in moves.iter().enumerate() {
        let (name, version) = (PACKAGES[*package], format!("{}.0.0", n + 100));
        let some = scene.world().project(name).and_then(|p| {
            let releases = p.releases();
            let chosen = releases.get(usize::from(*choice) % releases.len().max(1))?;
            Some(chosen.version().to_owned())
        });
        let some = some.unwrap_or_default();
        let both = [&alice(), &mallory()];
        let now = scene.world().now();
        let thief = *which % 10 > 4;
        if thief && now.since(*first_theft.get_or_insert(now)) >= holds_for {
            continue;
        }
        let thiefs: &[&KeyPair] = if *choice % 2 == 0 { &both } else { &both[1..] };
        let _ = match *which % 10 {
            0 | 1 => {
                let hers: &[&KeyPair] = if *choice % 2 == 0 { &both[..1] } else { &[] };
                scene.publish(session, name, &version, hers)
            }
            2 => scene.world().yank(session, name, &some, true),
            3 | 4 => {
                scene.world().wait(DAY / 24 * u32::from(*choice));
                Ok(())
            }
            5 | 6 => scene.publish(&token, name, &version, thiefs),
            7 => {
                let run = scene.world().run(&workflow).unwrap();
                scene.publish(&run, name, &version, thiefs)
            }
            8 => scene.world().delete_release(&token, name, &some),
            _ if *choice % 2 == 0 => scene.world().tag(&token, name, "latest", &some),
            _ => scene.world().yank(&token, name, &some, *choice % 3 == 0),
        };
        no_yes_on_npm(scene, n)?;
    }
    Ok(())
}

fn no_yes_on_npm(scene: &Scene, n: usize) -> Result<(), TestCaseError> {
    for name in PACKAGES {
        // A name that was free, and that the thief itself registered, it may have: a stranger could have had it too.
        let namespace = scene.namespace(name);
        let own = scene.world().project(name).is_some_and(|p| {
            let first = p
                .releases()
                .first()
                .filter(|r| r.version() == p.history()[0].0);
            first.is_some_and(|r| r.metadata().dids_for(&namespace).contains(&did(&mallory())))
        });
        let by_package = scene.accepts(&mallory(), name, &ClaimParts::with_nothing());
        prop_assert!(!by_package || own, "{name} after move {n}");
        let asking = ClaimParts::as_account("alice", Some(name));
        let by_account = scene.accepts(&mallory(), "left", &asking);
        prop_assert!(
            !by_account,
            "by the account statement {name}, after move {n}"
        );
    }
    Ok(())
}

fn demo() -> Namespace {
    Namespace::parse_name(Ecosystem::CARGO, "demo").unwrap()
}

/// What the owner does who looks at her account every few days: takes away what is not hers.
fn look(scene: &Scene, session: &Session, own_gist: &str) {
    let mut world = scene.world();
    let alice = world
        .account_by_login(&Platform::GITHUB, "alice")
        .unwrap()
        .id();
    let gists: Vec<String> = world.gists_of(alice).map(|g| g.id().to_owned()).collect();
    for gist in gists.iter().filter(|gist| *gist != own_gist) {
        world.delete_gist(session, gist).unwrap();
    }
    let _ = world.remove_role(session, &demo(), "mallory");
    let _ = world.remove_member(session, "acme", "mallory");
}

/// The moves on GitHub and crates.io, of a thief with every token but one that administers the account or organisation.
///
/// Mallory publishes nothing as herself: what then happens today is held by name in `crates_io`.
fn on_github(home: fn(Timestamp) -> World, moves: &[Move]) -> Result<(), TestCaseError> {
    let scene = Scene::in_world(home);
    let session = scene.sign_up("alice");
    let theirs = scene.sign_up("mallory");
    let mut world = scene.world();
    world.create_org(&session, "acme").unwrap();
    let crate_token = world.create_token(&session, None).unwrap();
    let gists: Token = world
        .create_token_for(&session, &[Grant::Gist, Grant::ReadOrg], None)
        .unwrap();
    let demo = demo();
    let empty = Metadata::new();
    world
        .publish(&session, &demo, "1.0.0", empty.clone())
        .unwrap();
    drop(world);
    let hers = scene
        .gist(&session, &alice(), scene.account("alice"))
        .unwrap();
    let own = scene
        .gist(&theirs, &mallory(), scene.account("mallory"))
        .unwrap();
    scene.wait_days(30);
    let own_gist = hers.1.clone().unwrap();
    let claim = scene.link(&mallory(), scene.account("alice"));
    let mut asking = ClaimParts::linked([own, (claim.clone(), Some(own_gist.clone()))]);
    asking.presented = vec![(claim.clone(), gists.clone())];
    for (n, (which, _, choice)) in moves.iter().enumerate() {
        let version = format!("{}.0.0", n + 100);
        let mut world = scene.world();
        let _ = match which % 9 {
            0 => world.publish(&session, &demo, &version, empty.clone()),
            1 => {
                world.wait(DAY / 24 * u32::from(choice % 144));
                drop(world);
                look(&scene, &session, &own_gist);
                world = scene.world();
                Ok(())
            }
            2 => world.publish(&crate_token, &demo, &version, empty.clone()),
            3 => world.add_owner(&crate_token, &demo, "mallory"),
            4 => world.accept_invitation(&theirs, &demo),
            5 => {
                let planted = world.create_gist(&gists, claim.to_json());
                planted.map(|id| asking.others.push((claim.clone(), Some(id))))
            }
            6 => world.edit_gist(&gists, &own_gist, claim.to_json()),
            7 => world.set_member(&gists, "acme", "mallory", OrgRole::Admin),
            _ => world.yank(&crate_token, &demo, "1.0.0", choice % 2 == 0),
        };
        drop(world);
        if which % 9 == 6 {
            let mut world = scene.world();
            world
                .edit_gist(&session, &own_gist, hers.0.to_json())
                .unwrap();
        }
        let names = match scene.world().ecosystem().as_str() {
            "cargo" => &["demo"][..],
            _ => &["acme", "alice"][..],
        };
        for name in names {
            let yes = scene.accepts(&mallory(), name, &asking);
            prop_assert!(!yes, "{name} after move {n}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// npm: a token that is used for less than the maturity, however often, and then waited on for however long.
    #[test]
    fn a_stolen_token_of_npm_that_is_not_held_never_gets_a_yes(moves in moves()) {
        let scene = Scene::in_world(World::npm);
        let session = scene.sign_up("alice");
        scene.publish(&session, "left", "1.0.0", &[]).unwrap();
        scene.wait_days(400);
        on_npm(&scene, &session, &moves, WEEK)?;
        scene.wait_days(400);
        no_yes_on_npm(&scene, moves.len())?;
    }

    /// crates.io: a thief who is noticed within the maturity, with every token of the owner's.
    #[test]
    fn a_stolen_token_of_crates_io_that_is_noticed_never_gets_a_yes(moves in moves()) {
        on_github(World::crates_io, &moves)?;
    }

    /// GitHub: the same.
    #[test]
    fn a_stolen_token_of_github_that_is_noticed_never_gets_a_yes(moves in moves()) {
        on_github(World::github, &moves)?;
    }
}
