//! The description of a verifier under test, by its author.

use std::any::Any;
use std::fmt;

use super::stage::Stage;
use crate::world::{RegistryFault, World};
use auths_core::Timestamp;
use auths_core::ports::NamespaceVerifier;

/// A verifier under test. Its registry is simulated from a [`World`], in the registry's own wire format.
///
/// For adapters that talk HTTP, `auths_testkit::server::SimulatedBackend` (feature `faults`) implements it: it takes the function
/// that answers in the wire format.
///
/// ```
/// use auths_testkit::world::{SimulatedRegistry, RegistryFault, World};
/// use auths_testkit::conformance::{NamespaceSubject, Offers, Opened, Stage};
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
///         // A real one starts a loopback server that answers from `stage.world()` in its wire format, fails as
///         // `stage.trouble()` says, and says `stage.answered()` after each answer.
///         let origin = "https://registry.example".parse().expect("an origin");
///         Opened::new(SimulatedRegistry::public(stage.shared_world(), origin))
///     }
///
///     fn offers(&self) -> Offers {
///         let offers = Offers::everything().without_reader_role().without_pages();
///         offers.without_interruption().without_troubles(RegistryFault::ALL)
///     }
/// }
///
/// auths_testkit::namespace_verifier_conformance!(Mine);
/// ```
pub trait NamespaceSubject: Send + Sync {
    /// Creates an empty world with the registry, at that time.
    fn world(&self, now: Timestamp) -> World;

    /// Creates a verifier that reads the world of `stage` anew for every query.
    fn open(&self, stage: Stage) -> Opened;

    /// Returns the features that the registry and the adapter offer.
    fn offers(&self) -> Offers {
        Offers::everything()
    }

    /// Returns what was seen to be wrong with the simulated registry itself since the last call. The report shows it with a
    /// check that failed meanwhile.
    fn flaws(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The features of a registry and its adapter. A feature that is not offered is not checked, and the report says so.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Offers {
    /// Several owners of one name. GitHub's personal names have only one.
    pub co_owners: bool,
    /// A role that may publish, and no more.
    pub lesser_role: bool,
    /// A listed role that may not publish: readers, or somebody who pays the bill.
    pub reader_role: bool,
    /// Organisations that own projects, and whose members are not listed.
    pub organizations: bool,
    /// Quarantine.
    pub quarantine: bool,
    /// Owners on several pages. The server calls [`Stage::repeats_page`] for each further page.
    pub pages: bool,
    /// Releases that can name DIDs.
    pub statements: bool,
    /// Releases that can say that a DID speaks for an account.
    pub account_statements: bool,
    /// Yanking or deprecating releases.
    pub withdrawing: bool,
    /// True where the registry shows no withdrawn release any more. [`Offers::everything`] has false.
    pub hides_withdrawn: bool,
    /// Deleting a project, and registering its name again.
    pub names_return: bool,
    /// Changes between two requests of one query. The server calls [`Stage::answered`] after each answer.
    pub interruption: bool,
    /// The faults that the subject can simulate.
    pub troubles: Vec<RegistryFault>,
}

impl Offers {
    /// Creates the set of all features that the suite knows.
    #[must_use]
    pub fn everything() -> Self {
        Self {
            co_owners: true,
            lesser_role: true,
            reader_role: true,
            organizations: true,
            quarantine: true,
            pages: true,
            statements: true,
            account_statements: true,
            withdrawing: true,
            hides_withdrawn: false,
            names_return: true,
            interruption: true,
            troubles: RegistryFault::ALL.to_vec(),
        }
    }

    /// Sets that a name has only one owner.
    #[must_use]
    pub fn without_co_owners(mut self) -> Self {
        self.co_owners = false;
        self
    }

    /// Sets that withdrawn releases vanish from what the registry shows.
    #[must_use]
    pub fn hiding_withdrawn(mut self) -> Self {
        self.hides_withdrawn = true;
        self
    }

    /// Sets that there is no role that may publish and no more.
    #[must_use]
    pub fn without_lesser_role(mut self) -> Self {
        self.lesser_role = false;
        self
    }

    /// Sets that everyone who is listed may publish.
    #[must_use]
    pub fn without_reader_role(mut self) -> Self {
        self.reader_role = false;
        self
    }

    /// Sets that there are no organisations.
    #[must_use]
    pub fn without_organizations(mut self) -> Self {
        self.organizations = false;
        self
    }

    /// Sets that there is no quarantine.
    #[must_use]
    pub fn without_quarantine(mut self) -> Self {
        self.quarantine = false;
        self
    }

    /// Sets that a list of owners comes whole, in one answer.
    #[must_use]
    pub fn without_pages(mut self) -> Self {
        self.pages = false;
        self
    }

    /// Sets that releases make no statements.
    #[must_use]
    pub fn without_statements(mut self) -> Self {
        self.statements = false;
        self
    }

    /// Sets that releases name DIDs for their package, but make no account statements.
    #[must_use]
    pub fn without_account_statements(mut self) -> Self {
        self.account_statements = false;
        self
    }

    /// Sets that there is no yanking or deprecating.
    #[must_use]
    pub fn without_withdrawing(mut self) -> Self {
        self.withdrawing = false;
        self
    }

    /// Sets that a name is never registered again.
    #[must_use]
    pub fn without_returning_names(mut self) -> Self {
        self.names_return = false;
        self
    }

    /// Sets that nothing changes between two requests of one query: the server does not call [`Stage::answered`].
    #[must_use]
    pub fn without_interruption(mut self) -> Self {
        self.interruption = false;
        self
    }

    /// Removes these faults: the subject cannot simulate them.
    #[must_use]
    pub fn without_troubles(mut self, troubles: &[RegistryFault]) -> Self {
        self.troubles.retain(|t| !troubles.contains(t));
        self
    }
}

/// A verifier with its environment.
pub struct Opened {
    pub(super) verifier: Box<dyn NamespaceVerifier>,
    pub(super) requests: Option<Box<dyn Fn() -> usize + Send + Sync>>,
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
    /// Creates the value from a verifier.
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

    /// Sets how the requests to the registry are counted. The suite then checks that a query for another registry causes no
    /// request.
    #[must_use]
    pub fn counting(mut self, requests: impl Fn() -> usize + Send + Sync + 'static) -> Self {
        self.requests = Some(Box::new(requests));
        self
    }
}
