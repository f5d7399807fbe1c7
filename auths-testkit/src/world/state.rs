//! The world: its clock, and the state of all its platforms and registries.

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
use super::runs::RunState;
use super::truth::Truth;
use auths_core::Timestamp;
use auths_core::claim::Incarnation;
use auths_core::evidence::ListedAccount;
use auths_core::identity::{
    Account, AccountId, Ecosystem, NameError, Namespace, Platform, StableIds,
};

/// Every registry and platform, their accounts, tokens and projects, and the time.
///
/// One registry is the world's *home*: bare names and logins refer to it where nothing else is given.
#[derive(Debug, Clone)]
pub struct World {
    home: (Ecosystem, Platform),
    pub(super) now: Timestamp,
    pub(super) serial: u64,
    last_id: u64,
    registries: Vec<RegistryRules>,
    platforms: Vec<PlatformRules>,
    /// True where accounts of the home's platform are shown with ids, if core does not know the platform.
    shows_ids: bool,
    /// True where npm's `time.created` begins anew with a name that was unpublished.
    pub(super) creates_anew: bool,
    /// The prefix of a bare name at home.
    scope: String,
    /// The accounts, by id. Closed ones stay, so that no id is ever used again.
    pub(super) accounts: BTreeMap<u64, AccountState>,
    pub(super) tokens: BTreeMap<u64, TokenState>,
    /// The projects on the public registries.
    pub(super) projects: BTreeMap<Namespace, Project>,
    pub(super) buried: BTreeMap<Namespace, Buried>,
    /// The organisations, by the id of the account.
    pub(super) orgs: BTreeMap<u64, OrgState>,
    /// The accounts of crates.io, by the id of the GitHub account.
    pub(super) crates_users: BTreeMap<u64, CratesUser>,
    pub(super) gists: BTreeMap<String, Gist>,
    pub(super) repositories: BTreeMap<u64, RepositoryState>,
    pub(super) workflows: BTreeMap<u64, WorkflowState>,
    /// Every CI run that was ever started.
    pub(super) runs: BTreeMap<u64, RunState>,
    pub(super) apps: BTreeMap<String, AppState>,
    pub(super) flows: BTreeMap<String, FlowState>,
    /// The truth about who holds what.
    pub(super) truth: Truth,
}

impl World {
    /// Creates an empty world whose home is the registry of `ecosystem`, with accounts on `platform`. An ecosystem that is not in
    /// the table [`REGISTRIES`] gets a registry that works like PyPI.
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
            runs: BTreeMap::new(),
            apps: BTreeMap::new(),
            flows: BTreeMap::new(),
            truth: Truth::default(),
        }
    }

    /// Creates an empty world, at home on PyPI.
    #[must_use]
    pub fn pypi(now: Timestamp) -> Self {
        Self::new(Ecosystem::PYPI, Platform::PYPI, now)
    }

    /// Creates an empty world, at home on npm.
    #[must_use]
    pub fn npm(now: Timestamp) -> Self {
        Self::new(Ecosystem::NPM, Platform::NPM, now)
    }

    /// Creates an empty world, at home on crates.io, whose accounts are GitHub's.
    #[must_use]
    pub fn crates_io(now: Timestamp) -> Self {
        Self::new(Ecosystem::CARGO, Platform::GITHUB, now)
    }

    /// Creates an empty world, at home on GitHub.
    #[must_use]
    pub fn github(now: Timestamp) -> Self {
        Self::new(Ecosystem::GITHUB, Platform::GITHUB, now)
    }

    /// Sets the rules of a registry: start from [`RegistryRules::other`].
    ///
    /// ```
    /// use auths_testkit::world::{RegistryRules, World};
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

    /// Sets the rules of a platform for logins: start from [`PlatformRules::other`].
    ///
    /// ```
    /// use auths_testkit::world::{PlatformRules, World};
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

    /// Sets that the home's platform has no stable ids: accounts are shown by their only name. For platforms that core does not
    /// know; for the others it knows whether they have ids.
    #[must_use]
    pub fn names_only(mut self) -> Self {
        self.shows_ids = false;
        self
    }

    /// Sets that npm's `time.created` begins anew when a name that was unpublished is published again. It is not documented which
    /// of the two npm does, so every property must hold in both worlds.
    #[must_use]
    pub fn creating_anew(mut self) -> Self {
        self.creates_anew = true;
        self
    }

    /// Sets the scope of a bare name at home: with `acme/`, `widget` means `acme/widget`. For registries whose names all have a
    /// scope, so that tests that say `widget` also run there.
    #[must_use]
    pub fn in_scope(mut self, scope: &str) -> Self {
        scope.clone_into(&mut self.scope);
        self
    }

    /// Returns the ecosystem of the home.
    #[must_use]
    pub fn ecosystem(&self) -> &Ecosystem {
        &self.home.0
    }

    /// Returns the platform of the home.
    #[must_use]
    pub fn platform(&self) -> &Platform {
        &self.home.1
    }

    /// Returns the rules of the registry of `ecosystem`; `None` where there is no registry.
    #[must_use]
    pub fn rules(&self, ecosystem: &Ecosystem) -> Option<&RegistryRules> {
        self.registries.iter().find(|r| r.ecosystem == *ecosystem)
    }

    /// Returns the rules of `platform` for the logins of its accounts.
    #[must_use]
    pub fn platform_rules(&self, platform: &Platform) -> PlatformRules {
        let known = self.platforms.iter().find(|r| r.platform == *platform);
        known.map_or_else(|| PlatformRules::other(platform.clone()), Clone::clone)
    }

    /// Returns the present time of the world.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Advances the time, everywhere.
    pub fn wait(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    /// Returns the namespace of a project of that name, on the public registry.
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

    /// Returns a name in `ecosystem`, at home with its scope.
    pub(super) fn scoped<'n>(&self, ecosystem: &Ecosystem, name: &'n str) -> Cow<'n, str> {
        match self.scope.is_empty() || *ecosystem != self.home.0 || name.contains('/') {
            true => name.into(),
            false => format!("{}{name}", self.scope).into(),
        }
    }

    /// Returns the project of that name.
    #[must_use]
    pub fn project<'n>(&self, name: impl Into<Named<'n>>) -> Option<&Project> {
        self.projects.get(&self.namespace(name).ok()?)
    }

    /// Returns the kept data of the last deleted project of a name, if no project has the name now.
    #[must_use]
    pub fn buried<'n>(&self, name: impl Into<Named<'n>>) -> Option<&Buried> {
        let namespace = self.namespace(name).ok()?;
        let buried = self.buried.get(&namespace);
        buried.filter(|_| !self.projects.contains_key(&namespace))
    }

    /// Returns the accounts that the registry lists for `project`: Owners first, each group sorted by login.
    #[must_use]
    pub fn roles(&self, project: &Project) -> Vec<ListedAccount> {
        super::listing::roles(self, project)
    }

    /// Returns the marker that distinguishes this project from others of the same name, if something was published.
    #[must_use]
    pub fn incarnation(&self, project: &Project) -> Option<Incarnation> {
        super::listing::incarnation(project)
    }

    /// Returns the account by its number, as its platform shows it: with an id where the platform shows any.
    #[must_use]
    pub fn account(&self, id: u64) -> Option<Account> {
        let state = self.accounts.get(&id).filter(|state| state.is_open())?;
        self.shown(state)
    }

    /// Returns an account as its platform shows it, open or not.
    pub(super) fn shown(&self, state: &AccountState) -> Option<Account> {
        let account = Account::new(state.platform.clone(), state.login.clone());
        match self.shows_ids(&state.platform) {
            false => Some(account),
            true => Some(account.with_id(AccountId::new(&state.id.to_string()).ok()?)),
        }
    }

    /// Returns whether accounts of the platform are shown with a stable id.
    pub(super) fn shows_ids(&self, platform: &Platform) -> bool {
        match platform.stable_ids() {
            StableIds::Always => true,
            StableIds::Never => false,
            // `AsShown`, of which the world knows whether its registry shows them.
            _ => self.shows_ids || *platform != self.home.1,
        }
    }

    /// Returns every account that ever existed, including closed ones.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountState> {
        self.accounts.values()
    }

    /// Returns the registry where accounts of `platform` publish, preferring the home.
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
