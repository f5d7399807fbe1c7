//! Verifying a signed claim by itself: its DID signed it, it was signed for this audience, and it holds now.

use super::{Claim, ClaimError, ClaimNature, KeyRing, ProofExpectation, Signed, rules};
use crate::Timestamp;
use crate::capability::{Capability, CapabilitySet};
use crate::decide::{ConsultedSource, Revocations, Verified};
use crate::evidence::{EvidenceGrade, EvidenceKind, worth};
use crate::reason::Obstacle;

impl<C: Claim> Signed<C> {
    /// Verifies signature, profile, life, time, audience and challenge.
    ///
    /// The result shows what the signature shows and no more. For a delegation, a trusted publisher, a revocation or an
    /// observation, the signature itself makes it true: it falls to the `device-key`. A platform or namespace claim, and every type defined elsewhere,
    /// states a fact that anyone could have signed: **it falls to `stranger`**, and [`Verified::resisting`] refuses it under
    /// every policy that resists anyone. Evidence makes it worth more: see [`decide`](crate::decide::decide).
    ///
    /// # Security
    /// **Anyone can sign these.** A delegation, a revocation or an observation that verifies is an act of its signer and of
    /// nobody else: a stranger's revocation of your DID resists every policy, and means nothing. Before acting on it, check with
    /// [`Verified::signer`] that its signer may sign it.
    ///
    /// Revocations are not consulted here: the result resists no policy that requires them, as every preset does. See
    /// [`verify_unrevoked`](Signed::verify_unrevoked). A revocation itself cannot be revoked, so its result resists without them.
    ///
    /// # Errors
    /// [`ClaimError::Refuted`] when the claim does not hold; [`ClaimError::Unavailable`] when the DID's keys are not known.
    pub fn verify(
        &self,
        expected: &ProofExpectation,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Verified<C>, ClaimError> {
        self.verify_having_sought(expected, keys, Vec::new(), now)
    }

    /// Verifies like [`verify`](Signed::verify), and checks that neither the claim nor its DID was revoked by somebody who may,
    /// as far as `revocations` show.
    ///
    /// # Errors
    /// The errors of [`verify`](Signed::verify); [`ClaimError::Refuted`] also when it was revoked, and
    /// [`ClaimError::Unavailable`] also when a source of revocations could not be read.
    pub fn verify_unrevoked(
        &self,
        expected: &ProofExpectation,
        keys: &KeyRing,
        revocations: &Revocations,
        now: Timestamp,
    ) -> Result<Verified<C>, ClaimError> {
        let consulted = revocations.consulted().to_vec();
        let verified = self.verify_having_sought(expected, keys, consulted, now)?;
        let unrevoked = revocations.check(self, &[], keys, now);
        unrevoked.map(|()| verified).map_err(|error| match error {
            Obstacle::Refuted(refuted) => ClaimError::Refuted(refuted),
            Obstacle::Unavailable(why) => ClaimError::Unavailable(why),
        })
    }

    fn verify_having_sought(
        &self,
        expected: &ProofExpectation,
        keys: &KeyRing,
        consulted: Vec<ConsultedSource>,
        now: Timestamp,
    ) -> Result<Verified<C>, ClaimError> {
        self.check_expectation(expected)?;
        self.check_time(now)?;
        self.check_signature(keys)?;
        let signature = worth(EvidenceKind::ClaimSignature, EvidenceGrade::Plain);
        let falls_to = match rules::<C>().nature {
            ClaimNature::Act => signature,
            ClaimNature::Assertion => {
                signature.union(CapabilitySet::at_least(Capability::Stranger))
            }
        };
        let claim = match rules::<C>().foreign {
            // The `Clone` of a foreign type, or a cell in it, could change the signed content.
            true => self.read_again()?,
            false => self.unverified().clone(),
        };
        Ok(Verified::of_signature(
            claim, self, falls_to, consulted, now,
        ))
    }
}
