//! Conditional requests: what is kept, when it is used, and when it is not.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use auths_core::ports::{MemoryStore, Store, StoreError, StoreKey};
use auths_core::{Unavailable, UnavailableReason};
use auths_http::{Cached, Request, Response};
use auths_testkit::server::{Fault, Reply, Server};
use common::{Pair, config, pair, pair_with, run};
use secrecy::SecretString;

/// Digests a body into its length.
fn length(response: &Response) -> Result<usize, Unavailable> {
    match response.status() {
        200 => Ok(response.body().len()),
        status => Err(Unavailable::new(
            UnavailableReason::UnexpectedStatus,
            format!("status {status}"),
        )),
    }
}

impl Pair {
    fn fetch_cached(&self, request: Request) -> Result<Cached<usize>, Unavailable> {
        run(self.transport.fetch_cached(request, length))
    }

    /// The `If-None-Match` of the request number `n`.
    fn condition(&self, n: usize) -> Option<String> {
        self.server.requests()[n]
            .header("if-none-match")
            .map(str::to_owned)
    }
}

fn tagged() -> Pair {
    pair(config(), |_| Reply::json(200, "body").etag("\"a\""))
}

#[test]
fn the_second_time_nothing_is_read() {
    let pair = tagged();
    let first = pair.fetch_cached(pair.get()).unwrap();
    assert_eq!(
        (first.value, first.not_modified, first.status()),
        (6, false, 200)
    );
    let second = pair.fetch_cached(pair.get()).unwrap();
    assert_eq!(
        (second.value, second.not_modified, second.status()),
        (6, true, 304)
    );
    assert_eq!(
        (pair.condition(0), pair.condition(1).as_deref()),
        (None, Some("\"a\""))
    );
}

#[test]
fn another_process_with_the_same_store_goes_on() {
    let first = tagged();
    assert!(first.fetch_cached(first.get()).is_ok());
    let second = pair_with(first.server, config(), first.store);
    assert!(second.fetch_cached(second.get()).unwrap().not_modified);
}

#[test]
fn a_change_is_digested_and_kept() {
    let count = AtomicUsize::new(0);
    let pair = pair(config(), move |_| {
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::json(200, "a").etag("\"a\""),
            _ => Reply::json(200, "bbbb").etag("W/\"b\""),
        }
    });
    let values = [(); 3].map(|()| {
        let digested = pair.fetch_cached(pair.get()).unwrap();
        (digested.value, digested.not_modified)
    });
    assert_eq!(values, [(3, false), (6, false), (6, true)]);
    assert_eq!(pair.condition(2).as_deref(), Some("W/\"b\""));
}

#[test]
fn a_last_modified_serves_where_there_is_no_tag() {
    let old = "Sat, 21 Nov 2015 08:46:00 GMT";
    let pair = pair(config(), move |request| {
        match request.header("if-modified-since") {
            Some(date) if date == old => Reply::status(304),
            _ => Reply::json(200, "x").header("last-modified", old),
        }
    });
    assert!(!pair.fetch_cached(pair.get()).unwrap().not_modified);
    assert!(pair.fetch_cached(pair.get()).unwrap().not_modified);
}

#[test]
fn another_question_is_another_record() {
    let pair = tagged();
    assert!(pair.fetch_cached(pair.get()).is_ok());
    for request in [
        pair.get().query("a", "b"),
        pair.get().accept("text/html"),
        pair.get().bearer(&SecretString::from("t")),
        pair.get().bearer(&SecretString::from("u")),
        pair.get().cache_as("v2"),
    ] {
        assert!(!pair.fetch_cached(request).unwrap().not_modified);
    }
    let other_type = run(pair
        .transport
        .fetch_cached(pair.get(), |r| Ok(r.body().len() as u64)));
    assert!(!other_type.unwrap().not_modified);
}

#[test]
fn only_a_plain_200_with_a_validator_is_kept() {
    let replies: [fn() -> Reply; 4] = [
        || Reply::json(200, "x"),
        || Reply::json(404, "x").etag("\"a\""),
        || Reply::json(206, "x").etag("\"a\""),
        || {
            Reply::json(200, "x")
                .etag("\"a\"")
                .header("cache-control", "no-store")
        },
    ];
    for reply in replies {
        let pair = pair(config(), move |_| reply());
        for _ in 0..2 {
            let got = run(pair.transport.fetch_cached(pair.get(), |r| Ok(r.status())));
            assert!(!got.unwrap().not_modified);
        }
        assert_eq!(pair.condition(1), None);
    }
}

#[test]
fn a_digest_that_fails_keeps_nothing() {
    let pair = tagged();
    let failed = run(pair.transport.fetch_cached(pair.get(), |_| {
        Err::<usize, _>(Unavailable::new(UnavailableReason::MissingField, "x"))
    }));
    assert_eq!(failed.unwrap_err().reason, UnavailableReason::MissingField);
    assert!(!pair.fetch_cached(pair.get()).unwrap().not_modified);
}

#[test]
fn the_digest_says_what_other_statuses_mean() {
    let count = AtomicUsize::new(0);
    let pair = pair(config(), move |_| {
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => Reply::json(200, "x").etag("\"a\""),
            _ => Reply::status(404),
        }
    });
    assert!(pair.fetch_cached(pair.get()).is_ok());
    assert_eq!(
        pair.fetch_cached(pair.get()).unwrap_err().reason,
        UnavailableReason::UnexpectedStatus
    );
    assert!(pair.condition(1).is_some());
}

#[test]
fn a_304_that_nothing_was_asked_for_is_unreadable() {
    let pair = pair(config(), |_| Reply::status(304));
    assert_eq!(
        pair.fetch_cached(pair.get()).unwrap_err().reason,
        UnavailableReason::Unreadable
    );
}

#[test]
fn a_304_about_another_state_is_asked_in_full() {
    let pair = pair(config(), |request| match request.header("if-none-match") {
        Some(_) => Reply::status(304).header("etag", "\"other\""),
        None => Reply::json(200, "x").etag("\"a\""),
    });
    assert!(pair.fetch_cached(pair.get()).is_ok());
    let second = pair.fetch_cached(pair.get()).unwrap();
    assert!(!second.not_modified);
    assert_eq!(pair.server.request_count(), 3);
}

/// A store that fails, or that gives back something else than was put in.
#[derive(Debug)]
struct Broken {
    inner: MemoryStore,
    reads: Option<fn(Vec<u8>) -> Vec<u8>>,
    writes: bool,
}

#[async_trait]
impl Store for Broken {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        let Some(change) = self.reads else {
            return Err(StoreError::new(key, "read", "the disk is gone"));
        };
        Ok(self.inner.get(key).await?.map(change))
    }

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        if !self.writes {
            return Err(StoreError::new(key, "written", "the disk is full"));
        }
        self.inner.put(key, value).await
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        self.inner.put_new(key, value).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        self.inner.remove(key).await
    }
}

#[test]
fn a_store_that_fails_or_lies_costs_a_request_and_no_truth() {
    let flip: fn(Vec<u8>) -> Vec<u8> = |mut bytes| {
        let last = bytes.len() - 3;
        bytes[last] ^= 1;
        bytes
    };
    let cut: fn(Vec<u8>) -> Vec<u8> = |bytes| bytes[..bytes.len() / 2].to_vec();
    let older: fn(Vec<u8>) -> Vec<u8> = |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        text.replacen("auths-http/1", "auths-http/0", 1)
            .into_bytes()
    };
    let same: fn(Vec<u8>) -> Vec<u8> = |bytes| bytes;
    for (reads, writes) in [
        (None, true),
        (Some(same), false),
        (Some(flip), true),
        (Some(cut), true),
        (Some(older), true),
        (Some(|_| Vec::new()), true),
    ] {
        let server = Server::start(|_| Reply::json(200, "body").etag("\"a\""));
        let inner = MemoryStore::new();
        let store = Broken {
            inner,
            reads,
            writes,
        };
        let pair = pair_with(server, config(), Arc::new(store));
        for _ in 0..2 {
            let digested = pair.fetch_cached(pair.get()).unwrap();
            assert_eq!((digested.value, digested.not_modified), (6, false));
        }
        assert_eq!(pair.condition(1), None);
    }
}

#[test]
fn no_record_holds_the_token_or_the_address() {
    #[derive(Debug, Default)]
    struct Spy(MemoryStore, std::sync::Mutex<Vec<String>>);
    #[async_trait]
    impl Store for Spy {
        async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
            self.0.get(key).await
        }
        async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
            let text = format!("{key} {}", String::from_utf8_lossy(value));
            self.1.lock().unwrap().push(text);
            self.0.put(key, value).await
        }
        async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
            self.0.put_new(key, value).await
        }
        async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
            self.0.remove(key).await
        }
    }
    let spy = Arc::new(Spy::default());
    let server = Server::start(|_| Reply::json(200, "body").etag("\"a\""));
    let pair = pair_with(server, config(), Arc::clone(&spy) as _);
    let request = pair
        .get()
        .query("code", "hunter2")
        .bearer(&SecretString::from("hunter2"));
    assert!(pair.fetch_cached(request.clone()).is_ok());
    assert!(pair.fetch_cached(request).unwrap().not_modified);
    let written = spy.1.lock().unwrap();
    assert_eq!(written.len(), 1);
    assert!(
        !written[0].contains("hunter2") && !written[0].contains("127.0.0.1"),
        "{}",
        written[0]
    );
}

#[test]
fn a_304_from_behind_a_redirect_is_asked_in_full() {
    let count = AtomicUsize::new(0);
    let pair = pair(config(), move |request| match request.path.as_str() {
        "/x" if count.fetch_add(1, Ordering::SeqCst) > 0 => Reply::redirect(301, "/y"),
        _ => Reply::json(200, "body").etag("\"a\""),
    });
    for _ in 0..2 {
        let request = pair.get().redirects_within_origin(1);
        assert!(!pair.fetch_cached(request).unwrap().not_modified);
    }
    assert_eq!(pair.server.request_count(), 5);
}

#[test]
fn a_post_is_neither_conditional_nor_kept() {
    let pair = pair(config(), |request| match request.method.as_str() {
        "POST" => Reply::json(200, "body").etag("\"a\""),
        _ => Reply::status(405),
    });
    for _ in 0..2 {
        assert!(
            !pair
                .fetch_cached(pair.post().json("x"))
                .unwrap()
                .not_modified
        );
    }
    assert_eq!(pair.condition(1), None);
}

#[test]
fn answers_without_a_body_keep_their_connection() {
    let pair = tagged();
    run(async {
        for n in 0..4 {
            let digested = pair
                .transport
                .fetch_cached(pair.get(), length)
                .await
                .unwrap();
            assert_eq!(digested.not_modified, n > 0);
            // The client puts a connection back a moment after its answer ends.
            tokio::time::sleep(common::millis(50)).await;
        }
    });
    assert_eq!(pair.server.connections(), 1);
}

#[test]
fn a_redirected_answer_is_not_kept() {
    let pair = pair(config(), |request| match request.path.as_str() {
        "/x" => Reply::redirect(301, "/y"),
        _ => Reply::json(200, "body").etag("\"a\""),
    });
    for _ in 0..2 {
        assert!(
            !pair
                .fetch_cached(pair.get().redirects_within_origin(1))
                .unwrap()
                .not_modified
        );
    }
    assert_eq!(pair.condition(2), None);
}

#[test]
fn a_stream_is_digested_once_and_not_begun_on_a_304() {
    let pair = pair(config(), |_| Reply::json(200, "body").etag("\"a\"").gzip());
    let calls = Arc::new(AtomicUsize::new(0));
    let digest = || {
        let calls = Arc::clone(&calls);
        run(pair
            .transport
            .fetch_cached_stream(pair.get(), move |head, body| {
                calls.fetch_add(1, Ordering::SeqCst);
                assert_eq!(head.status(), 200);
                Ok(std::io::copy(body, &mut std::io::sink()).unwrap())
            }))
        .unwrap()
    };
    let (first, second) = (digest(), digest());
    assert_eq!((first.value, first.not_modified), (6, false));
    assert_eq!((second.value, second.not_modified), (6, true));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_cut_stream_is_not_kept_even_if_its_digest_is_content() {
    let count = AtomicUsize::new(0);
    let pair = pair(config(), move |_| {
        let reply = Reply::json(200, "a body to be cut").etag("\"a\"");
        match count.fetch_add(1, Ordering::SeqCst) {
            0 => reply.with_fault(Fault::CutBody),
            _ => reply,
        }
    });
    let digest = || {
        run(pair
            .transport
            .fetch_cached_stream(pair.get(), |_, _| Ok(1u8)))
    };
    assert_eq!(digest().unwrap_err().reason, UnavailableReason::Truncated);
    assert!(!digest().unwrap().not_modified);
    assert!(digest().unwrap().not_modified);
}
