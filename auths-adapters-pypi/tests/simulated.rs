//! The adapter over a server that speaks for the simulated world sees what the world shows through the port.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_core::evidence::{Existence, NamespaceEvidence, OwnerRole, Reading, SourceRepository};
use auths_core::ports::{Clock, MemoryStore, NamespaceQuery, NamespaceVerifier};
use auths_core::{Did, Platform, Refuted, Unavailable};
use auths_testkit::services::pypi;
use auths_testkit::world::{
    Metadata, Refused, Session, SimulatedClock, SimulatedRegistry, Token, World,
};
use common::*;
use proptest::prelude::*;

const NAMES: [&str; 2] = ["six", "ruamel-yaml"];
const LOGINS: [&str; 3] = ["alice", "Bob", "carol"];
const VERSIONS: [&str; 6] = ["1.0", "1.1", "1.10", "2.0rc1", "2.0", "2.0.post1"];

fn start() -> World {
    World::pypi("2026-01-01T00:00:00Z".parse().unwrap())
}

/// A world, the adapter over a server for it, and the world's own registry at the same origin.
struct Both {
    world: Arc<Mutex<World>>,
    pair: Pair,
    simulated: SimulatedRegistry,
}

fn both(world: World) -> Both {
    let world = Arc::new(Mutex::new(world));
    let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(Arc::clone(&world)));
    let server = pypi::serve(Arc::clone(&world), Arc::clone(&clock));
    let pair = adapter_by(server, Arc::new(MemoryStore::new()), clock, |config| config);
    let simulated = SimulatedRegistry::configured(Arc::clone(&world), pair.server.origin());
    let simulated = simulated.remembering();
    Both {
        world,
        pair,
        simulated,
    }
}

impl Both {
    fn compare(&self) {
        let now = self.world.lock().unwrap().now();
        for name in NAMES {
            let query = NamespaceQuery::new(self.pair.namespace(name), now);
            for query in [query.clone(), query.listing_only()] {
                let read = plain(self.pair.ask(&query).unwrap());
                let shown = plain(run(self.simulated.gather(&query)).unwrap());
                assert_eq!(read, shown);
            }
        }
    }
}

/// The evidence without the words in which something is missing, and without the addresses.
fn plain(mut evidence: NamespaceEvidence) -> NamespaceEvidence {
    fn wordless<T>(reading: &mut Reading<T>) {
        if let Reading::Unread(unavailable) = reading {
            *unavailable = Unavailable::new(unavailable.reason, "");
        }
    }
    evidence.sources.clear();
    if let Existence::Absent(refuted) = &mut evidence.existence {
        *refuted = Refuted::new(refuted.reason, "");
    }
    wordless(&mut evidence.incarnation);
    wordless(&mut evidence.listing);
    wordless(&mut evidence.timeline);
    evidence
}

#[test]
fn a_varied_world_looks_the_same_both_ways() {
    let mut world = start();
    let alice = world.sign_up("Alice").unwrap();
    world.sign_up("bob").unwrap();
    let six = world.namespace("six").unwrap();
    let other = world.namespace("other").unwrap();
    let repository = SourceRepository::new(Platform::GITHUB, "example", "six");
    world
        .publish(&alice, "Six", "1.0", Metadata::new())
        .unwrap();
    for (version, metadata) in [
        ("1.1", Metadata::new().naming([did(A)], &six)),
        (
            "1.2",
            Metadata::new()
                .naming([did(A), did(B)], &six)
                .naming([did(B)], &other),
        ),
        (
            "2.0rc1",
            Metadata::new()
                .naming([did(B)], &other)
                .naming([did(A), did(B)], &six),
        ),
        (
            "1.3",
            Metadata::new()
                .naming([did(A)], &six)
                .from_repository(repository),
        ),
    ] {
        world.wait(Duration::from_secs(3 * 86_400));
        world.publish(&alice, "six", version, metadata).unwrap();
    }
    world.add_file(&alice, "six", "1.0").unwrap();
    world.delete_file(&alice, "six", "1.0", 0).unwrap();
    world.yank(&alice, "six", "1.2", true).unwrap();
    world
        .set_role(&alice, "six", "bob", OwnerRole::Maintainer)
        .unwrap();
    let both = both(world);
    both.compare();
    let query = NamespaceQuery::new(both.pair.namespace("six"), both.world.lock().unwrap().now());
    let evidence = both.pair.ask(&query).unwrap();
    assert_eq!(evidence.listing.get().unwrap().accounts.len(), 2);
    assert_eq!(evidence.repositories.get().unwrap().len(), 1);
    let timeline = evidence.timeline.get().unwrap();
    assert!(
        timeline
            .releases()
            .iter()
            .any(|r| r.names(&did(A)) == Some(true))
    );

    let change = |step: &dyn Fn(&mut World) -> Result<(), Refused>| {
        step(&mut both.world.lock().unwrap()).unwrap();
        both.compare();
    };
    change(&|w| w.set_organization(&alice, "six", Some("acme")));
    change(&|w| w.quarantine("six", true));
    change(&|w| w.quarantine("six", false));
    for version in ["1.0", "1.1", "1.2", "2.0rc1"] {
        change(&|w| w.delete_release(&alice, "six", version));
    }
    change(&|w| w.delete_file(&alice, "six", "1.3", 0));
    change(&|w| w.delete_release(&alice, "six", "1.3"));
    change(&|w| w.delete_project(&alice, "six"));
    change(&|w| w.publish(&alice, "six", "1.0", Metadata::new()));
}

/// One move: which, and three choices that it makes.
type Move = (u8, u8, u8, u8);

/// What the players hold.
struct Players {
    sessions: Vec<Session>,
    tokens: Vec<Token>,
}

fn pick<T>(of: &[T], choice: u8) -> &T {
    &of[choice as usize % of.len()]
}

/// Makes the move, as far as the world allows it.
fn play(world: &mut World, players: &mut Players, (which, a, b, c): Move) -> Result<(), Refused> {
    let session = pick(&players.sessions, a).clone();
    let (name, version) = (*pick(&NAMES, b), *pick(&VERSIONS, c));
    let metadata = |world: &World| {
        let namespace = world.namespace(name).unwrap();
        let dids: [Did; 2] = [did(A), did(B)];
        let named = dids.into_iter().take((a % 3) as usize);
        let metadata = Metadata::new().naming(named, &namespace);
        match c % 2 {
            0 => metadata.naming([did(B)], &world.namespace(NAMES[0]).unwrap()),
            _ => metadata,
        }
    };
    match which % 14 {
        0 | 1 => {
            let metadata = metadata(world);
            world.publish(&session, name, version, metadata)
        }
        2 if !players.tokens.is_empty() => {
            let metadata = metadata(world);
            world.publish(pick(&players.tokens, a), name, version, metadata)
        }
        2 | 3 => world
            .create_token(&session, Some(name))
            .map(|t| players.tokens.push(t)),
        4 => world.add_file(&session, name, version),
        5 => world.yank(&session, name, version, c % 3 != 0),
        6 => world.delete_file(&session, name, version, 0),
        7 => world.delete_release(&session, name, version),
        8 if c == 0 => world.delete_project(&session, name),
        8 | 9 => world.set_role(
            &session,
            name,
            pick::<&str>(&LOGINS, c),
            if c % 2 == 0 {
                OwnerRole::Owner
            } else {
                OwnerRole::Maintainer
            },
        ),
        10 => world.remove_role(&session, name, pick::<&str>(&LOGINS, c)),
        11 => world.set_organization(&session, name, (c % 2 == 0).then_some("acme")),
        12 => world.quarantine(name, c % 4 == 0),
        _ => {
            world.wait(Duration::from_secs(u64::from(c) * 7_000));
            Ok(())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_world_looks_the_same_both_ways(moves in proptest::collection::vec(any::<Move>(), 1..60)) {
        let mut world = start();
        let sessions = LOGINS.iter().map(|login| world.sign_up(login).unwrap()).collect();
        let mut players = Players { sessions, tokens: Vec::new() };
        for name in NAMES {
            world.publish(&players.sessions[0], name, "0.1", Metadata::new()).unwrap();
        }
        let both = both(world);
        for (i, step) in moves.into_iter().enumerate() {
            let _ = play(&mut both.world.lock().unwrap(), &mut players, step);
            if i % 8 == 7 {
                both.compare();
            }
        }
        both.compare();
    }
}
