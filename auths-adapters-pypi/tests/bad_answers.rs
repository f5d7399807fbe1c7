//! What is bad about an answer in PyPI's own terms: serials, statuses, contradictions. For all the rest see `faults.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::Arc;

use auths_core::UnavailableReason;
use auths_core::ports::{FixedClock, MemoryStore};
use auths_testkit::server::{Reply, Server};
use common::*;
use serde_json::{Value, json};

fn html(status: u16) -> Reply {
    Reply::bytes(status, "text/html", "<html>sorry</html>")
}

fn simple(body: &Value) -> Reply {
    Reply::bytes(200, "application/vnd.pypi.simple.v1+json", body.to_string())
}

/// A server that answers `path` by `reply`, and everything else as it should.
fn with(path: &'static str, reply: Reply) -> Pair {
    let server =
        Server::start_with_clock(Arc::new(FixedClock(now())), move |request| {
            match request.path == path {
                true => reply.clone(),
                false if path.starts_with("/simple") => not_found(request),
                false => pypi(request),
            }
        });
    adapter(server, Arc::new(MemoryStore::new()), |config| config)
}

#[test]
fn an_answer_about_the_project_that_contradicts_itself_is_not_read() {
    let serial = |text: &str| Reply::json(200, project()).header("x-pypi-last-serial", text);
    for (reply, why) in [
        (serial("699"), UnavailableReason::EvidenceMismatch),
        (serial("x"), UnavailableReason::Unreadable),
        (html(403), UnavailableReason::Forbidden),
    ] {
        let pair = with("/pypi/six/json", reply);
        let error = pair.gather().expect_err("bad").into_unavailable();
        assert_eq!(error.reason, why, "{error}");
        assert!(error.raw_detail.contains("/pypi/six"), "{error}");
        // Only a 404 makes the adapter look elsewhere.
        assert_eq!(pair.paths(), ["/pypi/six/json"], "{error}");
    }
}

#[test]
fn a_release_that_cannot_be_read_stays_unread_and_the_listing_stands() {
    let pair = with("/pypi/six/1.1.0/json", html(503));
    let evidence = pair.gather().unwrap();
    let timeline = evidence.timeline.get().unwrap();
    assert_eq!(
        timeline.why_stopped().map(|u| u.reason),
        Some(UnavailableReason::ServerError)
    );
    let unread = timeline.releases().iter().filter(|r| r.dids.is_none());
    assert_eq!(unread.count(), 2);
    assert!(evidence.listing.get().is_ok());
}

#[test]
fn a_release_that_is_another_or_older_is_not_read() {
    let with_serial = |serial: Value| {
        let mut answer = release("1.1.0", None);
        answer["last_serial"] = serial;
        answer
    };
    for (answer, why) in [
        (release("1.1", None), UnavailableReason::EvidenceMismatch),
        (with_serial(json!(699)), UnavailableReason::SerialRegressed),
        (with_serial(json!(701)), UnavailableReason::SerialRegressed),
        (with_serial(Value::Null), UnavailableReason::MissingField),
        (with_serial(json!(-1)), UnavailableReason::Unreadable),
    ] {
        let pair = with("/pypi/six/1.1.0/json", Reply::json(200, &answer));
        let evidence = pair.gather().unwrap();
        let timeline = evidence.timeline.get().unwrap();
        let of_one = timeline.releases().iter().find_map(|r| r.unread.as_ref());
        let seen = timeline.why_stopped().or(of_one);
        assert_eq!(seen.map(|u| u.reason), Some(why), "{answer}");
    }
}

#[test]
fn a_release_that_cannot_be_read_costs_that_release_alone() {
    let deep = format!("{}7{}", "[".repeat(130), "]".repeat(130));
    let whole = release("1.1.0", None).to_string();
    let odd = |put: &str| whole.replacen("\"keywords\":\"python\"", put, 1);
    let keywords = |value: &str| odd(&format!("\"keywords\":{value}"));
    let huge = format!("\"{}\"", "x".repeat(3 << 20));
    for (body, why) in [
        (keywords(&deep), UnavailableReason::Unreadable),
        (keywords("7"), UnavailableReason::Unreadable),
        (keywords("1e999"), UnavailableReason::Unreadable),
        (keywords("\"\\ud800\""), UnavailableReason::Unreadable),
        (keywords(&huge), UnavailableReason::TooLarge),
        (
            odd("\"keywords\":\"\",\"keywords\":\"\""),
            UnavailableReason::Unreadable,
        ),
    ] {
        assert_ne!(body, whole);
        let reply = Reply::bytes(200, "application/json", body);
        let pair = with("/pypi/six/1.1.0/json", reply);
        let evidence = pair.gather().unwrap();
        assert!(evidence.listing.get().is_ok() && evidence.incarnation.get().is_ok());
        let timeline = evidence.timeline.get().unwrap();
        assert_eq!(timeline.why_stopped(), None);
        let of = |version: &str| timeline.releases().iter().find(|r| r.version == version);
        let wrong = of("1.1.0").unwrap();
        assert!(wrong.dids.is_none());
        assert_eq!(wrong.unread.as_ref().map(|u| u.reason), Some(why));
        assert!(of("1.2.0").unwrap().dids.is_some());
    }
}

#[test]
fn about_absence() {
    let good = json!({
        "meta": { "api-version": "1.4" }, "name": "six", "versions": [], "files": [],
    });
    let edit = |key: &str, value: Value| {
        let mut answer = good.clone();
        answer[key] = value;
        simple(&answer)
    };
    let status = |value: Value| edit("project-status", value);
    for (reply, why) in [
        // The type of the other API.
        (Reply::json(200, &good), UnavailableReason::Unreadable),
        (
            edit("versions", json!(["1.0"])),
            UnavailableReason::EvidenceMismatch,
        ),
        (
            edit("files", json!([{}])),
            UnavailableReason::EvidenceMismatch,
        ),
        (
            edit("meta", json!({ "api-version": "2.0" })),
            UnavailableReason::Unreadable,
        ),
        (
            status(json!({ "status": "frozen" })),
            UnavailableReason::Unreadable,
        ),
        (status(json!([])), UnavailableReason::Unreadable),
    ] {
        let pair = with("/simple/six/", reply);
        let error = pair.gather().expect_err("bad").into_unavailable();
        assert_eq!(error.reason, why, "{error}");
    }
    let server = Server::start_with_clock(Arc::new(FixedClock(now())), not_found);
    let pair = adapter(server, Arc::new(MemoryStore::new()), |config| {
        config.with_max_requests(1)
    });
    assert_eq!(
        pair.gather().unwrap_err().into_unavailable().reason,
        UnavailableReason::RequestBudget
    );
}

#[test]
fn an_older_answer_is_not_believed_even_by_the_next_process() {
    let first = serve(pypi);
    first.gather().unwrap();
    for (serial, why) in [
        (json!(699), Some(UnavailableReason::SerialRegressed)),
        (Value::Null, Some(UnavailableReason::MissingField)),
        (json!(701), None),
    ] {
        let server = Server::start_with_clock(Arc::new(FixedClock(now())), |_| html(500));
        drop(server);
        // The same origin is needed: the record is the server's.
        let store = Arc::new(MemoryStore::new());
        let key = auths_core::ports::StoreKey::new;
        let answer = {
            let mut answer = project();
            answer["last_serial"] = serial.clone();
            answer
        };
        let server = Server::start_with_clock(Arc::new(FixedClock(now())), move |_| {
            Reply::json(200, &answer)
        });
        let name = format!("{} six", server.origin());
        run(auths_core::ports::Store::put(
            &*store,
            &key("pypi-serials", name),
            b"700",
        ))
        .unwrap();
        let pair = adapter(server, store, |config| config);
        let seen = pair
            .ask(&pair.query().listing_only())
            .map_err(|e| e.into_unavailable().reason);
        assert_eq!(seen.err(), why, "{serial}");
    }
}

#[test]
fn a_stale_absence_is_not_believed() {
    let server = Server::start_with_clock(Arc::new(FixedClock(now())), |request| {
        match request.path.as_str() {
            "/simple/six/" => simple(&json!({
                "meta": { "api-version": "1.4", "_last-serial": 5 }, "name": "six", "versions": [], "files": [],
            })),
            _ => not_found(request),
        }
    });
    let store = Arc::new(MemoryStore::new());
    let key = auths_core::ports::StoreKey::new("pypi-serials", format!("{} six", server.origin()));
    run(auths_core::ports::Store::put(&*store, &key, b"700")).unwrap();
    let pair = adapter(server, store, |config| config);
    assert_eq!(
        pair.gather().unwrap_err().into_unavailable().reason,
        UnavailableReason::SerialRegressed
    );
}
