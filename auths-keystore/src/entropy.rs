//! The system's random source.

use auths_core::ports::{Entropy, EntropyError};

/// The random source of the operating system: `getrandom(2)` and its like.
///
/// Early in boot, a read blocks until the system has gathered enough randomness. It fails rather than return anything weaker.
///
/// ```
/// use auths_core::ports::new_seed;
/// use auths_keystore::OsEntropy;
///
/// let (one, other) = (new_seed(&OsEntropy)?, new_seed(&OsEntropy)?);
/// assert_ne!(one.expose(), other.expose());
/// # Ok::<(), auths_core::ports::EntropyError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(buffer).map_err(|e| EntropyError(Box::new(e)))
    }
}
