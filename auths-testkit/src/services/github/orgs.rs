//! Memberships of organisations, in GitHub's wire format.

use crate::world::{Hidden, Membership, World};
use auths_core::Platform;
use serde_json::{Value, json};

use super::users::{on_github, simple};
use super::{Caller, SimulatedAnswer, error, not_found, ok};

/// The most memberships on a page.
const MOST: usize = 100;

/// Answers `GET /user/memberships/orgs`.
pub(super) fn list(world: &World, caller: &Caller, query: Option<&str>) -> SimulatedAnswer {
    let Some(token) = &caller.token else {
        return error(401, "Requires authentication");
    };
    let (all, left_out) = match world.memberships(token) {
        Ok(shown) => shown,
        // Such a token gets an empty list.
        Err(Hidden::TokenKind) => return ok(&json!([])),
        Err(hidden) => return refused(hidden),
    };
    let number = |name: &str| value(query, name).and_then(|text| text.parse::<usize>().ok());
    let (size, page) = (
        number("per_page").unwrap_or(30).clamp(1, MOST),
        number("page").unwrap_or(1).max(1),
    );
    let shown: Vec<Value> = all
        .iter()
        .skip((page - 1) * size)
        .take(size)
        .map(|m| body(world, m))
        .collect();
    let mut answer = ok(&Value::Array(shown));
    if page * size < all.len() {
        let next = format!(
            "</user/memberships/orgs?per_page={size}&page={}>; rel=\"next\"",
            page + 1
        );
        answer = answer.with_header("link", next);
    }
    if !left_out.is_empty() {
        let ids: Vec<String> = left_out.iter().map(u64::to_string).collect();
        let text = format!("partial-results; organizations={}", ids.join(","));
        answer = answer.with_header("x-github-sso", text);
    }
    answer
}

/// Answers `GET /user/memberships/orgs/{org}`.
pub(super) fn one(world: &World, caller: &Caller, org: &str) -> SimulatedAnswer {
    let Some(token) = &caller.token else {
        return error(401, "Requires authentication");
    };
    match world.membership(token, org) {
        Ok(membership) => ok(&body(world, &membership)),
        Err(hidden) => refused(hidden),
    }
}

fn refused(hidden: Hidden) -> SimulatedAnswer {
    match hidden {
        Hidden::Dead => error(401, "Bad credentials"),
        Hidden::Scope => error(403, "You need at least read:org scope")
            .with_header("x-accepted-oauth-scopes", "admin:org, read:org, write:org"),
        Hidden::TokenKind => error(403, "Resource not accessible by this token")
            .with_header("x-accepted-github-permissions", "members=read"),
        Hidden::Sso => error(403, "Resource protected by organization SAML enforcement.")
            .with_header(
                "x-github-sso",
                "required; url=https://github.example/orgs/x/sso",
            ),
        Hidden::AppRestricted => error(
            403,
            "Although you appear to have the correct authorization credentials, the organization has enabled OAuth App access restrictions",
        ),
        _ => not_found(),
    }
}

/// Returns an "org membership".
fn body(world: &World, membership: &Membership) -> Value {
    let account = |login: &str| world.account_by_login(&Platform::GITHUB, login);
    let org = account(membership.org.login().as_str());
    let (login, id) = (
        membership.org.login().as_str(),
        org.map_or(0, |org| org.id()),
    );
    let url = format!("https://api.github.example/orgs/{login}");
    let user = membership
        .user
        .id()
        .and_then(|id| on_github(world, id.as_str().parse().ok()?));
    json!({
        "url": format!("{url}/memberships/x"), "organization_url": url, "direct_membership": true,
        "state": if membership.active { "active" } else { "pending" }, "role": membership.role.as_str(),
        "organization": {
            "login": login, "id": id, "node_id": format!("O_{id:08}"), "url": url, "repos_url": format!("{url}/repos"),
            "events_url": format!("{url}/events"), "hooks_url": format!("{url}/hooks"), "issues_url": format!("{url}/issues"),
            "members_url": format!("{url}/members{{/member}}"), "public_members_url": format!("{url}/public_members{{/member}}"),
            "avatar_url": format!("https://avatars.github.example/u/{id}?v=4"), "description": null,
        },
        "user": user.map(simple),
    })
}

/// Returns a value of the query. None of the values that are asked for is escaped.
fn value<'q>(query: Option<&'q str>, name: &str) -> Option<&'q str> {
    let mut pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(n, _)| *n == name).map(|(_, value)| value)
}
