//! What the person is told when a device flow ends: about the thing that is wrong, and with a remedy that fits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use auths_adapters_github::{DeviceFlow, DeviceFlowError, FlowRequest, GitHub};
use auths_core::{Reason, Unavailable, UnavailableReason};
use auths_testkit::server::Reply;
use common::*;
use serde_json::json;

/// How a flow ends whose first step is answered so, and every poll so.
async fn ended(first: Option<Reply>, poll: Reply, interval: u64) -> DeviceFlowError {
    let stage = Stage::answering(move |_, request| {
        match request.path.as_str() {
        "/login/device/code" => first.clone().unwrap_or_else(|| {
            let host = request.header("host").unwrap();
            Reply::json(
                200,
                json!({
                    "device_code": "the-device-code", "user_code": "ABCD-1234", "expires_in": 900, "interval": interval,
                    "verification_uri": format!("http://{host}/login/device"),
                }),
            )
        }),
        _ => poll.clone(),
    }
    });
    let flow = stage.flow(stage.waiting(|_, _| {}));
    flow.run(FlowRequest::new(did(1)), &|_| {})
        .await
        .unwrap_err()
}

fn unavailable(error: DeviceFlowError) -> Unavailable {
    match error {
        DeviceFlowError::Unavailable(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_id_that_no_app_has_is_told_as_that() {
    let own = Reply::json(404, json!({ "error": "Not Found" }));
    match ended(Some(own), Reply::status(500), 5).await {
        DeviceFlowError::App { code, detail } => {
            assert_eq!(code, "Not Found");
            assert!(detail.contains("client id"), "{detail}");
        }
        other => panic!("{other:?}"),
    }
    // Anything may stand behind a status alone: it stays open, and says what to look at.
    for status in [401, 404, 422] {
        let bare = unavailable(ended(Some(Reply::status(status)), Reply::status(500), 5).await);
        for part in ["client id", "first step", &status.to_string()] {
            assert!(
                bare.raw_detail.contains(part),
                "{part}: {}",
                bare.raw_detail
            );
        }
    }
}

#[tokio::test]
async fn a_secret_of_the_same_answer_is_in_no_error_however_it_is_spelled() {
    for spelled in ["gho_hunter2", "gho%5fhunter2", "gho\\u005fhunter2"] {
        let first =
            json!({ "device_code": "gho_hunter2", "error": "new", "error_description": spelled });
        let poll =
            json!({ "access_token": "gho_hunter2", "error": "new", "error_description": spelled });
        for (first, poll) in [(Some(first), json!({})), (None, poll)] {
            let first = first.map(|body| Reply::json(200, body));
            let ended = ended(first, Reply::json(200, poll), 5).await.to_string();
            assert!(ended.contains("[secret]"), "{ended}");
            assert!(!ended.contains("hunter2"), "{ended}");
        }
    }
}

#[tokio::test]
async fn the_remedy_fits_what_the_server_says() {
    for (code, why) in [
        ("unverified_user_email", UnavailableReason::EmailUnverified),
        ("incorrect_device_code", UnavailableReason::FlowExpired),
        ("bad_verification_code", UnavailableReason::FlowExpired),
    ] {
        let said = Reply::json(200, json!({ "error": code, "error_description": "x" }));
        let ended = unavailable(ended(None, said, 5).await);
        assert_eq!(ended.reason, why, "{code}");
        let remedy = ended.reason.remedy();
        assert!(remedy.contains("run the command again"), "{remedy}");
        assert!(!remedy.contains("origin"), "{remedy}");
    }
}

#[tokio::test]
async fn a_server_that_asks_to_wait_past_the_codes_end_has_not_ended_it_yet() {
    let pending = Reply::json(200, json!({ "error": "authorization_pending" }));
    let ended = unavailable(ended(None, pending, 1_000_000).await);
    assert_eq!(ended.reason, UnavailableReason::FlowExpired);
    let text = &ended.raw_detail;
    assert!(
        text.contains("ends at 2026-01-01T00:15:00Z") && !text.contains("ended"),
        "{text}"
    );
}

/// What an answer says that repeats these.
type Repeating = fn(&str) -> Reply;

#[tokio::test]
async fn what_a_later_answer_repeats_of_the_code_or_the_token_is_shown_nowhere() {
    const CODE: &str = "the-device-code-hunter2";
    const TOKEN: &str = "the-token-hunter2";
    let later: [Repeating; 6] = [
        |said| Reply::json(200, json!({ "login": said, "id": 1, "type": "User" })),
        |said| Reply::json(200, json!({ "login": "alice", "id": 1, "type": said })),
        |said| Reply::json(200, json!({ "login": "alice", "id": said, "type": "User" })),
        |said| Reply::json(403, json!({ "message": said })),
        |said| Reply::json(404, json!({ "message": said })).header("x-github-sso", said),
        |said| Reply::bytes(200, said, "{}"),
    ];
    for (number, later) in later.into_iter().enumerate() {
        let stage = Stage::answering(move |_, request| match request.path.as_str() {
            "/login/device/code" => {
                let page = format!("http://{}/login/device", request.header("host").unwrap());
                let mut answer =
                    json!({ "user_code": "ABCD-1234", "expires_in": 900, "interval": 5 });
                answer["device_code"] = json!(CODE);
                answer["verification_uri"] = json!(page);
                Reply::json(200, answer)
            }
            "/login/oauth/access_token" => {
                let answer =
                    json!({ "access_token": TOKEN, "token_type": "bearer", "scope": "gist" });
                Reply::json(200, answer)
            }
            _ => later(&format!("{CODE} {TOKEN}")),
        });
        let shared = transport(std::sync::Arc::clone(&stage.clock));
        let waiting = std::sync::Arc::new(stage.waiting(|_, _| {}));
        let clock = std::sync::Arc::clone(&stage.clock);
        let flow = DeviceFlow::new(stage.config(), shared.clone(), waiting, clock).unwrap();
        let token = flow.run(FlowRequest::new(did(1)), &|_| {}).await.unwrap();
        let github = GitHub::new(stage.config(), shared.clone());
        let login = stage.account(&stage.alice);
        // Asked with the token, which knows itself alone, and asked as nobody.
        for shown in [
            format!("{:?}", github.approved(&token, stage.now()).await),
            format!("{:?}", github.account_of(&login).await),
            format!(
                "{:?}",
                github.read(&"aa5a31".parse().unwrap(), stage.now()).await
            ),
        ] {
            assert!(!shown.contains("hunter2"), "answer {number}: {shown}");
        }
    }
}

#[tokio::test]
async fn a_token_that_came_too_early_is_in_no_later_error() {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let stage = Stage::answering(move |_, request| match request.path.as_str() {
        "/login/device/code" => {
            let page = format!("http://{}/login/device", request.header("host").unwrap());
            let mut answer = json!({ "device_code": "the-device-code", "user_code": "ABCD-1234" });
            answer["verification_uri"] = json!(page);
            answer["expires_in"] = json!(900);
            Reply::json(200, answer)
        }
        _ => match asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => {
                let early = "the-token-hunter2";
                Reply::json(
                    200,
                    json!({ "error": "authorization_pending", "access_token": early }),
                )
            }
            _ => {
                let says = "it was the-token-hunter2";
                Reply::json(
                    200,
                    json!({ "error": "access_denied", "error_description": says }),
                )
            }
        },
    });
    let flow = stage.flow(stage.waiting(|_, _| {}));
    let ended = flow.run(FlowRequest::new(did(1)), &|_| {}).await;
    let said = ended.unwrap_err().to_string();
    assert!(
        said.contains("[secret]") && !said.contains("hunter2"),
        "{said}"
    );
}
