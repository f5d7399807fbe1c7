//! What the person is told when a device flow ends: about the thing that is wrong, and with a remedy that fits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use auths_adapters_github::{DeviceFlowError, FlowRequest};
use auths_core::{Reason, Unavailable, Why};
use auths_http::loopback::Reply;
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
            assert!(bare.detail.contains(part), "{part}: {}", bare.detail);
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
        ("unverified_user_email", Why::EmailUnverified),
        ("incorrect_device_code", Why::FlowExpired),
        ("bad_verification_code", Why::FlowExpired),
    ] {
        let said = Reply::json(200, json!({ "error": code, "error_description": "x" }));
        let ended = unavailable(ended(None, said, 5).await);
        assert_eq!(ended.why, why, "{code}");
        let remedy = ended.why.remedy();
        assert!(remedy.contains("run the command again"), "{remedy}");
        assert!(!remedy.contains("origin"), "{remedy}");
    }
}

#[tokio::test]
async fn a_server_that_asks_to_wait_past_the_codes_end_has_not_ended_it_yet() {
    let pending = Reply::json(200, json!({ "error": "authorization_pending" }));
    let ended = unavailable(ended(None, pending, 1_000_000).await);
    assert_eq!(ended.why, Why::FlowExpired);
    let text = &ended.detail;
    assert!(
        text.contains("ends at 2026-01-01T00:15:00Z") && !text.contains("ended"),
        "{text}"
    );
}
