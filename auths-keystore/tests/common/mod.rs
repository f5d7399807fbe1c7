//! What the tests of this crate share.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "shared by several test programs; a test may fail by panicking"
)]

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auths_core::crypto::Seed;
use auths_core::ports::{NewKey, RecordKind, StoreKey};
use auths_keystore::{
    Argon2Cost, FileKeyStore, FileReplayGuard, FileStore, FixedPassphrase, RecordKey,
};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};
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
    FileKeyStore::with_cost(dir, fixed(PASSPHRASE), Argon2Cost::MINIMUM)
}

/// A store in `dir`, whose key lies beside it.
pub fn records(dir: &Path) -> FileStore {
    FileStore::new(dir.join("store"), key_beside(&dir.join("store")))
}

/// A guard in `dir`, whose key lies beside its records.
pub fn guard(dir: &Path) -> FileReplayGuard {
    FileReplayGuard::new(dir.join("store"), key_beside(&dir.join("store")))
}

/// The key of the records in `store`.
pub fn key_beside(store: &Path) -> RecordKey {
    RecordKey::in_dir(store.with_file_name("keys"))
}

/// The directory of a record's collection.
pub fn collection_of(store: &FileStore, key: &StoreKey) -> PathBuf {
    match key.kind() {
        RecordKind::Kept => store.kept_in().join(key.collection()),
        RecordKind::Cached => store.dir().join(format!("{}.cache", key.collection())),
    }
}

/// The file of a record.
pub fn file_of(store: &FileStore, key: &StoreKey) -> PathBuf {
    let digest = Sha256::digest(key.name());
    let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    collection_of(store, key).join(name)
}
