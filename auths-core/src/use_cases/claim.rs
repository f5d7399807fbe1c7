//! Claiming a namespace: read, sign, decide, and bundle everything.

use std::time::Duration;

use super::gather::{add_accounts, named_accounts, read_namespace};
use super::{RevocableParts, VerificationLimits, collect_revocations, resolve_keys};
use crate::Timestamp;
use crate::bundle::Bundle;
use crate::claim::{
    Action, Actions, Audience, Challenge, Delegation, NamespaceClaim, Observation,
    ProofExpectation, SignError, Signed, SigningRequest,
};
use crate::decide::{Decision, DecisionInput, decide};
use crate::evidence::{Evidence, Existence, ObservedEvidence, SeenBy};
use crate::identity::Namespace;
use crate::policy::Policy;
use crate::ports::{
    DidResolver, NamespaceVerifier, PlatformContext, RevocationMemory, RevocationSource, Signer,
};
use crate::reason::{Obstacle, Unavailable};
use crate::time::DAY;

/// A holder's request to claim a namespace.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClaimRequest {
    /// The namespace to speak for.
    pub namespace: Namespace,
    /// The actions to be allowed.
    pub actions: Actions,
    /// The verifier that the claim is for; `None` for the holder's own machine.
    pub audience: Option<Audience>,
    /// The verifier's challenge, when it gave one.
    pub challenge: Option<Challenge>,
    /// The life of the claim: at most 30 days.
    pub life: Duration,
    /// Delegations to the holder.
    pub delegations: Vec<Signed<Delegation>>,
    /// Earlier observations of accounts, signed by the holder, so that a device flow is not run anew for every claim. They count
    /// as far as the policy trusts their observer, and go into the bundle unchanged.
    pub observations: Vec<Signed<Observation>>,
    /// The limits on requests to others.
    pub limits: VerificationLimits,
    /// The present time.
    pub now: Timestamp,
}

impl ClaimRequest {
    /// Creates a request to publish `namespace`, for the holder's own machine, for 30 days.
    #[must_use]
    pub fn new(namespace: Namespace, now: Timestamp) -> Self {
        Self {
            namespace,
            actions: Actions::only(Action::Publish),
            audience: None,
            challenge: None,
            life: 30 * DAY,
            delegations: Vec::new(),
            observations: Vec::new(),
            limits: VerificationLimits::default(),
            now,
        }
    }

    /// Sets the verifier that the claim is for. Any other verifier refuses it.
    #[must_use]
    pub fn for_audience(mut self, audience: Audience) -> Self {
        self.audience = Some(audience);
        self
    }

    /// Sets the challenge of that verifier, which the claim answers.
    #[must_use]
    pub fn with_challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }
}

/// The use case of claiming a namespace, with the ports that it needs.
#[derive(Debug, Clone, Copy)]
pub struct ClaimNamespace<'a> {
    /// The holder's key.
    pub signer: &'a dyn Signer,
    /// The reader of the registry.
    pub verifier: &'a dyn NamespaceVerifier,
    /// The source of the holder's accounts.
    pub context: &'a dyn PlatformContext,
    /// The sources of revocations.
    pub revocations: &'a [&'a dyn RevocationSource],
    /// The verifier's memory of revocations, and of who may revoke.
    pub memory: &'a dyn RevocationMemory,
    /// The resolver of DIDs of other methods than `did:key`.
    pub resolver: Option<&'a dyn DidResolver>,
}

/// The result of claiming a namespace.
#[derive(Debug)]
#[non_exhaustive]
pub struct ClaimResult {
    /// The answer.
    pub decision: Decision,
    /// The signed claim with everything that the decision was made from. It proves nothing unless decided anew.
    pub bundle: Bundle,
    /// The parts left out of the bundle because it would be too large to be read back, each as a sentence. The decision was made
    /// on everything; a recipient of the bundle must read these parts anew. Empty except for packages with very many releases.
    pub omitted: Vec<String>,
}

/// A reason why there is no claim to decide about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimFailure {
    /// The name does not exist, or could not be seen. A claim must say which life of the name is meant.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
    /// The key did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl ClaimFailure {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Obstacle(obstacle) => obstacle.code(),
            Self::Sign(error) => error.code(),
        }
    }
}

impl From<Unavailable> for ClaimFailure {
    fn from(why: Unavailable) -> Self {
        Self::Obstacle(why.into())
    }
}

impl ClaimNamespace<'_> {
    /// Reads what the registry and the platforms show, signs the claim and the observations, and decides.
    ///
    /// # Errors
    /// [`ClaimFailure`] when the name does not exist, cannot be seen, or the key does not sign. A "no" is not an error: it is in
    /// the decision.
    pub async fn run(
        &self,
        request: ClaimRequest,
        policy: &Policy,
    ) -> Result<ClaimResult, ClaimFailure> {
        let now = request.now;
        // What lies below an organisation is seen of the organisation.
        let parent = request.namespace.parent();
        let namespace = parent.as_ref().unwrap_or(&request.namespace);
        let budget = request.limits.budget();
        let did = self.signer.method().did().clone();
        let delegators = request.delegations.iter().map(|claim| claim.did().clone());
        let dids = [did.clone()].into_iter().chain(delegators).collect();
        let accounts = named_accounts(dids, self.context, namespace, request.limits, now).await;
        let parts = request.limits.for_the_name(&budget);
        let seen = read_namespace(
            namespace.clone(),
            accounts,
            self.verifier,
            policy,
            parts,
            now,
        )
        .await?;
        if let Existence::Absent(refuted) = &seen.existence {
            return Err(Obstacle::from(refuted.clone()).into());
        }
        let incarnation = seen.incarnation.get()?.clone();
        let audience = request
            .audience
            .clone()
            .unwrap_or_else(|| Audience::local(&did));
        // Use the registry's own spelling, which may differ from the one asked for.
        let name = match &parent {
            Some(_) => request.namespace.clone(),
            None => seen.namespace.clone(),
        };
        let body = NamespaceClaim::new(name, incarnation, request.actions.clone());
        let claim = SigningRequest::new(body, now)
            .for_audience(audience.clone())
            .with_challenge(request.challenge.clone())
            .living(request.life)
            .sign(self.signer)
            .await?;

        let mut input = DecisionInput::new(claim.clone(), ProofExpectation::new(audience));
        input.delegations = request.delegations;
        input.evidence.push(ObservedEvidence::live(seen));
        let dids = input.dids();
        add_accounts(
            &mut input,
            dids.clone(),
            self.context,
            policy,
            request.limits,
            budget,
            now,
        )
        .await;
        let kept = remembered(&mut input, request.observations, now);
        if let Some(resolver) = self.resolver {
            input.keys = resolve_keys(&dids, resolver, request.limits.dids, now).await;
        }
        let revocable = RevocableParts::of_input(&input);
        input.revocations =
            collect_revocations(self.revocations, self.memory, &revocable, &input.keys, now).await;
        if let Some(resolver) = self.resolver {
            let signers = [dids, input.recovery_revokers()].concat();
            input.keys = resolve_keys(&signers, resolver, request.limits.dids, now).await;
        }
        let decision = decide(&input, policy, now);
        let (bundle, omitted) = self.bundle(claim, input, kept, &decision, now).await?;
        Ok(ClaimResult {
            decision,
            bundle,
            omitted,
        })
    }

    /// Signs everything that this process saw, so that verifiers who trust this key can rely on it. Parts that do not fit are
    /// left out, and named.
    async fn bundle(
        &self,
        claim: Signed<NamespaceClaim>,
        input: DecisionInput,
        kept: Vec<Signed<Observation>>,
        decision: &Decision,
        now: Timestamp,
    ) -> Result<(Bundle, Vec<String>), SignError> {
        let seen = seen_here(&input);
        let mut omitted = Vec::new();
        let bundle = Bundle::new(claim);
        let mut bundle = match bundle.clone().recording(decision) {
            Ok(recording) => recording,
            Err(error) => {
                omitted.push(format!("the report of the decision: {error}"));
                bundle
            }
        };
        bundle.platform_claims = input.accounts.into_iter().map(|a| a.claim).collect();
        bundle.delegations = input.delegations;
        bundle.revocations = input.revocations.found().to_vec();
        bundle.observations = kept;
        for evidence in seen {
            let about = describe_evidence(&evidence);
            let request = SigningRequest::new(Observation::new(evidence), now);
            match request.sign(self.signer).await {
                Ok(observation) => {
                    bundle.observations.push(observation);
                    if let Err(error) = bundle.check() {
                        bundle.observations.pop();
                        omitted.push(format!("{about}: {error}"));
                    }
                }
                Err(SignError::Refused { what }) => omitted.push(format!("{about}: {what}")),
                Err(error @ SignError::Signer(_)) => return Err(error),
            }
        }
        if let Err(error) = bundle.check() {
            omitted.push(format!("it cannot be read back: {error}"));
        }
        Ok((bundle, omitted))
    }
}

/// Adds the earlier observations of the input's accounts to the present ones, and returns those that were added. An observation
/// that has expired or does not verify is left out: it contains nothing to decide on.
fn remembered(
    input: &mut DecisionInput,
    observations: Vec<Signed<Observation>>,
    now: Timestamp,
) -> Vec<Signed<Observation>> {
    let mut taken = Vec::new();
    for observation in observations {
        let Ok(observed) = ObservedEvidence::observed(&observation, &input.keys, now) else {
            continue;
        };
        let Some(observed) = observed.of_account() else {
            continue;
        };
        let seen = observed.evidence();
        let mut fits = false;
        for linked in &mut input.accounts {
            if seen.did == *linked.claim.did() && seen.account.same_as(linked.account()) {
                linked.evidence.push(observed.clone());
                fits = true;
            }
        }
        if fits {
            taken.push(observation);
        }
    }
    taken
}

/// Returns the evidence that this process saw itself.
fn seen_here(input: &DecisionInput) -> Vec<Evidence> {
    let namespace = input
        .evidence
        .iter()
        .filter(|s| *s.seen_by() == SeenBy::ThisProcess)
        .map(|s| Evidence::Namespace(Box::new(s.evidence().clone())));
    let accounts = input
        .accounts
        .iter()
        .flat_map(|a| &a.evidence)
        .filter(|s| *s.seen_by() == SeenBy::ThisProcess)
        .map(|s| Evidence::Account(Box::new(s.evidence().clone())));
    namespace.chain(accounts).collect()
}

fn describe_evidence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Namespace(seen) => format!("the observation of {}", seen.namespace.short()),
        Evidence::Account(seen) => format!("the observation of {}", seen.account),
    }
}
