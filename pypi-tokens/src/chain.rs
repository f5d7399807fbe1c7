//! The chain of signatures: HMAC-SHA256, each link keyed with the link before.

use std::fmt;
use std::sync::LazyLock;

use auths_core::{Invalid, Reason};
use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::caveat::Caveat;

/// The constant key that every root key is first hashed with. It is no secret, so its state is computed once.
static GENERATOR: LazyLock<Hmac<Sha256>> = LazyLock::new(|| {
    let mut block = [0; BLOCK];
    let text = b"macaroons-key-generator";
    block[..text.len()].copy_from_slice(text);
    Hmac::new(&block.into())
});

/// The length of a link, in bytes.
const LENGTH: usize = 32;

/// The length of a block of SHA-256, to which HMAC fills a key up with zeros (RFC 2104).
const BLOCK: usize = 64;

/// The secret that a token is made and checked with. Anyone who holds it can make any token. PyPI keeps one for every token.
///
/// The key is kept hashed, wiped when dropped, and never shown by `Debug`. Use 32 random bytes.
///
/// ```
/// use pypi_tokens::RootKey;
/// assert!(RootKey::new(b"32 random bytes of your database").is_ok());
/// assert!(RootKey::new(b"").is_err());
/// assert!(RootKey::from_hex("00ff00ff").is_ok());
/// ```
#[derive(Clone)]
pub struct RootKey(ChainLink);

/// The errors of a root key that cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The key is empty: anybody could sign with it.
    #[error("the root key is empty: with it anybody could make tokens")]
    Empty,
    /// The text is not hex.
    #[error("the root key is not written in hex: an even number of digits 0-9 and a-f")]
    NotHex,
}

impl KeyError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadConfiguration.code()
    }
}

impl RootKey {
    /// Creates a root key of any length except zero.
    ///
    /// # Errors
    /// [`KeyError::Empty`] for no bytes.
    pub fn new(bytes: &[u8]) -> Result<Self, KeyError> {
        match bytes {
            [] => Err(KeyError::Empty),
            _ => Ok(Self(ChainLink::end(GENERATOR.clone(), &[bytes]))),
        }
    }

    /// Creates a root key from hex, in either case.
    ///
    /// # Errors
    /// [`KeyError`] for a text that is empty or not hex.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new(vec![0; text.len() / 2]);
        let length = HEXLOWER_PERMISSIVE.decode_len(text.len());
        match length {
            Ok(length) if length == bytes.len() => {}
            _ => return Err(KeyError::NotHex),
        }
        let decoded = HEXLOWER_PERMISSIVE.decode_mut(text.as_bytes(), &mut bytes);
        decoded.map_err(|_| KeyError::NotHex)?;
        Self::new(&bytes)
    }

    /// Returns the link of the identifier, which the links of the caveats follow.
    pub(super) fn sign(&self, identifier: &[u8]) -> ChainLink {
        self.0.sign(&[identifier])
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RootKey(..)")
    }
}

/// One link, filled up to the block that keys the next one. The last link of a token is its signature, and as secret as the
/// token.
#[derive(Clone)]
pub(super) struct ChainLink(Zeroizing<[u8; BLOCK]>);

impl ChainLink {
    fn filled_up(link: &[u8; LENGTH]) -> Self {
        let mut block = Zeroizing::new([0; BLOCK]);
        block[..LENGTH].copy_from_slice(link);
        Self(block)
    }

    /// Returns a signature as a link, if it has the right length.
    pub(super) fn of(signature: &[u8]) -> Option<Self> {
        signature.try_into().ok().map(Self::filled_up)
    }

    /// Returns the link after this one.
    pub(super) fn then(&self, caveat: &Caveat) -> Self {
        match caveat.vid() {
            None => self.sign(&[caveat.id()]),
            Some(vid) => {
                let (vid, id) = (self.sign(&[vid]), self.sign(&[caveat.id()]));
                self.sign(&[vid.bytes(), id.bytes()])
            }
        }
    }

    fn sign(&self, parts: &[&[u8]]) -> Self {
        Self::end(Hmac::new((&*self.0).into()), parts)
    }

    fn end(mut mac: Hmac<Sha256>, parts: &[&[u8]]) -> Self {
        for part in parts {
            mac.update(part);
        }
        Self::filled_up(&mac.finalize().into_bytes().into())
    }

    fn bytes(&self) -> &[u8] {
        &self.0[..LENGTH]
    }

    /// Returns the bytes, for the signature of a token.
    pub(super) fn to_signature(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.bytes().to_vec())
    }

    /// Compares in constant time. A signature of another length is unequal.
    pub(super) fn is(&self, signature: &[u8]) -> bool {
        self.bytes().ct_eq(signature).into()
    }
}
