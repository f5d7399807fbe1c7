//! Ids, names that were taken again, repositories and builds.

use super::*;

#[test]
fn a_gist_holds_this_very_claim_and_ripens() {
    let account = github("alice", "7");
    let claim = sign(1, PlatformClaim::new(account.clone(), None));
    let other = sign(1, PlatformClaim::new(github("bob", "8"), None));
    let entry = ListedAccount::new(account.clone(), OwnerRole::Owner, "owner");
    let with = |held: &Signed<PlatformClaim>, days| {
        let proof = AccountProof::GistProof {
            gist: "aa5a315d61ae9438b18d".to_owned(),
            claim: held.id().clone(),
            unchanged_since: ago(days),
            state: None,
        };
        let evidence = AccountEvidence::new(account.clone(), did(1), now(), proof);
        let mut case = case(1, owned_by(entry.clone(), false));
        case.accounts.push(LinkedAccount::new(
            claim.clone(),
            vec![ObservedEvidence::live(evidence)],
        ));
        answer(&case)
    };
    assert_eq!(with(&claim, 7).outcome(), Outcome::Accepted);
    assert_eq!(falls_to(&with(&claim, 7)), [HeldToken, DeviceKey]);
    let young = with(&claim, 6);
    assert_eq!(young.outcome(), Outcome::Pending);
    assert_eq!(young.ripe_at(), Some(now() + DAY));
    undetermined_by(&with(&other, 7), UnavailableReason::EvidenceMismatch);
}

#[test]
fn a_repository_or_build_is_its_owners_on_the_same_public_platform() {
    let alice = || github("alice", "7");
    let elsewhere = Some("https://git.example".parse().unwrap());
    let forge = Platform::new("forge").unwrap();
    let forge_alice = Account::parse_login(forge, "alice").unwrap();
    let forge_alice = forge_alice.with_id(AccountId::new("7").unwrap());
    for (linked, typed, built) in [
        (alice(), true, true),
        (github("bob", "7"), false, true),
        (github("alice", "8"), true, false),
        (alice().at(elsewhere), false, false),
        (forge_alice, false, false),
    ] {
        let mut evidence = six_of_alice();
        let repository = SourceRepository::new(Platform::GITHUB, "alice", "six");
        evidence.repositories = Reading::Read(vec![repository]);
        evidence.provenance = Reading::Read(vec![Provenance {
            platform: Platform::GITHUB,
            owner_id: AccountId::new("7").unwrap(),
            repository_id: AccountId::new("70").unwrap(),
            since: ago(1),
            token_may_publish: false,
            newest: newest(&evidence),
        }]);
        let mut case = case(1, evidence);
        case.accounts.push(by_flow(1, linked.clone(), None));
        let decision = answer(&case);
        let holds = |kind| {
            let mut chains = decision.chains().iter();
            chains.any(|chain| chain.links.iter().any(|link| link.kind == kind))
        };
        assert_eq!(holds(EvidenceKind::SourceRepository), typed, "{linked}");
        assert_eq!(holds(EvidenceKind::Provenance), built, "{linked}");
    }
}

#[test]
fn a_package_attested_from_its_first_release_on_ripens_by_waiting() {
    let attested = |days: u32, withdrawn: bool| {
        let first = Release::new("1", Some(ago(days)), withdrawn).naming([]);
        let timeline = Timeline::new(vec![first], Some("1".to_owned()));
        let mut evidence = package(
            "pypi:six",
            owners(&[("pypi:alice", OwnerRole::Owner)]),
            timeline,
        );
        evidence.provenance = Reading::Read(vec![Provenance {
            platform: Platform::GITHUB,
            owner_id: AccountId::new("7").unwrap(),
            repository_id: AccountId::new("70").unwrap(),
            since: ago(days),
            token_may_publish: true,
            newest: newest(&evidence),
        }]);
        let mut case = case(1, evidence);
        case.accounts.push(by_flow(1, github("alice", "7"), None));
        let policy = Policy::from_toml("resist = ['stolen-token']").unwrap();
        decide(&case, &policy, now())
    };
    assert_eq!(attested(7, false).outcome(), Outcome::Accepted);
    let young = attested(6, false);
    assert_eq!(young.outcome(), Outcome::Pending);
    assert!(young.remedy().unwrap().starts_with("ask again at"));
    assert_eq!(attested(7, true).outcome(), Outcome::Pending);
}

#[test]
fn the_chain_that_an_answer_rests_on_is_reported_first() {
    for outcome in [Outcome::Accepted, Outcome::Pending] {
        // Beside it stands a chain that falls to fewer, and to one that the policy resists.
        let owner = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
        let rows: &[(u32, &[u8])] = match outcome {
            Outcome::Accepted => &[(900, &[]), (20, &[1]), (13, &[1])],
            _ => &[(900, &[]), (10, &[1])],
        };
        let mut case = case(
            1,
            package("pypi:six", Listing::new(vec![owner]), releases(rows)),
        );
        case.accounts.push(by_flow(2, github("alice", "7"), None));
        let to_one = Delegation::new(did(1), [six()], Actions::only(Action::Publish));
        case.delegations.push(sign(2, to_one));
        let policy = Policy::from_toml("resist = ['stolen-token', 'delegate-key']").unwrap();
        let decision = decide(&case, &policy, now());
        assert_eq!(decision.outcome(), outcome);
        let first = &decision.chains()[0];
        assert_eq!(Some(first.falls_to), decision.falls_to());
        let kinds: Vec<_> = first.links.iter().map(|link| link.kind).collect();
        assert_eq!(
            kinds,
            [EvidenceKind::ClaimSignature, EvidenceKind::PackageStatement]
        );
    }
}

#[test]
fn ids_decide_and_a_name_where_an_id_exists_is_recyclable() {
    let by_id = ListedAccount::new(github("old-login", "7"), OwnerRole::Owner, "owner");
    let mut by_id = case(1, owned_by(by_id, false));
    by_id
        .accounts
        .push(by_flow(1, github("new-login", "7"), None));
    let decision = answer(&by_id);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert_eq!(falls_to(&decision), [AccountSession, DeviceKey]);

    let other_id = ListedAccount::new(github("same", "8"), OwnerRole::Owner, "owner");
    let mut other = case(1, owned_by(other_id, false));
    other.accounts.push(by_flow(1, github("same", "7"), None));
    refuted_by(&answer(&other), RefutedReason::NotListed);

    let nameless = Account::parse_login(Platform::GITHUB, "same").unwrap();
    let mut by_name = case(
        1,
        owned_by(
            ListedAccount::new(nameless, OwnerRole::Owner, "owner"),
            false,
        ),
    );
    by_name.accounts.push(by_flow(1, github("same", "7"), None));
    let decision = answer(&by_name);
    refuted_by(&decision, RefutedReason::Resisted);
    assert_eq!(decision.weakest(), Some(RecycledName));
}

#[test]
fn where_a_token_may_add_owners_only_who_made_the_package_is_worth_a_session() {
    use Outcome::{Accepted, Denied, Pending};
    let alice = || github("alice", "7");
    // First publication, whether that was the first of all, known since, absent before; then the default answer and the strict.
    for (published, founder, known, absent, standard, strict) in [
        (None, false, None, false, Denied, Denied),
        (Some(6), false, None, false, Pending, Denied),
        (Some(7), false, None, false, Accepted, Denied),
        (Some(6), true, None, false, Pending, Pending),
        (Some(7), true, None, false, Accepted, Accepted),
        (None, false, Some(0), false, Pending, Denied),
        (None, false, Some(6), false, Pending, Denied),
        (None, false, Some(7), false, Accepted, Denied),
        (Some(400), false, Some(0), true, Pending, Denied),
        (Some(400), true, Some(0), true, Pending, Denied),
        (Some(400), true, Some(7), true, Accepted, Denied),
        (None, true, None, false, Denied, Denied),
    ] {
        let row = (published, founder, known, absent);
        let mut entry = ListedAccount::new(alice(), OwnerRole::Owner, "owner");
        entry.first_published = published.map(ago);
        (entry.founder, entry.absent_at) = (founder, absent.then(|| ago(300)));
        entry.known_since = known.map(ago);
        let mut case = case(1, owned_by(entry, true));
        case.accounts.push(by_flow(1, alice(), None));
        assert_eq!(answer(&case).outcome(), standard, "{row:?}");
        let strictly = decide(&case, &Policy::strict(), now());
        assert_eq!(strictly.outcome(), strict, "strict, {row:?}");
        let said = serde_json::to_string(&answer(&case)).unwrap();
        let is_new = said.contains("a new owner") || said.contains("not known since when");
        assert_eq!(is_new, standard != Accepted, "{said}");
        assert_eq!(said.contains("a look at"), absent && is_new, "{said}");
        if standard == Pending {
            let since = if absent { known } else { published.or(known) };
            let ripe = ago(since.unwrap()) + DAY * 7;
            assert_eq!(answer(&case).ripe_at(), Some(ripe), "{row:?}");
        }
    }
    for (recorded, outcome) in [(6, Pending), (7, Accepted)] {
        let entry = ListedAccount::new(alice(), OwnerRole::Owner, "owner");
        let mut case = case(1, owned_by(entry, true));
        case.accounts.push(by_flow(1, alice(), None));
        case.recorded_owners = vec![(alice(), ago(recorded))];
        assert_eq!(answer(&case).outcome(), outcome, "{recorded}");
    }
}

#[test]
fn a_package_that_teams_alone_own_is_refused_and_an_owner_may_delegate() {
    let mut seen = owned_by(
        ListedAccount::new(github("bob", "8"), OwnerRole::Owner, "owner"),
        true,
    );
    let mut listing = seen.listing.get().unwrap().clone();
    listing.teams = vec!["github:acme:core".to_owned()];
    for (accounts, by) in [
        (listing.accounts.clone(), RefutedReason::NotListed),
        (Vec::new(), RefutedReason::TeamsOnly),
    ] {
        listing.accounts = accounts;
        seen.listing = Reading::Read(listing.clone());
        let mut case = case(1, seen.clone());
        case.accounts.push(by_flow(1, github("alice", "7"), None));
        let decision = answer(&case);
        refuted_by(&decision, by);
        assert!(decision.remedy().unwrap().contains("auths delegate"));
    }
}

#[test]
fn a_name_with_another_id_is_another_account_and_no_id_is_refused_by_a_name() {
    let asked = |id: &str, basis: ListingBasis| {
        let mut entry = ListedAccount::new(github("same", "8"), OwnerRole::Owner, "by its picture");
        entry.basis = basis;
        let mut case = case(1, owned_by(entry, true));
        case.accounts.push(by_flow(1, github("same", id), None));
        answer(&case)
    };
    let by_name = ListingBasis::RecyclableName;
    refuted_by(&asked("7", ListingBasis::Id), RefutedReason::NotListed);
    undetermined_by(&asked("7", by_name), UnavailableReason::MissingField);
    refuted_by(&asked("8", by_name), RefutedReason::Resisted);
}

#[test]
fn a_device_flow_for_this_very_challenge_outweighs_a_stolen_device_key() {
    let issued = issued_to(1);
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience("hub".parse().unwrap());
    let claim = request
        .with_challenge(Some(issued.challenge().clone()))
        .sign(&key(1))
        .now_or_never()
        .unwrap()
        .unwrap();
    let entry = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
    let expected =
        ProofExpectation::new("hub".parse().unwrap()).with_challenge(issued.challenge().clone());
    let mut case = DecisionInput::new(claim, expected);
    case.evidence
        .push(ObservedEvidence::live(owned_by(entry, false)));
    case.accounts.push(by_flow(
        1,
        github("alice", "7"),
        Some(issued.challenge().clone()),
    ));
    assert_eq!(falls_to(&answer_to(&case, &issued)), [AccountSession]);
    case.accounts = vec![by_flow(1, github("alice", "7"), None)];
    assert_eq!(
        falls_to(&answer_to(&case, &issued)),
        [AccountSession, DeviceKey],
        "a flow for something else does not"
    );
}

#[test]
fn more_repositories_than_count_make_no_chain() {
    let mut evidence = six_of_alice();
    let typed = |n: usize| {
        let names = (0..n).map(|i| format!("r{i}"));
        names.map(|name| SourceRepository::new(Platform::GITHUB, "alice", name))
    };
    for (n, count) in [(MAX_REPOSITORIES, true), (MAX_REPOSITORIES + 1, false)] {
        evidence.repositories = Reading::Read(typed(n).collect());
        let mut case = case(1, evidence.clone());
        case.accounts.push(by_flow(1, github("alice", "7"), None));
        let decision = answer(&case);
        let mut links = decision.chains().iter().flat_map(|chain| &chain.links);
        let of_typing = links.any(|link| link.kind == EvidenceKind::SourceRepository);
        assert_eq!(of_typing, count, "{n}");
    }
}

#[test]
fn builds_and_repositories_need_a_linked_owner() {
    let mut evidence = six_of_alice();
    evidence.repositories = Reading::Read(vec![SourceRepository::new(
        Platform::GITHUB,
        "alice",
        "six",
    )]);
    let mut by_typing = case(1, evidence.clone());
    by_typing
        .accounts
        .push(by_flow(1, github("alice", "7"), None));
    let decision = answer(&by_typing);
    assert_eq!(decision.outcome(), Outcome::Denied);
    assert_eq!(decision.weakest(), Some(RecycledName));

    let attested = Provenance {
        platform: Platform::GITHUB,
        owner_id: AccountId::new("7").unwrap(),
        repository_id: AccountId::new("70").unwrap(),
        since: ago(1),
        token_may_publish: false,
        newest: newest(&evidence),
    };
    evidence.provenance = Reading::Read(vec![attested.clone()]);
    let mut by_build = case(1, evidence.clone());
    by_build
        .accounts
        .push(by_flow(1, github("alice", "7"), None));
    assert_eq!(answer(&by_build).outcome(), Outcome::Accepted);
    assert_eq!(
        decide(&by_build, &Policy::strict(), now()).weakest(),
        Some(FormerCollaborator)
    );
    evidence.provenance = Reading::Read(vec![Provenance {
        token_may_publish: true,
        newest: newest(&evidence),
        ..attested
    }]);
    let mut young = case(1, evidence);
    young.accounts.push(by_flow(1, github("alice", "7"), None));
    let policy = Policy::from_toml("resist = ['stolen-token']").unwrap();
    assert_eq!(decide(&young, &policy, now()).outcome(), Outcome::Pending);
    assert_eq!(answer(&young).weakest(), Some(Collaborator));
}
