//! `auths ci` and `auths publisher`: ID tokens of an issuer on a loopback address, rules, and trusted publishers.

use auths_http::SystemClock;
use auths_testkit::issuer::{SigningKey, TestIssuer, TokenDraft, encode_token};
use auths_testkit::server::{Reply, Server};
use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox};
use crate::world::nobody;

const AUDIENCE: &str = "https://hub.example";

/// An issuer, and a home that trusts it in place of GitHub's.
pub(crate) struct Issuer {
    pub(crate) issuer: TestIssuer,
    pub(crate) sandbox: Sandbox,
}

impl Issuer {
    pub(crate) fn start() -> Self {
        let issuer = TestIssuer::start();
        let sandbox = Sandbox::with_key()
            .origin("github-actions", issuer.origin())
            .origin("gitlab", nobody());
        Self { issuer, sandbox }
    }

    pub(crate) fn draft(&self) -> TokenDraft {
        TokenDraft::github(
            &self.issuer.origin().to_string(),
            AUDIENCE,
            SystemClock.now(),
        )
    }

    pub(crate) fn run(&self, token: &str, args: &[&str]) -> Run {
        let run = self.sandbox.run_with(args, token.as_bytes());
        if let Some(signature) = token.rsplit('.').next().filter(|s| s.len() > 20) {
            assert!(!run.out.contains(signature) && !run.err.contains(signature));
        }
        run
    }

    fn verify(&self, token: &str) -> (i32, Value) {
        let run = self.run(token, &["ci", "verify", "--audience", AUDIENCE, "--json"]);
        (run.code, run.json("ci-verify"))
    }

    fn verify_draft(&self, draft: &TokenDraft) -> (i32, Value) {
        self.verify(&draft.sign(&SigningKey::shared(0)))
    }

    /// The rule that the drafts match.
    pub(crate) fn rule(&self) -> Value {
        json!({
            "issuer": self.issuer.origin().to_string(),
            "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
            "workflow": "release.yml", "environment": "pypi", "refs": ["refs/tags/v*"]
        })
    }

    pub(crate) fn compare(&self, rules: &[&Value], draft: &TokenDraft) -> (i32, Value) {
        let files: Vec<String> = rules
            .iter()
            .enumerate()
            .map(|(n, rule)| {
                self.sandbox
                    .file(&format!("rule-{n}.json"), rule.to_string())
            })
            .collect();
        let mut args = vec!["publisher", "match"];
        args.extend(files.iter().map(String::as_str));
        args.extend(["--audience", AUDIENCE, "--json"]);
        let run = self.run(&draft.sign(&SigningKey::shared(0)), &args);
        (run.code, run.json("publisher-match"))
    }
}

#[test]
fn a_good_token_is_confirmed_with_the_run_that_it_is_of() {
    let issuer = Issuer::start();
    let (code, answer) = issuer.verify_draft(&issuer.draft());
    assert_eq!(
        (code, &answer["outcome"]),
        (0, &json!("confirmed")),
        "{answer:#}"
    );
    let identity = &answer["identity"];
    assert_eq!(
        identity["repository"],
        json!({"id": "700700", "name": "acme/widget"})
    );
    assert_eq!(identity["ref_kind"], "tag");
    assert_eq!(identity["environment"], "pypi");
    let text = issuer.run(
        &issuer.draft().sign(&SigningKey::shared(0)),
        &["ci", "verify", "--audience", AUDIENCE],
    );
    assert!(
        text.out.contains("acme/widget (number 700700)"),
        "{}",
        text.out
    );
    assert!(
        text.err.contains("in place of the public issuer"),
        "{}",
        text.err
    );
}

#[test]
fn the_same_token_is_valid_again_since_verifying_uses_nothing_up() {
    let issuer = Issuer::start();
    let token = issuer.draft().sign(&SigningKey::shared(0));
    assert_eq!(issuer.verify(&token).0, 0);
    assert_eq!(issuer.verify(&token).0, 0);
}

#[test]
fn a_required_claim_that_is_missing_null_empty_or_of_another_type_is_refused() {
    let issuer = Issuer::start();
    let required = [
        "jti",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "workflow_ref",
        "event_name",
        "sha",
        "ref",
        "iss",
        "aud",
        "exp",
        "iat",
    ];
    for name in required {
        let missing = issuer.draft().without_claim(name);
        let empty = json!("");
        let changed = [json!(null), json!([]), json!({}), json!(true), json!(1.5)];
        // A run may be for no ref, and then says so.
        let changed = changed.into_iter().chain((name != "ref").then_some(empty));
        let changed = changed.map(|value| issuer.draft().claim(name, value));
        for draft in &changed.chain([missing]).collect::<Vec<_>>() {
            let (code, answer) = issuer.verify_draft(draft);
            assert!(matches!(code, 1 | 2), "{name}: {answer:#}");
            assert!(answer["reason"].is_string(), "{name}: {answer:#}");
        }
    }
}

#[test]
fn every_step_of_the_pipeline_has_its_own_reason() {
    let issuer = Issuer::start();
    let good = issuer.draft();
    let key = SigningKey::shared(0);
    let now = SystemClock.now().as_unix();
    let token = good.sign(&key);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let huge = format!("{}.{}.x", "a".repeat(9_000), "b".repeat(9_000));
    let mut other_algorithm = good.clone();
    other_algorithm.header.insert("alg".into(), json!("HS256"));
    let mut critical = good.clone();
    critical.header.insert("crit".into(), json!(["x"]));
    let mut unknown_key = good.clone();
    unknown_key.header.insert("kid".into(), json!("nobodys"));
    let steps = [
        ("size", huge),
        ("segments", "a.b".to_owned()),
        ("header", critical.sign(&key)),
        ("algorithm", other_algorithm.sign(&key)),
        (
            "issuer",
            good.clone()
                .claim("iss", "https://elsewhere.example")
                .sign(&key),
        ),
        ("key", unknown_key.sign(&key)),
        ("signature", format!("{signed}.{}", "A".repeat(342))),
        (
            "audience",
            good.clone()
                .claim("aud", "https://other.example")
                .sign(&key),
        ),
        ("expiry", good.clone().claim("exp", now - 3_600).sign(&key)),
        ("begin", good.clone().claim("nbf", now + 3_600).sign(&key)),
        ("life", good.clone().claim("exp", now + 7_200).sign(&key)),
        (
            "claims",
            good.clone().without_claim("repository_id").sign(&key),
        ),
        (
            "types",
            good.clone().claim("repository_id", "0700700").sign(&key),
        ),
        (
            "consistency",
            good.clone().claim("repository_owner", "mallory").sign(&key),
        ),
    ];
    let mut reasons = std::collections::BTreeMap::new();
    for (step, token) in steps {
        let (code, answer) = issuer.verify(&token);
        assert!(matches!(code, 1 | 2), "{step}: {answer:#}");
        let reason = answer["reason"].as_str().unwrap().to_owned();
        if let Some(other) = reasons.insert(reason.clone(), step) {
            panic!("{step} and {other} are both {reason}");
        }
    }
}

#[test]
fn an_issuer_that_is_down_leaves_the_answer_open() {
    let issuer = nobody();
    let sandbox = Sandbox::new()
        .origin("github-actions", &issuer)
        .origin("gitlab", nobody());
    let token = TokenDraft::github(&issuer, AUDIENCE, SystemClock.now());
    let token = token.sign(&SigningKey::shared(0));
    let args = [
        "ci",
        "verify",
        "--audience",
        AUDIENCE,
        "--timeout",
        "5",
        "--json",
    ];
    let run = sandbox.run_with(&args, token.as_bytes());
    let answer = run.json("ci-verify");
    assert_eq!(
        (run.code, &answer["outcome"]),
        (3, &json!("unavailable")),
        "{answer:#}"
    );
}

#[test]
fn only_the_issuer_that_was_named_is_accepted() {
    let issuer = Issuer::start();
    let token = issuer.draft().sign(&SigningKey::shared(0));
    let run = |name: &str| {
        let args = [
            "ci",
            "verify",
            "--audience",
            AUDIENCE,
            "--issuer",
            name,
            "--json",
        ];
        issuer.run(&token, &args)
    };
    assert_eq!(run("github-actions").code, 0);
    assert_eq!(run("gitlab").code, 1);
    assert_eq!(run("jenkins").code, 2);
}

#[test]
fn a_token_is_shown_without_being_verified_and_says_so() {
    let issuer = Issuer::start();
    let token = encode_token(
        b"{}",
        br#"{"sub":"x\u001b[31m","aud":1}"#,
        &SigningKey::shared(0),
    );
    let run = issuer.run(&token, &["ci", "show", "--json"]);
    let answer = run.json("ci-show");
    assert_eq!((run.code, &answer["claims"]["aud"]), (0, &json!(1)));
    assert!(answer["note"].as_str().unwrap().contains("NOT VERIFIED"));
    let text = issuer.run(&token, &["ci", "show"]);
    assert!(!text.out.contains('\u{1b}'), "{}", text.out);
    assert_eq!(issuer.run("a.b", &["ci", "show"]).code, 2);
    assert_eq!(issuer.run("", &["ci", "show"]).code, 2);
}

#[test]
fn a_run_matches_a_bare_rule_and_a_signed_one() {
    let issuer = Issuer::start();
    let (code, answer) = issuer.compare(&[&issuer.rule()], &issuer.draft());
    assert_eq!((code, &answer["rule"]), (0, &json!(0)), "{answer:#}");
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
        "--environment",
        "pypi",
        "--json",
    ];
    let signed = issuer.run("", &args);
    let signed = signed.json("signed");
    assert_eq!(signed["claim"]["type"], "TrustedPublisher");
    let other = json!({ "workflow": "other.yml" });
    let mut wrong = issuer.rule();
    wrong["workflow"] = other["workflow"].clone();
    let (code, answer) = issuer.compare(&[&wrong, &signed["claim"]], &issuer.draft());
    assert_eq!((code, &answer["rule"]), (0, &json!(1)), "{answer:#}");
}

#[test]
fn a_run_that_matches_no_rule_is_told_every_field_that_differs() {
    let issuer = Issuer::start();
    let draft = issuer
        .draft()
        .claim("environment", "staging")
        .claim("event_name", "pull_request");
    let (code, answer) = issuer.compare(&[&issuer.rule()], &draft);
    assert_eq!(
        (code, &answer["outcome"]),
        (1, &json!("refuted")),
        "{answer:#}"
    );
    let fields: Vec<&str> = answer["mismatches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mismatch| mismatch["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["environment", "triggers"]);
    assert_eq!(answer["mismatches"][0]["found"], "staging");
}

#[test]
fn a_rule_that_cannot_be_used_is_refused_with_its_member() {
    let issuer = Issuer::start();
    let rule = issuer.rule();
    for (member, value) in [
        ("workflow", json!(".github/workflows/release.yml")),
        ("environment", json!("")),
        ("enviroment", json!("pypi")),
        ("refs", json!([])),
        ("reusable", json!({"repositoryId": "800"})),
        (
            "reusable",
            json!({"repository": "acme/shared", "workflow": "publish.yml"}),
        ),
    ] {
        let mut bad = rule.clone();
        bad[member] = value;
        let (code, answer) = issuer.compare(&[&bad], &issuer.draft());
        assert_eq!(code, 2, "{answer:#}");
        assert!(
            answer["message"].as_str().unwrap().contains(member),
            "{answer:#}"
        );
    }
}

#[test]
fn the_numbers_of_a_repository_are_read_and_shown() {
    let server = Server::start(|request| match request.path.as_str() {
        "/repos/acme/widget" => Reply::json(
            200,
            json!({
                "id": 700_700, "full_name": "acme/widget",
                "owner": {"id": 4_242, "login": "acme", "type": "Organization"}
            }),
        ),
        "/repos/acme/taken" => Reply::json(
            200,
            json!({
                "id": 700_700, "full_name": "acme/taken",
                "owner": {"id": 666, "login": "evil", "type": "User"}
            }),
        ),
        "/repos/acme/old" => Reply::json(
            301,
            json!({
                "message": "Moved Permanently", "url": "https://api.github.com/repositories/700700",
                "documentation_url": "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"
            }),
        ),
        "/repos/acme/portal" => Reply::json(301, json!({"message": "log in"})),
        _ => Reply::json(
            404,
            json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}),
        ),
    });
    let sandbox = Sandbox::with_key()
        .origin("github-api", server.origin())
        .origin("github-actions", nobody());
    let args = |repository| {
        [
            "publisher",
            "new",
            "pypi:widget",
            "--repository",
            repository,
            "--workflow",
            "release.yml",
            "--json",
        ]
    };
    let run = sandbox.run(&args("acme/widget"));
    let answer = run.json("signed");
    let publisher = &answer["claim"]["publisher"];
    assert_eq!(
        (&publisher["repositoryId"], &publisher["ownerId"]),
        (&json!("700700"), &json!("4242")),
        "{answer:#}"
    );
    assert!(
        run.err.contains("700700") && run.err.contains("4242"),
        "{}",
        run.err
    );
    let unknown = sandbox.run(&args("acme/nothing"));
    assert_eq!(unknown.code, 2, "{}", unknown.out);
    let moved = sandbox.run(&args("acme/old"));
    let answer = moved.json("signed");
    let message = answer["message"].as_str().unwrap();
    assert_eq!(moved.code, 2, "{answer:#}");
    assert!(message.contains("renamed or transferred"), "{answer:#}");
    assert!(
        !answer["remedy"].as_str().unwrap().contains("origin"),
        "{answer:#}"
    );
    // A redirect that is not GitHub's own says nothing of the name.
    let portal = sandbox.run(&args("acme/portal"));
    assert_eq!(portal.code, 3, "{}", portal.out);
    let taken = sandbox.run(&args("acme/taken"));
    assert_eq!(taken.code, 3, "{}", taken.out);
    // The numbers of one server say nothing of another's.
    let mixed = Sandbox::with_key().origin("github-api", server.origin());
    assert_eq!(mixed.run(&args("acme/widget")).code, 2);
}

#[test]
fn a_token_among_the_arguments_is_refused_and_not_shown() {
    let issuer = Issuer::start();
    let token = issuer.draft().sign(&SigningKey::shared(0));
    let run = issuer.run("", &["ci", "verify", "--audience", &token]);
    assert_eq!(run.code, 2);
    assert!(!run.err.contains(&token[..60]) && !run.out.contains(&token[..60]));
}

#[test]
fn a_signed_rule_that_was_revoked_is_refused() {
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
    assert_eq!(issuer.compare(&[&signed["claim"]], &issuer.draft()).0, 0);
    let file = issuer
        .sandbox
        .file("rule.json", signed["claim"].to_string());
    assert_eq!(issuer.sandbox.run(&["revoke", &file]).code, 0);
    let (code, answer) = issuer.compare(&[&signed["claim"]], &issuer.draft());
    assert_eq!(
        (code, &answer["reason"]),
        (1, &json!("revoked")),
        "{answer:#}"
    );
    // It keeps no other rule from matching.
    let (code, answer) = issuer.compare(&[&signed["claim"], &issuer.rule()], &issuer.draft());
    assert_eq!((code, &answer["rule"]), (0, &json!(1)), "{answer:#}");
}

#[test]
fn a_rule_that_no_run_can_match_is_not_signed_and_an_open_one_is_warned_about() {
    let sandbox = Sandbox::with_key();
    let sign = |more: &[&str]| {
        let args = [
            "publisher",
            "new",
            "pypi:widget",
            "--repository-id",
            "1",
            "--owner-id",
            "2",
            "--workflow",
            "release.yml",
        ];
        sandbox.run(&[&args[..], more].concat())
    };
    for bad in [
        &["--repository", "acme/tools/widget"][..],
        &["--repository", "acme/widget", "--trigger", "puhs"],
        &[
            "--repository",
            "acme/widget",
            "--reusable",
            "a/b/.github/workflows/c.yml",
            "--reusable-id",
            "3",
        ],
        &[
            "--repository",
            "acme/widget",
            "--issuer",
            "gitlab",
            "--trigger",
            "workflow_dispatch",
        ],
    ] {
        let run = sign(bad);
        assert_eq!(run.code, 2, "{bad:?}: {}", run.err);
    }
    let open = sign(&[
        "--repository",
        "acme/widget",
        "--ref",
        "refs/*",
        "--trigger",
        "pull_request_target",
    ]);
    assert_eq!(open.code, 0, "{}", open.err);
    assert!(
        open.err.contains("can write to the repository"),
        "{}",
        open.err
    );
    assert!(open.err.contains("a stranger sent"), "{}", open.err);
}

#[test]
fn no_home_is_made_for_a_token() {
    let issuer = TestIssuer::start();
    let sandbox = Sandbox::new()
        .origin("github-actions", issuer.origin())
        .origin("gitlab", nobody());
    let token = TokenDraft::github(&issuer.origin().to_string(), AUDIENCE, SystemClock.now());
    let token = token.sign(&SigningKey::shared(0));
    let rule = json!({
        "issuer": issuer.origin().to_string(),
        "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
        "workflow": "release.yml"
    });
    let rule = sandbox.file("rule.json", rule.to_string());
    for args in [
        &["ci", "verify"][..],
        &["ci", "verify", "--issuer", "gitlab"],
        &["publisher", "match", &rule],
    ] {
        let args = [args, &["--audience", AUDIENCE]].concat();
        let run = sandbox.run_with(&args, token.as_bytes());
        let expected = i32::from(args.contains(&"gitlab"));
        assert_eq!(run.code, expected, "{args:?}: {}", run.err);
        assert!(!sandbox.home().exists(), "{args:?}");
    }
}

#[test]
fn outside_of_a_job_there_is_no_token_of_the_jobs_own() {
    let address = "ACTIONS_ID_TOKEN_REQUEST_URL";
    let secret = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
    let runner = nobody();
    for (url, token) in [("", ""), (&*runner, ""), (&*runner, " "), ("", "s3cret")] {
        let sandbox = Sandbox::new().env(address, url).env(secret, token);
        let run = sandbox.run(&[
            "ci",
            "verify",
            "--audience",
            AUDIENCE,
            "--ambient",
            "--json",
        ]);
        let answer = run.json("ci-verify");
        assert_eq!(
            (run.code, &answer["outcome"]),
            (2, &json!("invalid")),
            "{url:?} {token:?}: {answer:#}"
        );
        let remedy = answer["remedy"].as_str().unwrap();
        assert!(remedy.contains("id-token: write"), "{answer:#}");
    }
}

#[test]
fn a_claim_that_looks_like_a_token_is_verified_and_not_shown() {
    let issuer = Issuer::start();
    let name = format!("ghp_{}", "aB3".repeat(12));
    let draft = issuer.draft().claim("environment", name.as_str());
    let mut rule = issuer.rule();
    rule.as_object_mut().unwrap().remove("environment");
    let shown = json!("(hidden: a GitHub token)");
    let (code, answer) = issuer.verify_draft(&draft);
    assert_eq!((code, &answer["identity"]["environment"]), (0, &shown));
    let (code, answer) = issuer.compare(&[&rule], &draft);
    assert_eq!((code, &answer["identity"]["environment"]), (0, &shown));
    let (code, answer) = issuer.compare(&[&issuer.rule()], &draft);
    assert_eq!((code, &answer["mismatches"][0]["found"]), (1, &shown));
    let token = draft.sign(&SigningKey::shared(0));
    let run = issuer.run(&token, &["ci", "show", "--json"]);
    assert_eq!(run.json("ci-show")["claims"]["environment"], shown);
    assert!(!run.out.contains(&name));
}
