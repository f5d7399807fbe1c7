//! Claims that hold.

use super::*;

pub(super) fn cases() -> Vec<Case> {
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
            "namespace-crate",
            "A namespace claim for a crate, in the spelling of crates.io.",
            claims::namespace_of_crate("pkg:cargo/tokio-util").to_json(),
            namespace(),
        ),
        good(
            "namespace-crate-underscore",
            "A claim for the same crate from when purls of crates were written in normal form. It holds as it was signed.",
            claims::namespace_of_crate("pkg:cargo/tokio_util").to_json(),
            namespace(),
        ),
        good(
            "delegation",
            "A delegation of two packages, to publish.",
            claims::delegation().to_json(),
            Check::of::<Delegation>(public()),
        ),
        good(
            "trusted-publisher",
            "A trusted publisher of two packages: the CI runs of one workflow file, told by numbers.",
            claims::trusted_publisher().to_json(),
            Check::of::<TrustedPublisher>(public()),
        ),
        good(
            "trusted-publisher-full",
            "A trusted publisher whose rule has every member, read in the last second of its 180 days.",
            claims::trusted_publisher_in_full().to_json(),
            Check::of::<TrustedPublisher>(public()).at("2027-05-20T08:45:59Z"),
        ),
        good(
            "trusted-publisher-defaults",
            "A rule that writes its defaults out: they stay in what was signed.",
            resigned(&claims::trusted_publisher(), |d| {
                d["publisher"]["binding"] = "caller-and-job".into();
                d["publisher"]["runner"] = "hosted".into();
            }),
            Check::of::<TrustedPublisher>(public()),
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
            "revocation-since",
            "The revocation of a DID from a time on, by its recovery DID.",
            claims::revocation_since().to_json(),
            Check::of::<Revocation>(public()),
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
        good(
            "observation-account-gist",
            "The same, with the state in which the gist was found.",
            claims::gist_observation().to_json(),
            Check::of::<Observation>(public()),
        ),
    ]
}
