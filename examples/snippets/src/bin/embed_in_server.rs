//! Embed in a server: it gives challenges, and decides on the bundles that answer them by what PyPI shows now.

use std::{sync::Arc, time::Duration};

use auths_core::claim::IssuedChallenge;
use auths_core::ports::{MemoryReplayGuard, MemoryRevocations, RevocationList};
use auths_core::problem::Problem;
use auths_core::{Bundle, Did, Namespace, Policy, Verifier};
use auths_keystore::OsEntropy;
use auths_snippets::{Failure, Outside, Visitors};
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse, Response, Result};
use axum::{Json, Router, routing::post};
use tokio::{net::TcpListener, time::timeout};

type Hub = State<(Outside, Arc<Verifier>)>; // the outside gives the time

async fn challenge(hub: Hub, whom: Path<(Did, Namespace)>) -> Result<Json<IssuedChallenge>> {
    let (State((outside, verifier)), Path((did, package))) = (hub, whom);
    let issued = verifier
        .issue_challenge(did, package, outside.clock.now())
        .await;
    Ok(Json(issued.map_err(no)?))
}

async fn claim(State((outside, verifier)): Hub, body: Body) -> Result<String> {
    let body = timeout(Duration::from_secs(5), to_bytes(body, 1 << 20)).await;
    let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let bundle = Bundle::parse(&body).map_err(no)?;
    let (policy, now) = (Policy::standard(), outside.clock.now());
    let decision = verifier.verify(&bundle, &policy, now).await;
    let verified = decision.into_verified().map_err(no)?;
    Ok(verified.get().to_string()) // whoever acts on it later asks it again: `verified.resisting(&policy, now)`
}

/// Returns the answer for everything but a yes. "Could not look" is never a "no": they have different statuses.
fn no(why: impl Into<Problem>) -> Response {
    let (status, headers, body) = why.into().to_response();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    (status, AppendHeaders(headers), body).into_response()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let outside = Outside::new()?;
    let verifier = Verifier::builder("https://hub.example".parse()?)
        .registry(outside.pypi.clone())
        .revocations(RevocationList::new("our own list"))
        .revocation_memory(MemoryRevocations::new())
        .challenges(
            MemoryReplayGuard::new(),
            OsEntropy,
            Duration::from_secs(600),
        )
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let visitors = Visitors::new(outside.clone(), listener.local_addr()?)?;
    let app = Router::new()
        .route("/challenges/{did}/{package}", post(challenge))
        .route("/claims", post(claim))
        .with_state((outside, Arc::new(verifier)));
    tokio::spawn(axum::serve(listener, app).into_future());
    visitors.ask_and_print().await
}
