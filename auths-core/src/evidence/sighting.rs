//! Evidence together with who saw it.

use std::sync::Arc;

use crate::Timestamp;
use crate::claim::{ClaimError, KeyRing, Observation, Signed};
use crate::evidence::Evidence;
use crate::identity::Did;
use crate::outcome::{Refutation, Refuted};

/// Who saw a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SeenBy {
    /// An adapter in this process, just now: trusted as far as the adapter that you plugged in.
    ThisProcess,
    /// Somebody who signed it: counts only if the policy trusts that DID.
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
pub struct Sighting<E> {
    /// Shared: one large observation may support every one of many claims.
    evidence: Arc<E>,
    seen_by: SeenBy,
}

impl<E> Sighting<E> {
    /// Evidence that an adapter in this process just gathered.
    #[must_use]
    pub fn live(evidence: E) -> Self {
        Self {
            evidence: Arc::new(evidence),
            seen_by: SeenBy::ThisProcess,
        }
    }

    /// What was seen.
    #[must_use]
    pub fn evidence(&self) -> &E {
        &self.evidence
    }

    /// Who saw it.
    #[must_use]
    pub fn seen_by(&self) -> &SeenBy {
        &self.seen_by
    }
}

impl<E> Sighting<E> {
    /// Another piece that the same observer saw.
    pub(crate) fn with<F>(&self, evidence: F) -> Sighting<F> {
        Sighting {
            evidence: Arc::new(evidence),
            seen_by: self.seen_by.clone(),
        }
    }
}

impl Sighting<Evidence> {
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
        observation.check_time(now)?;
        let evidence = observation.unverified().evidence.clone();
        if evidence.observed_at() > observation.created() {
            let detail = "the observation was signed before what it says it saw";
            return Err(Refuted::new(Refutation::NotYetValid, detail).into());
        }
        Ok(Self {
            evidence: Arc::new(evidence),
            seen_by: SeenBy::Observer(observation.did().clone()),
        })
    }
}
