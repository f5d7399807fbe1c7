//! A reader of environments with environments of its own.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;

use auths_core::ci::{
    CiIssuer, EnvironmentEvidence, EnvironmentName, EnvironmentProtection, NumericId,
};
use auths_core::ports::{EnvironmentQuery, EnvironmentReader};
use auths_core::reason::{Unavailable, UnavailableReason};

/// A reader of the environments that a test sets. Every other environment is one that the platform does not show.
///
/// ```
/// use auths_core::ci::{CiIssuer, CiProvider, EnvironmentProtection, EnvironmentReviewer};
/// use auths_core::ports::{EnvironmentQuery, EnvironmentReaderExt};
/// use auths_testkit::block_on;
/// use auths_testkit::doubles::FakeEnvironments;
///
/// let github = CiIssuer::public(CiProvider::GitHubActions)?;
/// let environments = FakeEnvironments::new(github.clone());
/// let reviewer = EnvironmentReviewer::User("7".parse()?);
/// let protection = EnvironmentProtection::new(vec![reviewer], true, false);
/// environments.set("700700".parse()?, "release".parse()?, Ok(protection));
///
/// let now = "2026-11-21T08:46:00Z".parse()?;
/// let query = EnvironmentQuery::new(github, "700700".parse()?, "release".parse()?, now);
/// let seen = block_on(environments.read_checked(&query));
/// assert!(seen.protection?.is_guarded());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FakeEnvironments {
    issuer: CiIssuer,
    set: Mutex<Vec<SetEnvironment>>,
}

#[derive(Debug, Clone)]
struct SetEnvironment {
    repository_id: NumericId,
    name: EnvironmentName,
    protection: Result<EnvironmentProtection, Unavailable>,
    age: Duration,
}

impl FakeEnvironments {
    /// Creates a reader of one issuer's environments, of which there are none yet.
    #[must_use]
    pub fn new(issuer: CiIssuer) -> Self {
        Self {
            issuer,
            set: Mutex::default(),
        }
    }

    /// Sets the protection of an environment, or why it cannot be read, in place of what was set before.
    pub fn set(
        &self,
        repository: NumericId,
        environment: EnvironmentName,
        protection: Result<EnvironmentProtection, Unavailable>,
    ) {
        self.set_aged(repository, environment, protection, Duration::ZERO);
    }

    /// Sets the protection of an environment that a cache answers with: the evidence has an age.
    pub fn set_aged(
        &self,
        repository_id: NumericId,
        name: EnvironmentName,
        protection: Result<EnvironmentProtection, Unavailable>,
        age: Duration,
    ) {
        self.remove(repository_id, &name);
        self.all().push(SetEnvironment {
            repository_id,
            name,
            protection,
            age,
        });
    }

    /// Removes an environment.
    pub fn remove(&self, repository: NumericId, environment: &EnvironmentName) {
        let is_it = |one: &SetEnvironment| self.is_named(one, repository, environment);
        self.all().retain(|one| !is_it(one));
    }

    fn is_named(&self, one: &SetEnvironment, id: NumericId, name: &EnvironmentName) -> bool {
        one.repository_id == id && self.issuer.provider.is_same_environment(&one.name, name)
    }

    fn all(&self) -> MutexGuard<'_, Vec<SetEnvironment>> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, query: &EnvironmentQuery) -> Result<SetEnvironment, Unavailable> {
        query.check_for(self)?;
        query.budget.take_request()?;
        let all = self.all();
        let mut found = all.iter();
        let found = found.find(|one| self.is_named(one, query.repository_id, &query.environment));
        found.cloned().ok_or_else(|| {
            let detail = "this double has no such environment";
            Unavailable::new(UnavailableReason::Empty, detail)
        })
    }
}

#[async_trait]
impl EnvironmentReader for FakeEnvironments {
    fn issuer(&self) -> &CiIssuer {
        &self.issuer
    }

    async fn read_environment(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        match self.find(query) {
            Ok(found) => query.answer(query.now - found.age, found.protection),
            Err(why) => query.answer(query.now, Err(why)),
        }
    }
}
