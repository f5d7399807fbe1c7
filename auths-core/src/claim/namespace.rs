//! The namespace claim: "this DID speaks for that package".

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Actions, Claim};
use crate::identity::{Namespace, escape};
use crate::time::DAY;

/// What tells one life of a name from the next: PyPI's first upload, npm's `time.created` and first release, crates.io's
/// `created_at`, GitHub's numeric id. Compared as a whole, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incarnation {
    #[serde(rename = "kind")]
    kind: String,
    #[serde(rename = "value")]
    value: String,
}

impl Incarnation {
    /// A marker of some kind (`first-upload`, `created-at`, `org-id`) and its value.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            value: value.into(),
        }
    }

    /// What kind of marker it is.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The marker itself.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// With hidden characters written out.
impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", escape(&self.kind), escape(&self.value))
    }
}

/// "This DID speaks for that package", signed by the DID for one verifier.
///
/// # Security
/// It grants nothing by itself: [`decide`](crate::decide) weighs the evidence. It carries the marker of the name's
/// present incarnation, so that it dies with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NamespaceClaim {
    /// The package.
    #[serde(rename = "namespace")]
    pub namespace: Namespace,
    /// Which life of the name is meant.
    #[serde(rename = "incarnation")]
    pub incarnation: Incarnation,
    /// What the holder wants to do.
    #[serde(rename = "actions")]
    pub actions: Actions,
}

impl NamespaceClaim {
    /// A claim to speak for `namespace` in this life of the name.
    #[must_use]
    pub fn new(namespace: Namespace, incarnation: Incarnation, actions: Actions) -> Self {
        Self {
            namespace,
            incarnation,
            actions,
        }
    }
}

impl Claim for NamespaceClaim {
    const TYPE: &'static str = "NamespaceClaim";

    fn max_life(&self) -> Duration {
        30 * DAY
    }
}
