//! Who speaks for somebody else.

use super::*;

/// did 2 asks; did 1 owns.
fn delegate_case(delegations: Vec<Signed<Delegation>>) -> DecisionInput {
    let mut case = case(2, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    case.delegations = delegations;
    case
}

#[test]
fn a_delegate_of_an_owner_is_accepted_and_its_key_is_named() {
    let case = delegate_case(vec![sign(1, delegated(false))]);
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    assert_eq!(
        falls_to(&decision),
        [
            FormerCollaborator,
            HeldToken,
            RepositoryWriter,
            DelegateKey,
            DeviceKey
        ]
    );
    refuted_by(&answer(&delegate_case(vec![])), RefutedReason::NoChain);
    refuted_by(
        &answer(&delegate_case(vec![sign(3, delegated(false))])),
        RefutedReason::NoChain,
    );
}

#[test]
fn delegations_narrow_end_and_are_revoked() {
    let other = Delegation::new(
        did(2),
        ["pypi:sax".parse().unwrap()],
        Actions::only(Action::Publish),
    );
    let yank = Delegation::new(did(2), [six()], Actions::only(Action::Yank));
    for narrow in [other, yank] {
        refuted_by(
            &answer(&delegate_case(vec![sign(1, narrow)])),
            RefutedReason::DelegationTooNarrow,
        );
    }
    let short = SigningRequest::new(delegated(false), now() - HOUR).living(HOUR);
    let short = short.sign(&key(1)).now_or_never().unwrap().unwrap();
    refuted_by(&answer(&delegate_case(vec![short])), RefutedReason::Expired);

    let mut case = delegate_case(vec![sign(1, delegated(false))]);
    let (delegation, claim) = (
        case.delegations[0].id().clone(),
        case.key().claim.id().clone(),
    );
    for what in [
        RevocationTarget::Claim(delegation),
        RevocationTarget::Claim(claim),
        RevocationTarget::Did(did(2)),
        RevocationTarget::Did(did(1)),
    ] {
        case.revocations = revoking(1, what);
        refuted_by(&answer(&case), RefutedReason::Revoked);
    }
}

#[test]
fn a_delegate_delegates_further_only_where_allowed() {
    let to_three = || Delegation::new(did(3), [six()], Actions::only(Action::Publish));
    for (further, outcome) in [(false, Outcome::Denied), (true, Outcome::Accepted)] {
        let mut case = case(3, six_of_alice());
        case.accounts.push(stated(1, "pypi:alice", 100));
        case.delegations = vec![sign(2, to_three()), sign(1, delegated(further))];
        assert_eq!(answer(&case).outcome(), outcome, "further: {further}");
    }
}

#[test]
fn delegations_in_a_circle_end() {
    let back = Delegation::new(did(1), [six()], Actions::only(Action::Publish)).with_further();
    let mut case = delegate_case(vec![sign(1, delegated(true)), sign(2, back)]);
    case.accounts.clear();
    let decision = answer(&case);
    refuted_by(&decision, RefutedReason::NoChain);
    assert_eq!(decision.chains().len(), 2, "each DID is asked once");
}
