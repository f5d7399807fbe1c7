//! The adapter is short, and the guide quotes what is compiled and run here.
#![allow(clippy::unwrap_used, reason = "tests")]
