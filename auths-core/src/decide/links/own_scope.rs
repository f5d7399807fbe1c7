//! Packages that an account alone can publish. Where accounts have scopes of their own, they lie in the account's scope.

use crate::evidence::{
    ListedAccount, Listing, ListingCompleteness, NamespaceEvidence, Release, Timeline,
};
use crate::identity::{Account, Namespace};
use crate::reason::{Unavailable, UnavailableReason};

/// Returns the single entry of a listing that has nobody but `account`, with all rights. Whether the package's scope
/// belongs to a person does not show in the listing, but in the publishers of its releases.
pub(crate) fn only_role<'a>(listing: &'a Listing, account: &Account) -> Option<&'a ListedAccount> {
    let [only] = listing.accounts.as_slice() else {
        return None;
    };
    let mut alone = listing.clone();
    if owns_as_scope(listing, account) {
        alone.owners = ListingCompleteness::Listed;
    }
    let lists_nobody_else = alone.sole_owner().is_some() && listing.teams.is_empty();
    (lists_nobody_else && only.account.same_as(account)).then_some(only)
}

/// Returns why somebody other than the account may have published the releases of `package`, regardless of its listing; `None`
/// when no such reason is known.
///
/// On npm, only a package in the scope of the account's login, `@login/...`, is the account's from its first release on, because
/// packages never move between scopes. An unscoped package may have been given away: the releases of its giver would speak for
/// the new owner, who only accepted an inconspicuous invitation to maintain it. In addition, npm does not document that members
/// of a team with write access, to the package or to the scope of an organisation, are listed among its maintainers.
pub(crate) fn outside_own_scope(account: &Account, package: &Namespace) -> Option<String> {
    if !account.platform().facts().has_own_scopes {
        return None;
    }
    let (login, name) = (account.login(), package.name().as_str());
    let own = format!("@{login}/");
    if name.starts_with(&own) {
        return None;
    }
    Some(format!(
        "{} lies outside the scope {own} of {account}: others may have published it before {login} maintained it, or may \
         publish it without being listed; a package such as {own}auths speaks for the account",
        package.short()
    ))
}

/// Checks, where there are scopes, that the registry names this login as the publisher of each release. Otherwise the scope may belong to an
/// organisation, since a person's account can become one: its members then publish, and are not listed.
pub(super) fn published_by_account(
    account: &Account,
    package: &NamespaceEvidence,
    timeline: &Timeline,
) -> Result<(), Unavailable> {
    if !account.platform().facts().has_own_scopes {
        return Ok(());
    }
    let mut releases = timeline.releases().iter();
    let Some(other) = releases.find(|release| !is_published_by(release, account)) else {
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

fn is_published_by(release: &Release, account: &Account) -> bool {
    let by = release.publisher.as_ref();
    by.is_some_and(|by| by.same_as(account))
}

/// Returns why an account that is listed in the scope of its own name may have become an organisation, whose members publish. The adapter reads whether a scope belongs to a person: [`ListingCompleteness`].
pub(super) fn may_be_organization(listing: &Listing, account: &Account) -> Option<Unavailable> {
    if !owns_as_scope(listing, account) {
        return None;
    }
    let detail = format!(
        "{} does not tell that {account} published the newest release: the scope may be an organisation's, whose members \
         publish and are not listed",
        account.platform().facts().title
    );
    Some(Unavailable::new(UnavailableReason::OwnersHidden, detail))
}

/// Returns whether the listing's organization is the scope of the account's own name.
fn owns_as_scope(listing: &Listing, account: &Account) -> bool {
    let login = account.login().as_str();
    account.platform().facts().has_own_scopes
        && matches!(&listing.owners, ListingCompleteness::Organization(scope) if scope == login)
}
