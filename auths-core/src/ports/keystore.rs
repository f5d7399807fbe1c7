//! The port for keeping device keys.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Signer;
use crate::Timestamp;
use crate::crypto::Seed;
use crate::identity::{Did, NameError, escape};
use crate::reason::{Invalid, Reason, UnavailableReason};

/// The name of a key in its store: 1 to 64 ASCII letters, digits, `-`, `_`, beginning with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(Box<str>);

impl KeyName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let ok = (1..=64).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if ok {
            Ok(Self(text.into()))
        } else {
            let rule =
                "1 to 64 ASCII letters, digits, '-' and '_', starting with a letter or digit";
            Err(NameError::new(text, "key names", rule))
        }
    }
}

impl TryFrom<String> for KeyName {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        text.parse()
    }
}

impl From<KeyName> for String {
    fn from(name: KeyName) -> Self {
        name.0.into()
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The lifetime of keys in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPersistence {
    /// Keys exist until the process ends.
    Process,
    /// Keys exist until they are deleted.
    UntilDeleted,
}

/// The public description of a key in a store. No part of the secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyInfo {
    /// The key's name.
    pub name: KeyName,
    /// The key's DID.
    pub did: Did,
    /// The time when the key was made.
    pub created: Timestamp,
    /// The DID that may revoke this one if its key is lost.
    pub recovery: Option<Did>,
}

impl KeyInfo {
    /// Creates the description of a key.
    #[must_use]
    pub fn new(name: KeyName, did: Did, created: Timestamp, recovery: Option<Did>) -> Self {
        Self {
            name,
            did,
            created,
            recovery,
        }
    }
}

/// A new key to be kept in a store.
#[derive(Debug)]
#[non_exhaustive]
pub struct NewKey {
    /// The name under which the key is kept.
    pub name: KeyName,
    /// The secret. See [`new_seed`](super::new_seed).
    pub seed: Seed,
    /// The time when the key was made.
    pub created: Timestamp,
    /// The DID that may revoke this one if its key is lost.
    pub recovery: Option<Did>,
}

impl NewKey {
    /// Creates a key to be kept under `name`.
    #[must_use]
    pub fn new(name: KeyName, seed: Seed, created: Timestamp, recovery: Option<Did>) -> Self {
        Self {
            name,
            seed,
            created,
            recovery,
        }
    }
}

/// A reason why a keystore could not do an operation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyStoreError {
    /// No key has this name. The store could be read.
    #[error("there is no device key named {0}")]
    NotFound(KeyName),
    /// A key of this name already exists. Nothing was changed.
    #[error("there is a device key named {0} already")]
    Exists(KeyName),
    /// The store is locked, or a passphrase is needed and none was given. The error does not tell which keys exist.
    #[error("the keystore is locked: a passphrase or an unlocked keychain is needed")]
    Locked,
    /// The passphrase does not open the key.
    #[error("the passphrase does not open the key {0}")]
    WrongPassphrase(KeyName),
    /// The stored key is damaged or cut.
    #[error("the key {name} is damaged: {}", escape(what))]
    Corrupt {
        /// The key.
        name: KeyName,
        /// The damage that was seen.
        what: String,
    },
    /// The stored key has a format version that this code does not know.
    #[error("the key {name} is stored in version {version}, which this program does not know")]
    Version {
        /// The key.
        name: KeyName,
        /// The version that was seen.
        version: u32,
    },
    /// The disk, the permissions or the keychain failed.
    #[error("the keystore could not be used: {}", escape(doing))]
    Failed {
        /// The operation that failed.
        doing: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl KeyStoreError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => Invalid::NoKey.code(),
            Self::Exists(_) => Invalid::KeyExists.code(),
            Self::Locked => Invalid::Locked.code(),
            Self::WrongPassphrase(_) => Invalid::WrongPassphrase.code(),
            Self::Corrupt { .. } => Invalid::KeyFileCorrupt.code(),
            Self::Version { .. } => Invalid::KeyFileVersion.code(),
            Self::Failed { .. } => UnavailableReason::KeystoreFailed.code(),
        }
    }

    /// Returns whether the same call may succeed later although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Failed { .. })
    }
}

/// A store of device keys.
///
/// # Contract
/// - [`create`](KeyStore::create) never replaces a key: a name that is taken is [`KeyStoreError::Exists`]. When it returns, the
///   key is stored. When it fails or the process dies, everything stored before is still there.
/// - [`signer`](KeyStore::signer) returns a signer for exactly the key that `create` stored, or the reason why not: *locked*,
///   *wrong passphrase*, *damaged* and *not found* are never mixed. A locked store must not look like an empty one.
/// - [`list`](KeyStore::list) returns every key, without asking for a passphrase, in the order of their names. If any part fails,
///   the whole call fails: a partial list is never returned.
///
/// # Security
/// The secret leaves the store only through the signatures of a [`Signer`]. Stores wipe their copies.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait KeyStore: std::fmt::Debug + Send + Sync {
    /// Returns the store's kind (`memory`, `file`, `os`) and how long it keeps keys.
    fn describe(&self) -> (&'static str, KeyPersistence);

    /// Stores a new key.
    ///
    /// # Errors
    /// [`KeyStoreError::Exists`] when the name is taken; [`Locked`](KeyStoreError::Locked) without a passphrase;
    /// [`Failed`](KeyStoreError::Failed).
    async fn create(&self, key: NewKey) -> Result<KeyInfo, KeyStoreError>;

    /// Returns every key in the store.
    ///
    /// # Errors
    /// [`KeyStoreError::Corrupt`], [`Locked`](KeyStoreError::Locked), [`Failed`](KeyStoreError::Failed).
    async fn list(&self) -> Result<Vec<KeyInfo>, KeyStoreError>;

    /// Returns a signer for one key.
    ///
    /// # Errors
    /// Every [`KeyStoreError`] except [`Exists`](KeyStoreError::Exists).
    async fn signer(&self, name: &KeyName) -> Result<Arc<dyn Signer>, KeyStoreError>;

    /// Deletes one key permanently.
    ///
    /// # Errors
    /// [`KeyStoreError::NotFound`], [`Locked`](KeyStoreError::Locked), [`Failed`](KeyStoreError::Failed).
    async fn delete(&self, name: &KeyName) -> Result<(), KeyStoreError>;
}
