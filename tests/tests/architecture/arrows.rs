//! Which crate may know which.

use std::path::Path;

use auths_tests::root;
use serde_json::Value;

use crate::workspace::{CORE, TESTKIT, TOKENS, closure, list, members, normal_dependencies, text};

/// Crates that talk to networks or keychains, run a runtime, or bring a second crypto library.
const OUTSIDE: &[&str] = &[
    "async-std",
    "attohttpc",
    "aws-lc-fips-sys",
    "aws-lc-rs",
    "aws-lc-sys",
    "boring",
    "curl",
    "h2",
    "h3",
    "hyper",
    "isahc",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "surf",
    "tokio",
    "ureq",
    "zbus",
];
/// Crates that core may not reach, by how their names begin.
const OUTSIDE_FAMILIES: &[&str] = &["keyring", "hyper-", "rustls-", "tokio-", "async-io"];

fn is_outside(name: &str) -> bool {
    OUTSIDE.contains(&name)
        || OUTSIDE_FAMILIES
            .iter()
            .any(|family| name.starts_with(family))
}

/// A crate, and those of the workspace that it may depend on. Front ends, which pick adapters, are not in the list.
const ALLOWED: &[(&str, &[&str])] = &[
    (CORE, &[]),
    ("auths-http", &[CORE]),
    ("auths-keystore", &[CORE]),
    ("auths-adapters-github", &[CORE, "auths-http"]),
    ("auths-adapters-npm", &[CORE, "auths-http"]),
    ("auths-adapters-pypi", &[CORE, "auths-http", TOKENS]),
    ("auths-adapters-ci", &[CORE, "auths-http"]),
    (TOKENS, &[CORE]),
    (
        TESTKIT,
        &[
            CORE,
            "auths-http",
            "auths-adapters-github",
            "auths-adapters-npm",
            "auths-adapters-pypi",
        ],
    ),
];

fn is_library(name: &str) -> bool {
    ALLOWED.iter().any(|(library, _)| *library == name)
}

/// The dependencies of a package within the workspace, those of its tests too.
fn arrows(package: &Value) -> impl Iterator<Item = &str> {
    let all = list(&package["dependencies"]).iter();
    all.map(|d| text(&d["name"]))
        .filter(|d| members().contains_key(d))
}

#[test]
fn every_arrow_points_at_core() {
    let members = members();
    for (name, may) in ALLOWED {
        let package = members.get(name);
        let package = package.unwrap_or_else(|| panic!("{name} is gone: take it out of the list"));
        for other in arrows(package) {
            // Tests keep to the arrows too. A crate may name itself to switch on its own features in its tests, which may use the
            // test kit.
            let is_allowed = may.contains(&other) || other == *name || other == TESTKIT;
            assert!(is_allowed, "{name} must not depend on {other}");
        }
        let mut of_product = normal_dependencies(package).map(|d| text(&d["name"]));
        assert!(
            !of_product.any(|other| other == TESTKIT),
            "{name} needs the test kit outside of its tests"
        );
    }
}

#[test]
fn nothing_depends_on_a_front_end() {
    for (name, package) in members() {
        if is_library(name) {
            continue;
        }
        let manifest = Path::new(text(&package["manifest_path"]));
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
        assert!(
            folder.starts_with("examples") || folder.starts_with("tests"),
            "{name} is new: say in ALLOWED what it may depend on"
        );
        for other in arrows(package) {
            assert!(
                is_library(other),
                "{name} depends on {other}, which is not a library"
            );
        }
    }
}

#[test]
fn adapters_do_not_know_each_other() {
    let adapters = |name: &&str| name.starts_with("auths-adapters-");
    for (name, package) in members() {
        let others = arrows(package).filter(|other| *other != name);
        let others: Vec<_> = others.filter(adapters).collect();
        assert!(
            !adapters(&name) || others.is_empty(),
            "{name} depends on {others:?}"
        );
    }
}

/// With every feature on, so under any that somebody picks.
#[test]
fn core_reaches_nothing_of_the_outside() {
    let reached = closure(CORE);
    assert!(
        reached.contains("ed25519-dalek"),
        "the closure was not read: {reached:?}"
    );
    let outside: Vec<_> = reached
        .into_iter()
        .filter(|name| is_outside(name))
        .collect();
    assert!(outside.is_empty(), "{CORE} reaches {outside:?}");
    assert!(is_outside("tokio") && is_outside("keyring-core") && !is_outside("serde"));
}

/// Whoever wants only tokens gets no HTTP, not even its types, and of the workspace nothing but core.
#[test]
fn tokens_reach_no_http() {
    let reached = closure(TOKENS);
    let known = ["hmac", "sha2", CORE, TOKENS];
    assert!(
        known.iter().all(|name| reached.contains(name)),
        "the closure was not read: {reached:?}"
    );
    let http: Vec<_> = reached
        .iter()
        .filter(|name| is_outside(name) || name.starts_with("http"))
        .collect();
    assert!(http.is_empty(), "{TOKENS} reaches {http:?}");
    let own: Vec<_> = reached
        .iter()
        .filter(|name| members().contains_key(**name))
        .collect();
    assert_eq!(own, [&CORE, &TOKENS]);
}

#[test]
fn only_the_transport_knows_an_http_client() {
    for (name, package) in members() {
        let clients = normal_dependencies(package)
            .map(|d| text(&d["name"]))
            .filter(|d| {
                matches!(
                    *d,
                    "reqwest" | "hyper" | "ureq" | "isahc" | "curl" | "attohttpc"
                )
            });
        let clients: Vec<_> = clients.collect();
        assert!(
            name == "auths-http" || clients.is_empty(),
            "{name} depends on {clients:?}"
        );
    }
}
