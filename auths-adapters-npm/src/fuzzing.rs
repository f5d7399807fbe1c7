//! Entry points for the fuzz targets of `tests/fuzz` and for the benchmark. The bytes of a packument are read by the code that
//! reads real answers.

use std::io::Read;

use auths_core::evidence::{NamespaceEvidence, Reading};
use auths_core::ports::ReadScope;
use auths_core::{Namespace, Timestamp, Unavailable};
use serde::de::IgnoredAny;

use crate::bounded::BoundedReader;
use crate::config::public_origin;
use crate::parse::Package;
use crate::{verifier, wire};

/// Returns what a packument shows; `None` when it cannot be read.
#[must_use]
pub fn package(body: &[u8], namespace: &Namespace, now: Timestamp) -> Option<NamespaceEvidence> {
    let read = wire::read(body, namespace, 1_000).ok()?;
    let package = kept(Package::new(read, namespace, None).ok()?);
    let mut evidence = NamespaceEvidence::new(namespace.clone(), public_origin().ok()?, now);
    verifier::fill_evidence(&mut evidence, package, ReadScope::Everything);
    if let Reading::Read(timeline) = &evidence.timeline {
        // One more release stands for those before a package that was unpublished whole.
        assert!(timeline.releases().len() <= 1_001);
    }
    Some(evidence)
}

/// Returns the maintainers of the package and which life of it this is, as a query for the listing reads them.
///
/// # Errors
/// The errors of the adapter.
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
    verifier::fill_evidence(&mut evidence, package, ReadScope::Listing);
    Ok(evidence)
}

/// Reads the same bytes with the same reader and keeps nothing: the least cost of reading.
///
/// # Errors
/// The error of a body that is no JSON.
pub fn skip(body: impl Read) -> Result<(), serde_json::Error> {
    let _: IgnoredAny = serde_json::from_reader(BoundedReader::new(body))?;
    Ok(())
}

/// Returns the kept part as the next run reads it from the store, which equals it.
fn kept(package: Package) -> Package {
    let stored = serde_json::to_string(&package).unwrap_or_default();
    let again = serde_json::from_str::<Package>(&stored).ok();
    let again = again.filter(|again| serde_json::to_string(again).unwrap_or_default() == stored);
    assert!(again.is_some(), "{stored}");
    again.unwrap_or(package)
}
