//! A second registry, of another shape, held to the same suite and table: names with a scope, accounts with ids, owners on
//! numbered pages, versions in a request of their own.
#![allow(clippy::unwrap_used, reason = "tests")]

mod adapter;
mod server;

use std::sync::Arc;

use adapter::{Depot, PLATFORM};
use auths_core::decide::{check_listing, statement};
use auths_core::evidence::NamespaceEvidence;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, AccountId, Did, Namespace, Policy, Timestamp};
use auths_testkit::conformance::Offers;
use auths_testkit::faults::{Expect, FaultSuite, Field, Route, Seen, TestEndpoint};
use auths_testkit::server::{Received, SimulatedBackend};
use auths_testkit::world::{Metadata, World};

const DID: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

fn depot(site: &TestEndpoint) -> Depot {
    Depot {
        origin: site.origin(),
        transport: site.transport(),
    }
}

fn subject() -> SimulatedBackend<Depot> {
    let offers = Offers::everything()
        .without_account_statements()
        .without_organizations()
        .without_quarantine();
    SimulatedBackend::new(server::world, server::answer, server::SHAPE, depot).offering(offers)
}

auths_testkit::namespace_verifier_conformance!(subject(), tokio);

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A widget that names the DID, with so many owners that they take two pages. Alice, the first account of the world, is on
/// the first.
fn world() -> World {
    let mut world = server::world(start());
    let alice = world.sign_up("alice").unwrap();
    let widget = world.namespace("widget").unwrap();
    let naming = Metadata::new().naming([DID.parse().unwrap()], &widget);
    world.publish(&alice, "widget", "1.0.0", naming).unwrap();
    for i in 1..=60 {
        let login = format!("owner{i}");
        world.sign_up(&login).unwrap();
        world.add_owner(&alice, "widget", &login).unwrap();
    }
    world
}

async fn gather(site: &TestEndpoint) -> Result<NamespaceEvidence, NamespaceError> {
    let widget: Namespace = "depot:acme/widget".parse().unwrap();
    let query = NamespaceQuery::new(widget.at(Some(site.origin())), site.now());
    depot(site).gather(&query).await
}

#[test]
fn the_world_numbers_accounts_and_projects_in_one_row() {
    let mut world = server::world(start());
    let alice = world.sign_up("alice").unwrap(); // 1
    world.sign_up("bob").unwrap(); // 2
    let first = Metadata::new();
    world.publish(&alice, "widget", "1.0.0", first).unwrap(); // the package: 3
    world.sign_up("carol").unwrap(); // 4
    let id = |login: &str| world.account_by_login(&PLATFORM, login).unwrap().id();
    let widget = world.project("widget").unwrap();
    let all = ["alice", "bob", "carol"].map(id);
    assert_eq!((all, widget.id()), ([1, 2, 4], 3));
}

/// Does alice own the widget? She is told by her id.
async fn owned(site: TestEndpoint) -> Seen {
    let alice: Account = "depot:alice".parse().unwrap();
    let alice = alice.with_id(AccountId::new("1").unwrap());
    match gather(&site).await {
        Ok(seen) => {
            let alice = alice.at(Some(site.origin()));
            check_listing(&seen, &alice, &Policy::standard()).into()
        }
        Err(error) => error.into(),
    }
}

/// Do its versions name the DID?
async fn named(site: TestEndpoint) -> Seen {
    let (did, maturity): (Did, _) = (DID.parse().unwrap(), Policy::standard().maturity());
    match gather(&site).await {
        Ok(seen) => match seen.timeline.get() {
            Ok(timeline) => statement(timeline, &did, maturity, site.now()).into(),
            Err(unread) => unread.into(),
        },
        Err(error) => error.into(),
    }
}

#[test]
fn every_fault_on_every_route() {
    let world = Arc::new(world());
    let widget = world.project("widget").unwrap();
    let (first, second) = (
        server::owners(&world, widget, 1),
        server::owners(&world, widget, 2),
    );
    let before = first["owners"].clone();
    let (package, versions) = (server::package(widget), server::versions(widget));
    let served = world.clone();
    let beside = move |request: &Received| server::answer(&served, request);
    let path = "/packages/acme/widget";
    let owners = format!("{path}/owners");
    let page = |number: &'static str| {
        let path = owners.clone();
        move |request: &Received| {
            request.path == path && request.query_value("page").as_deref() == Some(number)
        }
    };
    let owner = [
        "/package",
        "/id",
        "/page",
        "/more",
        "/owners",
        "/owners/0/id",
        "/owners/0/login",
    ];
    let access = Field::new("/owners/0/access").closed();
    let version = [
        "/package",
        "/id",
        "/versions",
        "/versions/0",
        "/versions/0/version",
        "/versions/0/published_at",
        "/versions/0/yanked",
        "/versions/0/statements",
    ];
    let report = FaultSuite::new().at(start()).run(&[
        Route::new("package", path, package, named)
            .beside(beside.clone())
            .fields(["/package", "/id", "/latest"].map(Field::new))
            .identity("/package", "acme/gadget"),
        Route::new("first page of owners", &owners, first, owned)
            .asked_by(page("1"))
            .beside(beside.clone())
            .fields(owner.map(Field::new))
            .fields([access.clone()])
            .identity("/package", "acme/gadget")
            .identity("/id", 9)
            .identity("/page", 2),
        Route::new("second page of owners", &owners, second, owned)
            .asked_by(page("2"))
            .beside(beside.clone())
            .fields(owner.map(Field::new))
            .fields([access.clone()])
            .identity("/package", "acme/gadget")
            .identity("/id", 9)
            .identity("/page", 1)
            // The number of this page, and the owners of the first.
            .identity("/owners", before),
        Route::new("versions", format!("{path}/versions"), versions, named)
            .beside(beside)
            .fields(version.map(Field::new))
            // A version without statements names nobody.
            .expect("/versions/0/statements an empty list", Expect::NO)
            .identity("/package", "acme/gadget")
            .identity("/id", 9),
    ]);
    println!("{report}");
    report.assert_held(150);
}
