//! The doubles keep the contracts.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auths_core::ci::{CiIssuer, CiProvider, CiTokenEvidence, EnvironmentName, NumericId};
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::evidence::{NamespaceEvidence, Reading};
use auths_core::ports::{
    CiTokenError, CiTokenQuery, CiTokenVerifier, CiTokenVerifierExt, EnvironmentQuery,
    EnvironmentReaderExt, MemoryLinks, MemoryPins, MemoryReplayGuard, MemoryRevocations,
    MemoryStore, NamespaceError, NamespaceQuery, NamespaceVerifier, ProofHint, StoreBounds,
};
use auths_core::reason::{RefutedReason, Unavailable, UnavailableReason};
use auths_core::use_cases::{ClaimsContext, StatementProver, StoredLink};
use auths_core::{Account, Did, Ecosystem, Origin, Platform, SecretString, Timestamp};
use auths_testkit::block_on;
use auths_testkit::conformance::*;
use auths_testkit::doubles::{
    FailNext, FakeAccounts, FakeCiTokens, FakeEnvironments, FakeKeyStore,
};
use auths_testkit::world::{
    Metadata, PlatformRules, RegistryFault, RegistryRules, SimulatedRegistry, World,
};
use std::time::Duration;

/// The simulated registry, in the trouble that its stage says.
#[derive(Debug)]
pub(crate) struct Troubled {
    pub(crate) stage: Stage,
    pub(crate) registry: SimulatedRegistry,
}

impl Troubled {
    pub(crate) fn on(stage: Stage) -> Self {
        let origin = "https://registry.example".parse().unwrap();
        let registry = SimulatedRegistry::public(stage.shared_world(), origin);
        Self { stage, registry }
    }
}

/// What an adapter makes of a trouble that hides everything.
fn what_it_becomes(trouble: RegistryFault) -> Option<Unavailable> {
    let why = match trouble {
        RegistryFault::Forbidden => UnavailableReason::Forbidden,
        RegistryFault::Throttled => UnavailableReason::RateLimited,
        RegistryFault::ServerError => UnavailableReason::ServerError,
        RegistryFault::Silent => UnavailableReason::Timeout,
        RegistryFault::Cut => UnavailableReason::Truncated,
        RegistryFault::OtherFormat | RegistryFault::NoBody => UnavailableReason::Unreadable,
        RegistryFault::OtherName => UnavailableReason::EvidenceMismatch,
        _ => return None,
    };
    let wait = (trouble == RegistryFault::Throttled).then_some(RegistryFault::RETRY_AFTER);
    Some(Unavailable::new(why, "the stage says so").retry_after(wait))
}

#[async_trait]
impl NamespaceVerifier for Troubled {
    fn ecosystem(&self) -> &Ecosystem {
        self.registry.ecosystem()
    }

    fn origin(&self) -> &Origin {
        self.registry.origin()
    }

    fn is_public(&self) -> bool {
        self.registry.is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        let trouble = self.stage.trouble();
        if let Some(why) = trouble.and_then(what_it_becomes) {
            return Err(why.into());
        }
        if self.stage.repeats_page() {
            let why = Unavailable::new(UnavailableReason::EvidenceMismatch, "the page came before");
            return Err(why.into());
        }
        let mut evidence = self.registry.gather(query).await?;
        self.stage.answered();
        match trouble {
            Some(RegistryFault::OwnersMissing) => {
                let why = Unavailable::new(UnavailableReason::MissingField, "no owners");
                evidence.listing = Reading::Unread(why);
            }
            Some(RegistryFault::OwnersEmpty) => {
                let why = Unavailable::new(UnavailableReason::Empty, "no owners");
                evidence.listing = Reading::Unread(why);
            }
            Some(RegistryFault::OldCopy) => {
                evidence.observed_at = query.now - RegistryFault::COPY_AGE
            }
            _ => {}
        }
        Ok(evidence)
    }
}

pub(crate) struct Registry;

/// PyPI, with all that the suite can play besides.
pub(crate) fn world(now: Timestamp) -> World {
    let mut rules = RegistryRules::other(Ecosystem::PYPI, Platform::PYPI);
    rules.reader_role = true;
    let mut platform = PlatformRules::other(Platform::PYPI);
    platform.renames = true;
    World::pypi(now)
        .with_rules(rules)
        .with_platform_rules(platform)
}

impl NamespaceSubject for Registry {
    fn world(&self, now: Timestamp) -> World {
        world(now)
    }

    fn open(&self, stage: Stage) -> Opened {
        Opened::new(Troubled::on(stage))
    }
}

auths_testkit::namespace_verifier_conformance!(Registry);

/// A registry whose accounts have ids, and whose tokens add owners.
pub(crate) struct RegistryOfTokens;

pub(crate) fn world_of_tokens(now: Timestamp) -> World {
    let (ecosystem, platform) = (
        Ecosystem::from_static("depot"),
        Platform::from_static("depot"),
    );
    let mut rules = RegistryRules::other(ecosystem.clone(), platform.clone());
    rules.tokens_may_add_owners = true;
    World::new(ecosystem, platform, now).with_rules(rules)
}

impl NamespaceSubject for RegistryOfTokens {
    fn world(&self, now: Timestamp) -> World {
        world_of_tokens(now)
    }

    fn open(&self, stage: Stage) -> Opened {
        let mut troubled = Troubled::on(stage);
        troubled.registry = troubled.registry.remembering();
        Opened::new(troubled)
    }

    fn offers(&self) -> Offers {
        Offers::everything().without_pages()
    }
}

#[test]
fn what_is_not_offered_is_said_and_not_checked() {
    struct Less;
    impl NamespaceSubject for Less {
        fn world(&self, now: Timestamp) -> World {
            World::pypi(now)
        }
        fn open(&self, stage: Stage) -> Opened {
            Opened::new(Troubled::on(stage))
        }
        fn offers(&self) -> Offers {
            Offers::everything()
                .without_reader_role()
                .without_organizations()
                .without_troubles(&[RegistryFault::Silent])
        }
    }
    let report = block_on(namespace_verifier(&Less));
    assert_eq!(
        report.not_offered,
        [
            "lists-readers-as-readers",
            "follows-renames",
            "keeps-a-record-of-owners",
            "shows-an-organization",
            "shows-what-is-not-withdrawn",
            "trouble-silent"
        ]
    );
    report.assert();
}

pub(crate) struct Stores;

impl StoreSubject for Stores {
    type Store = MemoryStore;

    fn open_within(&self, bounds: StoreBounds) -> MemoryStore {
        MemoryStore::bounded(bounds)
    }
}

auths_testkit::store_conformance!(Stores);

pub(crate) struct Guards;

impl ReplaySubject for Guards {
    type Guard = MemoryReplayGuard;

    fn open(&self) -> MemoryReplayGuard {
        MemoryReplayGuard::new()
    }
}

auths_testkit::replay_guard_conformance!(Guards);

pub(crate) struct Memories;

impl RevocationMemorySubject for Memories {
    type Memory = MemoryRevocations;

    fn open(&self) -> MemoryRevocations {
        MemoryRevocations::new()
    }
}

auths_testkit::revocation_memory_conformance!(Memories);

pub(crate) struct Links;

impl LinkStoreSubject for Links {
    type Links = MemoryLinks;

    fn open(&self) -> MemoryLinks {
        MemoryLinks::new()
    }
}

auths_testkit::link_store_conformance!(Links);

pub(crate) struct Pins;

impl PinSubject for Pins {
    type Pins = MemoryPins;

    fn open(&self) -> MemoryPins {
        MemoryPins::new()
    }
}

auths_testkit::pin_store_conformance!(Pins);

pub(crate) struct Keys;

impl KeyStoreSubject for Keys {
    type KeyStore = FakeKeyStore;

    fn open(&self) -> FakeKeyStore {
        FakeKeyStore::default()
    }
}

auths_testkit::keystore_conformance!(Keys);

/// The workflow's own context.
struct Contexts;

impl ContextSubject for Contexts {
    type Context = ClaimsContext;

    fn knowing(&self, claims: Vec<Signed<PlatformClaim>>) -> ClaimsContext {
        let links = claims.into_iter().map(|c| StoredLink::new(c, None));
        ClaimsContext::new(links.collect(), Vec::new())
    }
}

auths_testkit::platform_context_conformance!(Contexts);

#[test]
fn the_fake_context_keeps_the_contract_too() {
    struct Fake;
    impl ContextSubject for Fake {
        type Context = FailNext<FakeAccounts, Unavailable>;
        fn knowing(&self, claims: Vec<Signed<PlatformClaim>>) -> Self::Context {
            let accounts = FakeAccounts::default();
            for claim in claims {
                accounts.add(auths_core::evidence::LinkedAccount::new(claim, Vec::new()));
            }
            FailNext::new(accounts)
        }
        fn unreadable(&self, claims: Vec<Signed<PlatformClaim>>) -> Option<Self::Context> {
            let context = self.knowing(claims);
            context.fail_next(Unavailable::new(
                UnavailableReason::StoreFailed,
                "the disk is gone",
            ));
            Some(context)
        }
    }
    let report = block_on(platform_context(&Fake));
    assert_eq!(report.kept.len(), 3);
    report.assert();
}

/// The prover by statements, over the simulated registry.
#[derive(Debug)]
pub(crate) struct Statements;

pub(crate) fn later() -> Timestamp {
    "2026-03-01T00:00:00Z".parse().unwrap()
}

/// A world in which `login` published a package twice that says that `did` speaks for alice's account, long ago.
pub(crate) fn proof_world(login: &str, did: &Did) -> World {
    let mut world = World::pypi("2026-01-01T00:00:00Z".parse().unwrap());
    let session = world.sign_up(login).unwrap();
    let name = world.namespace("alice-auths").unwrap();
    let alice = "pypi:alice".parse().unwrap();
    for version in ["1.0", "1.1"] {
        let metadata = Metadata::new().speaking_for(did.clone(), &name, &alice);
        let published = world.publish(&session, "alice-auths", version, metadata);
        published.unwrap();
        world.wait(Duration::from_secs(10 * 86_400));
    }
    let left = later().since(world.now());
    world.wait(left);
    world
}

#[async_trait]
impl AccountSubject for Statements {
    fn account(&self) -> Account {
        "pypi:alice".parse().unwrap()
    }

    fn now(&self) -> Timestamp {
        later()
    }

    async fn open(&self, scene: &ProofScene, claim: &Signed<PlatformClaim>) -> Proving {
        let own = claim.did();
        let world = match scene {
            ProofScene::OfAnotherAccount => proof_world("mallory", own),
            ProofScene::OfAnotherDid(other) => proof_world("alice", other),
            ProofScene::Absent => World::pypi(later()),
            _ => proof_world("alice", own),
        };
        let origin: Origin = "https://registry.example".parse().unwrap();
        let registry = SimulatedRegistry::public(Arc::new(Mutex::new(world)), origin);
        if let ProofScene::InTrouble(trouble) = scene
            && let Some(why) = what_it_becomes(*trouble)
        {
            registry.fail_next(why.into());
        }
        let hint = ProofHint::Statement("pypi:alice-auths".parse().unwrap());
        let prover = match scene {
            ProofScene::InTrouble(RegistryFault::OldCopy) => {
                StatementProver::new(Platform::PYPI, Arc::new(Copied(registry)))
            }
            _ => StatementProver::new(Platform::PYPI, Arc::new(registry)),
        };
        Proving::new(prover, hint)
    }
}

/// A registry behind a cache, which answers with old copies.
#[derive(Debug)]
struct Copied(SimulatedRegistry);

#[async_trait]
impl NamespaceVerifier for Copied {
    fn ecosystem(&self) -> &Ecosystem {
        self.0.ecosystem()
    }

    fn origin(&self) -> &Origin {
        self.0.origin()
    }

    fn is_public(&self) -> bool {
        self.0.is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        let mut evidence = self.0.gather(query).await?;
        evidence.observed_at = query.now - RegistryFault::COPY_AGE;
        Ok(evidence)
    }
}

auths_testkit::account_prover_conformance!(Statements);

/// The fake verifier of ID tokens, for GitHub Actions.
pub(crate) struct CiTokens;

/// The fake takes no request to know its keys, so it pays for one as an adapter with a cold key set would.
#[derive(Debug)]
pub(crate) struct PayingTokens(FakeCiTokens);

#[async_trait]
impl CiTokenVerifier for PayingTokens {
    fn issuers(&self) -> &[CiIssuer] {
        self.0.issuers()
    }

    async fn read_token(&self, query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError> {
        let read = self.0.read_token(query).await;
        if read.is_ok() {
            query.budget.take_request()?;
        }
        read
    }
}

/// The reason for which a token with a flaw is refuted.
pub(crate) fn reason_of(flaw: TokenFlaw) -> RefutedReason {
    match flaw {
        TokenFlaw::OtherAlgorithm | TokenFlaw::Unsigned => RefutedReason::TokenAlgorithm,
        TokenFlaw::UnknownKey => RefutedReason::TokenKey,
        TokenFlaw::OtherKey | TokenFlaw::Changed => RefutedReason::TokenSignature,
        TokenFlaw::ClaimMissing(_) => RefutedReason::TokenClaimMissing,
        _ => RefutedReason::TokenClaimMalformed,
    }
}

impl CiTokenSubject for CiTokens {
    type Verifier = PayingTokens;

    fn open(&self) -> PayingTokens {
        PayingTokens(FakeCiTokens::new(vec![self.issuer()]))
    }

    fn open_without_keys(&self) -> Option<PayingTokens> {
        let verifier = self.open();
        let why = Unavailable::new(UnavailableReason::Network, "the keys are gone");
        verifier.0.lose_keys(why);
        Some(verifier)
    }

    fn issuer(&self) -> CiIssuer {
        CiIssuer::public(CiProvider::GitHubActions).unwrap()
    }

    fn sign(&self, verifier: &PayingTokens, scene: &TokenScene) -> SecretString {
        let evidence = scene.evidence.clone();
        match scene.flaw {
            Some(flaw) => verifier.0.issue_flawed(evidence, reason_of(flaw)),
            None => verifier.0.issue(evidence),
        }
    }

    fn required_claims(&self) -> Vec<&'static str> {
        vec!["jti", "repository_id"]
    }
}

auths_testkit::ci_token_verifier_conformance!(CiTokens);

/// The fake reader of environments, for GitHub Actions.
pub(crate) struct Environments;

/// Sets the state of an environment as a platform in that state would be read.
pub(crate) fn set_environment(
    environments: &FakeEnvironments,
    repository: NumericId,
    environment: &EnvironmentName,
    state: EnvironmentState,
) {
    let name = environment.clone();
    match state {
        EnvironmentState::Shown(protection) => environments.set(repository, name, Ok(protection)),
        EnvironmentState::InTrouble(RegistryFault::OldCopy) => {
            let (copy, age) = (Ok(EnvironmentState::guarded()), RegistryFault::COPY_AGE);
            environments.set_aged(repository, name, copy, age);
        }
        EnvironmentState::InTrouble(fault) => {
            let lost = Unavailable::missing_field("reviewers");
            let why = what_it_becomes(fault).unwrap_or(lost);
            environments.set(repository, name, Err(why));
        }
        _ => environments.remove(repository, &name),
    }
}

impl EnvironmentSubject for Environments {
    type Reader = FakeEnvironments;

    fn open(&self) -> FakeEnvironments {
        FakeEnvironments::new(self.issuer())
    }

    fn issuer(&self) -> CiIssuer {
        CiIssuer::public(CiProvider::GitHubActions).unwrap()
    }

    fn now(&self) -> Timestamp {
        later()
    }

    fn set(
        &self,
        reader: &FakeEnvironments,
        repository: NumericId,
        environment: &EnvironmentName,
        state: EnvironmentState,
    ) {
        set_environment(reader, repository, environment, state);
    }
}

auths_testkit::environment_reader_conformance!(Environments);

#[test]
fn a_failure_of_a_reader_of_environments_stands_in_its_evidence() {
    let reader = FailNext::new(Environments.open());
    let (id, name) = ("700".parse().unwrap(), "Prod".parse().unwrap());
    reader
        .inner()
        .set(id, "Prod".parse().unwrap(), Ok(EnvironmentState::guarded()));
    let query = EnvironmentQuery::new(Environments.issuer(), id, name, later());
    let why = Unavailable::new(UnavailableReason::Network, "the cable is cut");
    reader.fail_next(why.clone());
    assert_eq!(block_on(reader.read_checked(&query)).protection, Err(why));
    assert!(block_on(reader.read_checked(&query)).protection.is_ok());
}

#[test]
fn a_verifier_of_tokens_fails_when_it_is_told_to() {
    let tokens = FailNext::new(FakeCiTokens::new(vec![CiTokens.issuer()]));
    let now = "2026-11-21T08:46:00Z".parse().unwrap();
    let scene = TokenScene::new(&CiTokens.issuer(), now).unwrap();
    let query = CiTokenQuery::new(
        tokens.inner().issue(scene.evidence),
        "registry.example".parse().unwrap(),
        now,
    );
    let why = Unavailable::new(UnavailableReason::Timeout, "the key server hangs");
    tokens.fail_next(CiTokenError::from(why));
    assert!(block_on(tokens.verify(&query)).is_err());
    assert!(block_on(tokens.verify(&query)).is_ok());
}
