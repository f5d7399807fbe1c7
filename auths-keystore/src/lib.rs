#![doc = include_str!("../README.md")]
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
