//! Golden vectors of bundles: each is read, decided anew, and answered as it says.

use std::collections::{BTreeMap, BTreeSet};

use auths_tests::bundles::{Check, cases};

use crate::shelf::Shelf;

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn read_all(shelf: &Shelf) -> BTreeMap<String, Files> {
    shelf.cases("bundles")
}

/// Says what is wrong with one vector.
fn trouble(name: &str, files: &Files) -> Option<String> {
    let names: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    let must_fail = name.ends_with("_fail");
    let mut expected = BTreeSet::from(["README.md", "check.json", "bundle.json"]);
    if must_fail {
        expected.insert("expect");
    }
    if names != expected {
        return Some(format!("its files are {names:?}, not {expected:?}"));
    }
    let check = Check::parse(str::from_utf8(&files["check.json"]).unwrap());
    match (check.judge(&files["bundle.json"]), must_fail) {
        (Ok(written), false) if written.as_bytes() == files["bundle.json"] => None,
        (Ok(_), false) => Some("it is written differently than it was read".to_owned()),
        (Ok(_), true) => Some("it was accepted".to_owned()),
        (Err(refused), false) => Some(format!("it was not accepted: {refused:?}")),
        (Err((reason, says)), true) => {
            let stated = str::from_utf8(&files["expect"]).unwrap();
            let (stated, part) = stated.split_once('\n').unwrap();
            let fits = reason == stated && says.contains(part.trim_end());
            (!fits).then(|| format!("{reason}: {says:?}, but expected {stated}: {part:?}"))
        }
    }
}

#[test]
fn every_bundle_is_answered_as_it_says() {
    let all = read_all(&Shelf::default());
    let troubles = all
        .iter()
        .filter_map(|(name, files)| Some(format!("{name}: {}", trouble(name, files)?)));
    let wrong: Vec<String> = troubles.collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(all.len() > 25, "only {} vectors were found", all.len());
}

/// Every answer that a bundle can come to is among them.
#[test]
fn every_answer_has_a_bundle() {
    let said: Vec<_> = cases()
        .iter()
        .map(|case| case.check.judge(case.bundle.as_bytes()))
        .collect();
    assert!(said.iter().any(Result::is_ok));
    for outcome in [
        "pending: ",
        "denied: ",
        "undetermined: ",
        "the JSON is refused",
    ] {
        let is_said = |answer: &Result<String, (_, String)>| matches!(answer, Err((_, says)) if says.starts_with(outcome));
        assert!(said.iter().any(is_said), "{outcome}");
    }
}

#[test]
fn the_bundles_are_what_write_vectors_writes() {
    let made: BTreeMap<String, Files> = cases()
        .iter()
        .map(|case| {
            let files = case.files().into_iter();
            (
                case.folder(),
                files.map(|(n, b)| (n.to_owned(), b)).collect(),
            )
        })
        .collect();
    assert_eq!(made.len(), cases().len(), "two cases share a folder");
    let found = read_all(&Shelf::default());
    let names: BTreeSet<_> = made.keys().chain(found.keys()).collect();
    let differ: Vec<_> = names
        .into_iter()
        .filter(|n| made.get(*n) != found.get(*n))
        .collect();
    assert!(differ.is_empty(), "these differ: {differ:?}");
}
