//! Every example runs to its end, says what it should, and is short.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// What a program prints. It must end well.
fn run(program: &str) -> String {
    let output = Command::new(program).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    said
}

/// For each of these a line begins like this and holds these parts, in this order.
fn says(said: &str, expected: &[(&str, &[&str])]) {
    let mut rest = said.lines();
    for (begin, parts) in expected {
        let line = rest.find(|line| line.trim_start().starts_with(begin));
        let line = line.unwrap_or_else(|| panic!("no line {begin:?}, in order, in:\n{said}"));
        for part in *parts {
            assert!(line.contains(part), "{part:?} is not in: {line}");
        }
    }
}

#[test]
fn a_verified_claim_shows_who_said_it_and_not_that_it_is_true() {
    let said = run(env!("CARGO_BIN_EXE_verify_claim"));
    says(
        &said,
        &[
            ("did:key:z6Mk", &["says that it holds pypi:alice"]),
            ("valid until", &["2026-12-21T08:46:00Z"]),
            ("it falls to", &["stranger"]),
            ("default", &["refused", "stranger"]),
            ("trust-self-reported", &["pypi:alice will do"]),
            ("changed", &["no (AUTHS-2001)"]),
            ("a year later", &["no (AUTHS-2002)"]),
            ("half of it", &["not a claim (AUTHS-1004)"]),
            ("revoked", &["revoked did:key:z6Mk"]),
        ],
    );
}

#[test]
fn the_server_gives_every_outcome_a_status_of_its_own() {
    let said = run(env!("CARGO_BIN_EXE_embed_in_server"));
    says(
        &said,
        &[
            ("Alice claims widget", &[": 200", "may publish pypi:widget"]),
            ("her bundle, a second time", &[": 403", "AUTHS-2009"]),
            (
                "Bob claims gadget, days early",
                &[
                    ": 409 (Retry-After: ",
                    "AUTHS-2041",
                    "\"ripe_at\":\"2026-01-",
                ],
            ),
            ("Mallory claims widget", &[": 403", "AUTHS-2042"]),
            (
                "Alice, while PyPI is down",
                &[": 503 (Retry-After: 120)", "AUTHS-3004"],
            ),
            ("Alice, when it is back", &[": 200", "may publish"]),
            ("a challenge that nobody gave", &[": 403", "AUTHS-2006"]),
            ("half a bundle", &[": 400"]),
            ("a huge body", &[": 413"]),
            ("a body that never ends", &[": 408"]),
            ("a challenge for no DID", &[": 400"]),
        ],
    );
    assert_eq!(said.lines().count(), 11, "{said}");
    assert_eq!(said.matches("may publish").count(), 2, "{said}");
}

#[test]
fn an_offline_decision_goes_as_far_as_the_trust_in_its_observer() {
    let said = run(env!("CARGO_BIN_EXE_decide_offline"));
    says(
        &said,
        &[
            ("trusting the hub", &[]),
            ("accepted", &["steal an API token", "steal the device key"]),
            (
                "air-gapped",
                &["installed, for did:key:", "may publish pypi:six"],
            ),
            ("default", &["not installed", "does not trust"]),
            ("trusting nobody", &[]),
            ("undetermined", &["AUTHS-3020"]),
            ("what helps", &["trust the observer"]),
            ("strict, trusting the hub", &[]),
            (
                "denied",
                &["AUTHS-2040", "account-statement", "former-collaborator"],
            ),
            ("three days later", &[]),
            ("undetermined", &["AUTHS-3018"]),
            ("what the hub saw was changed", &[]),
            ("refused", &["the document was changed"]),
        ],
    );
    assert_eq!(said.matches(": installed, for").count(), 1, "{said}");
}

#[test]
fn every_example_has_fewer_than_80_lines() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines < 80, "{} has {lines} lines", path.display());
        names.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["decide_offline", "embed_in_server", "verify_claim"]);
}
