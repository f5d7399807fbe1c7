//! The namespace claim: "this DID speaks for that package".

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Actions, Claim};
use crate::identity::{Namespace, escape};
use crate::time::DAY;

/// The marker of one life of a name, which distinguishes it from the next: PyPI's first upload, npm's `time.created` and first
/// release, crates.io's `created_at`, GitHub's numeric id. It is compared as a whole, never interpreted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incarnation {
    #[serde(rename = "kind")]
    kind: String,
    #[serde(rename = "value")]
    value: String,
}

impl Incarnation {
    /// Creates a marker from its kind (`first-upload`, `created-at`, `org-id`) and its value.
    #[must_use]
    pub fn new(kind: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            value: value.into(),
        }
    }

    /// Returns the kind of the marker.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the value of the marker.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Prints the marker with hidden characters written out.
impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", escape(&self.kind), escape(&self.value))
    }
}

/// "This DID speaks for that package", signed by the DID for one verifier.
///
/// # Security
/// A namespace claim grants nothing by itself: [`decide`](crate::decide) weighs the evidence. It carries the marker of the name's
/// present life, so it ends when the name is deleted and registered again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NamespaceClaim {
    /// The package.
    #[serde(rename = "namespace")]
    pub namespace: Namespace,
    /// The life of the name that is meant.
    #[serde(rename = "incarnation")]
    pub incarnation: Incarnation,
    /// The actions that the holder wants to do.
    #[serde(rename = "actions")]
    pub actions: Actions,
}

impl NamespaceClaim {
    /// Creates a claim to speak for `namespace` in this life of the name.
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
