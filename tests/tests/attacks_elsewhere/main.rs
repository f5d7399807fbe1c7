//! The attack matrix beyond PyPI: each thing that an attacker may hold, on each path to a yes that npm, crates.io and GitHub
//! have, by name; and random sequences of moves over all of them.
//!
//! Every attack is played with real moves in the simulated world, and judged by the real workflow under the default policy.

#![expect(
    clippy::unwrap_used,
    reason = "a move that the world refuses fails its test"
)]

mod crates_io;
mod github;
mod npm;
mod random;

use auths_core::capability::Capability;
use auths_core::crypto::KeyPair;
use auths_core::decide::Decision;
use auths_core::{Outcome, Policy};
use auths_testkit::scenes::{ClaimParts, Scene, reason};
use auths_tests::claims::key;

/// Alice's key.
fn alice() -> KeyPair {
    key(1)
}

/// The attacker's own key.
fn mallory() -> KeyPair {
    key(66)
}

#[track_caller]
fn accepted(decision: &Decision, falls_to: &[Capability]) {
    let why = decision.reason();
    assert_eq!(decision.outcome(), Outcome::Accepted, "{why:?}");
    let weakest: Vec<_> = decision.falls_to().unwrap().weakest().collect();
    assert_eq!(weakest, falls_to);
}

#[track_caller]
fn denied(decision: &Decision, why: &str) {
    let seen = decision.reason();
    assert_eq!(decision.outcome(), Outcome::Denied, "{seen:?}");
    assert_eq!(reason(decision), why, "{seen:?}");
    assert!(decision.clone().into_verified().is_err());
}

#[track_caller]
fn denied_for(decision: &Decision, weakest: Capability) {
    denied(decision, "resisted");
    assert_eq!(decision.weakest(), Some(weakest), "{:?}", decision.reason());
}

#[track_caller]
fn pending(decision: &Decision) {
    let why = decision.reason();
    assert_eq!(decision.outcome(), Outcome::Pending, "{why:?}");
}

/// The answer under the policy that resists the most.
fn strictly(scene: &Scene, key: &KeyPair, name: &str, asking: &ClaimParts) -> Decision {
    let asked = scene.ask(key, name, asking, &Policy::strict());
    asked.unwrap().decision
}
