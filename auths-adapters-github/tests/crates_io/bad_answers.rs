//! Answers of old, odd and hostile servers.

use auths_core::capability::Capability;
use auths_core::decide::Obstacle;
use auths_core::evidence::ListingBasis;
use auths_core::{Refutation, Why};
use auths_http::loopback::Reply;
use serde_json::{Value, json};

use crate::common::*;

const CRATE: &str = "/api/v1/crates/demo_crate";
const OWNERS: &str = "/api/v1/crates/demo_crate/owners";
const ALICE: &str = "/api/v1/users/alice-rs";

/// Why the owners are unread.
fn unread(pair: &Pair) -> Why {
    let evidence = pair.gather().unwrap();
    let why = evidence.listing.get().unwrap_err();
    match pair.check("alice", "7") {
        Err(Obstacle::Unavailable(seen)) => assert_eq!(seen.why, why.why),
        other => panic!("{other:?}"),
    }
    why.why
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
    match pair.check("alice", "9") {
        Err(Obstacle::Refuted(refuted)) => assert_eq!(refuted.by, Refutation::NotListed),
        other => panic!("another id under the same login: {other:?}"),
    }
    let pair = old_server(json!("https://github.com/alice"), Value::Null);
    let answer = pair.check("alice", "9").unwrap();
    assert!(answer.link.falls_to.contains(Capability::RecycledName));
    assert_eq!(
        unread(&old_server(Value::Null, Value::Null)),
        Why::MissingField
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
        assert_eq!(unread(&pair), Why::MissingField, "{avatar}");
    }
    for page in [
        "http://github.com/alice",
        "https://github.com.evil.example/alice",
        "https://github.com/alice/repo",
        "https://evil.example/alice",
        "https://a@github.com/alice",
    ] {
        let pair = old_server(json!(page), Value::Null);
        assert_eq!(unread(&pair), Why::MissingField, "{page}");
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
            Err(Obstacle::Refuted(refuted)) => assert_eq!(refuted.by, Refutation::NotListed),
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
    let said = json!({ "errors": [{ "detail": "crate `demo_crate` does not exist" }] });
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
                Why::Unreadable,
                "{path}"
            );
        }
    }
}

#[test]
fn one_bad_owner_leaves_all_unread() {
    let all = |edit: fn(&mut Value)| {
        let mut body = owners();
        edit(&mut body["users"][1]);
        Reply::json(200, body)
    };
    for reply in [
        all(|owner| owner["kind"] = json!("robot")),
        all(|owner| owner["login"] = json!("../../crates/other")),
        all(|owner| owner["login"] = json!("bob?include=x")),
        all(|owner| owner["login"] = json!("")),
        all(|owner| owner["id"] = json!(-2)),
        all(|owner| *owner = json!(["bob"])),
    ] {
        let pair = but(OWNERS, reply);
        assert_eq!(unread(&pair), Why::Unreadable);
        let asked = pair.server.requests();
        assert!(asked.iter().all(|r| !r.path.contains("other")), "{asked:?}");
    }
    let gone = but("/api/v1/users/bobby", not_found("Not Found"));
    assert_eq!(unread(&gone), Why::UnexpectedStatus);
    let another = but(
        "/api/v1/users/bobby",
        Reply::json(200, user(3, "bobby", 8, "bob")),
    );
    assert_eq!(
        unread(&another),
        Why::EvidenceMismatch,
        "the name changed hands in between"
    );
}

#[test]
fn a_crate_with_more_owners_than_the_budget_lists_none_rather_than_some() {
    let users: Vec<Value> = (0..300)
        .map(|n| owner(n + 1, &format!("user{n}"), n + 1, "x"))
        .collect();
    let pair = serve(move |request| match request.path.as_str() {
        OWNERS => Reply::json(200, json!({ "users": users })),
        CRATE => registry(request),
        path => {
            let n: u64 = path
                .trim_start_matches("/api/v1/users/user")
                .parse()
                .unwrap();
            Reply::json(200, user(n + 1, "x", n + 1, "x"))
        }
    });
    let evidence = pair.gather().unwrap();
    assert_eq!(evidence.listing.get().unwrap_err().why, Why::RequestBudget);
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
