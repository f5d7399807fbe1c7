//! Organisations over a loopback GitHub: by name, by list, and under every fault.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod ages;
mod by_name;
mod common;
mod conformance;
mod faults;
mod list;
mod secrets;
