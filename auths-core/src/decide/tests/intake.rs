//! What was seen when a trusted publisher was taken in.

use super::runs::{acme, proof, publisher_of, rule, run_case, run_of};
use super::*;
use crate::ci::tests::scene::identity;
use crate::claim::TrustedPublisher;
use crate::decide::PublisherIntake;

fn owner() -> Account {
    github("alice", "7")
}

fn listed(role: OwnerRole) -> Listing {
    Listing::new(vec![ListedAccount::new(owner(), role, "admin")])
}

/// alice, whose key is key 1, claims `github:acme`; the verifier ran a device flow and read her role with the token.
fn signer(role: OwnerRole) -> Option<Verified<NamespaceAuthority>> {
    signer_for("github:acme", role)
}

fn signer_for(name: &str, role: OwnerRole) -> Option<Verified<NamespaceAuthority>> {
    let organization = Incarnation::new("organization", "4242");
    let publish = Actions::only(Action::Publish);
    let body = NamespaceClaim::new(name.parse().unwrap(), organization, publish);
    let request = SigningRequest::new(body, now() - HOUR).for_audience(Audience::local(&did(1)));
    let claim = request.sign(&key(1)).now_or_never().unwrap().unwrap();
    let mut case = DecisionInput::new(claim, ProofExpectation::new(Audience::local(&did(1))));
    let mut acme = acme("4242");
    acme.listing = Reading::Read(listed(role));
    case.evidence.push(ObservedEvidence::live(acme));
    case.accounts.push(by_flow(1, owner(), None));
    case.revocations = looked();
    decide(&case, &Policy::standard(), now())
        .into_verified()
        .ok()
}

fn taken_in(publisher: &Signed<TrustedPublisher>) -> PublisherIntake {
    let signer = signer(OwnerRole::Owner).unwrap();
    PublisherIntake::of(publisher, &signer, now()).unwrap()
}

/// A run asks for `github:acme/server`. The account is linked, and nothing of it or of the organisation's Owners can be read.
fn unread_case(publisher: Signed<TrustedPublisher>) -> DecisionInput {
    let proof = proof(identity(), "github:acme/server", vec![publisher]);
    let mut case = run_case(proof, acme("4242"));
    let mut linked = by_flow(1, owner(), None);
    linked.evidence.clear();
    case.accounts.push(linked);
    case
}

#[test]
fn an_owners_role_and_a_device_flow_hold_for_the_rules_life_at_the_price_of_a_former_collaborator()
{
    let publisher = publisher_of(1, rule(), "github:acme/server");
    let mut case = unread_case(publisher.clone());
    refuted_by(&answer(&case), RefutedReason::Resisted);
    run_of(&mut case).intakes.push(taken_in(&publisher));
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    for price in [
        FormerCollaborator,
        AccountSession,
        DeviceKey,
        RepositoryWriter,
    ] {
        assert!(falls_to(&decision).contains(&price), "{price}");
    }
    let strict = Policy::from_toml(
        "resist = ['stolen-token', 'recycled-name', 'collaborator', 'former-collaborator']",
    );
    refuted_by(
        &decide(&case, &strict.unwrap(), now()),
        RefutedReason::Resisted,
    );
    // Of another rule it says nothing.
    let other = publisher_of(2, rule(), "github:acme/server");
    let mut other = unread_case(other);
    run_of(&mut other).intakes.push(taken_in(&publisher));
    assert_ne!(answer(&other).outcome(), Outcome::Accepted);
}

#[test]
fn what_is_read_now_goes_before_what_was_seen_then() {
    let publisher = publisher_of(1, rule(), "github:acme/server");
    let others = ListedAccount::new(github("bob", "8"), OwnerRole::Owner, "admin");
    let mut left = acme("4242");
    left.listing = Reading::Read(Listing::new(vec![others]));
    let mut case = unread_case(publisher.clone());
    run_of(&mut case).intakes.push(taken_in(&publisher));
    case.evidence = vec![ObservedEvidence::live(left)];
    refuted_by(&answer(&case), RefutedReason::Resisted);
    // Another organisation has the name by now.
    case.evidence = vec![ObservedEvidence::live(acme("4243"))];
    assert_ne!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn an_intake_is_of_its_signers_own_decision_and_of_something_that_lasts() {
    let publisher = publisher_of(1, rule(), "github:acme/server");
    let signer_now = signer(OwnerRole::Owner).unwrap();
    for (other, why) in [
        (
            publisher_of(2, rule(), "github:acme/server"),
            "another signer",
        ),
        (
            publisher_of(1, rule(), "github:globex/server"),
            "another name",
        ),
        (publisher_of(1, rule(), "pypi:six"), "another name"),
    ] {
        assert_eq!(
            PublisherIntake::of(&other, &signer_now, now()),
            None,
            "{why}"
        );
    }
    let kept = PublisherIntake::of(&publisher, &signer_now, now()).unwrap();
    assert_eq!(kept.publisher(), publisher.id());
    let mature = answer_with_statement();
    assert_eq!(
        PublisherIntake::of(&publisher_of(1, rule(), "pypi:six"), &mature, now()),
        None,
        "a statement is read again at every run"
    );
    assert_eq!(
        PublisherIntake::parse(kept.to_json().as_bytes()),
        Ok(kept.clone())
    );
    for bad in [
        "[]",
        "{}",
        "null",
        &kept.to_json().replace("intake-1", "intake-2"),
    ] {
        assert!(PublisherIntake::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    let emptied: serde_json::Value = serde_json::from_str(&kept.to_json()).unwrap();
    let mut emptied = emptied;
    emptied["seen"] = serde_json::json!([]);
    assert!(PublisherIntake::parse(emptied.to_string().as_bytes()).is_err());
}

/// alice's key claims `pypi:six`, whose releases name it.
fn answer_with_statement() -> Verified<NamespaceAuthority> {
    let case = accepted_case();
    decide(&case, &Policy::standard(), now())
        .into_verified()
        .unwrap()
}

#[test]
fn an_intake_for_a_name_below_an_organisation_holds_for_that_name() {
    let publisher = publisher_of(1, rule(), "github:acme/server");
    let signer = signer_for("github:acme/server", OwnerRole::Owner).unwrap();
    let intake = PublisherIntake::of(&publisher, &signer, now()).unwrap();
    let mut case = unread_case(publisher);
    run_of(&mut case).intakes.push(intake);
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    let whole = publisher_of(1, rule(), "github:acme");
    assert_eq!(
        PublisherIntake::of(&whole, &signer, now()),
        None,
        "a rule for more"
    );
}
