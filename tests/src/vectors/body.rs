//! Documents that are signed as they are, and whose body is not of its type.

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
            "revocation-since-of-claim",
            "The revocation of one claim from a time on: a claim is revoked for good.",
            resigned(&claims::revocation_of_claim(), |d| {
                d["since"] = "2026-11-20T08:46:00Z".into();
            }),
            Check::of::<Revocation>(public()),
            "bad-claim",
            "since stands only",
        ),
        bad(
            "revocation-since-fraction",
            "A second spelling of a time.",
            resigned(&claims::revocation_of_did(), |d| {
                d["since"] = "2026-11-20T08:46:00.0Z".into();
            }),
            Check::of::<Revocation>(public()),
            "bad-claim",
            "is not a time",
        ),
        bad(
            "revocation-until",
            "A revocation that would end: one holds for good.",
            resigned(&claims::revocation_since(), |d| {
                d["until"] = "2026-12-20T08:46:00Z".into();
            }),
            Check::of::<Revocation>(public()),
            "bad-claim",
            "unknown field",
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
            "observation-gist-state",
            "A state of a gist without the digest of its file.",
            resigned(&claims::gist_observation(), |d| {
                object(&mut d["evidence"]["account"]["proof"]["gist-proof"]["state"])
                    .remove("digest");
            }),
            observation.clone(),
            "bad-claim",
            "digest",
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
