//! Whose evidence counts, and which of several looks at the same thing.

use super::*;

/// Account evidence as observer `n` signed it.
pub(super) fn account_seen_by(
    n: u8,
    evidence: AccountEvidence,
) -> ObservedEvidence<AccountEvidence> {
    let observation = Observation::new(Evidence::Account(Box::new(evidence.clone())));
    let request = SigningRequest::new(observation, evidence.observed_at);
    let signed = request.sign(&key(n)).now_or_never().unwrap().unwrap();
    let sighting = ObservedEvidence::observed(&signed, &KeyRing::intrinsic(), now()).unwrap();
    sighting.with(evidence)
}

fn trusting() -> Policy {
    Policy::standard().trusting([did(5)])
}

// --- what their word falls to

#[test]
fn what_an_observer_saw_falls_to_the_observers_key_even_where_the_claim_does_not_fall_to_its_own() {
    let (mut case, issued) = answered_by_flow();
    let decide = |case: &DecisionInput, policy: &Policy| {
        let decided = decide_answer(case, issued.clone(), policy, now());
        decided.report().clone()
    };
    let trusting = trusting();
    // A device flow for the very challenge: the device key is not enough.
    assert_eq!(falls_to(&decide(&case, &trusting)), [AccountSession]);
    let seen = case.evidence[0].evidence().clone();
    case.evidence = vec![observed(5, seen)];
    let decision = decide(&case, &trusting);
    assert_eq!(falls_to(&decision), [AccountSession, DeviceKey]);
    let cost = format!("steal the device key of `{}`", did(5));
    assert!(decision.cost().contains(&cost), "{}", decision.cost());
    // A policy that resists device keys is not content with it.
    let resisting = Policy::from_toml("resist = ['device-key']").unwrap();
    let decision = decide(&case, &resisting.trusting([did(5)]));
    refuted_by(&decision, RefutedReason::Resisted);
}

#[test]
fn the_key_of_an_observer_of_an_account_statement_opens_no_package_by_itself() {
    let mut case = case(1, six_of_alice());
    let mut linked = stated(1, "pypi:alice", 100);
    linked.evidence = vec![account_seen_by(5, linked.evidence[0].evidence().clone())];
    case.accounts.push(linked);
    let decision = decide(&case, &trusting(), now());
    assert_eq!(decision.outcome(), Outcome::Accepted);
    let ways: Vec<&str> = decision.cost().split("; or ").collect();
    let of_observer = format!("steal the device key of `{}`", did(5));
    assert!(ways.contains(&&*of_observer), "{ways:?}");
    let opens = "which opens every package of the account that `pypi:own` speaks for";
    let by_the_package = ways.iter().filter(|way| way.contains("`pypi:own`"));
    assert!(by_the_package.clone().count() > 0);
    assert!(
        by_the_package.clone().all(|way| way.contains(opens)),
        "{ways:?}"
    );
    let opening = ways
        .iter()
        .filter(|way| way.contains("which opens"))
        .count();
    assert_eq!(opening, by_the_package.count(), "{ways:?}");
}

/// A claim by 1 that answers a challenge for which this process ran a device flow.
fn answered_by_flow() -> (DecisionInput, IssuedChallenge) {
    let issued = issued_to(1);
    let challenge = issued.challenge().clone();
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience("hub".parse().unwrap());
    let request = request.with_challenge(Some(challenge.clone()));
    let claim = request.sign(&key(1)).now_or_never().unwrap().unwrap();
    let expected = ProofExpectation::new("hub".parse().unwrap()).with_challenge(challenge.clone());
    let entry = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
    let mut case = DecisionInput::new(claim, expected);
    case.evidence
        .push(ObservedEvidence::live(owned_by(entry, false)));
    case.accounts
        .push(by_flow(1, github("alice", "7"), Some(challenge)));
    (case, issued)
}

#[test]
fn every_link_that_an_observer_saw_says_that_it_falls_to_its_key() {
    let seen = stated(1, "pypi:alice", 100).evidence[0].evidence().clone();
    let mut case = case(1, six_of_alice());
    for by in [None, Some(5)] {
        let sighting = match by {
            None => ObservedEvidence::live(seen.clone()),
            Some(n) => account_seen_by(n, seen.clone()),
        };
        let claim = platform_claim(1, "pypi:alice");
        case.accounts = vec![LinkedAccount::new(claim, vec![sighting])];
        let decision = decide(&case, &trusting(), now());
        let chain = &decision.chains()[0];
        let falls = |kind: EvidenceKind| {
            let link = chain.links.iter().find(|link| link.kind == kind).unwrap();
            link.falls_to.contains(Capability::DeviceKey)
        };
        assert_eq!(falls(EvidenceKind::AccountStatement), by.is_some());
        assert!(!falls(EvidenceKind::ListedOwner), "this process saw that");
    }
}

// --- revoked

#[test]
fn a_revoked_observer_or_observation_is_no_evidence() {
    let signed = observation(5, six_of_alice());
    let mut case = accepted_case();
    case.evidence = vec![observed(5, six_of_alice())];
    let answer = |case: &DecisionInput| decide(case, &trusting(), now());
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    for what in [
        RevocationTarget::Did(did(5)),
        RevocationTarget::Claim(signed.id().clone()),
    ] {
        case.revocations = revoking(5, what.clone());
        undetermined_by(&answer(&case), UnavailableReason::RevokedObserver);
        for stranger in [1, 7] {
            case.revocations = revoking(stranger, what.clone());
            assert_eq!(answer(&case).outcome(), Outcome::Accepted, "{what:?}");
        }
    }
    // The observer's recovery DID may say so too.
    let named = sign(5, PlatformClaim::new(account("pypi:hub"), Some(did(9))));
    case.revocations = revoking(9, RevocationTarget::Did(did(5))).naming([named]);
    undetermined_by(&answer(&case), UnavailableReason::RevokedObserver);
}

#[test]
fn what_a_revoked_observer_saw_of_an_account_supports_nothing_and_outdates_nothing() {
    let seen = stated(1, "pypi:alice", 100).evidence[0].evidence().clone();
    let mut older = seen.clone();
    older.observed_at = now() - HOUR;
    if let AccountProof::AccountStatement(own) = &mut older.proof {
        own.observed_at = older.observed_at;
        own.timeline = Reading::Read(releases(&[(100, &[1]), (9, &[1])]));
        **own = speaking((**own).clone(), &account("pypi:alice"));
    }
    let mut case = case(1, six_of_alice());
    case.accounts.push(LinkedAccount::new(
        platform_claim(1, "pypi:alice"),
        vec![account_seen_by(5, seen)],
    ));
    case.revocations = revoking(5, RevocationTarget::Did(did(5)));
    undetermined_by(
        &decide(&case, &trusting(), now()),
        UnavailableReason::RevokedObserver,
    );
    case.accounts[0].evidence.push(account_seen_by(6, older));
    let both = trusting().trusting([did(6)]);
    assert_eq!(decide(&case, &both, now()).outcome(), Outcome::Accepted);
}

#[test]
fn evidence_against_by_a_revoked_observer_does_not_count_either() {
    let mut no = package(
        "pypi:six",
        owners(&[("pypi:bob", OwnerRole::Owner)]),
        releases(&[(900, &[])]),
    );
    no.observed_at = now();
    let mut yes = six_of_alice();
    yes.observed_at = now() - HOUR;
    let mut case = accepted_case();
    case.evidence = vec![observed(6, yes), observed(5, no)];
    let both = trusting().trusting([did(6)]);
    refuted_by(&decide(&case, &both, now()), RefutedReason::NotListed);
    case.revocations = revoking(5, RevocationTarget::Did(did(5)));
    assert_eq!(decide(&case, &both, now()).outcome(), Outcome::Accepted);
}

// --- the newest

/// What was seen of alice's own package `hours` ago.
fn own_seen(hours: u32, listing: Listing, rows: &[(u32, &[u8])]) -> AccountEvidence {
    let own = package("pypi:own", listing, releases(rows));
    let mut own = speaking(own, &account("pypi:alice"));
    own.observed_at = now() - HOUR * hours;
    let (at, proof) = (
        own.observed_at,
        AccountProof::AccountStatement(Box::new(own)),
    );
    AccountEvidence::new(account("pypi:alice"), did(1), at, proof)
}

const GOOD: &[(u32, &[u8])] = &[(20, &[1]), (5, &[1])];
const DROPPED: &[(u32, &[u8])] = &[(20, &[1]), (5, &[1]), (2, &[])];

fn alone() -> Listing {
    owners(&[("pypi:alice", OwnerRole::Owner)])
}

fn shared() -> Listing {
    owners(&[
        ("pypi:alice", OwnerRole::Owner),
        ("pypi:eve", OwnerRole::Owner),
    ])
}

#[test]
fn a_newer_look_at_an_account_that_says_no_beats_an_older_one_that_says_yes() {
    let good = || own_seen(20, alone(), GOOD);
    for against in [own_seen(0, alone(), DROPPED), own_seen(0, shared(), GOOD)] {
        for observed in [false, true] {
            let seen = |evidence| match observed {
                true => account_seen_by(5, evidence),
                false => ObservedEvidence::live(evidence),
            };
            let claim = || platform_claim(1, "pypi:alice");
            let mut case = case(1, six_of_alice());
            let answer = |case: &DecisionInput| decide(case, &trusting(), now());
            case.accounts = vec![LinkedAccount::new(claim(), vec![seen(good())])];
            assert_eq!(answer(&case).outcome(), Outcome::Accepted);
            let both = vec![seen(good()), seen(against.clone())];
            case.accounts = vec![LinkedAccount::new(claim(), both)];
            refuted_by(&answer(&case), RefutedReason::Resisted);
            // Nor does it help to hang them on two claims of the same account.
            let other = SigningRequest::new(claim().unverified().clone(), now() - HOUR * 2);
            let other = other.sign(&key(1)).now_or_never().unwrap().unwrap();
            case.accounts = vec![
                LinkedAccount::new(claim(), vec![seen(good())]),
                LinkedAccount::new(other, vec![seen(against.clone())]),
            ];
            refuted_by(&answer(&case), RefutedReason::Resisted);
        }
    }
}

#[test]
fn a_newer_look_that_does_not_count_outdates_nothing() {
    let mut case = case(1, six_of_alice());
    let mut elsewhere = own_seen(0, alone(), DROPPED);
    if let AccountProof::AccountStatement(own) = &mut elsewhere.proof {
        own.namespace = "pypi:another".parse().unwrap();
    }
    let good = account_seen_by(5, own_seen(20, alone(), GOOD));
    let untrusted = account_seen_by(7, own_seen(0, alone(), DROPPED));
    case.accounts = vec![LinkedAccount::new(
        platform_claim(1, "pypi:alice"),
        vec![untrusted, ObservedEvidence::live(elsewhere), good],
    )];
    let decision = decide(&case, &trusting(), now());
    assert_eq!(decision.outcome(), Outcome::Accepted);
}

#[test]
fn a_newer_good_look_outdates_an_older_bad_one() {
    let mut case = case(1, six_of_alice());
    let seen = [own_seen(20, shared(), GOOD), own_seen(0, alone(), GOOD)];
    case.accounts = vec![LinkedAccount::new(
        platform_claim(1, "pypi:alice"),
        seen.map(ObservedEvidence::live).into(),
    )];
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    let shown = grade_account(
        &case.accounts[0],
        &Policy::standard(),
        &KeyRing::intrinsic(),
        now(),
    );
    assert_eq!(shown.len(), 2, "self-reported, and the newer look");
}

// --- recovery, while accounts cannot be read

#[test]
fn a_revocation_by_whoever_may_be_the_recovery_did_keeps_a_yes_back_while_accounts_are_unread() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    let mut case = six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), rows);
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    case.revocations = revoking(9, RevocationTarget::Did(did(1)));
    // Everything was read, and no claim names 9: a stranger.
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    let down = Unavailable::new(UnavailableReason::Network, "down");
    case.unread_accounts = vec![(did(1), down.clone())];
    undetermined_by(&answer(&case), UnavailableReason::Network);
    // Of another DID, or with another's signature, it is nothing.
    case.revocations = revoking(9, RevocationTarget::Did(did(3)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    let signed = sign(9, Revocation::new(RevocationTarget::Did(did(1)))).to_json();
    let name = |n| did(n).as_str().trim_start_matches("did:key:").to_owned();
    let forged = signed.replace(&name(9), &name(8));
    let forged = Signed::<Revocation>::parse(forged.as_bytes()).unwrap();
    case.revocations = Revocations::not_checked().with("list", Ok(vec![forged]));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn the_same_for_a_delegator_whose_accounts_are_unread() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    let evidence = package(
        "pypi:six",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(rows),
    );
    let mut case = case(2, evidence);
    case.delegations = vec![sign(1, delegated(false))];
    case.unread_accounts = vec![(did(1), Unavailable::new(UnavailableReason::Timeout, "slow"))];
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    let delegation = RevocationTarget::Claim(case.delegations[0].id().clone());
    for what in [RevocationTarget::Did(did(1)), delegation] {
        case.revocations = revoking(9, what);
        undetermined_by(&answer(&case), UnavailableReason::Timeout);
    }
}
