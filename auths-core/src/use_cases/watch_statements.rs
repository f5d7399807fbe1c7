//! Watching a package: which DIDs its releases name, beside what its holder expects.

use std::time::Duration;

use super::watch_verdict::WatchVerdict;
use super::watched_statement::WatchedStatement;
use crate::Timestamp;
use crate::decide::{
    NoStatement, account_statement, check_age, may_hide_another, next_to_read, statement,
};
use crate::evidence::{Existence, NamedAccount, NamespaceEvidence, Release, Timeline};
use crate::identity::{Did, Namespace};
use crate::policy::Policy;
use crate::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, gather_checked};
use crate::reason::{Obstacle, Refuted, RefutedReason, Unavailable};

/// What a holder expects that the releases of a package name.
///
/// That a DID speaks for an account does not mean that it is named for the package, so the two are expected apart.
#[derive(Debug, Clone, Default)]
pub struct ExpectedStatements {
    package: Vec<Did>,
    accounts: Vec<Did>,
    is_compared: bool,
}

impl ExpectedStatements {
    /// Creates the expectation that releases name nobody. The default expects nothing, and compares nothing.
    #[must_use]
    pub fn nobody() -> Self {
        Self {
            is_compared: true,
            ..Self::default()
        }
    }

    /// Sets the DIDs that releases are expected to name for the package, and no others.
    #[must_use]
    pub fn naming(mut self, dids: impl IntoIterator<Item = Did>) -> Self {
        self.package.extend(dids);
        self.is_compared |= !self.package.is_empty();
        self
    }

    /// Sets the DIDs that releases are expected to name as speaking for an account, and no others.
    #[must_use]
    pub fn speaking_for_accounts(mut self, dids: impl IntoIterator<Item = Did>) -> Self {
        self.accounts.extend(dids);
        self.is_compared |= !self.accounts.is_empty();
        self
    }

    fn contains(&self, one: &WatchedStatement) -> bool {
        let list = match one.is_of_an_account() {
            true => &self.accounts,
            false => &self.package,
        };
        list.contains(&one.did)
    }
}

/// The statements of a package as its releases make them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct WatchedPackage {
    /// The package.
    pub namespace: Namespace,
    /// The statements: for the package, then for accounts. DIDs that were expected are there in any case.
    pub statements: Vec<WatchedStatement>,
    /// The answer.
    pub verdict: WatchVerdict,
    /// The newest release, where its statement names nobody for this package.
    pub unusable: Option<String>,
    /// The number of releases.
    pub releases: usize,
    /// The number of releases that were read, from the newest back.
    pub releases_read: usize,
    /// The oldest release that was read.
    pub oldest_read: Option<String>,
    /// The releases that have no time, as one without a file: they make no statement for anybody.
    pub undated: Vec<String>,
}

/// A reason why the releases of a package could not be looked at.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The registry gave no answer, or cannot be asked for the name.
    #[error(transparent)]
    Registry(#[from] NamespaceError),
    /// The package does not exist, or its releases were not read, or the answer is too old.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
}

impl WatchError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Registry(error) => error.code(),
            Self::Obstacle(obstacle) => obstacle.code(),
        }
    }
}

/// Reads the releases of a package, and compares the DIDs in them with the expected ones. Nothing is signed and no account is
/// read: it is made for a job that runs by itself and reports what its holder did not do.
///
/// # Errors
/// [`WatchError`] when the releases cannot be looked at.
pub async fn watch_statements<V: NamespaceVerifier + ?Sized>(
    verifier: &V,
    namespace: Namespace,
    expected: &ExpectedStatements,
    policy: &Policy,
    now: Timestamp,
) -> Result<WatchedPackage, WatchError> {
    let dids = expected.package.iter().chain(&expected.accounts).cloned();
    let query = NamespaceQuery::new(namespace, now)
        .with_maturity(policy.maturity())
        .expecting(dids);
    let seen = gather_checked(verifier, &query).await?;
    Ok(WatchedPackage::compare(&seen, expected, policy, now)?)
}

impl WatchedPackage {
    /// Compares what was seen of a package with what is expected.
    ///
    /// # Errors
    /// [`Obstacle`] when the package does not exist, when its releases were not read, or when the evidence is older than the policy
    /// allows.
    pub fn compare(
        seen: &NamespaceEvidence,
        expected: &ExpectedStatements,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<Self, Obstacle> {
        check_age(seen, policy, now)?;
        if let Existence::Absent(refuted) = &seen.existence {
            return Err(refuted.clone().into());
        }
        let timeline = seen.timeline.get()?;
        let (maturity, read_at) = (policy.maturity(), seen.observed_at);
        let reading = ReadReleases {
            timeline,
            maturity,
            read_at,
        };
        let mut statements = reading.of_the_package(&expected.package);
        statements.extend(reading.of_accounts(&expected.accounts));
        if expected.is_compared {
            for one in &mut statements {
                one.expected = Some(expected.contains(one));
            }
        }
        let unread = reading.why_others_may_be_named();
        let verdict = WatchVerdict::weigh(&statements, unread, expected.is_compared);
        let releases = timeline.releases();
        let read = releases.iter().filter(|release| release.dids.is_some());
        let undated = releases.iter().filter(|r| r.uploaded_at.is_none());
        Ok(Self {
            namespace: seen.namespace.clone(),
            statements,
            verdict,
            unusable: timeline.unusable().map(str::to_owned),
            releases: releases.len(),
            releases_read: read.clone().count(),
            oldest_read: read.map(version).next(),
            undated: undated.map(version).collect(),
        })
    }
}

fn version(release: &Release) -> String {
    release.version.clone()
}

/// The releases that were read.
struct ReadReleases<'a> {
    timeline: &'a Timeline,
    maturity: Duration,
    read_at: Timestamp,
}

impl ReadReleases<'_> {
    /// Returns every DID that is named for the package, and the expected ones. A DID that releases name only as the speaker for
    /// an account is none of them.
    fn of_the_package(&self, expected: &[Did]) -> Vec<WatchedStatement> {
        let named = self.timeline.dids();
        let shown = named.iter().copied();
        let shown = shown.filter(|did| expected.contains(did) || self.is_of_the_package(did));
        let missing = expected.iter().filter(|did| !named.contains(did));
        let mut statements = Vec::new();
        for did in shown.chain(missing) {
            let found = statement(self.timeline, did, self.maturity, self.read_at);
            statements.push(WatchedStatement::new(did, None, found, self.read_at));
        }
        statements
    }

    /// Returns whether a release names the DID for the package, and not only as the speaker for an account.
    fn is_of_the_package(&self, did: &Did) -> bool {
        self.timeline.releases().iter().any(|release| {
            let mut accounts = release.accounts.iter();
            release.names(did) == Some(true) && !accounts.any(|named| named.did == *did)
        })
    }

    /// Returns every DID that is said to speak for an account, and those that are expected to.
    fn of_accounts(&self, expected: &[Did]) -> Vec<WatchedStatement> {
        let named = self.timeline.accounts();
        let mut statements = Vec::new();
        for one in &named {
            let NamedAccount { did, account, .. } = one;
            let found = account_statement(self.timeline, did, account, self.maturity, self.read_at);
            let account = Some(account.clone());
            statements.push(WatchedStatement::new(did, account, found, self.read_at));
        }
        let missing = expected.iter();
        for did in missing.filter(|did| !named.iter().any(|named| named.did == **did)) {
            let detail = format!("no release that was read says that {did} speaks for an account");
            let refuted = Refuted::new(RefutedReason::StatementAbsent, detail);
            let found = Err(NoStatement::Refuted(refuted));
            let mut absent = WatchedStatement::new(did, None, found, self.read_at);
            absent.is_of_no_account = true;
            statements.push(absent);
        }
        statements
    }

    /// Returns why releases may name others than those that are shown; `None` where nothing depends on what was not read.
    fn why_others_may_be_named(&self) -> Option<Unavailable> {
        let stopped = self.timeline.why_stopped().cloned();
        let is_open = next_to_read(self.timeline, self.maturity, self.read_at).is_some();
        stopped
            .filter(|_| is_open)
            .or_else(|| may_hide_another(self.timeline))
    }
}
