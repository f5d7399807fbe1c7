//! The use of ID tokens: each is worth one decision that is acted on.

use std::sync::Arc;

use crate::Timestamp;
use crate::ci::VerifiedCiToken;
use crate::claim::IssuedChallenge;
use crate::decide::{AwaitingToken, Decision, NamespaceAuthority, NotAccepted, Verified};
use crate::ports::{ReplayGuard, StoreError, TokenUse};
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable, UnavailableReason};

/// The record of the ID tokens that were used, by issuer and id.
///
/// A decision about a CI run opens when the run's token is used up, which happens once for each token. A run that is refused uses
/// its token not up.
///
/// # Security
/// Everybody who accepts one audience must share the record, and it must outlive a restart: otherwise a token can be used again. It
/// keeps each token until its expiry and twice the leeway of clocks.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::ports::MemoryReplayGuard;
/// use auths_core::use_cases::TokenUses;
///
/// // For one process that is never restarted within the life of a token. Others share a store.
/// let uses = TokenUses::new(Arc::new(MemoryReplayGuard::new()));
/// # async fn example(uses: TokenUses, decided: auths_core::decide::AwaitingToken, now: auths_core::Timestamp) {
/// match uses.use_once(decided, now).await {
///     Ok(verified) => println!("{}", verified.get()),
///     Err(refused) => println!("{refused}"),
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct TokenUses {
    guard: Arc<dyn ReplayGuard>,
}

impl TokenUses {
    /// Creates the record over a guard.
    #[must_use]
    pub fn new(guard: Arc<dyn ReplayGuard>) -> Self {
        Self { guard }
    }

    /// Uses up the token of an accepted run, and returns the authority that may be acted on.
    ///
    /// # Errors
    /// [`NotAccepted`] when the decision is not a yes; nothing is then used up. Also when the token was used before or has expired
    /// ([`RefutedReason::TokenUsed`]), and when its use could not be recorded ([`UnavailableReason::StoreFailed`]).
    pub async fn use_once(
        &self,
        decided: AwaitingToken,
        now: Timestamp,
    ) -> Result<Verified<NamespaceAuthority>, NotAccepted> {
        self.settle(decided, now).await.into_verified()
    }

    /// Uses the token of a decision up, if it is a yes, and opens the decision.
    async fn settle(&self, decided: AwaitingToken, now: Timestamp) -> Decision {
        if !decided.is_accepted() {
            return decided.open();
        }
        match self.use_first(decided.token(), now).await {
            Ok(()) => decided.open(),
            Err(obstacle) => decided.refuse(obstacle),
        }
    }

    pub(super) async fn use_first(
        &self,
        token: &VerifiedCiToken,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        token
            .times()
            .check(token.identity().issuer().provider, now)?;
        let (key, until) = (token.replay_key(), token.replay_until());
        let used = self.guard.consume(&key, now, until).await;
        first(used, token_used)
    }

    /// Checks that a token was not used, and records nothing: it may be used the moment after.
    pub(super) async fn check_unused(
        &self,
        token: &VerifiedCiToken,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let (key, until) = (token.replay_key(), token.replay_until());
        let used = self.guard.peek(&key, now, until).await;
        first(used, token_used)
    }

    /// Uses up a challenge that a front end gave. The verifier's own challenges are recorded under their text too.
    pub(super) async fn use_challenge(
        &self,
        issued: &IssuedChallenge,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let (challenge, until) = (issued.challenge().as_str(), issued.expires());
        let used = self.guard.consume(challenge, now, until).await;
        first(used, challenge_used)
    }

    /// Checks that a challenge which a front end gave was not used, and records nothing.
    pub(super) async fn check_challenge_unused(
        &self,
        issued: &IssuedChallenge,
        now: Timestamp,
    ) -> Result<(), Obstacle> {
        let (challenge, until) = (issued.challenge().as_str(), issued.expires());
        let used = self.guard.peek(challenge, now, until).await;
        first(used, challenge_used)
    }
}

fn first(
    used: Result<TokenUse, StoreError>,
    used_before: impl FnOnce() -> Refuted,
) -> Result<(), Obstacle> {
    match used {
        Ok(TokenUse::First) => Ok(()),
        Ok(TokenUse::UsedUp) => Err(used_before().into()),
        Err(error) => {
            let detail = format!("the record of used tokens and challenges: {error}");
            Err(Unavailable::new(UnavailableReason::StoreFailed, detail).into())
        }
    }
}

fn token_used() -> Refuted {
    let detail = "it was used before: ask the CI platform for a new one";
    Refuted::new(RefutedReason::TokenUsed, detail)
}

fn challenge_used() -> Refuted {
    let detail = "the challenge was used before: give a new one";
    Refuted::new(RefutedReason::ChallengeUsed, detail)
}
