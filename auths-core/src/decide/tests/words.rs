//! What an answer says: when, what for, and what it would have cost.

use super::*;

fn of_alice(rows: &[(u32, &[u8])]) -> DecisionInput {
    six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), rows)
}

fn missing() -> Reading<Listing> {
    let detail = "the answer has no owners";
    Reading::Unread(Unavailable::new(UnavailableReason::MissingField, detail))
}

#[test]
fn where_only_a_release_is_missing_no_time_that_has_passed_is_named() {
    let mut statement = of_alice(&[(100, &[]), (30, &[1])]);
    let mut account = case(1, six_of_alice());
    account
        .accounts
        .push(stated_by(1, "pypi:alice", &[(30, &[1])]));
    let passed = (ago(30) + DAY * 7).to_string();
    for case in [&mut statement, &mut account] {
        let decision = answer(case);
        assert_eq!(decision.outcome(), Outcome::Pending);
        assert_eq!(
            (decision.ripe_at(), decision.needs_release()),
            (Some(now()), true)
        );
        assert!(
            decision.message().contains("one more release"),
            "{}",
            decision.message()
        );
        assert!(
            decision
                .remedy()
                .unwrap()
                .contains("publish another release")
        );
        assert!(!decision.remedy().unwrap().contains("or later"));
        let whole = serde_json::to_string(&decision).unwrap();
        assert!(!whole.contains(&passed), "{whole}");
        for linked in &case.accounts {
            let links = grade_account(linked, &Policy::standard(), &case.keys, now());
            assert_eq!(links.last().unwrap().ripe_at, Some(now()));
        }
    }
}

#[test]
fn where_time_and_a_release_are_missing_both_are_named() {
    let decision = answer(&of_alice(&[(100, &[]), (3, &[1])]));
    let at = ago(3) + DAY * 7;
    assert_eq!(
        (decision.ripe_at(), decision.needs_release()),
        (Some(at), true)
    );
    for said in [decision.message(), decision.remedy().unwrap().to_owned()] {
        assert!(
            said.contains(&at.to_string()) && said.contains("release"),
            "{said}"
        );
    }
}

#[test]
fn what_ripened_since_it_was_read_is_to_be_read_again() {
    let mut evidence = package(
        "pypi:six",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(&[(7, &[1])]),
    );
    evidence.observed_at = now() - HOUR;
    let decision = answer(&case(1, evidence));
    assert_eq!(
        (decision.outcome(), decision.ripe_at()),
        (Outcome::Pending, Some(now()))
    );
    let remedy = decision.remedy().unwrap();
    assert!(remedy.contains("ask again later"), "{remedy}");
    assert!(
        decision.message().contains("may be by now"),
        "{}",
        decision.message()
    );
}

#[test]
fn what_could_not_be_read_and_would_not_do_is_not_called_a_weak_link() {
    // Two owners: whatever the releases name, either could have published it.
    let both = owners(&[
        ("pypi:alice", OwnerRole::Owner),
        ("pypi:bob", OwnerRole::Owner),
    ]);
    let mut evidence = package("pypi:six", both, releases(&[(100, &[])]));
    evidence.timeline = Reading::Unread(Unavailable::new(UnavailableReason::Timeout, "releases"));
    refuted_by(&answer(&case(1, evidence)), RefutedReason::NoChain);
}

#[test]
fn after_a_deleted_release_the_answer_is_pending_and_before_a_new_one_it_says_what_works() {
    let gone = |rows: &[(u32, &[u8])]| {
        let mut read = releases(rows).releases().to_vec();
        let at = read.iter().position(|r| r.version == "v1").unwrap();
        (read[at].withdrawn, read[at].dids) = (true, None);
        let default = rows.iter().rfind(|(days, _)| *days != 1);
        let default = default.map(|(days, _)| format!("v{days}"));
        Timeline::new(read, default)
            .stopped(Unavailable::new(UnavailableReason::NotOffered, "gone"))
    };
    let asked = |rows: &[(u32, &[u8])]| {
        let listing = owners(&[("pypi:alice", OwnerRole::Owner)]);
        answer(&case(1, package("pypi:six", listing, gone(rows))))
    };
    let newest = asked(&[(100, &[1]), (50, &[1]), (1, &[1])]);
    undetermined_by(&newest, UnavailableReason::ReleaseGone);
    assert!(
        newest
            .remedy()
            .unwrap()
            .contains("publish a release of the same package that names the DID")
    );
    let after = asked(&[(100, &[1]), (50, &[1]), (1, &[1]), (0, &[1])]);
    assert_eq!(after.outcome(), Outcome::Pending, "{:?}", after.reason());
    assert_eq!(
        (after.ripe_at(), after.needs_release()),
        (Some(now() + DAY * 7), true)
    );
}

#[test]
fn an_account_that_was_linked_is_never_said_to_be_missing() {
    for listing in [missing(), Reading::Read(owners(&[]))] {
        let mut evidence = six_of_alice();
        evidence.listing = listing;
        let mut typed = case(1, evidence.clone());
        typed.accounts.push(self_reported(1, "pypi:alice"));
        let decision = answer(&typed);
        refuted_by(&decision, RefutedReason::Resisted);
        assert_eq!(decision.weakest(), Some(Stranger));
        assert!(
            decision.message().contains("self-reported"),
            "{}",
            decision.message()
        );
        let remedy = decision.remedy().unwrap();
        assert!(
            remedy.contains("alice-auths") && remedy.contains("was not read"),
            "{remedy}"
        );
        // As far as it goes, the remedy works: what is open then is who owns the package, and nothing else.
        typed.accounts = vec![stated(1, "pypi:alice", 100)];
        assert_eq!(answer(&typed).outcome(), Outcome::Undetermined);
        // Nothing linked at all is still said as it is.
        let nothing = answer(&case(1, evidence));
        refuted_by(&nothing, RefutedReason::NoChain);
        assert!(
            nothing.message().contains("no linked account, and"),
            "{}",
            nothing.message()
        );
    }
}

#[test]
fn a_scope_is_the_package_to_publish_on_npm_where_the_owners_were_not_read() {
    let mir: Namespace = "npm:mir".parse().unwrap();
    let body = NamespaceClaim::new(mir, first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now() - HOUR).for_audience(Audience::local(&did(1)));
    let claim = request.sign(&key(1)).now_or_never().unwrap().unwrap();
    let mut evidence = package("npm:mir", owners(&[]), releases(&[(100, &[])]));
    evidence.listing = missing();
    let mut case = DecisionInput::new(claim, ProofExpectation::new(Audience::local(&did(1))));
    case.evidence.push(ObservedEvidence::live(evidence));
    case.accounts.push(self_reported(1, "npm:alice"));
    let decision = answer(&case);
    refuted_by(&decision, RefutedReason::Resisted);
    assert!(
        decision.remedy().unwrap().contains("@alice/auths"),
        "{:?}",
        decision.remedy()
    );
}

#[test]
fn the_cost_says_twice_only_where_two_releases_were_needed() {
    let twice = "publish with it twice";
    let first = "the first release that the registry shows";
    let repeated = answer(&of_alice(&[(900, &[]), (30, &[1]), (10, &[1])]));
    assert!(repeated.cost().contains(twice), "{}", repeated.cost());
    assert!(!repeated.cost().contains(first), "{}", repeated.cost());
    // Pending, accepted, and long since repeated: nobody but the maker of the first one could have made the others.
    for rows in [
        &[(3, &[1][..])][..],
        &[(8, &[1])],
        &[(30, &[1]), (10, &[1])],
    ] {
        let cost = answer(&of_alice(rows)).cost().to_owned();
        assert!(cost.contains(first) && !cost.contains(twice), "{cost}");
    }
    // What speaks for an account must be repeated, from whichever release on.
    let mut linked = case(1, six_of_alice());
    linked.accounts.push(stated(1, "pypi:alice", 30));
    let cost = answer(&linked).cost().to_owned();
    assert!(cost.contains(twice) && !cost.contains(first), "{cost}");
}

#[test]
fn the_cost_of_an_account_statement_names_a_package_that_was_given_away() {
    let gift = "get the account's holder to take over a package";
    let decision = answer(&accepted_case());
    assert!(decision.cost().contains(gift), "{}", decision.cost());
    let direct = answer(&of_alice(&[(8, &[1])]));
    assert!(!direct.cost().contains(gift), "{}", direct.cost());
    let mut typed = case(1, six_of_alice());
    typed.accounts.push(self_reported(1, "pypi:alice"));
    let literal = decide(&typed, &Policy::trust_self_reported(), now());
    assert_eq!(literal.cost(), "nothing: anyone could have done it");
}

#[test]
fn where_the_owners_were_not_read_and_nothing_is_linked_the_remedy_says_so() {
    let mut case = six_naming(owners(&[]), &[(100, &[])]);
    let mut evidence = case.evidence[0].evidence().clone();
    evidence.listing = missing();
    case.evidence = vec![ObservedEvidence::live(evidence)];
    let decision = answer(&case);
    refuted_by(&decision, RefutedReason::NoChain);
    let remedy = decision.remedy().unwrap();
    assert!(
        remedy.contains("was not read here (missing-field)"),
        "{remedy}"
    );
    assert!(remedy.contains("then link an account"), "{remedy}");
}

/// A registry's versions and roles are any text.
#[test]
fn no_text_of_an_answer_has_hidden_characters_whatever_the_registry_says() {
    let hidden = "\u{202e}\u{1b}[31m";
    let mut answers = 0;
    for rows in [
        &[(100, &[][..]), (30, &[1])][..],
        &[(100, &[]), (3, &[1])],
        &[(30, &[2])],
    ] {
        for owner in ["pypi:alice", "pypi:mallory"] {
            let mut case = six_naming(owners(&[(owner, OwnerRole::Owner)]), rows);
            let mut seen = case.evidence.remove(0).evidence().clone();
            let named: Vec<_> = releases(rows)
                .releases()
                .iter()
                .map(|release| {
                    let mut odd = release.clone();
                    odd.version.push_str(hidden);
                    odd
                })
                .collect();
            let newest = named.last().map(|release| release.version.clone());
            seen.timeline = Reading::Read(Timeline::new(named, newest));
            case.evidence.push(ObservedEvidence::live(seen));
            let decision = answer(&case);
            let mut texts = vec![decision.message(), decision.cost().to_owned()];
            texts.extend(decision.remedy().map(str::to_owned));
            for link in decision.chains().iter().flat_map(|chain| &chain.links) {
                texts.push(link.says.clone());
                texts.extend(link.missing_release.clone());
                texts.push(format!("{:?}", link.standing));
            }
            for text in texts {
                let is_plain = !text.contains('\u{202e}') && !text.contains('\u{1b}');
                assert!(is_plain, "{text:?}");
                answers += usize::from(text.contains("\\u{202e}"));
            }
        }
    }
    assert!(answers > 0, "no version was named at all");
}

#[test]
fn where_nothing_holds_there_is_nothing_to_forge() {
    let decision = answer(&case(7, six_of_alice()));
    assert_eq!(decision.outcome(), Outcome::Denied);
    assert_eq!(
        decision.cost(),
        "nothing holds, so there is nothing to forge"
    );
}

#[test]
fn every_obstacle_has_the_remedy_of_its_reason() {
    let refuted = Obstacle::from(Refuted::new(RefutedReason::NotListed, "x"));
    assert_eq!(refuted.remedy(), RefutedReason::NotListed.remedy());
    let unread = Obstacle::from(Unavailable::new(UnavailableReason::Timeout, "x"));
    assert_eq!(unread.remedy(), UnavailableReason::Timeout.remedy());
}

#[test]
fn an_owner_that_a_token_may_have_added_costs_a_token_and_the_maturity() {
    let mut entry = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
    entry.known_since = Some(ago(30));
    let mut case = case(1, owned_by(entry, true));
    case.accounts.push(by_flow(1, github("alice", "7"), None));
    let decision = answer(&case);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    let cost = "add an owner with it, and stay unnoticed for 7 days";
    assert!(decision.cost().contains(cost), "{}", decision.cost());
}

#[test]
fn a_gist_that_could_not_be_read_leaves_the_answer_open() {
    let entry = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
    let mut case = case(1, owned_by(entry, false));
    let claim = sign(1, PlatformClaim::new(github("alice", "7"), None));
    let mut linked = LinkedAccount::new(claim, Vec::new());
    let timeout = Unavailable::new(UnavailableReason::Timeout, "the gist");
    linked
        .attempts
        .push(MissingEvidence::new(EvidenceKind::GistProof, timeout));
    case.accounts.push(linked);
    undetermined_by(&answer(&case), UnavailableReason::Timeout);
    // Even a mature gist falls to a held token.
    refuted_by(
        &decide(&case, &Policy::strict(), now()),
        RefutedReason::Resisted,
    );
}

#[test]
fn roles_that_the_registry_does_not_offer_leave_nothing_open() {
    let mut offered = six_naming(owners(&[]), &[(100, &[1]), (30, &[1])]);
    let mut evidence = offered.evidence[0].evidence().clone();
    for (listing, outcome) in [
        (Reading::NotOffered, Outcome::Denied),
        (
            Reading::Unread(Unavailable::new(UnavailableReason::NotOffered, "none")),
            Outcome::Denied,
        ),
        (missing(), Outcome::Undetermined),
    ] {
        evidence.listing = listing;
        offered.evidence = vec![ObservedEvidence::live(evidence.clone())];
        let decision = answer(&offered);
        assert_eq!(decision.outcome(), outcome, "{}", decision.message());
    }
}
