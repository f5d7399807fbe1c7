//! The port through which a platform shows that an account agrees to a DID.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Budget;
use crate::Timestamp;
use crate::claim::{PlatformClaim, Signed};
use crate::evidence::{AccountEvidence, GistState};
use crate::identity::{Account, Namespace, Origin, Platform, escape};
use crate::reason::{Refuted, Unavailable};

/// Where the proof of an account may be looked for. A hint: what is found there is checked like anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofHint {
    /// A package that only the account can publish.
    Statement(Namespace),
    /// A gist.
    Gist(GistHint),
}

/// What the file is called that a gist must hold the signed claim in. Under any other name it proves nothing: services publish
/// what strangers write as gists of their own accounts.
pub const CLAIM_FILE: &str = "auths-claim.json";

/// A gist to look at, and the state in which it was seen before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GistHint {
    /// Its id.
    pub id: String,
    /// Its state when the proof was found, if that was recorded: it tells a gist that was edited from another gist.
    pub recorded: Option<GistState>,
}

impl GistHint {
    /// The gist of that id.
    #[must_use]
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            recorded: None,
        }
    }

    /// The same, which was in this state.
    #[must_use]
    pub fn recorded(mut self, state: Option<GistState>) -> Self {
        self.recorded = state;
        self
    }
}

/// What is asked of an [`AccountProver`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AccountProofQuery {
    /// The claim whose account should be proved. Not verified.
    pub claim: Signed<PlatformClaim>,
    /// Where to look.
    pub hint: ProofHint,
    /// The time now.
    pub now: Timestamp,
    /// How long statements must stand.
    pub maturity: Duration,
    /// What looking may cost, beside the adapter's own limits.
    pub budget: Budget,
}

impl AccountProofQuery {
    /// Asks whether the account of `claim` agrees to its DID.
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

    /// Within this budget.
    #[must_use]
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = budget;
        self
    }
}

/// Why there is no evidence for an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountProverError {
    /// What was found contradicts the claim.
    #[error(transparent)]
    Refuted(#[from] Refuted),
    /// It could not be seen.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The question is not for this prover.
    #[error("this prover cannot be asked that: {}", escape(what))]
    Invalid {
        /// Why not.
        what: String,
    },
}

impl AccountProverError {
    /// Whether the same question may be answered later with nothing changed by the caller.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(u) if u.is_retryable())
    }
}

/// Finds the prover of the account's own platform and server among several: a login on the public PyPI and the same login on a
/// private one are two accounts.
#[must_use]
pub fn prover_of<'a>(
    provers: &'a [Arc<dyn AccountProver>],
    account: &Account,
) -> Option<&'a dyn AccountProver> {
    let is_of = |prover: &&Arc<dyn AccountProver>| {
        prover.platform() == account.platform() && prover.accounts_at().as_ref() == account.origin()
    };
    provers.iter().find(is_of).map(|prover| &**prover)
}

/// Looks on one platform for what ties an account to a DID.
///
/// # Contract
/// The evidence names the account as the platform does, with its stable id where there is one, and the DID that was
/// found there - not those of the claim. It never sends a secret of one platform to another. Its `observed_at` is when the
/// platform made the oldest of the answers that it rests on, at the latest `query.now`. A gist counts by a file called
/// [`CLAIM_FILE`] alone. Every request is taken from `query.budget`.
///
/// # Security
/// As for [`NamespaceVerifier`](super::NamespaceVerifier): it reports what it saw, and core's table says what that is
/// worth.
#[cfg_attr(feature = "testing", mockall::automock)]
#[async_trait]
pub trait AccountProver: fmt::Debug + Send + Sync {
    /// The platform whose accounts it proves.
    fn platform(&self) -> &Platform;

    /// The configured server that those accounts are on, as it stands in [`Account::origin`]; `None` for the platform's public
    /// one. Of several provers of a platform, that of the account's own server is asked, and no other.
    fn accounts_at(&self) -> Option<Origin>;

    /// Looks for the proof.
    ///
    /// # Errors
    /// [`AccountProverError`] when what was found contradicts the claim, or nothing could be seen.
    async fn prove(&self, query: &AccountProofQuery)
    -> Result<AccountEvidence, AccountProverError>;
}
