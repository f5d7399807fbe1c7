//! Which keys may sign for which DID.

use std::collections::BTreeMap;

use crate::crypto::PublicKey;
use crate::identity::{Did, VerificationMethod};
use crate::reason::{Unavailable, UnavailableReason};

/// The keys of DIDs, as far as they are known: a `did:key` spells its own; others were resolved before.
///
/// Deciding is pure, so resolving comes first: see [`use_cases::resolve_keys`](crate::use_cases::resolve_keys).
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    resolved: BTreeMap<Did, Result<Vec<(VerificationMethod, PublicKey)>, Unavailable>>,
}

/// What is known of a verification method's key.
pub(crate) enum Lookup<'a> {
    Key(&'a PublicKey),
    /// The DID has keys, this is none of them.
    NotAKey,
    /// The DID was not resolved, and why.
    Unresolved(Unavailable),
}

impl KeyRing {
    /// The keys that `did:key` DIDs spell themselves, and no others.
    #[must_use]
    pub fn intrinsic() -> Self {
        Self::default()
    }

    /// Adds what a resolver said. Says nothing about `did:key`, whose key is in its name.
    #[must_use]
    pub fn with(mut self, did: Did, keys: Vec<(VerificationMethod, PublicKey)>) -> Self {
        self.resolved.insert(did, Ok(keys));
        self
    }

    /// Adds that the keys of `did` could not be looked up, and why. What it signed cannot be told then; what others signed can.
    #[must_use]
    pub fn unread(mut self, did: Did, why: Unavailable) -> Self {
        self.resolved.insert(did, Err(why));
        self
    }

    pub(crate) fn lookup<'a>(&'a self, method: &'a VerificationMethod) -> Lookup<'a> {
        let did = method.did();
        if let Some(key) = did.key() {
            let own = did.as_str().strip_prefix("did:key:") == Some(method.fragment());
            return if own {
                Lookup::Key(key)
            } else {
                Lookup::NotAKey
            };
        }
        match self.resolved.get(did) {
            None => {
                let detail = format!("{did} was not resolved");
                Lookup::Unresolved(Unavailable::new(UnavailableReason::KeyUnresolved, detail))
            }
            Some(Err(why)) => Lookup::Unresolved(why.clone()),
            Some(Ok(keys)) => match keys.iter().find(|(m, _)| m == method) {
                Some((_, key)) => Lookup::Key(key),
                None => Lookup::NotAKey,
            },
        }
    }
}
