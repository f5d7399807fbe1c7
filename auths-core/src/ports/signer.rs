//! The port for signing with a device key.

use async_trait::async_trait;

use crate::crypto::{KeyPair, Signature};
use crate::identity::{Did, VerificationMethod};
use crate::reason::{Invalid, Reason, UnavailableReason};

/// A reason why a key could not sign.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The key is locked, or its holder did not approve.
    #[error("the key is locked or its holder did not approve")]
    Locked,
    /// The key's store or device failed.
    #[error("the key could not be used")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl SignerError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked => Invalid::Locked.code(),
            Self::Failed(_) => UnavailableReason::KeystoreFailed.code(),
        }
    }
}

/// A signer with one device key, which may live in memory, in a file or in hardware.
///
/// # Contract
/// [`method`](Signer::method) names the key that [`sign`](Signer::sign) uses, for as long as the value lives. The signature is
/// plain Ed25519 (RFC 8032) over exactly the bytes given.
///
/// # Security
/// A signer signs any bytes. Only core builds the bytes to sign, of claims and of [grants](crate::grant); what is signed of one is never
/// what is signed of the other.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait Signer: std::fmt::Debug + Send + Sync {
    /// Returns the DID and key with which signatures are made.
    fn method(&self) -> VerificationMethod;

    /// Signs exactly these bytes.
    ///
    /// # Errors
    /// [`SignerError`] when the key is locked or its store fails.
    async fn sign(&self, message: &[u8]) -> Result<Signature, SignerError>;
}

/// Signs with a key pair in memory, for its `did:key`.
#[async_trait]
impl Signer for KeyPair {
    fn method(&self) -> VerificationMethod {
        let did = Did::from_key(&self.public());
        #[expect(
            clippy::expect_used,
            reason = "the DID was made from a key one line above"
        )]
        did.key_method().expect("a did:key has a key")
    }

    async fn sign(&self, message: &[u8]) -> Result<Signature, SignerError> {
        Ok(KeyPair::sign(self, message))
    }
}
