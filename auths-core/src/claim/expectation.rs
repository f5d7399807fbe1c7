//! What a verifier expects of a claim.

use std::time::Duration;

use super::{Audience, Challenge};

/// The maximum by which a claim's `created` may lie ahead of the verifier's clock: 5 minutes.
pub const MAX_CLOCK_LEAD: Duration = Duration::from_secs(300);

/// The audience and challenge that a verifier expects in a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProofExpectation {
    /// The audience that the claim must have been signed for.
    pub audience: Audience,
    /// The challenge that the claim must answer, when the verifier issued one.
    pub challenge: Option<Challenge>,
}

impl ProofExpectation {
    /// Creates the expectation of a claim for this audience.
    #[must_use]
    pub fn new(audience: Audience) -> Self {
        Self {
            audience,
            challenge: None,
        }
    }

    /// Sets the challenge that the claim must answer.
    #[must_use]
    pub fn with_challenge(mut self, challenge: Challenge) -> Self {
        self.challenge = Some(challenge);
        self
    }
}
