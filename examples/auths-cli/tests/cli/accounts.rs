//! `auths id claim`, `auths id status`.

use auths_testkit::world::Metadata;

use crate::sandbox::Sandbox;
use crate::world::{DAY, Pypi, linked, naming, nobody, sixty_days_ago, speaking};

const CLAIM: [&str; 6] = [
    "id",
    "claim",
    "pypi",
    "gutworth",
    "--statement",
    "gutworth-auths",
];

#[test]
fn a_claim_alone_is_signed_and_worth_nothing() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let answer = sandbox.json("id-claim", &["id", "claim", "pypi", "gutworth"]);
    assert_eq!(answer["outcome"], "done");
    assert_eq!(answer["falls_to"], serde_json::json!(["stranger"]));
    assert_eq!(answer["claim"]["did"], did);
    let url = answer["statement"]["url"].as_str().unwrap();
    assert!(url.contains(&format!("auths-did={did}")), "{url}");
    assert!(url.ends_with("&account=pypi:gutworth"), "{url}");
    let run = sandbox.run(&["id", "claim", "pypi", "gutworth"]);
    assert!(
        run.out.contains("[project.urls]") && run.out.contains(&did),
        "{}",
        run.out
    );
    assert_eq!(
        sandbox.kept("claims").len(),
        1,
        "a newer claim replaces the older"
    );
}

/// The claim is checked by another implementation of `eddsa-jcs-2022`, and so is one with a letter changed.
#[test]
fn a_claim_verifies_elsewhere() {
    let python = crate::sandbox::python();
    let script = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/python/verify_claim.py"
    );
    let sandbox = Sandbox::with_key();
    let answer = sandbox.json("id-claim", &["id", "claim", "pypi", "gutworth"]);
    let signed = answer["claim"].to_string();
    for (document, holds) in [
        (signed.clone(), true),
        (signed.replace("gutworth", "gutwortj"), false),
    ] {
        let file = sandbox.file("claim.json", document);
        let run = std::process::Command::new(&python)
            .args([script, &file])
            .output()
            .unwrap();
        assert_eq!(run.status.success(), holds, "{run:?}");
    }
}

#[test]
fn a_mature_statement_makes_the_link_worth_more() {
    let sandbox = Sandbox::with_key();
    let pypi = linked(&sandbox.did());
    let sandbox = sandbox.asking(pypi.origin());
    let answer = sandbox.json("id-claim", &CLAIM);
    assert_eq!(answer["outcome"], "done");
    assert_eq!(
        answer["falls_to"],
        serde_json::json!([
            "former-collaborator",
            "held-token",
            "repository-writer",
            "device-key"
        ])
    );
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(status["outcome"], "done");
    assert_eq!(status["accounts"][0]["account"]["login"], "gutworth");
    assert_eq!(status["findings"], serde_json::json!([]));
    // Without --statement, the renewed claim keeps it.
    let renewed = sandbox.json("id-claim", &["id", "claim", "pypi", "gutworth"]);
    assert_eq!(
        renewed["falls_to"],
        serde_json::json!([
            "former-collaborator",
            "held-token",
            "repository-writer",
            "device-key"
        ])
    );
}

#[test]
fn a_statement_that_does_not_hold_is_said_and_the_claim_is_kept() {
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    let (mut world, gutworth) = sixty_days_ago();
    world
        .publish(&gutworth, "silent", "1.0", Metadata::new())
        .unwrap();
    world.wait(59 * DAY);
    world
        .publish(&gutworth, "plain", "1.0", naming(&did, "plain"))
        .unwrap();
    world
        .publish(&gutworth, "young", "1.0", speaking(&did, "young"))
        .unwrap();
    let mallory = world.sign_up("mallory").unwrap();
    world
        .publish(&mallory, "theirs", "1.0", speaking(&did, "theirs"))
        .unwrap();
    let pypi = Pypi::serve(world);
    let sandbox = sandbox.asking(pypi.origin());
    for (package, outcome, reason) in [
        ("silent", "refuted", "statement-absent"),
        ("plain", "refuted", "statement-absent"),
        ("young", "pending", "young"),
        ("theirs", "refuted", "not-sole-owner"),
        ("nowhere", "refuted", "unknown-project"),
    ] {
        let answer = sandbox.json(
            "id-claim",
            &["id", "claim", "pypi", "gutworth", "--statement", package],
        );
        assert_eq!(
            (&answer["outcome"], &answer["reason"]),
            (&outcome.into(), &reason.into()),
            "{package}"
        );
        assert_eq!(sandbox.kept("claims").len(), 1);
    }
    let offline = sandbox.asking(nobody());
    let answer = offline.json("id-claim", &CLAIM);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"unavailable".into(), &"network".into())
    );
    assert_eq!(answer["claim"]["type"], "PlatformClaim");
}

#[test]
fn a_statement_that_lacks_only_a_release_is_told_without_a_time() {
    let sandbox = Sandbox::with_key();
    let (mut world, gutworth) = sixty_days_ago();
    world.wait(40 * DAY);
    let names = speaking(&sandbox.did(), "gutworth-auths");
    world
        .publish(&gutworth, "gutworth-auths", "1.0", names)
        .unwrap();
    let pypi = Pypi::serve(world);
    let answer = sandbox.asking(pypi.origin()).json("id-claim", &CLAIM);
    assert_eq!(
        (&answer["outcome"], &answer["ripe_at"]),
        (&"pending".into(), &serde_json::Value::Null)
    );
    let message = answer["message"].as_str().unwrap();
    assert!(
        message.contains("one more release") && !message.contains(" at "),
        "{message}"
    );
}

#[test]
fn status_finds_dropped_statements_and_says_when_it_could_not_look() {
    let sandbox = Sandbox::with_key();
    assert_eq!(
        sandbox.json("id-status", &["id", "status"])["claims"],
        serde_json::json!([])
    );
    let did = sandbox.did();
    let pypi = linked(&did);
    let sandbox = sandbox.asking(pypi.origin());
    assert_eq!(sandbox.json("id-claim", &CLAIM)["outcome"], "done");
    {
        let mut world = pypi.world.lock().unwrap();
        world.hand_over("six", "gutworth").unwrap();
        let session = world.sign_up("gutworth2").unwrap();
        world.hand_over("gutworth-auths", "gutworth2").unwrap();
        world
            .publish(&session, "gutworth-auths", "1.2", Metadata::new())
            .unwrap();
    }
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(status["outcome"], "refuted");
    assert_eq!(status["findings"][0]["finding"], "not-sole-owner");
    assert!(
        sandbox
            .run(&["id", "status"])
            .out
            .contains("not-sole-owner")
    );

    drop(pypi);
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(status["outcome"], "unavailable");
    assert_eq!(status["findings"][0]["finding"], "unavailable");
}

#[test]
fn a_damaged_claim_in_the_home_is_never_skipped() {
    let sandbox = Sandbox::with_key();
    assert_eq!(sandbox.run(&["id", "claim", "pypi", "gutworth"]).code, 0);
    std::fs::write(sandbox.kept("claims").pop().unwrap(), "{}").unwrap();
    let answer = sandbox.json("failure", &["id", "status"]);
    assert_eq!(answer["reason"], "bad-claim");
}

#[test]
fn the_help_says_what_a_typed_name_is_worth() {
    let help = Sandbox::new().run(&["id", "claim", "pypi", "--help"]);
    assert_eq!(help.code, 0);
    let words = help.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [
        "ownership is verified when a namespace is claimed",
        "self-reported, and falls to `stranger`",
        "[project.urls]",
        "#auths-did=DID&for=pypi:PACKAGE",
    ] {
        assert!(words.contains(said), "{said}: {words}");
    }
}

#[test]
fn status_finds_revoked_claims() {
    let sandbox = Sandbox::with_key();
    let claimed = sandbox.json("id-claim", &["id", "claim", "pypi", "gutworth"]);
    let file = sandbox.file("claim.json", claimed["claim"].to_string());
    assert_eq!(sandbox.run(&["revoke", &file]).code, 0);
    let run = sandbox.run(&["id", "status", "--json"]);
    assert_eq!(run.code, 1);
    let status = run.json("id-status");
    let finding = &status["findings"][0];
    assert_eq!(finding["finding"], "revoked");
    for said in [&status, finding] {
        assert_eq!(said["reason"], "revoked");
        assert_eq!(
            said["code"],
            auths_core::Reason::code(auths_core::RefutedReason::Revoked)
        );
    }
}

#[test]
fn status_gives_code_and_reason_of_the_same_row() {
    let sandbox = Sandbox::with_key().asking(nobody());
    assert_eq!(sandbox.run(&CLAIM).code, 3);
    let status = sandbox.json("id-status", &["id", "status"]);
    assert_eq!(status["findings"][0]["finding"], "unavailable");
    for said in [&status, &status["findings"][0]] {
        assert_eq!(said["reason"], "network");
        assert_eq!(
            said["code"],
            auths_core::Reason::code(auths_core::UnavailableReason::Network)
        );
    }
}
