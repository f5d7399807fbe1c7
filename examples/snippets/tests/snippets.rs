//! Every example runs to its end, says what it should, and is short.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use auths_adapters_npm::Npm;
use auths_adapters_pypi::PyPi;
use auths_core::Verifier;
use auths_core::ports::{MemoryReplayGuard, MemoryRevocations, MemoryStore, RevocationList};
use auths_keystore::OsEntropy;
use auths_snippets::Outside;

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
fn one_verifier_answers_for_three_registries_and_each_challenge_is_used_once() {
    let said = run(env!("CARGO_BIN_EXE_three_registries"));
    says(
        &said,
        &[
            (
                "Alice claims pypi:widget",
                &[
                    "accepted: did:key:",
                    "may publish pypi:widget",
                    "device-key",
                ],
            ),
            (
                "once more",
                &["denied", "the challenge was answered before"],
            ),
            (
                "Nina claims npm:left",
                &["accepted", "may publish npm:left", "held-token"],
            ),
            (
                "once more",
                &["denied", "the challenge was answered before"],
            ),
            (
                "Carol claims cargo:demo",
                &["accepted", "may publish cargo:demo", "held-token"],
            ),
            (
                "once more",
                &["denied", "the challenge was answered before"],
            ),
            ("Mallory claims cargo:demo", &["denied", "nothing leads"]),
            ("once more", &["denied", "nothing leads"]),
            ("Nina's key was revoked", &["denied", "revoked did:key:"]),
        ],
    );
    assert_eq!(said.lines().count(), 9, "{said}");
    assert_eq!(said.matches("may publish").count(), 3, "{said}");
}

#[test]
fn no_program_can_leave_out_the_revocations_unnoticed() {
    let outside = Outside::new().unwrap();
    let transport = outside.transport(MemoryStore::new()).unwrap();
    let without = || {
        let (pypi, npm) = (outside.pypi.clone(), outside.npm.clone());
        let hub = "https://hub.example".parse().unwrap();
        let challenges = MemoryReplayGuard::new();
        Verifier::builder(hub)
            .registry(PyPi::new(pypi, transport.clone()))
            .registry(Npm::new(npm, transport.clone()))
            .challenges(challenges, OsEntropy, Duration::from_secs(600))
    };
    let error = without()
        .revocation_memory(MemoryRevocations::new())
        .build();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("no source of revocations"), "{error}");
    assert!(error.contains("add one with `revocations`"), "{error}");
    let error = without()
        .revocations(RevocationList::new("our own list"))
        .build();
    let error = error.unwrap_err().to_string();
    assert!(error.contains("no memory of revocations"), "{error}");
    assert!(
        error.contains("set one with `revocation_memory`"),
        "{error}"
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
fn a_hub_stores_restarts_reviews_renews_and_goes_through_an_outage() {
    let said = run(env!("CARGO_BIN_EXE_run_a_hub"));
    let may: &[&str] = &["\"may\":[\"publish\"]", "\"problem\":null"];
    let not: &[&str] = &["\"may\":null"];
    let with = |more: &[&'static str], parts: &[&'static str]| [more, parts].concat();
    let accepted = with(&[": 201: ", "\"state\":\"fresh\""], may);
    let fresh = with(&[": 200: [{", "\"state\":\"fresh\""], may);
    let aged = with(&[": 200: [{", "\"state\":\"aged\""], may);
    let too_old = with(&[": 200: [{", "\"state\":\"aged\"", "AUTHS-3018"], not);
    let suspended = with(&["\"state\":\"suspended\"", "AUTHS-2021"], not);
    let removed = with(&["\"state\":\"removed\"", "AUTHS-2021"], not);
    let revoked = with(&["\"state\":\"revoked\"", "AUTHS-2030"], not);
    let young = [": 409 (Retry-After: 518400)", "AUTHS-2041", "\"ripe_at\""];
    let renewed = with(&["\"expires_at\":\"2026-03-06T09:00:00Z\""], &accepted);
    let looked = |states: [&'static str; 3]| {
        let names = ["pypi:widget", "cargo:demo", "npm:left"];
        std::iter::zip(states, names).collect::<Vec<_>>()
    };
    let steps: Vec<(&str, &[&str])> = vec![
        ("Alice claims pypi:widget", &accepted),
        ("Nina claims npm:left", &accepted),
        ("Carol claims cargo:demo", &accepted),
        ("Bob claims pypi:gadget", &young),
        ("Mallory claims cargo:demo", &[": 403: ", "AUTHS-2042"]),
        ("half a bundle", &[": 400: ", "AUTHS-1007"]),
        ("no package", &[": 400: ", "AUTHS-1002"]),
        ("restarted", &fresh),
        ("Nina answers an earlier challenge", &accepted),
        ("once more", &[": 403: ", "AUTHS-2009"]),
        ("two days without a look", &aged),
        ("nothing can be read", &[]),
        ("after two days", &aged),
        ("after four days", &too_old),
        ("it can be read again", &[]),
        ("Nina's newest release does not name her key", &[]),
        ("at once", &suspended),
        ("a day later", &removed),
        ("Alice renews her link and her claim", &renewed),
        ("a month is over", &[]),
        ("Alice's key is revoked", &[]),
        ("at once", &revoked),
        ("Alice tries again", &[": 403: ", "AUTHS-2030"]),
    ];
    says(&said, &steps);
    let mut reviews = said.lines().filter(|line| line.starts_with("  review: "));
    for states in [
        ["fresh", "fresh", "fresh"],
        ["aged AUTHS-3004", "aged AUTHS-3004", "aged AUTHS-3004"],
        ["fresh", "fresh", "fresh"],
        ["fresh", "fresh", "suspended AUTHS-2021"],
        ["fresh", "fresh", "removed AUTHS-2021"],
        ["fresh", "expired", "removed"],
        ["revoked AUTHS-2030", "expired", "removed"],
    ] {
        let lines: Vec<&str> = reviews.by_ref().take(3).collect();
        for (state, name) in looked(states) {
            let begin = format!("  review: {state} ");
            let is_it = |line: &&str| line.starts_with(&begin) && line.contains(name);
            assert!(lines.iter().any(is_it), "{begin}{name} is not in {lines:?}");
        }
    }
    assert_eq!(reviews.next(), None);
    assert_eq!(said.lines().count(), steps.len() + 7 * 3, "{said}");
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
fn a_registry_takes_uploads_of_ci_runs_that_the_owner_let_publish() {
    let said = run(env!("CARGO_BIN_EXE_accept_ci"));
    says(
        &said,
        &[
            (
                "a run asks for pypi:widget and pypi:alice-auths",
                &[": 200: a grant"],
            ),
            (
                "it uploads pypi:widget",
                &[
                    ": 200",
                    "ci:127.0.0.1",
                    ":700700:4242:release.yml published pypi:widget",
                ],
            ),
            (
                "it uploads pypi:alice-auths",
                &[": 200", "published pypi:alice-auths"],
            ),
            ("it uploads pypi:gadget", &[": 403", "AUTHS-2107"]),
            ("its token, a second time", &[": 403", "AUTHS-2093"]),
            ("a run in another environment", &[": 403", "AUTHS-2092"]),
            ("a run asks for pypi:gadget", &[": 403", "AUTHS-20"]),
            ("PyPI is down", &[": 503 (Retry-After: 120)", "AUTHS-3004"]),
            ("it is back", &[": 200: a grant"]),
            ("an hour later", &[": 403", "AUTHS-2104"]),
            ("no grant", &[": 4"]),
        ],
    );
    assert_eq!(said.lines().count(), 11, "{said}");
    assert_eq!(said.matches("published").count(), 2, "{said}");
}

/// The code of the guide is that of the program which runs, and is as short as the guide says.
#[test]
fn the_guide_to_trusted_publishing_quotes_a_program() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(here.join(path)).unwrap();
    let unindented = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim().to_owned());
        lines.filter(|line| !line.is_empty()).collect()
    };
    let program = unindented(&read("src/bin/accept_ci.rs"));
    let guide = read("../../docs/guides/trusted-publishing.md");
    let mut quoted = 0;
    for block in guide.split("\n```rust\n").skip(1) {
        let block = unindented(block.split("\n```").next().unwrap());
        let found = program.windows(block.len()).any(|part| part == block);
        assert!(found, "not in the program: {block:#?}");
        quoted += block.len();
    }
    assert!((30..=45).contains(&quoted), "{quoted} lines are quoted");
}

/// The most lines of each program.
const LIMITS: [(&str, usize); 6] = [
    ("accept_ci", 115),
    ("decide_offline", 79),
    ("embed_in_server", 59),
    ("run_a_hub", 249),
    ("three_registries", 79),
    ("verify_claim", 79),
];

#[test]
fn every_example_is_short() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin");
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let limit = LIMITS.iter().find(|(limited, _)| *limited == name);
        let (_, most) = limit.unwrap_or_else(|| panic!("{name} has no limit"));
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= *most, "{name} has {lines} lines");
        names.push(name);
    }
    assert_eq!(names.len(), LIMITS.len(), "{names:?}");
}
