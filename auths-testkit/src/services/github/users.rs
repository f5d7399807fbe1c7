//! Accounts, in GitHub's wire format.

use crate::world::{AccountKind, AccountState, World};
use auths_core::Platform;
use serde_json::{Value, json};

use super::{Caller, SimulatedAnswer, error, not_found, ok};

/// Answers `GET /user`.
pub(super) fn own(world: &World, caller: &Caller) -> SimulatedAnswer {
    let Some(token) = &caller.token else {
        return error(401, "Requires authentication");
    };
    let account = world.whoami(token).ok();
    let state = account
        .and_then(|account| world.account_by_login(&Platform::GITHUB, account.login().as_str()));
    state.map_or_else(not_found, |state| ok(&public(state)))
}

/// Answers `GET /user/{id}`.
pub(super) fn by_id(world: &World, id: &str) -> SimulatedAnswer {
    let state = id.parse().ok().and_then(|id| on_github(world, id));
    state.map_or_else(not_found, |state| ok(&public(state)))
}

/// Answers `GET /users/{login}`.
pub(super) fn by_login(world: &World, login: &str) -> SimulatedAnswer {
    let state = world.account_by_login(&Platform::GITHUB, login);
    state.map_or_else(not_found, |state| ok(&public(state)))
}

/// Returns an open account by its number.
pub(super) fn on_github(world: &World, id: u64) -> Option<&AccountState> {
    world
        .accounts()
        .find(|a| a.id() == id && a.is_open() && *a.platform() == Platform::GITHUB)
}

/// Returns a "public user".
fn public(state: &AccountState) -> Value {
    let mut user = simple(state);
    let more = json!({
        "name": null, "company": null, "blog": null, "location": null, "email": null, "hireable": null, "bio": null,
        "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "user_view_type": "public",
        "created_at": state.created().to_string(), "updated_at": state.created().to_string(),
    });
    if let (Value::Object(user), Value::Object(more)) = (&mut user, more) {
        user.extend(more);
    }
    user
}

/// Returns a "simple user": the form in which other answers name an account.
pub(super) fn simple(state: &AccountState) -> Value {
    let (id, login) = (state.id(), state.login().as_str());
    let kind = match state.kind() {
        AccountKind::Organization => "Organization",
        _ => "User",
    };
    let url = format!("https://api.github.example/users/{login}");
    json!({
        "login": login, "id": id, "node_id": format!("U_{id:08}"), "gravatar_id": "", "type": kind, "site_admin": false,
        "avatar_url": format!("https://avatars.github.example/u/{id}?v=4"), "url": url,
        "html_url": format!("https://github.example/{login}"), "followers_url": format!("{url}/followers"),
        "following_url": format!("{url}/following{{/other_user}}"), "gists_url": format!("{url}/gists{{/gist_id}}"),
        "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"), "subscriptions_url": format!("{url}/subscriptions"),
        "organizations_url": format!("{url}/orgs"), "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events{{/privacy}}"), "received_events_url": format!("{url}/received_events"),
    })
}
