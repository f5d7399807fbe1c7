#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod classify;
mod client;
mod config;
pub mod crates_io;
mod wire;

pub use config::{GitHubConfig, GitHubConfigError};
pub use crates_io::{CratesIo, CratesIoConfig};
