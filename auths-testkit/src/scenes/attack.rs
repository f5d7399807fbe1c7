//! A scene for attacks: alice owns names in a simulated world, and a player asks to speak for one.

#![expect(
    clippy::unwrap_used,
    reason = "a scene that cannot be set up fails its test"
)]

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use crate::world::{
    Asked, Credential, Given, Grant, Metadata, Refused, Session, SimulatedPlatform,
    SimulatedRegistry, Token, World,
};
use auths_core::claim::{
    Delegation, KeyRing, PlatformClaim, ProofExpectation, Revocation, Signed, SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::{Decision, Obstacle};
use auths_core::evidence::{LinkedAccount, ObservedEvidence};
use auths_core::ports::{
    AccountProver, GistHint, LinkedAccountsQuery, MemoryRevocations, NamespaceVerifier,
    PlatformContext, ProofHint, PublishedRevocations, RevocationList,
};
use auths_core::use_cases::{
    ClaimFailure, ClaimNamespace, ClaimRequest, ClaimResult, ClaimsContext, RevocableParts,
    StatementProver, StoredLink, VerifyOptions, collect_revocations, verify_live, verify_offline,
};
use auths_core::{Account, Bundle, Namespace, Outcome, Platform, Policy, Timestamp, Unavailable};
use futures_util::FutureExt;

use super::{did, key};
use crate::DAY;

/// The default maturity.
pub const WEEK: Duration = Duration::from_secs(7 * 86_400);

/// The OAuth app of the verifier in every scene.
pub const APP: &str = "the verifier's app";

/// The owners of the scenes' keys, by the one byte of their seeds.
const KEYS: [(&str, u8); 2] = [("alice", 1), (MALLORY, 66)];

/// The thief in every scene.
pub const MALLORY: &str = "mallory";

/// A simulated world, and its registry as the verifier reads it.
#[derive(Debug)]
pub struct Scene {
    world: Arc<Mutex<World>>,
    registry: Arc<SimulatedRegistry>,
    github: Arc<SimulatedPlatform>,
    memory: MemoryRevocations,
}

/// A signed platform claim, and the place of its proof: a package, or a gist.
pub type Link = (Signed<PlatformClaim>, Option<String>);

/// The claims and accounts that a DID presents when it claims a package.
#[derive(Debug, Default)]
pub struct ClaimParts {
    /// The accounts of the registry's platform that it says it holds, each with the package that should prove it.
    pub accounts: Vec<(String, Option<String>)>,
    /// The delegations to it, and the accounts of those who delegated.
    pub delegations: Vec<Signed<Delegation>>,
    /// The platform claims that were signed before, its own and others'.
    pub others: Vec<Link>,
    /// The tokens that were presented to the verifier, each for a claim.
    pub presented: Vec<(Signed<PlatformClaim>, Token)>,
    /// The published revocations.
    pub revocations: Vec<Signed<Revocation>>,
}

impl ClaimParts {
    /// Creates the parts of a DID that brings nothing but itself.
    #[must_use]
    pub fn with_nothing() -> Self {
        Self::default()
    }

    /// Creates the parts of a DID that says it holds this account, proved by that package.
    #[must_use]
    pub fn as_account(login: &str, package: Option<&str>) -> Self {
        Self {
            accounts: vec![(login.to_owned(), package.map(str::to_owned))],
            ..Self::default()
        }
    }

    /// Creates the parts of a DID that brings these links.
    #[must_use]
    pub fn linked(links: impl IntoIterator<Item = Link>) -> Self {
        Self {
            others: links.into_iter().collect(),
            ..Self::default()
        }
    }
}

/// The stored links, and the evidence of tokens presented just now.
#[derive(Debug)]
struct Context {
    stored: ClaimsContext,
    presented: Vec<LinkedAccount>,
}

#[async_trait::async_trait]
impl PlatformContext for Context {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        let mut accounts = self.stored.accounts(query).await?;
        let own = self.presented.iter();
        accounts.extend(own.filter(|l| *l.claim.did() == query.did).cloned());
        Ok(accounts)
    }
}

impl Scene {
    /// Creates an empty world on PyPI.
    #[must_use]
    pub fn new() -> Self {
        Self::in_world(World::pypi)
    }

    /// Creates an empty world that `home` makes: `World::npm`, `World::crates_io`, `World::github`.
    #[must_use]
    pub fn in_world(home: impl FnOnce(Timestamp) -> World) -> Self {
        Self::showing(home, |registry| registry)
    }

    /// Creates an empty world whose registry is read in another way.
    #[must_use]
    pub fn showing(
        home: impl FnOnce(Timestamp) -> World,
        read: impl FnOnce(SimulatedRegistry) -> SimulatedRegistry,
    ) -> Self {
        let mut world = home("2026-01-01T00:00:00Z".parse().unwrap());
        world.register_app(APP, true);
        for (name, byte) in KEYS {
            world.make_key(name, did(&key(byte)));
        }
        let world = Arc::new(Mutex::new(world));
        let origin = "https://registry.example".parse().unwrap();
        let registry = Arc::new(read(SimulatedRegistry::public(world.clone(), origin)));
        let github = Arc::new(SimulatedPlatform::new(world.clone()).with_app(APP));
        Self {
            world,
            registry,
            github,
            memory: MemoryRevocations::new(),
        }
    }

    /// Returns the world itself.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Returns the registry, through the port.
    #[must_use]
    pub fn registry(&self) -> Arc<SimulatedRegistry> {
        self.registry.clone()
    }

    /// Makes an account.
    pub fn sign_up(&self, login: &str) -> Session {
        self.world().sign_up(login).unwrap()
    }

    /// Makes a token of the account, for one package or for all of them, and steals it at once.
    pub fn steal_token(&self, from: &Session, package: Option<&str>) -> Token {
        let mut world = self.world();
        let token = world.create_token(from, package).unwrap();
        world.steal_token(MALLORY, &token).unwrap()
    }

    /// Makes a token of the account with these grants, and steals it at once.
    pub fn steal_token_for(&self, from: &Session, grants: &[Grant]) -> Token {
        let mut world = self.world();
        let token = world.create_token_for(from, grants, None).unwrap();
        world.steal_token(MALLORY, &token).unwrap()
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

    /// Publishes a release of a package that was made to speak for an account. It says that the DID of `key` speaks for it.
    ///
    /// # Errors
    /// [`Refused`] when the world does not allow it.
    pub fn publish_for_account<'a>(
        &self,
        by: impl Into<Credential<'a>>,
        package: &str,
        version: &str,
        key: &KeyPair,
        login: &str,
    ) -> Result<(), Refused> {
        let namespace = self.namespace(package);
        let metadata = Metadata::new().speaking_for(did(key), &namespace, &self.account(login));
        self.world().publish(by, package, version, metadata)
    }

    /// Returns the namespace of a package in this world.
    #[must_use]
    pub fn namespace(&self, package: &str) -> Namespace {
        self.world().namespace(package).unwrap()
    }

    /// Asks with `key` to publish `package`, under `policy`.
    ///
    /// # Errors
    /// [`ClaimFailure`] when there is nothing to decide about.
    pub fn ask(
        &self,
        key: &KeyPair,
        package: &str,
        asking: &ClaimParts,
        policy: &Policy,
    ) -> Result<ClaimResult, ClaimFailure> {
        let now = self.world().now();
        let own = asking.accounts.iter().map(|(login, package)| {
            let link = (self.link(key, self.account(login)), package.clone());
            self.stored(&link)
        });
        let links = own.chain(asking.others.iter().map(|link| self.stored(link)));
        let presented = asking.presented.iter().map(|(claim, token)| {
            let (did, challenge) = (claim.did().clone(), None);
            let seen = self.github.present(token, did, challenge, now);
            let seen = seen.into_iter().map(ObservedEvidence::live).collect();
            LinkedAccount::new(claim.clone(), seen)
        });
        let context = Context {
            stored: ClaimsContext::new(links.collect(), self.provers()),
            presented: presented.collect(),
        };
        let published = RevocationList::new("the test's list");
        published.publish(PublishedRevocations::new(asking.revocations.clone()));
        let mut request = ClaimRequest::new(self.namespace(package), now);
        request.delegations = asking.delegations.clone();
        let workflow = ClaimNamespace {
            signer: key,
            verifier: &*self.registry,
            context: &context,
            revocations: &[&published],
            memory: &self.memory,
            resolver: None,
        };
        let claimed = workflow.run(request, policy).now_or_never().unwrap()?;
        self.judge(key, &claimed, asking, policy);
        Ok(claimed)
    }

    /// Fails the test when an accepted answer should not be accepted, by what everybody in the world really holds.
    fn judge(&self, key: &KeyPair, claimed: &ClaimResult, asking: &ClaimParts, policy: &Policy) {
        let world = self.world();
        let Some(maker) = world.maker_of(&did(key)) else {
            return;
        };
        let mut given = Given::nothing();
        given.revocations.clone_from(&asking.revocations);
        let others = asking.others.iter().map(|(claim, _)| claim.clone());
        given.platform_claims.extend(others);
        let mut asked = Asked::new(maker, &claimed.bundle.claim, policy.maturity());
        asked.platform_claims = &claimed.bundle.platform_claims;
        asked.delegations = &asking.delegations;
        let wrong = world.find_wrong_yes(&asked, &claimed.decision, &given);
        assert!(
            wrong.is_none(),
            "{}",
            wrong.map(|w| w.to_string()).unwrap_or_default()
        );
    }

    /// Returns the answer to [`ask`](Self::ask), where there is something to decide about.
    pub fn answer(&self, key: &KeyPair, package: &str, asking: &ClaimParts) -> Decision {
        self.ask(key, package, asking, &Policy::standard())
            .unwrap()
            .decision
    }

    /// Returns whether the answer is a yes under the default policy.
    pub fn accepts(&self, key: &KeyPair, package: &str, asking: &ClaimParts) -> bool {
        self.ask(key, package, asking, &Policy::standard())
            .is_ok_and(|claimed| claimed.decision.outcome() == Outcome::Accepted)
    }

    /// Decides a bundle by its content, at the present time.
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

    /// Decides a bundle by what the registry shows now.
    pub fn verify_live(&self, bundle: &Bundle, policy: &Policy) -> Decision {
        let provers = self.provers();
        verify_live(bundle, self.terms(bundle, policy), &*self.registry, provers)
            .now_or_never()
            .unwrap()
    }

    fn terms<'a>(&self, bundle: &Bundle, policy: &'a Policy) -> VerifyOptions<'a> {
        let audience = auths_core::claim::Audience::local(bundle.claim.did());
        let (now, keys) = (self.world().now(), KeyRing::intrinsic());
        let published = RevocationList::new("the test's list");
        let revocable = RevocableParts::bundle(bundle, policy);
        let known = collect_revocations(&[&published], &self.memory, &revocable, &keys, now)
            .now_or_never()
            .unwrap();
        VerifyOptions::new(ProofExpectation::new(audience), policy, now).with_revocations(known)
    }

    /// Returns the account of that login on the registry's platform, as it is now; by its name alone if there is none.
    #[must_use]
    pub fn account(&self, login: &str) -> Account {
        let world = self.world();
        let platform = world.platform().clone();
        let state = world.account_by_login(&platform, login);
        let shown = state.and_then(|state| world.account(state.id()));
        shown.unwrap_or_else(|| Account::parse_login(platform, login).unwrap())
    }

    /// Returns a platform claim that `key` signs now.
    #[must_use]
    pub fn link(&self, key: &KeyPair, account: Account) -> Signed<PlatformClaim> {
        let claim = PlatformClaim::new(account, None);
        SigningRequest::new(claim, self.world().now())
            .sign(key)
            .now_or_never()
            .unwrap()
            .unwrap()
    }

    /// Puts a claim of `key` for that GitHub account into a gist with a credential.
    ///
    /// # Errors
    /// [`Refused`] when the world does not allow it.
    pub fn gist<'a>(
        &self,
        by: impl Into<Credential<'a>>,
        key: &KeyPair,
        account: Account,
    ) -> Result<Link, Refused> {
        let claim = self.link(key, account);
        let gist = self.world().create_gist(by, claim.to_json())?;
        Ok((claim, Some(gist)))
    }

    fn provers(&self) -> Vec<Arc<dyn AccountProver>> {
        let verifier: Arc<dyn NamespaceVerifier> = self.registry.clone();
        let platform = self.world().platform().clone();
        let github: Arc<dyn AccountProver> = self.github.clone();
        match platform == Platform::GITHUB {
            true => vec![github],
            false => vec![Arc::new(StatementProver::new(platform, verifier)), github],
        }
    }

    fn stored(&self, (claim, proof): &Link) -> StoredLink {
        let at_github = *claim.unverified().account.platform() == Platform::GITHUB;
        let hint = proof.as_ref().map(|proof| match at_github {
            true => ProofHint::Gist(GistHint::new(proof.as_str())),
            false => ProofHint::Statement(self.namespace(proof)),
        });
        StoredLink::new(claim.clone(), hint)
    }
}

impl Default for Scene {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the stable name of the obstacle.
#[must_use]
pub fn reason(decision: &Decision) -> &'static str {
    decision.reason().map_or("none", Obstacle::name)
}
