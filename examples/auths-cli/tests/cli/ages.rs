//! How old an answer is: a copy from a cache was seen when the registry made it.

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::world::{Pypi, linking};

/// A key whose DID `gutworth-auths` names, and a PyPI behind a cache whose copies are so old, in seconds.
fn behind_a_cache(age: &'static str) -> (Sandbox, Pypi) {
    let sandbox = Sandbox::with_key();
    let pypi = Pypi::serve_with(linking(&sandbox.did()), move |_, reply| {
        reply.header("age", age)
    });
    (sandbox.asking(pypi.origin()), pypi)
}

fn said(answer: &Value) -> (&str, &str) {
    let text = |name: &str| answer[name].as_str().unwrap_or_default();
    (text("outcome"), text("reason"))
}

#[test]
fn a_copy_that_is_older_than_the_policy_allows_accepts_nobody() {
    for (age, expected) in [
        ("60", ("accepted", "")),
        ("82800", ("undetermined", "stale-evidence")),
    ] {
        let (sandbox, _pypi) = behind_a_cache(age);
        let hour = "resist = ['stolen-token', 'collaborator']\nevidence_age_hours = 1";
        let hour = sandbox.file("hour.toml", hour);
        let link = [
            "id",
            "claim",
            "pypi",
            "gutworth",
            "--statement",
            "gutworth-auths",
        ];
        assert_eq!(sandbox.run(&link).code, 0);
        let claim = ["namespace", "claim", "pypi:six", "--policy", &hour];
        let answer = sandbox.json("namespace-decision", &claim);
        assert_eq!(said(&answer), expected, "{answer:#}");
    }
}

#[test]
fn a_copy_of_yesterday_lists_nobody_and_confirms_no_statement() {
    let (sandbox, _pypi) = behind_a_cache("90000");
    let check = ["namespace", "check", "pypi:six", "--account", "gutworth"];
    let answer = sandbox.json("namespace-check", &check);
    assert_eq!(said(&answer), ("unavailable", "stale-evidence"));
    let unknown = [
        "namespace",
        "check",
        "pypi:nothing",
        "--account",
        "gutworth",
    ];
    let answer = sandbox.json("namespace-check", &unknown);
    assert_eq!(
        said(&answer),
        ("unavailable", "stale-evidence"),
        "an old no is none"
    );
    let statements = ["namespace", "statements", "pypi:gutworth-auths"];
    let answer = sandbox.json("failure", &statements);
    assert_eq!(said(&answer), ("unavailable", "stale-evidence"));
}
