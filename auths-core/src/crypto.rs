//! Ed25519 keys and signatures, with this project's strict rules for signing and checking.

use std::fmt;

use crate::codes::{Invalid, Reason, RefutedReason};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

/// An Ed25519 public key whose signatures can be trusted: a canonical, decompressed point of large order.
///
/// Signatures are checked with RFC 8032's strict (cofactorless) rules. Small-order keys are refused, because with them a
/// "signature" over any message can be forged.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

/// A reason why a key is not a usable Ed25519 public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The bytes are not a point of the curve, or not its canonical spelling.
    #[error("the bytes are not a canonical Ed25519 public key")]
    NotAPoint,
    /// The point has a small order: it would accept signatures that nobody made.
    #[error(
        "the Ed25519 public key has a small order: it would accept signatures that nobody made"
    )]
    Weak,
}

impl KeyError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }
}

/// The error when a signature does not belong to this key and these bytes. It deliberately says no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not verify")]
pub struct BadSignature;

impl BadSignature {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        RefutedReason::BadSignature.code()
    }
}

impl PublicKey {
    /// Reads the 32 bytes of RFC 8032's public key encoding.
    ///
    /// # Errors
    /// [`KeyError`] for bytes that are not a point, are not the point's canonical spelling, or are of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        if !is_reduced(bytes) {
            return Err(KeyError::NotAPoint);
        }
        Ok(Self(key))
    }

    /// Returns the 32 bytes of RFC 8032's encoding.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// Checks a signature over exactly these bytes.
    ///
    /// # Errors
    /// [`BadSignature`] for every signature that is not this key's over these bytes.
    pub fn verify(&self, message: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        #[cfg(test)]
        crate::work::verified_a_signature();
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0
            .verify_strict(message, &signature)
            .map_err(|_| BadSignature)
    }
}

/// Returns whether the y coordinate is below p = 2^255 - 19: a larger one is a second spelling of the same point. (The other
/// second spelling, a sign bit on x = 0, exists for small-order points only.)
fn is_reduced(bytes: &[u8; 32]) -> bool {
    let [low, middle @ .., high] = bytes;
    high & 0x7f != 0x7f || *low < 0xed || middle.iter().any(|b| *b != 0xff)
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({})",
            data_encoding::HEXLOWER.encode(&self.to_bytes())
        )
    }
}

/// The 64 bytes of an Ed25519 signature. It proves nothing until checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

impl Signature {
    /// Creates a signature from 64 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 64]) -> Self {
        Self(bytes)
    }

    /// Returns the 64 bytes.
    #[must_use]
    pub const fn to_bytes(&self) -> [u8; 64] {
        self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signature({})", data_encoding::HEXLOWER.encode(&self.0))
    }
}

/// The 32 secret bytes that an Ed25519 key is derived from. Wiped when dropped, never printed, never serialized.
pub struct Seed(Zeroizing<[u8; 32]>);

impl Seed {
    /// Creates a seed from 32 bytes of a cryptographic random source. Core has no random source of its own.
    #[must_use]
    pub fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Returns the secret itself. Only keystores, which seal it, may call this.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seed([REDACTED])")
    }
}

/// An Ed25519 key pair held in memory. Wiped when dropped; `Debug` shows the public half only.
pub struct KeyPair(SigningKey);

impl KeyPair {
    /// Derives the pair from its seed (RFC 8032, section 5.1.5).
    #[must_use]
    pub fn from_seed(seed: &Seed) -> Self {
        Self(SigningKey::from_bytes(&seed.0))
    }

    /// Returns the public half.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        // A key derived from a seed is a multiple of the base point by a clamped scalar, so it never has a small order.
        PublicKey(self.0.verifying_key())
    }

    /// Signs exactly these bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        Signature(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({:?})", self.public())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) fn pair(byte: u8) -> KeyPair {
        KeyPair::from_seed(&Seed::new(Zeroizing::new([byte; 32])))
    }

    #[test]
    fn a_signature_holds_for_its_key_and_message_only() {
        let key = pair(1);
        let signature = key.sign(b"message");
        assert_eq!(key.public().verify(b"message", &signature), Ok(()));
        assert_eq!(
            key.public().verify(b"messagf", &signature),
            Err(BadSignature)
        );
        assert_eq!(
            pair(2).public().verify(b"message", &signature),
            Err(BadSignature)
        );
    }

    #[test]
    fn small_order_and_non_canonical_keys_are_refused() {
        let mut identity = [0u8; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::from_bytes(&identity), Err(KeyError::Weak));
        // y = p + 1 is a second spelling of the identity.
        let mut second = [0xff; 32];
        second[0] = 0xee;
        second[31] = 0x7f;
        assert!(PublicKey::from_bytes(&second).is_err());
        // y = p + 3 is a second spelling of a point of large order.
        second[0] = 0xf0;
        assert!(PublicKey::from_bytes(&second).is_err());
    }

    #[test]
    fn secrets_do_not_print() {
        let seed = Seed::new(Zeroizing::new([7; 32]));
        assert_eq!(format!("{seed:?}"), "Seed([REDACTED])");
        assert!(!format!("{:?}", KeyPair::from_seed(&seed)).contains("0707070707"));
    }
}
