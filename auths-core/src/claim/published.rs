//! Revocations as somebody publishes them, with the claims that tell who may revoke.

use super::{PlatformClaim, Revocation, Signed};

/// The content of a source of revocations. Not verified.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct PublishedRevocations {
    /// The revocations.
    pub revocations: Vec<Signed<Revocation>>,
    /// The platform claims. Those that name a recovery DID tell who may revoke.
    pub claims: Vec<Signed<PlatformClaim>>,
}

impl PublishedRevocations {
    /// Creates a content of these revocations and no platform claims.
    #[must_use]
    pub fn new(revocations: impl IntoIterator<Item = Signed<Revocation>>) -> Self {
        Self {
            revocations: revocations.into_iter().collect(),
            claims: Vec::new(),
        }
    }

    /// Adds platform claims.
    #[must_use]
    pub fn naming(mut self, claims: impl IntoIterator<Item = Signed<PlatformClaim>>) -> Self {
        self.claims.extend(claims);
        self
    }
}
