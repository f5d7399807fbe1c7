//! The simulated GitHub answers as the adapter relies on it, and as GitHub's own description of its API says.
//!
//! That description is not in this repository: the variable `AUTHS_TEST_VECTORS` names the folder that has it, as
//! `github-api/description.json` (`github-api/trim.py` here makes it).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::io::{self, Write};
use std::path::Path;

use auths_http::Request;
use auths_testkit::world::Grant;
use common::*;
use serde_json::{Value, json};

/// GitHub's description, if the variable names the folder that has it.
fn description() -> Option<Value> {
    const FILE: &str = "github-api/description.json";
    let named = std::env::var_os("AUTHS_TEST_VECTORS").filter(|name| !name.is_empty());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    // A folder of vectors need not have this one, which is large and changes often.
    let path = named.map(|vectors| root.join(vectors).join(FILE));
    let Some(path) = path.filter(|path| path.exists()) else {
        let line = format!(
            "left out: GitHub's own description of its API; the folder that AUTHS_TEST_VECTORS names has no {FILE}, or none is named (tests/vectors/README.md)\n"
        );
        // Past the test runner, which keeps what a passing test prints to itself.
        let _ = io::stderr().write_all(line.as_bytes());
        return None;
    };
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some(serde_json::from_str(&text).unwrap())
}

/// GitHub's schema of the answers of a route with a status.
fn described(description: &Value, route: &str, status: u16) -> Value {
    let mut schema = description["routes"][route][status.to_string()].clone();
    assert!(schema.is_object(), "{route} {status} is not described");
    schema["components"] = description["components"].clone();
    schema
}

/// A schema of an object that has these members, and any others.
fn object(members: &Value) -> Value {
    let names: Vec<&String> = members.as_object().unwrap().keys().collect();
    json!({ "type": "object", "required": names, "properties": members })
}

/// What the adapter relies on in the answers of a route with a status, in a schema of our own.
fn relied_on(route: &str, status: u16) -> Value {
    let text = json!({ "type": "string", "minLength": 1 });
    let time = json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$" });
    let id = json!({ "type": "integer", "minimum": 1 });
    let flag = json!({ "type": "boolean" });
    let user = object(&json!({
        "login": text, "id": id, "type": { "enum": ["User", "Organization", "Bot"] },
    }));
    let membership = object(&json!({
        "state": { "enum": ["active", "pending"] },
        "role": { "enum": ["admin", "member", "billing_manager"] },
        "organization": object(&json!({ "login": text, "id": id })),
        "user": { "anyOf": [object(&json!({ "id": id })), { "type": "null" }] },
    }));
    let file = object(&json!({
        "size": { "type": "integer", "minimum": 0 }, "truncated": flag, "content": { "type": "string" },
    }));
    let gist = object(&json!({
        "id": { "type": "string", "pattern": "^[0-9A-Za-z]{1,64}$" },
        "html_url": text,
        "owner": user,
        "files": { "type": "object", "minProperties": 1, "additionalProperties": file },
        "truncated": flag,
        "created_at": time,
        "updated_at": time,
        "history": { "type": "array", "minItems": 1, "items": object(&json!({ "version": text })) },
    }));
    match (route, status) {
        (_, 401 | 403 | 404 | 422) => {
            object(&json!({ "message": text, "documentation_url": text }))
        }
        ("GET /user" | "GET /user/{account_id}" | "GET /users/{username}", 200) => user,
        ("GET /user/memberships/orgs", 200) => json!({ "type": "array", "items": membership }),
        ("GET /user/memberships/orgs/{org}", 200) => membership,
        ("GET /gists/{gist_id}", 200) | ("POST /gists", 201) => gist,
        ("POST /applications/{client_id}/token", 200) => object(&json!({
            "token": text, "app": object(&json!({ "client_id": text })), "user": user,
        })),
        other => panic!("nothing is said of {other:?}"),
    }
}

fn violations(schema: &Value, body: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
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
    let description = description();
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
        let schemas = [
            Some(relied_on(route, status)),
            description.as_ref().map(|it| described(it, route, status)),
        ];
        for schema in schemas.into_iter().flatten() {
            assert_eq!(
                violations(&schema, &body),
                Vec::<String>::new(),
                "{route}: {body:#}"
            );
        }
    }
}

#[test]
fn an_answer_that_breaks_a_schema_is_found() {
    let user = json!({ "login": "alice", "id": "1", "type": "User" });
    let gist = json!({ "truncated": 1 });
    let description = description();
    for (route, body) in [("GET /user", user), ("GET /gists/{gist_id}", gist)] {
        assert!(!violations(&relied_on(route, 200), &body).is_empty());
        if let Some(description) = &description {
            let schema = described(description, route, 200);
            assert!(!violations(&schema, &body).is_empty());
        }
    }
}
