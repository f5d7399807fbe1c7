//! The simulated GitHub answers as GitHub's own description of its API says.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use auths_http::Request;
use auths_testkit::world::Grant;
use common::*;
use serde_json::{Value, json};

/// The schema of the answers of a route with a status. See `github-api/trim.py` for where it comes from.
fn schema(route: &str, status: u16) -> Value {
    let text = include_str!("github-api/description.json");
    let mut description: Value = serde_json::from_str(text).unwrap();
    let mut schema = description["routes"][route][status.to_string()].take();
    assert!(schema.is_object(), "{route} {status} is not described");
    schema["components"] = description["components"].take();
    schema
}

fn violations(route: &str, status: u16, body: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema(route, status)).unwrap();
    let errors = validator.iter_errors(body);
    errors
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect()
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let stage = Stage::new();
    let token = stage.world(|w| {
        let flow = w
            .begin_device_flow(APP, &[Grant::Gist, Grant::ReadOrg])
            .unwrap();
        w.answer_device_flow(&stage.alice, &flow.user_code, true)
            .unwrap();
        let token = w.poll_device_flow(APP, &flow.device_code).unwrap();
        w.secret(&token)
    });
    let gist = stage.world(|w| w.create_gist(&stage.alice, "hello").unwrap());
    let fork = stage.world(|w| w.fork_gist(&stage.alice, &gist).unwrap());
    stage.world(|w| w.edit_gist(&stage.alice, &gist, "more").unwrap());
    let bare = stage.world(|w| {
        w.create_org(&stage.alice, "acme").unwrap();
        let bare = w.create_token_for(&stage.alice, &[Grant::Gist], None);
        w.secret(&bare.unwrap()).into()
    });
    let secret = token.clone().into();
    let get = |path: &str| {
        let segments: Vec<&str> = path.split('/').collect();
        Request::get(&stage.server.origin(), &segments).unwrap()
    };
    let post = |path: &str| {
        let segments: Vec<&str> = path.split('/').collect();
        Request::post(&stage.server.origin(), &segments).unwrap()
    };
    let file = json!({ "files": { "a.txt": { "content": "x" } } });
    let check =
        || post(&format!("applications/{APP}/token")).json(&json!({ "access_token": token }));
    let app_secret = "s".to_owned().into();
    let transport = transport(stage.clock.clone());
    for (route, status, request) in [
        ("GET /user", 200, get("user").bearer(&secret)),
        ("GET /user", 401, get("user")),
        ("GET /user/{account_id}", 200, get("user/1")),
        ("GET /user/{account_id}", 404, get("user/999")),
        ("GET /users/{username}", 200, get("users/ALICE")),
        ("GET /users/{username}", 404, get("users/nobody")),
        (
            "GET /user/memberships/orgs",
            200,
            get("user/memberships/orgs").bearer(&secret),
        ),
        (
            "GET /user/memberships/orgs",
            403,
            get("user/memberships/orgs").bearer(&bare),
        ),
        (
            "GET /user/memberships/orgs/{org}",
            200,
            get("user/memberships/orgs/acme").bearer(&secret),
        ),
        (
            "GET /user/memberships/orgs/{org}",
            404,
            get("user/memberships/orgs/nobody").bearer(&secret),
        ),
        ("GET /gists/{gist_id}", 200, get(&format!("gists/{gist}"))),
        ("GET /gists/{gist_id}", 200, get(&format!("gists/{fork}"))),
        ("GET /gists/{gist_id}", 404, get("gists/0123")),
        (
            "POST /gists",
            201,
            post("gists").bearer(&secret).json(&file),
        ),
        (
            "POST /gists",
            422,
            post("gists").bearer(&secret).json(&json!({})),
        ),
        (
            "POST /applications/{client_id}/token",
            200,
            check().basic(APP, &app_secret),
        ),
        (
            "POST /applications/{client_id}/token",
            404,
            post("applications/other/token")
                .basic("other", &app_secret)
                .json(&json!({ "access_token": token })),
        ),
    ] {
        let response = transport.send(request).await.unwrap();
        assert_eq!(response.status(), status, "{route}");
        let body = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(
            violations(route, status, &body),
            Vec::<String>::new(),
            "{route}: {body:#}"
        );
    }
}

#[test]
fn an_answer_that_breaks_the_description_is_found() {
    let user = json!({ "login": "alice", "id": "1" });
    assert!(!violations("GET /user", 200, &user).is_empty());
    assert!(!violations("GET /gists/{gist_id}", 200, &json!({ "truncated": 1 })).is_empty());
}
