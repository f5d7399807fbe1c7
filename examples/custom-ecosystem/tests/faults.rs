//! The whole table of faults: none is ever a yes or a no.
#![allow(clippy::unwrap_used, reason = "tests")]

mod example;

use auths_core::decide::{check_listing, statement};
use auths_core::evidence::NamespaceEvidence;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Did, Namespace, Policy, Timestamp, UnavailableReason};
use auths_testkit::faults::{Expect, FaultSuite, Field, Route, Seen, TestEndpoint};
use auths_testkit::world::{Metadata, World};
use custom_ecosystem::ExampleRegistry;
use serde_json::{Value, json};

const DID: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// What the registry answers about a widget that alice owns, and whose releases name the DID.
fn good() -> Value {
    let mut world: World = example::world(start());
    let alice = world.sign_up("alice").unwrap();
    let widget = world.namespace("widget").unwrap();
    let naming = Metadata::new().naming([DID.parse().unwrap()], &widget);
    world.publish(&alice, "widget", "1.0.0", naming).unwrap();
    let package = world.project("widget").unwrap();
    example::body(&world, package)
}

async fn gather(site: &TestEndpoint) -> Result<NamespaceEvidence, NamespaceError> {
    let widget: Namespace = "example:widget".parse().unwrap();
    let query = NamespaceQuery::new(widget.at(Some(site.origin())), site.now());
    ExampleRegistry::at(site.origin(), site.transport())
        .gather(&query)
        .await
}

/// Does alice own the widget?
async fn owned(site: TestEndpoint) -> Seen {
    let alice: Account = "example:alice".parse().unwrap();
    let alice = alice.at(Some(site.origin()));
    match gather(&site).await {
        Ok(seen) => check_listing(&seen, &alice, &Policy::standard()).into(),
        Err(error) => error.into(),
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
    let always = ["/name", "/registered", "/owners", "/releases"].map(Field::new);
    let role = Field::new("/owners/0/role").closed();
    let owner = [Field::new("/owners/0"), Field::new("/owners/0/login"), role];
    let release = [
        "/releases/0",
        "/releases/0/version",
        "/releases/0/published",
        "/releases/0/withdrawn",
        "/releases/0/statements",
        "/latest",
    ];
    let timeless = Expect::unavailable(&[UnavailableReason::ReleaseWithoutTime]);
    let no = json!({ "error": "no-such-package", "name": "widget" });
    let report = FaultSuite::new().at(start()).run(&[
        Route::new("who owns it", "/packages/widget", good(), owned)
            .fields(always.clone())
            .fields(owner)
            // Who owns it does not rest on its releases.
            .expect("/releases an empty list", Expect::GOOD)
            .identity("/name", "gadget"),
        Route::new("whom it names", "/packages/widget", good(), named)
            .fields(always)
            .fields(release.map(Field::new))
            // Nor whom it names on its owners. A release without statements names nobody.
            .expect("/owners an empty list", Expect::GOOD)
            .expect("/releases/0/statements an empty list", Expect::NO)
            .expect("/releases/0/published missing", timeless)
            .expect("/releases/0/published null", timeless)
            .identity("/name", "gadget"),
        // Its own no, and everything that only looks like it.
        Route::new("that there is none", "/packages/widget", no, owned)
            .says_no_by(404)
            .fields(["/error", "/name"].map(Field::new))
            .identity("/name", "gadget"),
    ]);
    println!("{report}");
    report.assert_held(150);
}
