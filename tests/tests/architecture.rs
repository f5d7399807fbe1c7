//! The shape of the workspace: which crate may know which, and what no file may hold.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use auths_tests::root;
use serde_json::Value;

const CORE: &str = "auths-core";

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
/// The same, by how their names begin.
const OUTSIDE_FAMILIES: &[&str] = &["keyring", "hyper-", "rustls-", "tokio-", "async-io"];

/// What `cargo metadata` says, with every feature on: more than any build has, never less.
static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--all-features",
            "--locked",
        ])
        .current_dir(root())
        .output()
        .expect("cargo can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
});

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The workspace's own packages, by name.
fn members() -> BTreeMap<&'static str, &'static Value> {
    let ids: BTreeSet<&str> = list(&METADATA["workspace_members"])
        .iter()
        .map(text)
        .collect();
    let packages = list(&METADATA["packages"]).iter();
    let own = packages.filter(|p| ids.contains(text(&p["id"])));
    own.map(|p| (text(&p["name"]), p)).collect()
}

/// What a package depends on directly, as its manifest says: normal (and build) dependencies only.
fn normal_dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    list(&package["dependencies"])
        .iter()
        .filter(|d| d["kind"] != "dev")
}

/// The names of all packages that `name` reaches by normal and build dependencies, itself included.
fn closure(name: &str) -> BTreeSet<&'static str> {
    let names: BTreeMap<&str, &str> = list(&METADATA["packages"])
        .iter()
        .map(|p| (text(&p["id"]), text(&p["name"])))
        .collect();
    let nodes: BTreeMap<&str, &Value> = list(&METADATA["resolve"]["nodes"])
        .iter()
        .map(|n| (text(&n["id"]), n))
        .collect();
    let mut waiting = vec![text(&members()[name]["id"])];
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in list(&nodes[id]["deps"]) {
            let kinds = list(&dependency["dep_kinds"]);
            if kinds.iter().any(|k| k["kind"] != "dev") {
                waiting.push(text(&dependency["pkg"]));
            }
        }
    }
    seen.into_iter().map(|id| names[id]).collect()
}

fn is_outside(name: &str) -> bool {
    OUTSIDE.contains(&name)
        || OUTSIDE_FAMILIES
            .iter()
            .any(|family| name.starts_with(family))
}

#[test]
fn every_arrow_points_at_core() {
    // A crate, and those of the workspace that it may depend on. Front ends, which pick adapters, are not in the list.
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        (CORE, &[][..]),
        ("auths-http", &[CORE]),
        ("auths-keystore", &[CORE]),
        ("auths-adapters-github", &[CORE, "auths-http"]),
        ("auths-adapters-npm", &[CORE, "auths-http"]),
        ("auths-adapters-pypi", &[CORE, "auths-http"]),
    ]);
    let members = members();
    for (name, package) in &members {
        let manifest = Path::new(text(&package["manifest_path"]));
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
        let is_front = folder.starts_with("examples") || folder == Path::new("tests");
        let own = normal_dependencies(package).map(|d| text(&d["name"]));
        for other in own.filter(|d| members.contains_key(d)) {
            match allowed.get(name) {
                Some(may) => assert!(may.contains(&other), "{name} must not depend on {other}"),
                None => {
                    assert!(is_front, "{name} is new: say here what it may depend on");
                    let is_library = allowed.contains_key(other);
                    assert!(
                        is_library,
                        "{name} depends on {other}, which is not a library"
                    );
                }
            }
        }
    }
    for name in allowed.keys() {
        assert!(
            members.contains_key(name),
            "{name} is gone: take it out of the list"
        );
    }
}

#[test]
fn tests_of_adapters_do_not_lean_on_other_adapters() {
    for (name, package) in members() {
        if !name.starts_with("auths-adapters-") {
            continue;
        }
        for dependency in list(&package["dependencies"]) {
            let other = text(&dependency["name"]);
            // A crate may name itself to switch on its own features in its tests.
            assert!(
                other == name || !other.starts_with("auths-adapters-"),
                "{name} depends on {other}"
            );
        }
    }
}

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

#[test]
fn nothing_but_tests_switches_test_helpers_on() {
    for (name, package) in members() {
        for dependency in normal_dependencies(package) {
            let on = list(&dependency["features"]).iter().any(|f| f == "testing");
            let other = text(&dependency["name"]);
            assert!(
                !on,
                "{name} switches {other}'s `testing` on outside of tests"
            );
        }
        let features = package["features"].as_object().unwrap();
        let mut waiting = vec!["default"];
        let mut seen = BTreeSet::new();
        while let Some(feature) = waiting.pop() {
            let is_testing = feature == "testing" || feature.ends_with("/testing");
            assert!(!is_testing, "{name} switches {feature} on by default");
            if let (true, Some(more)) = (seen.insert(feature), features.get(feature)) {
                waiting.extend(list(more).iter().map(text));
            }
        }
    }
}

#[test]
fn every_crate_takes_the_workspaces_lints_and_forbids_unsafe_code() {
    let workspace: toml::Table = read(&root().join("Cargo.toml")).parse().unwrap();
    let lint = &workspace["workspace"]["lints"]["rust"]["unsafe_code"];
    assert_eq!(lint.as_str(), Some("forbid"));
    for (name, package) in members() {
        let manifest: toml::Table = read(Path::new(text(&package["manifest_path"])))
            .parse()
            .unwrap();
        let lints = manifest.get("lints").and_then(|l| l.get("workspace"));
        assert_eq!(
            lints.and_then(toml::Value::as_bool),
            Some(true),
            "{name}: [lints] workspace"
        );
        for target in list(&package["targets"]) {
            let is_library = list(&target["kind"])
                .iter()
                .any(|k| k == "lib" || k == "proc-macro");
            let path = Path::new(text(&target["src_path"]));
            let source = read(path);
            // A crate that is only planned has comments and nothing else.
            let is_planned = product_code(&source).trim().is_empty();
            assert!(
                !is_library || is_planned || source.contains("#![forbid(unsafe_code)]"),
                "{} does not forbid unsafe code",
                path.display()
            );
        }
    }
}

/// The files with these endings, build results and hidden folders left out.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            // A build folder says that it is one, wherever it was put.
            let is_built = path.join("CACHEDIR.TAG").exists()
                || path.join("pyvenv.cfg").exists()
                || path == Path::new(text(&METADATA["target_directory"]));
            if !is_built && !name.starts_with('.') && name != "node_modules" {
                found.extend(files(&path, endings));
            }
        } else if path
            .extension()
            .is_some_and(|e| endings.iter().any(|ending| e == *ending))
        {
            found.push(path);
        }
    }
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Whether a line opens a code block that the documentation tests would pass over.
fn is_ignored_fence(line: &str) -> bool {
    let line = line
        .trim_start()
        .trim_start_matches(['/', '!', '*', '>', ' ']);
    let info = line
        .strip_prefix("```")
        .or_else(|| line.strip_prefix("~~~"));
    info.is_some_and(|info| {
        let mut words = info.split([',', ' ', '\t']);
        words.any(|word| word == "ignore" || word.starts_with("ignore-"))
    })
}

#[test]
fn no_example_is_left_untested() {
    let found = files(&root(), &["rs", "md"]);
    assert!(found.len() > 50, "only {} files were read", found.len());
    for path in found {
        for (n, line) in read(&path).lines().enumerate() {
            assert!(
                !is_ignored_fence(line),
                "{}:{}: {line}",
                path.display(),
                n + 1
            );
        }
    }
    let fence = format!("/// ```rust,{}", "ignore");
    assert!(is_ignored_fence(&fence) && !is_ignored_fence("/// ```no_run"));
}

/// A file's lines of product code: comments, and the tests at its end, left out.
fn product_code(source: &str) -> String {
    let tests = source
        .find("#[cfg(test)]\nmod tests {")
        .unwrap_or(source.len());
    let lines = source[..tests].lines();
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// How often an address stands in a text; `https://pypi.org` does not stand in `https://pypi.org.example`.
fn occurrences(text: &str, address: &str) -> usize {
    let tails = text
        .match_indices(address)
        .map(|(at, _)| &text[at + address.len()..]);
    let whole = tails.filter(|tail| {
        let next = tail.chars().next();
        !next.is_some_and(|c| c.is_ascii_alphanumeric() || ".-_".contains(c))
    });
    whole.count()
}

#[test]
fn public_addresses_stand_once() {
    let mut found: BTreeMap<&str, Vec<PathBuf>> = BTreeMap::from([
        ("https://pypi.org", Vec::new()),
        ("https://registry.npmjs.org", Vec::new()),
        ("https://api.github.com", Vec::new()),
        ("https://github.com", Vec::new()),
        ("https://crates.io", Vec::new()),
    ]);
    for (name, package) in members() {
        if name == "auths-tests" {
            continue;
        }
        let folder = Path::new(text(&package["manifest_path"]))
            .parent()
            .unwrap()
            .join("src");
        for path in files(&folder, &["rs"]) {
            let inside = path.strip_prefix(&folder).unwrap();
            let is_test = inside.iter().any(|part| {
                part.to_str()
                    .is_some_and(|p| matches!(p, "tests" | "tests.rs" | "testing" | "testing.rs"))
            });
            if is_test {
                continue;
            }
            let code = product_code(&read(&path));
            for (address, places) in &mut found {
                let times = occurrences(&code, address);
                places.extend(std::iter::repeat_n(path.clone(), times));
            }
        }
    }
    for (address, places) in found {
        assert!(
            places.len() <= 1,
            "{address} stands in {places:?}: give it one constant"
        );
    }
    assert_eq!(
        occurrences(
            "https://pypi.org/simple https://pypi.org.example",
            "https://pypi.org"
        ),
        1
    );
}
