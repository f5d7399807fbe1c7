//! The public API of every library crate, as a text that is committed: a change of it is seen in review.
//!
//! Read from the sources, so any stable toolchain gives the same text. Not in it: what the compiler derives by itself
//! (`Send`, `Sync`), and what is in the bodies of macros.

mod bodiless;
mod diff;
mod text;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use auths_tests::root;

use crate::source::Source;
use crate::workspace::{list, members, text as string};

const UPDATE: &str = "AUTHS_BLESS=1 cargo test -p auths-tests --test architecture public_api";

/// The library crates that others build on, with the file of their root.
pub(crate) fn libraries() -> Vec<(&'static str, PathBuf)> {
    let mut found = Vec::new();
    for (name, package) in members() {
        let manifest = Path::new(string(&package["manifest_path"]));
        let folder = manifest.parent().unwrap().strip_prefix(root()).unwrap();
        let targets = list(&package["targets"]).iter();
        let library = targets.filter(|t| list(&t["kind"]).iter().any(|kind| kind == "lib"));
        if !folder.starts_with("tests") && !folder.starts_with("examples") {
            found.extend(library.map(|t| (name, PathBuf::from(string(&t["src_path"])))));
        }
    }
    found
}

#[test]
fn the_public_api_is_the_committed_one() {
    let folder = root().join("docs/api");
    let is_blessed = std::env::var_os("AUTHS_BLESS").is_some_and(|value| value == "1");
    let mut expected = BTreeSet::new();
    let mut changes = String::new();
    for (name, file) in libraries() {
        let path = folder.join(format!("{name}.txt"));
        let is = text::of(&Source::load(name, &file));
        let was = fs::read_to_string(&path).unwrap_or_default();
        if is_blessed {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &is).unwrap();
        } else if was != is {
            changes += &format!("--- docs/api/{name}.txt\n+++ the sources\n");
            changes += &diff::unified(&was, &is);
        }
        expected.insert(path);
    }
    assert!(expected.len() >= 7, "only {expected:?}");
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(
            expected.contains(&path),
            "{} is of no crate: remove it",
            path.display()
        );
    }
    assert!(
        changes.is_empty(),
        "the public API is not what docs/api says:\n\n{changes}\nIf that is meant: {UPDATE}"
    );
}
