//! Pins: the repository whose runs published a package first. Later runs must be of the same repository, until an owner changes it.
//!
//! | to | call |
//! |---|---|
//! | ask whether an accepted answer agrees with the pin of its package, and what to write | [`hold_to_pin`] |
//! | read and write pins | the port [`PinStore`](crate::ports::PinStore) |
//! | store a pin elsewhere | [`Pin::to_json`], [`Pin::parse`] |
//!
//! An account or organisation has no pin of its own: each package below it has one.

mod record;
mod rule;
#[cfg(test)]
mod tests;

pub use record::{Pin, PinError};
pub use rule::{PinStep, hold_to_pin};
