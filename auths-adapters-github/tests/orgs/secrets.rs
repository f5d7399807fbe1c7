//! A token goes to the API and nowhere else.

use auths_core::ports::{NamespaceQuery, NamespaceVerifier};
use auths_testkit::server::Reply;
use auths_testkit::world::{Grant, World};
use secrecy::SecretString;

use crate::common::*;

#[test]
fn a_token_is_in_no_error_and_no_debug() {
    let place = Place::of(World::github(now()));
    let token: SecretString = TOKEN.into();
    let orgs = place.orgs.clone().reading_as(token.clone());
    let refused = place.list(&token).unwrap_err();
    let seen = run(orgs.gather(&NamespaceQuery::new(place.namespace("acme"), now())));
    for text in [
        format!("{orgs:?}"),
        format!("{refused:?} {refused}"),
        format!("{seen:?}"),
    ] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert!(
        place
            .server
            .requests()
            .iter()
            .all(|r| r.header("authorization").is_some())
    );
}

#[test]
fn nothing_of_a_membership_is_kept_in_the_store() {
    let (world, session) = alice();
    let place = Place::of(world);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    place.list(&token).unwrap();
    place.list(&token).unwrap();
    place.check(&token, "acme").unwrap();
    let conditional = |r: &auths_testkit::server::Received| {
        r.path.contains("memberships") && r.header("if-none-match").is_some()
    };
    assert!(!place.server.requests().iter().any(conditional));
    let kept = format!("{:?}", place.store);
    assert!(!kept.contains(TOKEN));
}

#[test]
fn a_token_that_no_header_can_carry_is_sent_nowhere() {
    let (world, _) = alice();
    let place = Place::changed(world, |_, _| Reply::status(200));
    for bad in ["", "a\r\nX: y", "a\nb"] {
        assert!(place.list(&SecretString::from(bad)).is_err());
    }
    assert_eq!(place.server.request_count(), 0);
}
