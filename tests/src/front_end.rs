//! A front end that hands out grants to CI runs, over the simulated world, for tests of attacks.

#![expect(
    clippy::unwrap_used,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    reason = "a move that the world refuses fails its test"
)]

use std::sync::{Arc, Mutex, MutexGuard};

use auths_core::ci::{
    CiIssuer, CiProvider, CiTokenEvidence, PublisherRule, PublisherRuleFields, TokenAudience,
};
use auths_core::claim::{
    Action, Actions, Delegation, Revocation, RevocationTarget, Signed, SigningRequest,
    TrustedPublisher,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::{Decision, DecisionInput, Revocations, RunProof, decide};
use auths_core::evidence::ObservedEvidence;
use auths_core::grant::{DenyList, GrantIssuer, GrantVerifier};
use auths_core::ports::{
    CiTokenQuery, CiTokenVerifierExt, EnvironmentQuery, EnvironmentReaderExt, GistHint,
    LinkedAccountsQuery, MemoryPins, MemoryReplayGuard, NamespaceQuery, NamespaceVerifier,
    PinStore, PlatformContext, ProofHint, ProofsToRead, PublishedRevocations, ReplayGuard,
    RevocationList,
};
use auths_core::use_cases::{
    ClaimsContext, GrantDesk, PublishError, PublishGate, PublishGrant, PublishRequest, StoredLink,
    TokenUses, Verifier,
};
use auths_core::{Namespace, Platform, Policy, SecretString};
use auths_testkit::block_on;
use auths_testkit::doubles::{CountingEntropy, FakeCiTokens};
use auths_testkit::scenes::{DAY, Link};
use auths_testkit::world::{
    Asked, CiRun, Credential, Given, Metadata, Person, RunPlan, Session, SimulatedEnvironments,
    SimulatedPlatform, SimulatedRegistry, Workflow, World, WrongYes,
};

use crate::claims::{did, key, sign};

/// The front end, as the issuer of grants.
pub const HUB: &str = "https://hub.example";
/// The place where files are uploaded, as the audience of grants.
pub const FILES: &str = "https://files.hub.example";

/// A world with alice's package and repository, and a front end that hands out grants.
#[derive(Debug)]
pub struct Stage {
    world: Arc<Mutex<World>>,
    /// The registry, as the front end reads it.
    pub registry: Arc<SimulatedRegistry>,
    /// The prover of accounts of GitHub.
    pub prover: Arc<SimulatedPlatform>,
    environments: Arc<SimulatedEnvironments>,
    /// The verifier of ID tokens.
    pub tokens: Arc<FakeCiTokens>,
    /// The pins.
    pub pins: Arc<MemoryPins>,
    /// The record of used tokens.
    pub used: Arc<MemoryReplayGuard>,
    /// The revocations that the front end consults.
    pub list: Arc<RevocationList>,
    given: Mutex<Given>,
    /// Alice's session on GitHub.
    pub hub: Session,
    /// Alice's session on the registry.
    pub alice: Session,
    /// The workflow of `alice/six`.
    pub workflow: Workflow,
}

/// What the front end keeps, beside the rules.
#[derive(Debug, Default)]
pub struct Kept {
    /// The delegations.
    pub delegations: Vec<Signed<Delegation>>,
    /// The accounts, each with the gist that proves it.
    pub links: Vec<Link>,
}

/// Creates the world in which alice owns `six` on PyPI, which names her DID over two releases a week apart, and has the repository `alice/six`.
#[must_use]
pub fn on_pypi() -> Stage {
    Stage::new(World::pypi, true)
}

/// Creates the world in which alice owns `six` on npm, which names her DID, and has the repository `alice/six`.
#[must_use]
pub fn on_npm() -> Stage {
    Stage::new(World::npm, true)
}

/// Creates the world in which alice administers `acme` on GitHub, and has the repository `alice/six`.
#[must_use]
pub fn on_github() -> Stage {
    Stage::new(World::github, false)
}

impl Stage {
    fn new(home: impl FnOnce(auths_core::Timestamp) -> World, publishes: bool) -> Self {
        let mut world = home("2026-01-01T00:00:00Z".parse().unwrap());
        for (name, byte) in [("alice", 1), ("bob", 2), ("mallory", 66)] {
            world.make_key(name, did(&key(byte)));
        }
        let alice = world.sign_up("alice").unwrap();
        let at_home = *world.platform() == Platform::GITHUB;
        let hub = match at_home {
            true => alice.clone(),
            false => world.sign_up_on(&Platform::GITHUB, "alice").unwrap(),
        };
        let workflow = world.create_repository(&hub, "alice/six").unwrap();
        if at_home {
            world.create_org(&alice, "acme").unwrap();
        }
        let world = Arc::new(Mutex::new(world));
        let origin = "https://registry.example".parse().unwrap();
        let registry = SimulatedRegistry::public(world.clone(), origin).showing_publishers();
        let stage = Self {
            registry: Arc::new(registry),
            prover: Arc::new(SimulatedPlatform::new(world.clone())),
            environments: Arc::new(SimulatedEnvironments::new(world.clone(), github())),
            tokens: Arc::new(FakeCiTokens::new(vec![github(), ghes()])),
            pins: Arc::default(),
            used: Arc::default(),
            list: Arc::new(RevocationList::new("the front end's list")),
            given: Mutex::new(Given::nothing()),
            world,
            hub,
            alice,
            workflow,
        };
        if publishes {
            for version in ["1.0.0", "1.1.0"] {
                stage.release(&stage.alice, version, &[&key(1)]);
                stage.wait_days(8);
            }
        }
        stage
    }

    /// Returns the world itself.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Lets days pass.
    pub fn wait_days(&self, days: u32) {
        self.world().wait(DAY * days);
    }

    /// Returns the namespace of alice's package.
    #[must_use]
    pub fn six(&self) -> Namespace {
        self.world().namespace("six").unwrap()
    }

    /// Publishes a release of `six` that names these keys.
    pub fn release<'a>(&self, by: impl Into<Credential<'a>>, version: &str, named: &[&KeyPair]) {
        let six = self.six();
        let metadata = match named {
            [] => Metadata::new(),
            _ => Metadata::new().naming(named.iter().map(|key| did(key)), &six),
        };
        self.world().publish(by, "six", version, metadata).unwrap();
    }

    /// Makes an account of GitHub.
    pub fn on_hub(&self, login: &str) -> Session {
        self.world().sign_up_on(&Platform::GITHUB, login).unwrap()
    }

    /// Makes an account of GitHub that may write to `alice/six`.
    pub fn writer(&self, login: &str) -> Session {
        let writer = self.on_hub(login);
        let mut world = self.world();
        world
            .set_writer(&self.hub, &self.workflow, login, true)
            .unwrap();
        writer
    }

    /// Starts a run of `alice/six`, as its workflow is.
    pub fn run(&self, by: &Session) -> CiRun {
        self.run_of(by, &self.workflow)
    }

    /// Starts a run of a workflow, as it is.
    pub fn run_of(&self, by: &Session, workflow: &Workflow) -> CiRun {
        self.world().start_run(by, workflow, &push()).unwrap()
    }

    /// Signs a rule for the runs of a repository, by the numbers that it has now.
    #[must_use]
    pub fn rule(
        &self,
        by: &KeyPair,
        workflow: &Workflow,
        name: &Namespace,
        change: impl FnOnce(&mut PublisherRuleFields),
    ) -> Signed<TrustedPublisher> {
        let mut world = self.world();
        let (id, repository, owner) = world.shown_repository(workflow).unwrap();
        let number = |id: u64| id.to_string().parse().unwrap();
        let mut fields = PublisherRuleFields::new(
            github().url,
            number(id),
            number(owner),
            repository.parse().unwrap(),
            world.workflow_file(workflow).unwrap().parse().unwrap(),
        );
        change(&mut fields);
        let rule = PublisherRule::new(fields).unwrap();
        let publish = Actions::only(Action::Publish);
        let body = TrustedPublisher::new(rule, [name.clone()], publish);
        let signed = sign(SigningRequest::new(body, world.now()), by);
        world.record_publisher(&signed);
        signed
    }

    /// Signs alice's rule for the runs of `alice/six`.
    #[must_use]
    pub fn owners_rule(&self) -> Signed<TrustedPublisher> {
        self.rule(&key(1), &self.workflow, &self.six(), |_| {})
    }

    /// Revokes with a key. The front end is given the revocation.
    pub fn revoke(&self, by: &KeyPair, what: RevocationTarget) {
        let now = self.world().now();
        let revocation = sign(SigningRequest::new(Revocation::new(what), now), by);
        let mut given = self.given.lock().unwrap();
        given.revocations.push(revocation);
        let all = given.revocations.clone();
        self.list.publish(PublishedRevocations::new(all));
    }

    /// Returns what the platform puts into an ID token of a run.
    #[must_use]
    pub fn evidence(&self, run: &CiRun) -> CiTokenEvidence {
        self.world().id_token(run, &audience()).unwrap()
    }

    /// Returns an ID token of a run.
    #[must_use]
    pub fn token(&self, run: &CiRun) -> SecretString {
        self.tokens.issue(self.evidence(run))
    }

    /// Decides about a run, and fails the test where a yes is wrong by what the one who has the run really holds.
    pub fn answer(
        &self,
        run: &CiRun,
        name: &Namespace,
        rules: &[Signed<TrustedPublisher>],
        kept: &Kept,
        policy: &Policy,
    ) -> Decision {
        let decision = self.decide(&self.token(run), name, rules, kept, policy);
        let wrong = self.judge(&self.world(), run, &decision, rules, kept, policy);
        assert!(wrong.is_none(), "{wrong:?}");
        decision
    }

    /// Decides about a run for `six` under the default policy, as [`answer`](Self::answer) does.
    pub fn default_answer(&self, run: &CiRun, rules: &[Signed<TrustedPublisher>]) -> Decision {
        let policy = Policy::standard();
        self.answer(run, &self.six(), rules, &Kept::default(), &policy)
    }

    /// Compares an answer to a run with the truth of a world.
    pub fn judge(
        &self,
        world: &World,
        run: &CiRun,
        decision: &Decision,
        rules: &[Signed<TrustedPublisher>],
        kept: &Kept,
        policy: &Policy,
    ) -> Option<WrongYes> {
        let person: Person = world.holder_of_run(run).unwrap();
        let claims: Vec<_> = kept.links.iter().map(|(claim, _)| claim.clone()).collect();
        let mut asked = Asked::of_run(&person, run, policy.maturity());
        asked.publishers = rules;
        asked.delegations = &kept.delegations;
        asked.platform_claims = &claims;
        world.find_wrong_yes(&asked, decision, &self.given.lock().unwrap())
    }

    /// Decides about whoever presents a token.
    pub fn decide(
        &self,
        token: &SecretString,
        name: &Namespace,
        rules: &[Signed<TrustedPublisher>],
        kept: &Kept,
        policy: &Policy,
    ) -> Decision {
        let now = self.world().now();
        let query = CiTokenQuery::new(token.clone(), audience(), now);
        let token = Arc::new(block_on(self.tokens.verify(&query)).unwrap());
        let publish = Actions::only(Action::Publish);
        let mut run = RunProof::new(token, name.clone(), publish);
        run.publishers = rules.to_vec();
        let identity = run.identity().clone();
        if let Some(named) = identity.parts().environment.clone() {
            let (issuer, id) = (identity.issuer().clone(), identity.repository().id);
            let query = EnvironmentQuery::new(issuer, id, named, now);
            run.environments
                .push(block_on(self.environments.read_checked(&query)));
        }
        let mut input = DecisionInput::for_run(run);
        input.delegations.clone_from(&kept.delegations);
        let revocations = self.given.lock().unwrap().revocations.clone();
        input.revocations = Revocations::not_checked().with("the list", Ok(revocations));
        let query = NamespaceQuery::new(input.evidence_name(), now);
        let seen = block_on(self.registry.gather(&query)).unwrap();
        input.evidence.push(ObservedEvidence::live(seen.clone()));
        let seen = Arc::new(seen);
        let context = ClaimsContext::new(self.stored(kept), vec![self.prover.clone()]);
        for did in input.dids() {
            let query =
                LinkedAccountsQuery::new(did, input.evidence_name(), now, policy.maturity());
            let query = query.looking_for(ProofsToRead::LeadingTo(seen.clone()));
            input
                .accounts
                .extend(block_on(context.accounts(&query)).unwrap());
        }
        decide(&input, policy, now)
    }

    fn stored(&self, kept: &Kept) -> Vec<StoredLink> {
        let links = kept.links.iter().map(|(claim, gist)| {
            let hint = gist
                .as_ref()
                .map(|id| ProofHint::Gist(GistHint::new(id.as_str())));
            StoredLink::new(claim.clone(), hint)
        });
        links.collect()
    }

    /// Asks for a grant with a run, by the whole stack.
    pub fn grant(
        &self,
        run: &CiRun,
        rules: &[Signed<TrustedPublisher>],
    ) -> Result<PublishGrant, PublishError> {
        let policy = Policy::standard();
        self.grant_for(
            &self.token(run),
            &[self.six()],
            rules,
            &Kept::default(),
            &policy,
        )
    }

    /// Asks for a grant with a token.
    pub fn grant_for(
        &self,
        token: &SecretString,
        names: &[Namespace],
        rules: &[Signed<TrustedPublisher>],
        kept: &Kept,
        policy: &Policy,
    ) -> Result<PublishGrant, PublishError> {
        let desk = self.desk(self.used.clone());
        self.grant_at(&desk, token, names, rules, kept, policy)
    }

    /// Asks for a grant at a desk of its own.
    pub fn grant_at(
        &self,
        desk: &GrantDesk,
        token: &SecretString,
        names: &[Namespace],
        rules: &[Signed<TrustedPublisher>],
        kept: &Kept,
        policy: &Policy,
    ) -> Result<PublishGrant, PublishError> {
        let publish = Actions::only(Action::Publish);
        let mut request = PublishRequest::new(token.clone(), names.iter().cloned(), publish);
        request.publishers = rules.to_vec();
        request.delegations.clone_from(&kept.delegations);
        request.links = self.stored(kept);
        let now = self.world().now();
        block_on(self.verifier().publish(desk, request, policy, now))
    }

    /// Returns the verifier of the front end.
    #[must_use]
    pub fn verifier(&self) -> Verifier {
        let memory = auths_core::ports::MemoryRevocations::new();
        Verifier::builder(HUB.parse().unwrap())
            .registry(self.registry.clone())
            .accounts(self.prover.clone())
            .revocations(self.list.clone())
            .revocation_memory(memory)
            .without_challenges()
            .build()
            .unwrap()
    }

    /// Returns a desk with this record of used tokens.
    #[must_use]
    pub fn desk(&self, used: Arc<dyn ReplayGuard>) -> GrantDesk {
        let (issuer, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
        let entropy = Arc::new(CountingEntropy::default());
        let grants = GrantIssuer::new(
            issuer,
            files,
            Arc::new(key(77)),
            entropy,
            DenyList::default(),
        );
        let uses = TokenUses::new(used);
        let gate = PublishGate::new(audience(), self.tokens.clone(), uses, self.pins.clone())
            .reading_environments(self.environments.clone());
        GrantDesk::new(gate, grants)
    }

    /// Returns what accepts grants at the place where files are uploaded.
    #[must_use]
    pub fn files(&self) -> GrantVerifier {
        let (issuer, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
        let pins: Arc<dyn PinStore> = self.pins.clone();
        GrantVerifier::new(issuer, files, [did(&key(77))], pins, DenyList::default())
    }
}

/// Returns the audience of every ID token.
#[must_use]
pub fn audience() -> TokenAudience {
    "registry.example".parse().unwrap()
}

/// Returns the issuer of the world's ID tokens.
#[must_use]
pub fn github() -> CiIssuer {
    CiIssuer::public(CiProvider::GitHubActions).unwrap()
}

/// Returns the issuer of a GitHub that somebody else runs.
#[must_use]
pub fn ghes() -> CiIssuer {
    let url = "https://ghes.example/_services/token".parse().unwrap();
    CiIssuer::new(CiProvider::GitHubActions, url)
}

/// Returns the plan of a push to the default branch.
#[must_use]
pub fn push() -> RunPlan {
    RunPlan::new("push".parse().unwrap(), "refs/heads/main".parse().unwrap())
}
