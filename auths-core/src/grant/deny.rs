//! The names that nobody may act for here.

use std::collections::BTreeSet;
use std::str::FromStr;

use crate::identity::{Namespace, NamespaceNameError};
use crate::reason::{Invalid, Reason, Refuted, RefutedReason};

/// The names that whoever runs a front end lets nobody act for, whatever was decided: a list of namespaces. An organisation in it
/// stands for every name below it too.
///
/// As text it has one name a line, as a purl or in its short form. Empty lines and lines that begin with `#` say nothing; every other
/// line must be a name, without white space around it. The default denies nothing.
///
/// A name of the list is denied on the server that it names: `pypi:six` says nothing of a `six` on a configured origin. Write a name of
/// a public registry without a server: that is the form in which names are decided about.
///
/// ```
/// use auths_core::grant::DenyList;
///
/// let list: DenyList = "# squatted before\npypi:six\n\npkg:github/acme\n".parse()?;
/// assert!(list.check(&"pypi:Six".parse()?).is_err());
/// assert!(list.check(&"github:acme/server".parse()?).is_err());
/// assert!(list.check(&"github:acme-corp/server".parse()?).is_ok());
/// assert_eq!("pypi:six\nsix".parse::<DenyList>().unwrap_err().line, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DenyList(BTreeSet<Namespace>);

/// The error for a line of a deny list that is no name. The whole list is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the deny list is no name")]
#[non_exhaustive]
pub struct DenyListError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub source: NamespaceNameError,
}

impl DenyListError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadDenyList.code()
    }
}

impl DenyList {
    /// Returns the names, in their order.
    pub fn names(&self) -> impl Iterator<Item = &Namespace> {
        self.0.iter()
    }

    /// Checks that a name may be acted for.
    ///
    /// # Errors
    /// [`RefutedReason::NameDenied`] where the list names it, or the organisation that it lies below.
    pub fn check(&self, namespace: &Namespace) -> Result<(), Refuted> {
        let name = namespace.short();
        if self.0.contains(namespace) {
            let detail = format!("{name} is on the deny list");
            return Err(Refuted::new(RefutedReason::NameDenied, detail));
        }
        match namespace.parent() {
            Some(parent) if self.0.contains(&parent) => {
                let detail = format!("{name} lies below {}, on the deny list", parent.short());
                Err(Refuted::new(RefutedReason::NameDenied, detail))
            }
            _ => Ok(()),
        }
    }
}

impl FromIterator<Namespace> for DenyList {
    fn from_iter<I: IntoIterator<Item = Namespace>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

impl FromStr for DenyList {
    type Err = DenyListError;

    fn from_str(text: &str) -> Result<Self, DenyListError> {
        let mut names = BTreeSet::new();
        for (line, text) in (1..).zip(text.lines()) {
            if text.is_empty() || text.starts_with('#') {
                continue;
            }
            let name = text.parse();
            names.insert(name.map_err(|source| DenyListError { line, source })?);
        }
        Ok(Self(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<DenyList, usize> {
        text.parse().map_err(|e: DenyListError| e.line)
    }

    #[test]
    fn a_line_that_is_no_name_refuses_the_list() {
        assert_eq!(list("").unwrap(), DenyList::default());
        assert_eq!(list("pypi:six\r\n#x\n"), list("pkg:pypi/Six"));
        for (text, line) in [
            ("six", 1),
            (" pypi:six", 1),
            ("pypi:six ", 1),
            ("pypi:six # why", 1),
            (" ", 1),
            ("pypi:six\n\n # no comment", 3),
            ("pypi:*", 1),
            ("github:acme/*", 1),
            ("\u{feff}pypi:six", 1),
            ("pypi:six\r\rpypi:sax", 1),
            ("pkg:pypi/six@1.0", 1),
        ] {
            assert_eq!(list(text), Err(line), "{text:?}");
        }
    }

    #[test]
    fn what_is_denied_is_denied_segment_by_segment_and_on_its_server() {
        let list = list("github:acme\ngithub:other/one\ncargo:tokio-util").unwrap();
        for (name, denied) in [
            ("github:Acme", true),
            ("github:acme/any", true),
            ("github:acme2/any", false),
            ("github:other", false),
            ("github:other/one", true),
            ("github:other/one2", false),
            ("cargo:tokio_util", true),
            ("npm:acme", false),
            ("pkg:github/acme?repository_url=https://ghes.example", false),
        ] {
            let found = list.check(&name.parse().unwrap());
            assert_eq!(found.is_err(), denied, "{name}");
            if let Err(refuted) = found {
                assert_eq!(refuted.reason, RefutedReason::NameDenied);
            }
        }
    }
}
