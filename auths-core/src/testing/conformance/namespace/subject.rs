//! What the author of a verifier says of it.

use std::any::Any;
use std::fmt;

use super::stage::Stage;
use crate::Timestamp;
use crate::ports::NamespaceVerifier;
use crate::simulation::{RegistryFault, World};

/// A verifier to be held to its contract: its registry is played from a simulated [`World`], in its own wire format.
///
/// For adapters that talk HTTP, `auths_http::loopback::SimulatedBackend` (its feature `faults`) is one already: it takes the function
/// that answers in the wire format.
///
/// ```
/// use auths_core::simulation::{SimulatedRegistry, RegistryFault, World};
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
    /// A listed role that may not publish: readers, whoever pays.
    pub reader_role: bool,
    /// Organisations that own projects, and whose members are not listed.
    pub organizations: bool,
    /// Quarantine.
    pub quarantine: bool,
    /// Owners on pages: the server says of each further one whether [`Stage::repeats_page`].
    pub pages: bool,
    /// Releases that can name DIDs.
    pub statements: bool,
    /// Releases that can say that a DID speaks for an account.
    pub account_statements: bool,
    /// Yanking or deprecating releases.
    pub withdrawing: bool,
    /// Deleting a project, and registering its name again.
    pub names_return: bool,
    /// Moves between two requests of one question: the server says [`Stage::answered`] after each.
    pub interruption: bool,
    /// The troubles that the subject can play.
    pub troubles: Vec<RegistryFault>,
}

impl Offers {
    /// Everything that the suite knows of.
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
            names_return: true,
            interruption: true,
            troubles: RegistryFault::ALL.to_vec(),
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

    /// The same, where everyone who is listed may publish.
    #[must_use]
    pub fn without_reader_role(mut self) -> Self {
        self.reader_role = false;
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

    /// The same, where a list of owners comes whole, in one answer.
    #[must_use]
    pub fn without_pages(mut self) -> Self {
        self.pages = false;
        self
    }

    /// The same, without statements in releases.
    #[must_use]
    pub fn without_statements(mut self) -> Self {
        self.statements = false;
        self
    }

    /// The same, where releases name DIDs for their package, and say nothing of accounts.
    #[must_use]
    pub fn without_account_statements(mut self) -> Self {
        self.account_statements = false;
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

    /// The same, where nothing happens between two requests of one question: the server does not say
    /// [`Stage::answered`].
    #[must_use]
    pub fn without_interruption(mut self) -> Self {
        self.interruption = false;
        self
    }

    /// The same, without these troubles: the subject cannot play them.
    #[must_use]
    pub fn without_troubles(mut self, troubles: &[RegistryFault]) -> Self {
        self.troubles.retain(|t| !troubles.contains(t));
        self
    }
}

/// A verifier on its stage.
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
