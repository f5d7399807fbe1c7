//! Embed in a server: it gives challenges, and decides on the bundles that answer them by what PyPI shows now.

use std::{sync::Arc, time::Duration};

use auths_adapters_pypi::PyPi;
use auths_core::ports::{MemoryReplayGuard, MemoryRevocations, MemoryStore, RevocationList};
use auths_core::{Bundle, Did, Namespace, Policy, Verifier, problem::ProblemDetails};
use auths_keystore::OsEntropy;
use auths_snippets::{Failure, Outside, Visitors};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::response::{AppendHeaders, IntoResponse, Response, Result};
use axum::{Json, Router, body::Bytes, http::StatusCode, routing::post};
use tokio::{net::TcpListener, time::timeout};

type Hub = State<(Outside, Arc<Verifier>)>; // the outside gives the time

async fn challenge(hub: Hub, whom: Path<(Did, Namespace)>) -> Result<impl IntoResponse> {
    let (State((outside, verifier)), Path((did, package))) = (hub, whom);
    let issued = verifier.issue_challenge(did, package, outside.clock.now());
    Ok(Json(issued.await.map_err(no)?))
}

async fn claim(State((outside, verifier)): Hub, sent: Request) -> Result<String> {
    let body = timeout(Duration::from_secs(5), Bytes::from_request(sent, &())).await;
    let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)??;
    let bundle = Bundle::parse(&body).map_err(no)?;
    let (policy, now) = (Policy::standard(), outside.clock.now());
    let decision = verifier.verify(&bundle, &policy, now).await;
    let verified = decision.into_verified().map_err(no)?;
    Ok(verified.get().to_string()) // whoever acts on it later asks it again: `verified.resisting(&policy, now)`
}

/// Returns the answer for everything but a yes. "Could not look" is never a "no": they have different statuses.
fn no(why: impl Into<ProblemDetails>) -> Response {
    let (status, headers, body) = why.into().to_response();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    (status, AppendHeaders(headers), body).into_response()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let (outside, life) = (Outside::new()?, Duration::from_secs(600));
    let transport = outside.transport(MemoryStore::new())?;
    let verifier = Verifier::builder("https://hub.example".parse()?)
        .registry(PyPi::new(outside.pypi.clone(), transport))
        .revocations(RevocationList::new("our own list"))
        .revocation_memory(MemoryRevocations::new())
        .challenges(MemoryReplayGuard::new(), OsEntropy, life)
        .build()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let visitors = Visitors::new(outside.clone(), listener.local_addr()?);
    let app = Router::new()
        .route("/challenges/{did}/{package}", post(challenge))
        .route("/claims", post(claim))
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state((outside, Arc::new(verifier)));
    tokio::spawn(axum::serve(listener, app).into_future());
    visitors.ask_and_print().await
}
