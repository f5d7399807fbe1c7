//! The stage of the demonstration: a simulated world behind a loopback server, read by the real adapter.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use auths_adapters_pypi::PyPiConfig;
use auths_core::claim::{Audience, KeyRing, ProofExpectation, Revocation, Signed};
use auths_core::decide::Revocations;
use auths_core::ports::{MemoryRevocations, MemoryStore, PublishedRevocations, RevocationList};
use auths_core::use_cases::{
    ClaimNamespace, ClaimRequest, ClaimResult, ClaimsContext, RevocableParts, VerifyOptions,
    collect_revocations, verify_live, verify_offline,
};
use auths_core::{Account, Bundle, Decision, Namespace, Policy, Timestamp};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Received, Reply, Server};
use auths_testkit::services::pypi;
use auths_testkit::world::{SimulatedClock, World};

use super::person::Person;
use crate::failure::Failure;
use crate::registry::Registry;
use crate::servers::{self, Limits};

/// A world, the server that shows it, and the adapter that reads the server.
#[derive(Debug)]
pub(super) struct Stage {
    world: Arc<Mutex<World>>,
    server: Server,
    registry: Registry,
    published: RevocationList,
    memory: MemoryRevocations,
}

fn lock(world: &Mutex<World>) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    /// Creates the stage with the registry itself.
    pub(super) fn new(world: World) -> Result<Self, Failure> {
        Self::serving(world, |reply| reply)
    }

    /// Creates the stage with a mirror that leaves out the owners.
    pub(super) fn mirror(world: World) -> Result<Self, Failure> {
        Self::serving(world, |mut body| {
            if let Some(body) = body.as_object_mut() {
                body.remove("ownership");
            }
            body
        })
    }

    fn serving(
        world: World,
        change: impl Fn(serde_json::Value) -> serde_json::Value + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let world = Arc::new(Mutex::new(world));
        let shown = world.clone();
        let handler = move |request: &Received| {
            let mut answer = pypi::answer(&lock(&shown), &request.method, &request.path);
            if let Ok(body) = serde_json::from_str(&answer.body) {
                answer.body = change(body).to_string();
            }
            Reply::from(answer)
        };
        let clock = Arc::new(SimulatedClock::new(world.clone()));
        let server = Server::start_with_clock(clock, handler);
        let registry = registry(&world, &server)?;
        Ok(Self {
            world,
            server,
            registry,
            published: published(),
            memory: MemoryRevocations::new(),
        })
    }

    /// Makes the same server show another world, to a reader without memory.
    pub(super) fn set(&mut self, world: World) -> Result<(), Failure> {
        *lock(&self.world) = world;
        self.registry = registry(&self.world, &self.server)?;
        self.published = published();
        self.memory = MemoryRevocations::new();
        Ok(())
    }

    /// Publishes a revocation in a source that every verifier here reads.
    pub(super) fn publish(&self, revocation: Signed<Revocation>) {
        self.published
            .publish(PublishedRevocations::new([revocation]));
    }

    /// Returns the known revocations.
    async fn known(&self, revocable: &RevocableParts<'_>) -> Revocations {
        let (keys, now) = (KeyRing::intrinsic(), self.now());
        collect_revocations(&[&self.published], &self.memory, revocable, &keys, now).await
    }

    /// Returns the world, for changes.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    /// Returns the time of the world.
    pub(super) fn now(&self) -> Timestamp {
        self.world().now()
    }

    /// Returns the adapter.
    pub(super) fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Returns the clock of the world.
    pub(super) fn clock(&self) -> SimulatedClock {
        SimulatedClock::new(self.world.clone())
    }

    /// Returns a project on this server.
    pub(super) fn namespace(&self, name: &str) -> Result<Namespace, Failure> {
        self.registry.package(name)
    }

    /// Returns an account on this server.
    pub(super) fn account(&self, login: &str) -> Result<Account, Failure> {
        self.registry.account(login)
    }

    /// Claims to speak for a project.
    pub(super) async fn claim(
        &self,
        who: &Person,
        project: &str,
        audience: Option<Audience>,
        policy: &Policy,
    ) -> Result<ClaimResult, Failure> {
        let mut request = ClaimRequest::new(self.namespace(project)?, self.now());
        request.audience = audience;
        let verifier = self.registry.verifier();
        let workflow = ClaimNamespace {
            signer: &*who.signer,
            verifier: &*verifier,
            context: &ClaimsContext::new(who.links.clone(), vec![self.registry.prover()]),
            revocations: &[&self.published],
            memory: &self.memory,
            resolver: None,
        };
        Ok(workflow.run(request, policy).await?)
    }

    /// Decides about a bundle by what the server shows now.
    pub(super) async fn verify_live(
        &self,
        bundle: &Bundle,
        expected: Option<Audience>,
    ) -> Decision {
        let (policy, now) = (Policy::standard(), self.now());
        let audience = expected.unwrap_or_else(|| Audience::local(bundle.claim.did()));
        let known = self.known(&RevocableParts::bundle(bundle, &policy)).await;
        let terms = VerifyOptions::new(ProofExpectation::new(audience), &policy, now)
            .with_revocations(known);
        let verifier = self.registry.verifier();
        verify_live(bundle, terms, &*verifier, vec![self.registry.prover()]).await
    }

    /// Decides about a bundle by the evidence in it.
    pub(super) async fn verify_offline(
        &self,
        text: &str,
        policy: &Policy,
    ) -> Result<Decision, Failure> {
        let bundle = Bundle::parse(text.as_bytes())
            .map_err(|e| Failure::invalid(auths_core::Invalid::BadBundle, e))?;
        let expected = ProofExpectation::new(Audience::local(bundle.claim.did()));
        let known = self.known(&RevocableParts::bundle(&bundle, policy)).await;
        let terms = VerifyOptions::new(expected, policy, self.now()).with_revocations(known);
        Ok(verify_offline(bundle, terms)?)
    }
}

fn published() -> RevocationList {
    RevocationList::new("published")
}

fn registry(world: &Arc<Mutex<World>>, server: &Server) -> Result<Registry, Failure> {
    let store = Arc::new(MemoryStore::new());
    let transport = servers::transport(
        Limits::AT_ONCE,
        Arc::new(SimulatedClock::new(world.clone())),
        Arc::new(RecordingSleeper::default()),
        store,
    )?;
    let config = PyPiConfig::at(server.origin());
    Ok(servers::pypi(config, transport))
}
