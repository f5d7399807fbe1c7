//! Where auths keeps device keys and its own records: behind the ports of `auths-core`, on this machine.
//!
//! | type | port | what it is |
//! |---|---|---|
//! | [`MemoryKeyStore`] | [`KeyStore`] | keys for as long as the process lives |
//! | [`FileKeyStore`] | [`KeyStore`] | one file a key, sealed with a passphrase |
//! | [`FileStore`] | [`Store`] | small records as files, authenticated under a [`RecordKey`] |
//! | [`FileReplayGuard`] | [`ReplayGuard`] | challenges that were used, as files |
//! | [`FileRevocationMemory`] | [`RevocationMemory`] | which recovery DIDs were ever named, and what was revoked, as files |
//! | [`OsEntropy`] | [`Entropy`] | the system's random source |
//!
//! Operating systems' own keychains have their place in [`os`]; they are not built yet.
//!
//! # Blocking
//! The crate depends on no async runtime. Its `async` methods do their work on the calling thread and never wait for
//! another task: a file's for a disk access, a sealed key's for the time of one key derivation (some tenths of a
//! second, and as much memory as its [`Cost`] says), and for as long as the [`PassphraseSource`] takes to ask a human.
//! A server calls them where blocking is allowed, such as `tokio::task::spawn_blocking`.
//!
//! # Files
//! On Unix, directories are made with mode 0700 and files with 0600. A key file that anyone but its owner has any right
//! to is refused, and so is a directory that others can write. On other systems the rights are those of the
//! directory, so choose one in the user's profile; nothing is checked there.
//!
//! Every file is written whole to a temporary file beside it, brought to the disk, and only then given its name, so that a
//! crash leaves the old file, the new one, or none, and never a part. What a crash leaves behind is named
//! `.auths-*.tmp`, is never read, and can be deleted.
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
