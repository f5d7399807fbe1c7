//! The world's registry behind the port: what a real adapter would show of it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::project::{Project, PublishedRelease};
use super::world::World;
use crate::decide::next_to_read;
use crate::evidence::{Existence, Listing, NamespaceEvidence, Owners, Reading, Release, Timeline};
use crate::identity::{Ecosystem, Namespace, Origin};
use crate::outcome::{Refutation, Refuted, Unavailable, Why};
use crate::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, Scope};

/// The world's registry, read through the port. It shows what the ecosystem's real adapter would, and reads no more.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use auths_core::ports::{NamespaceQuery, NamespaceVerifier};
/// use auths_core::simulation::{Metadata, SimulatedRegistry, World};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut world = World::pypi("2026-01-01T00:00:00Z".parse()?);
/// let alice = world.sign_up("alice")?;
/// world.publish(&alice, "six", "1.0", Metadata::new())?;
///
/// let world = Arc::new(Mutex::new(world));
/// let registry = SimulatedRegistry::public(world, "https://registry.example".parse()?);
/// let query = NamespaceQuery::new("pypi:six".parse()?, "2026-01-02T00:00:00Z".parse()?);
/// assert_eq!(registry.gather(&query).await?.listing.get()?.accounts.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct SimulatedRegistry {
    world: Arc<Mutex<World>>,
    ecosystem: Ecosystem,
    origin: Origin,
    is_public: bool,
    failures: Mutex<VecDeque<NamespaceError>>,
}

impl SimulatedRegistry {
    /// The world's registry as the public one of its ecosystem, said to be at `origin`.
    #[must_use]
    pub fn public(world: Arc<Mutex<World>>, origin: Origin) -> Self {
        Self::new(world, origin, true)
    }

    /// The world's registry as a configured server.
    #[must_use]
    pub fn configured(world: Arc<Mutex<World>>, origin: Origin) -> Self {
        Self::new(world, origin, false)
    }

    fn new(world: Arc<Mutex<World>>, origin: Origin, is_public: bool) -> Self {
        let ecosystem = lock(&world).ecosystem().clone();
        Self {
            world,
            ecosystem,
            origin,
            is_public,
            failures: Mutex::default(),
        }
    }

    /// Answers the next question with this; several are answered in turn.
    pub fn fail_next(&self, error: NamespaceError) {
        lock(&self.failures).push_back(error);
    }

    fn repository(&self) -> Option<&Origin> {
        (!self.is_public).then_some(&self.origin)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl NamespaceVerifier for SimulatedRegistry {
    fn ecosystem(&self) -> &Ecosystem {
        &self.ecosystem
    }

    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn is_public(&self) -> bool {
        self.is_public
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        let namespace = &query.namespace;
        if *namespace.ecosystem() != self.ecosystem || namespace.repository() != self.repository() {
            let what = format!("{namespace} is not on {}", self.origin);
            return Err(NamespaceError::invalid(what));
        }
        if let Some(error) = lock(&self.failures).pop_front() {
            return Err(error);
        }
        let world = lock(&self.world);
        let mut evidence =
            NamespaceEvidence::new(namespace.clone(), self.origin.clone(), query.now);
        evidence.sources = vec![format!("{}/{}", self.origin, namespace.name())];
        let project = world.project(namespace.name().as_str());
        let absent = match project {
            None => Some(Refutation::UnknownProject),
            Some(project) if project.is_quarantined() => Some(Refutation::Quarantined),
            Some(project) if project.releases().is_empty() => Some(Refutation::NoReleases),
            Some(_) => None,
        };
        match (project, absent) {
            (_, Some(by)) => {
                evidence.existence =
                    Existence::Absent(Refuted::new(by, "the simulated registry says so"));
            }
            (Some(project), None) => self.fill(&mut evidence, &world, project, query),
            (None, None) => {}
        }
        Ok(evidence)
    }
}

impl SimulatedRegistry {
    fn fill(
        &self,
        evidence: &mut NamespaceEvidence,
        world: &World,
        project: &Project,
        query: &NamespaceQuery,
    ) {
        let mut accounts = world.roles(project);
        for listed in &mut accounts {
            listed.account = listed.account.clone().at(self.repository().cloned());
        }
        let mut listing = Listing::new(accounts);
        if let Some(organization) = project.organization() {
            listing.owners = Owners::Organization(organization.to_owned());
        }
        evidence.listing = Reading::Read(listing);
        evidence.incarnation = match world.incarnation(project) {
            Some(incarnation) => Reading::Read(incarnation),
            None => {
                let detail = "no file remains";
                Reading::Unread(Unavailable::new(Why::MissingField, detail))
            }
        };
        if query.scope == Scope::Listing {
            return;
        }
        let default = project.default_release();
        let repository = default.and_then(|r| r.metadata().repository());
        evidence.repositories = Reading::Read(repository.into_iter().cloned().collect());
        evidence.timeline = Reading::Read(timeline(project, default, query));
    }
}

/// The releases, read as an adapter reads them: the default version, and what core asks for.
fn timeline(
    project: &Project,
    default: Option<&PublishedRelease>,
    query: &NamespaceQuery,
) -> Timeline {
    let releases = project.releases().iter().map(release).collect();
    let mut timeline = Timeline::new(releases, default.map(|r| r.version().to_owned()));
    let mut next = default.map(|r| r.version().to_owned());
    while let Some(version) = next {
        let Some(release) = project.release(&version) else {
            break;
        };
        timeline.set_dids(&version, named(release, &query.namespace));
        next = next_to_read(&timeline, query.maturity, query.now).map(str::to_owned);
    }
    timeline
}

fn release(release: &PublishedRelease) -> Release {
    let uploaded_at = release.files().iter().min().copied();
    let withdrawn = release.is_yanked() && uploaded_at.is_some();
    Release::new(release.version(), uploaded_at, withdrawn)
}

fn named(
    release: &PublishedRelease,
    namespace: &Namespace,
) -> std::collections::BTreeSet<crate::identity::Did> {
    release.metadata().dids_for(namespace)
}

#[cfg(test)]
mod tests;
