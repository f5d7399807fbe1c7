//! Fakes: test doubles with state.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256};

use auths_core::Timestamp;
use auths_core::crypto::{KeyPair, PublicKey};
use auths_core::evidence::LinkedAccount;
use auths_core::identity::{Did, VerificationMethod};
use auths_core::ports::{
    Clock, DidResolver, Entropy, EntropyError, KeyInfo, KeyName, KeyPersistence, KeyStore,
    KeyStoreError, LinkedAccountsQuery, NewKey, PlatformContext, Signer,
};
use auths_core::reason::Unavailable;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A clock that advances only on request.
///
/// ```
/// use std::time::Duration;
/// use auths_core::ports::Clock;
/// use auths_testkit::doubles::ManualClock;
///
/// let clock = ManualClock::at("2026-01-01T00:00:00Z".parse()?);
/// clock.wait(Duration::from_secs(60));
/// assert_eq!(clock.now().to_string(), "2026-01-01T00:01:00Z");
/// # Ok::<(), auths_core::TimeError>(())
/// ```
#[derive(Debug)]
pub struct ManualClock(Mutex<Timestamp>);

impl ManualClock {
    /// Creates a clock that shows `now`.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Advances the clock.
    pub fn wait(&self, time: Duration) {
        let mut now = lock(&self.0);
        *now = *now + time;
    }

    /// Sets the clock, also backwards.
    pub fn set(&self, now: Timestamp) {
        *lock(&self.0) = now;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *lock(&self.0)
    }
}

/// A source of bytes that look random and are the same in every run. Never use it for real keys.
#[derive(Debug, Default)]
pub struct CountingEntropy(Mutex<u64>);

impl Entropy for CountingEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        let mut count = lock(&self.0);
        for chunk in buffer.chunks_mut(32) {
            *count += 1;
            let block = Sha256::digest(count.to_be_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
        Ok(())
    }
}

/// A key store in memory.
#[derive(Debug, Default)]
pub struct FakeKeyStore(Mutex<BTreeMap<KeyName, (KeyInfo, Arc<KeyPair>)>>);

#[async_trait]
impl KeyStore for FakeKeyStore {
    fn describe(&self) -> (&'static str, KeyPersistence) {
        ("memory", KeyPersistence::Process)
    }

    async fn create(&self, key: NewKey) -> Result<KeyInfo, KeyStoreError> {
        let mut keys = lock(&self.0);
        if keys.contains_key(&key.name) {
            return Err(KeyStoreError::Exists(key.name));
        }
        let pair = KeyPair::from_seed(&key.seed);
        let did = Did::from_key(&pair.public());
        let info = KeyInfo::new(key.name.clone(), did, key.created, key.recovery);
        keys.insert(key.name, (info.clone(), Arc::new(pair)));
        Ok(info)
    }

    async fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError> {
        Ok(lock(&self.0)
            .values()
            .map(|(info, _)| info.clone())
            .collect())
    }

    async fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyStoreError> {
        match lock(&self.0).get(name) {
            Some((_, pair)) => Ok(Arc::<KeyPair>::clone(pair)),
            None => Err(KeyStoreError::NotFound(name.clone())),
        }
    }

    async fn delete(&self, name: &KeyName) -> Result<(), KeyStoreError> {
        match lock(&self.0).remove(name) {
            Some(_) => Ok(()),
            None => Err(KeyStoreError::NotFound(name.clone())),
        }
    }
}

/// A platform context with the accounts that were added, for queries about their DID.
#[derive(Debug, Default)]
pub struct FakeAccounts(Mutex<Vec<LinkedAccount>>);

impl FakeAccounts {
    /// Adds an account.
    pub fn add(&self, account: LinkedAccount) {
        lock(&self.0).push(account);
    }
}

#[async_trait]
impl PlatformContext for FakeAccounts {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        let accounts = lock(&self.0);
        let of_did = accounts.iter().filter(|a| *a.claim.did() == query.did);
        Ok(of_did.cloned().collect())
    }
}

/// A resolver with the keys that were added. Other DIDs have no keys.
#[derive(Debug, Default)]
pub struct FakeResolver(Mutex<BTreeMap<Did, Vec<(VerificationMethod, PublicKey)>>>);

impl FakeResolver {
    /// Adds a key of `did`.
    pub fn add(&self, did: Did, method: VerificationMethod, key: PublicKey) {
        lock(&self.0).entry(did).or_default().push((method, key));
    }
}

#[async_trait]
impl DidResolver for FakeResolver {
    async fn resolve(
        &self,
        did: &Did,
        _at: Timestamp,
    ) -> Result<Vec<(VerificationMethod, PublicKey)>, Unavailable> {
        Ok(lock(&self.0).get(did).cloned().unwrap_or_default())
    }
}
