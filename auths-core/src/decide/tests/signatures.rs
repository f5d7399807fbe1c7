//! What a signature alone is worth.

use super::*;

#[test]
fn a_signature_makes_an_act_and_not_a_fact() {
    let keys = crate::claim::KeyRing::intrinsic();
    let public = ProofExpectation::new(Audience::public());
    let fact = platform_claim(1, "pypi:alice")
        .verify_unrevoked(&public, &keys, &looked(), now())
        .unwrap();
    assert!(fact.falls_to().contains(Stranger));
    assert!(fact.resisting(&Policy::standard(), now()).is_err());
    let act = sign(1, delegated(false))
        .verify_unrevoked(&public, &keys, &looked(), now())
        .unwrap();
    assert_eq!(act.falls_to(), CapabilitySet::at_least(DeviceKey));
    assert!(act.resisting(&Policy::strict(), now()).is_ok());
    assert!(
        namespace_claim(1).verify(&public, &keys, now()).is_err(),
        "not for everyone"
    );
}
