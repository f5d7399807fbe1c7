//! Keys that are the same in every run.

use auths_core::Did;
use auths_core::crypto::{KeyPair, Seed};
use zeroize::Zeroizing;

/// Returns the key whose seed is this byte, 32 times. For tests only: anyone can make it.
#[must_use]
pub fn key(byte: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new(Zeroizing::new([byte; 32])))
}

/// Returns the DID of a key.
#[must_use]
pub fn did(key: &KeyPair) -> Did {
    Did::from_key(&key.public())
}
