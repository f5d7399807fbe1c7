#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod classify;
mod client;
mod config;
mod wire;

pub use config::{GitHubConfig, GitHubConfigError};
