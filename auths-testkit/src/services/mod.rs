//! PyPI, npm, crates.io and GitHub in their own wire formats: each module answers a request from the simulated
//! [`World`](crate::world::World), as the real service would.
//!
//! The answers hold what the service's documentation and recorded answers have, so that the real adapters read them unchanged.
//! A loopback server gives them over HTTP.

pub mod crates_io;
pub mod github;
pub mod npm;
pub mod pypi;

/// The content type of JSON.
pub(crate) const JSON: &str = "application/json";
