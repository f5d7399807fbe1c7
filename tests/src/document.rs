//! A second signer of documents, from the same parts as core's. It signs anything, so that a document can break one rule of the
//! profile and no other.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "fixed input of tests: a panic is a failed test"
)]

use auths_core::Did;
use auths_core::crypto::{BadSignature, KeyPair, Signature};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The two parts of a signed document that are canonicalised and hashed, each for itself.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The proof configuration: the proof without `proofValue`.
    pub proof: Value,
    /// The document without its proof.
    pub unsecured: Value,
}

impl Parts {
    /// Takes a signed document apart.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let mut unsecured = document.clone();
        let mut proof = unsecured.as_object_mut().unwrap().remove("proof").unwrap();
        if let Some(proof) = proof.as_object_mut() {
            proof.remove("proofValue");
        }
        Self { proof, unsecured }
    }

    /// Returns the canonical bytes of both, the proof's first.
    #[must_use]
    pub fn canonical(&self) -> [Vec<u8>; 2] {
        [canonical(&self.proof), canonical(&self.unsecured)]
    }
}

/// Returns the two hashes that `eddsa-jcs-2022` signs: of the proof without `proofValue`, and of the document without its proof.
#[must_use]
pub fn hash_data(document: &Value) -> [u8; 64] {
    hashes(&Parts::of(document).canonical())
}

/// Returns the SHA-256 of one part and then that of the other.
#[must_use]
pub fn hashes(parts: &[Vec<u8>; 2]) -> [u8; 64] {
    let mut data = [0; 64];
    for (half, part) in data.chunks_mut(32).zip(parts) {
        half.copy_from_slice(&Sha256::digest(part));
    }
    data
}

/// Returns the canonical bytes (RFC 8785).
#[must_use]
pub fn canonical(value: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(value).unwrap()
}

/// Returns the canonical bytes (RFC 8785) of the JSON in a text.
///
/// # Errors
/// Says why the text has no canonical form.
pub fn canonical_text(text: &[u8]) -> Result<Vec<u8>, String> {
    let value: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    serde_json_canonicalizer::to_vec(&value).map_err(|error| error.to_string())
}

/// Signs the document as it is, whatever it says, into `proof.proofValue`.
pub fn sign(document: &mut Value, key: &KeyPair) {
    let signature = key.sign(&hash_data(document));
    document["proof"]["proofValue"] = Value::String(multibase(&signature.to_bytes()));
}

/// Verifies the signature of any document of the cryptosuite, by the key that its verification method spells. Nothing else about the
/// document is checked.
///
/// # Errors
/// The signature is not by that key over this document.
pub fn verify(document: &Value) -> Result<(), BadSignature> {
    let method = document["proof"]["verificationMethod"].as_str().unwrap();
    let (did, _) = method.split_once('#').unwrap();
    let did: Did = did.parse().unwrap();
    let key = did.key().unwrap();
    key.verify(&hash_data(document), &signature(document))
}

/// Returns the bytes in multibase base58btc.
#[must_use]
pub fn multibase(bytes: &[u8]) -> String {
    format!("z{}", bs58::encode(bytes).into_string())
}

/// Returns the signature in `proof.proofValue`.
#[must_use]
pub fn signature(document: &Value) -> Signature {
    let text = document["proof"]["proofValue"].as_str().unwrap();
    let bytes = bs58::decode(text.strip_prefix('z').unwrap()).into_vec();
    Signature::from_bytes(bytes.unwrap().try_into().unwrap())
}

/// Returns the signature with the order of the group added to its scalar. A verifier that forgets the range check takes both for
/// equal.
#[must_use]
pub fn malleated(signature: &Signature) -> [u8; 64] {
    /// The order of the base point, least byte first (RFC 8032, section 5.1).
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let mut bytes = signature.to_bytes();
    let mut carry = 0;
    for (byte, order) in bytes[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    bytes
}

/// Returns the text of a document as it is stored: indented, keys in order.
#[must_use]
pub fn text(document: &Value) -> String {
    let mut document = document.clone();
    // Needed only when some crate in the build enables serde_json's `preserve_order`.
    document.sort_all_objects();
    serde_json::to_string_pretty(&document).unwrap()
}
