//! Canonical JSON (RFC 8785): cases of our own, whose output was written by hand from the rules of the RFC.

use std::collections::{BTreeMap, BTreeSet};

use auths_tests::document;

use crate::shelf::Shelf;

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn read_all(shelf: &Shelf) -> BTreeMap<String, Files> {
    shelf.cases("jcs")
}

/// Says what is wrong with one case.
fn trouble(name: &str, files: &Files) -> Option<String> {
    let names: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    let must_fail = name.ends_with("_fail");
    let mut expected = BTreeSet::from(["README.md", "input.json"]);
    if !must_fail {
        expected.insert("output.json");
    }
    if names != expected {
        return Some(format!("its files are {names:?}, not {expected:?}"));
    }
    let written = document::canonical_text(&files["input.json"]);
    let written = match (written, must_fail) {
        (Err(_), true) => return None,
        (Err(error), false) => return Some(format!("it was refused: {error}")),
        (Ok(written), _) => written,
    };
    let shown = String::from_utf8_lossy(&written);
    if must_fail {
        return Some(format!("it has a canonical form: {shown}"));
    }
    let output = &files["output.json"];
    // And what is canonical stays as it is.
    let again = document::canonical_text(output);
    (written != *output || again.as_ref() != Ok(output)).then(|| format!("it became {shown}"))
}

#[test]
fn every_text_has_the_canonical_form_that_it_states() {
    let all = read_all(&Shelf::default());
    let wrong: Vec<String> = all
        .iter()
        .filter_map(|(name, files)| Some(format!("{name}: {}", trouble(name, files)?)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let refused = all.keys().filter(|name| name.ends_with("_fail")).count();
    assert!(
        refused >= 9 && all.len() - refused >= 12,
        "only {} cases were found, {refused} of them to be refused",
        all.len()
    );
}
