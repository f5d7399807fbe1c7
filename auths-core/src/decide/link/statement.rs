//! DID - namespace, directly: releases that name the DID.

use super::super::decision::Standing;
use super::super::grounds::Maturities;
use super::super::statement::NoStatement;
use super::{Bench, Link, max_age};
use crate::evidence::{EvidenceKind, Grade, NamespaceEvidence, Owners, Reading, worth};
use crate::identity::{Did, Subject};
use crate::outcome::{Refutation, Unavailable, Why};

/// DID - namespace, directly; and once more as it would be if the roles that were not read show one Owner alone. Where
/// releases say nothing of DIDs at all (crates.io, GitHub), there is no such way, rather than one that was not seen.
pub(in crate::decide) fn package_statement(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
) -> Vec<Link> {
    if evidence.timeline == Reading::NotOffered {
        return Vec::new();
    }
    let kind = EvidenceKind::PackageStatement;
    let says = format!("releases of {} name {did}", evidence.namespace.short());
    let age = max_age(bench.policy, evidence.namespace.ecosystem());
    let link = |grade| {
        let of = Subject::of_namespace(&evidence.namespace);
        Link::new(kind, grade, of, says.clone()).seen(evidence.observed_at, &evidence.sources, age)
    };
    let from = |ripe| {
        let maturing = Maturing::FromTheFirstRelease;
        from_statement(bench, evidence, did, maturing, (kind, ripe), link)
    };
    match sole_owner(evidence) {
        Ok(true) => vec![from(Grade::MatureAlone)],
        Ok(false) => vec![from(Grade::Mature)],
        Err(why) => {
            let alone = from(Grade::MatureAlone);
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
        // Nothing that may still turn up: a registry without statements has none for this DID either.
        Err(why) if why.why == Why::NotOffered => {
            let detail = format!("{} offers none", evidence.namespace.ecosystem());
            return link(ripe).refuted(Refutation::StatementsNotOffered, detail);
        }
        Err(why) => return link(ripe).undetermined(why),
    };
    let maturity = bench.policy.maturity();
    let (told, is_alone) = bench.statement(evidence, timeline, did);
    let maturities = if is_alone {
        Maturities::up_to(maturity)
    } else {
        Maturities::only(maturity)
    };
    let link = |grade| link(grade).under(maturities);
    let found = match told {
        Ok(found) => found,
        Err(NoStatement::Refuted(refuted)) => {
            return link(ripe).standing(Standing::Refuted(refuted));
        }
        Err(NoStatement::Unavailable(why)) => return link(ripe).undetermined(why),
    };
    let repeats = found.repeated || maturing == Maturing::FromTheFirstRelease;
    let mut says = link(if found.mature && repeats {
        ripe
    } else {
        Grade::Young
    })
    .said(found.since);
    says.from_the_first_release =
        found.from_the_beginning && maturing == Maturing::FromTheFirstRelease;
    if found.mature && repeats {
        return says;
    }
    // Where only a release is missing, the earliest time is now: one that has passed would say that waiting was enough.
    let at = found.matures_at.max(bench.now);
    let needs = (found.needs_release || !repeats).then(|| {
        let name = evidence.namespace.short();
        let when = if at > bench.now {
            format!(" at {at} or later")
        } else {
            String::new()
        };
        format!(
            "publish another release of {name} that names {did}{when}; waiting alone is not enough"
        )
    });
    says.ripening(at, worth(kind, ripe), needs)
}
