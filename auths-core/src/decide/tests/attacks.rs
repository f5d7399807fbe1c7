//! Attacks, each by the name of what the attacker tries.

use super::*;
use crate::claim::KeyRing;
use crate::crypto::PublicKey;
use crate::identity::VerificationMethod;

fn stated_by(own: NamespaceEvidence) -> LinkedAccount {
    let own = speaking(own, &account("pypi:alice"));
    let proof = AccountProof::AccountStatement(Box::new(own));
    let evidence = AccountEvidence::new(account("pypi:alice"), did(1), now(), proof);
    LinkedAccount::new(
        platform_claim(1, "pypi:alice"),
        vec![ObservedEvidence::live(evidence)],
    )
}

// --- one planted release, and waiting

#[test]
fn a_stolen_token_that_makes_a_package_of_its_own_proves_no_account_by_waiting() {
    // One publish with alice's token: a new project, alone in it alice, naming the thief's DID from its first release.
    for days in [7, 30, 400] {
        let own = package(
            "pypi:planted",
            owners(&[("pypi:alice", OwnerRole::Owner)]),
            releases(&[(days, &[1])]),
        );
        let mut case = case(1, six_of_alice());
        case.accounts.push(stated_by(own));
        let decision = answer(&case);
        assert_eq!(decision.outcome(), Outcome::Pending, "{days} days");
        let remedy = decision.remedy().unwrap();
        assert!(
            remedy.contains("another release of pypi:planted"),
            "{remedy}"
        );
    }
}

#[test]
fn a_stolen_token_that_plants_one_attested_release_gains_nothing_by_waiting() {
    // npm: a token may publish a release with an attestation of the thief's own repository.
    let attested = |planted: u32, later: &[u32]| {
        let mut rows: Vec<(u32, &[u8])> = vec![(900, &[]), (planted, &[])];
        rows.extend(later.iter().map(|d| (*d, &[][..])));
        let listing = owners(&[("pypi:alice", OwnerRole::Owner)]);
        let mut evidence = package("pypi:six", listing, releases(&rows));
        evidence.provenance = Reading::Read(vec![Provenance {
            platform: Platform::GITHUB,
            owner_id: AccountId::new("99").unwrap(),
            repository_id: AccountId::new("990").unwrap(),
            since: ago(planted),
            token_may_publish: true,
            newest: newest(&evidence),
        }]);
        let mut case = case(1, evidence);
        case.accounts.push(by_flow(1, github("thief", "99"), None));
        case
    };
    // Whoever may publish there may: the default policy does not take it at all.
    assert_eq!(answer(&attested(20, &[13])).weakest(), Some(Collaborator));
    let policy = Policy::from_toml("resist = ['stolen-token']").unwrap();
    let answer = |case: &DecisionInput| decide(case, &policy, now());
    for days in [7, 30, 400] {
        let decision = answer(&attested(days, &[]));
        assert_eq!(decision.outcome(), Outcome::Pending, "{days} days");
        let remedy = decision.remedy().unwrap();
        assert!(remedy.contains("another attested release"), "{remedy}");
    }
    let held = answer(&attested(20, &[13]));
    assert_eq!(held.outcome(), Outcome::Accepted);
    assert_eq!(
        falls_to(&held),
        [
            Collaborator,
            FormerCollaborator,
            HeldToken,
            CiWorkflow,
            DeviceKey
        ],
        "two releases the maturity apart: a held token, and the answer says so"
    );
    assert_eq!(answer(&attested(20, &[14])).outcome(), Outcome::Pending);
    let mut unread = attested(20, &[13]);
    let mut evidence = unread.evidence[0].evidence().clone();
    evidence.timeline = Reading::NotOffered;
    unread.evidence = vec![ObservedEvidence::live(evidence)];
    assert_ne!(answer(&unread).outcome(), Outcome::Accepted);
}

#[test]
fn the_package_itself_as_account_statement_is_worth_no_more_than_its_statement() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    let evidence = package(
        "pypi:six",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(rows),
    );
    let mut case = case(1, evidence.clone());
    case.accounts.push(stated_by(evidence));
    let no_workflow = Policy::from_toml("resist = ['ci-workflow']").unwrap();
    let decision = decide(&case, &no_workflow, now());
    refuted_by(&decision, RefutedReason::Resisted);
}

// --- which evidence counts

#[test]
fn an_observer_whose_clock_runs_ahead_does_not_outweigh_what_was_just_seen() {
    let mut rosy = six_of_alice();
    rosy.observed_at = now() + Duration::from_secs(200);
    let mut case = case(
        1,
        package(
            "pypi:six",
            owners(&[("pypi:bob", OwnerRole::Owner)]),
            releases(&[(900, &[])]),
        ),
    );
    case.accounts.push(stated(1, "pypi:alice", 100));
    refuted_by(&answer(&case), RefutedReason::NotListed);
    case.evidence.push(observed(5, rosy.clone()));
    case.evidence.reverse();
    let trusting = Policy::standard().trusting([did(5)]);
    refuted_by(&decide(&case, &trusting, now()), RefutedReason::NotListed);
    rosy.observed_at = now();
    case.evidence[0] = observed(5, rosy);
    refuted_by(&decide(&case, &trusting, now()), RefutedReason::NotListed);
}

#[test]
fn a_newer_no_of_a_trusted_observer_beats_an_older_yes() {
    let mut yes = six_of_alice();
    yes.observed_at = now() - HOUR * 2;
    let mut no = package(
        "pypi:six",
        owners(&[("pypi:bob", OwnerRole::Owner)]),
        releases(&[(900, &[])]),
    );
    no.observed_at = now() - HOUR;
    let mut case = accepted_case();
    case.evidence = vec![observed(5, yes), observed(5, no)];
    let trusting = Policy::standard().trusting([did(5)]);
    refuted_by(&decide(&case, &trusting, now()), RefutedReason::NotListed);
    let stranger = Policy::standard().trusting([did(6)]);
    undetermined_by(
        &decide(&case, &stranger, now()),
        UnavailableReason::UntrustedObserver,
    );
}

#[test]
fn a_configured_server_must_have_answered_itself_for_an_account_as_well() {
    let elsewhere: Origin = "http://127.0.0.1:9".parse().unwrap();
    let at = |account: Account| account.at(Some(elsewhere.clone()));
    let alice = at(account("pypi:alice"));
    let mut evidence = six_of_alice();
    evidence.namespace = six().at(Some(elsewhere.clone()));
    evidence.origin = elsewhere.clone();
    evidence.listing = Reading::Read(Listing::new(vec![ListedAccount::new(
        alice.clone(),
        OwnerRole::Owner,
        "Owner",
    )]));
    let body = NamespaceClaim::new(
        evidence.namespace.clone(),
        first_upload(),
        Actions::only(Action::Publish),
    );
    let request = SigningRequest::new(body, now()).for_audience(Audience::local(&did(1)));
    let claim = request.sign(&key(1)).now_or_never().unwrap().unwrap();
    let mut own = evidence.clone();
    own.namespace = "pypi:own"
        .parse::<Namespace>()
        .unwrap()
        .at(Some(elsewhere.clone()));
    own.timeline = Reading::Read(releases(&[(30, &[1]), (10, &[1])]));
    own = speaking(own, &alice);
    for (origin, outcome) in [
        (elsewhere.clone(), Outcome::Accepted),
        (pypi(), Outcome::Undetermined),
    ] {
        own.origin = origin;
        let proof = AccountProof::AccountStatement(Box::new(own.clone()));
        let seen = AccountEvidence::new(alice.clone(), did(1), now(), proof);
        let mut case = DecisionInput::new(
            claim.clone(),
            ProofExpectation::new(Audience::local(&did(1))),
        );
        case.evidence.push(ObservedEvidence::live(evidence.clone()));
        case.accounts.push(LinkedAccount::new(
            sign(1, PlatformClaim::new(alice.clone(), None)),
            vec![ObservedEvidence::live(seen)],
        ));
        let decision = answer(&case);
        assert_eq!(decision.outcome(), outcome, "{:?}", decision.reason());
    }
}

#[test]
fn a_yes_names_every_server_that_it_rests_on() {
    let mut own = package(
        "pypi:own",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(&[(30, &[1]), (10, &[1])]),
    );
    own.origin = "https://second.example".parse().unwrap();
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated_by(own));
    let verified = answer(&case).into_verified().unwrap();
    let names: Vec<_> = verified.origins().iter().map(Origin::to_string).collect();
    assert_eq!(names, ["https://pypi.example", "https://second.example"]);
}

#[test]
fn account_evidence_ages_and_comes_from_the_trusted_only() {
    let seen_at = |at: Timestamp, n: u8| {
        let own = package(
            "pypi:own",
            owners(&[("pypi:alice", OwnerRole::Owner)]),
            releases(&[(30, &[1]), (10, &[1])]),
        );
        let mut own = speaking(own, &account("pypi:alice"));
        own.observed_at = at;
        let proof = AccountProof::AccountStatement(Box::new(own));
        let evidence = AccountEvidence::new(account("pypi:alice"), did(1), at, proof);
        let signed = SigningRequest::new(
            Observation::new(Evidence::Account(Box::new(evidence.clone()))),
            at,
        );
        let signed = signed.sign(&key(n)).now_or_never().unwrap().unwrap();
        let sighting = ObservedEvidence::observed(&signed, &KeyRing::intrinsic(), now()).unwrap();
        let mut case = case(1, six_of_alice());
        case.accounts.push(LinkedAccount::new(
            platform_claim(1, "pypi:alice"),
            vec![sighting.with(evidence)],
        ));
        decide(&case, &Policy::standard().trusting([did(5)]), now())
    };
    let almost = now() - DAY + Duration::from_secs(1);
    assert_eq!(seen_at(almost, 5).outcome(), Outcome::Accepted);
    undetermined_by(&seen_at(now() - DAY, 5), UnavailableReason::StaleEvidence);
    undetermined_by(
        &seen_at(now() - HOUR, 6),
        UnavailableReason::UntrustedObserver,
    );
    let ahead = |seconds| seen_at(now() + Duration::from_secs(seconds), 5);
    assert_eq!(ahead(300).outcome(), Outcome::Accepted);
}

#[test]
fn an_accepted_answer_ends_with_the_first_thing_in_it_that_ends() {
    let mut case = accepted_case();
    assert_eq!(answer(&case).valid_until(), Some(now() + DAY));
    let mut evidence = six_of_alice();
    evidence.observed_at = now() - HOUR * 3;
    case.evidence = vec![ObservedEvidence::live(evidence)];
    assert_eq!(answer(&case).valid_until(), Some(now() + HOUR * 21));
    let short = SigningRequest::new(
        PlatformClaim::new(account("pypi:alice"), None),
        now() - HOUR,
    )
    .living(HOUR * 2);
    case.accounts[0].claim = short.sign(&key(1)).now_or_never().unwrap().unwrap();
    assert_eq!(answer(&case).valid_until(), Some(now() + HOUR));
}

// --- device flow

#[test]
fn a_flow_of_another_account_does_not_outweigh_a_stolen_device_key() {
    let challenge: Challenge = "AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap();
    let issued = issued_to(1);
    assert_ne!(*issued.challenge(), challenge);
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience("hub".parse().unwrap());
    let claim = request
        .with_challenge(Some(issued.challenge().clone()))
        .sign(&key(1))
        .now_or_never()
        .unwrap()
        .unwrap();
    let entry = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
    let mut case = DecisionInput::new(claim, ProofExpectation::new("hub".parse().unwrap()));
    case.evidence
        .push(ObservedEvidence::live(owned_by(entry, false)));
    let answer = |case: &DecisionInput| answer_to(case, &issued);
    let flow = |id: &str, challenge: Option<Challenge>| {
        let proof = AccountProof::DeviceFlow { challenge };
        ObservedEvidence::live(AccountEvidence::new(
            github("alice", id),
            did(1),
            now(),
            proof,
        ))
    };
    // The thief of the key approves the flow with an account of its own, and brings an older flow of the owner's.
    let mut linked = by_flow(1, github("alice", "7"), None);
    linked
        .evidence
        .push(flow("99", Some(issued.challenge().clone())));
    case.accounts = vec![linked];
    assert_eq!(falls_to(&answer(&case)), [AccountSession, DeviceKey]);
    // A flow for another challenge is an older one too.
    case.accounts = vec![by_flow(1, github("alice", "7"), Some(challenge))];
    assert_eq!(falls_to(&answer(&case)), [AccountSession, DeviceKey]);
    // Nor does somebody else's word count: only a flow that this process ran.
    let mut linked = by_flow(1, github("alice", "7"), None);
    let mut evidence = flow("7", Some(issued.challenge().clone()))
        .evidence()
        .clone();
    evidence.observed_at = now() - HOUR;
    let observation = Observation::new(Evidence::Account(Box::new(evidence.clone())));
    let signed = sign(5, observation);
    let sighting = ObservedEvidence::observed(&signed, &KeyRing::intrinsic(), now()).unwrap();
    linked.evidence = vec![sighting.with(evidence)];
    case.accounts = vec![linked];
    let trusting = Policy::standard().trusting([did(5)]);
    let decision = decide_answer(&case, issued.clone(), &trusting, now());
    assert_eq!(falls_to(decision.report()), [AccountSession, DeviceKey]);
    // Without a challenge that was given there is nothing that the flow answers.
    case.accounts = vec![by_flow(
        1,
        github("alice", "7"),
        case.key().claim.challenge().cloned(),
    )];
    let unasked = super::answer(&case);
    assert_eq!(falls_to(&unasked), [AccountSession, DeviceKey]);
}

#[test]
fn a_delegated_flow_leaves_both_keys_in_the_answer() {
    let issued = issued_to(2);
    let challenge = issued.challenge().clone();
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience("hub".parse().unwrap());
    let claim = request
        .with_challenge(Some(challenge.clone()))
        .sign(&key(2))
        .now_or_never()
        .unwrap()
        .unwrap();
    let entry = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
    let mut case = DecisionInput::new(claim, ProofExpectation::new("hub".parse().unwrap()));
    case.evidence
        .push(ObservedEvidence::live(owned_by(entry, false)));
    case.delegations.push(sign(1, delegated(false)));
    case.accounts
        .push(by_flow(1, github("alice", "7"), Some(challenge)));
    assert_eq!(
        falls_to(&answer_to(&case, &issued)),
        [AccountSession, DelegateKey, DeviceKey]
    );
}

// --- names

#[test]
fn a_maintainer_by_a_recyclable_name_is_both_weak_things() {
    let nameless = Account::parse_login(Platform::GITHUB, "same").unwrap();
    let entry = ListedAccount::new(nameless, OwnerRole::Maintainer, "team");
    let mut case = case(1, owned_by(entry, false));
    case.accounts.push(by_flow(1, github("same", "7"), None));
    let no_recycled = Policy::from_toml("resist = ['recycled-name']").unwrap();
    let decision = decide(&case, &no_recycled, now());
    assert_eq!(decision.weakest(), Some(RecycledName));
    refuted_by(&decision, RefutedReason::Resisted);
}

// --- what could not be read

#[test]
fn roles_that_were_not_read_leave_a_mature_statement_open() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    let mut evidence = package("pypi:six", owners(&[]), releases(rows));
    undetermined_by(
        &answer(&case(1, evidence.clone())),
        UnavailableReason::Empty,
    );
    evidence.listing = Reading::Unread(Unavailable::new(UnavailableReason::Timeout, "roles"));
    undetermined_by(
        &answer(&case(1, evidence.clone())),
        UnavailableReason::Timeout,
    );
    evidence.listing = Reading::NotOffered;
    refuted_by(&answer(&case(1, evidence.clone())), RefutedReason::Resisted);
    evidence.listing = Reading::Unread(Unavailable::new(UnavailableReason::Timeout, "roles"));
    evidence.timeline = Reading::Read(releases(&[(900, &[])]));
    refuted_by(&answer(&case(1, evidence)), RefutedReason::NoChain);
}

#[test]
fn a_young_statement_beside_an_unread_listing_is_open_and_not_denied() {
    let mut evidence = six_of_alice();
    evidence.listing = Reading::Unread(Unavailable::new(UnavailableReason::Timeout, "roles"));
    let mut case = case(1, evidence);
    case.accounts.push(stated(1, "pypi:alice", 3));
    undetermined_by(&answer(&case), UnavailableReason::Timeout);
}

// --- revocation

fn web(name: &str) -> Did {
    format!("did:web:{name}.example").parse().unwrap()
}

/// A revocation that says it is by `signer`, signed with key `n`.
fn revocation_by(signer: &Did, n: u8, what: RevocationTarget) -> Signed<Revocation> {
    #[derive(Debug)]
    struct As(VerificationMethod, KeyPair);
    #[async_trait::async_trait]
    impl crate::ports::Signer for As {
        fn method(&self) -> VerificationMethod {
            self.0.clone()
        }
        async fn sign(
            &self,
            message: &[u8],
        ) -> Result<crate::crypto::Signature, crate::ports::SignerError> {
            Ok(self.1.sign(message))
        }
    }
    let method = format!("{signer}#k").parse().unwrap();
    SigningRequest::new(Revocation::new(what), now() - HOUR)
        .sign(&As(method, key(n)))
        .now_or_never()
        .unwrap()
        .unwrap()
}

#[test]
fn a_remembered_revocation_counts_although_its_signer_has_other_keys_by_now() {
    let recovery = web("recovery");
    let mut case = accepted_case();
    let revocation = revocation_by(&recovery, 9, RevocationTarget::Did(did(1)));
    case.revocations = Revocations::not_checked().with("list", Ok(vec![]));
    let remembered = [revocation];
    case.revocations
        .recalling(&did(1), [recovery.clone()], remembered);
    let method = format!("{recovery}#k").parse().unwrap();
    case.keys = KeyRing::intrinsic().with(recovery, vec![(method, key(8).public())]);
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn a_revocation_by_a_recovery_did_whose_key_is_not_known_keeps_a_yes_back() {
    let recovery = web("recovery");
    let mut case = accepted_case();
    case.accounts[0].claim = sign(
        1,
        PlatformClaim::new(account("pypi:alice"), Some(recovery.clone())),
    );
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    let ring = |public: PublicKey| {
        let method = format!("{recovery}#k").parse().unwrap();
        KeyRing::intrinsic().with(recovery.clone(), vec![(method, public)])
    };
    for what in [
        RevocationTarget::Did(did(1)),
        RevocationTarget::Claim(case.key().claim.id().clone()),
        RevocationTarget::Claim(case.accounts[0].claim.id().clone()),
    ] {
        let revocation = revocation_by(&recovery, 9, what);
        case.revocations = Revocations::not_checked().with("list", Ok(vec![revocation]));
        assert_eq!(case.recovery_revokers(), std::slice::from_ref(&recovery));
        case.keys = KeyRing::intrinsic();
        undetermined_by(&answer(&case), UnavailableReason::KeyUnresolved);
        case.keys = ring(key(9).public());
        refuted_by(&answer(&case), RefutedReason::Revoked);
        case.keys = ring(key(8).public());
        assert_eq!(
            answer(&case).outcome(),
            Outcome::Accepted,
            "a stranger signed in its name"
        );
    }
    // What is refuted anyway stays refuted.
    let mut ended = case.clone();
    let old = PlatformClaim::new(account("pypi:alice"), Some(recovery.clone()));
    let old = SigningRequest::new(old, ago(31))
        .sign(&key(1))
        .now_or_never();
    ended.accounts[0].claim = old.unwrap().unwrap();
    let link = RevocationTarget::Claim(ended.accounts[0].claim.id().clone());
    let revocation = revocation_by(&recovery, 9, link);
    ended.revocations = Revocations::not_checked().with("list", Ok(vec![revocation]));
    ended.keys = KeyRing::intrinsic();
    refuted_by(&answer(&ended), RefutedReason::Expired);
    // A DID that no claim names may say what it likes.
    let stranger = revocation_by(&web("stranger"), 9, RevocationTarget::Did(did(1)));
    case.revocations = Revocations::not_checked().with("list", Ok(vec![stranger]));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    assert!(case.recovery_revokers().is_empty());
}

#[test]
fn leaving_out_the_claim_that_names_the_recovery_did_does_not_help_where_it_is_known() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    let mut case = six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), rows);
    case.revocations = revoking(9, RevocationTarget::Did(did(1)));
    assert_eq!(
        answer(&case).outcome(),
        Outcome::Accepted,
        "nobody told this verifier of the recovery DID"
    );
    let naming = |n, recovery| {
        let claim = PlatformClaim::new(account("pypi:alice"), Some(did(recovery)));
        [sign(n, claim)]
    };
    case.revocations = revoking(9, RevocationTarget::Did(did(1))).naming(naming(9, 9));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted, "a stranger's");
    case.revocations = revoking(9, RevocationTarget::Did(did(1))).naming(naming(1, 8));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted, "another's");
    case.revocations = revoking(9, RevocationTarget::Did(did(1))).naming(naming(1, 9));
    refuted_by(&answer(&case), RefutedReason::Revoked);
}

#[test]
fn a_recovery_did_must_be_named_by_the_did_itself() {
    let mut case = accepted_case();
    // A stranger names itself as recovery for its own claim on the account, and one as if by the victim.
    case.accounts.push(LinkedAccount::new(
        sign(9, PlatformClaim::new(account("pypi:alice"), Some(did(9)))),
        vec![],
    ));
    let by_victim = sign(1, PlatformClaim::new(account("pypi:zoe"), Some(did(9)))).to_json();
    let forged = by_victim.replace("zoe", "bob");
    let forged = Signed::<PlatformClaim>::parse(forged.as_bytes()).unwrap();
    case.accounts.push(LinkedAccount::new(forged, vec![]));
    case.revocations = revoking(9, RevocationTarget::Did(did(1)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn whoever_is_above_revokes_and_nobody_else() {
    // 1 owns and delegates to 2, who delegates to 3, who asks.
    let to_three = Delegation::new(did(3), [six()], Actions::only(Action::Publish));
    let mut case = case(3, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    case.delegations = vec![sign(2, to_three), sign(1, delegated(true))];
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    let (first, second) = (
        case.delegations[1].id().clone(),
        case.delegations[0].id().clone(),
    );
    for (by, what) in [
        (1, RevocationTarget::Claim(first.clone())),
        (1, RevocationTarget::Claim(second.clone())),
        (2, RevocationTarget::Claim(second)),
        (1, RevocationTarget::Did(did(2))),
        (1, RevocationTarget::Did(did(3))),
        (2, RevocationTarget::Did(did(3))),
        (2, RevocationTarget::Did(did(2))),
        (1, RevocationTarget::Did(did(1))),
        (
            1,
            RevocationTarget::Claim(case.accounts[0].claim.id().clone()),
        ),
    ] {
        case.revocations = revoking(by, what.clone());
        assert_eq!(answer(&case).outcome(), Outcome::Denied, "{by} {what:?}");
        case.revocations = revoking(7, what.clone());
        assert_eq!(
            answer(&case).outcome(),
            Outcome::Accepted,
            "a stranger: {what:?}"
        );
    }
    for what in [
        RevocationTarget::Did(did(1)),
        RevocationTarget::Claim(first),
    ] {
        case.revocations = revoking(3, what.clone());
        assert_eq!(
            answer(&case).outcome(),
            Outcome::Accepted,
            "the delegate at the end: {what:?}"
        );
    }
}

#[test]
fn a_delegators_revocation_does_not_reach_what_the_delegate_holds_itself() {
    let mut case = accepted_case();
    case.delegations.push(sign(
        2,
        Delegation::new(did(1), [six()], Actions::only(Action::Publish)),
    ));
    case.revocations = revoking(2, RevocationTarget::Did(did(1)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}
