//! The port for evidence that an account on a platform agrees to a DID.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Budget;
use crate::Timestamp;
use crate::claim::{PlatformClaim, Signed};
use crate::evidence::{AccountEvidence, GistState};
use crate::identity::{Account, Namespace, Origin, Platform, escape};
use crate::reason::{Invalid, Reason, Refuted, Unavailable};

/// The place where the proof of an account may be found. It is a hint: whatever is found there is fully checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofHint {
    /// A package that only the account can publish.
    Statement(Namespace),
    /// A gist.
    Gist(GistHint),
}

/// The name of the file in a gist that must hold the signed claim. A file of any other name proves nothing: services publish
/// texts of strangers as gists of their own accounts.
pub const CLAIM_FILE: &str = "auths-claim.json";

/// A gist to read, and the state in which it was seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GistHint {
    /// The id of the gist.
    pub id: String,
    /// The state of the gist when the proof was found, if it was recorded. It distinguishes an edited gist from another gist.
    pub recorded: Option<GistState>,
}

impl GistHint {
    /// Creates the hint at a gist.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            recorded: None,
        }
    }

    /// Sets the state in which the gist was seen.
    #[must_use]
    pub fn recorded(mut self, state: Option<GistState>) -> Self {
        self.recorded = state;
        self
    }
}

/// The query to an [`AccountProver`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountProofQuery {
    /// The claim whose account is to be proved. Not verified.
    pub claim: Signed<PlatformClaim>,
    /// The place to look.
    pub hint: ProofHint,
    /// The present time.
    pub now: Timestamp,
    /// The minimum age of statements.
    pub maturity: Duration,
    /// The limit on the cost of reading, in addition to the adapter's own limits.
    pub budget: Budget,
}

impl AccountProofQuery {
    /// Creates the query whether the account of `claim` agrees to its DID.
    #[must_use]
    pub fn new(
        claim: Signed<PlatformClaim>,
        hint: ProofHint,
        now: Timestamp,
        maturity: Duration,
    ) -> Self {
        Self {
            claim,
            hint,
            now,
            maturity,
            budget: Budget::unlimited(),
        }
    }

    /// Sets the budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }
}

/// A reason why there is no evidence for an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountProverError {
    /// The evidence that was found contradicts the claim.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// The evidence could not be seen.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The query is not for this prover.
    #[error("this prover cannot be asked that: {}", escape(what))]
    Invalid {
        /// The mismatch.
        what: String,
    },
}

impl AccountProverError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refuted(refuted) => refuted.code(),
            Self::Unavailable(why) => why.code(),
            Self::Invalid { .. } => Invalid::Usage.code(),
        }
    }

    /// Returns whether the same query may succeed later although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(u) if u.is_retryable())
    }
}

/// Finds the prover of the account's own platform and server among several. A login on the public PyPI and the same login on a
/// private one are two accounts.
#[must_use]
pub fn prover_of<'a>(
    provers: &'a [Arc<dyn AccountProver>],
    account: &Account,
) -> Option<&'a dyn AccountProver> {
    let mut provers = provers.iter().map(|prover| &**prover);
    provers.find(|prover| {
        prover.platform() == account.platform() && prover.accounts_at().as_ref() == account.origin()
    })
}

/// A reader of one platform's evidence that ties an account to a DID.
///
/// # Contract
/// The evidence names the account as the platform does, with its stable id where there is one, and the DID that was found there,
/// not those of the claim. A prover never sends a secret of one platform to another. `observed_at` is the time of the oldest
/// platform answer that the evidence rests on, and never later than `query.now`. A gist counts only by a file named
/// [`CLAIM_FILE`]. Every request is taken from `query.budget`.
///
/// # Security
/// The rules are those of [`NamespaceVerifier`](super::NamespaceVerifier): a prover reports what it saw, and core's table sets
/// the worth.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AccountProver: fmt::Debug + Send + Sync {
    /// Returns the platform whose accounts it proves.
    fn platform(&self) -> &Platform;

    /// Returns the configured server of those accounts, as in [`Account::origin`]; `None` for the platform's public one. If a
    /// platform has several provers, only the prover of the account's own server is asked.
    fn accounts_at(&self) -> Option<Origin>;

    /// Looks for the proof.
    ///
    /// # Errors
    /// [`AccountProverError`] when the evidence that was found contradicts the claim, or nothing could be seen.
    async fn prove(&self, query: &AccountProofQuery)
    -> Result<AccountEvidence, AccountProverError>;
}
