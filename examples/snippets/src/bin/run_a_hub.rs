//! Run a hub for PyPI, npm and crates.io: it stores what it accepted, restarts, looks again, and goes through an outage.
//!
//! Its routes are `POST /challenges/{did}/{package}`, `POST /claims` and `GET /packages/{package}`. `docs/guides/run-a-hub.md` says
//! why it does what it does, and what is left to its proxy and its operator.
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::sync::Arc;
use std::time::Duration;
use std::{fs, io, path::Path};

use auths_adapters_github::{CratesIo, GitHub};
use auths_adapters_npm::Npm;
use auths_adapters_pypi::PyPi;
use auths_core::ports::{Clock, StoreError};
use auths_core::problem::ProblemDetails;
use auths_core::use_cases::AcceptedRecord;
use auths_core::{Bundle, Did, DidError, Namespace, NamespaceNameError, Policy, Verifier};
use auths_keystore::{
    FileRecords, FileReplayGuard, FileRevocationMemory, FileRevocations, FileStore, OsEntropy,
    RecordKey,
};
use auths_snippets::{Client, Failure, Outside, People};
use axum::extract::{DefaultBodyLimit, FromRequest, Path as InPath, Request, State};
use axum::response::{AppendHeaders, IntoResponse, Response, Result};
use axum::routing::{get, post};
use axum::{Json, Router, body::Bytes, http::StatusCode};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};

const DAY: Duration = Duration::from_secs(86_400);
/// The time to answer a challenge.
const CHALLENGE_LIFE: Duration = Duration::from_secs(600);
/// The time for which the hub goes on with what it accepted while it cannot look again.
const OUTAGE: Duration = Duration::from_secs(3 * 86_400);
/// The largest bundle that is read, in bytes.
const MAX_BODY: usize = 1 << 20;
/// The time to send a bundle.
const BODY_TIME: Duration = Duration::from_secs(5);

/// The hub. Everything that it must not forget is in its folder.
struct Hub {
    verifier: Verifier,
    policy: Policy,
    clock: Arc<dyn Clock>,
    records: FileRecords,
}

impl Hub {
    /// Opens the hub of a folder.
    fn open(folder: &Path, outside: &Outside) -> Result<Self, Failure> {
        let key = RecordKey::in_dir(folder.join("keys"));
        let store = FileStore::new(folder.join("store"), key.clone());
        let guard = FileReplayGuard::new(folder.join("challenges"), key);
        let transport = outside.transport(store)?;
        let verifier = Verifier::builder("https://hub.example".parse()?)
            .registry(PyPi::new(outside.pypi.clone(), transport.clone()))
            .registry(Npm::new(outside.npm.clone(), transport.clone()))
            .registry(CratesIo::new(outside.crates_io.clone(), transport.clone()))
            .accounts(GitHub::new(outside.github.clone(), transport))
            .revocations(FileRevocations::new(folder.join("revocations")))
            .revocation_memory(FileRevocationMemory::new(folder.join("memory")))
            .challenges(guard, OsEntropy, CHALLENGE_LIFE)
            .build()?;
        Ok(Self {
            verifier,
            policy: Policy::standard(),
            clock: outside.clock.clone(),
            records: FileRecords::new(folder.join("records")),
        })
    }

    /// Decides on a bundle, and stores a yes. If it cannot be stored, its challenge is used up, and the holder asks for another.
    async fn accept(&self, bundle: Bundle) -> Result<Value, ProblemDetails> {
        let now = self.clock.now();
        let decision = self.verifier.verify(&bundle, &self.policy, now).await;
        let record = AcceptedRecord::new(bundle, &decision.into_verified()?)?;
        self.records.put(&record)?;
        Ok(self.show(&record))
    }

    /// Looks again at everything that was accepted. A timer calls it several times within the policy's age of evidence.
    async fn review(&self) -> Result<(), StoreError> {
        for record in self.records.all()? {
            let (policy, now) = (&self.policy, self.clock.now());
            let review = self.verifier.review(record, policy, now).await;
            self.records.put_reviewed(&review.record)?;
            let reason = review.decision.as_ref().and_then(|d| d.reason());
            let code = reason.map_or("", |reason| reason.code());
            let package = review.record.namespace().short();
            println!("  review: {} {code} {package}", review.state);
        }
        Ok(())
    }

    /// Returns who may act for a package.
    fn holders(&self, package: &Namespace) -> Result<Vec<Value>, StoreError> {
        let records = self.records.of(package)?;
        Ok(records.iter().map(|record| self.show(record)).collect())
    }

    fn show(&self, record: &AcceptedRecord) -> Value {
        let (policy, now) = (&self.policy, self.clock.now());
        // A record that ages although it is reviewed was last seen confirmed: the registry cannot be asked since.
        let authority = record.authority_within(OUTAGE, policy, now);
        json!({
            "did": record.did(),
            "may": authority.as_ref().ok().map(|authority| &authority.actions),
            "problem": authority.err().map(ProblemDetails::from),
            "state": record.state(policy, now),
            "falls_to": record.falls_to(),
            "confirmed_at": record.confirmed_at(),
            "expires_at": record.expires_at(),
        })
    }
}

type Shared = State<Arc<Hub>>;

async fn challenge(
    State(hub): Shared,
    InPath((did, package)): InPath<(String, String)>,
) -> Result<impl IntoResponse> {
    let did: Did = did.parse().map_err(no::<DidError>)?;
    let package: Namespace = package.parse().map_err(no::<NamespaceNameError>)?;
    let issued = hub.verifier.issue_challenge(did, package, hub.clock.now());
    Ok(Json(issued.await.map_err(no)?))
}

async fn claim(State(hub): Shared, sent: Request) -> Result<impl IntoResponse> {
    let body = timeout(BODY_TIME, Bytes::from_request(sent, &())).await;
    let body = body.map_err(|_| StatusCode::REQUEST_TIMEOUT)??;
    let bundle = Bundle::parse(&body).map_err(no)?;
    let accepted = hub.accept(bundle).await.map_err(no)?;
    Ok((StatusCode::CREATED, Json(accepted)))
}

async fn package(State(hub): Shared, package: InPath<String>) -> Result<impl IntoResponse> {
    let package: Namespace = package.parse().map_err(no::<NamespaceNameError>)?;
    Ok(Json(hub.holders(&package).map_err(no)?))
}

/// Returns the answer for everything but a yes.
fn no<E: Into<ProblemDetails>>(why: E) -> Response {
    let (status, headers, body) = why.into().to_response();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    (status, AppendHeaders(headers), body).into_response()
}

/// Opens the hub of a folder, and serves it until the task ends.
async fn start(
    folder: &Path,
    outside: &Outside,
) -> Result<(Arc<Hub>, Client, JoinHandle<io::Result<()>>), Failure> {
    let hub = Arc::new(Hub::open(folder, outside)?);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let client = Client::new(outside.clone(), listener.local_addr()?);
    let app = Router::new()
        .route("/challenges/{did}/{package}", post(challenge))
        .route("/claims", post(claim))
        .route("/packages/{package}", get(package))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(hub.clone());
    let server = tokio::spawn(axum::serve(listener, app).into_future());
    Ok((hub, client, server))
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (outside, folder) = (Outside::new()?, tempfile::tempdir()?);
    let mut people = People::new(&outside).await?;
    fs::create_dir(folder.path().join("revocations"))?;
    let (hub, client, server) = start(folder.path(), &outside).await?;
    let (widget, left, demo) = ("pypi:widget", "npm:left", "cargo:demo");
    for (who, package) in [
        (&people.alice, widget),
        (&people.nina, left),
        (&people.carol, demo),
        (&people.bob, "pypi:gadget"),
        (&people.mallory, demo),
    ] {
        let answer = client.claim(who, package).await?;
        println!("{} claims {package}: {answer}", who.name());
    }
    println!("half a bundle: {}", client.post_claim("{").await?);
    println!("no package: {}", client.get("/packages/left").await?);
    let bundle = client.bundle(&people.nina, left).await?;

    server.abort();
    drop(hub);
    let (hub, client, server) = start(folder.path(), &outside).await?;
    println!("restarted: {}", client.get_package(left).await?);
    let answer = client.post_claim(&bundle).await?;
    println!("Nina answers an earlier challenge: {answer}");
    println!("once more: {}", client.post_claim(&bundle).await?);

    outside.wait(DAY * 2);
    println!(
        "two days without a look: {}",
        client.get_package(demo).await?
    );
    hub.review().await?;
    outside.set_down(true);
    outside.wait(DAY * 2);
    println!("nothing can be read:");
    hub.review().await?;
    println!("after two days: {}", client.get_package(demo).await?);
    outside.wait(DAY * 2);
    println!("after four days: {}", client.get_package(demo).await?);
    outside.set_down(false);
    println!("it can be read again:");
    hub.review().await?;

    people.drop_ninas_key(&outside)?;
    println!("Nina's newest release does not name her key:");
    hub.review().await?;
    println!("at once: {}", client.get_package(left).await?);
    outside.wait(DAY);
    hub.review().await?;
    println!("a day later: {}", client.get_package(left).await?);

    outside.wait(DAY * 14);
    people.alice.renew_links(&outside).await?;
    let answer = client.claim(&people.alice, widget).await?;
    println!("Alice renews her link and her claim: {answer}");
    outside.wait(DAY * 14);
    println!("a month is over:");
    hub.review().await?;

    let revocation = people.alice.revoke_key(&outside).await?;
    let file = folder.path().join("revocations/alice.json");
    fs::write(&file, revocation.to_json())?;
    println!("Alice's key is revoked:");
    hub.review().await?;
    println!("at once: {}", client.get_package(widget).await?);
    // What was seen once is remembered, whatever the source shows later.
    fs::remove_file(file)?;
    println!(
        "Alice tries again: {}",
        client.claim(&people.alice, widget).await?
    );
    server.abort();
    Ok(())
}
