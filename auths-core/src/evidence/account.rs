//! What shows that an account agrees to a DID.

use serde::{Deserialize, Serialize};

use super::{EvidenceKind, NamespaceEvidence, ObservedEvidence};
use crate::Timestamp;
use crate::claim::{Challenge, ClaimId, PlatformClaim, Signed};
use crate::decide::Obstacle;
use crate::identity::{Account, Did};

/// What an adapter saw on a platform that ties an account to a DID.
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
    /// When it was seen.
    #[serde(rename = "observedAt")]
    pub observed_at: Timestamp,
    /// The addresses that were read.
    #[serde(rename = "sources")]
    pub sources: Vec<String>,
    /// What was seen.
    #[serde(rename = "proof")]
    pub proof: AccountProof,
}

impl AccountEvidence {
    /// Evidence that `account` agrees to `did`.
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

/// What ties the account to the DID.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub enum AccountProof {
    /// The observer ran an OAuth device flow itself, or checked that the token was given to its own app.
    #[serde(rename = "device-flow")]
    DeviceFlow {
        /// The challenge of the claim that the flow was run for, if it was run for one.
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
        /// Since when it holds that claim unchanged: since the observer saw it in this state first, or since the platform says that it
        /// was last changed, whichever is longer ago. Platforms move that time for less than a change.
        #[serde(rename = "unchangedSince")]
        unchanged_since: Timestamp,
        /// The state that it was in, where the observer recorded it.
        #[serde(rename = "state", default, skip_serializing_if = "Option::is_none")]
        state: Option<GistState>,
    },
    /// What the registry shows of a package that was made to speak for this account, and should be its alone: every release, from
    /// the first on, must say in so many words that the DID speaks for the account.
    ///
    /// On npm it counts in the account's own scope only, `@login/...`: an unscoped package may have been given away by whoever
    /// published what it says, and teams that may publish it are not documented to be listed.
    #[serde(rename = "account-statement")]
    AccountStatement(Box<NamespaceEvidence>),
}

/// The state in which a gist was seen: what a later look is compared with, to say what became of it.
///
/// It makes a proof neither better nor worse. That is [`unchanged_since`](AccountProof::GistProof::unchanged_since)'s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GistState {
    /// The version of its newest revision, where the platform says so.
    #[serde(rename = "revision", default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
    /// The SHA-256 of the file that holds the claim: `sha256:` and 64 hexadecimal digits.
    #[serde(rename = "digest")]
    pub digest: String,
    /// When the gist was made.
    #[serde(rename = "created")]
    pub created: Timestamp,
}

impl GistState {
    /// A gist that was made at `created`, whose file has this digest now.
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
    /// The kind of evidence that it is.
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

/// One account that a DID says it holds, with everything that supports it.
///
/// What the pair is worth is not a field: core derives it when it decides, from the claim's signature and the evidence. The
/// claim alone is self-reported, whoever hands it over. Live evidence is taken from the hands of the
/// [`PlatformContext`](crate::ports::PlatformContext) that you plug in, and trusted as far as that.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LinkedAccount {
    /// The signed platform claim. Not verified yet.
    pub claim: Signed<PlatformClaim>,
    /// What was seen on the platform, if anything was.
    pub evidence: Vec<ObservedEvidence<AccountEvidence>>,
    /// Support that was looked for and not found, or that could not be looked at.
    pub attempts: Vec<Attempt>,
}

/// Support of one kind that did not come about: it leaves its chain refuted or open, and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attempt {
    /// What was looked for.
    pub kind: EvidenceKind,
    /// What stood in the way.
    pub obstacle: Obstacle,
}

impl Attempt {
    /// Looked for `kind`, and met `obstacle`.
    #[must_use]
    pub fn new(kind: EvidenceKind, obstacle: impl Into<Obstacle>) -> Self {
        Self {
            kind,
            obstacle: obstacle.into(),
        }
    }
}

impl LinkedAccount {
    /// An account with what supports it; with no evidence it is self-reported.
    #[must_use]
    pub fn new(
        claim: Signed<PlatformClaim>,
        evidence: Vec<ObservedEvidence<AccountEvidence>>,
    ) -> Self {
        Self {
            claim,
            evidence,
            attempts: Vec::new(),
        }
    }

    /// The account that the claim names.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.claim.unverified().account
    }
}
