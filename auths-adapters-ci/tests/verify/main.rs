//! The verification of tokens: its steps, keys over time, mutations, pitfalls of the library, and the job's own token.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod ambient;
#[path = "../common/mod.rs"]
mod common;
mod conformance;
mod keys;
mod mutation;
mod pipeline;
mod pitfalls;
