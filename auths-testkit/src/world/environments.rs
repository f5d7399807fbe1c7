//! Environments of repositories: who must approve the jobs in them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::access::{Session, Workflow};
use super::refused::Refused;
use super::registry::lock;
use super::state::World;
use auths_core::ci::{
    CiIssuer, EnvironmentEvidence, EnvironmentName, EnvironmentProtection, EnvironmentReviewer,
    NumericId,
};
use auths_core::identity::Platform;
use auths_core::ports::{EnvironmentQuery, EnvironmentReader};
use auths_core::reason::{Unavailable, UnavailableReason};

/// The protection of an environment, by the numbers of accounts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct EnvironmentState {
    pub(super) reviewers: BTreeSet<u64>,
    pub(super) prevents_self_review: bool,
    pub(super) admins_may_bypass: bool,
}

/// The protection that an owner gives an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Protection {
    /// The logins of those of whom one must approve. Empty where nobody must.
    pub reviewers: Vec<String>,
    /// True where whoever started a run may not approve it.
    pub prevents_self_review: bool,
    /// True where administrators may run jobs without an approval.
    pub admins_may_bypass: bool,
}

impl Protection {
    /// Creates a protection that nobody passes alone.
    #[must_use]
    pub fn by<'a>(reviewers: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            reviewers: reviewers.into_iter().map(str::to_owned).collect(),
            prevents_self_review: true,
            admins_may_bypass: false,
        }
    }

    /// Creates the protection of an environment that everybody passes.
    #[must_use]
    pub fn none() -> Self {
        Self::by([])
    }

    /// Lets whoever started a run approve it.
    #[must_use]
    pub fn letting_starters_approve(mut self) -> Self {
        self.prevents_self_review = false;
        self
    }

    /// Lets administrators run jobs without an approval.
    #[must_use]
    pub fn letting_admins_pass(mut self) -> Self {
        self.admins_may_bypass = true;
        self
    }
}

impl EnvironmentState {
    /// Returns whether a job waits for somebody other than who started it.
    pub(super) fn is_guarded(&self) -> bool {
        !self.reviewers.is_empty() && self.prevents_self_review && !self.admins_may_bypass
    }
}

impl World {
    /// Sets the protection of an environment of a workflow's repository, in place of what it had.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownThing`], [`Refused::UnknownAccount`]; [`Refused::Forbidden`] to those who may write and
    /// no more.
    pub fn protect_environment(
        &mut self,
        by: &Session,
        workflow: &Workflow,
        environment: &str,
        protection: &Protection,
    ) -> Result<(), Refused> {
        let repository = self.administered_repository(by, workflow)?;
        let number = |login: &String| {
            let account = self.account_by_login(&Platform::GITHUB, login);
            account
                .map(super::AccountState::id)
                .ok_or(Refused::UnknownAccount)
        };
        let reviewers: Result<BTreeSet<u64>, Refused> =
            protection.reviewers.iter().map(number).collect();
        let state = EnvironmentState {
            reviewers: reviewers?,
            prevents_self_review: protection.prevents_self_review,
            admins_may_bypass: protection.admins_may_bypass,
        };
        if let Some(repository) = self.repositories.get_mut(&repository) {
            let name = environment.to_ascii_lowercase();
            repository.environments.insert(name, state);
        }
        Ok(())
    }

    /// Returns the protection of an environment. One that was never protected lets everybody pass: naming it makes it.
    pub(super) fn environment(&self, repository: u64, name: &str) -> EnvironmentState {
        let repository = self.repositories.get(&repository);
        let found = repository.and_then(|r| r.environments.get(&name.to_ascii_lowercase()));
        found.cloned().unwrap_or_default()
    }

    /// Returns what GitHub shows of the protection of an environment.
    fn shown_protection(
        &self,
        repository: NumericId,
        name: &EnvironmentName,
    ) -> Result<EnvironmentProtection, Unavailable> {
        let number = repository.get();
        if !self.repositories.contains_key(&number) {
            let detail = "there is no such repository";
            return Err(Unavailable::new(UnavailableReason::Empty, detail));
        }
        let state = self.environment(number, name.as_str());
        let reviewers = state
            .reviewers
            .iter()
            .filter_map(|id| NumericId::new(*id).ok());
        let reviewers = reviewers.map(EnvironmentReviewer::User).collect();
        let (own, admins) = (state.prevents_self_review, state.admins_may_bypass);
        Ok(EnvironmentProtection::new(reviewers, own, admins))
    }
}

/// A reader of the environments of the world's repositories.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use auths_core::ci::{CiIssuer, CiProvider};
/// use auths_core::ports::{EnvironmentQuery, EnvironmentReaderExt};
/// use auths_testkit::block_on;
/// use auths_testkit::world::{Protection, SimulatedEnvironments, World};
///
/// let mut world = World::github("2026-01-01T00:00:00Z".parse()?);
/// let (alice, _) = (world.sign_up("alice")?, world.sign_up("bob")?);
/// let workflow = world.create_repository(&alice, "alice/six")?;
/// world.protect_environment(&alice, &workflow, "pypi", &Protection::by(["bob"]))?;
///
/// let (number, ..) = world.shown_repository(&workflow).ok_or("it is there")?;
/// let (github, now) = (CiIssuer::public(CiProvider::GitHubActions)?, world.now());
/// let environments = SimulatedEnvironments::new(Arc::new(Mutex::new(world)), github.clone());
/// let query = EnvironmentQuery::new(github, number.to_string().parse()?, "pypi".parse()?, now);
/// assert!(block_on(environments.read_checked(&query)).protection?.is_guarded());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SimulatedEnvironments {
    world: Arc<Mutex<World>>,
    issuer: CiIssuer,
}

impl SimulatedEnvironments {
    /// Creates a reader for the issuer of the world's ID tokens.
    #[must_use]
    pub const fn new(world: Arc<Mutex<World>>, issuer: CiIssuer) -> Self {
        Self { world, issuer }
    }
}

#[async_trait]
impl EnvironmentReader for SimulatedEnvironments {
    fn issuer(&self) -> &CiIssuer {
        &self.issuer
    }

    async fn read_environment(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        let allowed = query.check_for(self);
        let allowed = allowed.and_then(|()| query.budget.take_request());
        let shown = allowed.and_then(|()| {
            lock(&self.world).shown_protection(query.repository_id, &query.environment)
        });
        query.answer(query.now, shown)
    }
}
