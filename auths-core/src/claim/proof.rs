//! The Data Integrity proof: its exact members, and the bytes that are signed.
//!
//! Source: W3C Verifiable Credential Data Integrity 1.0, section 2.1; Data Integrity EdDSA Cryptosuites 1.0,
//! section 3.3 (`eddsa-jcs-2022`).

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{Audience, Challenge, StrictJson};
use crate::Timestamp;
use crate::crypto::Signature;
use crate::identity::{Did, VerificationMethod};

/// The one context, the same in document and proof. It consists of names, not addresses: nothing is fetched.
pub(crate) const CONTEXT: [&str; 2] = [
    "https://w3id.org/security/data-integrity/v2",
    "urn:auths:claims:v1",
];

const TYPE: &str = "DataIntegrityProof";
const CRYPTOSUITE: &str = "eddsa-jcs-2022";
const PURPOSE: &str = "assertionMethod";

/// The content of a proof without its fixed members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) created: Timestamp,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) method: VerificationMethod,
    pub(crate) domain: Audience,
    pub(crate) challenge: Option<Challenge>,
}

pub(crate) fn context() -> StrictJson {
    StrictJson::Array(
        CONTEXT
            .iter()
            .map(|c| StrictJson::String((*c).to_owned()))
            .collect(),
    )
}

pub(crate) fn is_context(json: &StrictJson) -> bool {
    match json {
        StrictJson::Array(items) => {
            items.len() == CONTEXT.len()
                && items
                    .iter()
                    .zip(CONTEXT)
                    .all(|(item, c)| matches!(item, StrictJson::String(s) if s == c))
        }
        _ => false,
    }
}

impl Proof {
    /// Returns the proof's members without `proofValue`: the "proof configuration" that is signed.
    pub(crate) fn configuration(&self) -> BTreeMap<String, StrictJson> {
        let mut members = BTreeMap::new();
        let mut put =
            |key: &str, value: String| members.insert(key.to_owned(), StrictJson::String(value));
        put("type", TYPE.to_owned());
        put("cryptosuite", CRYPTOSUITE.to_owned());
        put("created", self.created.to_string());
        if let Some(expires) = self.expires {
            put("expires", expires.to_string());
        }
        put("verificationMethod", self.method.to_string());
        put("proofPurpose", PURPOSE.to_owned());
        put("domain", self.domain.to_string());
        if let Some(challenge) = &self.challenge {
            put("challenge", challenge.to_string());
        }
        members.insert("@context".to_owned(), context());
        members
    }

    /// Reads the exact members. Any other member is an error. Leaves `members` without `proofValue`.
    pub(crate) fn read(
        members: &mut BTreeMap<String, StrictJson>,
        did: &Did,
    ) -> Result<(Self, Signature), String> {
        let signature = read_signature(members.remove("proofValue"))?;
        let mut texts = ReadTexts { members, seen: 0 };
        for (key, fixed) in [
            ("type", TYPE),
            ("cryptosuite", CRYPTOSUITE),
            ("proofPurpose", PURPOSE),
        ] {
            if texts.text(key)? != Some(fixed) {
                return Err(format!("proof.{key} is not {fixed:?}"));
            }
        }
        let proof = Self {
            created: texts.parse("created")?.ok_or("proof.created is missing")?,
            expires: texts.parse("expires")?,
            method: texts
                .text("verificationMethod")?
                .and_then(|m| VerificationMethod::of(did, m))
                .ok_or("proof.verificationMethod is not a key of the document's did")?,
            domain: texts.parse("domain")?.ok_or("proof.domain is missing")?,
            challenge: texts.parse("challenge")?,
        };
        let seen = texts.seen;
        if !members.get("@context").is_some_and(is_context) {
            return Err("proof.@context is not the context of this profile".to_owned());
        }
        if members.len() != seen + 1 {
            return Err("proof has a member that the profile does not know".to_owned());
        }
        Ok((proof, signature))
    }
}

/// The members of a proof that are read as texts, and how many of them were there.
struct ReadTexts<'a> {
    members: &'a BTreeMap<String, StrictJson>,
    seen: usize,
}

impl<'a> ReadTexts<'a> {
    fn text(&mut self, key: &str) -> Result<Option<&'a str>, String> {
        match self.members.get(key) {
            None => Ok(None),
            Some(StrictJson::String(text)) => {
                self.seen += 1;
                Ok(Some(text))
            }
            Some(_) => Err(format!("proof.{key} is not a string")),
        }
    }

    fn parse<T: FromStr<Err: fmt::Display>>(&mut self, key: &str) -> Result<Option<T>, String> {
        let text = self.text(key)?;
        text.map(|t| t.parse().map_err(|e| format!("proof.{key}: {e}")))
            .transpose()
    }
}

/// Reads `proofValue`: multibase base58btc of the 64 bytes, in its one spelling.
fn read_signature(value: Option<StrictJson>) -> Result<Signature, String> {
    let bad = "proof.proofValue is not 64 bytes in multibase base58btc";
    let Some(StrictJson::String(text)) = value else {
        return Err(bad.to_owned());
    };
    let encoded = text
        .strip_prefix('z')
        .filter(|e| e.len() <= 90)
        .ok_or(bad)?;
    let mut bytes = [0u8; 64];
    let n = bs58::decode(encoded).onto(&mut bytes).map_err(|_| bad)?;
    if n != 64 {
        return Err(bad.to_owned());
    }
    // Base58 maps texts to bytes one to one, so a signature has one spelling.
    Ok(Signature::from_bytes(bytes))
}

pub(crate) fn write_signature(signature: &Signature) -> String {
    format!("z{}", bs58::encode(signature.to_bytes()).into_string())
}

/// Returns the bytes that are signed: SHA-256 of the canonical proof configuration, then SHA-256 of the canonical document.
pub(crate) fn hash_data(configuration: &StrictJson, document: &[u8]) -> [u8; 64] {
    let mut data = [0u8; 64];
    data[..32].copy_from_slice(&Sha256::digest(configuration.canonical()));
    data[32..].copy_from_slice(&Sha256::digest(document));
    data
}
