//! What is seen of an environment: whether somebody must approve before a job in it runs.

use super::{CLOCK_LEEWAY, CiIdentity, EnvironmentName, IssuerUrl, NumericId};
use crate::Timestamp;
use crate::policy::ORG_EVIDENCE_AGE;
use crate::reason::Unavailable;

/// Somebody who may approve the jobs of an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum EnvironmentReviewer {
    /// An account, by its number.
    User(NumericId),
    /// A team, by its number.
    Team(NumericId),
}

/// The protection of an environment, as its platform states it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvironmentProtection {
    /// Those of whom one must approve. Empty where nobody must.
    pub reviewers: Vec<EnvironmentReviewer>,
    /// True where whoever started a run may not approve it.
    pub prevents_self_review: bool,
    /// True where administrators may run jobs without an approval.
    pub admins_may_bypass: bool,
    /// True where the environment takes some branches or tags alone.
    pub restricts_refs: bool,
}

impl EnvironmentProtection {
    /// Creates the protection of an environment that takes every ref.
    #[must_use]
    pub const fn new(
        reviewers: Vec<EnvironmentReviewer>,
        prevents_self_review: bool,
        admins_may_bypass: bool,
    ) -> Self {
        Self {
            reviewers,
            prevents_self_review,
            admins_may_bypass,
            restricts_refs: false,
        }
    }

    /// Returns whether write access to the repository alone does not run a job in it: somebody else must approve, and nobody can
    /// pass over that.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        !self.reviewers.is_empty() && self.prevents_self_review && !self.admins_may_bypass
    }
}

/// What an adapter saw of one environment, at one time.
///
/// What could not be read guards nothing, and is no error of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvironmentEvidence {
    /// The issuer of the repository's tokens.
    pub issuer: IssuerUrl,
    /// The number of the repository.
    pub repository_id: NumericId,
    /// The environment.
    pub environment: EnvironmentName,
    /// The time of the answer.
    pub observed_at: Timestamp,
    /// The protection, or why it was not read.
    pub protection: Result<EnvironmentProtection, Unavailable>,
}

impl EnvironmentEvidence {
    /// Creates the evidence.
    #[must_use]
    pub const fn new(
        issuer: IssuerUrl,
        repository_id: NumericId,
        environment: EnvironmentName,
        observed_at: Timestamp,
        protection: Result<EnvironmentProtection, Unavailable>,
    ) -> Self {
        Self {
            issuer,
            repository_id,
            environment,
            observed_at,
            protection,
        }
    }

    /// Returns whether it is about the environment `named` of the run's repository, and the run is in it.
    pub(crate) fn is_about(&self, run: &CiIdentity, named: &EnvironmentName) -> bool {
        let provider = run.issuer().provider;
        let is_named = |other: &EnvironmentName| provider.is_same_environment(named, other);
        run.issuer().url == self.issuer
            && run.repository().id == self.repository_id
            && is_named(&self.environment)
            && run.parts().environment.as_ref().is_some_and(is_named)
    }

    /// Returns whether the environment was seen guarded, not longer ago than a role in an organisation may have been seen.
    pub(crate) fn is_guarded(&self, now: Timestamp) -> bool {
        let is_fresh = self.observed_at <= now + CLOCK_LEEWAY
            && now.since(self.observed_at) < ORG_EVIDENCE_AGE;
        is_fresh
            && self
                .protection
                .as_ref()
                .is_ok_and(EnvironmentProtection::is_guarded)
    }
}
