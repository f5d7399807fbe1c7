#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod bundle;
pub mod capability;
pub mod claim;
pub mod crypto;
pub mod decide;
pub mod evidence;
pub mod identity;
pub mod policy;
pub mod ports;
pub mod reason;
#[cfg(feature = "simulation")]
pub mod simulation;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
pub mod tokens;
pub mod use_cases;
#[cfg(test)]
mod work;

pub use bundle::Bundle;
pub use capability::{Capability, CapabilitySet};
pub use decide::{Decision, NamespaceAuthority, Verified};
pub use identity::*;
pub use policy::{Policy, PolicyError};
pub use reason::{
    Invalid, Outcome, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason,
};
pub use time::{TimeError, Timestamp, in_words};
