//! One organisation by its name, as a membership and as evidence.

use auths_adapters_github::{MembershipState, OrgRole};
use auths_core::decide::{Obstacle, check_listing};
use auths_core::evidence::{Existence, Reading};
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Namespace, Policy, RefutedReason, UnavailableReason};
use auths_testkit::server::Reply;
use auths_testkit::world::{Grant, SimulatedRegistry};
use serde_json::json;
use std::sync::{Arc, Mutex};

use crate::common::*;

#[test]
fn only_an_active_admin_is_an_owner_and_each_other_has_its_own_reason() {
    let (world, session) = alice();
    let place = Place::of(world);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let acme = place.check(&token, "ACME").unwrap();
    assert_eq!(
        (acme.role, acme.state),
        (OrgRole::Admin, MembershipState::Active)
    );
    assert!(acme.is_owner(place.now()).is_ok());
    assert_eq!(
        acme.org.id().unwrap().as_str(),
        place.world().org("acme").unwrap().to_string()
    );
    let mut said = Vec::new();
    for (org, by) in [
        ("widgets", RefutedReason::LesserRole),
        ("young", RefutedReason::RolePending),
        ("paid", RefutedReason::LesserRole),
    ] {
        let membership = place.check(&token, org).unwrap();
        let Err(Obstacle::Refuted(refuted)) = membership.is_owner(place.now()) else {
            panic!("{membership:?}");
        };
        assert_eq!(refuted.reason, by, "{org}");
        said.push(refuted.raw_detail.replace(org, ""));
    }
    said.sort();
    said.dedup();
    assert_eq!(said.len(), 3, "{said:?}");
}

fn why(place: &Place, token: &secrecy::SecretString, org: &str) -> UnavailableReason {
    match place.check(token, org) {
        Err(Obstacle::Unavailable(why)) => why.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_not_shown_is_never_a_no() {
    let (mut world, session) = alice();
    let stranger = world.sign_up("stranger").unwrap();
    world.create_org(&session, "closed").unwrap();
    world.protect_org(&session, "closed", true, false).unwrap();
    let place = Place::of(world);
    let (_, theirs) = place.token(&stranger, &[Grant::ReadOrg]);
    assert_eq!(
        why(&place, &theirs, "acme"),
        UnavailableReason::OwnersHidden
    );
    let (_, scopeless) = place.token(&session, &[Grant::Gist]);
    assert_eq!(
        why(&place, &scopeless, "acme"),
        UnavailableReason::MissingScope
    );
    let (_, fine) = place.token(&session, &[Grant::FineGrainedGists]);
    assert_eq!(why(&place, &fine, "acme"), UnavailableReason::TokenKind);
    let (token, secret) = place.token(&session, &[Grant::ReadOrg]);
    assert_eq!(
        why(&place, &secret, "closed"),
        UnavailableReason::SsoRequired
    );
    place.world().revoke_token(&session, &token).unwrap();
    assert_eq!(why(&place, &secret, "acme"), UnavailableReason::DeadToken);
    let (_, live) = place.token(&session, &[Grant::ReadOrg]);
    for (name, by) in [
        ("nobody", RefutedReason::UnknownProject),
        ("alice", RefutedReason::NotListed),
    ] {
        match place.check(&live, name) {
            Err(Obstacle::Refuted(refuted)) => assert_eq!(refuted.reason, by),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(
        why(&place, &live, "someone_corp"),
        UnavailableReason::OwnersHidden,
        "companies hide their accounts"
    );
}

#[test]
fn another_organisation_or_account_in_the_answer_is_no_answer() {
    let (world, session) = alice();
    let acme = world.org("acme").unwrap();
    let answers = [
        membership(acme, "widgets", "admin", "active"),
        membership(acme + 1000, "acme", "admin", "active"),
    ];
    let mut entry = membership(acme, "acme", "admin", "active");
    entry["user"]["id"] = json!(999);
    for body in answers.into_iter().chain([entry]) {
        let (world, _) = alice();
        let place = Place::changed(world, move |request, good| {
            match request.path.ends_with("/orgs/acme") {
                true => Reply::json(200, &body),
                false => good,
            }
        });
        let (_, token) = place.token(&session, &[Grant::ReadOrg]);
        assert_eq!(
            why(&place, &token, "acme"),
            UnavailableReason::EvidenceMismatch
        );
    }
}

#[test]
fn an_account_with_the_name_or_the_id_of_its_organisation_is_no_answer() {
    let acme = alice().0.org("acme").unwrap();
    let mut entry = membership(acme, "acme", "admin", "active");
    entry["user"] = json!(null);
    for (own, expected) in [
        (
            user("alice", acme, "User"),
            Some(UnavailableReason::EvidenceMismatch),
        ),
        (
            user("Acme", 999, "User"),
            Some(UnavailableReason::EvidenceMismatch),
        ),
        (user("alice", 999, "User"), None),
    ] {
        let (world, session) = alice();
        let (shown, entry) = (own.clone(), entry.clone());
        let place = Place::changed(world, move |request, good| match request.path.as_str() {
            "/user" => Reply::json(200, &shown),
            path if path.ends_with("/orgs/acme") => match path.contains("memberships") {
                true => Reply::json(200, &entry),
                false => good,
            },
            _ => good,
        });
        let (_, token) = place.token(&session, &[Grant::ReadOrg]);
        match expected {
            Some(expected) => assert_eq!(why(&place, &token, "acme"), expected, "{own}"),
            None => assert!(place.check(&token, "acme").is_ok()),
        }
    }
}

#[test]
fn as_evidence_it_shows_what_the_simulated_registry_shows() {
    let (mut world, session) = alice();
    let other = world.sign_up("stranger").unwrap();
    world.create_org(&other, "elsewhere").unwrap();
    for grants in [
        None,
        Some(Grant::ReadOrg),
        Some(Grant::Gist),
        Some(Grant::FineGrainedMembers),
    ] {
        let place = Place::of(world.clone());
        let token = grants.map(|grant| place.token(&session, &[grant]));
        let orgs = match &token {
            Some((_, secret)) => place.orgs.clone().reading_as(secret.clone()),
            None => place.orgs.clone(),
        };
        let shown = Arc::new(Mutex::new(place.world().clone()));
        let simulated = SimulatedRegistry::configured(shown, place.server.origin());
        if let Some((token, _)) = &token {
            simulated.see_with(token.clone());
        }
        for name in [
            "acme",
            "widgets",
            "young",
            "paid",
            "elsewhere",
            "alice",
            "stranger",
            "nobody",
        ] {
            let query = NamespaceQuery::new(place.namespace(name), now());
            let seen = run(orgs.gather(&query)).unwrap();
            let expected = run(simulated.gather(&query)).unwrap();
            let absent = |e: &Existence| matches!(e, Existence::Absent(r) if r.reason == RefutedReason::UnknownProject);
            assert_eq!(
                absent(&seen.existence),
                absent(&expected.existence),
                "{name}"
            );
            if absent(&seen.existence) {
                continue;
            }
            assert_eq!(seen.incarnation, expected.incarnation, "{name}");
            match (&seen.listing, &expected.listing) {
                (Reading::Read(seen), Reading::Read(expected)) if token.is_some() => {
                    assert_eq!(seen, expected, "{name}");
                }
                (Reading::Read(seen), Reading::Read(_)) => {
                    assert!(
                        seen.accounts.len() == 1 && !name.contains("acme"),
                        "{name}: a person"
                    );
                }
                (Reading::Unread(seen), Reading::Read(_)) => {
                    assert!(token.is_none(), "{name}: {seen}");
                    assert_eq!(
                        seen.reason,
                        UnavailableReason::OwnersHidden,
                        "without a token nobody is shown"
                    );
                }
                (Reading::Unread(seen), Reading::Unread(expected)) => {
                    let kind = |why| {
                        if why == UnavailableReason::TokenKind {
                            UnavailableReason::MissingScope
                        } else {
                            why
                        }
                    };
                    assert_eq!(kind(seen.reason), expected.reason, "{name}");
                }
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_personal_name_is_its_accounts_own_by_id_and_whoever_has_the_login_now() {
    let (mut world, session) = alice();
    let before = world.account_of_session(&session).unwrap();
    world.rename_account(&session, "alice-new").unwrap();
    let again = world.sign_up("alice").unwrap();
    let after = world.account_of_session(&again).unwrap();
    let place = Place::of(world);
    let listed = |name: &str, account: &Account| {
        let query = NamespaceQuery::new(place.namespace(name), now());
        let seen = run(place.orgs.gather(&query)).unwrap();
        let account = account.clone().at(Some(place.server.origin()));
        check_listing(&seen, &account, &Policy::standard()).is_ok()
    };
    assert!(listed("alice-new", &before) && listed("alice", &after));
    assert!(!listed("alice", &before) && !listed("alice-new", &after));
}

#[test]
fn a_question_for_another_place_asks_nobody() {
    let (world, session) = alice();
    let place = Place::of(world);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let here = Some(place.server.origin());
    let others: Vec<Namespace> = ["github:acme", "npm:acme", "cargo:acme"]
        .map(|n| n.parse().unwrap())
        .into();
    let below = place.namespace("acme/server");
    for namespace in others.into_iter().chain([below]) {
        let namespace = match namespace.short() == "github:acme" {
            true => namespace,
            false => namespace.at(here.clone()),
        };
        let query = NamespaceQuery::new(namespace.clone(), now());
        let seen = run(place.orgs.gather(&query));
        assert!(
            matches!(seen, Err(NamespaceError::Invalid { .. })),
            "{seen:?}"
        );
        assert!(run(place.orgs.membership(&token, &namespace, now())).is_err());
    }
    assert_eq!(place.server.request_count(), 0);
}
