//! crates.io: the owners of a crate, by their linked GitHub ids.

mod classify;
mod client;
mod config;
mod parse;
mod verifier;
mod wire;

pub use config::{AccountsOf, CratesIoConfig};
pub use verifier::CratesIo;
