//! Revocations: who may, from when on, what is told, and that somebody must have looked.

use super::*;
use crate::claim::{ClaimError, MAX_CLOCK_LEAD};

/// `pypi:six`, whose releases name DID 1 in so many words: no platform claim is needed, and none is shown.
fn without_claims() -> DecisionInput {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), rows)
}

fn since(n: u8, of: u8, at: Timestamp) -> Signed<Revocation> {
    sign(
        n,
        Revocation::new(RevocationTarget::Did(did(of))).starting(at),
    )
}

fn given(revocations: impl IntoIterator<Item = Signed<Revocation>>) -> Revocations {
    Revocations::not_checked().with("list", Ok(revocations.into_iter().collect()))
}

fn naming(n: u8, recovery: u8) -> Signed<PlatformClaim> {
    sign(
        n,
        PlatformClaim::new(account("pypi:alice"), Some(did(recovery))),
    )
}

#[test]
fn a_remembered_recovery_did_may_revoke_where_no_claim_names_it() {
    let mut case = without_claims();
    case.revocations = revoking(9, RevocationTarget::Did(did(1)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    case.revocations.recalling(&did(2), [did(9)], []);
    assert_eq!(answer(&case).outcome(), Outcome::Accepted, "of another DID");
    case.revocations.recalling(&did(1), [did(9)], []);
    assert_eq!(case.recovery_revokers(), [did(9)]);
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn a_remembered_revocation_counts_though_nobody_gives_it_again() {
    let mut case = without_claims();
    let revocation = sign(1, Revocation::new(RevocationTarget::Did(did(1))));
    case.revocations.recalling(&did(1), [], [revocation]);
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn a_memory_that_failed_keeps_a_yes_back_and_a_no_stands() {
    let lost = || {
        looked().forgetting(Unavailable::new(
            UnavailableReason::StoreFailed,
            "the disk is gone",
        ))
    };
    let mut yes = without_claims();
    yes.revocations = lost();
    undetermined_by(&answer(&yes), UnavailableReason::StoreFailed);
    let mut no = case(1, six_of_alice());
    no.revocations = lost();
    refuted_by(&answer(&no), RefutedReason::NoChain);
}

#[test]
fn an_expired_claim_still_names_the_recovery_did() {
    let old = PlatformClaim::new(account("pypi:alice"), Some(did(9)));
    let old = SigningRequest::new(old, ago(400))
        .sign(&key(1))
        .now_or_never();
    let mut case = without_claims();
    case.revocations = revoking(9, RevocationTarget::Did(did(1))).naming([old.unwrap().unwrap()]);
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn from_its_since_on_a_did_is_revoked_whatever_its_claims_say_of_their_time() {
    let mut case = without_claims();
    let at = |case: &DecisionInput, now| decide(case, &Policy::standard(), now);
    // The claim says that it was signed an hour ago. So could any claim that a thief signs now.
    for ago in [Duration::ZERO, HOUR / 2, HOUR, HOUR * 2, DAY * 1_000] {
        case.revocations = given([since(1, 1, now() - ago)]);
        refuted_by(&answer(&case), RefutedReason::Revoked);
    }
    // Of a time before it, the answer is what it was, and ends when the revocation begins.
    let begins = now() + HOUR;
    case.revocations = given([since(1, 1, begins)]);
    let verified = answer(&case).into_verified().unwrap();
    assert_eq!(verified.valid_until(), begins - MAX_CLOCK_LEAD);
    assert!(verified.resisting(&Policy::standard(), now()).is_ok());
    assert!(verified.resisting(&Policy::standard(), begins).is_err());
    // A clock that is ahead by as much as claims may be gains nothing.
    let early = begins - MAX_CLOCK_LEAD;
    let before = at(&case, early - Duration::from_secs(1));
    assert_eq!(before.outcome(), Outcome::Accepted);
    refuted_by(&at(&case, early), RefutedReason::Revoked);
}

#[test]
fn a_later_since_takes_nothing_back_from_an_earlier_one_nor_from_ever() {
    let next_year = now() + DAY * 365;
    let earlier = since(1, 1, ago(3));
    let ever = sign(1, Revocation::new(RevocationTarget::Did(did(1))));
    for first in [earlier, ever] {
        for list in [
            vec![first.clone(), since(1, 1, next_year)],
            vec![since(1, 1, next_year), first],
        ] {
            let mut case = without_claims();
            case.revocations = given(list);
            refuted_by(&answer(&case), RefutedReason::Revoked);
        }
    }
}

#[test]
fn a_since_of_a_stranger_or_with_a_wrong_signature_ends_nothing() {
    let mut case = without_claims();
    let plain = answer(&case).valid_until();
    case.revocations = given([since(7, 1, now() + HOUR)]);
    assert_eq!(answer(&case).valid_until(), plain);
    let forged = since(1, 1, now() + HOUR).to_json();
    let forged = forged.replace(&(now() + HOUR).to_string(), &(now() + HOUR * 2).to_string());
    case.revocations = given([Signed::parse(forged.as_bytes()).unwrap()]);
    assert_eq!(answer(&case).valid_until(), plain);
}

#[test]
fn a_revocation_of_a_claim_has_no_since() {
    let of_claim = Revocation::new(RevocationTarget::Claim(namespace_claim(1).id().clone()));
    let request = SigningRequest::new(of_claim.starting(now()), now());
    let refused = request.sign(&key(1)).now_or_never().unwrap();
    assert!(refused.unwrap_err().to_string().contains("since"));
}

#[test]
fn a_delegators_since_ends_what_the_delegate_may() {
    let mut case = case(2, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    case.delegations = vec![sign(1, delegated(false))];
    for (by, of) in [(1, 1), (1, 2), (2, 2)] {
        case.revocations = given([since(by, of, ago(1))]);
        assert_eq!(answer(&case).outcome(), Outcome::Denied, "{by} {of}");
        case.revocations = given([since(by, of, now() + HOUR)]);
        let decision = answer(&case);
        assert_eq!(decision.valid_until(), Some(now() + HOUR - MAX_CLOCK_LEAD));
    }
}

#[test]
fn a_revocation_by_somebody_unknown_is_told_and_does_not_count() {
    let told = |case: &DecisionInput| {
        let decision = answer(case);
        let told = decision.unknown_revocations().iter();
        let told: Vec<_> = told.map(|t| (t.by.clone(), t.revokes.clone())).collect();
        (decision.outcome(), told)
    };
    let mut case = without_claims();
    let claim = RevocationTarget::Claim(case.key().claim.id().clone());
    for what in [RevocationTarget::Did(did(1)), claim] {
        case.revocations = revoking(9, what.clone());
        assert_eq!(told(&case), (Outcome::Accepted, vec![(did(9), what)]));
    }
    // Of what the answer is not about, with another's signature, or by who may: nothing to tell.
    case.revocations = revoking(9, RevocationTarget::Did(did(3)));
    assert_eq!(told(&case).1, []);
    let name = |n| did(n).as_str().trim_start_matches("did:key:").to_owned();
    let signed = sign(9, Revocation::new(RevocationTarget::Did(did(1)))).to_json();
    let forged = signed.replace(&name(9), &name(8));
    case.revocations = given([Signed::parse(forged.as_bytes()).unwrap()]);
    assert_eq!(told(&case), (Outcome::Accepted, vec![]));
    case.revocations = revoking(9, RevocationTarget::Did(did(1))).naming([naming(1, 9)]);
    assert_eq!(told(&case), (Outcome::Denied, vec![]));
}

#[test]
fn many_revocations_by_strangers_are_told_up_to_a_limit() {
    let mut case = without_claims();
    let strangers = (100..200).map(|n| sign(n, Revocation::new(RevocationTarget::Did(did(1)))));
    case.revocations = given(strangers);
    let decision = answer(&case);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert_eq!(decision.unknown_revocations().len(), 64);
}

#[test]
fn the_answer_says_what_was_read_where() {
    let mut case = without_claims();
    let published = crate::ports::PublishedRevocations::new([sign(
        9,
        Revocation::new(RevocationTarget::Did(did(3))),
    )]);
    let published = published.naming([naming(1, 8), naming(2, 8)]);
    case.revocations = looked().with_published("log", Ok(published));
    let written = serde_json::to_value(answer(&case)).unwrap();
    let expected = serde_json::json!({
        "sources": [
            { "source": "list", "revocations": "0", "claims": "0" },
            { "source": "log", "revocations": "1", "claims": "2" },
        ],
        "unknown": [],
    });
    assert_eq!(written["revocations"], expected);
    case.revocations = Revocations::not_checked();
    let written = serde_json::to_value(answer(&case)).unwrap();
    assert_eq!(written["revocations"], serde_json::json!([]));
}

#[test]
fn a_yes_for_which_nobody_looked_for_revocations_resists_no_preset() {
    let mut case = without_claims();
    // The key was revoked: nobody asked anybody who knows.
    case.revocations = Revocations::not_checked();
    let decision = answer(&case);
    assert_eq!(decision.outcome(), Outcome::Accepted, "it can be reported");
    let verified = decision.into_verified().unwrap();
    assert!(verified.revocations().is_empty());
    let trusting = Policy::trust_self_reported();
    for policy in [Policy::standard(), trusting.clone()] {
        assert_eq!(
            verified.resisting(&policy, now()),
            Err(NotResisting::RevocationsNotChecked)
        );
    }
    // What came with the case is no source that anybody chose.
    case.revocations
        .extend([sign(7, Revocation::new(RevocationTarget::Did(did(8))))]);
    case.revocations.recalling(&did(1), [did(9)], []);
    let brought = answer(&case).into_verified().unwrap();
    assert!(brought.resisting(&Policy::standard(), now()).is_err());
    case.revocations = looked();
    let looked = answer(&case).into_verified().unwrap();
    assert!(looked.resisting(&Policy::standard(), now()).is_ok());
    assert_eq!(looked.revocations()[0].source, "list");
}

#[test]
fn a_policy_may_say_that_nobody_need_look() {
    let mut case = without_claims();
    case.revocations = Revocations::not_checked();
    let verified = answer(&case).into_verified().unwrap();
    let text = "resist = ['collaborator', 'stolen-token']\n";
    let said = Policy::from_toml(&format!("{text}unchecked_revocations = true")).unwrap();
    let by_code = Policy::standard().taking_unchecked_revocations();
    for policy in [&said, &by_code] {
        assert!(!policy.asks_for_revocations());
        assert!(verified.resisting(policy, now()).is_ok());
    }
    for silent in [
        text.to_owned(),
        format!("{text}unchecked_revocations = false"),
    ] {
        let policy = Policy::from_toml(&silent).unwrap();
        assert!(verified.resisting(&policy, now()).is_err());
        assert_ne!(policy.digest(), said.digest(), "an answer names its policy");
    }
}

#[test]
fn a_claim_by_itself_resists_only_where_somebody_looked() -> Result<(), ClaimError> {
    let (public, keys) = (
        ProofExpectation::new(Audience::public()),
        KeyRing::intrinsic(),
    );
    let strict = Policy::strict();
    let act = sign(1, delegated(false));
    let alone = act.verify(&public, &keys, now())?;
    assert_eq!(
        alone.resisting(&strict, now()),
        Err(NotResisting::RevocationsNotChecked)
    );
    let looked = act.verify_unrevoked(&public, &keys, &looked(), now())?;
    assert!(looked.resisting(&strict, now()).is_ok());
    let revoked = revoking(1, RevocationTarget::Did(did(1)));
    let refuted = act.verify_unrevoked(&public, &keys, &revoked, now());
    assert!(matches!(refuted, Err(ClaimError::Refuted(r)) if r.reason == RefutedReason::Revoked));
    let down = Unavailable::new(UnavailableReason::Network, "down");
    let unread = Revocations::not_checked().with("log", Err(down));
    let open = act.verify_unrevoked(&public, &keys, &unread, now());
    assert!(matches!(open, Err(ClaimError::Unavailable(_))));
    // A platform claim names its recovery DID itself.
    let claim = naming(1, 9);
    let by_recovery = revoking(9, RevocationTarget::Did(did(1)));
    assert!(
        claim
            .verify_unrevoked(&public, &keys, &by_recovery, now())
            .is_err()
    );
    // A revocation holds for good, whatever becomes of its key.
    let theirs =
        sign(1, Revocation::new(RevocationTarget::Did(did(2)))).verify(&public, &keys, now())?;
    assert!(theirs.resisting(&strict, now()).is_ok());
    Ok(())
}
