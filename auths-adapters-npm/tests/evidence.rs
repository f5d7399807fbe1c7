//! What the adapter makes of a package over a real socket, and with how many requests.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use auths_adapters_npm::{Npm, NpmConfig};
use auths_core::Policy;
use auths_core::claim::Incarnation;
use auths_core::decide::{Obstacle, check_listing, statement};
use auths_core::evidence::{
    Existence, ListingCompleteness, NamespaceEvidence, OwnerRole, Reading, Timeline,
};
use auths_core::ports::{
    FixedClock, MemoryStore, NamespaceError, NamespaceQuery, NamespaceVerifier,
};
use auths_core::{Account, Ecosystem, RefutedReason, UnavailableReason};
use auths_http::{Transport, TransportConfig};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::server::{Fault, Reply, Server};
use common::*;
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3600);

fn edited(edit: impl FnOnce(&mut Value)) -> Value {
    let mut packument = packument();
    edit(&mut packument);
    packument
}

fn listed(evidence: &NamespaceEvidence, pair: &Pair, login: &str) -> Result<(), Obstacle> {
    let account: Account = format!("npm:{login}").parse().unwrap();
    let account = account.at(Some(pair.server.origin()));
    check_listing(evidence, &account, &Policy::standard()).map(|_| ())
}

#[test]
fn everything_about_a_package_takes_one_request() {
    let pair = showing(packument());
    let evidence = pair.gather().unwrap();
    assert_eq!(evidence.namespace, pair.namespace("left"));
    assert_eq!(
        (&evidence.origin, evidence.observed_at),
        (&pair.server.origin(), now())
    );
    assert_eq!(evidence.existence, Existence::Present);
    let marker = "2026-01-01T10:00:00.250Z 2026-01-01T10:00:00.500Z";
    let marker = Incarnation::new("created-and-first-release", marker);
    assert_eq!(evidence.incarnation, Reading::Read(marker));

    let listing = evidence.listing.get().unwrap();
    assert_eq!(
        (listing.accounts.len(), &listing.owners),
        (1, &ListingCompleteness::Listed)
    );
    assert_eq!(listing.accounts[0].role, OwnerRole::Owner);
    assert_eq!(
        listing.accounts[0].account.origin(),
        Some(&pair.server.origin())
    );
    assert!(listed(&evidence, &pair, "alice").is_ok());
    // npm's logins are compared exactly, and the maintainers of a version are those of its day.
    for other in ["Alice", "mallory"] {
        let refused = listed(&evidence, &pair, other);
        assert!(
            matches!(&refused, Err(Obstacle::Refuted(r)) if r.reason == RefutedReason::NotListed),
            "{refused:?}"
        );
    }

    let timeline = evidence.timeline.get().unwrap();
    assert_eq!(
        (timeline.default_version(), timeline.why_stopped()),
        (Some("1.2.0"), None)
    );
    let named: Vec<_> = timeline
        .releases()
        .iter()
        .map(|r| (r.version.as_str(), r.names(&did(A))))
        .collect();
    let all = [
        ("1.0.0", Some(false)),
        ("1.1.0", Some(true)),
        ("1.2.0", Some(true)),
    ];
    assert_eq!(named, all);
    let found = statement(timeline, &did(A), 7 * 24 * HOUR, now()).unwrap();
    assert!(found.mature && found.since_exact);
    assert_eq!(evidence.repositories.get().unwrap()[0].owner, "example");
    assert_eq!(evidence.provenance, Reading::NotOffered);
    assert_eq!(pair.paths(), ["/left"]);
    let request = &pair.server.requests()[0];
    assert_eq!(request.header("accept"), Some("application/json"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(evidence.sources, [format!("{}/left", pair.server.origin())]);
}

#[test]
fn a_scoped_name_is_encoded_once_and_a_legacy_name_keeps_its_case() {
    for (name, path) in [
        ("@alice/auths", "/@alice%2Fauths"),
        ("@Alice/Auths.js", "/@Alice%2FAuths.js"),
        ("JSONStream", "/JSONStream"),
        ("a~b'(c)", "/a~b'(c)"),
    ] {
        let shown = edited(|p| p["name"] = json!(name));
        let pair = showing(shown);
        let query = NamespaceQuery::new(pair.namespace(name), now());
        let evidence = pair.ask(&query).unwrap();
        assert_eq!(evidence.existence, Existence::Present, "{name}");
        assert_eq!(pair.paths(), [path]);
    }
    let other_case = showing(edited(|p| p["name"] = json!("jsonstream")));
    let query = NamespaceQuery::new(other_case.namespace("JSONStream"), now());
    let error = other_case.ask(&query).unwrap_err().into_unavailable();
    assert_eq!(error.reason, UnavailableReason::EvidenceMismatch);
}

#[test]
fn a_mirror_without_maintainers_lists_nobody_and_says_so() {
    let abbreviated = json!({
        "name": "left", "modified": "2026-11-01T10:00:01.000Z", "dist-tags": { "latest": "1.2.0" },
        "versions": { "1.2.0": { "name": "left", "version": "1.2.0", "dist": {} } },
    });
    for (packument, why) in [
        (
            edited(|p| drop(p.as_object_mut().unwrap().remove("maintainers"))),
            UnavailableReason::MissingField,
        ),
        (
            edited(|p| p["maintainers"] = json!(null)),
            UnavailableReason::MissingField,
        ),
        (
            edited(|p| p["maintainers"] = json!([])),
            UnavailableReason::Empty,
        ),
        (abbreviated, UnavailableReason::MissingField),
    ] {
        let pair = showing(packument);
        let evidence = pair.gather().unwrap();
        let Err(Obstacle::Unavailable(seen)) = listed(&evidence, &pair, "alice") else {
            panic!("{:?}", evidence.listing);
        };
        assert_eq!(seen.reason, why);
        assert!(seen.raw_detail.contains("maintainer"), "{seen}");
    }
    let typed = "application/vnd.npm.install-v1+json";
    let pair = serve(move |_| Reply::bytes(200, typed, packument().to_string()));
    let error = pair.gather().unwrap_err().into_unavailable();
    assert_eq!(error.reason, UnavailableReason::MissingField);
    assert!(error.raw_detail.contains("abbreviated"), "{error}");
}

#[test]
fn maintainers_without_times_or_versions_list_nobody_because_the_package_may_be_gone() {
    let without = |field: &str| edited(|p| drop(p.as_object_mut().unwrap().remove(field)));
    let bare = json!({ "name": "left", "maintainers": [{ "name": "alice" }] });
    for (packument, why) in [
        (bare, UnavailableReason::MissingField),
        (without("time"), UnavailableReason::MissingField),
        (
            edited(|p| p["time"] = json!(null)),
            UnavailableReason::MissingField,
        ),
        (edited(|p| p["time"] = json!({})), UnavailableReason::Empty),
        (without("versions"), UnavailableReason::MissingField),
        (
            edited(|p| p["versions"] = json!(null)),
            UnavailableReason::MissingField,
        ),
        (
            edited(|p| p["versions"] = json!({})),
            UnavailableReason::Empty,
        ),
    ] {
        let pair = showing(packument.clone());
        let evidence = pair.gather().unwrap();
        let seen = listed(&evidence, &pair, "alice");
        assert!(
            matches!(&seen, Err(Obstacle::Unavailable(seen)) if seen.reason == why),
            "{packument}: {seen:?}"
        );
    }
}

/// A list that is none, or of which nobody can be read, is not read; what stands beside it is read all the same.
#[test]
fn maintainers_of_another_type_cost_the_listing_alone() {
    let many: Vec<Value> = (0..2_049)
        .map(|n| json!({ "name": format!("m{n}") }))
        .collect();
    for (odd, why) in [
        (
            json!("alice <a@mail.example>"),
            UnavailableReason::Unreadable,
        ),
        (json!(["alice", "bob"]), UnavailableReason::Unreadable),
        (json!({ "name": "alice" }), UnavailableReason::Unreadable),
        (json!(7), UnavailableReason::Unreadable),
        (json!(true), UnavailableReason::Unreadable),
        (json!([null]), UnavailableReason::Unreadable),
        (json!([{ "name": null }]), UnavailableReason::Unreadable),
        (
            json!([{ "name": "x".repeat(600) }]),
            UnavailableReason::Unreadable,
        ),
        (
            json!([{ "name": "x".repeat(600_000) }]),
            UnavailableReason::TooLarge,
        ),
        (json!(many), UnavailableReason::TooLarge),
    ] {
        let shown: String = odd.to_string().chars().take(60).collect();
        let pair = showing(edited(|p| p["maintainers"] = odd));
        let evidence = pair
            .gather()
            .unwrap_or_else(|error| panic!("{shown}: {error}"));
        let unread = evidence.listing.get().unwrap_err();
        assert_eq!(unread.reason, why, "{shown}: {unread}");
        assert_eq!(evidence.existence, Existence::Present, "{shown}");
        let timeline = evidence.timeline.get().unwrap();
        let found = statement(timeline, &did(A), 7 * 24 * HOUR, now()).unwrap();
        assert!(found.mature, "{shown}");
        assert!(evidence.incarnation.get().is_ok(), "{shown}");
    }
    let deep = format!("{}7{}", "[".repeat(200), "]".repeat(200));
    for raw in [
        "1e999".to_owned(),
        "[{\"name\":\"\\ud800\"}]".to_owned(),
        deep,
    ] {
        let listed = json!([{ "name": "alice", "email": "alice@mail.example" }]).to_string();
        let body = packument().to_string();
        let text = body.replacen(
            &format!("\"maintainers\":{listed}"),
            &format!("\"maintainers\":{raw}"),
            1,
        );
        // The top level's stand last or first, depending on the order of the fields: those of versions stay as they are.
        assert_ne!(text, body);
        let pair = serve(move |_| Reply::bytes(200, "application/json", text.clone()));
        let evidence = pair.gather().unwrap();
        assert_eq!(
            evidence.listing.get().unwrap_err().reason,
            UnavailableReason::Unreadable
        );
        assert!(evidence.timeline.get().is_ok());
    }
}

/// A mirror's slip in a field costs what is read from that field.
#[test]
fn a_field_of_another_type_costs_what_is_read_from_it_alone() {
    for odd in [
        json!(7),
        json!([]),
        json!("1.2.0"),
        json!({ "latest": ["1.2.0"] }),
    ] {
        let pair = showing(edited(|p| p["dist-tags"] = odd.clone()));
        let evidence = pair.gather().unwrap();
        assert!(listed(&evidence, &pair, "alice").is_ok(), "{odd}");
        assert_eq!(
            evidence.timeline.get().unwrap_err().reason,
            UnavailableReason::Unreadable
        );
    }
    for odd in [json!(7), json!({}), json!([])] {
        let pair = showing(edited(|p| p["time"]["1.1.0"] = odd.clone()));
        let evidence = pair.gather().unwrap();
        assert!(listed(&evidence, &pair, "alice").is_ok(), "{odd}");
        let releases = evidence.timeline.get().unwrap().releases();
        let undated = releases.iter().filter(|r| r.uploaded_at.is_none());
        assert_eq!(undated.map(|r| &*r.version).collect::<Vec<_>>(), ["1.1.0"]);
    }
}

#[test]
fn a_version_that_is_oddly_spelled_costs_no_other_release_anything() {
    for odd in ["1.0 beta", "", "1.0\u{e9}", "\u{202e}0.1", &"1".repeat(256)] {
        let pair = showing(edited(|p| {
            p["versions"][odd] = manifest("0.1.0", &[]);
            p["time"][odd] = json!("2026-01-02T10:00:00.500Z");
        }));
        let evidence = pair
            .gather()
            .unwrap_or_else(|error| panic!("{odd:?}: {error}"));
        assert!(listed(&evidence, &pair, "alice").is_ok(), "{odd:?}");
        let timeline = evidence.timeline.get().unwrap();
        assert_eq!(timeline.releases().len(), 4, "{odd:?}");
        let found = statement(timeline, &did(A), 7 * 24 * HOUR, now()).unwrap();
        assert!(found.mature, "{odd:?}");
        let shown = &timeline.releases()[1].version;
        assert!(shown.bytes().all(|b| b.is_ascii_graphic()), "{shown:?}");
    }
}

/// npm answers so about private packages too. Of an unscoped name it is a no, as before.
#[test]
fn a_404_for_a_scoped_name_is_unavailable_and_hidden_by_design() {
    let said = |name: &str| {
        let pair = serve(|_| Reply::json(404, json!({ "error": "Not found" })));
        pair.ask(&NamespaceQuery::new(pair.namespace(name), now()))
    };
    let hidden = said("@acme/x").unwrap_err().into_unavailable();
    assert_eq!(hidden.reason, UnavailableReason::NameHidden);
    assert!(hidden.raw_detail.contains("private"), "{hidden}");
    assert!(!hidden.is_retryable());
    assert!(matches!(
        said("left").unwrap().existence,
        Existence::Absent(_)
    ));
}

#[test]
fn unpublished_is_an_object_of_a_package_without_versions() {
    for odd in [
        json!(false),
        json!(true),
        json!(""),
        json!("2026-11-02T00:00:00.000Z"),
        json!([]),
        json!([{}]),
        json!(0),
        json!(null),
        // What was unpublished and published again is there.
        json!({ "time": "2026-01-02T00:00:00.000Z", "versions": ["0.9.0"] }),
    ] {
        let pair = showing(edited(|p| p["time"]["unpublished"] = odd.clone()));
        let evidence = pair.gather().unwrap();
        assert_eq!(evidence.existence, Existence::Present, "{odd}");
        assert!(listed(&evidence, &pair, "alice").is_ok(), "{odd}");
        let gone = showing(edited(|p| {
            p["time"]["unpublished"] = odd.clone();
            p["versions"] = json!({});
        }));
        let evidence = gone.gather().unwrap();
        let is_gone = matches!(evidence.existence, Existence::Absent(_));
        assert_eq!(is_gone, odd.is_object(), "{odd}");
        assert!(listed(&evidence, &gone, "alice").is_err(), "{odd}");
    }
}

#[test]
fn a_maintainer_with_an_odd_old_name_hides_nobody() {
    for odd in ["we!rd", "x_", "_x", "~x", "o'neil", "a(b)", "A*"] {
        let maintainers = json!([{ "name": "alice" }, { "name": odd }]);
        let pair = showing(edited(|p| p["maintainers"] = maintainers));
        let evidence = pair.gather().unwrap();
        assert!(listed(&evidence, &pair, "alice").is_ok(), "{odd}");
        assert!(listed(&evidence, &pair, odd).is_ok(), "{odd}");
        assert!(evidence.listing.get().unwrap().sole_owner().is_none());
    }
}

#[test]
fn a_maintainer_who_cannot_be_read_leaves_the_others_listed_and_nobody_denied() {
    let (long, longer) = ("x".repeat(300), "x".repeat(600));
    let names = [
        "foo bar",
        ".dot",
        "élan",
        "",
        "@x",
        "a\u{202e}b",
        &long,
        &longer,
    ];
    let named = names.map(|name| json!({ "name": name }));
    let others = [
        json!(null),
        json!(5),
        json!("bob <b@mail.example>"),
        json!(["bob"]),
        json!({}),
        json!({ "name": 5 }),
        json!({ "name": null }),
        json!({ "username": "bob" }),
    ];
    let open = |seen| matches!(seen, Err(Obstacle::Unavailable(why)) if why.reason == UnavailableReason::Unreadable);
    for odd in named.into_iter().chain(others) {
        for package in ["left", "@alice/x"] {
            let maintainers = json!([{ "name": "alice" }, odd]);
            let pair = showing(edited(|p| {
                p["name"] = json!(package);
                p["maintainers"] = maintainers;
            }));
            let query = NamespaceQuery::new(pair.namespace(package), now());
            let evidence = pair.ask(&query).unwrap();
            assert!(listed(&evidence, &pair, "alice").is_ok(), "{package} {odd}");
            assert!(open(listed(&evidence, &pair, "bob")), "{package} {odd}");
            assert!(evidence.listing.get().unwrap().sole_owner().is_none());
        }
    }
}

/// Whoever is listed in an organisation's scope is confirmed; the login of the scope may be the organisation's.
#[test]
fn a_maintainer_who_cannot_be_read_in_a_scope_that_may_be_an_organisations_makes_nobody_alone() {
    for (package, logins, expected) in [
        ("@acme/x", &["alice"][..], Some("acme")),
        ("@bob/x", &["alice", "bob"], Some("bob")),
        ("@bob/x", &["bob"], None),
    ] {
        let names = logins.iter().map(|name| json!({ "name": name }));
        let maintainers: Vec<Value> = names.chain([json!({ "name": 5 })]).collect();
        let pair = showing(edited(|p| {
            p["name"] = json!(package);
            p["maintainers"] = json!(maintainers);
        }));
        let query = NamespaceQuery::new(pair.namespace(package), now());
        let evidence = pair.ask(&query).unwrap();
        let listing = evidence.listing.get().ok();
        let owners = expected.map(|scope| ListingCompleteness::Organization(scope.to_owned()));
        assert_eq!(listing.map(|l| l.owners.clone()), owners, "{package}");
        assert!(listing.is_none_or(|l| l.sole_owner().is_none()));
        let confirmed = listed(&evidence, &pair, "alice").is_ok();
        assert_eq!(confirmed, logins.contains(&"alice"), "{package}");
        let stranger = listed(&evidence, &pair, "mallory");
        assert!(matches!(stranger, Err(Obstacle::Unavailable(_))));
    }
}

#[test]
fn in_a_scope_that_is_not_a_maintainers_own_others_may_publish_unlisted() {
    for (name, owners) in [
        ("@alice/x", ListingCompleteness::Listed),
        (
            "@acme/x",
            ListingCompleteness::Organization("acme".to_owned()),
        ),
        (
            "@Alice/x",
            ListingCompleteness::Organization("Alice".to_owned()),
        ),
        ("alice", ListingCompleteness::Listed),
    ] {
        let pair = showing(edited(|p| p["name"] = json!(name)));
        let query = NamespaceQuery::new(pair.namespace(name), now());
        let evidence = pair.ask(&query).unwrap();
        let listing = evidence.listing.get().unwrap();
        assert_eq!(listing.owners, owners, "{name}");
        assert_eq!(
            listing.sole_owner().is_some(),
            owners == ListingCompleteness::Listed
        );
        assert!(listed(&evidence, &pair, "alice").is_ok());
        let stranger = listed(&evidence, &pair, "bob").unwrap_err();
        let is_no = matches!(stranger, Obstacle::Refuted(_));
        assert_eq!(
            is_no,
            owners == ListingCompleteness::Listed,
            "{name}: {stranger:?}"
        );
    }
}

/// A person's account may be made an organisation: it stays listed, and its members publish.
#[test]
fn a_scope_is_a_persons_where_that_login_published_the_newest_release() {
    let workflow = json!({ "name": "GitHub Actions", "trustedPublisher": { "id": "github" } });
    for (publisher, is_persons) in [
        (json!({ "name": "alice" }), true),
        (json!({ "name": "mallory" }), false),
        (json!({ "name": "Alice" }), false),
        (workflow, false),
        (json!(null), false),
    ] {
        let pair = showing(edited(|p| {
            p["name"] = json!("@alice/x");
            p["versions"]["1.2.0"]["_npmUser"] = publisher.clone();
        }));
        let query = NamespaceQuery::new(pair.namespace("@alice/x"), now());
        let evidence = pair.ask(&query).unwrap();
        let listing = evidence.listing.get().unwrap();
        assert_eq!(listing.sole_owner().is_some(), is_persons, "{publisher}");
        let stranger = listed(&evidence, &pair, "bob").unwrap_err();
        let is_open = matches!(stranger, Obstacle::Unavailable(why) if why.reason == UnavailableReason::OwnersHidden);
        assert_eq!(is_open, !is_persons, "{publisher}");
    }
}

#[test]
fn what_npm_holds_or_has_unpublished_is_nobodys() {
    let unpublished = json!({ "time": "2026-11-02T00:00:00.000Z", "versions": ["1.0.0"] });
    let held = |version: &str, maintainers: Value| {
        edited(|p| {
            p["versions"] = json!({ version: manifest(version, &[A]) });
            p["maintainers"] = maintainers;
        })
    };
    let alice = json!([{ "name": "alice" }]);
    for (packument, by) in [
        (
            edited(|p| {
                p["time"]["unpublished"] = unpublished;
                drop(p.as_object_mut().unwrap().remove("versions"));
            }),
            RefutedReason::UnknownProject,
        ),
        (
            held("0.0.1-security", alice.clone()),
            RefutedReason::Quarantined,
        ),
        (
            held("1.2.0", json!([{ "name": "npm" }])),
            RefutedReason::Quarantined,
        ),
    ] {
        let evidence = showing(packument).gather().unwrap();
        let Existence::Absent(refuted) = &evidence.existence else {
            panic!("{by:?}");
        };
        assert_eq!(refuted.reason, by);
        assert!(evidence.listing.get().is_err() && evidence.timeline.get().is_err());
    }
    // Any other package may be called so, and npm may maintain with others.
    let others = json!([{ "name": "npm" }, { "name": "alice" }]);
    for packument in [
        held("1.2.0", others),
        edited(|p| p["versions"]["1.3.0-security"] = manifest("1.3.0-security", &[])),
    ] {
        let evidence = showing(packument).gather().unwrap();
        assert_eq!(evidence.existence, Existence::Present);
    }
}

#[test]
fn an_unpublished_version_breaks_every_span_around_it() {
    // 1.1.0 was unpublished: what it said is gone, and 1.2.0 is not there from the beginning.
    let pair = showing(edited(|p| {
        drop(p["versions"].as_object_mut().unwrap().remove("1.1.0"))
    }));
    let evidence = pair.gather().unwrap();
    let timeline = evidence.timeline.get().unwrap();
    let gone = timeline.releases().iter().find(|r| r.version == "1.1.0");
    let gone = gone.expect("it stays");
    assert!(gone.withdrawn && gone.dids.is_none() && gone.uploaded_at.is_some());
    let left = statement(timeline, &did(A), 7 * 24 * HOUR, now()).unwrap();
    assert!(!left.mature && left.needs_release && left.since_exact);
    // With everything before it gone, the newest is not the first ever.
    let pair = showing(edited(|p| {
        p["versions"] = json!({ "1.2.0": manifest("1.2.0", &[B]) })
    }));
    let evidence = pair.gather().unwrap();
    let timeline = evidence.timeline.get().unwrap();
    assert_eq!(timeline.releases().len(), 3);
    let alone = statement(timeline, &did(B), 7 * 24 * HOUR, now() + 1000 * HOUR).unwrap();
    assert!(!alone.mature && alone.needs_release && !alone.from_the_beginning);
}

#[test]
fn a_package_that_is_older_than_its_first_release_is_not_named_from_the_beginning() {
    // Unpublished whole and published again: `time` shows one version, and that the package began long before.
    let planted = |created: &str| {
        edited(|p| {
            p["versions"] = json!({ "9.0.0": manifest("9.0.0", &[B]) });
            p["dist-tags"] = json!({ "latest": "9.0.0" });
            p["time"] = json!({ "created": created, "9.0.0": "2026-11-01T10:00:00.500Z" });
        })
    };
    for (created, is_first) in [
        // Some programs write this for none.
        ("0001-01-01T00:00:00Z", false),
        ("1969-12-31T23:59:59Z", false),
        ("2026-11-01T10:00:00.250Z", true),
        ("2026-11-01T09:59:30.000Z", true),
        ("2026-10-31T10:00:00.000Z", false),
        ("2019-01-01T10:00:00.000Z", false),
    ] {
        let pair = showing(planted(created));
        let evidence = pair.gather().unwrap();
        let timeline = evidence.timeline.get().unwrap();
        let found = statement(timeline, &did(B), 7 * 24 * HOUR, now());
        assert_eq!(found.is_ok_and(|s| s.mature), is_first, "{created}");
        // What is kept for the next question says so too.
        let again = pair.gather().unwrap();
        assert_eq!(again.timeline, evidence.timeline);
    }
}

#[test]
fn deprecated_is_withdrawn_however_it_is_written() {
    for (value, withdrawn) in [
        (json!("use right"), true),
        (json!(true), true),
        (json!({}), true),
        (json!(""), false),
        (json!(false), false),
        (json!(null), false),
    ] {
        let pair = showing(edited(|p| {
            p["versions"]["1.1.0"]["deprecated"] = value.clone()
        }));
        let evidence = pair.gather().unwrap();
        let timeline = evidence.timeline.get().unwrap();
        assert_eq!(timeline.releases()[1].withdrawn, withdrawn, "{value}");
    }
}

#[test]
fn an_answer_older_than_one_seen_before_is_not_used() {
    let rev = |rev: Value| Reply::json(200, edited(|p| p["_rev"] = rev));
    let other_life = || {
        Reply::json(
            200,
            edited(|p| {
                p["_rev"] = json!("1-aa");
                p["time"]["created"] = json!("2026-11-20T00:00:00.000Z");
            }),
        )
    };
    for (second, outcome) in [
        (rev(json!("7-ff")), None),
        (rev(json!("8-ff")), None),
        (rev(json!("6-ff")), Some(UnavailableReason::SerialRegressed)),
        (rev(json!("x")), Some(UnavailableReason::MissingField)),
        (rev(json!(null)), Some(UnavailableReason::MissingField)),
        (other_life(), None),
    ] {
        let replies = std::sync::Mutex::new(vec![second, rev(json!("7-aa"))]);
        let pair = serve(move |_| replies.lock().unwrap().pop().unwrap());
        assert!(pair.gather().is_ok());
        let why = pair.gather().err().map(|e| e.into_unavailable().reason);
        assert_eq!(why, outcome);
    }
    // One answer with a number that no registry counts up to spoils none that follows.
    for poison in ["18446744073709551615-x", "10000001-x"] {
        let before = [rev(json!("8-aa")), rev(json!(poison))];
        let replies = std::sync::Mutex::new(Vec::from(before));
        let pair = serve(move |_| replies.lock().unwrap().pop().unwrap());
        let _ = pair.gather();
        assert!(pair.gather().is_ok(), "{poison}");
    }
    // Servers that are not built like npm's write something else there.
    let pair = showing(edited(|p| p["_rev"] = json!("5f1c2b")));
    assert!(pair.gather().is_ok() && pair.gather().is_ok());
}

#[test]
fn a_second_process_asks_with_a_condition_only() {
    let server = Server::start_with_clock(Arc::new(FixedClock(now())), |_| {
        Reply::json(200, packument()).etag("\"7\"")
    });
    let first = adapter(server, Arc::new(MemoryStore::new()), |config| config);
    let evidence = first.gather().unwrap();
    let (store, server) = (Arc::clone(&first.store), first.server);
    let second = adapter(server, store, |config| config);
    assert_eq!(second.gather().unwrap(), evidence);
    let listing = second.ask(&second.query().listing_only()).unwrap();
    assert_eq!(listing.listing, evidence.listing);
    let requests = second.server.requests();
    let conditions: Vec<_> = requests.iter().map(|r| r.header("if-none-match")).collect();
    assert_eq!(conditions, [None, Some("\"7\""), Some("\"7\"")]);
}

#[test]
fn questions_for_others_are_refused_without_asking() {
    let pair = showing(packument());
    assert_eq!(pair.npm.ecosystem(), &Ecosystem::NPM);
    assert!(!pair.npm.is_public());
    for namespace in [
        "pypi:left",
        "cargo:left",
        "npm:left",
        "pkg:npm/left?repository_url=https://other.example",
    ] {
        let query = NamespaceQuery::new(namespace.parse().unwrap(), now());
        let error = pair.ask(&query).unwrap_err();
        assert!(
            matches!(error, NamespaceError::Invalid { .. }),
            "{namespace}: {error}"
        );
    }
    assert_eq!(pair.server.request_count(), 0);
}

#[test]
fn only_the_registrys_own_404_says_that_there_is_no_such_package() {
    let page = Reply::bytes(404, "text/html", "<html>Sign in to the network</html>");
    for (reply, is_no) in [
        (page, false),
        (Reply::bytes(404, "application/json", "<html>"), false),
        (
            Reply::bytes(404, "application/json", "{\"error\":\"No"),
            false,
        ),
        (Reply::status(404), false),
        (Reply::json(404, json!({ "message": "Not Found" })), false),
        (Reply::json(404, json!({ "error": "Not found" })), true),
        (
            Reply::json(
                404,
                json!({ "name": "left", "time": { "unpublished": {} } }),
            ),
            true,
        ),
    ] {
        let pair = serve(move |_| reply.clone());
        match pair.gather() {
            Ok(evidence) => {
                assert!(is_no);
                assert!(matches!(evidence.existence, Existence::Absent(_)));
            }
            Err(error) => {
                assert!(!is_no, "{error}");
                assert_eq!(
                    error.into_unavailable().reason,
                    UnavailableReason::UnexpectedStatus
                );
            }
        }
    }
}

#[test]
fn a_404_about_another_package_is_a_mismatch_and_names_it() {
    let other = json!({ "name": "zed", "time": { "unpublished": {} } });
    for reply in [
        Reply::json(404, other),
        Reply::json(200, edited(|p| p["name"] = json!("zed"))),
    ] {
        let pair = serve(move |_| reply.clone());
        let error = pair.gather().unwrap_err().into_unavailable();
        assert_eq!(error.reason, UnavailableReason::EvidenceMismatch);
        assert!(error.raw_detail.contains("\"zed\""), "{error}");
    }
}

/// A packument of that many versions, each with so many bytes that nobody reads.
fn large(versions: usize, bytes: usize) -> String {
    let filler = "x".repeat(bytes);
    let mut packument = packument();
    for n in 0..versions {
        let version = format!("2.0.{n}");
        let mut manifest = manifest(&version, &[A]);
        manifest["description"] = json!(filler);
        packument["versions"][&version] = manifest;
        packument["time"][&version] = json!("2026-11-02T10:00:00.000Z");
    }
    packument.to_string()
}

/// A server for that body, and an adapter with all the time that an unoptimised build may need.
fn patient(body: String, configure: impl FnOnce(NpmConfig) -> NpmConfig) -> Pair {
    let clock = Arc::new(FixedClock(now()));
    let server = Server::start_with_clock(clock.clone(), move |_| {
        Reply::bytes(200, "application/json", body.as_str())
    });
    let (store, time) = (Arc::new(MemoryStore::new()), 1000 * HOUR);
    let config = TransportConfig::default().with_timeout(time);
    let sleeper = Arc::new(RecordingSleeper::default());
    let transport = Transport::new(config.with_deadline(time), clock, sleeper, store.clone());
    let config = configure(NpmConfig::at(server.origin()).with_max_time(time));
    let npm = Npm::new(config, transport.unwrap());
    Pair { server, npm, store }
}

/// npm itself keeps none that is larger than 100 MB.
#[test]
fn a_packument_of_100_megabytes_is_read_without_raising_a_limit() {
    let body = large(1_000, 100_000);
    assert!(body.len() > 100_000_000);
    let pair = patient(body, |config| config);
    let evidence = pair.gather().unwrap();
    let timeline = evidence.timeline.get().unwrap();
    assert_eq!(timeline.releases().len(), 1_003);
    let found = statement(timeline, &did(A), 7 * 24 * HOUR, now()).unwrap();
    assert!(found.mature);
}

#[test]
fn one_byte_over_the_limit_is_too_large() {
    let body = large(4, 100_000);
    let length = body.len() as u64;
    let bounded = |bytes| patient(body.clone(), |config| config.with_max_bytes(bytes)).gather();
    assert!(bounded(length).is_ok());
    let error = bounded(length - 1).unwrap_err();
    assert_eq!(error.into_unavailable().reason, UnavailableReason::TooLarge);
}

#[test]
fn what_would_take_memory_without_end_is_an_error() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let with = |field: &str, value: &str| {
        let text = packument().to_string();
        text.replacen('{', &format!("{{\"{field}\":{value},"), 1)
    };
    let long = "x".repeat(300_000);
    for (body, why) in [
        (with("more", &nested(100)), None),
        (
            with("more", &nested(200)),
            Some(UnavailableReason::Unreadable),
        ),
        (
            with("more", &"[".repeat(100_000)),
            Some(UnavailableReason::Unreadable),
        ),
        (with(&long, "1"), Some(UnavailableReason::TooLarge)),
        (
            with("_rev", &format!("\"{long}\"")),
            Some(UnavailableReason::TooLarge),
        ),
        // Nobody reads it, and nothing of it is held.
        (with("more", &format!("\"{long}\"")), None),
        (large(200, 0), Some(UnavailableReason::TooLarge)),
    ] {
        let server = Server::start_with_clock(Arc::new(FixedClock(now())), move |_| {
            Reply::bytes(200, "application/json", body.clone())
        });
        let store = Arc::new(MemoryStore::new());
        let pair = adapter(server, store, |config| config.with_max_versions(100));
        let seen = pair.gather().err().map(|e| e.into_unavailable().reason);
        assert_eq!(seen, why);
    }
}

#[test]
fn a_body_that_is_cut_is_truncated_and_never_half_read() {
    let pair = serve(|_| Reply::json(200, packument()).with_fault(Fault::CutBody));
    let error = pair.gather().unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(
        error.into_unavailable().reason,
        UnavailableReason::Truncated
    );
}

#[test]
fn a_field_that_is_read_stands_once() {
    let text = packument().to_string();
    for (field, again) in [
        ("\"_rev\":", "\"_rev\":\"1-a\",\"_rev\":"),
        (
            "\"maintainers\":",
            "\"maintainers\":[{\"name\":\"mallory\"}],\"maintainers\":",
        ),
        ("\"time\":", "\"time\":{},\"time\":"),
        ("\"dist-tags\":", "\"dist-tags\":{},\"dist-tags\":"),
        ("\"latest\":", "\"latest\":\"1.0.0\",\"latest\":"),
        ("\"1.1.0\":{", "\"1.1.0\":{},\"1.1.0\":{"),
        (
            "\"1.1.0\":\"2",
            "\"1.1.0\":\"2026-01-01T00:00:00Z\",\"1.1.0\":\"2",
        ),
        (
            "\"created\":",
            "\"created\":\"2026-01-01T00:00:00Z\",\"created\":",
        ),
        ("\"url\":\"git", "\"url\":\"x\",\"url\":\"git"),
    ] {
        let body = text.replacen(field, again, 1);
        assert_ne!(body, text, "{field}");
        let pair = serve(move |_| Reply::bytes(200, "application/json", body.clone()));
        let error = pair.gather().expect_err(field).into_unavailable();
        assert_eq!(error.reason, UnavailableReason::Unreadable, "{field}");
        let says = ["twice", "duplicate"];
        assert!(
            says.iter().any(|says| error.raw_detail.contains(says)),
            "{error}"
        );
        // By the name that stands in the answer.
        let name = field.split('"').nth(1).unwrap();
        let is_named =
            error.raw_detail.contains(name) || name.starts_with("1.") || name == "created";
        assert!(is_named, "{error}");
    }
}

#[test]
fn the_order_of_the_fields_does_not_matter() {
    let whole = showing(packument()).gather().unwrap();
    let packument = packument();
    let fields: Vec<_> = packument
        .as_object()
        .unwrap()
        .iter()
        .map(|(k, v)| format!("{}:{v}", json!(k)))
        .collect();
    for turn in 0..fields.len() {
        let mut turned = fields.clone();
        turned.rotate_left(turn);
        let body = format!("{{{}}}", turned.join(","));
        let pair = serve(move |_| Reply::bytes(200, "application/json", body.clone()));
        let evidence = pair.gather().unwrap();
        let (timeline, before) = (bare(&evidence), bare(&whole));
        assert_eq!(timeline, before);
        assert_eq!(evidence.incarnation, whole.incarnation);
    }
}

/// The timeline with publishers of no server: each pair has its own.
fn bare(evidence: &NamespaceEvidence) -> Timeline {
    let timeline = evidence.timeline.get().unwrap();
    let mut releases = timeline.releases().to_vec();
    for release in &mut releases {
        release.publisher = release.publisher.take().map(|by| by.at(None));
    }
    Timeline::new(releases, timeline.default_version().map(str::to_owned))
}

#[test]
fn the_repository_is_read_however_it_was_typed() {
    for (typed, found) in [
        (json!("example/left"), 1),
        (json!({ "url": "git@github.com:example/left.git" }), 1),
        (
            json!([{ "url": "example/left" }, "example/left", "github:example/right"]),
            2,
        ),
        (json!({ "type": "git" }), 0),
        (json!({ "url": ["example/left"] }), 0),
        (json!("./left"), 0),
        (json!(7), 0),
        (json!(null), 0),
    ] {
        let pair = showing(edited(|p| p["repository"] = typed.clone()));
        let evidence = pair.gather().unwrap();
        assert_eq!(evidence.repositories.get().unwrap().len(), found, "{typed}");
    }
    let many: Vec<String> = (0..40).map(|n| format!("example/r{n}")).collect();
    let pair = showing(edited(|p| p["repository"] = json!(many)));
    let evidence = pair.gather().unwrap();
    assert_eq!(
        evidence.repositories.get().unwrap_err().reason,
        UnavailableReason::TooLarge
    );
    assert!(evidence.listing.get().is_ok());
}
