//! Embed in a server: it gives challenges, and decides on the bundles that answer them by what PyPI shows now.

use std::{sync::Arc, time::Duration};

use auths_core::claim::{Expectation, IssuedChallenge};
use auths_core::decide::Obstacle;
use auths_core::ports::MemoryReplayGuard;
use auths_core::use_cases::{Challenges, VerifyOptions, verify_live};
use auths_core::{Bundle, Did, Namespace, Policy};
use auths_keystore::OsEntropy;
use auths_snippets::{Failure, Outside, Visitors};
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header::RETRY_AFTER};
use axum::response::{IntoResponse, Response, Result};
use axum::{Json, Router, routing::post};
use tokio::{net::TcpListener, time::timeout};

struct Hub {
    outside: Outside, // the adapter, which limits its own time, and the clock
    policy: Policy,
    challenges: Challenges, // replicas share its guard: a `FileReplayGuard`, or one over your database
}
type This = State<Arc<Hub>>;

async fn challenge(hub: This, whom: Path<(Did, Namespace)>) -> Result<Json<IssuedChallenge>> {
    let (now, Path((did, package))) = (hub.outside.clock.now(), whom);
    let issued = hub.challenges.issue(did, package, now).await;
    Ok(Json(issued.map_err(no)?))
}

async fn claim(hub: This, body: Body) -> Result<String> {
    let body = timeout(Duration::from_secs(5), to_bytes(body, 1 << 20)).await;
    let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
    let body = body.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)?;
    let bundle = Bundle::parse(&body).map_err(|why| (StatusCode::BAD_REQUEST, why.to_string()))?;
    let (now, outside) = (hub.outside.clock.now(), &hub.outside);
    let issued = hub.challenges.find(&bundle.claim, now).await.map_err(no)?;
    let me = Expectation::new(hub.challenges.audience().clone());
    let terms = VerifyOptions::new(me, &hub.policy, now).with_challenge(issued);
    let terms = terms.with_revocations(outside.revocations(&bundle, &hub.policy).await);
    let decided = verify_live(&bundle, terms, &*outside.pypi, outside.accounts.clone()).await;
    let verified = hub.challenges.use_once(decided, now).await.map_err(no)?;
    Ok(verified.get().to_string()) // whoever acts on it later asks it again: `verified.resisting(&policy, now)`
}

/// Returns the answer for everything but a yes. Refuted and unavailable have different statuses: "could not look" is never a
/// "no".
fn no(why: impl Into<Obstacle>) -> Response {
    let why = why.into();
    let says = format!("{}: {why}", why.code());
    let wait = why.retry_after().map_or(60, |wait| wait.as_secs());
    match why {
        Obstacle::Refuted(_) => (StatusCode::FORBIDDEN, says).into_response(),
        _ => (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, wait)], says).into_response(),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let outside = Outside::new()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let visitors = Visitors::new(outside.clone(), listener.local_addr()?)?;
    let (guard, entropy) = (Arc::new(MemoryReplayGuard::new()), Arc::new(OsEntropy));
    let (me, life) = ("https://hub.example".parse()?, Duration::from_secs(600));
    let hub = Hub {
        outside,
        policy: Policy::standard(),
        challenges: Challenges::new(guard, entropy, me, life),
    };
    let app = Router::new()
        .route("/challenges/{did}/{package}", post(challenge))
        .route("/claims", post(claim))
        .with_state(Arc::new(hub));
    tokio::spawn(axum::serve(listener, app).into_future());
    visitors.ask_and_print().await
}
