//! Keys of devices and of delegates.

use super::*;

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
    let with = |package: &str| ClaimParts {
        delegations: vec![delegation(&mallory(), &scene, package)],
        others: vec![alices_link(&scene)],
        ..ClaimParts::default()
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
        &scene.answer(&alice(), "bobs", &ClaimParts::as_account("bob", None)),
        Stranger,
    );
}

#[test]
fn device_key_that_was_revoked_gains_nothing() {
    let (scene, _) = linked_project();
    let now = scene.world().now();
    let revocation = sign(
        SigningRequest::new(Revocation::new(RevocationTarget::Did(did(&alice()))), now),
        &alice(),
    );
    let asking = ClaimParts {
        revocations: vec![revocation],
        ..as_alice()
    };
    denied(&scene.answer(&alice(), "six", &asking), "revoked");
}

#[test]
fn device_key_gains_nothing_by_leaving_out_the_claim_that_names_the_recovery_did() {
    let (scene, _) = claimed_project();
    let recovery = key(0x5e);
    let by_recovery = |scene: &Scene| ClaimParts {
        revocations: vec![sign(
            SigningRequest::new(
                Revocation::new(RevocationTarget::Did(did(&alice()))),
                scene.world().now(),
            ),
            &recovery,
        )],
        ..ClaimParts::default()
    };
    let claim = PlatformClaim::new("pypi:alice".parse().unwrap(), Some(did(&recovery)));
    let claim = sign(SigningRequest::new(claim, scene.world().now()), &alice());
    let alices = ClaimParts::linked([(claim, None)]);
    assert!(scene.accepts(&alice(), "six", &alices));
    // The thief of her key shows nothing: `six` names it.
    assert!(scene.accepts(&alice(), "six", &ClaimParts::with_nothing()));
    denied(
        &scene.answer(&alice(), "six", &by_recovery(&scene)),
        "revoked",
    );
    // Nor by asking again where nobody gives the revocation any more, nor with a bundle made elsewhere.
    denied(
        &scene.answer(&alice(), "six", &ClaimParts::with_nothing()),
        "revoked",
    );
    let (elsewhere, _) = claimed_project();
    let made = elsewhere.ask(
        &alice(),
        "six",
        &ClaimParts::with_nothing(),
        &Policy::standard(),
    );
    let bundle = made.unwrap().bundle;
    denied(&scene.verify_live(&bundle, &Policy::standard()), "revoked");
}
