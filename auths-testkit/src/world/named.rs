//! Names of projects: a name in the present registry, or a namespace.

use auths_core::identity::Namespace;

/// A project that a move or question is about.
///
/// A bare name refers to the registry of the credential that the move is made with (a GitHub session publishes crates). Without a
/// credential it refers to the world's [home](super::World::ecosystem).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Named<'a> {
    /// The project's name, in any spelling.
    Here(&'a str),
    /// The project's namespace. A `repository_url` in it is ignored.
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
