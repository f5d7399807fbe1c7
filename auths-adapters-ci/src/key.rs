//! A public key of an issuer, and the one signature algorithm.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::{Deserialize, Serialize};

use crate::roca::is_roca;

/// The algorithm of every ID token of the platforms: RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
pub(crate) const ALGORITHM: Algorithm = Algorithm::RS256;
/// Its name in headers and keys.
pub(crate) const ALGORITHM_NAME: &str = "RS256";

/// The fewest and the most bits of a modulus.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The most bytes of an exponent: no implementation takes larger ones, and 3 are usual.
const MAX_EXPONENT_BYTES: usize = 8;

/// The material of an RSA key, as its issuer writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyMaterial {
    /// The id of the key.
    pub(crate) key_id: String,
    /// The modulus, in base64url.
    pub(crate) modulus: String,
    /// The exponent, in base64url.
    pub(crate) exponent: String,
}

/// A public RSA key that policy allows.
pub(crate) struct PublicKey(DecodingKey);

impl PublicKey {
    /// Reads a key; `None` unless policy allows it: a modulus of 2048 to 8192 bits that is odd and does not come from a generator
    /// known to be weak (ROCA, CVE-2017-15361), an odd exponent of 3 or more, each number in its shortest form.
    pub(crate) fn read(material: &KeyMaterial) -> Option<Self> {
        let modulus = decode_number(&material.modulus)?;
        let exponent = decode_number(&material.exponent)?;
        let bits = modulus.len() * 8 - modulus.first()?.leading_zeros() as usize;
        let is_exponent =
            exponent.len() <= MAX_EXPONENT_BYTES && exponent != [1] && is_odd(&exponent);
        if !MODULUS_BITS.contains(&bits) || !is_odd(&modulus) || !is_exponent || is_roca(&modulus) {
            return None;
        }
        Some(Self(DecodingKey::from_rsa_raw_components(
            &modulus, &exponent,
        )))
    }

    /// Returns whether `signature` is this key's over `signed`.
    ///
    /// The provider is named, so that nothing else in the process can choose another one.
    pub(crate) fn has_signed(
        &self,
        signed: &[u8],
        signature: &Vec<u8>,
        algorithm: Algorithm,
    ) -> bool {
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &self.0);
        verifier.is_ok_and(|verifier| verifier.verify(signed, signature).is_ok())
    }
}

/// Shows that there is a key, and not which: the set shows the ids.
impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").finish_non_exhaustive()
    }
}

/// Reads a number: strict base64url of its shortest big-endian form.
fn decode_number(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    bytes.first().filter(|first| **first != 0)?;
    Some(bytes)
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|last| last % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_key(modulus: &[u8], exponent: &[u8]) -> bool {
        let [modulus, exponent] = [modulus, exponent].map(|bytes| BASE64URL_NOPAD.encode(bytes));
        let key_id = "k".to_owned();
        PublicKey::read(&KeyMaterial {
            key_id,
            modulus,
            exponent,
        })
        .is_some()
    }

    /// An odd number of that many bits, with no meaning.
    fn modulus(bits: usize) -> Vec<u8> {
        let mut number = vec![0x5a; bits.div_ceil(8)];
        let top = (bits - 1) % 8;
        number[0] = 1 << top;
        *number.last_mut().unwrap() |= 1;
        number
    }

    #[test]
    fn what_policy_allows_of_a_key() {
        let f4: &[u8] = &[1, 0, 1];
        for (bits, is_allowed) in [
            (1024, false),
            (2047, false),
            (2048, true),
            (4096, true),
            (8192, true),
            (8193, false),
        ] {
            assert_eq!(is_key(&modulus(bits), f4), is_allowed, "{bits}");
        }
        let good = modulus(2048);
        for (exponent, is_allowed) in [
            (&[3][..], true),
            (&[1, 0, 1], true),
            (&[0xff; 8], true),
            (&[], false),
            (&[0], false),
            (&[1], false),
            (&[2], false),
            (&[1, 0, 0], false),
            (&[0, 1, 0, 1], false),
            (&[0xff; 9], false),
        ] {
            assert_eq!(is_key(&good, exponent), is_allowed, "{exponent:?}");
        }
        let mut even = good.clone();
        *even.last_mut().unwrap() &= 0xfe;
        assert!(!is_key(&even, f4));
        let padded = [&[0][..], &good].concat();
        assert!(!is_key(&padded, f4), "not the shortest form");
        assert!(!is_key(&[], f4));
    }
}
