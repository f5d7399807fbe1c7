//! The accounts of a DID from its stored claims, each proved anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use crate::Timestamp;
use crate::claim::{PlatformClaim, Signed};
use crate::evidence::{EvidenceKind, LinkedAccount, MissingEvidence, ObservedEvidence};
use crate::ports::{
    AccountProofQuery, AccountProver, AccountProverError, Budget, LinkedAccountsQuery,
    PlatformContext, ProofHint, prover_of,
};
use crate::reason::{Unavailable, UnavailableReason};

/// A platform claim as its holder stores it, with the place where its proof was found.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredLink {
    /// The signed claim.
    pub claim: Signed<PlatformClaim>,
    /// The place to look for its proof; `None` for an account that is only self-reported.
    pub hint: Option<ProofHint>,
}

impl StoredLink {
    /// Creates a stored link from a claim and the place where its proof was found.
    #[must_use]
    pub fn new(claim: Signed<PlatformClaim>, hint: Option<ProofHint>) -> Self {
        Self { claim, hint }
    }
}

/// A [`PlatformContext`] over stored claims. Every wanted proof is read again at each query.
#[derive(Debug, Default)]
pub struct ClaimsContext {
    links: Vec<StoredLink>,
    provers: Vec<Arc<dyn AccountProver>>,
    /// The number of proofs that may still be read; `None` for no limit.
    left: Option<AtomicUsize>,
}

impl ClaimsContext {
    /// Creates a context of the accounts of these claims, each proved by the prover of its platform and server ([`prover_of`]).
    #[must_use]
    pub fn new(links: Vec<StoredLink>, provers: Vec<Arc<dyn AccountProver>>) -> Self {
        Self {
            links,
            provers,
            left: None,
        }
    }

    /// Sets the maximum number of proofs read in all. Further ones are recorded as not seen, with
    /// [`UnavailableReason::RequestBudget`].
    #[must_use]
    pub fn reading_at_most(mut self, proofs: usize) -> Self {
        self.left = Some(AtomicUsize::new(proofs));
        self
    }

    /// Takes one reading from the limit, and returns whether there was one left.
    fn may_read(&self) -> bool {
        let Some(left) = &self.left else {
            return true;
        };
        left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .is_ok()
    }
}

#[async_trait]
impl PlatformContext for ClaimsContext {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        let mut accounts = Vec::new();
        for stored in self.links.iter().filter(|l| *l.claim.did() == query.did) {
            let prover = prover_of(&self.provers, &stored.claim.unverified().account);
            accounts.push(match &stored.hint {
                Some(_)
                    if !query
                        .proofs
                        .are_wanted_of(&stored.claim.unverified().account) =>
                {
                    LinkedAccount::new(stored.claim.clone(), Vec::new())
                }
                Some(hint) if prover.is_some() && !self.may_read() => unread(stored, hint),
                _ => look(stored, prover, query).await,
            });
        }
        Ok(accounts)
    }
}

/// Creates the account of a claim whose proof exceeds the limit.
fn unread(stored: &StoredLink, hint: &ProofHint) -> LinkedAccount {
    let mut linked = LinkedAccount::new(stored.claim.clone(), Vec::new());
    let detail = "the proofs of fewer accounts may be read for one answer";
    let why = Unavailable::new(UnavailableReason::RequestBudget, detail);
    linked.attempts.push(MissingEvidence::new(kind(hint), why));
    linked
}

fn kind(hint: &ProofHint) -> EvidenceKind {
    match hint {
        ProofHint::Statement(_) => EvidenceKind::AccountStatement,
        ProofHint::Gist(_) => EvidenceKind::GistProof,
    }
}

/// Looks for the proof of one stored claim. A proof that was not found, or could not be read, is recorded as a failed attempt.
pub async fn prove_account(
    stored: &StoredLink,
    prover: Option<&dyn AccountProver>,
    now: Timestamp,
    maturity: Duration,
) -> LinkedAccount {
    link_within(stored, prover, now, maturity, Budget::unlimited()).await
}

/// Looks for the proof of one stored claim, with the values of a query for accounts.
async fn look(
    stored: &StoredLink,
    prover: Option<&dyn AccountProver>,
    query: &LinkedAccountsQuery,
) -> LinkedAccount {
    let (now, maturity) = (query.now, query.maturity);
    link_within(stored, prover, now, maturity, query.budget.clone()).await
}

async fn link_within(
    stored: &StoredLink,
    prover: Option<&dyn AccountProver>,
    now: Timestamp,
    maturity: Duration,
    budget: Budget,
) -> LinkedAccount {
    let mut linked = LinkedAccount::new(stored.claim.clone(), Vec::new());
    let Some(hint) = &stored.hint else {
        return linked;
    };
    let kind = kind(hint);
    let Some(prover) = prover else {
        let account = linked.account();
        let platform = account.platform();
        let place = match account.origin() {
            Some(origin) => format!("{platform} at {origin}"),
            None => format!("the public {platform}"),
        };
        let detail = format!("no prover for accounts of {place} is plugged in");
        let why = Unavailable::new(UnavailableReason::NotOffered, detail);
        linked.attempts.push(MissingEvidence::new(kind, why));
        return linked;
    };
    let query = AccountProofQuery::new(stored.claim.clone(), hint.clone(), now, maturity);
    match prover.prove(&query.within(budget)).await {
        Ok(evidence) => linked.evidence.push(ObservedEvidence::live(evidence)),
        Err(AccountProverError::Refuted(refuted)) => {
            linked.attempts.push(MissingEvidence::new(kind, refuted))
        }
        Err(AccountProverError::Unavailable(why)) => {
            linked.attempts.push(MissingEvidence::new(kind, why))
        }
        Err(AccountProverError::Invalid { what }) => {
            linked.attempts.push(MissingEvidence::new(
                kind,
                Unavailable::new(UnavailableReason::EvidenceMismatch, what),
            ));
        }
    }
    linked
}
