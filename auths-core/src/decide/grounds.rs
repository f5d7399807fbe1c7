//! The parts of an answer that another policy may judge differently: maturities, ages of evidence, and observers.

use std::time::Duration;

use super::link::max_age;
use super::verified::NotResisting;
use crate::Timestamp;
use crate::evidence::{ObservedEvidence, SeenBy};
use crate::identity::{Did, Ecosystem};
use crate::policy::Policy;

/// The maturities under which the worth of a link is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decide) struct MaturityRange {
    shortest: Duration,
    longest: Duration,
}

impl MaturityRange {
    /// All maturities: time does not matter.
    pub(in crate::decide) const ANY: Self = Self {
        shortest: Duration::ZERO,
        longest: Duration::MAX,
    };

    /// Creates the range up to `maturity`. The link was good enough under it; longer ones were not examined.
    pub(in crate::decide) const fn up_to(maturity: Duration) -> Self {
        Self {
            shortest: Duration::ZERO,
            longest: maturity,
        }
    }

    /// Creates the range of exactly `maturity`. Under a shorter one, another DID matures sooner and may contest the link.
    pub(in crate::decide) const fn only(maturity: Duration) -> Self {
        Self {
            shortest: maturity,
            longest: maturity,
        }
    }

    /// Returns the intersection of both ranges.
    pub(in crate::decide) fn and(self, other: Self) -> Self {
        Self {
            shortest: self.shortest.max(other.shortest),
            longest: self.longest.min(other.longest),
        }
    }
}

/// The time and the observer of a piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decide) struct EvidenceUse {
    at: Timestamp,
    /// The ecosystem whose ownership the evidence shows; `None` for evidence of an account.
    of: Option<Ecosystem>,
    /// The observer that signed the evidence; `None` for this process.
    by: Option<Did>,
}

impl EvidenceUse {
    pub(in crate::decide) fn new<E>(
        sighting: &ObservedEvidence<E>,
        at: Timestamp,
        of: Option<&Ecosystem>,
    ) -> Self {
        let by = match sighting.seen_by() {
            SeenBy::ThisProcess => None,
            SeenBy::Observer(did) => Some(did.clone()),
        };
        let of = of.cloned();
        Self { at, of, by }
    }

    fn suits(&self, policy: &Policy, now: Timestamp) -> Result<(), NotResisting> {
        if let Some(observer) = self.by.as_ref().filter(|did| !policy.trusts(did)) {
            let observer = observer.clone();
            return Err(NotResisting::UntrustedObserver { observer });
        }
        let max_age = match &self.of {
            Some(ecosystem) => max_age(policy, ecosystem),
            None => policy.evidence_age(),
        };
        if now.since(self.at) >= max_age {
            let observed_at = self.at;
            return Err(NotResisting::StaleEvidence {
                observed_at,
                max_age,
            });
        }
        Ok(())
    }
}

/// The conditions under which the answer of one chain is valid under another policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decide) struct ReuseConditions {
    pub(in crate::decide) decided: Duration,
    pub(in crate::decide) maturities: MaturityRange,
    pub(in crate::decide) seen: Vec<EvidenceUse>,
}

impl ReuseConditions {
    /// Creates the conditions of a signature alone: no evidence, and nothing that must mature.
    pub(in crate::decide) fn signature_alone() -> Self {
        Self {
            decided: Duration::ZERO,
            maturities: MaturityRange::ANY,
            seen: Vec::new(),
        }
    }

    /// Checks that `policy` also accepts these conditions at `now`.
    pub(in crate::decide) fn allow(
        &self,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), NotResisting> {
        let (asked, decided) = (policy.maturity(), self.decided);
        let MaturityRange { shortest, longest } = self.maturities;
        if asked < shortest || asked > longest {
            return Err(NotResisting::Maturity { decided, asked });
        }
        self.seen
            .iter()
            .try_for_each(|seen| seen.suits(policy, now))
    }
}
