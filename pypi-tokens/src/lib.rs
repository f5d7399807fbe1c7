#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attenuation;
mod binary;
mod caveat;
mod chain;
mod check;
mod context;
mod error;
mod json;
mod macaroon;
mod packet;
mod reading;
mod restriction;
mod rules;
mod text;
mod token;
mod writing;

pub use auths_core::{NameError, TimeError, Timestamp};
pub use secrecy::{ExposeSecret, SecretString};

pub use attenuation::{Attenuation, NarrowError};
pub use caveat::Caveat;
pub use chain::{KeyError, RootKey};
pub use check::{
    RejectReason, TokenRejected, TokenValid, TokenWarning, UnmetCause, UnmetRestriction,
};
pub use context::TokenUse;
pub use error::{MAX_CAVEATS, MAX_TEXT, MakeError, ParseError};
pub use macaroon::TokenFormat;
pub use restriction::Restriction;
pub use rules::{NotAccepted, RuleSet};
pub use token::Token;

/// The examples of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guides/pypi-tokens.md")]
struct Guide;
