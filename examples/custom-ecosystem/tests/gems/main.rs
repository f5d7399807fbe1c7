//! A third registry, of the shape of RubyGems, held to the same suite and table: owners and releases are bare lists, the registry
//! says no in plain text, tokens add owners, and withdrawn releases vanish.
#![allow(clippy::unwrap_used, reason = "tests")]

mod adapter;
mod server;

use std::sync::Arc;

use adapter::{Gems, NO};
use auths_core::decide::statement;
use auths_core::evidence::{Existence, NamespaceEvidence};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, AccountId, Did, Namespace, Policy, Timestamp};
use auths_testkit::conformance::Offers;
use auths_testkit::faults::{Expect, FaultSuite, Field, Route, Seen, TestEndpoint};
use auths_testkit::server::{Received, Shape, SimulatedBackend};
use auths_testkit::world::{Metadata, World};

const DID: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

fn gems(site: &TestEndpoint) -> Gems {
    Gems::at(site.origin(), site.transport())
}

fn subject() -> SimulatedBackend<Gems> {
    let offers = Offers::everything()
        .hiding_withdrawn()
        .without_lesser_role()
        .without_reader_role()
        .without_account_statements()
        .without_organizations()
        .without_quarantine()
        .without_pages();
    let shape = Shape {
        name: "/name",
        owners: "/owners",
    };
    SimulatedBackend::new(server::world, server::answer, shape, gems)
        .shaped_by(server::shape)
        .offering(offers)
}

auths_testkit::namespace_verifier_conformance!(subject(), tokio);

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A widget of alice's that names the DID.
fn world() -> World {
    let mut world = server::world(start());
    let alice = world.sign_up("alice").unwrap();
    let widget = world.namespace("widget").unwrap();
    let naming = Metadata::new().naming([DID.parse().unwrap()], &widget);
    world.publish(&alice, "widget", "1.0.0", naming).unwrap();
    world
}

async fn gather(site: &TestEndpoint) -> Result<NamespaceEvidence, NamespaceError> {
    let widget: Namespace = "gems:widget".parse().unwrap();
    let query = NamespaceQuery::new(widget.at(Some(site.origin())), site.now());
    gems(site).gather(&query).await
}

/// Does alice own the widget? She is told by her id.
async fn owned(site: TestEndpoint) -> Seen {
    let alice: Account = "gems:alice".parse().unwrap();
    let alice = alice.with_id(AccountId::new("1").unwrap());
    let alice = alice.at(Some(site.origin()));
    let seen = match gather(&site).await {
        Ok(seen) => seen,
        Err(error) => return error.into(),
    };
    if let Existence::Absent(refuted) = seen.existence {
        return Seen::No(refuted.to_string());
    }
    match seen.listing.get() {
        Ok(listing) if listing.accounts.iter().any(|a| a.account.same_as(&alice)) => Seen::Yes,
        Ok(_) => Seen::No("alice is not listed".into()),
        Err(why) => why.into(),
    }
}

/// Do its releases name the DID?
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
    let (owners, releases) = (server::owners(&world, widget), server::releases(widget));
    let package = server::package(widget);
    let served = world.clone();
    let beside = move |request: &Received| server::answer(&served, request);
    let path = "/packages/widget";
    let release = ["/0", "/0/version", "/0/created_at", "/0/statements"];
    let report = FaultSuite::new().at(start()).run(&[
        Route::new("package", path, package, named)
            .beside(beside.clone())
            .fields(["/id", "/name", "/version"].map(Field::new))
            .identity("/name", "gadget"),
        Route::new("owners", format!("{path}/owners"), owners, owned)
            .beside(beside.clone())
            .bare_list()
            .fields(["/0", "/0/id", "/0/handle"].map(Field::new)),
        Route::new("releases", format!("{path}/releases"), releases, named)
            .beside(beside)
            .bare_list()
            .fields(release.map(Field::new))
            // A release without statements names nobody.
            .expect("/0/statements an empty list", Expect::NO),
        Route::new("that there is none", path, NO.into(), owned).says_no_in_text(404),
    ]);
    println!("{report}");
    report.assert_held(150);
}
