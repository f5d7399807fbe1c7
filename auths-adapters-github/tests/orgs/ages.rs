//! How old an answer is: a role is lost within minutes, so a copy of a cache shows none.

use std::time::Duration;

use auths_core::decide::{Obstacle, check_age, check_listing};
use auths_core::evidence::Reading;
use auths_core::ports::{NamespaceQuery, NamespaceVerifier};
use auths_core::{Policy, Timestamp, UnavailableReason};
use auths_testkit::server::{Received, Reply};
use auths_testkit::world::Grant;
use secrecy::SecretString;

use crate::common::*;

const MINUTE: Duration = Duration::from_secs(60);

/// Alice's GitHub behind something that changes the answers, and her token.
fn behind(
    change: impl Fn(&Received, Reply) -> Reply + Send + Sync + 'static,
) -> (Place, SecretString) {
    let (world, session) = alice();
    let place = Place::changed(world, change);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    (place, token)
}

fn why<T>(seen: Result<T, Obstacle>) -> UnavailableReason {
    match seen {
        Err(Obstacle::Unavailable(why)) => why.reason,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was taken for an answer about now"),
    }
}

#[test]
fn a_role_in_an_old_copy_of_a_cache_is_no_role_of_now() {
    // The copy of any one of the answers is enough, dated anew or as the server dated it.
    let answers = [
        "/user",
        "/users/acme",
        "/user/memberships/orgs/acme",
        "/user/memberships/orgs",
    ];
    for copied in answers {
        for (age, dates_anew) in [(82_800, true), (82_800, false), (301, true), (301, false)] {
            let (place, token) = behind(move |request, reply| match request.path == copied {
                true if dates_anew => reply.from_cache(Duration::from_secs(age)),
                true => {
                    let age = Duration::from_secs(age);
                    reply.date(now() - age).from_cache(age)
                }
                false => reply,
            });
            let is_of_list = copied == "/user" || copied == "/user/memberships/orgs";
            if is_of_list {
                assert_eq!(
                    why(place.list(&token)),
                    UnavailableReason::StaleEvidence,
                    "{copied} {age}"
                );
            }
            if copied != "/user/memberships/orgs" {
                let seen = why(place.check(&token, "acme"));
                assert_eq!(seen, UnavailableReason::StaleEvidence, "{copied} {age}");
                let query = NamespaceQuery::new(place.namespace("acme"), now());
                let orgs = place.orgs.clone().reading_as(token.clone());
                let seen = run(orgs.gather(&query)).unwrap();
                assert_eq!(
                    seen.observed_at,
                    now() - Duration::from_secs(age),
                    "{copied}"
                );
                let stale = check_age(&seen, &Policy::standard(), now()).unwrap_err();
                assert_eq!(
                    stale.reason,
                    UnavailableReason::StaleEvidence,
                    "{copied} {age}"
                );
            }
        }
    }
}

#[test]
fn what_was_seen_is_good_for_five_minutes_from_when_the_oldest_answer_was_made() {
    let (place, token) = behind(|request, reply| match request.path.as_str() {
        "/user" => reply.from_cache(4 * MINUTE),
        _ => reply.from_cache(MINUTE),
    });
    let until: Timestamp = now() + MINUTE;
    let membership = place.check(&token, "acme").unwrap();
    assert_eq!(membership.valid_until, until);
    assert!(membership.is_owner(until).is_ok());
    assert_eq!(
        why(membership.is_owner(until + Duration::from_secs(1))),
        UnavailableReason::StaleEvidence
    );
    assert_eq!(place.list(&token).unwrap().valid_until, until);
    let query = NamespaceQuery::new(place.namespace("acme"), now());
    let orgs = place.orgs.clone().reading_as(token);
    let seen = run(orgs.gather(&query)).unwrap();
    assert_eq!(seen.observed_at, now() - 4 * MINUTE);
    let Reading::Read(listing) = &seen.listing else {
        panic!("{:?}", seen.listing);
    };
    let account = &listing.accounts[0].account;
    assert!(check_listing(&seen, account, &Policy::standard()).is_ok());
}

#[test]
fn organisations_are_asked_past_caches() {
    let (place, token) = behind(|_, reply| reply);
    place.list(&token).unwrap();
    place.check(&token, "acme").unwrap();
    let requests = place.server.requests();
    assert_eq!(requests.len(), 5);
    for request in requests {
        let asked = request.header("cache-control");
        assert_eq!(asked, Some("no-cache"), "{}", request.path);
    }
}

#[test]
fn a_clock_more_than_two_minutes_off_dates_no_role() {
    for (off, is_ahead, good) in [(120, true, true), (121, true, false), (121, false, false)] {
        let off = Duration::from_secs(off);
        let date = if is_ahead { now() + off } else { now() - off };
        let (place, token) = behind(move |_, reply| reply.date(date));
        let (listed, checked) = (place.list(&token), place.check(&token, "acme"));
        if good {
            assert!(listed.is_ok() && checked.is_ok(), "{date}");
            continue;
        }
        assert_eq!(why(listed), UnavailableReason::ClockSkew, "{date}");
        assert_eq!(why(checked), UnavailableReason::ClockSkew, "{date}");
    }
}
