//! What the tests look at: `cargo metadata` and the files of the workspace.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use auths_tests::root;
use serde_json::Value;

pub(crate) const CORE: &str = "auths-core";
/// The doubles, suites and simulated services: for tests and demonstrations.
pub(crate) const TESTKIT: &str = "auths-testkit";
pub(crate) const TOKENS: &str = "pypi-tokens";

/// What `cargo metadata` says, with every feature on: more than any build has, never less.
pub(crate) static METADATA: LazyLock<Value> = LazyLock::new(|| {
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

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The workspace's own packages, by name.
pub(crate) fn members() -> BTreeMap<&'static str, &'static Value> {
    let ids: BTreeSet<&str> = list(&METADATA["workspace_members"])
        .iter()
        .map(text)
        .collect();
    let packages = list(&METADATA["packages"]).iter();
    let own = packages.filter(|p| ids.contains(text(&p["id"])));
    own.map(|p| (text(&p["name"]), p)).collect()
}

/// What a package depends on directly, as its manifest says: normal (and build) dependencies only.
pub(crate) fn normal_dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    list(&package["dependencies"])
        .iter()
        .filter(|d| d["kind"] != "dev")
}

/// The names of all packages that `name` reaches by normal and build dependencies, itself included.
pub(crate) fn closure(name: &str) -> BTreeSet<&'static str> {
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

/// The files with these endings, build results and hidden folders left out.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
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

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A file without the tests at its end.
pub(crate) fn product_part(source: &str) -> &str {
    let tests = source.find("#[cfg(test)]\nmod tests {");
    &source[..tests.unwrap_or(source.len())]
}

/// A file's lines of product code: comments, and the tests at its end, left out.
pub(crate) fn product_code(source: &str) -> String {
    let lines = product_part(source).lines();
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}
