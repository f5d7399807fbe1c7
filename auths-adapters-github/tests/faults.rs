//! The whole table of faults on each route: a fault is never a yes and never a no.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;

use std::sync::Arc;

use auths_adapters_github::{
    CLAIM_FILE, DeviceFlow, DeviceFlowError, FlowRequest, GitHub, GitHubConfig, OwnApp,
};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::decide::Obstacle;
use auths_core::evidence::EvidenceKind;
use auths_core::ports::{
    AccountProofQuery, AccountProver, AccountProverError, GistHint, ProofHint,
};
use auths_core::use_cases::sign_account_claim;
use auths_core::{Account, AccountId, RefutedReason, Timestamp, UnavailableReason};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::faults::{Expect, FaultSuite, Field, MAX_BYTES, Route, Seen, TestEndpoint};
use auths_testkit::server::{Received, Reply};
use common::*;
use serde_json::{Value, json};

const GIST: &str = "aa5a315d61ae9438b18d";

fn now() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn config(site: &TestEndpoint) -> GitHubConfig {
    let config = GitHubConfig::at(site.origin()).with_max_bytes(MAX_BYTES as u64);
    // The server cannot tell how it was reached, so the app's name says it.
    let scheme = site.origin().to_string();
    let scheme = scheme.split(':').next().unwrap().to_owned();
    config
        .with_web(site.origin())
        .with_client_id(&scheme)
        .unwrap()
}

fn github(site: &TestEndpoint) -> GitHub {
    GitHub::new(config(site), site.transport())
}

fn alice() -> Account {
    let account: Account = "github:alice".parse().unwrap();
    account.with_id(AccountId::new("1").unwrap())
}

async fn claim(account: Account) -> Signed<PlatformClaim> {
    sign_account_claim(&key(1), account, None, now())
        .await
        .unwrap()
}

fn refused(error: AccountProverError) -> Seen {
    match error {
        AccountProverError::Refuted(refuted) => Seen::No(refuted.to_string()),
        AccountProverError::Unavailable(why) => why.into(),
        other => Seen::Invalid(other.to_string()),
    }
}

/// Whose token is it?
async fn whose(site: TestEndpoint) -> Seen {
    let token = "gho_x".to_owned().into();
    match github(&site)
        .present(&token, did(1), None, site.now())
        .await
    {
        Ok(e) if e.account.same_as(&alice().at(Some(site.origin()))) => Seen::Yes,
        Ok(e) => Seen::No(e.account.to_string()),
        Err(error) => refused(error),
    }
}

/// Was it given to our own app?
async fn own_app(site: TestEndpoint) -> Seen {
    let app = OwnApp::new(APP, "secret".to_owned().into()).unwrap();
    let token = "gho_x".to_owned().into();
    match github(&site)
        .present(&token, did(1), Some(&app), site.now())
        .await
    {
        Ok(e) if e.proof.kind() == EvidenceKind::DeviceFlow => Seen::Yes,
        Ok(e) => Seen::No(e.proof.kind().to_string()),
        Err(error) => refused(error),
    }
}

/// Does the gist prove Alice's account?
///
/// The claim in a good answer cannot name a server whose port is not known yet. That the gist was read to its end, and found
/// to hold a claim of another server's account, is the yes here.
async fn proved(site: TestEndpoint) -> Seen {
    let claim = claim(alice().at(Some(site.origin()))).await;
    let hint = ProofHint::Gist(GistHint::new(GIST));
    let query = AccountProofQuery::new(claim, hint, site.now(), std::time::Duration::from_secs(1));
    match github(&site).prove(&query).await {
        Err(AccountProverError::Refuted(r)) if r.reason == RefutedReason::GistNamesAnother => {
            Seen::Yes
        }
        Ok(_) => Seen::No("there is no such claim in it".to_owned()),
        Err(error) => refused(error),
    }
}

/// Was the gist published?
async fn published(site: TestEndpoint) -> Seen {
    let token = "gho_x".to_owned().into();
    let claim = claim(alice()).await;
    let published = github(&site).publish(&token, &claim).await;
    published
        .map(|gist| assert_eq!(gist.id.as_str(), GIST))
        .into()
}

/// Is the login Alice's?
async fn login(site: TestEndpoint) -> Seen {
    let alice = alice().at(Some(site.origin()));
    match github(&site).account_of(&alice).await {
        Ok(Some(found)) if found.same_as(&alice) => Seen::Yes,
        Ok(found) => Seen::No(format!("{found:?}")),
        Err(Obstacle::Unavailable(why)) => why.into(),
        Err(other) => Seen::No(other.to_string()),
    }
}

async fn run(site: &TestEndpoint) -> Result<(), DeviceFlowError> {
    let sleeper = Arc::new(RecordingSleeper::default());
    let flow = DeviceFlow::new(config(site), site.transport(), sleeper, site.clock()).unwrap();
    flow.run(FlowRequest::new(did(1)), &|_| {}).await.map(drop)
}

/// Does a poll give a token?
async fn polled(site: TestEndpoint) -> Seen {
    match run(&site).await {
        Ok(()) => Seen::Yes,
        Err(DeviceFlowError::Denied(refuted)) => Seen::No(refuted.to_string()),
        Err(DeviceFlowError::Unavailable(why)) => why.into(),
        Err(other) => Seen::Invalid(other.to_string()),
    }
}

/// Is a flow begun?
///
/// The page in a good answer cannot lie on a server whose port is not known yet. That only this was wrong is the yes here.
async fn begun(site: TestEndpoint) -> Seen {
    match run(&site).await {
        Err(DeviceFlowError::Unavailable(why))
            if why.raw_detail.contains("verification_uri is not on") =>
        {
            Seen::Yes
        }
        Err(DeviceFlowError::Unavailable(why)) => why.into(),
        // The server's own word that no app has the client id.
        Err(DeviceFlowError::App { code, .. }) if code == "Not Found" => Seen::No(code),
        other => Seen::Invalid(format!("{other:?}")),
    }
}

fn user() -> Value {
    json!({ "login": "alice", "id": 1, "type": "User", "site_admin": false })
}

fn begin(request: &Received) -> Reply {
    let scheme = request.form_value("client_id").unwrap();
    let host = request.header("host").unwrap();
    Reply::json(
        200,
        json!({
            "device_code": "d", "user_code": "ABCD-1234", "expires_in": 900, "interval": 5,
            "verification_uri": format!("{scheme}://{host}/login/device"),
        }),
    )
}

fn beside(request: &Received) -> Reply {
    match request.path.as_str() {
        "/user" | "/user/1" => Reply::json(200, user()),
        "/login/device/code" => begin(request),
        _ => own_404(),
    }
}

/// What GitHub's API says in its own way.
fn of_the_api(route: Route<'_>) -> Route<'_> {
    // Its page on rate limits: at least a minute, where no time is named.
    let minute = Expect::unavailable(&[UnavailableReason::RateLimited]).after(60);
    route
        .expect(
            "403 missing permission",
            Expect::unavailable(&[UnavailableReason::TokenKind]),
        )
        .expect("429", minute)
        .expect("429 after nonsense", minute)
        .expect("429 after less than nothing", minute)
        .expect("429 after a part", minute)
}

/// What asks to wait for longer than a code lives: the code ends first, and there is nothing left to wait for.
fn outliving(route: Route<'_>) -> Route<'_> {
    let ended = Expect::unavailable(&[UnavailableReason::FlowExpired]);
    [
        "403 rate limit",
        "429 after an age",
        "429 after a century",
        "503 after an age",
    ]
    .into_iter()
    .fold(route, |route, row| route.expect(row, ended))
}

#[tokio::test]
async fn every_fault_on_every_route() {
    let text = claim(alice()).await.to_json();
    let gist = json!({
        "id": GIST, "owner": user(), "truncated": false, "fork_of": null, "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z", "history": [{ "version": "57a7f021a713b1c5a6a199b54cc514735d2d462f" }],
        "files": { CLAIM_FILE: { "size": text.len(), "truncated": false, "content": text, "encoding": "utf-8" } },
    });
    let app = json!({ "token": "gho_x", "app": { "client_id": APP }, "user": user() });
    let code = json!({
        "device_code": "d", "user_code": "ABCD-1234", "expires_in": 900, "interval": 5,
        "verification_uri": "http://github.example/login/device",
    });
    let token = json!({ "access_token": "gho_x", "token_type": "bearer", "scope": "gist" });
    let report = tokio::task::spawn_blocking(move || {
        FaultSuite::new().at(now()).run(&[
            of_the_api(Route::new("whose token it is", "/user", user(), whose)).fields([
                Field::new("/login"),
                Field::new("/id"),
                Field::new("/type"),
            ]),
            of_the_api(Route::new(
                "to whom it was given",
                format!("/applications/{APP}/token"),
                app,
                own_app,
            ))
            .beside(beside)
            .fields([
                Field::new("/token"),
                Field::new("/app"),
                Field::new("/app/client_id"),
                Field::new("/user"),
                Field::new("/user/id"),
                Field::new("/user/login"),
            ])
            .identity("/user/id", 2)
            .identity("/token", "gho_another"),
            of_the_api(Route::new(
                "whose login it is",
                "/users/alice",
                user(),
                login,
            ))
            .fields([Field::new("/login"), Field::new("/id")]),
            of_the_api(Route::new(
                "the gist",
                format!("/gists/{GIST}"),
                gist.clone(),
                proved,
            ))
            .beside(beside)
            .fields([
                Field::new("/id"),
                Field::new("/owner"),
                Field::new("/owner/id"),
                Field::new("/owner/type").or_missing().or_null().or_empty(),
                Field::new("/files"),
                Field::new("/created_at"),
                Field::new("/updated_at"),
                Field::new("/files/auths-claim.json/content"),
            ])
            .identity("/id", "bb5a315d61ae9438b18d"),
            of_the_api(Route::new("a new gist", "/gists", gist, published))
                // What GitHub answers a write with.
                .expect("201 with the good body", Expect::GOOD)
                .fields([Field::new("/id")]),
            Route::new("a new flow", "/login/device/code", code, begun)
                .expect("404 in JSON, an error", Expect::NO)
                .fields([
                    Field::new("/device_code"),
                    Field::new("/user_code"),
                    Field::new("/verification_uri"),
                    Field::new("/expires_in"),
                ]),
            outliving(Route::new(
                "a poll",
                "/login/oauth/access_token",
                token,
                polled,
            ))
            .beside(beside)
            .fields([Field::new("/access_token"), Field::new("/token_type")]),
        ])
    })
    .await
    .unwrap();
    println!("{report}");
    report.assert_held(150);
}
