//! The trusted publisher: "CI runs that match this rule may do these things for these packages, until this time".

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Actions, Claim, MAX_LIFE};
use crate::ci::PublisherRule;
use crate::identity::Namespace;

/// "CI runs that match `publisher` may do `actions` for `namespaces`", signed by a DID that itself may do them.
///
/// It is a delegation to a rule instead of a DID. It lives 180 days at most, and is revoked like any claim.
///
/// # Security
/// A trusted publisher only narrows, and never passes anything on. It holds while its signer's own chain holds, for the namespaces
/// and actions that both cover. Anyone can sign one: a stranger's is an act of the stranger, and gives nobody anything.
///
/// ```
/// use auths_core::ci::PublisherRule;
/// use auths_core::claim::{Action, Actions, TrustedPublisher};
///
/// let rule: PublisherRule = r#"{
///     "issuer": "https://token.actions.githubusercontent.com",
///     "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
///     "workflow": "release.yml", "environment": "pypi"
/// }"#.parse()?;
/// let publish = Actions::only(Action::Publish);
/// let publisher = TrustedPublisher::new(rule, ["pypi:widget".parse()?], publish.clone());
/// assert!(publisher.covers(&"pypi:Widget".parse()?, &publish));
/// assert!(!publisher.covers(&"pypi:gadget".parse()?, &publish));
/// let of_acme = TrustedPublisher::new(publisher.publisher, ["github:acme".parse()?], publish.clone());
/// assert!(of_acme.covers(&"github:acme/server".parse()?, &publish));
/// assert!(!of_acme.covers(&"github:acme-corp/server".parse()?, &publish));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TrustedPublisher {
    /// The rule that a run must match.
    #[serde(rename = "publisher")]
    pub publisher: PublisherRule,
    /// The packages: at least one. On the wire they are in the byte order of their purls, each once.
    #[serde(
        rename = "namespaces",
        serialize_with = "super::by_purl::serialize",
        deserialize_with = "super::by_purl::deserialize_some"
    )]
    pub namespaces: BTreeSet<Namespace>,
    /// The actions that a run may do.
    #[serde(rename = "actions")]
    pub actions: Actions,
}

impl TrustedPublisher {
    /// Creates a trusted publisher. One that names no package is refused when it is signed.
    #[must_use]
    pub fn new(
        publisher: PublisherRule,
        namespaces: impl IntoIterator<Item = Namespace>,
        actions: Actions,
    ) -> Self {
        Self {
            publisher,
            namespaces: namespaces.into_iter().collect(),
            actions,
        }
    }

    /// Returns whether it covers these actions on this namespace: it names the namespace itself, or the organisation that the
    /// namespace lies below.
    #[must_use]
    pub fn covers(&self, namespace: &Namespace, actions: &Actions) -> bool {
        namespace.is_within(&self.namespaces) && self.actions.cover(actions)
    }
}

impl Claim for TrustedPublisher {
    const TYPE: &'static str = "TrustedPublisher";

    fn max_life(&self) -> Duration {
        MAX_LIFE
    }
}
