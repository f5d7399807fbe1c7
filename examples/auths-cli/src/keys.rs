//! The keystore that the arguments name.

use auths_core::ports::{KeyInfo, KeyName, KeyStore, KeyStoreError};
use auths_core::{Did, Invalid};
use auths_keystore::{FileKeyStore, MemoryKeyStore};
use std::sync::Arc;

use crate::args::{Global, Keystore};
use crate::failure::Failure;
use crate::home::Home;
use crate::output::Output;
use crate::passphrase::Asking;

/// A keystore whose keys can also be looked at one by one: a damaged key stands in the way of nobody who names another.
#[derive(Debug)]
pub(crate) enum Keys {
    Memory(MemoryKeyStore),
    File(FileKeyStore),
}

/// Opens the keystore. Touches no key yet.
pub(crate) fn open(global: &Global, home: &Home, output: Output) -> Result<Keys, Failure> {
    match global.keystore {
        Keystore::Memory => Ok(Keys::Memory(MemoryKeyStore::new())),
        Keystore::File => {
            let asking = Arc::new(Asking::new(global.passphrase_fd, output));
            Ok(Keys::File(FileKeyStore::new(home.keys(), asking)))
        }
        Keystore::Os => Err(Failure::invalid(
            Invalid::BadConfiguration,
            "this version was built without the operating system's keychain",
        )
        .remedy("use --keystore file")),
    }
}

impl Keys {
    /// As the port.
    pub(crate) fn store(&self) -> &dyn KeyStore {
        match self {
            Self::Memory(store) => store,
            Self::File(store) => store,
        }
    }

    /// What is shown of one key.
    pub(crate) async fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyStoreError> {
        match self {
            Self::File(store) => store.info(name),
            Self::Memory(store) => {
                let found = store.list().await?.into_iter().find(|k| k.name == *name);
                found.ok_or_else(|| KeyStoreError::NotFound(name.clone()))
            }
        }
    }

    /// Every key by itself, or why it cannot be read.
    pub(crate) async fn each(&self) -> Result<Vec<Result<KeyInfo, KeyStoreError>>, KeyStoreError> {
        match self {
            Self::File(store) => store.each(),
            Self::Memory(store) => Ok(store.list().await?.into_iter().map(Ok).collect()),
        }
    }

    /// Every key that can be read. Warns about the others.
    pub(crate) async fn readable(&self, output: Output) -> Result<Vec<KeyInfo>, Failure> {
        let mut keys = Vec::new();
        for key in self.each().await? {
            match key {
                Ok(info) => keys.push(info),
                Err(error) => {
                    let failure = Failure::from(error);
                    let why = failure.0.message.unwrap_or_default();
                    output.warn(&format!("a key is left out: {why}"));
                }
            }
        }
        Ok(keys)
    }
}

/// The DIDs of every key that can be read: what they observed is trusted here.
pub(crate) async fn dids(keys: &Keys, output: Output) -> Result<Vec<Did>, Failure> {
    let keys = keys.readable(output).await?;
    Ok(keys.into_iter().map(|key| key.did).collect())
}
