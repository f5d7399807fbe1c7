//! Keys over time: the last good set serves, one refresh at a time, and a key server that fails stops nobody who has a good set.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{Pair, after, code, codes, issuer, now, query, start, start_with, transport};
use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier, IssuerConfig};
use auths_core::ci::CiProvider;
use auths_core::ports::{CiTokenError, CiTokenQuery, CiTokenVerifierExt};
use auths_core::{Timestamp, UnavailableReason};
use auths_testkit::issuer::{SigningKey, TestIssuer};
use auths_testkit::server::{Fault, Reply, Server};
use serde_json::{Value, json};

const HOUR: u64 = 3600;

/// The question about a token of the first issuer that this key signed at this time.
fn query_at(pair: &Pair, key: usize, time: Timestamp) -> CiTokenQuery {
    let mut draft = pair.draft();
    for (name, since) in [("iat", 0), ("nbf", 0), ("exp", 300)] {
        draft = draft.claim(name, time.as_unix() + since);
    }
    let mut query = query(&draft.sign(&SigningKey::shared(key)));
    query.now = time;
    query
}

async fn code_at(pair: &Pair, key: usize, time: Timestamp) -> &'static str {
    code(&pair.verify(&query_at(pair, key, time)).await)
}

fn jwk(key: usize) -> Value {
    SigningKey::shared(key).public_jwk()
}

/// Waits until the keys were asked for that often.
async fn wait_for_requests(issuer: &TestIssuer, requests: usize) {
    let began = Instant::now();
    while issuer.count_key_requests() < requests {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "no refresh began"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn keys_are_read_once_and_serve_every_token() {
    let pair = start();
    for _ in 0..20 {
        assert_eq!(code_at(&pair, 0, now()).await, "ok");
    }
    assert_eq!(pair.github.count_key_requests(), 1);
    assert_eq!(
        pair.gitlab.count_key_requests(),
        0,
        "nobody asked for that issuer's tokens"
    );
}

#[tokio::test]
async fn a_new_key_is_looked_for_at_once_and_then_at_most_once_a_minute() {
    let pair = start();
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
    let recent = pair.verify(&query_at(&pair, 1, after(59))).await;
    let Err(CiTokenError::Unavailable(why)) = recent else {
        panic!("{recent:?}")
    };
    assert_eq!(why.reason, UnavailableReason::KeysReadRecently);
    assert_eq!(why.retry_after, Some(Duration::from_secs(1)));
    assert!(why.is_retryable());
    // Read, and the key is not there: that is a no.
    assert_eq!(code_at(&pair, 1, after(60)).await, codes::KEY);
    pair.github.show_keys([jwk(0), jwk(1)]);
    assert_eq!(code_at(&pair, 1, after(100)).await, codes::RECENT);
    assert_eq!(code_at(&pair, 1, after(120)).await, "ok");
    assert_eq!(pair.github.count_key_requests(), 3);
}

#[tokio::test]
async fn a_key_that_is_listed_and_cannot_be_used_is_no_refusal() {
    let pair = start();
    let mut other_use = jwk(1);
    other_use["use"] = json!("enc");
    pair.github.show_keys([jwk(0), other_use]);
    let read = pair.verify(&query_at(&pair, 1, now())).await;
    let Err(CiTokenError::Unavailable(why)) = read else {
        panic!("{read:?}")
    };
    assert_eq!(why.reason, UnavailableReason::Unreadable);
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
}

#[tokio::test]
async fn a_clock_that_was_set_back_holds_nothing_up() {
    let pair = start();
    assert_eq!(code_at(&pair, 0, after(HOUR)).await, "ok");
    pair.github.show_keys([jwk(1)]);
    assert_eq!(code_at(&pair, 1, now()).await, "ok");
    assert_eq!(
        code_at(&pair, 0, now()).await,
        codes::RECENT,
        "a withdrawn key is gone"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_unknown_keys_makes_one_request() {
    let pair = Arc::new(start());
    let answer = Reply::json(200, json!({ "keys": [jwk(0)] })).delay(Duration::from_millis(100));
    pair.github.answer_keys_with(answer);
    let asked: Vec<_> = (0..50)
        .map(|n| {
            let pair = Arc::clone(&pair);
            let token = pair
                .draft()
                .header("kid", format!("unknown-{n}"))
                .sign(&SigningKey::shared(0));
            tokio::spawn(async move { pair.code(&token).await })
        })
        .collect();
    for one in asked {
        let code = one.await.unwrap();
        assert!(matches!(code, codes::KEY | codes::RECENT), "{code}");
    }
    assert_eq!(pair.github.count_key_requests(), 1);
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
}

#[tokio::test]
async fn a_key_server_that_hangs_stops_nobody_who_has_a_good_set() {
    let pair = start_with(|config| config.with_max_time(Duration::from_millis(1500)));
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
    pair.github
        .answer_keys_with(Reply::fault(Fault::StallBeforeHead));
    // The set is old enough to be read again, and serves meanwhile; so it does while somebody waits for an unknown key.
    let later = after(HOUR);
    let unknown = query_at(&pair, 1, later);
    let waiting = pair.verifier.clone();
    let waiting = tokio::spawn(async move { code(&waiting.verify(&unknown).await) });
    wait_for_requests(&pair.github, 2).await;
    for _ in 0..20 {
        let began = Instant::now();
        assert_eq!(code_at(&pair, 0, later).await, "ok");
        assert!(
            began.elapsed() < Duration::from_secs(1),
            "it waited for the refresh"
        );
    }
    assert!(!waiting.is_finished(), "it waits for the key server still");
    let gave_up = waiting.await.unwrap();
    assert_eq!(gave_up, "AUTHS-3002", "a time-out");
    // The failure is kept for the rest of the minute, and the good set goes on.
    assert_eq!(
        code_at(&pair, 1, later + Duration::from_secs(30)).await,
        "AUTHS-3002"
    );
    assert_eq!(
        code_at(&pair, 0, later + Duration::from_secs(30)).await,
        "ok"
    );
    assert_eq!(pair.github.count_key_requests(), 2);
}

#[tokio::test]
async fn the_last_good_set_serves_until_its_hard_age() {
    let pair = start();
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
    pair.github.answer_keys_with(Reply::status(503));
    let last = now() + Duration::from_secs(24 * HOUR - 1);
    assert_eq!(code_at(&pair, 0, last).await, "ok");
    let joined = code_at(&pair, 1, last).await;
    assert_eq!(
        joined, "AUTHS-3004",
        "whoever needs the refresh waits for it"
    );
    assert_eq!(pair.github.count_key_requests(), 2);
    let hard = now() + Duration::from_secs(24 * HOUR + 120);
    assert_eq!(
        code_at(&pair, 0, hard).await,
        "AUTHS-3004",
        "a server error"
    );
    pair.github.show_keys([jwk(0)]);
    let recent = pair
        .verify(&query_at(&pair, 0, hard + Duration::from_secs(20)))
        .await;
    let Err(CiTokenError::Unavailable(why)) = recent else {
        panic!("{recent:?}")
    };
    assert_eq!(
        (why.reason, why.retry_after),
        (
            UnavailableReason::ServerError,
            Some(Duration::from_secs(40))
        )
    );
    assert_eq!(
        code_at(&pair, 0, hard + Duration::from_secs(60)).await,
        "ok"
    );
}

#[tokio::test]
async fn a_set_is_read_again_beside_the_verifications_and_withdrawn_keys_go() {
    let pair = start_with(|config| config.with_refresh_age(Duration::from_secs(600)));
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
    pair.github.show_keys([jwk(1)]);
    assert_eq!(code_at(&pair, 0, after(599)).await, "ok");
    assert_eq!(pair.github.count_key_requests(), 1);
    assert_eq!(
        code_at(&pair, 0, after(600)).await,
        "ok",
        "it serves while it is read again"
    );
    wait_for_requests(&pair.github, 2).await;
    let began = Instant::now();
    while code_at(&pair, 1, after(601)).await != "ok" {
        assert!(
            began.elapsed() < Duration::from_secs(20),
            "the new set never came"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(code_at(&pair, 0, after(660)).await, codes::KEY);
}

#[tokio::test]
async fn a_set_is_as_old_as_the_answer_of_its_server() {
    let pair = start();
    let copy = |hours| {
        let set = Reply::json(200, json!({ "keys": [jwk(0)] }));
        set.from_cache(Duration::from_secs(hours * HOUR))
    };
    pair.github.answer_keys_with(copy(25));
    assert_eq!(
        code_at(&pair, 0, now()).await,
        "AUTHS-3018",
        "no answer, not a no"
    );
    pair.github.answer_keys_with(copy(23));
    assert_eq!(code_at(&pair, 0, after(60)).await, "ok");
    pair.github.answer_keys_with(Reply::status(503));
    assert_eq!(
        code_at(&pair, 0, after(HOUR + 120)).await,
        "AUTHS-3004",
        "it serves for one hour more"
    );
}

#[tokio::test]
async fn a_set_that_is_refused_replaces_no_good_one() {
    let pair = start();
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
    let weak = json!({ "kty": "RSA", "kid": "key-1", "n": "AQAB", "e": "AQAB" });
    let mut time = after(60);
    for keys in [vec![], vec![weak], vec![jwk(1), jwk(1)]] {
        pair.github.show_keys(keys);
        let refused = code_at(&pair, 1, time).await;
        assert!(refused.starts_with("AUTHS-3"), "{refused}");
        assert_eq!(code_at(&pair, 0, time).await, "ok");
        time = time + Duration::from_secs(60);
    }
}

#[tokio::test]
async fn whoever_goes_away_ends_no_refresh() {
    let pair = start();
    let slow = Reply::json(200, json!({ "keys": [jwk(0)] })).delay(Duration::from_millis(300));
    pair.github.answer_keys_with(slow);
    let first = query_at(&pair, 0, now());
    let gone = pair.verifier.clone();
    let gone = tokio::spawn(async move { drop(gone.verify(&first).await) });
    wait_for_requests(&pair.github, 1).await;
    gone.abort();
    assert!(gone.await.unwrap_err().is_cancelled());
    assert_eq!(code_at(&pair, 0, now()).await, "ok");
    assert_eq!(pair.github.count_key_requests(), 1);
}

#[test]
fn a_runtime_that_ends_takes_no_issuer_with_it() {
    let pair = start();
    pair.github
        .answer_keys_with(Reply::fault(Fault::StallBeforeHead));
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    first.block_on(async {
        let query = query_at(&pair, 0, now());
        let asking = pair.verify(&query);
        assert!(
            tokio::time::timeout(Duration::from_millis(200), asking)
                .await
                .is_err()
        );
    });
    first.shutdown_background();
    pair.github.show_keys([jwk(0)]);
    let second = runtime();
    assert_eq!(
        second.block_on(code_at(&pair, 0, after(30))),
        "AUTHS-3001",
        "the reading was broken off"
    );
    assert_eq!(second.block_on(code_at(&pair, 0, after(60))), "ok");
}

/// The outcome for a discovery document that is made of the issuer's own address.
async fn outcome_of(
    discovery: impl Fn(&str) -> Value + Send + Sync + 'static,
) -> UnavailableReason {
    let clock = Arc::new(auths_core::ports::FixedClock(now()));
    let server = Server::start_with_clock(clock, move |request| {
        let issuer = format!("http://{}", request.header("host").unwrap_or_default());
        match request.path.as_str() {
            "/.well-known/openid-configuration" => Reply::json(200, discovery(&issuer)),
            _ => Reply::json(200, json!({ "keys": [jwk(0)] })),
        }
    });
    let url = server.origin().to_string();
    let config = IssuerConfig::new(auths_core::ci::CiIssuer::new(
        CiProvider::GitHubActions,
        url.parse().unwrap(),
    ));
    let verifier =
        IdTokenVerifier::new(IdTokenConfig::new().with_issuer(config), transport()).unwrap();
    let draft = auths_testkit::issuer::TokenDraft::github(&url, crate::common::AUDIENCE, now());
    match verifier
        .verify(&query(&draft.sign(&SigningKey::shared(0))))
        .await
    {
        Err(CiTokenError::Unavailable(why)) => {
            assert!(
                server
                    .requests()
                    .iter()
                    .all(|request| request.path.starts_with("/.well-known"))
            );
            why.reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn keys_are_read_from_the_issuers_own_server_alone() {
    for (jwks_uri, reason) in [
        (
            "https://evil.example/jwks",
            UnavailableReason::EvidenceMismatch,
        ),
        (
            "http://127.0.0.1:1/jwks",
            UnavailableReason::EvidenceMismatch,
        ),
        ("ISSUER.evil.example/jwks", UnavailableReason::Unreadable),
        ("ISSUER@evil.example/jwks", UnavailableReason::Unreadable),
        ("ISSUER/jwks?x=1", UnavailableReason::Unreadable),
        ("ISSUER/jwks#x", UnavailableReason::Unreadable),
        ("ISSUER/a/../jwks", UnavailableReason::Unreadable),
        ("/jwks", UnavailableReason::Unreadable),
        ("", UnavailableReason::Unreadable),
    ] {
        let found = outcome_of(
            move |issuer| json!({ "issuer": issuer, "jwks_uri": jwks_uri.replace("ISSUER", issuer) }),
        );
        assert_eq!(found.await, reason, "{jwks_uri}");
    }
    for other in ["ISSUER/", "https://evil.example", ""] {
        let found = outcome_of(
            move |issuer| json!({ "issuer": other.replace("ISSUER", issuer), "jwks_uri": format!("{issuer}/jwks") }),
        );
        assert_eq!(found.await, UnavailableReason::EvidenceMismatch, "{other}");
    }
}

#[tokio::test]
async fn a_fixed_address_needs_no_discovery() {
    let server = TestIssuer::start_with_clock(Arc::new(auths_core::ports::FixedClock(now())));
    let address = format!("{}/.well-known/jwks", server.origin())
        .parse()
        .unwrap();
    let fixed = IssuerConfig::new(issuer(&server, CiProvider::GitHubActions))
        .with_keys_at(address)
        .unwrap();
    let verifier =
        IdTokenVerifier::new(IdTokenConfig::new().with_issuer(fixed), transport()).unwrap();
    let draft = auths_testkit::issuer::TokenDraft::github(
        &server.origin().to_string(),
        crate::common::AUDIENCE,
        now(),
    );
    let one = auths_core::ports::Budget::new(1, Duration::from_secs(60));
    let query = query(&draft.sign(&SigningKey::shared(0))).within(one);
    assert_eq!(code(&verifier.verify(&query).await), "ok");
}
