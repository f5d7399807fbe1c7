//! DID - namespace, directly: releases that name the DID.

use super::super::decision::Standing;
use super::super::statement::{NoStatement, statement};
use super::{Bench, Link, max_age};
use crate::evidence::{EvidenceKind, Grade, NamespaceEvidence, worth};
use crate::identity::Did;

/// DID - namespace, directly.
pub(in crate::decide) fn package_statement(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
) -> Link {
    let kind = EvidenceKind::PackageStatement;
    let says = format!("releases of {} name {did}", evidence.namespace.short());
    let age = max_age(bench.policy, evidence.namespace.ecosystem());
    let sole = evidence
        .listing
        .get()
        .is_ok_and(|listing| listing.sole_owner().is_some());
    let ripe = if sole {
        Grade::MatureSole
    } else {
        Grade::Mature
    };
    let link = |grade| {
        Link::new(kind, grade, says.clone()).seen(evidence.observed_at, &evidence.sources, age)
    };
    from_statement(
        bench,
        evidence,
        did,
        Maturing::FromTheFirstRelease,
        (kind, ripe),
        link,
    )
}

/// What a statement must do to be mature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maturing {
    /// Two releases the maturity apart, or being there from the package's first release on: nobody but the package's maker
    /// could have made that one.
    FromTheFirstRelease,
    /// Two releases the maturity apart. A stolen token can make a new package in its account's name, so the first release of
    /// a package shows nothing about the account.
    Repeated,
}

/// The link that a statement makes: `ripe` when mature, young before.
pub(super) fn from_statement(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    maturing: Maturing,
    (kind, ripe): (EvidenceKind, Grade),
    link: impl Fn(Grade) -> Link,
) -> Link {
    let timeline = match evidence.timeline.get() {
        Ok(timeline) => timeline,
        Err(why) => return link(ripe).undetermined(why),
    };
    let read_at = evidence.observed_at;
    let found = match statement(timeline, did, bench.policy.maturity(), read_at) {
        Ok(found) => found,
        Err(NoStatement::Refuted(refuted)) => {
            return link(ripe).standing(Standing::Refuted(refuted));
        }
        Err(NoStatement::Unavailable(why)) => return link(ripe).undetermined(why),
    };
    let repeats = found.repeated || maturing == Maturing::FromTheFirstRelease;
    if found.mature && repeats {
        return link(ripe).said(found.since);
    }
    let ripe_at = found.matures_at.max(read_at);
    let needs_release = found.needs_release || !repeats;
    link(Grade::Young)
        .said(found.since)
        .ripening(ripe_at, worth(kind, ripe), needs_release)
}
