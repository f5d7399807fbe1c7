//! `auths org`, and `auths namespace` for names on GitHub.

use auths_testkit::server::Reply;
use auths_testkit::world::{Grant, OrgRole, Session, World};
use serde_json::{Value, json};

use crate::forge::{Forge, demo_of_alice};
use crate::github::{CLAIM, approving, github, with_app};
use crate::sandbox::Sandbox;

/// Alice administers `acme` and so many more, is a member of `widgets`, was invited to own `young`, and pays for `paid`.
fn organisations(world: &mut World, alice: &Session, more: usize) {
    let other = world
        .sign_up_on(&auths_core::Platform::GITHUB, "other")
        .unwrap();
    world.create_org(alice, "acme").unwrap();
    for (org, role, accepts) in [
        ("widgets", OrgRole::Member, true),
        ("young", OrgRole::Admin, false),
        ("paid", OrgRole::BillingManager, true),
    ] {
        world.create_org(&other, org).unwrap();
        world.set_member(&other, org, "alice", role).unwrap();
        if accepts {
            world.accept_membership(alice, org).unwrap();
        }
    }
    for n in 0..more {
        world.create_org(alice, &format!("org{n}")).unwrap();
    }
}

/// The secret of a token of Alice's.
fn token(world: &mut World, alice: &Session, grant: Grant) -> String {
    let token = world.create_token_for(alice, &[grant], None).unwrap();
    world.secret(&token)
}

fn asking(forge: &Forge, token: &str) -> Sandbox {
    forge
        .asked_by(Sandbox::new())
        .env("AUTHS_GITHUB_TOKEN", token)
}

fn said(answer: &Value) -> (&str, &str) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    (text("outcome"), text("reason"))
}

fn listed(answer: &Value) -> Vec<String> {
    let names = answer["namespaces"].as_array().unwrap().iter();
    let name = |held: &Value| {
        let purl: auths_core::Namespace = held["namespace"].as_str().unwrap().parse().unwrap();
        purl.name().to_string()
    };
    names.map(name).collect()
}

#[test]
fn an_owner_has_the_organisation_and_a_member_an_invited_owner_and_a_billing_manager_do_not() {
    let (mut world, alice) = demo_of_alice();
    organisations(&mut world, &alice, 0);
    let secret = token(&mut world, &alice, Grant::ReadOrg);
    let acme = world.org("acme").unwrap().to_string();
    let forge = Forge::serve(world);
    let sandbox = asking(&forge, &secret);
    let list = sandbox.json("org-list", &["org", "list"]);
    assert_eq!(said(&list), ("done", ""));
    assert_eq!(listed(&list), ["alice", "acme"]);
    assert_eq!(list["visibility"], "complete");
    let kinds: Vec<_> = list["namespaces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| &n["kind"])
        .collect();
    assert_eq!(kinds, ["personal", "org"]);
    assert_eq!(list["namespaces"][1]["id"], acme);

    for name in ["acme", "Acme", "github:acme", "pkg:github/acme"] {
        let owner = sandbox.json("org-check", &["org", "check", name]);
        assert_eq!(said(&owner), ("confirmed", ""), "{name}");
        assert_eq!(owner["org"], json!({ "id": acme, "login": "acme" }));
        assert_eq!(
            (&owner["role"], &owner["state"]),
            (&json!("admin"), &json!("active"))
        );
    }
    for (org, reason, role, state) in [
        ("widgets", "lesser-role", "member", "active"),
        ("young", "role-pending", "admin", "pending"),
        ("paid", "lesser-role", "billing_manager", "active"),
    ] {
        let answer = sandbox.json("org-check", &["org", "check", org]);
        assert_eq!(said(&answer), ("refuted", reason), "{org}");
        assert_eq!(
            (&answer["role"], &answer["state"]),
            (&json!(role), &json!(state))
        );
    }
    let nobody = sandbox.json("org-check", &["org", "check", "nobody"]);
    assert_eq!(said(&nobody), ("refuted", "unknown-project"));
    assert!(sandbox.keys().is_empty(), "no key is needed");
}

#[test]
fn an_owner_on_the_third_page_has_the_organisation() {
    let (mut world, alice) = demo_of_alice();
    organisations(&mut world, &alice, 230);
    let secret = token(&mut world, &alice, Grant::ReadOrg);
    let forge = Forge::serve(world);
    let list = asking(&forge, &secret).json("org-list", &["org", "list"]);
    assert_eq!(said(&list), ("done", ""));
    assert!(listed(&list).contains(&"org229".to_owned()));
    assert_eq!(listed(&list).len(), 232);
}

#[test]
fn a_failure_on_the_second_page_lists_nothing() {
    for (reply, reason) in [
        (Reply::status(501), "server-error"),
        (
            Reply::status(429).header("retry-after", "3600"),
            "rate-limited",
        ),
        (
            Reply::json(403, json!({ "message": "x" })).header("x-ratelimit-remaining", "0"),
            "rate-limited",
        ),
    ] {
        let (mut world, alice) = demo_of_alice();
        organisations(&mut world, &alice, 110);
        let secret = token(&mut world, &alice, Grant::ReadOrg);
        crate::forge::until_now(&mut world);
        let forge = Forge::serve_with(world, move |request, good| {
            match request.query_value("page").as_deref() == Some("2") {
                true => reply.clone(),
                false => good,
            }
        });
        let run = asking(&forge, &secret).run(&["org", "list", "--json"]);
        let answer = run.json("failure");
        assert_eq!((said(&answer), run.code), (("unavailable", reason), 3));
        assert!(!run.out.contains("alice"), "{}", run.out);
    }
}

#[test]
fn what_the_token_is_not_shown_leaves_the_personal_name_and_is_said() {
    let (mut world, alice) = demo_of_alice();
    organisations(&mut world, &alice, 0);
    world.create_org(&alice, "closed").unwrap();
    world.protect_org(&alice, "closed", true, false).unwrap();
    let closed = world.org("closed").unwrap().to_string();
    let secrets = [Grant::Gist, Grant::FineGrainedGists, Grant::ReadOrg]
        .map(|g| token(&mut world, &alice, g));
    let forge = Forge::serve(world);
    for (secret, visibility, reason, names) in [
        (&secrets[0], "no-org-scope", "missing-scope", &["alice"][..]),
        (&secrets[1], "token-kind-limited", "token-kind", &["alice"]),
        (
            &secrets[2],
            "sso-hidden",
            "sso-required",
            &["alice", "acme"],
        ),
    ] {
        let sandbox = asking(&forge, secret);
        let list = sandbox.json("org-list", &["org", "list"]);
        assert_eq!(said(&list), ("undetermined", reason));
        assert_eq!(
            (&list["visibility"], listed(&list)),
            (
                &json!(visibility),
                names.iter().map(|n| (*n).to_owned()).collect()
            )
        );
        let check = sandbox.json("org-check", &["org", "check", "closed"]);
        assert_eq!(
            (said(&check), &check["visibility"]),
            (("unavailable", reason), &json!(visibility))
        );
    }
    let list = asking(&forge, &secrets[2]).json("org-list", &["org", "list"]);
    assert_eq!(list["hidden"], json!([closed]));
}

#[test]
fn an_organisation_with_an_odd_name_leaves_the_others_listed_and_is_said() {
    let (mut world, alice) = demo_of_alice();
    organisations(&mut world, &alice, 0);
    world.create_org(&alice, "odd").unwrap();
    let secret = token(&mut world, &alice, Grant::ReadOrg);
    let forge = Forge::serve_edited(world, |_, request, body| {
        for entry in body.as_array_mut().into_iter().flatten() {
            let is_odd =
                request.path == "/user/memberships/orgs" && entry["organization"]["login"] == "odd";
            if is_odd {
                entry["organization"]["login"] = json!("o\u{202e}.dd");
            }
        }
        None
    });
    let sandbox = asking(&forge, &secret);
    let list = sandbox.json("org-list", &["org", "list"]);
    assert_eq!(said(&list), ("undetermined", "unreadable"), "{list:#}");
    assert_eq!(listed(&list), ["alice", "acme"]);
    let run = sandbox.run(&["org", "list"]);
    assert!(run.out.contains("cannot be read") && !run.out.contains('\u{202e}'));
}

#[test]
fn a_dead_token_has_a_reason_of_its_own() {
    let (mut world, alice) = demo_of_alice();
    crate::forge::until_now(&mut world);
    let secret = token(&mut world, &alice, Grant::ReadOrg);
    let forge = Forge::serve(world);
    let sandbox = asking(&forge, &format!("{secret}x"));
    for args in [&["org", "list"][..], &["org", "check", "acme"]] {
        let run = sandbox.run(&[args, &["--json"]].concat());
        assert_eq!(run.code, 3, "{}", run.out);
        let answer: Value = serde_json::from_str(&run.out).unwrap();
        assert_eq!(said(&answer), ("unavailable", "dead-token"));
        let remedy = answer["remedy"].as_str().unwrap();
        assert!(remedy.contains("make a new token"), "{remedy}");
    }
}

#[test]
fn old_logins_that_begin_with_a_hyphen_are_asked_about() {
    let (mut world, alice) = demo_of_alice();
    world.rename_account(&alice, "-alice-").unwrap();
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::new());
    let check = [
        "namespace",
        "check",
        "github:-alice-",
        "--account",
        "-alice-",
    ];
    let answer = sandbox.json("namespace-check", &check);
    assert_eq!(said(&answer), ("confirmed", ""), "{answer:#}");
    // The login was forgotten.
    let forgotten = sandbox.run(&[
        "namespace",
        "check",
        "github:-alice-",
        "--account",
        "--json",
    ]);
    assert_eq!(forgotten.code, 2, "{}", forgotten.out);
}

#[test]
fn an_organisation_is_claimed_by_its_owner_and_by_nobody_else() {
    let (forge, _, alice) = github(approving());
    let secret = {
        let mut world = forge.world();
        organisations(&mut world, &alice, 0);
        token(&mut world, &alice, Grant::ReadOrg)
    };
    let linked = with_app(&forge);
    assert_eq!(linked.run(&CLAIM).code, 0);
    let bare = linked.json("namespace-decision", &["namespace", "claim", "github:acme"]);
    assert_eq!(
        said(&bare),
        ("undetermined", "owners-hidden"),
        "without a token nobody is shown"
    );
    let own = linked.json(
        "namespace-decision",
        &["namespace", "claim", "github:alice"],
    );
    assert_eq!(said(&own), ("accepted", ""));
    let sandbox = linked.env("AUTHS_GITHUB_TOKEN", &secret);
    let file = sandbox.path("acme.json").display().to_string();
    for (org, expected) in [
        ("widgets", ("denied", "lesser-role")),
        ("young", ("denied", "role-pending")),
        ("paid", ("denied", "lesser-role")),
        ("acme", ("accepted", "")),
    ] {
        let name = format!("github:{org}");
        let claim = ["namespace", "claim", &name, "--out", &file];
        let answer = sandbox.json("namespace-decision", &claim);
        assert_eq!(said(&answer), expected, "{org}");
    }
    let verify = ["namespace", "verify", &file];
    assert_eq!(
        said(&sandbox.json("namespace-decision", &verify)),
        ("accepted", "")
    );
    let old = sandbox.json(
        "namespace-decision",
        &[&verify[..], &["--at", "+6m"]].concat(),
    );
    assert_eq!(
        said(&old),
        ("undetermined", "stale-evidence"),
        "good for five minutes"
    );
    // The organisation is renamed, and somebody else takes its name.
    {
        let mut world = forge.world();
        world.rename_org(&alice, "acme", "acme-corp").unwrap();
        let other = world
            .sign_up_on(&auths_core::Platform::GITHUB, "mallory")
            .unwrap();
        world.create_org(&other, "acme").unwrap();
    }
    let live = sandbox.json("namespace-decision", &[&verify[..], &["--live"]].concat());
    assert_eq!(said(&live), ("denied", "another-incarnation"), "{live:#}");
    let check = ["namespace", "check", "github:alice", "--account", "alice"];
    let checked = sandbox.json("namespace-check", &check);
    assert_eq!(
        (&checked["outcome"], &checked["role"]),
        (&json!("confirmed"), &json!("own-account"))
    );
}

#[test]
fn a_token_comes_from_the_environment_or_standard_input_and_is_never_shown() {
    let (mut world, alice) = demo_of_alice();
    organisations(&mut world, &alice, 0);
    let secret = token(&mut world, &alice, Grant::ReadOrg);
    let forge = Forge::serve(world);
    let bare = forge.asked_by(Sandbox::new());
    let none = bare.json("failure", &["org", "list"]);
    assert_eq!(said(&none), ("invalid", "usage"));
    assert!(
        none["remedy"]
            .as_str()
            .unwrap()
            .contains("AUTHS_GITHUB_TOKEN")
    );
    let given = format!("{secret}\n");
    let args = ["org", "list", "--token-stdin", "--json"];
    let run = bare.run_with(&args, given.as_bytes());
    assert_eq!(run.json("org-list")["outcome"], "done");
    for bad in ["", "two words", "ghp_\u{7f}"] {
        let run = bare.run_with(&args, bad.as_bytes());
        assert_eq!(run.json("failure")["outcome"], "invalid", "{bad:?}");
    }
    let dead = "ghp_hunter2neverShown";
    let sandbox = asking(&forge, dead);
    for args in [
        &["org", "list"][..],
        &["org", "check", "acme"],
        &["namespace", "check", "github:acme", "--account", "alice"],
    ] {
        for json in [&["--json"][..], &[]] {
            let run = sandbox.run(&[args, json].concat());
            assert_eq!(run.code, 3, "{args:?}");
            assert!(
                !run.out.contains(dead) && !run.err.contains(dead),
                "{args:?}"
            );
        }
    }
    let sandbox = asking(&forge, &secret);
    for args in [&["org", "list"][..], &["org", "check", "acme"]] {
        let run = sandbox.run(args);
        assert!(
            run.code == 0 && !run.out.contains(&secret) && !run.err.contains(&secret),
            "{}",
            run.out
        );
    }
    for file in sandbox.kept("store") {
        let bytes = std::fs::read(&file).unwrap_or_default();
        assert!(
            !String::from_utf8_lossy(&bytes).contains(&secret),
            "{}",
            file.display()
        );
    }
}

#[test]
fn names_that_are_none_are_invalid_and_ask_nobody() {
    let forge = Forge::serve(demo_of_alice().0);
    let sandbox = asking(&forge, "ghp_x");
    for name in [
        "",
        "_acme",
        "a/b",
        "a b",
        "a?b",
        "acme/../x",
        "pypi:six",
        "github:",
        &"a".repeat(40),
        "pkg:github/a/b",
    ] {
        let answer = sandbox.json("failure", &["org", "check", name]);
        assert_eq!(answer["outcome"], "invalid", "{name:?}");
    }
    assert_eq!(forge.github.request_count(), 0);
}

#[test]
fn a_name_of_another_ecosystem_is_no_organisation_and_the_answer_says_what_is() {
    let sandbox = Sandbox::new().env("AUTHS_GITHUB_TOKEN", "ghp_x");
    let answer = sandbox.json("failure", &["org", "check", "npm:acme"]);
    assert_eq!(said(&answer), ("invalid", "usage"));
    let (message, remedy) = (&answer["message"], answer["remedy"].as_str().unwrap());
    assert_eq!(
        message,
        "npm:acme is a name in npm, and this question is about names in github"
    );
    assert!(remedy.contains("github:NAME"), "{remedy}");
}

#[test]
fn no_membership_that_github_shows_is_left_open() {
    let (mut world, alice) = demo_of_alice();
    let other = world
        .sign_up_on(&auths_core::Platform::GITHUB, "other")
        .unwrap();
    world.create_org(&other, "elsewhere").unwrap();
    let secret = token(&mut world, &alice, Grant::ReadOrg);
    let forge = Forge::serve(world);
    let sandbox = asking(&forge, &secret);
    let answer = sandbox.json("org-check", &["org", "check", "elsewhere"]);
    assert_eq!(said(&answer), ("undetermined", "owners-hidden"));
    assert_eq!(
        answer["visibility"], "unknown",
        "what is left open was not seen in full"
    );
    let check = [
        "namespace",
        "check",
        "github:elsewhere",
        "--account",
        "alice",
    ];
    let answer = sandbox.json("namespace-check", &check);
    assert_eq!(said(&answer), ("undetermined", "owners-hidden"));
}

#[test]
fn an_old_copy_from_a_cache_confirms_no_owner() {
    let (mut world, alice) = demo_of_alice();
    organisations(&mut world, &alice, 0);
    let secret = token(&mut world, &alice, Grant::ReadOrg);
    crate::forge::until_now(&mut world);
    for (age, is_good) in [("82800", false), ("301", false), ("60", true)] {
        let forge = Forge::serve_with(world.clone(), move |_, reply| reply.header("age", age));
        let sandbox = asking(&forge, &secret);
        let (checked, listed) = (["org", "check", "acme"], ["org", "list"]);
        if is_good {
            assert_eq!(
                said(&sandbox.json("org-check", &checked)),
                ("confirmed", "")
            );
            assert_eq!(said(&sandbox.json("org-list", &listed)), ("done", ""));
            continue;
        }
        let stale = ("unavailable", "stale-evidence");
        assert_eq!(said(&sandbox.json("org-check", &checked)), stale, "{age}");
        assert_eq!(said(&sandbox.json("failure", &listed)), stale, "{age}");
    }
}
