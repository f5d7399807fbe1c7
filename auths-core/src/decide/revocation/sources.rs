//! The revocations that were found, and the sources that were consulted for them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::claim::published::PublishedRevocations;
use crate::claim::{PlatformClaim, Revocation, RevocationTarget, Signed};
use crate::identity::Did;
use crate::reason::{Unavailable, UnavailableReason};

/// A source of revocations, the amount read from it, and the failure to read it, if any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConsultedSource {
    /// The name of the source.
    pub source: String,
    /// The number of revocations read from the source. Written as text in documents, because a report may be kept where numbers
    /// are not allowed.
    #[serde(serialize_with = "as_text")]
    pub revocations: usize,
    /// The number of platform claims read from the source. Written as text in documents.
    #[serde(serialize_with = "as_text")]
    pub claims: usize,
    /// The reason why the source could not be read, if it could not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Unavailable>,
}

fn as_text<S: Serializer>(count: &usize, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(count)
}

/// The revocations that a decision knows of, and the sources that were consulted.
#[derive(Debug, Clone, Default)]
pub struct Revocations {
    consulted: Vec<ConsultedSource>,
    found: Vec<Signed<Revocation>>,
    naming: Vec<Signed<PlatformClaim>>,
    remembered: Vec<Signed<Revocation>>,
    pub(super) recovery: BTreeMap<Did, BTreeSet<Did>>,
    /// The reason why earlier revocations could not be recalled, or present ones not be remembered.
    forgotten: Option<Unavailable>,
    /// The reasons why that is so of one DID and its claims.
    pub(super) forgotten_of: BTreeMap<Did, Unavailable>,
    /// The targets that a DID revoked too often for every revocation to be remembered, with that DID.
    pub(super) too_often: BTreeSet<(RevocationTarget, Did)>,
}

impl Revocations {
    /// Creates the value for no consulted source: the answer will say `not-checked`.
    #[must_use]
    pub fn not_checked() -> Self {
        Self::default()
    }

    /// Adds the revocations from a source.
    #[must_use]
    pub fn with(
        self,
        source: impl Into<String>,
        given: Result<Vec<Signed<Revocation>>, Unavailable>,
    ) -> Self {
        self.with_published(source, given.map(PublishedRevocations::new))
    }

    /// Adds the revocations and platform claims from a source.
    #[must_use]
    pub fn with_published(
        mut self,
        source: impl Into<String>,
        given: Result<PublishedRevocations, Unavailable>,
    ) -> Self {
        let (read, unread) = match given {
            Ok(published) => (published, None),
            Err(why) => (PublishedRevocations::default(), Some(why)),
        };
        self.consulted.push(ConsultedSource {
            source: source.into(),
            revocations: read.revocations.len(),
            claims: read.claims.len(),
            unread,
        });
        self.extend(read.revocations);
        self.naming(read.claims)
    }

    /// Adds revocations that came with the input itself. They count, but no source was consulted for them.
    pub fn extend(&mut self, revocations: impl IntoIterator<Item = Signed<Revocation>>) {
        self.found.extend(revocations);
        // The earliest revocation is used first, independent of the order of arrival.
        self.found
            .sort_by(|a, b| (a.created(), a.id()).cmp(&(b.created(), b.id())));
        self.found.dedup();
    }

    /// Adds this verifier's memory of earlier answers: the recovery DIDs that `did` named, and revocations whose signatures were
    /// checked then.
    ///
    /// # Security
    /// The input is trusted: take it from the verifier's own memory, as [`collect_revocations`](crate::use_cases::collect_revocations) does.
    pub(crate) fn recalling(
        &mut self,
        did: &Did,
        recovery: impl IntoIterator<Item = Did>,
        revocations: impl IntoIterator<Item = Signed<Revocation>>,
    ) {
        let named = self.recovery.entry(did.clone()).or_default();
        named.extend(recovery);
        let revocations: Vec<_> = revocations.into_iter().collect();
        if !revocations.is_empty() {
            self.remembered.extend(revocations.iter().cloned());
            self.extend(revocations);
        }
    }

    /// Sets why earlier revocations could not be recalled, or present ones not be remembered. Since they could only have said no,
    /// this keeps an answer from being a yes.
    #[must_use]
    pub fn forgetting(mut self, why: Unavailable) -> Self {
        self.forgotten = self.forgotten.or(Some(why));
        self
    }

    /// Sets why the revocations of one DID and its claims could not be recalled, or not be remembered. It keeps every chain through
    /// that DID from being a yes, and no other.
    #[must_use]
    pub fn forgetting_of(mut self, did: &Did, why: Unavailable) -> Self {
        self.note_forgotten(did, why);
        self
    }

    /// Records what [`forgetting_of`](Self::forgetting_of) sets.
    pub(crate) fn note_forgotten(&mut self, did: &Did, why: Unavailable) {
        self.forgotten_of.entry(did.clone()).or_insert(why);
    }

    /// Records that `by` revoked a target too often for every revocation to be remembered. It keeps a chain from being a yes in
    /// which `by` may revoke that target, and no other.
    pub(crate) fn revoked_too_often(&mut self, target: RevocationTarget, by: Did) {
        self.too_often.insert((target, by));
    }

    /// Returns the platform claims that came from the sources.
    pub(crate) fn named(&self) -> &[Signed<PlatformClaim>] {
        &self.naming
    }

    /// Returns the revocations that were remembered or recalled. Their signatures were checked.
    pub(crate) fn remembered(&self) -> &[Signed<Revocation>] {
        &self.remembered
    }

    /// Returns whether `recovery` is remembered as a recovery DID of any DID.
    pub(in crate::decide) fn remembers(&self, recovery: &Did) -> bool {
        self.recovery.values().any(|named| named.contains(recovery))
    }

    /// Adds platform claims that name recovery DIDs: claims that this verifier stores, or that were published with the
    /// revocations.
    ///
    /// A thief of a device key leaves out the claim that names its recovery DID. A verifier that knows the claim from elsewhere
    /// still lets that DID revoke.
    #[must_use]
    pub fn naming(mut self, claims: impl IntoIterator<Item = Signed<PlatformClaim>>) -> Self {
        self.naming.extend(claims);
        self
    }

    /// Returns the sources that were consulted.
    #[must_use]
    pub fn consulted(&self) -> &[ConsultedSource] {
        &self.consulted
    }

    /// Returns the revocations that were found, earliest first. Not verified.
    #[must_use]
    pub fn found(&self) -> &[Signed<Revocation>] {
        &self.found
    }

    /// Returns the first failure of a source or of this verifier's memory. An unread source could only have said no.
    pub(crate) fn unread(&self) -> Option<Unavailable> {
        self.unread_source().or_else(|| self.forgotten.clone())
    }

    fn unread_source(&self) -> Option<Unavailable> {
        let unread = self
            .consulted
            .iter()
            .find_map(|c| Some((&c.source, c.unread.as_ref()?)));
        unread.map(|(source, why)| {
            // Name the failure's own reason only where it says more.
            let detail = match why.reason {
                UnavailableReason::RevocationsUnread => format!("{source}: {}", why.raw_detail),
                _ => format!("{source}: {why}"),
            };
            Unavailable::new(UnavailableReason::RevocationsUnread, detail)
                .retry_after(why.retry_after)
        })
    }
}
