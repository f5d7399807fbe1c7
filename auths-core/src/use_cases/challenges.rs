//! Challenges: issued by a verifier, recognised when they come back, and used once.

use std::sync::Arc;
use std::time::Duration;

use crate::Timestamp;
use crate::claim::{
    Audience, ChallengeKey, ChallengeScope, IssuedChallenge, NamespaceClaim, Signed,
};
use crate::decide::{AwaitingUse, Decision, NamespaceAuthority, NotAccepted, Verified};
use crate::identity::{Did, Namespace};
use crate::ports::{Entropy, EntropyError, ReplayGuard, StoreError, TokenUse};
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// The default purpose of challenges, unless [set](Challenges::for_purpose) otherwise.
const PURPOSE: &str = "namespace-claim";

/// Issues challenges for one audience, recognises them when they come back, and accepts each answer once.
///
/// Nothing is stored when a challenge is issued: the challenge contains its expiry and a MAC over the DID, the namespace, the
/// audience, the purpose, the expiry and 128 random bits. So nobody can exhaust storage by asking often. Only used challenges are
/// remembered, by the [`ReplayGuard`], until they expire. Replicas that share its record share its key. When the record is lost,
/// the key is lost too, and challenges issued before are no longer recognised.
///
/// The order is: **[`find`](Self::find), decide, [`use_once`](Self::use_once), and act only on the result of that**. A claim that
/// is not accepted uses nothing up, so nobody can spoil a challenge by sending a bad answer to it.
///
/// # Security
/// Anybody may ask for a challenge about any DID and namespace. A challenge reveals nothing, and is worth nothing without the
/// DID's key.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::claim::ProofExpectation;
/// use auths_core::decide::{NamespaceAuthority, Obstacle, Verified};
/// use auths_core::ports::NamespaceVerifier;
/// use auths_core::use_cases::{Challenges, VerifyOptions, verify_live};
/// use auths_core::{Bundle, Did, Namespace, Policy, Timestamp, Unavailable};
///
/// /// What somebody is told who wants to speak for a package.
/// async fn ask(
///     challenges: &Challenges, did: Did, namespace: Namespace, now: Timestamp,
/// ) -> Result<String, Unavailable> {
///     Ok(challenges.issue(did, namespace, now).await?.challenge().to_string())
/// }
///
/// /// What their bundle comes to.
/// async fn answer(
///     challenges: &Challenges, bundle: &Bundle, policy: &Policy, registry: &dyn NamespaceVerifier, now: Timestamp,
/// ) -> Result<Verified<NamespaceAuthority>, Obstacle> {
///     let issued = challenges.find(&bundle.claim, now).await?;
///     let me = ProofExpectation::new(challenges.audience().clone());
///     let options = VerifyOptions::new(me, policy, now).with_challenge(issued);
///     let decided = verify_live(bundle, options, registry, Vec::new()).await;
///     Ok(challenges.use_once(decided, now).await?)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Challenges {
    guard: Arc<dyn ReplayGuard>,
    entropy: Arc<dyn Entropy>,
    audience: Audience,
    purpose: Box<str>,
    life: Duration,
}

impl Challenges {
    /// Creates an issuer of challenges to claims for `audience`, each valid for `life`. A life above
    /// [`MAX_CHALLENGE_LIFE`](crate::claim::MAX_CHALLENGE_LIFE) is cut to it; a [`VerifierBuilder`](crate::use_cases::VerifierBuilder)
    /// refuses it. `guard` records their uses.
    #[must_use]
    pub fn new(
        guard: Arc<dyn ReplayGuard>,
        entropy: Arc<dyn Entropy>,
        audience: Audience,
        life: Duration,
    ) -> Self {
        Self {
            guard,
            entropy,
            audience,
            purpose: PURPOSE.into(),
            life,
        }
    }

    /// Sets the purpose, where a verifier has several. A challenge issued for another purpose is not recognised.
    #[must_use]
    pub fn for_purpose(mut self, purpose: &str) -> Self {
        self.purpose = purpose.into();
        self
    }

    /// Returns the audience that the claims must be signed for.
    #[must_use]
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Returns the time within which a challenge must be answered.
    pub(super) fn life(&self) -> Duration {
        self.life
    }

    /// Issues a challenge for `did` to speak for `namespace`. Stores nothing.
    ///
    /// # Errors
    /// [`UnavailableReason::StoreFailed`] when the key cannot be read; [`UnavailableReason::KeystoreFailed`] when the random
    /// source failed.
    pub async fn issue(
        &self,
        did: Did,
        namespace: Namespace,
        now: Timestamp,
    ) -> Result<IssuedChallenge, Unavailable> {
        let key = self.key().await?;
        let scope = ChallengeScope {
            did: &did,
            namespace: &namespace,
            audience: &self.audience,
            purpose: &self.purpose,
        };
        IssuedChallenge::give(&key, &*self.entropy, scope, now, self.life).map_err(no_randomness)
    }

    /// Returns the challenge that a claim answers, if it was issued here, to this DID and for this namespace, and has not
    /// expired.
    ///
    /// The claim itself is not verified here: deciding does that.
    ///
    /// # Errors
    /// [`RefutedReason::WrongChallenge`] when the claim answers no challenge, or one that was not issued here, was issued for
    /// something else, or has expired; [`UnavailableReason::StoreFailed`] and [`UnavailableReason::KeystoreFailed`] as in
    /// [`issue`](Self::issue).
    pub async fn find(
        &self,
        claim: &Signed<NamespaceClaim>,
        now: Timestamp,
    ) -> Result<IssuedChallenge, Obstacle> {
        let Some(challenge) = claim.challenge() else {
            let detail = "the claim answers no challenge";
            return Err(Refuted::new(RefutedReason::WrongChallenge, detail).into());
        };
        let scope = ChallengeScope {
            did: claim.did(),
            namespace: &claim.unverified().namespace,
            audience: &self.audience,
            purpose: &self.purpose,
        };
        let key = self.key().await?;
        Ok(IssuedChallenge::recognise(&key, challenge, scope, now)?)
    }

    /// Uses up the challenge that an accepted claim answered, and returns the authority that may be acted on.
    ///
    /// # Errors
    /// [`NotAccepted`] when the decision is not a yes; nothing is then used up. Also when the challenge was used before or has
    /// expired ([`RefutedReason::ChallengeUsed`]); when it was not issued here ([`RefutedReason::WrongChallenge`]); and when its
    /// use could not be recorded ([`UnavailableReason::StoreFailed`]).
    pub async fn use_once(
        &self,
        decided: AwaitingUse,
        now: Timestamp,
    ) -> Result<Verified<NamespaceAuthority>, NotAccepted> {
        self.settle(decided, now).await.into_verified()
    }

    /// Uses the challenge of a decision up, if it is a yes, and opens the decision.
    pub(super) async fn settle(&self, decided: AwaitingUse, now: Timestamp) -> Decision {
        if !decided.is_accepted() {
            return decided.open();
        }
        match self.use_first(decided.issued(), now).await {
            Ok(()) => decided.open(),
            Err(obstacle) => decided.refuse(obstacle),
        }
    }

    /// Checks that a challenge was not used, and records nothing: it may be used the moment after.
    pub(super) async fn check_unused(
        &self,
        issued: &IssuedChallenge,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let (challenge, expires) = (issued.challenge().as_str(), issued.expires());
        let used = self.guard.peek(challenge, now, expires).await;
        match used.map_err(|error| failed(&error))? {
            TokenUse::First => Ok(()),
            TokenUse::UsedUp => Err(used_up(issued).into()),
        }
    }

    async fn use_first(&self, issued: &IssuedChallenge, now: Timestamp) -> Result<(), Obstacle> {
        if issued.expires() <= now {
            return Err(used_up(issued).into());
        }
        let (challenge, scope) = (issued.challenge(), issued.scope(&self.purpose));
        let consumed = self
            .guard
            .consume(challenge.as_str(), now, issued.expires());
        match consumed.await.map_err(|error| failed(&error))? {
            TokenUse::First => {}
            TokenUse::UsedUp => return Err(used_up(issued).into()),
        }
        // The record may have been lost since the challenge was found. A first use then proves nothing. But the key is lost with
        // the record, so check the MAC again.
        let key = self.key().await?;
        IssuedChallenge::recognise(&key, challenge, scope, now)?;
        Ok(())
    }

    async fn key(&self) -> Result<ChallengeKey, Unavailable> {
        let fresh = ChallengeKey::generate(&*self.entropy).map_err(no_randomness)?;
        let kept = self.guard.key(fresh).await;
        kept.map_err(|error| failed(&error))
    }
}

fn used_up(issued: &IssuedChallenge) -> Refuted {
    let detail = format!("it was to be used once, before {}", issued.expires());
    Refuted::new(RefutedReason::ChallengeUsed, detail)
}

fn no_randomness(error: EntropyError) -> Unavailable {
    Unavailable::new(UnavailableReason::KeystoreFailed, error.to_string())
}

fn failed(error: &StoreError) -> Unavailable {
    let detail = format!("the record of used challenges: {error}");
    Unavailable::new(UnavailableReason::StoreFailed, detail)
}
