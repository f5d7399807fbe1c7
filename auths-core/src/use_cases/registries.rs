//! Several registries behind one question: which adapter reads a name.

use std::sync::Arc;

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

    /// Returns the adapter that reads a name.
    ///
    /// # Errors
    /// [`Unavailable`] with [`UnavailableReason::NotOffered`] when no adapter reads that ecosystem on that server.
    pub fn find(&self, namespace: &Namespace) -> Result<&Arc<dyn NamespaceVerifier>, Unavailable> {
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

    /// Returns every adapter, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<dyn NamespaceVerifier>> {
        self.0.iter()
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
