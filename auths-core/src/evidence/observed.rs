//! Evidence together with its observer.

use std::sync::Arc;

use crate::Timestamp;
use crate::claim::{ClaimError, ClaimId, KeyRing, Observation, Signed};
use crate::evidence::{AccountEvidence, Evidence};
use crate::identity::Did;
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// The observer of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeenBy {
    /// An adapter in this process, just now. It is trusted as far as the adapter that you plugged in.
    ThisProcess,
    /// A DID that signed the evidence. The evidence counts only if the policy trusts that DID, and no fault was found in the
    /// signed observation.
    Observer(Did),
}

impl SeenBy {
    /// Returns the DID of the observer, if the evidence was signed.
    pub(crate) fn did(&self) -> Option<&Did> {
        match self {
            Self::ThisProcess => None,
            Self::Observer(did) => Some(did),
        }
    }
}

/// Evidence together with its observer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedEvidence<E> {
    /// The evidence. Shared, because one large observation may support each of many claims.
    evidence: Arc<E>,
    seen_by: SeenBy,
    signed: Option<ObservationSource>,
}

/// The signed observation that contained the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObservationSource {
    /// The id of the observation, by which it may be revoked.
    pub(crate) id: ClaimId,
    /// The reason why the observation does not count, regardless of its signer.
    pub(crate) flaw: Option<Unavailable>,
}

impl<E> ObservedEvidence<E> {
    /// Creates evidence that an adapter in this process just gathered.
    #[must_use]
    pub fn live(evidence: E) -> Self {
        Self {
            evidence: Arc::new(evidence),
            seen_by: SeenBy::ThisProcess,
            signed: None,
        }
    }

    /// Returns the evidence.
    #[must_use]
    pub fn evidence(&self) -> &E {
        &self.evidence
    }

    /// Returns the evidence as a shared pointer.
    pub(crate) fn shared(&self) -> Arc<E> {
        self.evidence.clone()
    }

    /// Returns the observer.
    #[must_use]
    pub fn seen_by(&self) -> &SeenBy {
        &self.seen_by
    }

    /// Returns the signed observation that contained the evidence, if there was one.
    pub(crate) fn signed(&self) -> Option<&ObservationSource> {
        self.signed.as_ref()
    }
}

impl<E> ObservedEvidence<E> {
    /// Returns another piece of evidence by the same observer.
    pub(crate) fn with<F>(&self, evidence: F) -> ObservedEvidence<F> {
        ObservedEvidence {
            evidence: Arc::new(evidence),
            seen_by: self.seen_by.clone(),
            signed: self.signed.clone(),
        }
    }
}

impl ObservedEvidence<Evidence> {
    /// Creates evidence from a signed observation. Its signature and time are checked here; the policy decides on trust.
    ///
    /// # Errors
    /// [`ClaimError`] when the observation does not verify, or when it was signed before the time of its evidence.
    pub fn observed(
        observation: &Signed<Observation>,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Self, ClaimError> {
        observation.check_signature(keys)?;
        check_time(observation, now)?;
        Ok(Self::from_observation(observation, None))
    }

    /// Returns the evidence about an account, by the same observer, if the evidence is about an account.
    #[must_use]
    pub fn of_account(&self) -> Option<ObservedEvidence<AccountEvidence>> {
        match self.evidence() {
            Evidence::Account(seen) => Some(self.with((**seen).clone())),
            Evidence::Namespace(_) => None,
        }
    }

    /// Creates evidence from one of many observations in a bundle. A fault of the observation is recorded with it, so that this
    /// observation counts for nothing and the others are kept.
    ///
    /// # Errors
    /// [`ClaimError`] when the observation was tampered with.
    pub(crate) fn received(
        observation: &Signed<Observation>,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Self, ClaimError> {
        let flaw = match observation.check_signature(keys) {
            Ok(()) => check_time(observation, now).err().map(|refuted| {
                // An expired observation is not false, only too old.
                let why = match refuted.reason {
                    RefutedReason::Expired => UnavailableReason::StaleEvidence,
                    _ => UnavailableReason::EvidenceMismatch,
                };
                Unavailable::new(why, refuted.to_string())
            }),
            Err(ClaimError::Unavailable(why)) => Some(why),
            Err(error) => return Err(error),
        };
        Ok(Self::from_observation(observation, flaw))
    }

    fn from_observation(observation: &Signed<Observation>, flaw: Option<Unavailable>) -> Self {
        let id = observation.id().clone();
        Self {
            evidence: Arc::new(observation.unverified().evidence.clone()),
            seen_by: SeenBy::Observer(observation.did().clone()),
            signed: Some(ObservationSource { id, flaw }),
        }
    }
}

/// Checks that an observation holds now and was not signed before the time of its evidence.
fn check_time(observation: &Signed<Observation>, now: Timestamp) -> Result<(), Refuted> {
    match observation.check_time(now) {
        Err(ClaimError::Refuted(refuted)) => return Err(refuted),
        Err(other) => return Err(Refuted::new(RefutedReason::NotYetValid, other.to_string())),
        Ok(()) => {}
    }
    if observation.unverified().evidence.observed_at() > observation.created() {
        let detail = "the observation was signed before what it says it saw";
        return Err(Refuted::new(RefutedReason::NotYetValid, detail));
    }
    Ok(())
}
