//! What a verifier saw itself when it took a trusted publisher in, and nobody can show at every run.

use serde::{Deserialize, Serialize};

use super::lasting::LastingEvidence;
use crate::Timestamp;
use crate::claim::{ClaimId, Incarnation};
use crate::identity::{Account, Did, Namespace, escape};
use crate::reason::{Reason, UnavailableReason};

/// What a verifier saw itself when it took a trusted publisher in: an Owner's role in an organisation, a device flow, or both.
///
/// Nobody can show an Owner's role at three in the morning, when a run publishes. So what was seen then holds for the life of the
/// trusted publisher, and a chain that rests on it falls to `former-collaborator` too: the Owner may have lost the role since. What
/// is read when the run asks goes first: an account that the organisation does not list then leads nowhere.
///
/// A verifier makes one ([`of`](Self::of)) of its own decision about the signer, stores it with the trusted publisher
/// ([`to_json`](Self::to_json)), and gives it to every decision about a run
/// ([`PublishRequest::intakes`](crate::use_cases::PublishRequest::intakes)).
///
/// ```
/// use auths_core::claim::{Signed, TrustedPublisher};
/// use auths_core::decide::PublisherIntake;
/// use auths_core::{NamespaceAuthority, Timestamp, Verified};
///
/// /// Takes a trusted publisher in, whose signer just showed that it speaks for the organisation.
/// fn take_in(
///     publisher: &Signed<TrustedPublisher>, signer: &Verified<NamespaceAuthority>, now: Timestamp,
/// ) -> Option<String> {
///     // `None`: nothing was seen that must be kept, or the decision was about somebody else.
///     Some(PublisherIntake::of(publisher, signer, now)?.to_json())
/// }
/// ```
///
/// # Security
/// Whoever can write to the place where these are stored can make anybody an Owner. Store them as you store pins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PublisherIntake(StoredIntake);

/// The name and version of the stored form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    #[serde(rename = "auths-publisher-intake-1")]
    V1,
}

/// The error for bytes that are no [`PublisherIntake`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the stored intake of a trusted publisher cannot be read: {}",
    escape(what)
)]
#[non_exhaustive]
pub struct IntakeError {
    /// What is wrong with them.
    pub what: String,
}

impl IntakeError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        UnavailableReason::StoreFailed.code()
    }
}

/// The members of a record, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredIntake {
    #[serde(rename = "type")]
    kind: Kind,
    #[serde(rename = "publisher")]
    publisher: ClaimId,
    #[serde(rename = "signer")]
    signer: Did,
    #[serde(rename = "namespace")]
    namespace: Namespace,
    #[serde(rename = "incarnation")]
    incarnation: Incarnation,
    #[serde(rename = "takenInAt")]
    taken_in_at: Timestamp,
    /// At least one.
    #[serde(rename = "seen")]
    seen: Vec<LastingEvidence>,
}

impl PublisherIntake {
    pub(super) fn new(
        (publisher, signer): (ClaimId, Did),
        (namespace, incarnation): (Namespace, Incarnation),
        taken_in_at: Timestamp,
        seen: Vec<LastingEvidence>,
    ) -> Self {
        Self(StoredIntake {
            kind: Kind::V1,
            publisher,
            signer,
            namespace,
            incarnation,
            taken_in_at,
            seen,
        })
    }

    /// Reads a stored record.
    ///
    /// # Errors
    /// [`IntakeError`] when it is not one that [`to_json`](Self::to_json) wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self, IntakeError> {
        let refused = |what: &str| IntakeError { what: what.into() };
        // Code that serde derives would also read a list of the members.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(refused("it is not a JSON object"));
        }
        let stored = serde_json::from_slice::<StoredIntake>(bytes);
        let mut stored = stored.map_err(|error| refused(&error.to_string()))?;
        if stored.seen.is_empty() {
            return Err(refused("it says of nothing that it was seen"));
        }
        stored.namespace = stored.namespace.in_normal_form();
        Ok(Self(stored))
    }

    /// Returns the text to store.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Every member is text or a list of texts, so it can be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the id of the trusted publisher.
    #[must_use]
    pub const fn publisher(&self) -> &ClaimId {
        &self.0.publisher
    }

    /// Returns the DID that signed it.
    #[must_use]
    pub const fn signer(&self) -> &Did {
        &self.0.signer
    }

    /// Returns the time when it was taken in.
    #[must_use]
    pub const fn taken_in_at(&self) -> Timestamp {
        self.0.taken_in_at
    }

    /// Returns whether it is about this name, in this life.
    pub(in crate::decide) fn is_about(
        &self,
        namespace: &Namespace,
        incarnation: &Incarnation,
    ) -> bool {
        self.0.namespace == namespace.in_normal_form() && self.0.incarnation == *incarnation
    }

    /// Returns whether the account was seen as an active Owner.
    pub(in crate::decide) fn saw_owner(&self, account: &Account) -> bool {
        let mut seen = self.0.seen.iter();
        seen.any(|one| matches!(one, LastingEvidence::OwnerRole(owner) if owner.same_as(account)))
    }

    /// Returns whether the account's holder approved it in a device flow.
    pub(in crate::decide) fn saw_flow(&self, account: &Account) -> bool {
        let mut seen = self.0.seen.iter();
        seen.any(|one| matches!(one, LastingEvidence::DeviceFlow(held) if held.same_as(account)))
    }
}
