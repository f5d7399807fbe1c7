//! The attack matrix: each thing that an attacker may hold, on each path to a yes, by name; and random sequences of moves.
//!
//! Every attack is played with real moves in a simulated PyPI, and judged by the real workflow under the default policy.

#![expect(
    clippy::unwrap_used,
    reason = "a move that the world refuses fails its test"
)]

mod bundles;
mod former;
mod keys;
mod outsiders;
mod owner;
mod random;
mod runs;
mod tokens;

use auths_core::capability::Capability::{self, *};
use auths_core::claim::{
    Action, Actions, Delegation, PlatformClaim, Revocation, RevocationTarget, Signed,
    SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::Decision;
use auths_core::evidence::OwnerRole;
use auths_core::{Outcome, Policy};
use auths_testkit::scenes::{ClaimParts, DAY, MALLORY, Scene, WEEK, reason};
use auths_testkit::world::{Metadata, Session};
use auths_tests::claims::{did, key, sign};

/// Alice's key.
fn alice() -> KeyPair {
    key(1)
}

/// The attacker's own key.
fn mallory() -> KeyPair {
    key(66)
}

/// Alice owns `six` alone, an old project that names nobody.
fn old_project() -> (Scene, Session) {
    let scene = Scene::new();
    let session = scene.sign_up("alice");
    scene.publish(&session, "six", "1.0", &[]).unwrap();
    scene.wait_days(400);
    scene.publish(&session, "six", "1.1", &[]).unwrap();
    scene.wait_days(30);
    (scene, session)
}

/// The same, and `alice-auths` has said that alice's DID speaks for her account, over two releases a week apart.
fn linked_project() -> (Scene, Session) {
    let (scene, session) = old_project();
    scene
        .publish_for_account(&session, "alice-auths", "1", &alice(), "alice")
        .unwrap();
    scene.wait_days(8);
    scene
        .publish_for_account(&session, "alice-auths", "2", &alice(), "alice")
        .unwrap();
    scene.wait_days(1);
    (scene, session)
}

/// The same, and `six` itself has named alice's DID over two releases a week apart.
fn claimed_project() -> (Scene, Session) {
    let (scene, session) = old_project();
    scene.publish(&session, "six", "2.0", &[&alice()]).unwrap();
    scene.wait_days(8);
    scene.publish(&session, "six", "2.1", &[&alice()]).unwrap();
    scene.wait_days(1);
    (scene, session)
}

fn as_alice() -> ClaimParts {
    ClaimParts::as_account("alice", Some("alice-auths"))
}

#[track_caller]
fn denied(decision: &Decision, why: &str) {
    assert_eq!(
        decision.outcome(),
        Outcome::Denied,
        "{:?}",
        decision.reason()
    );
    assert_eq!(reason(decision), why, "{:?}", decision.reason());
    assert!(decision.clone().into_verified().is_err());
}

#[track_caller]
fn denied_for(decision: &Decision, weakest: Capability) {
    denied(decision, "resisted");
    assert_eq!(decision.weakest(), Some(weakest));
}
