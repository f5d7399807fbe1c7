//! What was accepted before, looked at again.

use super::*;
use auths_core::claim::{Revocation, RevocationTarget};
use auths_core::problem::ProblemDetails;
use auths_core::use_cases::{AcceptedRecord, RecordError, RecordState, revoke};
use auths_core::{Outcome, RefutedReason};

/// A hub with challenges that accepted alice's claim.
struct Hub {
    scene: Scene,
    verifier: Verifier,
    record: AcceptedRecord,
}

impl Hub {
    fn new() -> Self {
        let scene = Scene::new();
        let verifier = scene.verifier_with_challenges();
        let bundle = scene.bundle(&verifier, &scene.key, true);
        let verified = scene.verify(&verifier, &bundle).into_verified().unwrap();
        let record = AcceptedRecord::new(bundle, &verified).unwrap();
        Self {
            scene,
            verifier,
            record,
        }
    }

    fn review(&mut self) -> RecordState {
        let (now, policy) = (self.scene.now(), Policy::standard());
        // Every look begins at a stored record.
        self.record = AcceptedRecord::parse(self.record.to_json().as_bytes()).unwrap();
        let review = block_on(self.verifier.review(self.record.clone(), &policy, now));
        self.record = review.record;
        assert_eq!(review.state, self.state());
        if let Some(decision) = review.decision {
            assert!(
                decision.into_verified().is_err(),
                "its challenge was used up before"
            );
        }
        review.state
    }

    fn state(&self) -> RecordState {
        self.record.state(&Policy::standard(), self.scene.now())
    }

    fn may(&self) -> Result<String, &'static str> {
        let authority = self.record.authority(&Policy::standard(), self.scene.now());
        authority.map(ToString::to_string).map_err(|why| why.code())
    }

    /// The owner publishes a release that drops the key, so that the answer is a no.
    fn drop_key(&self, version: &str) {
        let mut world = self.scene.world.lock().unwrap();
        world
            .publish(&self.scene.alice, "six", version, Metadata::new())
            .unwrap();
    }
}

#[test]
fn a_record_is_fresh_ages_and_is_fresh_again_when_it_was_confirmed() {
    let mut hub = Hub::new();
    assert_eq!(hub.state(), RecordState::Fresh);
    assert!(hub.may().unwrap().ends_with("may publish pypi:six"));
    hub.scene.wait(DAY * 2);
    assert_eq!(
        (hub.state(), hub.may()),
        (RecordState::Aged, Err("AUTHS-3018"))
    );
    assert_eq!(hub.review(), RecordState::Fresh);
    assert_eq!(hub.record.confirmed_at(), hub.scene.now());
    assert!(hub.may().is_ok());
}

#[test]
fn an_outage_says_nothing_and_the_record_goes_on_as_long_as_its_keeper_chooses() {
    let mut hub = Hub::new();
    hub.scene.set_down(true);
    for _ in 0..4 {
        hub.scene.wait(DAY);
        let state = hub.review();
        assert!(
            matches!(state, RecordState::Fresh | RecordState::Aged),
            "{state:?}"
        );
        assert!(hub.record.negative().is_none());
    }
    let (policy, now) = (Policy::standard(), hub.scene.now());
    assert!(hub.record.authority_within(DAY * 7, &policy, now).is_ok());
    assert!(hub.record.authority_within(DAY * 3, &policy, now).is_err());
}

#[test]
fn it_is_suspended_at_the_first_no_and_removed_at_a_second_one_a_day_later() {
    let mut hub = Hub::new();
    hub.drop_key("2.0");
    assert_eq!(hub.review(), RecordState::Suspended);
    let (because, since) = hub.record.negative().unwrap();
    assert_eq!(because.reason, RefutedReason::StatementDropped);
    assert_eq!(since, hub.scene.now());
    assert!(hub.may().is_err());
    hub.scene.wait(DAY / 2);
    assert_eq!(
        hub.review(),
        RecordState::Suspended,
        "too soon for a second opinion"
    );
    hub.scene.set_down(true);
    hub.scene.wait(DAY);
    assert_eq!(
        hub.review(),
        RecordState::Suspended,
        "an outage is no second no"
    );
    hub.scene.set_down(false);
    assert_eq!(hub.review(), RecordState::Removed);
    let asked = hub.scene.asked();
    hub.scene.publish("2.1");
    assert_eq!(hub.review(), RecordState::Removed, "it ends there");
    assert_eq!(hub.scene.asked(), asked, "and nothing is asked");
}

#[test]
fn a_yes_after_a_no_lifts_the_suspension_and_the_next_no_is_a_first_one() {
    let mut hub = Hub::new();
    let quarantine = |hub: &Hub, on| {
        let mut world = hub.scene.world.lock().unwrap();
        world.quarantine("six", on).unwrap();
    };
    quarantine(&hub, true);
    assert_eq!(hub.review(), RecordState::Suspended);
    quarantine(&hub, false);
    hub.scene.wait(DAY * 2);
    assert_eq!(hub.review(), RecordState::Fresh);
    assert!(hub.record.negative().is_none());
    quarantine(&hub, true);
    assert_eq!(hub.review(), RecordState::Suspended);
}

#[test]
fn it_is_revoked_at_once_and_for_good() {
    let mut hub = Hub::new();
    let own = RevocationTarget::Did(did(&hub.scene.key));
    let revocation = block_on(revoke(&hub.scene.key, own, hub.scene.now())).unwrap();
    hub.scene.publish_revocation(revocation);
    assert_eq!(hub.review(), RecordState::Revoked);
    assert_eq!(hub.may(), Err("AUTHS-2030"));
    assert_eq!(hub.review(), RecordState::Revoked);
}

#[test]
fn it_expires_with_its_claim_and_is_renewed_by_a_new_one() {
    let mut hub = Hub::new();
    let end = hub.record.expires_at();
    assert_eq!(end.since(hub.record.accepted_at()), DAY * 30);
    hub.scene.wait(DAY * 30);
    assert_eq!(
        (hub.state(), hub.may()),
        (RecordState::Expired, Err("AUTHS-2002"))
    );
    let asked = hub.scene.asked();
    assert_eq!(hub.review(), RecordState::Expired);
    assert_eq!(hub.scene.asked(), asked);
    let bundle = hub.scene.bundle(&hub.verifier, &hub.scene.key, true);
    let verified = hub
        .scene
        .verify(&hub.verifier, &bundle)
        .into_verified()
        .unwrap();
    hub.record = AcceptedRecord::new(bundle, &verified).unwrap();
    assert_eq!(hub.state(), RecordState::Fresh);
}

#[test]
fn another_policy_does_not_find_it_fresh_until_it_confirmed_it() {
    let mut hub = Hub::new();
    let long = Policy::builder("three weeks")
        .resisting(Policy::standard().resisted())
        .with_maturity(DAY * 21)
        .build()
        .unwrap();
    let now = hub.scene.now();
    for policy in [&Policy::strict(), &long] {
        assert_eq!(hub.record.state(policy, now), RecordState::Aged);
        let year = hub.record.authority_within(DAY * 365, policy, now);
        assert_eq!(year.unwrap_err().code(), "AUTHS-3018");
    }
    let review = block_on(hub.verifier.review(hub.record, &long, now));
    hub.record = review.record;
    assert_eq!(
        review.state,
        RecordState::Suspended,
        "three weeks are not over"
    );
    hub.scene.wait(DAY * 7);
    hub.scene.publish("1.2");
    let now = hub.scene.now();
    let review = block_on(hub.verifier.review(hub.record, &long, now));
    hub.record = review.record;
    assert_eq!(review.state, RecordState::Fresh);
    assert_eq!(
        hub.state(),
        RecordState::Aged,
        "the former policy has not seen it since"
    );
}

#[test]
fn a_yes_that_ends_before_its_evidence_is_old_is_fresh_no_longer_than_that() {
    let mut hub = Hub::new();
    let end = hub.scene.now() + DAY / 4;
    let own = Revocation::new(RevocationTarget::Did(did(&hub.scene.key))).starting(end);
    let revocation = block_on(revoke(&hub.scene.key, own, hub.scene.now())).unwrap();
    hub.scene.publish_revocation(revocation);
    assert_eq!(hub.review(), RecordState::Fresh);
    assert!(hub.record.valid_until() <= end);
    hub.scene.wait(DAY / 4);
    assert_eq!(
        (hub.state(), hub.may()),
        (RecordState::Aged, Err("AUTHS-3018"))
    );
    assert_eq!(hub.review(), RecordState::Revoked);
}

#[test]
fn a_clock_that_was_set_back_does_not_find_it_fresh() {
    let hub = Hub::new();
    let before = hub.record.accepted_at() - DAY;
    assert_eq!(
        hub.record.state(&Policy::standard(), before),
        RecordState::Aged
    );
}

#[test]
fn a_record_needs_the_bundle_that_was_decided_on_and_is_read_back_whole_or_refused() {
    let hub = Hub::new();
    let other = hub.scene.bundle(&hub.verifier, &key(2), true);
    let verified = {
        let bundle = hub.scene.bundle(&hub.verifier, &hub.scene.key, true);
        hub.scene
            .verify(&hub.verifier, &bundle)
            .into_verified()
            .unwrap()
    };
    let wrong = AcceptedRecord::new(other, &verified).unwrap_err();
    assert!(matches!(wrong, RecordError::OtherClaim { .. }));
    assert_eq!(wrong.code(), "AUTHS-3999");

    let stored = hub.record.to_json();
    let mallory = did(&key(2)).to_string();
    let own = did(&hub.scene.key).to_string();
    for (what, changed) in [
        (
            "another version",
            stored.replace("auths-accepted-record-1", "auths-accepted-record-9"),
        ),
        ("another DID", stored.replacen(&own, &mallory, 1)),
        (
            "a member that nobody knows",
            stored.replacen('{', "{\"more\": 1,", 1),
        ),
        ("half of it", stored[..stored.len() / 2].to_owned()),
        (
            "a bundle that is none",
            stored.replace("\"bundle\":\"{", "\"bundle\":\"["),
        ),
    ] {
        assert_ne!(changed, stored, "{what}");
        let unreadable = AcceptedRecord::parse(changed.as_bytes()).unwrap_err();
        assert_eq!(unreadable.code(), "AUTHS-3024", "{what}");
        // It is the server's fault, not that of whoever asks.
        assert_eq!(ProblemDetails::from(&unreadable).status, 503, "{what}");
    }
}

#[test]
fn a_claim_that_is_pending_again_is_suspended_and_never_removed_for_it() {
    let mut hub = Hub::new();
    let policy = Policy::builder("half a year")
        .resisting([auths_core::Capability::StolenToken])
        .with_maturity(DAY * 180)
        .build()
        .unwrap();
    for _ in 0..3 {
        let now = hub.scene.now();
        let review = block_on(hub.verifier.review(hub.record, &policy, now));
        hub.record = review.record;
        assert_eq!(review.decision.unwrap().outcome(), Outcome::Pending);
        assert_eq!(review.state, RecordState::Suspended);
        hub.scene.wait(DAY * 2);
    }
}
