//! Package names. Each ecosystem has its own grammar and normal form for them.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::ecosystem::Ecosystem;
use super::error::NameError;

/// A package's name. It is written in the registry's own spelling, and compared in the normal form of its ecosystem, so that two
/// names of one package are equal.
///
/// | ecosystem | grammar | normal form |
/// |---|---|---|
/// | `pypi` | PEP 508: ASCII letters, digits, `.`, `_`, `-`; alphanumeric at both ends | PEP 503: lower case, runs of `-_.` become one `-` |
/// | `cargo` | 1 to 64 ASCII letters, digits, `-`, `_`; a letter first | lower case, `-` becomes `_` |
/// | `npm` | `name` or `@scope/name`, URL-safe, at most 214 characters; legacy upper case is read | as given: npm names differ by case |
/// | `github` | a GitHub login, or `OWNER/NAME` for a package below one | lower case |
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
        let facts = ecosystem.facts();
        let normal = (facts.read_name)(text)
            .map_err(|rule| NameError::new(text, ecosystem.as_str(), rule))?;
        let is_written = facts.keeps_spelling && text != normal;
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
        let all = ["tokio-util", "tokio_util", "Tokio-Util"];
        let all = all.map(|text| PackageName::parse(&Ecosystem::CARGO, text).unwrap());
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
        for bad in ["", "_a", "a.b", &"a".repeat(40)] {
            assert_eq!(read(&Ecosystem::GITHUB, bad), None, "{bad}");
        }
    }

    #[test]
    fn names_below_a_github_account_have_two_segments() {
        for (text, normal) in [
            ("Acme/Server", "acme/server"),
            ("acme/.github", "acme/.github"),
            ("acme/a.b_c-d", "acme/a.b_c-d"),
        ] {
            assert_eq!(read(&Ecosystem::GITHUB, text), Some(normal.into()));
        }
        let long = format!("acme/{}", "a".repeat(101));
        for bad in [
            "acme/",
            "/server",
            "acme//server",
            "acme/server/x",
            "acme/.",
            "acme/..",
            "acme/---",
            "acme/server.git",
            "acme/server.GIT",
            "acme/a b",
            "_acme/server",
            "a.b/server",
            &long,
        ] {
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
