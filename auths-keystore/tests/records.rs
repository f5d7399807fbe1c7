//! Records of accepted answers, as files.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::fs;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_core::ports::{MemoryRevocations, RevocationList};
use auths_core::use_cases::{AcceptedRecord, ClaimRequest, ClaimsContext};
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
        let verifier = Verifier::builder("https://hub.example".parse().unwrap())
            .registry(SimulatedRegistry::public(world.clone(), origin))
            .revocations(RevocationList::new("a list"))
            .revocation_memory(MemoryRevocations::new())
            .build()
            .unwrap();
        Self { world, verifier }
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
    let records = FileRecords::new(folder.path().join("records"));
    assert!(records.all().unwrap().is_empty());
    let first = hub.accepted("six", 1);
    hub.wait(DAY);
    let (second, other) = (hub.accepted("six", 2), hub.accepted("seven", 1));
    for record in [&second, &other, &first] {
        records.put(record).unwrap();
    }
    let again = FileRecords::new(folder.path().join("records"));
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
    let records = FileRecords::new(folder.path());
    let old = hub.accepted("six", 1);
    records.put(&old).unwrap();
    hub.wait(DAY);
    let now = hub.world.lock().unwrap().now();
    let review = block_on(hub.verifier.review(old, &Policy::standard(), now));
    let old = review.record;
    assert!(records.put_reviewed(&old).unwrap());
    assert_eq!(records.all().unwrap()[0].confirmed_at(), now);

    let renewed = hub.accepted("six", 1);
    records.put(&renewed).unwrap();
    let review = block_on(hub.verifier.review(old, &Policy::standard(), now));
    let old = review.record;
    assert!(
        !records.put_reviewed(&old).unwrap(),
        "its holder renewed it"
    );
    assert_eq!(ids(&records.all().unwrap()), ids(&[renewed]));
    // What was never stored, or was forgotten, does not come back.
    records.forget(&package("six"), old.did()).unwrap();
    assert!(!records.put_reviewed(&old).unwrap());
    assert!(records.all().unwrap().is_empty());
}

#[test]
fn a_record_that_cannot_be_read_is_never_passed_over() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let records = FileRecords::new(folder.path());
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
