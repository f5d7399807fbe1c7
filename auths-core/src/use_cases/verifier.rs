//! The entry point: everything that a verifier or a holder plugs in, and the questions that can be asked of it.

use std::sync::Arc;
use std::time::Duration;

use super::registries::SameRegistry;
use super::{
    Challenges, ClaimFailure, ClaimNamespace, ClaimRequest, ClaimResult, Registries,
    RevocableParts, SetupError, StatementProver, VerificationLimits, VerifyOptions,
    collect_revocations, resolve_keys, verify,
};
use crate::Timestamp;
use crate::bundle::Bundle;
use crate::claim::{
    Audience, Challenge, ChallengeScope, Claim, ClaimError, IssuedChallenge, KeyRing,
    MAX_CHALLENGE_LIFE, ProofExpectation,
};
use crate::decide::{AwaitingUse, Decision, NotAccepted, Revocations};
use crate::identity::{Did, Namespace};
use crate::policy::Policy;
use crate::ports::{
    AccountProver, DidResolver, Entropy, NamespaceVerifier, PlatformContext, ReplayGuard,
    RevocationMemory, RevocationSource, Signer,
};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use crate::time::DAY;

/// How far apart in time two negative answers must be, by default, until what was accepted is removed.
const REMOVAL_AFTER: Duration = DAY;

/// The entry point of the library: asks registries, platforms and sources of revocations, and decides.
///
/// ```
/// # use auths_testkit::world::{Metadata, SimulatedRegistry, World};
/// # use std::sync::{Arc, Mutex};
/// use auths_core::ports::{MemoryRevocations, RevocationList};
/// use auths_core::use_cases::{ClaimRequest, ClaimsContext, Verifier};
/// use auths_core::{Outcome, Policy};
///
/// # let key = auths_testkit::scenes::key(1);
/// # let mut world = World::pypi("2026-01-01T00:00:00Z".parse()?);
/// # let alice = world.sign_up("alice")?;
/// # for version in ["1.0", "1.1"] {
/// #     world.publish(&alice, "six", version, Metadata::new().naming([auths_testkit::scenes::did(&key)], &"pypi:six".parse()?))?;
/// #     world.wait(std::time::Duration::from_secs(8 * 86_400));
/// # }
/// # let now = world.now();
/// # let pypi = SimulatedRegistry::public(Arc::new(Mutex::new(world)), "https://registry.example".parse()?);
/// let verifier = Verifier::builder("https://hub.example".parse()?)
///     .registry(pypi)
///     .revocations(RevocationList::new("our own list"))
///     .revocation_memory(MemoryRevocations::new())
///     .without_challenges()
///     .build()?;
///
/// # auths_testkit::block_on(async {
/// // A holder claims a package, for this hub ...
/// let request = ClaimRequest::new("pypi:six".parse()?, now).for_audience("https://hub.example".parse()?);
/// let claimed = verifier.claim(&key, &ClaimsContext::default(), request, &Policy::standard()).await?;
/// // ... and the hub decides on what the registry shows now.
/// let decision = verifier.verify(&claimed.bundle, &Policy::standard(), now).await;
/// assert_eq!(decision.outcome(), Outcome::Accepted);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Security
/// A verifier cannot be made without a source of revocations and without a memory of them: a revoked key signs as well as any
/// other. It cannot be made without a word on challenges: with them, every claim must answer one, and a yes uses it up; without,
/// whoever has a bundle can send it again.
#[derive(Debug, Clone)]
pub struct Verifier {
    pub(super) audience: Audience,
    registries: Registries,
    provers: Vec<Arc<dyn AccountProver>>,
    sources: Vec<Arc<dyn RevocationSource>>,
    memory: Arc<dyn RevocationMemory>,
    resolver: Option<Arc<dyn DidResolver>>,
    challenges: Option<Challenges>,
    limits: VerificationLimits,
    pub(super) removal_after: Duration,
}

impl Verifier {
    /// Begins a verifier. `audience` is its own name: claims that are meant for another verifier are refused.
    pub fn builder(audience: Audience) -> VerifierBuilder {
        VerifierBuilder {
            audience,
            registries: Registries::default(),
            provers: Vec::new(),
            sources: Vec::new(),
            memory: None,
            resolver: None,
            challenges: None,
            takes_plain_claims: false,
            limits: VerificationLimits::default(),
            removal_after: REMOVAL_AFTER,
            fault: None,
        }
    }

    /// Decides about what somebody sent, on what the registry and the platforms show now.
    ///
    /// It asks the sources of revocations, reads the registry, then the accounts that could lead to what it shows, decides, and
    /// uses the challenge up, in this order. A bundle whose challenge was not given by this verifier, whose claim does not hold,
    /// or whose key is revoked costs no request to a registry.
    pub async fn verify(&self, bundle: &Bundle, policy: &Policy, now: Timestamp) -> Decision {
        let (revocations, keys) = self.consult(bundle, policy, now).await;
        let options = self.options(policy, revocations, keys, now);
        let registry = self.registry_of(bundle);
        let provers = self.provers.clone();
        let Some(challenges) = &self.challenges else {
            return verify::verify_on(bundle, options, registry, provers).await;
        };
        match challenges.find(&bundle.claim, now).await {
            Ok(issued) => {
                let options = options.with_challenge(issued);
                let decided = verify::verify_on(bundle, options, registry, provers).await;
                challenges.settle(decided, now).await
            }
            Err(obstacle) => verify::verify_nothing(bundle, options).taken_back(obstacle),
        }
    }

    /// Decides about what somebody sent, on the observations in it, as far as the policy trusts their observers. It reads no
    /// registry and no platform; the sources of revocations are asked.
    ///
    /// # Errors
    /// [`ClaimError`] when an observation was tampered with.
    pub async fn verify_offline(
        &self,
        bundle: Bundle,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Decision, ClaimError> {
        let (revocations, keys) = self.consult(&bundle, policy, now).await;
        let options = self.options(policy, revocations, keys, now);
        let Some(challenges) = &self.challenges else {
            return super::verify_offline(bundle, options);
        };
        match challenges.find(&bundle.claim, now).await {
            Ok(issued) => {
                let decided = super::verify_offline(bundle, options.with_challenge(issued))?;
                Ok(challenges.settle(decided, now).await)
            }
            Err(obstacle) => Ok(verify::verify_nothing(&bundle, options).taken_back(obstacle)),
        }
    }

    /// Claims a package for the holder of a key: reads, signs, decides as a verifier would, and bundles everything for others. The
    /// claim names the package [canonically](Registries::canonical).
    ///
    /// `context` shows the accounts that are linked to the key: [`context`](Self::context) makes one from stored links.
    ///
    /// # Errors
    /// [`ClaimFailure`] when the registry cannot be read, no adapter reads it, or the key cannot sign.
    pub async fn claim(
        &self,
        signer: &dyn Signer,
        context: &dyn PlatformContext,
        mut request: ClaimRequest,
        policy: &Policy,
    ) -> Result<ClaimResult, ClaimFailure> {
        request.namespace = self.registries.canonical(&request.namespace);
        let registry = self.registries.find(&request.namespace)?;
        let claim = ClaimNamespace {
            signer,
            verifier: &**registry,
            context,
            revocations: &self.sources(),
            memory: &*self.memory,
            resolver: self.resolver.as_deref(),
        };
        claim.run(request, policy).await
    }

    /// Issues a challenge for a DID that wants to claim a package.
    ///
    /// # Errors
    /// [`Unavailable`] when no challenges are plugged in, when no registry reads the package, when there is no randomness, or when the record of used challenges
    /// cannot be read.
    pub async fn issue_challenge(
        &self,
        did: Did,
        namespace: Namespace,
        now: Timestamp,
    ) -> Result<IssuedChallenge, Unavailable> {
        let Some(challenges) = &self.challenges else {
            let detail = "no challenges are plugged in";
            return Err(Unavailable::new(UnavailableReason::NotOffered, detail));
        };
        self.registries.find(&namespace)?;
        let namespace = self.registries.canonical(&namespace);
        challenges.issue(did, namespace, now).await
    }

    /// Returns a context for a holder from stored links, whose proofs this verifier's provers read.
    #[must_use]
    pub fn context(&self, links: Vec<super::StoredLink>) -> super::ClaimsContext {
        super::ClaimsContext::new(links, self.provers.clone())
    }

    /// Returns the registries, for questions about listings alone ([`check_many`](super::check_many)).
    #[must_use]
    pub fn registries(&self) -> &Registries {
        &self.registries
    }

    /// Returns this verifier without its challenges. It decides about the same claims, and gives no
    /// [`Verified`](crate::Verified) for those that answer one.
    pub(super) fn without_challenges(&self) -> Self {
        Self {
            challenges: None,
            ..self.clone()
        }
    }

    /// Decides about what somebody sent in answer to a challenge. The challenge is not used up.
    ///
    /// # Errors
    /// [`NotAccepted`] when the claim answers no challenge of this verifier, or the verifier has none.
    pub(super) async fn decide_answered(
        &self,
        bundle: &Bundle,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(AwaitingUse, &Challenges), NotAccepted> {
        let (revocations, keys) = self.consult(bundle, policy, now).await;
        let options = self.options(policy, revocations, keys, now);
        let found = match &self.challenges {
            Some(challenges) => challenges.find(&bundle.claim, now).await,
            None => {
                let detail = "this verifier gives no challenges";
                Err(Refuted::new(RefutedReason::WrongChallenge, detail).into())
            }
        };
        match (found, &self.challenges) {
            (Ok(issued), Some(challenges)) => {
                let registry = self.registry_of(bundle);
                let options = options.with_challenge(issued);
                let provers = self.provers.clone();
                let decided = verify::verify_on(bundle, options, registry, provers).await;
                Ok((decided, challenges))
            }
            (Err(obstacle), _) => {
                let refused = verify::verify_nothing(bundle, options).taken_back(obstacle);
                Err(NotAccepted(Box::new(refused)))
            }
            (Ok(_), None) => {
                let nothing = verify::verify_nothing(bundle, options);
                Err(NotAccepted(Box::new(nothing)))
            }
        }
    }

    /// Decides about a claim that answers a challenge which the caller gave. The challenge is not used up.
    pub(super) async fn decide_given(
        &self,
        bundle: &Bundle,
        given: &Challenge,
        policy: &Policy,
        now: Timestamp,
    ) -> AwaitingUse {
        let (revocations, keys) = self.consult(bundle, policy, now).await;
        let options = self.options(policy, revocations, keys, now);
        let scope = ChallengeScope {
            did: bundle.claim.did(),
            namespace: &bundle.claim.unverified().namespace,
            audience: &self.audience,
            purpose: "",
        };
        // No claim that answers it today is valid for longer.
        let until = now + bundle.claim.unverified().max_life();
        let options = options.with_challenge(IssuedChallenge::given(given.clone(), scope, until));
        let (registry, provers) = (self.registry_of(bundle), self.provers.clone());
        verify::verify_on(bundle, options, registry, provers).await
    }

    fn registry_of(&self, bundle: &Bundle) -> Result<&dyn NamespaceVerifier, Unavailable> {
        let name = &bundle.claim.unverified().namespace;
        let found = self.registries.find_signed(name);
        found.map(|registry| &**registry)
    }

    pub(super) fn limits(&self) -> VerificationLimits {
        self.limits
    }

    pub(super) fn memory(&self) -> &dyn RevocationMemory {
        &*self.memory
    }

    pub(super) fn sources(&self) -> Vec<&dyn RevocationSource> {
        self.sources.iter().map(|source| &**source).collect()
    }

    fn options<'a>(
        &self,
        policy: &'a Policy,
        revocations: Revocations,
        keys: KeyRing,
        now: Timestamp,
    ) -> VerifyOptions<'a> {
        let expected = ProofExpectation::new(self.audience.clone());
        let mut options = VerifyOptions::new(expected, policy, now).with_revocations(revocations);
        options.keys = keys;
        options.limits = self.limits;
        options
    }

    /// Asks every source, and returns the revocations with the keys of everybody who signed something in the bundle.
    async fn consult(
        &self,
        bundle: &Bundle,
        policy: &Policy,
        now: Timestamp,
    ) -> (Revocations, KeyRing) {
        let revocable = RevocableParts::bundle(bundle, policy);
        let mut dids = revocable.dids();
        let mut keys = self.keys(&dids, now).await;
        let sources = self.sources();
        let memory = &*self.memory;
        let revocations = collect_revocations(&sources, memory, &revocable, &keys, now).await;
        let expected = ProofExpectation::new(self.audience.clone());
        let input =
            bundle.input_without_evidence(expected, revocations.clone(), KeyRing::intrinsic());
        let revokers = input.recovery_revokers();
        if !revokers.is_empty() {
            dids.extend(revokers);
            keys = self.keys(&dids, now).await;
        }
        (revocations, keys)
    }

    pub(super) async fn keys(&self, dids: &[Did], now: Timestamp) -> KeyRing {
        match &self.resolver {
            Some(resolver) => resolve_keys(dids, &**resolver, self.limits.dids, now).await,
            None => KeyRing::intrinsic(),
        }
    }
}

/// A [`Verifier`] in the making.
#[derive(Debug)]
#[must_use = "`build` makes the verifier"]
pub struct VerifierBuilder {
    audience: Audience,
    registries: Registries,
    provers: Vec<Arc<dyn AccountProver>>,
    sources: Vec<Arc<dyn RevocationSource>>,
    memory: Option<Arc<dyn RevocationMemory>>,
    resolver: Option<Arc<dyn DidResolver>>,
    challenges: Option<Challenges>,
    takes_plain_claims: bool,
    limits: VerificationLimits,
    removal_after: Duration,
    fault: Option<SameRegistry>,
}

impl VerifierBuilder {
    /// Adds a registry. Names of its ecosystem on its server are read by it.
    ///
    /// Where core knows that accounts of the registry's platform are proved by a package made for it (npm, PyPI), they are proved
    /// by this registry too. For another platform, add a [`StatementProver`] with [`accounts`](Self::accounts).
    ///
    /// An adapter that is used elsewhere too is given as an `Arc` of it, here and in the other methods.
    pub fn registry(mut self, registry: impl NamespaceVerifier + 'static) -> Self {
        let registry: Arc<dyn NamespaceVerifier> = Arc::new(registry);
        let platform = registry.ecosystem().accounts_with_statements();
        match self.registries.add(registry.clone()) {
            Ok(()) => {}
            Err(same) => self.fault = self.fault.or(Some(same)),
        }
        match platform {
            Some(platform) => self.accounts(StatementProver::new(platform, registry)),
            None => self,
        }
    }

    /// Adds a prover of accounts.
    pub fn accounts(mut self, prover: impl AccountProver + 'static) -> Self {
        self.provers.push(Arc::new(prover));
        self
    }

    /// Adds a source of revocations. At least one is needed.
    pub fn revocations(mut self, source: impl RevocationSource + 'static) -> Self {
        self.sources.push(Arc::new(source));
        self
    }

    /// Sets the memory of revocations, which is needed. What it was ever shown, a later bundle cannot make it forget.
    /// [`MemoryRevocations`](crate::ports::MemoryRevocations) forgets at the end of the process.
    pub fn revocation_memory(mut self, memory: impl RevocationMemory + 'static) -> Self {
        self.memory = Some(Arc::new(memory));
        self
    }

    /// Requires of every claim that it answers a challenge of this verifier, given at most `life` ago. Each answer is accepted
    /// once. Replicas of one server share the guard. [`build`](Self::build) refuses a life below a second, or above
    /// [`MAX_CHALLENGE_LIFE`].
    pub fn challenges(
        mut self,
        guard: impl ReplayGuard + 'static,
        entropy: impl Entropy + 'static,
        life: Duration,
    ) -> Self {
        let (guard, entropy) = (Arc::new(guard), Arc::new(entropy));
        let challenges = Challenges::new(guard, entropy, self.audience.clone(), life);
        self.challenges = Some(challenges);
        self
    }

    /// Takes claims that answer no challenge. The same bundle is then accepted as often as it is sent, by whoever has it, until the
    /// claim ends: for gates and tools that decide anew each time, and hand nothing out.
    pub fn without_challenges(mut self) -> Self {
        self.takes_plain_claims = true;
        self
    }

    /// Sets a resolver of DIDs other than `did:key`.
    pub fn resolver(mut self, resolver: impl DidResolver + 'static) -> Self {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// Sets the limits on what one decision may ask of others.
    pub fn limits(mut self, limits: VerificationLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how far apart in time two negative answers must be until [`Verifier::review`] removes what was accepted. The default
    /// is a day.
    pub fn removal_after(mut self, time: Duration) -> Self {
        self.removal_after = time;
        self
    }

    /// Makes the verifier.
    ///
    /// ```
    /// use auths_core::ports::{MemoryRevocations, RevocationList};
    /// use auths_core::use_cases::{SetupError, Verifier};
    ///
    /// let me = "https://hub.example".parse()?;
    /// let without_a_source = Verifier::builder(me).revocation_memory(MemoryRevocations::new()).build();
    /// assert_eq!(without_a_source.unwrap_err(), SetupError::NoRevocationSource);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SetupError`] with what is missing, or is there twice.
    pub fn build(self) -> Result<Verifier, SetupError> {
        if let Some(same) = self.fault {
            return Err(SetupError::SameRegistry(same));
        }
        if self.sources.is_empty() {
            return Err(SetupError::NoRevocationSource);
        }
        let memory = self.memory.ok_or(SetupError::NoRevocationMemory)?;
        match (&self.challenges, self.takes_plain_claims) {
            (Some(challenges), false) => check_life(challenges.life())?,
            (None, true) => {}
            _ => return Err(SetupError::ChallengesUndecided),
        }
        Ok(Verifier {
            audience: self.audience,
            registries: self.registries,
            provers: self.provers,
            sources: self.sources,
            memory,
            resolver: self.resolver,
            challenges: self.challenges,
            limits: self.limits,
            removal_after: self.removal_after,
        })
    }
}

/// Checks that somebody can answer a challenge within its life, and that the life is one that challenges have.
fn check_life(life: Duration) -> Result<(), SetupError> {
    match (Duration::from_secs(1)..=MAX_CHALLENGE_LIFE).contains(&life) {
        true => Ok(()),
        false => Err(SetupError::ChallengeLife(life)),
    }
}
