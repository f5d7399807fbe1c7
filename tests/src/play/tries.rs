//! The ways in which a player asks to speak for a name.

use std::sync::Arc;
use std::time::Duration;

use auths_core::claim::{
    Action, Actions, Audience, Incarnation, KeyRing, NamespaceClaim, Observation, PlatformClaim,
    ProofExpectation, Signed, SigningRequest,
};
use auths_core::crypto::KeyPair;
use auths_core::decide::{Decision, NotAccepted, Revocations};
use auths_core::evidence::{
    AccountEvidence, AccountProof, Evidence, LinkedAccount, NamespaceEvidence, ObservedEvidence,
};
use auths_core::ports::{
    AccountProofQuery, AccountProver, Entropy, EntropyError, GistHint, LinkedAccountsQuery,
    MemoryReplayGuard, NamespaceQuery, NamespaceVerifier, PlatformContext, ProofHint,
    RevocationSource, prover_of,
};
use auths_core::use_cases::{
    Challenges, ClaimNamespace, ClaimRequest, ClaimsContext, RevocableParts, StatementProver,
    StoredLink, VerifyOptions, collect_revocations, verify_live, verify_offline,
};
use auths_core::{
    Account, Bundle, Did, Namespace, Outcome, Platform, Policy, Timestamp, Unavailable,
};
use auths_testkit::world::{Asked, WrongYes};
use futures_util::FutureExt;

use super::cast::{Home, Package, Players, Rule, Who, observer};
use super::table::Table;
use crate::claims::sign;

/// The use case of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// A claim to the name, as a holder makes it.
    Claim,
    /// A bundle, whose evidence the verifier reads again.
    Live,
    /// A bundle that answers the verifier's challenge, once.
    Challenge,
    /// A bundle with what the trusted observer signed now.
    Offline,
    /// A bundle with what the trusted observer signed before.
    OfflineOld,
    /// A bundle with what the player signed itself.
    OfflineOwn,
    /// A bundle that was shown before, by anybody.
    Replay,
    /// A CI run, with what a front end keeps: the answer alone.
    Run,
    /// A CI run that asks for a grant, by the whole stack.
    Publish,
}

impl Way {
    /// All ways.
    pub const ALL: [Self; 9] = [
        Self::Claim,
        Self::Live,
        Self::Challenge,
        Self::Offline,
        Self::OfflineOld,
        Self::OfflineOwn,
        Self::Replay,
        Self::Run,
        Self::Publish,
    ];
}

/// The parts that are put into a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shows {
    /// The players whose accounts it says it holds.
    pub accounts: Players,
    /// The packages that prove them, one bit each of [`Package::ALL`]; none for typed names alone.
    pub packages: u8,
    /// True where accounts of GitHub are included, with the gists that hold a claim of its key.
    pub gists: bool,
    /// True where the evidence of device flows and tokens of GitHub is included.
    pub tokens: bool,
    /// True where the delegations that anybody signed are included.
    pub delegations: bool,
}

/// One question to a verifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Try {
    /// The player who asks.
    pub who: Who,
    /// The player whose key it uses: its own, or a stolen one.
    pub key_of: Who,
    /// The name that it asks for.
    pub package: Package,
    /// The use case.
    pub way: Way,
    /// The policy.
    pub rule: Rule,
    /// The parts that it shows.
    pub shows: Shows,
}

/// A wrong yes, and its question.
#[derive(Debug, Clone)]
pub struct Found {
    /// The question.
    pub question: Try,
    /// The fault in the answer.
    pub wrong: WrongYes,
}

/// The stored links, and the evidence of tokens presented just now.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) stored: ClaimsContext,
    pub(super) presented: Vec<LinkedAccount>,
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

/// Bytes that nobody must guess here.
#[derive(Debug)]
struct Counted(u64);

impl Entropy for Counted {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let bytes = self.0.to_be_bytes();
        buffer
            .iter_mut()
            .zip(bytes.iter().cycle())
            .for_each(|(to, from)| *to = *from);
        Ok(())
    }
}

/// The parts that a claim comes with, collected once for a question.
struct Luggage {
    links: Vec<StoredLink>,
    presented: Vec<LinkedAccount>,
}

impl Table {
    /// Asks the verifier, and compares its answer with the truth.
    pub fn ask(&mut self, question: &Try) -> Option<Found> {
        self.asked += 1;
        let policy = match question.way {
            Way::Offline | Way::OfflineOld | Way::OfflineOwn => question
                .rule
                .policy()
                .trusting([crate::claims::did(observer())]),
            _ => question.rule.policy(),
        };
        if matches!(question.way, Way::Run | Way::Publish) {
            return self.ask_with_run(question, &policy);
        }
        let (claim, decision, claims) = self.answer(question, &policy)?;
        self.count(format!("way {:?}", question.way));
        self.count(format!("answer {}", decision.outcome()));
        if decision.outcome() == Outcome::Accepted {
            self.count(format!("accepted {:?}", question.way));
            let kinds = decision
                .chains()
                .first()?
                .links
                .iter()
                .map(|l| l.kind.as_str());
            let kinds: Vec<&str> = kinds.collect();
            self.count(format!("chain {}", kinds.join(" ")));
        }
        let person = question.who.person();
        let mut asked = Asked::new(&person, &claim, policy.maturity());
        asked.platform_claims = &claims;
        asked.delegations = &self.delegations;
        let wrong = self
            .world()
            .find_wrong_yes(&asked, &decision, &self.given)?;
        let question = question.clone();
        Some(Found { question, wrong })
    }

    fn answer(
        &mut self,
        question: &Try,
        policy: &Policy,
    ) -> Option<(Signed<NamespaceClaim>, Decision, Vec<Signed<PlatformClaim>>)> {
        let namespace = question.package.namespace(self.home);
        if question.way == Way::Replay {
            return self.replay(&namespace, policy);
        }
        let has_key = question.who == question.key_of
            || self.stolen_keys.contains(&(question.who, question.key_of));
        let key = if has_key {
            question.key_of.key()
        } else {
            question.who.key()
        };
        let key_of = if has_key {
            question.key_of
        } else {
            question.who
        };
        let luggage = self.pack(key_of, question, policy);
        if question.way == Way::Claim {
            return self.claim(key, &namespace, question, luggage, policy);
        }
        let incarnation = self.incarnation(&namespace)?;
        let now = self.now();
        let body = NamespaceClaim::new(
            namespace.clone(),
            incarnation,
            Actions::only(Action::Publish),
        );
        let audience = Audience::local(&crate::claims::did(key));
        let mut request = SigningRequest::new(body, now).for_audience(audience.clone());
        let mut terms = VerifyOptions::new(ProofExpectation::new(audience.clone()), policy, now);
        let (guard, entropy) = (
            Arc::new(MemoryReplayGuard::new()),
            Arc::new(Counted(self.asked)),
        );
        let challenges = Challenges::new(guard, entropy, audience, Duration::from_secs(300));
        let mut issued = None;
        if question.way == Way::Challenge {
            let did = crate::claims::did(key);
            let given = challenges.issue(did, namespace.clone(), now);
            let given = given.now_or_never()?.ok()?;
            request = request.with_challenge(Some(given.challenge().clone()));
            issued = Some(given);
        }
        let mut bundle = Bundle::new(sign(request, key));
        bundle.platform_claims = luggage.links.iter().map(|l| l.claim.clone()).collect();
        bundle.platform_claims.dedup_by(|a, b| a.id() == b.id());
        if question.shows.delegations {
            bundle.delegations.clone_from(&self.delegations);
        }
        let claims = bundle.platform_claims.clone();
        let signer = match question.way {
            Way::Offline | Way::OfflineOld => observer(),
            _ => key,
        };
        let seen = match question.way {
            Way::Live | Way::Challenge => self.point(key, &luggage),
            _ => self.observe(signer, &namespace, &luggage, policy),
        };
        if question.way == Way::OfflineOld {
            bundle.observations = self.remembered(&namespace, now);
        } else {
            bundle.observations = seen.clone();
        }
        if signer.public() == observer().public() {
            self.observations.extend(seen);
            let fresh =
                |o: &Signed<Observation>| now.since(o.created()) < 2 * auths_testkit::scenes::DAY;
            self.observations.retain(fresh);
            let excess = self.observations.len().saturating_sub(64);
            self.observations.drain(..excess);
        }
        terms.revocations = self.revocations(&bundle, policy);
        let decision = match (question.way, issued) {
            (Way::Challenge, Some(issued)) => {
                let (terms, registry) = (terms.with_challenge(issued), &*self.registry);
                let asked = verify_live(&bundle, terms, registry, self.provers());
                let awaiting = asked.now_or_never()?;
                let report = awaiting.report().clone();
                match challenges.use_once(awaiting, now).now_or_never()? {
                    Ok(_) => report,
                    Err(NotAccepted(decision)) => *decision,
                }
            }
            (Way::Live, _) => self.live(&bundle, terms),
            _ => verify_offline(bundle.clone(), terms).ok()?,
        };
        let claim = bundle.claim.clone();
        if decision.outcome() == Outcome::Accepted {
            self.bundles.push(bundle);
        }
        Some((claim, decision, claims))
    }

    fn live(&self, bundle: &Bundle, terms: VerifyOptions<'_>) -> Decision {
        let decision = verify_live(bundle, terms, &*self.registry, self.provers());
        #[expect(clippy::unwrap_used, reason = "simulated ports never wait")]
        decision.now_or_never().unwrap()
    }

    fn claim(
        &mut self,
        key: &KeyPair,
        namespace: &Namespace,
        question: &Try,
        luggage: Luggage,
        policy: &Policy,
    ) -> Option<(Signed<NamespaceClaim>, Decision, Vec<Signed<PlatformClaim>>)> {
        let claims = luggage.links.iter().map(|l| l.claim.clone());
        let claims = claims
            .chain(luggage.presented.iter().map(|l| l.claim.clone()))
            .collect();
        let context = Context {
            stored: ClaimsContext::new(luggage.links, self.provers()),
            presented: luggage.presented,
        };
        let mut request = ClaimRequest::new(namespace.clone(), self.now());
        if question.shows.delegations {
            request.delegations.clone_from(&self.delegations);
        }
        let workflow = ClaimNamespace {
            signer: key,
            verifier: &*self.registry,
            context: &context,
            revocations: &[&*self.list],
            memory: &*self.memory,
            resolver: None,
        };
        let claimed = workflow.run(request, policy).now_or_never()?.ok()?;
        let claim = claimed.bundle.claim.clone();
        if claimed.decision.outcome() == Outcome::Accepted {
            self.bundles.push(claimed.bundle);
        }
        Some((claim, claimed.decision, claims))
    }

    fn replay(
        &mut self,
        namespace: &Namespace,
        policy: &Policy,
    ) -> Option<(Signed<NamespaceClaim>, Decision, Vec<Signed<PlatformClaim>>)> {
        let fits = |bundle: &&Bundle| bundle.claim.unverified().namespace == *namespace;
        let mut bundle = self.bundles.iter().rev().find(fits)?.clone();
        // The player who shows a bundle leaves out what speaks against it.
        bundle.revocations.clear();
        let audience = Audience::local(bundle.claim.did());
        let mut terms = VerifyOptions::new(ProofExpectation::new(audience), policy, self.now());
        terms.revocations = self.revocations(&bundle, policy);
        let decision = self.live(&bundle, terms);
        let claims = bundle.platform_claims.clone();
        Some((bundle.claim, decision, claims))
    }

    /// Returns the revocations in the verifier's own list, and those that it remembers.
    fn revocations(&self, bundle: &Bundle, policy: &Policy) -> Revocations {
        let revocable = RevocableParts::bundle(bundle, policy);
        let (keys, now) = (KeyRing::intrinsic(), self.now());
        let sources: [&dyn RevocationSource; 1] = [&*self.list];
        let consulted = collect_revocations(&sources, &*self.memory, &revocable, &keys, now);
        #[expect(clippy::unwrap_used, reason = "a list in memory never waits")]
        consulted.now_or_never().unwrap()
    }

    fn incarnation(&self, namespace: &Namespace) -> Option<Incarnation> {
        let query = NamespaceQuery::new(namespace.clone(), self.now()).listing_only();
        let seen = self.registry.gather(&query).now_or_never()?.ok()?;
        seen.incarnation.get().ok().cloned()
    }

    pub(super) fn provers(&self) -> Vec<Arc<dyn AccountProver>> {
        let github: Arc<dyn AccountProver> = self.prover.clone();
        match self.home {
            Home::CratesIo | Home::GitHub => vec![github],
            Home::PyPi | Home::Npm => {
                let verifier: Arc<dyn NamespaceVerifier> = self.registry.clone();
                vec![
                    Arc::new(StatementProver::new(self.home.platform(), verifier)),
                    github,
                ]
            }
        }
    }

    /// Returns the claims of accounts for a question, each with the place where its proof may be.
    fn pack(&self, key_of: Who, question: &Try, policy: &Policy) -> Luggage {
        let shows = question.shows;
        let mut links = Vec::new();
        for who in shows.accounts.each() {
            let own = self.account_on(&self.home.platform(), who);
            let named = self.named_on(&self.home.platform(), who);
            let accounts = if own == named {
                vec![own]
            } else {
                vec![own, named]
            };
            for account in accounts {
                self.link_account(&mut links, key_of, account, shows);
            }
        }
        if shows.gists && self.home.platform() != Platform::GITHUB {
            for who in shows.accounts.each() {
                let account = self.named_on(&Platform::GITHUB, who);
                self.link_account(&mut links, key_of, account, shows);
            }
        }
        // A delegate brings the claims of those who delegated.
        if shows.delegations {
            let others = self.delegations.iter().map(|d| d.did().clone());
            let others: Vec<Did> = others.collect();
            for who in Who::ALL
                .into_iter()
                .filter(|who| others.contains(&who.did()))
            {
                let account = self.account_on(&self.home.platform(), who);
                self.link_account(&mut links, who, account, shows);
            }
        }
        let presented = match shows.tokens {
            true => self.present(key_of, question.who, policy),
            false => Vec::new(),
        };
        Luggage { links, presented }
    }

    pub(super) fn link_account(
        &self,
        links: &mut Vec<StoredLink>,
        key_of: Who,
        account: Account,
        shows: Shows,
    ) {
        let claim = self.link(key_of, account.clone());
        if *account.platform() == Platform::GITHUB {
            let of_it = |(key, claim, _): &&(Who, Signed<PlatformClaim>, String)| {
                *key == key_of && claim.unverified().account.same_as(&account)
            };
            let gists = self.gists.iter().filter(of_it).filter(|_| shows.gists);
            let found = links.len();
            links.extend(gists.map(|(_, claim, id)| {
                let hint = ProofHint::Gist(GistHint::new(id.as_str()));
                StoredLink::new(claim.clone(), Some(hint))
            }));
            if links.len() > found {
                return;
            }
        } else if shows.packages != 0 {
            // A bundle has one hint for each account. The first one changes from question to question.
            let all = Package::ALL.len();
            let first = usize::try_from(self.asked).unwrap_or(0) % all;
            let packages = (0..all)
                .map(|n| (n + first) % all)
                .map(|n| (n, Package::ALL[n]));
            let shown = packages.filter(|(n, _)| shows.packages & (1 << n) != 0);
            links.extend(shown.map(|(_, package)| {
                let hint = ProofHint::Statement(package.namespace(self.home));
                StoredLink::new(claim.clone(), Some(hint))
            }));
            return;
        }
        links.push(StoredLink::new(claim, None));
    }

    /// Returns what the tokens that a player has of GitHub show for a key.
    pub(super) fn present(&self, key_of: Who, who: Who, _: &Policy) -> Vec<LinkedAccount> {
        let now = self.now();
        let own = self.approvals.iter().filter(|(whose, _)| *whose == who);
        let mut presented = Vec::new();
        for token in own
            .map(|(_, token)| token.clone())
            .chain(self.stolen_tokens(who))
        {
            let did = key_of.did();
            let Ok(seen) = self.prover.present(&token, did, None, now) else {
                continue;
            };
            let claim = self.link(key_of, seen.account.clone());
            presented.push(LinkedAccount::new(
                claim,
                vec![ObservedEvidence::live(seen)],
            ));
        }
        presented
    }

    /// Signs the places where the verifier may look for the proofs of the accounts. They are read again, and nothing in the
    /// observation is believed.
    fn point(&self, signer: &KeyPair, luggage: &Luggage) -> Vec<Signed<Observation>> {
        let now = self.now();
        let hints = luggage.links.iter().filter_map(|link| {
            let claim = &link.claim;
            let proof = match link.hint.as_ref()? {
                ProofHint::Statement(package) => {
                    let origin = self.registry.origin().clone();
                    let seen = NamespaceEvidence::new(package.clone(), origin, now);
                    AccountProof::AccountStatement(Box::new(seen))
                }
                ProofHint::Gist(gist) => AccountProof::GistProof {
                    gist: gist.id.clone(),
                    claim: claim.id().clone(),
                    unchanged_since: now,
                    state: None,
                },
                _ => return None,
            };
            let account = claim.unverified().account.clone();
            let seen = AccountEvidence::new(account, claim.did().clone(), now, proof);
            let observation = Observation::new(Evidence::Account(Box::new(seen)));
            Some(sign(SigningRequest::new(observation, now), signer))
        });
        hints.collect()
    }

    /// Signs everything that can be seen of a name and of the accounts.
    fn observe(
        &self,
        signer: &KeyPair,
        namespace: &Namespace,
        luggage: &Luggage,
        policy: &Policy,
    ) -> Vec<Signed<Observation>> {
        let now = self.now();
        let query = NamespaceQuery::new(namespace.clone(), now).with_maturity(policy.maturity());
        let seen = self
            .registry
            .gather(&query)
            .now_or_never()
            .and_then(Result::ok);
        let mut all: Vec<Evidence> = Vec::new();
        all.extend(seen.map(|seen| Evidence::Namespace(Box::new(seen))));
        let provers = self.provers();
        for link in &luggage.links {
            let Some(hint) = &link.hint else {
                continue;
            };
            let Some(prover) = prover_of(&provers, &link.claim.unverified().account) else {
                continue;
            };
            let query =
                AccountProofQuery::new(link.claim.clone(), hint.clone(), now, policy.maturity());
            let proved = prover.prove(&query).now_or_never().and_then(Result::ok);
            all.extend(proved.map(|seen| Evidence::Account(Box::new(seen))));
        }
        let shown = luggage.presented.iter().flat_map(|linked| &linked.evidence);
        let shown = shown.map(|seen: &ObservedEvidence<AccountEvidence>| seen.evidence().clone());
        all.extend(shown.map(|seen| Evidence::Account(Box::new(seen))));
        let signed = all.into_iter().map(|evidence| {
            let request = SigningRequest::new(Observation::new(evidence), now);
            sign(request, signer)
        });
        signed.collect()
    }

    /// Returns what the trusted observer signed before this moment, about this name and every account.
    fn remembered(&self, namespace: &Namespace, now: Timestamp) -> Vec<Signed<Observation>> {
        let fits = |o: &&Signed<Observation>| match &o.unverified().evidence {
            Evidence::Namespace(seen) => seen.namespace == *namespace && o.created() < now,
            _ => o.created() < now,
        };
        self.observations.iter().filter(fits).cloned().collect()
    }
}
