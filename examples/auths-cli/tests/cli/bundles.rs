//! `auths namespace claim`, `auths namespace verify`.

use auths_testkit::world::Metadata;
use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::world::{DAY, Pypi, linked, naming, nobody, sixty_days_ago};

const CLAIM: [&str; 3] = ["namespace", "claim", "pypi:six"];

fn decide(sandbox: &Sandbox, args: &[&str]) -> Value {
    sandbox.json("namespace-decision", args)
}

/// A home whose account is linked, and its registry.
fn holder() -> (Sandbox, Pypi) {
    let sandbox = Sandbox::with_key();
    let pypi = linked(&sandbox.did());
    let sandbox = sandbox.asking(pypi.origin());
    let link = [
        "id",
        "claim",
        "pypi",
        "gutworth",
        "--statement",
        "gutworth-auths",
    ];
    assert_eq!(sandbox.run(&link).code, 0);
    (sandbox, pypi)
}

#[test]
fn a_typed_name_is_denied_and_accepted_only_by_the_literal_model() {
    let sandbox = Sandbox::with_key();
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = sandbox.asking(pypi.origin());
    let typed = [&CLAIM[..], &["--account", "pypi:gutworth"]].concat();
    let denied = decide(&sandbox, &typed);
    assert_eq!(denied["outcome"], "denied");
    assert_eq!(denied["decision"]["weakest"], "stranger");
    let remedy = denied["remedy"].as_str().unwrap();
    assert!(remedy.contains("auths id claim pypi gutworth"), "{remedy}");
    let home = serde_json::json!({"source": "home", "revocations": "0", "claims": "0"});
    assert_eq!(
        denied["decision"]["revocations"],
        serde_json::json!({"sources": [home], "unknown": []}),
        "the home is always a source"
    );
    assert!(sandbox.kept("bundles").is_empty());

    let accepted = decide(
        &sandbox,
        &[&typed[..], &["--policy", "trust-self-reported"]].concat(),
    );
    assert_eq!(accepted["outcome"], "accepted");
    assert_eq!(
        accepted["decision"]["falls_to"],
        serde_json::json!(["stranger"])
    );
    let none = decide(&sandbox, &CLAIM);
    assert_eq!(none["reason"], "no-chain");
    let text = sandbox.run(&typed);
    assert_eq!(text.code, 1);
    assert!(
        text.out.contains("stranger") && text.out.contains("what to do"),
        "{}",
        text.out
    );
}

#[test]
fn a_linked_account_is_accepted_and_its_bundle_is_decided_anew() {
    let (sandbox, pypi) = holder();
    let out = sandbox.path("six.json").display().to_string();
    let accepted = decide(&sandbox, &[&CLAIM[..], &["--out", &out]].concat());
    assert_eq!(accepted["outcome"], "accepted");
    assert_eq!(accepted["bundle"], out);
    assert_eq!(
        accepted["decision"]["falls_to"],
        serde_json::json!([
            "former-collaborator",
            "held-token",
            "repository-writer",
            "device-key"
        ])
    );
    assert!(
        decide(&sandbox, &CLAIM)["bundle"]
            .as_str()
            .unwrap()
            .contains("bundles")
    );
    assert_eq!(sandbox.kept("bundles").len(), 1);
    assert_eq!(
        decide(&sandbox, &[&CLAIM[..], &["--policy", "strict"]].concat())["outcome"],
        "denied"
    );

    let verify = ["namespace", "verify", &out];
    let before = pypi.server.request_count();
    assert_eq!(decide(&sandbox, &verify)["outcome"], "accepted");
    assert_eq!(pypi.server.request_count(), before, "offline asks nobody");
    assert_eq!(
        decide(&sandbox, &[&verify[..], &["--live"]].concat())["outcome"],
        "accepted"
    );
    let late = decide(&sandbox, &[&verify[..], &["--at", "+31d"]].concat());
    assert_eq!(
        (&late["outcome"], &late["reason"]),
        (&"denied".into(), &"expired".into())
    );
    let old = decide(&sandbox, &[&verify[..], &["--at", "+2d"]].concat());
    assert_eq!(
        (&old["outcome"], &old["reason"]),
        (&"undetermined".into(), &"stale-evidence".into())
    );
    let elsewhere = decide(
        &sandbox,
        &[&verify[..], &["--audience", "https://hub.example"]].concat(),
    );
    assert_eq!(
        (&elsewhere["outcome"], &elsewhere["reason"]),
        (&"denied".into(), &"wrong-audience".into())
    );

    // In another home its observer is nobody.
    let stranger = Sandbox::new().asking(pypi.origin());
    let unknown = decide(&stranger, &verify);
    assert_eq!(
        (&unknown["outcome"], &unknown["reason"]),
        (&"undetermined".into(), &"untrusted-observer".into())
    );
    assert!(
        unknown["remedy"].as_str().unwrap().contains("--live"),
        "{unknown:#}"
    );
    let trusting = decide(
        &stranger,
        &[&verify[..], &["--trust-observer", &sandbox.did()]].concat(),
    );
    assert_eq!(trusting["outcome"], "accepted");
    assert_eq!(
        decide(&stranger, &[&verify[..], &["--live"]].concat())["outcome"],
        "accepted"
    );
    pypi.world.lock().unwrap().sign_up("mallory").unwrap();
    pypi.world
        .lock()
        .unwrap()
        .hand_over("six", "mallory")
        .unwrap();
    let gone = decide(&stranger, &[&verify[..], &["--live"]].concat());
    assert_eq!(
        gone["outcome"], "denied",
        "live decides on what is there now: {gone:#}"
    );
    let offline = Sandbox::new().asking(nobody());
    let elsewhere = offline.json("failure", &[&verify[..], &["--live"]].concat());
    assert_eq!(
        elsewhere["outcome"], "invalid",
        "another server than the bundle is about"
    );
}

#[test]
fn an_edited_bundle_is_not_accepted() {
    let (sandbox, _pypi) = holder();
    let out = sandbox.path("six.json").display().to_string();
    assert_eq!(
        decide(&sandbox, &[&CLAIM[..], &["--out", &out]].concat())["outcome"],
        "accepted"
    );
    let text = std::fs::read_to_string(&out).unwrap();
    for (from, to) in [
        ("\"role\": \"owner\"", "\"role\": \"own-account\""),
        ("gutworth", "mallory"),
        ("\"AuthsBundle\"", "\"Bundle\""),
        ("pkg:pypi/six", "pkg:pypi/sax"),
    ] {
        let edited = text.replace(from, to);
        assert_ne!(edited, text, "{from}");
        let file = sandbox.file("edited.json", edited);
        let run = sandbox.run(&["namespace", "verify", &file, "--json"]);
        assert_ne!(run.code, 0, "{from} -> {to}: {}", run.out);
        run.json("namespace-decision");
    }
    for (name, text) in [
        ("not-json", "{".to_owned()),
        ("claim", text[..100].to_owned()),
    ] {
        let file = sandbox.file(name, text);
        let answer = sandbox.json("failure", &["namespace", "verify", &file]);
        assert_eq!(answer["reason"], "bad-bundle");
    }
}

#[test]
fn a_young_statement_is_pending_and_its_bundle_may_be_kept() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, gutworth) = sixty_days_ago();
    world.wait(58 * DAY);
    world
        .publish(&gutworth, "mine", "1.0", naming(&did, "mine"))
        .unwrap();
    let pypi = Pypi::serve(world);
    let sandbox = sandbox.asking(pypi.origin());
    let out = sandbox.path("mine.json").display().to_string();
    let answer = decide(
        &sandbox,
        &["namespace", "claim", "pypi:mine", "--out", &out],
    );
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"pending".into(), &"young".into())
    );
    assert!(answer["decision"]["ripe_at"].is_string());
    assert!(std::path::Path::new(&out).exists());
    assert!(sandbox.kept("bundles").is_empty());
}

#[test]
fn revocations_deny_and_unread_ones_leave_it_open() {
    let (sandbox, _pypi) = holder();
    let unread = decide(
        &sandbox,
        &[&CLAIM[..], &["--revocations", "/nowhere"]].concat(),
    );
    assert_eq!(
        (&unread["outcome"], &unread["reason"]),
        (&"undetermined".into(), &"revocations-unread".into())
    );
    let empty = sandbox.path("none");
    std::fs::create_dir(&empty).unwrap();
    let empty = empty.display().to_string();
    let checked = decide(&sandbox, &[&CLAIM[..], &["--revocations", &empty]].concat());
    assert_eq!(checked["outcome"], "accepted");
    assert_eq!(
        checked["decision"]["revocations"],
        serde_json::json!({
            "sources": [
                {"source": empty, "revocations": "0", "claims": "0"},
                {"source": "home", "revocations": "0", "claims": "1"},
            ],
            "unknown": [],
        })
    );
    assert_eq!(sandbox.run(&["revoke", &sandbox.did()]).code, 0);
    let revoked = decide(&sandbox, &CLAIM);
    assert_eq!(
        (&revoked["outcome"], &revoked["reason"]),
        (&"denied".into(), &"revoked".into())
    );
}

#[test]
fn a_delegate_may_what_the_owner_may() {
    let (owner, pypi) = holder();
    let delegate = Sandbox::with_key().asking(pypi.origin());
    let did = delegate.did();
    let given = owner.json(
        "signed",
        &["delegate", "pypi:six", "--to", &did, "--expires", "+7d"],
    );
    let delegation = delegate.file("d.json", given["claim"].to_string());
    let linked = owner.kept("claims").pop().unwrap().display().to_string();
    let claim = [&CLAIM[..], &["--delegation", &delegation]].concat();
    assert_eq!(
        decide(&delegate, &claim)["outcome"],
        "denied",
        "without the owner's account nothing holds"
    );
    let answer = decide(&delegate, &[&claim[..], &["--linked", &linked]].concat());
    assert_eq!(answer["outcome"], "accepted", "{answer:#}");
    assert!(
        answer["decision"]["falls_to"]
            .to_string()
            .contains("delegate-key")
    );
    let more = decide(
        &delegate,
        &[
            &claim[..],
            &["--linked", &linked, "--actions", "publish,yank"],
        ]
        .concat(),
    );
    assert_eq!(
        (&more["outcome"], &more["reason"]),
        (&"denied".into(), &"delegation-too-narrow".into())
    );
}

#[test]
fn what_cannot_be_claimed_or_read_has_its_own_status() {
    let sandbox = Sandbox::with_key();
    let (mut world, gutworth) = sixty_days_ago();
    world
        .publish(&gutworth, "other", "1", Metadata::new())
        .unwrap();
    let pypi = Pypi::serve(world);
    let sandbox = sandbox.asking(pypi.origin());
    let unknown = sandbox.json("failure", &["namespace", "claim", "pypi:nothing"]);
    assert_eq!(
        (&unknown["outcome"], &unknown["reason"]),
        (&"refuted".into(), &"unknown-project".into())
    );
    for args in [
        &["namespace", "claim", "gem:left-pad"][..],
        &["namespace", "claim", "pypi:six", "--account", "gem:bob"],
        &["namespace", "claim", "pypi:six", "--account", "bob"],
        &["namespace", "claim", "pypi:six", "--policy", "lenient"],
        &[
            "namespace",
            "claim",
            "pypi:six",
            "--policy",
            "/nowhere.toml",
        ],
        &["namespace", "claim", "pypi:six", "--challenge", "short"],
        &["namespace", "claim", "pypi:six", "--actions", "own"],
        &["namespace", "claim", "pypi:six", "--key", "none"],
        &["namespace", "verify", "x.json", "--live", "--at", "10"],
        &["namespace", "verify", "/nowhere.json"],
    ] {
        assert_eq!(
            sandbox.json("failure", args)["outcome"],
            "invalid",
            "{args:?}"
        );
    }
    let policy = sandbox.file("p.toml", "resist = []");
    let answer = sandbox.json(
        "failure",
        &["namespace", "claim", "pypi:six", "--policy", &policy],
    );
    assert_eq!(answer["reason"], "bad-policy");
    let offline = sandbox.asking(nobody());
    assert_eq!(offline.json("failure", &CLAIM)["outcome"], "unavailable");
}

#[test]
fn a_damaged_key_beside_does_not_keep_a_bundle_from_being_checked() {
    let (sandbox, _pypi) = holder();
    let out = sandbox.path("six.json").display().to_string();
    assert_eq!(sandbox.run(&["id", "new", "--name", "b"]).code, 0);
    let damaged = sandbox.home().join("keys/b.authskey");
    std::fs::write(damaged, "no key").unwrap();
    let claimed = decide(&sandbox, &[&CLAIM[..], &["--out", &out]].concat());
    assert_eq!(claimed["outcome"], "accepted");
    let run = sandbox.run(&["namespace", "verify", &out, "--json"]);
    assert_eq!(run.json("namespace-decision")["outcome"], "accepted");
    assert!(run.err.contains("a key is left out"), "{}", run.err);
}

#[test]
fn a_time_beyond_all_times_decides_nothing() {
    let (sandbox, _pypi) = holder();
    let out = sandbox.path("six.json").display().to_string();
    decide(&sandbox, &[&CLAIM[..], &["--out", &out]].concat());
    for at in ["--at=+999999999999d", "--at=-999999999999d"] {
        let answer = sandbox.json("failure", &["namespace", "verify", &out, at]);
        assert_eq!(
            (&answer["outcome"], &answer["reason"]),
            (&"invalid".into(), &"bad-time".into())
        );
    }
}

#[test]
fn a_list_in_place_of_a_kept_claim_is_no_claim() {
    let (sandbox, _pypi) = holder();
    let kept = std::fs::read(sandbox.kept("claims").pop().unwrap()).unwrap();
    let kept: Value = serde_json::from_slice(&kept).unwrap();
    let link = |text: String| {
        let file = sandbox.file("linked.json", text);
        sandbox
            .run(&[&CLAIM[..], &["--linked", &file]].concat())
            .code
    };
    assert_eq!(link(kept.to_string()), 0);
    assert_eq!(
        link(format!("[{},{}]", kept["claim"], kept["statement"])),
        2
    );
}
