//! What a DID that is mature and present for a package keeps others from.

use super::*;

/// `pypi:six` of alice alone, whose releases name these DIDs; the account `pypi:alice` of the claimant by an account statement.
fn claimed(by: u8, rows: &[(u32, &[u8])]) -> DecisionInput {
    let listing = owners(&[("pypi:alice", OwnerRole::Owner)]);
    let mut case = case(by, package("pypi:six", listing, releases(rows)));
    case.accounts.push(stated(by, "pypi:alice", 100));
    case
}

/// Every release names did 1, and the newest came long ago.
const OF_ALICE: &[(u32, &[u8])] = &[(900, &[1]), (100, &[1]), (30, &[1])];

#[test]
fn a_token_of_one_package_opens_no_other_over_a_did_that_is_mature_there() {
    // The thief (did 2) holds a token of pypi:own alone, and linked alice's account by two releases of it.
    let thief = claimed(2, OF_ALICE);
    refuted_by(&answer(&thief), RefutedReason::StatementContested);
    // Without alice's DID in the releases it would be a yes: nothing else stands in the way.
    let unnamed = claimed(2, &[(900, &[]), (100, &[]), (30, &[])]);
    assert_eq!(answer(&unnamed).outcome(), Outcome::Accepted);
    // Alice herself stands against nobody, and nobody against her.
    let alice = claimed(1, OF_ALICE);
    assert_eq!(answer(&alice).outcome(), Outcome::Accepted);
    // Nor does a policy that trusts what anybody types open what she named her key for.
    let literal = decide(&thief, &Policy::trust_self_reported(), now());
    refuted_by(&literal, RefutedReason::StatementContested);
}

#[test]
fn every_way_round_a_mature_did_is_closed() {
    let gist = |n: u8| {
        let claim = sign(n, PlatformClaim::new(github("alice", "7"), None));
        let proof = AccountProof::GistProof {
            gist: "aa5a315d61ae9438b18d".into(),
            claim: claim.id().clone(),
            unchanged_since: ago(30),
            state: None,
        };
        let seen = AccountEvidence::new(github("alice", "7"), did(n), now(), proof);
        LinkedAccount::new(claim, vec![ObservedEvidence::live(seen)])
    };
    let by_id = |role| ListedAccount::new(github("alice", "7"), role, "role");
    let typed = || SourceRepository::new(Platform::GITHUB, "alice", "six");
    let built = |token_may_publish| Provenance {
        platform: Platform::GITHUB,
        owner_id: AccountId::new("7").unwrap(),
        repository_id: AccountId::new("70").unwrap(),
        since: ago(900),
        token_may_publish,
        newest: Some("v30".to_owned()),
    };
    let listed = |role| {
        let mut seen = package("pypi:six", Listing::new(vec![by_id(role)]), releases(&[]));
        seen.listing = Reading::Read(Listing::new(vec![by_id(role)]));
        seen
    };
    let flow = |n| by_flow(n, github("alice", "7"), None);
    // How the thief comes to the package, and whether a session of the account is all that would do it.
    let mut ways: Vec<(&str, NamespaceEvidence, LinkedAccount, bool)> = vec![
        ("a gist", listed(OwnerRole::Owner), gist(2), false),
        ("a role", listed(OwnerRole::Maintainer), flow(2), false),
        (
            "an Owner's session",
            listed(OwnerRole::Owner),
            flow(2),
            true,
        ),
        (
            "a typed name",
            six_of_alice(),
            self_reported(2, "pypi:alice"),
            false,
        ),
        (
            "a package of the account",
            six_of_alice(),
            stated(2, "pypi:alice", 100),
            false,
        ),
    ];
    let mut repository = listed(OwnerRole::Other);
    repository.repositories = Reading::Read(vec![typed()]);
    ways.push(("a typed repository", repository, flow(2), false));
    for token_may_publish in [true, false] {
        let mut attested = listed(OwnerRole::Other);
        attested.provenance = Reading::Read(vec![built(token_may_publish)]);
        ways.push(("an attested build", attested, flow(2), false));
    }
    let mut added = listed(OwnerRole::Owner);
    if let Reading::Read(listing) = &mut added.listing {
        listing.tokens_may_add_owners = true;
    }
    ways.push(("an owner that a token added", added, flow(2), false));
    for (way, mut evidence, linked, is_session) in ways {
        for (named, contested) in [(&[][..], false), (&[1][..], !is_session)] {
            evidence.timeline = Reading::Read(releases(&[(900, named), (30, named)]));
            let mut case = case(2, evidence.clone());
            case.accounts.push(linked.clone());
            // Under a policy that lets everything else through.
            let decision = decide(&case, &Policy::trust_self_reported(), now());
            if contested {
                assert_eq!(decision.outcome(), Outcome::Denied, "{way}");
                let by_alice = |chain: &ChainReport| matches!(&chain.standing, Standing::Refuted(r) if r.reason == RefutedReason::StatementContested);
                assert!(decision.chains().iter().any(by_alice), "{way}");
            } else {
                assert_eq!(
                    decision.outcome(),
                    Outcome::Accepted,
                    "{way}: {:?}",
                    decision.reason()
                );
            }
        }
    }
}

#[test]
fn a_planted_release_of_its_own_does_not_help_the_thief() {
    for rows in [
        // Beside alice, after her, and in her place.
        &[(900, &[1][..]), (100, &[1]), (30, &[1, 2]), (20, &[1, 2])][..],
        &[(900, &[1]), (100, &[1]), (5, &[2])],
        &[(900, &[1]), (100, &[1]), (8, &[1, 2]), (1, &[2])],
    ] {
        let decision = answer(&claimed(2, rows));
        refuted_by(&decision, RefutedReason::StatementContested);
    }
}

#[test]
fn one_release_without_the_did_does_not_open_the_door_before_the_maturity_has_passed() {
    // The thief's release came that many days ago: its account chain has waited for long already.
    for days in [0, 1, 6] {
        let dropped = claimed(2, &[(900, &[1]), (100, &[1]), (days, &[])]);
        refuted_by(&answer(&dropped), RefutedReason::StatementContested);
    }
    let absent = claimed(2, &[(900, &[1]), (100, &[1]), (7, &[])]);
    assert_eq!(answer(&absent).outcome(), Outcome::Accepted);
    // Whoever comes back in time was never absent.
    let back = claimed(
        2,
        &[(900, &[1]), (100, &[1]), (12, &[]), (6, &[1]), (5, &[])],
    );
    refuted_by(&answer(&back), RefutedReason::StatementContested);
    let too_late = claimed(
        2,
        &[(900, &[1]), (100, &[1]), (14, &[]), (7, &[1]), (6, &[])],
    );
    assert_eq!(answer(&too_late).outcome(), Outcome::Accepted);
}

#[test]
fn what_was_never_mature_while_it_stood_stands_against_nobody() {
    // Named once, long ago, and dropped before the maturity; or named for less than it.
    for rows in [
        &[(900, &[][..]), (100, &[1]), (6, &[])][..],
        &[(900, &[]), (12, &[1]), (6, &[1]), (3, &[])],
        &[(900, &[]), (6, &[1]), (0, &[1])],
        // The package's first release, for six days.
        &[(9, &[1]), (3, &[])],
    ] {
        assert_eq!(
            answer(&claimed(2, rows)).outcome(),
            Outcome::Accepted,
            "{rows:?}"
        );
    }
    for rows in [
        &[(900, &[][..]), (13, &[1]), (6, &[1]), (3, &[])][..],
        &[(10, &[1]), (3, &[])],
        &[(7, &[1])],
    ] {
        refuted_by(
            &answer(&claimed(2, rows)),
            RefutedReason::StatementContested,
        );
    }
}

#[test]
fn two_that_were_named_from_the_beginning_do_not_contest_each_other() {
    let rows: &[(u32, &[u8])] = &[(900, &[1, 2]), (100, &[1, 2]), (30, &[1, 2])];
    for n in [1, 2] {
        let decision = answer(&claimed(n, rows));
        assert_eq!(
            decision.outcome(),
            Outcome::Accepted,
            "{:?}",
            decision.reason()
        );
        // A third is contested by both.
        refuted_by(
            &answer(&claimed(3, rows)),
            RefutedReason::StatementContested,
        );
    }
    // One that appeared before the other was mature is not contested by it, whatever else it rests on.
    let beside = claimed(2, &[(900, &[]), (100, &[1]), (95, &[1, 2]), (30, &[1, 2])]);
    assert_eq!(answer(&beside).outcome(), Outcome::Accepted);
}

#[test]
fn a_did_that_was_revoked_contests_nobody() {
    let mut case = claimed(2, OF_ALICE);
    case.revocations = revoking(1, RevocationTarget::Did(did(1)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    // Nobody else may say so, the thief least of all; and of one claim it says nothing.
    for by in [2, 3] {
        case.revocations = revoking(by, RevocationTarget::Did(did(1)));
        refuted_by(&answer(&case), RefutedReason::StatementContested);
    }
    case.revocations = revoking(1, RevocationTarget::Claim(case.key().claim.id().clone()));
    refuted_by(&answer(&case), RefutedReason::StatementContested);
    // A recovery DID may.
    case.accounts.push(self_reported(1, "pypi:alice"));
    let naming = PlatformClaim::new(account("pypi:alice"), Some(did(9)));
    case.accounts[1].claim = sign(1, naming);
    case.revocations = revoking(9, RevocationTarget::Did(did(1)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn a_revoked_did_does_not_contest_a_statement_either() {
    let mut case = six_naming(
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        &[(900, &[2]), (100, &[2]), (30, &[1, 2]), (10, &[1, 2])],
    );
    refuted_by(&answer(&case), RefutedReason::StatementContested);
    case.revocations = revoking(2, RevocationTarget::Did(did(2)));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn a_delegation_ends_the_contest_and_the_chain_rests_on_it() {
    let agreed = |n: u8, further: bool| {
        let mut to_two = Delegation::new(did(2), [six()], Actions::only(Action::Publish));
        if further {
            to_two = to_two.with_further();
        }
        sign(n, to_two)
    };
    // Alice's own statement does not carry it: the newest release dropped her.
    let rows: &[(u32, &[u8])] = &[(900, &[1]), (100, &[1]), (3, &[])];
    let mut case = claimed(2, rows);
    refuted_by(&answer(&case), RefutedReason::StatementContested);
    case.delegations = vec![agreed(1, false)];
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    assert!(decision.falls_to().unwrap().contains(DelegateKey));
    let kinds: Vec<_> = decision.chains()[0]
        .links
        .iter()
        .map(|link| link.kind)
        .collect();
    assert_eq!(kinds[1], EvidenceKind::Delegation);
    // A policy that resists the delegate's key does not take it.
    let policy = Policy::from_toml("resist = ['delegate-key', 'stolen-token']").unwrap();
    assert_ne!(decide(&case, &policy, now()).outcome(), Outcome::Accepted);
    // Not one of somebody else, one that was taken back, one for another package, nor one that has ended.
    let narrow = Delegation::new(
        did(2),
        ["pypi:sax".parse().unwrap()],
        Actions::only(Action::Publish),
    );
    let ended = SigningRequest::new(delegated(false), now() - HOUR).living(HOUR);
    let ended = ended.sign(&key(1)).now_or_never().unwrap().unwrap();
    for none in [agreed(3, false), sign(1, narrow), ended] {
        case.delegations = vec![none];
        refuted_by(&answer(&case), RefutedReason::StatementContested);
    }
    case.delegations = vec![agreed(1, false)];
    case.revocations = revoking(1, RevocationTarget::Claim(case.delegations[0].id().clone()));
    refuted_by(&answer(&case), RefutedReason::StatementContested);
}

#[test]
fn what_one_was_allowed_it_passes_on_only_where_that_was_said() {
    let to_two = |further: bool| {
        let to_two = Delegation::new(did(2), [six()], Actions::only(Action::Publish));
        sign(
            1,
            if further {
                to_two.with_further()
            } else {
                to_two
            },
        )
    };
    let to_three = Delegation::new(did(3), [six()], Actions::only(Action::Publish));
    for (further, outcome) in [(true, Outcome::Accepted), (false, Outcome::Denied)] {
        let mut case = claimed(3, &[(900, &[1]), (100, &[1]), (3, &[])]);
        case.accounts = vec![stated(2, "pypi:alice", 100)];
        case.delegations = vec![to_two(further), sign(2, to_three.clone())];
        assert_eq!(answer(&case).outcome(), outcome, "further: {further}");
    }
}

#[test]
fn where_it_cannot_be_told_the_answer_is_open() {
    let told = |timeline: Reading<Timeline>| {
        let mut case = claimed(2, &[]);
        let mut evidence = case.evidence[0].evidence().clone();
        evidence.timeline = timeline;
        case.evidence = vec![ObservedEvidence::live(evidence)];
        answer(&case)
    };
    let timeout = Unavailable::new(UnavailableReason::Timeout, "releases");
    undetermined_by(&told(Reading::Unread(timeout)), UnavailableReason::Timeout);
    // Where releases say nothing of DIDs, nobody can be mature.
    assert_eq!(told(Reading::NotOffered).outcome(), Outcome::Accepted);
    // One release of the last days was not read.
    let unread = |days: &[u32]| {
        let rows: Vec<_> = [900, 100, 8, 6, 1]
            .iter()
            .map(|day| {
                let release = Release::new(format!("v{day}"), Some(ago(*day)), false);
                if days.contains(day) {
                    release
                } else {
                    release.naming([])
                }
            })
            .collect();
        Timeline::new(rows, Some("v1".to_owned()))
    };
    for day in [1, 6, 8] {
        undetermined_by(
            &told(Reading::Read(unread(&[day]))),
            UnavailableReason::RequestBudget,
        );
    }
    // What came before those is nobody's business: whoever only they name has been absent.
    let old = told(Reading::Read(unread(&[900, 100])));
    assert_eq!(old.outcome(), Outcome::Accepted, "{:?}", old.reason());
    let stopped = unread(&[6]).stopped(Unavailable::new(UnavailableReason::RateLimited, "429"));
    undetermined_by(
        &told(Reading::Read(stopped)),
        UnavailableReason::RateLimited,
    );
    // A chain that is too weak anyway is denied, read or not.
    let mut weak = case(2, six_of_alice());
    weak.accounts.push(self_reported(2, "pypi:alice"));
    let mut evidence = six_of_alice();
    evidence.timeline = Reading::Read(unread(&[8]));
    weak.evidence = vec![ObservedEvidence::live(evidence)];
    refuted_by(&answer(&weak), RefutedReason::Resisted);
}

#[test]
fn a_deleted_release_leaves_it_open_only_where_somebody_may_have_been_mature() {
    let gone = |rows: &[(u32, &[u8])], deleted: &[u32]| {
        let mut read = releases(rows).releases().to_vec();
        for release in &mut read {
            if deleted
                .iter()
                .any(|day| release.version == format!("v{day}"))
            {
                (release.withdrawn, release.dids) = (true, None);
            }
        }
        let default = read
            .iter()
            .rev()
            .find(|r| !r.withdrawn)
            .map(|r| r.version.clone());
        let timeline = Timeline::new(read, default);
        let timeline = timeline.stopped(Unavailable::new(UnavailableReason::NotOffered, "gone"));
        let mut case = claimed(2, &[]);
        let mut evidence = case.evidence[0].evidence().clone();
        evidence.timeline = Reading::Read(timeline);
        case.evidence = vec![ObservedEvidence::live(evidence)];
        answer(&case)
    };
    // Nobody is named, and one release that is gone made nobody mature.
    let quiet: &[(u32, &[u8])] = &[(900, &[]), (100, &[]), (3, &[]), (1, &[])];
    assert_eq!(gone(quiet, &[3]).outcome(), Outcome::Accepted);
    // Two of them, the maturity apart, may have; so may the first ever.
    undetermined_by(
        &gone(&[(900, &[]), (12, &[]), (5, &[]), (1, &[])], &[12, 5]),
        UnavailableReason::ReleaseGone,
    );
    assert_eq!(
        gone(&[(900, &[]), (11, &[]), (5, &[]), (1, &[])], &[11, 5]).outcome(),
        Outcome::Accepted
    );
    undetermined_by(
        &gone(&[(12, &[]), (1, &[])], &[12]),
        UnavailableReason::ReleaseGone,
    );
    assert_eq!(
        gone(&[(7, &[]), (1, &[])], &[7]).outcome(),
        Outcome::Accepted
    );
    // Somebody is named on both sides of it.
    let between: &[(u32, &[u8])] = &[(900, &[]), (12, &[1]), (8, &[]), (5, &[1]), (1, &[])];
    undetermined_by(&gone(between, &[8]), UnavailableReason::ReleaseGone);
    assert_eq!(gone(between, &[]).outcome(), Outcome::Accepted);
    // What it named may be why a DID from before has not been absent.
    let kept: &[(u32, &[u8])] = &[(900, &[1]), (13, &[]), (8, &[]), (3, &[])];
    assert_eq!(gone(kept, &[]).outcome(), Outcome::Accepted);
    undetermined_by(&gone(kept, &[8]), UnavailableReason::ReleaseGone);
    // Long ago is over.
    assert_eq!(
        gone(&[(900, &[1]), (100, &[]), (30, &[])], &[100]).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn a_release_without_a_time_makes_nobody_mature_and_leaves_a_contest_open() {
    let with_undated = |named: &[(u32, &[u8])], undated: Option<u8>| {
        let mut read = releases(named).releases().to_vec();
        let release = Release::new("undated", None, false);
        read.push(undated.map_or(release.clone(), |n| release.naming([did(n)])));
        let default = named.last().map(|(days, _)| format!("v{days}"));
        let mut case = claimed(2, &[]);
        let mut evidence = case.evidence[0].evidence().clone();
        evidence.timeline = Reading::Read(Timeline::new(read, default));
        case.evidence = vec![ObservedEvidence::live(evidence)];
        answer(&case)
    };
    let quiet: &[(u32, &[u8])] = &[(900, &[]), (30, &[])];
    for undated in [None, Some(1)] {
        assert_eq!(with_undated(quiet, undated).outcome(), Outcome::Accepted);
    }
    undetermined_by(
        &with_undated(OF_ALICE, None),
        UnavailableReason::ReleaseWithoutTime,
    );
    undetermined_by(
        &with_undated(OF_ALICE, Some(2)),
        UnavailableReason::ReleaseWithoutTime,
    );
    refuted_by(
        &with_undated(OF_ALICE, Some(1)),
        RefutedReason::StatementContested,
    );
}

#[test]
fn a_yes_beside_others_holds_for_its_own_maturity_alone() {
    // Somebody else is named, and not mature: under a shorter maturity they might be.
    let beside = answer(&claimed(2, &[(900, &[]), (10, &[1]), (5, &[1])]));
    let alone = answer(&claimed(2, &[(900, &[]), (10, &[])]));
    let longer = Policy::from_toml(
        "resist = ['recycled-name', 'collaborator', 'stolen-token']\nmaturity_hours = 240",
    )
    .unwrap();
    let shorter = Policy::from_toml(
        "resist = ['recycled-name', 'collaborator', 'stolen-token']\nmaturity_hours = 96",
    )
    .unwrap();
    let beside = beside.into_verified().unwrap();
    assert!(beside.resisting(&longer, now()).is_err());
    assert!(beside.resisting(&shorter, now()).is_err());
    let alone = alone.into_verified().unwrap();
    assert!(alone.resisting(&shorter, now()).is_ok());
    assert!(alone.resisting(&longer, now()).is_err());
}

/// Uploads of one second have no known order. A thief who publishes at the moment of the owner's release would otherwise make the
/// owner's statement younger, and so end what it keeps out.
#[test]
fn a_release_of_the_same_second_makes_nobodys_statement_younger() {
    let release = |version: &str, days: u32, named: &[u8]| {
        let release = Release::new(version, Some(ago(days)), false);
        release.naming(named.iter().map(|n| did(*n)))
    };
    let rows = [
        release("0", 900, &[]),
        release("1", 20, &[]),
        release("2", 20, &[1]),
        release("3", 13, &[1]),
    ];
    let mut case = claimed(2, &[]);
    let mut evidence = case.evidence[0].evidence().clone();
    evidence.timeline = Reading::Read(Timeline::new(rows.to_vec(), Some("3".into())));
    case.evidence = vec![ObservedEvidence::live(evidence)];
    refuted_by(&answer(&case), RefutedReason::StatementContested);
}

#[test]
fn whoever_may_have_been_mature_in_any_order_of_one_second_is_contested_by_nobody_new() {
    let release = |version: &str, days: u32, named: &[u8]| {
        let release = Release::new(version, Some(ago(days)), false);
        release.naming(named.iter().map(|n| did(*n)))
    };
    // Spelled so that the release of the second that names nobody comes between the two that name DID 1.
    let names = ["20", "3", "4", "5"];
    for first_of_all in [true, false] {
        for turned in 0..names.len() {
            let version = |n: usize| names[(n + turned) % names.len()];
            let mut rows = vec![release("1", 7, &[1])];
            rows.extend((!first_of_all).then(|| release("0", 900, &[])));
            rows.push(release(version(0), 0, &[1]));
            rows.extend((1..4).map(|n| release(version(n), 0, &[])));
            let mut case = claimed(2, &[]);
            let mut evidence = case.evidence[0].evidence().clone();
            let default = Some(version(3).to_owned());
            evidence.timeline = Reading::Read(Timeline::new(rows, default));
            case.evidence = vec![ObservedEvidence::live(evidence)];
            refuted_by(&answer(&case), RefutedReason::StatementContested);
        }
    }
}

#[test]
fn a_run_goes_on_through_a_second_only_where_every_release_of_it_belongs_to_it() {
    // DID 1 is named 20 days ago, once of two 14 days ago, and 8 days ago: in no order does it last a week with a repetition.
    let release = |version: &str, days: u32, named: &[u8]| {
        let release = Release::new(version, Some(ago(days)), false);
        release.naming(named.iter().map(|n| did(*n)))
    };
    let stands = |in_the_middle: &[u8]| {
        let rows = vec![
            release("0", 900, &[]),
            release("1", 20, &[1]),
            release("2", 14, &[1]),
            release("3", 14, in_the_middle),
            release("4", 8, &[1]),
            release("5", 5, &[]),
        ];
        let mut case = claimed(2, &[]);
        let mut evidence = case.evidence[0].evidence().clone();
        evidence.timeline = Reading::Read(Timeline::new(rows, Some("5".into())));
        case.evidence = vec![ObservedEvidence::live(evidence)];
        answer(&case).is_refuted_by(RefutedReason::StatementContested)
    };
    assert!(stands(&[1]));
    assert!(!stands(&[]));
}
