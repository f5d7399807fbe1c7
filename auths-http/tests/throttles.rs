//! What a server that asks for fewer requests is spared.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auths_core::ports::MemoryStore;
use auths_core::{Unavailable, UnavailableReason};
use auths_http::{Request, Response, SystemClock, Transport, TransportConfig};
use auths_testkit::doubles::ManualClock;
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Fault, Reply, Server};
use common::{millis, run};
use secrecy::SecretString;

/// A server that throttles while it is told to, and a transport whose clock stands until it is moved.
struct Throttling {
    server: Server,
    transport: Transport,
    clock: Arc<ManualClock>,
    sleeper: Arc<RecordingSleeper>,
    throttles: Arc<AtomicBool>,
}

fn throttling(reply: impl Fn() -> Reply + Send + Sync + 'static) -> Throttling {
    let throttles = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&throttles);
    let clock = Arc::new(ManualClock::at(SystemClock.now()));
    let server = Server::start_with_clock(Arc::clone(&clock) as _, move |_| {
        match told.load(Ordering::SeqCst) {
            true => reply(),
            false => Reply::json(200, "well"),
        }
    });
    let sleeper = Arc::new(RecordingSleeper::default());
    let transport = Transport::new(
        TransportConfig::default(),
        Arc::clone(&clock) as _,
        Arc::clone(&sleeper) as _,
        Arc::new(MemoryStore::new()),
    )
    .unwrap();
    Throttling {
        server,
        transport,
        clock,
        sleeper,
        throttles,
    }
}

impl Throttling {
    fn get(&self) -> Request {
        Request::get(&self.server.origin(), &["x"]).unwrap()
    }

    fn send(&self, request: Request) -> Result<Response, Unavailable> {
        run(self.transport.send(request))
    }

    /// A question that is not sent; how many seconds are left to wait.
    fn held_back(&self, request: Request) -> u64 {
        let sent = self.server.request_count();
        let why = self.send(request).unwrap_err();
        assert_eq!(why.reason, UnavailableReason::RateLimited, "{why}");
        assert!(why.raw_detail.contains("was not sent"), "{why}");
        assert_eq!(self.server.request_count(), sent);
        why.retry_after.unwrap().as_secs()
    }
}

#[test]
fn a_server_that_said_429_is_asked_nothing_until_its_time_has_passed() {
    let it = throttling(|| Reply::status(429).header("retry-after", "120"));
    assert_eq!(it.send(it.get()).unwrap().status(), 429);
    it.throttles.store(false, Ordering::SeqCst);
    for _ in 0..40 {
        assert_eq!(it.held_back(it.get()), 120);
    }
    let origin = it.server.origin();
    assert_eq!(it.held_back(Request::post(&origin, &["y"]).unwrap()), 120);
    it.clock.wait(Duration::from_secs(119));
    assert_eq!(it.held_back(it.get()), 1);
    it.clock.wait(Duration::from_secs(1));
    assert_eq!(it.send(it.get()).unwrap().status(), 200);
    assert_eq!(it.server.request_count(), 2);
    assert!(it.sleeper.slept().is_empty());
}

#[test]
fn a_request_past_the_throttle_is_sent_all_the_same_and_opens_nothing_for_others() {
    let it = throttling(|| Reply::status(429).header("retry-after", "120"));
    it.send(it.get()).unwrap();
    assert_eq!(it.send(it.get().past_throttle()).unwrap().status(), 429);
    assert_eq!(it.held_back(it.get()), 120);
    assert_eq!(it.server.request_count(), 2);
}

#[test]
fn a_429_that_names_no_time_closes_for_a_minute_and_one_of_a_day_for_an_hour() {
    for (named, seconds) in [
        (None, 60),
        (Some("0"), 60),
        (Some("soon"), 60),
        (Some("86400"), 3600),
    ] {
        let it = throttling(move || match named {
            Some(named) => Reply::status(429).header("retry-after", named),
            None => Reply::status(429),
        });
        it.send(it.get()).unwrap();
        assert_eq!(it.held_back(it.get()), seconds, "{named:?}");
        it.clock.wait(Duration::from_secs(seconds));
        // It throttles still: one request, and it is left alone again.
        it.send(it.get()).unwrap();
        assert_eq!(it.held_back(it.get()), seconds, "{named:?}");
        assert_eq!(it.server.request_count(), 2);
    }
}

#[test]
fn a_429_whose_body_breaks_off_counts_too_and_is_not_asked_again() {
    let it = throttling(|| Reply::json(429, "slower").with_fault(Fault::CutBody));
    let why = it.send(it.get()).unwrap_err();
    assert_eq!(why.reason, UnavailableReason::RateLimited, "{why}");
    assert_eq!(it.server.request_count(), 1);
}

#[test]
fn what_a_digest_takes_for_a_throttle_closes_the_server_and_says_for_how_long() {
    for (named, told) in [
        (None, 60),
        (Some(0), 60),
        (Some(90), 90),
        (Some(86_400), 86_400),
    ] {
        let it = throttling(|| Reply::status(403));
        let limited = move |_: &Response| -> Result<String, Unavailable> {
            let why = Unavailable::new(UnavailableReason::RateLimited, "its own way to say so");
            Err(why.retry_after(named.map(Duration::from_secs)))
        };
        let first = run(it.transport.fetch_cached(it.get(), limited)).unwrap_err();
        assert_eq!(first.retry_after, Some(Duration::from_secs(told)));
        assert_eq!(it.held_back(it.get()), told.min(3600));
        let streamed = run(it.transport.fetch_cached_stream(it.get(), |_, _| Ok(())));
        assert_eq!(streamed.unwrap_err().reason, UnavailableReason::RateLimited);
        assert_eq!(it.server.request_count(), 1);
    }
    let it = throttling(|| Reply::status(403));
    let forbidden = |_: &Response| -> Result<String, Unavailable> {
        Err(Unavailable::new(UnavailableReason::Forbidden, "no"))
    };
    assert!(run(it.transport.fetch_cached(it.get(), forbidden)).is_err());
    assert_eq!(it.send(it.get()).unwrap().status(), 403);
}

#[test]
fn one_token_that_is_used_up_keeps_nobody_else_out() {
    let it = throttling(|| Reply::status(429));
    let with = |token: &str| it.get().bearer(&SecretString::from(token));
    it.send(with("mallory")).unwrap();
    assert_eq!(it.held_back(with("mallory")), 60);
    it.throttles.store(false, Ordering::SeqCst);
    assert_eq!(it.send(with("alice")).unwrap().status(), 200);
    assert_eq!(it.send(it.get()).unwrap().status(), 200);
}

#[test]
fn other_servers_are_asked_as_ever() {
    let it = throttling(|| Reply::status(429));
    let other = Server::start(|_| Reply::status(200));
    it.send(it.get()).unwrap();
    let request = Request::get(&other.origin(), &["x"]).unwrap();
    assert_eq!(it.send(request).unwrap().status(), 200);
}

#[test]
fn what_is_under_way_ends_and_what_waits_for_a_turn_is_not_sent() {
    let server = Server::start(|request| match request.query_value("slow") {
        Some(_) => Reply::json(200, "at last").delay(millis(300)),
        None => Reply::status(429),
    });
    let transport = Transport::new(
        TransportConfig::default().with_max_concurrent(2),
        Arc::new(SystemClock),
        Arc::new(RecordingSleeper::default()),
        Arc::new(MemoryStore::new()),
    )
    .unwrap();
    let get = || Request::get(&server.origin(), &["x"]).unwrap();
    run(async {
        let slow = tokio::spawn({
            let (transport, request) = (transport.clone(), get().query("slow", ""));
            async move { transport.send(request).await }
        });
        while server.request_count() == 0 {
            tokio::time::sleep(millis(5)).await;
        }
        let mut others = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (transport, request) = (transport.clone(), get());
            others.spawn(async move { transport.send(request).await });
        }
        let others = others.join_all().await;
        let sent = others.iter().filter(|answer| answer.is_ok()).count();
        assert_eq!(sent, 1, "one seat was free");
        assert_eq!(slow.await.unwrap().unwrap().status(), 200);
    });
    assert_eq!(server.request_count(), 2);
}
