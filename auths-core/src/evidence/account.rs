//! Evidence that an account agrees to a DID.

use serde::{Deserialize, Serialize};

use super::{EvidenceKind, NamespaceEvidence};
use crate::Timestamp;
use crate::claim::{Challenge, ClaimId};
use crate::identity::{Account, Did};

/// The evidence that an adapter saw on a platform and that ties an account to a DID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountEvidence {
    /// The account, as the platform names it: with its stable id where there is one.
    #[serde(rename = "account")]
    pub account: Account,
    /// The DID that the account agrees to.
    #[serde(rename = "did")]
    pub did: Did,
    /// The time of the observation.
    #[serde(rename = "observedAt")]
    pub observed_at: Timestamp,
    /// The addresses that were read.
    #[serde(rename = "sources")]
    pub sources: Vec<String>,
    /// The proof that was seen.
    #[serde(rename = "proof")]
    pub proof: AccountProof,
}

impl AccountEvidence {
    /// Creates evidence that `account` agrees to `did`.
    #[must_use]
    pub fn new(account: Account, did: Did, observed_at: Timestamp, proof: AccountProof) -> Self {
        Self {
            account,
            did,
            observed_at,
            sources: Vec::new(),
            proof,
        }
    }
}

/// The proof that ties an account to a DID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum AccountProof {
    /// The observer ran an OAuth device flow itself, or checked that the token was issued to its own app.
    #[serde(rename = "device-flow")]
    DeviceFlow {
        /// The challenge of the claim that the flow was run for, if there was one.
        #[serde(rename = "challenge", default, skip_serializing_if = "Option::is_none")]
        challenge: Option<Challenge>,
    },
    /// Somebody presented a token of the account.
    #[serde(rename = "token-holder")]
    TokenHolder {},
    /// A gist of the account holds the signed platform claim.
    #[serde(rename = "gist-proof")]
    GistProof {
        /// The gist.
        #[serde(rename = "gist")]
        gist: String,
        /// The claim that it holds.
        #[serde(rename = "claim")]
        claim: ClaimId,
        /// The time since when the gist holds that claim unchanged: the time when the observer first saw it in this state, or the
        /// time when the platform says that it was last changed, whichever is earlier. Platforms also update their time for less
        /// than a change.
        #[serde(rename = "unchangedSince")]
        unchanged_since: Timestamp,
        /// The state of the gist, where the observer recorded it.
        #[serde(rename = "state", default, skip_serializing_if = "Option::is_none")]
        state: Option<GistState>,
    },
    /// The registry's answer about a package that was made to speak for this account, and that only this account should publish.
    /// Every release, from the first on, must name the DID as speaking for the account.
    ///
    /// On npm such a package counts only in the account's own scope, `@login/...`. An unscoped package may have been given away
    /// by the publisher of these releases, and npm does not document that it lists teams which may publish it.
    #[serde(rename = "account-statement")]
    AccountStatement(Box<NamespaceEvidence>),
}

/// The state in which a gist was seen. A later observation is compared with it, to tell what became of the gist.
///
/// The state makes a proof neither better nor worse; only [`unchanged_since`](AccountProof::GistProof::unchanged_since) does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GistState {
    /// The version of the gist's newest revision, where the platform shows it.
    #[serde(rename = "revision", default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The SHA-256 of the file that holds the claim: `sha256:` and 64 hexadecimal digits.
    #[serde(rename = "digest")]
    pub digest: String,
    /// The time when the gist was made.
    #[serde(rename = "created")]
    pub created: Timestamp,
}

impl GistState {
    /// Creates the state of a gist that was made at `created`, and whose file has this digest now.
    #[must_use]
    pub fn new(revision: Option<String>, digest: impl Into<String>, created: Timestamp) -> Self {
        Self {
            revision,
            digest: digest.into(),
            created,
        }
    }
}

impl AccountProof {
    /// Returns the kind of evidence that this proof is.
    #[must_use]
    pub fn kind(&self) -> EvidenceKind {
        match self {
            Self::DeviceFlow { .. } => EvidenceKind::DeviceFlow,
            Self::TokenHolder {} => EvidenceKind::TokenHolder,
            Self::GistProof { .. } => EvidenceKind::GistProof,
            Self::AccountStatement(_) => EvidenceKind::AccountStatement,
        }
    }
}
