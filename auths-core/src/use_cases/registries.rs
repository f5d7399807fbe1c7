//! Several registries behind one question: which adapter reads a name.

use std::sync::Arc;

use super::statement_prover::StatementProver;
use crate::identity::{Ecosystem, Namespace, Origin};
use crate::ports::NamespaceVerifier;
use crate::reason::{Invalid, Reason, Unavailable, UnavailableReason};

/// The adapters of several registries. A name is routed to the adapter of its ecosystem and server.
///
/// ```
/// use std::sync::Arc;
/// use auths_core::use_cases::Registries;
/// use auths_core::{Namespace, UnavailableReason};
///
/// let none = Registries::default();
/// let six: Namespace = "pypi:six".parse()?;
/// assert_eq!(none.find(&six).unwrap_err().reason, UnavailableReason::NotOffered);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registries(Vec<Arc<dyn NamespaceVerifier>>);

impl Registries {
    /// Adds an adapter. Names of its ecosystem on its server are read by it.
    ///
    /// # Errors
    /// [`SameRegistry`] when an adapter for that ecosystem and server is there already: nothing would tell which one is meant.
    pub fn add(&mut self, registry: Arc<dyn NamespaceVerifier>) -> Result<(), SameRegistry> {
        let (ecosystem, at) = (registry.ecosystem(), configured_origin(&*registry));
        if self.reading(ecosystem, at).is_some() {
            return Err(SameRegistry {
                ecosystem: ecosystem.clone(),
                origin: registry.origin().clone(),
            });
        }
        self.0.push(registry);
        Ok(())
    }

    /// Returns a name as it is written everywhere else: without its server, where that is the public one of an adapter here.
    ///
    /// The namespace `pkg:pypi/six?repository_url=https://pypi.org` names the same package as `pkg:pypi/six`. Only the adapters
    /// know the address of a public registry, so core alone takes the two for two names. What is read, signed or stored is the
    /// canonical name.
    ///
    /// ```
    /// use std::sync::{Arc, Mutex};
    /// use auths_core::Namespace;
    /// use auths_core::use_cases::Registries;
    /// # use auths_testkit::world::{SimulatedRegistry, World};
    /// # let world = World::pypi("2026-01-01T00:00:00Z".parse()?);
    /// # let pypi = SimulatedRegistry::public(Arc::new(Mutex::new(world)), "https://registry.example".parse()?);
    ///
    /// let mut registries = Registries::default();
    /// registries.add(Arc::new(pypi))?;
    /// let spelled: Namespace = "pkg:pypi/six?repository_url=https://registry.example".parse()?;
    /// assert_eq!(registries.canonical(&spelled).to_string(), "pkg:pypi/six");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn canonical(&self, namespace: &Namespace) -> Namespace {
        let is_public = namespace.repository().is_some_and(|named| {
            let public = self.reading(namespace.ecosystem(), None);
            public.is_some_and(|registry| registry.origin() == named)
        });
        match is_public {
            true => namespace.clone().at(None),
            false => namespace.clone(),
        }
    }

    /// Returns the adapter that reads a name, in any spelling of its server. Ask it for the [`canonical`](Self::canonical) name.
    ///
    /// # Errors
    /// [`Unavailable`] with [`UnavailableReason::NotOffered`] when no adapter reads that ecosystem on that server.
    pub fn find(&self, namespace: &Namespace) -> Result<&Arc<dyn NamespaceVerifier>, Unavailable> {
        let namespace = self.canonical(namespace);
        let (ecosystem, at) = (namespace.ecosystem(), namespace.repository());
        self.reading(ecosystem, at).ok_or_else(|| {
            let place = match at {
                Some(origin) => format!("{ecosystem} at {origin}"),
                None => format!("the public {ecosystem}"),
            };
            let detail = format!("no adapter for names of {place} is plugged in");
            Unavailable::new(UnavailableReason::NotOffered, detail)
        })
    }

    /// Returns the adapter that reads a name which somebody signed. A signed name cannot be changed any more, and names a package
    /// in its canonical spelling only.
    ///
    /// # Errors
    /// [`Unavailable`] with [`UnavailableReason::NotOffered`] as for [`find`](Self::find), and for another spelling.
    pub(super) fn find_signed(
        &self,
        namespace: &Namespace,
    ) -> Result<&Arc<dyn NamespaceVerifier>, Unavailable> {
        let canonical = self.canonical(namespace);
        if canonical == *namespace {
            return self.find(namespace);
        }
        let detail = format!("{namespace} is signed with its public server: claim {canonical}");
        Err(Unavailable::new(UnavailableReason::NotOffered, detail))
    }

    /// Returns every adapter, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn NamespaceVerifier>> {
        self.0.iter()
    }

    /// Returns the provers of accounts that core knows to be proved by a package made for it (npm, PyPI), one for each registry
    /// of such packages.
    pub fn statement_provers(&self) -> impl Iterator<Item = StatementProver> {
        self.0.iter().filter_map(|registry| {
            let platform = registry.ecosystem().accounts_with_statements()?;
            Some(StatementProver::new(platform, registry.clone()))
        })
    }

    fn reading(
        &self,
        ecosystem: &Ecosystem,
        at: Option<&Origin>,
    ) -> Option<&Arc<dyn NamespaceVerifier>> {
        let mut registries = self.0.iter();
        registries.find(|r| r.ecosystem() == ecosystem && configured_origin(&***r) == at)
    }
}

/// Returns the server as names write it: none for the public one.
fn configured_origin(registry: &dyn NamespaceVerifier) -> Option<&Origin> {
    (!registry.is_public()).then(|| registry.origin())
}

/// The error for a second adapter of one ecosystem and server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("two adapters read {ecosystem} at {origin}: plug in one")]
#[non_exhaustive]
pub struct SameRegistry {
    /// The ecosystem.
    pub ecosystem: Ecosystem,
    /// The server.
    pub origin: Origin,
}

impl SameRegistry {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        Invalid::BadConfiguration.code()
    }
}
