//! What a publisher types into a release.

use std::collections::BTreeSet;

use crate::evidence::SourceRepository;
use crate::identity::{Did, Namespace};

/// The metadata of a release, as far as it matters: the statements in it, and the source repository.
///
/// How an ecosystem spells them is its adapter's matter.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    statements: Vec<Naming>,
    repository: Option<SourceRepository>,
}

/// One statement: these DIDs, for this namespace. In copied metadata it is another package's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Naming {
    /// Whom it names.
    pub dids: BTreeSet<Did>,
    /// For what, on whichever server.
    pub namespace: Namespace,
}

impl Metadata {
    /// Metadata that says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with a statement that names `dids` for `namespace`. The server of `namespace` is not said.
    #[must_use]
    pub fn naming(mut self, dids: impl IntoIterator<Item = Did>, namespace: &Namespace) -> Self {
        self.statements.push(Naming {
            dids: dids.into_iter().collect(),
            namespace: namespace.clone().at(None),
        });
        self
    }

    /// The same, with this source repository.
    #[must_use]
    pub fn from_repository(mut self, repository: SourceRepository) -> Self {
        self.repository = Some(repository);
        self
    }

    /// The statements, in the order in which they were typed.
    #[must_use]
    pub fn statements(&self) -> &[Naming] {
        &self.statements
    }

    /// The source repository.
    #[must_use]
    pub fn repository(&self) -> Option<&SourceRepository> {
        self.repository.as_ref()
    }

    /// The DIDs that it names for `namespace`.
    #[must_use]
    pub fn dids_for(&self, namespace: &Namespace) -> BTreeSet<Did> {
        let asked = namespace.clone().at(None);
        let for_it = self.statements.iter().filter(|s| s.namespace == asked);
        for_it.flat_map(|s| s.dids.iter().cloned()).collect()
    }
}
