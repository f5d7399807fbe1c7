//! Platforms: the services that accounts belong to.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::is_slug;
use super::{Ecosystem, NameError};

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

    /// Returns the platform whose accounts core knows to be proved by a package of this ecosystem that was made for it.
    #[must_use]
    pub fn proved_by_packages_of(ecosystem: &Ecosystem) -> Option<Self> {
        let known = [(Ecosystem::NPM, Self::NPM), (Ecosystem::PYPI, Self::PYPI)];
        let found = known.into_iter().find(|(known, _)| known == ecosystem);
        found.map(|(_, platform)| platform)
    }

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
        match self.as_str() {
            "github" => StableIds::Always,
            "npm" | "pypi" => StableIds::Never,
            _ => StableIds::AsShown,
        }
    }
}

/// The knowledge whether the accounts of a platform have public stable ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StableIds {
    /// Every account has a stable id (GitHub). A bare login is a name that may have changed hands.
    Always,
    /// No account has a stable id (npm, PyPI). The login is the only identifier.
    Never,
    /// Core does not know the platform. An account is identified by its id where the adapter gives one, else by its login.
    ///
    /// A listing by bare names is treated as a listing by *recyclable* names, unless the adapter says that the platform has only
    /// names: [`ListedAccount::by_only_name`](crate::evidence::ListedAccount::by_only_name).
    AsShown,
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
