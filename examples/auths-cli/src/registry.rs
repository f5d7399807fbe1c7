//! One registry, as commands use it: its names, the accounts that it lists, and its server.

use std::sync::Arc;

use auths_adapters_github::{CratesIoConfig, GitHubConfig};
use auths_adapters_npm::NpmConfig;
use auths_adapters_pypi::PyPiConfig;
use auths_core::ports::{AccountProver, NamespaceVerifier};
use auths_core::use_cases::StatementProver;
use auths_core::{Account, AccountId, Ecosystem, Invalid, Namespace, Origin, Platform};

use crate::failure::{Failure, with_causes};
use crate::settings::Origins;

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

    /// Returns the namespace on the server of this registry.
    pub(crate) fn place(&self, namespace: &Namespace) -> Result<Namespace, Failure> {
        if namespace.ecosystem() != self.verifier.ecosystem() {
            return Err(self.elsewhere(namespace));
        }
        let server = (!self.verifier.is_public()).then(|| self.verifier.origin());
        place(namespace, server)
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

/// Returns the name on `server`. A name that names another server is refused.
fn place(namespace: &Namespace, server: Option<&Origin>) -> Result<Namespace, Failure> {
    match (namespace.repository(), server) {
        (None, server) => Ok(namespace.clone().at(server.cloned())),
        (Some(named), Some(server)) if named == server => Ok(namespace.clone()),
        (Some(named), None) if is_public(namespace.ecosystem(), named) => Ok(short(namespace)),
        (Some(named), _) => Err(Failure::usage(format!(
            "{} is on another server than the one that is asked",
            namespace.short()
        ))
        .remedy(format!(
            "name that server: --origin {}={named}",
            server_name(namespace.ecosystem())
        ))),
    }
}

/// Returns a name on the configured server of its registry, unless the name says its server itself.
pub(crate) fn on_configured(namespace: Namespace, origins: &Origins) -> Namespace {
    if namespace.repository().is_some() {
        return short(&namespace);
    }
    let at = |name: &str| origins.get(name).cloned();
    let server = match namespace.ecosystem().as_str() {
        "pypi" => at("pypi").and_then(|at| PyPiConfig::at(at).configured().cloned()),
        "npm" => at("npm").and_then(|at| NpmConfig::at(at).configured().cloned()),
        "cargo" => at("crates-io").and_then(|at| CratesIoConfig::at(at).configured().cloned()),
        "github" => at("github-api").and_then(|at| GitHubConfig::at(at).configured().cloned()),
        _ => None,
    };
    namespace.at(server)
}

/// Returns a name on the public registry in its canonical form, without the registry's address. Core knows no addresses, and
/// would take a name with an address for another name.
pub(crate) fn short(namespace: &Namespace) -> Namespace {
    match namespace.repository() {
        Some(named) if is_public(namespace.ecosystem(), named) => namespace.clone().at(None),
        _ => namespace.clone(),
    }
}

/// Returns whether an origin is the address of the ecosystem's public registry.
fn is_public(ecosystem: &Ecosystem, named: &Origin) -> bool {
    match ecosystem.as_str() {
        "pypi" => PyPiConfig::at(named.clone()).is_public(),
        "npm" => NpmConfig::at(named.clone()).is_public(),
        "cargo" => CratesIoConfig::at(named.clone()).is_public(),
        "github" => GitHubConfig::at(named.clone()).is_public(),
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_the_public_registrys_own_address_is_the_public_name() {
        let six: Namespace = "pypi:six".parse().unwrap();
        let at = |origin: &str| six.clone().at(Some(origin.parse().unwrap()));
        let public = at("https://pypi.org");
        assert_ne!(public, six, "to core they are two names");
        assert_eq!(place(&public, None).unwrap(), six);
        assert_eq!(short(&public), six);
        let local = at("http://127.0.0.1:8000");
        assert_eq!(short(&local), local);
        assert!(place(&local, None).is_err());
        let server = local.repository();
        assert_eq!(place(&six, server).unwrap(), local);
        assert!(place(&public, server).is_err(), "another server is asked");
        let npm: Namespace = "pkg:npm/six?repository_url=https://pypi.org"
            .parse()
            .unwrap();
        assert_eq!(short(&npm), npm);
        for (text, name) in [
            (
                "pkg:npm/six?repository_url=https://registry.npmjs.org",
                "npm:six",
            ),
            (
                "pkg:cargo/serde?repository_url=https://crates.io",
                "cargo:serde",
            ),
            (
                "pkg:github/acme?repository_url=https://api.github.com",
                "github:acme",
            ),
        ] {
            let namespace: Namespace = text.parse().unwrap();
            assert_eq!(short(&namespace), name.parse().unwrap());
        }
    }
}
