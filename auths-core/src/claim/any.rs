//! Claims whose type is not known before they are read.

use serde::{Deserialize, Deserializer};

use super::{
    Claim, ClaimError, Delegation, NamespaceClaim, Observation, PlatformClaim, Revocation, Signed,
    StrictJson, TrustedPublisher,
};

/// A claim of one of the built-in types, selected by its `type`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnyClaim {
    /// A platform claim.
    Platform(Signed<PlatformClaim>),
    /// A namespace claim.
    Namespace(Signed<NamespaceClaim>),
    /// A delegation.
    Delegation(Signed<Delegation>),
    /// A trusted publisher.
    TrustedPublisher(Box<Signed<TrustedPublisher>>),
    /// A revocation.
    Revocation(Signed<Revocation>),
    /// An observation.
    Observation(Box<Signed<Observation>>),
}

impl AnyClaim {
    /// Reads a document of any built-in type from bytes.
    ///
    /// # Errors
    /// The errors of [`Signed::parse`]. An unknown type is [`ClaimError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ClaimError> {
        Self::from_tree(StrictJson::parse(bytes)?)
    }

    fn from_tree(tree: StrictJson) -> Result<Self, ClaimError> {
        let name = match &tree {
            StrictJson::Object(members) => members.get("type").cloned(),
            _ => None,
        };
        let Some(StrictJson::String(name)) = name else {
            return Err(ClaimError::malformed("type is missing"));
        };
        Ok(match name.as_str() {
            PlatformClaim::TYPE => Self::Platform(Signed::from_tree(tree)?),
            NamespaceClaim::TYPE => Self::Namespace(Signed::from_tree(tree)?),
            Delegation::TYPE => Self::Delegation(Signed::from_tree(tree)?),
            TrustedPublisher::TYPE => Self::TrustedPublisher(Box::new(Signed::from_tree(tree)?)),
            Revocation::TYPE => Self::Revocation(Signed::from_tree(tree)?),
            Observation::TYPE => Self::Observation(Box::new(Signed::from_tree(tree)?)),
            _ => {
                let name = crate::identity::text::cut(&name, 40);
                return Err(ClaimError::malformed(format!("type {name:?} is not known")));
            }
        })
    }
}

/// Reads one document, for lists of documents.
impl<'de> Deserialize<'de> for AnyClaim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_tree(StrictJson::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
