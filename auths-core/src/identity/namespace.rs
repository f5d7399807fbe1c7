//! A name in an ecosystem, written as a package URL.

use std::fmt;
use std::str::FromStr;

use crate::codes::{Invalid, Reason};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::text::cut;
use super::{Ecosystem, NameError, Origin, OriginError, PackageName};

/// The characters that a purl escapes. Letters, digits, `.`, `-`, `_`, `~` stay; `:` is never encoded.
const PURL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'_')
    .remove(b'~')
    .remove(b':');

/// The name that a DID may speak for: a package, project, crate or GitHub organisation, as a purl without a version.
///
/// Parsing accepts a purl (`pkg:npm/%40scope/name`) or the short form (`npm:@scope/name`), in any spelling that the ecosystem and
/// the purl specification allow. Display prints the one canonical purl, in the registry's own spelling of the name.
/// Deserialization accepts the canonical purl only. npm names keep their case, against the purl rule, which would merge different
/// packages. `pkg:github/acme` is this project's form for an account or organisation, and `pkg:github/acme/server` a package below
/// it ([`parent`](Self::parent)). A crate keeps its hyphens
/// (`pkg:cargo/tokio-util`), and equals the namespace written with underscores.
///
/// A `repository_url` qualifier names a server other than the ecosystem's public registry. A name on another server is another
/// namespace.
///
/// ```
/// use auths_core::Namespace;
///
/// let six: Namespace = "pypi:Six".parse()?;
/// assert_eq!(six.to_string(), "pkg:pypi/six");
/// assert_eq!(six.short(), "pypi:six");
/// let scoped: Namespace = "npm:@scope/name".parse()?;
/// assert_eq!(scoped.to_string(), "pkg:npm/%40scope/name");
/// let local: Namespace = "pkg:pypi/six?repository_url=http://127.0.0.1:8000".parse()?;
/// assert_ne!(local, six);
/// # Ok::<(), auths_core::NamespaceNameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Namespace {
    ecosystem: Ecosystem,
    name: PackageName,
    repository: Option<Origin>,
}

/// The error for a text that names no namespace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamespaceNameError {
    /// The text is neither `pkg:type/name` nor `type:name`.
    #[error("{text:?} names no namespace: write pkg:pypi/six or pypi:six")]
    Syntax {
        /// The input, cut to 120 characters.
        text: String,
    },
    /// The text has a version, a subpath or a qualifier other than `repository_url`. A namespace has none of them.
    #[error("{text:?} has a version, a subpath or an unknown qualifier; a namespace has none")]
    Extra {
        /// The input, cut to 120 characters.
        text: String,
    },
    /// The purl has an `@` before the name. In a purl, `@` begins a version; the `@` of a scope is written `%40`.
    #[error(
        "{text:?} has an `@` before the name, which begins a version in a purl: write {purl}, or {short}"
    )]
    BareScope {
        /// The input, cut to 120 characters.
        text: String,
        /// The correct purl.
        purl: String,
        /// The short form.
        short: String,
    },
    /// A signed or stored purl is not in its canonical spelling.
    #[error("{text:?} is not the canonical purl {canonical}")]
    NotCanonical {
        /// The input, cut to 120 characters.
        text: String,
        /// The canonical form.
        canonical: String,
    },
    /// The ecosystem does not allow the name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The `repository_url` is not an origin.
    #[error("the repository_url of the namespace is refused")]
    Origin(#[from] OriginError),
}

impl NamespaceNameError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadName.code()
    }

    fn syntax(text: &str) -> Self {
        Self::Syntax {
            text: cut(text, 120),
        }
    }

    fn extra(text: &str) -> Self {
        Self::Extra {
            text: cut(text, 120),
        }
    }
}

impl Namespace {
    /// Creates the namespace of `name` on the ecosystem's public registry.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, name: PackageName) -> Self {
        Self {
            ecosystem,
            name,
            repository: None,
        }
    }

    /// Reads `name` by the rules of `ecosystem`.
    ///
    /// # Errors
    /// [`NameError`] when the ecosystem does not allow the name.
    pub fn parse_name(ecosystem: Ecosystem, name: &str) -> Result<Self, NameError> {
        let name = PackageName::parse(&ecosystem, name)?;
        Ok(Self::new(ecosystem, name))
    }

    /// Sets the server (`None`: the public registry).
    #[must_use]
    pub fn at(mut self, repository: Option<Origin>) -> Self {
        self.repository = repository;
        self
    }

    /// Returns the ecosystem.
    #[must_use]
    pub fn ecosystem(&self) -> &Ecosystem {
        &self.ecosystem
    }

    /// Returns the name. It is compared in the ecosystem's normal form, and written in the registry's spelling.
    #[must_use]
    pub fn name(&self) -> &PackageName {
        &self.name
    }

    /// Returns the configured server, or `None` for the public registry.
    #[must_use]
    pub fn repository(&self) -> Option<&Origin> {
        self.repository.as_ref()
    }

    /// Returns whether the name lies in a scope, `@scope/name`, where an account's scope is its own.
    pub(crate) fn lies_in_scope(&self) -> bool {
        let accounts = self.ecosystem.facts().accounts.as_ref();
        accounts.is_some_and(|platform| platform.facts().has_own_scopes)
            && self.name.as_str().starts_with('@')
    }

    /// Returns the namespace with its name in normal form. Its text is equal where namespaces are equal, so it can be the key of a
    /// database. A name may have several spellings, and the registry's own is kept in claims.
    #[must_use]
    pub fn in_normal_form(&self) -> Self {
        Self {
            name: self.name.clone().into_normal(),
            ..self.clone()
        }
    }

    /// Returns whether `text`, as a publisher typed it into a release, names this package. The text may name the server or leave
    /// it out, since one release may be published to several servers.
    ///
    /// ```
    /// use auths_core::Namespace;
    ///
    /// let local: Namespace = "pkg:pypi/six?repository_url=http://127.0.0.1:8000".parse()?;
    /// assert!(local.is_named_by("pypi:six") && local.is_named_by(&local.to_string()));
    /// for other in ["six", "pypi:seven", "npm:six", "pkg:pypi/six?repository_url=https://elsewhere.example"] {
    ///     assert!(!local.is_named_by(other), "{other}");
    /// }
    /// # Ok::<(), auths_core::NamespaceNameError>(())
    /// ```
    #[must_use]
    pub fn is_named_by(&self, text: &str) -> bool {
        let read = text.parse::<Self>();
        read.is_ok_and(|named| named == *self || named == self.clone().at(None))
    }

    /// Returns the short form, `pypi:six`, followed by ` at <origin>` when the name is on a configured server.
    #[must_use]
    pub fn short(&self) -> String {
        match &self.repository {
            None => format!("{}:{}", self.ecosystem, self.name),
            Some(origin) => format!("{}:{} at {origin}", self.ecosystem, self.name),
        }
    }
}

impl FromStr for Namespace {
    type Err = NamespaceNameError;

    fn from_str(text: &str) -> Result<Self, NamespaceNameError> {
        if text.len() > 2_000 || text.bytes().any(|b| b.is_ascii_control()) {
            return Err(NamespaceNameError::syntax(text));
        }
        let (scheme, purl) = text
            .split_once(':')
            .ok_or_else(|| NamespaceNameError::syntax(text))?;
        if !scheme.eq_ignore_ascii_case("pkg") {
            let ecosystem = Ecosystem::new(scheme).map_err(|_| NamespaceNameError::syntax(text))?;
            return Ok(Self::parse_name(ecosystem, purl)?);
        }
        // A subpath, a version or a qualifier without a value is none (purl specification, "How to parse").
        let (purl, subpath) = purl.split_once('#').unwrap_or((purl, ""));
        let (path, qualifiers) = purl.split_once('?').unwrap_or((purl, ""));
        // Leading, trailing and repeated slashes are ignored.
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let ecosystem = parts
            .next()
            .ok_or_else(|| NamespaceNameError::syntax(text))?;
        let mut parts: Vec<&str> = parts.collect();
        if let Some(last) = parts.last_mut() {
            *last = last.strip_suffix('@').unwrap_or(last);
        }
        let url = repository_url(qualifiers).ok_or_else(|| NamespaceNameError::extra(text))?;
        let repository = match url.map(decode) {
            None => None,
            Some(None) => return Err(NamespaceNameError::syntax(text)),
            Some(Some(url)) => Some(url.parse()?),
        };
        if let Some(meant) = with_bare_scope(ecosystem, &parts) {
            let meant = meant.at(repository);
            return Err(NamespaceNameError::BareScope {
                text: cut(text, 120),
                purl: meant.to_string(),
                short: meant.short(),
            });
        }
        let has_subpath = subpath.split('/').any(|part| !part.is_empty());
        if has_subpath || parts.iter().any(|part| part.contains('@')) {
            return Err(NamespaceNameError::extra(text));
        }
        let ecosystem = Ecosystem::new(&ecosystem.to_ascii_lowercase())
            .map_err(|_| NamespaceNameError::syntax(text))?;
        let mut segments = Vec::new();
        for part in parts {
            let segment = decode(part).ok_or_else(|| NamespaceNameError::syntax(text))?;
            if segment.contains('/') {
                return Err(NamespaceNameError::syntax(text));
            }
            segments.push(segment);
        }
        Ok(Self::parse_name(ecosystem, &segments.join("/"))?.at(repository))
    }
}

/// Reads the one qualifier that a namespace may have; `None` where there is another one, or two of it. Keys are compared without
/// case, and a qualifier without a value is none.
fn repository_url(qualifiers: &str) -> Option<Option<&str>> {
    let mut found = None;
    for pair in qualifiers.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.is_empty() {
            continue;
        }
        let is_first = found.replace(value).is_none();
        if !is_first || !key.eq_ignore_ascii_case("repository_url") {
            return None;
        }
    }
    Some(found)
}

/// Returns the intended name where the first part of a purl's path begins with an unescaped `@` and no version follows: a scope,
/// as npm writes it.
fn with_bare_scope(ecosystem: &str, parts: &[&str]) -> Option<Namespace> {
    let scope = parts.first()?.strip_prefix('@')?;
    if scope.contains('@') || parts[1..].iter().any(|part| part.contains('@')) {
        return None;
    }
    let ecosystem = Ecosystem::new(&ecosystem.to_ascii_lowercase()).ok()?;
    Namespace::parse_name(ecosystem, &decode(&parts.join("/"))?).ok()
}

fn decode(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

impl TryFrom<String> for Namespace {
    type Error = NamespaceNameError;

    fn try_from(text: String) -> Result<Self, NamespaceNameError> {
        let namespace: Self = text.parse()?;
        let canonical = namespace.to_string();
        if canonical == text {
            Ok(namespace)
        } else {
            let text = cut(&text, 120);
            Err(NamespaceNameError::NotCanonical { text, canonical })
        }
    }
}

impl From<Namespace> for String {
    fn from(namespace: Namespace) -> Self {
        namespace.to_string()
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pkg:{}", self.ecosystem)?;
        for segment in self.name.as_written().split('/') {
            write!(f, "/{}", utf8_percent_encode(segment, PURL))?;
        }
        if let Some(origin) = &self.repository {
            write!(
                f,
                "?repository_url={}",
                utf8_percent_encode(&origin.to_string(), PURL)
            )?;
        }
        Ok(())
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Namespace({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn purls_round_trip(text in "(pypi|npm|cargo|github|golang):@?[A-Za-z0-9._/-]{1,30}") {
            if let Ok(namespace) = text.parse::<Namespace>() {
                let purl = namespace.to_string();
                prop_assert_eq!(purl.parse::<Namespace>().unwrap(), namespace.clone());
                prop_assert_eq!(Namespace::try_from(purl).unwrap(), namespace);
            }
        }

        #[test]
        fn reading_never_panics(text in "\\PC{0,60}") {
            let _ = text.parse::<Namespace>();
            let _ = format!("pkg:{text}").parse::<Namespace>();
        }
    }

    #[test]
    fn one_namespace_one_signed_spelling() {
        for text in [
            "pypi:six",
            "pkg:pypi/Six",
            "pkg:PyPI/six",
            "pkg:pypi/s%69x",
            "pkg://pypi/six",
        ] {
            let namespace: Namespace = text.parse().unwrap();
            assert_eq!(namespace.to_string(), "pkg:pypi/six", "{text}");
            assert!(Namespace::try_from(text.to_owned()).is_err(), "{text}");
        }
    }

    /// The purl specification: the scheme and the type are of any case, and empty segments say nothing.
    #[test]
    fn every_spelling_that_the_purl_specification_allows_is_one_name() {
        for text in [
            "pkg:npm/left",
            "PKG:npm/left",
            "Pkg:npm/left",
            "pkg:NPM/left",
            "pkg:npm/left/",
            "pkg:npm/left//",
            "pkg:npm//left",
            "pkg:/npm/left",
            "pkg:///npm///left///",
            "pkg:npm/left?",
            "pkg:npm/left#",
            "pkg:npm/left#/",
            "pkg:npm/left@",
            "pkg:npm/left?vcs_url=&repository_url=",
        ] {
            let namespace: Namespace = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(namespace.to_string(), "pkg:npm/left", "{text}");
        }
        for text in ["pkg:npm/%40scope/name/", "PKG:npm//%40scope//name"] {
            let namespace: Namespace = text.parse().unwrap();
            assert_eq!(namespace.short(), "npm:@scope/name", "{text}");
        }
        for text in [
            "pkg:npm/left/?repository_url=https://npm.example",
            "pkg:npm/left?REPOSITORY_URL=https://npm.example&",
        ] {
            let at: Namespace = text.parse().unwrap();
            assert_eq!(at.short(), "npm:left at https://npm.example", "{text}");
        }
        for text in [
            "pkg:npm/left#lib",
            "pkg:npm/left?vcs_url=x",
            "pkg:npm/left?repository_url=https://a.example&repository_url=https://b.example",
        ] {
            let error = text.parse::<Namespace>().unwrap_err();
            assert!(matches!(error, NamespaceNameError::Extra { .. }), "{error}");
        }
    }

    #[test]
    fn a_bare_at_of_a_scope_is_refused_for_what_it_is() {
        for text in ["pkg:npm/@scope/name", "PKG:npm//@scope/name/"] {
            let error = text.parse::<Namespace>().unwrap_err().to_string();
            for part in ["%40scope/name", "npm:@scope/name", "begins a version"] {
                assert!(error.contains(part), "{error}");
            }
        }
        let error = "pkg:npm/@scope%2Fname?repository_url=https://npm.example";
        let error = error.parse::<Namespace>().unwrap_err().to_string();
        assert!(
            error.contains("npm:@scope/name at https://npm.example"),
            "{error}"
        );
        // A version is one.
        for text in [
            "pkg:npm/%40scope/name@1.0",
            "pkg:npm/@scope/name@1.0",
            "pkg:npm/left@1",
        ] {
            let error = text.parse::<Namespace>().unwrap_err();
            assert!(matches!(error, NamespaceNameError::Extra { .. }), "{error}");
        }
    }

    #[test]
    fn a_crate_keeps_its_hyphen_and_claims_of_either_spelling_are_read() {
        let hyphen: Namespace = "cargo:tokio-util".parse().unwrap();
        assert_eq!(hyphen.to_string(), "pkg:cargo/tokio-util");
        assert_eq!(hyphen.short(), "cargo:tokio-util");
        for purl in ["pkg:cargo/tokio-util", "pkg:cargo/tokio_util"] {
            let read = Namespace::try_from(purl.to_owned()).unwrap();
            assert_eq!(read, hyphen);
            assert_eq!(read.to_string(), purl, "signed bytes are kept");
            assert_eq!(read.in_normal_form().to_string(), "pkg:cargo/tokio_util");
        }
    }

    #[test]
    fn refuses_versions_subpaths_and_tricks() {
        for text in [
            "pkg:pypi/six@1.0",
            "pkg:pypi/six#sub",
            "pkg:pypi/six?vcs_url=x",
            "pkg:pypi/six?repository_url=http://example.com",
            "pkg:pypi/six?repository_url=https://a.example&checksum=x",
            "pkg:pypi/a%2Fb",
            "pkg:npm/%40a%2Fb",
            "pkg:pypi/",
            "pkg:pypi",
            "pkg:/six",
            "pypi",
            "pypi:",
            "pypi:six\n",
            "",
        ] {
            assert!(text.parse::<Namespace>().is_err(), "{text}");
        }
    }

    /// Found by fuzzing: `pkg:pkg/e` was the namespace `e` of an ecosystem `pkg`, and its short form `pkg:e` no namespace.
    #[test]
    fn no_ecosystem_is_called_like_the_scheme_of_purls() {
        for text in ["pkg:pkg/e", "pkg:PKG/e", "pkg:e"] {
            assert!(text.parse::<Namespace>().is_err(), "{text}");
        }
        assert!(Ecosystem::new("pkg").is_err());
        assert_eq!("pkgs:e".parse::<Namespace>().unwrap().short(), "pkgs:e");
    }

    #[test]
    fn a_configured_origin_is_another_namespace() {
        let local: Namespace = "pkg:pypi/six?repository_url=http:%2F%2F127.0.0.1:8000"
            .parse()
            .unwrap();
        assert_eq!(
            local.to_string(),
            "pkg:pypi/six?repository_url=http:%2F%2F127.0.0.1:8000"
        );
        assert_eq!(local.short(), "pypi:six at http://127.0.0.1:8000");
    }
}
