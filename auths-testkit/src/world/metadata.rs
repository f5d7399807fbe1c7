//! The metadata that a publisher types into a release.

use std::collections::BTreeSet;

use auths_core::evidence::{NamedAccount, SourceRepository};
use auths_core::identity::{Account, Did, Namespace};

/// The relevant metadata of a release: its statements, and the source repository.
///
/// The adapter of each ecosystem knows how they are spelled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata {
    statements: Vec<Naming>,
    repository: Option<SourceRepository>,
}

/// One statement that names DIDs for a namespace. In copied metadata the namespace is another package's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Naming {
    /// The DIDs that it names.
    pub dids: BTreeSet<Did>,
    /// The namespace that they are named for, on any server.
    pub namespace: Namespace,
    /// The account that each of them speaks for, if this is an account statement.
    pub account: Option<Account>,
}

impl Metadata {
    /// Creates empty metadata.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement that names `dids` for `namespace`. The statement does not name the server of `namespace`.
    #[must_use]
    pub fn naming(self, dids: impl IntoIterator<Item = Did>, namespace: &Namespace) -> Self {
        self.saying(dids, namespace, None)
    }

    /// Adds an account statement: `did` is named for `namespace`, and speaks for `account`. The statement does not name the
    /// servers of either.
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

    /// Sets the source repository.
    #[must_use]
    pub fn from_repository(mut self, repository: SourceRepository) -> Self {
        self.repository = Some(repository);
        self
    }

    /// Returns the statements, in the order in which they were typed.
    #[must_use]
    pub fn statements(&self) -> &[Naming] {
        &self.statements
    }

    /// Returns the source repository.
    #[must_use]
    pub fn repository(&self) -> Option<&SourceRepository> {
        self.repository.as_ref()
    }

    /// Returns the DIDs that the metadata names for `namespace`.
    #[must_use]
    pub fn dids_for(&self, namespace: &Namespace) -> BTreeSet<Did> {
        let for_it = self.statements_for(namespace);
        for_it.flat_map(|s| s.dids.iter().cloned()).collect()
    }

    /// Returns the accounts in its account statements for `namespace`, on the server of `namespace`.
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
