//! The ways in which a registry fails its reader.

use std::time::Duration;

/// A way in which a registry fails its reader: what the conformance suites play, each through the adapter's own wire.
///
/// None of them is a "no", and none a "yes" about now.
///
/// ```
/// use auths_core::simulation::RegistryFault;
///
/// assert!(RegistryFault::ALL.iter().any(|t| t.is_passing()));
/// assert!(!RegistryFault::OwnersMissing.is_passing());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryFault {
    /// It refuses the question (over HTTP: 403).
    Forbidden,
    /// It asks for fewer requests (429 with a `Retry-After` of [`RegistryFault::RETRY_AFTER`]).
    Throttled,
    /// It fails (503).
    ServerError,
    /// It accepts the question and never answers.
    Silent,
    /// Its answer ends in the middle.
    Cut,
    /// It answers in another format: an HTML page with status 200.
    OtherFormat,
    /// It answers with nothing: status 200 and no body.
    NoBody,
    /// It answers about another name.
    OtherName,
    /// Its answer lacks the owners.
    OwnersMissing,
    /// Its answer says that nobody at all is an owner.
    OwnersEmpty,
    /// A cache answers in its place, with what was so [`RegistryFault::COPY_AGE`] ago (over HTTP: an `Age`). What was read of it is
    /// evidence, and that old.
    OldCopy,
}

impl RegistryFault {
    /// All of them.
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

    /// How old the copy of a cache is.
    pub const COPY_AGE: Duration = Duration::from_secs(3_600);

    /// How long a throttling registry asks to wait.
    pub const RETRY_AFTER: Duration = Duration::from_secs(120);

    /// Whether it is over by itself, so that its reader says that the same question may be answered later.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::ServerError | Self::Silent | Self::Cut
        )
    }
}
