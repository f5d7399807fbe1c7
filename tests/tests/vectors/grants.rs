//! Golden vectors of grants: exact bytes, what they say, and what must be refused for the stated reason.

use std::collections::{BTreeMap, BTreeSet};

use auths_core::grant::{DenyList, GrantError};
use auths_core::{ExposeSecret, SecretString};
use auths_tests::claims::now;
use auths_tests::grants::{Check, cases, of_key, sign, signer, taken_apart, verifier};
use serde_json::json;

use crate::shelf::Shelf;

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn read_all(shelf: &Shelf) -> BTreeMap<String, Files> {
    shelf.cases("grants")
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

/// Says what is wrong with one vector.
fn trouble(name: &str, files: &Files) -> Option<String> {
    let must_fail = name.ends_with("_fail");
    let result = if must_fail { "expect" } else { "payload.json" };
    let names: BTreeSet<&str> = files.keys().map(String::as_str).collect();
    if names != BTreeSet::from(["README.md", "check.json", "grant", result]) {
        return Some(format!("its files are {names:?}"));
    }
    let check = Check::parse(text(&files["check.json"]));
    let stated = text(&files[result]);
    match check.judge(text(&files["grant"])) {
        Ok(payload) if !must_fail && payload == stated => None,
        Ok(payload) => Some(format!("it was accepted, and says {payload}")),
        Err((reason, _)) if must_fail && reason == stated.trim_end() => None,
        Err((reason, says)) => Some(format!("it was refused as {reason}: {says}")),
    }
}

#[test]
fn every_grant_is_judged_as_it_says() {
    let all = read_all(&Shelf::default());
    let wrong: Vec<String> = all
        .iter()
        .filter_map(|(name, files)| Some(format!("{name}: {}", trouble(name, files)?)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(all.len() > 30, "only {} vectors were found", all.len());
}

#[test]
fn the_grants_are_what_write_vectors_writes() {
    let made: BTreeMap<String, Files> = cases()
        .iter()
        .map(|case| {
            let files = case.files().into_iter();
            let files = files.map(|(name, bytes)| (name.to_owned(), bytes));
            (case.folder(), files.collect())
        })
        .collect();
    assert_eq!(made.len(), cases().len(), "two cases share a folder");
    assert_eq!(made, read_all(&Shelf::default()));
}

/// The reader of ID tokens and the reader of grants, each with the other's tokens, and with what lies between them.
#[test]
fn an_id_token_is_never_a_grant_and_a_grant_is_never_an_id_token() {
    let is_grant = |token: &str| {
        let token: SecretString = token.to_owned().into();
        let found = verifier(DenyList::default()).verify(&token, now());
        !matches!(found, Err(GrantError::Malformed { .. }))
    };
    let is_id_token = auths_adapters_ci::fuzzing::token;
    let grant = of_key();
    assert!(is_grant(grant.expose_secret()) && !is_id_token(grant.expose_secret()));
    for case in cases() {
        let (may_be_grant, may_be_id_token) = (is_grant(&case.grant), is_id_token(&case.grant));
        assert!(!(may_be_grant && may_be_id_token), "{}", case.name);
    }
    let [header, payload] = taken_apart(grant.expose_secret());
    let kid = header.split('"').nth(7).unwrap();
    for alg in ["RS256", "EdDSA", "none"] {
        for typ in [
            None,
            Some("JWT"),
            Some("jwt"),
            Some("auths-grant+jwt"),
            Some("AUTHS-GRANT+JWT"),
        ] {
            let header = match typ {
                Some(typ) => json!({"alg": alg, "kid": kid, "typ": typ}),
                None => json!({"alg": alg, "kid": kid}),
            };
            let token = sign(&header.to_string(), &payload, &signer());
            let is_ours = alg == "EdDSA" && typ == Some("auths-grant+jwt");
            assert_eq!(is_grant(&token), is_ours, "{header}");
            assert!(!(is_grant(&token) && is_id_token(&token)), "{header}");
        }
    }
    let id_token = sign(r#"{"alg":"RS256","kid":"k","typ":"JWT"}"#, "{}", &signer());
    assert!(is_id_token(&id_token) && !is_grant(&id_token));
}
