//! DID - namespace, directly: releases that name the DID.

use super::super::decision::Standing;
use super::super::statement::{NoStatement, Statement, statement};
use super::{Bench, Link, max_age};
use crate::evidence::{EvidenceKind, Grade, NamespaceEvidence, Owners, worth};
use crate::identity::Did;
use crate::outcome::{Unavailable, Why};

/// DID - namespace, directly; and once more as it would be if the roles that were not read show one Owner alone.
pub(in crate::decide) fn package_statement(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
) -> Vec<Link> {
    let kind = EvidenceKind::PackageStatement;
    let says = format!("releases of {} name {did}", evidence.namespace.short());
    let age = max_age(bench.policy, evidence.namespace.ecosystem());
    let link = |grade| {
        Link::new(kind, grade, says.clone()).seen(evidence.observed_at, &evidence.sources, age)
    };
    let from = |ripe| from_statement(bench, evidence, did, link, kind, ripe);
    match sole_owner(evidence) {
        Ok(true) => vec![from(Grade::MatureSole)],
        Ok(false) => vec![from(Grade::Mature)],
        Err(why) => {
            let alone = from(Grade::MatureSole);
            let open = match alone.report.standing {
                Standing::Holds => Some(alone.undetermined(why)),
                _ => None,
            };
            std::iter::once(from(Grade::Mature)).chain(open).collect()
        }
    }
}

/// Whether the roles show one Owner and no organization; an error when they were not read. Where none are offered, no.
fn sole_owner(evidence: &NamespaceEvidence) -> Result<bool, Unavailable> {
    match evidence.listing.get() {
        Ok(listing) if listing.accounts.is_empty() && listing.owners == Owners::Listed => Err(
            Unavailable::new(Why::Empty, "the registry lists nobody at all"),
        ),
        Ok(listing) => Ok(listing.sole_owner().is_some()),
        Err(why) if why.why == Why::NotOffered => Ok(false),
        Err(why) => Err(why),
    }
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
    // A stolen token can make a package, and its first release: for an account, one publish is never enough.
    let once_is_enough = kind == EvidenceKind::PackageStatement;
    match statement(timeline, did, bench.policy.maturity(), evidence.observed_at) {
        Ok(Statement {
            mature: true,
            since,
            repeated,
            ..
        }) if repeated || once_is_enough => link(ripe).said(since),
        Ok(Statement {
            since,
            matures_at,
            needs_release,
            repeated,
            ..
        }) => {
            let ripe_at = matures_at.max(evidence.observed_at);
            let needs = (needs_release || !(repeated || once_is_enough)).then(|| {
                let name = evidence.namespace.short();
                format!(
                    "publish another release of {name} that names {did} at {ripe_at} or later; waiting alone is not enough"
                )
            });
            link(Grade::Young)
                .said(since)
                .ripening(ripe_at, worth(kind, ripe))
                .needing(needs)
        }
        Err(NoStatement::Refuted(refuted)) => link(ripe).standing(Standing::Refuted(refuted)),
        Err(NoStatement::Unavailable(why)) => link(ripe).undetermined(why),
    }
}
