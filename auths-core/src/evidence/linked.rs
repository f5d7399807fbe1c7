//! Accounts that a DID says it holds, with what supports each.

use super::{AccountEvidence, EvidenceKind, ObservedEvidence};
use crate::claim::{PlatformClaim, Signed};
use crate::identity::Account;
use crate::reason::Obstacle;

/// One account that a DID says it holds, with all supporting evidence.
///
/// The worth of the pair is not a field: core derives it when it decides, from the claim's signature and the evidence. The claim
/// alone is self-reported, regardless of its source. Live evidence comes from the
/// [`PlatformContext`](crate::ports::PlatformContext) that you plug in, and is trusted as far as that context.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LinkedAccount {
    /// The signed platform claim, not verified yet.
    pub claim: Signed<PlatformClaim>,
    /// The evidence that was seen on the platform, if any.
    pub evidence: Vec<ObservedEvidence<AccountEvidence>>,
    /// Support that was looked for and not found, or that could not be read.
    pub attempts: Vec<MissingEvidence>,
}

/// Support of one kind that is missing. It leaves the chain of that kind refuted or unavailable, and affects no other chain.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingEvidence {
    /// The kind of support that was looked for.
    pub kind: EvidenceKind,
    /// The reason why the support is missing.
    pub obstacle: Obstacle,
}

impl MissingEvidence {
    /// Creates the record of a search for `kind` that met `obstacle`.
    #[must_use]
    pub fn new(kind: EvidenceKind, obstacle: impl Into<Obstacle>) -> Self {
        Self {
            kind,
            obstacle: obstacle.into(),
        }
    }
}

impl LinkedAccount {
    /// Creates a linked account with its supporting evidence. Without evidence it is self-reported.
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

    /// Returns the account that the claim names.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.claim.unverified().account
    }
}
