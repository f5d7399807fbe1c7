//! The device flow and the check of a token, in GitHub's wire format.

use crate::world::{FlowError, Grant, World};
use auths_core::Platform;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::users::simple;
use super::{Asked, SCOPES, SimulatedAnswer, error, json_answer, not_found, scope};

/// Answers the first step.
pub(super) fn begin(world: &mut World, asked: &Asked<'_>) -> SimulatedAnswer {
    let scopes = field(asked, "scope").unwrap_or_default();
    let known = |name: &str| {
        SCOPES
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, grant)| *grant)
    };
    let grants: Vec<Grant> = scopes.split(' ').filter_map(known).collect();
    let id = field(asked, "client_id").unwrap_or_default();
    match world.begin_device_flow(&id, &grants) {
        Ok(flow) => json_answer(
            200,
            &json!({
                "device_code": flow.device_code, "user_code": flow.user_code, "expires_in": flow.expires_in.as_secs(),
                "interval": flow.interval.as_secs(), "verification_uri": format!("{}/login/device", origin(asked)),
            }),
        ),
        // This step does answer with 4xx.
        Err(error) => json_answer(400, &refusal(&error)),
    }
}

/// Answers a poll. Errors come with status 200.
pub(super) fn poll(world: &mut World, asked: &Asked<'_>) -> SimulatedAnswer {
    let of = |name: &str| field(asked, name).unwrap_or_default();
    if of("grant_type") != "urn:ietf:params:oauth:grant-type:device_code" {
        let body = json!({ "error": "unsupported_grant_type" });
        return json_answer(200, &body);
    }
    let body = match world.poll_device_flow(&of("client_id"), &of("device_code")) {
        Ok(token) => {
            let grants = world.grants(&token);
            let scopes: Vec<&str> = grants.iter().filter_map(|grant| scope(*grant)).collect();
            json!({ "access_token": world.secret(&token), "token_type": "bearer", "scope": scopes.join(",") })
        }
        Err(error) => refusal(&error),
    };
    json_answer(200, &body)
}

/// Answers `POST /applications/{client_id}/token`. The world's apps have no secrets, so any secret is accepted.
pub(super) fn check(world: &World, id: &str, asked: &Asked<'_>) -> SimulatedAnswer {
    if !asked
        .header("authorization")
        .is_some_and(|a| a.starts_with("Basic "))
    {
        return error(401, "Requires authentication");
    }
    let body: Value = serde_json::from_slice(asked.body).unwrap_or_default();
    let secret = body["access_token"].as_str().unwrap_or_default();
    let Ok(token) = world.bearer(secret) else {
        return not_found();
    };
    let account = world.whoami(&token).ok();
    let user = account.and_then(|a| world.account_by_login(&Platform::GITHUB, a.login().as_str()));
    let (Some(user), true) = (user, world.app(&token) == Some(id)) else {
        return not_found();
    };
    let grants = world.grants(&token);
    let scopes: Vec<&str> = grants.iter().filter_map(|grant| scope(*grant)).collect();
    let time = world.now().to_string();
    let eight = &secret[secret.len().saturating_sub(8)..];
    json_answer(
        200,
        &json!({
            "id": 1, "url": "https://api.github.example/authorizations/1", "scopes": scopes, "token": secret,
            "token_last_eight": eight, "hashed_token": "0", "note": null, "note_url": null, "fingerprint": null,
            "created_at": time, "updated_at": time, "expires_at": null, "user": simple(user),
            "app": { "name": "auths", "client_id": id, "url": "https://github.example/apps/auths" },
        }),
    )
}

fn refusal(error: &FlowError) -> Value {
    let mut body = json!({
        "error": error.to_string(), "error_description": "The simulated GitHub says so.",
        "error_uri": "https://docs.example/device-flow",
    });
    if let FlowError::SlowDown { interval } = error {
        body["interval"] = json!(interval.as_secs());
    }
    body
}

fn field(asked: &Asked<'_>, name: &str) -> Option<String> {
    let mut fields = form_urlencoded::parse(asked.body);
    fields
        .find(|(n, _)| n == name)
        .map(|(_, value)| value.into_owned())
}

/// Returns the origin of the server, as the request names it.
fn origin(asked: &Asked<'_>) -> String {
    format!(
        "http://{}",
        asked.header("host").unwrap_or("github.example")
    )
}
