//! The whole table of faults on the one route: a fault is never a yes and never a no.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use auths_adapters_npm::{Npm, NpmConfig};
use auths_core::decide::{check_listing, statement};
use auths_core::evidence::{Existence, NamespaceEvidence};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Namespace, Policy, UnavailableReason};
use auths_testkit::faults::{Expect, FaultSuite, Field, MAX_BYTES, Route, Seen, TestEndpoint};
use common::*;
use serde_json::json;

/// Asks the adapter about left.
async fn gather(
    site: &TestEndpoint,
    listing_only: bool,
) -> Result<NamespaceEvidence, NamespaceError> {
    let config = NpmConfig::at(site.origin()).with_max_bytes(MAX_BYTES as u64);
    let npm = Npm::new(config, site.transport());
    let left: Namespace = "npm:left".parse().unwrap();
    let query = NamespaceQuery::new(left.at(Some(site.origin())), site.now());
    let query = if listing_only {
        query.listing_only()
    } else {
        query
    };
    npm.gather(&query).await
}

/// Is Alice listed?
async fn listed(site: TestEndpoint) -> Seen {
    let alice: Account = "npm:alice".parse().unwrap();
    let alice = alice.at(Some(site.origin()));
    match gather(&site, true).await {
        Ok(evidence) => check_listing(&evidence, &alice, &Policy::standard()).into(),
        Err(error) => error.into(),
    }
}

/// Do the releases name the DID?
async fn named(site: TestEndpoint) -> Seen {
    let evidence = match gather(&site, false).await {
        Ok(evidence) => evidence,
        Err(error) => return error.into(),
    };
    if let Existence::Absent(refuted) = &evidence.existence {
        return Seen::No(refuted.to_string());
    }
    let maturity = Policy::standard().maturity();
    match evidence.timeline.get() {
        Err(unavailable) => unavailable.into(),
        Ok(timeline) => statement(timeline, &did(A), maturity, site.now()).into(),
    }
}

/// Which life of the name is it?
async fn life(site: TestEndpoint) -> Seen {
    match gather(&site, true).await {
        Ok(evidence) => match &evidence.existence {
            Existence::Absent(refuted) => Seen::No(refuted.to_string()),
            _ => evidence.incarnation.get().into(),
        },
        Err(error) => error.into(),
    }
}

/// Is there no such package?
async fn absent(site: TestEndpoint) -> Seen {
    match gather(&site, false).await {
        Ok(evidence) => match evidence.existence {
            Existence::Absent(refuted) => Seen::No(refuted.to_string()),
            _ => Seen::Yes,
        },
        Err(error) => error.into(),
    }
}

#[test]
fn every_fault_on_every_question() {
    let revision = || Field::new("/_rev").or_missing().or_null().or_empty();
    // Whatever a publisher writes there says nothing, and so names nobody.
    let odd = [
        "missing",
        "null",
        "a truth value",
        "a number",
        "a text",
        "a list",
        "an empty text",
        "an empty list",
        "an empty object",
    ];
    let about_releases = Route::new("the releases", "/left", packument(), named)
        .fields([
            Field::new("/name"),
            revision(),
            Field::new("/versions"),
            Field::new("/versions/1.2.0"),
            Field::new("/versions/1.2.0/auths"),
            Field::new("/time"),
            Field::new("/time/1.2.0"),
            Field::new("/dist-tags"),
            Field::new("/dist-tags/latest"),
        ])
        // That is how an unpublished version looks: what it said is gone.
        .expect(
            "/versions/1.2.0 missing",
            Expect::unavailable(&[UnavailableReason::ReleaseGone]),
        )
        .expect(
            "/time an empty object",
            Expect::unavailable(&[UnavailableReason::Empty]),
        )
        // A publisher who names nobody names nobody.
        .expect("/versions/1.2.0 an empty object", Expect::NO)
        .expect("/versions/1.2.0/auths its values alone", Expect::NO)
        .identity("/name", "Left");
    let about_releases = odd.iter().fold(about_releases, |route, odd| {
        route.expect(format!("/versions/1.2.0/auths {odd}"), Expect::NO)
    });
    let gone = json!({
        "_id": "left", "_rev": "9-00", "name": "left",
        "time": { "created": "2026-01-01T10:00:00.250Z", "1.0.0": "2026-01-01T10:00:00.500Z",
            "unpublished": { "time": "2026-02-01T00:00:00.000Z", "versions": ["1.0.0"] } },
    });
    let report = FaultSuite::new().at(now()).run(&[
        Route::new("the listing", "/left", packument(), listed)
            .fields([
                Field::new("/name"),
                revision(),
                Field::new("/maintainers"),
                Field::new("/maintainers/0"),
                Field::new("/maintainers/0/name"),
                Field::new("/versions"),
                Field::new("/time"),
            ])
            .identity("/name", "Left")
            .expect(
                "/maintainers/0 missing",
                Expect::unavailable(&[UnavailableReason::Empty]),
            ),
        about_releases,
        Route::new("which life of the name", "/left", packument(), life)
            .fields([
                Field::new("/name"),
                Field::new("/versions"),
                Field::new("/time"),
                Field::new("/time/created"),
                Field::new("/time/1.2.0"),
                Field::new("/time/1.0.0"),
            ])
            .identity("/name", "Left"),
        Route::new("an unpublished package", "/left", gone, absent)
            .says_no()
            .fields([Field::new("/name")])
            .identity("/name", "Left"),
    ]);
    println!("{report}");
    report.assert_held(150);
}
