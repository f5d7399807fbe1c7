//! Streams: whole, bounded in memory, and honest about their end.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auths_core::UnavailableReason;
use auths_testkit::server::{Fault, Reply};
use common::{config, millis, pair, run};

const LARGE: usize = 8 << 20;

fn large() -> Vec<u8> {
    (0..LARGE).map(|i| (i % 251) as u8).collect()
}

#[test]
fn a_large_body_arrives_whole_plain_and_compressed() {
    let body = large();
    let pair = pair(
        config().with_timeout(Duration::from_secs(8)),
        move |request| {
            let reply = Reply::bytes(200, "application/octet-stream", body.clone());
            match request.query_value("gzip") {
                Some(_) => reply.gzip(),
                None => reply,
            }
        },
    );
    for request in [pair.get(), pair.get().query("gzip", "")] {
        let request = request.max_bytes(LARGE as u64);
        let read = run(pair.transport.stream(request, |head, body| {
            let mut seen = Vec::new();
            body.read_to_end(&mut seen).unwrap();
            // Reading on after the end stays at the end.
            assert_eq!(body.read(&mut [0; 8]).unwrap(), 0);
            (head.status(), seen)
        }));
        assert_eq!(read.unwrap(), (200, large()));
    }
}

#[test]
fn a_reader_that_stops_early_still_waits_for_the_proper_end() {
    let body = large();
    let pair = pair(config().with_timeout(Duration::from_secs(8)), move |_| {
        Reply::bytes(200, "application/octet-stream", body.clone())
    });
    let request = || pair.get().max_bytes(LARGE as u64);
    let first = run(pair.transport.stream(request(), |_, body| {
        let mut first = [0; 3];
        body.read_exact(&mut first).unwrap();
        first
    }));
    assert_eq!(first.unwrap(), [0, 1, 2]);
    let capped = run(pair
        .transport
        .stream(request().max_bytes(LARGE as u64 - 1), |_, _| ()));
    assert_eq!(capped.unwrap_err().reason, UnavailableReason::TooLarge);
}

#[test]
fn other_statuses_are_streamed_too() {
    let pair = pair(config(), |_| Reply::json(404, "none"));
    let status = run(pair.transport.stream(pair.get(), |head, _| head.status()));
    assert_eq!(status.unwrap(), 404);
}

#[test]
fn a_reader_that_dawdles_is_cut_off() {
    let body = large();
    let pair = pair(config().with_timeout(millis(300)), move |_| {
        Reply::bytes(200, "application/octet-stream", body.clone())
    });
    let saw_error = Arc::new(AtomicBool::new(false));
    let saw = Arc::clone(&saw_error);
    let result = run(pair
        .transport
        .stream(pair.get().max_bytes(LARGE as u64), move |_, body| {
            std::thread::sleep(millis(600));
            let end = std::io::copy(body, &mut std::io::sink());
            saw.store(end.is_err(), Ordering::SeqCst);
        }));
    assert_eq!(result.unwrap_err().reason, UnavailableReason::Timeout);
    assert!(saw_error.load(Ordering::SeqCst));
}

#[test]
fn a_dropped_stream_ends_its_reader_with_an_error() {
    let pair = pair(config().with_timeout(Duration::from_secs(8)), |_| {
        Reply::fault(Fault::StallInBody)
    });
    let (tell, told) = std::sync::mpsc::channel();
    run(async {
        let stream = pair.transport.stream(pair.get(), move |_, body| {
            tell.send(std::io::copy(body, &mut std::io::sink()).is_err())
                .unwrap();
        });
        assert!(tokio::time::timeout(millis(100), stream).await.is_err());
    });
    assert!(told.recv_timeout(Duration::from_secs(2)).unwrap());
}

#[test]
#[should_panic(expected = "the reader's own fault")]
fn a_panic_of_the_reader_is_the_callers() {
    let pair = pair(config(), |_| Reply::json(200, "x"));
    let _ = run(pair
        .transport
        .stream(pair.get(), |_, _| panic!("the reader's own fault")));
}

#[test]
fn a_fault_before_the_body_is_retried() {
    let config = config().with_max_attempts(3);
    let pair = pair(config, |_| Reply::json(200, "x"));
    pair.server.reset_next(2);
    let read = run(pair
        .transport
        .stream(pair.get(), |_, body| std::io::read_to_string(body).unwrap()));
    assert_eq!(read.unwrap(), "\"x\"");
}

#[test]
fn every_call_can_run_on_any_thread() {
    fn sendable<T: Send>(work: T) -> T {
        work
    }
    let pair = pair(config(), |_| Reply::json(200, "x"));
    let (transport, get) = (&pair.transport, || pair.get());
    run(async {
        assert!(sendable(transport.send(get())).await.is_ok());
        assert!(sendable(transport.stream(get(), |_, _| ())).await.is_ok());
        assert!(
            sendable(transport.fetch_cached(get(), |_| Ok(String::new())))
                .await
                .is_ok()
        );
        let streamed = transport.fetch_cached_stream(get(), |_, _| Ok(String::new()));
        assert!(sendable(streamed).await.is_ok());
    });
}
