//! What the author of a verifier says of it, and the stage that it is looked at on.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::report::Violation;
use crate::evidence::NamespaceEvidence;
use crate::identity::{Ecosystem, Namespace};
use crate::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use crate::simulation::{Metadata, Refused, Session, SimulatedRegistry, Trouble, World};
use crate::{TimeError, Timestamp};

/// A verifier to be held to its contract: its registry is played from a simulated [`World`], in its own wire format.
///
/// For adapters that talk HTTP, `auths_http::loopback::Played` (its feature `faults`) is one already: it takes the function
/// that answers in the wire format.
///
/// ```
/// use auths_core::simulation::{SimulatedRegistry, Trouble, World};
/// use auths_core::testing::conformance::{NamespaceSubject, Offers, Opened, Stage};
/// use auths_core::Timestamp;
///
/// struct Mine;
///
/// impl NamespaceSubject for Mine {
///     fn world(&self, now: Timestamp) -> World {
///         World::pypi(now)
///     }
///
///     fn open(&self, stage: Stage) -> Opened {
///         // A real one starts a loopback server that answers from `stage.world()` in its wire format, and fails as
///         // `stage.trouble()` says.
///         let origin = "https://registry.example".parse().expect("an origin");
///         Opened::new(SimulatedRegistry::public(stage.shared_world(), origin))
///     }
///
///     fn offers(&self) -> Offers {
///         Offers::everything().without_troubles(Trouble::ALL)
///     }
/// }
///
/// auths_core::namespace_verifier_conformance!(Mine);
/// ```
pub trait NamespaceSubject: Send + Sync {
    /// An empty world with the registry, at that time.
    fn world(&self, now: Timestamp) -> World;

    /// A verifier that reads the world of `stage`, anew at every question.
    fn open(&self, stage: Stage) -> Opened;

    /// What the registry and the adapter offer.
    fn offers(&self) -> Offers {
        Offers::everything()
    }
}

/// What a registry and its adapter offer. What is not offered is not checked, and the report says so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offers {
    /// Several owners of one name. GitHub's personal names have one.
    pub co_owners: bool,
    /// A role that may publish, and no more.
    pub lesser_role: bool,
    /// Organisations that own projects, and whose members are not listed.
    pub organizations: bool,
    /// Quarantine.
    pub quarantine: bool,
    /// Releases that can name DIDs.
    pub statements: bool,
    /// Yanking or deprecating releases.
    pub withdrawing: bool,
    /// Deleting a project, and registering its name again.
    pub names_return: bool,
    /// The troubles that the subject can play.
    pub troubles: Vec<Trouble>,
}

impl Offers {
    /// Everything that the suite knows of.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            co_owners: true,
            lesser_role: true,
            organizations: true,
            quarantine: true,
            statements: true,
            withdrawing: true,
            names_return: true,
            troubles: Trouble::ALL.to_vec(),
        }
    }

    /// The same, where a name has one owner.
    #[must_use]
    pub fn without_co_owners(mut self) -> Self {
        self.co_owners = false;
        self
    }

    /// The same, without the role that may publish and no more.
    #[must_use]
    pub fn without_lesser_role(mut self) -> Self {
        self.lesser_role = false;
        self
    }

    /// The same, without organisations.
    #[must_use]
    pub fn without_organizations(mut self) -> Self {
        self.organizations = false;
        self
    }

    /// The same, without quarantine.
    #[must_use]
    pub fn without_quarantine(mut self) -> Self {
        self.quarantine = false;
        self
    }

    /// The same, without statements in releases.
    #[must_use]
    pub fn without_statements(mut self) -> Self {
        self.statements = false;
        self
    }

    /// The same, without yanking or deprecating.
    #[must_use]
    pub fn without_withdrawing(mut self) -> Self {
        self.withdrawing = false;
        self
    }

    /// The same, where a name is never registered again.
    #[must_use]
    pub fn without_returning_names(mut self) -> Self {
        self.names_return = false;
        self
    }

    /// The same, without these troubles: the subject cannot play them.
    #[must_use]
    pub fn without_troubles(mut self, troubles: &[Trouble]) -> Self {
        self.troubles.retain(|t| !troubles.contains(t));
        self
    }
}

/// The world that a verifier reads, and the trouble that its registry is in.
#[derive(Debug, Clone)]
pub struct Stage {
    world: Arc<Mutex<World>>,
    trouble: Arc<Mutex<Option<Trouble>>>,
}

impl Stage {
    /// The world as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, for a server or clock that outlives the call.
    #[must_use]
    pub fn shared_world(&self) -> Arc<Mutex<World>> {
        Arc::clone(&self.world)
    }

    /// How the registry fails just now.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_trouble(&self, trouble: Option<Trouble>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

/// A verifier on its stage.
pub struct Opened {
    verifier: Box<dyn NamespaceVerifier>,
    requests: Option<Box<dyn Fn() -> usize + Send + Sync>>,
    keep: Vec<Box<dyn Any + Send + Sync>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Opened");
        shown.field("verifier", &self.verifier);
        shown.finish_non_exhaustive()
    }
}

impl Opened {
    /// This verifier.
    #[must_use]
    pub fn new(verifier: impl NamespaceVerifier + 'static) -> Self {
        Self {
            verifier: Box::new(verifier),
            requests: None,
            keep: Vec::new(),
        }
    }

    /// Keeps something, such as a server, as long as the verifier.
    #[must_use]
    pub fn keeping(mut self, server: impl Any + Send + Sync) -> Self {
        self.keep.push(Box::new(server));
        self
    }

    /// Says how many requests the registry has had: the suite then checks that a question for another registry makes none.
    #[must_use]
    pub fn counting(mut self, requests: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        self.requests = Some(Box::new(requests));
        self
    }
}

pub(super) type Subject = dyn NamespaceSubject;

/// The project that most checks look at.
pub(super) const NAME: &str = "widget";

/// When every world begins.
pub(super) fn start() -> Result<Timestamp, TimeError> {
    Timestamp::from_unix(1_767_225_600)
}

fn has_releases(world: &World) -> bool {
    *world.ecosystem() != Ecosystem::GITHUB
}

/// Makes a name be there: by a first release, or on GitHub by the account that takes it.
pub(super) fn register(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    // Some registries take no version of an earlier life again.
    let version = match world.buried(name) {
        Some(_) => "2.0.0",
        None => "1.0.0",
    };
    match has_releases(world) {
        true => world.publish(by, name, version, Metadata::new()),
        false => world.rename_account(by, name),
    }
}

/// Does what owners do every day, where there is anything of the kind.
pub(super) fn go_on(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    match has_releases(world) {
        true => world.publish(by, name, "1.1.0", Metadata::new()),
        false => Ok(()),
    }
}

/// Takes a name that was given up: under a version that was never published, where versions are not used twice.
pub(super) fn take_over(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    match has_releases(world) {
        true => world.publish(by, name, "1.0.1", Metadata::new()),
        false => world.rename_account(by, name),
    }
}

/// Gives a name up.
pub(super) fn give_up(world: &mut World, by: &Session, name: &str) -> Result<(), Refused> {
    match has_releases(world) {
        true => world.delete_project(by, name),
        false => world.rename_account(by, "given-up"),
    }
}

/// A world with a verifier before it.
pub(super) struct Scene {
    pub(super) stage: Stage,
    opened: Opened,
}

impl Scene {
    /// A world in which these moves were made.
    pub(super) fn open(
        subject: &Subject,
        moves: impl FnOnce(&mut World) -> Result<(), Refused>,
    ) -> Result<Self, Violation> {
        let mut world = subject.world(start()?);
        moves(&mut world)
            .map_err(|refused| Violation(format!("the world refuses the scene: {refused}")))?;
        let stage = Stage {
            world: Arc::new(Mutex::new(world)),
            trouble: Arc::default(),
        };
        let opened = subject.open(stage.clone());
        Ok(Self { stage, opened })
    }

    pub(super) fn verifier(&self) -> &dyn NamespaceVerifier {
        &*self.opened.verifier
    }

    pub(super) fn requests(&self) -> Option<usize> {
        self.opened.requests.as_ref().map(|count| count())
    }

    /// The namespace of a project of that name, as the verifier is to be asked for it.
    pub(super) fn namespace(&self, name: &str) -> Result<Namespace, Violation> {
        let namespace = self.stage.world().namespace(name)?;
        let verifier = self.verifier();
        let configured = (!verifier.is_public()).then(|| verifier.origin().clone());
        Ok(namespace.at(configured))
    }

    pub(super) fn query(&self, name: &str) -> Result<NamespaceQuery, Violation> {
        let now = self.stage.world().now();
        Ok(NamespaceQuery::new(self.namespace(name)?, now))
    }

    /// What the verifier shows of the project of that name.
    pub(super) async fn gather(&self, name: &str) -> Result<NamespaceEvidence, Violation> {
        Ok(self.try_gather(name).await??)
    }

    pub(super) async fn try_gather(
        &self,
        name: &str,
    ) -> Result<Result<NamespaceEvidence, NamespaceError>, Violation> {
        Ok(self.verifier().gather(&self.query(name)?).await)
    }

    /// What there is to be seen of it.
    pub(super) async fn reference(&self, name: &str) -> Result<NamespaceEvidence, Violation> {
        let (world, origin) = (self.stage.shared_world(), self.verifier().origin().clone());
        let registry = match self.verifier().is_public() {
            true => SimulatedRegistry::public(world, origin),
            false => SimulatedRegistry::configured(world, origin),
        };
        Ok(registry.gather(&self.query(name)?).await?)
    }
}
