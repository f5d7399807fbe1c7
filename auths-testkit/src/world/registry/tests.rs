use std::time::Duration;

use futures_util::FutureExt;

use super::*;
use crate::world::{Metadata, Session};
use auths_core::decide::{check_listing, statement};
use auths_core::identity::Did;

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

    fn absent(&self, namespace: &str) -> Option<RefutedReason> {
        match self.ask(namespace).unwrap().existence {
            Existence::Absent(refuted) => Some(refuted.reason),
            _ => None,
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
    scene
        .registry
        .fail_next(failure(UnavailableReason::Timeout));
    scene
        .registry
        .fail_next(failure(UnavailableReason::RateLimited));
    assert_eq!(
        scene.ask("pypi:six"),
        Err(failure(UnavailableReason::Timeout))
    );
    assert_eq!(
        scene.ask("pypi:six"),
        Err(failure(UnavailableReason::RateLimited))
    );
    assert!(scene.ask("pypi:six").is_ok());
}

#[test]
fn what_is_absent() {
    let scene = scene();
    assert_eq!(scene.absent("pypi:six"), None);
    assert_eq!(
        scene.absent("pypi:seven"),
        Some(RefutedReason::UnknownProject)
    );
    lock(&scene.world).quarantine("six", true).unwrap();
    assert_eq!(scene.absent("pypi:six"), Some(RefutedReason::Quarantined));
    lock(&scene.world).quarantine("six", false).unwrap();
    lock(&scene.world)
        .delete_release(&scene.alice, "six", "1.0")
        .unwrap();
    assert_eq!(scene.absent("pypi:six"), Some(RefutedReason::NoReleases));
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
            &auths_core::Policy::standard()
        )
        .is_ok()
    );
    assert!(
        check_listing(
            &evidence,
            &"pypi:bob".parse().unwrap(),
            &auths_core::Policy::standard()
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

/// One world, read as crates.io, npm and GitHub.
struct All {
    world: Arc<Mutex<World>>,
}

impl All {
    fn new() -> Self {
        let world = World::crates_io("2026-01-01T00:00:00Z".parse().unwrap());
        Self {
            world: Arc::new(Mutex::new(world)),
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    fn registry(&self, ecosystem: Ecosystem) -> SimulatedRegistry {
        let origin = "https://registry.example".parse().unwrap();
        SimulatedRegistry::public(Arc::clone(&self.world), origin).of(ecosystem)
    }

    fn ask(&self, registry: &SimulatedRegistry, name: &str) -> NamespaceEvidence {
        let ecosystem = registry.ecosystem().clone();
        let namespace = Namespace::parse_name(ecosystem, name).unwrap();
        let query = NamespaceQuery::new(namespace, self.world().now());
        registry.gather(&query).now_or_never().unwrap().unwrap()
    }
}

#[test]
fn crates_io_lists_ids_and_since_when_each_published() {
    let all = All::new();
    let alice = all.world().sign_up("alice").unwrap();
    let bob = all.world().sign_up("bob").unwrap();
    let made = all.world().now();
    for (version, by) in [("1.0.0", &alice), ("1.1.0", &alice)] {
        all.world()
            .publish(by, "demo", version, Metadata::new())
            .unwrap();
        all.world().wait(DAY);
    }
    all.world().add_owner(&alice, "demo", "bob").unwrap();
    all.world().accept_invitation(&bob, "demo").unwrap();
    let registry = all.registry(Ecosystem::CARGO);
    let evidence = all.ask(&registry, "Demo");
    let listing = evidence.listing.get().unwrap();
    assert!(listing.tokens_may_add_owners);
    let first: Vec<_> = listing.accounts.iter().map(|l| l.first_published).collect();
    assert_eq!(first, [Some(made), None]);
    assert!(listing.accounts.iter().all(|l| l.basis == ListingBasis::Id));
    assert_eq!(evidence.timeline, Reading::NotOffered);
    let created = evidence.incarnation.get().unwrap();
    assert_eq!(
        (created.kind(), created.value()),
        ("created-at", made.to_string().as_str())
    );
    let nameless = all.ask(&registry.without_ids(), "demo");
    let listing = nameless.listing.get().unwrap();
    let by_name = |l: &ListedAccount| l.basis == ListingBasis::RecyclableName;
    assert!(listing.accounts.iter().all(by_name));
}

#[test]
fn npm_shows_what_its_tags_and_builds_say() {
    let all = All::new();
    let npm = auths_core::Platform::NPM;
    let alice = all.world().sign_up_on(&npm, "alice").unwrap();
    let hub = all.world().sign_up("alice").unwrap();
    let workflow = all.world().create_repository(&hub, "alice/left").unwrap();
    let left: Namespace = "npm:left".parse().unwrap();
    all.world()
        .publish(&alice, "left", "1.0.0", Metadata::new())
        .unwrap();
    all.world().trust(&alice, &left, &workflow).unwrap();
    all.world().wait(DAY);
    let since = all.world().now();
    for version in ["1.1.0", "1.2.0"] {
        all.world()
            .publish(&workflow, &left, version, Metadata::new())
            .unwrap();
        all.world().wait(DAY);
    }
    all.world().tag(&alice, &left, "latest", "1.0.0").unwrap();
    let quiet = all.registry(Ecosystem::NPM);
    let evidence = all.ask(&quiet, "left");
    let timeline = evidence.timeline.get().unwrap();
    assert_eq!(timeline.default_version(), Some("1.0.0"));
    assert_eq!(evidence.provenance, Reading::NotOffered);
    let showing = quiet.showing_provenance();
    let evidence = all.ask(&showing, "left");
    let built = &evidence.provenance.get().unwrap()[0];
    assert_eq!((built.since, built.token_may_publish), (since, true));
    let owner = all.world().account_of_session(&hub).unwrap();
    assert_eq!(owner.id(), Some(&built.owner_id));
    // A release without one ends it.
    all.world()
        .publish(&alice, &left, "1.3.0", Metadata::new())
        .unwrap();
    let evidence = all.ask(&showing, "left");
    assert!(evidence.provenance.get().unwrap().is_empty());
    all.world().quarantine(&left, true).unwrap();
    let held = all.ask(&showing, "left").existence;
    assert!(matches!(held, Existence::Absent(r) if r.reason == RefutedReason::Quarantined));
}

#[test]
fn github_shows_administrators_and_own_names() {
    use crate::world::{Grant, OrgRole};
    use auths_core::evidence::{ListingCompleteness, OwnerRole};
    let all = All::new();
    let alice = all.world().sign_up("alice").unwrap();
    all.world().create_org(&alice, "acme").unwrap();
    for (login, role) in [
        ("bob", OrgRole::Admin),
        ("carol", OrgRole::Member),
        ("dave", OrgRole::BillingManager),
    ] {
        let session = all.world().sign_up(login).unwrap();
        all.world().set_member(&alice, "acme", login, role).unwrap();
        if login != "bob" {
            all.world().accept_membership(&session, "acme").unwrap();
        }
    }
    let github = all.registry(Ecosystem::GITHUB);
    let evidence = all.ask(&github, "acme");
    let listing = evidence.listing.get().unwrap();
    let shown: Vec<_> = listing
        .accounts
        .iter()
        .map(|l| (l.label.as_str(), l.role))
        .collect();
    let expected = [
        ("admin", OwnerRole::Owner),
        ("admin (pending)", OwnerRole::Invited),
        ("member", OwnerRole::Other),
        ("billing_manager", OwnerRole::Other),
    ];
    assert_eq!(shown, expected);
    let id = all.world().org("acme").unwrap().to_string();
    let life = evidence.incarnation.get().unwrap();
    assert_eq!((life.kind(), life.value()), ("org-id", id.as_str()));
    let own = all.ask(&github, "ALICE");
    let own = &own.listing.get().unwrap().accounts;
    assert_eq!((own.len(), own[0].role), (1, OwnerRole::OwnAccount));
    let absent = all.ask(&github, "nobody").existence;
    assert!(matches!(absent, Existence::Absent(_)));

    let reads = |grant| {
        let token = all.world().create_token_for(&alice, &[grant], None);
        let registry = all.registry(Ecosystem::GITHUB);
        registry.see_with(token.unwrap());
        all.ask(&registry, "acme").listing
    };
    let own = reads(Grant::ReadOrg);
    let own = own.get().unwrap();
    assert_eq!(own.accounts.len(), 1);
    assert_eq!(
        own.owners,
        ListingCompleteness::Organization("acme".to_owned())
    );
    assert_eq!(
        reads(Grant::Gist).get().unwrap_err().reason,
        UnavailableReason::MissingScope
    );
    all.world()
        .protect_org(&alice, "acme", true, false)
        .unwrap();
    assert_eq!(
        reads(Grant::ReadOrg).get().unwrap_err().reason,
        UnavailableReason::SsoRequired
    );
}
