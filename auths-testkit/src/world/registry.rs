//! The port of the world's registries: the answers that a real adapter would give for each.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::access::Token;
use super::project::{Project, PublishedRelease};
use super::state::World;
use super::{github, listing};
use auths_core::decide::next_to_read_expecting;
use auths_core::evidence::{
    Existence, KnownOwners, ListedAccount, ListingBasis, NamespaceEvidence, Reading, Release,
    SeenRoles, Timeline,
};
use auths_core::identity::{Ecosystem, Namespace, Origin};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, ReadScope};
use auths_core::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// One of the world's registries, read through the port. It shows what the ecosystem's real adapter would show, and reads no
/// more.
///
/// | ecosystem | lists | first seen as owner | statements | incarnation |
/// |---|---|---|---|---|
/// | `pypi` | Owners and Maintainers, by login | - | yes | first upload |
/// | `npm` | maintainers, by login; who published each release | - | yes | created, and first release that remains |
/// | `cargo` | owners, by linked GitHub id; teams apart | first version that each published, who made the crate, and what it [remembers](Self::remembering) | not offered | created |
/// | `github` | an organisation's members by id, or the account itself | - | not offered | numeric id |
/// | any other | owners and lesser roles, by id unless the world is [`names_only`](World::names_only) | where tokens may add owners | yes | created |
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use auths_core::ports::{NamespaceQuery, NamespaceVerifier};
/// use auths_testkit::world::{Metadata, SimulatedRegistry, World};
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
    shows_ids: bool,
    shows_provenance: bool,
    shows_publishers: bool,
    known: Option<Mutex<BTreeMap<Namespace, KnownOwners>>>,
    seen: Option<Mutex<BTreeMap<Namespace, SeenRoles>>>,
    token: Mutex<Option<Token>>,
    failures: Mutex<VecDeque<NamespaceError>>,
}

impl SimulatedRegistry {
    /// Creates the registry of the world's home as the public one of its ecosystem, at the address `origin`.
    #[must_use]
    pub fn public(world: Arc<Mutex<World>>, origin: Origin) -> Self {
        Self::new(world, origin, true)
    }

    /// Creates the registry of the world's home as a configured server.
    #[must_use]
    pub fn configured(world: Arc<Mutex<World>>, origin: Origin) -> Self {
        Self::new(world, origin, false)
    }

    /// Sets another ecosystem of the world.
    #[must_use]
    pub fn of(mut self, ecosystem: Ecosystem) -> Self {
        self.ecosystem = ecosystem;
        self
    }

    /// Sets that attested builds are shown where the registry has any (npm, PyPI), for adapters that check them.
    #[must_use]
    pub fn showing_provenance(mut self) -> Self {
        self.shows_provenance = true;
        self
    }

    /// Sets that the CI runs which published the releases are shown where the registry attests any (npm, PyPI), for adapters that
    /// check them.
    #[must_use]
    pub fn showing_publishers(mut self) -> Self {
        self.shows_publishers = true;
        self
    }

    /// Sets that the registry remembers the owners of earlier observations, as the real adapters do: since when each was listed,
    /// where tokens may add owners, and whether one was listed alone, where releases make statements.
    #[must_use]
    pub fn remembering(mut self) -> Self {
        self.known = Some(Mutex::default());
        self.seen = Some(Mutex::default());
        self
    }

    /// Sets that the server shows names only, although ids exist: an old crates.io.
    #[must_use]
    pub fn without_ids(mut self) -> Self {
        self.shows_ids = false;
        self
    }

    /// Sets the token with which GitHub's organisations are read from now on. It sees its own account's memberships, as far as
    /// GitHub shows them to it. Without a token, every membership is seen.
    pub fn see_with(&self, token: Token) {
        *lock(&self.token) = Some(token);
    }

    fn new(world: Arc<Mutex<World>>, origin: Origin, is_public: bool) -> Self {
        let ecosystem = lock(&world).ecosystem().clone();
        Self {
            world,
            ecosystem,
            origin,
            is_public,
            shows_ids: true,
            shows_provenance: false,
            shows_publishers: false,
            known: None,
            seen: None,
            token: Mutex::default(),
            failures: Mutex::default(),
        }
    }

    /// Answers the next query with this error. Several errors are returned in turn.
    pub fn fail_next(&self, error: NamespaceError) {
        lock(&self.failures).push_back(error);
    }

    fn repository(&self) -> Option<&Origin> {
        (!self.is_public).then_some(&self.origin)
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
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
        if let Some(parent) = namespace.parent() {
            let what = format!(
                "{namespace} lies below {}, which can be asked about",
                parent.short()
            );
            return Err(NamespaceError::invalid(what));
        }
        if let Some(error) = lock(&self.failures).pop_front() {
            return Err(error);
        }
        let world = lock(&self.world);
        let mut evidence =
            NamespaceEvidence::new(namespace.clone(), self.origin.clone(), query.now);
        evidence.sources = vec![format!("{}/{}", self.origin, namespace.name())];
        if self.ecosystem == Ecosystem::GITHUB {
            github::fill(&mut evidence, &world, lock(&self.token).as_ref());
        } else {
            self.fill(&mut evidence, &world, query)?;
        }
        if let Reading::Read(listing) = &mut evidence.listing {
            let accounts = listing.accounts.iter_mut();
            accounts.for_each(|listed| self.place(listed));
        }
        self.look(&mut evidence);
        self.look_at_roles(&mut evidence);
        Ok(evidence)
    }
}

impl SimulatedRegistry {
    fn fill(
        &self,
        evidence: &mut NamespaceEvidence,
        world: &World,
        query: &NamespaceQuery,
    ) -> Result<(), Unavailable> {
        let project = match present(world, &query.namespace) {
            Ok(project) => project,
            Err(RefutedReason::UnknownProject) if may_be_private(world, &query.namespace) => {
                let detail = "the simulated registry says so of private packages too";
                return Err(Unavailable::new(UnavailableReason::NameHidden, detail));
            }
            Err(by) => {
                let refuted = Refuted::new(by, "the simulated registry says so");
                evidence.existence = Existence::Absent(refuted);
                return Ok(());
            }
        };
        evidence.listing = Reading::Read(listing::listing(world, project));
        evidence.incarnation = match world.incarnation(project) {
            Some(incarnation) => Reading::Read(incarnation),
            None => {
                let detail = "no file remains";
                Reading::Unread(Unavailable::new(UnavailableReason::MissingField, detail))
            }
        };
        if query.scope == ReadScope::Listing {
            return Ok(());
        }
        let default = project.default_release();
        let repository = default.and_then(|r| r.metadata().repository());
        evidence.repositories = Reading::Read(repository.into_iter().cloned().collect());
        // crates.io does not show the DIDs in a crate's manifest.
        evidence.timeline = match self.ecosystem == Ecosystem::CARGO {
            true => Reading::NotOffered,
            false => Reading::Read(timeline(world, project, default, query)),
        };
        let rules = world.rules(&self.ecosystem);
        if let Some(rules) = rules.filter(|r| self.shows_provenance && r.attests) {
            let attested = listing::provenance(project, rules.tokens_may_attest);
            evidence.provenance = Reading::Read(attested);
        }
        if let Some(rules) = rules.filter(|r| self.shows_publishers && r.attests) {
            let publishers = listing::publishers(project, rules.tokens_may_attest);
            evidence.publishers = Reading::Read(publishers);
        }
        Ok(())
    }

    fn look(&self, evidence: &mut NamespaceEvidence) {
        let (Some(known), Reading::Read(listing), Reading::Read(life)) =
            (&self.known, &mut evidence.listing, &evidence.incarnation)
        else {
            return;
        };
        if listing.tokens_may_add_owners {
            let mut known = lock(known);
            let before = known.remove(&evidence.namespace);
            let after = KnownOwners::record(before, life, listing, evidence.observed_at);
            known.insert(evidence.namespace.clone(), after);
        }
    }

    fn look_at_roles(&self, evidence: &mut NamespaceEvidence) {
        let (Some(seen), Reading::Read(listing), Reading::Read(life)) =
            (&self.seen, &evidence.listing, &evidence.incarnation)
        else {
            return;
        };
        let has_no_releases = [Ecosystem::GITHUB, Ecosystem::CARGO].contains(&self.ecosystem);
        if has_no_releases {
            return;
        }
        let mut seen = lock(seen);
        let before = seen.remove(&evidence.namespace);
        let after = SeenRoles::record(before, life, listing, evidence.observed_at);
        seen.insert(evidence.namespace.clone(), after.clone());
        evidence.seen_roles = Some(after);
    }

    /// Changes the account to how this server shows it: at its origin, and without its id where it shows none.
    fn place(&self, listed: &mut ListedAccount) {
        if !self.shows_ids && listed.basis == ListingBasis::Id {
            let login = listed.account.login().as_str();
            if let Ok(named) =
                auths_core::Account::parse_login(listed.account.platform().clone(), login)
            {
                listed.account = named;
                listed.basis = ListingBasis::RecyclableName;
            }
        }
        listed.account = listed.account.clone().at(self.repository().cloned());
    }
}

/// Returns whether the registry may say that such a name does not exist although it exists and is private. npm does so for scoped
/// names, except for unpublished ones.
fn may_be_private(world: &World, namespace: &Namespace) -> bool {
    *namespace.ecosystem() == Ecosystem::NPM
        && namespace.name().as_str().starts_with('@')
        && world.buried(namespace).is_none()
}

/// Returns the project, where the registry shows one.
fn present<'w>(world: &'w World, namespace: &Namespace) -> Result<&'w Project, RefutedReason> {
    let project = world
        .project(namespace)
        .ok_or(RefutedReason::UnknownProject)?;
    if project.is_quarantined() {
        Err(RefutedReason::Quarantined)
    } else if project.releases().is_empty() {
        Err(RefutedReason::NoReleases)
    } else {
        Ok(project)
    }
}

/// Returns the releases, read as an adapter reads them: the default version, and what core asks for.
///
/// npm still shows when a deleted version was published, and nothing else of it. The version stays in the timeline, never to be
/// read. If it were left out, a token that unpublishes earlier releases would make its own release the package's first.
fn timeline(
    world: &World,
    project: &Project,
    default: Option<&PublishedRelease>,
    query: &NamespaceQuery,
) -> Timeline {
    let shown = |release: &PublishedRelease| shown(world, release, query);
    let mut releases: Vec<Release> = project.releases().iter().map(shown).collect();
    let mut gone = Vec::new();
    if *query.namespace.ecosystem() == Ecosystem::NPM {
        let history = project.history().iter();
        let deleted = history.filter(|(version, _)| project.release(version).is_none());
        gone.extend(deleted.map(|(version, at)| Release::new(version, Some(*at), true)));
    }
    let any_gone = !gone.is_empty();
    releases.append(&mut gone);
    let mut timeline = Timeline::new(releases, default.map(|r| r.version().to_owned()));
    if any_gone {
        let detail = "what a deleted release said is gone with it";
        timeline = timeline.stopped(Unavailable::new(UnavailableReason::NotOffered, detail));
    }
    if *query.namespace.ecosystem() == Ecosystem::NPM {
        timeline = timeline.created(project.created());
    }
    let fill = |timeline: &mut Timeline, release: &PublishedRelease| {
        let (version, metadata) = (release.version(), release.metadata());
        timeline.set_dids(version, metadata.dids_for(&query.namespace));
        timeline.set_accounts(version, metadata.accounts_for(&query.namespace));
    };
    // A withdrawn release that was not read counts as deleted then. npm shows everything that it has in one answer.
    if any_gone {
        for release in project.releases() {
            fill(&mut timeline, release);
        }
        return timeline;
    }
    let mut next = default.map(|r| r.version().to_owned());
    while let Some(version) = next {
        let Some(release) = project.release(&version) else {
            break;
        };
        fill(&mut timeline, release);
        next = next_to_read_expecting(&timeline, &query.expected, query.maturity, query.now)
            .map(str::to_owned);
    }
    timeline
}

/// Returns a release whose metadata was not read. npm shows who published it, and whether it came from CI.
fn shown(world: &World, release: &PublishedRelease, query: &NamespaceQuery) -> Release {
    let uploaded_at = release.files().iter().min().copied();
    let withdrawn = release.is_yanked() && uploaded_at.is_some();
    let mut shown = Release::new(release.version(), uploaded_at, withdrawn);
    if *query.namespace.ecosystem() == Ecosystem::NPM {
        let publisher = world.publisher_of(release);
        shown.from_ci = Some(publisher.is_none() || release.attestation().is_some());
        shown.publisher = publisher.map(|by| by.at(query.namespace.repository().cloned()));
    }
    shown
}

#[cfg(test)]
mod tests;
