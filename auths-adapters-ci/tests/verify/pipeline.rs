//! The steps in their order, what an accepted token says, and what errors never say.

use crate::common::{AUDIENCE, Pair, after, code, codes, now, query, start, start_with};
use auths_adapters_ci::PublicAnswer;
use auths_core::ci::{RefKind, RunnerKind};
use auths_core::ports::{Budget, CiTokenError, CiTokenVerifier};
use auths_testkit::issuer::{SigningKey, TokenDraft, encode_token};
use serde_json::{Value, json};

#[tokio::test]
async fn an_accepted_token_of_github_says_which_run_it_is_of() {
    let pair = start();
    let token = pair.draft().sign(&SigningKey::shared(0));
    let verified = pair.verify(&query(&token)).await.unwrap();
    let parts = verified.identity().parts();
    assert_eq!(parts.issuer, pair.verifier.issuers()[0]);
    assert_eq!(
        (parts.repository.id.get(), parts.owner.id.get()),
        (700_700, 4_242)
    );
    assert_eq!(parts.environment.as_ref().unwrap().as_str(), "pypi");
    assert_eq!(parts.trigger.as_str(), "push");
    assert_eq!(parts.runner, Some(RunnerKind::Hosted));
    assert_eq!(parts.ref_protected, Some(true));
    assert!(parts.job_workflow.is_some() && parts.run.is_some());
    assert_eq!(verified.identity().ref_kind(), RefKind::Tag);
    assert_eq!(verified.times().expires, after(300));
    assert_eq!(verified.audience().as_str(), AUDIENCE);
}

#[tokio::test]
async fn an_accepted_token_of_gitlab_says_which_run_it_is_of() {
    let pair = start();
    let token = pair.gitlab_draft().sign(&SigningKey::shared(0));
    let verified = pair.verify(&query(&token)).await.unwrap();
    let parts = verified.identity().parts();
    assert_eq!(parts.issuer, pair.verifier.issuers()[1]);
    assert_eq!(parts.repository.name.as_str(), "acme/ci/widget");
    assert_eq!(parts.owner.name.as_str(), "acme/ci");
    assert!(parts.job_workflow.is_none() && parts.workflow_commit.is_some());
    assert!(
        parts
            .workflow
            .as_str()
            .ends_with("//.gitlab-ci.yml@refs/tags/v1.2.0")
    );
    let host = pair.gitlab.origin().to_string().replace("http://", "");
    assert!(parts.workflow.as_str().starts_with(&host));
}

#[tokio::test]
async fn what_may_be_absent_may_be_absent() {
    let pair = start();
    let mut github = pair.draft().claim("ref", "");
    for name in [
        "nbf",
        "sub",
        "environment",
        "job_workflow_ref",
        "job_workflow_sha",
        "workflow_sha",
        "ref_protected",
        "runner_environment",
        "repository_visibility",
        "run_id",
        "run_attempt",
        "actor",
        "workflow",
    ] {
        github = github.without_claim(name);
    }
    let verified = pair
        .verify(&query(&github.sign(&SigningKey::shared(0))))
        .await
        .unwrap();
    assert!(verified.identity().parts().git_ref.is_none());
    assert!(verified.times().not_before.is_none());
    let ids = pair
        .draft()
        .claim("repository_id", 700_700)
        .claim("repository_owner_id", u64::MAX)
        .claim("sub", "x");
    assert_eq!(pair.code_of(&ids).await, "ok");
}

/// Breaks a token in one more step. From the last step to the first: each later one must win over all before it.
type Break = (&'static str, fn(TokenDraft) -> TokenDraft);

#[tokio::test]
async fn each_step_comes_before_all_later_ones() {
    let pair = start();
    let breaks: [Break; 15] = [
        (codes::INCONSISTENT, |draft| {
            draft.claim("repository_owner", "evil")
        }),
        (codes::WRONG, |draft| draft.claim("event_name", Value::Null)),
        (codes::MISSING, |draft| draft.without_claim("jti")),
        (codes::LIFE, |draft| {
            draft.claim("exp", now().as_unix() + 901)
        }),
        (codes::NOT_YET, |draft| {
            draft.claim("iat", now().as_unix() + 61)
        }),
        (codes::WRONG, |draft| draft.claim("iat", "soon")),
        (codes::NOT_YET, |draft| {
            draft.claim("nbf", now().as_unix() + 61)
        }),
        (codes::WRONG, |draft| {
            draft
                .claim("nbf", "soon")
                .claim("iat", now().as_unix() + 61)
        }),
        (codes::EXPIRED, |draft| {
            draft
                .claim("exp", now().as_unix() - 60)
                .without_claim("iat")
        }),
        (codes::MISSING, |draft| draft.without_claim("exp")),
        (codes::AUDIENCE, |draft| draft.claim("aud", "other.example")),
        (codes::KEY, |draft| draft.header("kid", "unknown")),
        (codes::ISSUER, |draft| {
            draft.claim("iss", "https://evil.example")
        }),
        (codes::HEADER, |draft| {
            draft.header("crit", json!(["exp"])).header("kid", "key-0")
        }),
        (codes::ALGORITHM, |draft| draft.header("alg", "none")),
    ];
    let mut draft = pair.draft();
    for (expected, change) in breaks {
        draft = change(draft);
        // A new adapter, so that the last question about keys was not just now.
        let fresh = start();
        let draft = match draft.claims["iss"] == json!(pair.github.origin().to_string()) {
            true => draft
                .clone()
                .claim("iss", fresh.github.origin().to_string()),
            false => draft.clone(),
        };
        assert_eq!(fresh.code_of(&draft).await, expected, "{:?}", draft.claims);
        let is_before_keys = matches!(expected, codes::ISSUER | codes::HEADER | codes::ALGORITHM);
        assert_eq!(
            fresh.github.count_key_requests() == 0,
            is_before_keys,
            "{expected}"
        );
    }
    // The form comes before the header, and the size before the form.
    let token = draft.sign(&SigningKey::shared(0));
    assert_eq!(pair.code(&format!("{token}=")).await, codes::MALFORMED);
    let large = format!("{token}={}", "x".repeat(16 * 1024));
    assert_eq!(pair.code(&large).await, codes::TOO_LARGE);
    assert_eq!(pair.github.count_key_requests(), 0);
}

#[tokio::test]
async fn the_signature_comes_after_the_key_and_before_every_claim() {
    let pair = start();
    let (first, second) = (SigningKey::shared(0), SigningKey::shared(1));
    let draft = pair
        .draft()
        .claim("aud", "other.example")
        .claim("exp", 1)
        .header("kid", first.id());
    assert_eq!(pair.code(&draft.sign(&second)).await, codes::SIGNATURE);
    assert_eq!(pair.code(&draft.sign(&first)).await, codes::AUDIENCE);
    // Claims that stand twice are told after the signature.
    let payload = pair
        .draft()
        .payload_json()
        .replacen('{', "{\"actor\":\"eve\",", 1);
    let header = pair.draft().header_json(&first);
    let by = |key: &SigningKey| encode_token(header.as_bytes(), payload.as_bytes(), key);
    assert_eq!(pair.code(&by(&second)).await, codes::SIGNATURE);
    assert_eq!(pair.code(&by(&first)).await, codes::MALFORMED);
}

#[tokio::test]
async fn times_have_their_boundaries() {
    let pair = start();
    let at = now().as_unix();
    for (claims, expected) in [
        (json!({ "exp": at - 59, "iat": at - 300 }), "ok"),
        (json!({ "exp": at - 60, "iat": at - 300 }), codes::EXPIRED),
        (json!({ "nbf": at + 60 }), "ok"),
        (json!({ "nbf": at + 61 }), codes::NOT_YET),
        (json!({ "iat": at + 60, "exp": at + 300 }), "ok"),
        (json!({ "iat": at + 61, "exp": at + 300 }), codes::NOT_YET),
        (json!({ "exp": at + 900 }), "ok"),
        (json!({ "exp": at + 901 }), codes::LIFE),
        (json!({ "exp": at + 10, "iat": at + 10 }), codes::EXPIRED),
        (
            json!({ "exp": 1_000_000_000_000_000_000_u64 }),
            codes::WRONG,
        ),
        (json!({ "exp": u64::MAX }), codes::WRONG),
        (json!({ "exp": 1.5e9 }), codes::WRONG),
        (json!({ "exp": "1" }), codes::WRONG),
        (json!({ "exp": -1 }), codes::WRONG),
        (json!({ "exp": null }), codes::WRONG),
        (json!({ "nbf": null }), codes::WRONG),
        (json!({ "nbf": "1" }), codes::WRONG),
        (json!({ "iat": 1.0 }), codes::WRONG),
        (json!({ "iat": [] }), codes::WRONG),
    ] {
        let mut draft = pair.draft();
        for (name, value) in claims.as_object().unwrap() {
            draft = draft.claim(name, value.clone());
        }
        assert_eq!(pair.code_of(&draft).await, expected, "{claims}");
    }
    for name in ["exp", "iat"] {
        assert_eq!(
            pair.code_of(&pair.draft().without_claim(name)).await,
            codes::MISSING
        );
    }
    let long = pair.gitlab_draft().claim("exp", at + 7 * 24 * 3600);
    assert_eq!(
        pair.code_of(&long).await,
        "ok",
        "GitLab's tokens live as long as their job may"
    );
}

#[tokio::test]
async fn only_exact_issuers_are_accepted_and_one_may_be_asked_for() {
    let pair = start_with(|config| config);
    let good = pair.github.origin().to_string();
    for other in [
        format!("{good}/"),
        format!("{good}/acme"),
        good.replace("http", "HTTP"),
        good.replace("http:", "https:"),
        good.replace("127.0.0.1", "localhost"),
        format!("{good}@evil.example"),
        good.replace("//", "//evil@"),
        format!(" {good}"),
        format!("{good}\u{0}"),
        String::new(),
        "https://token.actions.githubusercontent.com".into(),
    ] {
        assert_eq!(
            pair.code_of(&pair.draft().claim("iss", other.clone()))
                .await,
            codes::ISSUER,
            "{other:?}"
        );
    }
    for value in [json!(null), json!(7), json!([good]), json!({ "iss": good })] {
        assert_eq!(
            pair.code_of(&pair.draft().claim("iss", value)).await,
            codes::ISSUER
        );
    }
    assert_eq!(
        pair.code_of(&pair.draft().without_claim("iss")).await,
        codes::ISSUER
    );
    assert_eq!(pair.github.count_key_requests(), 0);
    let token = pair.draft().sign(&SigningKey::shared(0));
    for (at, expected) in [(0, "ok"), (1, codes::ISSUER)] {
        let only = pair.verifier.issuers()[at].url.clone();
        let verified = pair.verify(&query(&token).from_issuer(Some(only))).await;
        assert_eq!(code(&verified), expected);
    }
}

#[tokio::test]
async fn a_key_counts_for_its_own_issuer_and_ids_are_never_mixed() {
    let pair = start();
    pair.gitlab.show_keys([SigningKey::shared(1).public_jwk()]);
    let token = pair.draft().sign(&SigningKey::shared(1));
    assert_eq!(
        pair.code(&token).await,
        codes::KEY,
        "the key is another issuer's"
    );
    // A token of one platform in the form of the other has none of its claims.
    let foreign = TokenDraft::github(&pair.gitlab.origin().to_string(), AUDIENCE, now());
    let token = foreign.sign(&SigningKey::shared(1));
    assert_eq!(pair.code(&token).await, codes::MISSING);
    let own = pair.gitlab_draft().sign(&SigningKey::shared(1));
    let verified = pair.verify(&query(&own)).await.unwrap();
    assert_eq!(verified.identity().issuer(), &pair.verifier.issuers()[1]);
}

/// Every kind of fault, each in a token that holds a word that is nowhere else.
fn faulty(pair: &Pair) -> Vec<String> {
    let key = SigningKey::shared(0);
    let draft = || pair.draft().claim("actor", "marked-actor");
    let good = draft().sign(&key);
    vec![
        format!("{good}x"),
        good.replace('.', "_"),
        good[..good.len() - 8].to_owned() + "AAAAAAAA",
        draft().header("alg", "HS256").sign(&key),
        draft().header("kid", "marked-kid").sign(&key),
        draft().header("jku", "https://marked.example").sign(&key),
        draft().claim("aud", json!(["a"])).sign(&key),
        draft().claim("repository", "a b").sign(&key),
        draft().claim("exp", 5).sign(&key),
        encode_token(draft().header_json(&key).as_bytes(), b"{\"marked\":", &key),
        "x".repeat(20_000),
    ]
}

#[tokio::test]
async fn a_token_is_in_no_error_and_no_debug_form() {
    let pair = start();
    for token in faulty(&pair) {
        let query = query(&token);
        let error = pair.verify(&query).await.unwrap_err();
        for text in [
            error.to_string(),
            format!("{error:?}"),
            format!("{query:?}"),
            format!("{:?}", pair.verifier),
        ] {
            let parts = token.split(['.', '_']).filter(|part| part.len() > 8);
            for part in parts {
                assert!(!text.contains(&part[..9]), "{text}");
            }
            assert!(!text.contains("marked-"), "{text}");
        }
    }
    let hidden = pair
        .draft()
        .claim("repository", "acme/\u{202e}widget\n")
        .sign(&SigningKey::shared(0));
    let error = pair.verify(&query(&hidden)).await.unwrap_err().to_string();
    assert!(
        error.contains("acme/") && !error.contains(['\u{202e}', '\n']),
        "{error}"
    );
}

#[tokio::test]
async fn a_client_is_told_the_same_until_signature_and_audience_hold() {
    let pair = start();
    let key = SigningKey::shared(0);
    let draft = || pair.draft();
    assert_eq!(pair.code_of(&draft()).await, "ok");
    let mut answers = Vec::new();
    for token in [
        "x".to_owned(),
        draft().header("alg", "none").sign(&key),
        draft().without_header("kid").sign(&key),
        draft().claim("iss", "https://evil.example").sign(&key),
        draft().without_claim("iss").sign(&key),
        draft().header("kid", key.id()).sign(&SigningKey::shared(1)),
        draft().claim("aud", "other.example").sign(&key),
        draft().without_claim("aud").sign(&key),
        encode_token(draft().header_json(&key).as_bytes(), b"[]", &key),
        "x".repeat(20_000),
        // The issuer is configured, and its keys were looked for just now.
        draft().header("kid", "k").sign(&key),
    ] {
        let error = pair.verify(&query(&token)).await.unwrap_err();
        answers.push((PublicAnswer::of(&error), error.to_string()));
    }
    assert!(
        answers
            .iter()
            .all(|(answer, _)| *answer == PublicAnswer::NotAccepted),
        "{answers:?}"
    );
    let expired = pair
        .verify(&query(&draft().claim("exp", 5).sign(&key)))
        .await
        .unwrap_err();
    assert!(matches!(
        PublicAnswer::of(&expired),
        PublicAnswer::Explained(_)
    ));
}

#[tokio::test]
async fn a_caller_without_time_keeps_nobody_else_from_the_keys() {
    let pair = start();
    let token = pair.draft().sign(&SigningKey::shared(0));
    let hasty = query(&token).within(Budget::new(9, std::time::Duration::ZERO));
    let hasty = pair.verify(&hasty).await;
    assert!(
        matches!(hasty, Err(CiTokenError::Unavailable(_))),
        "{hasty:?}"
    );
    assert_eq!(code(&pair.verify(&query(&token)).await), "ok");
}

#[tokio::test]
async fn every_request_is_taken_from_the_budget() {
    let pair = start();
    let token = pair.draft().sign(&SigningKey::shared(0));
    for requests in [0, 1] {
        let short = query(&token).within(Budget::new(requests, std::time::Duration::from_secs(60)));
        assert_eq!(code(&pair.verify(&short).await), "AUTHS-3017", "{requests}");
    }
    // What one caller could not pay holds up nobody else.
    let budget = Budget::new(2, std::time::Duration::from_secs(60));
    let paid = pair.verify(&query(&token).within(budget.clone())).await;
    assert_eq!((code(&paid), budget.requests_left()), ("ok", 0));
    let without = query(&token).within(Budget::new(0, std::time::Duration::ZERO));
    assert_eq!(
        code(&pair.verify(&without).await),
        "ok",
        "the keys are there"
    );
}
