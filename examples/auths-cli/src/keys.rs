//! The keystore that the arguments name.

use std::collections::BTreeSet;

use auths_core::ports::{KeyInfo, KeyName, KeyStore, KeyStoreError, Signer};
use auths_core::{Did, Invalid};
use auths_keystore::{FileKeyStore, MemoryKeyStore};
use std::sync::Arc;

use crate::args::{Global, Keystore};
use crate::failure::Failure;
use crate::home::Home;
use crate::output::Output;
use crate::passphrase::PassphrasePrompt;

/// A keystore whose keys can also be read one by one, so that a damaged key does not block the others.
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
            let asking = Arc::new(PassphrasePrompt::new(global.passphrase_fd, output));
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
    /// Returns the store as the port.
    pub(crate) fn store(&self) -> &dyn KeyStore {
        match self {
            Self::Memory(store) => store,
            Self::File(store) => store,
        }
    }

    /// Returns the description of one key.
    pub(crate) async fn info(&self, name: &KeyName) -> Result<KeyInfo, KeyStoreError> {
        match self {
            Self::File(store) => store.info(name),
            Self::Memory(store) => {
                let found = store.list().await?.into_iter().find(|k| k.name == *name);
                found.ok_or_else(|| KeyStoreError::NotFound(name.clone()))
            }
        }
    }

    /// Opens one key.
    pub(crate) async fn open(&self, name: &KeyName) -> Result<Opened, KeyStoreError> {
        let (info, signer) = match self {
            Self::File(store) => store.open(name)?,
            Self::Memory(store) => (self.info(name).await?, store.signer(name).await?),
        };
        Ok(Opened { info, signer })
    }

    /// Returns every key by itself, or why it cannot be read.
    pub(crate) async fn each(&self) -> Result<Vec<Result<KeyInfo, KeyStoreError>>, KeyStoreError> {
        match self {
            Self::File(store) => store.each(),
            Self::Memory(store) => Ok(store.list().await?.into_iter().map(Ok).collect()),
        }
    }

    /// Returns every key that can be read. Warns about the others.
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

/// A key of this home that was opened. Opening it proved that it holds the key of the DID that it states.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) info: KeyInfo,
    pub(crate) signer: Arc<dyn Signer>,
}

/// Opens the keys of this home among the observers, as far as possible. Their observations are trusted here.
///
/// A file that only states such a DID proves nothing: anyone who can write in the directory can write such a file. Asks for the
/// passphrases of these keys only, and warns about a key that cannot be opened.
pub(crate) async fn observers<'a>(
    keys: &Keys,
    observed: impl IntoIterator<Item = &'a Did>,
    output: Output,
) -> Result<Vec<Opened>, Failure> {
    let observed: BTreeSet<&Did> = observed.into_iter().collect();
    if observed.is_empty() {
        return Ok(Vec::new());
    }
    let mut opened = Vec::new();
    for key in keys.readable(output).await? {
        if !observed.contains(&key.did) {
            continue;
        }
        match keys.open(&key.name).await {
            Ok(key) => opened.push(key),
            Err(error) => {
                let why = Failure::from(error).0.message.unwrap_or_default();
                output.warn(&format!(
                    "what the key {} observed does not count unless it is opened: {why}",
                    key.name
                ));
            }
        }
    }
    // A file may have been replaced between reading and opening it.
    opened.retain(|key| observed.contains(&key.info.did));
    Ok(opened)
}
