//! What is read of good answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auths_adapters_github::{AccountsOf, CratesIoConfig};
use auths_core::capability::Capability;
use auths_core::decide::Obstacle;
use auths_core::evidence::{Existence, ListingBasis, Reading};
use auths_core::ports::{
    FixedClock, MemoryStore, NamespaceError, NamespaceQuery, NamespaceVerifier,
    NamespaceVerifierExt, Store, StoreKey,
};
use auths_core::{CapabilitySet, Namespace, RefutedReason, Timestamp};
use auths_testkit::server::Reply;
use serde_json::json;

use crate::common::*;

const DAY: Duration = Duration::from_secs(86_400);

fn set(of: Capability) -> CapabilitySet {
    CapabilitySet::at_least(of)
}

#[test]
fn owners_are_listed_by_their_linked_ids_and_teams_apart() {
    let pair = serve(registry);
    let evidence = pair.gather().unwrap();
    assert_eq!(evidence.existence, Existence::Present);
    let life = evidence.incarnation.get().unwrap();
    assert_eq!(
        (life.kind(), life.value()),
        ("created-at", "2024-01-02T03:04:05.678901Z")
    );
    assert_eq!(evidence.timeline, Reading::NotOffered);
    assert_eq!(
        evidence.repositories,
        Reading::NotOffered,
        "what a publisher typed is not read"
    );
    let listing = evidence.listing.get().unwrap();
    assert!(listing.tokens_may_add_owners);
    assert_eq!(listing.teams, ["github:acme:core"]);
    let seen: Vec<_> = listing
        .accounts
        .iter()
        .map(|l| {
            let first = l.first_published.map(|at| at.to_string());
            (
                l.account.login().as_str(),
                l.account.id().unwrap().as_str(),
                l.basis,
                l.founder,
                first,
            )
        })
        .collect();
    let time = |text: &str| Some(text.to_owned());
    assert_eq!(
        seen,
        [
            (
                "alice",
                "7",
                ListingBasis::Id,
                true,
                time("2024-01-02T03:04:05Z")
            ),
            (
                "bob",
                "8",
                ListingBasis::Id,
                false,
                time("2026-11-10T10:00:00Z")
            ),
        ]
    );
    let origin = pair.server.origin();
    assert!(
        listing
            .accounts
            .iter()
            .all(|l| l.account.origin() == Some(&origin))
    );
    let asked: Vec<_> = pair
        .server
        .requests()
        .into_iter()
        .map(|r| (r.path, r.query))
        .collect();
    let include = |what: &str| Some(format!("include={what}"));
    assert_eq!(
        asked,
        [
            ("/api/v1/crates/demo-crate".into(), include("versions")),
            ("/api/v1/crates/demo-crate/owners".into(), None),
            ("/api/v1/crates/demo-crate".into(), include("")),
            ("/api/v1/users/alice-rs".into(), include("linked_accounts")),
            ("/api/v1/users/bobby".into(), include("linked_accounts")),
        ]
    );
    assert!(
        pair.server.requests()[0]
            .header("user-agent")
            .unwrap()
            .starts_with("auths/")
    );
    assert_eq!(evidence.sources.len(), 5);
}

#[test]
fn who_made_the_crate_is_worth_a_session_and_who_came_later_a_held_token() {
    let pair = serve(registry);
    let alice = pair.check("whatever-she-is-called-now", "7").unwrap();
    assert_eq!(alice.link.falls_to, set(Capability::AccountSession));
    let bob = pair.check("bob", "8").unwrap();
    assert_eq!(bob.link.falls_to, set(Capability::HeldToken));
}

#[test]
fn the_same_login_with_another_id_is_not_listed() {
    let pair = serve(registry);
    // Whoever took the login `alice` on GitHub, the user name `alice-rs`, or the repository that was typed.
    for (login, id) in [
        ("alice", "9"),
        ("alice-rs", "9"),
        ("mallory", "9"),
        ("core", "1"),
        ("acme", "1"),
    ] {
        match pair.check(login, id) {
            Err(Obstacle::Refuted(refuted)) => assert_eq!(refuted.reason, RefutedReason::NotListed),
            other => panic!("{login} {id}: {other:?}"),
        }
    }
}

#[test]
fn a_crate_that_teams_alone_own_has_its_own_reason() {
    let team = owners()["users"][2].clone();
    let pair = but(
        "/api/v1/crates/demo-crate/owners",
        Reply::json(200, json!({ "users": [team] })),
    );
    match pair.check("alice", "7") {
        Err(Obstacle::Refuted(refuted)) => {
            assert_eq!(refuted.reason, RefutedReason::TeamsOnly);
            assert!(refuted.raw_detail.contains("github:acme:core"), "{refuted}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_owner_is_known_from_look_to_look_and_forgotten_when_it_is_gone() {
    let list: Arc<std::sync::Mutex<BTreeMap<u64, serde_json::Value>>> = Arc::default();
    let everybody: BTreeMap<u64, serde_json::Value> = [
        (1, owner(1, "alice-rs", 7, "alice")),
        (2, owner(2, "bobby", 8, "bob")),
    ]
    .into();
    let set_list = |ids: &[u64]| {
        *list.lock().unwrap() = ids.iter().map(|id| (*id, everybody[id].clone())).collect();
    };
    set_list(&[1, 2]);
    let shown = Arc::clone(&list);
    let pair = serve(move |request| match request.path.as_str() {
        "/api/v1/crates/demo-crate/owners" => {
            let users: Vec<_> = shown.lock().unwrap().values().cloned().collect();
            Reply::json(200, json!({ "users": users }))
        }
        _ => registry(request),
    });
    let bob = |at: Timestamp| {
        let evidence = pair.gather_at(at).unwrap();
        let listing = evidence.listing.get().unwrap().clone();
        let bob = listing
            .accounts
            .into_iter()
            .find(|l| l.account.login().as_str() == "bob");
        bob.map(|b| (b.known_since.unwrap(), b.absent_at))
    };
    // The server's clock stands still: times of observation are the caller's.
    assert_eq!(bob(now()), Some((now(), None)));
    assert_eq!(bob(now() + DAY), Some((now(), None)));
    set_list(&[1]);
    assert_eq!(bob(now() + DAY * 2), None);
    set_list(&[1, 2]);
    let back = now() + DAY * 3;
    assert_eq!(bob(back), Some((back, Some(now() + DAY * 2))));
    assert_eq!(bob(back + DAY), Some((back, Some(now() + DAY * 2))));
    // What he published long ago says nothing any more.
    let fresh = pair.check("bob", "8").unwrap();
    assert_eq!(fresh.link.falls_to, set(Capability::StolenToken));
    let missed = format!("a look at {} did not find it listed", now() + DAY * 2);
    assert!(fresh.link.says.contains(&missed), "{}", fresh.link.says);
}

/// The owner was still listed, under the same id of crates.io: a link that one answer does not show is no absence.
#[test]
fn one_look_without_linked_accounts_does_not_demote_who_made_the_crate() {
    for without in [json!([]), json!(null)] {
        let linked = Arc::new(AtomicBool::new(true));
        let shown = Arc::clone(&linked);
        let pair = serve(move |request| match request.path.as_str() {
            "/api/v1/users/alice-rs" if !shown.load(Ordering::SeqCst) => {
                let mut answer = user(1, "alice-rs", 7, "alice");
                answer["linked_accounts"] = without.clone();
                if without.is_null() {
                    answer.as_object_mut().unwrap().remove("linked_accounts");
                }
                Reply::json(200, answer)
            }
            _ => registry(request),
        });
        let worth = || pair.check("alice", "7").unwrap().link.falls_to;
        assert_eq!(worth(), set(Capability::AccountSession));
        linked.store(false, Ordering::SeqCst);
        pair.gather_at(now() + DAY).unwrap();
        linked.store(true, Ordering::SeqCst);
        assert_eq!(worth(), set(Capability::AccountSession));
    }
}

#[test]
fn a_damaged_memory_leaves_the_owners_unread() {
    let store = Arc::new(MemoryStore::new());
    let pair = serve(registry);
    let config = CratesIoConfig::at(pair.server.origin());
    let key = StoreKey::new(
        "crates-io-owners",
        format!("{} demo_crate", pair.server.origin()),
    );
    for damaged in [
        "",
        "{}",
        "null",
        "{\"incarnation\":{\"kind\":\"a\",\"value\":\"b\"}}",
    ] {
        run(store.put(&key, damaged.as_bytes())).unwrap();
        let crates_io = crates_io(config.clone(), store.clone(), Arc::new(FixedClock(now())));
        let query = NamespaceQuery::new(pair.namespace(), now());
        let evidence = run(crates_io.gather(&query)).unwrap();
        let why = evidence.listing.get().unwrap_err().reason;
        assert_eq!(why, auths_core::UnavailableReason::StoreFailed, "{damaged}");
    }
}

#[test]
fn a_crate_is_shown_and_asked_for_as_crates_io_spells_it_however_it_was_typed() {
    let pair = serve(|request| {
        let mut request = request.clone();
        // crates.io finds a crate in every spelling.
        request.path = request
            .path
            .replace("/demo_crate", "/demo-crate")
            .replace("/Demo_Crate", "/demo-crate");
        registry(&request)
    });
    for typed in [
        "cargo:demo-crate",
        "cargo:demo_crate",
        "pkg:cargo/Demo_Crate",
    ] {
        let typed: Namespace = typed.parse().unwrap();
        let typed = typed.at(Some(pair.server.origin()));
        let query = NamespaceQuery::new(typed.clone(), now());
        let evidence = run(pair.crates_io.gather_checked(&query)).unwrap();
        assert_eq!(evidence.namespace, typed);
        assert_eq!(evidence.namespace.name().as_written(), "Demo-Crate");
        let source = &evidence.sources[0];
        assert!(source.contains(typed.name().as_written()), "{source}");
    }
}

#[test]
fn a_crate_that_does_not_exist_is_absent_only_in_the_registrys_own_words() {
    let absent = serve(|_| not_found("crate `demo-crate` does not exist"))
        .gather()
        .unwrap();
    match absent.existence {
        Existence::Absent(refuted) => assert_eq!(refuted.reason, RefutedReason::UnknownProject),
        other => panic!("{other:?}"),
    }
    for other in ["Not Found", "crate `other` does not exist", ""] {
        assert!(
            serve(move |_| not_found(other)).gather().is_err(),
            "{other}"
        );
    }
}

#[test]
fn accounts_are_those_of_the_github_that_the_registry_is_said_to_list() {
    let pair = serve(registry);
    let listed = |config: CratesIoConfig| {
        let crates_io = crates_io(
            config,
            Arc::new(MemoryStore::new()),
            Arc::new(FixedClock(now())),
        );
        let evidence = run(crates_io.gather(&NamespaceQuery::new(pair.namespace(), now())));
        evidence.unwrap().listing.get().unwrap().accounts[0]
            .account
            .clone()
    };
    let config = CratesIoConfig::at(pair.server.origin());
    let public = github("alice", "7");
    assert!(
        !listed(config.clone()).same_as(&public),
        "a strange server names no account of the public GitHub"
    );
    assert!(listed(config.clone().with_accounts_of(AccountsOf::PublicGitHub)).same_as(&public));
    let other = "http://127.0.0.1:9".parse().unwrap();
    assert!(
        listed(config.with_accounts_of(AccountsOf::GitHubAt(other)))
            .origin()
            .is_some()
    );
}

#[test]
fn a_question_for_another_registry_asks_nobody() {
    let pair = serve(registry);
    let here = Some(pair.server.origin());
    for namespace in ["cargo:demo-crate", "npm:demo-crate", "github:acme"] {
        let namespace: Namespace = namespace.parse().unwrap();
        let namespace = if namespace.short().starts_with("cargo") {
            namespace
        } else {
            namespace.at(here.clone())
        };
        let answer = run(pair
            .crates_io
            .gather(&NamespaceQuery::new(namespace, now())));
        assert!(
            matches!(answer, Err(NamespaceError::Invalid { .. })),
            "{answer:?}"
        );
    }
    assert_eq!(pair.server.request_count(), 0);
}
