//! Accept CI: a registry exchanges the ID token of a run for a grant, and takes the uploads that show one.

use std::{collections::BTreeSet, sync::Arc};

use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier, IssuerConfig};
use auths_adapters_pypi::PyPi;
use auths_core::ci::{IssuerUrl, TokenAudience};
use auths_core::claim::{Action, Actions, Signed, TrustedPublisher};
use auths_core::grant::{DenyList, GrantIssuer, GrantVerifier};
use auths_core::ports::{MemoryRevocations, MemoryStore, RevocationList, Signer, new_seed};
use auths_core::use_cases::{GrantDesk, PublishGate, PublishRequest, TokenUses};
use auths_core::{Bundle, ExposeSecret, Namespace, Policy, SecretString, Verifier};
use auths_core::{crypto::KeyPair, problem::ProblemDetails};
use auths_keystore::{FilePins, FileReplayGuard, OsEntropy, RecordKey};
use auths_snippets::{Failure, Outside, People, Runs};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use axum::response::{AppendHeaders, IntoResponse, Response, Result};
use axum::{Json, Router, routing::post, routing::put};

struct Registry {
    outside: Outside, // it gives the time
    verifier: Verifier,
    desk: GrantDesk,
    uploads: GrantVerifier,
    publishers: Vec<Signed<TrustedPublisher>>, // what maintainers sent
    bundles: Vec<Bundle>,                      // sent with them, and accepted then
}

#[derive(serde::Deserialize)]
struct Exchange {
    token: String,
    packages: BTreeSet<Namespace>,
}

async fn grant(State(it): State<Arc<Registry>>, Json(asked): Json<Exchange>) -> Result<String> {
    let publish = Actions::only(Action::Publish);
    let mut request = PublishRequest::new(asked.token.into(), asked.packages, publish);
    request.publishers.clone_from(&it.publishers);
    for bundle in &it.bundles {
        request = request.with_documents_of(bundle);
    }
    let (policy, now) = (Policy::standard(), it.outside.clock.now());
    let granted = it.verifier.publish(&it.desk, request, &policy, now).await;
    Ok(granted.map_err(no)?.token().expose_secret().to_owned())
}

type Upload = (State<Arc<Registry>>, Path<Namespace>, HeaderMap);

async fn upload((State(it), Path(package), headers): Upload) -> Result<String> {
    let grant = bearer(&headers).ok_or(StatusCode::UNAUTHORIZED)?;
    let (publish, now) = (Action::Publish, it.outside.clock.now());
    let grant = it.uploads.authorize(&grant, &package, publish, now).await;
    let (grant, name) = (grant.map_err(no)?, package.short());
    Ok(format!("{} published {name}", grant.subject()))
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    Some(value.strip_prefix("Bearer ")?.to_owned().into())
}

/// Returns the answer for everything but a yes.
fn no(why: impl Into<ProblemDetails>) -> Response {
    let (status, headers, body) = why.into().to_response();
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
    (status, AppendHeaders(headers), body).into_response()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let (outside, disk) = (Outside::new()?, tempfile::tempdir()?);
    let (runs, people) = (Runs::new(&outside), People::new(&outside).await?);
    let transport = outside.transport(MemoryStore::new())?;

    let (hub, files) = ("https://hub.example", "https://files.hub.example");
    let (kept, keys) = (disk.path().join("publish"), disk.path().join("keys"));
    let key = RecordKey::in_dir(keys);
    let pins = Arc::new(FilePins::create(&kept, key.clone())?); // `FilePins::open` from then on
    let uses = TokenUses::new(Arc::new(FileReplayGuard::new(&kept, key)));

    let trusted = IdTokenConfig::new().with_issuer(IssuerConfig::new(runs.issuer()?));
    let tokens = Arc::new(IdTokenVerifier::new(trusted, transport.clone())?);
    let gate = PublishGate::new(hub.parse()?, tokens, uses, pins.clone());
    let signer = Arc::new(KeyPair::from_seed(&new_seed(&OsEntropy)?));
    let (me, files): (IssuerUrl, TokenAudience) = (hub.parse()?, files.parse()?);
    let (signers, none) = ([signer.method().did().clone()], DenyList::default);
    let uploads = GrantVerifier::new(me.clone(), files.clone(), signers, pins, none());
    let grants = GrantIssuer::new(me, files, signer, Arc::new(OsEntropy), none());

    let verifier = Verifier::builder(hub.parse()?)
        .registry(PyPi::new(outside.pypi.clone(), transport))
        .revocations(RevocationList::new("our own list"))
        .revocation_memory(MemoryRevocations::new())
        .without_challenges() // a token is used up in their place
        .build()?;
    let registry = Arc::new(Registry {
        publishers: vec![runs.rule_of_alice(&people).await?],
        bundles: vec![people.alice.bundle(&outside, "pypi:widget").await?],
        desk: GrantDesk::new(gate, grants),
        verifier,
        uploads,
        outside,
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let app = Router::new()
        .route("/grants", post(grant))
        .route("/packages/{package}", put(upload))
        .with_state(registry);
    tokio::spawn(axum::serve(listener, app).into_future());
    runs.ask_and_print(address).await
}
