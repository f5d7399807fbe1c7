//! Bundles that are whole, and whose answer is not a yes.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let mut revoked = by_account_in_no_words(MATURE);
    let of_alice = Revocation::new(RevocationTarget::Did(did(&alice())));
    revoked.revocations = vec![signed_by(&alice(), of_alice.clone())];
    let mut recovered = by_account_in_no_words(MATURE);
    recovered.revocations = vec![signed_by(&key(0x5e), of_alice.clone())];
    let mut since = by_account_in_no_words(MATURE);
    let day = Duration::from_secs(86_400);
    since.revocations = vec![signed_by(
        &key(0x5e),
        of_alice.clone().starting(now() - day),
    )];
    let mut typed = by_account_in_no_words(MATURE);
    typed.observations.truncate(1);
    let mut reborn = package("pypi:six", MATURE);
    reborn.incarnation = Reading::Read(Incarnation::new("first-upload", "2026-10-01T00:00:00Z"));
    let mut other_life = Bundle::new(claim_by(&alice()));
    other_life.observations = vec![seen(reborn)];
    let mut lie = by_statement(PLANTED);
    lie = lie.recording(&decided(&by_statement(MATURE))).unwrap();
    let mut yank = delegation();
    yank.actions = Actions::only(Action::Yank);
    let mut elsewhere = delegation();
    elsewhere.namespaces = ["pypi:sax".parse().unwrap()].into();
    let alone = Bundle::new(claim_by(&alice()));
    let mut cases = vec![
        bad(
            "claim-alone",
            "A claim with nothing that was seen.",
            alone.to_json(),
            ("stale-evidence", "undetermined: "),
        ),
        bad(
            "self-reported",
            "An account that only its own claim links to the DID.",
            typed.to_json(),
            ("resisted", "denied: "),
        ),
        bad(
            "statement-young",
            "Releases that name the DID for less than the maturity.",
            by_statement(YOUNG).to_json(),
            ("young", "pending: "),
        ),
        bad(
            "statement-planted",
            "One release that names the DID: waiting alone does not make it mature.",
            by_statement(PLANTED).to_json(),
            ("young", "pending: "),
        ),
        bad(
            "account-in-no-words",
            "A package of the account's own that names the DID for itself, and does not say that it speaks for the account.",
            by_account_in_no_words(MATURE).to_json(),
            ("resisted", "denied: "),
        ),
        bad(
            "account-young",
            "An account linked for less than the maturity.",
            by_account(YOUNG).to_json(),
            ("young", "pending: "),
        ),
        bad(
            "decision-lie",
            "A decision on record that is not the bundle's: only what is decided anew counts.",
            lie.to_json(),
            ("young", "pending: "),
        ),
        bad(
            "revoked",
            "The DID revoked itself.",
            revoked.to_json(),
            ("revoked", "denied: "),
        ),
        bad(
            "revoked-by-recovery",
            "The recovery DID that the platform claim names revoked the DID.",
            recovered.to_json(),
            ("revoked", "denied: "),
        ),
        bad(
            "revoked-since",
            "The recovery DID revoked the DID from the day before on.",
            since.to_json(),
            ("revoked", "denied: "),
        ),
        bad(
            "another-incarnation",
            "The name was registered again since the claim.",
            other_life.to_json(),
            ("another-incarnation", "denied: "),
        ),
        bad(
            "delegation-other-action",
            "A delegation of another action.",
            by_delegation(yank).to_json(),
            ("delegation-too-narrow", "denied: "),
        ),
        bad(
            "delegation-other-package",
            "A delegation of another package.",
            by_delegation(elsewhere).to_json(),
            ("delegation-too-narrow", "denied: "),
        ),
    ];
    let whole = by_statement(MATURE).to_json();
    let checked = |name, about, change: fn(&mut Check), expect| {
        let mut case = bad(name, about, whole.clone(), expect);
        change(&mut case.check);
        case
    };
    cases.push(checked(
        "observer-not-trusted",
        "A verifier that does not trust the observer has seen nothing.",
        |check| check.policy = "resist = ['stolen-token']".to_owned(),
        ("untrusted-observer", "undetermined: "),
    ));
    cases.push(checked(
        "observation-stale",
        "A day later the observation is too old.",
        |check| check.now = now() + Duration::from_secs(86_400),
        ("stale-evidence", "undetermined: "),
    ));
    cases.push(checked(
        "claim-expired",
        "After thirty days the claim has expired.",
        |check| check.now = now() + Duration::from_secs(30 * 86_400),
        ("expired", "denied: "),
    ));
    cases.push(checked(
        "policy-strict",
        "Who resists a captured workflow resists what releases say.",
        |check| check.policy = check.policy.replace("'stolen-token'", "'ci-workflow'"),
        ("resisted", "denied: "),
    ));
    cases
}
