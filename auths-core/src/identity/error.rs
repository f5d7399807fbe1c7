//! The error of every name that is not written as it must be.

use super::text::cut;
use crate::codes::{Invalid, Reason};

/// The error for a name that its ecosystem or platform does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a name in {ecosystem}: {rule}")]
#[non_exhaustive]
pub struct NameError {
    /// The input, cut to 80 characters.
    pub text: String,
    /// The ecosystem or platform whose rule was broken.
    pub ecosystem: String,
    /// The rule, in words.
    pub rule: &'static str,
}

impl NameError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }

    pub(crate) fn new(text: &str, ecosystem: &str, rule: &'static str) -> Self {
        Self {
            text: cut(text, 80),
            ecosystem: ecosystem.to_owned(),
            rule,
        }
    }
}
