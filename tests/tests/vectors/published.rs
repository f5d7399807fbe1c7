//! The examples that the authors of RFC 8785 and of `eddsa-jcs-2022` published: our bytes are the standards'. This repository does not
//! hold them (`auths_tests::published`).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use auths_core::Did;
use auths_core::crypto::{KeyPair, Seed};
use auths_tests::{document, published};
use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}

#[test]
fn canonical_json_is_the_standards() {
    let Some(folder) = published::folder("jcs", "the examples of RFC 8785's authors") else {
        return;
    };
    let names = [folder.join("input"), folder.join("output")].map(|folder| names(&folder));
    assert_eq!(names[0].len(), 6);
    assert_eq!(names[0], names[1]);
    for name in &names[0] {
        let expected = read(&folder.join("output").join(name));
        // And what is canonical stays as it is.
        for text in [&read(&folder.join("input").join(name)), &expected] {
            let written = document::canonical_text(text);
            assert_eq!(written.as_ref(), Ok(&expected), "{name}");
        }
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

#[test]
fn the_standards_worked_example_comes_out_the_same() {
    let checks = "the steps of the worked example of eddsa-jcs-2022";
    let Some(folder) = published::folder("eddsa-jcs-2022", checks) else {
        return;
    };
    let w3c = |file: &str| {
        let text = String::from_utf8(read(&folder.join(file))).unwrap();
        text.trim_end().to_owned()
    };
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
