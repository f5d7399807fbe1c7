//! What the oracle finds: an answer that was decided in one world is held against another, in which somebody holds less.

use auths_core::Policy;
use auths_core::claim::{PlatformClaim, Revocation, RevocationTarget, SigningRequest};
use auths_core::crypto::KeyPair;
use auths_testkit::scenes::{ClaimParts, Scene};
use auths_testkit::world::{Asked, Given, Metadata, Person, Session, World, WrongBecause};
use auths_tests::claims::{did, key, sign};

fn alice() -> KeyPair {
    key(1)
}

fn mallory() -> KeyPair {
    key(66)
}

/// Alice owns two old packages.
fn scene() -> (Scene, Session) {
    let scene = Scene::new();
    let session = scene.sign_up("alice");
    for name in ["crown", "toy"] {
        scene.publish(&session, name, "1", &[]).unwrap();
    }
    scene.wait_days(400);
    (scene, session)
}

/// Two releases of a package that name mallory, a week apart, published with a token of it.
fn plant(scene: &Scene, session: &Session, package: &str) {
    let token = scene.steal_token(session, Some(package));
    scene.publish(&token, package, "2", &[&mallory()]).unwrap();
    scene.wait_days(8);
    scene.publish(&token, package, "3", &[&mallory()]).unwrap();
}

/// Why the answer to mallory is wrong, held against `truth`.
fn judge(scene: &Scene, truth: &World, given: &Given) -> Option<WrongBecause> {
    let policy = Policy::standard();
    let claimed = scene.ask(&mallory(), "crown", &ClaimParts::with_nothing(), &policy);
    let claimed = claimed.unwrap();
    let person = Person::named("mallory");
    let asked = Asked::new(&person, &claimed.bundle.claim, policy.maturity());
    let wrong = truth.find_wrong_yes(&asked, &claimed.decision, given);
    wrong.map(|wrong| wrong.because)
}

#[test]
fn a_held_token_of_the_package_is_the_price_that_the_answer_names() {
    let (scene, session) = scene();
    plant(&scene, &session, "crown");
    let truth = scene.world().clone();
    assert_eq!(judge(&scene, &truth, &Given::nothing()), None);
}

#[test]
fn an_answer_to_somebody_who_holds_nothing_is_wrong() {
    let (scene, session) = scene();
    let truth = scene.world().clone();
    plant(&scene, &session, "crown");
    let because = judge(&scene, &truth, &Given::nothing());
    assert_eq!(because, Some(WrongBecause::NothingHeld));
}

#[test]
fn an_answer_to_somebody_who_used_a_token_once_is_wrong() {
    let (scene, session) = scene();
    let mut truth = scene.world().clone();
    let token = truth.create_token(&session, Some("crown")).unwrap();
    let token = truth.steal_token("mallory", &token).unwrap();
    truth
        .publish(&token, "crown", "2", Metadata::new())
        .unwrap();
    plant(&scene, &session, "crown");
    let because = judge(&scene, &truth, &Given::nothing());
    assert_eq!(because, Some(WrongBecause::NothingHeld));
}

#[test]
fn an_answer_around_a_did_that_is_mature_and_present_is_wrong() {
    let (scene, session) = scene();
    plant(&scene, &session, "crown");
    // The same, but that alice's DID has been named since before the theft, and still is.
    let (other, owner) = self::scene();
    other.publish(&owner, "crown", "1.1", &[&alice()]).unwrap();
    other.wait_days(8);
    let token = other.steal_token(&owner, Some("crown"));
    let both = [&alice(), &mallory()];
    for version in ["2", "3"] {
        other.publish(&token, "crown", version, &both).unwrap();
        other.wait_days(8);
    }
    let truth = other.world().clone();
    let because = judge(&scene, &truth, &Given::nothing());
    assert_eq!(because, Some(WrongBecause::AroundMatureDid));
}

#[test]
fn an_answer_that_rests_on_what_was_revoked_is_wrong() {
    let (scene, session) = scene();
    plant(&scene, &session, "crown");
    let truth = scene.world().clone();
    let now = truth.now();
    let revokes = |by: &KeyPair| {
        let revocation = Revocation::new(RevocationTarget::Did(did(&mallory())));
        sign(SigningRequest::new(revocation, now), by)
    };
    let mut given = Given::nothing();
    given.revocations.push(revokes(&key(67)));
    assert_eq!(
        judge(&scene, &truth, &given),
        None,
        "of somebody who may not revoke it"
    );
    let account = "pypi:alice".parse().unwrap();
    let naming = PlatformClaim::new(account, Some(did(&key(67))));
    let naming = sign(SigningRequest::new(naming, now), &mallory());
    given.platform_claims.push(naming);
    assert_eq!(
        judge(&scene, &truth, &given),
        Some(WrongBecause::RestsOnRevoked)
    );
    given.revocations = vec![revokes(&mallory())];
    assert_eq!(
        judge(&scene, &truth, &given),
        Some(WrongBecause::RestsOnRevoked)
    );
}
