//! Answers of old, odd and hostile servers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use auths_core::capability::Capability;
use auths_core::decide::{Obstacle, check_listing};
use auths_core::evidence::{ListingBasis, ListingCompleteness};
use auths_core::ports::{Budget, NamespaceQuery, NamespaceVerifier};
use auths_core::{Account, Platform, Policy, RefutedReason, UnavailableReason};
use auths_testkit::server::Reply;
use serde_json::{Value, json};

use crate::common::*;

const CRATE: &str = "/api/v1/crates/demo-crate";
const OWNERS: &str = "/api/v1/crates/demo-crate/owners";
const ALICE: &str = "/api/v1/users/alice-rs";

/// Why the owners are not known, all or some of them.
fn unread(pair: &Pair) -> UnavailableReason {
    let evidence = pair.gather().unwrap();
    let why = match evidence.listing.get() {
        Err(why) => why.reason,
        Ok(listing) => match &listing.owners {
            ListingCompleteness::Unread(why) => why.reason,
            other => panic!("{other:?}"),
        },
    };
    match pair.check("mallory", "66") {
        Err(Obstacle::Unavailable(seen)) => assert_eq!(seen.reason, why),
        other => panic!("{other:?}"),
    }
    why
}

/// A server that shows no links, and of alice only this.
fn old_server(url: Value, avatar: Value) -> Pair {
    serve(move |request| match request.path.as_str() {
        OWNERS => {
            let mut alice = owner(1, "alice-rs", 7, "alice");
            (alice["url"], alice["avatar"]) = (url.clone(), avatar.clone());
            Reply::json(200, json!({ "users": [alice] }))
        }
        ALICE => Reply::json(200, json!({ "user": public(1, "alice-rs", 7, "alice") })),
        _ => registry(request),
    })
}

#[test]
fn a_server_too_old_for_links_is_read_by_pictures_and_pages_which_are_names() {
    let picture = || json!("https://avatars.githubusercontent.com/u/7?v=4");
    let pair = old_server(json!("https://github.com/alice"), picture());
    let answer = pair.check("renamed", "7").unwrap();
    assert_eq!(answer.listed.basis, ListingBasis::RecyclableName);
    assert!(answer.link.falls_to.contains(Capability::RecycledName));
    // Another id under the same login is not the listed one. That it is not listed nobody can say: the list shows no ids.
    match pair.check("alice", "9") {
        Err(Obstacle::Unavailable(why)) => assert_eq!(why.reason, UnavailableReason::MissingField),
        other => panic!("another id under the same login: {other:?}"),
    }
    let pair = old_server(json!("https://github.com/alice"), Value::Null);
    let answer = pair.check("alice", "9").unwrap();
    assert!(answer.link.falls_to.contains(Capability::RecycledName));
    assert_eq!(
        unread(&old_server(Value::Null, Value::Null)),
        UnavailableReason::MissingField
    );
}

#[test]
fn an_address_that_is_not_exactly_githubs_names_nobody() {
    for avatar in [
        "http://avatars.githubusercontent.com/u/7",
        "https://avatars.githubusercontent.com.evil.example/u/7",
        "https://evil.example/u/7",
        "https://githubusercontent.com/u/7",
        "https://xavatars.githubusercontent.com/u/7",
        "https://avatars.githubusercontent.com/u/7/8",
        "https://avatars.githubusercontent.com/u/seven",
        "https://avatars.githubusercontent.com/u/07",
        "https://avatars.githubusercontent.com/in/7",
        "https://avatars.githubusercontent.com:8443/u/7",
        "https://a@avatars.githubusercontent.com/u/7",
        "https://avatars.githubusercontent.com/u/%37",
    ] {
        let pair = old_server(Value::Null, json!(avatar));
        assert_eq!(unread(&pair), UnavailableReason::MissingField, "{avatar}");
    }
    for page in [
        "http://github.com/alice",
        "https://github.com.evil.example/alice",
        "https://github.com/alice/repo",
        "https://evil.example/alice",
        "https://a@github.com/alice",
    ] {
        let pair = old_server(json!(page), Value::Null);
        assert_eq!(unread(&pair), UnavailableReason::MissingField, "{page}");
    }
}

#[test]
fn an_owner_without_a_github_account_is_listed_as_what_it_is() {
    let nobody = json!({ "user": public(1, "alice-rs", 7, "alice"), "linked_accounts": [] });
    let elsewhere = json!({ "user": public(1, "alice-rs", 7, "alice"), "linked_accounts": [
        { "provider": "gitlab", "account_id": "7", "login": "alice", "avatar": null }
    ] });
    for body in [nobody, elsewhere] {
        let pair = but(ALICE, Reply::json(200, body));
        let evidence = pair.gather().unwrap();
        let listed = &evidence.listing.get().unwrap().accounts[0];
        assert_eq!(listed.account.platform().as_str(), "crates-io");
        match pair.check("alice", "7") {
            Err(Obstacle::Refuted(refuted)) => assert_eq!(refuted.reason, RefutedReason::NotListed),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_linked_github_account_counts() {
    let two = json!({ "user": public(1, "alice-rs", 7, "alice"), "linked_accounts": [
        { "provider": "github", "account_id": "7", "login": "alice", "avatar": null },
        { "provider": "github", "account_id": "70", "login": "alice-work", "avatar": null },
    ] });
    let pair = but(ALICE, Reply::json(200, two));
    assert!(pair.check("alice", "7").is_ok() && pair.check("alice-work", "70").is_ok());
}

#[test]
fn an_owner_of_an_old_login_that_githubs_grammar_forbids_is_known_by_the_id() {
    let odd = json!({ "user": public(1, "alice-rs", 7, "alice"), "linked_accounts": [
        { "provider": "github", "account_id": "7", "login": "-alice.", "avatar": null },
    ] });
    assert!(
        but(ALICE, Reply::json(200, odd))
            .check("alice", "7")
            .is_ok()
    );
}

#[test]
fn errors_with_status_200_are_failures_wherever_they_come() {
    let said = json!({ "errors": [{ "detail": "crate `demo-crate` does not exist" }] });
    assert!(but(CRATE, Reply::json(200, said.clone())).gather().is_err());
    for path in [OWNERS, ALICE] {
        let mut both = if path == OWNERS {
            owners()
        } else {
            user(1, "alice-rs", 7, "alice")
        };
        both["errors"] = said["errors"].clone();
        for body in [said.clone(), both] {
            assert_eq!(
                unread(&but(path, Reply::json(200, body))),
                UnavailableReason::Unreadable,
                "{path}"
            );
        }
    }
}

/// Alice is listed, whatever could not be read of bob; and nobody is said not to be.
fn others_unread(pair: &Pair) -> UnavailableReason {
    assert!(pair.check("alice", "7").is_ok());
    let evidence = pair.gather().unwrap();
    let listing = evidence.listing.get().unwrap();
    let bob = listing
        .accounts
        .iter()
        .find(|l| l.label.contains("not read"));
    assert_eq!(bob.unwrap().account.platform().as_str(), "crates-io");
    assert!(listing.sole_owner().is_none());
    unread(pair)
}

#[test]
fn what_cannot_be_read_of_one_owner_spoils_nothing_of_another() {
    let all = |edit: fn(&mut Value)| {
        let mut body = owners();
        edit(&mut body["users"][1]);
        Reply::json(200, body)
    };
    for reply in [
        all(|owner| owner["login"] = json!("../../crates/other")),
        all(|owner| owner["login"] = json!("bob?include=x")),
        all(|owner| owner["login"] = json!("")),
    ] {
        let pair = but(OWNERS, reply);
        assert_eq!(others_unread(&pair), UnavailableReason::Unreadable);
        let asked = pair.server.requests();
        assert!(asked.iter().all(|r| !r.path.contains("other")), "{asked:?}");
    }
    let page = |reply| others_unread(&but("/api/v1/users/bobby", reply));
    assert_eq!(
        page(not_found("Not Found")),
        UnavailableReason::UnexpectedStatus
    );
    assert_eq!(page(Reply::status(503)), UnavailableReason::ServerError);
    assert_eq!(page(Reply::status(403)), UnavailableReason::Forbidden);
    assert_eq!(
        page(Reply::status(404)),
        UnavailableReason::UnexpectedStatus
    );
    // A server that asks for fewer requests is left alone after that: each question here has another.
    let limited = || but("/api/v1/users/bobby", Reply::status(429));
    assert!(limited().check("alice", "7").is_ok());
    match limited().check("mallory", "66") {
        Err(Obstacle::Unavailable(why)) => assert_eq!(why.reason, UnavailableReason::RateLimited),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        page(Reply::json(200, json!([]))),
        UnavailableReason::Unreadable
    );
    let another = Reply::json(200, user(3, "bobby", 8, "bob"));
    let why = page(another);
    assert_eq!(
        why,
        UnavailableReason::EvidenceMismatch,
        "the name changed hands in between"
    );
    let mut odd = user(2, "bobby", 8, "bob");
    odd["linked_accounts"][0]["account_id"] = json!("eight");
    assert_eq!(page(Reply::json(200, odd)), UnavailableReason::Unreadable);
}

#[test]
fn an_owner_who_cannot_be_read_leaves_the_others_listed_and_nobody_denied() {
    let edits: [fn(&mut Value); 12] = [
        |owner| owner["kind"] = json!("robot"),
        |owner| owner["kind"] = json!("organization"),
        |owner| drop(owner.as_object_mut().unwrap().remove("kind")),
        |owner| owner["id"] = json!(-2),
        |owner| owner["id"] = json!("2"),
        |owner| owner["id"] = json!(0),
        |owner| drop(owner.as_object_mut().unwrap().remove("id")),
        |owner| owner["login"] = Value::Null,
        |owner| owner["login"] = json!(5),
        |owner| *owner = json!(["bob"]),
        |owner| *owner = Value::Null,
        |owner| *owner = json!({ "kind": "team", "id": 2, "login": null }),
    ];
    for edit in edits {
        let mut body = owners();
        edit(&mut body["users"][1]);
        let pair = but(OWNERS, Reply::json(200, &body));
        assert!(pair.check("alice", "7").is_ok(), "{body}");
        assert_eq!(unread(&pair), UnavailableReason::Unreadable, "{body}");
        let evidence = pair.gather().unwrap();
        assert!(evidence.listing.get().unwrap().sole_owner().is_none());
        // Alone in the list, nobody is known.
        body["users"] = json!([body["users"][1]]);
        let pair = but(OWNERS, Reply::json(200, &body));
        assert_eq!(unread(&pair), UnavailableReason::Unreadable, "{body}");
    }
}

#[test]
fn an_odd_picture_or_page_costs_nothing_where_links_are_shown() {
    let mut body = owners();
    (body["users"][0]["avatar"], body["users"][1]["url"]) = (json!(5), json!({}));
    let pair = but(OWNERS, Reply::json(200, body));
    assert!(pair.check("alice", "7").is_ok() && pair.check("bob", "8").is_ok());
    assert!(matches!(
        pair.check("mallory", "66"),
        Err(Obstacle::Refuted(_))
    ));
}

#[test]
fn a_link_that_may_be_githubs_leaves_it_open_and_one_of_another_provider_costs_nothing() {
    let good = json!({ "provider": "github", "account_id": "7", "login": "alice", "avatar": null });
    let links = |links: Value| {
        let body = json!({ "user": public(1, "alice-rs", 7, "alice"), "linked_accounts": links });
        but(ALICE, Reply::json(200, body))
    };
    for provider in ["GitHub", "GITHUB", " github", "github.com", ""] {
        let odd = json!({ "provider": provider, "account_id": "7", "login": "alice" });
        assert_eq!(
            unread(&links(json!([odd]))),
            UnavailableReason::Unreadable,
            "{provider}"
        );
    }
    let elsewhere = json!({ "provider": "gitlab", "account_id": null, "login": null });
    let pair = links(json!([good, elsewhere]));
    assert!(pair.check("alice", "7").is_ok());
    assert!(matches!(
        pair.check("mallory", "66"),
        Err(Obstacle::Refuted(_))
    ));
    let nameless = json!({ "provider": "github", "account_id": "7", "login": null });
    assert!(links(json!([nameless])).check("alice", "7").is_ok());
    for odd in [
        json!(null),
        json!({ "provider": "github", "account_id": null, "login": "x" }),
    ] {
        let pair = links(json!([odd, good]));
        assert!(pair.check("alice", "7").is_ok(), "{odd}");
        assert_eq!(unread(&pair), UnavailableReason::Unreadable, "{odd}");
    }
}

/// A look that could not read who an owner is did not find it absent.
#[test]
fn an_owner_who_could_not_be_read_once_was_not_absent() {
    let is_odd = Arc::new(AtomicBool::new(false));
    let odd = Arc::clone(&is_odd);
    let pair = serve(move |request| match request.path.as_str() {
        OWNERS if odd.load(Ordering::SeqCst) => {
            let mut body = owners();
            body["users"][1]["id"] = json!("2");
            Reply::json(200, body)
        }
        _ => registry(request),
    });
    let day = Duration::from_secs(86_400);
    let known = |at, name: &str| {
        let evidence = pair.gather_at(at).unwrap();
        let listing = evidence.listing.get().unwrap();
        let mut accounts = listing.accounts.iter();
        let found = accounts.find(|l| l.account.login().as_str() == name);
        found.map(|found| (found.known_since, found.absent_at))
    };
    assert_eq!(known(now(), "bob"), Some((Some(now()), None)));
    is_odd.store(true, Ordering::SeqCst);
    assert_eq!(known(now() + day, "bob"), None);
    assert_eq!(known(now() + day, "alice"), Some((Some(now()), None)));
    is_odd.store(false, Ordering::SeqCst);
    assert_eq!(known(now() + day * 2, "bob"), Some((Some(now()), None)));
}

/// A look that could not read an owner's links is no look that did not find it.
#[test]
fn an_owner_whose_page_was_not_read_once_was_not_absent() {
    let down = Arc::new(AtomicBool::new(false));
    let is_down = Arc::clone(&down);
    let pair = serve(move |request| match request.path.as_str() {
        "/api/v1/users/bobby" if is_down.load(Ordering::SeqCst) => Reply::status(503),
        _ => registry(request),
    });
    let day = Duration::from_secs(86_400);
    let bob = |at| {
        let evidence = pair.gather_at(at).unwrap();
        let listing = evidence.listing.get().unwrap();
        let bob = listing
            .accounts
            .iter()
            .find(|l| l.account.login().as_str() == "bob");
        bob.map(|bob| (bob.known_since, bob.absent_at))
    };
    assert_eq!(bob(now()), Some((Some(now()), None)));
    down.store(true, Ordering::SeqCst);
    assert_eq!(bob(now() + day), None);
    down.store(false, Ordering::SeqCst);
    assert_eq!(bob(now() + day * 2), Some((Some(now()), None)));
}

#[test]
fn of_a_crate_with_more_owners_than_the_budget_those_asked_about_are_read_first() {
    let users: Vec<Value> = (0..300)
        .map(|n| owner(n + 1, &format!("user{n}"), n + 1, &format!("x{n}")))
        .collect();
    let pair = serve(move |request| match request.path.as_str() {
        OWNERS => Reply::json(200, json!({ "users": users })),
        CRATE => registry(request),
        path => {
            let n: u64 = path
                .trim_start_matches("/api/v1/users/user")
                .parse()
                .unwrap();
            let body = user(n + 1, &format!("user{n}"), n + 1, &format!("x{n}"));
            Reply::json(200, body)
        }
    });
    let origin = pair.server.origin();
    let last = github("x299", "300").at(Some(origin.clone()));
    let other = github("x298", "299").at(Some(origin));
    let ask = |asked: Vec<Account>, budget: Budget| {
        let query = NamespaceQuery::new(pair.namespace(), now());
        let evidence = run(pair.crates_io.gather(&query.about(asked).within(budget)));
        let evidence = evidence.unwrap();
        let check = |account| check_listing(&evidence, account, &Policy::standard());
        (check(&last).is_ok(), check(&other).map(drop))
    };
    let before = pair.server.request_count();
    let small = || Budget::new(10, Duration::from_secs(60));
    let (found, other) = ask(vec![last.clone()], small());
    assert!(found, "by its id, which its picture shows");
    assert!(
        matches!(&other, Err(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::RequestBudget),
        "{other:?}"
    );
    assert_eq!(pair.server.request_count() - before, 10);
    let by_login = Account::parse_login(Platform::GITHUB, "USER299").unwrap();
    assert!(ask(vec![by_login], small()).0);
    assert!(!ask(Vec::new(), small()).0);
    assert!(
        !ask(Vec::new(), Budget::unlimited()).0,
        "the adapter's own 200"
    );
}

#[test]
fn two_publishers_at_one_instant_made_the_crate_neither_of_them() {
    let mut body = krate();
    let at = body["versions"][2]["created_at"].clone();
    body["versions"][1]["created_at"] = at;
    let evidence = but(CRATE, Reply::json(200, body)).gather().unwrap();
    assert!(
        evidence
            .listing
            .get()
            .unwrap()
            .accounts
            .iter()
            .all(|l| !l.founder)
    );
}

#[test]
fn of_two_owners_linked_to_one_account_the_better_counts_in_either_order() {
    let answers = [false, true].map(|swapped| {
        let pair = serve(move |request| match request.path.as_str() {
            OWNERS => {
                let mut body = owners();
                if swapped {
                    body["users"].as_array_mut().unwrap().reverse();
                }
                Reply::json(200, body)
            }
            "/api/v1/users/bobby" => Reply::json(200, user(2, "bobby", 7, "alice")),
            _ => registry(request),
        });
        pair.check("alice", "7").unwrap().link.falls_to
    });
    assert_eq!(answers[0], answers[1]);
    assert_eq!(
        answers[0],
        serve(registry).check("alice", "7").unwrap().link.falls_to
    );
}
