//! `auths publisher match`: each way in which a run is, or is not, the one that a rule means.

use auths_testkit::issuer::TokenDraft;
use serde_json::{Value, json};

use crate::ci::Issuer;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The draft, with both of its workflows at this reference.
fn with_workflows(draft: TokenDraft, reference: &str) -> TokenDraft {
    draft
        .claim("workflow_ref", reference)
        .claim("job_workflow_ref", reference)
}

/// The draft, of a run for this ref.
fn on(draft: TokenDraft, git_ref: &str) -> TokenDraft {
    let workflow = format!("acme/widget/.github/workflows/release.yml@{git_ref}");
    with_workflows(draft.claim("ref", git_ref), &workflow)
}

/// The draft, of a run in this repository.
fn of(draft: TokenDraft, owner: &str, name: &str) -> TokenDraft {
    let repository = format!("{owner}/{name}");
    let workflow = format!("{repository}/.github/workflows/release.yml@refs/tags/v1.2.0");
    let draft = draft
        .claim("repository", repository.as_str())
        .claim("repository_owner", owner)
        .claim("sub", format!("repo:{repository}:environment:pypi"));
    with_workflows(draft, &workflow)
}

/// The fields in which no rule matches, after a refusal with its code.
fn differing(issuer: &Issuer, rule: &Value, draft: &TokenDraft) -> Vec<String> {
    let (code, answer) = issuer.compare(&[rule], draft);
    assert_eq!(code, 1, "{answer:#}");
    assert_eq!(answer["outcome"], "refuted", "{answer:#}");
    assert_eq!(answer["reason"], "no-rule-matches", "{answer:#}");
    let mismatches = answer["mismatches"].as_array().unwrap();
    let fields = mismatches.iter().map(|m| m["field"].as_str().unwrap());
    fields.map(str::to_owned).collect()
}

fn with(mut rule: Value, member: &str, value: Value) -> Value {
    rule[member] = value;
    rule
}

fn assert_matches(issuer: &Issuer, rule: &Value, draft: &TokenDraft) {
    let (code, answer) = issuer.compare(&[rule], draft);
    assert_eq!(
        (code, &answer["outcome"]),
        (0, &json!("confirmed")),
        "{answer:#}"
    );
}

#[test]
fn a_fork_does_not_match() {
    let issuer = Issuer::start();
    let fork = of(issuer.draft(), "mallory", "widget")
        .claim("repository_id", "9001")
        .claim("repository_owner_id", "666");
    let fields = differing(&issuer, &issuer.rule(), &fork);
    assert_eq!(fields, ["repositoryId", "ownerId"]);
}

#[test]
fn a_pull_request_does_not_match() {
    let issuer = Issuer::start();
    let pull = on(issuer.draft(), "refs/pull/7/merge").claim("event_name", "pull_request");
    let fields = differing(&issuer, &issuer.rule(), &pull);
    assert_eq!(fields, ["refs", "triggers"]);
    let any_ref = with(issuer.rule(), "refs", json!(["refs/*"]));
    assert_eq!(differing(&issuer, &any_ref, &pull), ["triggers"]);
}

#[test]
fn another_workflow_file_does_not_match() {
    let issuer = Issuer::start();
    let test = "acme/widget/.github/workflows/test.yml@refs/tags/v1.2.0";
    let other = with_workflows(issuer.draft(), test);
    let fields = differing(&issuer, &issuer.rule(), &other);
    assert_eq!(fields, ["workflow", "jobWorkflow"]);
}

#[test]
fn another_ref_does_not_match() {
    let issuer = Issuer::start();
    let branch = on(issuer.draft(), "refs/heads/v1.2.0");
    assert_eq!(differing(&issuer, &issuer.rule(), &branch), ["refs"]);
}

#[test]
fn another_audience_does_not_match() {
    let issuer = Issuer::start();
    for audience in [
        json!("https://other.example"),
        json!("https://hub.example/"),
        json!(["https://hub.example"]),
    ] {
        let draft = issuer.draft().claim("aud", audience.clone());
        let (code, answer) = issuer.compare(&[&issuer.rule()], &draft);
        assert_eq!(
            (code, &answer["outcome"], &answer["reason"]),
            (1, &json!("refuted"), &json!("token-audience")),
            "{audience}: {answer:#}"
        );
        assert!(answer.get("identity").is_none(), "{answer:#}");
    }
}

#[test]
fn the_same_name_with_another_number_does_not_match() {
    let issuer = Issuer::start();
    let draft = || issuer.draft().without_claim("sub");
    let again = draft().claim("repository_id", "700701");
    assert_eq!(differing(&issuer, &issuer.rule(), &again), ["repositoryId"]);
    let taken = draft().claim("repository_owner_id", "666");
    assert_eq!(differing(&issuer, &issuer.rule(), &taken), ["ownerId"]);
}

#[test]
fn a_renamed_repository_with_the_same_number_matches() {
    let issuer = Issuer::start();
    let renamed = of(issuer.draft(), "acme", "gadget");
    let (code, answer) = issuer.compare(&[&issuer.rule()], &renamed);
    assert_eq!((code, &answer["rule"]), (0, &json!(0)), "{answer:#}");
    let note = answer["notes"][0].as_str().unwrap();
    assert!(
        note.contains("acme/widget") && note.contains("acme/gadget"),
        "{note}"
    );
}

#[test]
fn a_tag_of_a_scoped_package_matches() {
    let issuer = Issuer::start();
    let scoped = on(issuer.draft(), "refs/tags/@scope/pkg@1.0.0");
    let rule = with(issuer.rule(), "refs", json!(["refs/tags/@scope/pkg@*"]));
    assert_matches(&issuer, &rule, &scoped);
}

#[test]
fn a_branch_called_like_a_workflow_file_is_no_workflow() {
    let issuer = Issuer::start();
    let rule = with(issuer.rule(), "refs", json!(["refs/*"]));
    let branch = on(issuer.draft(), "refs/heads/x@release.yml");
    assert_matches(&issuer, &rule, &branch);
    let test = "acme/widget/.github/workflows/test.yml@refs/heads/x@release.yml";
    let other = with_workflows(branch, test);
    let fields = differing(&issuer, &rule, &other);
    assert_eq!(fields, ["workflow", "jobWorkflow"]);
}

#[test]
fn a_job_in_a_foreign_reusable_workflow_does_not_match() {
    let issuer = Issuer::start();
    let foreign = "evil/shared/.github/workflows/release.yml@refs/heads/main";
    let foreign = issuer.draft().claim("job_workflow_ref", foreign);
    let fields = differing(&issuer, &issuer.rule(), &foreign);
    assert_eq!(fields, ["jobWorkflow"]);
    // One that the rule names does.
    let reusable = json!({"repositoryId": "800", "repository": "evil/shared", "workflow": "release.yml", "sha": COMMIT});
    let named = with(issuer.rule(), "reusable", reusable);
    let pinned = foreign.claim("job_workflow_sha", COMMIT);
    assert_matches(&issuer, &named, &pinned);
}

#[test]
fn a_rule_has_one_limit_whether_it_is_signed_or_bare() {
    let issuer = Issuer::start();
    let refs: Vec<String> = (0..20)
        .map(|n| format!("refs/tags/{n}-{}", "v".repeat(1_000)))
        .chain(["refs/tags/v*".to_owned()])
        .collect();
    let large = with(issuer.rule(), "refs", json!(refs));
    assert!(large.to_string().len() > 20_000);
    assert_matches(&issuer, &large, &issuer.draft());
    let mut args = vec![
        "publisher",
        "new",
        "pypi:widget",
        "--repository",
        "acme/widget",
        "--repository-id",
        "700700",
        "--owner-id",
        "4242",
        "--workflow",
        "release.yml",
        "--json",
    ];
    for git_ref in &refs {
        args.extend(["--ref", git_ref]);
    }
    let signed = issuer.run("", &args).json("signed");
    assert_matches(&issuer, &signed["claim"], &issuer.draft());
}

#[test]
fn the_answer_of_publisher_new_is_no_rule_and_its_claim_is() {
    let issuer = Issuer::start();
    let args = [
        "publisher",
        "new",
        "pypi:widget",
        "--repository",
        "acme/widget",
        "--repository-id",
        "700700",
        "--owner-id",
        "4242",
        "--workflow",
        "release.yml",
        "--json",
    ];
    let signed = issuer.run("", &args).json("signed");
    let (code, answer) = issuer.compare(&[&signed], &issuer.draft());
    assert_eq!(code, 2, "{answer:#}");
    assert!(
        answer["message"].as_str().unwrap().contains("`claim`"),
        "{answer:#}"
    );
    assert!(
        answer["remedy"].as_str().unwrap().contains(".claim"),
        "{answer:#}"
    );
    assert_matches(&issuer, &signed["claim"], &issuer.draft());
}
