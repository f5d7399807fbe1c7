//! One observer's record of a package's owners: the time since when it has found each of them listed.

use serde::{Deserialize, Serialize};

use super::{Listing, ListingBasis};
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::identity::Account;

/// A record of the time since when an observer has found each owner of one package listed, at every observation.
///
/// Where a token may add owners (crates.io), no public record shows since when somebody owns a package, and a thief is an owner
/// like any other. The observer's own observations do show it: an adapter keeps this record in its
/// [`Store`](crate::ports::Store), and [updates](KnownOwners::record) it with every listing that it reads.
///
/// ```
/// use auths_core::claim::Incarnation;
/// use auths_core::evidence::{KnownOwners, ListedAccount, Listing, OwnerRole};
/// use auths_core::{Account, AccountId, Timestamp};
///
/// let alice = "github:alice".parse::<Account>()?.with_id(AccountId::new("7")?);
/// let bob = "github:bob".parse::<Account>()?.with_id(AccountId::new("8")?);
/// let list = |accounts: &[&Account]| {
///     let owner = |a: &&Account| ListedAccount::new((*a).clone(), OwnerRole::Owner, "owner");
///     Listing::new(accounts.iter().map(owner).collect())
/// };
/// let life = Incarnation::new("created-at", "2026-01-01T00:00:00Z");
/// let (first, second) = (Timestamp::from_unix(1_000)?, Timestamp::from_unix(2_000)?);
///
/// let mut listing = list(&[&alice]);
/// let known = KnownOwners::record(None, &life, &mut listing, first);
/// let mut listing = list(&[&alice, &bob]);
/// KnownOwners::record(Some(known), &life, &mut listing, second);
/// assert_eq!(listing.accounts[0].known_since, Some(first));
/// assert_eq!(listing.accounts[1].known_since, Some(second));
/// assert_eq!(listing.accounts[1].absent_at, Some(first), "a look that did not find bob");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownOwners {
    incarnation: Incarnation,
    /// The time of the observation that last changed the record. An owner missing from the record was not listed at that time.
    at: Timestamp,
    owners: Vec<KnownOwner>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownOwner {
    /// The listed account. The same as `holder` while the holder was linked to no account.
    account: Account,
    holder: Option<Account>,
    since: Timestamp,
    absent_at: Option<Timestamp>,
}

impl KnownOwners {
    /// Writes into `listing`, read whole at `now`, what `before` knows of its owners, and returns the updated record.
    ///
    /// An owner who is no longer listed is forgotten; one who comes back is new. Where the listing names a
    /// [holder](super::ListedAccount::holder), the holder must be listed: an observation that does not show the account linked to
    /// the holder is no absence. A record of another life of the name, or no record, knows nobody. Accounts without a stable id
    /// are not remembered.
    ///
    /// `now` is the time at which the listing was valid ([`observed_at`](super::NamespaceEvidence::observed_at)). A listing older
    /// than the observation that made the record, such as a copy from a cache, leaves the record unchanged.
    #[must_use]
    pub fn record(
        before: Option<Self>,
        incarnation: &Incarnation,
        listing: &mut Listing,
        now: Timestamp,
    ) -> Self {
        let later = before.clone().filter(|record| record.at > now);
        let before = before.filter(|record| record.incarnation == *incarnation);
        let mut owners: Vec<KnownOwner> = Vec::new();
        for entry in &mut listing.accounts {
            let by_id = entry.effective_basis() == ListingBasis::Id;
            let named = by_id.then(|| entry.account.clone());
            let Some(account) = named.or_else(|| entry.holder.clone()) else {
                continue;
            };
            let holder = entry.holder.clone();
            let known = match &before {
                Some(record) => record.knows(account, holder, now),
                None => KnownOwner::new(account, holder, now, None),
            };
            if by_id {
                (entry.known_since, entry.absent_at) = (Some(known.since), known.absent_at);
            }
            owners.push(known);
        }
        if let Some(record) = later {
            return record;
        }
        let mut unseen = Vec::new();
        for known in before.iter().flat_map(|record| &record.owners) {
            let mut seen = owners.iter();
            let is_seen = seen.any(|o| o.is(&known.account, known.holder.as_ref()));
            if !is_seen && known.is_still_held(listing) {
                unseen.push(known.clone());
            }
        }
        owners.extend(unseen);
        owners.sort_by_key(KnownOwner::key);
        let same = before.filter(|record| record.owners == owners);
        Self {
            incarnation: incarnation.clone(),
            at: same.map_or(now, |record| record.at),
            owners,
        }
    }

    /// Returns what is known of an owner who is listed now.
    fn knows(&self, account: Account, holder: Option<Account>, now: Timestamp) -> KnownOwner {
        let known = self.owners.iter().find(|o| o.is(&account, holder.as_ref()));
        if let Some(known) = known {
            let (since, absent_at) = (known.since, known.absent_at);
            return KnownOwner::new(account, holder, since, absent_at);
        }
        let held: Vec<&KnownOwner> = match &holder {
            Some(holder) => self
                .owners
                .iter()
                .filter(|o| o.is_held_by(holder))
                .collect(),
            None => Vec::new(),
        };
        // The holder was listed, but the account linked to it was not shown, at that time or now. A changed link is a new owner.
        let is_unlinked = holder
            .as_ref()
            .is_some_and(|holder| holder.same_as(&account));
        let absent_at = match held.first() {
            Some(first) if is_unlinked || held.iter().all(|o| o.is_unlinked()) => first.absent_at,
            _ => Some(self.at),
        };
        KnownOwner::new(account, holder, now, absent_at)
    }
}

impl KnownOwner {
    fn new(
        account: Account,
        holder: Option<Account>,
        since: Timestamp,
        absent_at: Option<Timestamp>,
    ) -> Self {
        Self {
            account,
            holder,
            since,
            absent_at,
        }
    }

    fn is(&self, account: &Account, holder: Option<&Account>) -> bool {
        let same_holder = match (&self.holder, holder) {
            (Some(own), Some(other)) => own.same_as(other),
            (None, None) => true,
            _ => false,
        };
        same_holder && self.account.same_as(account)
    }

    fn is_held_by(&self, holder: &Account) -> bool {
        self.holder.as_ref().is_some_and(|own| own.same_as(holder))
    }

    fn is_unlinked(&self) -> bool {
        self.is_held_by(&self.account)
    }

    /// Returns whether the listing names the holder, whatever account it shows linked to it.
    fn is_still_held(&self, listing: &Listing) -> bool {
        let mut holders = listing.accounts.iter().filter_map(|l| l.holder.as_ref());
        holders.any(|holder| self.is_held_by(holder))
    }

    /// Returns the key by which a record is sorted, so that a list in another order is the same list.
    fn key(&self) -> (String, String) {
        (
            key_of(&self.account),
            self.holder.as_ref().map(key_of).unwrap_or_default(),
        )
    }
}

fn key_of(account: &Account) -> String {
    let id = account.id().map_or("", |id| id.as_str());
    format!("{} {id}", account.platform())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{ListedAccount, OwnerRole};
    use crate::identity::{AccountId, Platform};

    fn account(platform: Platform, id: &str) -> Account {
        let named = Account::parse_login(platform, &format!("login{id}")).unwrap();
        named.with_id(AccountId::new(id).unwrap())
    }

    fn owner(account: Account) -> ListedAccount {
        ListedAccount::new(account, OwnerRole::Owner, "owner")
    }

    fn list(ids: &[&str]) -> Listing {
        let accounts = ids.iter().map(|id| account(Platform::GITHUB, id));
        Listing::new(accounts.map(owner).collect())
    }

    fn life(text: &str) -> Incarnation {
        Incarnation::new("created-at", text)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds).unwrap()
    }

    fn record(before: Option<KnownOwners>, ids: &[&str], now: i64) -> (KnownOwners, Listing) {
        let mut listing = list(ids);
        let known = KnownOwners::record(before, &life("one"), &mut listing, at(now));
        (known, listing)
    }

    fn seen(listing: &Listing) -> Vec<(i64, Option<i64>)> {
        let mut seen = Vec::new();
        for listed in &listing.accounts {
            let since = listed.known_since.unwrap().as_unix();
            seen.push((since, listed.absent_at.map(Timestamp::as_unix)));
        }
        seen
    }

    #[test]
    fn who_stays_is_known_since_the_first_look_and_who_comes_back_is_new() {
        let (known, first) = record(None, &["1", "2"], 10);
        assert_eq!(seen(&first), [(10, None), (10, None)]);
        let (known, second) = record(Some(known), &["2", "3"], 20);
        assert_eq!(seen(&second), [(10, None), (20, Some(10))]);
        let (known, third) = record(Some(known), &["1", "2", "3"], 30);
        assert_eq!(seen(&third), [(30, Some(20)), (10, None), (20, Some(10))]);
        let (_, fourth) = record(Some(known), &["1"], 40);
        assert_eq!(seen(&fourth), [(30, Some(20))]);
    }

    #[test]
    fn another_life_of_the_name_knows_nobody() {
        let (known, _) = record(None, &["1"], 10);
        let mut listing = list(&["1"]);
        let _ = KnownOwners::record(Some(known), &life("two"), &mut listing, at(20));
        assert_eq!(seen(&listing), [(20, None)]);
    }

    /// Owners by their accounts on the registry, and the accounts of GitHub that they are shown to be linked to.
    fn held(
        before: Option<KnownOwners>,
        owners: &[(&str, Option<&str>)],
        now: i64,
    ) -> (KnownOwners, Listing) {
        let mut entries = Vec::new();
        for (holder, link) in owners {
            let holder = account(Platform::new("crates-io").unwrap(), holder);
            let linked = link.map(|id| account(Platform::GITHUB, id));
            let mut entry = owner(linked.unwrap_or(holder.clone()));
            entry.holder = Some(holder);
            entries.push(entry);
        }
        let mut listing = Listing::new(entries);
        let known = KnownOwners::record(before, &life("one"), &mut listing, at(now));
        (known, listing)
    }

    #[test]
    fn a_look_that_does_not_show_the_link_of_a_listed_owner_is_no_absence() {
        let (known, first) = held(None, &[("11", Some("7"))], 10);
        assert_eq!(seen(&first), [(10, None)]);
        let (known, _) = held(Some(known), &[("11", None)], 20);
        let (_, third) = held(Some(known.clone()), &[("11", Some("7"))], 30);
        assert_eq!(seen(&third), [(10, None)]);
        // Where no look had shown the link, it is new, and was not absent.
        let (unlinked, _) = held(None, &[("11", None)], 10);
        let (_, linked) = held(Some(unlinked), &[("11", Some("7"))], 20);
        assert_eq!(seen(&linked), [(20, None)]);
        // Another account in its place, under the same holder or another, is a new owner.
        for other in [("11", Some("9")), ("12", Some("7"))] {
            let (_, other) = held(Some(known.clone()), &[other], 30);
            assert_eq!(seen(&other), [(30, Some(20))]);
        }
        // And a holder who was not listed was absent, shown links or not.
        let (gone, _) = held(Some(known), &[("12", None)], 40);
        let (back, _) = held(Some(gone), &[("11", None), ("12", None)], 50);
        let (_, back) = held(Some(back), &[("11", Some("7"))], 60);
        assert_eq!(seen(&back), [(60, Some(40))]);
    }

    #[test]
    fn a_look_that_shows_nothing_new_leaves_the_record_as_it_is() {
        let (known, _) = record(None, &["1", "2"], 10);
        let (same, _) = record(Some(known.clone()), &["2", "1"], 20);
        assert_eq!(same, known);
    }

    #[test]
    fn an_old_copy_of_the_list_forgets_no_absence() {
        let (known, _) = record(None, &["1"], 50);
        let (after, copy) = record(Some(known.clone()), &["1", "2"], 40);
        assert_eq!(after, known, "an older look changes nothing");
        assert_eq!(seen(&copy), [(50, None), (40, Some(50))]);
        let (_, back) = record(Some(after), &["1", "2"], 60);
        assert_eq!(seen(&back), [(50, None), (60, Some(50))]);
        // Nor does a copy of another life of the name.
        let mut listing = list(&["2"]);
        let other = KnownOwners::record(Some(known.clone()), &life("zero"), &mut listing, at(40));
        assert_eq!((other, seen(&listing)), (known, vec![(40, None)]));
    }

    #[test]
    fn a_name_without_an_id_is_not_remembered() {
        let named = Account::parse_login(Platform::GITHUB, "alice").unwrap();
        let mut listing = Listing::new(vec![ListedAccount::new(named, OwnerRole::Owner, "owner")]);
        let known = KnownOwners::record(None, &life("one"), &mut listing, at(10));
        assert!(known.owners.is_empty());
        assert_eq!(listing.accounts[0].known_since, None);
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let (known, _) = record(None, &["1", "2"], 10);
        let text = serde_json::to_string(&known).unwrap();
        assert_eq!(serde_json::from_str::<KnownOwners>(&text).unwrap(), known);
    }
}
