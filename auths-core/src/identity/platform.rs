//! Platforms: the services that accounts belong to.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::NameError;
use super::platforms::{self, PlatformFacts, StableIds};
use super::text::is_slug;

/// A service that accounts belong to: `github`, `npm`, `pypi`. The set is open: an adapter creates its own with
/// [`Platform::new`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Platform(Cow<'static, str>);

impl Platform {
    /// GitHub. Accounts have a stable numeric id. A login can be renamed, and then registered by somebody else.
    pub const GITHUB: Self = Self(Cow::Borrowed("github"));
    /// npm. Accounts have no stable public id. A name is free again 30 days after its account is deleted.
    pub const NPM: Self = Self(Cow::Borrowed("npm"));
    /// PyPI. Accounts have no stable public id. A name is free again as soon as its account is deleted.
    pub const PYPI: Self = Self(Cow::Borrowed("pypi"));

    /// Creates a platform from its short name: lower-case letters, digits and hyphens.
    ///
    /// # Errors
    /// [`NameError`] for anything else.
    pub fn new(name: &str) -> Result<Self, NameError> {
        if is_slug(name) {
            Ok(Self(Cow::Owned(name.to_owned())))
        } else {
            let rule = "a platform is written in lower-case letters, digits and hyphens";
            Err(NameError::new(name, "platforms", rule))
        }
    }

    /// Creates a platform for a `static` of an adapter. In a `static`, an invalid name does not compile.
    ///
    /// ```
    /// use auths_core::Platform;
    ///
    /// static SHELF: Platform = Platform::from_static("shelf");
    /// assert_eq!(SHELF.as_str(), "shelf");
    /// ```
    ///
    /// # Panics
    /// When [`Platform::new`] would refuse the name.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_slug(name), "this is no name of a platform");
        Self(Cow::Borrowed(name))
    }

    /// Returns the short name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether the platform's accounts have public stable ids. Core knows the answer; an adapter cannot change it.
    #[must_use]
    pub fn stable_ids(&self) -> StableIds {
        self.facts().stable_ids
    }

    /// Returns the platform whose repositories have addresses at `host`, `https://<host>/<owner>/<name>`.
    pub(crate) fn with_repositories_at(host: &str) -> Option<Self> {
        let facts = platforms::with_repositories_at(host)?;
        Some(Self(Cow::Borrowed(facts.name)))
    }

    /// Returns what core knows of the platform.
    pub(crate) fn facts(&self) -> &'static PlatformFacts {
        platforms::facts(self.as_str())
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Platform({})", self.0)
    }
}

impl TryFrom<String> for Platform {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<Platform> for String {
    fn from(platform: Platform) -> Self {
        platform.0.into_owned()
    }
}
