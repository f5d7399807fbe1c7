//! `org_namespaces`: everything, or nothing.

use auths_adapters_github::OrgVisibility;
use auths_core::decide::Obstacle;
use auths_core::{Reason, RefutedReason, UnavailableReason};
use auths_testkit::server::Reply;
use auths_testkit::world::{Grant, World};
use secrecy::SecretString;
use serde_json::json;

use crate::common::*;

fn why(obstacle: Obstacle) -> UnavailableReason {
    match obstacle {
        Obstacle::Unavailable(unavailable) => unavailable.reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_owner_has_the_organisation_and_a_member_an_invited_owner_and_a_billing_manager_do_not() {
    let (world, session) = alice();
    let place = Place::of(world);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&token).unwrap();
    assert_eq!(names(&held), ["acme"]);
    assert_eq!(held.visibility, OrgVisibility::Complete);
    assert_eq!(held.personal.namespace, place.namespace("alice"));
    assert_eq!(Some(&held.personal.id), held.account.id());
    let acme = place.world().org("acme").unwrap();
    assert_eq!(held.orgs[0].id.as_str(), acme.to_string());
    let now = place.world().now();
    assert_eq!(held.valid_until.since(now).as_secs(), 300);
    assert_eq!(
        place.paths(),
        ["/user", "/user/memberships/orgs"],
        "one list, and no request for each"
    );
    assert!(held.owns(&place.namespace("Acme"), place.now()).is_ok());
    assert!(held.owns(&place.namespace("alice"), place.now()).is_ok());
    match held.owns(&place.namespace("widgets"), place.now()) {
        Err(Obstacle::Refuted(refuted)) => assert_eq!(refuted.reason, RefutedReason::NotListed),
        other => panic!("{other:?}"),
    }
}

/// Alice administers 250 organisations.
fn many() -> (World, auths_testkit::world::Session) {
    let mut world = World::github(now());
    let alice = world.sign_up("alice").unwrap();
    for n in 0..250 {
        world.create_org(&alice, &format!("org{n}")).unwrap();
    }
    (world, alice)
}

#[test]
fn an_owner_on_the_third_page_has_the_organisation() {
    let (world, session) = many();
    let place = Place::of(world);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&token).unwrap();
    assert_eq!(held.orgs.len(), 250);
    assert!(held.owns(&place.namespace("org249"), place.now()).is_ok());
    let pages: Vec<_> = place
        .server
        .requests()
        .into_iter()
        .filter_map(|r| r.query)
        .collect();
    assert_eq!(
        pages,
        ["per_page=100", "per_page=100&page=2", "per_page=100&page=3"]
    );
}

/// A proxy that takes `Link` off must not make two thirds of what she holds disappear.
#[test]
fn a_full_page_that_names_no_next_one_is_not_believed_to_be_the_last() {
    let (world, session) = many();
    let place = Place::changed(world, |_, good| good.without_header("link"));
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&token).unwrap();
    assert_eq!(held.orgs.len(), 250);
    assert!(held.owns(&place.namespace("org249"), place.now()).is_ok());
}

#[test]
fn a_failure_on_any_page_fails_the_whole_personal_name_included() {
    for (reply, expected) in [
        (Reply::status(500), UnavailableReason::ServerError),
        (
            Reply::status(429).header("retry-after", "120"),
            UnavailableReason::RateLimited,
        ),
        (
            Reply::json(403, json!({ "message": "x" })).header("x-ratelimit-remaining", "0"),
            UnavailableReason::RateLimited,
        ),
        (
            Reply::json(
                403,
                json!({ "message": "You have exceeded a secondary rate limit" }),
            ),
            UnavailableReason::RateLimited,
        ),
        (
            Reply::json(403, json!({ "message": "x" })).header("x-github-sso", "required; url=x"),
            UnavailableReason::SsoRequired,
        ),
        (
            Reply::json(403, json!({ "message": "x" })).header("x-oauth-scopes", "gist"),
            UnavailableReason::MissingScope,
        ),
        (
            Reply::json(404, json!({ "message": "Not Found" })),
            UnavailableReason::UnexpectedStatus,
        ),
        (own_404(), UnavailableReason::UnexpectedStatus),
        (Reply::json(200, json!({})), UnavailableReason::Unreadable),
    ] {
        for page in ["2", "3"] {
            let (world, session) = many();
            let reply = reply.clone();
            let place = Place::changed(world, move |request, good| {
                match request.query_value("page").as_deref() == Some(page) {
                    true => reply.clone(),
                    false => good,
                }
            });
            let (_, token) = place.token(&session, &[Grant::ReadOrg]);
            assert_eq!(
                why(place.list(&token).unwrap_err()),
                expected,
                "page {page}"
            );
        }
    }
}

#[test]
fn a_throttle_on_the_first_page_is_no_lack_of_organisations() {
    for (reply, expected) in [
        (
            Reply::json(403, json!({ "message": "API rate limit exceeded" })),
            UnavailableReason::RateLimited,
        ),
        (Reply::status(503), UnavailableReason::ServerError),
        (
            Reply::json(401, json!({ "message": "Bad credentials" })),
            UnavailableReason::DeadToken,
        ),
        (
            Reply::json(
                403,
                json!({ "message": "Sorry. Your account was suspended" }),
            ),
            UnavailableReason::Forbidden,
        ),
    ] {
        for path in ["/user", "/user/memberships/orgs"] {
            let (world, session) = alice();
            let reply = reply.clone();
            let place = Place::changed(world, move |request, good| match request.path == path {
                true => reply.clone(),
                false => good,
            });
            let (_, token) = place.token(&session, &[Grant::ReadOrg]);
            assert_eq!(why(place.list(&token).unwrap_err()), expected, "{path}");
        }
    }
}

#[test]
fn what_a_token_is_not_shown_leaves_the_personal_name_and_is_said() {
    let (world, session) = alice();
    let place = Place::of(world);
    for (grant, visibility, limit) in [
        (
            Grant::Gist,
            OrgVisibility::NoOrgScope,
            UnavailableReason::MissingScope,
        ),
        (
            Grant::FineGrainedGists,
            OrgVisibility::TokenKindLimited,
            UnavailableReason::TokenKind,
        ),
    ] {
        let (_, token) = place.token(&session, &[grant]);
        let held = place.list(&token).unwrap();
        assert!(held.orgs.is_empty());
        assert_eq!(held.visibility, visibility);
        assert!(held.owns(&place.namespace("alice"), place.now()).is_ok());
        assert_eq!(
            why(held
                .owns(&place.namespace("acme"), place.now())
                .unwrap_err()),
            limit
        );
    }
}

#[test]
fn organisations_behind_a_single_sign_on_are_named_as_hidden() {
    let (mut world, session) = alice();
    world.create_org(&session, "open").unwrap();
    world.protect_org(&session, "acme", true, false).unwrap();
    let place = Place::of(world);
    let (token, secret) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&secret).unwrap();
    assert_eq!(names(&held), ["open"]);
    let acme = place.world().org("acme").unwrap().to_string();
    assert_eq!(held.visibility, OrgVisibility::SsoHidden([acme].into()));
    assert_eq!(
        why(held
            .owns(&place.namespace("acme"), place.now())
            .unwrap_err()),
        UnavailableReason::SsoRequired
    );
    place
        .world()
        .authorize_sso(&session, &token, "acme")
        .unwrap();
    let held = place.list(&secret).unwrap();
    assert_eq!(
        (names(&held), held.visibility),
        (vec!["acme".into(), "open".into()], OrgVisibility::Complete)
    );
}

#[test]
fn the_token_of_an_oauth_app_may_not_see_all_and_says_so() {
    let (world, session) = alice();
    let place = Place::changed(world, |_, good| good.header("x-oauth-client-id", "Iv1.x"));
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&token).unwrap();
    assert_eq!(names(&held), ["acme"]);
    assert_eq!(held.visibility, OrgVisibility::AppRestricted);
    let said = json!({ "message": "Although you appear to have the correct authorization credentials, the `x` organization \
        has enabled OAuth App access restrictions" });
    let (world, session) = alice();
    let place = Place::changed(world, move |request, good| {
        match request.path.contains("memberships") {
            true => Reply::json(403, &said),
            false => good,
        }
    });
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&token).unwrap();
    assert_eq!(
        (held.orgs.len(), held.visibility),
        (0, OrgVisibility::AppRestricted)
    );
}

#[test]
fn an_empty_list_shows_nothing() {
    let mut world = World::github(now());
    let session = world.sign_up("alice").unwrap();
    let place = Place::of(world);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&token).unwrap();
    assert_eq!(
        (held.orgs.len(), &held.visibility),
        (0, &OrgVisibility::Complete)
    );
    assert_eq!(
        why(held
            .owns(&place.namespace("acme"), place.now())
            .unwrap_err()),
        UnavailableReason::Empty
    );
}

#[test]
fn a_token_that_is_no_persons_lists_nothing() {
    for kind in ["Organization", "Bot", "Mannequin"] {
        let (world, session) = alice();
        let place = Place::changed(world, move |request, good| match request.path == "/user" {
            true => Reply::json(200, user("acme[bot]".trim_end_matches("[bot]"), 7, kind)),
            false => good,
        });
        let (_, token) = place.token(&session, &[Grant::ReadOrg]);
        match place.list(&token) {
            Err(Obstacle::Refuted(refuted)) => {
                assert_eq!(refuted.reason, RefutedReason::NotAPerson)
            }
            other => panic!("{kind}: {other:?}"),
        }
    }
}

/// A server that answers the list with these pages, and links from each to the next.
fn paged(link: impl Fn(&str, u64) -> String + Send + Sync + 'static) -> (Place, SecretString) {
    let (world, session) = alice();
    let place = Place::changed(world, move |request, good| {
        if !request.path.contains("memberships") {
            return good;
        }
        let page = request
            .query_value("page")
            .and_then(|p| p.parse().ok())
            .unwrap_or(1);
        let host = request.header("host").unwrap().to_owned();
        good.header("link", &format!("<{}>; rel=\"next\"", link(&host, page)))
    });
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    (place, token)
}

#[test]
fn a_hostile_link_leads_nowhere_and_lists_nothing() {
    let (victim, _) = paged(|_, _| String::new());
    let elsewhere = victim.server.origin().to_string();
    let (place, token) = paged(move |_, _| format!("{elsewhere}/user/memberships/orgs?page=2"));
    assert_eq!(
        why(place.list(&token).unwrap_err()),
        UnavailableReason::Redirected
    );
    assert_eq!(victim.server.request_count(), 0, "the token went nowhere");
    for (link, expected) in [
        (
            "https://evil.example/?page=2",
            UnavailableReason::Redirected,
        ),
        ("//evil.example/?page=2", UnavailableReason::Redirected),
        ("http://[::", UnavailableReason::Unreadable),
        ("?per_page=100", UnavailableReason::EvidenceMismatch),
    ] {
        let (place, token) = paged(move |_, _| link.to_owned());
        assert_eq!(why(place.list(&token).unwrap_err()), expected, "{link}");
        assert_eq!(place.server.request_count(), 2);
    }
    let (place, token) =
        paged(|host, page| format!("http://{host}/user/memberships/orgs?page={}", page + 1));
    assert_eq!(
        why(place.list(&token).unwrap_err()),
        UnavailableReason::RequestBudget
    );
    assert!(
        place.server.request_count() <= 20,
        "a list without end ends"
    );
    // In circles: the first page comes again.
    let (place, token) = paged(|_, page| format!("?page={}", page % 2 + 1));
    assert_eq!(
        why(place.list(&token).unwrap_err()),
        UnavailableReason::EvidenceMismatch
    );
}

#[test]
fn a_membership_of_another_account_fails_the_whole() {
    let mut of_another = membership(9, "acme", "admin", "active");
    of_another["user"]["id"] = json!(8);
    let (world, session) = alice();
    let place = Place::changed(world, move |request, good| match request.path.as_str() {
        "/user" => Reply::json(200, user("alice", 7, "User")),
        path if path.contains("memberships") => {
            let good = membership(5, "good", "admin", "active");
            Reply::json(200, json!([good, of_another])).header("x-oauth-scopes", "read:org")
        }
        _ => good,
    });
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let failed = place.list(&token).unwrap_err();
    assert_eq!(why(failed), UnavailableReason::EvidenceMismatch);
}

#[test]
fn one_entry_that_cannot_be_read_leaves_the_others_and_is_said() {
    let changed = |pointer: &str, value: serde_json::Value| {
        let mut entry = membership(9, "acme", "admin", "active");
        *entry.pointer_mut(pointer).unwrap() = value;
        entry
    };
    let null = serde_json::Value::Null;
    for entry in [
        changed("/organization/login", json!("")),
        changed("/organization/login", null.clone()),
        changed("/organization/login", json!(5)),
        changed("/organization/id", json!(0)),
        changed("/organization/id", null.clone()),
        changed("/role", json!("owner")),
        changed("/role", null.clone()),
        changed("/state", json!("suspended")),
        changed("/state", json!(5)),
        json!({ "role": "admin", "state": "active" }),
        json!([]),
        null,
    ] {
        let shown = entry.to_string();
        let held = listed_beside(entry, TOKEN, &[("x-oauth-scopes", "read:org")]);
        assert_eq!(names(&held), ["good"], "{shown}");
        assert_eq!(held.visibility, OrgVisibility::EntriesUnread, "{shown}");
        let limit = held.limit().unwrap();
        let is_open = matches!(
            limit.reason,
            UnavailableReason::Unreadable | UnavailableReason::MissingField
        );
        assert!(is_open, "{shown}: {limit}");
        assert!(limit.raw_detail.contains("one entry"), "{shown}: {limit}");
        // Whoever is asked about is confirmed, and nobody is said not to be listed.
        let good = &held.orgs[0].namespace;
        let until = held.valid_until;
        assert!(held.owns(good, until).is_ok(), "{shown}");
        let acme = auths_core::Namespace::parse_name(auths_core::Ecosystem::GITHUB, "acme");
        let acme = acme.unwrap().at(good.repository().cloned());
        let open = held.owns(&acme, until).unwrap_err();
        assert_eq!(why(open), limit.reason, "{shown}");
    }
}

#[test]
fn an_entry_that_cannot_be_read_fills_its_place_on_a_page() {
    let (world, _) = alice();
    let place = Place::changed(world, move |request, _| {
        let page = match request.query.as_deref().unwrap_or_default() {
            _ if request.path == "/user" => return Reply::json(200, user("alice", 7, "User")),
            query if query.contains("page=2") => vec![membership(5, "good", "admin", "active")],
            _ => {
                let full =
                    (0..99).map(|n| membership(100 + n, &format!("m{n}"), "member", "active"));
                full.chain([serde_json::Value::Null]).collect()
            }
        };
        Reply::json(200, json!(page)).header("x-oauth-scopes", "read:org")
    });
    let held = place.list(&TOKEN.to_owned().into()).unwrap();
    assert_eq!(names(&held), ["good"], "the next page is asked for");
    assert_eq!(held.unread.len(), 1);
}

/// A list with this entry beside a good one, read with a token and these headers.
fn listed_beside(
    entry: serde_json::Value,
    token: &str,
    headers: &'static [(&'static str, &'static str)],
) -> auths_adapters_github::OrgNamespaces {
    let (world, _) = alice();
    let place = Place::changed(world, move |request, _| match request.path.as_str() {
        "/user" => Reply::json(200, user("alice", 7, "User")),
        _ => {
            let good = membership(5, "good", "admin", "active");
            let reply = Reply::json(200, json!([good, entry]));
            headers
                .iter()
                .fold(reply, |reply, (name, value)| reply.header(name, value))
        }
    });
    place.list(&token.to_owned().into()).unwrap()
}

#[test]
fn one_organisation_with_an_odd_name_never_fails_the_whole_list_and_is_said() {
    let scope = &[("x-oauth-scopes", "read:org")];
    for (odd, role, is_owners) in [
        ("../acme", "admin", true),
        ("acme/server", "admin", true),
        ("a.b", "admin", true),
        ("caf\u{e9}", "admin", true),
        ("_acme", "admin", true),
        ("../acme", "member", false),
    ] {
        let held = listed_beside(membership(9, odd, role, "active"), TOKEN, scope);
        assert_eq!(names(&held), ["good"], "{odd}");
        let limit = held.limit();
        assert_eq!(limit.is_some(), is_owners, "{odd}: {limit:?}");
        let visibility = match is_owners {
            true => OrgVisibility::EntriesUnread,
            false => OrgVisibility::Complete,
        };
        assert_eq!(held.visibility, visibility, "{odd}");
        if let Some(limit) = limit {
            assert_eq!(limit.reason, UnavailableReason::Unreadable);
            assert!(limit.raw_detail.contains("id 9"), "{limit}");
            assert_eq!(held.unnamed[0].login, odd);
        }
    }
    // Old names are names.
    for old in ["-acme", "acme-", "-", "a--b"] {
        let held = listed_beside(membership(9, old, "admin", "active"), TOKEN, scope);
        assert_eq!(names(&held), ["good", old]);
        assert_eq!(held.limit(), None);
    }
}

#[test]
fn a_github_apps_token_whose_scopes_are_empty_is_told_by_its_kind_with_a_remedy_for_an_app() {
    let entry = || membership(9, "acme", "admin", "active");
    let by_form = listed_beside(entry(), "ghu_hunter2neverShown", &[("x-oauth-scopes", "")]);
    let by_id = listed_beside(
        entry(),
        TOKEN,
        &[("x-oauth-scopes", ""), ("x-oauth-client-id", "Iv23liABC")],
    );
    for held in [by_form, by_id] {
        assert_eq!(names(&held), ["good", "acme"], "what is shown counts");
        assert_eq!(held.visibility, OrgVisibility::TokenKindLimited);
        let limit = held.limit().unwrap();
        assert!(limit.raw_detail.contains("members=read"), "{limit}");
        assert!(limit.reason.remedy().contains("permission"), "{limit}");
    }
    // A classic token without a scope, and one of an OAuth app.
    for headers in [
        &[("x-oauth-scopes", "")][..],
        &[("x-oauth-scopes", ""), ("x-oauth-client-id", "Ov23liABC")],
    ] {
        let held = listed_beside(entry(), TOKEN, headers);
        assert_eq!(held.visibility, OrgVisibility::NoOrgScope);
    }
}

#[test]
fn a_list_that_contradicts_itself_or_the_account_fails_the_whole() {
    let org = |id, name| membership(id, name, "admin", "active");
    let member = membership(5, "good", "member", "active");
    for others in [
        vec![org(6, "GOOD")],
        vec![org(5, "other")],
        vec![member],
        vec![org(6, "Alice")],
        vec![org(7, "other")],
        vec![membership(7, "other", "member", "pending")],
    ] {
        for pages in [1, 2] {
            let (world, session) = alice();
            let (first, shown) = (org(5, "good"), others.clone());
            let place = Place::changed(world, move |request, good| match request.path.as_str() {
                "/user" => Reply::json(200, user("alice", 7, "User")),
                "/user/memberships/orgs" => {
                    let is_second = request.query_value("page").as_deref() == Some("2");
                    let entries = match (pages, is_second) {
                        (1, _) => [std::slice::from_ref(&first), &shown].concat(),
                        (_, false) => vec![first.clone()],
                        (_, true) => shown.clone(),
                    };
                    let reply = Reply::json(200, entries).header("x-oauth-scopes", "read:org");
                    match pages == 2 && !is_second {
                        true => reply.header("link", "<?page=2>; rel=\"next\""),
                        false => reply,
                    }
                }
                _ => good,
            });
            let (_, token) = place.token(&session, &[Grant::ReadOrg]);
            let seen = place.list(&token).map(|held| names(&held)).map_err(why);
            assert_eq!(
                seen,
                Err(UnavailableReason::EvidenceMismatch),
                "{others:?} {pages}"
            );
        }
    }
}

#[test]
fn a_membership_without_its_user_is_the_tokens_own() {
    let (world, session) = alice();
    let place = Place::changed(world, |request, good| {
        match request.path.contains("memberships") {
            true => {
                let mut entry = membership(5, "Mona_corp", "admin", "active");
                entry["user"] = json!(null);
                Reply::json(200, json!([entry])).header("x-oauth-scopes", "gist, write:org")
            }
            false => good,
        }
    });
    let (_, token) = place.token(&session, &[Grant::WriteOrg]);
    assert_eq!(
        names(&place.list(&token).unwrap()),
        ["mona_corp"],
        "companies have underscores"
    );
}

#[test]
fn what_was_seen_of_organisations_is_no_yes_any_more_after_five_minutes() {
    let (world, session) = alice();
    let place = Place::of(world);
    let (_, token) = place.token(&session, &[Grant::ReadOrg]);
    let held = place.list(&token).unwrap();
    let acme = place.check(&token, "acme").unwrap();
    let stale = |answer: Result<(), Obstacle>| why(answer.unwrap_err());
    for (seconds, fits) in [(0, true), (300, true), (301, false), (86_400, false)] {
        let then = place.now() + std::time::Duration::from_secs(seconds);
        let (name, own) = (place.namespace("acme"), place.namespace("alice"));
        for answer in [
            held.owns(&name, then).map(drop),
            held.owns(&own, then).map(drop),
            acme.is_owner(then),
        ] {
            match fits {
                true => assert!(answer.is_ok(), "{seconds}"),
                false => assert_eq!(stale(answer), UnavailableReason::StaleEvidence, "{seconds}"),
            }
        }
        let other = held.owns(&place.namespace("widgets"), then).map(drop);
        assert_eq!(
            matches!(other, Err(Obstacle::Refuted(_))),
            fits,
            "{seconds}"
        );
    }
}

#[test]
fn a_single_sign_on_that_names_no_organisation_says_so_in_a_whole_sentence() {
    let limit = |ids: &[&str]| {
        let ids = ids.iter().map(|&id| id.to_owned()).collect();
        OrgVisibility::SsoHidden(ids).limit().unwrap().raw_detail
    };
    let nameless = limit(&[]);
    assert!(
        nameless.ends_with("(GitHub does not say which)"),
        "{nameless}"
    );
    assert!(limit(&["5", "6"]).ends_with("5, 6"));
}

/// RFC 9110 section 5.3: the lines of one field are one list. What cannot be read is not absent.
#[test]
fn a_second_link_line_is_followed_and_an_unreadable_one_fails_the_whole() {
    let next = |request: &auths_testkit::server::Received| {
        let host = request.header("host").unwrap();
        format!("<http://{host}/user/memberships/orgs?page=2>; rel=\"next\"")
    };
    let page = |id, org| {
        let mut entry = membership(id, org, "admin", "active");
        entry["user"] = json!(null);
        json!([entry])
    };
    let listed = |first: fn(Reply, &str) -> Reply| {
        let (world, session) = alice();
        let place = Place::changed(world, move |request, good| {
            if request.path != "/user/memberships/orgs" {
                return good;
            }
            let reply = |body| Reply::json(200, body).header("x-oauth-scopes", "read:org");
            match request.query_value("page").as_deref() {
                Some("2") => reply(page(200, "second")),
                _ => first(reply(page(100, "acme")), &next(request)),
            }
        });
        let (_, token) = place.token(&session, &[Grant::ReadOrg]);
        place.list(&token).map(|held| names(&held)).map_err(why)
    };
    let last = |reply: Reply, next: &str| {
        let last = "<http://127.0.0.1/x>; rel=\"last\"";
        reply.header("link", last).header("link", next)
    };
    assert_eq!(listed(last).unwrap(), ["acme", "second"]);
    let empty = |reply: Reply, next: &str| reply.header("link", "").header("link", next);
    assert_eq!(listed(empty).unwrap(), ["acme", "second"]);
    let unreadable =
        |reply: Reply, next: &str| reply.header("link", &format!("{next}; title=\"é\""));
    assert_eq!(
        listed(unreadable).unwrap_err(),
        UnavailableReason::Unreadable
    );
    let escaped = |reply: Reply, next: &str| {
        let last = "<http://127.0.0.1/x>; rel=\"last\"; title=\"\\\"\"";
        reply.header("link", &format!("{last}, {next}"))
    };
    assert_eq!(listed(escaped).unwrap(), ["acme", "second"]);
    let unclosed = |reply: Reply, next: &str| {
        let last = "<http://127.0.0.1/x>; rel=\"last\"; title=\"";
        reply.header("link", &format!("{last}, {next}"))
    };
    assert_eq!(listed(unclosed).unwrap_err(), UnavailableReason::Unreadable);
}

#[test]
fn every_line_of_single_sign_on_counts_and_an_unreadable_one_is_never_a_whole_list() {
    for (lines, ids) in [
        (
            &[
                "partial-results; organizations=5",
                "partial-results; organizations=6",
            ][..],
            &["5", "6"][..],
        ),
        (&["partial-results; organizations=5 é"], &[]),
    ] {
        let (world, session) = alice();
        let place = Place::changed(world, move |request, good| {
            let is_list = request.path == "/user/memberships/orgs";
            let lines = lines.iter().filter(|_| is_list);
            lines.fold(good, |reply, line| reply.header("x-github-sso", line))
        });
        let (_, token) = place.token(&session, &[Grant::ReadOrg]);
        let hidden = ids.iter().map(|&id| id.to_owned()).collect();
        assert_eq!(
            place.list(&token).unwrap().visibility,
            OrgVisibility::SsoHidden(hidden)
        );
    }
}
