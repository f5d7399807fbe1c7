//! Names that lie below another name: packages of an organisation.

use std::collections::BTreeSet;

use super::{Namespace, PackageName};

impl Namespace {
    /// Returns the organisation or account that the name lies below: `github:acme` for `github:acme/server`. `None` for every name
    /// that lies below no other.
    ///
    /// ```
    /// use auths_core::Namespace;
    ///
    /// let server: Namespace = "pkg:github/Acme/Server".parse()?;
    /// assert_eq!(server.parent(), Some("github:acme".parse()?));
    /// for top in ["github:acme", "npm:@acme/server", "pkg:golang/acme/server"] {
    ///     assert_eq!(top.parse::<Namespace>()?.parent(), None);
    /// }
    /// # Ok::<(), auths_core::NamespaceNameError>(())
    /// ```
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if !self.ecosystem().facts().names_organizations {
            return None;
        }
        let (owner, _) = self.name().as_str().split_once('/')?;
        let owner = PackageName::parse(self.ecosystem(), owner).ok()?;
        let parent = Self::new(self.ecosystem().clone(), owner);
        Some(parent.at(self.repository().cloned()))
    }

    /// Returns whether this is `other`, or the organisation that `other` lies below. Names are compared segment by segment, in their
    /// normal form, on one server.
    ///
    /// ```
    /// use auths_core::Namespace;
    ///
    /// let acme: Namespace = "github:acme".parse()?;
    /// assert!(acme.includes(&acme) && acme.includes(&"github:ACME/server".parse()?));
    /// assert!(!acme.includes(&"github:acme-corp/server".parse()?));
    /// # Ok::<(), auths_core::NamespaceNameError>(())
    /// ```
    #[must_use]
    pub fn includes(&self, other: &Self) -> bool {
        self == other || other.parent().as_ref() == Some(self)
    }

    /// Returns whether one of `names` [includes](Self::includes) this one.
    pub(crate) fn is_within(&self, names: &BTreeSet<Self>) -> bool {
        let contains = |parent: &Self| names.contains(parent);
        names.contains(self) || self.parent().as_ref().is_some_and(contains)
    }

    /// Returns whether the name is that of an organisation or account itself.
    pub(crate) fn is_organization(&self) -> bool {
        self.ecosystem().facts().names_organizations && !self.name().as_str().contains('/')
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Subject;

    fn named(text: &str) -> Namespace {
        text.parse().unwrap()
    }

    #[test]
    fn a_parent_includes_what_lies_below_it_and_nothing_else() {
        let acme = named("github:acme");
        for inside in ["github:acme", "github:acme/server", "github:Acme/.github"] {
            assert!(acme.includes(&named(inside)), "{inside}");
            assert!(named(inside).is_within(&BTreeSet::from([acme.clone()])));
        }
        for outside in [
            "github:acme-corp",
            "github:acme-corp/server",
            "github:acm/e-server",
            "github:other/acme",
            "npm:acme",
            "pkg:github/acme?repository_url=https://ghes.example",
            "pkg:github/acme/server?repository_url=https://ghes.example",
        ] {
            assert!(!acme.includes(&named(outside)), "{outside}");
            assert!(!named(outside).is_within(&BTreeSet::from([acme.clone()])));
        }
        assert!(!named("github:acme/server").includes(&acme));
    }

    #[test]
    fn a_parent_is_on_the_same_server() {
        let below = named("pkg:github/acme/server?repository_url=https://ghes.example");
        let parent = named("pkg:github/acme?repository_url=https://ghes.example");
        assert_eq!(below.parent(), Some(parent));
        assert_eq!(
            below.to_string(),
            "pkg:github/acme/server?repository_url=https:%2F%2Fghes.example"
        );
    }

    #[test]
    fn a_name_below_an_organisation_is_a_package() {
        let of = |text| Subject::of_namespace(&named(text));
        assert!(matches!(of("github:acme"), Subject::Organization(_)));
        assert!(matches!(of("github:acme/server"), Subject::Package(_)));
    }
}
