//! Seals a seed with a passphrase: Argon2id derives the key, and XChaCha20-Poly1305 seals.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use auths_core::crypto::Seed;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use secrecy::{ExposeSecret, SecretString};
use zeroize::{Zeroize, Zeroizing};

use crate::Argon2Cost;

/// The sealed seed: 32 bytes encrypted, then the 16 bytes of the tag.
pub(crate) type Sealed = [u8; 48];

/// The reasons why the seed could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SealError {
    /// The tag does not match: another passphrase, or bytes changed on purpose.
    #[error("the passphrase does not open the seal")]
    Refused,
    /// There is not enough memory for the cost.
    #[error("there is not enough memory for the cost of {0} KiB")]
    Memory(u32),
    /// The key could not be derived.
    #[error("the key could not be derived")]
    Derive(#[source] argon2::Error),
}

/// The passphrase, and the salt and cost of the derivation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PassphraseLock<'a> {
    pub(crate) passphrase: &'a SecretString,
    pub(crate) cost: Argon2Cost,
    pub(crate) salt: &'a [u8; 16],
    pub(crate) nonce: &'a [u8; 24],
}

impl PassphraseLock<'_> {
    /// Seals `seed`, bound to `header`. Salt and nonce must be new for each seal.
    pub(crate) fn seal(self, header: &[u8], seed: &Seed) -> Result<Sealed, SealError> {
        let mut body = Zeroizing::new(*seed.expose());
        let tag = self
            .cipher()?
            .encrypt_inout_detached(self.nonce.into(), header, body.as_mut_slice().into())
            .map_err(|_| SealError::Refused)?;
        let mut sealed = [0; 48];
        sealed[..32].copy_from_slice(body.as_slice());
        sealed[32..].copy_from_slice(&tag);
        Ok(sealed)
    }

    /// Opens a seed that [`seal`](Self::seal) sealed for the same header.
    pub(crate) fn open(self, header: &[u8], sealed: &Sealed) -> Result<Seed, SealError> {
        let mut body = Zeroizing::new([0; 32]);
        body.copy_from_slice(&sealed[..32]);
        let mut tag = [0; 16];
        tag.copy_from_slice(&sealed[32..]);
        self.cipher()?
            .decrypt_inout_detached(
                self.nonce.into(),
                header,
                body.as_mut_slice().into(),
                &tag.into(),
            )
            .map_err(|_| SealError::Refused)?;
        Ok(Seed::new(body))
    }

    fn cipher(self) -> Result<XChaCha20Poly1305, SealError> {
        let (memory, passes, lanes) = (
            self.cost.memory_kib(),
            self.cost.passes(),
            self.cost.lanes(),
        );
        let params = Params::new(memory, passes, lanes, Some(32)).map_err(SealError::Derive)?;
        let mut blocks = Vec::new();
        blocks
            .try_reserve_exact(params.block_count())
            .map_err(|_| SealError::Memory(memory))?;
        blocks.resize(params.block_count(), Block::new());
        let mut key = Zeroizing::new([0; 32]);
        let derived = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(
                self.passphrase.expose_secret().as_bytes(),
                self.salt,
                key.as_mut_slice(),
                blocks.as_mut_slice(),
            );
        // The memory would show a cheaper way to check guesses.
        blocks.iter_mut().for_each(Zeroize::zeroize);
        derived.map_err(SealError::Derive)?;
        Ok(XChaCha20Poly1305::new((&*key).into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(passphrase: &SecretString) -> PassphraseLock<'_> {
        PassphraseLock {
            passphrase,
            cost: Argon2Cost::MINIMUM,
            salt: &[1; 16],
            nonce: &[2; 24],
        }
    }

    #[test]
    fn opens_with_the_same_passphrase_and_header_only() {
        let passphrase = SecretString::from("open sesame");
        let seed = Seed::new(Zeroizing::new([7; 32]));
        let sealed = lock(&passphrase).seal(b"header", &seed).unwrap();
        let opened = lock(&passphrase).open(b"header", &sealed).unwrap();
        assert_eq!(opened.expose(), seed.expose());
        let other = lock(&passphrase).open(b"headex", &sealed);
        assert!(matches!(other, Err(SealError::Refused)));
        let wrong = SecretString::from("open sesamf");
        let other = lock(&wrong).open(b"header", &sealed);
        assert!(matches!(other, Err(SealError::Refused)));
    }
}
