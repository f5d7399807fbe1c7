//! The shape of the workspace: who may know whom, what the table of ports promises, how long files are, what is public.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

mod api;
mod arrows;
mod crates;
mod errors;
mod imports;
mod limits;
mod ports;
mod secrets;
mod sizes;
mod source;
mod text;
mod workspace;
