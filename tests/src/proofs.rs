//! The golden vectors of `eddsa-jcs-2022`: what is signed of a document, step by step, and what comes of a step done in another way.
//!
//! `cargo run -p auths-tests --example write_vectors` writes them again. A verifier that shares no code with this project follows the
//! same steps and comes to the same bytes (`tests/tests/independent_verifier.rs`).
#![expect(
    clippy::unwrap_used,
    reason = "fixed input of tests: a panic is a failed test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use auths_core::crypto::KeyPair;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::claims::{self, ALICE_SEED, alice, bob, did};
use crate::document::{Parts, canonical, hash_data, hashes, multibase, sign, signature, text};

/// One vector.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder's name, without `_fail`. It begins with `claim` where the document is a platform claim, which core judges, too.
    pub name: &'static str,
    /// A sentence about what it shows.
    pub about: &'static str,
    /// The signed document.
    pub document: Value,
    /// Whether the signature must be refused.
    pub must_fail: bool,
}

impl Case {
    /// Returns the folder's name.
    #[must_use]
    pub fn folder(&self) -> String {
        let tail = if self.must_fail { "_fail" } else { "" };
        format!("{}{tail}", self.name)
    }

    /// Returns its files, by name. A vector that must fail has no steps, because one of them was done in another way.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let mut files = BTreeMap::from([
            ("README.md", line(self.about)),
            ("signed.json", line(&text(&self.document))),
        ]);
        if self.must_fail {
            return files;
        }
        let key =
            json!({ "seed": HEXLOWER.encode(&[ALICE_SEED; 32]), "did": did(&alice()).to_string() });
        let [proof, document] = Parts::of(&self.document).canonical();
        files.extend([
            ("key.json", line(&text(&key))),
            ("document.sha256", hex_line(&Sha256::digest(&document))),
            ("document.json", document),
            ("proof.sha256", hex_line(&Sha256::digest(&proof))),
            ("proof.json", proof),
            ("hash-data.hex", hex_line(&hash_data(&self.document))),
            (
                "signature.hex",
                hex_line(&signature(&self.document).to_bytes()),
            ),
        ]);
        files
    }
}

fn line(text: &str) -> Vec<u8> {
    format!("{text}\n").into_bytes()
}

fn hex_line(bytes: &[u8]) -> Vec<u8> {
    line(&HEXLOWER.encode(bytes))
}

/// Returns the folder of the vectors.
#[must_use]
pub fn folder() -> PathBuf {
    crate::root().join("tests/vectors/eddsa-jcs-2022")
}

/// Returns every vector.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        good("claim", "A platform claim, as core signs it.", claim()),
        good(
            "document",
            "A document that is no claim: with numbers, null, empty parts, and keys in which the order of UTF-16 shows.",
            document(),
        ),
    ];
    cases.extend(claims_signed_otherwise());
    cases.extend(claims_changed());
    cases.extend(documents_signed_otherwise());
    cases
}

fn good(name: &'static str, about: &'static str, document: Value) -> Case {
    Case {
        name,
        about,
        document,
        must_fail: false,
    }
}

fn bad(name: &'static str, about: &'static str, document: Value) -> Case {
    Case {
        name,
        about,
        document,
        must_fail: true,
    }
}

fn claim() -> Value {
    serde_json::from_str(&claims::platform().to_json()).unwrap()
}

/// Returns a signed document of no type that core knows.
fn document() -> Value {
    let context =
        json!(["https://www.w3.org/ns/credentials/v2", { "@vocab": "https://words.example/" }]);
    let key = did(&alice());
    let mut document = json!({
        "@context": context,
        "id": "urn:example:orchard",
        "kind": ["Inventory"],
        "trees": 1.0,
        "height": 0.5,
        "felled": null,
        "notes": "Ä \"quoted\" line\nand a tab\t, a slash / and U+2028 \u{2028}",
        "\u{ff5e}": { "\u{1f600}": [], "": {}, "b": [true, { "z": "z", "a": [] }] },
        "\u{1f600}": "before U+FF5E, since its first UTF-16 unit is D83D",
        "proof": {
            "@context": context,
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "created": "2026-11-21T08:46:00Z",
            "proofPurpose": "assertionMethod",
            "verificationMethod": key.key_method().unwrap().to_string(),
        },
    });
    sign(&mut document, &alice());
    document
}

/// Returns the document with a signature by this key over other bytes than those of the standard.
fn signed_over(mut document: Value, key: &KeyPair, data: &[u8]) -> Value {
    document["proof"]["proofValue"] = multibase(&key.sign(data).to_bytes()).into();
    document
}

/// Returns the claims of which a step after the canonical form was done in another way.
fn claims_signed_otherwise() -> Vec<Case> {
    let parts = Parts::of(&claim());
    let [proof, document] = parts.canonical();
    let data = hash_data(&claim());
    let mut swapped = data;
    swapped.rotate_left(32);
    let by_alice = |data: &[u8]| signed_over(claim(), &alice(), data);
    let written = [&parts.proof, &parts.unsecured].map(|part| text(part).into_bytes());
    let without_context = changed(&parts.proof, |proof| {
        proof.as_object_mut().unwrap().remove("@context");
    });
    let with_value = changed(&parts.proof, |proof| proof["proofValue"] = "".into());
    let with_proof = changed(&parts.unsecured, |it| it["proof"] = parts.proof.clone());
    vec![
        bad(
            "claim-hashes-swapped",
            "The document's hash stands before the proof's.",
            by_alice(&swapped),
        ),
        bad(
            "claim-hashes-as-text",
            "The hashes were signed as hexadecimal text.",
            by_alice(HEXLOWER.encode(&data).as_bytes()),
        ),
        bad(
            "claim-hash-of-hashes",
            "The two hashes were hashed once more.",
            by_alice(&Sha256::digest(data)),
        ),
        bad(
            "claim-document-alone",
            "The document's hash was signed without the proof's.",
            by_alice(&data[32..]),
        ),
        bad(
            "claim-not-hashed",
            "The canonical bytes were signed, and not their hashes.",
            by_alice(&[&proof[..], &document].concat()),
        ),
        bad(
            "claim-as-written",
            "The hashes are those of the indented text, and not of the canonical one.",
            by_alice(&hashes(&written)),
        ),
        bad(
            "claim-proof-without-context",
            "The proof configuration was hashed without its context.",
            by_alice(&hashes(&[canonical(&without_context), document.clone()])),
        ),
        bad(
            "claim-proof-with-value",
            "The proof configuration was hashed with an empty proofValue.",
            by_alice(&hashes(&[canonical(&with_value), document])),
        ),
        bad(
            "claim-document-with-proof",
            "The document was hashed with its proof configuration in it.",
            by_alice(&hashes(&[proof, canonical(&with_proof)])),
        ),
        bad(
            "claim-by-another",
            "Another key made the signature than the one that the proof names.",
            signed_over(claim(), &bob(), &data),
        ),
    ]
}

/// Returns the claims that were changed after they were signed.
fn claims_changed() -> Vec<Case> {
    vec![
        bad(
            "claim-document-changed",
            "The account was changed after signing.",
            changed(&claim(), |it| it["account"]["login"] = "mallory".into()),
        ),
        bad(
            "claim-proof-changed",
            "The time of the proof was changed after signing.",
            changed(&claim(), |it| {
                it["proof"]["created"] = "2026-11-21T08:46:01Z".into();
            }),
        ),
    ]
}

/// Returns the documents of which the canonical form was made in another way.
fn documents_signed_otherwise() -> Vec<Case> {
    let [proof, canonical] = Parts::of(&document()).canonical();
    let canonical = String::from_utf8(canonical).unwrap();
    let instead = |from: &str, to: &str| {
        assert_eq!(canonical.matches(from).count(), 1, "{from} stands once");
        let other = canonical.replace(from, to).into_bytes();
        signed_over(document(), &alice(), &hashes(&[proof.clone(), other]))
    };
    // The last two members of the document, from the first to the end.
    let last = canonical.find(",\"\u{1f600}\":\"").unwrap();
    let between = canonical.find(",\"\u{ff5e}\":{").unwrap();
    let end = canonical.len() - 1;
    let (first, second) = (&canonical[last..between], &canonical[between..end]);
    vec![
        bad(
            "document-code-points",
            "The keys were sorted by code points, which puts U+FF5E before U+1F600.",
            instead(&format!("{first}{second}"), &format!("{second}{first}")),
        ),
        bad(
            "document-number-as-written",
            "A number was hashed as 1.0.",
            instead("\"trees\":1", "\"trees\":1.0"),
        ),
        bad(
            "document-null-left-out",
            "A member that is null was left out of what was hashed.",
            instead("\"felled\":null,", ""),
        ),
        bad(
            "document-slash-escaped",
            "A slash was hashed with an escape.",
            instead("slash / and", "slash \\/ and"),
        ),
        bad(
            "document-ascii",
            "Characters beyond ASCII were hashed as escapes.",
            instead("Ä", "\\u00c4"),
        ),
    ]
}

fn changed(value: &Value, change: impl FnOnce(&mut Value)) -> Value {
    let mut value = value.clone();
    change(&mut value);
    value
}
