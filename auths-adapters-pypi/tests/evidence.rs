//! What the adapter makes of a project over a real socket, and with how many requests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use auths_core::Policy;
use auths_core::claim::Incarnation;
use auths_core::decide::{Obstacle, check_listing, may_hide_another, statement};
use auths_core::evidence::{Existence, Listing, ListingCompleteness, OwnerRole, Reading};
use auths_core::ports::{
    FixedClock, MemoryStore, NamespaceError, NamespaceQuery, NamespaceVerifier,
};
use auths_core::{Ecosystem, RefutedReason, UnavailableReason};
use auths_testkit::server::{Reply, Server};
use common::*;
use serde_json::json;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn everything_about_a_project() {
    let pair = serve(pypi);
    let evidence = pair.gather().unwrap();
    assert_eq!(evidence.namespace, pair.namespace("six"));
    assert_eq!(
        (&evidence.origin, evidence.observed_at),
        (&pair.server.origin(), now())
    );
    assert_eq!(evidence.existence, Existence::Present);
    assert_eq!(
        evidence.incarnation,
        Reading::Read(Incarnation::new(
            "first-upload",
            "2026-01-01T10:00:00.250000Z"
        ))
    );
    let Listing {
        accounts, owners, ..
    } = evidence.listing.get().unwrap();
    assert_eq!((accounts.len(), owners), (1, &ListingCompleteness::Listed));
    assert_eq!(
        (accounts[0].role, accounts[0].label.as_str()),
        (OwnerRole::Owner, "Owner")
    );
    assert_eq!(accounts[0].account.origin(), Some(&pair.server.origin()));
    let alice = "pypi:ALICE".parse::<auths_core::Account>().unwrap();
    assert!(
        check_listing(
            &evidence,
            &alice.clone().at(Some(pair.server.origin())),
            &Policy::standard()
        )
        .is_ok()
    );
    assert!(
        check_listing(&evidence, &alice, &Policy::standard()).is_err(),
        "an account of the public PyPI is another one"
    );

    let timeline = evidence.timeline.get().unwrap();
    assert_eq!(
        (timeline.default_version(), timeline.why_stopped()),
        (Some("1.2.0"), None)
    );
    let named: Vec<_> = timeline
        .releases()
        .iter()
        .map(|r| (r.version.as_str(), r.names(&did(A))))
        .collect();
    // The last two are older than the maturity and name the DID: no more needs to be read.
    assert_eq!(
        named,
        [
            ("1.0.0", None),
            ("1.1.0", Some(true)),
            ("1.2.0", Some(true))
        ]
    );
    let found = statement(timeline, &did(A), 7 * 24 * HOUR, now()).unwrap();
    assert!(found.mature && !found.since_exact);
    assert_eq!(evidence.repositories.get().unwrap()[0].owner, "example");
    assert_eq!(evidence.provenance, Reading::NotOffered);
    assert_eq!(pair.paths(), ["/pypi/six/json", "/pypi/six/1.1.0/json"]);
    let urls: Vec<_> = pair
        .paths()
        .iter()
        .map(|p| format!("{}{p}", pair.server.origin()))
        .collect();
    assert_eq!(evidence.sources, urls);
}

#[test]
fn a_listing_takes_one_request() {
    let pair = serve(pypi);
    let evidence = pair.ask(&pair.query().listing_only()).unwrap();
    assert!(evidence.listing.get().is_ok() && evidence.incarnation.get().is_ok());
    assert!(evidence.timeline.get().is_err());
    assert_eq!(pair.paths(), ["/pypi/six/json"]);
    let request = &pair.server.requests()[0];
    assert_eq!(request.header("accept"), Some("application/json"));
    assert!(request.header("user-agent").unwrap().starts_with("auths/"));
}

#[test]
fn a_longer_maturity_reads_further_back() {
    let pair = serve(pypi);
    let query = pair.query().with_maturity(60 * 24 * HOUR);
    let evidence = pair.ask(&query).unwrap();
    assert_eq!(pair.server.request_count(), 3);
    let timeline = evidence.timeline.get().unwrap();
    assert!(timeline.releases().iter().all(|r| r.dids.is_some()));
}

#[test]
fn a_second_process_asks_with_conditions_only() {
    let first = serve(pypi);
    let evidence = first.gather().unwrap();
    let (store, server) = (Arc::clone(&first.store), first.server);
    let second = adapter(server, store, |config| config);
    assert_eq!(second.gather().unwrap(), evidence);
    let requests = second.server.requests();
    assert_eq!(requests.len(), 4);
    for request in &requests[..2] {
        assert_eq!(request.header("if-none-match"), None);
    }
    for request in &requests[2..] {
        assert_eq!(
            request.header("if-none-match"),
            Some(format!("\"{}\"", request.path).as_str())
        );
    }
}

#[test]
fn questions_for_others_are_refused_without_asking() {
    let pair = serve(pypi);
    assert_eq!(pair.pypi.ecosystem(), &Ecosystem::PYPI);
    assert!(!pair.pypi.is_public());
    for namespace in [
        "npm:six",
        "cargo:six",
        "pypi:six",
        "pkg:pypi/six?repository_url=https://other.example",
    ] {
        let query = NamespaceQuery::new(namespace.parse().unwrap(), now());
        let error = pair.ask(&query).unwrap_err();
        assert!(
            matches!(error, NamespaceError::Invalid { .. }),
            "{namespace}: {error}"
        );
    }
    assert_eq!(pair.server.request_count(), 0);
}

#[test]
fn a_redirect_to_the_normal_name_is_followed_and_checked() {
    for (name, found) in [("six", true), ("seven", false)] {
        let pair = serve(move |request| match request.path.as_str() {
            "/pypi/six/json" => Reply::redirect(301, &format!("/pypi/{name}/json/x")),
            _ => {
                let mut answer = project();
                answer["info"]["name"] = json!(name);
                Reply::json(200, answer)
            }
        });
        match pair.ask(&pair.query().listing_only()) {
            Ok(evidence) => {
                assert!(found);
                assert!(evidence.sources[0].ends_with("/pypi/six/json/x"));
            }
            Err(error) => {
                assert!(!found);
                assert_eq!(
                    error.into_unavailable().reason,
                    UnavailableReason::EvidenceMismatch
                );
            }
        }
        assert_eq!(pair.server.request_count(), 2);
    }
}

#[test]
fn the_budget_ends_the_reading_and_says_so() {
    for (most, read) in [(0, 1), (1, 1), (2, 2), (3, 3)] {
        let server = Server::start_with_clock(Arc::new(FixedClock(now())), pypi);
        let store = Arc::new(MemoryStore::new());
        let pair = adapter(server, store, |config| config.with_max_requests(most));
        let query = pair.query().with_maturity(60 * 24 * HOUR);
        let evidence = pair.ask(&query).unwrap();
        assert_eq!(pair.server.request_count(), read);
        let timeline = evidence.timeline.get().unwrap();
        let unread = timeline
            .releases()
            .iter()
            .filter(|r| r.dids.is_none())
            .count();
        assert_eq!(unread, 3 - read);
        let stopped = timeline.why_stopped().map(|u| u.reason);
        assert_eq!(
            stopped,
            (read < 3).then_some(UnavailableReason::RequestBudget)
        );
        assert!(evidence.listing.get().is_ok());
    }
}

#[test]
fn the_time_for_a_question_ends_the_reading_and_says_so() {
    // Each answer comes well within the transport's own limit for it.
    let wait = Duration::from_millis(600);
    let server = |delay: fn(&str) -> bool| {
        Server::start_with_clock(Arc::new(FixedClock(now())), move |request| {
            match delay(&request.path) {
                true => pypi(request).delay(Duration::from_millis(600)),
                false => pypi(request),
            }
        })
    };
    let store = || Arc::new(MemoryStore::new());
    let slow_releases = server(|path| path != "/pypi/six/json");
    let pair = adapter(slow_releases, store(), |c| c.with_max_time(wait * 3 / 2));
    let query = pair.query().with_maturity(60 * 24 * HOUR);
    let evidence = pair.ask(&query).unwrap();
    let timeline = evidence.timeline.get().unwrap();
    let stopped = timeline.why_stopped().unwrap();
    assert_eq!(stopped.reason, UnavailableReason::Timeout);
    assert!(stopped.raw_detail.contains("900 milliseconds"), "{stopped}");
    let unread = timeline.releases().iter().filter(|r| r.dids.is_none());
    assert_eq!(unread.count(), 1, "what was read in time counts");
    assert!(evidence.listing.get().is_ok());

    let slow = server(|_| true);
    let pair = adapter(slow, store(), |config| config.with_max_time(wait / 3));
    let error = pair.gather().unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(error.into_unavailable().reason, UnavailableReason::Timeout);
}

#[test]
fn a_404_that_is_not_the_apis_own_says_nothing() {
    let page = Reply::bytes(404, "text/html", "<html>Sign in to the network</html>");
    for (reply, is_no) in [
        (page.clone(), false),
        (Reply::bytes(404, "text/plain", ""), false),
        (Reply::bytes(404, "application/json", "<html>"), false),
        (Reply::bytes(404, "application/json", "{\"mess"), false),
        (Reply::json(404, json!({ "message": "Not Found" })), true),
        (Reply::json(404, json!({ "error": "Not Found" })), false),
        (
            Reply::json(404, json!({ "message": "Not Found", "statusCode": 404 })),
            false,
        ),
        // A proxy that carries no body and no type.
        (Reply::status(404), false),
    ] {
        // What answers the simple index does not matter before the JSON API said no.
        let page = page.clone();
        let pair = serve(move |request| match request.path.starts_with("/pypi/") {
            true => reply.clone(),
            false => page.clone(),
        });
        match pair.gather() {
            Ok(evidence) => {
                assert!(is_no);
                assert!(matches!(evidence.existence, Existence::Absent(_)));
            }
            Err(error) => {
                assert!(!is_no, "{error}");
                assert_eq!(
                    error.into_unavailable().reason,
                    UnavailableReason::UnexpectedStatus
                );
                assert_eq!(pair.server.request_count(), 1);
            }
        }
    }
}

#[test]
fn what_is_absent_is_the_registrys_own_word() {
    for (index, expected) in [
        (None, RefutedReason::UnknownProject),
        (Some("quarantined"), RefutedReason::Quarantined),
        (Some("active"), RefutedReason::NoReleases),
    ] {
        let pair = serve(move |request| {
            match (request.path.as_str(), index) {
            ("/simple/six/", Some(status)) => Reply::bytes(
                200,
                "application/vnd.pypi.simple.v1+json",
                json!({
                    "meta": { "_last-serial": 5, "api-version": "1.4" }, "name": "six", "versions": [], "files": [],
                    "project-status": { "status": status },
                })
                .to_string(),
            ),
            _ => not_found(request),
        }
        });
        let evidence = pair.gather().unwrap();
        let Existence::Absent(refuted) = &evidence.existence else {
            panic!("{expected:?}");
        };
        assert_eq!(refuted.reason, expected);
        assert!(evidence.listing.get().is_err() && evidence.timeline.get().is_err());
        assert_eq!(pair.paths(), ["/pypi/six/json", "/simple/six/"]);
        let accept = pair.server.requests()[1]
            .header("accept")
            .map(str::to_owned);
        assert_eq!(
            accept.as_deref(),
            Some("application/vnd.pypi.simple.v1+json")
        );
    }
}

#[test]
fn a_version_is_one_segment_of_the_address_or_is_not_asked_for() {
    for (version, path) in [
        ("1.0?x=1#y", Some("/pypi/six/1.0%3Fx=1%23y/json")),
        ("1/../../seven", Some("/pypi/six/1%2F..%2F..%2Fseven/json")),
        ("1%2F2", Some("/pypi/six/1%252F2/json")),
        ("1.0+local", Some("/pypi/six/1.0+local/json")),
        ("..", None),
        (".", None),
    ] {
        let pair = serve(move |request| match request.path.as_str() {
            "/pypi/six/json" => {
                let mut answer = project();
                answer["releases"][version] = json!([file("2026-11-02T00:00:00Z", false)]);
                Reply::json(200, answer)
            }
            _ => Reply::json(200, release(version, Some(A))),
        });
        let evidence = pair.gather().unwrap();
        let timeline = evidence.timeline.get().unwrap();
        match path {
            Some(path) => assert_eq!(pair.paths()[1], path),
            None => {
                assert_eq!(pair.server.request_count(), 1, "{version}");
                let wrong = timeline.releases().iter().find(|r| r.version == version);
                let unread = wrong.and_then(|r| r.unread.as_ref());
                assert_eq!(
                    unread.map(|u| u.reason),
                    Some(UnavailableReason::Unreadable)
                );
                assert_eq!(timeline.why_stopped(), None);
            }
        }
    }
}

/// The one release that is odd is older than those that name the DID: nothing depends on it.
#[test]
fn a_version_that_cannot_be_read_costs_what_depends_on_that_release_alone() {
    for odd in ["1.0 beta", "", "1.0\u{e9}", "\u{202e}0.1", &"1".repeat(201)] {
        let showing = |at: &'static str| {
            let odd = odd.to_owned();
            serve(move |request| match request.path.as_str() {
                "/pypi/six/json" => {
                    let mut answer = project();
                    answer["releases"][&odd] = json!([file(at, false)]);
                    Reply::json(200, answer)
                }
                path => Reply::json(200, release(path.split('/').nth(3).unwrap(), Some(A))),
            })
        };
        let before = showing("2000-01-01T00:00:00Z").gather().unwrap();
        assert!(before.listing.get().is_ok(), "{odd:?}");
        assert!(before.incarnation.get().is_ok(), "{odd:?}");
        let timeline = before.timeline.get().unwrap();
        assert!(
            statement(timeline, &did(A), 7 * 24 * HOUR, now())
                .unwrap()
                .mature,
            "{odd:?}"
        );
        assert_eq!(may_hide_another(timeline), None, "{odd:?}");
        // The newest may name anybody.
        let after = showing("2026-11-20T00:00:00Z").gather().unwrap();
        let timeline = after.timeline.get().unwrap();
        assert_eq!(
            may_hide_another(timeline).unwrap().reason,
            UnavailableReason::Unreadable,
            "{odd:?}"
        );
        assert!(
            after.listing.get().is_ok() && after.incarnation.get().is_ok(),
            "{odd:?}"
        );
    }
}

/// `requests` is such a project: releases without a file stand among its others.
#[test]
fn a_release_without_files_hides_nobody() {
    let pair = serve(|request| match request.path.as_str() {
        "/pypi/six/json" => {
            let mut answer = project();
            answer["releases"]["0.0.1"] = json!([]);
            Reply::json(200, answer)
        }
        path => Reply::json(200, release(path.split('/').nth(3).unwrap(), None)),
    });
    let evidence = pair.gather().unwrap();
    assert!(evidence.listing.get().is_ok() && evidence.incarnation.get().is_ok());
    let timeline = evidence.timeline.get().unwrap();
    assert!(timeline.releases().iter().any(|r| r.uploaded_at.is_none()));
    assert_eq!(may_hide_another(timeline), None);
}

#[test]
fn a_role_that_cannot_be_read_leaves_the_others_listed_and_nobody_denied() {
    let users = ["-bob", "é", "b ob", ""].map(|user| json!({ "role": "Owner", "user": user }));
    let roles = ["King", ""].map(|role| json!({ "role": role, "user": "bob" }));
    let others = [
        json!(null),
        json!(5),
        json!(["Owner", "bob"]),
        json!({}),
        json!({ "role": "Owner" }),
        json!({ "user": "bob" }),
        json!({ "role": null, "user": "bob" }),
        json!({ "role": "Owner", "user": 5 }),
    ];
    for odd in users.into_iter().chain(roles).chain(others) {
        let mut answer = project();
        answer["ownership"]["roles"] = json!([{ "role": "Owner", "user": "Alice" }, odd]);
        let pair = serve(move |request| match request.path.as_str() {
            "/pypi/six/json" => Reply::json(200, &answer),
            _ => pypi(request),
        });
        let evidence = pair.gather().unwrap();
        let check = |name: &str| {
            let account: auths_core::Account = name.parse().unwrap();
            let account = account.at(Some(pair.server.origin()));
            check_listing(&evidence, &account, &Policy::standard())
        };
        assert!(check("pypi:alice").is_ok(), "{odd}");
        let bob = check("pypi:bob");
        assert!(
            matches!(&bob, Err(Obstacle::Unavailable(why)) if why.reason == UnavailableReason::Unreadable),
            "{odd}: {bob:?}"
        );
        let listing = evidence.listing.get().unwrap();
        assert!(listing.sole_owner().is_none(), "{odd}");
    }
}

#[test]
fn odd_ownership_or_an_odd_serial_leaves_the_statements_as_they_are() {
    let edits: [fn(&mut serde_json::Value); 4] = [
        |p| p["ownership"] = json!("Alice"),
        |p| p["ownership"]["organization"] = json!({ "name": "Acme" }),
        |p| p["ownership"]["roles"] = json!([null]),
        |p| p["last_serial"] = json!("x"),
    ];
    for edit in edits {
        let mut answer = project();
        edit(&mut answer);
        let pair = serve(move |request| match request.path.as_str() {
            "/pypi/six/json" => Reply::json(200, &answer).header("x-pypi-last-serial", "700"),
            _ => pypi(request),
        });
        let evidence = pair.gather().unwrap();
        let timeline = evidence.timeline.get().unwrap();
        let found = statement(timeline, &did(A), Policy::standard().maturity(), now());
        assert!(found.is_ok(), "{found:?}");
    }
}
