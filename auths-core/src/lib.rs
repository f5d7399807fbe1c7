#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod bundle;
pub mod capability;
pub mod ci;
pub mod claim;
mod codes;
pub mod crypto;
pub mod decide;
pub mod evidence;
mod exact_time;
pub mod grant;
pub mod identity;
pub mod pin;
pub mod policy;
pub mod ports;
pub mod problem;
pub mod reason;
mod time;
pub mod tokens;
pub mod use_cases;
#[cfg(test)]
mod work;

pub use bundle::Bundle;
pub use capability::{Capability, CapabilitySet};
pub use decide::{Decision, NamespaceAuthority, Verified};
pub use exact_time::{ExactTime, TimePrecision};
pub use identity::{
    Account, AccountError, AccountId, Did, DidError, Ecosystem, EscapedText, Login, NameError,
    Namespace, NamespaceNameError, Origin, OriginError, PackageName, Platform, StableIds, Subject,
    VerificationMethod, escape, shorten,
};
pub use policy::{Policy, PolicyBuilder, PolicyError};
pub use reason::{
    Invalid, Outcome, Reason, Refuted, RefutedReason, Unavailable, UnavailableReason,
};
pub use secrecy::{ExposeSecret, SecretString};
pub use time::{TimeError, Timestamp, in_words};
pub use use_cases::Verifier;
