//! account - namespace: what the registry's listing says of an account.

use super::super::decision::Standing;
use super::super::grounds::Maturities;
use super::{Bench, Link, identify, max_age};
use crate::Timestamp;
use crate::evidence::{
    EvidenceKind, Grade, ListedAccount, Listing, ListingBasis, NamespaceEvidence, Owners, Role,
    worth,
};
use crate::identity::Account;
use crate::outcome::{Refutation, Refuted, Unavailable, Why};

/// account - namespace: what the registry's listing says of one account.
pub(in crate::decide) fn ownership(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    account: &Account,
    recorded: &[(Account, Timestamp)],
) -> Link {
    let name = evidence.namespace.short();
    let age = max_age(bench.policy, evidence.namespace.ecosystem());
    let seen = |link: Link| {
        identify(
            link.seen(evidence.observed_at, &evidence.sources, age),
            account,
        )
    };
    let best = |says: String| {
        seen(Link::new(
            EvidenceKind::ListedOwner,
            Grade::Established,
            says,
        ))
    };
    let listing = match evidence.listing.get() {
        Ok(listing) => listing,
        Err(why) => return best(format!("who owns {name} was not read")).undetermined(why),
    };
    let Some(listed) = find(listing, account) else {
        let link = best(format!("{name} does not list {account}"));
        return match not_listed(listing, account) {
            Ok(refuted) => link.standing(Standing::Refuted(refuted)),
            Err(why) => link.undetermined(why),
        };
    };
    let says = format!("{name} lists {} as {}", listed.account, listed.label);
    let told_by = listed.told_by();
    let (kind, grade) = match (listed.role, told_by) {
        (Role::Maintainer, _) => (EvidenceKind::ListedMaintainer, Grade::Plain),
        (Role::Other, _) => {
            let detail = format!(
                "{account} is {}, which gives no right to publish",
                listed.label
            );
            return best(says).refuted(Refutation::LesserRole, detail);
        }
        (_, ListingBasis::RecyclableName) => (EvidenceKind::ListedOwner, Grade::RecyclableName),
        (Role::OwnAccount, _) => (EvidenceKind::OwnAccount, Grade::Plain),
        (Role::Owner, _) => {
            let fresh =
                listing.tokens_may_add_owners && !established(bench, evidence, listed, recorded);
            (
                EvidenceKind::ListedOwner,
                if fresh {
                    Grade::Fresh
                } else {
                    Grade::Established
                },
            )
        }
    };
    let maturities = if listing.tokens_may_add_owners {
        Maturities::up_to(bench.policy.maturity())
    } else {
        Maturities::ANY
    };
    let link = seen(Link::new(kind, grade, says))
        .under(maturities)
        .id("role", &listed.label);
    if told_by == ListingBasis::RecyclableName {
        return link.falling_to_also(worth(EvidenceKind::ListedOwner, Grade::RecyclableName));
    }
    link
}

/// The account's entry: by id or the platform's only name; by a recyclable name where the listing has no ids.
pub(in crate::decide) fn find<'a>(
    listing: &'a Listing,
    account: &Account,
) -> Option<&'a ListedAccount> {
    let by_name = |l: &&ListedAccount| {
        l.told_by() == ListingBasis::RecyclableName && l.account.same_login(account)
    };
    let mut entries = listing.accounts.iter();
    entries
        .clone()
        .find(|l| l.account.same_as(account))
        .or_else(|| entries.find(by_name))
}

/// What it means that a listing has no entry for an account: a no only from a complete, non-empty list.
fn not_listed(listing: &Listing, account: &Account) -> Result<Refuted, Unavailable> {
    match &listing.owners {
        Owners::Organization(organization) => {
            let detail =
                format!("the organization {organization} owns it, and its members are not listed");
            Err(Unavailable::new(Why::OwnersHidden, detail))
        }
        Owners::Listed if listing.accounts.is_empty() => Err(Unavailable::new(
            Why::Empty,
            "the registry lists nobody at all",
        )),
        Owners::Listed => {
            let mut detail = format!("{account} is not among those listed");
            let mut namesakes = listing.accounts.iter().map(|listed| &listed.account);
            if let Some(other) = namesakes.find(|listed| listed.same_login(account)) {
                detail = format!("{detail}; {other} is, and may be another account");
            }
            Ok(Refuted::new(Refutation::NotListed, detail))
        }
    }
}

/// Whether this very owner is older than the maturity: by a version it published, or by this verifier's own record.
fn established(
    bench: &Bench<'_>,
    evidence: &NamespaceEvidence,
    listed: &ListedAccount,
    recorded: &[(Account, Timestamp)],
) -> bool {
    let own_record = recorded
        .iter()
        .find(|(a, _)| a.same_as(&listed.account))
        .map(|(_, since)| *since);
    let known_since = [listed.first_published, own_record]
        .into_iter()
        .flatten()
        .min();
    known_since.is_some_and(|since| evidence.observed_at.since(since) >= bench.policy.maturity())
}
