//! Golden vectors of `eddsa-jcs-2022`, step by step: of our own documents, with our own test key.

use std::collections::{BTreeMap, BTreeSet};

use auths_core::claim::{Claim, PlatformClaim};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::{Reason, RefutedReason};
use auths_tests::document::{self, Parts};
use auths_tests::proofs::cases;
use auths_tests::{claims, vectors};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::shelf::Shelf;

type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn read_all(shelf: &Shelf) -> BTreeMap<String, Files> {
    shelf.cases("eddsa-jcs-2022")
}

fn found() -> BTreeMap<String, Files> {
    read_all(&Shelf::default())
}

fn hex(text: &[u8]) -> Vec<u8> {
    HEXLOWER.decode(text.trim_ascii_end()).unwrap()
}

/// What core says of a platform claim: nothing, or the name of the reason.
fn judge_by_core(signed: &[u8]) -> Result<(), &'static str> {
    let check = vectors::Check {
        of: PlatformClaim::TYPE.to_owned(),
        now: claims::now(),
        audience: claims::public(),
        challenge: None,
    };
    check
        .judge(signed)
        .map(|_| ())
        .map_err(|(reason, _)| reason)
}

#[test]
fn every_step_comes_out_as_it_stands() {
    let mut followed = 0;
    for (name, files) in found() {
        if name.ends_with("_fail") {
            continue;
        }
        let signed: Value = serde_json::from_slice(&files["signed.json"]).unwrap();
        let parts = Parts::of(&signed);
        for (part, stem) in [(parts.proof, "proof"), (parts.unsecured, "document")] {
            let bytes = &files[&format!("{stem}.json")];
            assert_eq!(&document::canonical(&part), bytes, "{name}: {stem}");
            let hash = hex(&files[&format!("{stem}.sha256")]);
            assert_eq!(Sha256::digest(bytes)[..], hash, "{name}: {stem}");
        }
        let data = hex(&files["hash-data.hex"]);
        let both = [hex(&files["proof.sha256"]), hex(&files["document.sha256"])].concat();
        assert_eq!(data, both, "{name}: the proof's hash stands first");
        assert_eq!(document::hash_data(&signed)[..], data, "{name}");

        let key: BTreeMap<String, String> = serde_json::from_slice(&files["key.json"]).unwrap();
        let seed: [u8; 32] = hex(key["seed"].as_bytes()).try_into().unwrap();
        let pair = KeyPair::from_seed(&Seed::new(Zeroizing::new(seed)));
        assert_eq!(claims::did(&pair).to_string(), key["did"], "{name}");
        let signature = pair.sign(&data);
        assert_eq!(
            signature.to_bytes()[..],
            hex(&files["signature.hex"]),
            "{name}"
        );
        assert_eq!(document::signature(&signed), signature, "{name}");
        followed += 1;
    }
    assert_eq!(followed, 2);
}

#[test]
fn only_what_was_signed_by_these_steps_verifies() {
    let (mut accepted, mut refused) = (0, 0);
    for (name, files) in found() {
        let signed: Value = serde_json::from_slice(&files["signed.json"]).unwrap();
        let must_fail = name.ends_with("_fail");
        assert_eq!(document::verify(&signed).is_err(), must_fail, "{name}");
        if name.starts_with("claim") {
            let expected = match must_fail {
                true => Err(RefutedReason::BadSignature.name()),
                false => Ok(()),
            };
            assert_eq!(judge_by_core(&files["signed.json"]), expected, "{name}");
        }
        *(if must_fail {
            &mut refused
        } else {
            &mut accepted
        }) += 1;
    }
    assert!(accepted >= 2 && refused >= 17, "{accepted}, {refused}");
}

#[test]
fn the_proofs_are_what_write_vectors_writes() {
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
