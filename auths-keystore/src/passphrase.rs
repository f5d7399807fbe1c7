//! Where the passphrase of a key file comes from.

use std::fmt;

use auths_core::ports::{KeyName, KeyStoreError};
use secrecy::{ExposeSecret, SecretString};

/// What a passphrase is asked for, so that a front end can say so, and ask twice for a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// To seal a new key of this name.
    Create(KeyName),
    /// To open the key of this name.
    Open(KeyName),
}

/// No passphrase came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PassphraseError {
    /// There is none to give: nobody to ask, or the human declined.
    #[error("no passphrase was given")]
    NotGiven,
    /// The prompt, file or descriptor failed.
    #[error("the passphrase could not be read")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Gives the passphrase of a key file: a prompt, a file, a descriptor. Front ends implement it.
///
/// # Contract
/// Gives the passphrase exactly as the human chose it: a prompt or file without the line end. It is used as UTF-8
/// bytes, with no Unicode normalisation. An empty one counts as none given. May block; is called once for each key
/// made or opened, after all that can be checked without it.
///
/// # Security
/// Never take it from the command line's arguments, which other users can read, and keep no copy.
pub trait PassphraseSource: fmt::Debug + Send + Sync {
    /// The passphrase for this purpose.
    ///
    /// # Errors
    /// [`PassphraseError::NotGiven`] when there is none; [`PassphraseError::Failed`] when it could not be read.
    fn passphrase(&self, purpose: Purpose) -> Result<SecretString, PassphraseError>;
}

/// One passphrase for every key, held in memory. `Debug` does not show it; it is wiped when dropped.
#[derive(Debug, Clone)]
pub struct FixedPassphrase(pub SecretString);

impl PassphraseSource for FixedPassphrase {
    fn passphrase(&self, _: Purpose) -> Result<SecretString, PassphraseError> {
        Ok(self.0.clone())
    }
}

/// No passphrase at all: keys can be listed and deleted, and every other call is
/// [`Locked`](KeyStoreError::Locked).
#[derive(Debug, Clone, Copy, Default)]
pub struct NoPassphrase;

impl PassphraseSource for NoPassphrase {
    fn passphrase(&self, _: Purpose) -> Result<SecretString, PassphraseError> {
        Err(PassphraseError::NotGiven)
    }
}

/// Asks, and takes an empty answer for none.
pub(crate) fn ask(
    source: &dyn PassphraseSource,
    purpose: Purpose,
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
