//! The adapter for CI runs against a certified OpenID Connect server, which issues the tokens and changes its keys.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod server;

use std::time::Duration;

use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier, IssuerConfig};
use auths_core::ci::{CiIssuer, CiProvider};
use auths_core::ports::{CiTokenError, CiTokenQuery, CiTokenVerifierExt};
use auths_core::{RefutedReason, Timestamp};
use auths_http::{SystemClock, Transport};
use serde_json::{Map, Value, json};
use server::IdTokenServer;

const AUDIENCE: &str = "registry.example";

/// The claims of a GitHub token that the server does not make itself.
fn claims() -> Value {
    let workflow = "acme/widget/.github/workflows/release.yml@refs/tags/v1";
    json!({
        "repository": "acme/widget",
        "repository_id": "700700",
        "repository_owner": "acme",
        "repository_owner_id": "4242",
        "workflow_ref": workflow,
        "job_workflow_ref": workflow,
        "event_name": "push",
        "environment": "pypi",
        "ref": "refs/tags/v1",
        "sha": "0123456789abcdef0123456789abcdef01234567",
    })
}

fn without(name: &str) -> Value {
    let mut claims: Map<String, Value> = claims().as_object().unwrap().clone();
    claims.remove(name);
    claims.into()
}

fn verifier(server: &IdTokenServer) -> IdTokenVerifier {
    let issuer = CiIssuer::new(CiProvider::GitHubActions, server.issuer().parse().unwrap());
    let config = IdTokenConfig::new().with_issuer(IssuerConfig::new(issuer));
    IdTokenVerifier::new(config, Transport::system().unwrap()).unwrap()
}

fn query(token: String, audience: &str, now: Timestamp) -> CiTokenQuery {
    CiTokenQuery::new(token.into(), audience.parse().unwrap(), now)
}

/// Returns why a token is refused; `None` where it is accepted.
async fn refused(verifier: &IdTokenVerifier, query: &CiTokenQuery) -> Option<RefutedReason> {
    match verifier.verify(query).await {
        Ok(_) => None,
        Err(CiTokenError::Refuted(refuted)) => Some(refuted.reason),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn tokens_of_a_certified_server_verify_and_each_fault_is_refused() {
    let server = IdTokenServer::start(AUDIENCE);
    let (verifier, now) = (verifier(&server), SystemClock.now());
    let token = server.issue(&claims());
    let verified = verifier
        .verify(&query(token.clone(), AUDIENCE, now))
        .await
        .unwrap();
    let parts = verified.identity().parts();
    assert_eq!(
        (parts.repository.id.get(), parts.owner.id.get()),
        (700_700, 4_242)
    );
    assert_eq!(parts.issuer.url.to_string(), server.issuer());
    assert_eq!(
        verified.times().expires.since(verified.times().issued_at),
        Duration::from_secs(300)
    );
    let other = server.issue(&claims());
    let again = verifier
        .verify(&query(other.clone(), AUDIENCE, now))
        .await
        .unwrap();
    assert_ne!(again.replay_key(), verified.replay_key());

    let refused_for = async |query| refused(&verifier, &query).await;
    let swapped = format!(
        "{}{}",
        &token[..token.rfind('.').unwrap()],
        &other[other.rfind('.').unwrap()..]
    );
    assert_eq!(
        refused_for(query(swapped, AUDIENCE, now)).await,
        Some(RefutedReason::TokenSignature)
    );
    let elsewhere = query(token.clone(), "other.example", now);
    assert_eq!(
        refused_for(elsewhere).await,
        Some(RefutedReason::TokenAudience)
    );
    let late = query(token, AUDIENCE, now + Duration::from_secs(361));
    assert_eq!(refused_for(late).await, Some(RefutedReason::TokenExpired));
    for name in ["repository_id", "workflow_ref", "event_name", "ref"] {
        let token = server.issue(&without(name));
        let refused = refused_for(query(token, AUDIENCE, now)).await;
        assert_eq!(refused, Some(RefutedReason::TokenClaimMissing), "{name}");
    }
}

#[tokio::test]
async fn keys_that_the_server_adds_are_found_and_those_it_withdraws_go() {
    let server = IdTokenServer::start(AUDIENCE);
    let (verifier, now) = (verifier(&server), SystemClock.now());
    let first = server.issue(&claims());
    assert_eq!(
        refused(&verifier, &query(first.clone(), AUDIENCE, now)).await,
        None
    );
    server.add_key();
    let second = server.issue(&claims());
    let soon = now + Duration::from_secs(60);
    assert_eq!(
        refused(&verifier, &query(second.clone(), AUDIENCE, soon)).await,
        None
    );
    assert_eq!(
        refused(&verifier, &query(first.clone(), AUDIENCE, soon)).await,
        None
    );
    server.replace_keys();
    let third = server.issue(&claims());
    let later = now + Duration::from_secs(120);
    assert_eq!(
        refused(&verifier, &query(third, AUDIENCE, later)).await,
        None
    );
    let last = now + Duration::from_secs(180);
    for withdrawn in [first, second] {
        let verified = verifier.verify(&query(withdrawn, AUDIENCE, last)).await;
        let is_gone = match &verified {
            Err(CiTokenError::Refuted(refuted)) => refuted.reason == RefutedReason::TokenKey,
            // The second question comes within a minute of the first.
            Err(CiTokenError::Unavailable(why)) => why.is_retryable(),
            _ => false,
        };
        assert!(is_gone, "{verified:?}");
    }
}
