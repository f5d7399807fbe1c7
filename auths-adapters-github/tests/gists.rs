//! Gist proofs: what proves an account, what does not and for which reason, and what became of a proof later.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use auths_adapters_github::{CLAIM_FILE, GistId, GitHub};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::evidence::{AccountEvidence, AccountProof, GistState};
use auths_core::ports::{
    AccountProofQuery, AccountProver, AccountProverError, GistHint, ProofHint,
};
use auths_core::{Account, Reason, UnavailableReason};
use auths_testkit::server::Reply;
use auths_testkit::world::{Grant, Session, Token};
use common::*;
use secrecy::SecretString;
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(86_400);

impl Stage {
    async fn own_claim(&self) -> Signed<PlatformClaim> {
        self.claim(&key(1), self.account(&self.alice)).await
    }

    fn gist(&self, by: &Session, content: impl Into<String>) -> String {
        self.world(|w| w.create_gist(by, content).unwrap())
    }

    async fn prove(
        &self,
        claim: &Signed<PlatformClaim>,
        hint: GistHint,
    ) -> Result<AccountEvidence, AccountProverError> {
        let query =
            AccountProofQuery::new(claim.clone(), ProofHint::Gist(hint), self.now(), 7 * DAY);
        self.github().prove(&query).await
    }

    /// The reason why a gist proves nothing.
    async fn why(&self, claim: &Signed<PlatformClaim>, gist: &str) -> &'static str {
        reason(self.prove(claim, GistHint::new(gist)).await)
    }
}

fn reason(answer: Result<AccountEvidence, AccountProverError>) -> &'static str {
    match answer {
        Err(AccountProverError::Refuted(refuted)) => refuted.reason.name(),
        Err(AccountProverError::Unavailable(why)) => why.reason.name(),
        other => panic!("{other:?}"),
    }
}

fn state(evidence: &AccountEvidence) -> GistState {
    let AccountProof::GistProof { state, .. } = &evidence.proof else {
        panic!("{evidence:?}");
    };
    state.clone().unwrap()
}

#[tokio::test]
async fn a_gist_is_published_and_read_back_by_its_id() {
    let stage = Stage::new();
    let claim = stage.own_claim().await;
    let (token, secret): (Token, SecretString) = stage.world(|w| {
        let token = w
            .create_token_for(&stage.alice, &[Grant::Gist], None)
            .unwrap();
        let secret = w.secret(&token).into();
        (token, secret)
    });
    let published = stage.github().publish(&secret, &claim).await.unwrap();
    let body: Value = serde_json::from_slice(&stage.server.requests()[0].body).unwrap();
    assert_eq!(body["public"], true);
    assert_eq!(body["files"][CLAIM_FILE]["content"], claim.to_json());
    // The thief of the token cannot be told from its owner; its end changes nothing about the proof.
    stage.world(|w| w.revoke_token(&stage.alice, &token).unwrap());
    let hint = GistHint::new(published.id.as_str());
    let evidence = stage.prove(&claim, hint).await.unwrap();
    assert_eq!(evidence.account, stage.account(&stage.alice));
    assert_eq!(evidence.did, did(1));
    let proof = AccountProof::GistProof {
        gist: published.id.to_string(),
        claim: claim.id().clone(),
        unchanged_since: stage.now(),
        state: Some(state(&evidence)),
    };
    assert_eq!(evidence.proof, proof);
    let state = state(&evidence);
    assert!(state.digest.starts_with("sha256:") && state.revision.is_some());
    assert_eq!(state.created, stage.now());
    let read = stage
        .github()
        .read(&published.id, stage.now())
        .await
        .unwrap();
    assert_eq!((read.claim.id(), &read.evidence), (claim.id(), &evidence));
    let asked = stage.server.requests();
    assert_eq!(
        asked.last().unwrap().path,
        format!("/gists/{}", published.id)
    );
    assert_eq!(
        asked.last().unwrap().header("x-github-api-version"),
        Some("2022-11-28")
    );
    assert_eq!(asked.last().unwrap().header("authorization"), None);
}

#[tokio::test]
async fn what_a_gist_does_not_prove() {
    let stage = Stage::new();
    let mallory = stage.world(|w| w.sign_up("mallory").unwrap());
    let claim = stage.own_claim().await;
    let theirs = stage.claim(&key(1), stage.account(&mallory)).await;
    let later = {
        stage.world(|w| w.wait(DAY));
        stage.own_claim().await
    };
    let own = stage.gist(&stage.alice, claim.to_json());
    let fork = stage.world(|w| w.fork_gist(&mallory, &own).unwrap());
    let own_fork = stage.world(|w| w.fork_gist(&stage.alice, &own).unwrap());
    for (gist, expected) in [
        (fork, "gist-forked"),
        (own_fork, "gist-forked"),
        (stage.gist(&mallory, claim.to_json()), "gist-of-another"),
        (
            stage.gist(&stage.alice, theirs.to_json()),
            "gist-names-another",
        ),
        (
            stage.gist(&stage.alice, later.to_json()),
            "gist-other-claim",
        ),
        (stage.gist(&stage.alice, "hello"), "gist-without-claim"),
        (stage.gist(&stage.alice, ""), "gist-without-claim"),
        (
            stage.gist(&stage.alice, "x".repeat(70_000)),
            "gist-without-claim",
        ),
        (stage.gist(&stage.alice, " ".repeat(1_000_001)), "truncated"),
    ] {
        assert_eq!(stage.why(&claim, &gist).await, expected);
    }
    assert!(stage.prove(&claim, GistHint::new(own)).await.is_ok());
}

#[tokio::test]
async fn a_gist_is_read_alone_as_strictly() {
    let stage = Stage::new();
    let mallory = stage.world(|w| w.sign_up("mallory").unwrap());
    let claim = stage.own_claim().await;
    let own = stage.gist(&stage.alice, claim.to_json());
    let fork = stage.world(|w| w.fork_gist(&mallory, &own).unwrap());
    for (gist, expected) in [
        (fork, "gist-forked"),
        (stage.gist(&mallory, claim.to_json()), "gist-of-another"),
        (stage.gist(&mallory, "hello"), "gist-without-claim"),
        ("0123".to_owned(), "account-hidden"),
    ] {
        let id: GistId = gist.parse().unwrap();
        let read = stage.github().read(&id, stage.now()).await;
        assert_eq!(reason(read.map(|proof| proof.evidence)), expected);
    }
}

/// Alice's gist, whose answers are changed on the way.
async fn changed(edit: fn(&mut Value)) -> &'static str {
    let stage = Stage::answering(move |world, request| {
        edited(world, request, |path, body| {
            if path.starts_with("/gists/") {
                edit(body);
            }
        })
    });
    let claim = stage.own_claim().await;
    let gist = stage.gist(&stage.alice, claim.to_json());
    match stage.prove(&claim, GistHint::new(gist)).await {
        Ok(_) => "proved",
        refused => reason(refused),
    }
}

#[tokio::test]
async fn what_must_be_known_of_a_gist_is_never_guessed() {
    type Case = (fn(&mut Value), &'static str);
    let cases: &[Case] = &[
        (|_| {}, "proved"),
        (
            |b| drop(b.as_object_mut().unwrap().remove("history")),
            "proved",
        ),
        (
            |b| drop(b.as_object_mut().unwrap().remove("fork_of")),
            "proved",
        ),
        (|b| b["owner"] = Value::Null, "missing-field"),
        (
            |b| drop(b.as_object_mut().unwrap().remove("owner")),
            "missing-field",
        ),
        (|b| b["owner"]["id"] = json!("1"), "unreadable"),
        (|b| b["owner"]["id"] = json!(0), "unreadable"),
        (
            |b| b["owner"]["type"] = json!("Organization"),
            "not-a-person",
        ),
        (|b| b["truncated"] = json!(true), "truncated"),
        (
            |b| b["files"][CLAIM_FILE]["truncated"] = json!(true),
            "truncated",
        ),
        (
            |b| b["files"][CLAIM_FILE]["truncated"] = Value::Null,
            "proved",
        ),
        (|b| b["files"][CLAIM_FILE]["size"] = json!(5), "unreadable"),
        (
            |b| b["files"][CLAIM_FILE]["content"] = Value::Null,
            "missing-field",
        ),
        (
            |b| b["files"][CLAIM_FILE]["encoding"] = json!("base64"),
            "gist-without-claim",
        ),
        (
            |b| b["files"][CLAIM_FILE] = Value::Null,
            "gist-without-claim",
        ),
        (|b| b["files"] = json!({}), "empty"),
        (|b| b["files"] = json!([]), "unreadable"),
        (|b| b["id"] = json!("0123"), "evidence-mismatch"),
        (
            |b| b["updated_at"] = json!("2020-01-01T00:00:00Z"),
            "unreadable",
        ),
        (|b| b["updated_at"] = json!("yesterday"), "unreadable"),
        (|b| b["created_at"] = Value::Null, "unreadable"),
    ];
    for (at, (edit, expected)) in cases.iter().enumerate() {
        assert_eq!(changed(*edit).await, *expected, "case {at}");
    }
}

#[tokio::test]
async fn a_history_that_cannot_be_read_costs_the_revision_and_not_the_gist() {
    let odd: [fn(&mut Value); 6] = [
        |b| b["history"] = json!("x"),
        |b| b["history"] = json!({}),
        |b| b["history"] = json!([null]),
        |b| b["history"] = json!(["x"]),
        |b| b["history"] = json!([{ "version": 7 }]),
        |b| b["history"] = json!([{ "version": { "of": "it" } }]),
    ];
    for (at, edit) in odd.into_iter().enumerate() {
        assert_eq!(changed(edit).await, "proved", "case {at}");
    }
}

#[tokio::test]
async fn a_claim_in_a_file_of_any_other_name_proves_nothing() {
    let beside =
        changed(|body| body["files"]["more.txt"] = json!({ "content": "x", "truncated": false }))
            .await;
    assert_eq!(beside, "proved");
    let stage = Stage::new();
    let claim = stage.own_claim().await;
    for name in [
        "gistfile1.txt",
        "paste.json",
        "Auths-Claim.json",
        "auths-claim.JSON",
        "auths-claim.json ",
        "auths-claim.json.txt",
        "x/auths-claim.json",
        "",
    ] {
        // Alone, as a service publishes a stranger's text as a gist of its own account.
        let gist = stage.world(|w| {
            w.create_gist_file(&stage.alice, name, claim.to_json())
                .unwrap()
        });
        let id = gist.parse::<GistId>().unwrap();
        assert_eq!(
            stage.why(&claim, &gist).await,
            "gist-without-claim",
            "{name}"
        );
        let read = stage.github().read(&id, stage.now()).await;
        let Err(AccountProverError::Refuted(refuted)) = read else {
            panic!("{name}: {read:?}");
        };
        assert_eq!(refuted.reason.name(), "gist-without-claim", "{name}");
        assert!(refuted.to_string().contains(CLAIM_FILE), "{refuted}");
    }
    let among = changed(|body| {
        let files = body["files"].as_object_mut().unwrap();
        let file = files.remove(CLAIM_FILE).unwrap();
        files.insert("renamed.json".to_owned(), file);
        files.insert(
            "more.txt".to_owned(),
            json!({ "content": "x", "truncated": false }),
        );
    });
    assert_eq!(among.await, "gist-without-claim");
}

#[tokio::test]
async fn what_became_of_a_proof_is_told_apart() {
    let stage = Stage::new();
    let claim = stage.own_claim().await;
    let gist = stage.gist(&stage.alice, claim.to_json());
    let first = stage
        .prove(&claim, GistHint::new(gist.as_str()))
        .await
        .unwrap();
    let hint = GistHint::new(gist.as_str()).recorded(Some(state(&first)));
    let since = |evidence: &AccountEvidence| match &evidence.proof {
        AccountProof::GistProof {
            unchanged_since, ..
        } => *unchanged_since,
        other => panic!("{other:?}"),
    };

    // Renamed: the number is what counts. Whoever takes the login is somebody else.
    stage.world(|w| {
        w.wait(8 * DAY);
        w.rename_account(&stage.alice, "alice-new").unwrap();
    });
    let renamed = stage.prove(&claim, hint.clone()).await.unwrap();
    assert_eq!(renamed.account.login().as_str(), "alice-new");
    assert_eq!(since(&renamed), since(&first));
    let next_alice = stage.world(|w| w.sign_up("alice").unwrap());
    assert!(stage.prove(&claim, hint.clone()).await.is_ok());
    let copy = stage.gist(&next_alice, claim.to_json());
    assert_eq!(stage.why(&claim, &copy).await, "login-reregistered");

    // Edited, and edited back: young again. Edited for good: told from a gist that never held it.
    let edit =
        |content: String| stage.world(|w| w.edit_gist(&stage.alice, &gist, content).unwrap());
    edit("gone".to_owned());
    assert_eq!(
        reason(stage.prove(&claim, hint.clone()).await),
        "gist-edited"
    );
    assert_eq!(stage.why(&claim, &gist).await, "gist-without-claim");
    edit(claim.to_json());
    let back = stage.prove(&claim, hint.clone()).await.unwrap();
    assert_eq!(since(&back), stage.now());

    // Deleted: it was looked for twice, and its account is there.
    stage.world(|w| w.delete_gist(&stage.alice, &gist).unwrap());
    let before = stage.server.request_count();
    assert_eq!(
        reason(stage.prove(&claim, hint.clone()).await),
        "gist-deleted"
    );
    let asked = &stage.server.requests()[before..];
    let paths: Vec<&str> = asked.iter().map(|r| r.path.as_str()).collect();
    let number = claim.unverified().account.id().unwrap();
    let (own, user) = (format!("/gists/{gist}"), format!("/user/{number}"));
    assert_eq!(paths, [own.as_str(), &user, &own]);

    // The account is gone, and its first login is somebody's.
    stage.world(|w| w.close_account(&stage.alice).unwrap());
    assert_eq!(
        reason(stage.prove(&claim, hint.clone()).await),
        "login-reregistered"
    );
    stage.world(|w| w.close_account(&next_alice).unwrap());
    assert_eq!(reason(stage.prove(&claim, hint).await), "account-hidden");
}

#[tokio::test]
async fn a_gist_that_one_cache_does_not_know_yet_is_not_deleted() {
    let asked: Arc<Mutex<usize>> = Arc::default();
    let stage = Stage::answering(move |world, request| {
        let mut asked = asked.lock().unwrap();
        *asked += usize::from(request.path.starts_with("/gists/"));
        if *asked == 1 && request.path.starts_with("/gists/") {
            return own_404();
        }
        reply(world, request)
    });
    let claim = stage.own_claim().await;
    let gist = stage.gist(&stage.alice, claim.to_json());
    assert!(stage.prove(&claim, GistHint::new(gist)).await.is_ok());
}

#[tokio::test]
async fn a_question_that_is_not_githubs_is_refused_before_any_request() {
    let stage = Stage::new();
    let claim = stage.own_claim().await;
    let invalid = |answer: Result<AccountEvidence, AccountProverError>| {
        assert!(
            matches!(answer, Err(AccountProverError::Invalid { .. })),
            "{answer:?}"
        );
    };
    for id in ["", "a/b", "..", "a?b", "a#b", "a%2fb", "é", &"a".repeat(65)] {
        invalid(stage.prove(&claim, GistHint::new(id)).await);
    }
    let account = |text: &str| text.parse::<Account>().unwrap();
    for other in [
        account("pypi:alice"),
        account("github:alice"),
        stage.account(&stage.alice).at(None),
    ] {
        let claim = stage.claim(&key(1), other).await;
        invalid(stage.prove(&claim, GistHint::new("aa5a31")).await);
    }
    assert_eq!(stage.server.request_count(), 0);
}

#[tokio::test]
async fn a_token_that_may_write_no_gist_publishes_nothing() {
    let stage = Stage::new();
    let claim = stage.own_claim().await;
    let secret = |grants: &[Grant]| -> SecretString {
        stage.world(|w| {
            let token = w.create_token_for(&stage.alice, grants, None).unwrap();
            w.secret(&token).into()
        })
    };
    for (token, expected) in [
        (secret(&[Grant::ReadOrg]), UnavailableReason::MissingScope),
        (
            secret(&[Grant::FineGrainedMembers]),
            UnavailableReason::MissingScope,
        ),
        ("ghp_dead".to_owned().into(), UnavailableReason::DeadToken),
    ] {
        let refused = stage.github().publish(&token, &claim).await;
        assert_eq!(refused.unwrap_err().reason, expected);
    }
    assert_eq!(stage.world(|w| w.gists_of(1).count()), 0);
}

#[tokio::test]
async fn a_github_app_that_may_write_no_gist_is_told_which_permission_it_lacks() {
    let stage = Stage::answering(|_, _| {
        let said = json!({ "message": "Resource not accessible by integration" });
        Reply::json(403, said).header("x-oauth-scopes", "")
    });
    let claim = stage.own_claim().await;
    let token = "ghu_hunter2neverShown".to_owned().into();
    let refused = stage.github().publish(&token, &claim).await.unwrap_err();
    assert_eq!(refused.reason, UnavailableReason::TokenKind);
    assert!(refused.raw_detail.contains("gists=write"), "{refused}");
    assert!(refused.reason.remedy().contains("permission"));
}

#[tokio::test]
async fn a_gist_that_could_not_be_published_says_where() {
    for reply in [Reply::status(503), Reply::json(200, json!({})), own_404()] {
        let stage = Stage::answering(move |_, _| reply.clone());
        let claim = stage.own_claim().await;
        let token = "gho_token".to_owned().into();
        let failed = stage.github().publish(&token, &claim).await.unwrap_err();
        let place = "127.0.0.1";
        assert!(
            failed.raw_detail.contains(place) && failed.raw_detail.contains("/gists"),
            "{failed}"
        );
        assert_eq!(stage.server.request_count(), 1, "a write is never repeated");
    }
}

/// It keeps its number, and holds no DID any more.
#[tokio::test]
async fn an_account_that_was_turned_into_an_organisation_proves_nothing() {
    for shows_gist in [true, false] {
        let stage = Stage::answering(move |world, request| {
            let path = request.path.as_str();
            if path.starts_with("/gists/") && !shows_gist {
                return own_404();
            }
            edited(world, request, |path, body| match path {
                "/user/1" => body["type"] = "Organization".into(),
                _ if path.starts_with("/gists/") => body["owner"]["type"] = "Organization".into(),
                _ => {}
            })
        });
        let claim = stage.own_claim().await;
        let gist = stage.gist(&stage.alice, claim.to_json());
        assert_eq!(
            stage.why(&claim, &gist).await,
            "not-a-person",
            "{shows_gist}"
        );
    }
}

/// Whoever can see a gist can star it or comment on it, which moves its `updated_at`.
#[tokio::test]
async fn a_stranger_who_comments_makes_no_mature_gist_young_again_and_an_edit_does() {
    let stage = Stage::new();
    let stranger = stage.world(|w| w.sign_up("mallory").unwrap());
    let (claim, github) = (stage.own_claim().await, stage.github());
    let gist = stage.gist(&stage.alice, claim.to_json());
    let made = stage.now();
    let since = async |github: &GitHub| {
        let hint = ProofHint::Gist(GistHint::new(gist.clone()));
        let query =
            AccountProofQuery::new(claim.clone(), hint, stage.now(), Duration::from_secs(1));
        match github.prove(&query).await.unwrap().proof {
            AccountProof::GistProof {
                unchanged_since, ..
            } => unchanged_since,
            other => panic!("{other:?}"),
        }
    };
    let wait = || stage.world(|w| w.wait(Duration::from_secs(8 * 86_400)));
    assert_eq!(since(&github).await, made);
    for _ in 0..2 {
        wait();
        stage.world(|w| w.comment_on_gist(&stranger, &gist).unwrap());
        assert_eq!(since(&github).await, made, "it was seen before");
    }
    // Read by its address, it is the same gist.
    let read = github
        .read(&gist.parse().unwrap(), stage.now())
        .await
        .unwrap();
    match read.evidence.proof {
        AccountProof::GistProof {
            unchanged_since, ..
        } => assert_eq!(unchanged_since, made),
        other => panic!("{other:?}"),
    }
    // Whoever has not seen it can tell no comment from an edit.
    assert_eq!(since(&stage.github()).await, stage.now());
    wait();
    let edited = stage.now();
    for text in ["gone".to_owned(), claim.to_json()] {
        stage.world(|w| w.edit_gist(&stage.alice, &gist, text).unwrap());
    }
    assert_eq!(since(&github).await, edited, "edited, and edited back");
}
