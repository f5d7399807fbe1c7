//! The source of the passphrase of a key file.

use std::fmt;

use auths_core::ports::{KeyName, KeyStoreError};
use auths_core::{Invalid, Reason};
use secrecy::{ExposeSecret, SecretString};

/// The purpose of a passphrase, so that a front end can name it, and ask twice for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PassphrasePurpose {
    /// Sealing a new key of this name.
    Create(KeyName),
    /// Opening the key of this name.
    Open(KeyName),
}

/// The reasons why no passphrase came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// There is no passphrase: nobody to ask, or the human declined.
    #[error("no passphrase was given")]
    NotGiven,
    /// The prompt, file or descriptor failed.
    #[error("the passphrase could not be read")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl PassphraseError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::Locked.code()
    }
}

/// A source of the passphrases of key files: a prompt, a file, a descriptor. Front ends implement it.
///
/// # Contract
/// The passphrase must be given exactly as the human chose it: from a prompt or file without the line end. It is used as UTF-8
/// bytes, with no Unicode normalisation. An empty one counts as none. The call may block. It is made once for each key made or
/// opened, after all checks that need no passphrase.
///
/// # Security
/// Never take the passphrase from the command line's arguments, which other users can read, and keep no copy.
pub trait PassphraseSource: fmt::Debug + Send + Sync {
    /// Returns the passphrase for this purpose.
    ///
    /// # Errors
    /// [`PassphraseError::NotGiven`] when there is none. [`PassphraseError::Failed`] when it could not be read.
    fn passphrase(&self, purpose: PassphrasePurpose) -> Result<SecretString, PassphraseError>;
}

/// One passphrase for every key, held in memory. `Debug` does not show it. It is wiped when dropped.
#[derive(Debug, Clone)]
pub struct FixedPassphrase(pub SecretString);

impl PassphraseSource for FixedPassphrase {
    fn passphrase(&self, _: PassphrasePurpose) -> Result<SecretString, PassphraseError> {
        Ok(self.0.clone())
    }
}

/// A source without a passphrase: keys can be listed and deleted, and every other call is [`Locked`](KeyStoreError::Locked).
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPassphrase;

impl PassphraseSource for NoPassphrase {
    fn passphrase(&self, _: PassphrasePurpose) -> Result<SecretString, PassphraseError> {
        Err(PassphraseError::NotGiven)
    }
}

/// Asks for a passphrase. An empty answer counts as none.
pub(crate) fn ask(
    source: &dyn PassphraseSource,
    purpose: PassphrasePurpose,
) -> Result<SecretString, KeyStoreError> {
    match source.passphrase(purpose) {
        Ok(passphrase) if passphrase.expose_secret().is_empty() => Err(KeyStoreError::Locked),
        Ok(passphrase) => Ok(passphrase),
        Err(PassphraseError::NotGiven) => Err(KeyStoreError::Locked),
        Err(error) => Err(KeyStoreError::Failed {
            doing: "reading the passphrase".to_owned(),
            source: Box::new(error),
        }),
    }
}
