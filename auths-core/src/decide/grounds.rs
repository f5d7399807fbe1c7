//! What an answer rests on that another policy may judge otherwise: how long things stood, when they were seen, by whom.

use std::time::Duration;

use super::link::max_age;
use super::verified::NotResisting;
use crate::Timestamp;
use crate::evidence::{ObservedEvidence, SeenBy};
use crate::identity::{Did, Ecosystem};
use crate::policy::Policy;

/// The maturities under which a link is worth what it was found to be worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decide) struct MaturityRange {
    shortest: Duration,
    longest: Duration,
}

impl MaturityRange {
    /// Time does not matter to it.
    pub(in crate::decide) const ANY: Self = Self {
        shortest: Duration::ZERO,
        longest: Duration::MAX,
    };

    /// It was good enough under `maturity`; a longer one was not asked about.
    pub(in crate::decide) const fn up_to(maturity: Duration) -> Self {
        Self {
            shortest: Duration::ZERO,
            longest: maturity,
        }
    }

    /// It was told under `maturity`, and a shorter one may speak against it too: another DID matures sooner under that.
    pub(in crate::decide) const fn only(maturity: Duration) -> Self {
        Self {
            shortest: maturity,
            longest: maturity,
        }
    }

    /// Those under which both hold.
    pub(in crate::decide) fn and(self, other: Self) -> Self {
        Self {
            shortest: self.shortest.max(other.shortest),
            longest: self.longest.min(other.longest),
        }
    }
}

/// When and by whom a piece of evidence was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decide) struct EvidenceUse {
    at: Timestamp,
    /// Whose ownership it shows; `None` for evidence of an account.
    of: Option<Ecosystem>,
    /// Who signed it; `None` for this process.
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

/// All of it, for one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::decide) struct ReuseConditions {
    pub(in crate::decide) decided: Duration,
    pub(in crate::decide) maturities: MaturityRange,
    pub(in crate::decide) seen: Vec<EvidenceUse>,
}

impl ReuseConditions {
    /// A signature alone: no evidence, and nothing that must ripen.
    pub(in crate::decide) fn signature_alone() -> Self {
        Self {
            decided: Duration::ZERO,
            maturities: MaturityRange::ANY,
            seen: Vec::new(),
        }
    }

    /// Whether `policy` would take them too, at `now`.
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
