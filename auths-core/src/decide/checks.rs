//! The checks that a claim or a piece of evidence must pass before it counts.

use std::time::Duration;

use super::revocation::RevocationIndex;
use crate::Timestamp;
use crate::claim::{Claim, ClaimError, MAX_CLOCK_LEAD, ProofExpectation, Signed};
use crate::evidence::{AccountEvidence, LinkedAccount, ObservedEvidence, SeenBy};
use crate::policy::Policy;
use crate::reason::{
    Invalid, Obstacle, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason,
};
use crate::time::in_words;

/// The policy, the time and the revocations that claims and evidence are held against.
#[derive(Debug)]
pub(super) struct EvidenceChecks<'a> {
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    pub(super) revocations: RevocationIndex<'a>,
}

impl EvidenceChecks<'_> {
    /// Checks a claim's signature, audience and time.
    pub(super) fn claim_stands<C: Claim>(
        &self,
        claim: &Signed<C>,
        expected: &ProofExpectation,
    ) -> Result<(), Obstacle> {
        let checked = claim
            .check_expectation(expected)
            .and_then(|()| claim.check_time(self.now))
            .and_then(|()| self.revocations.signatures.check(claim));
        checked.map_err(|error| match error {
            ClaimError::Refuted(refuted) => Obstacle::Refuted(refuted),
            ClaimError::Unavailable(why) => Obstacle::Unavailable(why),
            ClaimError::Json(_) | ClaimError::Malformed { .. } => Obstacle::Refuted(Refuted::new(
                RefutedReason::BadSignature,
                Invalid::BadClaim.meaning(),
            )),
        })
    }

    /// Checks that evidence counts: seen by a trusted observer who was not revoked, not too old, not from the future.
    pub(super) fn usable<E>(
        &self,
        observed: &ObservedEvidence<E>,
        at: Timestamp,
        max_age: Duration,
    ) -> Result<(), Unavailable> {
        if let SeenBy::Observer(observer) = observed.seen_by()
            && !self.policy.trusts(observer)
        {
            return Err(Unavailable::new(
                UnavailableReason::UntrustedObserver,
                format!("it was signed by {observer}"),
            ));
        }
        self.observation_stands(observed)?;
        is_recent(at, max_age, self.now)
    }

    /// Checks that evidence is about exactly this account and DID, and usable.
    pub(super) fn account_evidence_counts(
        &self,
        observed: &ObservedEvidence<AccountEvidence>,
        linked: &LinkedAccount,
    ) -> Result<(), Unavailable> {
        let evidence = observed.evidence();
        if evidence.did != *linked.claim.did() || !evidence.account.same_as(linked.account()) {
            let detail = format!("it is about {} and {}", evidence.did, evidence.account);
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        self.usable(observed, evidence.observed_at, self.policy.evidence_age())
    }

    /// Checks that the signed observation of the evidence, if there is one, is good and not revoked, and that its observer is not
    /// revoked.
    fn observation_stands<E>(&self, observed: &ObservedEvidence<E>) -> Result<(), Unavailable> {
        let (SeenBy::Observer(observer), Some(signed)) = (observed.seen_by(), observed.signed())
        else {
            return Ok(());
        };
        if let Some(flaw) = &signed.flaw {
            return Err(flaw.clone());
        }
        let above = self.revocations.others_who_may_revoke(observer);
        let revoked = self
            .revocations
            .ensure_not_revoked(&signed.id, observer, &above);
        revoked.map_err(|obstacle| match obstacle {
            Obstacle::Refuted(refuted) => {
                Unavailable::new(UnavailableReason::RevokedObserver, refuted.raw_detail)
            }
            Obstacle::Unavailable(why) => why,
        })
    }
}

/// Checks that evidence seen at `at` is not from the future, and less than `max_age` old.
pub(super) fn is_recent(
    at: Timestamp,
    max_age: Duration,
    now: Timestamp,
) -> Result<(), Unavailable> {
    if at > now + MAX_CLOCK_LEAD {
        let detail = format!("it says that it was seen at {at}, and it is {now}");
        return Err(Unavailable::new(
            UnavailableReason::EvidenceMismatch,
            detail,
        ));
    }
    // An answer is valid until its evidence reaches this age, and no longer valid in that second.
    if now.since(at) >= max_age {
        let detail = format!("it was seen at {at}, {} ago or more", in_words(max_age));
        return Err(Unavailable::new(UnavailableReason::StaleEvidence, detail));
    }
    Ok(())
}
