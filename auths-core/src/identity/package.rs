//! Ecosystems and package names. Each ecosystem has its own grammar and normal form for names.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::reason::{Invalid, Reason};
use serde::{Deserialize, Serialize};

use super::text::{cut, is_slug, is_word};

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

/// The error for a name that its ecosystem or platform does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a name in {ecosystem}: {rule}")]
#[non_exhaustive]
pub struct NameError {
    /// The input, cut to 80 characters.
    pub text: String,
    /// The ecosystem or platform whose rule was broken.
    pub ecosystem: String,
    /// The rule, in words.
    pub rule: &'static str,
}

impl NameError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }

    pub(crate) fn new(text: &str, ecosystem: &str, rule: &'static str) -> Self {
        Self {
            text: cut(text, 80),
            ecosystem: ecosystem.to_owned(),
            rule,
        }
    }
}

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

/// A package's name. It is written in the registry's own spelling, and compared in the normal form of its ecosystem, so that two
/// names of one package are equal.
///
/// | ecosystem | grammar | normal form |
/// |---|---|---|
/// | `pypi` | PEP 508: ASCII letters, digits, `.`, `_`, `-`; alphanumeric at both ends | PEP 503: lower case, runs of `-_.` become one `-` |
/// | `cargo` | 1 to 64 ASCII letters, digits, `-`, `_`; a letter first | lower case, `-` becomes `_` |
/// | `npm` | `name` or `@scope/name`, URL-safe, at most 214 characters; legacy upper case is read | as given: npm names differ by case |
/// | `github` | a GitHub login | lower case |
/// | any other | URL-safe segments divided by `/` | as given |
///
/// ```
/// use auths_core::{Ecosystem, PackageName};
///
/// let name = PackageName::parse(&Ecosystem::PYPI, "Ruamel.Yaml__Clib")?;
/// assert_eq!(name.as_str(), "ruamel-yaml-clib");
/// assert!(PackageName::parse(&Ecosystem::PYPI, "../evil").is_err());
///
/// // On crates.io a hyphen belongs to the name, and no other crate may differ in it alone.
/// let krate = PackageName::parse(&Ecosystem::CARGO, "tokio-util")?;
/// assert_eq!(krate, PackageName::parse(&Ecosystem::CARGO, "tokio_util")?);
/// assert_eq!((krate.as_written(), krate.as_str()), ("tokio-util", "tokio_util"));
/// # Ok::<(), auths_core::NameError>(())
/// ```
#[derive(Clone)]
pub struct PackageName {
    normal: Box<str>,
    /// The registry's own spelling, where it differs from the normal form.
    written: Option<Box<str>>,
}

impl PackageName {
    /// Reads a name by the rules of `ecosystem`, and normalises it.
    ///
    /// # Errors
    /// [`NameError`] with the rule that was broken.
    pub fn parse(ecosystem: &Ecosystem, text: &str) -> Result<Self, NameError> {
        let read = match ecosystem.as_str() {
            "pypi" => pypi(text),
            "cargo" => cargo(text),
            "npm" => npm(text),
            "github" => github(text),
            _ => generic(text),
        };
        let normal = read.map_err(|rule| NameError::new(text, ecosystem.as_str(), rule))?;
        // In all other ecosystems the normal form is the registry's own spelling: PEP 503 on PyPI, the name itself on npm.
        let is_written = *ecosystem == Ecosystem::CARGO && text != normal;
        Ok(Self {
            normal: normal.into(),
            written: is_written.then(|| text.into()),
        })
    }

    /// Returns the name in normal form. Comparisons and the keys of records use this form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.normal
    }

    /// Returns the name for display, for signing and for requests. Where the registry has its own spelling (crates.io), this is
    /// the spelling of the input; otherwise it is the normal form.
    #[must_use]
    pub fn as_written(&self) -> &str {
        self.written.as_deref().unwrap_or(&self.normal)
    }

    /// Returns the name in normal form only, without the registry's spelling.
    pub(crate) fn into_normal(mut self) -> Self {
        self.written = None;
        self
    }
}

impl PartialEq for PackageName {
    fn eq(&self, other: &Self) -> bool {
        self.normal == other.normal
    }
}

impl Eq for PackageName {}

impl PartialOrd for PackageName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PackageName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.normal.cmp(&other.normal)
    }
}

impl Hash for PackageName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.normal.hash(state);
    }
}

impl fmt::Display for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_written())
    }
}

impl fmt::Debug for PackageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackageName({})", self.as_written())
    }
}

type Read = Result<String, &'static str>;

fn pypi(text: &str) -> Read {
    if text.len() > 200 || !is_word(text, b"._-") {
        return Err(
            "ASCII letters, digits, '.', '_' and '-', with a letter or digit at both ends (PEP 508)",
        );
    }
    let mut name = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '.' | '_' | '-' if name.ends_with('-') => {}
            '.' | '_' | '-' => name.push('-'),
            c => name.push(c.to_ascii_lowercase()),
        }
    }
    Ok(name)
}

fn cargo(text: &str) -> Read {
    let ok = text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if ok {
        Ok(text.to_ascii_lowercase().replace('-', "_"))
    } else {
        Err("1 to 64 ASCII letters, digits, '-' and '_', starting with a letter")
    }
}

fn npm(text: &str) -> Read {
    let (scope, name) = match text.strip_prefix('@') {
        Some(rest) => rest.split_once('/').ok_or("a scoped name is @scope/name")?,
        None => ("scope", text),
    };
    let url_safe = |s: &str| {
        !s.is_empty()
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&b))
    };
    let scoped = text.starts_with('@');
    // npm no longer accepts new names that begin with a hyphen, but old packages have them, such as `-`.
    let starts_ok = !name.starts_with('.') && (scoped || !name.starts_with('_'));
    let reserved = matches!(
        text.to_ascii_lowercase().as_str(),
        "node_modules" | "favicon.ico"
    );
    if text.len() <= 214
        && url_safe(scope)
        && !scope.starts_with('.')
        && url_safe(name)
        && starts_ok
        && !reserved
    {
        Ok(text.to_owned())
    } else {
        Err(
            "URL-safe ASCII, at most 214 characters, not starting with '.' or '_', as name or @scope/name",
        )
    }
}

/// Reads a GitHub login. Reading is lenient (older logins break today's sign-up rules); comparison is strict.
pub(crate) fn github(text: &str) -> Read {
    let ok = (1..=39).contains(&text.len())
        && !text.starts_with('_')
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if ok {
        Ok(text.to_ascii_lowercase())
    } else {
        Err("1 to 39 ASCII letters, digits, '-' and '_', not starting with '_'")
    }
}

fn generic(text: &str) -> Read {
    let segment_ok = |s: &str| {
        !matches!(s, "" | "." | "..")
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b))
    };
    if text.len() <= 214 && text.split('/').count() <= 8 && text.split('/').all(segment_ok) {
        Ok(text.to_owned())
    } else {
        Err("URL-safe ASCII segments divided by '/', at most 214 characters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(ecosystem: &Ecosystem, text: &str) -> Option<String> {
        PackageName::parse(ecosystem, text)
            .ok()
            .map(|n| n.as_str().to_owned())
    }

    proptest! {
        #[test]
        fn normal_forms_are_idempotent(text in "@?[A-Za-z0-9._~/-]{1,40}") {
            for ecosystem in [Ecosystem::PYPI, Ecosystem::CARGO, Ecosystem::NPM, Ecosystem::GITHUB, Ecosystem::new("golang").unwrap()] {
                if let Some(once) = read(&ecosystem, &text) {
                    prop_assert_eq!(read(&ecosystem, &once), Some(once.clone()));
                }
            }
        }

        #[test]
        fn only_ascii_is_a_name(text in "\\PC{1,20}") {
            for ecosystem in [Ecosystem::PYPI, Ecosystem::CARGO, Ecosystem::NPM, Ecosystem::GITHUB, Ecosystem::new("golang").unwrap()] {
                if PackageName::parse(&ecosystem, &text).is_ok() {
                    prop_assert!(text.is_ascii() && !text.contains(['?', '#', '%', ' ', '\\']));
                }
            }
        }
    }

    #[test]
    fn pypi_names_follow_pep_503() {
        assert_eq!(
            read(&Ecosystem::PYPI, "Flask-._SQLAlchemy"),
            Some("flask-sqlalchemy".into())
        );
        for bad in ["", "-six", "six-", "a b", "a/b", "six?", "naïve", "a\nb"] {
            assert_eq!(read(&Ecosystem::PYPI, bad), None, "{bad}");
        }
    }

    #[test]
    fn crates_fold_case_and_hyphen() {
        assert_eq!(
            read(&Ecosystem::CARGO, "Tokio-Util"),
            Some("tokio_util".into())
        );
        for bad in ["", "1a", "_a", "serde/owners#", "a.b", &"a".repeat(65)] {
            assert_eq!(read(&Ecosystem::CARGO, bad), None, "{bad}");
        }
    }

    #[test]
    fn a_crate_is_shown_as_it_is_written_and_is_one_crate_in_every_spelling() {
        let name = |text: &str| PackageName::parse(&Ecosystem::CARGO, text).unwrap();
        let all = ["tokio-util", "tokio_util", "Tokio-Util"].map(name);
        for one in &all {
            assert_eq!(*one, all[0]);
            assert_eq!(one.cmp(&all[0]), Ordering::Equal);
            assert_eq!(one.as_str(), "tokio_util");
        }
        assert_eq!(
            all.iter().collect::<std::collections::HashSet<_>>().len(),
            1
        );
        let written = all.map(|name| name.to_string());
        assert_eq!(written, ["tokio-util", "tokio_util", "Tokio-Util"]);
        let six = PackageName::parse(&Ecosystem::PYPI, "Six").unwrap();
        assert_eq!(six.as_written(), "six");
    }

    #[test]
    fn npm_names_keep_their_case() {
        assert_ne!(
            read(&Ecosystem::NPM, "JSONStream"),
            read(&Ecosystem::NPM, "jsonstream")
        );
        assert_eq!(
            read(&Ecosystem::NPM, "@scope/name"),
            Some("@scope/name".into())
        );
        for bad in [
            "",
            ".a",
            "_a",
            "@scope",
            "@/a",
            "@a/",
            "@a/.b",
            "@a/b/c",
            "@../b",
            "a/b",
            "node_modules",
            "a%2fb",
        ] {
            assert_eq!(read(&Ecosystem::NPM, bad), None, "{bad}");
        }
    }

    #[test]
    fn old_names_that_begin_with_a_hyphen_are_read() {
        for name in ["-", "-a", "--a", "-a-", "a-", "a--b"] {
            for ecosystem in [Ecosystem::NPM, Ecosystem::GITHUB] {
                assert_eq!(read(&ecosystem, name), Some(name.into()), "{ecosystem}");
            }
        }
        assert_eq!(read(&Ecosystem::NPM, "@-/-"), Some("@-/-".into()));
    }

    #[test]
    fn github_logins_fold_case_and_allow_enterprise_underscores() {
        assert_eq!(
            read(&Ecosystem::GITHUB, "Mona_corp"),
            Some("mona_corp".into())
        );
        for bad in ["", "_a", "a/b", "a.b", &"a".repeat(40)] {
            assert_eq!(read(&Ecosystem::GITHUB, bad), None, "{bad}");
        }
    }

    #[test]
    fn other_ecosystems_have_a_conservative_grammar() {
        let go = Ecosystem::new("golang").unwrap();
        assert!(read(&go, "example.com/a/b").is_some());
        for bad in ["", "a//b", "../a", "a/..", "a?b", "/a"] {
            assert_eq!(read(&go, bad), None, "{bad}");
        }
    }
}
