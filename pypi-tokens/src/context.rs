//! The use of a token.

use auths_core::Timestamp;

/// The intended use of a token, and its time. Unknown values are left out, and a restriction that needs one of them is not met.
///
/// Texts are compared as they are given here: names in normal form (PEP 503), ids as lower-case UUIDs with dashes.
///
/// ```
/// use pypi_tokens::TokenUse;
/// let now = "2026-11-21T08:46:00Z".parse()?;
/// let context = TokenUse::at(now).project("mypkg");
/// # Ok::<(), pypi_tokens::TimeError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    pub(super) now: Timestamp,
    pub(super) project: Option<String>,
    pub(super) project_id: Option<String>,
    pub(super) user_id: Option<String>,
    pub(super) publisher_id: Option<String>,
}

impl TokenUse {
    /// Creates a context with this time, and no other value.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            now,
            project: None,
            project_id: None,
            user_id: None,
            publisher_id: None,
        }
    }

    /// Sets the name of the project.
    #[must_use]
    pub fn project(mut self, name: impl Into<String>) -> Self {
        self.project = Some(name.into());
        self
    }

    /// Sets the id of the project.
    #[must_use]
    pub fn project_id(mut self, id: impl Into<String>) -> Self {
        self.project_id = Some(id.into());
        self
    }

    /// Sets the id of the user.
    #[must_use]
    pub fn user_id(mut self, id: impl Into<String>) -> Self {
        self.user_id = Some(id.into());
        self
    }

    /// Sets the id of the trusted publisher, which the caller has found to publish the project. Only
    /// [`RuleSet::Warehouse`](super::RuleSet::Warehouse) uses it.
    #[must_use]
    pub fn publisher_id(mut self, id: impl Into<String>) -> Self {
        self.publisher_id = Some(id.into());
        self
    }
}
