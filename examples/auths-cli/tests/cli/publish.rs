//! `auths publish`, `auths grant`, `auths pin`: a hub that hands out grants, over a registry and an issuer on loopback addresses.

use auths_core::claim::{RevocationTarget, Signed, TrustedPublisher};
use auths_core::use_cases::revoke;
use auths_http::SystemClock;
use auths_testkit::issuer::{SigningKey, TokenDraft};
use auths_testkit::scenes::{did, key};
use auths_testkit::server::{Reply, Server};
use serde_json::{Value, json};

use crate::ci::Issuer;
use crate::hub::{AUDIENCE, GRANTING, Hub, named, now, owners_bundle};
use crate::sandbox::Sandbox;
use crate::world::{DAY, Pypi, linking, nobody};

#[track_caller]
fn refused(answer: &Value, outcome: &str, reason: &str) {
    let found = (answer["outcome"].as_str(), answer["reason"].as_str());
    assert_eq!(found, (Some(outcome), Some(reason)), "{answer:#}");
}

#[test]
fn a_run_gets_one_grant_for_one_token_and_a_check_uses_nothing_up() {
    let hub = Hub::start();
    let token = hub.token("one");
    let checked = hub.check(&token, &["pypi:six"]);
    assert_eq!(checked["outcome"], "accepted", "{checked:#}");
    assert_eq!(checked["speaker"]["run"]["repository"]["id"], "700700");
    assert_eq!(checked["pin_step"], "record", "{checked:#}");
    assert_eq!(checked["decision"]["outcome"], "accepted", "{checked:#}");
    assert!(checked.get("packages").is_none());
    assert!(hub.sandbox().kept("publish").is_empty(), "no pin was set");

    let granted = hub.grant(&token, &["pypi:six"]);
    assert_eq!(granted["outcome"], "accepted", "{granted:#}");
    assert_eq!(granted["pin"]["repositoryId"], "700700");
    let grant = granted["grant"].as_str().unwrap();
    let signer = hub.sandbox().did();
    let publish = ["--namespace", "pypi:six", "--action", "publish"];
    let held = hub.check_grant(grant, &signer, &publish);
    assert_eq!(held["grant"]["purls"].as_array().unwrap().len(), 1);
    let seven = ["--namespace", "pypi:seven", "--action", "publish"];
    refused(
        &hub.check_grant(grant, &signer, &seven),
        "refuted",
        "grant-too-narrow",
    );
    let stranger = hub.check_grant(grant, did(&key(9)).as_str(), &publish);
    refused(&stranger, "refuted", "grant-key");

    refused(&hub.grant(&token, &["pypi:six"]), "refuted", "token-used");
    refused(&hub.check(&token, &["pypi:six"]), "refuted", "token-used");

    let pins = hub.sandbox().json("pin", &["pin", "list"]);
    assert_eq!(pins["pins"], json!([granted["pin"]]), "{pins:#}");
    let six = hub.sandbox().json("pin", &["pin", "show", "pypi:six"]);
    assert_eq!(six, pins);
    let seven = hub.sandbox().run(&["pin", "show", "pypi:seven"]);
    assert!(seven.code == 0 && seven.out.contains("there is no pin"));
}

#[test]
fn a_grant_for_people_is_the_token_alone_and_a_check_says_what_a_grant_would_do() {
    let hub = Hub::start();
    let check = hub.run(&hub.token("one"), &["publish", "check", "pypi:six"]);
    assert_eq!(check.code, 0, "{}", check.err);
    for said in [
        "accepted: a run of acme/widget",
        "a grant sets it",
        "Nothing was used up",
    ] {
        assert!(check.out.contains(said), "{said}: {}", check.out);
    }
    let args = [&["publish", "grant", "pypi:six"], &GRANTING[..]].concat();
    let grant = hub.run(&hub.token("two"), &args);
    assert_eq!(grant.code, 0, "{}", grant.err);
    let token = grant.out.trim_end();
    assert!(!token.contains(char::is_whitespace) && token.matches('.').count() == 2);
    assert!(
        grant.err.contains("is pinned to acme/widget"),
        "{}",
        grant.err
    );
    assert!(!grant.err.contains(token));
    let list = hub.sandbox().run(&["pin", "list"]);
    assert!(
        list.out.contains("acme/widget (number 700700)"),
        "{}",
        list.out
    );
}

#[test]
fn a_namesake_a_revoked_rule_and_a_denied_name_get_no_grant_and_use_no_token_up() {
    let hub = Hub::start();
    let answer = hub.grant(&hub.namesake("one"), &["pypi:six"]);
    refused(&answer, "denied", "no-rule-matches");
    assert_eq!(
        answer["speaker"]["run"]["repository"]["name"],
        "acme/widget"
    );

    let rule = Signed::<TrustedPublisher>::parse(&std::fs::read(&hub.rule).unwrap()).unwrap();
    let target = RevocationTarget::Claim(rule.id().clone());
    let revocation = now(revoke(&hub.owner, target, SystemClock.now())).unwrap();
    let revoked = hub.sandbox().file("revoked.json", revocation.to_json());
    let token = hub.token("two");
    let denied = hub.sandbox().file(
        "denied.txt",
        "# ours: the name is on the configured server, as in an argument\npypi:six\n",
    );
    let owners = ["--publisher", &hub.rule];
    let more = [&owners[..], &["--deny", &denied]].concat();
    refused(&hub.grant_with(&token, &more), "refuted", "name-denied");
    let more = [&owners[..], &["--life", "6m"]].concat();
    refused(&hub.grant_with(&token, &more), "invalid", "usage");
    assert_eq!(hub.grant(&token, &["pypi:six"])["outcome"], "accepted");
    let more = [&owners[..], &["--revocations", &revoked]].concat();
    refused(
        &hub.grant_with(&hub.token("three"), &more),
        "denied",
        "revoked",
    );
}

#[test]
fn a_pin_refuses_another_repository_until_the_owner_signs_a_later_rule() {
    let hub = Hub::start();
    let both = |token: &TokenDraft, rule: &str| {
        hub.grant_with(token, &["--publisher", &hub.rule, "--publisher", rule])
    };
    // Signed before the pin was set.
    let early = hub.sign(hub.rule_of("700701"), SystemClock.now() - DAY);
    let early = hub.sandbox().file("early.json", early.to_json());
    let first = both(&hub.token("one"), &early);
    assert_eq!(first["pin_step"], "record", "{first:#}");
    let held = both(&hub.namesake("two"), &early);
    refused(&held, "denied", "pinned-to-another");
    assert_eq!(held["pin"], first["pin"], "the pin that stands against it");

    let later = SystemClock.now() + std::time::Duration::from_secs(5);
    let later = hub.sign(hub.rule_of("700701"), later);
    let later = hub.sandbox().file("later.json", later.to_json());
    let moved = both(&hub.namesake("two"), &later);
    assert_eq!(moved["pin_step"], "change", "{moved:#}");
    assert_eq!(moved["pin"]["repositoryId"], "700701");
    let back = hub.check(&hub.token("three"), &["pypi:six"]);
    refused(&back, "denied", "pinned-to-another");
}

#[test]
fn several_packages_are_granted_together_or_not_at_all() {
    let hub = Hub::start();
    let token = hub.token("one");
    let mixed = hub.grant(&token, &["pypi:six", "pypi:eight"]);
    assert_eq!(mixed["outcome"], "denied", "{mixed:#}");
    let pins = hub.sandbox().json("pin", &["pin", "list"]);
    assert_eq!(pins["pins"], json!([]));
    let both = hub.grant(&token, &["pypi:six", "pypi:seven"]);
    let packages = both["packages"].as_array().unwrap();
    let names = packages.iter().map(|package| &package["pin"]["namespace"]);
    let names: Vec<_> = names.map(|name| name.as_str().unwrap()).collect();
    assert!(
        names[0].contains("seven") && names[1].contains("six"),
        "{names:?}"
    );
    assert!(both.get("decision").is_none());
}

#[test]
fn what_cannot_be_read_is_unavailable_and_what_cannot_be_used_is_invalid() {
    let hub = Hub::start();
    let down = nobody();
    let token = TokenDraft::github(&down, AUDIENCE, SystemClock.now()).sign(&SigningKey::shared(0));
    let away = Sandbox::new()
        .origin("github-actions", &down)
        .origin("gitlab", nobody())
        .origin("pypi", hub.pypi.origin());
    let check = [
        "publish",
        "check",
        "pypi:six",
        "--audience",
        AUDIENCE,
        "--json",
    ];
    let run = away.run_with(
        &[&check[..], &["--timeout", "5"]].concat(),
        token.as_bytes(),
    );
    let answer = run.json("publish-check");
    assert_eq!(
        (run.code, &answer["outcome"]),
        (3, &json!("unavailable")),
        "{answer:#}"
    );
    assert!(
        !away.home().join("publish").exists(),
        "a check makes no pins"
    );

    let misplaced = hub
        .sandbox()
        .file("misplaced.json", format!("{{\"proof\": \"{token}\"}}"));
    let bare = hub
        .sandbox()
        .file("bare.json", hub.issuer.rule().to_string());
    for (given, more) in [
        ("", &[][..]),
        ("a.b", &[]),
        (&token, &["--publisher", &misplaced]),
        (&token, &["--publisher", &bare]),
        ("", &["--claim", &bare]),
        (&token, &["--token-stdin"]),
    ] {
        let run = hub.issuer.run(given, &[&check[..], more].concat());
        assert_eq!(run.code, 2, "{more:?}: {}", run.out);
        assert_eq!(run.json("publish-check")["outcome"], "invalid");
    }
    let signer = did(&key(1));
    let given = hub.check_grant(&token, signer.as_str(), &[]);
    refused(&given, "invalid", "malformed-grant");
}

#[test]
fn a_key_gets_one_grant_for_one_answer_to_a_challenge() {
    let holder = Sandbox::with_key();
    let pypi = Pypi::serve(named(&holder.did(), &["six"]));
    let hub = Hub::over(pypi, key(1));
    let holder = holder.asking(hub.pypi.origin());
    let challenge = "Z2l2ZW4gYnkgdGhlIGZyb250IGVuZA";
    let out = holder.path("six.bundle.json").display().to_string();
    let claim = [
        "namespace",
        "claim",
        "pypi:six",
        "--audience",
        AUDIENCE,
        "--out",
        &out,
    ];
    let claimed = holder.run(&[&claim[..], &["--challenge", challenge]].concat());
    assert_eq!(claimed.code, 0, "{}", claimed.err);

    let ask = |command: &str, package: &str, challenge: &str| {
        let mut args = vec!["publish", command, package, "--audience", AUDIENCE];
        args.extend(["--claim", &out, "--challenge", challenge]);
        let schema = format!("publish-{command}");
        if command == "grant" {
            args.extend(GRANTING);
        }
        hub.sandbox().json(&schema, &args)
    };
    let checked = ask("check", "pypi:six", challenge);
    assert_eq!(
        checked["speaker"]["did"], checked["decision"]["did"],
        "{checked:#}"
    );
    assert!(checked.get("pin").is_none(), "a key sets no pin");
    let other = ask("check", "pypi:seven", challenge);
    refused(&other, "refuted", "wrong-subject");
    let wrong = ask("grant", "pypi:six", "bm90IHRoZSBvbmUgdGhhdCB3YXMgZ2l2ZW4");
    refused(&wrong, "denied", "wrong-challenge");
    assert_eq!(ask("grant", "pypi:six", challenge)["outcome"], "accepted");
    refused(
        &ask("grant", "pypi:six", challenge),
        "denied",
        "challenge-used",
    );
}

#[test]
fn a_bundle_brings_the_owners_accounts_and_never_says_who_asks() {
    let owner = key(1);
    let pypi = Pypi::serve(linking(did(&owner).as_str()));
    let hub = Hub::over(pypi, owner);
    let alone = hub.check(&hub.token("one"), &["pypi:six"]);
    assert_eq!(alone["outcome"], "denied", "{alone:#}");
    let bundle = hub.sandbox().file("owner.json", owners_bundle(&hub));
    let args = [
        "publish", "check", "pypi:six", "--json", "--bundle", &bundle,
    ];
    let answer = hub.run(&hub.token("one"), &args).json("publish-check");
    assert_eq!(answer["outcome"], "accepted", "{answer:#}");
    assert!(answer["speaker"]["run"].is_object(), "{answer:#}");
    // Without a token nobody asks.
    let run = hub
        .issuer
        .run("", &[&args[..], &["--audience", AUDIENCE]].concat());
    assert_eq!(run.code, 2, "{}", run.out);
}

#[test]
fn a_home_whose_pins_were_removed_hands_out_nothing() {
    let hub = Hub::start();
    assert_eq!(
        hub.grant(&hub.token("one"), &["pypi:six"])["outcome"],
        "accepted"
    );
    std::fs::remove_dir_all(hub.sandbox().home().join("publish")).unwrap();
    for _ in 0..2 {
        let lost = hub.grant(&hub.token("two"), &["pypi:six"]);
        refused(&lost, "unavailable", "store-failed");
        assert!(
            lost["remedy"].as_str().unwrap().contains("restore"),
            "{lost:#}"
        );
    }
    refused(
        &hub.check(&hub.token("two"), &["pypi:six"]),
        "unavailable",
        "store-failed",
    );
    assert_eq!(hub.sandbox().run(&["pin", "list"]).code, 3);
}

#[test]
fn two_first_grants_at_once_make_one_store() {
    let hub = Hub::start();
    let answers = std::thread::scope(|scope| {
        let asked = [("one", "pypi:six"), ("two", "pypi:seven")];
        let hub = &hub;
        let tries = asked
            .map(|(token, package)| scope.spawn(move || hub.grant(&hub.token(token), &[package])));
        tries.map(|one| one.join().unwrap())
    });
    for answer in &answers {
        assert_eq!(answer["outcome"], "accepted", "{answer:#}");
    }
    let pins = hub.sandbox().json("pin", &["pin", "list"]);
    assert_eq!(pins["pins"].as_array().unwrap().len(), 2, "{pins:#}");
}

#[test]
fn the_environment_of_a_rule_is_read_where_a_github_token_is_there() {
    let hub = Hub::start();
    let github = Server::start(|_| Reply::json(404, json!({ "message": "Not Found" })));
    let origin = github.origin();
    let Hub {
        issuer,
        pypi,
        owner,
        rule,
    } = hub;
    let Issuer { issuer, sandbox } = issuer;
    let sandbox = sandbox
        .origin("github-api", origin)
        .env("AUTHS_GITHUB_TOKEN", &format!("ghp_{}", "aB3".repeat(12)));
    let issuer = Issuer { issuer, sandbox };
    let hub = Hub {
        issuer,
        pypi,
        owner,
        rule,
    };
    let checked = hub.check(&hub.token("one"), &["pypi:six"]);
    assert_eq!(
        checked["outcome"], "accepted",
        "what is not read guards nothing"
    );
    let asked = github.requests();
    assert!(
        asked.iter().any(|request| request.path.contains("700700")),
        "{asked:?}"
    );
}
