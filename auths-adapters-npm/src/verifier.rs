//! The adapter that reads what npm shows of a package, as evidence.

use async_trait::async_trait;
use auths_core::evidence::{Existence, NamespaceEvidence};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, ReadScope};
use auths_core::{Ecosystem, Origin, Refuted, RefutedReason};
use auths_http::{RoleMemory, Transport};

use crate::client::NpmClient;
use crate::config::NpmConfig;
use crate::parse::Package;

/// An adapter that reads what the npm registry, or a server that speaks its API, shows of a package.
///
/// A lookup is one request, for the full packument, which is read as it streams. No token is ever asked for or sent.
///
/// # Security
/// The adapter reports what the registry says. Maintainers are listed by login, because npm shows no stable id, and npm calls
/// their list informational. `package.json` is what a publisher typed. Core weighs all of it.
///
/// ```
/// use std::sync::Arc;
/// use auths_adapters_npm::{Npm, NpmConfig};
/// use auths_core::ports::{MemoryStore, NamespaceQuery, NamespaceVerifier};
/// use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Arc::new(MemoryStore::new());
/// let transport = Transport::new(
///     TransportConfig::default(),
///     Arc::new(SystemClock),
///     Arc::new(TokioSleeper),
///     store.clone(),
/// )?;
/// let npm = Npm::new(NpmConfig::public()?, transport);
/// let query = NamespaceQuery::new("npm:@alice/auths".parse()?, "2026-11-21T08:46:00Z".parse()?);
/// let evidence = npm.gather(&query).await?;
/// println!("{:?}", evidence.listing);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Npm {
    client: NpmClient,
    roles: RoleMemory,
}

impl Npm {
    /// Creates an adapter that asks by `transport`, and remembers revisions and listed accounts in `store`.
    ///
    /// `store` may be the transport's own. Its records count across processes only if it outlives them.
    #[must_use]
    pub fn new(config: NpmConfig, transport: Transport) -> Self {
        Self {
            roles: RoleMemory::new("npm-roles", config.origin(), transport.store()),
            client: NpmClient::new(config, transport),
        }
    }
}

#[async_trait]
impl NamespaceVerifier for Npm {
    fn ecosystem(&self) -> &Ecosystem {
        &Ecosystem::NPM
    }

    fn origin(&self) -> &Origin {
        self.client.config.origin()
    }

    fn is_public(&self) -> bool {
        self.client.config.is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        query.check_for(self)?;
        let origin = self.origin().clone();
        let mut evidence = NamespaceEvidence::new(query.namespace.clone(), origin, query.now);
        let mut requests = self.client.requests_within(&query.budget);
        let package = self.client.package(&mut requests, &query.namespace).await?;
        evidence.observed_at = requests.observed_at(query.now);
        evidence.sources = requests.into_sources();
        match package {
            Some(package) => fill_evidence(&mut evidence, package, query.scope),
            None => {
                let detail = "the registry knows no such package";
                let refuted = Refuted::new(RefutedReason::UnknownProject, detail);
                evidence.existence = Existence::Absent(refuted);
            }
        }
        self.roles.record(&mut evidence).await;
        Ok(evidence)
    }
}

pub(crate) fn fill_evidence(evidence: &mut NamespaceEvidence, package: Package, scope: ReadScope) {
    evidence.existence = package.existence.clone();
    if package.existence != Existence::Present {
        return;
    }
    if scope == ReadScope::Everything {
        evidence.timeline = package.timeline().into();
        evidence.repositories = package.repositories;
    }
    evidence.listing = package.listing;
    evidence.incarnation = package.incarnation;
}
