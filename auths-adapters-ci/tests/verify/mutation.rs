//! Mutation closure: every single change of an accepted token ends in a refusal, or in a run that its rule does not match, or concerns a
//! claim on one of two lists: those that are not looked at, and those that are shown and that no rule compares.

use crate::common::{Pair, code, codes, query, start};
use auths_core::ci::PublisherRule;
use auths_core::ci::VerifiedCiToken;
use auths_testkit::issuer::{SigningKey, TokenDraft, encode_token};
use serde_json::{Value, json};

/// The claims of a GitHub token that are not looked at. The README lists them for users.
const GITHUB: [&str; 14] = [
    "actor",
    "actor_id",
    "base_ref",
    "check_run_id",
    "enterprise",
    "enterprise_id",
    "environment_node_id",
    "head_ref",
    "issuer_scope",
    "ref_type",
    "repo_property_tier",
    "run_number",
    "sub",
    "workflow",
];
/// The claims of a GitLab token that are not looked at.
const GITLAB: [&str; 14] = [
    "deployment_tier",
    "environment_action",
    "environment_protected",
    "groups_direct",
    "job_id",
    "ref",
    "ref_type",
    "runner_id",
    "sub",
    "user_access_level",
    "user_email",
    "user_id",
    "user_identities",
    "user_login",
];
/// The claims that may be absent: without them the identity says less.
const OPTIONAL: [&str; 13] = [
    "nbf",
    "environment",
    "job_workflow_ref",
    "job_workflow_sha",
    "workflow_sha",
    "ref_protected",
    "runner_environment",
    "repository_visibility",
    "run_id",
    "run_attempt",
    "ci_config_sha",
    "pipeline_id",
    "project_visibility",
];

/// The claims that an answer shows, and that no rule compares: the token's own, the run's, and names, which are labels.
const FREE: [&str; 20] = [
    "jti",
    "iat",
    "nbf",
    "exp",
    "sha",
    "workflow_sha",
    "job_workflow_sha",
    "ci_config_sha",
    "ref_protected",
    "repository_visibility",
    "project_visibility",
    "run_id",
    "run_attempt",
    "pipeline_id",
    "repository",
    "repository_owner",
    "project_path",
    "namespace_path",
    "workflow_ref",
    "ci_config_ref_uri",
];

async fn verify(pair: &Pair, draft: &TokenDraft) -> Result<VerifiedCiToken, &'static str> {
    let verified = pair
        .verify(&query(&draft.sign(&SigningKey::shared(0))))
        .await;
    let code = code(&verified);
    verified.map_err(|_| code)
}

/// Other values of a claim: of the same form, of every other type, and empty.
fn others(value: &Value) -> Vec<Value> {
    let mut others = vec![
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!(1.5),
        json!(""),
        json!([value]),
    ];
    match value {
        Value::String(text) => {
            others.push(json!(format!("{text}x")));
            others.push(json!(format!(" {text}")));
            others.push(json!(format!("{text}\u{0}")));
            others.push(json!(text.to_uppercase()));
            others.push(json!(text.replace(['0', '1', '4', '7', '9'], "2")));
        }
        Value::Number(number) => others.push(json!(number.as_i64().unwrap() + 1)),
        _ => {}
    }
    others.retain(|other| other != value);
    others
}

/// Returns whether two tokens say the same.
fn is_same(a: &VerifiedCiToken, b: &VerifiedCiToken) -> bool {
    (a.identity(), a.audience(), a.id(), a.times())
        == (b.identity(), b.audience(), b.id(), b.times())
}

fn is_same_but_for_case(a: &Value, b: &Value) -> bool {
    let (Some(a), Some(b)) = (a.as_str(), b.as_str()) else {
        return false;
    };
    a.eq_ignore_ascii_case(b)
}

/// Returns the rule that names everything of a run that a rule can name.
fn rule_of(token: &VerifiedCiToken, workflow: &str) -> PublisherRule {
    let parts = token.identity().parts();
    let rule = json!({
        "issuer": parts.issuer.url,
        "repositoryId": parts.repository.id, "ownerId": parts.owner.id,
        "repository": parts.repository.name,
        "workflow": workflow,
        "environment": parts.environment,
        "refs": [parts.git_ref],
        "triggers": [parts.trigger],
    });
    PublisherRule::parse(rule.to_string().as_bytes()).unwrap()
}

async fn assert_closed(pair: &Pair, draft: TokenDraft, workflow: &str, ignored: &[&str]) {
    let good = verify(pair, &draft).await.unwrap();
    let rule = rule_of(&good, workflow);
    rule.matches(good.identity()).unwrap();
    let key = SigningKey::shared(0);
    for (name, value) in &draft.claims {
        let is_ignored = ignored.contains(&name.as_str());
        for other in others(value) {
            match verify(pair, &draft.clone().claim(name, other.clone())).await {
                Ok(changed) => {
                    assert_eq!(is_same(&good, &changed), is_ignored, "{name}: {other}");
                    // GitHub has one environment for a name in whatever case.
                    let is_case = name == "environment" && is_same_but_for_case(value, &other);
                    let is_free = is_ignored || is_case || FREE.contains(&name.as_str());
                    let still = rule.matches(changed.identity()).is_ok();
                    assert!(is_free || !still, "{name}: {other} matches the rule");
                }
                // An immutable subject may contradict the ids.
                Err(code) => assert!(
                    !is_ignored || (name, code) == (&"sub".to_owned(), codes::INCONSISTENT),
                    "{name}: {other}"
                ),
            }
        }
        match verify(pair, &draft.clone().without_claim(name)).await {
            Ok(less) => {
                assert!(
                    is_ignored || OPTIONAL.contains(&name.as_str()),
                    "{name} may be absent"
                );
                assert_eq!(is_same(&good, &less), is_ignored, "without {name}");
            }
            Err(code) => {
                assert!(!is_ignored, "{name} is looked at");
                let expected = match name.as_str() {
                    "iss" => codes::ISSUER,
                    "aud" => codes::AUDIENCE,
                    _ => codes::MISSING,
                };
                assert_eq!(code, expected, "without {name}");
            }
        }
        let doubled = draft
            .payload_json()
            .replacen('{', &format!("{{{}:{value},", json!(name)), 1);
        let token = encode_token(draft.header_json(&key).as_bytes(), doubled.as_bytes(), &key);
        assert_eq!(pair.code(&token).await, codes::MALFORMED, "{name} twice");
    }
}

#[tokio::test]
async fn every_claim_of_github_is_looked_at_or_on_the_list() {
    let pair = start();
    assert_closed(&pair, pair.draft(), "release.yml", &GITHUB).await;
}

#[tokio::test]
async fn every_claim_of_gitlab_is_looked_at_or_on_the_list() {
    let pair = start();
    assert_closed(&pair, pair.gitlab_draft(), ".gitlab-ci.yml", &GITLAB).await;
}

#[tokio::test]
async fn whoever_cannot_sign_can_change_nothing() {
    let pair = start();
    let key = SigningKey::shared(0);
    let token = pair.draft().sign(&key);
    assert_eq!(pair.code(&token).await, "ok");
    // Every twelfth character, each end of each part among them, changed and left out.
    let dots: Vec<_> = token.match_indices('.').map(|(at, _)| at).collect();
    let ends = [
        0,
        dots[0] - 1,
        dots[0],
        dots[0] + 1,
        dots[1] - 1,
        dots[1],
        dots[1] + 1,
        token.len() - 1,
    ];
    for at in (0..token.len()).step_by(12).chain(ends) {
        let (before, rest) = token.split_at(at);
        let (this, after) = rest.split_at(1);
        let other = if this == "A" { "B" } else { "A" };
        for changed in [
            format!("{before}{other}{after}"),
            format!("{before}{after}"),
            format!("{before}{this}{this}{after}"),
        ] {
            assert_ne!(pair.code(&changed).await, "ok", "at {at}");
        }
    }
    // A claim that is not looked at is signed all the same.
    let header = pair.draft().header_json(&key);
    for name in GITHUB {
        let payload = pair.draft().claim(name, "changed").payload_json();
        let changed = encode_token(
            header.as_bytes(),
            payload.as_bytes(),
            &SigningKey::shared(1),
        );
        assert_eq!(pair.code(&changed).await, codes::SIGNATURE, "{name}");
    }
}

#[test]
fn the_readme_lists_what_is_not_looked_at() {
    let readme = include_str!("../../README.md");
    for name in GITHUB.iter().chain(&GITLAB) {
        // Properties of repositories have names of their own.
        let written = match name.strip_prefix("repo_property_") {
            Some(_) => "repo_property_*",
            None => name,
        };
        assert!(readme.contains(written), "{name}");
    }
    for name in OPTIONAL {
        assert!(readme.contains(name), "{name}");
    }
}
