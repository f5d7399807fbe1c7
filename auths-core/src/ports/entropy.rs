//! The port for random bytes.

use zeroize::Zeroizing;

use crate::crypto::Seed;
use crate::reason::{Reason, UnavailableReason};

/// The source of randomness failed. There is no safe fallback.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed")]
pub struct EntropyError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl EntropyError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        UnavailableReason::KeystoreFailed.code()
    }
}

/// A source of random bytes for keys and challenges.
///
/// # Contract
/// Fills the whole buffer from a cryptographically secure source, or fails. Never pads, never repeats.
#[cfg_attr(feature = "mocks", mockall::automock)]
pub trait Entropy: std::fmt::Debug + Send + Sync {
    /// Fills `buffer`.
    ///
    /// # Errors
    /// [`EntropyError`] when the source fails.
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError>;
}

/// Creates the seed of a new device key.
///
/// # Errors
/// [`EntropyError`] when the source fails.
pub fn new_seed(entropy: &dyn Entropy) -> Result<Seed, EntropyError> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    entropy.fill(bytes.as_mut())?;
    Ok(Seed::new(bytes))
}
