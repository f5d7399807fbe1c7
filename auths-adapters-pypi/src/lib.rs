#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod classify;
mod client;
mod config;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod parse;
mod serial;
pub mod statement;
pub mod token;
mod verifier;
mod wire;

pub use config::PyPiConfig;
pub use verifier::PyPi;
