//! Entry points for the fuzz targets of `tests/fuzz`. The bytes of an answer are read by the code that reads real answers.

use std::collections::BTreeSet;
use std::fmt::Debug;

use auths_core::evidence::NamespaceEvidence;
use auths_core::{Did, Namespace, RefutedReason, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::config::public_origin;
use crate::parse::{ProjectData, ReleaseMetadata, SimpleIndex};

/// Returns what a project's answer shows; `None` when it cannot be read.
#[must_use]
pub fn project(body: &[u8], namespace: &Namespace, now: Timestamp) -> Option<NamespaceEvidence> {
    let answer = serde_json::from_slice(body).ok()?;
    let project = kept(ProjectData::new(answer, namespace, None).ok()?);
    let origin = public_origin().ok()?;
    let mut evidence = NamespaceEvidence::new(namespace.clone(), origin, now);
    evidence.timeline = project.timeline().into();
    evidence.listing = project.listing;
    evidence.incarnation = project.incarnation;
    evidence.repositories = project.repositories;
    Some(evidence)
}

/// Returns the DIDs that a release's answer names; `None` when it cannot be read.
#[must_use]
pub fn release(body: &[u8], namespace: &Namespace, version: &str) -> Option<BTreeSet<Did>> {
    let answer = serde_json::from_slice(body).ok()?;
    Some(
        kept(ReleaseMetadata::new(answer, namespace, version).ok()?)
            .said
            .dids,
    )
}

/// Returns why the simple index says that a project does not exist; `None` when the answer cannot be read.
#[must_use]
pub fn index(body: &[u8], namespace: &Namespace) -> Option<RefutedReason> {
    let answer = serde_json::from_slice(body).ok()?;
    Some(kept(SimpleIndex::new(answer, namespace).ok()?).absent)
}

/// Returns the kept part as the next run reads it from the store, which equals it.
fn kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(parsed: T) -> T {
    let stored = serde_json::to_string(&parsed).unwrap_or_default();
    assert_eq!(
        serde_json::from_str::<T>(&stored).ok().as_ref(),
        Some(&parsed)
    );
    parsed
}
