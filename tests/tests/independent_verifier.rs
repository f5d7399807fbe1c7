//! Claims checked by a verifier that shares no code with this project: `tests/python/verify_claim.py`, W3C
//! `eddsa-jcs-2022` from the specification with Python's own JSON, RFC 8785 and Ed25519 libraries.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};
use std::{fs, thread};

use auths_core::Reason;
use auths_core::RefutedReason;
use auths_core::claim::{Expectation, KeyRing, PlatformClaim, Signed};
use auths_tests::vectors::cases;
use auths_tests::{claims, root};
use data_encoding::BASE64;

/// The Python that tests/run has set up.
fn python() -> OsString {
    std::env::var_os("AUTHS_TEST_PYTHON").expect(
        "AUTHS_TEST_PYTHON is not set. It names a Python that has tests/requirements.txt installed; tests/run makes one \
         and sets it. To run this test by itself: AUTHS_TEST_PYTHON=$PWD/target/venv/bin/python",
    )
}

fn verifier() -> Command {
    let mut command = Command::new(python());
    command.arg(root().join("tests/python/verify_claim.py"));
    command
}

/// What the Python verifier said of one document.
#[derive(Debug)]
struct Answer {
    /// Equal for equal JSON values; `None` for what is not JSON.
    value: Option<String>,
    /// Why it was refused.
    refused: Option<String>,
}

/// Has all the documents verified by one process.
fn ask(documents: &[Vec<u8>]) -> Vec<Answer> {
    let mut process = verifier()
        .arg("--batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("AUTHS_TEST_PYTHON can be started");
    let mut stdin = process.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            for document in documents {
                writeln!(stdin, "{}", BASE64.encode(document)).unwrap();
            }
        });
        process.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "the Python verifier failed");
    let answers: Vec<Answer> = str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            let mut answer: BTreeMap<String, Option<String>> = serde_json::from_str(line).unwrap();
            Answer {
                value: answer.remove("value").unwrap(),
                refused: answer.remove("refused").unwrap(),
            }
        })
        .collect();
    assert_eq!(answers.len(), documents.len());
    answers
}

#[test]
fn a_claim_of_every_type_verifies_elsewhere() {
    let samples = [
        claims::platform().to_json(),
        claims::platform_by_name("npm:alice").to_json(),
        claims::namespace(None).to_json(),
        claims::namespace(Some(claims::challenge())).to_json(),
        claims::delegation().to_json(),
        claims::revocation_of_claim().to_json(),
        claims::revocation_of_did().to_json(),
        claims::revocation_since().to_json(),
        claims::namespace_observation().to_json(),
        claims::account_observation().to_json(),
    ];
    for (answer, sample) in ask(&samples.clone().map(String::into_bytes))
        .iter()
        .zip(&samples)
    {
        assert_eq!(answer.refused, None, "{sample}");
    }
}

#[test]
fn the_golden_vectors_are_judged_alike_elsewhere() {
    // The Python verifier knows the standard, not the profile: of what must be refused it can see only these.
    let by_standard = [
        RefutedReason::BadSignature.name(),
        RefutedReason::UnknownKey.name(),
    ];
    let cases: Vec<_> = cases()
        .into_iter()
        .filter(|case| {
            case.expect
                .is_none_or(|(reason, _)| by_standard.contains(&reason))
        })
        .collect();
    let documents: Vec<Vec<u8>> = cases.iter().map(|c| c.claim.clone().into_bytes()).collect();
    for (case, answer) in cases.iter().zip(ask(&documents)) {
        let accepted = answer.refused.is_none();
        assert_eq!(accepted, case.expect.is_none(), "{}: {answer:?}", case.name);
    }
}

/// Every position of the document: each single bit turned, other bytes in its place, left out, and put in.
fn single_byte_changes(original: &[u8]) -> Vec<Vec<u8>> {
    let mut changed = Vec::new();
    for at in 0..=original.len() {
        let (before, after) = original.split_at(at);
        let mut put = |middle: &[u8], rest: &[u8]| changed.push([before, middle, rest].concat());
        for byte in *b" \n\t\"\\0Az{},:" {
            put(&[byte], after);
        }
        let Some((old, rest)) = after.split_first() else {
            continue;
        };
        put(&[], rest);
        for bit in 0..8 {
            put(&[old ^ (1 << bit)], rest);
        }
        for byte in *b" \n\t\"\\019Az{}[]\0\xff" {
            put(&[byte], rest);
        }
    }
    changed
}

#[test]
fn no_single_byte_change_survives_in_either_verifier() {
    let original = claims::platform().to_json().into_bytes();
    let expected = Expectation::new(claims::public());
    let rust_accepts = |document: &[u8]| {
        Signed::<PlatformClaim>::parse(document)
            .and_then(|c| c.verify(&expected, &KeyRing::intrinsic(), claims::now()))
            .is_ok()
    };
    let mut documents = single_byte_changes(&original);
    documents.insert(0, original);
    let answers = ask(&documents);
    let value = answers[0].value.clone().expect("the original is JSON");
    let (mut same, mut other, mut not_json) = (0, 0, 0);
    for (document, answer) in documents.iter().zip(&answers) {
        let is_same = answer.value.as_ref() == Some(&value);
        match answer.value {
            Some(_) if is_same => same += 1,
            Some(_) => other += 1,
            None => not_json += 1,
        }
        let text = String::from_utf8_lossy(document);
        assert_eq!(
            answer.refused.is_none(),
            is_same,
            "Python: {answer:?} {text}"
        );
        assert_eq!(
            rust_accepts(document),
            is_same,
            "Rust; Python: {answer:?} {text}"
        );
    }
    // All three kinds were really among them.
    assert!(
        same > 1_000 && other > 5_000 && not_json > 5_000,
        "{same} {other} {not_json}"
    );
}

/// The standard's worked example; `tests/tests/vectors` follows its steps.
#[test]
fn the_standards_worked_example_verifies_elsewhere() {
    let example = root().join("tests/vectors/eddsa-jcs-2022/signedJCS.json");
    let answer = verifier().arg("--generic").arg(example).output().unwrap();
    assert!(answer.status.success(), "{answer:?}");
}

/// The same files that our own canonical form is held to, in `tests/tests/vectors`.
#[test]
fn canonical_json_is_the_standards_elsewhere() {
    let folder = root().join("tests/vectors/jcs");
    for input in fs::read_dir(folder.join("input")).unwrap() {
        let input = input.unwrap();
        let expected = fs::read(folder.join("output").join(input.file_name())).unwrap();
        let answer = verifier()
            .arg("--canonical")
            .arg(input.path())
            .output()
            .unwrap();
        assert!(
            answer.status.success() && answer.stdout == expected,
            "{input:?}: {answer:?}"
        );
    }
}
