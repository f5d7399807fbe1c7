//! A claim from end to end: the example registry on a loopback server, the adapter, and core's decision.
//!
//! `cargo run -p custom-ecosystem --example claim`
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]

#[path = "../tests/example/mod.rs"]
mod example;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_core::crypto::{KeyPair, Seed};
use auths_core::ports::{Clock, MemoryRevocations, MemoryStore};
use auths_core::use_cases::{ClaimNamespace, ClaimRequest, ClaimsContext};
use auths_core::{Decision, Did, Policy};
use auths_http::{TokioSleeper, Transport, TransportConfig};
use auths_testkit::server::Server;
use auths_testkit::world::{Metadata, SimulatedClock, World};
use custom_ecosystem::ExampleRegistry;

const TEN_DAYS: Duration = Duration::from_secs(10 * 86_400);

/// Alice's widget has named her DID for ten days.
fn world(alices: &Did) -> World {
    let mut world = example::world("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("alice").unwrap();
    let widget = world.namespace("widget").unwrap();
    for version in ["1.0.0", "1.1.0"] {
        let naming = Metadata::new().naming([alices.clone()], &widget);
        world.publish(&alice, "widget", version, naming).unwrap();
        world.wait(TEN_DAYS);
    }
    world
}

/// May the holder of `key` speak for the widget?
async fn decide(key: &KeyPair, world: Arc<Mutex<World>>) -> Decision {
    let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(world.clone()));
    let now = clock.now();
    let server = Server::start_with_clock(clock.clone(), move |request| {
        example::answer(&world.lock().unwrap(), request)
    });
    let (sleeper, store) = (Arc::new(TokioSleeper), Arc::new(MemoryStore::new()));
    let transport = Transport::new(TransportConfig::default(), clock, sleeper, store).unwrap();
    let claim = ClaimNamespace {
        signer: key,
        verifier: &ExampleRegistry::at(server.origin(), transport),
        context: &ClaimsContext::default(),
        revocations: &[],
        memory: &MemoryRevocations::new(),
        resolver: None,
    };
    let widget = "example:widget".parse::<auths_core::Namespace>().unwrap();
    let request = ClaimRequest::new(widget.at(Some(server.origin())), now);
    claim
        .run(request, &Policy::standard())
        .await
        .unwrap()
        .decision
}

fn run() -> [Decision; 2] {
    let key = |byte| KeyPair::from_seed(&Seed::new([byte; 32].into()));
    let (alice, mallory) = (key(1), key(2));
    let world = Arc::new(Mutex::new(world(&Did::from_key(&alice.public()))));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    [&alice, &mallory].map(|key| runtime.block_on(decide(key, world.clone())))
}

fn main() {
    for decision in run() {
        println!("{}: {}\n", decision.outcome(), decision.message());
    }
}

#[test]
fn the_owner_is_accepted_and_another_is_denied() {
    use auths_core::Outcome::{Accepted, Denied};
    assert_eq!(run().map(|decision| decision.outcome()), [Accepted, Denied]);
}
