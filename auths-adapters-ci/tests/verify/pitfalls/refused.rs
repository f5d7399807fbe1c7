//! The tokens that `jsonwebtoken` refuses.

use auths_testkit::issuer::TokenDraft;
use jsonwebtoken::crypto::sign;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::json;

use super::row::*;
use crate::common::codes;

/// What `jsonwebtoken` refuses.
pub(super) fn refused() -> Vec<Row> {
    let usual = Probe::Usual;
    let mut rows = vec![
        Row(
            "alg twice",
            usual,
            false,
            codes::MALFORMED,
            header(|json| prepended(&json, "\"alg\":\"RS256\"")),
        ),
        Row(
            "kid twice",
            usual,
            false,
            codes::MALFORMED,
            header(|json| prepended(&json, "\"kid\":\"key-0\"")),
        ),
        Row(
            "a kid that is a number",
            usual,
            false,
            codes::HEADER,
            member("kid", json!(7)),
        ),
        Row(
            "RS512 where RS256 is configured",
            usual,
            false,
            codes::ALGORITHM,
            member("alg", json!("RS512")),
        ),
        Row(
            "no alg",
            usual,
            false,
            codes::HEADER,
            draft(|d| d.without_header("alg")),
        ),
        Row(
            "HS256 with the public key",
            usual,
            false,
            codes::ALGORITHM,
            Box::new(with_public_key_as_secret),
        ),
        Row(
            "an empty list of audiences",
            REQUIRED,
            false,
            codes::AUDIENCE,
            claim("aud", json!([])),
        ),
        Row(
            "another audience",
            usual,
            false,
            codes::AUDIENCE,
            claim("aud", json!("registry.example.evil")),
        ),
        Row(
            "an issuer with a slash",
            usual,
            false,
            codes::ISSUER,
            draft(|d| {
                let iss = issuer_of(&d);
                d.claim("iss", format!("{iss}/"))
            }),
        ),
        Row(
            "an issuer in other letters",
            usual,
            false,
            codes::ISSUER,
            draft(|d| {
                let iss = issuer_of(&d);
                d.claim("iss", iss.replace("http", "HTTP"))
            }),
        ),
        Row(
            "an expiry that is a text",
            usual,
            false,
            codes::WRONG,
            claim("exp", json!("99999999999")),
        ),
        Row(
            "an expiry below zero",
            usual,
            false,
            codes::WRONG,
            claim("exp", json!(-1)),
        ),
        Row(
            "an expiry that is null",
            usual,
            false,
            codes::WRONG,
            claim("exp", json!(null)),
        ),
        Row(
            "a time to begin that is a text",
            usual,
            false,
            codes::WRONG,
            claim("nbf", json!("99999999999")),
        ),
        Row(
            "a claim twice",
            usual,
            false,
            codes::MALFORMED,
            payload(|json| prepended(&json, "\"repository\":\"acme/widget\"").into()),
        ),
        Row(
            "a claim twice, once with escapes",
            usual,
            false,
            codes::MALFORMED,
            payload(|json| prepended(&json, "\"\\u0072epository\":\"acme/widget\"").into()),
        ),
        Row(
            "more behind the JSON",
            usual,
            false,
            codes::MALFORMED,
            payload(|json| format!("{json}x").into()),
        ),
        Row(
            "a byte order mark",
            usual,
            false,
            codes::MALFORMED,
            payload(|json| format!("\u{feff}{json}").into()),
        ),
        Row(
            "invalid UTF-8",
            usual,
            false,
            codes::MALFORMED,
            payload(|json| {
                let mut bytes = prepended(&json, "\"repository\":\"?\"").into_bytes();
                bytes[15] = 0xff;
                bytes
            }),
        ),
        Row(
            "half a surrogate pair",
            usual,
            false,
            codes::WRONG,
            payload(|json| {
                json.replace("acme/widget\",\"repository_id", "\\ud800\",\"repository_id")
                    .into()
            }),
        ),
        Row(
            "a line break at the end",
            usual,
            false,
            codes::MALFORMED,
            text(|token| token + "\n"),
        ),
        Row(
            "padding",
            usual,
            false,
            codes::MALFORMED,
            text(|token| token + "="),
        ),
        Row(
            "a space before",
            usual,
            false,
            codes::MALFORMED,
            text(|token| format!(" {token}")),
        ),
        Row(
            "Bearer before",
            usual,
            false,
            codes::MALFORMED,
            text(|token| format!("Bearer {token}")),
        ),
        Row(
            "the standard alphabet",
            usual,
            false,
            codes::MALFORMED,
            Box::new(in_the_standard_alphabet),
        ),
        Row(
            "stray bits in the last character",
            usual,
            false,
            codes::MALFORMED,
            text(with_stray_bits),
        ),
        Row(
            "two parts",
            usual,
            false,
            codes::MALFORMED,
            text(|token| token[..token.rfind('.').unwrap()].to_owned()),
        ),
        Row(
            "four parts",
            usual,
            false,
            codes::MALFORMED,
            text(|token| token + ".AA"),
        ),
        Row(
            "five parts",
            usual,
            false,
            codes::MALFORMED,
            text(|token| token + ".AA.AA"),
        ),
        Row(
            "an empty text",
            usual,
            false,
            codes::MALFORMED,
            text(|_| String::new()),
        ),
        Row(
            "no signature",
            usual,
            false,
            codes::MALFORMED,
            text(|token| token[..=token.rfind('.').unwrap()].to_owned()),
        ),
        Row(
            "the signature of another token",
            usual,
            false,
            codes::SIGNATURE,
            Box::new(|draft| {
                let other = draft.clone().claim("jti", "another").sign(&key());
                let token = draft.sign(&key());
                format!(
                    "{}{}",
                    &token[..token.rfind('.').unwrap()],
                    &other[other.rfind('.').unwrap()..]
                )
            }),
        ),
        Row(
            "a signature that is too short",
            usual,
            false,
            codes::SIGNATURE,
            text(|token| format!("{}.AAAA", &token[..token.rfind('.').unwrap()])),
        ),
    ];
    for name in ["none", "None", "nOnE", "", "rs256", "RS256 "] {
        rows.push(Row(
            "another algorithm by name",
            usual,
            false,
            codes::ALGORITHM,
            member("alg", json!(name)),
        ));
    }
    rows
}

/// A token that is authenticated with the bytes of the public key, as if they were a shared secret.
fn with_public_key_as_secret(draft: TokenDraft) -> String {
    let token = draft.header("alg", "HS256").sign(&key());
    let signed = &token[..token.rfind('.').unwrap()];
    let secret = EncodingKey::from_secret(&key().public_numbers().0).unwrap();
    format!(
        "{signed}.{}",
        sign(signed.as_bytes(), &secret, Algorithm::HS256).unwrap()
    )
}

/// A token whose payload is written in the alphabet of base64 where the two differ.
fn in_the_standard_alphabet(draft: TokenDraft) -> String {
    // The letters make `-` and `_` certain, wherever the three bytes of a group begin.
    let token = draft.claim("x", "\u{fbff}~~~???~~~???").sign(&key());
    let standard = token.replace('-', "+").replace('_', "/");
    assert_ne!(token, standard);
    standard
}

/// A token whose last character has another value in the bits that no byte holds.
fn with_stray_bits(token: String) -> String {
    // A signature of 256 bytes ends in two bits of use: A, Q, g or w.
    let last = token.chars().last().unwrap();
    let other = char::from(u8::try_from(u32::from(last) + 1).unwrap());
    format!("{}{other}", &token[..token.len() - 1])
}
