//! The world: its clock, and everything that its platforms and registries keep.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::access::{AccountState, TokenState};
use super::ci::{RepositoryState, WorkflowState};
use super::crates::CratesUser;
use super::device::{AppState, FlowState};
use super::gist::Gist;
use super::named::Named;
use super::org::OrgState;
use super::project::{Buried, Project};
use super::rules::{PLATFORMS, PlatformRules, REGISTRIES, RegistryRules};
use super::truth::Truth;
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::evidence::ListedAccount;
use crate::identity::{Account, AccountId, Ecosystem, NameError, Namespace, Platform, StableIds};

/// Every registry and platform, their accounts, tokens and projects, and the time.
///
/// One registry is its *home*: what a bare name or login means where nothing else says.
#[derive(Debug, Clone)]
pub struct World {
    home: (Ecosystem, Platform),
    pub(super) now: Timestamp,
    pub(super) serial: u64,
    last_id: u64,
    registries: Vec<RegistryRules>,
    platforms: Vec<PlatformRules>,
    /// Whether accounts of the home's platform are shown with ids, where core knows nothing of the platform.
    shows_ids: bool,
    /// Whether npm's `time.created` begins anew with a name that was unpublished.
    pub(super) creates_anew: bool,
    /// What is put before a bare name at home.
    scope: String,
    /// By id. Closed ones stay: nothing is ever given the id again.
    pub(super) accounts: BTreeMap<u64, AccountState>,
    pub(super) tokens: BTreeMap<u64, TokenState>,
    /// On the public registries.
    pub(super) projects: BTreeMap<Namespace, Project>,
    pub(super) buried: BTreeMap<Namespace, Buried>,
    /// By the id of the account.
    pub(super) orgs: BTreeMap<u64, OrgState>,
    /// By the id of the GitHub account.
    pub(super) crates_users: BTreeMap<u64, CratesUser>,
    pub(super) gists: BTreeMap<String, Gist>,
    pub(super) repositories: BTreeMap<u64, RepositoryState>,
    pub(super) workflows: BTreeMap<u64, WorkflowState>,
    pub(super) apps: BTreeMap<String, AppState>,
    pub(super) flows: BTreeMap<String, FlowState>,
    /// Who really holds what.
    pub(super) truth: Truth,
}

impl World {
    /// An empty world whose home is the registry of `ecosystem`, with accounts on `platform`. An ecosystem that is not in
    /// the table [`REGISTRIES`] gets a registry that works as PyPI does.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, platform: Platform, now: Timestamp) -> Self {
        let mut registries = REGISTRIES.to_vec();
        let known = registries.iter().any(|r| r.ecosystem == ecosystem);
        if !known && ecosystem != Ecosystem::GITHUB {
            registries.push(RegistryRules::other(ecosystem.clone(), platform.clone()));
        }
        Self {
            home: (ecosystem, platform),
            now,
            serial: 0,
            last_id: 0,
            registries,
            platforms: PLATFORMS.to_vec(),
            shows_ids: true,
            creates_anew: false,
            scope: String::new(),
            accounts: BTreeMap::new(),
            tokens: BTreeMap::new(),
            projects: BTreeMap::new(),
            buried: BTreeMap::new(),
            orgs: BTreeMap::new(),
            crates_users: BTreeMap::new(),
            gists: BTreeMap::new(),
            repositories: BTreeMap::new(),
            workflows: BTreeMap::new(),
            apps: BTreeMap::new(),
            flows: BTreeMap::new(),
            truth: Truth::default(),
        }
    }

    /// An empty world, at home on PyPI.
    #[must_use]
    pub fn pypi(now: Timestamp) -> Self {
        Self::new(Ecosystem::PYPI, Platform::PYPI, now)
    }

    /// An empty world, at home on npm.
    #[must_use]
    pub fn npm(now: Timestamp) -> Self {
        Self::new(Ecosystem::NPM, Platform::NPM, now)
    }

    /// An empty world, at home on crates.io: its accounts are GitHub's.
    #[must_use]
    pub fn crates_io(now: Timestamp) -> Self {
        Self::new(Ecosystem::CARGO, Platform::GITHUB, now)
    }

    /// An empty world, at home on GitHub.
    #[must_use]
    pub fn github(now: Timestamp) -> Self {
        Self::new(Ecosystem::GITHUB, Platform::GITHUB, now)
    }

    /// The same, with a registry that keeps its projects by these rules: start from [`RegistryRules::other`].
    ///
    /// ```
    /// use auths_core::simulation::{RegistryRules, World};
    /// use auths_core::{Ecosystem, Platform};
    ///
    /// let (ecosystem, platform) = (Ecosystem::new("shelf")?, Platform::new("shelf")?);
    /// let mut rules = RegistryRules::other(ecosystem.clone(), platform.clone());
    /// rules.tokens_may_add_owners = true;
    /// let world = World::new(ecosystem.clone(), platform, "2026-01-01T00:00:00Z".parse()?).with_rules(rules);
    /// assert!(world.rules(&ecosystem).is_some_and(|rules| rules.tokens_may_add_owners));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_rules(mut self, rules: RegistryRules) -> Self {
        self.registries.retain(|r| r.ecosystem != rules.ecosystem);
        self.registries.push(rules);
        self
    }

    /// The same, with a platform that treats logins by these rules: start from [`PlatformRules::other`].
    ///
    /// ```
    /// use auths_core::simulation::{PlatformRules, World};
    /// use auths_core::{Ecosystem, Platform};
    ///
    /// let (ecosystem, platform) = (Ecosystem::new("shelf")?, Platform::new("shelf")?);
    /// let mut rules = PlatformRules::other(platform.clone());
    /// rules.renames = true;
    /// let mut world = World::new(ecosystem, platform, "2026-01-01T00:00:00Z".parse()?).with_platform_rules(rules);
    /// let alice = world.sign_up("alice")?;
    /// world.rename_account(&alice, "alicia")?;
    /// assert!(world.sign_up("alice").is_ok(), "her old login is anybody's");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_platform_rules(mut self, rules: PlatformRules) -> Self {
        self.platforms.retain(|r| r.platform != rules.platform);
        self.platforms.push(rules);
        self
    }

    /// The same, where the home's platform has no stable ids: accounts are shown by their only name. For platforms that core
    /// does not know; of the others it knows.
    #[must_use]
    pub fn names_only(mut self) -> Self {
        self.shows_ids = false;
        self
    }

    /// The same, where npm's `time.created` begins anew when a name that was unpublished is published again. Which of the two
    /// npm does is not documented: what holds must hold in both worlds.
    #[must_use]
    pub fn creating_anew(mut self) -> Self {
        self.creates_anew = true;
        self
    }

    /// The same, where a bare name at home is one in this scope: with `acme/`, `widget` means `acme/widget`. For registries
    /// whose names all have one. Tests that say `widget` then play there too.
    #[must_use]
    pub fn in_scope(mut self, scope: &str) -> Self {
        scope.clone_into(&mut self.scope);
        self
    }

    /// The ecosystem of its home.
    #[must_use]
    pub fn ecosystem(&self) -> &Ecosystem {
        &self.home.0
    }

    /// The platform of its home.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.home.1
    }

    /// How the registry of `ecosystem` keeps its projects; `None` where there is no registry.
    #[must_use]
    pub fn rules(&self, ecosystem: &Ecosystem) -> Option<&RegistryRules> {
        self.registries.iter().find(|r| r.ecosystem == *ecosystem)
    }

    /// How `platform` treats the logins of its accounts.
    #[must_use]
    pub fn platform_rules(&self, platform: &Platform) -> PlatformRules {
        let known = self.platforms.iter().find(|r| r.platform == *platform);
        known.map_or_else(|| PlatformRules::other(platform.clone()), Clone::clone)
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass, everywhere.
    pub fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    /// The namespace of a project of that name, on the public registry.
    ///
    /// # Errors
    /// [`NameError`] when the ecosystem does not allow the name.
    pub fn namespace<'n>(&self, name: impl Into<Named<'n>>) -> Result<Namespace, NameError> {
        match name.into() {
            Named::Here(name) => {
                let home = self.home.0.clone();
                let name = self.scoped(&home, name);
                Namespace::parse_name(home, &name)
            }
            Named::Namespace(namespace) => Ok(namespace.clone().at(None)),
        }
    }

    /// A name in `ecosystem`, at home with its scope.
    pub(super) fn scoped<'n>(&self, ecosystem: &Ecosystem, name: &'n str) -> Cow<'n, str> {
        match self.scope.is_empty() || *ecosystem != self.home.0 || name.contains('/') {
            true => name.into(),
            false => format!("{}{name}", self.scope).into(),
        }
    }

    /// The project of that name.
    #[must_use]
    pub fn project<'n>(&self, name: impl Into<Named<'n>>) -> Option<&Project> {
        self.projects.get(&self.namespace(name).ok()?)
    }

    /// What a registry keeps of the project that had a name until it was deleted, if none has it now.
    #[must_use]
    pub fn buried<'n>(&self, name: impl Into<Named<'n>>) -> Option<&Buried> {
        let namespace = self.namespace(name).ok()?;
        let buried = self.buried.get(&namespace);
        buried.filter(|_| !self.projects.contains_key(&namespace))
    }

    /// Whom the registry lists for `project`: Owners first, each by login.
    #[must_use]
    pub fn roles(&self, project: &Project) -> Vec<ListedAccount> {
        super::listing::roles(self, project)
    }

    /// What tells this project from an earlier or later one of the same name, where something was published.
    #[must_use]
    pub fn incarnation(&self, project: &Project) -> Option<Incarnation> {
        super::listing::incarnation(project)
    }

    /// The account by its number, as its platform shows it: with an id where the platform shows any.
    #[must_use]
    pub fn account(&self, id: u64) -> Option<Account> {
        let state = self.accounts.get(&id).filter(|state| state.is_open())?;
        self.shown(state)
    }

    /// An account as its platform shows it, open or not.
    pub(super) fn shown(&self, state: &AccountState) -> Option<Account> {
        let account = Account::new(state.platform.clone(), state.login.clone());
        match self.shows_ids(&state.platform) {
            false => Some(account),
            true => Some(account.with_id(AccountId::new(&state.id.to_string()).ok()?)),
        }
    }

    /// Whether accounts of the platform are shown with a stable id.
    pub(super) fn shows_ids(&self, platform: &Platform) -> bool {
        match platform.stable_ids() {
            StableIds::Always => true,
            StableIds::Never => false,
            StableIds::AsShown => self.shows_ids || *platform != self.home.1,
        }
    }

    /// Every account that ever was, closed ones too.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountState> {
        self.accounts.values()
    }

    /// The registry where accounts of `platform` publish: the home, if it is there.
    pub(super) fn registry_of(&self, platform: &Platform) -> Option<Ecosystem> {
        let mut here = self.registries.iter().filter(|r| r.platform == *platform);
        let home = here.clone().find(|r| r.ecosystem == self.home.0);
        home.or_else(|| here.next()).map(|r| r.ecosystem.clone())
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn changed(&mut self, namespace: &Namespace) {
        self.serial += 1;
        let serial = self.serial;
        if let Some(project) = self.projects.get_mut(namespace) {
            project.serial = serial;
            project.revision += 1;
        }
        self.note_roles(namespace);
    }
}
