//! The link DID - namespace, directly: releases that name the DID.

use super::super::decision::Standing;
use super::super::grounds::MaturityRange;
use super::super::span::{Publishers, publishers, span};
use super::super::statement::{NoStatement, Statement};
use super::{EvaluationContext, Link, max_age};
use crate::capability::CapabilitySet;
use crate::evidence::{
    EvidenceKind, Grade, Listing, NamespaceEvidence, Owners, Reading, Timeline, worth,
};
use crate::identity::{Account, Did, Subject};
use crate::reason::{RefutedReason, Unavailable, UnavailableReason};

/// Creates the direct link DID - namespace. If the roles were not read, also creates the link as it would be if they show one
/// Owner alone. Where releases never name DIDs (crates.io, GitHub), there is no such link, rather than an unread one.
pub(in crate::decide) fn package_statement(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
) -> Vec<Link> {
    if evidence.timeline == Reading::NotOffered {
        return Vec::new();
    }
    let from = |owner: Option<&Account>| from_statement(bench, evidence, did, owner);
    match sole_owner(evidence) {
        Ok(owner) => vec![from(owner)],
        Err(why) => {
            let open = open_statement(bench, evidence, did, why);
            std::iter::once(from(None)).chain(open).collect()
        }
    }
}

/// The one Owner that the roles show, without an organization; an error when they were not read, or when all but one of those
/// listed could not be. Where none are offered, nobody.
fn sole_owner(evidence: &NamespaceEvidence) -> Result<Option<&Account>, Unavailable> {
    match &evidence.listing {
        Reading::Read(listing)
            if listing.accounts.is_empty() && listing.owners == Owners::Listed =>
        {
            let detail = "the registry lists nobody at all";
            Err(Unavailable::new(UnavailableReason::Empty, detail))
        }
        Reading::Read(Listing {
            owners: Owners::Unread(why),
            accounts,
            ..
        }) if accounts.len() < 2 => Err(why.clone()),
        Reading::Read(listing) => Ok(listing.sole_owner().map(|listed| &listed.account)),
        Reading::Unread(why) if why.reason != UnavailableReason::NotOffered => Err(why.clone()),
        Reading::Unread(_) | Reading::NotOffered => Ok(None),
    }
}

/// Returns the link of the statement at best, if the roles that were not read show one Owner alone; `None` where the statement
/// does not hold.
fn open_statement(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    why: Unavailable,
) -> Option<Link> {
    let best = ripe(Publishers::Sole);
    let link = statement_link(bench, evidence, did, best, |_, _| best);
    (link.report.standing == Standing::Holds).then(|| link.undetermined(why))
}

/// Creates the link of a statement, in a package whose only role is `owner`'s, if there is one.
fn from_statement(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    owner: Option<&Account>,
) -> Link {
    let best = ripe(match owner {
        Some(_) => Publishers::Sole,
        None => Publishers::Several,
    });
    statement_link(bench, evidence, did, best, |timeline, found| {
        ripe(bench.published(timeline, did, || {
            let span = span(timeline, did, found, bench.policy.maturity());
            publishers(evidence, owner, &span)
        }))
    })
}

/// Returns the grade of a mature statement.
fn ripe(publishers: Publishers) -> Grade {
    match publishers {
        Publishers::Sole => Grade::MatureSole,
        Publishers::SoleNow => Grade::MatureAlone,
        Publishers::Several => Grade::Mature,
    }
}

/// Creates the link of a statement: with the worth at `best` where the statement does not hold, and otherwise with its present
/// worth and its worth when mature.
fn statement_link(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    best: Grade,
    ripe: impl FnOnce(&Timeline, &Statement) -> Grade,
) -> Link {
    let kind = EvidenceKind::PackageStatement;
    let says = format!("releases of {} name {did}", evidence.namespace.short());
    let age = max_age(bench.policy, evidence.namespace.ecosystem());
    let of = Subject::of_namespace(&evidence.namespace);
    let link = |grade| {
        Link::new(kind, grade, of.clone(), says.clone()).seen(
            evidence.observed_at,
            &evidence.sources,
            age,
        )
    };
    let timeline = match evidence.timeline.get() {
        Ok(timeline) => timeline,
        Err(why) if why.reason == UnavailableReason::NotOffered => {
            return link(best).not_offered(evidence);
        }
        Err(why) => return link(best).undetermined(why),
    };
    let maturity = bench.policy.maturity();
    let (told, is_alone) = bench.statement(evidence, timeline, did);
    let maturities = if is_alone {
        MaturityRange::up_to(maturity)
    } else {
        MaturityRange::only(maturity)
    };
    let link = |grade| link(grade).under(maturities);
    let found = match told {
        Ok(found) => found,
        Err(NoStatement::Refuted(refuted)) => {
            return link(best).standing(Standing::Refuted(refuted));
        }
        Err(NoStatement::Unavailable(why)) => return link(best).undetermined(why),
    };
    let ripe = ripe(timeline, &found);
    let mut link = match found.mature {
        true => link(ripe).said(found.since),
        false => link(Grade::Young).said(found.since).maturing(
            bench,
            evidence,
            &format!("names {did}"),
            &found,
            worth(kind, ripe),
        ),
    };
    link.from_the_first_release = found.from_the_beginning;
    link
}

impl Link {
    /// Sets the link to refuted. Nothing can still turn up: a registry without statements has none for this DID either.
    pub(super) fn not_offered(self, evidence: &NamespaceEvidence) -> Self {
        let detail = format!("{} offers none", evidence.namespace.ecosystem());
        self.refuted(RefutedReason::StatementsNotOffered, detail)
    }

    /// Sets that the link falls to `ripe` when its statement is mature, and which release must be published for it, in the words
    /// of `says`.
    pub(super) fn maturing(
        self,
        bench: &EvaluationContext<'_>,
        evidence: &NamespaceEvidence,
        says: &str,
        found: &Statement,
        ripe: CapabilitySet,
    ) -> Self {
        // If only a release is missing, the earliest time is now. A time in the past would suggest that waiting was enough.
        let at = found.matures_at.max(bench.now);
        let needs = found.needs_release.then(|| {
            let name = evidence.namespace.short();
            let when = if at > bench.now {
                format!(" at {at} or later")
            } else {
                String::new()
            };
            format!(
                "publish another release of {name} that {says}{when}; waiting alone is not enough"
            )
        });
        self.ripening(at, ripe, needs)
    }
}
