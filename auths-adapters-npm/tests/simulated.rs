//! The adapter over a server that speaks for the simulated world sees what the world shows through the port.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_core::decide::{NoStatement, statement};
use auths_core::evidence::{Existence, NamespaceEvidence, Reading, SourceRepository, Timeline};
use auths_core::ports::{Clock, MemoryStore, NamespaceQuery, NamespaceVerifier};
use auths_core::{
    Did, Platform, Refuted, RefutedReason, Timestamp, Unavailable, UnavailableReason,
};
use auths_testkit::services::npm;
use auths_testkit::world::{
    Metadata, OrgRole, Refused, Session, SimulatedClock, SimulatedRegistry, Token, World,
};
use common::*;
use proptest::prelude::*;

const NAMES: [&str; 3] = ["left", "@alice/auths", "@acme/x"];
const LOGINS: [&str; 3] = ["alice", "bob", "carol"];
const VERSIONS: [&str; 6] = ["1.0.0", "1.1.0", "1.10.0", "2.0.0-rc.1", "2.0.0", "2.0.1"];

fn start() -> World {
    World::npm("2026-01-01T00:00:00Z".parse().unwrap())
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
    let server = npm::serve(Arc::clone(&world), Arc::clone(&clock));
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
                let (read, shown) = (self.pair.ask(&query), run(self.simulated.gather(&query)));
                let (read, shown) = match (read, shown) {
                    (Ok(read), Ok(shown)) => (read, shown),
                    // A scoped name that is not there may be a private one's.
                    (Err(read), Err(shown)) => {
                        let (read, shown) = (read.into_unavailable(), shown.into_unavailable());
                        assert_eq!(
                            (read.reason, shown.reason),
                            (UnavailableReason::NameHidden, UnavailableReason::NameHidden)
                        );
                        assert!(name.starts_with('@'), "{name}");
                        continue;
                    }
                    (read, shown) => {
                        assert_eq!(read, shown, "{name}");
                        continue;
                    }
                };
                let (mut read, shown) = (plain(read), plain(shown));
                if let (Reading::Read(read), Reading::Read(shown)) =
                    (&mut read.timeline, &shown.timeline)
                {
                    same_statements(read, shown, query.now);
                    *read = as_far_as(read, shown);
                }
                assert_eq!(read, shown);
            }
        }
    }
}

/// Every DID has the same statement by both, although the world reads no further than it needs.
fn same_statements(read: &Timeline, shown: &Timeline, now: Timestamp) {
    let maturity = Duration::from_secs(7 * 86_400);
    for did in [did(A), did(B)] {
        let of = |timeline: &Timeline| {
            let found = statement(timeline, &did, maturity, now);
            found
                .map(|s| (s.mature, s.needs_release))
                .map_err(|none| match none {
                    NoStatement::Refuted(refuted) => Ok(refuted.reason),
                    NoStatement::Unavailable(why) => Err(Some(why.reason)),
                    _ => Err(None),
                })
        };
        let (read, shown) = (of(read), of(shown));
        // What was dropped long ago and not read is absent to whom it was not read.
        let absent = |of: &Result<_, Result<RefutedReason, _>>| {
            matches!(
                of,
                Err(Ok(
                    RefutedReason::StatementAbsent | RefutedReason::StatementDropped
                ))
            )
        };
        assert!(
            read == shown || (absent(&read) && absent(&shown)),
            "{read:?} {shown:?}"
        );
    }
}

/// What was read, as far as the world read it.
fn as_far_as(read: &Timeline, shown: &Timeline) -> Timeline {
    let mut releases = read.releases().to_vec();
    for release in &mut releases {
        let other = shown
            .releases()
            .iter()
            .find(|r| r.version == release.version);
        if other.is_some_and(|other| other.dids.is_none()) {
            release.dids = None;
        }
    }
    let timeline = Timeline::new(releases, read.default_version().map(str::to_owned));
    match read.why_stopped() {
        Some(why) => timeline.stopped(why.clone()),
        None => timeline,
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
        // npm says the same of a package whose last version was unpublished as of one that was unpublished whole.
        let by = match refuted.reason {
            RefutedReason::NoReleases => RefutedReason::UnknownProject,
            by => by,
        };
        *refuted = Refuted::new(by, "");
    }
    if let Reading::Read(timeline) = &mut evidence.timeline
        && let Some(why) = timeline.why_stopped().map(|u| u.reason)
    {
        *timeline = timeline.clone().stopped(Unavailable::new(why, ""));
    }
    wordless(&mut evidence.incarnation);
    wordless(&mut evidence.listing);
    wordless(&mut evidence.timeline);
    evidence
}

#[test]
fn a_varied_world_looks_the_same_both_ways() {
    let mut world = start();
    let alice = world.sign_up("alice").unwrap();
    let bob = world.sign_up("bob").unwrap();
    world.create_org(&alice, "acme").unwrap();
    let left = world.namespace("left").unwrap();
    let other = world.namespace("other").unwrap();
    let repository = SourceRepository::new(Platform::GITHUB, "example", "left");
    let plain = Metadata::new;
    world.publish(&alice, "left", "1.0.0", plain()).unwrap();
    world.publish(&alice, "@acme/x", "1.0.0", plain()).unwrap();
    for (version, metadata) in [
        ("1.1.0", plain().naming([did(A)], &left)),
        (
            "1.2.0",
            plain()
                .naming([did(A), did(B)], &left)
                .naming([did(B)], &other),
        ),
        (
            "2.0.0-rc.1",
            plain()
                .naming([did(B)], &other)
                .naming([did(A), did(B)], &left),
        ),
        (
            "1.3.0",
            plain().naming([did(A)], &left).from_repository(repository),
        ),
    ] {
        world.wait(Duration::from_secs(3 * 86_400));
        world.publish(&alice, "left", version, metadata).unwrap();
    }
    world.yank(&alice, "left", "1.2.0", true).unwrap();
    world.tag(&alice, "left", "next", "2.0.0-rc.1").unwrap();
    world.add_owner(&alice, "left", "bob").unwrap();
    world.accept_invitation(&bob, "left").unwrap();
    let both = both(world);
    both.compare();
    let query = NamespaceQuery::new(
        both.pair.namespace("left"),
        both.world.lock().unwrap().now(),
    );
    let evidence = both.pair.ask(&query).unwrap();
    assert_eq!(evidence.listing.get().unwrap().accounts.len(), 2);
    assert_eq!(evidence.repositories.get().unwrap().len(), 1);
    let timeline = evidence.timeline.get().unwrap();
    let naming = |r: &auths_core::evidence::Release| r.names(&did(A)) == Some(true);
    assert!(timeline.releases().iter().any(naming));

    let change = |step: &dyn Fn(&mut World) -> Result<(), Refused>| {
        step(&mut both.world.lock().unwrap()).unwrap();
        both.compare();
    };
    change(&|w| w.tag(&alice, "left", "latest", "1.0.0"));
    change(&|w| w.remove_role(&alice, "left", "bob"));
    change(&|w| w.quarantine("left", true));
    change(&|w| w.quarantine("left", false));
    for version in ["1.0.0", "1.1.0", "1.2.0", "2.0.0-rc.1", "1.3.0"] {
        change(&|w| w.delete_release(&alice, "left", version));
    }
    change(&|w| w.delete_project(&alice, "left"));
    change(&|w| {
        w.wait(Duration::from_secs(2 * 86_400));
        w.publish(&alice, "left", "9.0.0", Metadata::new())
    });
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
        4 => world.tag(&session, name, "latest", version),
        5 => world.yank(&session, name, version, c % 3 != 0),
        6 => world.set_member(&session, "acme", pick::<&str>(&LOGINS, c), OrgRole::Member),
        7 => world.delete_release(&session, name, version),
        8 if c == 0 => world.delete_project(&session, name),
        8 | 9 => {
            let login = pick::<&str>(&LOGINS, c);
            world.add_owner(&session, name, login)?;
            let invited = &players.sessions[c as usize % LOGINS.len()];
            world.accept_invitation(invited, name)
        }
        10 => world.remove_role(&session, name, pick::<&str>(&LOGINS, c)),
        11 => world.accept_membership(&session, "acme"),
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
        world.create_org(&players.sessions[0], "acme").unwrap();
        for name in NAMES {
            world.publish(&players.sessions[0], name, "0.1.0", Metadata::new()).unwrap();
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
