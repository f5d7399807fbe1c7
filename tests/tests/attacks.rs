//! The attack matrix: each thing that an attacker may hold, on each path to a yes, by name; and random sequences of moves.
//!
//! Every attack is played with real moves in a simulated PyPI, and judged by the real workflow under the default policy.

#![expect(
    clippy::unwrap_used,
    reason = "a move that the world refuses fails its test"
)]

use auths_core::capability::Capability::{self, *};
use auths_core::claim::{
    Action, Actions, Delegation, PlatformClaim, Revocation, Revoked, Signed, SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::Decision;
use auths_core::evidence::Role;
use auths_core::simulation::{Metadata, Session};
use auths_core::{Outcome, Policy};
use auths_tests::claims::{did, key, sign};
use auths_tests::scene::{Asking, DAY, Scene, WEEK, reason};
use proptest::prelude::*;

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

/// The same, and `alice-auths` has named alice's DID over two releases a week apart.
fn linked_project() -> (Scene, Session) {
    let (scene, session) = old_project();
    scene
        .publish(&session, "alice-auths", "1", &[&alice()])
        .unwrap();
    scene.wait_days(8);
    scene
        .publish(&session, "alice-auths", "2", &[&alice()])
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

fn as_alice() -> Asking {
    Asking::as_account("alice", Some("alice-auths"))
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

// --- the owner's ways to a yes, so that the denials below mean something

#[test]
fn owner_by_account_statement_is_accepted() {
    let (scene, _) = linked_project();
    let decision = scene.answer(&alice(), "six", &as_alice());
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    let falls_to: Vec<_> = decision.falls_to().unwrap().weakest().collect();
    assert_eq!(falls_to, [HeldToken, DeviceKey]);
}

#[test]
fn owner_by_package_statement_is_accepted() {
    let (scene, _) = claimed_project();
    let decision = scene.answer(&alice(), "six", &Asking::with_nothing());
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
}

#[test]
fn owner_of_a_new_package_that_names_the_did_is_accepted_by_waiting() {
    let scene = Scene::new();
    let session = scene.sign_up("alice");
    scene.publish(&session, "fresh", "1", &[&alice()]).unwrap();
    let early = scene.answer(&alice(), "fresh", &Asking::with_nothing());
    assert_eq!(early.outcome(), Outcome::Pending);
    let ripe_at = early.ripe_at().unwrap();
    scene.wait_days(7);
    assert_eq!(scene.world().now(), ripe_at);
    assert!(scene.accepts(&alice(), "fresh", &Asking::with_nothing()));
}

#[test]
fn the_remedy_for_a_typed_name_works_when_followed() {
    let (scene, session) = old_project();
    let typed = scene.answer(&alice(), "six", &Asking::as_account("alice", None));
    denied_for(&typed, Stranger);
    assert!(
        typed
            .remedy()
            .unwrap()
            .contains("id claim pypi alice --statement")
    );
    scene.publish(&session, "mine", "1", &[&alice()]).unwrap();
    scene.wait_days(7);
    scene.publish(&session, "mine", "2", &[&alice()]).unwrap();
    assert!(scene.accepts(&alice(), "six", &Asking::as_account("alice", Some("mine"))));
}

#[test]
fn the_remedy_for_no_statement_works_when_followed() {
    let (scene, session) = old_project();
    scene.publish(&session, "six", "2.0", &[&alice()]).unwrap();
    let pending = scene.answer(&alice(), "six", &Asking::with_nothing());
    assert_eq!(pending.outcome(), Outcome::Pending);
    assert!(pending.remedy().unwrap().contains("another release"));
    scene.wait_days(7);
    scene.publish(&session, "six", "2.1", &[&alice()]).unwrap();
    assert!(scene.accepts(&alice(), "six", &Asking::with_nothing()));
}

// --- stranger

#[test]
fn stranger_typing_the_maintainers_name() {
    let (scene, _) = linked_project();
    denied_for(
        &scene.answer(&mallory(), "six", &Asking::as_account("alice", None)),
        Stranger,
    );
}

#[test]
fn stranger_pointing_at_the_maintainers_own_statement() {
    let (scene, _) = linked_project();
    denied_for(&scene.answer(&mallory(), "six", &as_alice()), Stranger);
}

#[test]
fn stranger_with_a_package_of_its_own_as_statement() {
    let (scene, _) = linked_project();
    let theirs = scene.sign_up("mallory");
    scene.publish(&theirs, "mine", "1", &[&mallory()]).unwrap();
    scene.wait_days(8);
    scene.publish(&theirs, "mine", "2", &[&mallory()]).unwrap();
    denied_for(
        &scene.answer(
            &mallory(),
            "six",
            &Asking::as_account("alice", Some("mine")),
        ),
        Stranger,
    );
    denied(
        &scene.answer(
            &mallory(),
            "six",
            &Asking::as_account("mallory", Some("mine")),
        ),
        "not-listed",
    );
}

#[test]
fn stranger_with_a_statement_for_the_victims_package_in_its_own() {
    let (scene, _) = old_project();
    let theirs = scene.sign_up("mallory");
    let copied = Metadata::new().naming([did(&mallory())], &scene.namespace("six"));
    scene.world().publish(&theirs, "mine", "1", copied).unwrap();
    scene.wait_days(30);
    denied(
        &scene.answer(&mallory(), "six", &Asking::with_nothing()),
        "no-chain",
    );
    denied(
        &scene.answer(&mallory(), "mine", &Asking::with_nothing()),
        "no-chain",
    );
}

#[test]
fn stranger_with_a_look_alike_name_gets_that_name_only() {
    let (scene, _) = claimed_project();
    let theirs = scene.sign_up("mallory");
    scene.publish(&theirs, "slx", "1", &[&mallory()]).unwrap();
    scene.wait_days(8);
    assert!(scene.accepts(&mallory(), "slx", &Asking::with_nothing()));
    denied(
        &scene.answer(&mallory(), "six", &Asking::with_nothing()),
        "no-chain",
    );
}

// --- recycled name

#[test]
fn recycled_name_of_a_deleted_project_with_the_old_bundle() {
    let (scene, session) = claimed_project();
    let claimed = scene
        .ask(
            &alice(),
            "six",
            &Asking::with_nothing(),
            &Policy::standard(),
        )
        .unwrap();
    scene.world().delete_project(&session, "six").unwrap();
    scene.wait_days(1);
    let theirs = scene.sign_up("mallory");
    scene.publish(&theirs, "six", "9", &[&alice()]).unwrap();
    denied(
        &scene.verify_live(&claimed.bundle, &Policy::standard()),
        "another-incarnation",
    );
}

#[test]
fn recycled_name_of_an_account() {
    let (scene, session) = linked_project();
    scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "six", "bob", Role::Owner)
        .unwrap();
    scene
        .world()
        .delete_project(&session, "alice-auths")
        .unwrap();
    scene.world().close_account(&session).unwrap();
    let again = scene.sign_up("alice");
    scene
        .publish(&again, "alice-auths", "1", &[&mallory()])
        .unwrap();
    scene.wait_days(8);
    scene
        .publish(&again, "alice-auths", "2", &[&mallory()])
        .unwrap();
    denied(&scene.answer(&mallory(), "six", &as_alice()), "not-listed");
}

// --- collaborator

#[test]
fn collaborator_by_its_own_account() {
    let (scene, session) = linked_project();
    let bob = scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "six", "bob", Role::Maintainer)
        .unwrap();
    scene.publish(&bob, "bobs", "1", &[&mallory()]).unwrap();
    scene.wait_days(8);
    scene.publish(&bob, "bobs", "2", &[&mallory()]).unwrap();
    denied_for(
        &scene.answer(&mallory(), "six", &Asking::as_account("bob", Some("bobs"))),
        Collaborator,
    );
}

#[test]
fn collaborator_publishing_statements_for_weeks() {
    let (scene, session) = old_project();
    let bob = scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "six", "bob", Role::Maintainer)
        .unwrap();
    for version in ["2.0", "2.1", "2.2"] {
        scene.publish(&bob, "six", version, &[&mallory()]).unwrap();
        scene.wait_days(8);
    }
    denied_for(
        &scene.answer(&mallory(), "six", &Asking::with_nothing()),
        Collaborator,
    );
}

#[test]
fn collaborator_in_the_package_that_speaks_for_an_account() {
    let (scene, session) = linked_project();
    let bob = scene.sign_up("bob");
    scene
        .world()
        .set_role(&session, "alice-auths", "bob", Role::Maintainer)
        .unwrap();
    scene
        .publish(&bob, "alice-auths", "3", &[&mallory()])
        .unwrap();
    scene.wait_days(8);
    scene
        .publish(&bob, "alice-auths", "4", &[&mallory()])
        .unwrap();
    denied_for(&scene.answer(&mallory(), "six", &as_alice()), Stranger);
}

// --- stolen token

#[test]
fn stolen_token_planting_one_release_at_once_and_by_waiting() {
    let (scene, session) = old_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    scene.publish(&token, "six", "6.6", &[&mallory()]).unwrap();
    for days in [0, 6, 1, 1, 365] {
        scene.wait_days(days);
        let decision = scene.answer(&mallory(), "six", &Asking::with_nothing());
        assert_eq!(decision.outcome(), Outcome::Pending);
        assert!(
            decision
                .remedy()
                .unwrap()
                .contains("waiting alone is not enough")
        );
    }
}

#[test]
fn stolen_token_planting_a_release_that_is_yanked_at_once() {
    let (scene, session) = old_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    scene.publish(&token, "six", "0.1", &[&mallory()]).unwrap();
    scene.world().yank(&session, "six", "0.1", true).unwrap();
    scene.wait_days(8);
    scene.publish(&token, "six", "0.2", &[&mallory()]).unwrap();
    assert!(!scene.accepts(&mallory(), "six", &Asking::with_nothing()));
}

#[test]
fn stolen_token_planting_old_looking_versions_that_installers_never_pick() {
    let (scene, session) = old_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    for version in ["0.0.1", "0.0.2"] {
        scene
            .publish(&token, "six", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    denied(
        &scene.answer(&mallory(), "six", &Asking::with_nothing()),
        "default-outside",
    );
}

#[test]
fn stolen_token_over_a_mature_did_at_once_by_waiting_and_beside_it() {
    let (scene, session) = claimed_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    scene
        .publish(&token, "six", "2.2", &[&alice(), &mallory()])
        .unwrap();
    scene.wait_days(8);
    scene
        .publish(&token, "six", "2.3", &[&alice(), &mallory()])
        .unwrap();
    scene.wait_days(30);
    denied(
        &scene.answer(&mallory(), "six", &Asking::with_nothing()),
        "statement-contested",
    );
    assert!(scene.accepts(&alice(), "six", &Asking::with_nothing()));
}

#[test]
fn stolen_token_replacing_a_mature_did_once() {
    let (scene, session) = claimed_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    scene.publish(&token, "six", "2.2", &[&mallory()]).unwrap();
    denied(
        &scene.answer(&mallory(), "six", &Asking::with_nothing()),
        "statement-contested",
    );
    scene.wait_days(400);
    assert!(!scene.accepts(&mallory(), "six", &Asking::with_nothing()));
}

#[test]
fn stolen_token_re_adding_its_line_after_the_owner_dropped_it() {
    let (scene, session) = old_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    scene.publish(&token, "six", "6.0", &[&mallory()]).unwrap();
    scene.wait_days(6);
    scene.publish(&session, "six", "6.1", &[]).unwrap();
    scene.wait_days(2);
    scene.publish(&token, "six", "6.2", &[&mallory()]).unwrap();
    assert!(!scene.accepts(&mallory(), "six", &Asking::with_nothing()));
}

#[test]
fn stolen_token_making_a_new_package_in_the_owners_name() {
    let (scene, session) = old_project();
    let token = scene.world().create_token(&session, None).unwrap();
    scene
        .publish(&token, "alice-tools", "1", &[&mallory()])
        .unwrap();
    scene.wait_days(365);
    let decision = scene.answer(
        &mallory(),
        "six",
        &Asking::as_account("alice", Some("alice-tools")),
    );
    assert_eq!(
        decision.outcome(),
        Outcome::Pending,
        "{:?}",
        decision.reason()
    );
}

#[test]
fn stolen_token_over_a_mature_account_statement() {
    let (scene, session) = linked_project();
    let token = scene.world().create_token(&session, None).unwrap();
    scene
        .publish(&token, "alice-auths", "3", &[&mallory()])
        .unwrap();
    denied_for(&scene.answer(&mallory(), "six", &as_alice()), Stranger);
}

// --- held token: the default policy says yes on an unclaimed package, and says what it cost; strict refuses

#[test]
fn held_token_on_an_unclaimed_package_is_named_and_strict_refuses_it() {
    let (scene, session) = old_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    scene.publish(&token, "six", "6.0", &[&mallory()]).unwrap();
    scene.wait_days(7);
    scene.publish(&token, "six", "6.1", &[&mallory()]).unwrap();
    let decision = scene.answer(&mallory(), "six", &Asking::with_nothing());
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(
        decision.cost().contains("stay unnoticed for 7 days"),
        "{}",
        decision.cost()
    );
    let strict = scene
        .ask(
            &mallory(),
            "six",
            &Asking::with_nothing(),
            &Policy::strict(),
        )
        .unwrap();
    denied_for(&strict.decision, HeldToken);
}

#[test]
fn held_token_on_a_claimed_package_while_its_owner_publishes() {
    let (scene, session) = claimed_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    for n in 0..4 {
        scene
            .publish(&token, "six", &format!("3.{n}"), &[&alice(), &mallory()])
            .unwrap();
        scene.wait_days(8);
        scene
            .publish(&session, "six", &format!("4.{n}"), &[&alice()])
            .unwrap();
        assert!(
            !scene.accepts(&mallory(), "six", &Asking::with_nothing()),
            "round {n}"
        );
        assert!(
            scene.accepts(&alice(), "six", &Asking::with_nothing()),
            "round {n}"
        );
    }
}

/// A mature DID that is absent for the whole maturity contests no longer: dropped unnoticed for that long, over two releases,
/// it is replaced, and the answer says what that took.
#[test]
fn held_token_that_drops_a_mature_did_is_contested_for_the_maturity_and_then_named() {
    let (scene, session) = claimed_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    let ask = || scene.answer(&mallory(), "six", &Asking::with_nothing());
    scene.publish(&token, "six", "3.0", &[&mallory()]).unwrap();
    for _ in 0..6 {
        denied(&ask(), "statement-contested");
        denied(
            &scene.answer(&alice(), "six", &Asking::with_nothing()),
            "statement-dropped",
        );
        scene.wait_days(1);
    }
    denied(&ask(), "statement-contested");
    // The whole maturity after the first, and not before, a second release makes it.
    scene.wait_days(2);
    assert_ne!(ask().outcome(), Outcome::Accepted);
    scene.publish(&token, "six", "3.1", &[&mallory()]).unwrap();
    let decision = ask();
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(decision.falls_to().unwrap().contains(HeldToken));
    let cost = decision.cost();
    assert!(cost.contains("stay unnoticed for 7 days"), "{cost}");
    let strict = Policy::strict();
    let strict = scene.ask(&mallory(), "six", &Asking::with_nothing(), &strict);
    denied_for(&strict.unwrap().decision, HeldToken);
}

/// One release of the owner's in between, and the wait begins again.
#[test]
fn held_token_that_drops_a_mature_did_while_its_owner_publishes_gains_nothing() {
    let (scene, session) = claimed_project();
    let token = scene.world().create_token(&session, Some("six")).unwrap();
    scene.publish(&token, "six", "3.0", &[&mallory()]).unwrap();
    scene.wait_days(6);
    scene.publish(&session, "six", "3.1", &[&alice()]).unwrap();
    scene.wait_days(2);
    scene.publish(&token, "six", "3.2", &[&mallory()]).unwrap();
    scene.wait_days(6);
    assert!(!scene.accepts(&mallory(), "six", &Asking::with_nothing()));
}

// --- ci workflow

#[test]
fn ci_workflow_is_what_a_package_statement_falls_to_and_strict_refuses_it() {
    let (scene, session) = old_project();
    let workflow = scene.world().trust_workflow(&session, "six").unwrap();
    for version in ["6.0", "6.1"] {
        scene
            .publish(&workflow, "six", version, &[&mallory()])
            .unwrap();
        scene.wait_days(8);
    }
    let decision = scene.answer(&mallory(), "six", &Asking::with_nothing());
    assert!(decision.falls_to().unwrap().contains(CiWorkflow));
    let strict = scene
        .ask(
            &mallory(),
            "six",
            &Asking::with_nothing(),
            &Policy::strict(),
        )
        .unwrap();
    denied_for(&strict.decision, HeldToken);
}

// --- keys

fn delegation(to: &KeyPair, scene: &Scene, package: &str) -> Signed<Delegation> {
    let body = Delegation::new(
        did(to),
        [scene.namespace(package)],
        Actions::only(Action::Publish),
    );
    sign(SigningRequest::new(body, scene.world().now()), &alice())
}

fn alices_link(scene: &Scene) -> (Signed<PlatformClaim>, Option<String>) {
    let claim = PlatformClaim::new("pypi:alice".parse().unwrap(), None);
    let signed = sign(SigningRequest::new(claim, scene.world().now()), &alice());
    (signed, Some("alice-auths".to_owned()))
}

#[test]
fn delegate_key_gains_what_was_delegated_and_no_more() {
    let (scene, session) = linked_project();
    scene.publish(&session, "other", "1", &[]).unwrap();
    let with = |package: &str| Asking {
        delegations: vec![delegation(&mallory(), &scene, package)],
        others: vec![alices_link(&scene)],
        ..Asking::default()
    };
    let decision = scene.answer(&mallory(), "six", &with("six"));
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    assert!(decision.falls_to().unwrap().contains(DelegateKey));
    denied(
        &scene.answer(&mallory(), "other", &with("six")),
        "delegation-too-narrow",
    );
}

#[test]
fn device_key_gains_nothing_that_its_did_did_not_hold() {
    let (scene, _) = linked_project();
    let bob = scene.sign_up("bob");
    scene.publish(&bob, "bobs", "1", &[]).unwrap();
    // The thief of alice's key types bob's name, as the original model feared.
    denied_for(
        &scene.answer(&alice(), "bobs", &Asking::as_account("bob", None)),
        Stranger,
    );
}

#[test]
fn device_key_that_was_revoked_gains_nothing() {
    let (scene, _) = linked_project();
    let now = scene.world().now();
    let revocation = sign(
        SigningRequest::new(Revocation::new(Revoked::Did(did(&alice()))), now),
        &alice(),
    );
    let asking = Asking {
        revocations: vec![revocation],
        ..as_alice()
    };
    denied(&scene.answer(&alice(), "six", &asking), "revoked");
}

// --- bundles

#[test]
fn a_bundle_counts_offline_for_those_who_trust_its_observer_only() {
    let (scene, _) = linked_project();
    let bundle = scene
        .ask(&alice(), "six", &as_alice(), &Policy::standard())
        .unwrap()
        .bundle;
    let stranger = scene.verify_offline(&bundle, &Policy::standard()).unwrap();
    assert_eq!(
        (stranger.outcome(), reason(&stranger)),
        (Outcome::Undetermined, "untrusted-observer")
    );
    assert!(stranger.remedy().unwrap().contains("--live"));
    let trusting = Policy::standard().trusting([did(&alice())]);
    assert_eq!(
        scene.verify_offline(&bundle, &trusting).unwrap().outcome(),
        Outcome::Accepted
    );
    assert_eq!(
        scene.verify_live(&bundle, &Policy::standard()).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn an_edited_bundle_is_refused_offline_and_decided_anew_live() {
    let (scene, _) = old_project();
    let bundle = scene
        .ask(
            &mallory(),
            "six",
            &Asking::as_account("alice", None),
            &Policy::standard(),
        )
        .unwrap()
        .bundle;
    let edited = bundle
        .to_json()
        .replace("pypi:alice", "pypi:mallory")
        .replace("\"alice\"", "\"mallory\"");
    assert_ne!(edited, bundle.to_json());
    let edited = auths_core::Bundle::parse(edited.as_bytes()).unwrap();
    let trusting = Policy::standard().trusting([did(&mallory())]);
    assert!(scene.verify_offline(&edited, &trusting).is_err());
    assert_ne!(
        scene.verify_live(&edited, &trusting).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn an_old_bundle_is_not_fresh_evidence() {
    let (scene, _) = linked_project();
    let bundle = scene
        .ask(&alice(), "six", &as_alice(), &Policy::standard())
        .unwrap()
        .bundle;
    scene.world().wait(DAY + DAY / 24);
    let trusting = Policy::standard().trusting([did(&alice())]);
    let stale = scene.verify_offline(&bundle, &trusting).unwrap();
    assert_eq!(
        (stale.outcome(), reason(&stale)),
        (Outcome::Undetermined, "stale-evidence")
    );
    scene.world().wait(DAY * 31);
    denied(
        &scene.verify_offline(&bundle, &trusting).unwrap(),
        "expired",
    );
}

// --- what cannot be seen is never a yes

#[test]
fn an_organization_hides_who_else_may_publish() {
    let (scene, session) = claimed_project();
    scene
        .world()
        .set_organization(&session, "six", Some("acme"))
        .unwrap();
    denied_for(
        &scene.answer(&alice(), "six", &Asking::with_nothing()),
        Collaborator,
    );
}

#[test]
fn a_quarantined_or_unknown_project_is_nobodys() {
    let (scene, _) = claimed_project();
    scene.world().quarantine("six", true).unwrap();
    assert!(
        scene
            .ask(
                &alice(),
                "six",
                &Asking::with_nothing(),
                &Policy::standard()
            )
            .is_err()
    );
    assert!(
        scene
            .ask(
                &alice(),
                "never-made",
                &Asking::with_nothing(),
                &Policy::standard()
            )
            .is_err()
    );
}

// --- random sequences of moves

#[derive(Debug, Clone)]
enum Move {
    /// The owner publishes, naming alice or nobody.
    Owner {
        package: usize,
        names: bool,
    },
    /// The owner yanks its own newest release.
    Yank {
        package: usize,
    },
    /// The thief publishes with the stolen token, naming itself, perhaps beside alice.
    Thief {
        package: usize,
        beside: bool,
    },
    Wait {
        hours: u32,
    },
}

const PACKAGES: [&str; 3] = ["six", "alice-auths", "alice-new"];

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        3 => (0usize..3, any::<bool>()).prop_map(|(package, names)| Move::Owner { package, names }),
        1 => (0usize..3).prop_map(|package| Move::Yank { package }),
        3 => (0usize..3, any::<bool>()).prop_map(|(package, beside)| Move::Thief { package, beside }),
        3 => (1u32..240).prop_map(|hours| Move::Wait { hours }),
    ];
    prop::collection::vec(one, 1..14)
}

/// Plays the moves; the thief may act only while `may_act(first theft, now)` holds. Asserts after each that it is never accepted.
fn play(
    scene: &Scene,
    session: &Session,
    moves: &[Move],
    holds_for: std::time::Duration,
) -> Result<(), TestCaseError> {
    let token = scene.world().create_token(session, None).unwrap();
    let mut first_theft = None;
    for (n, one) in moves.iter().enumerate() {
        let version = format!("{}.0", n + 100);
        match one {
            Move::Owner { package, names } => {
                let named: &[&KeyPair] = if *names { &[&alice()] } else { &[] };
                scene
                    .publish(session, PACKAGES[*package], &version, named)
                    .unwrap();
            }
            Move::Yank { package } => {
                let newest = scene
                    .world()
                    .project(PACKAGES[*package])
                    .and_then(|p| Some(p.releases().last()?.version().to_owned()));
                if let Some(newest) = newest {
                    scene
                        .world()
                        .yank(session, PACKAGES[*package], &newest, true)
                        .unwrap();
                }
            }
            Move::Thief { package, beside } => {
                let now = scene.world().now();
                let since = *first_theft.get_or_insert(now);
                if now.since(since) < holds_for {
                    let both = [&alice(), &mallory()];
                    let named: &[&KeyPair] = if *beside { &both } else { &both[1..] };
                    scene
                        .publish(&token, PACKAGES[*package], &version, named)
                        .unwrap();
                }
            }
            Move::Wait { hours } => scene.world().wait(DAY / 24 * *hours),
        }
        for package in PACKAGES {
            let by_package = scene.accepts(&mallory(), package, &Asking::with_nothing());
            // A name that was free, and that the thief itself registered, it may have: a stranger could have had it too.
            let namespace = scene.namespace(package);
            let own = scene.world().project(package).is_some_and(|p| {
                p.releases()
                    .first()
                    .is_some_and(|r| r.metadata().dids_for(&namespace).contains(&did(&mallory())))
            });
            prop_assert!(!by_package || own, "{package} after move {n}");
            let by_account = scene.accepts(
                &mallory(),
                "six",
                &Asking::as_account("alice", Some(package)),
            );
            prop_assert!(
                !by_account,
                "by the account statement {package}, after move {n}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A token that is used for less than the maturity, however often, and then waited on for however long.
    #[test]
    fn a_stolen_token_that_is_not_held_never_gets_a_yes(moves in moves()) {
        let (scene, session) = old_project();
        play(&scene, &session, &moves, WEEK)?;
        scene.wait_days(400);
        prop_assert!(!scene.accepts(&mallory(), "six", &Asking::with_nothing()));
    }

    /// Over a mature DID that its owner goes on naming, not even a token that is held for ever.
    #[test]
    fn a_held_token_never_gets_a_yes_beside_a_did_that_stays_mature(beside in prop::collection::vec((any::<bool>(), 1u32..240), 1..10)) {
        let (scene, session) = claimed_project();
        let token = scene.world().create_token(&session, Some("six")).unwrap();
        for (n, (owner, hours)) in beside.iter().enumerate() {
            let version = format!("{}.0", n + 100);
            if *owner {
                scene.publish(&session, "six", &version, &[&alice()]).unwrap();
            } else {
                scene.publish(&token, "six", &version, &[&alice(), &mallory()]).unwrap();
            }
            scene.world().wait(DAY / 24 * *hours);
            prop_assert!(!scene.accepts(&mallory(), "six", &Asking::with_nothing()));
            prop_assert!(scene.accepts(&alice(), "six", &Asking::with_nothing()));
        }
    }
}
