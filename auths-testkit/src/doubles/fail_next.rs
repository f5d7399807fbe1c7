//! A wrapper of any implementation of a port that fails on request.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use auths_core::Timestamp;
use auths_core::ci::{CiIssuer, CiTokenEvidence, EnvironmentEvidence};
use auths_core::claim::{ChallengeKey, Revocation, RevocationTarget, Signed};
use auths_core::crypto::{PublicKey, Signature};
use auths_core::evidence::{AccountEvidence, LinkedAccount, NamespaceEvidence};
use auths_core::identity::{
    Account, Did, Ecosystem, Namespace, Origin, Platform, VerificationMethod,
};
use auths_core::pin::Pin;
use auths_core::ports::{
    AccountDirectory, AccountProofQuery, AccountProver, AccountProverError, CiTokenError,
    CiTokenQuery, CiTokenVerifier, DidResolver, Entropy, EntropyError, EnvironmentQuery,
    EnvironmentReader, KeptLink, KeyInfo, KeyName, KeyPersistence, KeyStore, KeyStoreError,
    LinkError, LinkStore, LinkedAccountsQuery, NamespaceError, NamespaceQuery, NamespaceVerifier,
    NewKey, PinChange, PinRecording, PinStore, PlatformContext, PublishedRevocations, ReplayGuard,
    RevocationMemory, RevocationSource, Signer, SignerError, Store, StoreError, StoreKey, TokenUse,
};
use auths_core::reason::{Obstacle, Unavailable};

/// An implementation `P` of a port whose next calls fail with queued errors `E`. When the queue is empty, it behaves as `P`
/// again.
///
/// It implements every port that `P` implements, with that port's own error. Only calls that can fail take an error from the
/// queue.
///
/// ```
/// use auths_core::ports::{Entropy, EntropyError};
/// use auths_testkit::doubles::{CountingEntropy, FailNext};
///
/// let entropy = FailNext::new(CountingEntropy::default());
/// entropy.fail_next(EntropyError("no randomness".into()));
/// let mut bytes = [0; 16];
/// assert!(entropy.fill(&mut bytes).is_err());
/// assert!(entropy.fill(&mut bytes).is_ok());
/// ```
#[derive(Debug)]
pub struct FailNext<P, E> {
    inner: P,
    failures: Mutex<VecDeque<E>>,
}

impl<P, E> FailNext<P, E> {
    /// Creates a wrapper that behaves as `inner` until an error is queued.
    #[must_use]
    pub fn new(inner: P) -> Self {
        Self {
            inner,
            failures: Mutex::new(VecDeque::new()),
        }
    }

    /// Queues `error` for the next call. Several errors are returned in turn.
    pub fn fail_next(&self, error: E) {
        self.line().push_back(error);
    }

    /// Returns the wrapped implementation.
    #[must_use]
    pub fn inner(&self) -> &P {
        &self.inner
    }

    fn line(&self) -> std::sync::MutexGuard<'_, VecDeque<E>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self) -> Result<&P, E> {
        match self.line().pop_front() {
            Some(error) => Err(error),
            None => Ok(&self.inner),
        }
    }
}

#[async_trait]
impl<P: NamespaceVerifier> NamespaceVerifier for FailNext<P, NamespaceError> {
    fn ecosystem(&self) -> &Ecosystem {
        self.inner.ecosystem()
    }

    fn origin(&self) -> &Origin {
        self.inner.origin()
    }

    fn is_public(&self) -> bool {
        self.inner.is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        self.pass()?.gather(query).await
    }
}

#[async_trait]
impl<P: AccountProver> AccountProver for FailNext<P, AccountProverError> {
    fn platform(&self) -> &Platform {
        self.inner.platform()
    }

    fn accounts_at(&self) -> Option<Origin> {
        self.inner.accounts_at()
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        self.pass()?.prove(query).await
    }
}

#[async_trait]
impl<P: PlatformContext> PlatformContext for FailNext<P, Unavailable> {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        self.pass()?.accounts(query).await
    }
}

#[async_trait]
impl<P: CiTokenVerifier> CiTokenVerifier for FailNext<P, CiTokenError> {
    fn issuers(&self) -> &[CiIssuer] {
        self.inner.issuers()
    }

    async fn read_token(&self, query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError> {
        self.pass()?.read_token(query).await
    }
}

/// The port has no error: the evidence says why nothing was read.
#[async_trait]
impl<P: EnvironmentReader> EnvironmentReader for FailNext<P, Unavailable> {
    fn issuer(&self) -> &CiIssuer {
        self.inner.issuer()
    }

    async fn read_environment(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        match self.pass() {
            Ok(inner) => inner.read_environment(query).await,
            Err(why) => query.answer(query.now, Err(why)),
        }
    }
}

#[async_trait]
impl<P: Signer> Signer for FailNext<P, SignerError> {
    fn method(&self) -> VerificationMethod {
        self.inner.method()
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        self.pass()?.sign(message).await
    }
}

#[async_trait]
impl<P: KeyStore> KeyStore for FailNext<P, KeyStoreError> {
    fn describe(&self) -> (&'static str, KeyPersistence) {
        self.inner.describe()
    }

    async fn create(&self, key: NewKey) -> Result<KeyInfo, KeyStoreError> {
        self.pass()?.create(key).await
    }

    async fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError> {
        self.pass()?.list().await
    }

    async fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyStoreError> {
        self.pass()?.signer(name).await
    }

    async fn delete(&self, name: &KeyName) -> Result<(), KeyStoreError> {
        self.pass()?.delete(name).await
    }
}

#[async_trait]
impl<P: Store> Store for FailNext<P, StoreError> {
    async fn get(&self, key: &StoreKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.pass()?.get(key).await
    }

    async fn put(&self, key: &StoreKey, value: &[u8]) -> Result<(), StoreError> {
        self.pass()?.put(key, value).await
    }

    async fn put_new(&self, key: &StoreKey, value: &[u8]) -> Result<bool, StoreError> {
        self.pass()?.put_new(key, value).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<(), StoreError> {
        self.pass()?.remove(key).await
    }
}

#[async_trait]
impl<P: LinkStore> LinkStore for FailNext<P, LinkError> {
    async fn all(&self) -> Result<Vec<KeptLink>, LinkError> {
        self.pass()?.all().await
    }

    async fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError> {
        self.pass()?.of(did, account).await
    }

    async fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError> {
        self.pass()?.again(old).await
    }

    async fn keep(&self, kept: &KeptLink) -> Result<(), LinkError> {
        self.pass()?.keep(kept).await
    }

    async fn forget(&self, read: &KeptLink) -> Result<bool, LinkError> {
        self.pass()?.forget(read).await
    }
}

#[async_trait]
impl<P: PinStore> PinStore for FailNext<P, StoreError> {
    async fn read(&self, namespace: &Namespace) -> Result<Option<Pin>, StoreError> {
        self.pass()?.read(namespace).await
    }

    async fn record(&self, pin: &Pin) -> Result<PinRecording, StoreError> {
        self.pass()?.record(pin).await
    }

    async fn change(&self, from: &Pin, to: &Pin) -> Result<PinChange, StoreError> {
        self.pass()?.change(from, to).await
    }
}

#[async_trait]
impl<P: AccountDirectory> AccountDirectory for FailNext<P, Obstacle> {
    async fn account_of(&self, account: &Account) -> Result<Option<Account>, Obstacle> {
        self.pass()?.account_of(account).await
    }
}

#[async_trait]
impl<P: ReplayGuard> ReplayGuard for FailNext<P, StoreError> {
    async fn consume(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        self.pass()?.consume(token, now, expires).await
    }

    async fn peek(
        &self,
        token: &str,
        now: Timestamp,
        expires: Timestamp,
    ) -> Result<TokenUse, StoreError> {
        self.pass()?.peek(token, now, expires).await
    }

    async fn key(&self, fresh: ChallengeKey) -> Result<ChallengeKey, StoreError> {
        self.pass()?.key(fresh).await
    }
}

#[async_trait]
impl<P: DidResolver> DidResolver for FailNext<P, Unavailable> {
    async fn resolve(
        &self,
        did: &Did,
        at: Timestamp,
    ) -> Result<Vec<(VerificationMethod, PublicKey)>, Unavailable> {
        self.pass()?.resolve(did, at).await
    }
}

#[async_trait]
impl<P: RevocationSource> RevocationSource for FailNext<P, Unavailable> {
    fn name(&self) -> String {
        self.inner.name()
    }

    async fn revocations(
        &self,
        dids: &[Did],
        now: Timestamp,
    ) -> Result<PublishedRevocations, Unavailable> {
        self.pass()?.revocations(dids, now).await
    }
}

#[async_trait]
impl<P: RevocationMemory> RevocationMemory for FailNext<P, StoreError> {
    async fn remember_recovery(&self, did: &Did, recovery: &Did) -> Result<(), StoreError> {
        self.pass()?.remember_recovery(did, recovery).await
    }

    async fn recovery_dids(&self, did: &Did) -> Result<Vec<Did>, StoreError> {
        self.pass()?.recovery_dids(did).await
    }

    async fn remember_revocation(&self, revocation: &Signed<Revocation>) -> Result<(), StoreError> {
        self.pass()?.remember_revocation(revocation).await
    }

    async fn revocations(
        &self,
        what: &RevocationTarget,
        by: &BTreeSet<Did>,
    ) -> Result<Vec<Signed<Revocation>>, StoreError> {
        self.pass()?.revocations(what, by).await
    }
}

impl<P: Entropy> Entropy for FailNext<P, EntropyError> {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        self.pass()?.fill(buffer)
    }
}
