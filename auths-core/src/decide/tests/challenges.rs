//! Answers to challenges: what is decided on them stays shut until the challenge is used up.

use super::*;

/// An accepted case whose claim carries `challenge`, signed for the verifier `hub`.
fn carrying(challenge: Option<Challenge>) -> DecisionInput {
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience("hub".parse().unwrap());
    let claim = request
        .with_challenge(challenge)
        .sign(&key(1))
        .now_or_never();
    let claim = claim.unwrap().unwrap();
    let mut case = DecisionInput::new(claim, ProofExpectation::new("hub".parse().unwrap()));
    let evidence = package(
        "pypi:six",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(&[(20, &[1]), (1, &[1])]),
    );
    case.evidence.push(ObservedEvidence::live(evidence));
    case
}

#[test]
fn a_decision_on_an_answer_gives_nothing_before_the_challenge_was_used_up() {
    let issued = issued_to(1);
    let case = carrying(Some(issued.challenge().clone()));
    let decided = decide_answer(&case, issued, &Policy::standard(), now());
    assert_eq!(decided.report().outcome(), Outcome::Accepted);
    // Its report, copied, is no way around.
    let refused = decided.report().clone().into_verified().unwrap_err().0;
    assert_eq!(refused.outcome(), Outcome::Undetermined);
    assert!(matches!(
        refused.reason(),
        Some(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::ChallengeUnused
    ));
    assert_eq!(refused.valid_until(), None);
}

#[test]
fn nor_does_deciding_as_if_no_challenge_had_been_given() {
    let issued = issued_to(1);
    let mut case = carrying(Some(issued.challenge().clone()));
    for expecting in [None, Some(issued.challenge().clone())] {
        case.key().expected.challenge = expecting;
        let decision = answer(&case);
        assert_eq!(decision.outcome(), Outcome::Accepted, "it can be reported");
        let refused = decision.into_verified().unwrap_err();
        let obstacle = Obstacle::from(refused);
        assert_eq!(obstacle.name(), "challenge-unused");
    }
    assert!(answer(&carrying(None)).into_verified().is_ok());
}

#[test]
fn an_answer_to_another_verifiers_challenge_is_refuted() {
    let issued = issued_to(1);
    let mut case = carrying(Some(issued.challenge().clone()));
    assert_eq!(answer_to(&case, &issued).outcome(), Outcome::Accepted);
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let elsewhere: Audience = "elsewhere".parse().unwrap();
    let request = SigningRequest::new(body, now()).for_audience(elsewhere.clone());
    let request = request.with_challenge(Some(issued.challenge().clone()));
    case.key().claim = request.sign(&key(1)).now_or_never().unwrap().unwrap();
    case.key().expected = ProofExpectation::new(elsewhere);
    assert!(answer_to(&case, &issued).is_refuted_by(RefutedReason::WrongChallenge));
    let unanswered = answer_to(&carrying(None), &issued);
    assert!(unanswered.is_refuted_by(RefutedReason::WrongChallenge));
}
