//! Ways in for the fuzz targets of `tests/fuzz` and for the benchmark: a packument's bytes, through the same reading and
//! digesting as a real one.

use std::io::Read;

use auths_core::evidence::{NamespaceEvidence, Reading};
use auths_core::ports::Scope;
use auths_core::{Namespace, Timestamp, Unavailable};
use serde::de::IgnoredAny;

use crate::bounded::Bounded;
use crate::config::public_origin;
use crate::digest::Package;
use crate::{verifier, wire};

/// What a packument shows; `None` when it cannot be read.
#[must_use]
pub fn package(body: &[u8], namespace: &Namespace, now: Timestamp) -> Option<NamespaceEvidence> {
    let read = wire::read(body, namespace, 1_000).ok()?;
    let package = kept(Package::new(read, namespace, None).ok()?);
    let mut evidence = NamespaceEvidence::new(namespace.clone(), public_origin().ok()?, now);
    verifier::fill(&mut evidence, package, Scope::Everything);
    if let Reading::Read(timeline) = &evidence.timeline {
        // One more stands for what was before a package that was unpublished whole.
        assert!(timeline.releases().len() <= 1_001);
    }
    Some(evidence)
}

/// Who maintains the package and which life of it this is, as a question for the listing reads it.
///
/// # Errors
/// As the adapter's.
pub fn ownership(
    body: impl Read,
    namespace: &Namespace,
    now: Timestamp,
) -> Result<NamespaceEvidence, Unavailable> {
    let read = wire::read(body, namespace, usize::MAX)?;
    let package = Package::new(read, namespace, None)?;
    let origin = public_origin()
        .map_err(|e| Unavailable::new(auths_core::UnavailableReason::Internal, e.to_string()))?;
    let mut evidence = NamespaceEvidence::new(namespace.clone(), origin, now);
    verifier::fill(&mut evidence, package, Scope::Listing);
    Ok(evidence)
}

/// The same reader over the same bytes, keeping nothing: what reading costs at least.
///
/// # Errors
/// What is no JSON.
pub fn skip(body: impl Read) -> Result<(), serde_json::Error> {
    let _: IgnoredAny = serde_json::from_reader(Bounded::new(body))?;
    Ok(())
}

/// The digest as the next run finds it in the store, which is the same.
fn kept(package: Package) -> Package {
    let stored = serde_json::to_string(&package).unwrap_or_default();
    let again = serde_json::from_str::<Package>(&stored).ok();
    let again = again.filter(|again| serde_json::to_string(again).unwrap_or_default() == stored);
    assert!(again.is_some(), "{stored}");
    again.unwrap_or(package)
}
