//! A policy made in code.

use std::time::Duration;

use super::rules::{
    MAX_EVIDENCE_AGE, MAX_MATURITY, MIN_EVIDENCE_AGE, MIN_MATURITY, Policy, PolicyError,
};
use crate::capability::{Capability, CapabilitySet};
use crate::identity::Did;

impl Policy {
    /// Begins a policy of your own, in code. It can say whatever the TOML form can, under the same rules.
    ///
    /// ```
    /// use auths_core::{Capability, Policy};
    /// use std::time::Duration;
    ///
    /// let policy = Policy::builder("two weeks")
    ///     .resisting([Capability::StolenToken])
    ///     .with_maturity(Duration::from_secs(14 * 86_400))
    ///     .build()?;
    /// assert!(policy.resists(Capability::Stranger), "what is weaker is resisted too");
    /// assert!(Policy::builder("nothing").build().is_err());
    /// # Ok::<(), auths_core::PolicyError>(())
    /// ```
    pub fn builder(name: &str) -> PolicyBuilder {
        PolicyBuilder {
            policy: Self::preset(name, &[]),
            trusts_self_reported: false,
        }
    }
}

/// A policy in the making: [`Policy::builder`].
#[derive(Debug, Clone)]
#[must_use = "only `build` makes a policy"]
pub struct PolicyBuilder {
    policy: Policy,
    trusts_self_reported: bool,
}

impl PolicyBuilder {
    /// Adds capabilities that must not suffice for a yes. What is weaker than one of them is resisted too.
    pub fn resisting(mut self, capabilities: impl IntoIterator<Item = Capability>) -> Self {
        let each = capabilities.into_iter().map(CapabilitySet::bits_at_most);
        self.policy.resists = each.fold(self.policy.resists, |all, bits| all | bits);
        self
    }

    /// Sets the minimum age of what an answer rests on: at least a day, at most a year. The default is
    /// [`DEFAULT_MATURITY`](crate::policy::DEFAULT_MATURITY).
    pub fn with_maturity(mut self, maturity: Duration) -> Self {
        self.policy.maturity = maturity;
        self
    }

    /// Sets the maximum age of evidence: at least an hour, at most 30 days. The default is [`DEFAULT_EVIDENCE_AGE`](crate::policy::DEFAULT_EVIDENCE_AGE).
    pub fn with_evidence_age(mut self, age: Duration) -> Self {
        self.policy.evidence_age = age;
        self
    }

    /// Adds trusted observers: evidence that they signed counts.
    pub fn trusting(mut self, observers: impl IntoIterator<Item = Did>) -> Self {
        self.policy.trusted_observers.extend(observers);
        self
    }

    /// Sets that self-reported names are trusted, so that nothing is resisted: any key may claim any maintainer's name.
    pub fn trusting_self_reported_names(mut self) -> Self {
        self.trusts_self_reported = true;
        self
    }

    /// Sets that answers are also accepted if no source of revocations was consulted
    /// ([`Policy::taking_unchecked_revocations`]).
    pub fn taking_unchecked_revocations(mut self) -> Self {
        self.policy.asks_for_revocations = false;
        self
    }

    /// Makes the policy.
    ///
    /// # Errors
    /// [`PolicyError`] when it resists nothing without saying that self-reported names are trusted, when it says both, or when a
    /// duration is out of range.
    pub fn build(self) -> Result<Policy, PolicyError> {
        let policy = self.policy;
        match (self.trusts_self_reported, policy.resists) {
            (true, 1..) => return Err(PolicyError::Contradiction),
            (false, 0) => return Err(PolicyError::ResistsNothing),
            _ => {}
        }
        in_range(
            "maturity_hours",
            policy.maturity,
            MIN_MATURITY,
            MAX_MATURITY,
        )?;
        let ages = (MIN_EVIDENCE_AGE, MAX_EVIDENCE_AGE);
        in_range("evidence_age_hours", policy.evidence_age, ages.0, ages.1)?;
        Ok(policy)
    }
}

fn in_range(
    field: &'static str,
    given: Duration,
    min: Duration,
    max: Duration,
) -> Result<(), PolicyError> {
    if (min..=max).contains(&given) {
        return Ok(());
    }
    let (min, max) = (min.as_secs() / 3_600, max.as_secs() / 3_600);
    Err(PolicyError::OutOfRange { field, min, max })
}
