//! The adapter that reads what PyPI shows of a project, as evidence.

use async_trait::async_trait;
use auths_core::decide::next_to_read_expecting;
use auths_core::evidence::{Existence, NamespaceEvidence, Reading, Release, Timeline};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, ReadScope};
use auths_core::{Ecosystem, Origin, Refuted, RefutedReason, Unavailable, UnavailableReason};
use auths_http::{RoleMemory, Transport};

use crate::client::{ProjectRequests, PyPiClient};
use crate::config::PyPiConfig;
use crate::parse::ProjectData;

/// An adapter that reads what PyPI, or a server that speaks its API, shows of a project.
///
/// # Security
/// The adapter reports what PyPI says. Roles are listed by user name, because PyPI shows no stable id. Metadata is what a
/// publisher typed. Core weighs both.
///
/// ```
/// use std::sync::Arc;
/// use auths_adapters_pypi::{PyPi, PyPiConfig};
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
/// let pypi = PyPi::new(PyPiConfig::public()?, transport);
/// let query = NamespaceQuery::new("pypi:six".parse()?, "2026-11-21T08:46:00Z".parse()?);
/// let evidence = pypi.gather(&query).await?;
/// println!("{:?}", evidence.listing);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PyPi {
    client: PyPiClient,
    roles: RoleMemory,
}

impl PyPi {
    /// Creates an adapter that asks by `transport`, and remembers serials and listed accounts in `store`.
    ///
    /// `store` may be the transport's own. Its records count across processes only if it outlives them.
    #[must_use]
    pub fn new(config: PyPiConfig, transport: Transport) -> Self {
        Self {
            roles: RoleMemory::new("pypi-roles", config.origin(), transport.store()),
            client: PyPiClient::new(config, transport),
        }
    }
}

#[async_trait]
impl NamespaceVerifier for PyPi {
    fn ecosystem(&self) -> &Ecosystem {
        &Ecosystem::PYPI
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
        let mut requests = self.client.requests_for(query);
        match requests.project().await? {
            None => evidence.existence = Existence::Absent(absence(&mut requests).await?),
            Some(project) => fill_evidence(&mut evidence, project, &mut requests, query).await,
        }
        evidence.observed_at = requests.observed_at(query.now);
        evidence.sources = requests.into_sources();
        self.roles.record(&mut evidence).await;
        Ok(evidence)
    }
}

/// Returns why the JSON API does not know the project, as the simple index states it.
async fn absence(requests: &mut ProjectRequests<'_>) -> Result<Refuted, Unavailable> {
    let by = match requests.index().await? {
        None => RefutedReason::UnknownProject,
        Some(index) => index.absent,
    };
    let detail = match by {
        RefutedReason::UnknownProject => {
            "neither the JSON API nor the simple index knows the project"
        }
        RefutedReason::Quarantined => "the simple index says that the project is quarantined",
        _ => "the simple index lists no file and no version",
    };
    Ok(Refuted::new(by, detail))
}

async fn fill_evidence(
    evidence: &mut NamespaceEvidence,
    project: ProjectData,
    requests: &mut ProjectRequests<'_>,
    query: &NamespaceQuery,
) {
    let timeline = project.timeline();
    evidence.listing = project.listing;
    evidence.incarnation = project.incarnation;
    if query.scope == ReadScope::Listing {
        return;
    }
    evidence.timeline = match timeline {
        Ok(timeline) => Reading::Read(read_on(timeline, project.serial, requests, query).await),
        Err(why) => Reading::Unread(why),
    };
    evidence.repositories = project.repositories;
}

/// Reads the metadata of as many releases as core needs, within the budget. Metadata that could not be read stays unread.
async fn read_on(
    mut timeline: Timeline,
    serial: Option<u64>,
    requests: &mut ProjectRequests<'_>,
    query: &NamespaceQuery,
) -> Timeline {
    while let Some(version) = next(&timeline, query) {
        match requests.release(&version, serial).await {
            Ok(metadata) => metadata.said.fill(&mut timeline, &version),
            Err(wrong) if is_of_one_release(&wrong) => timeline.set_unread(&version, wrong),
            Err(unavailable) => return timeline.stopped(unavailable),
        }
        let mut asked = timeline.releases().iter().filter(|r| r.version == version);
        if !asked.any(is_settled) {
            // Core asked for a release that does not exist. Asking again would not end.
            let detail = format!("there is no release {version} to read");
            return timeline.stopped(Unavailable::new(UnavailableReason::Unreadable, detail));
        }
    }
    timeline
}

/// Returns the release that core needs next, if any.
fn next(timeline: &Timeline, query: &NamespaceQuery) -> Option<String> {
    next_to_read_expecting(timeline, &query.expected, query.maturity, query.now).map(str::to_owned)
}

fn is_settled(release: &Release) -> bool {
    release.dids.is_some() || release.unread.is_some()
}

/// Returns whether a failure is about one release only, so that the other releases can still be read.
fn is_of_one_release(wrong: &Unavailable) -> bool {
    matches!(
        wrong.reason,
        UnavailableReason::Unreadable | UnavailableReason::TooLarge
    )
}
