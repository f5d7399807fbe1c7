//! A person with a device key.

use std::sync::Arc;

use auths_core::ports::{Clock, KeyStore, NewKey, ProofHint, Signer, new_seed};
use auths_core::use_cases::{StoredLink, sign_account_claim};
use auths_core::{Account, Did, Namespace, Timestamp};
use auths_keystore::{MemoryKeyStore, OsEntropy};

use crate::failure::Failure;

/// A person: a device key, and the accounts that its holder claims.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) signer: Arc<dyn Signer>,
    pub(super) links: Vec<StoredLink>,
}

impl Person {
    /// Creates a person with a new key in memory, and no accounts.
    pub(super) async fn new(name: &str, clock: &dyn Clock) -> Result<Self, Failure> {
        let store = MemoryKeyStore::new();
        let name = name
            .parse()
            .map_err(|e| Failure::internal(format!("{e}")))?;
        let key = NewKey::new(name, new_seed(&OsEntropy)?, clock.now(), None);
        let made = store.create(key).await?;
        Ok(Self {
            signer: store.signer(&made.name).await?,
            links: Vec::new(),
        })
    }

    /// Returns the key's DID.
    pub(super) fn did(&self) -> Did {
        self.signer.method().did().clone()
    }

    /// Adds an account that the person claims, and the place of its proof.
    pub(super) async fn claiming(
        mut self,
        account: Account,
        statement: Option<Namespace>,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let claim = sign_account_claim(&*self.signer, account, None, now).await?;
        let hint = statement.map(ProofHint::Statement);
        self.links.push(StoredLink::new(claim, hint));
        Ok(self)
    }
}
