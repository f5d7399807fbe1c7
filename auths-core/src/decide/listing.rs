//! The plain question of a public listing: is this account listed, and in which role?

use serde::Serialize;

use super::decision::Obstacle;
use super::link::{find, not_listed};
use crate::evidence::{Existence, ListedAccount, NamespaceEvidence, Role};
use crate::identity::Account;
use crate::outcome::{Refutation, Refuted};

/// That a registry lists an account. It does not show who holds the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListingAnswer {
    /// The entry, in the registry's own spelling.
    pub listed: ListedAccount,
}

/// Whether the registry lists `account` in a role that may publish.
///
/// # Errors
/// [`Obstacle::Refuted`] on the registry's own, complete word; [`Obstacle::Unavailable`] when it cannot be told: an empty
/// list, hidden owners, a listing that was not read.
pub fn check_listing(
    evidence: &NamespaceEvidence,
    account: &Account,
) -> Result<ListingAnswer, Obstacle> {
    if let Existence::Absent(refuted) = &evidence.existence {
        return Err(refuted.clone().into());
    }
    let listing = evidence.listing.get()?;
    match find(listing, account) {
        Some(listed) if listed.role == Role::Other => {
            let detail = format!(
                "{account} is {}, which gives no right to publish",
                listed.label
            );
            Err(Refuted::new(Refutation::LesserRole, detail).into())
        }
        Some(listed) => Ok(ListingAnswer {
            listed: listed.clone(),
        }),
        None => Err(not_listed(listing, account).map_or_else(Obstacle::from, Obstacle::from)),
    }
}
