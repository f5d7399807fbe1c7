//! What a publisher types into a release.

use std::collections::BTreeSet;

use crate::evidence::{NamedAccount, SourceRepository};
use crate::identity::{Account, Did, Namespace};

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
    /// The account that each of them speaks for, where the statement says so: an account statement.
    pub account: Option<Account>,
}

impl Metadata {
    /// Metadata that says nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, with a statement that names `dids` for `namespace`. The server of `namespace` is not said.
    #[must_use]
    pub fn naming(self, dids: impl IntoIterator<Item = Did>, namespace: &Namespace) -> Self {
        self.saying(dids, namespace, None)
    }

    /// The same, with an account statement: `did` is named for `namespace`, and speaks for `account`. The servers of both are
    /// not said.
    #[must_use]
    pub fn speaking_for(self, did: Did, namespace: &Namespace, account: &Account) -> Self {
        let bare = Account::new(account.platform().clone(), account.login().clone());
        self.saying([did], namespace, Some(bare))
    }

    fn saying(
        mut self,
        dids: impl IntoIterator<Item = Did>,
        namespace: &Namespace,
        account: Option<Account>,
    ) -> Self {
        self.statements.push(Naming {
            dids: dids.into_iter().collect(),
            namespace: namespace.clone().at(None),
            account,
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
        let for_it = self.statements_for(namespace);
        for_it.flat_map(|s| s.dids.iter().cloned()).collect()
    }

    /// The accounts that it names in account statements of `namespace`, on the server of that.
    #[must_use]
    pub fn accounts_for(&self, namespace: &Namespace) -> BTreeSet<NamedAccount> {
        let named = |naming: &Naming| {
            let account = naming.account.clone()?.at(namespace.repository().cloned());
            let each = naming.dids.iter().cloned();
            Some(
                each.map(|did| NamedAccount::new(did, account.clone()))
                    .collect::<Vec<_>>(),
            )
        };
        let for_it = self.statements_for(namespace);
        for_it.filter_map(named).flatten().collect()
    }

    fn statements_for(&self, namespace: &Namespace) -> impl Iterator<Item = &Naming> {
        let asked = namespace.clone().at(None);
        let all = self.statements.iter();
        all.filter(move |naming| naming.namespace == asked)
    }
}
