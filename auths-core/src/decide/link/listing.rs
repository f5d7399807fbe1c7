//! The link account - namespace, by the registry's listing.

use std::time::Duration;

use super::super::decision::Standing;
use super::super::grounds::MaturityRange;
use super::{EvaluationContext, Link, identify, max_age};
use crate::Timestamp;
use crate::capability::Capability;
use crate::evidence::{
    EvidenceKind, Grade, ListedAccount, Listing, ListingBasis, NamespaceEvidence, Owners, Role,
    worth,
};
use crate::identity::{Account, Platform, Subject};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Creates the link account - namespace from the registry's listing of one account.
pub(in crate::decide) fn ownership(
    bench: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    account: &Account,
    recorded: &[(Account, Timestamp)],
) -> Link {
    let name = evidence.namespace.short();
    let of = Subject::of_namespace(&evidence.namespace);
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
            of.clone(),
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
    if let Some(why) = may_be_organization(listing, account) {
        return best(says).undetermined(why);
    }
    let told_by = listed.told_by();
    let (at, maturity) = (evidence.observed_at, bench.policy.maturity());
    let standing = Seniority::of(listed, recorded);
    let (kind, grade) = match (listed.role, told_by) {
        (Role::Maintainer, _) => (EvidenceKind::ListedMaintainer, Grade::Plain),
        (Role::Invited, _) => {
            let detail = format!(
                "{account} was invited, and has not accepted: {}",
                listed.label
            );
            return best(says).refuted(RefutedReason::RolePending, detail);
        }
        (Role::Other, _) => {
            let detail = format!(
                "{account} is {}, which gives no right to publish",
                listed.label
            );
            return best(says).refuted(RefutedReason::LesserRole, detail);
        }
        (_, ListingBasis::RecyclableName) => (EvidenceKind::ListedOwner, Grade::RecyclableName),
        (Role::OwnAccount, _) => (EvidenceKind::OwnAccount, Grade::Plain),
        (Role::Owner, _) => (
            EvidenceKind::ListedOwner,
            match listing.tokens_may_add_owners {
                true => standing.grade(at, maturity),
                false => Grade::Established,
            },
        ),
    };
    let maturities = if listing.tokens_may_add_owners {
        MaturityRange::up_to(bench.policy.maturity())
    } else {
        MaturityRange::ANY
    };
    let says = match grade {
        Grade::Fresh => format!("{says}, {}", standing.in_words(listed.absent_at)),
        _ => says,
    };
    let of = match kind {
        EvidenceKind::OwnAccount => Subject::Account(account.clone()),
        _ => of,
    };
    let link = seen(Link::new(kind, grade, of, says))
        .under(maturities)
        .held_apart(
            &[Capability::RecycledName],
            &Subject::Account(account.clone()),
        )
        .id("role", &listed.label);
    if told_by == ListingBasis::RecyclableName {
        return link.falling_to_also(worth(EvidenceKind::ListedOwner, Grade::RecyclableName));
    }
    match standing.known_since {
        Some(since) if grade == Grade::Fresh => {
            let then = standing.grade(since + maturity, maturity);
            link.ripening(since + maturity, worth(kind, then), None)
        }
        _ => link,
    }
}

/// Finds the account's entry: by id or the platform's only name, or by a recyclable name where the listing has no ids.
pub(in crate::decide) fn find<'a>(
    listing: &'a Listing,
    account: &Account,
) -> Option<&'a ListedAccount> {
    // If both have ids, different ids are different accounts, whatever their names.
    let may_be = |l: &ListedAccount| l.account.id().is_none() || account.id().is_none();
    let by_name = |l: &&ListedAccount| {
        l.told_by() == ListingBasis::RecyclableName && l.account.same_login(account) && may_be(l)
    };
    let mut entries = listing.accounts.iter();
    entries
        .clone()
        .find(|l| l.account.same_as(account))
        .or_else(|| entries.find(by_name))
}

/// Returns the meaning of a missing entry for an account: a no only from a complete, non-empty list.
fn not_listed(listing: &Listing, account: &Account) -> Result<Refuted, Unavailable> {
    match &listing.owners {
        Owners::Organization(organization) => {
            let detail =
                format!("the organization {organization} owns it, and its members are not listed");
            Err(Unavailable::new(UnavailableReason::OwnersHidden, detail))
        }
        Owners::Unread(why) => Err(why.clone()),
        Owners::Listed if listing.accounts.is_empty() && !listing.teams.is_empty() => {
            let detail = format!("no account is listed, only {}", listing.teams.join(", "));
            Ok(Refuted::new(RefutedReason::TeamsOnly, detail))
        }
        Owners::Listed if listing.accounts.is_empty() => Err(Unavailable::new(
            UnavailableReason::Empty,
            "the registry lists nobody at all",
        )),
        Owners::Listed if account.id().is_some() && tells_by_names(listing, account) => {
            let detail = format!(
                "the list shows names of accounts and no ids, so it does not say whether {account} is among them"
            );
            Err(Unavailable::new(UnavailableReason::MissingField, detail))
        }
        Owners::Listed => {
            let mut detail = format!("{account} is not among those listed");
            let mut namesakes = listing.accounts.iter().map(|listed| &listed.account);
            if let Some(other) = namesakes.find(|listed| listed.same_login(account)) {
                detail = format!("{detail}; {other} is, and may be another account");
            }
            if *account.platform() == Platform::NPM && listing.teams.is_empty() {
                detail = format!(
                    "{detail}; npm lists maintainers and shows no teams: whoever may publish it as a member of a team alone is not \
                     listed either, and is no owner of it"
                );
            }
            Ok(Refuted::new(RefutedReason::NotListed, detail))
        }
    }
}

/// Returns whether a listing identifies any account of that platform by a name that may have changed hands, although ids exist.
/// Such a listing cannot deny an id.
fn tells_by_names(listing: &Listing, account: &Account) -> bool {
    let mut others = listing.accounts.iter();
    others.any(|listed| {
        let is_there = listed.account.platform() == account.platform();
        is_there && listed.told_by() == ListingBasis::RecyclableName
    })
}

/// The time since when an owner is known, where a token may add owners.
///
/// A stolen token can add its thief, who then is an owner like any other and may publish. Only one thing proves that an owner is
/// not a thief: the package's first release. A thief gets everything else by staying unnoticed for the maturity, so it falls to a
/// `held-token`. Releases before an observation that did not find the owner listed count for nothing.
struct Seniority {
    made_it_at: Option<Timestamp>,
    known_since: Option<Timestamp>,
}

impl Seniority {
    fn of(listed: &ListedAccount, recorded: &[(Account, Timestamp)]) -> Self {
        let own_record = recorded
            .iter()
            .find(|(a, _)| a.same_as(&listed.account))
            .map(|(_, since)| *since);
        let published = listed
            .first_published
            .filter(|_| listed.absent_at.is_none());
        let known = [published, listed.known_since, own_record];
        Self {
            made_it_at: published.filter(|_| listed.founder),
            known_since: known.into_iter().flatten().min(),
        }
    }

    /// Returns why an owner counts as new.
    fn in_words(&self, absent_at: Option<Timestamp>) -> String {
        match (self.known_since, absent_at) {
            (Some(since), Some(at)) => {
                format!(
                    "a new owner: a look at {at} did not find it listed, and it is known since {since}"
                )
            }
            (Some(since), None) => format!("a new owner, known since {since}"),
            (None, _) => "an owner of whom it is not known since when".to_owned(),
        }
    }

    fn grade(&self, at: Timestamp, maturity: Duration) -> Grade {
        let old = |since: Option<Timestamp>| since.is_some_and(|s| at.since(s) >= maturity);
        match (old(self.made_it_at), old(self.known_since)) {
            (true, _) => Grade::Established,
            (false, true) => Grade::Mature,
            (false, false) => Grade::Fresh,
        }
    }
}

/// Returns why, on npm, an account that is listed in the scope of its own name may have become an organisation, whose members
/// publish. The adapter reads whether a scope belongs to a person: [`Owners`].
fn may_be_organization(listing: &Listing, account: &Account) -> Option<Unavailable> {
    let Owners::Organization(scope) = &listing.owners else {
        return None;
    };
    let is_own = *account.platform() == Platform::NPM && scope == account.login().as_str();
    is_own.then(|| {
        let detail = format!(
            "npm does not tell that {account} published the newest release: the scope may be an organisation's, whose members \
             publish and are not listed"
        );
        Unavailable::new(UnavailableReason::OwnersHidden, detail)
    })
}
