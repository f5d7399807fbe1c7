//! One registry, as commands use it: its names, the accounts that it lists, and its server.

use std::sync::Arc;

use auths_core::ports::{AccountProver, NamespaceVerifier};
use auths_core::use_cases::StatementProver;
use auths_core::{Account, AccountId, Ecosystem, Invalid, Namespace, Origin, Platform};

use crate::failure::{Failure, with_causes};

/// The registry of one ecosystem.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    verifier: Arc<dyn NamespaceVerifier>,
    /// The platform of the accounts that it lists.
    platform: Platform,
    /// The server of these accounts, where it is not the platform's public server.
    accounts_at: Option<Origin>,
}

impl Registry {
    pub(crate) fn new(
        verifier: Arc<dyn NamespaceVerifier>,
        platform: Platform,
        accounts_at: Option<Origin>,
    ) -> Self {
        Self {
            verifier,
            platform,
            accounts_at,
        }
    }

    /// Returns the reader of names.
    pub(crate) fn verifier(&self) -> Arc<dyn NamespaceVerifier> {
        self.verifier.clone()
    }

    /// Returns the prover of accounts by the statements of packages in this registry.
    pub(crate) fn prover(&self) -> Arc<dyn AccountProver> {
        Arc::new(StatementProver::new(
            self.platform.clone(),
            self.verifier.clone(),
        ))
    }

    /// Returns whether accounts have ids, which must be looked up. A login then says nothing by itself.
    pub(crate) fn has_ids(&self) -> bool {
        self.platform == Platform::GITHUB
    }

    /// Returns the namespace on the server of this registry. A name that names another server is refused.
    pub(crate) fn place(&self, namespace: &Namespace) -> Result<Namespace, Failure> {
        if namespace.ecosystem() != self.verifier.ecosystem() {
            return Err(self.elsewhere(namespace));
        }
        match namespace.repository() {
            Some(named) if named != self.verifier.origin() => {
                Err(on_another_server(namespace, named))
            }
            _ => Ok(namespace.clone().at(configured(&*self.verifier).cloned())),
        }
    }

    /// Returns the failure for a name in another ecosystem.
    fn elsewhere(&self, namespace: &Namespace) -> Failure {
        let asked = self.verifier.ecosystem().as_str();
        let says = format!(
            "{} is a name in {}, and this question is about names in {asked}",
            namespace.short(),
            namespace.ecosystem()
        );
        Failure::usage(says).remedy(format!("give a name in {asked}: {asked}:NAME"))
    }

    /// Returns the account of that login on the server of this registry.
    pub(crate) fn account(&self, login: &str) -> Result<Account, Failure> {
        let account = Account::parse_login(self.platform.clone(), login)
            .map_err(|e| Failure::invalid(Invalid::BadName, e))?;
        Ok(account.at(self.accounts_at.clone()))
    }

    /// Returns the account of that id on the server of this registry. Its login is not known.
    pub(crate) fn account_by_id(&self, id: &AccountId) -> Result<Account, Failure> {
        if !self.has_ids() {
            return Err(Failure::usage(format!("{} shows no ids", self.platform))
                .remedy("name the account by its login: --account LOGIN"));
        }
        Ok(self.account(&format!("id-{id}"))?.with_id(id.clone()))
    }

    /// Reads a package from `--statement`: a bare name, or a namespace.
    pub(crate) fn package(&self, text: &str) -> Result<Namespace, Failure> {
        let bad = |e: &dyn std::error::Error| Failure::invalid(Invalid::BadName, with_causes(e));
        let namespace = if text.contains(':') {
            text.parse::<Namespace>().map_err(|e| bad(&e))?
        } else {
            let ecosystem = self.verifier.ecosystem().clone();
            Namespace::parse_name(ecosystem, text).map_err(|e| bad(&e))?
        };
        self.place(&namespace)
    }
}

/// Returns the server as names on it are written: none for the public one.
pub(crate) fn configured(verifier: &dyn NamespaceVerifier) -> Option<&Origin> {
    (!verifier.is_public()).then(|| verifier.origin())
}

/// Returns the failure for a name that names another server than the one that is asked.
pub(crate) fn on_another_server(namespace: &Namespace, named: &Origin) -> Failure {
    let says = format!(
        "{} is on another server than the one that is asked",
        namespace.short()
    );
    let server = server_name(namespace.ecosystem());
    Failure::usage(says).remedy(format!("name that server: --origin {server}={named}"))
}

/// Returns the name of an ecosystem's server in `--origin`.
fn server_name(ecosystem: &Ecosystem) -> &str {
    match ecosystem.as_str() {
        "cargo" => "crates-io",
        "github" => "github-api",
        other => other,
    }
}

/// Returns the failure for an ecosystem or platform without an adapter.
pub(crate) fn unread(what: &str, whose: &str) -> Failure {
    let says =
        format!("{what} {whose}, and this version reads PyPI, npm, crates.io and GitHub only");
    Failure::usage(says).remedy("ask about pypi:NAME, npm:NAME, cargo:NAME or github:ORG")
}
