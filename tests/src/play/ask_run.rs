//! The ways in which a player asks with a CI run.

use std::sync::Arc;

use auths_core::ci::{CiIssuer, CiProvider, VerifiedCiToken};
use auths_core::claim::{Action, Actions, PlatformClaim, Signed};
use auths_core::decide::{Decision, DecisionInput, Revocations, RunProof, decide};
use auths_core::evidence::ObservedEvidence;
use auths_core::grant::{DenyList, GrantIssuer};
use auths_core::ports::{
    CiTokenQuery, CiTokenVerifierExt, EnvironmentQuery, EnvironmentReaderExt, LinkedAccountsQuery,
    NamespaceQuery, NamespaceVerifier, PlatformContext, ProofsToRead,
};
use auths_core::use_cases::{
    ClaimsContext, GrantDesk, PublishGate, PublishRequest, StoredLink, TokenUses, Verifier,
};
use auths_core::{Namespace, Outcome, Policy, SecretString};
use auths_testkit::doubles::CountingEntropy;
use auths_testkit::world::{Asked, CiRun, SimulatedEnvironments};
use futures_util::FutureExt;

use super::cast::Who;
use super::ci::CiMove;
use super::moves::Move;
use super::table::Table;
use super::tries::{Context, Found, Shows, Try, Way};
use crate::claims::key;

/// The audience of every ID token.
const AUDIENCE: &str = "registry.example";
const HUB: &str = "https://hub.example";

/// What a front end keeps when a run asks.
struct Kept {
    links: Vec<StoredLink>,
    signers: Vec<Who>,
}

impl Table {
    /// Asks with the newest run that a player has, and compares the answer with the truth.
    pub(super) fn ask_with_run(&mut self, question: &Try, policy: &Policy) -> Option<Found> {
        let namespace = question.package.run_namespace(self.home);
        let run = match self.live_run(question.who) {
            Some(run) => run,
            None => {
                self.start_again(question.who);
                self.live_run(question.who)?
            }
        };
        let (secret, token) = self.id_token(&run)?;
        let kept = self.kept(question.shows);
        let input = self.run_input(question, &namespace, token, &kept, policy)?;
        let decision = decide(&input, policy, self.now());
        let granted = match question.way {
            Way::Publish => Some(self.publish_with(secret, &namespace, &kept, policy)?),
            _ => None,
        };
        self.count_run(question, &run, &decision);
        // Pins and used tokens only ever refuse what a decision accepts.
        if granted == Some(true) && decision.outcome() != Outcome::Accepted {
            self.count("granted and not accepted");
        }
        let person = question.who.person();
        let claims: Vec<Signed<PlatformClaim>> =
            kept.links.iter().map(|link| link.claim.clone()).collect();
        let mut asked = Asked::of_run(&person, &run, policy.maturity());
        asked.platform_claims = &claims;
        asked.delegations = &self.delegations;
        asked.publishers = &self.publishers;
        let wrong = self
            .world()
            .find_wrong_yes(&asked, &decision, &self.given)?;
        let question = question.clone();
        Some(Found { question, wrong })
    }

    fn count_run(&mut self, question: &Try, run: &CiRun, decision: &Decision) {
        let outcome = decision.outcome();
        self.count(format!("way {:?}", question.way));
        self.count(format!("answer {outcome}"));
        self.count(format!("run {outcome}"));
        if outcome != Outcome::Accepted {
            return;
        }
        self.count(format!("accepted {:?}", question.way));
        let links = decision.chains().first().map(|chain| &chain.links);
        let kinds = links.into_iter().flatten().map(|link| link.kind.as_str());
        let kinds: Vec<&str> = kinds.collect();
        self.count(format!("chain {}", kinds.join(" ")));
        let world = self.world();
        let holder = world.holder_of_run(run);
        let owns =
            holder.is_some_and(|who| world.may_speak_for(&who, decision.namespace(), world.now()));
        drop(world);
        self.count(match owns {
            true => "run of an owner accepted",
            false => "run of another accepted",
        });
    }

    /// Returns the newest run of a player that has ID tokens.
    fn live_run(&self, who: Who) -> Option<CiRun> {
        let mut world = self.world();
        let audience = AUDIENCE.parse().ok()?;
        let own = self.runs.iter().rev().filter(|(whose, _)| *whose == who);
        let mut own = own.map(|(_, run)| run);
        own.find(|run| world.id_token(run, &audience).is_ok())
            .cloned()
    }

    /// Starts the newest run of a player again, as far as the world still allows it.
    fn start_again(&mut self, who: Who) {
        let mut started = self.started.iter().rev();
        let newest =
            started.find(|one| matches!(one, CiMove::StartRun { who: by, .. } if *by == who));
        if let Some(newest) = newest.cloned() {
            self.play(&Move::Ci(newest));
        }
    }

    /// Lets the platform issue an ID token of a run, and verifies it.
    fn id_token(&self, run: &CiRun) -> Option<(SecretString, Arc<VerifiedCiToken>)> {
        let audience: auths_core::ci::TokenAudience = AUDIENCE.parse().ok()?;
        let evidence = self.world().id_token(run, &audience).ok()?;
        let secret = self.tokens.issue(evidence);
        let query = CiTokenQuery::new(secret.clone(), audience, self.now());
        let verified = self.tokens.verify(&query).now_or_never()?.ok()?;
        Some((secret, Arc::new(verified)))
    }

    /// Returns what the front end keeps of those who signed rules and delegations.
    fn kept(&self, shows: Shows) -> Kept {
        let publishers = self.publishers.iter().map(Signed::did);
        let dids: Vec<_> = publishers
            .chain(self.delegations.iter().map(Signed::did))
            .collect();
        let signers = Who::ALL
            .into_iter()
            .filter(|who| dids.contains(&&who.did()));
        let signers: Vec<Who> = signers.collect();
        let mut links = Vec::new();
        for signer in &signers {
            for holder in shows.accounts.each().chain([*signer]) {
                let account = self.account_on(&self.home.platform(), holder);
                self.link_account(&mut links, *signer, account, shows);
            }
        }
        Kept { links, signers }
    }

    fn run_input(
        &self,
        question: &Try,
        namespace: &Namespace,
        token: Arc<VerifiedCiToken>,
        kept: &Kept,
        policy: &Policy,
    ) -> Option<DecisionInput> {
        let now = self.now();
        let publish = Actions::only(Action::Publish);
        let mut run = RunProof::new(token, namespace.clone(), publish);
        run.publishers.clone_from(&self.publishers);
        let (issuer, repository) = (
            run.identity().issuer().clone(),
            run.identity().repository().id,
        );
        if let Some(name) = run.identity().parts().environment.clone() {
            let query = EnvironmentQuery::new(issuer, repository, name, now);
            let seen = self.environments.read_checked(&query).now_or_never()?;
            run.environments.push(seen);
        }
        let mut input = DecisionInput::for_run(run);
        input.delegations.clone_from(&self.delegations);
        let list = Revocations::not_checked();
        let list = list.with("the verifier's list", Ok(self.given.revocations.clone()));
        input.revocations = list.naming(self.given.platform_claims.clone());
        // A device flow that the front end ran with a signer. A request for a grant has none.
        let shows_tokens = question.shows.tokens && question.way == Way::Run;
        let signers = kept.signers.iter().filter(|_| shows_tokens);
        let presented = signers.flat_map(|signer| self.present(*signer, *signer, policy));
        let context = Context {
            stored: ClaimsContext::new(kept.links.clone(), self.provers()),
            presented: presented.collect(),
        };
        let name = input.evidence_name();
        let accounts = kept.links.iter();
        let accounts = accounts.map(|link| link.claim.unverified().account.clone());
        let query = NamespaceQuery::new(name.clone(), now)
            .with_maturity(policy.maturity())
            .about(accounts.collect());
        let proofs = match self.registry.gather(&query).now_or_never()? {
            Ok(seen) => {
                input.evidence.push(ObservedEvidence::live(seen.clone()));
                ProofsToRead::LeadingTo(Arc::new(seen))
            }
            Err(error) => {
                input.unread.push(error.into_unavailable());
                ProofsToRead::None
            }
        };
        for did in input.dids() {
            let query = LinkedAccountsQuery::new(did, name.clone(), now, policy.maturity());
            let query = query.looking_for(proofs.clone());
            let read = context.accounts(&query);
            input.accounts.extend(read.now_or_never()?.ok()?);
        }
        Some(input)
    }

    /// Asks for a grant through the whole stack, and returns whether there was one.
    fn publish_with(
        &self,
        token: SecretString,
        namespace: &Namespace,
        kept: &Kept,
        policy: &Policy,
    ) -> Option<bool> {
        let verifier = Verifier::builder(HUB.parse().ok()?)
            .registry(self.registry.clone())
            .revocations(self.list.clone())
            .revocation_memory(self.memory.clone());
        let provers = self.provers().into_iter();
        // Statements are read by the verifier's own prover.
        let github = provers.last()?;
        let verifier = verifier
            .accounts(github)
            .without_challenges()
            .build()
            .ok()?;
        let (issuer, files) = (HUB.parse().ok()?, "https://files.hub.example".parse().ok()?);
        let entropy = Arc::new(CountingEntropy::default());
        let denied = DenyList::default();
        let grants = GrantIssuer::new(issuer, files, Arc::new(key(77)), entropy, denied);
        let uses = TokenUses::new(self.used.clone());
        let audience = AUDIENCE.parse().ok()?;
        let gate = PublishGate::new(audience, self.tokens.clone(), uses, self.pins.clone())
            .reading_environments(self.environments.clone());
        let desk = GrantDesk::new(gate, grants);
        let publish = Actions::only(Action::Publish);
        let mut request = PublishRequest::new(token, [namespace.clone()], publish);
        request.publishers.clone_from(&self.publishers);
        request.delegations.clone_from(&self.delegations);
        request.links.clone_from(&kept.links);
        let granted = verifier.publish(&desk, request, policy, self.now());
        Some(granted.now_or_never()?.is_ok())
    }
}

/// Returns the issuer of every ID token.
#[must_use]
#[expect(clippy::unwrap_used, reason = "it is known")]
pub(super) fn github() -> CiIssuer {
    CiIssuer::public(CiProvider::GitHubActions).unwrap()
}

/// Returns a reader of the environments of a table's world.
pub(super) fn environments(
    world: Arc<std::sync::Mutex<auths_testkit::world::World>>,
) -> Arc<SimulatedEnvironments> {
    Arc::new(SimulatedEnvironments::new(world, github()))
}
