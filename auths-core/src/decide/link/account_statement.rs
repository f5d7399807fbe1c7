//! The link DID - account, by a package that was made to speak for the account.

use super::super::decision::Standing;
use super::super::grounds::MaturityRange;
use super::super::span::{Publishers, publishers};
use super::super::statement::{NoStatement, account_statement as read};
use super::{EvaluationContext, Link};
use crate::capability::Capability;
use crate::evidence::{
    AccountEvidence, EvidenceKind, Existence, Grade, ListedAccount, Listing, ListingBasis,
    NamespaceEvidence, Owners, Release, Timeline, worth,
};
use crate::identity::{Account, Namespace, Platform, Subject};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Creates the link of an account statement: a package that only this account can publish says, in every release, that the DID
/// speaks for the account.
pub(super) fn account_statement(
    bench: &EvaluationContext<'_>,
    evidence: &AccountEvidence,
    package: &NamespaceEvidence,
) -> Link {
    let (account, did) = (&evidence.account, &evidence.did);
    let kind = EvidenceKind::AccountStatement;
    let says = format!(
        "every release of {}, which {account} alone can publish, says that {did} speaks for {account}",
        package.namespace.short()
    );
    let of = Subject::of_namespace(&package.namespace);
    let link = |grade| {
        Link::new(kind, grade, of.clone(), says.clone())
            .held_apart(
                &[Capability::RecycledName],
                &Subject::Account(account.clone()),
            )
            .id("package", &package.namespace)
    };
    let told_by = match told_by(evidence, package) {
        Ok(told_by) => told_by,
        Err(standing) => return link(Grade::MatureSoleByHand).standing(standing),
    };
    let timeline = match package.timeline.get() {
        Ok(timeline) => timeline,
        Err(why) if why.reason == UnavailableReason::NotOffered => {
            return link(Grade::MatureSoleByHand).not_offered(package);
        }
        Err(why) => return link(Grade::MatureSoleByHand).undetermined(why),
    };
    let maturity = bench.policy.maturity();
    let found = match read(timeline, did, account, maturity, package.observed_at) {
        Ok(found) => found,
        Err(NoStatement::Refuted(refuted)) => {
            return link(Grade::MatureSoleByHand).standing(Standing::Refuted(refuted));
        }
        Err(NoStatement::Unavailable(why)) => {
            return link(Grade::MatureSoleByHand).undetermined(why);
        }
    };
    if let Err(why) = published_by_account(account, package, timeline) {
        return link(Grade::MatureSoleByHand).undetermined(why);
    }
    let ripe = ripe(account, package, timeline);
    let maturities = MaturityRange::up_to(maturity);
    let link = match found.mature {
        true => link(ripe),
        false => {
            let says = format!("says that {did} speaks for {account}");
            link(Grade::Young).maturing(bench, package, &says, &found, worth(kind, ripe))
        }
    };
    let link = link.said(found.since).under(maturities);
    match told_by {
        ListingBasis::RecyclableName => {
            link.falling_to_also(worth(EvidenceKind::ListedOwner, Grade::RecyclableName))
        }
        _ => link,
    }
}

/// Returns the basis on which the package lists the account as the only one that may publish it.
fn told_by(
    evidence: &AccountEvidence,
    package: &NamespaceEvidence,
) -> Result<ListingBasis, Standing> {
    let account = &evidence.account;
    let refuted = |detail| Standing::Refuted(Refuted::new(RefutedReason::NotSoleOwner, detail));
    let same_place = package.namespace.ecosystem().as_str() == account.platform().as_str()
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
        return Err(refuted(detail));
    }
    if let Existence::Absent(refuted) = &package.existence {
        return Err(Standing::Refuted(refuted.clone()));
    }
    let listing = package.listing.get().map_err(Standing::Undetermined)?;
    match only_role(listing, account) {
        Some(only) => Ok(only.told_by()),
        None => {
            let others = listing.accounts.iter().map(|listed| &listed.account);
            let others = others.filter(|other| !other.same_as(account));
            let others: Vec<String> = others.take(3).map(ToString::to_string).collect();
            let named = match (others.as_slice(), &listing.owners) {
                // Whoever could not be read may be somebody else, or the account once more.
                ([], Owners::Unread(why)) => return Err(Standing::Undetermined(why.clone())),
                ([], _) => String::new(),
                (named, _) => format!(": it lists {}", named.join(", ")),
            };
            Err(refuted(format!(
                "{} does not list {account} as its only role{named}",
                package.namespace.short()
            )))
        }
    }
}

/// Returns the single entry of a listing that has nobody but `account`, with all rights. Whether the package's scope on npm
/// belongs to a person does not show in the listing, but in the publishers of its releases.
pub(crate) fn only_role<'a>(listing: &'a Listing, account: &Account) -> Option<&'a ListedAccount> {
    let [only] = listing.accounts.as_slice() else {
        return None;
    };
    let scope = account.login().as_str();
    let owned_by = matches!(&listing.owners, Owners::Organization(name) if name == scope);
    let mut alone = listing.clone();
    if owned_by && *account.platform() == Platform::NPM {
        alone.owners = Owners::Listed;
    }
    let is_alone = alone.sole_owner().is_some() && listing.teams.is_empty();
    (is_alone && only.account.same_as(account)).then_some(only)
}

/// Checks, for npm, that the registry names this login as the publisher of each release. Otherwise the scope may belong to an
/// organisation, since a person's account can become one: its members then publish, and are not listed.
fn published_by_account(
    account: &Account,
    package: &NamespaceEvidence,
    timeline: &Timeline,
) -> Result<(), Unavailable> {
    if *account.platform() != Platform::NPM {
        return Ok(());
    }
    let own = |release: &&Release| {
        let by = release.publisher.as_ref();
        by.is_some_and(|by| by.same_as(account))
    };
    let Some(other) = timeline.releases().iter().find(|release| !own(release)) else {
        return Ok(());
    };
    let name = package.namespace.short();
    let who = match &other.publisher {
        Some(by) => format!("was published by {by}"),
        None => "names no publisher".to_owned(),
    };
    let detail = format!(
        "release {} of {name} {who}: the scope may be an organisation's, whose members publish and are not listed",
        other.version
    );
    Err(Unavailable::new(UnavailableReason::OwnersHidden, detail))
}

/// Returns the grade of the statement when it is mature.
fn ripe(account: &Account, package: &NamespaceEvidence, timeline: &Timeline) -> Grade {
    let all: Vec<&Release> = timeline.releases().iter().collect();
    let is_sole = publishers(package, Some(account), &all) == Publishers::Sole;
    let by_hand = all.iter().all(|release| release.from_ci == Some(false));
    match (is_sole, by_hand) {
        (true, true) => Grade::MatureSoleByHand,
        (true, false) => Grade::MatureSole,
        (false, true) => Grade::MatureAloneByHand,
        (false, false) => Grade::MatureAlone,
    }
}

/// Returns why somebody other than the account may have published the releases of `package`, regardless of its listing; `None`
/// when no such reason is known.
///
/// On npm, only a package in the scope of the account's login, `@login/...`, is the account's from its first release on, because
/// packages never move between scopes. An unscoped package may have been given away: the releases of its giver would speak for
/// the new owner, who only accepted an inconspicuous invitation to maintain it. In addition, npm does not document that members
/// of a team with write access, to the package or to the scope of an organisation, are listed among its maintainers.
pub(crate) fn outside_own_scope(account: &Account, package: &Namespace) -> Option<String> {
    if *account.platform() != Platform::NPM {
        return None;
    }
    let (login, name) = (account.login(), package.name().as_str());
    let own = format!("@{login}/");
    (!name.starts_with(&own)).then(|| {
        format!(
            "{} lies outside the scope {own} of {account}: others may have published it before {login} maintained it, or may \
             publish it without being listed; a package such as {own}auths speaks for the account",
            package.short()
        )
    })
}
