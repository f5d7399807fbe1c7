//! Golden vectors of signed claims: exact bytes in and out, and what must be refused is refused for the stated reason.

use std::collections::{BTreeMap, BTreeSet};

use auths_core::claim::{
    Claim, Delegation, NamespaceClaim, Observation, PlatformClaim, Revocation, TrustedPublisher,
};
use auths_tests::vectors::{Check, cases};

use crate::shelf::Shelf;

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn read_all(shelf: &Shelf) -> BTreeMap<String, Files> {
    shelf.cases("claims")
}

fn found() -> BTreeMap<String, Files> {
    read_all(&Shelf::default())
}

/// Says what is wrong with one vector.
fn trouble(name: &str, files: &Files) -> Option<String> {
    let names: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    let must_fail = name.ends_with("_fail");
    let mut expected = BTreeSet::from(["README.md", "check.json", "claim.json"]);
    if must_fail {
        expected.insert("expect");
    }
    if names != expected {
        return Some(format!("its files are {names:?}, not {expected:?}"));
    }
    let check = Check::parse(str::from_utf8(&files["check.json"]).unwrap());
    match (check.judge(&files["claim.json"]), must_fail) {
        (Ok(written), false) if written.as_bytes() == files["claim.json"] => None,
        (Ok(written), false) => Some(format!(
            "it is written differently than it was read: {written}"
        )),
        (Ok(_), true) => Some("it was accepted".to_owned()),
        (Err((reason, says)), false) => Some(format!("it was refused: {reason}: {says}")),
        (Err((reason, says)), true) => {
            let stated = str::from_utf8(&files["expect"]).unwrap();
            let (stated, part) = stated.split_once('\n').unwrap();
            let fits = reason == stated && says.contains(part.trim_end());
            (!fits)
                .then(|| format!("refused as {reason}: {says:?}, but expected {stated}: {part:?}"))
        }
    }
}

#[test]
fn every_vector_is_judged_as_it_says() {
    let all = found();
    let wrong: Vec<String> = all
        .iter()
        .filter_map(|(name, files)| Some(format!("{name}: {}", trouble(name, files)?)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(all.len() > 80, "only {} vectors were found", all.len());
}

#[test]
fn every_type_has_accepted_and_refused_vectors() {
    let all = found();
    for of in [
        PlatformClaim::TYPE,
        NamespaceClaim::TYPE,
        Delegation::TYPE,
        TrustedPublisher::TYPE,
        Revocation::TYPE,
        Observation::TYPE,
    ] {
        for must_fail in [false, true] {
            let found = all.iter().any(|(name, files)| {
                name.ends_with("_fail") == must_fail
                    && Check::parse(str::from_utf8(&files["check.json"]).unwrap()).of == of
            });
            assert!(found, "{of}, must fail: {must_fail}");
        }
    }
}

/// Signing the same claims again gives the same bytes, and no folder is left over from a case that was taken out.
#[test]
fn the_vectors_are_what_write_vectors_writes() {
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
    let found = found();
    let names: BTreeSet<_> = made.keys().chain(found.keys()).collect();
    let differ: Vec<_> = names
        .into_iter()
        .filter(|n| made.get(*n) != found.get(*n))
        .collect();
    assert!(differ.is_empty(), "these differ: {differ:?}");
}
