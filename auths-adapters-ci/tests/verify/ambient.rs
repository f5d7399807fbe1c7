//! The job's own token: one request, and no secret anywhere.

use std::sync::Arc;
use std::time::Duration;

use auths_adapters_ci::{GitHubJob, JobTokenError};
use auths_core::UnavailableReason;
use auths_core::ports::{Budget, FixedClock};
use auths_testkit::issuer::{SigningKey, TokenDraft};
use auths_testkit::server::{Reply, Server};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::common::{AUDIENCE, now, transport};

const SECRET: &str = "the-secret-of-the-job";

/// Answers with this value, whatever is asked.
fn serve(value: &str) -> Server {
    let value = value.to_owned();
    let clock = Arc::new(FixedClock(now()));
    Server::start_with_clock(clock, move |_| {
        Reply::json(200, json!({ "count": 1, "value": value }))
    })
}

fn job(server: &Server) -> GitHubJob {
    let address = format!("{}/70//idtoken/7/8?api-version=2.0", server.origin());
    GitHubJob::new(&address, SECRET.into()).unwrap()
}

#[tokio::test]
async fn a_job_gets_its_token_by_one_request() {
    let token =
        TokenDraft::github("https://issuer.example", AUDIENCE, now()).sign(&SigningKey::shared(0));
    let server = serve(&token);
    let audience = "https://registry.example/a?b&c".parse().unwrap();
    let (transport, budget) = (transport(), Budget::new(1, Duration::from_secs(9)));
    let job = job(&server);
    let got = job.request_token(&transport, &audience, &budget).await;
    assert_eq!(got.unwrap().expose_secret(), token);
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("GET", "/70//idtoken/7/8")
    );
    assert_eq!(
        requests[0].query_value("audience").unwrap(),
        audience.as_str()
    );
    assert_eq!(
        requests[0].query_value("api-version").as_deref(),
        Some("2.0")
    );
    assert_eq!(
        requests[0].header("authorization"),
        Some(&*format!("Bearer {SECRET}"))
    );
}

#[tokio::test]
async fn what_is_no_token_is_not_handed_out() {
    for value in ["", "a.b.c", "ghs_0123456789abcdefABCDEF", "e30.e30"] {
        let server = serve(value);
        let job = job(&server);
        let audience = AUDIENCE.parse().unwrap();
        let error = job
            .request_token(&transport(), &audience, &Budget::unlimited())
            .await
            .unwrap_err();
        let JobTokenError::Unavailable(why) = &error else {
            panic!("{error}")
        };
        assert_eq!(why.reason, UnavailableReason::Unreadable, "{value}");
        for text in [error.to_string(), format!("{error:?}"), format!("{job:?}")] {
            assert!(
                !text.contains(SECRET) && (value.is_empty() || !text.contains(value)),
                "{text}"
            );
        }
    }
}

#[test]
fn addresses_that_are_not_asked() {
    for address in [
        "",
        "x",
        "http://runner.example/idtoken",
        "https://user:hunter2@runner.example/x",
        "ftp://runner.example",
    ] {
        let error = GitHubJob::new(address, SECRET.into()).unwrap_err();
        assert_eq!(
            (error.code(), error.is_retryable()),
            ("AUTHS-1008", false),
            "{address}"
        );
        assert!(!format!("{error:?}{error}").contains("hunter2"));
    }
}

#[test]
fn a_job_without_a_secret_may_not_ask() {
    for secret in ["", " \n"] {
        let error = GitHubJob::new("https://runner.example/idtoken", secret.into()).unwrap_err();
        assert!(matches!(error, JobTokenError::NoSecret), "{error:?}");
        assert_eq!((error.code(), error.is_retryable()), ("AUTHS-1008", false));
    }
}
