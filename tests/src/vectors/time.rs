//! Times: life and clock.

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
            "life-trusted-publisher",
            "One second longer than a trusted publisher's 180 days.",
            value(&claims::trusted_publisher()),
            "2027-05-20T08:46:01Z",
            Check::of::<TrustedPublisher>(public()),
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
