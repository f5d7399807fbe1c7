//! One observer's record of a package's roles: the observations that found one Owner alone, and which one.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Listing;
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::identity::Account;

/// The maximum distance of an observation from a release, before or after it, to show who could publish the release.
const NEAR: Duration = Duration::from_secs(86_400);

/// The maximum number of stretches that are kept. Beyond it, the oldest are forgotten, which only loses knowledge.
const MAX_STRETCHES: usize = 1_024;

/// A record of the observations that found one Owner of a package alone, without an organization, and of which Owner.
///
/// Registries show the present roles only. Somebody who had a role while a release was published may have left since, and no
/// public record shows it. The observer's own observations do show it: an adapter keeps this record in its
/// [`Store`](crate::ports::Store), [updates](SeenRoles::record) it with every listing that it reads, and puts it into its evidence.
/// The record is the observer's own memory: it is never written into a bundle, and never read from one.
///
/// ```
/// use std::time::Duration;
/// use auths_core::claim::Incarnation;
/// use auths_core::evidence::{ListedAccount, Listing, OwnerRole, SeenRoles};
/// use auths_core::{Account, Timestamp};
///
/// let alice: Account = "pypi:alice".parse()?;
/// let owner = ListedAccount::new(alice.clone(), OwnerRole::Owner, "Owner");
/// let (life, hour) = (Incarnation::new("first-upload", "2026-01-01T00:00:00Z"), Duration::from_secs(3_600));
/// let release: Timestamp = "2026-01-01T12:00:00Z".parse()?;
///
/// let listing = Listing::new(vec![owner]);
/// let roles = SeenRoles::record(None, &life, &listing, release - hour);
/// assert!(!roles.show_alone(&alice, &[release]), "nothing was seen after it yet");
/// let roles = SeenRoles::record(Some(roles), &life, &listing, release + hour);
/// assert!(roles.show_alone(&alice, &[release]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeenRoles {
    incarnation: Incarnation,
    /// The stretches, in the order of their times.
    stretches: Vec<ObservationStretch>,
}

/// Consecutive observations, each within [`NEAR`] of the next, that found the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ObservationStretch {
    from: Timestamp,
    to: Timestamp,
    /// The sole Owner; `None` where there were more roles, or an organization.
    alone: Option<Account>,
}

impl SeenRoles {
    /// Returns the record after an observation of `listing`, read whole at `at`. A record of another life of the name is
    /// forgotten.
    #[must_use]
    pub fn record(
        before: Option<Self>,
        incarnation: &Incarnation,
        listing: &Listing,
        at: Timestamp,
    ) -> Self {
        let alone = listing
            .sole_owner()
            .filter(|_| listing.teams.is_empty())
            .map(|listed| listed.account.clone());
        let before = before.filter(|record| record.incarnation == *incarnation);
        let mut stretches = before.map_or_else(Vec::new, |record| record.stretches);
        match stretches.last_mut() {
            Some(last) if last.goes_on(alone.as_ref(), at) => last.to = last.to.max(at),
            _ => {
                let (from, to) = (at, at);
                stretches.push(ObservationStretch { from, to, alone });
                // A request may still have been running while a later answer was read, so the order is not given.
                stretches.sort_by_key(|stretch| stretch.from);
            }
        }
        let too_many = stretches.len().saturating_sub(MAX_STRETCHES);
        stretches.drain(..too_many);
        Self {
            incarnation: incarnation.clone(),
            stretches,
        }
    }

    /// Returns whether the record shows `account` alone around each of these times. For each time, one observation at most a day
    /// before and one at most a day after must have found `account` alone. From a day before the first time to a day after the
    /// last, no observation may have found anybody else.
    #[must_use]
    pub fn show_alone(&self, account: &Account, at: &[Timestamp]) -> bool {
        let (Some(first), Some(last)) = (at.iter().min(), at.iter().max()) else {
            return false;
        };
        for stretch in &self.stretches {
            let is_near = stretch.from <= *last + NEAR && *first - NEAR <= stretch.to;
            if is_near && !stretch.is_of(account) {
                return false;
            }
        }
        at.iter().all(|at| self.show_alone_at(account, *at))
    }

    /// Returns whether `account` was found alone at this time, or both at most a day before and at most a day after.
    fn show_alone_at(&self, account: &Account, at: Timestamp) -> bool {
        let (mut before, mut after) = (false, false);
        for stretch in self.stretches.iter().filter(|s| s.is_of(account)) {
            if stretch.from <= at && at <= stretch.to {
                return true;
            }
            before |= stretch.to <= at && at <= stretch.to + NEAR;
            after |= at <= stretch.from && stretch.from <= at + NEAR;
        }
        before && after
    }
}

impl ObservationStretch {
    /// Returns whether an observation at `at` that found `alone` continues the stretch.
    fn goes_on(&self, alone: Option<&Account>, at: Timestamp) -> bool {
        self.alone.as_ref() == alone && self.from <= at && at <= self.to + NEAR
    }

    fn is_of(&self, account: &Account) -> bool {
        let alone = self.alone.as_ref();
        alone.is_some_and(|alone| alone.same_as(account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{ListedAccount, ListingCompleteness, OwnerRole};

    const HOUR: i64 = 3_600;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_unix(1_000_000_000 + hours * HOUR).unwrap()
    }

    fn account(login: &str) -> Account {
        Account::parse_login(crate::Platform::PYPI, login).unwrap()
    }

    fn list(logins: &[&str]) -> Listing {
        let accounts = logins.iter().map(|login| account(login));
        let owners = accounts.map(|account| ListedAccount::new(account, OwnerRole::Owner, "Owner"));
        Listing::new(owners.collect())
    }

    fn life(text: &str) -> Incarnation {
        Incarnation::new("first-upload", text)
    }

    fn seen(looks: &[(i64, &[&str])]) -> SeenRoles {
        let mut known = None;
        for (hours, logins) in looks {
            known = Some(SeenRoles::record(
                known,
                &life("one"),
                &list(logins),
                at(*hours),
            ));
        }
        known.unwrap()
    }

    fn alone(roles: &SeenRoles, releases: &[i64]) -> bool {
        let releases: Vec<Timestamp> = releases.iter().map(|h| at(*h)).collect();
        roles.show_alone(&account("alice"), &releases)
    }

    #[test]
    fn a_look_is_needed_at_most_a_day_before_and_a_day_after_each_release() {
        let alice: &[&str] = &["alice"];
        for (looks, releases, expected) in [
            (&[0, 24][..], &[10][..], true),
            (&[0, 48], &[24], true),
            (&[0, 48], &[23], false),
            (&[0, 49], &[24], false),
            (&[0, 48], &[25], false),
            (&[0], &[0], true),
            (&[0], &[1], false),
            (&[5], &[4], false),
            (&[0, 20, 40, 60], &[1, 30, 59], true),
            (&[0, 20, 40, 60], &[1, 30, 61], false),
            (&[0, 2, 200, 202], &[1, 201], true),
            (&[0, 2, 200, 202], &[1, 100, 201], false),
        ] {
            let looks: Vec<(i64, &[&str])> = looks.iter().map(|h| (*h, alice)).collect();
            assert_eq!(
                alone(&seen(&looks), releases),
                expected,
                "{looks:?} {releases:?}"
            );
        }
        assert!(!alone(&seen(&[(0, alice)]), &[]), "nothing shows nothing");
    }

    #[test]
    fn anybody_else_at_a_look_of_that_time_is_seen() {
        let (alice, both): (&[&str], &[&str]) = (&["alice"], &["alice", "mallory"]);
        let others: &[&[&str]] = &[both, &["mallory"], &[]];
        for other in others {
            let roles = seen(&[(0, alice), (10, other), (20, alice), (40, alice)]);
            assert!(!alone(&roles, &[5]) && !alone(&roles, &[15]) && !alone(&roles, &[30]));
            assert!(!alone(&roles, &[34]));
            let later = seen(&[(0, alice), (10, other), (40, alice), (60, alice)]);
            assert!(alone(&later, &[50]), "long after");
        }
        let mut owned = list(&["alice"]);
        owned.owners = ListingCompleteness::Organization("acme".to_owned());
        let roles = SeenRoles::record(None, &life("one"), &owned, at(0));
        assert!(!alone(&roles, &[0]));
        let maintainer = ListedAccount::new(account("alice"), OwnerRole::Maintainer, "Maintainer");
        let listing = Listing::new(vec![maintainer]);
        assert!(!alone(
            &SeenRoles::record(None, &life("one"), &listing, at(0)),
            &[0]
        ));
    }

    #[test]
    fn another_life_of_the_name_has_no_past() {
        let roles = seen(&[(0, &["alice"])]);
        let roles = SeenRoles::record(Some(roles), &life("two"), &list(&["alice"]), at(2));
        assert!(!alone(&roles, &[1]) && alone(&roles, &[2]));
    }

    #[test]
    fn looks_that_find_the_same_take_no_room_and_the_oldest_are_forgotten_first() {
        let mut roles = seen(&[(0, &["alice"])]);
        for hours in 1..500 {
            roles = SeenRoles::record(Some(roles), &life("one"), &list(&["alice"]), at(hours));
        }
        assert_eq!(roles.stretches.len(), 1);
        for n in 0..3_000 {
            roles = SeenRoles::record(
                Some(roles),
                &life("one"),
                &list(&["alice"]),
                at(1_000 + 100 * n),
            );
        }
        assert_eq!(roles.stretches.len(), MAX_STRETCHES);
        assert!(!alone(&roles, &[10]) && alone(&roles, &[1_000 + 100 * 2_999]));
    }

    #[test]
    fn an_answer_that_comes_late_takes_its_place() {
        let roles = seen(&[(0, &["alice"]), (10, &["alice"]), (5, &["bob"])]);
        assert!(!alone(&roles, &[7]));
        let same = seen(&[(0, &["alice"]), (10, &["alice"]), (5, &["alice"])]);
        assert_eq!(same, seen(&[(0, &["alice"]), (10, &["alice"])]));
    }

    #[test]
    fn it_reads_back_as_it_was_written() {
        let roles = seen(&[(0, &["alice"]), (10, &[])]);
        let text = serde_json::to_string(&roles).unwrap();
        assert_eq!(serde_json::from_str::<SeenRoles>(&text).unwrap(), roles);
    }
}
