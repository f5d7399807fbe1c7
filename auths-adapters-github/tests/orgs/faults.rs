//! The whole table of faults on each route: a fault is never a yes and never a no.

use auths_adapters_github::{GitHubConfig, GitHubOrgs};
use auths_core::UnavailableReason::{self, *};
use auths_core::decide::{check_age, check_listing};
use auths_core::evidence::Existence;
use auths_core::ports::{NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, AccountId, Namespace, Platform, Policy};
use auths_testkit::faults::{Expect, FaultSuite, Field, MAX_BYTES, Route, Seen, TestEndpoint};
use auths_testkit::server::{Received, Reply};
use secrecy::SecretString;
use serde_json::json;

use crate::common::*;

fn orgs(site: &TestEndpoint) -> GitHubOrgs {
    let config = GitHubConfig::at(site.origin()).with_max_bytes(MAX_BYTES as u64);
    GitHubOrgs::new(config, site.transport())
}

fn acme(site: &TestEndpoint) -> Namespace {
    let acme: Namespace = "github:acme".parse().unwrap();
    acme.at(Some(site.origin()))
}

fn token() -> SecretString {
    TOKEN.into()
}

/// Is acme among what the token's account has?
async fn listed(site: TestEndpoint) -> Seen {
    match orgs(&site).org_namespaces(&token(), site.now()).await {
        Ok(held) => held.owns(&acme(&site), site.now()).map(|_| ()).into(),
        Err(obstacle) => obstacle.into(),
    }
}

/// Is the token's account an Owner of acme?
async fn owner(site: TestEndpoint) -> Seen {
    match orgs(&site)
        .membership(&token(), &acme(&site), site.now())
        .await
    {
        Ok(membership) => membership.is_owner(site.now()).into(),
        Err(obstacle) => obstacle.into(),
    }
}

/// Is alice listed for acme, by evidence?
async fn evidence(site: TestEndpoint) -> Seen {
    let alice = Account::parse_login(Platform::GITHUB, "alice").unwrap();
    let alice = alice
        .with_id(AccountId::new("7").unwrap())
        .at(Some(site.origin()));
    let query = NamespaceQuery::new(acme(&site), site.now());
    match orgs(&site).reading_as(token()).gather(&query).await {
        Ok(seen) => match seen.existence {
            Existence::Absent(refuted) => Seen::No(refuted.to_string()),
            _ => match check_age(&seen, &Policy::standard(), site.now()) {
                Ok(()) => check_listing(&seen, &alice, &Policy::standard()).into(),
                Err(stale) => stale.into(),
            },
        },
        Err(error) => error.into(),
    }
}

fn beside(request: &Received) -> Reply {
    let reply = match request.path.as_str() {
        "/user" => Reply::json(200, user("alice", 7, "User")),
        "/users/acme" => Reply::json(200, user("acme", 9, "Organization")),
        "/user/memberships/orgs/acme" => Reply::json(200, membership(9, "acme", "admin", "active")),
        "/user/memberships/orgs" => {
            Reply::json(200, json!([membership(9, "acme", "admin", "active")]))
        }
        _ => return own_404(),
    };
    reply.header("x-oauth-scopes", "read:org")
}

/// What each kind of 403 says, told apart. What is old is no word about a role, nor
/// what a wrong clock dates.
fn narrowed(route: Route<'_>) -> Route<'_> {
    const ROWS: &[(&str, &[UnavailableReason])] = &[
        ("401", &[Forbidden]),
        ("401 with the good body", &[Forbidden]),
        ("403", &[Forbidden]),
        ("403 with the good body", &[Forbidden]),
        ("403 block page", &[Forbidden]),
        ("403 rate limit", &[RateLimited]),
        ("403 secondary rate limit", &[RateLimited]),
        ("403 single sign-on", &[SsoRequired]),
        ("403 missing permission", &[TokenKind]),
        ("403 missing scope", &[MissingScope]),
        ("good: nine minutes ahead", &[ClockSkew]),
        ("good: an hour old, from a cache", &[StaleEvidence]),
        (
            "good: an hour old, from a cache that dates anew",
            &[StaleEvidence],
        ),
    ];
    // A 429 that names no time is a secondary limit: GitHub asks to wait a minute then.
    let minute = Expect::unavailable(&[RateLimited]).after(60);
    let throttled = [
        "429",
        "429 after nonsense",
        "429 after less than nothing",
        "429 after a part",
    ];
    let route = throttled
        .into_iter()
        .fold(route, |route, row| route.expect(row, minute));
    ROWS.iter().fold(route, |route, (row, why)| {
        route.expect(*row, Expect::unavailable(why))
    })
}

fn membership_fields() -> [Field; 5] {
    [
        Field::new("/state").closed(),
        Field::new("/role").closed(),
        Field::new("/organization"),
        Field::new("/organization/login"),
        Field::new("/organization/id"),
    ]
}

#[test]
fn every_fault_on_every_route() {
    let route = |name: &str, path: &str, good, by_list: bool| {
        let route = match by_list {
            true => Route::new(name, path, good, listed),
            false => Route::new(name, path, good, owner),
        };
        route.beside(beside)
    };
    let own = || [Field::new("/login"), Field::new("/id"), Field::new("/type")];
    let one = membership(9, "acme", "admin", "active");
    let report = FaultSuite::new().at(now()).run(&[
        narrowed(route(
            "whose token",
            "/user",
            user("alice", 7, "User"),
            true,
        ))
        .fields(own())
        .expect("/type an empty text", Expect::NO),
        narrowed(route(
            "by list",
            "/user/memberships/orgs",
            json!([one.clone()]),
            true,
        ))
        .pages()
        // Without a word of scopes: the kind of token that is answered as if there were nothing.
        .expect("an empty list", Expect::unavailable(&[TokenKind]))
        .fields([
            Field::new("/0/state").closed(),
            Field::new("/0/role").closed(),
            Field::new("/0/organization"),
            Field::new("/0/organization/login"),
            Field::new("/0/organization/id"),
            // GitHub leaves it out for some: the token's own account was asked about.
            Field::new("/0/user").or_missing().or_null(),
            Field::new("/0/user/id"),
        ])
        .identity("/0/user/id", 8),
        narrowed(route(
            "by name",
            "/user/memberships/orgs/acme",
            one.clone(),
            false,
        ))
        .fields(membership_fields())
        .fields([
            Field::new("/user").or_missing().or_null(),
            Field::new("/user/id"),
        ])
        .identity("/user/id", 8)
        .identity("/organization/id", 8)
        .identity("/organization/login", "other"),
        narrowed(route(
            "whose name",
            "/users/acme",
            user("acme", 9, "Organization"),
            false,
        ))
        .fields(own())
        .identity("/login", "other")
        .identity("/id", 8),
        narrowed(Route::new(
            "as evidence",
            "/user/memberships/orgs/acme",
            one,
            evidence,
        ))
        .beside(beside)
        .fields(membership_fields())
        .identity("/user/id", 8),
    ]);
    println!("{report}");
    report.assert_held(150);
    assert_eq!(report.counts.len(), 5);
}
