//! Rules are read or refused, with the member.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::*;
use crate::ci::tests::scene::COMMIT;

/// The rule object with every member.
fn full() -> Value {
    json!({
        "issuer": "https://token.actions.githubusercontent.com",
        "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
        "workflow": "release.yml",
        "binding": "job",
        "reusable": {"repositoryId": "800", "repository": "acme/shared", "workflow": "publish.yml", "ref": "refs/tags/v1"},
        "environment": "pypi",
        "refs": ["refs/tags/v*", "refs/heads/main"],
        "triggers": ["push", "release"],
        "runner": "any"
    })
}

fn parse(rule: &Value) -> Result<PublisherRule, RuleError> {
    PublisherRule::parse(rule.to_string().as_bytes())
}

/// The full rule with `member` set; a dot leads into an object, and null takes the member away.
fn with(member: &str, value: Value) -> Value {
    let mut rule = full();
    let pointer = format!("/{}", member.replace('.', "/"));
    let (place, name) = pointer.rsplit_once('/').unwrap();
    let object = rule.pointer_mut(place).unwrap().as_object_mut().unwrap();
    match value {
        Value::Null => drop(object.remove(name)),
        value => drop(object.insert(name.to_owned(), value)),
    }
    rule
}

#[test]
fn every_member_is_read_and_written() {
    let rule = parse(&full()).unwrap();
    assert_eq!(serde_json::to_value(&rule).unwrap(), full());
    let fields = rule.fields();
    assert_eq!(fields.binding, WorkflowBinding::Job);
    assert_eq!(fields.runner, AllowedRunner::Any);
    let reusable = fields.reusable.as_ref().unwrap();
    let pin = WorkflowPin::Ref("refs/tags/v1".parse().unwrap());
    assert_eq!(reusable.pin, Some(pin));
    let mut pinned = with("reusable.sha", json!(COMMIT));
    pinned["reusable"].as_object_mut().unwrap().remove("ref");
    assert_eq!(
        serde_json::to_value(parse(&pinned).unwrap()).unwrap(),
        pinned
    );
}

#[test]
fn what_may_be_left_out_has_its_default_and_is_not_written() {
    let mut rule = full();
    for member in [
        "binding",
        "reusable",
        "environment",
        "refs",
        "triggers",
        "runner",
    ] {
        rule.as_object_mut().unwrap().remove(member);
    }
    let read = parse(&rule).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), rule);
    let fields = read.fields().clone();
    assert_eq!(fields.binding, WorkflowBinding::CallerAndJob);
    assert_eq!(fields.runner, AllowedRunner::Hosted);
    let own = PublisherRuleFields::new(
        fields.issuer.clone(),
        fields.repository_id,
        fields.owner_id,
        fields.repository.clone(),
        fields.workflow.clone(),
    );
    assert_eq!(own, fields);
}

#[test]
fn a_rule_that_is_not_usable_is_refused_with_the_member() {
    let many: Vec<String> = (0..65).map(|n| format!("refs/tags/v{n}")).collect();
    let rows = [
        ("issuer", Value::Null),
        (
            "issuer",
            json!("https://token.actions.githubusercontent.com/"),
        ),
        (
            "issuer",
            json!("http://token.actions.githubusercontent.com"),
        ),
        ("repositoryId", Value::Null),
        ("repositoryId", json!(700_700)),
        ("repositoryId", json!("0700700")),
        ("ownerId", Value::Null),
        ("ownerId", json!("acme")),
        ("repository", Value::Null),
        ("repository", json!("acme")),
        ("repository", json!("https://github.example/acme/widget")),
        ("workflow", Value::Null),
        ("workflow", json!("")),
        ("workflow", json!(".github/workflows/release.yml")),
        ("workflow", json!("release")),
        ("workflow", json!(["release.yml"])),
        ("binding", json!("both")),
        ("binding", json!("caller-and-job ")),
        ("environment", json!("")),
        ("environment", json!(" pypi")),
        ("refs", json!([])),
        ("refs", json!("refs/tags/v1")),
        ("refs", json!(["main"])),
        ("refs", json!(["refs/tags/*/x"])),
        ("refs", json!(["refs/tags/v1", "refs/tags/v1"])),
        ("refs", json!([true])),
        ("refs", json!(many)),
        ("triggers", json!([])),
        ("triggers", json!(["Push"])),
        ("triggers", json!(["push", "push"])),
        ("runner", json!("self-hosted")),
        ("runner", json!(false)),
        ("reusable", json!("acme/shared/publish.yml")),
        ("reusable.repositoryId", Value::Null),
        ("reusable.repository", Value::Null),
        ("reusable.workflow", Value::Null),
        ("reusable.workflow", json!(".github/workflows/publish.yml")),
        ("reusable.sha", json!(COMMIT)),
        ("reusable.ref", json!("v1")),
        ("reusable.branch", json!("main")),
        ("sub", json!("repo:acme/widget:ref:refs/heads/main")),
        ("Workflow", json!("release.yml")),
    ];
    for (member, value) in rows {
        let rule = with(member, value);
        let error = parse(&rule).expect_err(&rule.to_string());
        assert_eq!(error.member, member, "{error}");
        assert_eq!(error.code(), "AUTHS-1018");
        assert!(
            error.to_string().contains(&format!("`{member}`")),
            "{error}"
        );
    }
}

#[test]
fn neither_half_of_a_reusable_workflow_is_refused() {
    let error = parse(&with("reusable", json!({}))).unwrap_err();
    assert_eq!(error.member, "reusable.repositoryId");
}

#[test]
fn members_that_contradict_each_other_are_refused() {
    let caller = with("binding", json!("caller"));
    assert_eq!(parse(&caller).unwrap_err().member, "reusable");
    let same_number = with("reusable.repositoryId", json!("700700"));
    assert_eq!(
        parse(&same_number).unwrap_err().member,
        "reusable.repository"
    );
    let same_name = with("reusable.repository", json!("ACME/widget"));
    assert_eq!(parse(&same_name).unwrap_err().member, "reusable.repository");
    let own = |workflow: &str| {
        let place =
            json!({"repositoryId": "700700", "repository": "acme/widget", "workflow": workflow});
        parse(&with("reusable", place))
    };
    assert_eq!(own("release.yml").unwrap_err().member, "reusable.workflow");
    assert!(
        own("publish.yml").is_ok(),
        "another file of the repository itself"
    );
}

#[test]
fn a_doubled_member_is_refused_also_when_escaped() {
    let text = full().to_string();
    for doubled in ["\"workflow\":\"a.yml\",", "\"work\\u0066low\":\"a.yml\","] {
        let twice = text.replacen('{', &format!("{{{doubled}"), 1);
        let error = PublisherRule::parse(twice.as_bytes()).unwrap_err();
        assert_eq!(error.member, "workflow", "{error}");
    }
    let inner = text.replace("\"ref\":", "\"ref\":\"refs/tags/v2\",\"ref\":");
    let error = PublisherRule::parse(inner.as_bytes()).unwrap_err();
    assert_eq!(error.member, "reusable.ref", "{error}");
}

#[test]
fn what_is_no_object_or_too_large_is_no_rule() {
    let spaces = " ".repeat(MAX_RULE_BYTES) + &full().to_string();
    let trailing = full().to_string() + "{}";
    let surrogate = full().to_string().replace("pypi", "\\ud800");
    for text in [
        "", "[]", "\"rule\"", "null", "1", &spaces, &trailing, &surrogate,
    ] {
        let error = PublisherRule::parse(text.as_bytes()).unwrap_err();
        assert_eq!(error.member, "", "{text:.40}: {error}");
        assert!(!error.to_string().contains("member"), "{error}");
    }
    let deep = "[".repeat(MAX_RULE_BYTES);
    assert!(PublisherRule::parse(deep.as_bytes()).is_err());
}

#[test]
fn the_largest_rule_there_is_is_read() {
    let refs: Vec<String> = (0..64)
        .map(|n| format!("refs/tags/{n}-{}", "v".repeat(1_000)))
        .collect();
    let rule = with("refs", json!(refs)).to_string();
    assert!(rule.len() > 60_000);
    assert!(PublisherRule::parse(rule.as_bytes()).is_ok());
}

#[test]
fn an_error_writes_out_what_is_hidden_and_repeats_no_token() {
    let error = parse(&with("\u{202e}member", json!("x"))).unwrap_err();
    assert!(!error.to_string().contains('\u{202e}'), "{error}");
    let token = format!("ghp_{}", "aB3".repeat(12));
    for error in [
        parse(&with("workflow", json!(token))),
        parse(&with(&token, json!("x"))),
    ] {
        let error = error.unwrap_err();
        assert!(!error.to_string().contains("aB3aB3"), "{error}");
        assert!(!format!("{error:?}").contains("aB3aB3"), "{error:?}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = PublisherRule::parse(text.as_bytes());
    }

    #[test]
    fn what_is_read_is_written_and_read_again(
        id in 1..=u64::MAX, workflow in "[a-z@ .]{0,8}\\.ya?ml", environment in "\\PC{1,8}",
        refs in proptest::collection::vec("refs/(heads|tags)/[a-z@/]{1,6}\\*?", 1..4),
    ) {
        let mut rule = full();
        rule["repositoryId"] = json!(id.to_string());
        rule["workflow"] = json!(workflow);
        rule["environment"] = json!(environment);
        rule["refs"] = json!(refs);
        if let Ok(read) = parse(&rule) {
            prop_assert_eq!(serde_json::to_value(&read).unwrap(), rule);
        }
    }
}
