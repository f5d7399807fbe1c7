//! What the tests of this crate share.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by several test programs; a test may fail by panicking"
)]

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use auths_core::crypto::Seed;
use auths_core::ports::NewKey;
use auths_keystore::{Cost, FileKeyStore, FixedPassphrase};
use futures_util::FutureExt;
use zeroize::Zeroizing;

pub const PASSPHRASE: &str = "correct horse battery staple";
pub const CREATED: &str = "2026-11-21T08:46:00Z";

/// The stores of this crate do their work on the calling thread: their futures are ready at once, with no runtime.
pub fn now<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("the future waited")
}

pub fn seed(byte: u8) -> Seed {
    Seed::new(Zeroizing::new([byte; 32]))
}

pub fn key(name: &str, byte: u8) -> NewKey {
    NewKey::new(
        name.parse().unwrap(),
        seed(byte),
        CREATED.parse().unwrap(),
        None,
    )
}

pub fn fixed(passphrase: &str) -> Arc<FixedPassphrase> {
    Arc::new(FixedPassphrase(passphrase.into()))
}

pub fn file_store(dir: &Path) -> FileKeyStore {
    FileKeyStore::with_cost(dir, fixed(PASSPHRASE), Cost::MINIMUM)
}
