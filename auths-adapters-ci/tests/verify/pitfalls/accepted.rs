//! The tokens that `jsonwebtoken` accepts and a verifier should think about, with those that it accepted before version 12.

use auths_testkit::issuer::SigningKey;
use serde_json::json;

use super::row::*;
use crate::common::{AUDIENCE, codes};

/// What `jsonwebtoken` accepts, and a verifier should think about.
pub(super) fn accepted() -> Vec<Row> {
    let usual = Probe::Usual;
    vec![
        Row("a good token", usual, true, "ok", draft(|draft| draft)),
        Row(
            "a crit that nobody knows",
            usual,
            false,
            codes::HEADER,
            member("crit", json!(["x"])),
        ),
        Row(
            "an unencoded payload",
            usual,
            false,
            codes::HEADER,
            draft(|d| d.header("b64", false).header("crit", json!(["b64"]))),
        ),
        Row(
            "jku",
            usual,
            true,
            codes::HEADER,
            member("jku", json!("https://evil.example")),
        ),
        Row(
            "x5u",
            usual,
            true,
            codes::HEADER,
            member("x5u", json!("https://evil.example")),
        ),
        Row(
            "jwk",
            usual,
            true,
            codes::HEADER,
            draft(|d| d.header("jwk", SigningKey::shared(1).public_jwk())),
        ),
        Row(
            "x5t, which issuers send",
            usual,
            true,
            "ok",
            member("x5t", json!("eBZ_cn3sXYAd0ch4THBKHIgOwOE")),
        ),
        Row(
            "x5c, which nobody follows",
            usual,
            true,
            "ok",
            member("x5c", json!(["AQAB"])),
        ),
        Row(
            "another type",
            usual,
            true,
            codes::HEADER,
            member("typ", json!("at+jwt")),
        ),
        Row(
            "the type in other letters",
            usual,
            true,
            "ok",
            member("typ", json!("jwt")),
        ),
        Row(
            "an unknown member of the header twice",
            usual,
            true,
            codes::MALFORMED,
            header(|json| prepended(&prepended(&json, "\"x\":1"), "\"x\":1")),
        ),
        Row(
            "an audience among others",
            usual,
            true,
            codes::AUDIENCE,
            claim("aud", json!([AUDIENCE, "other"])),
        ),
        Row(
            "an audience alone in a list",
            usual,
            true,
            codes::AUDIENCE,
            claim("aud", json!([AUDIENCE])),
        ),
        Row("no audience", usual, true, codes::AUDIENCE, without("aud")),
        Row(
            "an audience that is a number",
            usual,
            false,
            codes::AUDIENCE,
            claim("aud", json!(7)),
        ),
        Row(
            "an audience that is null",
            usual,
            true,
            codes::AUDIENCE,
            claim("aud", json!(null)),
        ),
        Row(
            "an audience in a mixed list",
            usual,
            false,
            codes::AUDIENCE,
            claim("aud", json!([AUDIENCE, 7])),
        ),
        Row("no issuer", usual, true, codes::ISSUER, without("iss")),
        Row(
            "an issuer that is a number",
            usual,
            false,
            codes::ISSUER,
            claim("iss", json!(7)),
        ),
        Row(
            "an issuer among others",
            usual,
            true,
            codes::ISSUER,
            draft(|d| {
                let good = issuer_of(&d);
                d.claim("iss", json!([good, "https://evil.example"]))
            }),
        ),
        Row(
            "an expiry with a fraction",
            usual,
            true,
            codes::WRONG,
            draft(|d| {
                let at = times(&d);
                d.claim("exp", at as f64 + 100.5)
            }),
        ),
        Row(
            "an expiry beyond time",
            usual,
            true,
            codes::WRONG,
            claim("exp", json!(1e18)),
        ),
        Row(
            "no expiry, where it was not listed",
            Probe::Requiring(&["iss"]),
            true,
            codes::MISSING,
            without("exp"),
        ),
        Row(
            "an expiry 59 seconds ago",
            usual,
            true,
            "ok",
            draft(|d| {
                let at = times(&d);
                d.claim("exp", at - 59).claim("iat", at - 300)
            }),
        ),
        Row("no time to begin", usual, true, "ok", without("nbf")),
        Row(
            "issued in the future",
            usual,
            true,
            codes::NOT_YET,
            draft(|d| {
                let at = times(&d);
                d.claim("iat", at + 200)
            }),
        ),
        Row(
            "issued after it ends",
            usual,
            true,
            codes::EXPIRED,
            draft(|d| {
                let at = times(&d);
                d.claim("iat", at + 50).claim("exp", at + 40)
            }),
        ),
        Row(
            "no time of issue",
            usual,
            true,
            codes::MISSING,
            without("iat"),
        ),
        Row(
            "a life of a day",
            usual,
            true,
            codes::LIFE,
            draft(|d| {
                let at = times(&d);
                d.claim("exp", at + 86_400)
            }),
        ),
        Row(
            "an unknown claim twice",
            usual,
            true,
            codes::MALFORMED,
            payload(|json| prepended(&prepended(&json, "\"x\":1"), "\"x\":2").into()),
        ),
        Row(
            "a known claim twice, into a value",
            Probe::IntoValue,
            true,
            codes::MALFORMED,
            payload(|json| prepended(&json, "\"repository\":\"evil/x\"").into()),
        ),
        Row(
            "NUL in a claim",
            usual,
            true,
            codes::WRONG,
            claim("repository", json!("acme/wid\u{0}get")),
        ),
        Row(
            "a control character in a claim",
            usual,
            true,
            codes::WRONG,
            claim("environment", json!("py\u{7}pi")),
        ),
        Row(
            "200 lists in a claim that nobody looks at",
            usual,
            true,
            "ok",
            payload(|json| {
                prepended(
                    &json,
                    &format!("\"x\":{}{}", "[".repeat(200), "]".repeat(200)),
                )
                .into()
            }),
        ),
        Row(
            "a megabyte",
            usual,
            true,
            codes::TOO_LARGE,
            claim("x", json!("x".repeat(1 << 20))),
        ),
    ]
}
