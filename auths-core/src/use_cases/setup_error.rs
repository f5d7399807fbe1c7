//! The reasons why a verifier cannot be made.

use std::time::Duration;

use super::registries::SameRegistry;
use crate::claim::MAX_CHALLENGE_LIFE;
use crate::reason::{Invalid, Reason};

/// A reason why a [`Verifier`](super::Verifier) cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// No source of revocations was plugged in.
    #[error(
        "the verifier has no source of revocations, so it would accept revoked keys: add one with `revocations`, at least a `RevocationList` of your own"
    )]
    NoRevocationSource,
    /// No memory of revocations was plugged in.
    #[error(
        "the verifier has no memory of revocations, so a later bundle could make it forget one: set one with `revocation_memory`"
    )]
    NoRevocationMemory,
    /// It was not said whether claims must answer a challenge, or both was said.
    #[error(
        "the verifier must know whether a claim answers a challenge: call either `challenges`, so that each is accepted once, or `without_challenges`"
    )]
    ChallengesUndecided,
    /// Challenges cannot be valid for so long, or for so short a time.
    #[error(
        "challenges would be valid for {0:?}: give `challenges` a life of at least a second, and of at most {MAX_CHALLENGE_LIFE:?}"
    )]
    ChallengeLife(Duration),
    /// Two adapters read one registry.
    #[error(transparent)]
    SameRegistry(#[from] SameRegistry),
}

impl SetupError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadConfiguration.code()
    }
}
