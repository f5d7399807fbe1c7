//! The whole table of faults on each route: a fault is never a yes and never a no.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use auths_adapters_ci::{GitHubJob, IdTokenConfig, IdTokenVerifier, IssuerConfig, JobTokenError};
use auths_core::UnavailableReason;
use auths_core::ci::{CiIssuer, CiProvider};
use auths_core::ports::{Budget, CiTokenError, CiTokenQuery, CiTokenVerifierExt};
use auths_testkit::faults::{Expect, FaultSuite, Field, MAX_BYTES, Route, Seen, TestEndpoint};
use auths_testkit::issuer::{SigningKey, TokenDraft};
use auths_testkit::server::{Received, Reply};
use common::{AUDIENCE, now};
use serde_json::{Value, json};

const DISCOVERY: &str = "/.well-known/openid-configuration";
const KEYS: &str = "/.well-known/jwks";
/// What stands for the address of the test server.
const PLACE: &str = "https://issuer.example";

fn jwk() -> Value {
    SigningKey::shared(0).public_jwk()
}

/// The discovery document beside the keys. Before some rows there is a proxy that speaks TLS, whose address only the client knows.
fn discovery(request: &Received) -> Reply {
    let host = request.header("host").unwrap_or_default();
    let scheme = request.header("x-forwarded-proto").unwrap_or("http");
    Reply::json(
        200,
        json!({ "issuer": format!("{scheme}://{host}"), "jwks_uri": format!("{scheme}://{host}{KEYS}") }),
    )
}

/// Verifies a good token of the issuer at this endpoint, whose keys are at a fixed address or are looked for.
async fn verify(site: TestEndpoint, is_fixed: bool) -> Seen {
    let issuer = CiIssuer::new(
        CiProvider::GitHubActions,
        site.origin().to_string().parse().unwrap(),
    );
    let mut config = IssuerConfig::new(issuer);
    if is_fixed {
        let address = format!("{}{KEYS}", site.origin()).parse().unwrap();
        config = config.with_keys_at(address).unwrap();
    }
    let config = IdTokenConfig::new()
        .with_issuer(config)
        .with_max_bytes(MAX_BYTES as u64);
    let verifier = IdTokenVerifier::new(config, site.transport()).unwrap();
    let token = TokenDraft::github(&site.origin().to_string(), AUDIENCE, site.now())
        .sign(&SigningKey::shared(0));
    let query = CiTokenQuery::new(token.into(), AUDIENCE.parse().unwrap(), site.now());
    match verifier.verify(&query).await {
        Ok(_) => Seen::Yes,
        Err(CiTokenError::Unavailable(why)) => why.into(),
        Err(CiTokenError::Refuted(refuted)) => Seen::No(refuted.to_string()),
        Err(other) => Seen::Invalid(other.to_string()),
    }
}

/// Asks for the job's own token.
async fn ask_for_token(site: TestEndpoint) -> Seen {
    let address = format!("{}/7//idtoken?api-version=2.0", site.origin());
    let job = GitHubJob::new(&address, "the job's secret".into()).unwrap();
    let (transport, audience) = (site.transport(), AUDIENCE.parse().unwrap());
    let budget = Budget::unlimited();
    let asked = job.request_token(&transport, &audience, &budget);
    match asked.await {
        Ok(_) => Seen::Yes,
        Err(JobTokenError::Unavailable(why)) => why.into(),
        Err(other) => Seen::Invalid(other.to_string()),
    }
}

#[test]
fn every_fault_on_every_route() {
    let fields = || {
        [
            Field::new("/keys"),
            Field::new("/keys/0"),
            Field::new("/keys/0/kty").closed(),
            Field::new("/keys/0/kid"),
            Field::new("/keys/0/n"),
            Field::new("/keys/0/e"),
            Field::new("/keys/0/use").or_missing().closed(),
            Field::new("/keys/0/alg").or_missing().closed(),
        ]
    };
    let set = json!({ "keys": [jwk()] });
    let token =
        TokenDraft::github("https://issuer.example", AUDIENCE, now()).sign(&SigningKey::shared(0));
    let report = FaultSuite::new().at(now()).run(&[
        Route::new("the keys, at a fixed address", KEYS, set.clone(), |site| verify(site, true)).fields(fields()),
        Route::new("the keys, as RFC 7517 types them", KEYS, set.clone(), |site| verify(site, true))
            .media_type("application/jwk-set+json"),
        Route::new("the keys, after discovery", KEYS, set, |site| verify(site, false))
        .beside(discovery)
            .fields(fields()),
        Route::new(
            "discovery",
            DISCOVERY,
            json!({ "issuer": PLACE, "jwks_uri": format!("{PLACE}{KEYS}"), "claims_supported": ["sub"] }),
            |site| verify(site, false),
        )
        .with_origin_for(PLACE)
        .beside(|_| Reply::json(200, json!({ "keys": [jwk()] })))
        .fields([Field::new("/issuer"), Field::new("/jwks_uri")])
        .identity("/issuer", "https://evil.example")
        .identity("/jwks_uri", "https://evil.example/jwks")
        // The texts that an address is refused for are refused as such.
        .expect("/issuer an empty text", Expect::unavailable(&[UnavailableReason::EvidenceMismatch])),
        Route::new("the job's own token", "/7//idtoken", json!({ "value": token }), ask_for_token)
            .fields([Field::new("/value")]),
    ]);
    println!("{report}");
    report.assert_held(150);
    assert_eq!(report.counts.len(), 5);
}
