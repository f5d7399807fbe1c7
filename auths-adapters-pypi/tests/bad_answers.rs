//! Every bad answer has its reason, and none of them lists anybody.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use auths_core::Why;
use auths_core::ports::{FixedClock, MemoryStore};
use auths_http::loopback::{Fault, Reply, Server};
use common::*;
use serde_json::{Value, json};

fn html(status: u16) -> Reply {
    Reply::bytes(status, "text/html", "<html>sorry</html>")
}

fn simple(body: &Value) -> Reply {
    Reply::bytes(200, "application/vnd.pypi.simple.v1+json", body.to_string())
}

type Row = (&'static str, Reply, Why);

fn rows(answer: &Value) -> Vec<Row> {
    let json = |text: &str| Reply::bytes(200, "application/json", text);
    let mut twice = answer.to_string();
    twice.insert_str(1, "\"last_serial\":1,");
    let roles_twice = answer.to_string();
    let roles_twice = roles_twice.replace("\"roles\":[", "\"roles\":[],\"roles\":[");
    let mut other = answer.clone();
    other["info"]["name"] = json!("seven");
    let status = |status| html(status);
    vec![
        ("html", html(200), Why::Unreadable),
        (
            "json as html",
            Reply::bytes(200, "text/html", answer.to_string()),
            Why::Unreadable,
        ),
        ("empty", json(""), Why::Unreadable),
        ("array", json("[]"), Why::Unreadable),
        ("empty object", json("{}"), Why::MissingField),
        ("cut json", json(&answer.to_string()[..90]), Why::Unreadable),
        (
            "more behind",
            json(&format!("{}x", answer)),
            Why::Unreadable,
        ),
        (
            "two answers",
            json(&format!("{0}{0}", answer)),
            Why::Unreadable,
        ),
        ("duplicate key", json(&twice), Why::Unreadable),
        ("duplicate roles", json(&roles_twice), Why::Unreadable),
        (
            "deep",
            json(&format!("{{\"info\":{}", "[".repeat(100_000))),
            Why::Unreadable,
        ),
        (
            "not utf-8",
            Reply::bytes(200, "application/json", b"{\"info\":\"\xff\"}".to_vec()),
            Why::Unreadable,
        ),
        (
            "another project",
            Reply::json(200, other),
            Why::EvidenceMismatch,
        ),
        (
            "other serial",
            Reply::json(200, answer).header("x-pypi-last-serial", "699"),
            Why::EvidenceMismatch,
        ),
        (
            "bad serial",
            Reply::json(200, answer).header("x-pypi-last-serial", "x"),
            Why::Unreadable,
        ),
        ("no content", Reply::status(204), Why::UnexpectedStatus),
        ("partial", Reply::json(206, answer), Why::UnexpectedStatus),
        ("created", Reply::json(201, answer), Why::UnexpectedStatus),
        (
            "redirect away",
            Reply::redirect(301, "https://evil.example/pypi/six/json"),
            Why::Redirected,
        ),
        (
            "redirect in circles",
            Reply::redirect(302, "/pypi/six/json"),
            Why::Redirected,
        ),
        ("redirect nowhere", Reply::status(302), Why::Redirected),
        ("not modified", Reply::status(304), Why::Unreadable),
        ("400", status(400), Why::UnexpectedStatus),
        ("401", status(401), Why::Forbidden),
        ("403", status(403), Why::Forbidden),
        ("410", status(410), Why::UnexpectedStatus),
        ("418", status(418), Why::UnexpectedStatus),
        ("429", status(429), Why::RateLimited),
        ("500", status(500), Why::ServerError),
        ("502", status(502), Why::ServerError),
        ("503", Reply::json(503, answer), Why::ServerError),
        ("504", status(504), Why::ServerError),
        (
            "reset",
            Reply::fault(Fault::ResetAfterRequest),
            Why::Network,
        ),
        ("stall", Reply::fault(Fault::StallBeforeHead), Why::Timeout),
        (
            "cut",
            Reply::json(200, answer).with_fault(Fault::CutBody),
            Why::Truncated,
        ),
        ("endless", Reply::fault(Fault::EndlessBody), Why::TooLarge),
        ("bomb", Reply::fault(Fault::GzipBomb(4)), Why::TooLarge),
        (
            "other time",
            Reply::json(200, answer).date("2026-11-20T00:00:00Z".parse().unwrap()),
            Why::ClockSkew,
        ),
    ]
}

/// A server that answers `path` by `reply`, and everything else as it should.
fn with(path: &'static str, reply: Reply) -> Pair {
    let server =
        Server::start_with_clock(Arc::new(FixedClock(now())), move |request| {
            match request.path == path {
                true => reply.clone(),
                false if path.starts_with("/simple") => html(404),
                false => pypi(request),
            }
        });
    adapter(server, Arc::new(MemoryStore::new()), |config| {
        config
            .with_max_project_bytes(256 * 1024)
            .with_max_release_bytes(256 * 1024)
    })
}

#[test]
fn about_the_project() {
    for (name, reply, why) in rows(&project()) {
        let pair = with("/pypi/six/json", reply);
        let error = pair.gather().expect_err(name).into_unavailable();
        assert_eq!(error.why, why, "{name}: {error}");
        assert!(error.detail.contains("/pypi/six"), "{name}: {error}");
        assert!(pair.paths().iter().all(|p| p == "/pypi/six/json"), "{name}");
    }
}

#[test]
fn about_a_release() {
    let not_found = [("404", html(404), Why::UnexpectedStatus)];
    for (name, reply, why) in rows(&release("1.1.0", Some(A)))
        .into_iter()
        .chain(not_found)
    {
        // Who may act is not read here, and that circle leads to the project.
        if name == "duplicate roles" || name == "redirect in circles" {
            continue;
        }
        let pair = with("/pypi/six/1.1.0/json", reply);
        let evidence = pair.gather().expect(name);
        let timeline = evidence.timeline.get().unwrap();
        let stopped = timeline.why_stopped().expect(name);
        assert_eq!(stopped.why, why, "{name}: {stopped}");
        let unread: Vec<_> = timeline
            .releases()
            .iter()
            .filter(|r| r.dids.is_none())
            .collect();
        assert_eq!(unread.len(), 2, "{name}");
        assert!(evidence.listing.get().is_ok());
    }
}

#[test]
fn a_release_that_is_another_or_older_is_not_read() {
    let with_serial = |serial: Value| {
        let mut answer = release("1.1.0", None);
        answer["last_serial"] = serial;
        answer
    };
    let mut no_urls = release("1.1.0", None);
    no_urls["info"]
        .as_object_mut()
        .unwrap()
        .remove("project_urls");
    let mut no_keywords = release("1.1.0", Some(A));
    no_keywords["info"]
        .as_object_mut()
        .unwrap()
        .remove("keywords");
    for (answer, why) in [
        (release("1.0.0", None), Why::EvidenceMismatch),
        (release("1.1", None), Why::EvidenceMismatch),
        (with_serial(json!(699)), Why::SerialRegressed),
        (with_serial(json!(701)), Why::SerialRegressed),
        (with_serial(Value::Null), Why::MissingField),
        (with_serial(json!(-1)), Why::Unreadable),
        (no_urls, Why::MissingField),
        (no_keywords, Why::MissingField),
    ] {
        let pair = with("/pypi/six/1.1.0/json", Reply::json(200, &answer));
        let evidence = pair.gather().unwrap();
        let timeline = evidence.timeline.get().unwrap();
        assert_eq!(timeline.why_stopped().map(|u| u.why), Some(why), "{answer}");
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
    let without = |key: &str| {
        let mut answer = good.clone();
        answer.as_object_mut().unwrap().remove(key);
        simple(&answer)
    };
    let mut table = vec![
        ("html", html(200), Why::Unreadable),
        ("plain json type", Reply::json(200, &good), Why::Unreadable),
        ("no files", without("files"), Why::MissingField),
        ("no versions", without("versions"), Why::MissingField),
        ("no meta", without("meta"), Why::MissingField),
        ("no name", without("name"), Why::MissingField),
        (
            "another name",
            edit("name", json!("seven")),
            Why::EvidenceMismatch,
        ),
        (
            "releases after all",
            edit("versions", json!(["1.0"])),
            Why::EvidenceMismatch,
        ),
        (
            "files after all",
            edit("files", json!([{}])),
            Why::EvidenceMismatch,
        ),
        (
            "new status",
            edit("project-status", json!({ "status": "frozen" })),
            Why::Unreadable,
        ),
        (
            "bad status",
            edit("project-status", json!("active")),
            Why::Unreadable,
        ),
        ("files null", edit("files", Value::Null), Why::Unreadable),
        ("406", html(406), Why::UnexpectedStatus),
        ("410", html(410), Why::UnexpectedStatus),
        ("429", html(429), Why::RateLimited),
        ("503", html(503), Why::ServerError),
        ("401", html(401), Why::Forbidden),
    ];
    table.push((
        "cut",
        simple(&good).with_fault(Fault::CutBody),
        Why::Truncated,
    ));
    for (name, reply, why) in table {
        let pair = with("/simple/six/", reply);
        let error = pair.gather().expect_err(name).into_unavailable();
        assert_eq!(error.why, why, "{name}: {error}");
    }
    let server = Server::start_with_clock(Arc::new(FixedClock(now())), |_| html(404));
    let pair = adapter(server, Arc::new(MemoryStore::new()), |config| {
        config.with_max_requests(1)
    });
    assert_eq!(
        pair.gather().unwrap_err().into_unavailable().why,
        Why::RequestBudget
    );
}

#[test]
fn the_servers_wait_reaches_the_caller() {
    let pair = with(
        "/pypi/six/json",
        Reply::status(429).header("retry-after", "7"),
    );
    let error = pair.gather().unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(
        error.into_unavailable().retry_after,
        Some(Duration::from_secs(7))
    );
}

#[test]
fn an_older_answer_is_not_believed_even_by_the_next_process() {
    let first = serve(pypi);
    first.gather().unwrap();
    for (serial, why) in [
        (json!(699), Some(Why::SerialRegressed)),
        (Value::Null, Some(Why::MissingField)),
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
            .map_err(|e| e.into_unavailable().why);
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
            _ => html(404),
        }
    });
    let store = Arc::new(MemoryStore::new());
    let key = auths_core::ports::StoreKey::new("pypi-serials", format!("{} six", server.origin()));
    run(auths_core::ports::Store::put(&*store, &key, b"700")).unwrap();
    let pair = adapter(server, store, |config| config);
    assert_eq!(
        pair.gather().unwrap_err().into_unavailable().why,
        Why::SerialRegressed
    );
}
