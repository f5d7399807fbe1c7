//! PyPI, npm, crates.io and GitHub in their own wire formats: each module answers a request from the simulated
//! [`World`](crate::world::World), as the real service would.
//!
//! The answers hold what the service's documentation and recorded answers have, so that the real adapters read them unchanged.
//!
//! With the feature `server`, each module has two functions more: `serve` starts a loopback server that answers as the service
//! from a shared world, and `reply` makes one answer of such a server, for tests that change it. Several services may share a
//! world.

mod answer;
pub mod crates_io;
pub mod github;
pub mod npm;
pub mod pypi;
#[cfg(feature = "server")]
mod serve;

pub use answer::SimulatedAnswer;
