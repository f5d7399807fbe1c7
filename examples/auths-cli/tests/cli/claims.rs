//! `auths id verify`, `auths delegate`, `auths revoke`.

use auths_testkit::server::{Reply, Server};
use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::world::linked;

/// A signed claim, in a file.
fn claim(sandbox: &Sandbox) -> (Value, String) {
    let answer = sandbox.json("id-claim", &["id", "claim", "pypi", "gutworth"]);
    let file = sandbox.file("claim.json", answer["claim"].to_string());
    (answer["claim"].clone(), file)
}

#[test]
fn a_claim_proves_who_said_it_and_no_more() {
    let sandbox = Sandbox::with_key();
    let (document, file) = claim(&sandbox);
    let answer = sandbox.json("id-verify", &["id", "verify", &file]);
    assert_eq!(
        (&answer["outcome"], &answer["proves"]),
        (&"confirmed".into(), &"signature-only".into())
    );
    assert_eq!(answer["falls_to"], serde_json::json!(["stranger"]));
    assert_eq!(answer["claim_type"], "PlatformClaim");
    let read = sandbox.run_with(
        &["id", "verify", "-", "--json"],
        document.to_string().as_bytes(),
    );
    assert_eq!(read.json("id-verify")["did"], answer["did"]);
    let text = document.to_string();
    let server = Server::start(move |request| match request.path.as_str() {
        "/a%20b/claim.json" => Reply::bytes(200, "application/json", text.clone()),
        _ => Reply::status(404),
    });
    let url = |path: &str| format!("{}{path}", server.origin());
    assert_eq!(
        sandbox.json("id-verify", &["id", "verify", &url("/a%20b/claim.json")])["outcome"],
        "confirmed"
    );
    assert_eq!(
        sandbox.json("failure", &["id", "verify", &url("/no")])["outcome"],
        "unavailable"
    );
    assert_eq!(
        sandbox.json("failure", &["id", "verify", &url("/a?b=c")])["outcome"],
        "invalid"
    );
}

#[test]
fn a_statement_proves_more() {
    let sandbox = Sandbox::with_key();
    let pypi = linked(&sandbox.did());
    let sandbox = sandbox.asking(pypi.origin());
    let (_, file) = claim(&sandbox);
    let answer = sandbox.json(
        "id-verify",
        &["id", "verify", &file, "--statement", "gutworth-auths"],
    );
    assert_eq!(
        (&answer["outcome"], &answer["proves"]),
        (&"confirmed".into(), &"account-statement".into())
    );
    let none = sandbox.json("id-verify", &["id", "verify", &file, "--statement", "six"]);
    assert_eq!(
        (&none["outcome"], &none["reason"]),
        (&"refuted".into(), &"statement-absent".into())
    );
}

#[test]
fn a_changed_claim_is_refuted_and_a_broken_one_is_invalid() {
    let sandbox = Sandbox::with_key();
    let (document, _) = claim(&sandbox);
    let changed = document.to_string().replace("gutworth", "mallory");
    let file = sandbox.file("changed.json", changed);
    let answer = sandbox.json("id-verify", &["id", "verify", &file]);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"refuted".into(), &"bad-signature".into())
    );
    assert_eq!(answer["proves"], "nothing");
    let twice = document
        .to_string()
        .replacen('{', "{\"type\":\"PlatformClaim\",", 1);
    for (name, text) in [
        ("cut", document.to_string()[..200].to_owned()),
        ("empty", String::new()),
        ("number", "{\"a\":1}".to_owned()),
        ("another", "{\"type\":\"Other\"}".to_owned()),
        ("huge", " ".repeat(300_000)),
        ("twice", twice),
    ] {
        let file = sandbox.file(name, text);
        let answer = sandbox.json("failure", &["id", "verify", &file]);
        assert_eq!(answer["outcome"], "invalid", "{name}");
    }
    assert_eq!(
        sandbox.json("failure", &["id", "verify", "/nowhere"])["outcome"],
        "invalid"
    );
}

#[test]
fn a_revocation_wins() {
    let sandbox = Sandbox::with_key();
    let (_, file) = claim(&sandbox);
    let revoked = sandbox.json("signed", &["revoke", &file]);
    assert_eq!(revoked["claim"]["type"], "Revocation");
    let answer = sandbox.json("id-verify", &["id", "verify", &file]);
    assert_eq!(
        answer["reason"], "revoked",
        "the home's own revocations count"
    );

    let other = Sandbox::new();
    assert_eq!(
        other.json("id-verify", &["id", "verify", &file])["outcome"],
        "confirmed"
    );
    // What a home was shown once it does not forget: each time another one looks.
    let one = other.file("revoked.json", revoked["claim"].to_string());
    let list = other.file("list.json", format!("[{}]", revoked["claim"]));
    let dir = sandbox.home().join("revocations").display().to_string();
    for source in [&one, &list, &dir] {
        let answer = Sandbox::new().json(
            "id-verify",
            &["id", "verify", &file, "--revocations", source],
        );
        assert_eq!(
            (&answer["outcome"], &answer["reason"]),
            (&"refuted".into(), &"revoked".into()),
            "{source}"
        );
    }
    let broken = other.file("broken.json", "{");
    for source in [broken.as_str(), "/nowhere"] {
        let answer = other.json(
            "id-verify",
            &["id", "verify", &file, "--revocations", source],
        );
        assert_eq!(answer["reason"], "revocations-unread", "{source}");
    }
    // Somebody else's word against it says nothing.
    let mallory = Sandbox::with_key();
    let forged = mallory.json("signed", &["revoke", &file]);
    let forged = other.file("forged.json", forged["claim"].to_string());
    let answer = other.json(
        "id-verify",
        &["id", "verify", &file, "--revocations", &forged],
    );
    assert_eq!(answer["outcome"], "confirmed");
}

#[test]
fn a_lost_key_is_revoked_by_the_recovery_did() {
    let recovery = Sandbox::with_key();
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox
            .run(&["id", "new", "--recovery", &recovery.did()])
            .code,
        0
    );
    let (_, file) = claim(&sandbox);
    let revoked = recovery.json("signed", &["revoke", &sandbox.did()]);
    let source = recovery.file("r.json", revoked["claim"].to_string());
    let answer = Sandbox::new().json(
        "id-verify",
        &["id", "verify", &file, "--revocations", &source],
    );
    assert_eq!(answer["reason"], "revoked");
}

/// A public server that is spelled is left out of what is signed, also where another one is configured in its place.
#[test]
fn names_are_signed_as_their_registries_write_them() {
    let to = Sandbox::with_key().did();
    let signed = |sandbox: &Sandbox, name: &str| {
        let args = ["delegate", name, "--to", &to, "--expires", "+7d"];
        let answer = sandbox.json("signed", &args);
        answer["claim"]["namespaces"][0]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let local = "http://127.0.0.1:1";
    let sandbox = Sandbox::with_key();
    for (spelled, public) in [
        (
            "pkg:pypi/six?repository_url=https://pypi.org",
            "pkg:pypi/six",
        ),
        (
            "pkg:npm/six?repository_url=https://registry.npmjs.org",
            "pkg:npm/six",
        ),
        (
            "pkg:cargo/serde?repository_url=https://crates.io",
            "pkg:cargo/serde",
        ),
        (
            "pkg:github/acme?repository_url=https://api.github.com",
            "pkg:github/acme",
        ),
        ("pypi:six", "pkg:pypi/six"),
    ] {
        assert_eq!(signed(&sandbox, spelled), public);
    }
    let elsewhere = "pkg:npm/six?repository_url=https:%2F%2Fpypi.org";
    assert_eq!(signed(&sandbox, elsewhere), elsewhere);
    let sandbox = sandbox.asking(local);
    assert!(signed(&sandbox, "pypi:six").ends_with("http:%2F%2F127.0.0.1:1"));
    let public = "pkg:pypi/six?repository_url=https://pypi.org";
    assert_eq!(signed(&sandbox, public), "pkg:pypi/six");
}

#[test]
fn a_delegation_is_signed_for_a_while() {
    let sandbox = Sandbox::with_key();
    let to = Sandbox::with_key().did();
    let delegate = |expires: &str| {
        let args = [
            "delegate",
            "pypi:six",
            "--to",
            &to,
            "--actions",
            "publish,yank",
            "--expires",
            expires,
            "--json",
        ];
        sandbox.run(&args)
    };
    let answer = delegate("+7d").json("signed");
    assert_eq!(
        answer["claim"]["actions"],
        serde_json::json!(["publish", "yank"])
    );
    let file = sandbox.file("d.json", answer["claim"].to_string());
    let read = sandbox.json("id-verify", &["id", "verify", &file]);
    assert_eq!(
        (&read["outcome"], &read["proves"]),
        (&"confirmed".into(), &"act".into())
    );
    for bad in ["-1h", "10", "+31d", "tomorrow"] {
        assert_eq!(delegate(bad).json("failure")["outcome"], "invalid", "{bad}");
    }
    let text = sandbox.run(&["revoke", &file]);
    assert_eq!(text.code, 0);
    assert_eq!(
        sandbox.json("id-verify", &["id", "verify", &file])["reason"],
        "revoked"
    );
}

#[test]
fn a_changed_claim_cannot_be_revoked_by_its_file() {
    let sandbox = Sandbox::with_key();
    let (document, _) = claim(&sandbox);
    let changed = document.to_string().replace("gutworth", "mallory");
    let file = sandbox.file("changed.json", changed);
    let answer = sandbox.json("failure", &["revoke", &file]);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"refuted".into(), &"bad-signature".into())
    );
    assert!(sandbox.kept("revocations").is_empty());
}

#[test]
fn a_revocation_without_a_known_right_is_warned_about() {
    let sandbox = Sandbox::with_key();
    let (_, file) = claim(&sandbox);
    let own = sandbox.json("signed", &["revoke", &file]);
    assert!(own.get("warning").is_none(), "{own:#}");
    let run = Sandbox::with_key().run(&["revoke", &file, "--json"]);
    let warning = run.json("signed")["warning"].as_str().unwrap().to_owned();
    assert!(warning.contains("nothing here shows"), "{warning}");
    assert!(run.err.contains("nothing here shows"), "{}", run.err);
}

#[test]
fn a_claim_to_revoke_is_read_from_standard_input_too() {
    let sandbox = Sandbox::with_key();
    let (document, file) = claim(&sandbox);
    let run = sandbox.run_with(&["revoke", "-", "--json"], document.to_string().as_bytes());
    assert!(run.json("signed").get("warning").is_none());
    assert_eq!(
        sandbox.json("id-verify", &["id", "verify", &file])["reason"],
        "revoked"
    );
}

#[test]
fn a_revocation_that_cannot_be_checked_is_warned_about() {
    let sandbox = Sandbox::with_key();
    let (_, file) = claim(&sandbox);
    let id = sandbox.json("id-verify", &["id", "verify", &file])["id"].clone();
    let warning = |sandbox: &Sandbox, what: &str| {
        let answer = sandbox.json("signed", &["revoke", what]);
        answer
            .get("warning")
            .map(|w| w.as_str().unwrap().to_owned())
    };
    // A claim that the home holds is known; others are not.
    assert_eq!(warning(&sandbox, id.as_str().unwrap()), None);
    let unseen = format!("sha256:{}", "0".repeat(64));
    assert!(
        warning(&sandbox, &unseen)
            .unwrap()
            .contains("cannot be seen here")
    );
    let (own, other) = (sandbox.did(), Sandbox::with_key().did());
    assert_eq!(warning(&sandbox, &own), None);
    assert!(
        warning(&sandbox, &other)
            .unwrap()
            .contains("nothing here shows")
    );
}

#[test]
fn the_recovery_key_of_a_key_or_claim_at_hand_may_revoke() {
    let sandbox = Sandbox::with_key();
    let new = ["id", "new", "--name", "phone", "--recovery", &sandbox.did()];
    let phone = sandbox.json("id-key", &new)["did"].clone();
    let answer = sandbox.json("signed", &["revoke", phone.as_str().unwrap()]);
    assert!(answer.get("warning").is_none(), "{answer:#}");
    let claimed = sandbox.json(
        "id-claim",
        &["id", "claim", "pypi", "gutworth", "--key", "phone"],
    );
    let file = sandbox.file("phone.json", claimed["claim"].to_string());
    let answer = sandbox.json("signed", &["revoke", &file]);
    assert!(answer.get("warning").is_none(), "{answer:#}");
}

#[test]
fn a_revoked_key_that_signs_is_warned_about() {
    let sandbox = Sandbox::with_key();
    let pypi = linked(&sandbox.did());
    let sandbox = sandbox.asking(pypi.origin());
    let did = sandbox.did();
    let delegate = ["delegate", "pypi:six", "--to", &did, "--expires", "+7d"];
    let claim = ["namespace", "claim", "pypi:six"];
    let is_warned = |args: &[&str]| sandbox.run(args).err.contains("this key was revoked");
    assert!(!is_warned(&delegate) && !is_warned(&claim));
    assert_eq!(sandbox.run(&["revoke", &did]).code, 0);
    assert!(is_warned(&delegate) && is_warned(&claim));
}
