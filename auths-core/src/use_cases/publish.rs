//! A run asks to publish: its token is verified and used up once, its packages are held to their pins, and a grant is handed out.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;

use super::gather::{NamedParts, gather_about, named_accounts};
use super::{
    ClaimsContext, RevocableParts, StoredLink, TokenUses, VerificationLimits, Verifier,
    collect_revocations,
};
use crate::Timestamp;
use crate::bundle::Bundle;
use crate::ci::{EnvironmentEvidence, TokenAudience, VerifiedCiToken};
use crate::claim::{Actions, Delegation, Signed, TrustedPublisher};
use crate::decide::{
    AwaitingToken, DecisionInput, NamespaceAuthority, NotAccepted, RunProof, Verified, decide,
    decide_run,
};
use crate::grant::{GrantIssueError, GrantIssuer, GrantRequest, IssuedGrant};
use crate::identity::{Did, Namespace};
use crate::pin::{Pin, PinStep, hold_to_pin};
use crate::policy::Policy;
use crate::ports::{
    CiTokenError, CiTokenQuery, CiTokenVerifier, CiTokenVerifierExt, EnvironmentQuery,
    EnvironmentReader, EnvironmentReaderExt, PinChange, PinRecording, PinStore, StoreError,
};
use crate::reason::{
    Invalid, Obstacle, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason,
};

/// The most packages of one request. Each costs the reads of a whole decision, and whoever has any token can ask.
const MAX_PACKAGES: usize = 64;

/// What a front end hands grants out with: who reads tokens and environments, and where uses and pins are recorded.
///
/// # Security
/// All front ends of one audience share the record of uses and the store of pins, and both outlive a restart.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::grant::GrantIssuer;
/// use auths_core::ports::{CiTokenVerifier, PinStore, ReplayGuard};
/// use auths_core::use_cases::{GrantDesk, PublishError, PublishRequest, TokenUses, Verifier};
/// use auths_core::{Policy, SecretString, Timestamp};
///
/// fn desk(
///     tokens: Arc<dyn CiTokenVerifier>, used: Arc<dyn ReplayGuard>, pins: Arc<dyn PinStore>, grants: GrantIssuer,
/// ) -> Result<GrantDesk, Box<dyn std::error::Error>> {
///     Ok(GrantDesk::new("registry.example".parse()?, tokens, TokenUses::new(used), pins, grants))
/// }
///
/// /// Answers a run that asks to publish: the grant, or a problem for the caller.
/// async fn exchange(verifier: &Verifier, desk: &GrantDesk, mut asked: PublishRequest, now: Timestamp) -> Result<SecretString, PublishError> {
///     // What this registry keeps of the packages.
///     asked.publishers = Vec::new();
///     let granted = verifier.publish(desk, asked, &Policy::standard(), now).await?;
///     Ok(granted.token().clone())
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GrantDesk {
    /// The audience that tokens must name.
    pub audience: TokenAudience,
    /// The reader of tokens.
    pub tokens: Arc<dyn CiTokenVerifier>,
    /// The readers of environments, at most one for each issuer.
    pub environments: Vec<Arc<dyn EnvironmentReader>>,
    /// The record of used tokens.
    pub uses: TokenUses,
    /// The pins.
    pub pins: Arc<dyn PinStore>,
    /// The maker of grants.
    pub grants: GrantIssuer,
}

impl GrantDesk {
    /// Creates a desk that reads no environments: every run is then one that writers of its repository can make.
    #[must_use]
    pub const fn new(
        audience: TokenAudience,
        tokens: Arc<dyn CiTokenVerifier>,
        uses: TokenUses,
        pins: Arc<dyn PinStore>,
        grants: GrantIssuer,
    ) -> Self {
        Self {
            audience,
            tokens,
            environments: Vec::new(),
            uses,
            pins,
            grants,
        }
    }

    /// Adds a reader of environments.
    #[must_use]
    pub fn reading_environments(mut self, reader: Arc<dyn EnvironmentReader>) -> Self {
        self.environments.push(reader);
        self
    }
}

/// What a run asks for, with what the front end keeps of the packages.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PublishRequest {
    /// The ID token. `Debug` does not show it.
    pub token: SecretString,
    /// The packages: at least one, and at most 64. All are granted, or none.
    pub namespaces: BTreeSet<Namespace>,
    /// The actions.
    pub actions: Actions,
    /// The trusted publishers that the front end keeps for the packages, of any signers.
    pub publishers: Vec<Signed<TrustedPublisher>>,
    /// The delegations that it keeps.
    pub delegations: Vec<Signed<Delegation>>,
    /// The linked accounts of those who signed the trusted publishers and delegations. Few proofs are read for one answer
    /// ([`VerificationLimits`]): whoever keeps links of anybody, unproved, lets strangers use them up.
    pub links: Vec<StoredLink>,
}

impl PublishRequest {
    /// Creates a request, with nothing kept.
    #[must_use]
    pub fn new(
        token: SecretString,
        namespaces: impl IntoIterator<Item = Namespace>,
        actions: Actions,
    ) -> Self {
        Self {
            token,
            namespaces: namespaces.into_iter().collect(),
            actions,
            publishers: Vec::new(),
            delegations: Vec::new(),
            links: Vec::new(),
        }
    }
}

/// The reason why no grant was handed out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The request names no package, or more than 64.
    #[error("a request is for 1 to {MAX_PACKAGES} packages, and this one is for {0}")]
    Packages(usize),
    /// The token does not hold. It was not used up.
    #[error(transparent)]
    Token(#[from] CiTokenError),
    /// The run may not act for one of the packages. Its token was not used up, unless that is the reason.
    #[error(transparent)]
    NotAccepted(#[from] NotAccepted),
    /// A pin stands against it, or the pins cannot be read or written. The token was not used up.
    #[error("{}: {obstacle}", namespace.short())]
    Pin {
        /// The package.
        namespace: Box<Namespace>,
        /// What stands against it.
        obstacle: Box<Obstacle>,
    },
    /// The grant could not be made. What can be known before is found before the token is used up; a key that cannot sign, or no
    /// randomness, may cost the token.
    #[error(transparent)]
    Grant(#[from] GrantIssueError),
}

impl PublishError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Packages(_) => Invalid::Usage.code(),
            Self::Token(error) => error.code(),
            Self::NotAccepted(error) => error.code(),
            Self::Pin { obstacle, .. } => obstacle.code(),
            Self::Grant(error) => error.code(),
        }
    }

    fn of_store(namespace: &Namespace, error: &StoreError) -> Self {
        let why = Unavailable::new(UnavailableReason::StoreFailed, format!("the pins: {error}"));
        Self::pin(namespace, why)
    }

    fn pin(namespace: &Namespace, obstacle: impl Into<Obstacle>) -> Self {
        Self::Pin {
            namespace: Box::new(namespace.clone()),
            obstacle: Box::new(obstacle.into()),
        }
    }
}

impl Verifier {
    /// Hands out a grant to the CI run that presents a token, for every package of the request or for none.
    ///
    /// It verifies the token; reads, for each package, what the registry and the platforms show now, and decides; holds each answer to
    /// the pin of its package; writes the pins; uses the token up; and makes the grant: in this order. What fails before the token is
    /// used up burns nothing. What fails after it may cost the token, and never gives a second grant: the next try with it is
    /// [`RefutedReason::TokenUsed`].
    ///
    /// # Errors
    /// [`PublishError`]. A race for the first pin of a package, which another run won, is [`RefutedReason::PinnedToAnother`].
    ///
    /// # Security
    /// Nothing of the request but the token says who asks, and the token alone gives no right. Trusted publishers and delegations may be
    /// a stranger's: they are checked like any claim. The links only say where to look for proofs.
    pub async fn publish(
        &self,
        desk: &GrantDesk,
        request: PublishRequest,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<IssuedGrant, PublishError> {
        let packages = request.namespaces.len();
        if !(1..=MAX_PACKAGES).contains(&packages) {
            return Err(PublishError::Packages(packages));
        }
        let query = CiTokenQuery::new(request.token.clone(), desk.audience.clone(), now);
        let token = Arc::new(desk.tokens.verify(&query).await?);
        let environment = environment(desk, &token, &request, self.limits(), now).await;
        let mut decided = Vec::new();
        for namespace in &request.namespaces {
            let namespace = self.registries().canonical(namespace);
            let answer = self
                .decide_publish(
                    &request,
                    &token,
                    environment.as_ref(),
                    namespace,
                    policy,
                    now,
                )
                .await?;
            decided.push(answer);
        }
        let mut held = Vec::new();
        for answer in &decided {
            let Some(verified) = answer.sealed() else {
                return Err(NotAccepted(Box::new(answer.report().clone())).into());
            };
            held.push(hold(desk, verified, policy, now).await?);
        }
        // Nothing is written before every package has passed.
        for one in held {
            write(desk, one, now).await?;
        }
        let used = desk.uses.use_first(&token, now).await;
        let mut verified = Vec::new();
        for answer in decided {
            let decision = match &used {
                Ok(()) => answer.open(),
                Err(obstacle) => answer.refuse(obstacle.clone()),
            };
            verified.push(decision.into_verified()?);
        }
        let request = GrantRequest::new(&verified, request.actions, policy, now);
        Ok(desk.grants.issue(&request).await?)
    }

    /// Hands out a grant to the key that signed a claim in answer to a challenge of this verifier, for the claim's package and actions.
    ///
    /// It decides as [`verify`](Self::verify) does, holds the answer to the pin of the package, uses the challenge up, and makes the
    /// grant, in this order. A key sets no pin.
    ///
    /// # Errors
    /// [`PublishError`]; [`RefutedReason::WrongChallenge`] also where the verifier has no challenges: a bundle that answers none could
    /// be sent again by whoever has it.
    pub async fn publish_by_key(
        &self,
        desk: &GrantDesk,
        bundle: &Bundle,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<IssuedGrant, PublishError> {
        let (decided, challenges) = self.decide_answered(bundle, policy, now).await?;
        let Some(verified) = decided.sealed() else {
            return Err(NotAccepted(Box::new(decided.report().clone())).into());
        };
        let held = hold(desk, verified, policy, now).await?;
        write(desk, held, now).await?;
        let verified = [challenges.use_once(decided, now).await?];
        let actions = verified[0].get().actions.clone();
        let request = GrantRequest::new(&verified, actions, policy, now);
        Ok(desk.grants.issue(&request).await?)
    }

    /// Decides about one package. An answer that is not a yes is an error.
    async fn decide_publish(
        &self,
        request: &PublishRequest,
        token: &Arc<VerifiedCiToken>,
        environment: Option<&EnvironmentEvidence>,
        namespace: Namespace,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<AwaitingToken, PublishError> {
        let mut run = RunProof::new(Arc::clone(token), namespace, request.actions.clone());
        run.publishers.clone_from(&request.publishers);
        run.environments.extend(environment.cloned());
        let mut input = DecisionInput::for_run(run);
        input.delegations.clone_from(&request.delegations);
        let dids = input.dids();
        input.keys = self.keys(&dids, now).await;
        let mut revocable = RevocableParts::of_input(&input);
        revocable.linked(request.links.iter().map(|link| &link.claim));
        let (sources, memory) = (self.sources(), self.memory());
        input.revocations =
            collect_revocations(&sources, memory, &revocable, &input.keys, now).await;
        let context = self.context(request.links.clone());
        let context = context.reading_at_most(self.limits().proofs);
        // Nothing is kept of a stranger, and nothing is looked up: its rules use no limit up.
        let is_kept = |did: &&Did| request.links.iter().any(|link| link.claim.did() == *did);
        let kept = dids.iter().filter(is_kept).cloned().collect();
        self.read_evidence(&mut input, kept, &context, policy, now)
            .await;
        // The accounts that were read may name recovery DIDs.
        let signers = [dids, input.recovery_revokers()].concat();
        input.keys = self.keys(&signers, now).await;
        match decide_run(&input, policy, now) {
            Some(decided) if decided.is_accepted() => Ok(decided),
            Some(decided) => Err(NotAccepted(Box::new(decided.report().clone())).into()),
            // Of a run, there is one. A decision without a use gives no `Verified`.
            None => Err(NotAccepted(Box::new(decide(&input, policy, now))).into()),
        }
    }

    async fn read_evidence(
        &self,
        input: &mut DecisionInput,
        dids: Vec<Did>,
        context: &ClaimsContext,
        policy: &Policy,
        now: Timestamp,
    ) {
        let name = input.evidence_name();
        let limits = self.limits();
        let accounts = named_accounts(dids.clone(), context, &name, limits, now).await;
        let names = NamedParts { dids, accounts };
        let registry = self.registries().find(&name).map(|registry| &**registry);
        gather_about(input, names, registry, context, policy, limits, now).await;
    }
}

/// Reads the environment that the run is in, once, where a rule that it matches names it and a reader is there for it.
async fn environment(
    desk: &GrantDesk,
    token: &VerifiedCiToken,
    request: &PublishRequest,
    limits: VerificationLimits,
    now: Timestamp,
) -> Option<EnvironmentEvidence> {
    let identity = token.identity();
    let (issuer, repository) = (identity.issuer(), identity.repository().id);
    let environment = identity.parts().environment.clone()?;
    let mut readers = desk.environments.iter();
    let reader = readers.find(|reader| reader.issuer() == issuer)?;
    let rules = request.publishers.iter();
    let mut rules = rules.map(|publisher| &publisher.unverified().publisher);
    rules.find(|rule| rule.fields().environment.is_some() && rule.matches(identity).is_ok())?;
    let query = EnvironmentQuery::new(issuer.clone(), repository, environment, now);
    Some(reader.read_checked(&query.within(limits.budget())).await)
}

/// An answer that passed its pin, and what is to be written for it.
struct HeldToPin<'a> {
    verified: &'a Verified<NamespaceAuthority>,
    present: Option<Pin>,
    step: PinStep,
}

/// Holds an answer to the pin of its package. Nothing is written, and neither token nor challenge is used up.
async fn hold<'a>(
    desk: &GrantDesk,
    verified: &'a Verified<NamespaceAuthority>,
    policy: &Policy,
    now: Timestamp,
) -> Result<HeldToPin<'a>, PublishError> {
    // What would keep the grant from being made is found before anything is written or used up.
    let holds = verified.resisting(policy, now);
    holds.map_err(GrantIssueError::from)?;
    let name = &verified.get().namespace;
    let may_be_named = desk.grants.check_names(verified.get());
    may_be_named.map_err(GrantIssueError::from)?;
    let present = desk.pins.read(name).await;
    let present = present.map_err(|error| PublishError::of_store(name, &error))?;
    let step = hold_to_pin(present.as_ref(), verified, now);
    Ok(HeldToPin {
        verified,
        step: step.map_err(|why| PublishError::pin(name, why))?,
        present,
    })
}

/// Writes the pin of an answer. Where another run was first, the answer is held to that run's pin.
async fn write(desk: &GrantDesk, held: HeldToPin<'_>, now: Timestamp) -> Result<(), PublishError> {
    let HeldToPin {
        verified,
        present,
        step,
    } = held;
    let name = &verified.get().namespace;
    let failed = |error: StoreError| PublishError::of_store(name, &error);
    let there = match (step, present) {
        (PinStep::Keep, _) => return Ok(()),
        (PinStep::Record(pin), _) => match desk.pins.record(&pin).await.map_err(failed)? {
            PinRecording::Recorded => return Ok(()),
            PinRecording::Present(other) => Some(other),
        },
        (PinStep::Change(pin), Some(from)) => {
            match desk.pins.change(&from, &pin).await.map_err(failed)? {
                PinChange::Changed => return Ok(()),
                PinChange::Conflict(other) => other,
            }
        }
        (PinStep::Change(_), None) => None,
    };
    let Some(other) = there else {
        let why = "the pin that was read is not there any more";
        let why = Unavailable::new(UnavailableReason::StoreFailed, why);
        return Err(PublishError::pin(name, why));
    };
    // Another run was first. It may be of the same repository.
    let step = hold_to_pin(Some(&other), verified, now);
    match step.map_err(|why| PublishError::pin(name, why))? {
        PinStep::Keep => Ok(()),
        _ => {
            let detail =
                "another run set the pin at the same time: ask for a new token, and try again";
            let refuted = Refuted::new(RefutedReason::PinnedToAnother, detail);
            Err(PublishError::pin(name, refuted))
        }
    }
}
