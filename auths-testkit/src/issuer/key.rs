//! The keys of the test issuer.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaPublicKeyComponents};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// The number of keys that a process makes at most: each takes a while.
const KEYS: usize = 3;

/// An RSA key of 2048 bits that signs ID tokens.
pub struct SigningKey {
    id: String,
    pair: KeyPair,
}

impl SigningKey {
    /// Returns one of three keys of this process. It is made when it is first asked for, and is the same from then on.
    ///
    /// # Panics
    /// For a fourth key, and when no key can be made.
    #[must_use]
    #[expect(clippy::expect_used, reason = "without keys there is no test")]
    pub fn shared(nth: usize) -> Arc<Self> {
        static ALL: [OnceLock<Arc<SigningKey>>; KEYS] = [const { OnceLock::new() }; KEYS];
        let made = ALL[nth].get_or_init(|| {
            let pair = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
            let id = format!("key-{nth}");
            Arc::new(Self { id, pair })
        });
        Arc::clone(made)
    }

    /// Returns the id of the key, the `kid` of its tokens.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the key as key sets show it.
    #[must_use]
    pub fn public_jwk(&self) -> Value {
        let RsaPublicKeyComponents { n, e } = self.components();
        let [n, e] = [n, e].map(|bytes| BASE64URL_NOPAD.encode(&bytes));
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "n": n, "e": e })
    }

    /// Returns modulus and exponent, big-endian.
    #[must_use]
    pub fn public_numbers(&self) -> (Vec<u8>, Vec<u8>) {
        let RsaPublicKeyComponents { n, e } = self.components();
        (n, e)
    }

    /// Returns the private key in PKCS #8, for other implementations of JWT in tests.
    ///
    /// # Panics
    /// Never in practice.
    #[must_use]
    #[expect(clippy::expect_used, reason = "without keys there is no test")]
    pub fn private_der(&self) -> Vec<u8> {
        let der: Pkcs8V1Der<'_> = self.pair.as_der().expect("a key in PKCS #8");
        der.as_ref().to_vec()
    }

    /// Signs bytes with RS256.
    ///
    /// # Panics
    /// Never in practice.
    #[must_use]
    #[expect(clippy::expect_used, reason = "without signatures there is no test")]
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        let signed = self.pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            bytes,
            &mut signature,
        );
        signed.expect("a signature");
        signature
    }

    fn components(&self) -> RsaPublicKeyComponents<Vec<u8>> {
        RsaPublicKeyComponents::from(self.pair.public_key())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
