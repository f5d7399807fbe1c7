//! What one observer remembers of a package's owners: since when it has found each of them listed.

use serde::{Deserialize, Serialize};

use super::{Listing, ListingBasis};
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::identity::Account;

/// Since when an observer has found each owner of one package listed, at every look.
///
/// Where a token may add owners (crates.io), no public record says since when somebody owns a package, and a thief is an owner
/// like any other. What an observer saw itself does: an adapter keeps this record in its
/// [`Store`](crate::ports::Store), and [looks](KnownOwners::look) with every listing that it reads.
///
/// ```
/// use auths_core::claim::Incarnation;
/// use auths_core::evidence::{KnownOwners, ListedAccount, Listing, Role};
/// use auths_core::{Account, AccountId, Timestamp};
///
/// let alice = "github:alice".parse::<Account>()?.with_id(AccountId::new("7")?);
/// let bob = "github:bob".parse::<Account>()?.with_id(AccountId::new("8")?);
/// let list = |accounts: &[&Account]| {
///     let owner = |a: &&Account| ListedAccount::new((*a).clone(), Role::Owner, "owner");
///     Listing::new(accounts.iter().map(owner).collect())
/// };
/// let life = Incarnation::new("created-at", "2026-01-01T00:00:00Z");
/// let (first, second) = (Timestamp::from_unix(1_000)?, Timestamp::from_unix(2_000)?);
///
/// let mut listing = list(&[&alice]);
/// let known = KnownOwners::look(None, &life, &mut listing, first);
/// let mut listing = list(&[&alice, &bob]);
/// KnownOwners::look(Some(known), &life, &mut listing, second);
/// assert_eq!(listing.accounts[0].known_since, Some(first));
/// assert_eq!(listing.accounts[1].known_since, Some(second));
/// assert!(listing.accounts[1].was_absent, "there was a look that did not find bob");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownOwners {
    incarnation: Incarnation,
    owners: Vec<KnownOwner>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownOwner {
    account: Account,
    since: Timestamp,
    was_absent: bool,
}

impl KnownOwners {
    /// Writes into `listing`, read whole at `now`, what `before` knows of its owners, and returns what is known from now on.
    ///
    /// An owner who is not listed any more is forgotten; one who comes back is new. A record of another life of the name, or
    /// none, knows nobody. Accounts without a stable id are not remembered.
    #[must_use]
    pub fn look(
        before: Option<Self>,
        incarnation: &Incarnation,
        listing: &mut Listing,
        now: Timestamp,
    ) -> Self {
        let before = before.filter(|record| record.incarnation == *incarnation);
        let mut owners = Vec::new();
        let by_id = |basis| basis == ListingBasis::Id;
        let entries = listing.accounts.iter_mut();
        for entry in entries.filter(|entry| by_id(entry.told_by())) {
            let was = |known: &&KnownOwner| known.account.same_as(&entry.account);
            let known = before.as_ref().map(|r| r.owners.iter().find(was));
            let (since, was_absent) = match known {
                Some(Some(known)) => (known.since, known.was_absent),
                Some(None) => (now, true),
                None => (now, false),
            };
            (entry.known_since, entry.was_absent) = (Some(since), was_absent);
            owners.push(KnownOwner {
                account: entry.account.clone(),
                since,
                was_absent,
            });
        }
        Self {
            incarnation: incarnation.clone(),
            owners,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{ListedAccount, Role};
    use crate::identity::{AccountId, Platform};

    fn list(ids: &[&str]) -> Listing {
        let owner = |id: &&str| {
            let named = Account::parse_login(Platform::GITHUB, &format!("login{id}")).unwrap();
            ListedAccount::new(
                named.with_id(AccountId::new(id).unwrap()),
                Role::Owner,
                "owner",
            )
        };
        Listing::new(ids.iter().map(owner).collect())
    }

    fn life(text: &str) -> Incarnation {
        Incarnation::new("created-at", text)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    fn look(before: Option<KnownOwners>, ids: &[&str], now: i64) -> (KnownOwners, Listing) {
        let mut listing = list(ids);
        let known = KnownOwners::look(before, &life("one"), &mut listing, at(now));
        (known, listing)
    }

    fn seen(listing: &Listing) -> Vec<(i64, bool)> {
        let entry = |l: &ListedAccount| (l.known_since.unwrap().as_unix(), l.was_absent);
        listing.accounts.iter().map(entry).collect()
    }

    #[test]
    fn who_stays_is_known_since_the_first_look_and_who_comes_back_is_new() {
        let (known, first) = look(None, &["1", "2"], 10);
        assert_eq!(seen(&first), [(10, false), (10, false)]);
        let (known, second) = look(Some(known), &["2", "3"], 20);
        assert_eq!(seen(&second), [(10, false), (20, true)]);
        let (known, third) = look(Some(known), &["1", "2", "3"], 30);
        assert_eq!(seen(&third), [(30, true), (10, false), (20, true)]);
        let (_, fourth) = look(Some(known), &["1"], 40);
        assert_eq!(seen(&fourth), [(30, true)]);
    }

    #[test]
    fn another_life_of_the_name_knows_nobody() {
        let (known, _) = look(None, &["1"], 10);
        let mut listing = list(&["1"]);
        let _ = KnownOwners::look(Some(known), &life("two"), &mut listing, at(20));
        assert_eq!(seen(&listing), [(20, false)]);
    }

    #[test]
    fn a_name_without_an_id_is_not_remembered() {
        let named = Account::parse_login(Platform::GITHUB, "alice").unwrap();
        let mut listing = Listing::new(vec![ListedAccount::new(named, Role::Owner, "owner")]);
        let known = KnownOwners::look(None, &life("one"), &mut listing, at(10));
        assert!(known.owners.is_empty());
        assert_eq!(listing.accounts[0].known_since, None);
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let (known, _) = look(None, &["1", "2"], 10);
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<KnownOwners>(&text).unwrap(), known);
    }
}
