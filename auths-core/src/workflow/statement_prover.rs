//! Proving an account by a package that it alone can publish: works for every registry with a namespace verifier.

use std::sync::Arc;

use async_trait::async_trait;

use crate::evidence::{AccountEvidence, AccountProof};
use crate::identity::Platform;
use crate::ports::{
    AccountProver, AccountProverError, AccountQuery, NamespaceError, NamespaceQuery,
    NamespaceVerifier, NamespaceVerifierExt, ProofHint,
};

/// An [`AccountProver`] that reads an *account statement*: a package that was made for it, whose one owner is the account, and
/// every release of which says that the DID speaks for the account.
///
/// It reports what the registry shows of the package; whether the account is alone there, every release says so and the
/// statement is mature, core derives. A package that names the DID for itself proves nothing of the account.
#[derive(Debug)]
pub struct StatementProver {
    platform: Platform,
    verifier: Arc<dyn NamespaceVerifier>,
}

impl StatementProver {
    /// Proves accounts of `platform` by packages that `verifier` reads.
    #[must_use]
    pub fn new(platform: Platform, verifier: Arc<dyn NamespaceVerifier>) -> Self {
        Self { platform, verifier }
    }
}

#[async_trait]
impl AccountProver for StatementProver {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    async fn prove(&self, query: &AccountQuery) -> Result<AccountEvidence, AccountProverError> {
        let ProofHint::Statement(package) = &query.hint else {
            let what = format!(
                "{} accounts are proved by a statement in a package",
                self.platform
            );
            return Err(AccountProverError::Invalid { what });
        };
        let question =
            NamespaceQuery::new(package.clone(), query.now).with_maturity(query.maturity);
        let seen = self
            .verifier
            .gather_checked(&question)
            .await
            .map_err(|error| match error {
                NamespaceError::Unavailable(why) => AccountProverError::Unavailable(why),
                NamespaceError::Invalid { what } => AccountProverError::Invalid { what },
            })?;
        let claimed = &query.claim.unverified().account;
        // The account in the registry's own spelling, where it lists one that is the same.
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
