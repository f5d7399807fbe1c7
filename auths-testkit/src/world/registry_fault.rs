//! Faults of a registry towards its reader.

use std::time::Duration;

/// A fault of a registry towards its reader. The conformance suites produce each fault through the adapter's own wire format.
///
/// No fault is a "no", and none is a "yes" about now.
///
/// ```
/// use auths_testkit::world::RegistryFault;
///
/// assert!(RegistryFault::ALL.iter().any(|t| t.is_passing()));
/// assert!(!RegistryFault::OwnersMissing.is_passing());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryFault {
    /// The registry refuses the query (over HTTP: 403).
    Forbidden,
    /// The registry asks for fewer requests (429 with a `Retry-After` of [`RegistryFault::RETRY_AFTER`]).
    Throttled,
    /// The registry fails (503).
    ServerError,
    /// The registry accepts the query and never answers.
    Silent,
    /// The answer ends in the middle.
    Cut,
    /// The answer has another format: an HTML page with status 200.
    OtherFormat,
    /// The answer is empty: status 200 and no body.
    NoBody,
    /// The answer is about another name.
    OtherName,
    /// The answer lacks the owners.
    OwnersMissing,
    /// The answer says that nobody is an owner.
    OwnersEmpty,
    /// A cache answers instead, with the state of [`RegistryFault::COPY_AGE`] ago (over HTTP: an `Age`). Its content is evidence
    /// of that age.
    OldCopy,
}

impl RegistryFault {
    /// All faults.
    pub const ALL: &'static [Self] = &[
        Self::Forbidden,
        Self::Throttled,
        Self::ServerError,
        Self::Silent,
        Self::Cut,
        Self::OtherFormat,
        Self::NoBody,
        Self::OtherName,
        Self::OwnersMissing,
        Self::OwnersEmpty,
        Self::OldCopy,
    ];

    /// The age of the copy in a cache.
    pub const COPY_AGE: Duration = Duration::from_secs(3_600);

    /// The time that a throttling registry asks to wait.
    pub const RETRY_AFTER: Duration = Duration::from_secs(120);

    /// Returns whether the fault passes by itself, so that its reader says that the same query may succeed later.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::ServerError | Self::Silent | Self::Cut
        )
    }
}
