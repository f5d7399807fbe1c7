//! The golden vectors of signed claims: what they are made of, how they are written down, and how they are judged.
//!
//! `cargo run -p auths-tests --example write_vectors` writes them anew; a test fails when the files differ from what it
//! would write, so that a change of the signed form cannot pass unseen.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "fixed input of tests: a panic is a failed test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;

use auths_core::claim::{
    AnyClaim, Audience, Challenge, Claim, ClaimError, Delegation, Expectation, KeyRing,
    NamespaceClaim, Observation, PlatformClaim, Revocation, Signed,
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
    /// What it shows, in a sentence.
    pub about: &'static str,
    /// The document.
    pub claim: String,
    /// How it is checked.
    pub check: Check,
    /// For one that must be refused: the reason's name, and a part of what the error says.
    pub expect: Option<(&'static str, &'static str)>,
}

/// What a verifier is given along with the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The type that it asks for.
    pub of: String,
    /// The time.
    pub now: Timestamp,
    /// For whom the claim should be.
    pub audience: Audience,
    /// The challenge that it should answer.
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

    /// Parses and verifies a document; answers its whole text as core writes it, or the reason's name and the error.
    ///
    /// # Errors
    /// When it does not parse or does not verify.
    pub fn judge(&self, document: &[u8]) -> Result<String, (&'static str, String)> {
        match self.of.as_str() {
            PlatformClaim::TYPE => self.judge_as::<PlatformClaim>(document),
            NamespaceClaim::TYPE => self.judge_as::<NamespaceClaim>(document),
            Delegation::TYPE => self.judge_as::<Delegation>(document),
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
                ClaimError::Refuted(refuted) => refuted.by.name(),
                ClaimError::Unavailable(unavailable) => unavailable.why.name(),
                _ => "a reason that the tests do not know",
            };
            (name, e.to_string())
        };
        let read = Signed::<C>::parse(document);
        // The other two ways in must agree with this one.
        let by_serde = serde_json::from_slice::<Signed<C>>(document);
        let untyped = AnyClaim::parse(document);
        assert_eq!(read.as_ref().ok(), by_serde.as_ref().ok(), "serde differs");
        if read.is_ok() {
            assert!(untyped.is_ok(), "AnyClaim differs: {untyped:?}");
        }
        let read = read.map_err(named)?;
        let mut expected = Expectation::new(self.audience.clone());
        if let Some(challenge) = &self.challenge {
            expected = expected.answering(challenge.clone());
        }
        let verified = read.verify(&expected, &KeyRing::intrinsic(), self.now);
        let verified = verified.map_err(named)?;
        assert_eq!(verified.get(), read.unverified());
        Ok(read.to_json())
    }
}

impl Case {
    /// The folder's name.
    #[must_use]
    pub fn folder(&self) -> String {
        let tail = if self.expect.is_some() { "_fail" } else { "" };
        format!("{}{tail}", self.name)
    }

    /// Its files, by name.
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

/// Where the vectors lie.
#[must_use]
pub fn folder() -> PathBuf {
    crate::root().join("tests/vectors/claims")
}

/// Every vector.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut all = accepted();
    all.extend(refused_profile());
    all.extend(refused_json());
    all.extend(refused_body());
    all.extend(refused_signature());
    all.extend(refused_time());
    all
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

/// A sample claim with something changed, and signed again by the same key: only the change is wrong with it.
fn resigned<C: Claim>(claim: &Signed<C>, change: impl FnOnce(&mut Value)) -> String {
    let mut document = value(claim);
    change(&mut document);
    sign(&mut document, &alice());
    text(&document)
}

/// A sample claim with something changed after it was signed.
fn tampered<C: Claim>(claim: &Signed<C>, change: impl FnOnce(&mut Value)) -> String {
    let mut document = value(claim);
    change(&mut document);
    text(&document)
}

/// A sample claim's text with one part of it written differently.
fn rewritten<C: Claim>(claim: &Signed<C>, from: &str, to: &str) -> String {
    let text = claim.to_json();
    assert_eq!(text.matches(from).count(), 1, "{from} stands once");
    text.replace(from, to)
}

fn object(document: &mut Value) -> &mut serde_json::Map<String, Value> {
    document.as_object_mut().unwrap()
}

fn accepted() -> Vec<Case> {
    let claim = claims::platform();
    vec![
        good(
            "platform",
            "A platform claim for an account with a stable id, with a recovery DID.",
            claim.to_json(),
            platform(),
        ),
        good(
            "platform-npm",
            "A platform claim for an account of a platform without stable ids, for its longest life.",
            claims::platform_by_name("npm:alice").to_json(),
            platform(),
        ),
        good(
            "platform-pypi",
            "The same on PyPI.",
            claims::platform_by_name("pypi:Alice").to_json(),
            platform(),
        ),
        good(
            "platform-last-second",
            "One second before it expires a claim still holds.",
            claim.to_json(),
            platform().at("2027-05-20T08:45:59Z"),
        ),
        good(
            "platform-clock-lead",
            "A claim created five minutes ahead of the verifier's clock is accepted.",
            claim.to_json(),
            platform().at("2026-11-21T08:41:00Z"),
        ),
        good(
            "namespace",
            "A namespace claim for a hub that gave no challenge.",
            claims::namespace(None).to_json(),
            namespace(),
        ),
        good(
            "namespace-challenge",
            "A namespace claim that answers the hub's challenge.",
            claims::namespace(Some(challenge())).to_json(),
            namespace().answering(),
        ),
        good(
            "delegation",
            "A delegation of two packages, to publish.",
            claims::delegation().to_json(),
            Check::of::<Delegation>(public()),
        ),
        good(
            "revocation-claim",
            "The revocation of one claim. It has no expiry.",
            claims::revocation_of_claim().to_json(),
            Check::of::<Revocation>(public()),
        ),
        good(
            "revocation-did",
            "The revocation of a DID by its recovery DID, years later.",
            claims::revocation_of_did().to_json(),
            Check::of::<Revocation>(public()).at("2036-11-21T08:46:00Z"),
        ),
        good(
            "observation-namespace",
            "What an observer saw of a package, with text beyond ASCII and beyond the basic plane.",
            claims::namespace_observation().to_json(),
            Check::of::<Observation>(public()),
        ),
        good(
            "observation-account",
            "What an observer saw of an account.",
            claims::account_observation().to_json(),
            Check::of::<Observation>(public()),
        ),
    ]
}

/// Documents that are signed as they stand, and break the profile.
fn refused_profile() -> Vec<Case> {
    let claim = claims::platform();
    let proof = |name, about, change: fn(&mut Value), says| {
        let document = resigned(&claim, |d| change(&mut d["proof"]));
        bad(name, about, document, platform(), "bad-claim", says)
    };
    let other = json!([
        "https://w3id.org/security/data-integrity/v2",
        "urn:auths:claims:v2"
    ]);
    let revocation = Check::of::<Revocation>(public());
    vec![
        bad(
            "context-other",
            "Another context in document and proof.",
            resigned(&claim, |d| {
                d["@context"] = other.clone();
                d["proof"]["@context"] = other.clone();
            }),
            platform(),
            "bad-claim",
            "@context is not",
        ),
        bad(
            "context-differs",
            "Another context in the document than in its proof.",
            resigned(&claim, |d| d["@context"] = other.clone()),
            platform(),
            "bad-claim",
            "@context is not",
        ),
        proof(
            "context-only-first",
            "The proof's context without our own part.",
            |p| p["@context"] = json!(["https://w3id.org/security/data-integrity/v2"]),
            "proof.@context is not",
        ),
        proof(
            "proof-extra-member",
            "A proof with a member that the standard knows and the profile does not.",
            |p| p["nonce"] = "1".into(),
            "proof has a member that the profile does not know",
        ),
        proof(
            "proof-type-other",
            "The proof type of an older suite.",
            |p| p["type"] = "Ed25519Signature2020".into(),
            "proof.type is not",
        ),
        proof(
            "proof-cryptosuite-other",
            "Another cryptosuite's name over the same signature.",
            |p| p["cryptosuite"] = "eddsa-rdfc-2022".into(),
            "proof.cryptosuite is not",
        ),
        proof(
            "proof-purpose-other",
            "A proof made to authenticate, not to assert.",
            |p| p["proofPurpose"] = "authentication".into(),
            "proof.proofPurpose is not",
        ),
        proof(
            "proof-created-missing",
            "A proof without its time.",
            |p| {
                object(p).remove("created");
            },
            "proof.created is missing",
        ),
        proof(
            "proof-created-fraction",
            "A second spelling of a time: with a fraction.",
            |p| p["created"] = "2026-11-21T08:46:00.0Z".into(),
            "proof.created",
        ),
        proof(
            "proof-created-offset",
            "A second spelling of a time: with an offset.",
            |p| p["created"] = "2026-11-21T08:46:00+00:00".into(),
            "proof.created",
        ),
        proof(
            "proof-expires-missing",
            "A platform claim that would live for ever.",
            |p| {
                object(p).remove("expires");
            },
            "proof.expires must stand",
        ),
        proof(
            "proof-domain-missing",
            "A proof for nobody.",
            |p| {
                object(p).remove("domain");
            },
            "proof.domain is missing",
        ),
        proof(
            "proof-domain-list",
            "A list of domains, which the standard allows and the profile does not.",
            |p| p["domain"] = json!(["auths:public"]),
            "proof.domain is not a string",
        ),
        proof(
            "platform-challenge",
            "A challenge on a platform claim.",
            |p| p["challenge"] = claims::CHALLENGE.into(),
            "proof.challenge has no place",
        ),
        proof(
            "platform-domain-hub",
            "A platform claim for one verifier only.",
            |p| p["domain"] = claims::HUB.into(),
            "proof.domain must be auths:public",
        ),
        bad(
            "proof-set",
            "Two proofs: the standard allows a set, the profile does not.",
            tampered(&claim, |d| {
                let proof = d["proof"].clone();
                d["proof"] = json!([proof, proof]);
            }),
            platform(),
            "bad-claim",
            "not one object",
        ),
        bad(
            "proof-missing",
            "A document without a proof.",
            tampered(&claim, |d| {
                object(d).remove("proof");
            }),
            platform(),
            "bad-claim",
            "proof is missing",
        ),
        bad(
            "namespace-domain-public",
            "A namespace claim for everyone: any verifier could replay it to the next.",
            resigned(&claims::namespace(None), |d| {
                d["proof"]["domain"] = "auths:public".into();
            }),
            Check::of::<NamespaceClaim>(public()),
            "bad-claim",
            "on namespace claims a verifier",
        ),
        bad(
            "namespace-domain-other",
            "A namespace claim that was signed for another hub.",
            resigned(&claims::namespace(None), |d| {
                d["proof"]["domain"] = "https://other.example".into();
            }),
            namespace(),
            "wrong-audience",
            "https://other.example",
        ),
        bad(
            "namespace-challenge-short",
            "A challenge of 120 bits.",
            resigned(&claims::namespace(None), |d| {
                d["proof"]["challenge"] = "AAAAAAAAAAAAAAAAAAAA".into();
            }),
            namespace(),
            "bad-claim",
            "proof.challenge",
        ),
        bad(
            "namespace-challenge-other",
            "The answer to another challenge.",
            resigned(&claims::namespace(None), |d| {
                d["proof"]["challenge"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".into();
            }),
            namespace().answering(),
            "wrong-challenge",
            "does not carry the challenge",
        ),
        bad(
            "namespace-challenge-absent",
            "No answer to the challenge that was given.",
            claims::namespace(None).to_json(),
            namespace().answering(),
            "wrong-challenge",
            "does not carry the challenge",
        ),
        bad(
            "revocation-expires",
            "A revocation that would end.",
            resigned(&claims::revocation_of_claim(), |d| {
                d["proof"]["expires"] = "2027-01-01T00:00:00Z".into();
            }),
            revocation.clone(),
            "bad-claim",
            "and on those never",
        ),
        bad(
            "revocation-challenge",
            "A challenge on a revocation.",
            resigned(&claims::revocation_of_claim(), |d| {
                d["proof"]["challenge"] = claims::CHALLENGE.into();
            }),
            revocation,
            "bad-claim",
            "proof.challenge has no place",
        ),
    ]
}

/// Documents that readers of JSON would read differently, or choke on.
fn refused_json() -> Vec<Case> {
    let claim = claims::platform();
    let json =
        |name, about, document, says| bad(name, about, document, platform(), "bad-json", says);
    let deep = |levels: usize| {
        let mut nested = json!("core");
        for _ in 0..levels {
            nested = json!([nested]);
        }
        resigned(&claim, |d| d["account"]["login"] = nested)
    };
    vec![
        json(
            "json-number",
            "The account's id as a number: RFC 8785 has a form for it, and readers differ beyond 2^53.",
            resigned(&claim, |d| d["account"]["id"] = json!(583_231)),
            "numbers and null are refused",
        ),
        json(
            "json-null",
            "A null where a member should be left out.",
            resigned(&claim, |d| d["recovery"] = Value::Null),
            "numbers and null are refused",
        ),
        json(
            "json-duplicate-key",
            "A key twice with two values: which one was signed depends on the reader.",
            rewritten(
                &claim,
                "\"login\": \"octocat\"",
                "\"login\": \"mallory\",\n    \"login\": \"octocat\"",
            ),
            "stands twice",
        ),
        json(
            "json-duplicate-key-escaped",
            "The same, the second time with an escape in the key.",
            rewritten(
                &claim,
                "\"login\": \"octocat\"",
                "\"login\": \"octocat\",\n    \"l\\u006fgin\": \"octocat\"",
            ),
            "stands twice",
        ),
        json(
            "json-duplicate-proof",
            "Two proofs under the same key.",
            rewritten(
                &claim,
                "\"type\": \"PlatformClaim\"",
                "\"type\": \"PlatformClaim\",\n  \"proof\": {}",
            ),
            "stands twice",
        ),
        json(
            "json-lone-surrogate",
            "Half of a character: it has no UTF-8, so nothing to sign.",
            rewritten(&claim, "octocat", "octocat\\ud800"),
            "hex escape",
        ),
        json(
            "json-surrogates-swapped",
            "The halves of a character in the wrong order.",
            rewritten(&claim, "octocat", "\\udc00\\ud800"),
            "surrogate",
        ),
        json(
            "json-too-deep",
            "Nested deeper than any claim needs.",
            deep(23),
            "nested deeper",
        ),
        json(
            "json-very-deep",
            "Nested deep enough to fell a reader that recurses without counting.",
            // Written as text: serde_json would not write it, nor a value of it be dropped, without recursion.
            rewritten(
                &claim,
                "\"octocat\"",
                &format!("{}\"core\"{}", "[".repeat(5_000), "]".repeat(5_000)),
            ),
            "nested deeper",
        ),
        json(
            "json-trailing",
            "Something after the document.",
            claim.to_json() + "{}",
            "trailing",
        ),
        json(
            "json-two-documents-cut",
            "A document that was cut off.",
            claim.to_json().strip_suffix('}').unwrap().to_owned(),
            "EOF",
        ),
        json(
            "json-byte-order-mark",
            "A byte order mark before the document.",
            format!("\u{feff}{}", claim.to_json()),
            "expected value",
        ),
        json(
            "json-not-an-object",
            "Nothing but a number.",
            "1".to_owned(),
            "numbers and null are refused",
        ),
        json(
            "json-private-number",
            "The map by which one JSON library passes numbers on, written out.",
            resigned(&claim, |d| {
                d["account"]["id"] = json!({ "$serde_json::private::Number": "583231" });
            }),
            "numbers are refused",
        ),
    ]
}

/// Documents that are signed as they stand, and whose body is not of its type.
fn refused_body() -> Vec<Case> {
    let claim = claims::platform();
    let body = |name, about, change: fn(&mut Value), says| {
        let document = resigned(&claim, change);
        bad(name, about, document, platform(), "bad-claim", says)
    };
    let observation = Check::of::<Observation>(public());
    vec![
        body(
            "body-extra-member",
            "A member that the type does not know.",
            |d| d["admin"] = "yes".into(),
            "unknown field",
        ),
        body(
            "body-extra-inner-member",
            "A member that the account does not know.",
            |d| d["account"]["admin"] = "yes".into(),
            "unknown field",
        ),
        body(
            "body-id",
            "An id for the document, which the standard allows and the profile does not.",
            |d| d["id"] = "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33".into(),
            "unknown field",
        ),
        body(
            "body-account-missing",
            "A platform claim about no account.",
            |d| {
                object(d).remove("account");
            },
            "missing field",
        ),
        body(
            "body-account-list",
            "The account as a list of its values instead of an object: a second spelling of the same claim.",
            |d| d["account"] = json!(["github", "583231", "octocat"]),
            "an object",
        ),
        body(
            "body-type-other",
            "A platform claim's body under another type.",
            |d| d["type"] = "NamespaceClaim".into(),
            "type is not",
        ),
        body(
            "body-type-list",
            "A list of types, which the standard allows and the profile does not.",
            |d| d["type"] = json!(["PlatformClaim"]),
            "type is not",
        ),
        body(
            "body-did-missing",
            "A claim that does not say whose it is.",
            |d| {
                object(d).remove("did");
            },
            "did is missing",
        ),
        body(
            "body-account-id-padded",
            "A second spelling of an id.",
            |d| d["account"]["id"] = "0583231".into(),
            "account ids",
        ),
        bad(
            "namespace-incarnation-list",
            "The incarnation as a list of its values instead of an object.",
            resigned(&claims::namespace(None), |d| {
                d["incarnation"] = json!(["first-upload", "2010-06-23T17:14:21Z"]);
            }),
            namespace(),
            "bad-claim",
            "an object",
        ),
        bad(
            "delegation-actions-unsorted",
            "A set of actions in another order than the one it is written in.",
            resigned(&claims::delegation(), |d| {
                d["actions"] = json!(["yank", "publish"]);
            }),
            Check::of::<Delegation>(public()),
            "bad-claim",
            "actions",
        ),
        bad(
            "delegation-actions-none",
            "A delegation of nothing.",
            resigned(&claims::delegation(), |d| d["actions"] = json!([])),
            Check::of::<Delegation>(public()),
            "bad-claim",
            "at least one action",
        ),
        bad(
            "delegation-namespaces-unsorted",
            "A set of packages in another order than the one it is written in.",
            resigned(&claims::delegation(), |d| {
                d["namespaces"] = json!(["pkg:pypi/six", "pkg:npm/%40Scope/name"]);
            }),
            Check::of::<Delegation>(public()),
            "bad-claim",
            "namespaces must be sorted",
        ),
        bad(
            "delegation-namespaces-twice",
            "A set of packages that names one twice.",
            resigned(&claims::delegation(), |d| {
                d["namespaces"] = json!(["pkg:pypi/six", "pkg:pypi/six"]);
            }),
            Check::of::<Delegation>(public()),
            "bad-claim",
            "each stand once",
        ),
        bad(
            "delegation-action-unknown",
            "An action that is not in the closed list.",
            resigned(&claims::delegation(), |d| d["actions"] = json!(["own"])),
            Check::of::<Delegation>(public()),
            "bad-claim",
            "unknown variant",
        ),
        bad(
            "revocation-both",
            "One revocation of a claim and of a DID: a reader that takes the first would miss the second.",
            resigned(&claims::revocation_of_claim(), |d| {
                d["revokes"]["did"] = did(&alice()).to_string().into();
            }),
            Check::of::<Revocation>(public()),
            "bad-claim",
            "one key",
        ),
        bad(
            "observation-inner-member",
            "A member that the account's proof does not know.",
            resigned(&claims::account_observation(), |d| {
                d["evidence"]["account"]["proof"]["gist-proof"]["stars"] = "9000".into();
            }),
            observation.clone(),
            "bad-claim",
            "unknown field",
        ),
        bad(
            "observation-inner-list",
            "The account's proof as a list of its values instead of an object.",
            resigned(&claims::account_observation(), |d| {
                let proof = &mut d["evidence"]["account"]["proof"]["gist-proof"];
                *proof = json!([proof["gist"], proof["claim"], proof["unchangedSince"]]);
            }),
            observation.clone(),
            "bad-claim",
            "an object",
        ),
        bad(
            "observation-read-and-unread",
            "A listing that was both read and not read.",
            resigned(&claims::namespace_observation(), |d| {
                d["evidence"]["namespace"]["listing"]["unread"] =
                    json!({ "reason": "timeout", "detail": "" });
            }),
            observation,
            "bad-claim",
            "one key",
        ),
    ]
}

fn refused_signature() -> Vec<Case> {
    let claim = claims::platform();
    let proof_value = |name, about, proof_value: String, reason, says| {
        let document = tampered(&claim, |d| d["proof"]["proofValue"] = proof_value.into());
        bad(name, about, document, platform(), reason, says)
    };
    let original = signature(&value(&claim));
    let encoded = multibase(&original.to_bytes());
    let mut cut = original.to_bytes().to_vec();
    cut.pop();
    let mut zero_first = vec![0];
    zero_first.extend(original.to_bytes());
    let spelling = "not 64 bytes in multibase base58btc";
    vec![
        bad(
            "tampered-body",
            "The account was changed after signing.",
            rewritten(&claim, "octocat", "mallory"),
            platform(),
            "bad-signature",
            "",
        ),
        bad(
            "tampered-created",
            "The proof's time was changed after signing.",
            rewritten(
                &claim,
                "\"created\": \"2026-11-21T08:46:00Z\"",
                "\"created\": \"2026-11-21T08:46:01Z\"",
            ),
            platform(),
            "bad-signature",
            "",
        ),
        bad(
            "tampered-expires",
            "The claim's life was lengthened after signing, within what its type may have.",
            {
                let mut document = value(&claims::delegation());
                document["proof"]["expires"] = "2026-11-22T08:46:00Z".into();
                sign(&mut document, &alice());
                document["proof"]["expires"] = "2026-12-21T08:46:00Z".into();
                text(&document)
            },
            Check::of::<Delegation>(public()),
            "bad-signature",
            "",
        ),
        bad(
            "tampered-expires-shortened",
            "The claim's life was shortened after signing.",
            tampered(&claim, |d| {
                d["proof"]["expires"] = "2026-12-01T00:00:00Z".into();
            }),
            platform(),
            "bad-signature",
            "",
        ),
        bad(
            "tampered-domain",
            "A namespace claim turned towards another hub after signing.",
            rewritten(
                &claims::namespace(None),
                "\"https://hub.example\"",
                "\"https://other.example\"",
            ),
            Check {
                audience: "https://other.example".parse().unwrap(),
                ..namespace()
            },
            "bad-signature",
            "",
        ),
        bad(
            "key-of-another",
            "The document names one DID, and another signed it, properly, under its own key.",
            {
                let mut document = value(&claim);
                let method = bob_method();
                document["proof"]["verificationMethod"] = method.into();
                sign(&mut document, &bob());
                text(&document)
            },
            platform(),
            "bad-claim",
            "not a key of the document's did",
        ),
        bad(
            "key-fragment-of-another",
            "The document's DID with the fragment of another's key.",
            {
                let mut document = value(&claim);
                let fragment = bob_method().split('#').nth(1).unwrap().to_owned();
                document["proof"]["verificationMethod"] =
                    format!("{}#{fragment}", did(&alice())).into();
                sign(&mut document, &bob());
                text(&document)
            },
            platform(),
            "unknown-key",
            "is not a key of the DID",
        ),
        bad(
            "key-weak",
            "A key of small order, the neutral point, under which one signature holds for every document.",
            {
                let mut document = value(&claim);
                let mut neutral = [0; 34];
                neutral[..3].copy_from_slice(&[0xed, 1, 1]);
                let weak = multibase(&neutral);
                document["did"] = format!("did:key:{weak}").into();
                document["proof"]["verificationMethod"] = format!("did:key:{weak}#{weak}").into();
                let mut universal = [0; 64];
                universal[0] = 1;
                document["proof"]["proofValue"] = multibase(&universal).into();
                text(&document)
            },
            platform(),
            "bad-claim",
            "the key of the did:key is refused",
        ),
        bad(
            "key-not-ed25519",
            "A did:key of another kind of key.",
            resigned(&claim, |d| {
                let other = "z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc";
                d["did"] = format!("did:key:{other}").into();
                d["proof"]["verificationMethod"] = format!("did:key:{other}#{other}").into();
            }),
            platform(),
            "bad-claim",
            "not the did:key of an Ed25519 key",
        ),
        proof_value(
            "signature-malleated",
            "The order of the group was added to the signature's scalar: a lax verifier takes it for a second signature.",
            multibase(&malleated(&original)),
            "bad-signature",
            "",
        ),
        proof_value(
            "signature-leading-one",
            "A second spelling of the signature: base58 with a leading '1', a zero byte.",
            multibase(&zero_first),
            "bad-claim",
            spelling,
        ),
        proof_value(
            "signature-short",
            "A signature of 63 bytes.",
            multibase(&cut),
            "bad-claim",
            spelling,
        ),
        proof_value(
            "signature-other-base",
            "The base58 digits under the mark of another base.",
            format!("Z{}", encoded.strip_prefix('z').unwrap()),
            "bad-claim",
            spelling,
        ),
        proof_value(
            "signature-no-base",
            "The base58 digits without the mark of their base.",
            encoded.strip_prefix('z').unwrap().to_owned(),
            "bad-claim",
            spelling,
        ),
        proof_value(
            "signature-padded",
            "White space inside the signature.",
            format!("{encoded} "),
            "bad-claim",
            spelling,
        ),
        proof_value(
            "signature-empty",
            "No signature.",
            "z".to_owned(),
            "bad-claim",
            spelling,
        ),
        bad(
            "signature-of-hashes-swapped",
            "Signed over the same two hashes, the document's first.",
            {
                let mut document = value(&claim);
                let mut data = hash_data(&document);
                data.rotate_left(32);
                let signature = alice().sign(&data).to_bytes();
                document["proof"]["proofValue"] = multibase(&signature).into();
                text(&document)
            },
            platform(),
            "bad-signature",
            "",
        ),
    ]
}

fn bob_method() -> String {
    let did: Did = did(&bob());
    did.key_method().unwrap().to_string()
}

/// Times: life and clock.
fn refused_time() -> Vec<Case> {
    let living = |document: &Value, until: &str| {
        let mut document = document.clone();
        document["proof"]["expires"] = until.into();
        sign(&mut document, &alice());
        text(&document)
    };
    let too_long = |name, about, document: Value, until, check| {
        let document = living(&document, until);
        bad(name, about, document, check, "life-too-long", "days")
    };
    let month = "2026-12-21T08:46:01Z";
    let claim = claims::platform();
    vec![
        too_long(
            "life-platform",
            "One second longer than 180 days.",
            value(&claim),
            "2027-05-20T08:46:01Z",
            platform(),
        ),
        too_long(
            "life-platform-npm",
            "One second longer than the 30 days of a platform without stable ids.",
            value(&claims::platform_by_name("npm:alice")),
            month,
            platform(),
        ),
        too_long(
            "life-platform-pypi",
            "The same on PyPI.",
            value(&claims::platform_by_name("pypi:Alice")),
            month,
            platform(),
        ),
        too_long(
            "life-namespace",
            "One second longer than a namespace claim's 30 days.",
            value(&claims::namespace(None)),
            month,
            namespace(),
        ),
        too_long(
            "life-delegation",
            "One second longer than a delegation's 30 days.",
            value(&claims::delegation()),
            month,
            Check::of::<Delegation>(public()),
        ),
        too_long(
            "life-observation",
            "One second longer than an observation's 30 days.",
            value(&claims::namespace_observation()),
            month,
            Check::of::<Observation>(public()),
        ),
        bad(
            "life-backwards",
            "A claim that expires before it was created.",
            living(&value(&claim), "2026-11-21T08:45:59Z"),
            platform().at("2026-11-21T08:45:00Z"),
            "expired",
            "before it was created",
        ),
        bad(
            "expired",
            "A claim at the second of its expiry.",
            claim.to_json(),
            platform().at("2027-05-20T08:46:00Z"),
            "expired",
            "",
        ),
        bad(
            "created-in-future",
            "A claim created five minutes and a second ahead of the verifier's clock.",
            claim.to_json(),
            platform().at("2026-11-21T08:40:59Z"),
            "not-yet-valid",
            "",
        ),
        bad(
            "revocation-in-future",
            "A revocation signed for a later day.",
            claims::revocation_of_claim().to_json(),
            Check::of::<Revocation>(public()).at("2026-11-20T08:46:00Z"),
            "not-yet-valid",
            "",
        ),
    ]
}
