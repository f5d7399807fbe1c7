//! The link DID - account, by a package that was made to speak for the account.

use super::super::context::EvaluationContext;
use super::super::publishers::{PossiblePublishers, publishers};
use super::super::report::Standing;
use super::super::reuse::MaturityRange;
use super::super::timeline::{NoStatement, account_statement as read_statement};
use super::link::Link;
use super::own_scope::{only_role, outside_own_scope, published_by_account};
use crate::capability::Capability;
use crate::evidence::{
    AccountEvidence, EvidenceGrade, EvidenceKind, Existence, Listing, ListingBasis,
    ListingCompleteness, NamespaceEvidence, Release, Timeline, worth,
};
use crate::identity::{Account, Subject};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Creates the link of an account statement: a package that only this account can publish says, in every release, that the DID
/// speaks for the account.
pub(super) fn account_statement_link(
    context: &EvaluationContext<'_>,
    evidence: &AccountEvidence,
    package: &NamespaceEvidence,
) -> Link {
    let (account, did) = (&evidence.account, &evidence.did);
    let basis = match listing_basis(evidence, package) {
        Ok(basis) => basis,
        Err(standing) => return link_at_best(evidence, package).standing(standing),
    };
    let timeline = match package.timeline.get() {
        Ok(timeline) => timeline,
        Err(why) => {
            let link = link_at_best(evidence, package);
            return match why.reason {
                UnavailableReason::NotOffered => link.not_offered(package),
                _ => link.undetermined(why),
            };
        }
    };
    let maturity = context.maturity();
    let found = match read_statement(timeline, did, account, maturity, package.observed_at) {
        Ok(found) => found,
        Err(none) => {
            let link = link_at_best(evidence, package);
            return match none {
                NoStatement::Refuted(refuted) => link.standing(Standing::Refuted(refuted)),
                NoStatement::Unavailable(why) => link.undetermined(why),
            };
        }
    };
    if let Err(why) = published_by_account(account, package, timeline) {
        return link_at_best(evidence, package).undetermined(why);
    }
    let mature = mature_grade(account, package, timeline);
    let mut link = if found.mature {
        plain_link(evidence, package, mature)
    } else {
        let says = format!("says that {did} speaks for {account}");
        let mature = worth(EvidenceKind::AccountStatement, mature);
        plain_link(evidence, package, EvidenceGrade::Young)
            .maturing(context, package, &says, &found, mature)
    };
    link = link.said(found.since).under(MaturityRange::up_to(maturity));
    match basis {
        ListingBasis::RecyclableName => link.falling_to_also(worth(
            EvidenceKind::ListedOwner,
            EvidenceGrade::RecyclableName,
        )),
        _ => link,
    }
}

/// Creates the link with the best worth that an account statement can have, for what does not hold.
fn link_at_best(evidence: &AccountEvidence, package: &NamespaceEvidence) -> Link {
    plain_link(evidence, package, EvidenceGrade::MatureSoleByHand)
}

fn plain_link(
    evidence: &AccountEvidence,
    package: &NamespaceEvidence,
    grade: EvidenceGrade,
) -> Link {
    let (account, did) = (&evidence.account, &evidence.did);
    let says = format!(
        "every release of {}, which {account} alone can publish, says that {did} speaks for {account}",
        package.namespace.short()
    );
    let of = Subject::of_namespace(&package.namespace);
    Link::new(EvidenceKind::AccountStatement, grade, of, says)
        .applying_to(
            &[Capability::RecycledName],
            &Subject::Account(account.clone()),
        )
        .id("package", &package.namespace)
}

/// Returns the basis on which the package lists the account as the only one that may publish it.
fn listing_basis(
    evidence: &AccountEvidence,
    package: &NamespaceEvidence,
) -> Result<ListingBasis, Standing> {
    let account = &evidence.account;
    let ecosystem = package.namespace.ecosystem();
    let same_place = ecosystem.has_own_accounts_on(account.platform())
        && package.namespace.repository() == account.origin()
        && package.is_about(&package.namespace)
        && package.observed_at == evidence.observed_at;
    if !same_place {
        let detail = format!(
            "{} is not a package of {}",
            package.namespace,
            account.platform()
        );
        let why = Unavailable::new(UnavailableReason::EvidenceMismatch, detail);
        return Err(Standing::Undetermined(why));
    }
    if let Some(detail) = outside_own_scope(account, &package.namespace) {
        return Err(not_sole_owner(detail));
    }
    if let Existence::Absent(refuted) = &package.existence {
        return Err(Standing::Refuted(refuted.clone()));
    }
    let listing = package.listing.get().map_err(Standing::Undetermined)?;
    match only_role(listing, account) {
        Some(only) => Ok(only.effective_basis()),
        None => Err(not_alone(listing, account, package)),
    }
}

fn not_sole_owner(detail: String) -> Standing {
    Standing::Refuted(Refuted::new(RefutedReason::NotSoleOwner, detail))
}

/// Returns the standing where the package does not list the account alone: whom else it lists, as far as that was read.
fn not_alone(listing: &Listing, account: &Account, package: &NamespaceEvidence) -> Standing {
    let listed = listing.accounts.iter().map(|listed| &listed.account);
    let others = listed.filter(|other| !other.same_as(account));
    let others: Vec<String> = others.take(3).map(ToString::to_string).collect();
    let named = match (others.as_slice(), &listing.owners) {
        // Whoever could not be read may be somebody else, or the account once more.
        ([], ListingCompleteness::Unread(why)) => return Standing::Undetermined(why.clone()),
        ([], _) => String::new(),
        (named, _) => format!(": it lists {}", named.join(", ")),
    };
    not_sole_owner(format!(
        "{} does not list {account} as its only role{named}",
        package.namespace.short()
    ))
}

/// Returns the grade of the statement when it is mature.
fn mature_grade(
    account: &Account,
    package: &NamespaceEvidence,
    timeline: &Timeline,
) -> EvidenceGrade {
    let all: Vec<&Release> = timeline.releases().iter().collect();
    let is_sole = publishers(package, Some(account), &all) == PossiblePublishers::Sole;
    let by_hand = all.iter().all(|release| release.from_ci == Some(false));
    match (is_sole, by_hand) {
        (true, true) => EvidenceGrade::MatureSoleByHand,
        (true, false) => EvidenceGrade::MatureSole,
        (false, true) => EvidenceGrade::MatureAloneByHand,
        (false, false) => EvidenceGrade::MatureAlone,
    }
}
