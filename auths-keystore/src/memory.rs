//! Device keys held in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use auths_core::Did;
use auths_core::crypto::KeyPair;
use auths_core::ports::{
    KeyInfo, KeyName, KeyPersistence, KeyStore, KeyStoreError, NewKey, Signer,
};

/// A store that keeps keys for as long as the process lives. For tests, and for jobs that make a key and throw it away.
///
/// # Security
/// There is no passphrase and no lock: anyone who can read the process's memory has the keys. A key is wiped when it was deleted
/// (or the store dropped) and the last signer for it is gone.
///
/// ```
/// use auths_core::ports::{KeyStore, NewKey, new_seed};
/// use auths_keystore::{MemoryKeyStore, OsEntropy};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryKeyStore::new();
/// let key = NewKey::new("main".parse()?, new_seed(&OsEntropy)?, "2026-11-21T08:46:00Z".parse()?, None);
/// let made = store.create(key).await?;
/// assert_eq!(store.signer(&made.name).await?.method().did(), &made.did);
/// # Ok(()) }
/// ```
#[derive(Debug, Default)]
pub struct MemoryKeyStore {
    keys: Mutex<BTreeMap<KeyName, KeptKey>>,
}

#[derive(Debug)]
struct KeptKey {
    info: KeyInfo,
    pair: Arc<KeyPair>,
}

impl MemoryKeyStore {
    /// Creates an empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn keys(&self) -> MutexGuard<'_, BTreeMap<KeyName, KeptKey>> {
        // A key is kept or removed in one call, so a panic elsewhere leaves the map whole.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KeyStore for MemoryKeyStore {
    fn describe(&self) -> (&'static str, KeyPersistence) {
        ("memory", KeyPersistence::Process)
    }

    async fn create(&self, key: NewKey) -> Result<KeyInfo, KeyStoreError> {
        let mut keys = self.keys();
        if keys.contains_key(&key.name) {
            return Err(KeyStoreError::Exists(key.name));
        }
        let pair = Arc::new(KeyPair::from_seed(&key.seed));
        let did = Did::from_key(&pair.public());
        let info = KeyInfo::new(key.name.clone(), did, key.created, key.recovery);
        let kept = KeptKey {
            info: info.clone(),
            pair,
        };
        keys.insert(key.name, kept);
        Ok(info)
    }

    async fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError> {
        Ok(self.keys().values().map(|kept| kept.info.clone()).collect())
    }

    async fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyStoreError> {
        match self.keys().get(name) {
            Some(kept) => Ok(kept.pair.clone()),
            None => Err(KeyStoreError::NotFound(name.clone())),
        }
    }

    async fn delete(&self, name: &KeyName) -> Result<(), KeyStoreError> {
        match self.keys().remove(name) {
            Some(_) => Ok(()),
            None => Err(KeyStoreError::NotFound(name.clone())),
        }
    }
}
