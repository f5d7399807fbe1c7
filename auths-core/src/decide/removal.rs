//! The remedy for a package that should speak for an account and lists others beside it.

use super::input::DecisionInput;
use super::links::{only_role, outside_own_scope};
use crate::claim::Signed;
use crate::evidence::{AccountProof, NamespaceEvidence};
use crate::identity::Account;

/// Returns whom to remove, where a package that should speak for `account` lists others beside it: without them, the account
/// alone can publish the package. `None` where removing somebody is not enough: for a package outside the account's own scope on
/// npm, a package of an organization, or one in which the account itself is not an Owner.
///
/// ```
/// use auths_core::decide::whom_to_remove;
/// use auths_core::evidence::{ListedAccount, Listing, NamespaceEvidence, OwnerRole, Reading};
/// use auths_core::{Account, Timestamp};
///
/// let (alice, bob): (Account, Account) = ("npm:alice".parse()?, "npm:bob".parse()?);
/// let now: Timestamp = "2026-11-21T08:46:00Z".parse()?;
/// let mut seen = NamespaceEvidence::new("npm:@alice/auths".parse()?, "https://npm.example".parse()?, now);
/// let owner = |account: &Account| ListedAccount::new(account.clone(), OwnerRole::Owner, "maintainer");
/// seen.listing = Reading::Read(Listing::new(vec![owner(&alice), owner(&bob)]));
/// let remedy = whom_to_remove(&alice, &seen).ok_or("nobody")?;
/// assert!(remedy.starts_with("remove npm:bob from npm:@alice/auths"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn whom_to_remove(account: &Account, package: &NamespaceEvidence) -> Option<String> {
    let listing = package.listing.get().ok()?;
    if outside_own_scope(account, &package.namespace).is_some() {
        return None;
    }
    let mut alone = listing.clone();
    alone
        .accounts
        .retain(|listed| listed.account.same_as(account));
    alone.teams.clear();
    only_role(&alone, account)?;
    let accounts = listing.accounts.iter().map(|listed| &listed.account);
    let others: Vec<String> = accounts
        .filter(|listed| !listed.same_as(account))
        .map(|listed| format!("{}:{}", listed.platform(), listed.login()))
        .chain(listing.teams.iter().cloned())
        .collect();
    if others.is_empty() {
        return None;
    }
    Some(format!(
        "remove {} from {}, which lists others beside {}:{}, and ask again",
        others.join(", "),
        package.namespace.short(),
        account.platform(),
        account.login()
    ))
}

/// Returns whom to remove from the packages that should speak for `account` (`None`: for any account) of the claim's DID.
pub(super) fn remove_from_statements(
    input: &DecisionInput,
    account: Option<&Account>,
) -> Option<String> {
    for linked in &input.accounts {
        let is_own = input.claim().map(Signed::did) == Some(linked.claim.did());
        if !is_own || account.is_some_and(|account| !account.same_as(linked.account())) {
            continue;
        }
        for observed in &linked.evidence {
            let seen = observed.evidence();
            if let AccountProof::AccountStatement(package) = &seen.proof
                && let Some(remove) = whom_to_remove(&seen.account, package)
            {
                return Some(remove);
            }
        }
    }
    None
}
