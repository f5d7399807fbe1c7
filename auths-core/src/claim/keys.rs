//! The keys that may sign for a DID.

use std::collections::BTreeMap;

use crate::crypto::PublicKey;
use crate::identity::{Did, VerificationMethod};
use crate::reason::{Unavailable, UnavailableReason};

/// The known keys of DIDs. A `did:key` contains its own key; the keys of other DIDs were resolved before.
///
/// Deciding does no I/O, so the keys are resolved first: see [`use_cases::resolve_keys`](crate::use_cases::resolve_keys).
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    resolved: BTreeMap<Did, Result<Vec<(VerificationMethod, PublicKey)>, Unavailable>>,
}

/// The knowledge about the key of a verification method.
pub(crate) enum KeyLookup<'a> {
    Key(&'a PublicKey),
    /// The DID's keys are known, and this is not one of them.
    NotAKey,
    /// The DID was not resolved, with the reason.
    Unresolved(Unavailable),
}

impl KeyRing {
    /// Creates a key ring with only the keys that `did:key` DIDs contain.
    #[must_use]
    pub fn intrinsic() -> Self {
        Self::default()
    }

    /// Adds the keys that a resolver returned. A `did:key` is not affected: its key is in its name.
    #[must_use]
    pub fn with(mut self, did: Did, keys: Vec<(VerificationMethod, PublicKey)>) -> Self {
        self.resolved.insert(did, Ok(keys));
        self
    }

    /// Adds that the keys of `did` could not be looked up, and why. Claims that it signed are then unavailable; claims of other
    /// DIDs are not affected.
    #[must_use]
    pub fn unread(mut self, did: Did, why: Unavailable) -> Self {
        self.resolved.insert(did, Err(why));
        self
    }

    pub(crate) fn lookup<'a>(&'a self, method: &'a VerificationMethod) -> KeyLookup<'a> {
        let did = method.did();
        if let Some(key) = did.key() {
            let own = did.as_str().strip_prefix("did:key:") == Some(method.fragment());
            return if own {
                KeyLookup::Key(key)
            } else {
                KeyLookup::NotAKey
            };
        }
        match self.resolved.get(did) {
            None => {
                let detail = format!("{did} was not resolved");
                KeyLookup::Unresolved(Unavailable::new(UnavailableReason::KeyUnresolved, detail))
            }
            Some(Err(why)) => KeyLookup::Unresolved(why.clone()),
            Some(Ok(keys)) => match keys.iter().find(|(m, _)| m == method) {
                Some((_, key)) => KeyLookup::Key(key),
                None => KeyLookup::NotAKey,
            },
        }
    }
}
