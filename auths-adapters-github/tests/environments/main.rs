//! Environments over a loopback GitHub: what is asked, and what every fault makes of it.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod common;
mod conformance;
mod faults;
mod requests;
