//! The whole table of faults: none is ever a yes or a no.
#![allow(clippy::unwrap_used, reason = "tests")]

mod shelf;

use auths_core::decide::{check_listing, statement};
use auths_core::evidence::NamespaceEvidence;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Did, Namespace, Policy, Timestamp};
use auths_testkit::faults::{Expect, FaultSuite, Field, Route, Seen, TestEndpoint};
use auths_testkit::world::{Metadata, World};
use custom_ecosystem::Shelf;
use serde_json::{Value, json};

const DID: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// What Shelf answers about a widget that alice keeps, and whose editions name the DID.
fn good() -> Value {
    let mut world: World = shelf::world(start());
    let alice = world.sign_up("alice").unwrap();
    let widget = world.namespace("widget").unwrap();
    let naming = Metadata::new().naming([DID.parse().unwrap()], &widget);
    world.publish(&alice, "widget", "1.0.0", naming).unwrap();
    let work = world.project("widget").unwrap();
    shelf::body(&world, work)
}

async fn gather(site: &TestEndpoint) -> Result<NamespaceEvidence, NamespaceError> {
    let widget: Namespace = "shelf:widget".parse().unwrap();
    let query = NamespaceQuery::new(widget.at(Some(site.origin())), site.now());
    Shelf::at(site.origin(), site.transport())
        .gather(&query)
        .await
}

/// Does alice keep the widget?
async fn kept(site: TestEndpoint) -> Seen {
    let alice: Account = "shelf:alice".parse().unwrap();
    let alice = alice.at(Some(site.origin()));
    match gather(&site).await {
        Ok(seen) => check_listing(&seen, &alice, &Policy::standard()).into(),
        Err(error) => error.into(),
    }
}

/// Do its editions name the DID?
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
    let always = ["/name", "/registered", "/keepers", "/editions"].map(Field::new);
    let role = Field::new("/keepers/0/role").closed();
    let keeper = [
        Field::new("/keepers/0"),
        Field::new("/keepers/0/login"),
        role,
    ];
    let edition = [
        "/editions/0",
        "/editions/0/number",
        "/editions/0/shelved",
        "/editions/0/withdrawn",
        "/editions/0/voices",
        "/current",
    ];
    let no = json!({ "error": "no-such-work", "name": "widget" });
    let report = FaultSuite::new().at(start()).run(&[
        Route::new("who keeps it", "/works/widget", good(), kept)
            .fields(always.clone())
            .fields(keeper)
            // Who keeps it does not rest on its editions.
            .expect("/editions an empty list", Expect::GOOD)
            .identity("/name", "gadget"),
        Route::new("whom it names", "/works/widget", good(), named)
            .fields(always)
            .fields(edition.map(Field::new))
            // Nor whom it names on its keepers. An edition without voices names nobody.
            .expect("/keepers an empty list", Expect::GOOD)
            .expect("/editions/0/voices an empty list", Expect::NO)
            .identity("/name", "gadget"),
        // Its own no, and everything that only looks like it.
        Route::new("that there is none", "/works/widget", no, kept)
            .says_no_by(404)
            .fields(["/error", "/name"].map(Field::new))
            .identity("/name", "gadget"),
    ]);
    println!("{report}");
    report.assert_held(150);
}
