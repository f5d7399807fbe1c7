//! What every crate has.

use std::collections::BTreeSet;
use std::path::Path;

use auths_tests::root;

use crate::workspace::{list, members, normal_dependencies, product_code, read, text};

#[test]
fn nothing_but_tests_switches_test_helpers_on() {
    for (name, package) in members() {
        for dependency in normal_dependencies(package) {
            let on = list(&dependency["features"]).iter().any(|f| f == "mocks");
            let other = text(&dependency["name"]);
            assert!(!on, "{name} switches {other}'s `mocks` on outside of tests");
        }
        let features = package["features"].as_object().unwrap();
        let mut waiting = vec!["default"];
        let mut seen = BTreeSet::new();
        while let Some(feature) = waiting.pop() {
            let is_for_tests = feature == "mocks" || feature.ends_with("/mocks");
            assert!(!is_for_tests, "{name} switches {feature} on by default");
            if let (true, Some(more)) = (seen.insert(feature), features.get(feature)) {
                waiting.extend(list(more).iter().map(text));
            }
        }
    }
}

/// A crate that is only planned has comments and attributes, and nothing else.
fn is_planned(root: &Path) -> bool {
    let code = product_code(&read(root));
    code.lines()
        .all(|line| line.is_empty() || line.starts_with("#!["))
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
            let forbids = || read(path).contains("#![forbid(unsafe_code)]");
            assert!(
                !is_library || is_planned(path) || forbids(),
                "{} does not forbid unsafe code",
                path.display()
            );
        }
    }
}

/// Knowing one adapter is knowing all.
#[test]
fn adapter_crates_share_their_file_names() {
    let shared = [
        "classify.rs",
        "client.rs",
        "config.rs",
        "lib.rs",
        "verifier.rs",
        "wire.rs",
    ];
    let mut built = 0;
    for (name, package) in members() {
        let folder = Path::new(text(&package["manifest_path"])).parent().unwrap();
        if !name.starts_with("auths-adapters-") || is_planned(&folder.join("src/lib.rs")) {
            continue;
        }
        built += 1;
        for file in shared {
            let path = folder.join("src").join(file);
            assert!(path.exists(), "{name} has no {file}");
        }
    }
    assert!(built > 0, "no adapter was looked at");
}
