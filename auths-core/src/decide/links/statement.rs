//! The link DID - namespace, directly: releases that name the DID.

use super::super::context::EvaluationContext;
use super::super::publishers::{PossiblePublishers, publishers, statement_span};
use super::super::report::Standing;
use super::super::reuse::MaturityRange;
use super::super::timeline::{NoStatement, TimelineStatement};
use super::link::Link;
use crate::evidence::{
    EvidenceGrade, EvidenceKind, Listing, ListingCompleteness, NamespaceEvidence, Reading,
    Timeline, worth,
};
use crate::identity::{Account, Did, Subject};
use crate::reason::{Unavailable, UnavailableReason};

/// Creates the direct links DID - namespace, each of which makes a chain of its own.
///
/// It is one link where the roles were read. Where they were not, the same statement makes two: one that is worth what it is
/// without the roles, as if several could publish, and that may be accepted as it is; and one that is undetermined, because the
/// roles may show one Owner alone, and then it is worth more.
///
/// Where releases never name DIDs, there is no such link, rather than an unread one. Adapters say that as [`Reading::NotOffered`].
/// A bundle may also have the other form, a timeline that is unread for the reason `not-offered`: it makes a refuted link, which
/// the answer shows.
pub(in crate::decide) fn package_statement_links(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
) -> Vec<Link> {
    if evidence.timeline == Reading::NotOffered {
        return Vec::new();
    }
    match sole_owner(evidence) {
        Ok(owner) => vec![from_statement(context, evidence, did, owner)],
        Err(why) => {
            let found = from_statement(context, evidence, did, None);
            let open = open_statement(context, evidence, did, why);
            std::iter::once(found).chain(open).collect()
        }
    }
}

/// The one Owner that the roles show, without an organization; an error when they were not read, or when all but one of those
/// listed could not be. Where none are offered, nobody.
fn sole_owner(evidence: &NamespaceEvidence) -> Result<Option<&Account>, Unavailable> {
    match &evidence.listing {
        Reading::Read(listing)
            if listing.accounts.is_empty() && listing.owners == ListingCompleteness::Listed =>
        {
            let detail = "the registry lists nobody at all";
            Err(Unavailable::new(UnavailableReason::Empty, detail))
        }
        Reading::Read(Listing {
            owners: ListingCompleteness::Unread(why),
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
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    why: Unavailable,
) -> Option<Link> {
    let best = mature_grade(PossiblePublishers::Sole);
    let link = statement_link(context, evidence, did, best, |_, _| best);
    (link.report.standing == Standing::Holds).then(|| link.undetermined(why))
}

/// Creates the link of a statement, in a package whose only role is `owner`'s, if there is one.
fn from_statement(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    owner: Option<&Account>,
) -> Link {
    let best = mature_grade(match owner {
        Some(_) => PossiblePublishers::Sole,
        None => PossiblePublishers::Several,
    });
    statement_link(context, evidence, did, best, |timeline, found| {
        mature_grade(context.publishers(timeline, did, || {
            let span = statement_span(timeline, did, found, context.maturity());
            publishers(evidence, owner, &span)
        }))
    })
}

/// Returns the grade of a mature statement.
fn mature_grade(publishers: PossiblePublishers) -> EvidenceGrade {
    match publishers {
        PossiblePublishers::Sole => EvidenceGrade::MatureSole,
        PossiblePublishers::AloneNow => EvidenceGrade::MatureAlone,
        PossiblePublishers::Several => EvidenceGrade::Mature,
    }
}

/// Creates the link of a statement: with the worth at `best` where the statement does not hold, and otherwise with its present
/// worth and its worth when mature. `mature` returns the grade that a statement which was found has when it is mature.
fn statement_link(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    best: EvidenceGrade,
    mature: impl FnOnce(&Timeline, &TimelineStatement) -> EvidenceGrade,
) -> Link {
    let timeline = match evidence.timeline.get() {
        Ok(timeline) => timeline,
        Err(why) => {
            let link = plain_link(context, evidence, did, best);
            return match why.reason {
                // Only in the form that adapters do not write: see `package_statement_links`.
                UnavailableReason::NotOffered => link.not_offered(evidence),
                _ => link.undetermined(why),
            };
        }
    };
    let derived = context.statement(evidence, timeline, did);
    let maturities = match derived.names_nobody_else {
        true => MaturityRange::up_to(context.maturity()),
        false => MaturityRange::only(context.maturity()),
    };
    let found = match derived.found {
        Ok(found) => found,
        Err(none) => {
            let link = plain_link(context, evidence, did, best).under(maturities);
            return match none {
                NoStatement::Refuted(refuted) => link.standing(Standing::Refuted(refuted)),
                NoStatement::Unavailable(why) => link.undetermined(why),
            };
        }
    };
    let mature = mature(timeline, &found);
    let grade = match found.mature {
        true => mature,
        false => EvidenceGrade::Young,
    };
    let mut link = plain_link(context, evidence, did, grade)
        .under(maturities)
        .said(found.since);
    if !found.mature {
        let mature = worth(EvidenceKind::PackageStatement, mature);
        link = link.maturing(context, evidence, &format!("names {did}"), &found, mature);
    }
    link.from_the_first_release = found.from_the_beginning;
    link
}

/// Creates the link of a statement, as it was seen.
fn plain_link(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    did: &Did,
    grade: EvidenceGrade,
) -> Link {
    let says = format!("releases of {} name {did}", evidence.namespace.short());
    let of = Subject::of_namespace(&evidence.namespace);
    Link::new(EvidenceKind::PackageStatement, grade, of, says)
        .observed_in(evidence, context.policy())
}
