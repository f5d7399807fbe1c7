//! Gists, in GitHub's wire format.

use crate::world::{Gist, World};
use serde_json::{Value, json};

use super::users::{on_github, simple};
use super::{Caller, SimulatedAnswer, error, json_answer, not_found, ok};

/// The largest part of a file that is shown.
const SHOWN: usize = 1_000_000;

/// Answers `GET /gists/{id}`.
pub(super) fn get(world: &World, id: &str) -> SimulatedAnswer {
    let gist = world.gist(id).and_then(|gist| full(world, gist));
    gist.map_or_else(not_found, |gist| ok(&gist))
}

/// Answers `POST /gists`. The world's gists have one file.
pub(super) fn create(world: &mut World, caller: &Caller, body: &[u8]) -> SimulatedAnswer {
    let Some(token) = &caller.token else {
        return error(401, "Requires authentication");
    };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let file = body["files"]
        .as_object()
        .and_then(|files| files.iter().next());
    let content = file.and_then(|(name, file)| Some((name, file["content"].as_str()?)));
    let Some((name, content)) = content else {
        return error(422, "Validation Failed");
    };
    // Without the scope, the route answers 404.
    let made = world.create_gist_file(token, name, content);
    let gist = made.ok().and_then(|id| full(world, world.gist(&id)?));
    gist.map_or_else(not_found, |gist| json_answer(201, &gist))
        .with_header("x-accepted-oauth-scopes", "gist")
}

/// Returns a gist with its owner, its files and its history; `None` when its account was closed.
fn full(world: &World, gist: &Gist) -> Option<Value> {
    let owner = simple(on_github(world, gist.owner_id())?);
    let mut body = base(gist);
    body["owner"] = owner.clone();
    body["fork_of"] = match gist.fork_of().and_then(|id| world.gist(id)) {
        Some(original) => original_of(world, original),
        None => Value::Null,
    };
    let revision = |r: &crate::world::Revision| {
        json!({
            "user": owner, "version": r.version, "committed_at": r.at.to_string(),
            "url": format!("https://api.github.example/gists/{}/{}", gist.id(), r.version),
            "change_status": { "total": 1, "additions": 1, "deletions": 0 },
        })
    };
    body["history"] = gist.revisions().iter().rev().map(revision).collect();
    body["forks"] = json!([]);
    Some(body)
}

/// Returns what a fork says about the gist that it was made from.
fn original_of(world: &World, original: &Gist) -> Value {
    let mut body = base(original);
    body["owner"] = on_github(world, original.owner_id()).map_or(Value::Null, simple);
    body
}

fn base(gist: &Gist) -> Value {
    let (id, content) = (gist.id(), gist.content());
    let shown: String = content.chars().take(SHOWN).collect();
    let url = format!("https://api.github.example/gists/{id}");
    json!({
        "id": id, "node_id": format!("G_{id}"), "url": url, "forks_url": format!("{url}/forks"),
        "commits_url": format!("{url}/commits"), "comments_url": format!("{url}/comments"),
        "git_pull_url": format!("https://gist.github.example/{id}.git"),
        "git_push_url": format!("https://gist.github.example/{id}.git"),
        "html_url": format!("https://gist.github.example/{id}"),
        "public": true, "description": "", "comments": 0, "comments_enabled": true, "user": null, "truncated": false,
        "created_at": gist.created().to_string(), "updated_at": gist.updated().to_string(),
        "files": { gist.file(): {
            "filename": gist.file(), "type": "application/json", "language": "JSON", "size": content.len(),
            "raw_url": format!("https://gist.github.example/raw/{id}"), "truncated": gist.is_truncated(),
            "content": shown, "encoding": "utf-8",
        } },
    })
}
