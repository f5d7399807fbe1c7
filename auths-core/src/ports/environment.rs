//! The port that reads the protection of environments.

use std::fmt;

use async_trait::async_trait;

use super::Budget;
use crate::Timestamp;
use crate::ci::{CiIssuer, EnvironmentEvidence, EnvironmentName, EnvironmentProtection, NumericId};
use crate::reason::{Unavailable, UnavailableReason};

/// The query to an [`EnvironmentReader`]: an environment of a repository, by the number of the repository.
///
/// ```
/// use auths_core::ci::{CiIssuer, CiProvider};
/// use auths_core::ports::EnvironmentQuery;
///
/// let github = CiIssuer::public(CiProvider::GitHubActions)?;
/// let now = "2026-11-21T08:46:00Z".parse()?;
/// let query = EnvironmentQuery::new(github, "700700".parse()?, "release".parse()?, now);
/// assert_eq!(query.environment.as_str(), "release");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct EnvironmentQuery {
    /// The issuer of the repository's tokens. A number of a repository means nothing without it.
    pub issuer: CiIssuer,
    /// The number of the repository.
    pub repository_id: NumericId,
    /// The environment, in the spelling of whoever asks.
    pub environment: EnvironmentName,
    /// The present time.
    pub now: Timestamp,
    /// The limit on the cost of reading, in addition to the adapter's own limits.
    pub budget: Budget,
}

impl EnvironmentQuery {
    /// Creates the query.
    #[must_use]
    pub fn new(
        issuer: CiIssuer,
        repository_id: NumericId,
        environment: EnvironmentName,
        now: Timestamp,
    ) -> Self {
        Self {
            issuer,
            repository_id,
            environment,
            now,
            budget: Budget::unlimited(),
        }
    }

    /// Sets the budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }

    /// Checks that the reader reads the environments of the query's issuer. An adapter calls this before it sends anything.
    ///
    /// # Errors
    /// [`UnavailableReason::NotOffered`] for a query about another issuer.
    pub fn check_for<R: EnvironmentReader + ?Sized>(&self, reader: &R) -> Result<(), Unavailable> {
        if self.issuer == *reader.issuer() {
            return Ok(());
        }
        let detail = format!(
            "the environment is of {}, and this reader reads those of {}",
            self.issuer,
            reader.issuer()
        );
        Err(Unavailable::new(UnavailableReason::NotOffered, detail))
    }

    /// Creates the evidence that answers the query: the protection that was seen at a time, or why it was not read.
    ///
    /// ```
    /// # use auths_core::ci::{CiIssuer, CiProvider};
    /// # use auths_core::ports::EnvironmentQuery;
    /// # use auths_core::Unavailable;
    /// # let github = CiIssuer::public(CiProvider::GitHubActions)?;
    /// # let now = "2026-11-21T08:46:00Z".parse()?;
    /// # let query = EnvironmentQuery::new(github, "700700".parse()?, "release".parse()?, now);
    /// let evidence = query.answer(now, Err(Unavailable::missing_field("protection_rules")));
    /// assert_eq!(evidence.repository_id, query.repository_id);
    /// assert!(evidence.protection.is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn answer(
        &self,
        observed_at: Timestamp,
        protection: Result<EnvironmentProtection, Unavailable>,
    ) -> EnvironmentEvidence {
        EnvironmentEvidence::new(
            self.issuer.url.clone(),
            self.repository_id,
            self.environment.clone(),
            observed_at,
            protection,
        )
    }

    /// Returns whether the evidence is about the environment of the query.
    fn is_answered_by(&self, evidence: &EnvironmentEvidence) -> bool {
        let provider = self.issuer.provider;
        self.issuer.url == evidence.issuer
            && self.repository_id == evidence.repository_id
            && provider.is_same_environment(&self.environment, &evidence.environment)
    }
}

/// A reader of the environments of one issuer's repositories. Adapters implement it; core decides what the evidence is worth.
///
/// # Contract
/// - Only environments of [`issuer`](EnvironmentReader::issuer) are read ([`EnvironmentQuery::check_for`]). The repository is found
///   by its number, never by a name: a name may belong to another repository by now.
/// - The protection is what the platform states of it, with every reviewer by number. A protection that was not read whole is
///   `Err`: an environment that is not shown, a refusal, a rate limit, a missing or empty field, a redirect, an answer about another
///   repository or environment. None of these is ever `Ok`.
/// - `observed_at` is the time of the oldest answer that the evidence rests on, and never later than `query.now`. Nothing is
///   answered from memory: the next query sees a reviewer who was removed.
/// - Every request is taken from `query.budget`.
///
/// # Errors
/// There is no error of the whole: what was not read stands in the evidence, guards nothing, and stops no decision.
///
/// # Security
/// An adapter can lie about the protection. It cannot vouch for another repository, environment or issuer than asked:
/// [`EnvironmentReaderExt::read_checked`] is implemented for every reader and cannot be overridden.
///
/// The protection is that of now. It says nothing of the time of an earlier run, and a reviewer may approve whatever they are shown.
///
/// ```compile_fail,E0119
/// use auths_core::ports::{EnvironmentReader, EnvironmentReaderExt};
///
/// #[derive(Debug)]
/// struct Mine;
/// # #[async_trait::async_trait]
/// # impl EnvironmentReader for Mine {
/// #     fn issuer(&self) -> &auths_core::ci::CiIssuer { unimplemented!() }
/// #     async fn read_environment(&self, _: &auths_core::ports::EnvironmentQuery)
/// #         -> auths_core::ci::EnvironmentEvidence { unimplemented!() }
/// # }
/// impl EnvironmentReaderExt for Mine {}
/// ```
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait EnvironmentReader: fmt::Debug + Send + Sync {
    /// Returns the issuer whose repositories' environments it reads.
    fn issuer(&self) -> &CiIssuer;

    /// Reads the protection of an environment. What could not be read stands in the evidence.
    async fn read_environment(&self, query: &EnvironmentQuery) -> EnvironmentEvidence;
}

/// The call that reads and checks. Implemented for every [`EnvironmentReader`], so that no adapter can implement it differently.
///
/// ```
/// use auths_core::ci::{EnvironmentEvidence, EnvironmentProtection};
/// use auths_core::ports::{EnvironmentQuery, EnvironmentReader, EnvironmentReaderExt};
///
/// async fn is_guarded(reader: &dyn EnvironmentReader, query: &EnvironmentQuery) -> bool {
///     let seen: EnvironmentEvidence = reader.read_checked(query).await;
///     seen.protection.as_ref().is_ok_and(EnvironmentProtection::is_guarded)
/// }
/// ```
#[async_trait]
pub trait EnvironmentReaderExt: EnvironmentReader {
    /// Reads the protection of an environment, and checks that the answer is about it. An answer about anything else becomes
    /// evidence about the query's environment that was not read. Evidence is never younger than the query.
    async fn read_checked(&self, query: &EnvironmentQuery) -> EnvironmentEvidence;
}

#[async_trait]
impl<R: EnvironmentReader + ?Sized> EnvironmentReaderExt for R {
    async fn read_checked(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        if let Err(why) = query.check_for(self) {
            return query.answer(query.now, Err(why));
        }
        let mut evidence = self.read_environment(query).await;
        if !query.is_answered_by(&evidence) {
            let detail = format!(
                "{} of the repository {} was asked for, and the answer is about {} of the repository {} of {}",
                query.environment,
                query.repository_id,
                evidence.environment,
                evidence.repository_id,
                evidence.issuer
            );
            let why = Unavailable::new(UnavailableReason::EvidenceMismatch, detail);
            return query.answer(query.now, Err(why));
        }
        evidence.observed_at = evidence.observed_at.min(query.now);
        evidence
    }
}

#[cfg(test)]
mod tests;
