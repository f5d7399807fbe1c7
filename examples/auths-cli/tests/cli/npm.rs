//! `auths` for npm: accounts, packages and bundles, before a simulated registry.

use std::sync::{Arc, Mutex};

use auths_core::{Account, Did, Namespace};
use auths_http::SystemClock;
use auths_testkit::server::{Server, Shape};
use auths_testkit::services::npm;
use auths_testkit::world::{Metadata, RegistryFault, Session, World};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::world::{DAY, nobody};

/// Where a packument holds what troubles are about.
const SHAPE: Shape = Shape {
    name: "/name",
    owners: "/maintainers",
};

const CLAIM: [&str; 6] = ["id", "claim", "npm", "alice", "--statement", "@alice/auths"];

struct Npm {
    world: Arc<Mutex<World>>,
    server: Server,
}

impl Npm {
    fn serve(world: World) -> Self {
        Self::in_trouble(world, None)
    }

    fn in_trouble(world: World, trouble: Option<RegistryFault>) -> Self {
        let world = Arc::new(Mutex::new(world));
        let shown = world.clone();
        let server = Server::start(move |request| {
            let reply = npm::reply(&shown.lock().unwrap(), request);
            reply.in_trouble(trouble, SHAPE)
        });
        Self { world, server }
    }

    fn asked_by(&self, sandbox: Sandbox) -> Sandbox {
        sandbox.origin("npm", self.server.origin())
    }
}

/// A world that began sixty days ago, in which alice maintains three packages that name nobody; and her session.
fn alices() -> (World, Session) {
    let mut world = World::npm(SystemClock.now() - 60 * DAY);
    let alice = world.sign_up("alice").unwrap();
    for name in ["left", "right", "@alice/up"] {
        world
            .publish(&alice, name, "1.0.0", Metadata::new())
            .unwrap();
    }
    (world, alice)
}

fn naming(did: &str, package: &str) -> Metadata {
    let did: Did = did.parse().unwrap();
    let namespace: Namespace = format!("npm:{package}").parse().unwrap();
    Metadata::new().naming([did], &namespace)
}

/// Publishes two versions that say that the DID speaks for alice, two weeks apart, ending about now.
fn speak_twice(world: &mut World, by: &Session, package: &str, did: &str) {
    world.wait(30 * DAY);
    let (did, alice): (Did, Account) = (did.parse().unwrap(), "npm:alice".parse().unwrap());
    let namespace: Namespace = format!("npm:{package}").parse().unwrap();
    for version in ["2.0.0", "2.0.1"] {
        let statement = Metadata::new().speaking_for(did.clone(), &namespace, &alice);
        world.publish(by, package, version, statement).unwrap();
        world.wait(14 * DAY);
    }
}

/// Publishes two versions that name the DID, two weeks apart, ending about now.
fn name_twice(world: &mut World, by: &Session, package: &str, did: &str) {
    world.wait(30 * DAY);
    for version in ["2.0.0", "2.0.1"] {
        let statement = naming(did, package);
        world.publish(by, package, version, statement).unwrap();
        world.wait(14 * DAY);
    }
}

fn said(answer: &Value) -> (&str, &str) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    (text("outcome"), text("reason"))
}

#[test]
fn a_claim_alone_is_worth_nothing_and_shows_what_to_publish() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let answer = sandbox.json("id-claim", &["id", "claim", "npm", "alice"]);
    assert_eq!(answer["outcome"], "done");
    assert_eq!(answer["falls_to"], json!(["stranger"]));
    assert_eq!(answer["statement"]["package"], "pkg:npm/%40alice/auths");
    let value = json!({ "did": did, "for": "npm:@alice/auths", "account": "npm:alice" });
    assert_eq!(answer["statement"]["value"], value);
    let run = sandbox.run(&["id", "claim", "npm", "alice"]);
    for shown in [&format!("\"auths\": {value}"), "--statement @alice/auths"] {
        assert!(run.out.contains(shown), "{shown}: {}", run.out);
    }
    let bad = sandbox.json("failure", &["id", "claim", "npm", "../alice"]);
    assert_eq!(said(&bad), ("invalid", "bad-name"));
}

#[test]
fn one_account_statement_gives_three_packages_that_list_the_login() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, alice) = alices();
    speak_twice(&mut world, &alice, "@alice/auths", &did);
    let bob = world.sign_up("bob").unwrap();
    world
        .publish(&bob, "down", "1.0.0", Metadata::new())
        .unwrap();
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(sandbox);
    let answer = sandbox.json("id-claim", &CLAIM);
    assert_eq!(answer["outcome"], "done");
    assert_eq!(answer["falls_to"], json!(["held-token", "device-key"]));
    for name in ["npm:left", "npm:right", "pkg:npm/%40alice/up"] {
        let claimed = sandbox.json("namespace-decision", &["namespace", "claim", name]);
        assert_eq!(said(&claimed), ("accepted", ""), "{name}");
    }
    let claimed = sandbox.json("namespace-decision", &["namespace", "claim", "npm:down"]);
    assert_eq!(said(&claimed), ("denied", "not-listed"));
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(status["findings"], json!([]));
    let file = sandbox.file("claim.json", answer["claim"].to_string());
    let verify = ["id", "verify", &file, "--statement", "@alice/auths"];
    let verified = sandbox.json("id-verify", &verify);
    assert_eq!(verified["proves"], "account-statement");
}

#[test]
fn a_package_outside_the_accounts_scope_speaks_for_nobody_and_the_advice_is_another_one() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, alice) = alices();
    world.create_org(&alice, "acme").unwrap();
    for name in ["@acme/auths", "gift"] {
        speak_twice(&mut world, &alice, name, &did);
    }
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(sandbox);
    for name in ["@acme/auths", "gift"] {
        let args = ["id", "claim", "npm", "alice", "--statement", name];
        let answer = sandbox.json("id-claim", &args);
        assert_eq!(said(&answer), ("refuted", "not-sole-owner"), "{name}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains("outside the scope @alice/"), "{message}");
        let package = answer["statement"]["package"].as_str().unwrap();
        assert!(package.contains("npm/%40alice/auths"), "{package}");
        let run = sandbox.run(&args);
        assert!(run.out.contains("--statement @alice/auths"), "{}", run.out);
        assert!(
            !run.out.contains(&format!("--statement {name}")),
            "{}",
            run.out
        );
    }
}

#[test]
fn where_the_accounts_own_package_lists_others_the_remedy_names_whom_to_remove_and_works() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, alice) = alices();
    let bob = world.sign_up("bob").unwrap();
    speak_twice(&mut world, &alice, "@alice/auths", &did);
    world.add_owner(&alice, "@alice/auths", "bob").unwrap();
    world.accept_invitation(&bob, "@alice/auths").unwrap();
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(sandbox);
    let remedy = |answer: &Value| {
        let remedy = answer["remedy"].as_str().unwrap().to_owned();
        assert!(
            remedy.starts_with("remove npm:bob from npm:@alice/auths"),
            "{remedy}"
        );
    };
    let answer = sandbox.json("id-claim", &CLAIM);
    assert_eq!(said(&answer), ("refuted", "not-sole-owner"));
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("it lists npm:bob"), "{message}");
    remedy(&answer);
    remedy(&sandbox.json("id-status", &["id", "status"]));
    let args = ["namespace", "claim", "npm:left"];
    let denied = sandbox.json("namespace-decision", &args);
    assert_eq!(denied["outcome"], "denied");
    remedy(&denied);
    npm.world
        .lock()
        .unwrap()
        .remove_role(&alice, "@alice/auths", "bob")
        .unwrap();
    assert_eq!(said(&sandbox.json("id-claim", &CLAIM)), ("done", ""));
    assert_eq!(
        said(&sandbox.json("namespace-decision", &args)),
        ("accepted", "")
    );
}

#[test]
fn a_listing_is_read_without_a_key() {
    let (world, _) = alices();
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(Sandbox::new());
    let check = |name: &str, login: &str| {
        let args = ["namespace", "check", name, "--account", login];
        sandbox.json("namespace-check", &args)
    };
    let owner = check("npm:left", "alice");
    assert_eq!(said(&owner), ("confirmed", ""));
    assert_eq!(owner["falls_to"], json!(["account-session"]));
    let namespace = owner["namespace"].as_str().unwrap();
    assert!(namespace.contains("repository_url=http:"), "{namespace}");
    assert_eq!(said(&check("npm:@alice/up", "alice")), ("confirmed", ""));
    assert_eq!(said(&check("npm:left", "Alice")), ("refuted", "not-listed"));
    assert_eq!(
        said(&check("npm:Left", "alice")),
        ("refuted", "unknown-project")
    );
    let paths: Vec<_> = npm.server.requests().into_iter().map(|r| r.path).collect();
    assert!(paths.contains(&"/@alice%2Fup".to_owned()), "{paths:?}");
}

/// A private package looks the same as one that is not there: no command makes a "no" of it.
#[test]
fn a_scoped_package_that_npm_does_not_show_is_hidden_by_design_in_every_command() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, alice) = alices();
    speak_twice(&mut world, &alice, "@alice/auths", &did);
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(sandbox);
    assert_eq!(said(&sandbox.json("id-claim", &CLAIM)), ("done", ""));
    let file = sandbox.file("up.bundle.json", "");
    let claim = ["namespace", "claim", "npm:@alice/up", "--out", &file];
    assert_eq!(
        said(&sandbox.json("namespace-decision", &claim)),
        ("accepted", "")
    );
    // Both are private from now on.
    *npm.world.lock().unwrap() = World::npm(SystemClock.now() - 60 * DAY);
    let hidden = |schema: &str, args: &[&str], outcome: &str| {
        let answer = sandbox.json(schema, args);
        assert_eq!(said(&answer), (outcome, "name-hidden"), "{args:?}");
        assert_eq!(sandbox.run(args).code, 3, "{args:?}");
        answer
    };
    let check = ["namespace", "check", "npm:@alice/up", "--account", "alice"];
    let answer = hidden("namespace-check", &check, "unavailable");
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("private"), "{message}");
    hidden("failure", &claim, "unavailable");
    let live = ["namespace", "verify", &file, "--live"];
    hidden("namespace-decision", &live, "undetermined");
    hidden("id-status", &["id", "status"], "unavailable");
    hidden(
        "failure",
        &["namespace", "statements", "npm:@alice/up"],
        "unavailable",
    );
    // What to publish is shown all the same to whoever has not done it yet.
    let answer = hidden("id-claim", &CLAIM, "unavailable");
    assert_eq!(answer["statement"]["value"]["account"], "npm:alice");
    // An unscoped name is public, or not there.
    let left = sandbox.json(
        "namespace-check",
        &["namespace", "check", "npm:left", "--account", "alice"],
    );
    assert_eq!(said(&left), ("refuted", "unknown-project"));
}

#[test]
fn a_login_that_is_not_listed_is_told_that_npm_shows_no_teams() {
    let (world, _) = alices();
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(Sandbox::new());
    let args = ["namespace", "check", "npm:left", "--account", "bob"];
    let answer = sandbox.json("namespace-check", &args);
    assert_eq!(said(&answer), ("refuted", "not-listed"));
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("shows no teams"), "{message}");
}

#[test]
fn a_strangers_typed_name_is_denied_and_the_remedy_is_the_account_statement() {
    let (world, _) = alices();
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(Sandbox::with_key());
    let args = ["namespace", "claim", "npm:left", "--account", "npm:alice"];
    let answer = sandbox.json("namespace-decision", &args);
    assert_eq!(said(&answer), ("denied", "resisted"));
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("stranger"), "{message}");
    let remedy = answer["remedy"].as_str().unwrap();
    assert!(remedy.contains("@alice/auths"), "{remedy}");
    assert!(
        remedy.contains("auths id claim npm alice --statement"),
        "{remedy}"
    );
}

#[test]
fn a_mirror_without_maintainers_ends_with_3_and_says_so() {
    for (trouble, reason) in [
        (RegistryFault::OwnersMissing, "missing-field"),
        (RegistryFault::OwnersEmpty, "empty"),
    ] {
        let sandbox = Sandbox::with_key();
        let (mut world, alice) = alices();
        name_twice(&mut world, &alice, "left", &sandbox.did());
        let npm = Npm::in_trouble(world, Some(trouble));
        let sandbox = npm.asked_by(sandbox);
        let args = ["namespace", "check", "npm:left", "--account", "alice"];
        let run = sandbox.run(&args);
        assert_eq!(run.code, 3);
        assert!(run.out.contains("maintainer"), "{}", run.out);
        let answer = sandbox.json("namespace-check", &args);
        assert_eq!(said(&answer), ("undetermined", reason));
        let claimed = sandbox.json("namespace-decision", &["namespace", "claim", "npm:left"]);
        assert_eq!(said(&claimed), ("undetermined", reason));
    }
}

#[test]
fn statements_are_shown_and_an_unpublished_version_long_ago_leaves_nothing_open() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, alice) = alices();
    world
        .publish(&alice, "left", "1.0.1", Metadata::new())
        .unwrap();
    world.delete_release(&alice, "left", "1.0.0").unwrap();
    name_twice(&mut world, &alice, "left", &did);
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(sandbox);
    let args = ["namespace", "statements", "npm:left", "--expect", &did];
    let answer = sandbox.json("namespace-statements", &args);
    assert_eq!(said(&answer), ("confirmed", ""));
    assert_eq!(answer["statements"][0]["state"], "mature");
    // A stolen token's release is what a cron job finds.
    let other = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";
    {
        let mut world = npm.world.lock().unwrap();
        let token = world.create_token(&alice, None).unwrap();
        let planted = naming(other, "left");
        world.publish(&token, "left", "2.0.2", planted).unwrap();
    }
    let answer = sandbox.json("namespace-statements", &args);
    assert_eq!(answer["outcome"], "refuted");
    assert!(answer["message"].as_str().unwrap().contains(other));
}

#[test]
fn a_statement_that_names_nobody_for_its_package_is_told_to_its_publisher() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, alice) = alices();
    world.wait(DAY);
    let elsewhere = naming(&did, "right");
    world.publish(&alice, "left", "1.0.1", elsewhere).unwrap();
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(sandbox);
    let args = ["namespace", "statements", "npm:left"];
    let answer = sandbox.json("namespace-statements", &args);
    assert_eq!(answer["statements"], json!([]));
    assert_eq!(answer["unusable"], "1.0.1");
    let run = sandbox.run(&args);
    let told = "release 1.0.1 carries a statement that names nobody for npm:left";
    assert!(run.out.contains(told), "{}", run.out);
    let silent = sandbox.json(
        "namespace-statements",
        &["namespace", "statements", "npm:right"],
    );
    assert_eq!(silent.get("unusable"), None);
}

#[test]
fn a_bundle_is_decided_anew_on_what_npm_shows() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, alice) = alices();
    name_twice(&mut world, &alice, "left", &did);
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(sandbox);
    let file = sandbox.file("left.bundle.json", "");
    let claimed = ["namespace", "claim", "npm:left", "--out", &file];
    assert_eq!(
        said(&sandbox.json("namespace-decision", &claimed)),
        ("accepted", "")
    );
    let live = ["namespace", "verify", &file, "--live"];
    assert_eq!(
        said(&sandbox.json("namespace-decision", &live)),
        ("accepted", "")
    );
    {
        let mut world = npm.world.lock().unwrap();
        world
            .publish(&alice, "left", "2.1.0", Metadata::new())
            .unwrap();
    }
    let answer = sandbox.json("namespace-decision", &live);
    assert_eq!(said(&answer), ("denied", "statement-dropped"));
    let offline = sandbox.origin("npm", nobody());
    assert_eq!(
        offline.run(&live).code,
        2,
        "another server than the bundle's"
    );
}

#[test]
fn a_batch_asks_each_registry_once_for_each_package() {
    let (world, _) = alices();
    let npm = Npm::serve(world);
    let sandbox = npm.asked_by(Sandbox::new());
    let lines = "npm:left\talice\nnpm:left\tbob\nnpm:no such\tx\nnpm:@alice/up\talice\n";
    let file = sandbox.file("owners.tsv", lines);
    let run = sandbox.run(&["namespace", "check", "--batch", &file, "--json"]);
    assert_eq!(run.code, 2);
    let outcomes: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["outcome"].clone())
        .collect();
    let all = ["confirmed", "refuted", "invalid", "confirmed"];
    assert_eq!(outcomes, all.map(Value::from));
    assert_eq!(npm.server.request_count(), 2);
}

#[test]
fn the_help_says_what_a_typed_name_is_worth_and_that_no_token_is_asked_for() {
    let help = Sandbox::new().run(&["id", "claim", "npm", "--help"]);
    assert_eq!(help.code, 0);
    let words = help.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "ownership is verified when a namespace is claimed",
        "self-reported, and falls to `stranger`",
        "No npm token is asked for, read or sent",
        "\"auths\": { \"did\": \"DID\", \"for\": \"npm:@LOGIN/auths\", \"account\": \"npm:LOGIN\" }",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
}
