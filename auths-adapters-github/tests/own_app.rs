//! What GitHub says of a token to the app that it was given to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use auths_adapters_github::OwnApp;
use auths_core::Reason;
use auths_core::evidence::EvidenceKind;
use auths_core::ports::AccountProverError;
use auths_testkit::server::Reply;
use common::*;
use serde_json::{Value, json};

const TOKEN: &str = "gho_ofTheOwnApp";

/// What comes of the token where GitHub answers the question about it like this.
async fn presented(reply: Reply) -> Result<EvidenceKind, String> {
    let stage = Stage::answering(move |_, request| match request.path.as_str() {
        "/user" => Reply::json(200, json!({ "login": "alice", "id": 1, "type": "User" })),
        _ => reply.clone(),
    });
    let app = OwnApp::new(APP, "the-apps-secret".to_owned().into()).unwrap();
    let token = TOKEN.to_owned().into();
    let shown = stage
        .github()
        .present(&token, did(1), Some(&app), stage.now())
        .await;
    match shown {
        Ok(evidence) => Ok(evidence.proof.kind()),
        Err(AccountProverError::Unavailable(why)) => {
            Err(format!("{}: {}", why.reason.name(), why.raw_detail))
        }
        Err(other) => panic!("{other:?}"),
    }
}

fn about(change: impl Fn(&mut Value)) -> Reply {
    let mut body = json!({
        "token": TOKEN, "expires_at": null, "app": { "client_id": APP },
        "user": { "login": "alice", "id": 1, "type": "User" },
    });
    change(&mut body);
    Reply::json(200, body)
}

#[tokio::test]
async fn an_answer_about_another_token_or_one_that_has_ended_is_refused() {
    let kept = about(|_| {});
    assert_eq!(presented(kept).await, Ok(EvidenceKind::DeviceFlow));
    let later = about(|body| body["expires_at"] = json!("2026-01-01T08:00:00Z"));
    assert_eq!(presented(later).await, Ok(EvidenceKind::DeviceFlow));
    for (change, expected) in [
        (
            (|body| body["token"] = json!("gho_another")) as fn(&mut Value),
            "evidence-mismatch",
        ),
        (|body| body["token"] = json!(null), "unreadable"),
        (
            |body| drop(body.as_object_mut().unwrap().remove("token")),
            "missing-field",
        ),
        (
            |body| body["expires_at"] = json!("2001-01-01T00:00:00Z"),
            "evidence-mismatch",
        ),
        (
            |body| body["expires_at"] = json!("2026-01-01T00:00:00Z"),
            "evidence-mismatch",
        ),
        (|body| body["expires_at"] = json!("soon"), "unreadable"),
        (|body| body["expires_at"] = json!(7), "unreadable"),
        (|body| body["user"]["id"] = json!(9), "evidence-mismatch"),
    ] {
        let refused = presented(about(change)).await.unwrap_err();
        assert!(refused.starts_with(expected), "{expected}: {refused}");
        assert!(!refused.contains("gho_"), "{refused}");
    }
}

#[tokio::test]
async fn a_401_there_is_about_the_app_and_not_about_the_token() {
    let refused = Reply::json(401, json!({ "message": "Bad credentials" }));
    let refused = presented(refused).await.unwrap_err();
    assert!(
        refused.starts_with("forbidden") && refused.contains("OAuth app"),
        "{refused}"
    );
    assert!(!refused.contains("the token is not valid"), "{refused}");
}

#[test]
fn what_is_no_client_id_is_no_app() {
    for bad in [
        "",
        "../../user",
        "a/b",
        "a:b",
        "\u{e9}",
        "..",
        ".",
        &"a".repeat(65),
    ] {
        assert!(
            OwnApp::new(bad, "secret".to_owned().into()).is_err(),
            "{bad}"
        );
    }
}
