//! Evidence together with who saw it.

use std::sync::Arc;

use crate::Timestamp;
use crate::claim::{ClaimError, ClaimId, KeyRing, Observation, Signed};
use crate::evidence::{AccountEvidence, Evidence};
use crate::identity::Did;
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Who saw a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeenBy {
    /// An adapter in this process, just now: trusted as far as the adapter that you plugged in.
    ThisProcess,
    /// Somebody who signed it: counts only if the policy trusts that DID, and nothing was found wrong with what it signed.
    Observer(Did),
}

impl SeenBy {
    /// The observer, where it was one.
    pub(crate) fn did(&self) -> Option<&Did> {
        match self {
            Self::ThisProcess => None,
            Self::Observer(did) => Some(did),
        }
    }
}

/// Evidence together with who saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedEvidence<E> {
    /// Shared: one large observation may support every one of many claims.
    evidence: Arc<E>,
    seen_by: SeenBy,
    signed: Option<Observed>,
}

/// The observation that a sighting came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Observed {
    /// Its name: it may be revoked.
    pub(crate) id: ClaimId,
    /// Why it does not count, whoever signed it.
    pub(crate) flaw: Option<Unavailable>,
}

impl<E> ObservedEvidence<E> {
    /// Evidence that an adapter in this process just gathered.
    #[must_use]
    pub fn live(evidence: E) -> Self {
        Self {
            evidence: Arc::new(evidence),
            seen_by: SeenBy::ThisProcess,
            signed: None,
        }
    }

    /// What was seen.
    #[must_use]
    pub fn evidence(&self) -> &E {
        &self.evidence
    }

    /// What was seen, to be held by several.
    pub(crate) fn shared(&self) -> Arc<E> {
        self.evidence.clone()
    }

    /// Who saw it.
    #[must_use]
    pub fn seen_by(&self) -> &SeenBy {
        &self.seen_by
    }

    /// The observation that it came in, if it came in one.
    pub(crate) fn signed(&self) -> Option<&Observed> {
        self.signed.as_ref()
    }
}

impl<E> ObservedEvidence<E> {
    /// Another piece that the same observer saw.
    pub(crate) fn with<F>(&self, evidence: F) -> ObservedEvidence<F> {
        ObservedEvidence {
            evidence: Arc::new(evidence),
            seen_by: self.seen_by.clone(),
            signed: self.signed.clone(),
        }
    }
}

impl ObservedEvidence<Evidence> {
    /// Evidence that an observer signed; its signature and time are checked here, its trust by the policy.
    ///
    /// # Errors
    /// [`ClaimError`] when the observation does not verify, or says that it was signed before what it saw.
    pub fn observed(
        observation: &Signed<Observation>,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Self, ClaimError> {
        observation.check_signature(keys)?;
        timely(observation, now)?;
        Ok(Self::from_observation(observation, None))
    }

    /// The same observer's sighting of an account, where that is what it is about.
    #[must_use]
    pub fn of_account(&self) -> Option<ObservedEvidence<AccountEvidence>> {
        match self.evidence() {
            Evidence::Account(seen) => Some(self.with((**seen).clone())),
            Evidence::Namespace(_) => None,
        }
    }

    /// The same for one of many observations in a bundle: what is wrong with one goes along with it, so that it counts for
    /// nothing and the others stay.
    ///
    /// # Errors
    /// [`ClaimError`] when it was tampered with.
    pub(crate) fn received(
        observation: &Signed<Observation>,
        keys: &KeyRing,
        now: Timestamp,
    ) -> Result<Self, ClaimError> {
        let flaw = match observation.check_signature(keys) {
            Ok(()) => timely(observation, now).err().map(|refuted| {
                // Old evidence is not a lie: it is only too old.
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
            signed: Some(Observed { id, flaw }),
        }
    }
}

/// Whether an observation holds now and was signed after what it saw.
fn timely(observation: &Signed<Observation>, now: Timestamp) -> Result<(), Refuted> {
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
