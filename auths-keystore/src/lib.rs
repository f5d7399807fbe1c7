//! Stores for device keys and for auths's own records on this machine, behind the ports of `auths-core`.
//!
//! | type | port | what it is |
//! |---|---|---|
//! | [`MemoryKeyStore`] | [`KeyStore`] | keys for as long as the process lives |
//! | [`FileKeyStore`] | [`KeyStore`] | one file for each key, sealed with a passphrase |
//! | [`FileStore`] | [`Store`] | small records as files, authenticated under a [`RecordKey`] |
//! | [`FileReplayGuard`] | [`ReplayGuard`] | the used challenges, as files |
//! | [`FileRevocationMemory`] | [`RevocationMemory`] | all recovery DIDs ever named, and all revocations, as files |
//! | [`OsEntropy`] | [`Entropy`] | the system's random source |
//!
//! The module [`os`] is reserved for the keychains of operating systems. They are not built yet.
//!
//! # Blocking
//! The crate depends on no async runtime. Its `async` methods do their work on the calling thread and never wait for another
//! task. A file takes a disk access. A sealed key takes one key derivation (some tenths of a second, and as much memory as its
//! [`Cost`] says), and the time that the [`PassphraseSource`] needs to ask a human. A server must call them where blocking is
//! allowed, such as `tokio::task::spawn_blocking`.
//!
//! # Files
//! On Unix, directories are made with mode 0700 and files with 0600. A key file is refused if anyone but its owner has any right
//! to it. A directory that others can write is refused too. On other systems files have the rights of the directory, and nothing
//! is checked: choose a directory in the user's profile.
//!
//! Every file is written whole to a temporary file beside it, flushed to the disk, and only then given its name. A crash
//! therefore leaves the old file, the new one, or none, and never a part. Files that a crash leaves behind are named
//! `.auths-*.tmp`, are never read, and can be deleted.
//!
//! [`KeyStore`]: auths_core::ports::KeyStore
//! [`Store`]: auths_core::ports::Store
//! [`ReplayGuard`]: auths_core::ports::ReplayGuard
//! [`RevocationMemory`]: auths_core::ports::RevocationMemory
//! [`Entropy`]: auths_core::ports::Entropy
#![forbid(unsafe_code)]

mod cost;
mod disk;
mod entropy;
mod file;
mod filename;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod hex;
mod keyfile;
mod memory;
pub mod os;
mod passphrase;
mod record;
mod record_key;
mod replay;
mod revocations;
mod room;
mod seal;
mod store;

pub use cost::{Cost, CostError};
pub use entropy::OsEntropy;
pub use file::FileKeyStore;
pub use memory::MemoryKeyStore;
pub use passphrase::{FixedPassphrase, NoPassphrase, PassphraseError, PassphraseSource, Purpose};
pub use record_key::RecordKey;
pub use replay::FileReplayGuard;
pub use revocations::FileRevocationMemory;
pub use store::FileStore;
