//! Ecosystems: the families of packages that are named by one rule.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ecosystems::{self, EcosystemFacts};
use super::error::NameError;
use super::platform::Platform;
use super::text::is_slug;

/// A family of packages with one naming rule, written as the purl type: `cargo`, `npm`, `pypi`, `github`.
///
/// The set is open: an adapter for another ecosystem creates its own with [`Ecosystem::new`].
///
/// ```
/// use auths_core::Ecosystem;
/// assert_eq!(Ecosystem::new("pypi")?, Ecosystem::PYPI);
/// assert!(Ecosystem::new("Py Pi").is_err());
/// # Ok::<(), auths_core::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ecosystem(Cow<'static, str>);

impl Ecosystem {
    /// Rust crates on crates.io.
    pub const CARGO: Self = Self(Cow::Borrowed("cargo"));
    /// npm packages.
    pub const NPM: Self = Self(Cow::Borrowed("npm"));
    /// PyPI projects.
    pub const PYPI: Self = Self(Cow::Borrowed("pypi"));
    /// GitHub organisations and personal accounts.
    pub const GITHUB: Self = Self(Cow::Borrowed("github"));

    /// Creates an ecosystem from its purl type: lower-case letters, digits and hyphens. The type `pkg` is not allowed, because
    /// the short form of a name in it would be read as a purl.
    ///
    /// # Errors
    /// [`NameError`] for anything else.
    pub fn new(name: &str) -> Result<Self, NameError> {
        if is_slug(name) && name != "pkg" {
            Ok(Self(Cow::Owned(name.to_owned())))
        } else {
            let rule =
                "an ecosystem is a purl type: lower-case letters, digits and hyphens, but not pkg";
            Err(NameError::new(name, "purl", rule))
        }
    }

    /// Creates an ecosystem for a `static` of an adapter. In a `static`, an invalid name does not compile.
    ///
    /// ```
    /// use auths_core::Ecosystem;
    ///
    /// static SHELF: Ecosystem = Ecosystem::from_static("shelf");
    /// assert_eq!(SHELF.as_str(), "shelf");
    /// ```
    ///
    /// ```compile_fail,E0080
    /// static PKG: auths_core::Ecosystem = auths_core::Ecosystem::from_static("pkg");
    /// ```
    ///
    /// # Panics
    /// When [`Ecosystem::new`] would refuse the name.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        let is_pkg = matches!(name.as_bytes(), b"pkg");
        assert!(is_slug(name) && !is_pkg, "this is no purl type");
        Self(Cow::Borrowed(name))
    }

    /// Returns the purl type.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what core knows of the ecosystem.
    pub(crate) fn facts(&self) -> &'static EcosystemFacts {
        ecosystems::facts(self.as_str())
    }

    /// Returns the platform of the accounts that a package of this ecosystem, made for it, can prove. Returns `None` where core
    /// knows of none.
    #[must_use]
    pub fn accounts_with_statements(&self) -> Option<Platform> {
        let facts = self.facts();
        facts
            .accounts
            .clone()
            .filter(|_| facts.has_account_statements)
    }

    /// Returns whether accounts of `platform` are accounts of the ecosystem's own registry. Such a registry has one name, as an
    /// ecosystem and as a platform.
    pub(crate) fn has_own_accounts_on(&self, platform: &Platform) -> bool {
        self.as_str() == platform.as_str()
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ecosystem({})", self.0)
    }
}

impl FromStr for Ecosystem {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Ecosystem {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(&text)
    }
}

impl From<Ecosystem> for String {
    fn from(ecosystem: Ecosystem) -> Self {
        ecosystem.0.into_owned()
    }
}
