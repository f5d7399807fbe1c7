//! `auths namespace` for crates.

use auths_core::{Namespace, Platform};
use auths_testkit::server::{Reply, Server};
use auths_testkit::world::{Metadata, OrgRole, World};
use serde_json::{Value, json};

use crate::forge::{Forge, demo_of_alice, until_now};
use crate::github::{CLAIM, approving, github, with_app};
use crate::sandbox::Sandbox;
use crate::world::{DAY, nobody};

fn check(sandbox: &Sandbox, args: &[&str]) -> Value {
    let all = [&["namespace", "check"], args].concat();
    sandbox.json("namespace-check", &all)
}

/// A self-reported account, under the policy that lets it pass: what is left is the listing.
fn claim(sandbox: &Sandbox, login: &str) -> Value {
    let account = format!("github:{login}");
    let policy = ["--account", &account, "--policy", "trust-self-reported"];
    let all = [&["namespace", "claim", "cargo:demo"], &policy[..]].concat();
    sandbox.json("namespace-decision", &all)
}

/// The crate on the server that is asked, in full.
fn claimed_name(sandbox: &Sandbox) -> String {
    let answer = check(sandbox, &["cargo:demo", "--account", "alice"]);
    answer["namespace"].as_str().unwrap().to_owned()
}

fn said(answer: &Value) -> (&str, &str) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    (text("outcome"), text("reason"))
}

/// Bob is added to `demo` and accepts.
fn add_bob(world: &mut World, alice: &auths_testkit::world::Session) {
    let bob = world.sign_up_on(&Platform::GITHUB, "bob").unwrap();
    world.add_owner(alice, "demo", "bob").unwrap();
    world.accept_invitation(&bob, "demo").unwrap();
}

#[test]
fn an_owner_is_confirmed_by_the_id_of_the_login_and_another_is_not() {
    let (mut world, _) = demo_of_alice();
    world.sign_up_on(&Platform::GITHUB, "mallory").unwrap();
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::new());
    let owner = check(&sandbox, &["cargo:demo", "--account", "Alice"]);
    assert_eq!(owner["outcome"], "confirmed");
    assert_eq!(owner["role"], "owner");
    assert_eq!(owner["falls_to"], json!(["account-session"]));
    let (namespace, id) = (
        owner["namespace"].as_str().unwrap(),
        &owner["account"]["id"],
    );
    assert!(namespace.contains("repository_url=http:"), "{namespace}");
    assert_eq!(
        owner["account"]["origin"],
        forge.github.origin().to_string()
    );
    let by_id = check(
        &sandbox,
        &["pkg:cargo/demo", "--account-id", id.as_str().unwrap()],
    );
    assert_eq!(by_id["account"], owner["account"]);

    let other = check(&sandbox, &["cargo:demo", "--account", "mallory"]);
    assert_eq!(said(&other), ("refuted", "not-listed"));
    let nobody = check(&sandbox, &["cargo:demo", "--account", "nobody"]);
    assert_eq!(said(&nobody), ("refuted", "unknown-account"));
    let message = nobody["message"].as_str().unwrap();
    assert!(message.contains("GitHub knows no account"), "{message}");
    assert!(!message.contains("does not list"), "{message}");
    let hidden = check(&sandbox, &["cargo:demo", "--account", "alice_corp"]);
    assert_eq!(said(&hidden), ("undetermined", "owners-hidden"));
    let unknown = check(&sandbox, &["cargo:other", "--account", "alice"]);
    assert_eq!(said(&unknown), ("refuted", "unknown-project"));
    assert!(sandbox.keys().is_empty(), "no key is needed");
}

#[test]
fn a_crate_is_shown_and_signed_in_the_registrys_spelling_and_found_in_every_one() {
    let (mut world, alice) = demo_of_alice();
    let published = world.publish(&alice, "tokio-util", "1.0.0", Metadata::new());
    published.unwrap();
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::with_key());
    for typed in [
        "cargo:tokio-util",
        "cargo:tokio_util",
        "PKG:cargo/tokio_util/",
    ] {
        let answer = check(&sandbox, &[typed, "--account", "alice"]);
        assert_eq!(said(&answer), ("confirmed", ""), "{typed}");
        let name = answer["namespace"].as_str().unwrap();
        assert!(name.starts_with("pkg:cargo/tokio-util?"), "{name}");
        let file = sandbox.file("crate.bundle.json", "");
        let policy = [
            "--account",
            "github:alice",
            "--policy",
            "trust-self-reported",
        ];
        let claim = [&["namespace", "claim", typed, "--out", &file], &policy[..]].concat();
        let answer = sandbox.json("namespace-decision", &claim);
        assert_eq!(said(&answer), ("accepted", ""), "{typed}");
        let bundle = std::fs::read_to_string(&file).unwrap();
        assert!(bundle.contains("pkg:cargo/tokio-util?"), "{bundle}");
        assert!(!bundle.contains("pkg:cargo/tokio_util"), "{bundle}");
    }
}

#[test]
fn a_renamed_login_is_the_same_owner_and_whoever_has_it_now_is_another() {
    let (mut world, alice) = demo_of_alice();
    world.rename_account(&alice, "alice-new").unwrap();
    world.sign_up_on(&Platform::GITHUB, "alice").unwrap();
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::with_key());
    for (login, checked, claimed) in [
        ("alice-new", ("confirmed", ""), ("accepted", "")),
        ("alice", ("refuted", "not-listed"), ("denied", "not-listed")),
    ] {
        assert_eq!(
            said(&check(&sandbox, &["cargo:demo", "--account", login])),
            checked
        );
        assert_eq!(said(&claim(&sandbox, login)), claimed, "{login}");
    }
}

#[test]
fn a_user_name_of_crates_io_is_no_login_of_github() {
    let (mut world, alice) = demo_of_alice();
    world.sign_in_to_crates(&alice, Some("alice-rs")).unwrap();
    let squatter = world.sign_up_on(&Platform::GITHUB, "alice-rs").unwrap();
    world.sign_in_to_crates(&squatter, Some("alice")).unwrap();
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::new());
    let outcome = |login| check(&sandbox, &["cargo:demo", "--account", login])["outcome"].clone();
    assert_eq!(
        (outcome("alice"), outcome("alice-rs")),
        (json!("confirmed"), json!("refuted"))
    );
}

#[test]
fn a_crate_of_a_team_alone_is_refused_and_an_owner_may_delegate() {
    let (world, _) = demo_of_alice();
    let forge = Forge::serve(world);
    // crates.io keeps one owner at least, but for accounts that are gone: played by the answer alone.
    let crates_io = Server::start(move |request| match request.path.as_str() {
        "/api/v1/crates/demo/owners" => Reply::json(
            200,
            json!({ "users": [
            { "id": 3, "kind": "team", "login": "github:acme:core", "name": null, "avatar": null, "url": null }
        ] }),
        ),
        _ => Reply::json(
            200,
            json!({
                "crate": { "name": "demo", "created_at": "2024-01-01T00:00:00Z" }, "versions": []
            }),
        ),
    });
    let sandbox = Sandbox::with_key()
        .origin("github-api", forge.github.origin())
        .origin("crates-io", crates_io.origin());
    let answer = check(&sandbox, &["cargo:demo", "--account", "alice"]);
    assert_eq!(said(&answer), ("refuted", "teams-only"));
    assert!(
        answer["message"]
            .as_str()
            .unwrap()
            .contains("github:acme:core")
    );
    let decision = claim(&sandbox, "alice");
    assert_eq!(said(&decision), ("denied", "teams-only"));
    let remedy = decision["remedy"].as_str().unwrap();
    assert!(
        remedy.contains("auths delegate") && remedy.contains(&sandbox.did()),
        "{remedy}"
    );
    // What is between the backticks can be pasted into a shell, and names the crate on this very server.
    let command = remedy.split('`').nth(1).unwrap();
    let name = claimed_name(&sandbox);
    assert!(name.contains("repository_url="), "{name}");
    let quoted = format!("auths delegate '{name}' --to ");
    assert!(command.starts_with(&quoted), "{command}");
    let given = [
        "delegate",
        &name,
        "--to",
        &sandbox.did(),
        "--expires",
        "+7d",
    ];
    assert_eq!(
        sandbox.json("signed", &given)["claim"]["namespaces"],
        json!([name])
    );
}

#[test]
fn a_member_of_an_owning_team_is_refused_too() {
    let (mut world, alice) = demo_of_alice();
    let bob = world.sign_up_on(&Platform::GITHUB, "bob").unwrap();
    world.create_org(&alice, "acme").unwrap();
    world
        .set_member(&alice, "acme", "bob", OrgRole::Member)
        .unwrap();
    world.accept_membership(&bob, "acme").unwrap();
    world.set_team(&alice, "acme", "core", &["bob"]).unwrap();
    world.add_team(&alice, "demo", "acme", "core").unwrap();
    let forge = Forge::serve(world);
    let decision = claim(&forge.asked_by(Sandbox::with_key()), "bob");
    assert_eq!(said(&decision), ("denied", "not-listed"));
    let remedy = decision["remedy"].as_str().unwrap();
    assert!(
        remedy.contains("auths delegate") && remedy.contains("github:acme:core"),
        "{remedy}"
    );
}

#[test]
fn an_owner_added_yesterday_falls_to_a_stolen_token_until_it_is_known_for_the_maturity() {
    let (mut world, alice) = demo_of_alice();
    world.wait(59 * DAY);
    add_bob(&mut world, &alice);
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::new());
    let checked = check(&sandbox, &["cargo:demo", "--account", "bob"]);
    assert_eq!(checked["outcome"], "confirmed");
    assert_eq!(checked["falls_to"], json!(["stolen-token"]));
    let ripe = checked["evidence"][0]["ripe_at"]
        .as_str()
        .unwrap()
        .to_owned();
    let again = check(&sandbox, &["cargo:demo", "--account", "bob"]);
    assert_eq!(
        again["evidence"][0]["ripe_at"],
        json!(ripe),
        "it is remembered"
    );
}

#[test]
fn an_owner_who_published_long_ago_falls_to_a_held_token() {
    let (mut world, alice) = demo_of_alice();
    let bob = world.sign_up_on(&Platform::GITHUB, "bob").unwrap();
    world.add_owner(&alice, "demo", "bob").unwrap();
    world.accept_invitation(&bob, "demo").unwrap();
    world
        .publish(&bob, "demo", "1.1.0", Metadata::new())
        .unwrap();
    let forge = Forge::serve(world);
    let checked = check(
        &forge.asked_by(Sandbox::new()),
        &["cargo:demo", "--account", "bob"],
    );
    assert_eq!(checked["falls_to"], json!(["held-token"]));
}

#[test]
fn a_bundle_is_decided_anew_offline_and_live() {
    let (mut world, alice) = demo_of_alice();
    add_bob(&mut world, &alice);
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::with_key());
    let accepted = claim(&sandbox, "alice");
    assert_eq!(accepted["outcome"], "accepted");
    let bundle = accepted["bundle"].as_str().unwrap();
    let verify = [
        "namespace",
        "verify",
        bundle,
        "--policy",
        "trust-self-reported",
    ];
    let before = forge.crates_io.request_count();
    assert_eq!(
        sandbox.json("namespace-decision", &verify)["outcome"],
        "accepted"
    );
    assert_eq!(
        forge.crates_io.request_count(),
        before,
        "offline asks nobody"
    );
    let live = [&verify[..], &["--live"]].concat();
    assert_eq!(
        sandbox.json("namespace-decision", &live)["outcome"],
        "accepted"
    );
    forge.world().remove_role(&alice, "demo", "alice").unwrap();
    let gone = sandbox.json("namespace-decision", &live);
    assert_eq!(said(&gone), ("denied", "not-listed"));
}

type Page = fn() -> Reply;

/// A crate of alice and bob, whose page answers this.
fn beside(page: impl Fn() -> Reply + Send + Sync + 'static) -> Forge {
    let (mut world, alice) = demo_of_alice();
    add_bob(&mut world, &alice);
    world.sign_up_on(&Platform::GITHUB, "mallory").unwrap();
    Forge::serve(world).with_crates_io(move |request, _| {
        let is_bobs = request.path == "/api/v1/users/bob";
        is_bobs.then(&page)
    })
}

/// User names of crates.io are not unique: a stranger may have that of a co-owner.
#[test]
fn a_co_owner_whose_page_cannot_be_read_takes_no_accepted_claim_away_and_nobody_is_said_not_to_be_listed()
 {
    let another = || {
        let owner = json!({ "id": 999, "login": "bob", "name": null, "avatar": null, "url": null });
        Reply::json(200, json!({ "user": owner, "linked_accounts": [] }))
    };
    let pages: [(Page, &str); 5] = [
        (another, "evidence-mismatch"),
        (
            || Reply::json(404, json!({ "errors": [{ "detail": "Not Found" }] })),
            "unexpected-status",
        ),
        (|| Reply::status(403), "forbidden"),
        (|| Reply::status(429), "rate-limited"),
        (|| Reply::status(502), "server-error"),
    ];
    for (page, reason) in pages {
        let forge = beside(page);
        let sandbox = forge.asked_by(Sandbox::with_key());
        let listed = check(&sandbox, &["cargo:demo", "--account", "alice"]);
        assert_eq!(said(&listed), ("confirmed", ""), "{reason}: {listed:#}");
        let accepted = claim(&sandbox, "alice");
        assert_eq!(said(&accepted), ("accepted", ""), "{reason}");
        let bundle = accepted["bundle"].as_str().unwrap();
        let live = [
            "namespace",
            "verify",
            bundle,
            "--live",
            "--policy",
            "trust-self-reported",
        ];
        let anew = sandbox.json("namespace-decision", &live);
        assert_eq!(said(&anew), ("accepted", ""), "{reason}: {anew:#}");
        for other in ["bob", "mallory"] {
            let sandbox = forge.asked_by(Sandbox::new());
            let other = check(&sandbox, &["cargo:demo", "--account", other]);
            assert_eq!(said(&other), ("unavailable", reason), "{other:#}");
        }
    }
}

#[test]
fn a_list_without_ids_leaves_an_id_open() {
    let (world, _) = demo_of_alice();
    let forge = Forge::serve(world).with_crates_io(|request, body| {
        if request.path.starts_with("/api/v1/users/") {
            body.as_object_mut().unwrap().remove("linked_accounts");
        }
        for owner in body["users"].as_array_mut().into_iter().flatten() {
            owner["avatar"] = Value::Null;
        }
        None
    });
    let sandbox = forge.asked_by(Sandbox::new());
    let own = forge
        .world()
        .account_by_login(&Platform::GITHUB, "alice")
        .unwrap()
        .id()
        .to_string();
    for id in [own.as_str(), "4242"] {
        let answer = check(&sandbox, &["cargo:demo", "--account-id", id]);
        assert_eq!(
            said(&answer),
            ("undetermined", "missing-field"),
            "{answer:#}"
        );
    }
    let by_name = check(&sandbox, &["cargo:demo", "--account", "alice"]);
    assert_eq!(
        by_name["falls_to"],
        json!(["recycled-name", "account-session"])
    );
}

#[test]
fn what_cannot_be_read_is_never_a_no() {
    let (world, _) = demo_of_alice();
    let forge = Forge::serve(world);
    let asking = |crates_io: String| {
        let sandbox = Sandbox::new().origin("github-api", forge.github.origin());
        check(
            &sandbox.origin("crates-io", crates_io),
            &["cargo:demo", "--account", "alice"],
        )
    };
    assert_eq!(said(&asking(nobody())), ("unavailable", "network"));
    let errors = json!({ "errors": [{ "detail": "crate `demo` does not exist" }] });
    for (reply, reason) in [
        (Reply::status(403), "forbidden"),
        (Reply::status(503), "server-error"),
        (
            Reply::status(429).header("retry-after", "3600"),
            "rate-limited",
        ),
        (Reply::json(200, &errors), "unreadable"),
        (
            Reply::json(404, json!({ "errors": [{ "detail": "Not Found" }] })),
            "unexpected-status",
        ),
    ] {
        let server = Server::start(move |_| reply.clone());
        let answer = asking(server.origin().to_string());
        assert_eq!(said(&answer), ("unavailable", reason));
    }
    // The login cannot be looked up: the registry is not even asked.
    let sandbox = Sandbox::new()
        .origin("github-api", nobody())
        .origin("crates-io", forge.crates_io.origin());
    let answer = check(&sandbox, &["cargo:demo", "--account", "alice"]);
    assert_eq!(said(&answer), ("unavailable", "network"));
    assert_eq!(forge.crates_io.request_count(), 0);
}

#[test]
fn what_cannot_be_asked_is_invalid_and_asks_nobody() {
    let forge = Forge::serve(demo_of_alice().0);
    let sandbox = forge.asked_by(Sandbox::new());
    for args in [
        &["cargo:demo"][..],
        &["cargo:1demo", "--account", "alice"],
        &["cargo:demo/owners", "--account", "alice"],
        &["cargo:demo", "--account", "a/b"],
        &["cargo:demo", "--account", "_alice"],
        &["cargo:demo", "--account-id", "0"],
        &["cargo:demo", "--account-id", "seven"],
        &["cargo:demo", "--account-id", "7", "--account", "alice"],
        &["pypi:six", "--account-id", "7"],
        &[
            "pkg:cargo/demo?repository_url=https://elsewhere.example",
            "--account",
            "alice",
        ],
    ] {
        let answer = sandbox.json("failure", &[&["namespace", "check"], args].concat());
        assert_eq!(answer["outcome"], "invalid", "{args:?}");
    }
    assert_eq!(
        forge.github.request_count() + forge.crates_io.request_count(),
        0
    );
}

#[test]
fn a_list_may_ask_about_several_registries() {
    let (mut world, alice) = demo_of_alice();
    let six: Namespace = "pypi:six".parse().unwrap();
    let gutworth = world.sign_up_on(&Platform::PYPI, "gutworth").unwrap();
    world
        .publish(&gutworth, &six, "1.0", Metadata::new())
        .unwrap();
    world
        .publish(&alice, "other", "1.0.0", Metadata::new())
        .unwrap();
    until_now(&mut world);
    let pypi = crate::world::Pypi::serve(world.clone());
    let forge = Forge::serve(world);
    let sandbox = forge.asked_by(Sandbox::new().asking(pypi.origin()));
    let list = "cargo:demo\talice\npypi:six\tgutworth\ncargo:other\talice\ncargo:demo\tnobody\ngem:x\talice\npypi:six\talice\n";
    let file = sandbox.file("list", list);
    let run = sandbox.run(&["namespace", "check", "--batch", &file, "--json"]);
    let answers: Vec<Value> = run
        .out
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let outcomes: Vec<_> = answers
        .iter()
        .map(|a| a["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(
        outcomes,
        [
            "confirmed",
            "confirmed",
            "confirmed",
            "refuted",
            "invalid",
            "refuted"
        ]
    );
    assert_eq!(run.code, 2);
    let resolved = forge
        .github
        .requests()
        .iter()
        .filter(|r| r.path == "/users/alice")
        .count();
    assert_eq!(resolved, 1, "each login is looked up once");
}

/// The account is linked as well as can be; what is young is the place among the owners.
#[test]
fn a_claim_of_an_owner_added_just_now_is_pending_and_says_until_when() {
    let (forge, _, alice) = github(approving());
    let sandbox = with_app(&forge);
    assert_eq!(sandbox.run(&CLAIM).code, 0);
    let (bob, at) = {
        let mut world = forge.world();
        until_now(&mut world);
        let bob = world.sign_up_on(&Platform::GITHUB, "bob").unwrap();
        let new = Metadata::new();
        world.publish(&bob, "theirs", "1.0.0", new).unwrap();
        world.add_owner(&bob, "theirs", "alice").unwrap();
        world.accept_invitation(&alice, "theirs").unwrap();
        (bob, world.now())
    };
    let claim = ["namespace", "claim", "cargo:theirs"];
    let pending = sandbox.json("namespace-decision", &claim);
    assert_eq!(said(&pending), ("pending", "young"), "{pending:#}");
    let ripe = pending["decision"]["ripe_at"].as_str().unwrap();
    let ripe: auths_core::Timestamp = ripe.parse().unwrap();
    assert!(ripe.since(at) >= 7 * DAY);
    let again = sandbox.json("namespace-decision", &claim);
    assert_eq!(
        again["decision"]["ripe_at"],
        json!(ripe.to_string()),
        "the first look counts"
    );
    // Removed, seen to be, and added again: it begins anew.
    forge.world().remove_role(&bob, "theirs", "alice").unwrap();
    let gone = sandbox.json("namespace-decision", &claim);
    assert_eq!(said(&gone), ("denied", "not-listed"));
}
