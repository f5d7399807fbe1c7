//! Documents that are signed as they are, and break the profile.

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
