//! Naming a project: by its name in the registry at hand, or by its namespace.

use crate::identity::Namespace;

/// A project that a move or question is about.
///
/// A bare name means the registry of the credential that the move is made with (a GitHub session publishes crates), and
/// the world's [home](super::World::ecosystem) where there is no credential.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Named<'a> {
    /// By its name, in any spelling.
    Here(&'a str),
    /// By its namespace; a `repository_url` in it is not looked at.
    Namespace(&'a Namespace),
}

impl<'a> From<&'a str> for Named<'a> {
    fn from(name: &'a str) -> Self {
        Self::Here(name)
    }
}

impl<'a> From<&'a String> for Named<'a> {
    fn from(name: &'a String) -> Self {
        Self::Here(name)
    }
}

impl<'a> From<&'a Namespace> for Named<'a> {
    fn from(namespace: &'a Namespace) -> Self {
        Self::Namespace(namespace)
    }
}
