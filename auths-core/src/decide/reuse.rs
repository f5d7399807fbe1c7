//! The conditions under which an answer also holds for another policy: maturities, ages of evidence, and observers.

use std::time::Duration;

use crate::Timestamp;
use crate::capability::Capability;
use crate::evidence::{ObservedEvidence, SeenBy};
use crate::identity::{Did, Ecosystem};
use crate::policy::Policy;
use crate::reason::{Reason, RefutedReason, UnavailableReason};
use crate::time::in_words;

/// A reason why a verified value is not good enough for a policy at a time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotResisting {
    /// The value falls to something that this policy resists.
    #[error("it falls to {capability}, which this policy resists")]
    FallsTo {
        /// The weakest such capability.
        capability: Capability,
    },
    /// The value was decided under a maturity at which its worth is not valid for this policy.
    #[error(
        "it was judged by a maturity of {}, and this policy asks for {}; decide anew",
        in_words(*decided),
        in_words(*required)
    )]
    Maturity {
        /// The maturity of the decision.
        decided: Duration,
        /// The maturity of the policy given.
        required: Duration,
    },
    /// The value rests on evidence that is too old for this policy.
    #[error(
        "it rests on evidence of {observed_at}, and this policy takes none older than {}; decide anew",
        in_words(*max_age)
    )]
    StaleEvidence {
        /// The time when the evidence was seen.
        observed_at: Timestamp,
        /// The maximum age under the policy.
        max_age: Duration,
    },
    /// The value rests on evidence by an observer whom this policy does not trust.
    #[error("it rests on what {observer} says it saw, whom this policy does not trust")]
    UntrustedObserver {
        /// The observer.
        observer: Did,
    },
    /// No source of revocations was consulted, and this policy requires one.
    #[error(
        "nobody looked whether it was revoked, and this policy asks for that; decide anew with a source of revocations"
    )]
    RevocationsNotChecked,
    /// The validity of the value has ended.
    #[error("it was valid until {valid_until}; decide anew")]
    Expired {
        /// The end of its validity.
        valid_until: Timestamp,
    },
    /// The value was decided at a time later than `now`.
    #[error("it was decided at {verified_at}, which lies in the future")]
    FromTheFuture {
        /// The time of the decision.
        verified_at: Timestamp,
    },
}

impl NotResisting {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FallsTo { .. } => RefutedReason::Resisted.code(),
            Self::UntrustedObserver { .. } => UnavailableReason::UntrustedObserver.code(),
            Self::RevocationsNotChecked => UnavailableReason::RevocationsUnread.code(),
            Self::FromTheFuture { .. } => UnavailableReason::ClockSkew.code(),
            // What was decided is no longer good enough: decide anew.
            Self::Maturity { .. } | Self::StaleEvidence { .. } | Self::Expired { .. } => {
                UnavailableReason::StaleEvidence.code()
            }
        }
    }
}

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
        observed: &ObservedEvidence<E>,
        at: Timestamp,
        of: Option<&Ecosystem>,
    ) -> Self {
        let by = match observed.seen_by() {
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
            Some(ecosystem) => policy.ownership_age(ecosystem),
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
    pub(in crate::decide) evidence: Vec<EvidenceUse>,
}

impl ReuseConditions {
    /// Creates the conditions of a signature alone: no evidence, and nothing that must mature.
    pub(in crate::decide) fn signature_alone() -> Self {
        Self {
            decided: Duration::ZERO,
            maturities: MaturityRange::ANY,
            evidence: Vec::new(),
        }
    }

    /// Checks that `policy` also accepts these conditions at `now`.
    pub(in crate::decide) fn allow(
        &self,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<(), NotResisting> {
        let (required, decided) = (policy.maturity(), self.decided);
        let MaturityRange { shortest, longest } = self.maturities;
        if required < shortest || required > longest {
            return Err(NotResisting::Maturity { decided, required });
        }
        self.evidence
            .iter()
            .try_for_each(|evidence| evidence.suits(policy, now))
    }
}
