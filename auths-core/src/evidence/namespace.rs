//! A registry's answer about one name.

use serde::{Deserialize, Serialize};

use super::{
    AttestedPublisher, Listing, Provenance, Reading, SeenRoles, SourceRepository, Timeline,
};
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::identity::{Namespace, Origin};
use crate::reason::{Refuted, Unavailable, UnavailableReason};

/// A registry's answer about one name, as one adapter read it at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NamespaceEvidence {
    /// The name that was asked about, with its `repository_url` when a configured server answered.
    #[serde(rename = "namespace")]
    pub namespace: Namespace,
    /// The server that answered.
    #[serde(rename = "origin")]
    pub origin: Origin,
    /// The time of the answer.
    #[serde(rename = "observedAt")]
    pub observed_at: Timestamp,
    /// The addresses that were read.
    #[serde(rename = "sources")]
    pub sources: Vec<String>,
    /// The existence of the name.
    #[serde(rename = "existence")]
    pub existence: Existence,
    /// The present life of the name.
    #[serde(rename = "incarnation")]
    pub incarnation: Reading<Incarnation>,
    /// The accounts that may act for the name.
    #[serde(rename = "listing")]
    pub listing: Reading<Listing>,
    /// The releases, and the DIDs that they name.
    #[serde(rename = "timeline")]
    pub timeline: Reading<Timeline>,
    /// The repositories that the publisher typed: at most [`MAX_REPOSITORIES`](super::MAX_REPOSITORIES). A longer list is unread.
    #[serde(rename = "repositories")]
    pub repositories: Reading<Vec<SourceRepository>>,
    /// Attested builds.
    #[serde(rename = "provenance")]
    pub provenance: Reading<Vec<Provenance>>,
    /// The CI runs that the registry attests as publishers.
    #[serde(
        rename = "publishers",
        default = "not_offered",
        skip_serializing_if = "is_not_offered"
    )]
    pub publishers: Reading<Vec<AttestedPublisher>>,
    /// The verifier's own record of the roles, from earlier observations of this process. It is not on the wire: the record of
    /// somebody else is no evidence here.
    #[serde(skip)]
    pub seen_roles: Option<SeenRoles>,
}

impl NamespaceEvidence {
    /// Creates evidence that `namespace` exists, with nothing else read yet.
    #[must_use]
    pub fn new(namespace: Namespace, origin: Origin, observed_at: Timestamp) -> Self {
        fn unread<T>() -> Reading<T> {
            Reading::Unread(Unavailable::new(
                UnavailableReason::MissingField,
                "it was not read",
            ))
        }
        Self {
            namespace,
            origin,
            observed_at,
            sources: Vec::new(),
            existence: Existence::Present,
            incarnation: unread(),
            listing: unread(),
            timeline: unread(),
            repositories: Reading::NotOffered,
            provenance: Reading::NotOffered,
            publishers: Reading::NotOffered,
            seen_roles: None,
        }
    }

    /// Returns whether this evidence answers a question about `namespace`, from the server that the namespace names, if it names
    /// one.
    pub(crate) fn is_about(&self, namespace: &Namespace) -> bool {
        self.namespace == *namespace && namespace.repository().is_none_or(|o| *o == self.origin)
    }
}

fn not_offered<T>() -> Reading<T> {
    Reading::NotOffered
}

/// Evidence from before there were publishers in it keeps its bytes.
fn is_not_offered<T>(reading: &Reading<T>) -> bool {
    matches!(reading, Reading::NotOffered)
}

/// The existence of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Existence {
    /// The name exists.
    #[serde(rename = "present")]
    Present,
    /// The registry itself said that the name does not exist, or may not be used.
    #[serde(rename = "absent")]
    Absent(Refuted),
}
