#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod crypto;
pub mod identity;
pub mod outcome;
pub mod ports;
mod time;

pub use identity::*;
pub use outcome::{Invalid, Reason, Refutation, Refuted, Unavailable, Why};
pub use time::{TimeError, Timestamp, in_words};
