//! Signatures, keys and addressees that are not the right ones.

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
