//! The signatures and keys of C2SP's project Wycheproof (`testvectors_v1/json_web_signature_test.json` and `json_web_key_test.json`).
//!
//! They are not in this repository: `AUTHS_TEST_VECTORS` names the folder that has them, as `tests/vectors/README.md` says.

use std::path::{Path, PathBuf};

use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::header::{check_algorithm, check_forbidden};
use crate::key::PublicKey;
use crate::key_set::{read_key, read_keys};
use crate::members::Members;
use crate::parse::TokenParts;

/// Rows of the file with the reason why the answer here is another one.
const STRICTER: [(u32, &str); 2] = [
    (
        346,
        "its key says that it is for PS256, and the token is of PS384; rows 332 to 340 call the like invalid",
    ),
    (350, "as row 346"),
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    public: Option<Json>,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    tc_id: u32,
    jws: String,
    result: String,
}

/// Reads a file of the folder; `None`, with a line that says so, where no folder is named.
fn load(name: &str) -> Option<File> {
    let Some(named) = std::env::var_os("AUTHS_TEST_VECTORS").filter(|named| !named.is_empty())
    else {
        use std::io::Write;
        // Not captured, so that a run always shows what it did not check.
        let line = format!(
            "left out: Wycheproof's {name}; to turn it on, let AUTHS_TEST_VECTORS name a folder that has wycheproof/{name} (tests/vectors/README.md)\n"
        );
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        return None;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let path: PathBuf = root.join(named).join("wycheproof").join(name);
    let text = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(serde_json::from_str(&text).unwrap())
}

fn algorithm_named(name: &str) -> Algorithm {
    name.parse().unwrap()
}

/// Verifies a token as far as the signature, with the algorithm of the row configured.
fn accepts(jws: &str, key: &Json) -> bool {
    let Ok(parts) = TokenParts::read(jws) else {
        return false;
    };
    let Some(header) = Members::read(&parts.header).filter(|header| !header.has_doubled()) else {
        return false;
    };
    let of_header = header.text("alg").unwrap_or_default();
    let configured = key["alg"].as_str().unwrap_or(&of_header);
    if check_algorithm(&header, configured).is_err() || check_forbidden(&header).is_err() {
        return false;
    }
    let key = key.to_string();
    let material = Members::read(key.as_bytes()).and_then(|entry| read_key(&entry, configured));
    let key = material.and_then(|material| PublicKey::read(&material));
    key.is_some_and(|key| {
        key.has_signed(parts.signed, &parts.signature, algorithm_named(configured))
    })
}

#[test]
fn every_rsa_signature_of_wycheproof() {
    let Some(file) = load("json_web_signature_test.json") else {
        return;
    };
    let (mut rows, mut valid, mut others) = (0, 0, Vec::new());
    for group in &file.test_groups {
        let Some(key) = group.public.as_ref().filter(|key| key["kty"] == "RSA") else {
            continue;
        };
        for test in &group.tests {
            rows += 1;
            let is_valid = test.result == "valid";
            valid += u32::from(is_valid);
            if accepts(&test.jws, key) != is_valid {
                others.push(test.tc_id);
            }
        }
    }
    assert_eq!((rows, valid), (318, 32));
    assert_eq!(others, STRICTER.map(|(row, _)| row), "{STRICTER:?}");
}

#[test]
fn every_rsa_key_of_wycheproof() {
    let Some(file) = load("json_web_key_test.json") else {
        return;
    };
    let (mut rows, mut valid) = (Vec::new(), Vec::new());
    for group in &file.test_groups {
        let Some(set) = group.public.as_ref() else {
            continue;
        };
        let keys = set["keys"].as_array().unwrap();
        if keys.iter().all(|key| key["kty"] != "RSA") {
            continue;
        }
        for test in &group.tests {
            rows.push(test.tc_id);
            let answer = serde_json::from_str(&set.to_string()).unwrap();
            let is_usable = read_keys(&answer).is_ok();
            assert_eq!(is_usable, test.result == "valid", "row {}", test.tc_id);
            if is_usable {
                assert!(accepts(&test.jws, &keys[0]), "row {}", test.tc_id);
                valid.push(test.tc_id);
            }
        }
    }
    // A good key, one for encryption, one of the weak generator, one of 1024 bits, an exponent of 1, and one without numbers.
    assert_eq!((rows, valid), (vec![5, 6, 7, 8, 9, 24], vec![5]));
}
