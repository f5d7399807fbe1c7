//! Records of accepted answers, as files.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_core::claim::RevocationTarget;
use auths_core::ports::{MemoryRevocations, PublishedRevocations, RevocationList};
use auths_core::use_cases::{
    AcceptedRecord, ClaimRequest, ClaimsContext, RecordState, Review, revoke,
};
use auths_core::{Namespace, Policy, Unavailable, Verifier};
use auths_keystore::FileRecords;
use auths_testkit::block_on;
use auths_testkit::scenes::{did, key};
use auths_testkit::world::{Metadata, SimulatedRegistry, World};

const DAY: Duration = Duration::from_secs(86_400);

/// A hub that accepts two keys for `six` and one for `seven`.
struct Hub {
    world: Arc<Mutex<World>>,
    verifier: Verifier,
    list: Arc<RevocationList>,
}

impl Hub {
    fn new() -> Self {
        let mut world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
        let alice = world.sign_up("alice").unwrap();
        for (version, wait) in [("1.0", 8), ("1.1", 8)] {
            for (name, keys) in [("six", &[1, 2][..]), ("seven", &[1])] {
                let keys = keys.iter().map(|byte| did(&key(*byte)));
                let named = Metadata::new().naming(keys, &package(name));
                world.publish(&alice, name, version, named).unwrap();
            }
            world.wait(DAY * wait);
        }
        let world = Arc::new(Mutex::new(world));
        let origin = "https://registry.example".parse().unwrap();
        let list = Arc::new(RevocationList::new("a list"));
        let verifier = Verifier::builder("https://hub.example".parse().unwrap())
            .registry(SimulatedRegistry::public(world.clone(), origin))
            .revocations(list.clone())
            .revocation_memory(MemoryRevocations::new())
            .without_challenges()
            .build()
            .unwrap();
        Self {
            world,
            verifier,
            list,
        }
    }

    fn accepted(&self, name: &str, byte: u8) -> AcceptedRecord {
        let (now, policy) = (self.world.lock().unwrap().now(), Policy::standard());
        let request = ClaimRequest::new(package(name), now)
            .for_audience("https://hub.example".parse().unwrap());
        let (key, context) = (key(byte), ClaimsContext::default());
        let claimed = block_on(self.verifier.claim(&key, &context, request, &policy)).unwrap();
        let decision = block_on(self.verifier.verify(&claimed.bundle, &policy, now));
        AcceptedRecord::new(claimed.bundle, &decision.into_verified().unwrap()).unwrap()
    }

    fn review(&self, record: AcceptedRecord) -> Review {
        let now = self.world.lock().unwrap().now();
        block_on(self.verifier.review(record, &Policy::standard(), now))
    }

    /// Puts the revocation of a key into the list that the verifier asks.
    fn revoke(&self, byte: u8) {
        let now = self.world.lock().unwrap().now();
        let (key, gone) = (key(byte), RevocationTarget::Did(did(&key(byte))));
        let revocation = block_on(revoke(&key, gone, now)).unwrap();
        self.list.publish(PublishedRevocations::new([revocation]));
    }

    fn is_revoked(&self, records: &FileRecords) -> bool {
        let now = self.world.lock().unwrap().now();
        let record = records.all().unwrap().remove(0);
        record.state(&Policy::standard(), now) == RecordState::Revoked
    }

    fn wait(&self, time: Duration) {
        self.world.lock().unwrap().wait(time);
    }
}

fn package(name: &str) -> Namespace {
    format!("pypi:{name}").parse().unwrap()
}

fn ids(records: &[AcceptedRecord]) -> Vec<String> {
    let ids = records
        .iter()
        .map(|one| one.bundle().claim.id().to_string());
    ids.collect()
}

#[test]
fn what_was_stored_is_read_by_the_next_process_whole_and_by_package() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let records = FileRecords::create(folder.path().join("records")).unwrap();
    assert!(records.all().unwrap().is_empty());
    let first = hub.accepted("six", 1);
    hub.wait(DAY);
    let (second, other) = (hub.accepted("six", 2), hub.accepted("seven", 1));
    for record in [&second, &other, &first] {
        records.put(record).unwrap();
    }
    let again = FileRecords::open(folder.path().join("records")).unwrap();
    let of_six = again.of(&package("six")).unwrap();
    assert_eq!(ids(&of_six), ids(&[first.clone(), second.clone()]));
    assert_eq!(of_six[0].to_json(), first.to_json());
    assert_eq!(again.all().unwrap().len(), 3);
    again.forget(&package("six"), first.did()).unwrap();
    again.forget(&package("six"), first.did()).unwrap();
    assert_eq!(ids(&again.of(&package("six")).unwrap()), ids(&[second]));
}

#[test]
fn a_renewal_takes_the_place_of_the_claim_and_a_review_does_not_take_it_back() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let records = FileRecords::open(folder.path()).unwrap();
    let old = hub.accepted("six", 1);
    records.put(&old).unwrap();
    hub.wait(DAY);
    let now = hub.world.lock().unwrap().now();
    let review = hub.review(old);
    assert!(records.put_reviewed(&review).unwrap());
    assert_eq!(records.all().unwrap()[0].confirmed_at(), now);

    let renewed = hub.accepted("six", 1);
    records.put(&renewed).unwrap();
    let review = hub.review(review.record);
    let is_stored = records.put_reviewed(&review).unwrap();
    assert!(!is_stored, "its holder renewed it");
    assert_eq!(ids(&records.all().unwrap()), ids(&[renewed]));
    // What was never stored, or was forgotten, does not come back.
    records
        .forget(&package("six"), review.record.did())
        .unwrap();
    assert!(!records.put_reviewed(&review).unwrap());
    assert!(records.all().unwrap().is_empty());
}

#[test]
fn a_slow_review_takes_back_no_revocation_that_another_one_saw_meanwhile() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let records = FileRecords::open(folder.path()).unwrap();
    let record = hub.accepted("six", 1);
    records.put(&record).unwrap();
    let slow = hub.review(record.clone());
    hub.revoke(1);
    assert!(records.put_reviewed(&hub.review(record)).unwrap());
    assert!(!records.put_reviewed(&slow).unwrap());
    assert!(
        hub.is_revoked(&records),
        "the slow review saw nothing of it"
    );
}

#[test]
fn a_claim_that_was_decided_before_a_revocation_does_not_take_its_place() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let records = FileRecords::open(folder.path()).unwrap();
    records.put(&hub.accepted("six", 1)).unwrap();
    let in_flight = hub.accepted("six", 1);
    hub.revoke(1);
    let present = records.all().unwrap().remove(0);
    assert!(records.put_reviewed(&hub.review(present)).unwrap());
    let refused = records.put(&in_flight).unwrap_err();
    assert_eq!(refused.name(), "revoked");
    assert!(hub.is_revoked(&records));
}

#[test]
fn a_store_is_made_once_and_a_folder_that_is_not_there_is_no_empty_store() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("records");
    assert!(FileRecords::open(&dir).is_err());
    FileRecords::create(&dir).unwrap();
    assert!(FileRecords::open(&dir).is_ok());
    let again = FileRecords::create(&dir).unwrap_err();
    assert_eq!(again.code(), "AUTHS-3024");
}

#[test]
fn a_record_that_cannot_be_read_is_never_passed_over() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let records = FileRecords::open(folder.path()).unwrap();
    let (one, other) = (hub.accepted("six", 1), hub.accepted("six", 2));
    records.put(&one).unwrap();
    records.put(&other).unwrap();
    let place = fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let files: Vec<_> = fs::read_dir(place)
        .unwrap()
        .map(|f| f.unwrap().path())
        .collect();
    let good = fs::read(&files[0]).unwrap();
    let swapped = fs::read(&files[1]).unwrap();
    for (what, bytes) in [
        ("cut", &good[..good.len() / 2]),
        ("empty", &b""[..]),
        ("another's", &swapped),
    ] {
        fs::write(&files[0], bytes).unwrap();
        let error = records.of(&package("six")).unwrap_err();
        assert_eq!(error.code(), "AUTHS-3024", "{what}");
        assert!(records.all().is_err(), "{what}");
        let why = Unavailable::from(&error).to_string();
        assert!(why.contains("could not be read"), "{why}");
    }
    fs::write(&files[0], &good).unwrap();
    assert_eq!(records.all().unwrap().len(), 2);
}
