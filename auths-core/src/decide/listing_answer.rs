//! The answer of a public listing by itself: is this account listed, and in which role?

use serde::Serialize;

use super::checks::is_recent;
use super::context::EvaluationContext;
use super::links::{find_listed, ownership_link};
use super::report::{LinkReport, Standing};
use crate::Timestamp;
use crate::claim::KeyRing;
use crate::evidence::{Existence, ListedAccount, NamespaceEvidence};
use crate::identity::Account;
use crate::policy::Policy;
use crate::reason::{Obstacle, Unavailable, UnavailableReason};

/// The answer that a registry lists an account. It does not show who holds the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ListingAnswer {
    /// The entry, in the registry's own spelling.
    pub listed: ListedAccount,
    /// The link from the account to the namespace, and what it falls to.
    pub link: LinkReport,
}

/// Checks that the registry lists `account` in a role that may publish. `policy` sets how long an owner must be known where a
/// token may add owners. The answer is as of the time of the evidence: [`check_age`] checks that it is recent enough.
///
/// # Errors
/// [`Obstacle::Refuted`] if the registry itself says so in a complete answer; [`Obstacle::Unavailable`] when the answer is not
/// known: an empty list, hidden owners, a listing that was not read.
pub fn check_listing(
    evidence: &NamespaceEvidence,
    account: &Account,
    policy: &Policy,
) -> Result<ListingAnswer, Obstacle> {
    if let Existence::Absent(refuted) = &evidence.existence {
        return Err(refuted.clone().into());
    }
    let (keys, now) = (&KeyRing::intrinsic(), evidence.observed_at);
    let context = EvaluationContext::alone(&[], policy, keys, now);
    let link = ownership_link(&context, evidence, account, &[]).report;
    match link.standing.clone() {
        Standing::Refuted(refuted) => Err(refuted.into()),
        Standing::Undetermined(why) => Err(why.into()),
        Standing::Holds => {
            let listed = find_listed(evidence.listing.get()?, account)
                .cloned()
                .ok_or_else(|| Unavailable::new(UnavailableReason::MissingField, "the entry"))?;
            Ok(ListingAnswer { listed, link })
        }
    }
}

/// Checks that `evidence` is no older at `now` than `policy` allows. Evidence is as old as the registry's answer, which may be a
/// copy from a cache.
///
/// # Errors
/// [`UnavailableReason::StaleEvidence`](crate::UnavailableReason::StaleEvidence).
pub fn check_age(
    evidence: &NamespaceEvidence,
    policy: &Policy,
    now: Timestamp,
) -> Result<(), Unavailable> {
    let age = policy.ownership_age(evidence.namespace.ecosystem());
    is_recent(evidence.observed_at, age, now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Listing, OwnerRole, Reading};
    use crate::identity::{AccountId, Platform};
    use crate::reason::RefutedReason;

    fn github(login: &str, id: Option<&str>) -> Account {
        let account = Account::parse_login(Platform::GITHUB, login).unwrap();
        match id {
            Some(id) => account.with_id(AccountId::new(id).unwrap()),
            None => account,
        }
    }

    #[test]
    fn who_is_listed_by_an_id_is_not_listed_by_name_and_the_answer_says_so() {
        let now = Timestamp::from_unix(1_700_000_000).unwrap();
        let origin = "https://shelf.example".parse().unwrap();
        let mut seen = NamespaceEvidence::new("shelf:widget".parse().unwrap(), origin, now);
        let alice: Account = "shelf:alice".parse().unwrap();
        let with_id = alice.clone().with_id(AccountId::new("7").unwrap());
        let listed = ListedAccount::new(with_id.clone(), OwnerRole::Owner, "owner");
        seen.listing = Reading::Read(Listing::new(vec![listed]));
        let policy = Policy::standard();
        assert!(check_listing(&seen, &with_id, &policy).is_ok());
        let Err(Obstacle::Refuted(refuted)) = check_listing(&seen, &alice, &policy) else {
            panic!("the name alone is listed");
        };
        assert_eq!(refuted.reason, RefutedReason::NotListed);
        assert!(
            refuted.raw_detail.contains("(id 7)"),
            "{}",
            refuted.raw_detail
        );
    }

    #[test]
    fn a_list_that_shows_no_ids_is_no_word_about_an_id() {
        let now = Timestamp::from_unix(1_700_000_000).unwrap();
        let origin = "https://registry.example".parse().unwrap();
        let mut seen = NamespaceEvidence::new("cargo:demo".parse().unwrap(), origin, now);
        let by_name = ListedAccount::new(github("alice", None), OwnerRole::Owner, "by name");
        let by_id = ListedAccount::new(github("bob", Some("8")), OwnerRole::Owner, "owner");
        let mut guessed =
            ListedAccount::new(github("carol", Some("9")), OwnerRole::Owner, "guessed");
        guessed.basis = crate::evidence::ListingBasis::RecyclableName;
        let policy = Policy::standard();
        for names in [
            vec![by_name.clone()],
            vec![guessed],
            vec![by_id.clone(), by_name],
        ] {
            seen.listing = Reading::Read(Listing::new(names));
            let seen = check_listing(&seen, &github("id-7", Some("7")), &policy);
            let Err(Obstacle::Unavailable(why)) = seen else {
                panic!("{seen:?}");
            };
            assert_eq!(why.reason, crate::reason::UnavailableReason::MissingField);
            assert!(why.raw_detail.contains("no ids"), "{why}");
        }
        seen.listing = Reading::Read(Listing::new(vec![by_id]));
        assert!(matches!(
            check_listing(&seen, &github("id-7", Some("7")), &policy),
            Err(Obstacle::Refuted(r)) if r.reason == RefutedReason::NotListed
        ));
    }

    #[test]
    fn a_role_that_may_not_publish_is_a_no_and_the_id_goes_before_the_name() {
        let now = Timestamp::from_unix(1_700_000_000).unwrap();
        let origin = "https://registry.example".parse().unwrap();
        let mut seen = NamespaceEvidence::new("github:acme".parse().unwrap(), origin, now);
        let named = ListedAccount::new(github("same", None), OwnerRole::Owner, "by name");
        let by_id = ListedAccount::new(github("same", Some("7")), OwnerRole::Other, "billing");
        seen.listing = Reading::Read(Listing::new(vec![named, by_id]));
        let account = github("same", Some("7"));
        assert!(matches!(
            check_listing(&seen, &account, &Policy::standard()),
            Err(Obstacle::Refuted(r)) if r.reason == RefutedReason::LesserRole
        ));
        let other = check_listing(&seen, &github("same", Some("8")), &Policy::standard());
        assert_eq!(other.unwrap().listed.label, "by name");
    }
}
