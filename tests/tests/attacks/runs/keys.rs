//! Keys that sign rules: stolen ones, those of delegates, of collaborators; and the owner's own words used by others.

use super::*;
use auths_core::reason::RefutedReason::Revoked;
use auths_tests::front_end::{on_npm, on_pypi};

#[test]
fn device_key_signs_a_rule_for_a_repository_of_the_thief_until_it_is_revoked() {
    let stage = on_pypi();
    stage.world().steal_key("mallory", &did(&alice()));
    let mallorys = stage.on_hub("mallory");
    let tools = stage
        .world()
        .create_repository(&mallorys, "mallory/tools")
        .unwrap();
    let rules = [stage.rule(&alice(), &tools, &stage.six(), |_| {})];
    let run = stage.run_of(&mallorys, &tools);
    accepted_at(&stage.default_answer(&run, &rules), &[DeviceKey]);
    stage.revoke(&alice(), RevocationTarget::Claim(rules[0].id().clone()));
    denied(&stage.default_answer(&run, &rules), "revoked");
    refused(stage.grant(&run, &rules), Revoked);
    let again = [stage.rule(&alice(), &tools, &stage.six(), |fields| {
        fields.refs = Some(vec!["refs/heads/*".parse().unwrap()]);
    })];
    accepted_at(&stage.default_answer(&run, &again), &[DeviceKey]);
    stage.revoke(&alice(), RevocationTarget::Did(did(&alice())));
    denied(&stage.default_answer(&run, &again), "revoked");
}

#[test]
fn delegate_key_without_further_signs_no_rule_and_with_it_is_named() {
    let stage = on_pypi();
    let bobs = stage.on_hub("bob");
    let tools = stage.world().create_repository(&bobs, "bob/tools").unwrap();
    let rules = [stage.rule(&key(2), &tools, &stage.six(), |_| {})];
    let run = stage.run_of(&bobs, &tools);
    let delegates = |further: bool| {
        let publish = Actions::only(Action::Publish);
        let body = Delegation::new(did(&key(2)), [stage.six()], publish);
        let body = if further { body.with_further() } else { body };
        let now = stage.world().now();
        let signed = sign(SigningRequest::new(body, now), &alice());
        stage.world().record_delegation(&signed);
        Kept {
            delegations: vec![signed],
            ..Kept::default()
        }
    };
    let (six, policy) = (stage.six(), Policy::standard());
    let narrow = delegates(false);
    let decision = stage.answer(&run, &six, &rules, &narrow, &policy);
    assert_eq!(
        decision.outcome(),
        Outcome::Denied,
        "{:?}",
        decision.reason()
    );
    let token = stage.token(&run);
    let granted = stage.grant_for(&token, std::slice::from_ref(&six), &rules, &narrow, &policy);
    assert!(granted.is_err());
    let wide = delegates(true);
    let decision = stage.answer(&run, &six, &rules, &wide, &policy);
    accepted_at(&decision, &[DelegateKey, DeviceKey]);
    let granted = stage.grant_for(&token, &[six], &rules, &wide, &policy);
    assert!(granted.is_ok(), "the refusal did not use it up");
}

#[test]
fn collaborator_who_may_publish_signs_no_rule_that_counts() {
    let stage = on_pypi();
    {
        let mut world = stage.world();
        world.sign_up("mallory").unwrap();
        world
            .set_role(&stage.alice, "six", "mallory", OwnerRole::Maintainer)
            .unwrap();
    }
    let mallorys = stage.on_hub("mallory");
    let tools = stage
        .world()
        .create_repository(&mallorys, "mallory/tools")
        .unwrap();
    let rules = [stage.rule(&mallory(), &tools, &stage.six(), |_| {})];
    let run = stage.run_of(&mallorys, &tools);
    let decision = stage.default_answer(&run, &rules);
    assert_eq!(
        decision.outcome(),
        Outcome::Denied,
        "{:?}",
        decision.reason()
    );
    assert!(stage.grant(&run, &rules).is_err());
}

/// Whoever publishes with a token on npm may copy the owner's line and bring an attestation of a build elsewhere.
#[test]
fn the_owners_line_copied_with_provenance_from_elsewhere_opens_nothing_for_elsewhere() {
    let stage = on_npm();
    let mallorys = stage.on_hub("mallory");
    let left = stage
        .world()
        .create_repository(&mallorys, "mallory/six")
        .unwrap();
    let token = stage
        .world()
        .create_token(&stage.alice, Some("six"))
        .unwrap();
    let token = stage.world().steal_token(MALLORY, &token).unwrap();
    let owners = [stage.owners_rule()];
    for version in ["6.0.0", "6.1.0", "6.2.0"] {
        let copied = Metadata::new().naming([did(&alice())], &stage.six());
        let published = stage
            .world()
            .publish_attested(&token, "six", version, copied, &left);
        published.unwrap();
        let run = stage.run_of(&mallorys, &left);
        denied(&stage.default_answer(&run, &[]), "statement-contested");
        denied(&stage.default_answer(&run, &owners), "no-rule-matches");
        assert!(stage.grant(&run, &[]).is_err());
        let own = stage.run(&stage.hub);
        accepted_at(&stage.default_answer(&own, &owners), &[RepositoryWriter]);
        stage.wait_days(8);
    }
    assert!(stage.grant(&stage.run(&stage.hub), &owners).is_ok());
}

/// Where nobody is named, such attestations are worth a held token, and the answer says so.
#[test]
fn held_token_with_provenance_from_elsewhere_is_named_where_nobody_else_is() {
    let stage = on_npm();
    let mallorys = stage.on_hub("mallory");
    let left = stage
        .world()
        .create_repository(&mallorys, "mallory/six")
        .unwrap();
    stage
        .world()
        .publish(&stage.alice, "toy", "1.0.0", Metadata::new())
        .unwrap();
    stage.wait_days(400);
    let token = stage
        .world()
        .create_token(&stage.alice, Some("toy"))
        .unwrap();
    let token = stage.world().steal_token(MALLORY, &token).unwrap();
    let toy = stage.world().namespace("toy").unwrap();
    let answer = |policy: &Policy| {
        let run = stage.run_of(&mallorys, &left);
        stage.answer(&run, &toy, &[], &Kept::default(), policy)
    };
    for version in ["2.0.0", "2.1.0"] {
        let empty = Metadata::new();
        let published = stage
            .world()
            .publish_attested(&token, "toy", version, empty, &left);
        published.unwrap();
        stage.wait_days(8);
    }
    denied_for(&answer(&Policy::standard()), Collaborator);
    let lenient = resisting("'stolen-token'");
    accepted_at(&answer(&lenient), &[HeldToken, Collaborator]);
}
