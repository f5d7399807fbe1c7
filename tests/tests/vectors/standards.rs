//! Canonical JSON (RFC 8785), and the worked example of `eddsa-jcs-2022`: our bytes are the standards'.

use auths_core::Did;
use auths_core::crypto::{KeyPair, Seed};
use auths_tests::document;
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::shelf::Shelf;

pub(crate) fn canonical_json(shelf: &Shelf) {
    let names = shelf.names("jcs/input");
    assert_eq!(names.len(), 6);
    assert_eq!(names, shelf.names("jcs/output"));
    for name in names {
        let value: Value =
            serde_json::from_slice(&shelf.read(format!("jcs/input/{name}"))).unwrap();
        let expected = shelf.read(format!("jcs/output/{name}"));
        assert_eq!(document::canonical(&value), expected, "{name}");
        // And what is canonical stays as it is.
        let again: Value = serde_json::from_slice(&expected).unwrap();
        assert_eq!(document::canonical(&again), expected, "{name}");
    }
}

/// The bytes of a multibase base58btc text after these first ones.
fn multibase(text: &str, first: [u8; 2]) -> [u8; 32] {
    let bytes = bs58::decode(text.strip_prefix('z').unwrap()).into_vec();
    bytes
        .unwrap()
        .strip_prefix(&first)
        .unwrap()
        .try_into()
        .unwrap()
}

pub(crate) fn worked_example(shelf: &Shelf) {
    let w3c = |file: &str| shelf.text(format!("eddsa-jcs-2022/{file}"));
    let signed: Value = serde_json::from_str(&w3c("signedJCS.json")).unwrap();
    let mut unsecured = signed.clone();
    let mut proof = unsecured.as_object_mut().unwrap().remove("proof").unwrap();
    proof.as_object_mut().unwrap().remove("proofValue");
    let configuration: Value = serde_json::from_str(&w3c("proofConfigJCS.json")).unwrap();
    assert_eq!(proof, configuration);
    let hex = |bytes: &[u8]| HEXLOWER.encode(bytes);

    let parts = [
        (unsecured, "canonDocJCS.txt", "docHashJCS.txt"),
        (proof, "proofCanonJCS.txt", "proofHashJCS.txt"),
    ];
    for (part, canonical, hash) in parts {
        let bytes = document::canonical(&part);
        assert_eq!(str::from_utf8(&bytes).unwrap(), w3c(canonical));
        assert_eq!(hex(&Sha256::digest(&bytes)), w3c(hash));
    }
    let data = document::hash_data(&signed);
    assert_eq!(hex(&data), w3c("combinedHashJCS.txt"));

    let pair: Value = serde_json::from_str(&w3c("keyPair.json")).unwrap();
    let seed = multibase(pair["privateKeyMultibase"].as_str().unwrap(), [0x80, 0x26]);
    let key = KeyPair::from_seed(&Seed::new(Zeroizing::new(seed)));
    let public = pair["publicKeyMultibase"].as_str().unwrap();
    let did: Did = format!("did:key:{public}").parse().unwrap();
    assert_eq!(did.key(), Some(&key.public()));
    let method = did.key_method().unwrap().to_string();
    assert_eq!(signed["proof"]["verificationMethod"], method);

    let signature = key.sign(&data);
    assert_eq!(hex(&signature.to_bytes()), w3c("sigHexJCS.txt"));
    assert_eq!(
        document::multibase(&signature.to_bytes()),
        w3c("sigBTC58JCS.txt")
    );
    assert_eq!(document::signature(&signed), signature);
    assert_eq!(key.public().verify(&data, &signature), Ok(()));
}

#[test]
fn canonical_json_is_the_standards() {
    canonical_json(&Shelf::default());
}

#[test]
fn the_standards_worked_example_comes_out_the_same() {
    worked_example(&Shelf::default());
}
