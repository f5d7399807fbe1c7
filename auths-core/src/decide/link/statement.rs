//! DID - namespace, directly: releases that name the DID.

use super::super::decision::Standing;
use super::super::statement::{NoStatement, Statement, statement};
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
    from_statement(bench, evidence, did, link, kind, ripe)
}

pub(super) fn from_statement(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    link: impl Fn(Grade) -> Link,
    kind: EvidenceKind,
    ripe: Grade,
) -> Link {
    let timeline = match evidence.timeline.get() {
        Ok(timeline) => timeline,
        Err(why) => return link(ripe).undetermined(why),
    };
    match statement(timeline, did, bench.policy.maturity(), evidence.observed_at) {
        Ok(Statement {
            mature: true,
            since,
            ..
        }) => link(ripe).said(since),
        Ok(Statement {
            since, matures_at, ..
        }) => {
            let ripe_at = matures_at.max(evidence.observed_at);
            link(Grade::Young)
                .said(since)
                .ripening(ripe_at, worth(kind, ripe))
        }
        Err(NoStatement::Refuted(refuted)) => link(ripe).standing(Standing::Refuted(refuted)),
        Err(NoStatement::Unavailable(why)) => link(ripe).undetermined(why),
    }
}
