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
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, thread};

use auths_core::Reason;
use auths_core::RefutedReason;
use auths_core::claim::{KeyRing, PlatformClaim, ProofExpectation, Signed};
use auths_tests::vectors::cases;
use auths_tests::{claims, proofs, published, root};
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
        claims::trusted_publisher().to_json(),
        claims::trusted_publisher_in_full().to_json(),
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
    let expected = ProofExpectation::new(claims::public());
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

/// What the Python verifier says of each of these documents of the cryptosuite: nothing, or why it is refused.
fn ask_of_any(documents: &[PathBuf]) -> Vec<Option<String>> {
    let mut command = verifier();
    let answer = command.arg("--generic").args(documents).output().unwrap();
    let said = String::from_utf8(answer.stdout).unwrap();
    let answers = said.lines().zip(documents).map(|(line, document)| {
        let said = line.strip_prefix(document.to_str().unwrap()).unwrap();
        match said {
            ": ok" => None,
            _ => Some(said.strip_prefix(": refused: ").unwrap().to_owned()),
        }
    });
    let answers: Vec<_> = answers.collect();
    assert_eq!(answers.len(), documents.len(), "{said}");
    let is_refused = answers.iter().any(Option::is_some);
    assert_eq!(answer.status.code(), Some(i32::from(is_refused)));
    answers
}

/// The RFC 8785 form that Python writes of a file, if it has one.
fn canonical_elsewhere(file: &Path) -> Option<Vec<u8>> {
    let answer = verifier().arg("--canonical").arg(file).output().unwrap();
    match answer.status.code() {
        Some(0) => Some(answer.stdout),
        Some(1) if String::from_utf8_lossy(&answer.stdout).contains("no canonical form") => None,
        _ => panic!("{}: {answer:?}", file.display()),
    }
}

#[test]
fn only_what_was_signed_by_the_steps_verifies_elsewhere() {
    let cases = proofs::cases();
    let files = cases
        .iter()
        .map(|case| proofs::folder().join(case.folder()).join("signed.json"));
    let files: Vec<PathBuf> = files.collect();
    for (case, refused) in cases.iter().zip(ask_of_any(&files)) {
        let expected = case.must_fail.then_some("the signature does not verify");
        assert_eq!(refused.as_deref(), expected, "{}", case.name);
    }
}

/// From the document and the key alone.
#[test]
fn every_step_comes_out_the_same_elsewhere() {
    for case in proofs::cases().into_iter().filter(|case| !case.must_fail) {
        let folder = proofs::folder().join(case.folder());
        let key = fs::read(folder.join("key.json")).unwrap();
        let key: BTreeMap<String, String> = serde_json::from_slice(&key).unwrap();
        let mut command = verifier();
        command.arg("--steps").arg(folder.join("signed.json"));
        let answer = command.arg(&key["seed"]).output().unwrap();
        assert!(answer.status.success(), "{}: {answer:?}", case.name);
        let steps: BTreeMap<String, String> = serde_json::from_slice(&answer.stdout).unwrap();
        assert_eq!(steps.len(), 6, "{}", case.name);
        for (file, step) in steps {
            let ours = fs::read_to_string(folder.join(&file)).unwrap();
            assert_eq!(ours.trim_end(), step, "{}: {file}", case.name);
        }
    }
}

/// The cases that our own canonical form is held to, in `tests/tests/vectors`.
#[test]
fn every_text_has_its_canonical_form_elsewhere() {
    for case in fs::read_dir(root().join("tests/vectors/jcs")).unwrap() {
        let folder = case.unwrap().path();
        let expected = fs::read(folder.join("output.json")).ok();
        let is_bad = folder.to_str().unwrap().ends_with("_fail");
        assert_eq!(expected.is_none(), is_bad, "{}", folder.display());
        let written = canonical_elsewhere(&folder.join("input.json"));
        assert_eq!(written, expected, "{}", folder.display());
    }
}

/// The worked example that the standard's authors published; `tests/tests/vectors` follows its steps.
#[test]
fn the_standards_worked_example_verifies_elsewhere() {
    let checks = "the worked example of eddsa-jcs-2022, by the independent verifier";
    if let Some(folder) = published::folder("eddsa-jcs-2022", checks) {
        assert_eq!(ask_of_any(&[folder.join("signedJCS.json")]), [None]);
    }
}

/// The files that our own canonical form is held to, in `tests/tests/vectors`.
#[test]
fn canonical_json_is_the_standards_elsewhere() {
    let checks = "the examples of RFC 8785's authors, by the independent verifier";
    let Some(folder) = published::folder("jcs", checks) else {
        return;
    };
    for input in fs::read_dir(folder.join("input")).unwrap() {
        let input = input.unwrap();
        let expected = fs::read(folder.join("output").join(input.file_name())).unwrap();
        let written = canonical_elsewhere(&input.path());
        assert_eq!(written, Some(expected), "{input:?}");
    }
}
