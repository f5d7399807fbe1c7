//! What a grant says.

use std::collections::BTreeSet;

use serde::Serialize;

use super::subject::GrantSubject;
use super::wire::Payload;
use crate::Timestamp;
use crate::capability::CapabilitySet;
use crate::ci::{IssuerUrl, TokenAudience, TokenId};
use crate::claim::{Action, Actions};
use crate::identity::Namespace;

/// What a grant says: who may do which actions for which names, until when, and what that falls to.
///
/// A [`GrantIssuer`](super::GrantIssuer) makes one with its token, and a [`GrantVerifier`](super::GrantVerifier) reads one in a token
/// that it verified. It serializes as the token's payload. There is no other way to one: no constructor, no `Default`, no
/// `Deserialize`, no conversion and no mutable access:
///
/// ```compile_fail,E0423
/// let forged = auths_core::grant::Grant(unimplemented!());
/// ```
/// ```compile_fail,E0277
/// fn needs_default<T: Default>() {}
/// needs_default::<auths_core::grant::Grant>();
/// ```
/// ```compile_fail,E0277
/// let forged: auths_core::grant::Grant = serde_json::from_str("{}").unwrap();
/// ```
/// ```compile_fail,E0277
/// let forged: auths_core::grant::Grant = "eyJ...".into();
/// ```
/// ```compile_fail,E0277
/// let forged = "eyJ...".parse::<auths_core::grant::Grant>();
/// ```
/// ```compile_fail,E0596
/// # fn grant() -> auths_core::grant::Grant { unimplemented!() }
/// let grant = grant();
/// grant.purls().insert("pypi:six".parse().unwrap());
/// ```
///
/// # Security
/// It held when it was verified. Whoever acts on one asks [`GrantVerifier::authorize`](super::GrantVerifier::authorize) with the
/// token, each time: that looks at the time and the deny list too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Grant(Payload);

impl Grant {
    /// Takes a payload that was verified, or is about to be signed.
    pub(super) const fn of(payload: Payload) -> Self {
        Self(payload)
    }

    /// Returns whether it is for this action on this name: on a name that it lists, or one below an organisation that it lists. Names
    /// are compared segment by segment, in their normal form, and never as text.
    #[must_use]
    pub fn covers(&self, namespace: &Namespace, action: Action) -> bool {
        namespace.is_within(&self.0.purls) && self.0.actions.cover(&Actions::only(action))
    }

    /// Returns its issuer (`iss`).
    #[must_use]
    pub const fn issuer(&self) -> &IssuerUrl {
        &self.0.iss
    }

    /// Returns whom it is for (`sub`).
    #[must_use]
    pub const fn subject(&self) -> &GrantSubject {
        &self.0.sub
    }

    /// Returns the audience that it is for (`aud`).
    #[must_use]
    pub const fn audience(&self) -> &TokenAudience {
        &self.0.aud
    }

    /// Returns the time of its issue (`iat`).
    #[must_use]
    pub const fn issued_at(&self) -> Timestamp {
        self.0.iat
    }

    /// Returns the time from which on it does not hold (`exp`).
    #[must_use]
    pub const fn expires(&self) -> Timestamp {
        self.0.exp
    }

    /// Returns its id (`jti`), which its issuer gives to no other.
    #[must_use]
    pub const fn id(&self) -> &TokenId {
        &self.0.jti
    }

    /// Returns the names that it lists (`purls`), at least one.
    #[must_use]
    pub const fn purls(&self) -> &BTreeSet<Namespace> {
        &self.0.purls
    }

    /// Returns the actions that it is for (`actions`), at least one.
    #[must_use]
    pub const fn actions(&self) -> &Actions {
        &self.0.actions
    }

    /// Returns what it falls to (`falls_to`): an attacker would have needed any one of these for one of its names.
    #[must_use]
    pub const fn falls_to(&self) -> CapabilitySet {
        self.0.falls_to
    }
}
