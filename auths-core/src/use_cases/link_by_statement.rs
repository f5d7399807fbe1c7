//! Linking an account that a package made for it proves: the claim, and the order in which links are stored.

use super::sign::sign_account_claim;
use crate::Timestamp;
use crate::claim::SignError;
use crate::identity::{Account, Did, Namespace};
use crate::ports::{KeptLink, LinkError, LinkStore, RevocationMemory, Signer, StoreError};

/// Links an account to a DID by its own word, and by the statement of a package that was made for the account (npm, PyPI).
///
/// # The order of writes
/// 1. The claim is signed, and the earlier links of the DID to the account are read. If either fails, nothing was written.
/// 2. The recovery DID that the claim names is remembered for good, before a claim that names it is stored.
/// 3. The new link is stored. It takes over the package of the latest earlier link, unless one is given.
/// 4. The earlier links are forgotten. The statement stands in the package and says the DID, not a claim, so it supports the new
///    claim as it did the old ones. Another process may store a link meanwhile: [`LinkStore::forget`] says which it leaves.
///
/// A process that is killed between any two steps leaves every link that counted before, and at worst an old one beside the new
/// one: the next run forgets it. Nothing is published, and no server is asked.
///
/// # Security
/// The claim alone proves nothing about the account: anyone can sign one. Read the statement with
/// [`prove_account`](super::prove_account), and see with [`AccountSupport`](super::AccountSupport) what the link is worth.
///
/// ```
/// use auths_core::ports::{LinkStore, MemoryLinks, MemoryRevocations};
/// use auths_core::use_cases::LinkByStatement;
/// # use auths_core::crypto::{KeyPair, Seed};
/// # use futures_util::FutureExt as _;
/// # let key = KeyPair::from_seed(&Seed::new(zeroize::Zeroizing::new([1; 32])));
///
/// let (links, memory) = (MemoryLinks::new(), MemoryRevocations::new());
/// let link = LinkByStatement::new(&links, &memory).with_package("pypi:alice-auths".parse()?);
/// let linking = link.run(&key, "pypi:alice".parse()?, None, "2026-11-21T08:46:00Z".parse()?);
/// let kept = linking.now_or_never().ok_or("it waits for nothing")??;
/// assert_eq!(kept.statement, Some("pypi:alice-auths".parse()?));
/// let all = links.all().now_or_never().ok_or("it waits for nothing")??;
/// assert_eq!(all.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LinkByStatement<'a> {
    links: &'a dyn LinkStore,
    memory: &'a dyn RevocationMemory,
    package: Option<Namespace>,
}

/// A reason why an account was not linked, or why an earlier link could not be forgotten.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LinkByStatementError {
    /// The key did not sign. Nothing was stored.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The store of links failed.
    #[error(transparent)]
    Links(#[from] LinkError),
    /// The recovery DID could not be remembered. The link was not stored.
    #[error(transparent)]
    Memory(#[from] StoreError),
}

impl LinkByStatementError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Sign(error) => error.code(),
            Self::Links(error) => error.code(),
            Self::Memory(error) => error.code(),
        }
    }
}

impl<'a> LinkByStatement<'a> {
    /// Creates the use case: links are stored in `links`, recovery DIDs in `memory`.
    #[must_use]
    pub fn new(links: &'a dyn LinkStore, memory: &'a dyn RevocationMemory) -> Self {
        Self {
            links,
            memory,
            package: None,
        }
    }

    /// Sets the package that states the account. Without it, the package of the latest earlier link stays.
    #[must_use]
    pub fn with_package(mut self, package: Namespace) -> Self {
        self.package = Some(package);
        self
    }

    /// Signs the claim and stores the link in place of the earlier ones. `recovery` is the recovery DID of the key.
    ///
    /// # Errors
    /// [`LinkByStatementError`] with what failed.
    pub async fn run(
        &self,
        signer: &dyn Signer,
        account: Account,
        recovery: Option<Did>,
        now: Timestamp,
    ) -> Result<KeptLink, LinkByStatementError> {
        let claim = sign_account_claim(signer, account.clone(), recovery.clone(), now).await?;
        let earlier = self.links.of(claim.did(), &account).await?;
        let mut inherited = earlier.iter().rev().filter_map(|old| old.statement.clone());
        let mut kept = KeptLink::new(claim);
        kept.statement = self.package.clone().or_else(|| inherited.next());
        if let Some(recovery) = &recovery {
            let did = kept.claim.did();
            self.memory.remember_recovery(did, recovery).await?;
        }
        self.links.keep(&kept).await?;
        for old in earlier.iter().filter(|k| k.claim.id() != kept.claim.id()) {
            self.links.forget(old).await?;
        }
        Ok(kept)
    }
}
