//! crates.io over a loopback server: what the adapter makes of its answers, of every fault, and of a whole simulated world.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod bad_answers;
mod common;
mod conformance;
mod evidence;
mod faults;
