//! When a request is made again, how long is waited, and how many run at once.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auths_core::UnavailableReason;
use auths_core::ports::MemoryStore;
use auths_http::{Request, SystemClock, TokioSleeper, Transport, TransportConfig};
use auths_testkit::server::{Fault, Reply, Server};
use common::{Pair, config, millis, pair, run};

fn three() -> TransportConfig {
    config().with_max_attempts(3)
}

/// A server that answers the first `n` requests by `first`, and the others with 200.
fn at_first(
    n: usize,
    config: TransportConfig,
    first: impl Fn() -> Reply + Send + Sync + 'static,
) -> Pair {
    let count = AtomicUsize::new(0);
    pair(config, move |_| {
        match count.fetch_add(1, Ordering::SeqCst) < n {
            true => first(),
            false => Reply::json(200, "at last"),
        }
    })
}

#[test]
fn what_passes_is_asked_again() {
    for status in [500, 502, 503, 504] {
        let pair = at_first(2, three(), move || Reply::status(status));
        assert_eq!(pair.send(pair.get()).unwrap().status(), 200);
        assert_eq!(pair.server.request_count(), 3);
        assert_eq!(pair.sleeper.slept().len(), 2);
    }
    for fault in [
        Fault::CutBody,
        Fault::CloseAfterRequest,
        Fault::StallBeforeHead,
    ] {
        let pair = at_first(2, three().with_timeout(millis(500)), move || {
            Reply::fault(fault)
        });
        let response = pair.send(pair.get()).unwrap();
        assert_eq!(response.body(), b"\"at last\"");
        assert_eq!(pair.server.request_count(), 3, "{fault:?}");
    }
}

#[test]
fn a_reset_before_the_request_is_asked_again() {
    let pair = pair(three(), |_| Reply::status(200));
    pair.server.reset_next(2);
    assert_eq!(pair.send(pair.get()).unwrap().status(), 200);
    assert_eq!(
        (pair.server.request_count(), pair.server.connections()),
        (1, 3)
    );
}

#[test]
fn what_stays_is_asked_once() {
    for status in [
        200, 204, 301, 304, 400, 401, 403, 404, 410, 422, 429, 451, 501,
    ] {
        let pair = pair(three(), move |_| {
            Reply::status(status).header("retry-after", "1")
        });
        assert_eq!(pair.send(pair.get()).unwrap().status(), status);
        assert_eq!(pair.server.request_count(), 1, "{status}");
    }
    for fault in [Fault::EndlessBody, Fault::Garbage, Fault::NotGzip] {
        let pair = pair(three(), move |_| Reply::fault(fault));
        assert!(pair.send(pair.get()).is_err());
        assert_eq!(pair.server.request_count(), 1, "{fault:?}");
    }
}

#[test]
fn the_last_answer_is_returned() {
    let pair = pair(three(), |_| {
        Reply::json(503, "busy").header("retry-after", "0")
    });
    let response = pair.send(pair.get()).unwrap();
    assert_eq!(
        (response.status(), response.body()),
        (503, b"\"busy\"".as_slice())
    );
    assert_eq!(response.retry_after(), Some(Duration::ZERO));
    assert_eq!(pair.server.request_count(), 3);
}

#[test]
fn a_post_is_never_made_again() {
    let faults = [
        Fault::CutBody,
        Fault::CloseAfterRequest,
        Fault::StallBeforeHead,
        Fault::ResetAfterRequest,
    ];
    for fault in faults {
        let pair = pair(three().with_timeout(millis(500)), move |_| {
            Reply::fault(fault)
        });
        let post = pair.post().form(&[("a", "b c"), ("d", "&")]);
        assert!(pair.send(post).is_err());
        assert_eq!(pair.server.request_count(), 1, "{fault:?}");
        let seen = &pair.server.requests()[0];
        assert_eq!(seen.body, b"a=b+c&d=%26");
        assert_eq!(
            seen.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
    }
    let pair = pair(three(), |_| {
        Reply::status(503).header("retry-after", "3600")
    });
    let response = pair.send(pair.post().json(&["a"])).unwrap();
    assert_eq!((response.status(), pair.server.request_count()), (503, 1));
    assert_eq!(pair.server.requests()[0].body, b"[\"a\"]");
}

/// The first wait of a 503 with this `Retry-After`.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn first_wait(retry_after: &'static str) -> Duration {
    let pair = at_first(1, three(), move || {
        Reply::status(503).header("retry-after", retry_after)
    });
    assert_eq!(
        pair.send(pair.get()).unwrap().status(),
        200,
        "{retry_after}"
    );
    pair.sleeper.slept()[0]
}

#[test]
fn retry_after_is_waited_for() {
    assert_eq!(first_wait("7"), Duration::from_secs(7));
    let in_words = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(20));
    let wait = first_wait(in_words.leak());
    assert!(
        wait > Duration::from_secs(15) && wait <= Duration::from_secs(21),
        "{wait:?}"
    );
    for unreadable in ["0", "-5", "soon", "", "Sat, 21 Nov 2020 08:46:30 GMT"] {
        let wait = first_wait(unreadable);
        assert!(
            wait >= millis(200) && wait < millis(400),
            "{unreadable:?}: {wait:?}"
        );
    }
}

#[test]
fn a_longer_wait_is_handed_to_the_caller() {
    for (text, seconds) in [
        ("61", 61),
        ("3600", 3_600),
        ("99999999999999999999", 86_400),
    ] {
        let pair = pair(three(), move |_| {
            Reply::status(503).header("retry-after", text)
        });
        let error = pair.send(pair.get()).unwrap_err();
        assert_eq!(error.reason, UnavailableReason::ServerError);
        assert_eq!(error.retry_after, Some(Duration::from_secs(seconds)));
        assert_eq!(pair.server.request_count(), 1);
        assert!(pair.sleeper.slept().is_empty());
    }
}

#[test]
fn all_attempts_together_end_at_the_deadline() {
    let config = three()
        .with_max_attempts(50)
        .with_deadline(Duration::from_secs(20));
    let pair = pair(config, |_| Reply::status(503).header("retry-after", "7"));
    assert_eq!(pair.send(pair.get()).unwrap().status(), 503);
    assert_eq!(pair.sleeper.slept(), [Duration::from_secs(7); 2]);
    assert_eq!(pair.server.request_count(), 3);
}

#[test]
fn a_deadline_shorter_than_the_timeout_holds() {
    let config = TransportConfig::default().with_deadline(millis(200));
    let pair = pair(config, |_| Reply::fault(Fault::StallBeforeHead));
    let started = std::time::Instant::now();
    assert_eq!(pair.why(pair.get()), UnavailableReason::Timeout);
    assert!(started.elapsed() < Duration::from_secs(3));
    assert_eq!(pair.server.request_count(), 1);
}

#[test]
fn a_request_may_take_longer_when_it_says_so() {
    let config = config().with_timeout(millis(50)).with_deadline(millis(60));
    let pair = pair(config, |_| Reply::status(200).delay(millis(200)));
    assert_eq!(pair.why(pair.get()), UnavailableReason::Timeout);
    let patient = pair.get().timeout(Duration::from_secs(5));
    assert_eq!(pair.send(patient).unwrap().status(), 200);
}

#[test]
fn a_server_gets_no_more_requests_at_once_than_allowed() {
    let pair = pair(config().with_max_concurrent(3), |_| {
        Reply::json(200, "x").delay(millis(20))
    });
    run(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let (transport, request) = (pair.transport.clone(), pair.get());
            tasks.spawn(async move { transport.send(request).await.unwrap().status() });
        }
        assert_eq!(tasks.join_all().await, [200; 12]);
    });
    assert_eq!(pair.server.peak(), 3);
}

#[test]
fn a_seat_is_given_back_by_failures_and_by_requests_that_are_dropped() {
    let pair = pair(
        config().with_timeout(millis(500)).with_max_concurrent(1),
        |request| match request.query_value("stall") {
            Some(_) => Reply::fault(Fault::StallInBody),
            None => Reply::status(200),
        },
    );
    run(async {
        let stalling = || pair.get().query("stall", "");
        assert!(pair.transport.send(stalling()).await.is_err());
        let dropped = tokio::time::timeout(millis(50), pair.transport.send(stalling()));
        assert!(dropped.await.is_err());
        assert!(pair.transport.stream(stalling(), |_, _| ()).await.is_err());
        assert!(pair.transport.send(pair.get()).await.is_ok());
    });
}

#[test]
fn no_seat_is_held_while_waiting_to_ask_again() {
    let config = TransportConfig::default().with_max_concurrent(1);
    let server = Server::start(|request| match request.query_value("busy") {
        Some(_) => Reply::status(503).header("retry-after", "3"),
        None => Reply::status(200),
    });
    let store = Arc::new(MemoryStore::new());
    let transport =
        Transport::new(config, Arc::new(SystemClock), Arc::new(TokioSleeper), store).unwrap();
    let get = || Request::get(&server.origin(), &["x"]).unwrap();
    run(async {
        let busy = tokio::spawn({
            let (transport, request) = (transport.clone(), get().query("busy", ""));
            async move { transport.stream(request, |_, _| ()).await }
        });
        while server.request_count() == 0 {
            tokio::time::sleep(millis(5)).await;
        }
        let other = tokio::time::timeout(Duration::from_secs(2), transport.send(get()));
        assert_eq!(other.await.unwrap().unwrap().status(), 200);
        busy.abort();
    });
}

#[test]
fn starts_are_spaced_retries_and_clones_included() {
    let spaced = |pair: &Pair| {
        pair.sleeper
            .slept()
            .into_iter()
            .filter(|t| *t > millis(500))
            .count()
    };
    let pair = at_first(1, three(), || Reply::status(503));
    assert_eq!(spaced(&pair), 0);
    let origin = pair.server.origin();
    let config = three().with_min_interval(&origin, Duration::from_secs(5));
    let pair = common::pair_with(pair.server, config, pair.store);
    assert!(pair.send(pair.get()).is_ok());
    assert_eq!(pair.server.request_count(), 2);
    assert_eq!(spaced(&pair), 1, "{:?}", pair.sleeper.slept());
    let clone = pair.transport.clone();
    assert!(run(clone.send(pair.get())).is_ok());
    let waits = pair.sleeper.slept();
    assert_eq!(spaced(&pair), 2, "{waits:?}");
    assert!(*waits.last().unwrap() > Duration::from_secs(9), "{waits:?}");
}

#[test]
fn every_request_says_who_asks() {
    let pair = pair(
        config()
            .with_product("t", "1")
            .with_contact("mailto:a@b.example"),
        |_| Reply::status(200),
    );
    assert!(pair.send(pair.get().accept("application/json")).is_ok());
    let seen = &pair.server.requests()[0];
    let expected = format!(
        "t/1 auths/{} (+mailto:a@b.example)",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(seen.header("user-agent"), Some(expected.as_str()));
    assert_eq!(seen.header("accept"), Some("application/json"));
    assert_eq!(seen.header("accept-encoding"), Some("gzip"));
    assert_eq!(seen.header("authorization"), None);
    assert_eq!(seen.header("referer"), None);
}
