//! Documents that readers of JSON would read differently, or fail on.

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
            // Written as text: serde_json cannot write it, or drop a value of it, without recursion.
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
