use auths_core::UnavailableReason::*;
use auths_core::ci::{CiIssuer, CiProvider};
use auths_http::AnswerClass;
use serde_json::{Value, json};

use super::*;
use crate::classify::{RequestRoute, classify};

const NOT_FOUND: &str =
    r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest","status":"404"}"#;

fn query() -> EnvironmentQuery {
    let issuer = CiIssuer::public(CiProvider::GitHubActions).unwrap();
    let now = "2026-11-21T08:46:00Z".parse().unwrap();
    EnvironmentQuery::new(issuer, "700".parse().unwrap(), "Prod".parse().unwrap(), now)
}

/// The outcome of an answer for the environment `Prod` of the repository 700, `acme/widget`.
fn outcome(status: u16, body: &str) -> Result<EnvironmentProtection, UnavailableReason> {
    let url = "https://api.github.com/repositories/700/environments/Prod";
    let headers = [
        ("content-type", "application/json; charset=utf-8"),
        (
            "location",
            "https://api.github.com/repositories/701/environments/Prod",
        ),
    ];
    let response = Response::from_parts(url.parse().unwrap(), status, &headers, body, query().now);
    let name = "acme/widget".parse().unwrap();
    let read = || match classify(&response, &RequestRoute::read())? {
        AnswerClass::Body => SeenEnvironment::read(&response, &query(), &name),
        AnswerClass::NotFound => Err(Unavailable::new(Empty, "status 404")),
    };
    read()
        .map(SeenEnvironment::into_protection)
        .map_err(|why| why.reason)
}

fn reviewer(kind: &str, id: impl Into<Value>) -> Value {
    json!({ "type": kind, "reviewer": { "id": id.into(), "login": "x", "slug": "x" } })
}

fn rule(reviewers: &[Value]) -> Value {
    json!({ "id": 1, "type": "required_reviewers", "prevent_self_review": true, "reviewers": reviewers })
}

/// An environment that is guarded by the account 7 and the team 7.
fn good() -> Value {
    json!({
        "id": 9, "node_id": "x", "name": "Prod",
        "url": "https://api.github.com/repos/acme/widget/environments/Prod",
        "protection_rules": [
            { "id": 2, "type": "wait_timer", "wait_timer": 30 },
            rule(&[reviewer("User", 7), reviewer("Team", 7)]),
            { "id": 3, "type": "branch_policy" },
            { "id": 4, "type": "an_app_of_ours", "app": { "id": 5 } },
        ],
        "can_admins_bypass": false,
        "deployment_branch_policy": { "protected_branches": false, "custom_branch_policies": true },
    })
}

fn with(pointer: &str, value: Value) -> String {
    let mut body = good();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Array(list) => list[key.parse::<usize>().unwrap()] = value,
        object => object[key] = value,
    }
    body.to_string()
}

fn without(pointer: &str) -> String {
    let mut body = good();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut();
    parent.unwrap().remove(key).unwrap();
    body.to_string()
}

fn guarded() -> EnvironmentProtection {
    let seven = NumericId::new(7).unwrap();
    let reviewers = vec![
        EnvironmentReviewer::User(seven),
        EnvironmentReviewer::Team(seven),
    ];
    let mut protection = EnvironmentProtection::new(reviewers, true, false);
    protection.restricts_refs = true;
    protection
}

#[test]
fn what_is_stated_is_seen() {
    let changed = |change: fn(&mut EnvironmentProtection)| {
        let mut protection = guarded();
        change(&mut protection);
        Ok(protection)
    };
    let rows = [
        (good().to_string(), Ok(guarded())),
        (with("/name", "pROD".into()), Ok(guarded())),
        (
            with(
                "/url",
                "https://ghes.example/api/v3/repos/ACME/widget/environments/Prod".into(),
            ),
            Ok(guarded()),
        ),
        (
            with(
                "/url",
                "https://api.github.com/repositories/700/environments/Prod".into(),
            ),
            Ok(guarded()),
        ),
        (
            with("/can_admins_bypass", true.into()),
            changed(|it| it.admins_may_bypass = true),
        ),
        (
            with("/protection_rules/1/prevent_self_review", false.into()),
            changed(|it| it.prevents_self_review = false),
        ),
        (
            with("/deployment_branch_policy", Value::Null),
            changed(|it| it.restricts_refs = false),
        ),
        (
            without("/deployment_branch_policy"),
            changed(|it| it.restricts_refs = false),
        ),
        (
            with(
                "/deployment_branch_policy",
                json!({ "protected_branches": true, "custom_branch_policies": false }),
            ),
            Ok(guarded()),
        ),
        (
            with("/protection_rules/1", rule(&[reviewer("User", u64::MAX)])),
            changed(|it| {
                let last = NumericId::new(u64::MAX).unwrap();
                it.reviewers = vec![EnvironmentReviewer::User(last)];
            }),
        ),
    ];
    for (body, expected) in rows {
        assert_eq!(outcome(200, &body), expected, "{body}");
    }
}

#[test]
fn rules_of_other_types_guard_nothing() {
    let timer = json!({ "id": 2, "type": "wait_timer", "wait_timer": 30 });
    let almost = json!({ "type": "Required_Reviewers", "prevent_self_review": true, "reviewers": [reviewer("User", 7)] });
    for rules in [json!([]), json!([timer]), json!([almost])] {
        let seen = outcome(200, &with("/protection_rules", rules)).unwrap();
        assert!(seen.reviewers.is_empty() && !seen.is_guarded(), "{seen:?}");
    }
}

#[test]
fn what_is_not_understood_is_not_read() {
    let rules = "/protection_rules";
    let two = json!([rule(&[reviewer("User", 7)]), rule(&[reviewer("User", 8)])]);
    let rows = [
        (without("/protection_rules"), MissingField),
        (with(rules, Value::Null), Unreadable),
        (with(rules, json!({})), Unreadable),
        (with(rules, json!([7])), Unreadable),
        (with(rules, two), Unreadable),
        (with("/protection_rules/0/type", "".into()), MissingField),
        (without("/protection_rules/1/type"), MissingField),
        (without("/protection_rules/1/reviewers"), MissingField),
        (
            with("/protection_rules/1/reviewers", Value::Null),
            MissingField,
        ),
        (with("/protection_rules/1/reviewers", json!([])), Empty),
        (
            without("/protection_rules/1/prevent_self_review"),
            MissingField,
        ),
        (
            with("/protection_rules/1/prevent_self_review", Value::Null),
            MissingField,
        ),
        (
            with("/protection_rules/1/prevent_self_review", "true".into()),
            Unreadable,
        ),
        (
            with("/protection_rules/1/reviewers/0", Value::Null),
            Unreadable,
        ),
        (
            with("/protection_rules/1/reviewers/0", reviewer("Bot", 7)),
            Unreadable,
        ),
        (
            with("/protection_rules/1/reviewers/0", reviewer("user", 7)),
            Unreadable,
        ),
        (
            with("/protection_rules/1/reviewers/1", reviewer("User", 0)),
            Unreadable,
        ),
        (
            with("/protection_rules/1/reviewers/1", reviewer("User", -1)),
            Unreadable,
        ),
        (
            with("/protection_rules/1/reviewers/1", reviewer("User", "7")),
            Unreadable,
        ),
        (
            with("/protection_rules/1/reviewers/1/reviewer", Value::Null),
            Unreadable,
        ),
        (
            without("/protection_rules/1/reviewers/1/reviewer/id"),
            MissingField,
        ),
        (without("/can_admins_bypass"), MissingField),
        (with("/can_admins_bypass", Value::Null), Unreadable),
        (with("/can_admins_bypass", 0.into()), Unreadable),
        (with("/deployment_branch_policy", json!({})), MissingField),
        (with("/deployment_branch_policy", true.into()), Unreadable),
        (without("/name"), MissingField),
        (with("/name", "".into()), Unreadable),
        (with("/name", "Production".into()), EvidenceMismatch),
        (without("/url"), MissingField),
        (with("/url", "".into()), EvidenceMismatch),
        (
            with(
                "/url",
                "https://api.github.com/repos/acme/other/environments/Prod".into(),
            ),
            EvidenceMismatch,
        ),
        (
            with(
                "/url",
                "https://api.github.com/repositories/7000/environments/Prod".into(),
            ),
            EvidenceMismatch,
        ),
        (
            with("/url", "https://api.github.com/environments/Prod".into()),
            EvidenceMismatch,
        ),
        ("[]".to_owned(), Unreadable),
        ("null".to_owned(), Unreadable),
        (String::new(), Unreadable),
        (good().to_string() + "{}", Unreadable),
    ];
    for (body, expected) in rows {
        assert_eq!(outcome(200, &body), Err(expected), "{body}");
    }
}

#[test]
fn only_a_200_is_read() {
    for (status, expected) in [
        (201, UnexpectedStatus),
        (204, UnexpectedStatus),
        (301, Redirected),
        (302, Redirected),
        (307, Redirected),
        (401, Forbidden),
        (403, Forbidden),
        (404, UnexpectedStatus),
        (410, UnexpectedStatus),
        (429, RateLimited),
        (500, ServerError),
        (503, ServerError),
    ] {
        let body = good().to_string();
        assert_eq!(outcome(status, &body), Err(expected), "{status}");
    }
    assert_eq!(outcome(404, NOT_FOUND), Err(Empty));
    for status in (100..1000).filter(|status| *status != 200) {
        assert!(outcome(status, &good().to_string()).is_err(), "{status}");
    }
}

#[test]
fn another_number_is_another_repository() {
    let repository = |id: u64| -> Repository {
        let owner = json!({ "login": "acme", "id": 1, "type": "Organization" });
        serde_json::from_value(json!({ "id": id, "full_name": "acme/widget", "owner": owner }))
            .unwrap()
    };
    let asked = query().repository_id;
    let why = |id| check_number(&repository(id), asked).map_err(|why| why.reason);
    assert_eq!(why(700), Ok(()));
    assert_eq!(why(701), Err(EvidenceMismatch));
    assert_eq!(why(0), Err(Unreadable));
}
