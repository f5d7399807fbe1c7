//! The policy: the capabilities that an answer must resist, and the minimum and maximum ages of evidence.

mod builder;
mod file;
mod rules;

pub use builder::PolicyBuilder;
pub use rules::{
    DEFAULT_EVIDENCE_AGE, DEFAULT_MATURITY, MIN_MATURITY, ORG_EVIDENCE_AGE, Policy, PolicyDigest,
    PolicyError,
};
