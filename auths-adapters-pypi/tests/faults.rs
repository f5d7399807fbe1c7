//! The whole table of faults on each route: a fault is never a yes and never a no.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::decide::{check_listing, statement};
use auths_core::evidence::{Existence, NamespaceEvidence};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Namespace, Policy, UnavailableReason};
use auths_testkit::faults::{Expect, FaultSuite, Field, MAX_BYTES, Route, Seen, TestEndpoint};
use common::*;
use serde_json::json;

/// The 404s that are not the JSON API's.
const FOREIGN: &[&str] = &[
    "404 web page",
    "404 without a word",
    "404 in JSON, an error",
    "404 in JSON, a detail",
    "404 in JSON, a code",
];
const SIMPLE: &str = "application/vnd.pypi.simple.v1+json";

/// Asks the adapter about six.
async fn gather(
    site: &TestEndpoint,
    listing_only: bool,
) -> Result<NamespaceEvidence, NamespaceError> {
    let config = PyPiConfig::at(site.origin())
        .with_max_project_bytes(MAX_BYTES as u64)
        .with_max_release_bytes(MAX_BYTES as u64);
    let pypi = PyPi::new(config, site.transport());
    let six: Namespace = "pypi:six".parse().unwrap();
    let query = NamespaceQuery::new(six.at(Some(site.origin())), site.now());
    let query = if listing_only {
        query.listing_only()
    } else {
        query
    };
    pypi.gather(&query).await
}

/// Is Alice listed?
async fn listed(site: TestEndpoint) -> Seen {
    let alice: Account = "pypi:alice".parse().unwrap();
    let alice = alice.at(Some(site.origin()));
    match gather(&site, true).await {
        Ok(evidence) => check_listing(&evidence, &alice, &Policy::standard()).into(),
        Err(error) => error.into(),
    }
}

/// Do the releases name the DID, and was every release read that this needs?
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
        Ok(timeline) => match timeline.why_stopped() {
            Some(why) => why.clone().into(),
            None => statement(timeline, &did(A), maturity, site.now()).into(),
        },
    }
}

/// Is there no such project?
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
fn every_fault_on_every_route() {
    // A 404 may be anybody's: only the API's own word, `{"message":"Not Found"}` is a no.
    let foreign = |route: Route<'static>| {
        FOREIGN.iter().fold(route, |route, row| {
            route.expect(
                *row,
                Expect::unavailable(&[UnavailableReason::UnexpectedStatus]),
            )
        })
    };
    // What is odd in the release that the project's answer shows is read again, from that release's own answer.
    let again = |route: Route<'static>| {
        let either = ["a truth value", "a number", "a list", "an empty list"];
        let urls = ["a text", "an empty text", "its values alone"];
        let keywords = ["an object", "an empty object"];
        let of = |field: &str, kinds: &[&str]| {
            let rows = either.iter().chain(kinds);
            rows.map(|kind| format!("{field} {kind}"))
                .collect::<Vec<_>>()
        };
        let rows = [
            of("/info/project_urls", &urls),
            of("/info/keywords", &keywords),
        ];
        rows.concat()
            .iter()
            .fold(route, |route, row| route.expect(row, Expect::GOOD))
    };
    let serial = || Field::new("/last_serial").or_missing().or_null();
    let info = || [Field::new("/info"), Field::new("/info/name"), serial()];
    // An odd serial is as good as none: good, but where an answer with one was seen before, or stands beside it.
    let as_missing = Expect::unavailable(&[UnavailableReason::MissingField]).or_good();
    let odd_serial = |route: Route<'static>| {
        let kinds = ["a truth value", "a text", "a list", "an object"];
        let empty = ["an empty text", "an empty list", "an empty object"];
        let rows = kinds.iter().chain(&empty);
        rows.fold(route, |route, kind| {
            route.expect(format!("/last_serial {kind}"), as_missing)
        })
    };
    let quarantined = json!({
        "meta": { "api-version": "1.4", "_last-serial": 700 }, "name": "six", "versions": [], "files": [],
        "project-status": { "status": "quarantined" },
    });
    let report = FaultSuite::new().at(now()).run(&[
        odd_serial(foreign(
            Route::new("the project's listing", "/pypi/six/json", project(), listed)
                .on_404(Expect::NO),
        ))
        .fields(info())
        .fields([
            Field::new("/ownership"),
            Field::new("/ownership/roles"),
            Field::new("/ownership/roles/0/role").closed(),
            Field::new("/ownership/roles/0/user"),
            Field::new("/ownership/organization"),
        ])
        .identity("/info/name", "seven")
        // Whoever is listed directly is an owner beside the organisation too.
        .expect("/ownership/organization a text", Expect::GOOD)
        .expect("/ownership/organization an empty text", Expect::GOOD),
        again(odd_serial(foreign(
            Route::new("the project's releases", "/pypi/six/json", project(), named)
                .on_404(Expect::NO),
        )))
        .beside(pypi)
        .fields(info())
        .fields([
            Field::new("/releases"),
            Field::new("/releases/1.2.0"),
            Field::new("/releases/1.2.0/0/upload_time_iso_8601"),
            Field::new("/releases/1.2.0/0/yanked"),
            Field::new("/info/version"),
            // Where they are missing, the newest release's own answer is asked for.
            Field::new("/info/project_urls").or_missing(),
            Field::new("/info/keywords")
                .or_missing()
                .or_null()
                .or_empty(),
        ])
        // A publisher who gave none named nobody.
        .expect("/info/project_urls null", Expect::NO)
        .expect("/info/project_urls an empty object", Expect::NO)
        .identity("/info/name", "seven"),
        foreign(Route::new(
            "a release",
            "/pypi/six/1.1.0/json",
            release("1.1.0", Some(A)),
            named,
        ))
        .beside(pypi)
        .fields(info())
        .fields([
            Field::new("/info/version"),
            // The release after it names the DID, and is mature by itself.
            Field::new("/info/project_urls").or_null().or_empty(),
            Field::new("/info/keywords").or_null().or_empty(),
        ])
        .identity("/info/name", "seven")
        .identity("/info/version", "1.0.0"),
        Route::new("the simple index", "/simple/six/", quarantined, absent)
            .beside(not_found)
            .says_no()
            .media_type(SIMPLE)
            .header("x-pypi-last-serial", "700")
            .fields([
                Field::new("/meta"),
                Field::new("/meta/api-version"),
                Field::new("/meta/_last-serial").or_missing().or_null(),
                Field::new("/name"),
                Field::new("/files"),
                Field::new("/versions"),
                // PEP 792: no marker is an active project; here, one without files.
                Field::new("/project-status")
                    .or_missing()
                    .or_null()
                    .or_empty(),
                Field::new("/project-status/status")
                    .or_missing()
                    .or_null()
                    .closed(),
            ])
            .identity("/name", "seven")
            .on_404(Expect::NO),
    ]);
    println!("{report}");
    report.assert_held(150);
    assert_eq!(report.counts.len(), 4);
}
