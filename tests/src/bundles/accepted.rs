//! Bundles that lead to a yes.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let statement = by_statement(MATURE);
    let recorded = statement.clone().recording(&decided(&statement)).unwrap();
    let mut stranger = by_account(MATURE);
    let of_alice = Revocation::new(RevocationTarget::Did(did(&alice())));
    stranger.revocations = vec![signed_by(&bob(), of_alice.clone())];
    let mut ending = by_account(MATURE);
    let day = std::time::Duration::from_secs(86_400);
    ending.revocations = vec![signed_by(&alice(), of_alice.starting(now() + day))];
    vec![
        good(
            "statement",
            "Two releases of the package, the maturity apart, name the DID.",
            &statement,
        ),
        good(
            "account",
            "An account that a package made for it links to the DID, and that the package lists.",
            &by_account(MATURE),
        ),
        good(
            "delegation",
            "The claim of a delegate of the account's DID.",
            &by_delegation(delegation()),
        ),
        good(
            "decision-recorded",
            "The same as `statement`, with the decision on record, for people to read.",
            &recorded,
        ),
        good(
            "revocation-by-stranger",
            "A revocation by somebody who may not revoke is no revocation.",
            &stranger,
        ),
        good(
            "revoked-from-tomorrow",
            "The DID revoked itself from the day after on: until then it is what it was.",
            &ending,
        ),
    ]
}
