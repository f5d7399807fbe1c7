#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod bounded;
mod classify;
mod client;
mod config;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod parse;
mod repository;
pub mod statement;
mod verifier;
mod versions;
mod wire;

pub use config::NpmConfig;
pub use verifier::Npm;
