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
mod links;
mod memory;
mod passphrase;
mod pins;
mod record;
mod record_key;
mod records;
mod replay;
mod revocation_files;
mod revocations;
mod room;
mod seal;
mod store;

pub use auths_core::ports::{KeptGist, KeptLink, LinkError};
pub use cost::{Argon2Cost, CostError};
pub use entropy::OsEntropy;
pub use file::FileKeyStore;
pub use links::FileLinks;
pub use memory::MemoryKeyStore;
pub use passphrase::{
    FixedPassphrase, NoPassphrase, PassphraseError, PassphrasePurpose, PassphraseSource,
};
pub use pins::FilePins;
pub use record_key::RecordKey;
pub use records::FileRecords;
pub use replay::FileReplayGuard;
pub use revocation_files::FileRevocations;
pub use revocations::FileRevocationMemory;
pub use secrecy::{ExposeSecret, SecretString};
pub use store::FileStore;
