//! The registries that this version reads: PyPI.

use std::sync::Arc;
use std::time::Duration;

use auths_adapters_pypi::{PyPi, PyPiConfig};
use auths_core::ports::{AccountProver, Clock, MemoryStore, NamespaceVerifier, Store};
use auths_core::workflow::StatementProver;
use auths_core::{Account, Ecosystem, Namespace, Origin, Platform};
use auths_http::{Sleeper, SystemClock, TokioSleeper, Transport, TransportConfig};
use auths_keystore::FileStore;

use crate::failure::{Failure, with_causes};
use crate::files;
use crate::home::Home;
use crate::output::Output;
use crate::settings::Origins;

/// How long and how much at once a server is asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// For one question, all its requests together.
    pub(crate) time: Duration,
    /// How many requests may be under way at once. Questions that wait for their turn spend their time.
    pub(crate) at_once: usize,
}

impl Limits {
    /// So many requests at once, unless more questions are.
    pub(crate) const AT_ONCE: usize = 8;
}

/// The adapter to one server.
#[derive(Debug, Clone)]
pub(crate) struct Registry {
    verifier: Arc<dyn NamespaceVerifier>,
    /// The server, where it is not the public one.
    origin: Option<Origin>,
}

impl Registry {
    /// PyPI, or the server configured in its place.
    pub(crate) fn pypi(
        origins: &Origins,
        home: &Home,
        limits: Limits,
        output: Output,
    ) -> Result<Self, Failure> {
        let config = match origins.get("pypi") {
            Some(origin) => PyPiConfig::at(origin.clone()),
            None => PyPiConfig::public().map_err(|e| Failure::internal(e.to_string()))?,
        };
        if let Some(origin) = config.configured() {
            output.note(&format!("asking {origin} in place of the public PyPI"));
        }
        let store: Arc<dyn Store> = match files::make_dir(&home.store()) {
            Ok(()) => Arc::new(FileStore::new(home.store())),
            Err(_) => {
                output.warn("the home cannot be written: nothing that was seen will be remembered");
                Arc::new(MemoryStore::new())
            }
        };
        let config = config.with_max_time(limits.time);
        let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
        Self::with(config, limits.at_once, clock, sleeper, store)
    }

    /// PyPI with these ports.
    pub(crate) fn with(
        config: PyPiConfig,
        at_once: usize,
        clock: Arc<dyn Clock>,
        sleeper: Arc<dyn Sleeper>,
        store: Arc<dyn Store>,
    ) -> Result<Self, Failure> {
        let transport = TransportConfig::default()
            .with_product("auths-cli", env!("CARGO_PKG_VERSION"))
            .with_max_concurrent(at_once);
        let transport = Transport::new(transport, clock, sleeper, store.clone()).map_err(|e| {
            Failure::invalid(auths_core::Invalid::BadConfiguration, with_causes(&e))
        })?;
        let origin = config.configured().cloned();
        let verifier = Arc::new(PyPi::new(config, transport, store));
        Ok(Self { verifier, origin })
    }

    /// Reads names.
    pub(crate) fn verifier(&self) -> Arc<dyn NamespaceVerifier> {
        self.verifier.clone()
    }

    /// Proves accounts.
    pub(crate) fn prover(&self) -> Arc<dyn AccountProver> {
        Arc::new(StatementProver::new(Platform::PYPI, self.verifier.clone()))
    }

    /// The namespace on the server that is asked.
    pub(crate) fn place(&self, namespace: &Namespace) -> Result<Namespace, Failure> {
        if *namespace.ecosystem() != Ecosystem::PYPI {
            return Err(only_pypi(
                &format!("{} is a name on", namespace.short()),
                namespace.ecosystem().as_str(),
            ));
        }
        place(namespace, self.origin.as_ref())
    }

    /// The account of that login on the server that is asked.
    pub(crate) fn account(&self, login: &str) -> Result<Account, Failure> {
        let account = Account::parse_login(Platform::PYPI, login)
            .map_err(|e| Failure::invalid(auths_core::Invalid::BadName, e))?;
        Ok(account.at(self.origin.clone()))
    }

    /// The account on the server that is asked.
    pub(crate) fn place_account(&self, account: &Account) -> Result<Account, Failure> {
        if *account.platform() != Platform::PYPI {
            return Err(only_pypi(
                &format!("{account} is an account of"),
                account.platform().as_str(),
            ));
        }
        Ok(account.clone().at(self.origin.clone()))
    }

    /// A package as it stands in `--statement`: a bare name, or a namespace.
    pub(crate) fn package(&self, text: &str) -> Result<Namespace, Failure> {
        let bad = |e: &dyn std::error::Error| {
            Failure::invalid(auths_core::Invalid::BadName, with_causes(e))
        };
        let namespace = if text.contains(':') {
            text.parse::<Namespace>().map_err(|e| bad(&e))?
        } else {
            Namespace::parse_name(Ecosystem::PYPI, text).map_err(|e| bad(&e))?
        };
        self.place(&namespace)
    }
}

/// The name on `server`. One that names another server is refused.
fn place(namespace: &Namespace, server: Option<&Origin>) -> Result<Namespace, Failure> {
    match (namespace.repository(), server) {
        (None, server) => Ok(namespace.clone().at(server.cloned())),
        (Some(named), Some(server)) if named == server => Ok(namespace.clone()),
        (Some(named), None) if PyPiConfig::at(named.clone()).is_public() => Ok(short(namespace)),
        (Some(named), _) => Err(Failure::usage(format!(
            "{} is on another server than the one that is asked",
            namespace.short()
        ))
        .remedy(format!("name that server: --origin pypi={named}"))),
    }
}

/// A name on the public registry in its one form, without the registry's address. Core knows no addresses: to it a name with
/// one is another name.
pub(crate) fn short(namespace: &Namespace) -> Namespace {
    let is_public = |named: &Origin| PyPiConfig::at(named.clone()).is_public();
    let on_pypi = *namespace.ecosystem() == Ecosystem::PYPI;
    match namespace.repository() {
        Some(named) if on_pypi && is_public(named) => namespace.clone().at(None),
        _ => namespace.clone(),
    }
}

fn only_pypi(what: &str, whose: &str) -> Failure {
    Failure::usage(format!("{what} {whose}, and this version reads PyPI only"))
        .remedy("ask about a PyPI project: pypi:NAME")
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
    }
}
