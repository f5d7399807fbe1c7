//! A secret that a later answer repeats, to whatever question.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

use std::sync::Arc;

use auths_core::UnavailableReason;
use auths_core::ports::MemoryStore;
use auths_http::{REDACTED, Request, SystemClock, TokioSleeper, Transport, TransportConfig};
use auths_testkit::server::{Reply, Server};
use secrecy::SecretString;
use serde_json::json;

fn transport() -> Transport {
    Transport::new(
        TransportConfig::default(),
        Arc::new(SystemClock),
        Arc::new(TokioSleeper),
        Arc::new(MemoryStore::new()),
    )
    .unwrap()
}

const TOKEN: &str = "gho_hunter2neverShown";
const CODE: &str = "device-code-never-shown";

#[tokio::test]
async fn what_was_sent_or_given_before_is_taken_out_of_every_later_answer() {
    let said = json!({ "said": format!("{TOKEN} and {CODE}") });
    let server = Server::start(move |request| {
        let reply = Reply::json(200, said.clone()).header("x-said", &format!("{TOKEN} {CODE}"));
        match request.path.as_str() {
            "/away" => Reply::redirect(302, &format!("/elsewhere/{CODE}?t={TOKEN}")),
            _ => reply,
        }
    });
    let ask = |path: &str| Request::get(&server.origin(), &[path]).unwrap();
    let transport = transport();
    let first = transport.send(ask("first")).await.unwrap();
    assert!(
        first.header("x-said").unwrap().contains(TOKEN),
        "nobody knows yet"
    );
    // One came with a request, the other in an answer.
    let token = SecretString::from(TOKEN);
    transport.send(ask("with").bearer(&token)).await.unwrap();
    transport.keep_secret(&SecretString::from(CODE));
    let later = transport.clone().send(ask("later")).await.unwrap();
    let body = String::from_utf8(later.body().to_vec()).unwrap();
    let head = later.header("x-said").unwrap().to_owned();
    for text in [body, head] {
        assert!(text.contains(REDACTED), "{text}");
        assert!(!text.contains("hunter2") && !text.contains(CODE), "{text}");
    }
    let followed = ask("away").redirects_within_origin(1);
    let followed = transport.send(followed).await.unwrap();
    let place = followed.url().to_string();
    assert!(
        !place.contains("hunter2") && !place.contains(CODE),
        "{place}"
    );
}

#[tokio::test]
async fn an_address_that_holds_a_token_is_not_asked() {
    let server = Server::start(|_| Reply::status(200));
    let transport = transport();
    let base62 = "aB3".repeat(12);
    for token in [
        format!("ghp_{base62}"),
        format!("npm_{base62}"),
        format!("pypi-AgEIcHlwaS5vcmc{base62}"),
        format!("cio{}", &base62[..32]),
        format!("eyJhbGciOiJSUzI1NiJ9.{base62}.{base62}"),
    ] {
        let origin = server.origin();
        let requests = [
            Request::get(&origin, &["pypi", &token, "json"]).unwrap(),
            Request::get(&origin, &[&format!("@acme/{token}")]).unwrap(),
            Request::get(&origin, &["x"]).unwrap().query("page", &token),
            Request::post(&origin, &["users", &token]).unwrap(),
        ];
        for request in requests {
            let refused = transport.send(request).await.unwrap_err();
            assert_eq!(refused.reason, UnavailableReason::Forbidden);
            assert!(refused.raw_detail.contains("was not sent"), "{refused}");
            assert!(!refused.to_string().contains(&base62[..8]), "{refused}");
        }
    }
    assert_eq!(server.request_count(), 0);
}
