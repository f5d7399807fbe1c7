//! The error of every publisher rule that is not usable.

use crate::identity::escape;
use crate::reason::{Invalid, Reason};

/// A reason why a publisher rule is not usable: the member, and its fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the publisher rule cannot be used: {}", described(member, what))]
#[non_exhaustive]
pub struct RuleError {
    /// The member, such as `workflow` or `reusable.repositoryId`; empty where the whole text is no rule.
    pub member: String,
    /// The fault.
    pub what: String,
}

fn described(member: &str, what: &str) -> String {
    let what = escape(what);
    match member {
        "" => what.to_string(),
        _ => format!("its member `{}`: {what}", escape(member)),
    }
}

impl RuleError {
    pub(super) fn new(member: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            member: member.into(),
            what: what.into(),
        }
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadPublisherRule.code()
    }
}
