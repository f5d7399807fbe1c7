//! Bundles that are not whole.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let statement = by_account_in_no_words(MATURE).to_json();
    let changed = |change: fn(&mut Value)| {
        let mut bundle: Value = serde_json::from_str(&statement).unwrap();
        change(&mut bundle);
        text(&bundle)
    };
    let rewritten = |from: &str, to: &str| {
        assert!(statement.contains(from), "{from}");
        statement.replacen(from, to, 1)
    };
    vec![
        bad(
            "observation-changed",
            "An observation that was changed after it was signed.",
            changed(|b| b["observations"][0]["evidence"]["namespace"]["sources"] = json!([])),
            ("bad-signature", ""),
        ),
        bad(
            "claim-changed",
            "A claim that was changed after it was signed.",
            changed(|b| b["namespaceClaim"]["actions"] = json!(["publish", "yank"])),
            ("bad-signature", "denied: "),
        ),
        bad(
            "member-unknown",
            "A member that the form does not know.",
            changed(|b| b["extra"] = "x".into()),
            ("bad-bundle", "unknown field `extra`"),
        ),
        bad(
            "member-missing",
            "No list of revocations, not even an empty one.",
            changed(|b| drop(b.as_object_mut().unwrap().remove("revocations"))),
            ("bad-bundle", "missing field `revocations`"),
        ),
        bad(
            "member-null",
            "No null stands anywhere.",
            changed(|b| b["decision"] = Value::Null),
            ("bad-bundle", "null"),
        ),
        bad(
            "type-other",
            "A document of another type.",
            changed(|b| b["type"] = "AuthsBundle2".into()),
            (
                "bad-bundle",
                "unknown variant, expected one of `AuthsBundle`",
            ),
        ),
        bad(
            "version-other",
            "A version that is not known.",
            changed(|b| b["version"] = "2".into()),
            ("bad-bundle", "unknown variant, expected one of `1`"),
        ),
        bad(
            "version-number",
            "A version as a number.",
            changed(|b| b["version"] = json!(1)),
            ("bad-bundle", ""),
        ),
        bad(
            "number-in-decision",
            "A number in the decision on record, which nobody believes.",
            changed(|b| b["decision"] = json!({ "chains": 1.5 })),
            ("bad-bundle", ""),
        ),
        bad(
            "claim-of-another-type",
            "A delegation among the platform claims.",
            changed(|b| b["platformClaims"] = json!([crate::claims::delegation()])),
            ("bad-bundle", "type is not"),
        ),
        bad(
            "key-twice",
            "A list that stands twice.",
            rewritten(
                "\"revocations\": []",
                "\"revocations\": [], \"revocations\": []",
            ),
            ("bad-bundle", "stands twice"),
        ),
        bad(
            "cut",
            "A bundle that was cut.",
            statement.trim_end_matches(['}', '\n']).to_owned(),
            ("bad-bundle", "EOF"),
        ),
    ]
}
