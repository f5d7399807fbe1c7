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
mod verifier;
mod wire;

pub use config::PyPiConfig;
/// PyPI's API tokens: the crate `pypi-tokens`.
#[doc(inline)]
pub use pypi_tokens as token;
pub use verifier::PyPi;
