use std::time::Duration;

use futures_util::FutureExt;

use super::*;
use crate::decide::{check_listing, statement};
use crate::identity::Did;
use crate::simulation::{Metadata, Session};

const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
const DAY: Duration = Duration::from_secs(86_400);

struct Scene {
    world: Arc<Mutex<World>>,
    registry: SimulatedRegistry,
    alice: Session,
}

fn scene() -> Scene {
    let mut world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
    let alice = world.sign_up("alice").unwrap();
    world
        .publish(&alice, "six", "1.0", Metadata::new())
        .unwrap();
    let world = Arc::new(Mutex::new(world));
    let origin = "https://registry.example".parse().unwrap();
    let registry = SimulatedRegistry::public(Arc::clone(&world), origin);
    Scene {
        world,
        registry,
        alice,
    }
}

impl Scene {
    fn ask(&self, namespace: &str) -> Result<NamespaceEvidence, NamespaceError> {
        let now = lock(&self.world).now();
        let query = NamespaceQuery::new(namespace.parse().unwrap(), now);
        self.registry.gather(&query).now_or_never().unwrap()
    }

    fn absent(&self, namespace: &str) -> Option<Refutation> {
        match self.ask(namespace).unwrap().existence {
            Existence::Absent(refuted) => Some(refuted.by),
            Existence::Present => None,
        }
    }
}

#[test]
fn a_question_for_another_server_is_invalid() {
    let scene = scene();
    for namespace in [
        "npm:six",
        "pkg:pypi/six?repository_url=https://registry.example",
    ] {
        let answer = scene.ask(namespace);
        assert!(
            matches!(answer, Err(NamespaceError::Invalid { .. })),
            "{namespace}"
        );
    }
    let origin: Origin = "https://other.example".parse().unwrap();
    let configured = SimulatedRegistry::configured(Arc::clone(&scene.world), origin.clone());
    let six: Namespace = "pypi:six".parse().unwrap();
    let now = lock(&scene.world).now();
    let ask = |namespace| {
        let query = NamespaceQuery::new(namespace, now);
        configured.gather(&query).now_or_never().unwrap()
    };
    assert!(matches!(
        ask(six.clone()),
        Err(NamespaceError::Invalid { .. })
    ));
    let evidence = ask(six.at(Some(origin.clone()))).unwrap();
    let listing = evidence.listing.get().unwrap();
    assert_eq!(listing.accounts[0].account.origin(), Some(&origin));
}

#[test]
fn failures_come_in_turn_and_once() {
    let scene = scene();
    let failure = |why| NamespaceError::from(Unavailable::new(why, "as told"));
    scene.registry.fail_next(failure(Why::Timeout));
    scene.registry.fail_next(failure(Why::RateLimited));
    assert_eq!(scene.ask("pypi:six"), Err(failure(Why::Timeout)));
    assert_eq!(scene.ask("pypi:six"), Err(failure(Why::RateLimited)));
    assert!(scene.ask("pypi:six").is_ok());
}

#[test]
fn what_is_absent() {
    let scene = scene();
    assert_eq!(scene.absent("pypi:six"), None);
    assert_eq!(scene.absent("pypi:seven"), Some(Refutation::UnknownProject));
    lock(&scene.world).quarantine("six", true).unwrap();
    assert_eq!(scene.absent("pypi:six"), Some(Refutation::Quarantined));
    lock(&scene.world).quarantine("six", false).unwrap();
    lock(&scene.world)
        .delete_release(&scene.alice, "six", "1.0")
        .unwrap();
    assert_eq!(scene.absent("pypi:six"), Some(Refutation::NoReleases));
}

#[test]
fn core_reads_listing_and_statement_from_it() {
    let scene = scene();
    let did: Did = A.parse().unwrap();
    let six: Namespace = "pypi:six".parse().unwrap();
    let read = || {
        let evidence = scene.ask("pypi:six").unwrap();
        let timeline = evidence.timeline.get().unwrap().clone();
        statement(&timeline, &did, 7 * DAY, lock(&scene.world).now()).map(|s| s.mature)
    };
    let evidence = scene.ask("pypi:six").unwrap();
    assert!(
        check_listing(
            &evidence,
            &"pypi:alice".parse().unwrap(),
            &crate::Policy::standard()
        )
        .is_ok()
    );
    assert!(
        check_listing(
            &evidence,
            &"pypi:bob".parse().unwrap(),
            &crate::Policy::standard()
        )
        .is_err()
    );
    assert!(read().is_err());
    for (wait, version, mature) in [(1, "1.1", false), (8, "1.2", true)] {
        lock(&scene.world).wait(wait * DAY);
        let metadata = Metadata::new().naming([did.clone()], &six);
        lock(&scene.world)
            .publish(&scene.alice, "six", version, metadata)
            .unwrap();
        assert_eq!(read(), Ok(mature), "{version}");
    }
    // Copied metadata names another package.
    lock(&scene.world).wait(DAY);
    let copied = Metadata::new().naming([did.clone()], &"pypi:other".parse().unwrap());
    lock(&scene.world)
        .publish(&scene.alice, "six", "1.3", copied)
        .unwrap();
    assert!(read().is_err());
}
