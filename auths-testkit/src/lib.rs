#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod conformance;
pub mod doubles;
#[cfg(feature = "faults")]
pub mod faults;
#[cfg(feature = "issuer")]
pub mod issuer;
mod run;
pub mod scenes;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "services")]
pub mod services;
pub mod world;

pub use run::block_on;
pub use secrecy::{ExposeSecret, SecretString};

/// A day.
pub const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
