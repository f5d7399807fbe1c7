//! The pin of one package.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::Timestamp;
use crate::capability::Capability;
use crate::ci::{CiIdentity, IssuerUrl, NumericId, RepositoryIdentity, RepositoryName};
use crate::claim::{Action, ClaimId, Incarnation};
use crate::decide::{NamespaceAuthority, Verified};
use crate::identity::{Namespace, Subject, escape};
use crate::reason::{Reason, Unavailable, UnavailableReason};

/// The repository that a package is pinned to, and how it came to that.
///
/// Only an accepted publish of a CI run makes one ([`Pin::of`]). It is stored as JSON ([`to_json`](Self::to_json)), and read back
/// whole or refused ([`parse`](Self::parse)).
///
/// ```
/// use auths_core::pin::Pin;
///
/// let stored = r#"{
///     "type": "auths-pin-1", "namespace": "pkg:pypi/widget",
///     "incarnation": {"kind": "first-upload", "value": "2026-01-01T00:00:00Z"},
///     "issuer": "https://token.actions.githubusercontent.com",
///     "repositoryId": "700700", "repository": "acme/widget", "ownerId": "4242",
///     "recordedAt": "2026-11-21T08:46:00Z", "fallsToCollaborator": false
/// }"#;
/// let pin = Pin::parse(stored.as_bytes())?;
/// assert_eq!(pin.repository().name.as_str(), "acme/widget");
/// assert_eq!(Pin::parse(pin.to_json().as_bytes())?, pin);
/// assert!(Pin::parse(b"{}").is_err());
/// # Ok::<(), auths_core::pin::PinError>(())
/// ```
///
/// There is no way to write one down or to change one:
///
/// ```compile_fail,E0451
/// let forged = auths_core::pin::Pin { ..unimplemented!() };
/// ```
/// ```compile_fail,E0277
/// fn needs_default<T: Default>() {}
/// needs_default::<auths_core::pin::Pin>();
/// ```
///
/// # Security
/// Whoever can write to the place where pins are stored decides which repository a package is pinned to. A pin grants nothing: it
/// only refuses what a decision has accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The package, in normal form.
    pub(super) namespace: Namespace,
    pub(super) incarnation: Incarnation,
    pub(super) issuer: IssuerUrl,
    pub(super) repository: RepositoryIdentity,
    pub(super) owner: NumericId,
    pub(super) recorded_at: Timestamp,
    pub(super) falls_to_collaborator: bool,
    pub(super) publisher: Option<ClaimId>,
}

/// The error for bytes that are no pin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored pin cannot be read: {}", escape(what))]
#[non_exhaustive]
pub struct PinError {
    /// What is wrong with them.
    pub what: String,
}

impl PinError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }

    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        UnavailableReason::StoreFailed.code()
    }
}

impl From<&PinError> for Unavailable {
    /// Converts to [`UnavailableReason::StoreFailed`]: a pin that cannot be read is never no pin.
    fn from(error: &PinError) -> Self {
        Self::new(UnavailableReason::StoreFailed, error.to_string())
    }
}

impl Pin {
    /// Makes the pin that an accepted answer sets at `now`, where there is none yet. `None` for a key, for a run that may not publish,
    /// and for an account or organisation.
    ///
    /// Whether it may take the place of another pin is the rule of [`hold_to_pin`](super::hold_to_pin).
    #[must_use]
    pub fn of(verified: &Verified<NamespaceAuthority>, now: Timestamp) -> Option<Self> {
        let authority = verified.get();
        let is_package = matches!(
            Subject::of_namespace(&authority.namespace),
            Subject::Package(_)
        );
        let publishes = authority.actions.iter().any(|one| one == Action::Publish);
        let run = authority
            .speaker
            .run()
            .filter(|_| is_package && publishes)?;
        Some(Self::of_run(run, verified, now))
    }

    /// Returns the pin to the repository of a run, whether the run may set it or not.
    pub(super) fn of_run(
        run: &CiIdentity,
        verified: &Verified<NamespaceAuthority>,
        now: Timestamp,
    ) -> Self {
        let authority = verified.get();
        let publisher = authority.publisher.as_ref();
        Self {
            namespace: authority.namespace.in_normal_form(),
            incarnation: authority.incarnation.clone(),
            issuer: run.issuer().url.clone(),
            repository: run.repository().clone(),
            owner: run.owner().id,
            recorded_at: now,
            falls_to_collaborator: verified.falls_to().contains(Capability::Collaborator),
            publisher: publisher.map(|matched| matched.claim.clone()),
        }
    }

    /// Reads a stored pin.
    ///
    /// # Errors
    /// [`PinError`] when it is not a pin that [`to_json`](Self::to_json) wrote.
    pub fn parse(bytes: &[u8]) -> Result<Self, PinError> {
        // Code that serde derives would also read a list of the members.
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err(PinError::new("it is not a JSON object"));
        }
        let stored = serde_json::from_slice::<StoredPin>(bytes);
        stored
            .map_err(|error| PinError::new(error.to_string()))?
            .try_into()
    }

    /// Returns the text to store.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Every member is text or a truth value, so it can be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the package, its name in normal form.
    #[must_use]
    pub const fn namespace(&self) -> &Namespace {
        &self.namespace
    }

    /// Returns the life of the name that the pin is about.
    #[must_use]
    pub const fn incarnation(&self) -> &Incarnation {
        &self.incarnation
    }

    /// Returns the issuer that numbers the repository and its owner.
    #[must_use]
    pub const fn issuer(&self) -> &IssuerUrl {
        &self.issuer
    }

    /// Returns the repository. Its number decides, and its name is the label of the time when the pin was set.
    #[must_use]
    pub const fn repository(&self) -> &RepositoryIdentity {
        &self.repository
    }

    /// Returns the number of the repository's owner.
    #[must_use]
    pub const fn owner(&self) -> NumericId {
        self.owner
    }

    /// Returns the time when the pin was set.
    #[must_use]
    pub const fn recorded_at(&self) -> Timestamp {
        self.recorded_at
    }

    /// Returns whether the chain that set it falls to `collaborator`. Such a pin yields to a chain that does not.
    #[must_use]
    pub const fn falls_to_collaborator(&self) -> bool {
        self.falls_to_collaborator
    }

    /// Returns the id of the trusted publisher that the run rested on, if any.
    #[must_use]
    pub const fn publisher(&self) -> Option<&ClaimId> {
        self.publisher.as_ref()
    }

    /// Returns whether both are pins to one repository of one owner. A number means nothing without its issuer.
    #[must_use]
    pub fn is_of_same_repository(&self, other: &Self) -> bool {
        self.issuer == other.issuer
            && self.repository.id == other.repository.id
            && self.owner == other.owner
    }
}

/// Prints a sentence: `pypi:widget is pinned to acme/widget (repository 700700 of owner 4242 at
/// https://token.actions.githubusercontent.com) since 2026-11-21T08:46:00Z`.
impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is pinned to {} (repository {} of owner {} at {}) since {}",
            self.namespace.short(),
            self.repository.name,
            self.repository.id,
            self.owner,
            self.issuer,
            self.recorded_at
        )
    }
}

impl Serialize for Pin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        StoredPin::from(self).serialize(serializer)
    }
}

/// The name and version of the stored form.
const KIND: &str = "auths-pin-1";

/// The members of a stored pin.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredPin {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "namespace")]
    namespace: Namespace,
    #[serde(rename = "incarnation")]
    incarnation: Incarnation,
    #[serde(rename = "issuer")]
    issuer: IssuerUrl,
    #[serde(rename = "repositoryId")]
    repository_id: NumericId,
    #[serde(rename = "repository")]
    repository: RepositoryName,
    #[serde(rename = "ownerId")]
    owner_id: NumericId,
    #[serde(rename = "recordedAt")]
    recorded_at: Timestamp,
    #[serde(rename = "fallsToCollaborator")]
    falls_to_collaborator: bool,
    #[serde(rename = "publisher", default, skip_serializing_if = "Option::is_none")]
    publisher: Option<ClaimId>,
}

impl From<&Pin> for StoredPin {
    fn from(pin: &Pin) -> Self {
        Self {
            kind: KIND.to_owned(),
            namespace: pin.namespace.clone(),
            incarnation: pin.incarnation.clone(),
            issuer: pin.issuer.clone(),
            repository_id: pin.repository.id,
            repository: pin.repository.name.clone(),
            owner_id: pin.owner,
            recorded_at: pin.recorded_at,
            falls_to_collaborator: pin.falls_to_collaborator,
            publisher: pin.publisher.clone(),
        }
    }
}

impl TryFrom<StoredPin> for Pin {
    type Error = PinError;

    fn try_from(stored: StoredPin) -> Result<Self, PinError> {
        if stored.kind != KIND {
            let what = "it is of a kind or version that this program does not know";
            return Err(PinError::new(what));
        }
        let normal = stored.namespace.in_normal_form();
        if normal.to_string() != stored.namespace.to_string() {
            return Err(PinError::new("its name is not in normal form"));
        }
        Ok(Self {
            namespace: normal,
            incarnation: stored.incarnation,
            issuer: stored.issuer,
            repository: RepositoryIdentity {
                id: stored.repository_id,
                name: stored.repository,
            },
            owner: stored.owner_id,
            recorded_at: stored.recorded_at,
            falls_to_collaborator: stored.falls_to_collaborator,
            publisher: stored.publisher,
        })
    }
}
