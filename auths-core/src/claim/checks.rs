//! The checks that a claim was signed by its DID, was signed for this audience, and holds now.

use super::keys::KeyLookup;
use super::{Claim, ClaimError, KeyRing, MAX_CLOCK_LEAD, MAX_LIFE, ProofExpectation, Signed};
use crate::Timestamp;
use crate::reason::{Refuted, RefutedReason};
use crate::time::in_words;

impl<C: Claim> Signed<C> {
    /// Checks only the signature, under a key of the claim's own DID. Audience, time and revocation are not checked.
    ///
    /// # Errors
    /// [`ClaimError::Refuted`] when the signature or the key is wrong; [`ClaimError::Unavailable`] when the DID's keys are not
    /// known.
    pub fn check_signature(&self, keys: &KeyRing) -> Result<(), ClaimError> {
        let (method, data, signature) = self.signature_parts();
        match keys.lookup(method) {
            KeyLookup::Key(key) => key.verify(data, signature).map_err(|_| {
                refuted(
                    RefutedReason::BadSignature,
                    "the document was changed, or another key signed it",
                )
            }),
            KeyLookup::NotAKey => Err(refuted(
                RefutedReason::UnknownKey,
                format!("{method} is not a key of the DID"),
            )),
            KeyLookup::Unresolved(why) => Err(why.into()),
        }
    }

    /// Checks the length of the claim's life, independent of the present time.
    pub(crate) fn check_life(&self) -> Result<(), ClaimError> {
        let Some(expires) = self.expires() else {
            return Ok(());
        };
        if expires <= self.created() {
            return Err(refuted(
                RefutedReason::Expired,
                "it expires before it was created",
            ));
        }
        let longest = self.unverified().max_life().min(MAX_LIFE);
        if expires.since(self.created()) > longest {
            let detail = format!("at most {} are allowed", in_words(longest));
            return Err(refuted(RefutedReason::LifeTooLong, detail));
        }
        Ok(())
    }

    /// Checks that `now` lies within the claim's life.
    pub(crate) fn check_time(&self, now: Timestamp) -> Result<(), ClaimError> {
        self.check_life()?;
        if self.created() > now + MAX_CLOCK_LEAD {
            let detail = format!("created {}, and it is {now}", self.created());
            return Err(refuted(RefutedReason::NotYetValid, detail));
        }
        match self.expires() {
            Some(expires) if expires <= now => Err(refuted(
                RefutedReason::Expired,
                format!("it ended {expires}, and it is {now}"),
            )),
            _ => Ok(()),
        }
    }

    /// Checks that the claim was signed for the expected audience and answers the expected challenge.
    pub(crate) fn check_expectation(&self, expected: &ProofExpectation) -> Result<(), ClaimError> {
        if *self.audience() != expected.audience {
            let detail = format!(
                "signed for {}, expected {}",
                self.audience(),
                expected.audience
            );
            return Err(refuted(RefutedReason::WrongAudience, detail));
        }
        match &expected.challenge {
            Some(challenge) if self.challenge() != Some(challenge) => Err(refuted(
                RefutedReason::WrongChallenge,
                "the proof does not carry the challenge that was given",
            )),
            _ => Ok(()),
        }
    }
}

fn refuted(by: RefutedReason, detail: impl Into<String>) -> ClaimError {
    ClaimError::Refuted(Refuted::new(by, detail))
}
