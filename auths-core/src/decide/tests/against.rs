//! What speaks against a claim.

use super::*;

#[test]
fn another_incarnation_is_denied_and_an_unreadable_one_undetermined() {
    let mut evidence = six_of_alice();
    evidence.incarnation = Reading::Read(Incarnation::new("first-upload", "2026-11-20T00:00:00Z"));
    let mut changed = case(1, evidence.clone());
    changed.accounts.push(stated(1, "pypi:alice", 100));
    refuted_by(&answer(&changed), RefutedReason::AnotherIncarnation);
    evidence.incarnation = Reading::Unread(Unavailable::new(
        UnavailableReason::MissingField,
        "releases",
    ));
    changed.evidence = vec![ObservedEvidence::live(evidence)];
    undetermined_by(&answer(&changed), UnavailableReason::IncarnationUnread);
}

#[test]
fn a_name_that_is_not_there_is_denied_for_its_own_reason() {
    for by in [
        RefutedReason::UnknownProject,
        RefutedReason::Quarantined,
        RefutedReason::NoReleases,
    ] {
        let mut evidence = six_of_alice();
        evidence.existence = Existence::Absent(Refuted::new(by, "six"));
        refuted_by(&answer(&case(1, evidence)), by);
    }
}

#[test]
fn revocations_win_and_only_those_who_may_can_revoke() {
    let mut case = accepted_case();
    let claim = case.key().claim.id().clone();
    let link = case.accounts[0].claim.id().clone();
    for what in [
        RevocationTarget::Claim(claim),
        RevocationTarget::Claim(link),
        RevocationTarget::Did(did(1)),
    ] {
        case.revocations = revoking(1, what.clone());
        assert_eq!(answer(&case).outcome(), Outcome::Denied, "{what:?}");
        case.revocations = revoking(2, what.clone());
        assert_eq!(
            answer(&case).outcome(),
            Outcome::Accepted,
            "a stranger revoked {what:?}"
        );
    }
    case.revocations = revoking(1, RevocationTarget::Did(did(1)));
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn the_recovery_did_may_revoke() {
    let mut case = accepted_case();
    case.accounts[0].claim = sign(1, PlatformClaim::new(account("pypi:alice"), Some(did(9))));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    case.revocations = revoking(9, RevocationTarget::Did(did(1)));
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn an_unreadable_source_of_revocations_keeps_a_yes_back_and_a_no_stands() {
    let offline = || {
        Revocations::not_checked().with(
            "log",
            Err(Unavailable::new(UnavailableReason::Network, "down")),
        )
    };
    let mut yes = accepted_case();
    let accepted = answer(&yes);
    yes.revocations = offline();
    let decision = answer(&yes);
    undetermined_by(&decision, UnavailableReason::RevocationsUnread);
    // A chain holds all the same: what it falls to, and its cost, are those of the yes that is kept back.
    assert_eq!(decision.cost(), accepted.cost());
    assert_eq!(decision.falls_to(), accepted.falls_to());
    assert_eq!((decision.weakest(), decision.valid_until()), (None, None));
    let mut no = case(1, six_of_alice());
    no.revocations = offline();
    refuted_by(&answer(&no), RefutedReason::NoChain);
    // So too for what would be accepted once it is mature.
    let mut later = six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), &[(3, &[1])]);
    let pending = answer(&later);
    assert_eq!(pending.outcome(), Outcome::Pending);
    later.revocations = offline();
    let decision = answer(&later);
    undetermined_by(&decision, UnavailableReason::RevocationsUnread);
    assert_eq!(decision.cost(), pending.cost());
    assert_eq!(decision.falls_to(), pending.falls_to());
    assert_eq!(decision.weakest(), pending.weakest());
    // Where nothing is known to hold, it says so.
    let mut open = accepted_case();
    open.evidence.clear();
    let decision = answer(&open);
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert!(
        decision.cost().contains("nothing holds"),
        "{}",
        decision.cost()
    );
}

#[test]
fn evidence_must_be_about_the_question_fresh_and_by_someone_trusted() {
    let policy = Policy::standard();
    let with = |evidence: NamespaceEvidence| {
        let mut case = accepted_case();
        case.evidence = vec![ObservedEvidence::live(evidence)];
        answer(&case)
    };
    let mut other = six_of_alice();
    other.namespace = "pypi:sax".parse().unwrap();
    undetermined_by(&with(other), UnavailableReason::EvidenceMismatch);
    let mut elsewhere = six_of_alice();
    elsewhere.namespace = six().at(Some("http://127.0.0.1:9".parse().unwrap()));
    undetermined_by(&with(elsewhere), UnavailableReason::EvidenceMismatch);
    let mut stale = six_of_alice();
    stale.observed_at = now() - DAY - Duration::from_secs(1);
    undetermined_by(&with(stale), UnavailableReason::StaleEvidence);
    let mut future = six_of_alice();
    future.observed_at = now() + HOUR;
    undetermined_by(&with(future), UnavailableReason::EvidenceMismatch);
    let mut none = accepted_case();
    none.evidence.clear();
    undetermined_by(&answer(&none), UnavailableReason::StaleEvidence);
    none.unread
        .push(Unavailable::new(UnavailableReason::Timeout, "pypi"));
    undetermined_by(&answer(&none), UnavailableReason::Timeout);

    let mut observed = accepted_case();
    let evidence = Evidence::Namespace(Box::new({
        let mut e = six_of_alice();
        e.observed_at = now() - HOUR;
        e
    }));
    let observation = sign(5, Observation::new(evidence));
    let sighting =
        ObservedEvidence::observed(&observation, &crate::claim::KeyRing::intrinsic(), now())
            .unwrap();
    let Evidence::Namespace(seen) = sighting.evidence() else {
        panic!()
    };
    observed.evidence = vec![sighting.with((**seen).clone())];
    undetermined_by(
        &decide(&observed, &policy, now()),
        UnavailableReason::UntrustedObserver,
    );
    let trusting = policy.trusting([did(5)]);
    assert_eq!(
        decide(&observed, &trusting, now()).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn a_yes_is_still_one_in_the_second_in_which_it_is_given() {
    let policy = Policy::standard();
    let mut last = accepted_case();
    let mut evidence = six_of_alice();
    evidence.observed_at = now() - DAY + Duration::from_secs(1);
    last.evidence = vec![ObservedEvidence::live(evidence.clone())];
    let verified = decide(&last, &policy, now()).into_verified().unwrap();
    assert!(verified.resisting(&policy, now()).is_ok());
    assert_eq!(verified.valid_until(), now() + Duration::from_secs(1));
    evidence.observed_at = now() - DAY;
    last.evidence = vec![ObservedEvidence::live(evidence)];
    undetermined_by(
        &decide(&last, &policy, now()),
        UnavailableReason::StaleEvidence,
    );
}

#[test]
fn which_of_two_came_first_changes_no_answer() {
    // Two sightings of one second that contradict, and two chains that fall to the same but last differently.
    let mut other = six_of_alice();
    other.listing = Reading::Read(owners(&[("pypi:bob", OwnerRole::Owner)]));
    let short = SigningRequest::new(
        PlatformClaim::new(account("pypi:alice"), None),
        now() - HOUR,
    );
    let mut ending = stated(1, "pypi:alice", 100);
    ending.claim = short
        .living(2 * HOUR)
        .sign(&key(1))
        .now_or_never()
        .unwrap()
        .unwrap();
    let given = |evidence: Vec<NamespaceEvidence>, accounts: Vec<LinkedAccount>| {
        let mut case = case(1, six_of_alice());
        case.evidence = evidence.into_iter().map(ObservedEvidence::live).collect();
        case.accounts = accounts;
        answer(&case)
    };
    let written = |decision: &Decision| serde_json::to_string(decision).unwrap();
    let lasting = || stated(1, "pypi:alice", 100);
    let one = given(
        vec![six_of_alice(), other.clone()],
        vec![lasting(), ending.clone()],
    );
    let two = given(vec![other, six_of_alice()], vec![ending.clone(), lasting()]);
    assert_eq!(written(&one), written(&two));
    let best = given(vec![six_of_alice()], vec![ending, lasting()]);
    let verified = best.into_verified().unwrap();
    assert_eq!(
        verified.valid_until(),
        now() + DAY,
        "it rests on the chain that lasts"
    );
}

#[test]
fn the_claim_itself_must_hold() {
    let mut case = accepted_case();
    case.key().expected = ProofExpectation::new("https://hub.example".parse().unwrap());
    refuted_by(&answer(&case), RefutedReason::WrongAudience);
    case.key().expected = ProofExpectation::new(Audience::local(&did(1)))
        .with_challenge("AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap());
    refuted_by(&answer(&case), RefutedReason::WrongChallenge);
    let later = accepted_case();
    refuted_by(
        &decide(&later, &Policy::standard(), now() + DAY * 31),
        RefutedReason::Expired,
    );
    refuted_by(
        &decide(&later, &Policy::standard(), now() - DAY),
        RefutedReason::NotYetValid,
    );
}

#[test]
fn an_expired_platform_claim_links_nothing() {
    let mut case = accepted_case();
    let old = SigningRequest::new(PlatformClaim::new(account("pypi:alice"), None), ago(31));
    case.accounts[0].claim = old.sign(&key(1)).now_or_never().unwrap().unwrap();
    refuted_by(&answer(&case), RefutedReason::Expired);
}

#[test]
fn a_claim_looked_at_by_itself_is_held_to_revocations_and_to_sources_that_were_not_read() {
    let (claim, keys) = (
        platform_claim(1, "pypi:alice"),
        crate::claim::KeyRing::intrinsic(),
    );
    let check =
        |revocations: &Revocations, others: &[Did]| revocations.check(&claim, others, &keys, now());
    let of_alice = || RevocationTarget::Did(did(1));
    assert!(check(&Revocations::not_checked(), &[]).is_ok());
    let revoked = check(&revoking(1, of_alice()), &[]);
    assert!(
        matches!(&revoked, Err(Obstacle::Refuted(r)) if r.reason == RefutedReason::Revoked),
        "{revoked:?}"
    );
    // Somebody else may only where the claim names them.
    assert!(check(&revoking(9, of_alice()), &[]).is_ok());
    assert!(check(&revoking(9, of_alice()), &[did(9)]).is_err());
    for (why, said) in [
        (
            Unavailable::new(UnavailableReason::RevocationsUnread, "no file"),
            "list: no file",
        ),
        (
            Unavailable::new(UnavailableReason::Timeout, "slow"),
            "list: the server did not answer in time: slow",
        ),
    ] {
        let unread = Revocations::not_checked().with("list", Err(why));
        let open = check(&unread, &[]);
        assert!(
            matches!(&open, Err(Obstacle::Unavailable(u)) if u.reason == UnavailableReason::RevocationsUnread && u.raw_detail == said),
            "{open:?}"
        );
    }
}
