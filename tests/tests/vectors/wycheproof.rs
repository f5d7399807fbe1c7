//! Project Wycheproof's Ed25519 vectors: every one has the verdict that it states.
//!
//! We check more strictly than RFC 8032 asks for (`verify_strict`: no key and no `R` of small order, the cofactorless
//! equation), so a vector that is valid could be refused here. [`STRICTER`] lists those that are, and why; today there are
//! none, and a new one in a later edition of the vectors fails the test until it stands here.

use auths_core::crypto::{PublicKey, Signature};
use wycheproof::TestResult;
use wycheproof::eddsa::{TestName, TestSet};

/// The valid vectors that are refused here: the vector's number, and why.
const STRICTER: &[(usize, &str)] = &[];

/// Whether we accept the signature: wrong lengths do not even make a key or a signature.
fn is_accepted(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), signature.try_into()) else {
        return false;
    };
    PublicKey::from_bytes(key).is_ok_and(|key| {
        key.verify(message, &Signature::from_bytes(signature))
            .is_ok()
    })
}

#[test]
fn every_signature_has_its_stated_verdict() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    let mut wrong = Vec::new();
    for group in &set.test_groups {
        for test in &group.tests {
            let stricter = STRICTER.iter().any(|(number, _)| *number == test.tc_id);
            let is_valid = match test.result {
                TestResult::Valid => true,
                TestResult::Invalid => false,
                TestResult::Acceptable => panic!("{}: neither valid nor invalid", test.tc_id),
            };
            *(if is_valid { &mut valid } else { &mut invalid }) += 1;
            let accepted = is_accepted(&group.key.pk, &test.msg, &test.sig);
            if accepted != (is_valid && !stricter) {
                wrong.push(format!(
                    "{}: {}: accepted: {accepted}",
                    test.tc_id, test.comment
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(valid + invalid, set.number_of_tests);
    assert!(
        valid > 50 && invalid > 50,
        "{valid} valid, {invalid} invalid"
    );
    println!("{valid} valid, {invalid} invalid");
}
