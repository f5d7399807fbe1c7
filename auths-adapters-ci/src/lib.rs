#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod ambient;
mod claims;
mod classify;
mod client;
mod config;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod github;
mod gitlab;
mod header;
mod issuer_keys;
mod key;
mod key_set;
mod members;
mod parse;
mod public;
mod roca;
mod verifier;
mod wire;
#[cfg(test)]
mod wycheproof;

pub use ambient::{GitHubJob, JobTokenError};
pub use config::{IdTokenConfig, IdTokenConfigError, IssuerConfig};
pub use public::PublicAnswer;
pub use secrecy::{ExposeSecret, SecretString};
pub use verifier::IdTokenVerifier;
