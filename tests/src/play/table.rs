//! The state of play: the world, what every player holds, and what the verifier was given.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use auths_core::claim::{
    Delegation, KeyRing, Observation, PlatformClaim, Revocation, RevocationTarget, Signed,
    SigningRequest, TrustedPublisher,
};
use auths_core::evidence::SourceRepository;
use auths_core::ports::{
    MemoryPins, MemoryReplayGuard, MemoryRevocations, PublishedRevocations, RevocationList,
};
use auths_core::use_cases::{RevocableParts, collect_revocations};
use auths_core::{Account, Bundle, Platform, Timestamp};
use auths_testkit::doubles::FakeCiTokens;
use auths_testkit::world::{
    CiRun, Credential, Given, Grant, Metadata, Refused, Session, SimulatedEnvironments,
    SimulatedPlatform, SimulatedRegistry, Token, Workflow, World,
};
use futures_util::FutureExt;

use super::ask_run::{environments, github};
use super::cast::{Home, Package, Players, Who};
use super::ci::CiMove;
use super::moves::{Revokes, Scope, With};
use crate::claims::{did, sign};
use auths_testkit::scenes::{APP, DAY};

/// A stolen thing that a player can act with.
#[derive(Debug, Clone)]
pub(super) enum Loot {
    Session(Session),
    Token(Token),
    Workflow(Workflow),
}

/// The state of one sequence.
#[derive(Debug)]
pub struct Table {
    /// The registry that the sequence is played on.
    pub home: Home,
    world: Arc<Mutex<World>>,
    pub(super) registry: Arc<SimulatedRegistry>,
    pub(super) prover: Arc<SimulatedPlatform>,
    pub(super) sessions: BTreeMap<(Who, Platform), Session>,
    pub(super) repositories: BTreeMap<Who, Workflow>,
    pub(super) stolen: Vec<(Who, Loot)>,
    pub(super) stolen_keys: BTreeSet<(Who, Who)>,
    /// The tokens that device flows gave, with the player whose flow it was.
    pub(super) approvals: Vec<(Who, Token)>,
    /// The claims that were put into gists: the player whose key signed each, and the gist.
    pub(super) gists: Vec<(Who, Signed<PlatformClaim>, String)>,
    pub(super) delegations: Vec<Signed<Delegation>>,
    /// The rules for CI runs that were signed.
    pub(super) publishers: Vec<Signed<TrustedPublisher>>,
    /// The runs that were started or got into, with the player who has the ID tokens.
    pub(super) runs: Vec<(Who, CiRun)>,
    /// The moves that started a run.
    pub(super) started: Vec<CiMove>,
    /// The verifier of ID tokens.
    pub(super) tokens: Arc<FakeCiTokens>,
    pub(super) environments: Arc<SimulatedEnvironments>,
    /// The pins of the front end that hands out grants.
    pub(super) pins: Arc<MemoryPins>,
    /// The ID tokens that were used.
    pub(super) used: Arc<MemoryReplayGuard>,
    /// All that the verifier was given so far.
    pub(super) given: Given,
    /// The verifier's own list of revocations.
    pub(super) list: Arc<RevocationList>,
    /// The verifier's memory of revocations.
    pub(super) memory: Arc<MemoryRevocations>,
    /// The bundles that were shown before.
    pub(super) bundles: Vec<Bundle>,
    /// The observations that the trusted observer signed.
    pub(super) observations: Vec<Signed<Observation>>,
    /// The number of times that each thing was done.
    pub tally: BTreeMap<String, u64>,
    published: u32,
    pub(super) asked: u64,
}

impl Table {
    /// Creates the world before the first move: alice owns two old packages, and everybody has accounts and a repository.
    #[must_use]
    #[expect(
        clippy::unwrap_used,
        reason = "the world before the first move is always the same"
    )]
    pub fn new(home: Home) -> Self {
        let mut world = home.world("2026-01-01T00:00:00Z".parse().unwrap());
        world.register_app(APP, true);
        let platform = home.platform();
        let (mut sessions, mut repositories) = (BTreeMap::new(), BTreeMap::new());
        for who in Who::ALL {
            let (person, login) = (who.person(), who.login());
            for on in BTreeSet::from([platform.clone(), Platform::GITHUB]) {
                let session = world.sign_up_as(person.clone(), &on, login).unwrap();
                sessions.insert((who, on), session);
            }
            let github = &sessions[&(who, Platform::GITHUB)];
            let repository = world.create_repository(github, &format!("{login}/repo"));
            repositories.insert(who, repository.unwrap());
            for key in [who.key(), who.recovery_key()] {
                world.make_key(person.clone(), did(key));
            }
        }
        let alice = sessions[&(Who::Alice, platform.clone())].clone();
        if home != Home::PyPi {
            world.create_org(&alice, "acme").unwrap();
        }
        if home == Home::CratesIo {
            world.set_team(&alice, "acme", "core", &["alice"]).unwrap();
        }
        if home != Home::GitHub {
            for version in ["0.1.0", "0.2.0"] {
                for package in [Package::Crown, Package::Toy] {
                    let name = package.name(home);
                    world
                        .publish(&alice, &name, version, Metadata::new())
                        .unwrap();
                }
                world.wait(400 * DAY);
            }
        }
        let world = Arc::new(Mutex::new(world));
        let origin = "https://registry.example".parse().unwrap();
        let registry = SimulatedRegistry::public(world.clone(), origin);
        let registry = registry.remembering().showing_provenance();
        let registry = registry.showing_publishers();
        let environments = environments(world.clone());
        let prover = SimulatedPlatform::new(world.clone()).with_app(APP);
        Self {
            home,
            world,
            registry: Arc::new(registry),
            prover: Arc::new(prover),
            sessions,
            repositories,
            stolen: Vec::new(),
            stolen_keys: BTreeSet::new(),
            approvals: Vec::new(),
            gists: Vec::new(),
            delegations: Vec::new(),
            publishers: Vec::new(),
            runs: Vec::new(),
            started: Vec::new(),
            tokens: Arc::new(FakeCiTokens::new(vec![github()])),
            environments,
            pins: Arc::default(),
            used: Arc::default(),
            given: Given::nothing(),
            list: Arc::new(RevocationList::new("the verifier's list")),
            memory: Arc::default(),
            bundles: Vec::new(),
            observations: Vec::new(),
            tally: BTreeMap::new(),
            published: 0,
            asked: 0,
        }
    }

    /// Returns the world itself.
    #[expect(clippy::unwrap_used, reason = "a poisoned world is a panic of its own")]
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world().now()
    }

    pub(super) fn next_version(&mut self) -> String {
        self.published += 1;
        format!("{}.0.0", self.published)
    }

    /// Returns a player's session on the registry.
    pub(super) fn session(&self, who: Who) -> Result<Session, Refused> {
        let session = self.sessions.get(&(who, self.home.platform()));
        session.cloned().ok_or(Refused::Dead)
    }

    /// Returns a player's session on GitHub.
    pub(super) fn github(&self, who: Who) -> Result<Session, Refused> {
        let session = self.sessions.get(&(who, Platform::GITHUB));
        session.cloned().ok_or(Refused::Dead)
    }

    pub(super) fn repository(&self, of: Who) -> Result<Workflow, Refused> {
        self.repositories
            .get(&of)
            .cloned()
            .ok_or(Refused::UnknownThing)
    }

    /// Returns the player's present account, or its last name.
    pub(super) fn account_on(&self, platform: &Platform, who: Who) -> Account {
        let session = self.sessions.get(&(who, platform.clone()));
        let shown = session.and_then(|s| self.world().account_of_session(s).ok());
        shown.unwrap_or_else(|| self.named_on(platform, who))
    }

    /// Returns the account that has the player's first login now, whoever owns it.
    #[expect(clippy::unwrap_used, reason = "every login is one on its platform")]
    pub(super) fn named_on(&self, platform: &Platform, who: Who) -> Account {
        let world = self.world();
        let state = world.account_by_login(platform, who.login());
        let shown = state.and_then(|state| world.account(state.id()));
        shown.unwrap_or_else(|| Account::parse_login(platform.clone(), who.login()).unwrap())
    }

    pub(super) fn login_of(&self, who: Who) -> String {
        let account = self.account_on(&self.home.platform(), who);
        account.login().as_str().to_owned()
    }

    pub(super) fn github_login(&self, who: Who) -> String {
        self.account_on(&Platform::GITHUB, who)
            .login()
            .as_str()
            .to_owned()
    }

    /// Returns a claim that a key signs now.
    pub(super) fn link(&self, key_of: Who, account: Account) -> Signed<PlatformClaim> {
        let request = SigningRequest::new(PlatformClaim::new(account, None), self.now());
        sign(request, key_of.key())
    }

    /// Returns the release of a package that was published last, or first.
    pub(super) fn edge(&self, package: Package, last: bool) -> Result<String, Refused> {
        let world = self.world();
        let project = world.project(&package.namespace(self.home));
        let releases = project.ok_or(Refused::UnknownProject)?.releases();
        let found = if last {
            releases.last()
        } else {
            releases.first()
        };
        let found = found.ok_or(Refused::UnknownRelease)?;
        Ok(found.version().to_owned())
    }

    pub(super) fn metadata(
        &self,
        package: Package,
        names: Players,
        speaks_for: Option<Who>,
        typed: Option<Who>,
    ) -> Metadata {
        let mut metadata = Metadata::new();
        let namespace = package.namespace(self.home);
        if let Some(who) = speaks_for {
            let account = self.account_on(&self.home.platform(), who);
            for did in names.each().map(Who::did) {
                metadata = metadata.speaking_for(did, &namespace, &account);
            }
        } else if names.0 != 0 {
            metadata = metadata.naming(names.each().map(Who::did), &namespace);
        }
        match typed {
            Some(who) => {
                let owner = self.github_login(who);
                let repository = SourceRepository::new(Platform::GITHUB, owner, "repo");
                metadata.from_repository(repository)
            }
            None => metadata,
        }
    }

    pub(super) fn publish(
        &mut self,
        who: Who,
        with: With,
        package: Package,
        version: &str,
        metadata: Metadata,
    ) -> Result<(), Refused> {
        let name = package.name(self.home);
        self.with(who, with, |world, by| {
            world.publish(by, &name, version, metadata)
        })
    }

    /// Makes a move with the credential that the player means to use.
    pub(super) fn with(
        &self,
        who: Who,
        with: With,
        step: impl FnOnce(&mut World, Credential<'_>) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        self.with_id(who, with, step)
    }

    /// Makes a move, and returns what it made.
    pub(super) fn with_id<T>(
        &self,
        who: Who,
        with: With,
        step: impl FnOnce(&mut World, Credential<'_>) -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        match with {
            With::Own => {
                let session = self.session(who)?;
                step(&mut self.world(), (&session).into())
            }
            With::Stolen(nth) => {
                let mut own = self.stolen.iter().rev().filter(|(thief, _)| *thief == who);
                let (_, loot) = own.nth(usize::from(nth)).ok_or(Refused::Dead)?;
                let by = match loot {
                    Loot::Session(session) => session.into(),
                    Loot::Token(token) => token.into(),
                    Loot::Workflow(workflow) => workflow.into(),
                };
                step(&mut self.world(), by)
            }
            With::Workflow(of) if of == who => {
                let workflow = self.repository(of)?;
                step(&mut self.world(), (&workflow).into())
            }
            With::Workflow(of) => {
                let (workflow, session) = (self.repository(of)?, self.github(who)?);
                let mut world = self.world();
                let run = world.run_as_writer(&session, &workflow)?;
                step(&mut world, (&run).into())
            }
        }
    }

    pub(super) fn steal_token(&mut self, who: Who, from: Who, scope: Scope) -> Result<(), Refused> {
        let (session, github) = (self.session(from)?, self.github(from)?);
        let home = self.home;
        let mut world = self.world();
        let token = match scope {
            Scope::One(package) => {
                let name = package.name(home);
                world.create_token(&session, Some(&name))?
            }
            Scope::All => world.create_token(&session, None)?,
            Scope::Gists => world.create_token_for(&github, &[Grant::Gist], None)?,
            Scope::Organisations => world.create_token_for(&github, &[Grant::AdminOrg], None)?,
        };
        let stolen = world.steal_token(who.person(), &token)?;
        drop(world);
        self.stolen.push((who, Loot::Token(stolen)));
        Ok(())
    }

    pub(super) fn end_thefts(&mut self, who: Who) -> Result<(), Refused> {
        for platform in [self.home.platform(), Platform::GITHUB] {
            let key = (who, platform);
            let Some(session) = self.sessions.get(&key) else {
                continue;
            };
            let session = self.world().end_sessions(session)?;
            for (_, loot) in &self.stolen {
                if let Loot::Token(token) = loot {
                    // Another player's token is not revoked.
                    drop(self.world().revoke_token(&session, token));
                }
            }
            self.sessions.insert(key, session);
        }
        Ok(())
    }

    /// Returns what a player can revoke of its own.
    pub(super) fn revocable(&self, who: Who, what: Revokes) -> Vec<RevocationTarget> {
        let own = who.did();
        match what {
            Revokes::Did => vec![RevocationTarget::Did(own)],
            Revokes::Delegation => {
                let newest = self.delegations.iter().rfind(|d| *d.did() == own);
                newest
                    .map(|d| RevocationTarget::Claim(d.id().clone()))
                    .into_iter()
                    .collect()
            }
            Revokes::Accounts => {
                let claims = self
                    .given
                    .platform_claims
                    .iter()
                    .filter(|c| *c.did() == own);
                let gists = self.gists.iter().filter(|(key, ..)| *key == who);
                let signed = claims.chain(gists.map(|(_, claim, _)| claim));
                signed
                    .map(|claim| RevocationTarget::Claim(claim.id().clone()))
                    .collect()
            }
        }
    }

    /// Gives the verifier a revocation.
    pub(super) fn give_revocation(&mut self, revocation: Signed<Revocation>) {
        self.list
            .publish(PublishedRevocations::new([revocation.clone()]));
        self.given.revocations.push(revocation);
    }

    /// Shows the verifier a claim of an account.
    pub(super) fn shown(&mut self, claim: &Signed<PlatformClaim>) {
        let known = self
            .given
            .platform_claims
            .iter()
            .any(|c| c.id() == claim.id());
        if !known {
            self.given.platform_claims.push(claim.clone());
        }
        let (keys, now) = (KeyRing::intrinsic(), self.now());
        let revocable = RevocableParts::claim(claim);
        drop(
            collect_revocations(&[&*self.list], &*self.memory, &revocable, &keys, now)
                .now_or_never(),
        );
    }

    /// Counts something that was done.
    pub(super) fn count(&mut self, what: impl Into<String>) {
        *self.tally.entry(what.into()).or_default() += 1;
    }
}

impl Table {
    /// Returns the tokens that a player stole.
    pub(super) fn stolen_tokens(&self, who: Who) -> Vec<Token> {
        let own = self.stolen.iter().filter(|(thief, _)| *thief == who);
        let tokens = own.filter_map(|(_, loot)| match loot {
            Loot::Token(token) => Some(token.clone()),
            _ => None,
        });
        tokens.collect()
    }
}

impl Table {
    /// Returns the number of decided answers.
    #[must_use]
    pub fn decided(&self) -> u64 {
        let answers = self
            .tally
            .iter()
            .filter(|(what, _)| what.starts_with("answer "));
        answers.map(|(_, times)| times).sum()
    }
}
