//! Every way in which an exchange fails, over a real socket: each ends in its reason, and none hangs.

mod common;

use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};

use auths_core::UnavailableReason;
use auths_core::ports::{FixedClock, MemoryStore};
use auths_http::{Request, Response, TokioSleeper, Transport};
use auths_testkit::server::{Fault, Reply, Server};
use common::{Pair, config, millis, pair, run};
use secrecy::SecretString;

const TABLE: [(Fault, UnavailableReason); 22] = [
    (Fault::StallBeforeHead, UnavailableReason::Timeout),
    (Fault::SlowHead, UnavailableReason::Timeout),
    (Fault::StallInBody, UnavailableReason::Timeout),
    (Fault::DripBody, UnavailableReason::Timeout),
    (Fault::EndlessHead, UnavailableReason::Unreadable),
    (Fault::CutBody, UnavailableReason::Truncated),
    (Fault::CutChunks, UnavailableReason::Truncated),
    (Fault::LongerLength, UnavailableReason::Truncated),
    (Fault::ResetInBody, UnavailableReason::Truncated),
    (Fault::CutGzip, UnavailableReason::Truncated),
    (Fault::CloseAfterRequest, UnavailableReason::Network),
    (Fault::ResetAfterRequest, UnavailableReason::Network),
    (Fault::CutHead, UnavailableReason::Network),
    (Fault::ResetInHead, UnavailableReason::Network),
    (Fault::Garbage, UnavailableReason::Unreadable),
    (Fault::BadHeader, UnavailableReason::Unreadable),
    (Fault::TwoLengths, UnavailableReason::Unreadable),
    (Fault::BadLength, UnavailableReason::Unreadable),
    (Fault::BadChunks, UnavailableReason::Unreadable),
    (Fault::NotGzip, UnavailableReason::Unreadable),
    (Fault::EndlessBody, UnavailableReason::TooLarge),
    (Fault::GzipBomb(8), UnavailableReason::TooLarge),
];

/// Runs `check` for each row, all at once, with a short time limit where that is what it is about.
fn for_each_fault(check: impl Fn(&Pair, Fault, UnavailableReason) + Sync) {
    std::thread::scope(|scope| {
        for (fault, why) in TABLE {
            let check = &check;
            scope.spawn(move || {
                let config = match why {
                    UnavailableReason::Timeout => config().with_timeout(millis(300)),
                    _ => config(),
                };
                check(&pair(config, move |_| Reply::fault(fault)), fault, why);
            });
        }
    });
}

#[test]
fn each_fault_ends_in_its_reason_within_the_limit() {
    for_each_fault(|pair, fault, why| {
        let started = Instant::now();
        let error = pair.send(pair.get()).unwrap_err();
        assert_eq!(error.reason, why, "{fault:?}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{fault:?}");
        assert_eq!(pair.server.request_count(), 1, "{fault:?}");
        let origin = pair.server.origin().to_string();
        let asked = format!("GET {}/x: ", origin.trim_start_matches("http://"));
        assert!(error.raw_detail.starts_with(&asked), "{error}");
    });
}

#[test]
fn each_fault_spoils_a_stream_whatever_its_reader_says() {
    for_each_fault(|pair, fault, why| {
        for reads in [0, 1, u64::MAX] {
            let error = run(pair.transport.stream(pair.get(), move |_, body| {
                let mut seen = Vec::new();
                let end = body.take(reads).read_to_end(&mut seen);
                // No fault may look like the proper end of a body.
                assert!(reads != u64::MAX || end.is_err(), "{fault:?}");
                "it is all here"
            }))
            .unwrap_err();
            assert_eq!(error.reason, why, "{fault:?} reading {reads}: {error}");
        }
    });
}

#[test]
fn no_connection_is_the_network() {
    let pair = pair(config(), |_| Reply::status(200));
    pair.server.reset_next(usize::MAX);
    assert_eq!(pair.why(pair.get()), UnavailableReason::Network);
    let request = pair.get();
    let transport = pair.transport.clone();
    drop(pair);
    let refused = run(transport.send(request)).unwrap_err();
    assert_eq!(refused.reason, UnavailableReason::Network);
    assert!(refused.raw_detail.contains("refused"), "{refused}");
}

#[test]
fn a_server_without_tls_is_named_as_such() {
    let pair = pair(config(), |_| Reply::status(200));
    let plain = pair.server.origin().to_string();
    let origin = plain.replace("http:", "https:").parse().unwrap();
    let error = pair
        .send(Request::get(&origin, &["x"]).unwrap())
        .unwrap_err();
    assert_eq!(error.reason, UnavailableReason::Network);
    assert!(error.raw_detail.contains("TLS"), "{error}");
    assert_eq!(pair.server.request_count(), 0);
}

#[test]
fn the_cap_holds_before_and_after_decompression() {
    let body = vec![b' '; 4096];
    let plain = pair(config(), {
        let body = body.clone();
        move |_| Reply::bytes(200, "text/plain", body.clone())
    });
    let small = pair(config(), move |_| {
        Reply::bytes(200, "text/plain", body.clone()).gzip()
    });
    for pair in [plain, small] {
        let whole = pair.send(pair.get().max_bytes(4096)).unwrap();
        assert_eq!(whole.body().len(), 4096);
        assert_eq!(
            pair.why(pair.get().max_bytes(4095)),
            UnavailableReason::TooLarge
        );
    }
}

#[test]
fn a_stated_length_over_the_cap_is_refused_before_reading() {
    let pair = pair(config(), |_| {
        Reply::bytes(200, "text/plain", vec![b' '; 4096]).with_fault(Fault::StallInBody)
    });
    let started = Instant::now();
    assert_eq!(
        pair.why(pair.get().max_bytes(4095)),
        UnavailableReason::TooLarge
    );
    assert!(started.elapsed() < Duration::from_secs(4));
}

#[test]
fn answers_without_a_body_do_not_wait_for_one() {
    let pair = pair(config(), |request| match request.method.as_str() {
        "HEAD" => Reply::bytes(200, "text/plain", vec![b' '; 1 << 20]),
        _ => Reply::status(304)
            .header("content-encoding", "br")
            .header("content-length", "999999"),
    });
    assert_eq!(pair.send(pair.get()).unwrap().status(), 304);
    let head = Request::head(&pair.server.origin(), &["x"]).unwrap();
    let head = pair.send(head).unwrap();
    assert_eq!((head.status(), head.body().len()), (200, 0));
    assert_eq!(head.header("Content-Length"), Some("1048576"));
}

#[test]
fn an_encoding_that_nobody_asked_for_is_unreadable() {
    let pair = pair(config(), |_| {
        Reply::bytes(200, "text/plain", "x").header("content-encoding", "br")
    });
    assert_eq!(pair.why(pair.get()), UnavailableReason::Unreadable);
}

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn asked_at(
    now: &str,
    reply: impl Fn() -> Reply + Send + Sync + 'static,
) -> Result<Response, UnavailableReason> {
    let server = Server::start(move |_| reply());
    let clock = FixedClock(now.parse().unwrap());
    let store = Arc::new(MemoryStore::new());
    let transport =
        Transport::new(config(), Arc::new(clock), Arc::new(TokioSleeper), store).unwrap();
    let request = Request::get(&server.origin(), &["x"]).unwrap();
    run(transport.send(request)).map_err(|e| e.reason)
}

#[test]
fn clocks_more_than_ten_minutes_apart_are_noticed() {
    let dated = || Reply::status(404).header("date", "Sat, 21 Nov 2026 08:00:00 GMT");
    let date = "2026-11-21T08:00:00Z".parse().unwrap();
    for now in ["2026-11-21T07:50:00Z", "2026-11-21T08:10:00Z"] {
        assert_eq!(asked_at(now, dated).unwrap().server_date(), Some(date));
    }
    for now in [
        "2026-11-21T07:49:59Z",
        "2026-11-21T08:10:01Z",
        "1970-01-01T00:00:00Z",
    ] {
        assert_eq!(
            asked_at(now, dated).unwrap_err(),
            UnavailableReason::ClockSkew,
            "{now}"
        );
    }
}

#[test]
fn a_missing_or_unreadable_date_is_tolerated() {
    let now = "2001-01-01T00:00:00Z";
    assert!(asked_at(now, || Reply::status(200).without_date()).is_ok());
    assert!(asked_at(now, || Reply::status(200).header("date", "yesterday")).is_ok());
    assert_eq!(
        asked_at(now, || Reply::status(200)).unwrap_err(),
        UnavailableReason::ClockSkew
    );
}

#[test]
fn a_cache_may_date_its_answer_when_it_was_made() {
    let aged = || {
        Reply::status(200)
            .header("date", "Sat, 21 Nov 2026 08:00:00 GMT")
            .header("age", "3600")
    };
    assert!(asked_at("2026-11-21T08:00:00Z", aged).is_ok());
    assert!(asked_at("2026-11-21T09:00:00Z", aged).is_ok());
    assert_eq!(
        asked_at("2026-11-21T08:30:00Z", aged).unwrap_err(),
        UnavailableReason::ClockSkew
    );
    assert_eq!(
        asked_at("2026-11-21T09:30:00Z", aged).unwrap_err(),
        UnavailableReason::ClockSkew
    );
}

#[test]
fn no_error_tells_the_query_or_a_token() {
    for_each_fault(|pair, fault, _| {
        let request = pair
            .get()
            .query("code", "hunter2")
            .header("x-otp", "hunter2")
            .bearer(&SecretString::from("hunter2"));
        assert!(!format!("{request:?}").contains("hunter2"));
        let error = pair.send(request).unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("hunter2"), "{fault:?}: {text}");
        let seen = &pair.server.requests()[0];
        assert_eq!(seen.header("authorization"), Some("Bearer hunter2"));
        assert_eq!(seen.query_value("code").as_deref(), Some("hunter2"));
    });
}

/// A server that says a token back must not bring it into an error, a log or a store.
#[test]
fn an_answer_that_repeats_a_secret_of_its_request_comes_without_it() {
    let pair = pair(config(), |_| {
        let said = r#""hunter2 is \u0068unter2, bTpodW50ZXIy, otp-hunter3, hunter4""#;
        Reply::bytes(200, "application/json", said)
            .header("x-why", "hunter2")
            .header("x-why", "hunter3")
    });
    let request = Request::post(&pair.server.origin(), &["x"])
        .unwrap()
        .basic("m", &SecretString::from("hunter2"))
        .form(&[("otp", "otp-hunter3")])
        .secret(&SecretString::from("hunter3"));
    let response = run(pair.transport.send(request)).unwrap();
    let body: String = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(
        body,
        "[secret] is [secret], [secret], otp-[secret], hunter4"
    );
    assert_eq!(response.header("x-why"), Some("[secret], [secret]"));
}
