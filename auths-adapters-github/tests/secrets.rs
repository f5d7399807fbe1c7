//! No secret appears in any log line, error or `Debug` of what handles it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::fmt::Debug;
use std::fmt::Write;
use std::sync::{Arc, Mutex};

use auths_adapters_github::{FlowRequest, GitHubOrgs, OwnApp};
use auths_http::REDACTED;
use auths_testkit::server::Reply;
use common::*;
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Writes down everything, at every level, from whatever crate.
struct Log(Arc<Mutex<String>>);

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }
    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Line(&mut self.0.lock().unwrap()));
        Id::from_u64(1)
    }
    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Line(&mut self.0.lock().unwrap()));
    }
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, event: &Event<'_>) {
        let mut log = self.0.lock().unwrap();
        log.push('\n');
        event.record(&mut Line(&mut log));
    }
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// A GitHub that hands out these secrets, and repeats them wherever an answer can go wrong.
const PLANTED: [&str; 3] = ["devicecode-hunter2", "gho_hunter2", "appsecret-hunter2"];

#[test]
fn no_secret_is_logged_or_shown() {
    let text: Arc<Mutex<String>> = Arc::default();
    tracing::subscriber::set_global_default(Log(Arc::clone(&text))).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut seen = runtime.block_on(everything());
    seen.extend(runtime.block_on(repeated()));
    let logged = text.lock().unwrap().clone();
    assert!(
        logged.contains("connecting to 127.0.0.1"),
        "nothing was logged"
    );
    seen.push(logged);
    for shown in seen {
        for secret in PLANTED {
            assert!(!shown.contains(secret), "{secret} in {shown}");
        }
        // Neither what a header makes of it.
        let basic = data_encoding::BASE64.encode(format!("{APP}:{}", PLANTED[2]).as_bytes());
        assert!(!shown.contains(&basic), "{shown}");
    }
}

/// Every way in which a secret passes through, good and bad, and what it shows of itself.
async fn everything() -> Vec<String> {
    let mut seen = Vec::new();
    let bad = [
        json!({ "access_token": PLANTED[1], "token_type": "bearer", "scope": "gist" }),
        json!({ "access_token": [PLANTED[1]], "token_type": "bearer" }),
        json!({ "access_token": PLANTED[1], "token_type": "mac" }),
        json!({ "access_token": PLANTED[1], "interval": PLANTED[1] }),
        json!({ "access_token": format!("{}\n", PLANTED[1]), "token_type": "bearer" }),
    ];
    for answer in bad {
        let stage = Stage::answering(move |world, request| match request.path.as_str() {
            "/login/device/code" => Reply::json(
                200,
                json!({
                    "device_code": PLANTED[0], "user_code": "ABCD-1234", "expires_in": 900, "interval": 5,
                    "verification_uri": format!("http://{}/login/device", request.header("host").unwrap()),
                }),
            ),
            "/login/oauth/access_token" => Reply::json(200, &answer),
            path if path.starts_with("/applications/") => Reply::json(
                200,
                json!({ "app": { "client_id": PLANTED[1] }, "user": PLANTED[1], "token": PLANTED[1] }),
            ),
            "/user" => Reply::json(200, json!({ "login": "alice", "id": 1, "type": "User" })),
            "/gists" => Reply::status(503),
            _ => reply(world, request),
        });
        let flow = stage.flow(stage.waiting(|_, _| {}));
        let token = flow
            .run(FlowRequest::new(did(1)), &|prompt| {
                assert!(!format!("{prompt:?}").contains(PLANTED[0]))
            })
            .await;
        seen.extend([format!("{flow:?}"), format!("{token:?}")]);
        let github = stage.github().reading_as(PLANTED[1].to_owned().into());
        seen.push(format!("{github:?}"));
        let app = OwnApp::new(APP, PLANTED[2].to_owned().into()).unwrap();
        seen.push(format!("{app:?}"));
        let Ok(token) = token else {
            seen.push(token.unwrap_err().to_string());
            continue;
        };
        let claim = stage.claim(&key(1), stage.account(&stage.alice)).await;
        seen.push(format!("{:?}", github.approved(&token, stage.now()).await));
        seen.push(format!(
            "{:?}",
            github.publish(token.secret(), &claim).await
        ));
        seen.push(format!(
            "{:?}",
            github
                .present(token.secret(), did(1), Some(&app), stage.now())
                .await
        ));
        let sent = stage.server.requests();
        let carried = |secret: &str| {
            sent.iter().any(|r| {
                String::from_utf8_lossy(&r.body).contains(secret)
                    || r.header("authorization")
                        .is_some_and(|a| a.contains(secret))
            })
        };
        assert!(
            carried(PLANTED[0]) && carried(PLANTED[1]),
            "they passed through"
        );
    }
    seen
}

/// What a GitHub shows that repeats whatever secret it was sent, in every place where an answer is read.
async fn repeated() -> Vec<String> {
    let mut seen = Vec::new();
    let messages: Vec<fn(&str) -> Reply> = vec![
        |said| Reply::json(403, json!({ "message": said })),
        |said| Reply::json(404, json!({ "message": said })).header("x-github-sso", said),
        |said| Reply::json(200, json!({ "login": said, "id": said, "type": said })),
        |said| Reply::json(200, json!({ "login": "alice", "id": 1, "type": said })),
        |said| Reply::json(201, json!({ "id": said, "html_url": said })),
        |said| Reply::json(200, json!({ "app": said, "user": { "login": said } })),
        |said| Reply::json(200, json!([{ "state": said, "role": said }])),
        |said| Reply::bytes(200, said, "{}"),
        |said| Reply::json(200, json!({ "error": said, "error_description": said })),
        |said| {
            Reply::json(
                200,
                json!({ "error": "access_denied", "error_description": said }),
            )
        },
    ];
    for message in messages {
        let stage = Stage::answering(move |world, request| {
            let sent = String::from_utf8_lossy(&request.body).into_owned();
            let header = request.header("authorization").unwrap_or_default();
            let said = format!("{header} {sent}");
            match request.path.as_str() {
                "/login/device/code" => Reply::json(
                    200,
                    json!({
                        "device_code": PLANTED[0], "user_code": "ABCD-1234", "expires_in": 900, "interval": 5,
                        "verification_uri": format!("http://{}/login/device", request.header("host").unwrap()),
                    }),
                ),
                path if path.starts_with("/gists/") => reply(world, request),
                _ => message(&said),
            }
        });
        let token = PLANTED[1].to_owned().into();
        let app = OwnApp::new(APP, PLANTED[2].to_owned().into()).unwrap();
        let now = stage.now();
        let flow = stage.flow(stage.waiting(|_, _| {}));
        let flown = flow.run(FlowRequest::new(did(1)), &|_| {}).await;
        seen.push(format!("{flown:?}"));
        let github = stage.github();
        let claim = stage.claim(&key(1), stage.account(&stage.alice)).await;
        seen.push(format!("{:?}", github.publish(&token, &claim).await));
        let shown = github.present(&token, did(1), Some(&app), now).await;
        seen.push(format!("{shown:?}"));
        let alone = Stage::answering(move |_, request| {
            let sent = String::from_utf8_lossy(&request.body).into_owned();
            let header = request.header("authorization").unwrap_or_default();
            match request.path.as_str() {
                "/user" => Reply::json(200, json!({ "login": "alice", "id": 1, "type": "User" })),
                _ => message(&format!("{header} {sent}")),
            }
        });
        let shown = alone
            .github()
            .present(&token, did(1), Some(&app), now)
            .await;
        seen.push(format!("{shown:?}"));
        let orgs = GitHubOrgs::new(alone.config(), transport(Arc::clone(&alone.clock)));
        seen.push(format!("{:?}", orgs.org_namespaces(&token, now).await));
    }
    let told = seen.iter().filter(|text| text.contains(REDACTED)).count();
    assert!(told > 10, "the messages were there: {told}");
    seen
}
