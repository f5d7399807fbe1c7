//! The golden vectors of signed claims: their content, their files, and their judgement.
//!
//! `cargo run -p auths-tests --example write_vectors` writes them again. A test fails when the files differ from its output, so
//! that a change of the signed form cannot pass unseen.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "fixed input of tests: a panic is a failed test"
)]

mod accepted;
mod body;
mod json;
mod profile;
mod publisher;
mod signature;
mod time;

use std::collections::BTreeMap;
use std::path::PathBuf;

use auths_core::claim::{
    AnyClaim, Audience, Challenge, Claim, ClaimError, Delegation, KeyRing, NamespaceClaim,
    Observation, PlatformClaim, ProofExpectation, Revocation, Signed, TrustedPublisher,
};
use auths_core::{Did, Invalid, Reason, Timestamp};
use serde_json::{Value, json};

use crate::claims::{self, alice, bob, challenge, did, hub, now, public};
use crate::document::{hash_data, malleated, multibase, sign, signature, text};

/// One vector.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder's name, without `_fail`.
    pub name: &'static str,
    /// A sentence about what it shows.
    pub about: &'static str,
    /// The document.
    pub claim: String,
    /// The input of the check.
    pub check: Check,
    /// The reason's name and a part of the error, for a vector that must be refused.
    pub expect: Option<(&'static str, &'static str)>,
}

/// The input of a verifier beside the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The expected type.
    pub of: String,
    /// The time.
    pub now: Timestamp,
    /// The expected audience.
    pub audience: Audience,
    /// The expected challenge.
    pub challenge: Option<Challenge>,
}

impl Check {
    fn of<C: Claim>(audience: Audience) -> Self {
        Self {
            of: C::TYPE.to_owned(),
            now: now(),
            audience,
            challenge: None,
        }
    }

    fn answering(mut self) -> Self {
        self.challenge = Some(challenge());
        self
    }

    fn at(mut self, now: &str) -> Self {
        self.now = now.parse().unwrap();
        self
    }

    fn to_json(&self) -> String {
        let mut check = json!({
            "type": self.of,
            "now": self.now.to_string(),
            "audience": self.audience.to_string(),
        });
        if let Some(challenge) = &self.challenge {
            check["challenge"] = challenge.to_string().into();
        }
        text(&check) + "\n"
    }

    /// Reads `check.json`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let check: BTreeMap<String, String> = serde_json::from_str(text).unwrap();
        Self {
            of: check["type"].clone(),
            now: check["now"].parse().unwrap(),
            audience: check["audience"].parse().unwrap(),
            challenge: check.get("challenge").map(|c| c.parse().unwrap()),
        }
    }

    /// Parses and verifies a document. Returns its whole text as core writes it, or the reason's name and the error.
    ///
    /// # Errors
    /// An error when the document does not parse or does not verify.
    pub fn judge(&self, document: &[u8]) -> Result<String, (&'static str, String)> {
        match self.of.as_str() {
            PlatformClaim::TYPE => self.judge_as::<PlatformClaim>(document),
            NamespaceClaim::TYPE => self.judge_as::<NamespaceClaim>(document),
            Delegation::TYPE => self.judge_as::<Delegation>(document),
            TrustedPublisher::TYPE => self.judge_as::<TrustedPublisher>(document),
            Revocation::TYPE => self.judge_as::<Revocation>(document),
            Observation::TYPE => self.judge_as::<Observation>(document),
            other => Err((Invalid::Usage.name(), format!("no such type: {other}"))),
        }
    }

    fn judge_as<C: Claim>(&self, document: &[u8]) -> Result<String, (&'static str, String)> {
        let named = |e: ClaimError| {
            let name = match &e {
                ClaimError::Json(_) => Invalid::BadJson.name(),
                ClaimError::Malformed { .. } => Invalid::BadClaim.name(),
                ClaimError::Refuted(refuted) => refuted.reason.name(),
                ClaimError::Unavailable(unavailable) => unavailable.reason.name(),
                _ => "a reason that the tests do not know",
            };
            (name, e.to_string())
        };
        let read = Signed::<C>::parse(document);
        // The other two ways of reading must agree with this one.
        let by_serde = serde_json::from_slice::<Signed<C>>(document);
        let untyped = AnyClaim::parse(document);
        assert_eq!(read.as_ref().ok(), by_serde.as_ref().ok(), "serde differs");
        if read.is_ok() {
            assert!(untyped.is_ok(), "AnyClaim differs: {untyped:?}");
        }
        let read = read.map_err(named)?;
        let mut expected = ProofExpectation::new(self.audience.clone());
        if let Some(challenge) = &self.challenge {
            expected = expected.with_challenge(challenge.clone());
        }
        let verified = read.verify(&expected, &KeyRing::intrinsic(), self.now);
        let verified = verified.map_err(named)?;
        assert_eq!(verified.get(), read.unverified());
        Ok(read.to_json())
    }
}

impl Case {
    /// Returns the folder's name.
    #[must_use]
    pub fn folder(&self) -> String {
        let tail = if self.expect.is_some() { "_fail" } else { "" };
        format!("{}{tail}", self.name)
    }

    /// Returns its files, by name.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let mut files = BTreeMap::from([
            ("README.md", format!("{}\n", self.about).into_bytes()),
            ("check.json", self.check.to_json().into_bytes()),
            ("claim.json", self.claim.clone().into_bytes()),
        ]);
        if let Some((reason, says)) = self.expect {
            files.insert("expect", format!("{reason}\n{says}\n").into_bytes());
        }
        files
    }
}

/// Returns the folder of the vectors.
#[must_use]
pub fn folder() -> PathBuf {
    crate::root().join("tests/vectors/claims")
}

/// Returns every vector.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        accepted::cases(),
        profile::cases(),
        json::cases(),
        body::cases(),
        publisher::cases(),
        signature::cases(),
        time::cases(),
    ]
    .concat()
}

fn good(name: &'static str, about: &'static str, claim: String, check: Check) -> Case {
    Case {
        name,
        about,
        claim,
        check,
        expect: None,
    }
}

fn bad(
    name: &'static str,
    about: &'static str,
    claim: String,
    check: Check,
    reason: &'static str,
    says: &'static str,
) -> Case {
    Case {
        name,
        about,
        claim,
        check,
        expect: Some((reason, says)),
    }
}

fn platform() -> Check {
    Check::of::<PlatformClaim>(public())
}

fn namespace() -> Check {
    Check::of::<NamespaceClaim>(hub())
}

fn value<C: Claim>(claim: &Signed<C>) -> Value {
    serde_json::from_str(&claim.to_json()).unwrap()
}

/// Returns a sample claim with a change, signed again by the same key. Only the change is wrong with it.
fn resigned<C: Claim>(claim: &Signed<C>, change: impl FnOnce(&mut Value)) -> String {
    let mut document = value(claim);
    change(&mut document);
    sign(&mut document, &alice());
    text(&document)
}

/// Returns a sample claim with a change made after it was signed.
fn tampered<C: Claim>(claim: &Signed<C>, change: impl FnOnce(&mut Value)) -> String {
    let mut document = value(claim);
    change(&mut document);
    text(&document)
}

/// Returns a sample claim's text with one part of it written differently.
fn rewritten<C: Claim>(claim: &Signed<C>, from: &str, to: &str) -> String {
    let text = claim.to_json();
    assert_eq!(text.matches(from).count(), 1, "{from} stands once");
    text.replace(from, to)
}

fn object(document: &mut Value) -> &mut serde_json::Map<String, Value> {
    document.as_object_mut().unwrap()
}
