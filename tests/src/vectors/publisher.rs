//! Trusted publishers whose rule is not usable.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let refused = |name, about, change: fn(&mut Value), says| {
        let document = resigned(&claims::trusted_publisher_in_full(), change);
        let check = Check::of::<TrustedPublisher>(public());
        bad(name, about, document, check, "bad-claim", says)
    };
    vec![
        refused(
            "trusted-publisher-member-unknown",
            "A rule with a member that no rule has.",
            |d| d["publisher"]["sub"] = "repo:acme/widget:ref:refs/heads/main".into(),
            "`sub`",
        ),
        refused(
            "trusted-publisher-without-number",
            "A rule that names its repository by a name alone.",
            |d| {
                object(&mut d["publisher"]).remove("repositoryId");
            },
            "`repositoryId`",
        ),
        refused(
            "trusted-publisher-number-padded",
            "A second spelling of a number.",
            |d| d["publisher"]["ownerId"] = "04242".into(),
            "`ownerId`",
        ),
        refused(
            "trusted-publisher-workflow-path",
            "The path of a workflow instead of its file name.",
            |d| d["publisher"]["workflow"] = ".github/workflows/release.yml".into(),
            "`workflow`",
        ),
        refused(
            "trusted-publisher-issuer-slash",
            "A second spelling of an issuer.",
            |d| d["publisher"]["issuer"] = "https://ghes.example/_services/token/".into(),
            "`issuer`",
        ),
        refused(
            "trusted-publisher-environment-empty",
            "An environment without a name.",
            |d| d["publisher"]["environment"] = "".into(),
            "`environment`",
        ),
        refused(
            "trusted-publisher-refs-none",
            "A list that allows no ref.",
            |d| d["publisher"]["refs"] = json!([]),
            "`refs`",
        ),
        refused(
            "trusted-publisher-ref-short",
            "A branch without its folder.",
            |d| d["publisher"]["refs"] = json!(["main"]),
            "`refs`",
        ),
        refused(
            "trusted-publisher-triggers-twice",
            "A list that names one trigger twice.",
            |d| d["publisher"]["triggers"] = json!(["push", "push"]),
            "`triggers`",
        ),
        refused(
            "trusted-publisher-reusable-half",
            "A reusable workflow without its file.",
            |d| {
                object(&mut d["publisher"]["reusable"]).remove("workflow");
            },
            "`reusable.workflow`",
        ),
        refused(
            "trusted-publisher-reusable-neither-half",
            "A reusable workflow without repository and file.",
            |d| d["publisher"]["reusable"] = json!({}),
            "`reusable.repositoryId`",
        ),
        refused(
            "trusted-publisher-reusable-both-versions",
            "A reusable workflow at a ref and at a commit.",
            |d| {
                d["publisher"]["reusable"]["sha"] =
                    "0123456789abcdef0123456789abcdef01234567".into();
            },
            "`reusable.sha`",
        ),
        refused(
            "trusted-publisher-reusable-of-caller",
            "A reusable workflow in a rule that binds the caller alone.",
            |d| d["publisher"]["binding"] = "caller".into(),
            "`reusable`",
        ),
        refused(
            "trusted-publisher-rule-list",
            "The rule as a list of its values instead of an object.",
            |d| d["publisher"] = json!(["https://ghes.example/_services/token", "1", "1"]),
            "an object",
        ),
        refused(
            "trusted-publisher-namespaces-none",
            "A trusted publisher of no package.",
            |d| d["namespaces"] = json!([]),
            "at least one package",
        ),
        refused(
            "trusted-publisher-further",
            "A trusted publisher that would pass something on.",
            |d| d["further"] = true.into(),
            "unknown field",
        ),
    ]
}
