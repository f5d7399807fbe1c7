//! A scene for attacks: alice owns projects on a simulated PyPI, and somebody asks to speak for one.

#![expect(
    clippy::unwrap_used,
    reason = "a scene that cannot be set up fails its test"
)]

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use auths_core::claim::{
    Delegation, Expectation, PlatformClaim, Revocation, Signed, SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::{Decision, Obstacle};
use auths_core::ports::{NamespaceVerifier, ProofHint, RevocationSource};
use auths_core::simulation::{Credential, Metadata, Refused, Session, SimulatedRegistry, World};
use auths_core::workflow::{
    ClaimFailure, ClaimNamespace, ClaimRequest, Claimed, ClaimsContext, StatementProver,
    StoredLink, Terms, verify_live, verify_offline,
};
use auths_core::{Bundle, Did, Namespace, Outcome, Platform, Policy, Timestamp, Unavailable};
use futures_util::FutureExt;

use crate::claims::did;

/// A day.
pub const DAY: Duration = Duration::from_secs(86_400);
/// The default maturity.
pub const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// A simulated PyPI, its clock, and the packages of alice in it.
#[derive(Debug)]
pub struct Scene {
    world: Arc<Mutex<World>>,
    registry: Arc<SimulatedRegistry>,
}

/// What a DID brings to ask with.
#[derive(Debug, Default)]
pub struct Asking {
    /// Accounts that it says it holds, each with the package that should prove it.
    pub accounts: Vec<(String, Option<String>)>,
    /// Delegations to it, and the accounts of those who delegated.
    pub delegations: Vec<Signed<Delegation>>,
    /// Platform claims of others, with the packages that should prove them.
    pub others: Vec<(Signed<PlatformClaim>, Option<String>)>,
    /// Revocations that are published.
    pub revocations: Vec<Signed<Revocation>>,
}

impl Asking {
    /// With nothing.
    #[must_use]
    pub fn with_nothing() -> Self {
        Self::default()
    }

    /// With this account, proved by that package.
    #[must_use]
    pub fn as_account(login: &str, package: Option<&str>) -> Self {
        Self {
            accounts: vec![(login.to_owned(), package.map(str::to_owned))],
            ..Self::default()
        }
    }
}

#[derive(Debug)]
struct Published(Vec<Signed<Revocation>>);

#[async_trait::async_trait]
impl RevocationSource for Published {
    fn name(&self) -> String {
        "the test's list".to_owned()
    }

    async fn revocations(
        &self,
        _: &[Did],
        _: Timestamp,
    ) -> Result<Vec<Signed<Revocation>>, Unavailable> {
        Ok(self.0.clone())
    }
}

impl Scene {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        let world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
        let world = Arc::new(Mutex::new(world));
        let origin = "https://pypi.example".parse().unwrap();
        let registry = Arc::new(SimulatedRegistry::public(world.clone(), origin));
        Self { world, registry }
    }

    /// The world itself.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// The registry, through the port.
    #[must_use]
    pub fn registry(&self) -> Arc<SimulatedRegistry> {
        self.registry.clone()
    }

    /// Makes an account.
    pub fn sign_up(&self, login: &str) -> Session {
        self.world().sign_up(login).unwrap()
    }

    /// Lets days pass.
    pub fn wait_days(&self, days: u32) {
        self.world().wait(DAY * days);
    }

    /// Publishes a release that names these keys' DIDs for its own package.
    ///
    /// # Errors
    /// [`Refused`] when the world does not allow it.
    pub fn publish<'a>(
        &self,
        by: impl Into<Credential<'a>>,
        package: &str,
        version: &str,
        named: &[&KeyPair],
    ) -> Result<(), Refused> {
        let namespace = self.namespace(package);
        let metadata = Metadata::new().naming(named.iter().map(|k| did(k)), &namespace);
        let metadata = if named.is_empty() {
            Metadata::new()
        } else {
            metadata
        };
        self.world().publish(by, package, version, metadata)
    }

    /// The namespace of a package here.
    #[must_use]
    pub fn namespace(&self, package: &str) -> Namespace {
        self.world().namespace(package).unwrap()
    }

    /// `key` asks to publish `package`, under `policy`.
    ///
    /// # Errors
    /// [`ClaimFailure`] when there is nothing to decide about.
    pub fn ask(
        &self,
        key: &KeyPair,
        package: &str,
        asking: &Asking,
        policy: &Policy,
    ) -> Result<Claimed, ClaimFailure> {
        let now = self.world().now();
        let mut links: Vec<StoredLink> = asking
            .accounts
            .iter()
            .map(|(login, package)| {
                let account = format!("pypi:{login}").parse().unwrap();
                let request = SigningRequest::new(PlatformClaim::new(account, None), now);
                StoredLink::new(
                    crate::claims::sign(request, key),
                    self.hint(package.as_deref()),
                )
            })
            .collect();
        let others = asking.others.iter().cloned();
        links.extend(
            others.map(|(claim, package)| StoredLink::new(claim, self.hint(package.as_deref()))),
        );
        let context = ClaimsContext::new(links, vec![self.prover()]);
        let published = Published(asking.revocations.clone());
        let mut request = ClaimRequest::new(self.namespace(package), now);
        request.delegations = asking.delegations.clone();
        let workflow = ClaimNamespace {
            signer: key,
            verifier: &*self.registry,
            context: &context,
            revocations: &[&published],
            resolver: None,
        };
        workflow.run(request, policy).now_or_never().unwrap()
    }

    /// The answer to [`ask`](Self::ask), where there is something to decide about.
    pub fn answer(&self, key: &KeyPair, package: &str, asking: &Asking) -> Decision {
        self.ask(key, package, asking, &Policy::standard())
            .unwrap()
            .decision
    }

    /// Whether the answer is a yes under the default policy.
    pub fn accepts(&self, key: &KeyPair, package: &str, asking: &Asking) -> bool {
        self.ask(key, package, asking, &Policy::standard())
            .is_ok_and(|claimed| claimed.decision.outcome() == Outcome::Accepted)
    }

    /// Decides a bundle on what is in it, as of now.
    ///
    /// # Errors
    /// [`Obstacle`] when the bundle was tampered with.
    pub fn verify_offline(
        &self,
        bundle: &Bundle,
        policy: &Policy,
    ) -> Result<Decision, auths_core::claim::ClaimError> {
        verify_offline(bundle.clone(), self.terms(bundle, policy))
    }

    /// Decides a bundle on what the registry shows now.
    pub fn verify_live(&self, bundle: &Bundle, policy: &Policy) -> Decision {
        let provers = vec![self.prover()];
        verify_live(bundle, self.terms(bundle, policy), &*self.registry, provers)
            .now_or_never()
            .unwrap()
    }

    fn terms<'a>(&self, bundle: &Bundle, policy: &'a Policy) -> Terms<'a> {
        let audience = auths_core::claim::Audience::local(bundle.claim.did());
        Terms::new(Expectation::new(audience), policy, self.world().now())
    }

    fn prover(&self) -> Arc<dyn auths_core::ports::AccountProver> {
        let verifier: Arc<dyn NamespaceVerifier> = self.registry.clone();
        Arc::new(StatementProver::new(Platform::PYPI, verifier))
    }

    fn hint(&self, package: Option<&str>) -> Option<ProofHint> {
        package.map(|p| ProofHint::Statement(self.namespace(p)))
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

/// What stood in the way, by its stable name.
#[must_use]
pub fn reason(decision: &Decision) -> &'static str {
    decision.reason().map_or("none", Obstacle::name)
}
