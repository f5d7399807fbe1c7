//! The whole table of faults on each route: a fault is never a yes and never a no.

use auths_adapters_github::{CratesIo, CratesIoConfig};
use auths_core::decide::check_listing;
use auths_core::evidence::{Existence, NamespaceEvidence};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Namespace, Policy, UnavailableReason};
use auths_testkit::faults::{Expect, FaultSuite, Field, MAX_BYTES, Route, Seen, TestEndpoint};
use auths_testkit::server::Received;
use serde_json::json;

use crate::common::*;

async fn gather(site: &TestEndpoint) -> Result<NamespaceEvidence, NamespaceError> {
    let config = CratesIoConfig::at(site.origin()).with_max_bytes(MAX_BYTES as u64);
    let crates_io = CratesIo::new(config, site.transport());
    let name: Namespace = "cargo:demo-crate".parse().unwrap();
    let query = NamespaceQuery::new(name.at(Some(site.origin())), site.now());
    crates_io.gather(&query).await
}

/// Is alice an owner, as who made the crate?
async fn listed(site: TestEndpoint) -> Seen {
    let alice = github("alice", "7").at(Some(site.origin()));
    match gather(&site).await {
        Ok(evidence) => check_listing(&evidence, &alice, &Policy::standard()).into(),
        Err(error) => error.into(),
    }
}

/// Is it there, and which life of the name is it?
async fn alive(site: TestEndpoint) -> Seen {
    match gather(&site).await {
        Ok(evidence) => match evidence.existence {
            Existence::Absent(refuted) => Seen::No(refuted.to_string()),
            _ => evidence.incarnation.get().map(|_| ()).into(),
        },
        Err(error) => error.into(),
    }
}

/// crates.io knows nothing of scopes, single sign-on and GitHub's headers for its limits: every 403 that does not ask to wait is a
/// refusal.
fn refused(route: Route<'_>) -> Route<'_> {
    let rows = [
        "403",
        "403 with the good body",
        "403 rate limit",
        "403 single sign-on",
        "403 missing permission",
        "403 missing scope",
        "401",
        "401 with the good body",
    ];
    let expect = Expect::unavailable(&[UnavailableReason::Forbidden]);
    let later = Expect::unavailable(&[UnavailableReason::RateLimited]).after(7);
    rows.into_iter()
        .fold(route, |route, row| route.expect(row, expect))
        .expect("403 secondary rate limit", later)
}

/// Texts that only people read, or that only an old server is asked for: an odd one is as good as none.
fn costs_nothing<'a>(route: Route<'a>, fields: &[&str]) -> Route<'a> {
    let kinds = [
        "a truth value",
        "a number",
        "a list",
        "an object",
        "an empty list",
        "an empty object",
        "twice",
    ];
    let rows = fields
        .iter()
        .flat_map(|field| kinds.map(|kind| format!("{field} {kind}")));
    rows.fold(route, |route, row| route.expect(row, Expect::GOOD))
}

fn path(path: &'static str) -> impl Fn(&Received) -> bool + Send + Sync {
    move |request| request.path == path
}

#[test]
fn every_fault_on_every_route() {
    let owners = json!({ "users": [owner(1, "alice-rs", 7, "alice")] });
    let alone = owners.clone();
    let beside = move |request: &Received| match request.path.as_str() {
        "/api/v1/crates/demo-crate/owners" => auths_testkit::server::Reply::json(200, &alone),
        _ => registry(request),
    };
    let krate_path = "/api/v1/crates/demo-crate";
    let fields = || {
        [
            Field::new("/crate"),
            Field::new("/crate/name"),
            Field::new("/crate/created_at"),
            Field::new("/versions"),
            Field::new("/versions/2/crate"),
            Field::new("/versions/2/created_at"),
            Field::new("/versions/2/published_by/id"),
        ]
    };
    let versions = || ("/versions an empty list", Expect::GOOD);
    let unknown_publisher = || Field::new("/versions/2/published_by").or_null();
    let report = FaultSuite::new().at(now()).run(&[
        refused(Route::new("the crate", krate_path, krate(), alive))
            .asked_by(|request| request.query.as_deref() == Some("include=versions"))
            .beside(beside.clone())
            .fields(fields())
            .fields([unknown_publisher()])
            .identity("/crate/name", "other")
            .identity("/versions/2/crate", "other")
            .expect(versions().0, versions().1),
        costs_nothing(
            refused(Route::new("the owners", krate_path, owners, listed)),
            &["/users/0/url", "/users/0/avatar"],
        )
        .asked_by(path("/api/v1/crates/demo-crate/owners"))
        .beside(beside.clone())
        .fields([
            Field::new("/users"),
            Field::new("/users/0/id"),
            Field::new("/users/0/kind").closed(),
            Field::new("/users/0/login"),
            // Read only of servers that are too old to say what is linked.
            Field::new("/users/0/url").or_missing().or_null().or_empty(),
            Field::new("/users/0/avatar")
                .or_missing()
                .or_null()
                .or_empty(),
        ]),
        refused(Route::new(
            "the crate again",
            krate_path,
            json!({ "crate": krate()["crate"], "versions": null }),
            listed,
        ))
        .asked_by(|request| request.query.as_deref() == Some("include="))
        .beside(beside.clone())
        .fields(["/crate", "/crate/name", "/crate/created_at"].map(Field::new))
        .identity("/crate/name", "other")
        .identity("/crate/created_at", "2026-11-20T03:04:05.678901+00:00"),
        costs_nothing(
            refused(Route::new(
                "an owner's links",
                krate_path,
                user(1, "alice-rs", 7, "alice"),
                listed,
            )),
            &["/linked_accounts/0/login"],
        )
        .asked_by(path("/api/v1/users/alice-rs"))
        .beside(beside)
        .fields([
            Field::new("/user"),
            Field::new("/user/id"),
            // Missing, it is an old server: the id in the picture's address is a name, and says so.
            Field::new("/linked_accounts").or_missing(),
            Field::new("/linked_accounts/0/provider"),
            Field::new("/linked_accounts/0/account_id"),
            Field::new("/linked_accounts/0/login")
                .or_missing()
                .or_null()
                .or_empty(),
        ])
        .identity("/user/id", 2)
        // An account without any is none of GitHub's.
        .expect("/linked_accounts an empty list", Expect::NO),
    ]);
    println!("{report}");
    report.assert_held(150);
    assert_eq!(report.counts.len(), 4);
}
