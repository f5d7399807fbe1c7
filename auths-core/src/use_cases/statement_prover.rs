//! Proving an account by a package that it alone can publish, for every registry with a namespace verifier.

use std::sync::Arc;

use async_trait::async_trait;

use crate::decide::{only_role, outside_own_scope};
use crate::evidence::{AccountEvidence, AccountProof, NamespaceEvidence};
use crate::identity::{Origin, Platform};
use crate::ports::{
    AccountProofQuery, AccountProver, AccountProverError, NamespaceError, NamespaceQuery,
    NamespaceVerifier, NamespaceVerifierExt, ProofHint,
};
use crate::reason::{Refuted, RefutedReason};

/// An [`AccountProver`] that reads an *account statement*: a package that was made for this purpose, whose only owner is the
/// account, and whose releases all say that the DID speaks for the account.
///
/// The listing is read first: releases are read only if the account is the package's only owner. The prover reports what the
/// registry shows. Core derives whether every release says so and whether the statement is mature. A package that names the DID
/// for itself proves nothing about the account.
#[derive(Debug)]
pub struct StatementProver {
    platform: Platform,
    verifier: Arc<dyn NamespaceVerifier>,
}

impl StatementProver {
    /// Creates a prover of accounts of `platform`, by packages that `verifier` reads.
    #[must_use]
    pub fn new(platform: Platform, verifier: Arc<dyn NamespaceVerifier>) -> Self {
        Self { platform, verifier }
    }
}

impl StatementProver {
    async fn gather(
        &self,
        package_query: &NamespaceQuery,
    ) -> Result<NamespaceEvidence, AccountProverError> {
        let seen = self.verifier.gather_checked(package_query).await;
        seen.map_err(|error| match error {
            NamespaceError::Unavailable(why) => AccountProverError::Unavailable(why),
            NamespaceError::Invalid { what } => AccountProverError::Invalid { what },
        })
    }
}

#[async_trait]
impl AccountProver for StatementProver {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn accounts_at(&self) -> Option<Origin> {
        (!self.verifier.is_public()).then(|| self.verifier.origin().clone())
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        let ProofHint::Statement(package) = &query.hint else {
            let what = format!(
                "{} accounts are proved by a statement in a package",
                self.platform
            );
            return Err(AccountProverError::Invalid { what });
        };
        let claimed = &query.claim.unverified().account;
        if let Some(detail) = outside_own_scope(claimed, package) {
            return Err(Refuted::new(RefutedReason::NotSoleOwner, detail).into());
        }
        let package_query = NamespaceQuery::new(package.clone(), query.now)
            .with_maturity(query.maturity)
            .about(vec![claimed.clone()])
            .within(query.budget.clone());
        let mut seen = self.gather(&package_query.clone().listing_only()).await?;
        let listing = seen.listing.get().ok();
        if listing.is_some_and(|listing| only_role(listing, claimed).is_some()) {
            seen = self.gather(&package_query).await?;
        }
        // Use the account in the registry's own spelling, where the registry lists it.
        let listed = seen
            .listing
            .get()
            .ok()
            .and_then(|l| l.accounts.iter().find(|l| l.account.same_as(claimed)));
        let account = listed.map_or_else(|| claimed.clone(), |l| l.account.clone());
        let (sources, seen_at) = (seen.sources.clone(), seen.observed_at);
        let proof = AccountProof::AccountStatement(Box::new(seen));
        let mut evidence = AccountEvidence::new(account, query.claim.did().clone(), seen_at, proof);
        evidence.sources = sources;
        Ok(evidence)
    }
}
