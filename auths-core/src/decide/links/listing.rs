//! The link account - namespace, by the registry's listing.

use super::super::context::EvaluationContext;
use super::super::lasting::LastingEvidence;
use super::super::report::Standing;
use super::super::reuse::MaturityRange;
use super::link::Link;
use super::own_scope::may_be_organization;
use super::seniority::OwnerSeniority;
use crate::Timestamp;
use crate::capability::Capability;
use crate::evidence::{
    EvidenceGrade, EvidenceKind, ListedAccount, Listing, ListingBasis, ListingCompleteness,
    NamespaceEvidence, OwnerRole, worth,
};
use crate::identity::{Account, Subject};
use crate::policy::Policy;
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Creates the link account - namespace from the registry's listing of one account.
pub(in crate::decide) fn ownership_link(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    account: &Account,
    recorded: &[(Account, Timestamp)],
) -> Link {
    let check = OwnershipCheck {
        policy: context.policy(),
        evidence,
        account,
    };
    let name = evidence.namespace.short();
    let listing = match evidence.listing.get() {
        Ok(listing) => listing,
        Err(why) => {
            let says = format!("who owns {name} was not read");
            return check.link_at_best(says).undetermined(why);
        }
    };
    let Some(listed) = find_listed(listing, account) else {
        let link = check.link_at_best(format!("{name} does not list {account}"));
        return match not_listed(listing, account) {
            Ok(refuted) => link.standing(Standing::Refuted(refuted)),
            Err(why) => link.undetermined(why),
        };
    };
    let says = format!("{name} lists {} as {}", listed.account, listed.label);
    if let Some(why) = may_be_organization(listing, account) {
        return check.link_at_best(says).undetermined(why);
    }
    let label = &listed.label;
    match listed.role {
        OwnerRole::Invited => {
            let detail = format!("{account} was invited, and has not accepted: {label}");
            let link = check.link_at_best(says);
            link.refuted(RefutedReason::RolePending, detail)
        }
        OwnerRole::Other => {
            let detail = format!("{account} is {label}, which gives no right to publish");
            let link = check.link_at_best(says);
            link.refuted(RefutedReason::LesserRole, detail)
        }
        OwnerRole::Maintainer | OwnerRole::Owner | OwnerRole::OwnAccount => {
            let seniority = OwnerSeniority::of(listed, recorded);
            check.link_in_role(listing, listed, says, &seniority)
        }
    }
}

/// The check whether an account owns the namespace of the evidence.
struct OwnershipCheck<'a> {
    policy: &'a Policy,
    evidence: &'a NamespaceEvidence,
    account: &'a Account,
}

impl OwnershipCheck<'_> {
    fn link(&self, kind: EvidenceKind, grade: EvidenceGrade, of: Subject, says: String) -> Link {
        Link::new(kind, grade, of, says)
            .observed_in(self.evidence, self.policy)
            .identifying(self.account)
    }

    /// Creates the link with the best worth that a listing can have, for what does not hold.
    fn link_at_best(&self, says: String) -> Link {
        let of = Subject::of_namespace(&self.evidence.namespace);
        self.link(
            EvidenceKind::ListedOwner,
            EvidenceGrade::Established,
            of,
            says,
        )
    }

    /// Creates the link of an account that is listed in a role that may publish.
    fn link_in_role(
        &self,
        listing: &Listing,
        listed: &ListedAccount,
        says: String,
        seniority: &OwnerSeniority,
    ) -> Link {
        let (at, maturity) = (self.evidence.observed_at, self.policy.maturity());
        let is_recyclable = listed.effective_basis() == ListingBasis::RecyclableName;
        let (kind, grade) = match listed.role {
            OwnerRole::Maintainer => (EvidenceKind::ListedMaintainer, EvidenceGrade::Plain),
            _ if is_recyclable => (EvidenceKind::ListedOwner, EvidenceGrade::RecyclableName),
            OwnerRole::OwnAccount => (EvidenceKind::OwnAccount, EvidenceGrade::Plain),
            _ if listing.tokens_may_add_owners => {
                (EvidenceKind::ListedOwner, seniority.grade(at, maturity))
            }
            _ => (EvidenceKind::ListedOwner, EvidenceGrade::Established),
        };
        let is_owner_by_id = listed.role == OwnerRole::Owner && !is_recyclable;
        let says = match grade {
            EvidenceGrade::Fresh => format!("{says}, {}", seniority.in_words(listed.absent_at)),
            _ => says,
        };
        let of = match kind {
            EvidenceKind::OwnAccount => Subject::Account(self.account.clone()),
            _ => Subject::of_namespace(&self.evidence.namespace),
        };
        let maturities = match listing.tokens_may_add_owners {
            true => MaturityRange::up_to(maturity),
            false => MaturityRange::ANY,
        };
        let link = self
            .link(kind, grade, of, says)
            .under(maturities)
            .applying_to(
                &[Capability::RecycledName],
                &Subject::Account(self.account.clone()),
            )
            .id("role", &listed.label);
        let link = match is_owner_by_id && self.evidence.namespace.is_organization() {
            true => link.lasting(LastingEvidence::OwnerRole(self.account.clone())),
            false => link,
        };
        if is_recyclable {
            return link.falling_to_also(worth(
                EvidenceKind::ListedOwner,
                EvidenceGrade::RecyclableName,
            ));
        }
        match seniority.known_since {
            Some(since) if grade == EvidenceGrade::Fresh => {
                let then = seniority.grade(since + maturity, maturity);
                link.ripening(since + maturity, worth(kind, then), None)
            }
            _ => link,
        }
    }
}

/// Finds the account's entry: by id or the platform's only name, or by a recyclable name where the listing has no ids.
pub(in crate::decide) fn find_listed<'a>(
    listing: &'a Listing,
    account: &Account,
) -> Option<&'a ListedAccount> {
    let mut entries = listing.accounts.iter();
    entries
        .clone()
        .find(|listed| listed.account.same_as(account))
        .or_else(|| entries.find(|listed| is_listed_by_name(listed, account)))
}

/// Returns whether an entry may be the account's by its name alone. If both have ids, different ids are different accounts,
/// whatever their names.
fn is_listed_by_name(listed: &ListedAccount, account: &Account) -> bool {
    let may_be = listed.account.id().is_none() || account.id().is_none();
    listed.effective_basis() == ListingBasis::RecyclableName
        && listed.account.same_login(account)
        && may_be
}

/// Returns the meaning of a missing entry for an account: a no only from a complete, non-empty list.
fn not_listed(listing: &Listing, account: &Account) -> Result<Refuted, Unavailable> {
    match &listing.owners {
        ListingCompleteness::Organization(organization) => {
            let detail =
                format!("the organization {organization} owns it, and its members are not listed");
            Err(Unavailable::new(UnavailableReason::OwnersHidden, detail))
        }
        ListingCompleteness::Unread(why) => Err(why.clone()),
        ListingCompleteness::Listed if listing.accounts.is_empty() && !listing.teams.is_empty() => {
            let detail = format!("no account is listed, only {}", listing.teams.join(", "));
            Ok(Refuted::new(RefutedReason::TeamsOnly, detail))
        }
        ListingCompleteness::Listed if listing.accounts.is_empty() => Err(Unavailable::new(
            UnavailableReason::Empty,
            "the registry lists nobody at all",
        )),
        ListingCompleteness::Listed
            if account.id().is_some() && identifies_by_names(listing, account) =>
        {
            let detail = format!(
                "the list shows names of accounts and no ids, so it does not say whether {account} is among them"
            );
            Err(Unavailable::new(UnavailableReason::MissingField, detail))
        }
        ListingCompleteness::Listed => {
            let mut detail = format!("{account} is not among those listed");
            let mut namesakes = listing.accounts.iter().map(|listed| &listed.account);
            if let Some(other) = namesakes.find(|listed| listed.same_login(account)) {
                detail = format!("{detail}; {other} is, and may be another account");
            }
            if let Some(unlisted) = account.platform().facts().unlisted
                && listing.teams.is_empty()
            {
                detail = format!("{detail}; {unlisted}");
            }
            Ok(Refuted::new(RefutedReason::NotListed, detail))
        }
    }
}

/// Returns whether a listing identifies any account of that platform by a name that may have changed hands, although ids exist.
/// Such a listing cannot deny an id.
fn identifies_by_names(listing: &Listing, account: &Account) -> bool {
    let mut others = listing.accounts.iter();
    others.any(|listed| {
        let is_there = listed.account.platform() == account.platform();
        is_there && listed.effective_basis() == ListingBasis::RecyclableName
    })
}
