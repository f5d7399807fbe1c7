//! What an account that is linked and listed is worth.

use super::*;

#[test]
fn a_typed_name_falls_to_a_stranger_and_is_denied_with_a_remedy() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(self_reported(1, "pypi:alice"));
    let decision = answer(&case);
    refuted_by(&decision, RefutedReason::Resisted);
    assert_eq!(decision.weakest(), Some(Stranger));
    assert!(
        decision.remedy().unwrap().contains("--statement"),
        "{:?}",
        decision.remedy()
    );
    let literal = decide(&case, &Policy::trust_self_reported(), now());
    assert_eq!(literal.outcome(), Outcome::Accepted);
    assert_eq!(falls_to(&literal), [Stranger]);
    assert!(literal.cost().contains("anyone"));
}

#[test]
fn a_mature_account_statement_of_a_listed_owner_is_accepted() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 8));
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    assert_eq!(
        falls_to(&decision),
        [FormerCollaborator, HeldToken, RepositoryWriter, DeviceKey]
    );
    let verified = decision.into_verified().unwrap();
    assert_eq!(verified.get().namespace, six());
    assert!(verified.resisting(&Policy::standard(), now()).is_ok());
    assert!(verified.resisting(&Policy::strict(), now()).is_err());
    assert!(
        verified
            .resisting(&Policy::standard(), verified.valid_until())
            .is_err()
    );
    assert!(
        verified
            .resisting(&Policy::standard(), now() - HOUR)
            .is_err()
    );
    let strict = decide(&case, &Policy::strict(), now());
    refuted_by(&strict, RefutedReason::Resisted);
    assert_eq!(strict.weakest(), Some(FormerCollaborator));
    assert!(
        strict
            .remedy()
            .unwrap()
            .contains("nothing that pypi offers")
    );
}

#[test]
fn a_young_account_statement_is_pending_with_its_time() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 3));
    let decision = answer(&case);
    assert_eq!(decision.outcome(), Outcome::Pending);
    assert_eq!(decision.ripe_at(), Some(ago(3) + DAY * 7));
    assert!(decision.into_verified().is_err());
}

#[test]
fn a_new_package_made_with_a_stolen_token_never_speaks_for_the_account_by_waiting() {
    for days in [7, 8, 400] {
        let mut case = case(1, six_of_alice());
        case.accounts
            .push(stated_by(1, "pypi:alice", &[(days, &[1])]));
        let decision = answer(&case);
        assert_eq!(decision.outcome(), Outcome::Pending, "day {days}");
        assert!(
            decision.remedy().unwrap().contains("another release"),
            "{:?}",
            decision.remedy()
        );
    }
}

#[test]
fn an_account_statement_counts_only_where_the_account_is_alone() {
    for listing in [
        owners(&[
            ("pypi:alice", OwnerRole::Owner),
            ("pypi:mallory", OwnerRole::Maintainer),
        ]),
        owners(&[
            ("pypi:alice", OwnerRole::Owner),
            ("pypi:mallory", OwnerRole::Owner),
        ]),
        owners(&[("pypi:alice", OwnerRole::Maintainer)]),
        owners(&[("pypi:mallory", OwnerRole::Owner)]),
        owners(&[]),
        Listing {
            owners: ListingCompleteness::Organization("org".into()),
            ..owners(&[("pypi:alice", OwnerRole::Owner)])
        },
    ] {
        let own = package("pypi:own", listing, releases(&[(100, &[1]), (9, &[1])]));
        let own = speaking(own, &account("pypi:alice"));
        let proof = AccountProof::AccountStatement(Box::new(own));
        let evidence = AccountEvidence::new(account("pypi:alice"), did(1), now(), proof);
        let mut case = case(1, six_of_alice());
        case.accounts.push(LinkedAccount::new(
            platform_claim(1, "pypi:alice"),
            vec![ObservedEvidence::live(evidence)],
        ));
        refuted_by(&answer(&case), RefutedReason::Resisted);
    }
}

/// One entry was read, and of another it is not known who it is: nobody is the only one, and nobody is said not to be.
#[test]
fn a_listed_person_who_cannot_be_read_leaves_open_whether_another_is_alone() {
    let unread = || Listing {
        owners: ListingCompleteness::Unread(Unavailable::new(UnavailableReason::Unreadable, "odd")),
        ..owners(&[("pypi:alice", OwnerRole::Owner)])
    };
    let own = package("pypi:own", unread(), releases(&[(100, &[1]), (9, &[1])]));
    let own = speaking(own, &account("pypi:alice"));
    let proof = AccountProof::AccountStatement(Box::new(own));
    let evidence = AccountEvidence::new(account("pypi:alice"), did(1), now(), proof);
    let mut by_account = case(1, six_of_alice());
    by_account.accounts.push(LinkedAccount::new(
        platform_claim(1, "pypi:alice"),
        vec![ObservedEvidence::live(evidence)],
    ));
    undetermined_by(&answer(&by_account), UnavailableReason::Unreadable);

    let by_package = package("pypi:six", unread(), releases(&[(100, &[1]), (9, &[1])]));
    undetermined_by(&answer(&case(1, by_package)), UnavailableReason::Unreadable);

    let mut shared = six_of_alice();
    shared.listing = Reading::Read(unread());
    let mut of_alice = case(1, shared.clone());
    of_alice.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&of_alice).outcome(), Outcome::Accepted);
    let mut of_bob = case(1, shared);
    of_bob.accounts.push(stated(1, "pypi:bob", 100));
    undetermined_by(&answer(&of_bob), UnavailableReason::Unreadable);
}

#[test]
fn an_account_statement_from_another_server_ecosystem_or_time_is_refused() {
    let good = || {
        package(
            "pypi:own",
            owners(&[("pypi:alice", OwnerRole::Owner)]),
            releases(&[(100, &[1])]),
        )
    };
    let elsewhere: Origin = "http://127.0.0.1:9".parse().unwrap();
    let mut other_server = good();
    other_server.namespace = other_server.namespace.at(Some(elsewhere.clone()));
    other_server.origin = elsewhere;
    let mut other_ecosystem = good();
    other_ecosystem.namespace = "npm:own".parse().unwrap();
    let mut older = good();
    older.observed_at = ago(40);
    for own in [other_server, other_ecosystem, older] {
        let proof = AccountProof::AccountStatement(Box::new(own));
        let evidence = AccountEvidence::new(account("pypi:alice"), did(1), now(), proof);
        let mut case = case(1, six_of_alice());
        case.accounts.push(LinkedAccount::new(
            platform_claim(1, "pypi:alice"),
            vec![ObservedEvidence::live(evidence)],
        ));
        undetermined_by(&answer(&case), UnavailableReason::EvidenceMismatch);
    }
}

#[test]
fn evidence_for_another_did_or_account_supports_nothing() {
    let mut with_other_did = stated(2, "pypi:alice", 100);
    with_other_did.claim = platform_claim(1, "pypi:alice");
    let mut with_other_account = stated(1, "pypi:mallory", 100);
    with_other_account.claim = platform_claim(1, "pypi:alice");
    for linked in [with_other_did, with_other_account] {
        let mut case = case(1, six_of_alice());
        case.accounts.push(linked);
        undetermined_by(&answer(&case), UnavailableReason::EvidenceMismatch);
    }
}

#[test]
fn a_claim_of_another_did_links_nothing() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(2, "pypi:alice", 100));
    refuted_by(&answer(&case), RefutedReason::NoChain);
}

#[test]
fn who_is_not_listed_is_denied_and_who_may_be_hidden_is_undetermined() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:bob", 100));
    refuted_by(&answer(&case), RefutedReason::NotListed);

    let mut hidden = six_of_alice();
    hidden.listing = Reading::Read(Listing {
        owners: ListingCompleteness::Organization("org".into()),
        ..owners(&[])
    });
    case.evidence = vec![ObservedEvidence::live(hidden)];
    undetermined_by(&answer(&case), UnavailableReason::OwnersHidden);

    let mut empty = six_of_alice();
    empty.listing = Reading::Read(owners(&[]));
    case.evidence = vec![ObservedEvidence::live(empty)];
    undetermined_by(&answer(&case), UnavailableReason::Empty);

    let mut unread = six_of_alice();
    unread.listing = Reading::Unread(Unavailable::new(
        UnavailableReason::MissingField,
        "ownership",
    ));
    case.evidence = vec![ObservedEvidence::live(unread)];
    undetermined_by(&answer(&case), UnavailableReason::MissingField);
}

#[test]
fn a_maintainer_is_a_collaborator_and_another_role_is_none() {
    for (role, by, weakest) in [
        (
            OwnerRole::Maintainer,
            RefutedReason::Resisted,
            Some(Collaborator),
        ),
        (OwnerRole::Other, RefutedReason::LesserRole, None),
    ] {
        let evidence = package(
            "pypi:six",
            owners(&[("pypi:bob", role), ("pypi:alice", OwnerRole::Owner)]),
            releases(&[(9, &[])]),
        );
        let mut case = case(1, evidence);
        case.accounts.push(stated(1, "pypi:bob", 100));
        let decision = answer(&case);
        refuted_by(&decision, by);
        assert_eq!(decision.weakest(), weakest);
    }
}

#[test]
fn support_that_could_not_be_looked_at_leaves_the_answer_open_and_spoils_no_other() {
    let mut case = case(1, six_of_alice());
    let mut linked = self_reported(1, "pypi:alice");
    let timeout = Unavailable::new(UnavailableReason::Timeout, "own");
    linked.attempts.push(MissingEvidence::new(
        EvidenceKind::AccountStatement,
        timeout,
    ));
    case.accounts.push(linked);
    undetermined_by(&answer(&case), UnavailableReason::Timeout);
    let strict = decide(&case, &Policy::strict(), now());
    refuted_by(&strict, RefutedReason::Resisted); // Even a mature one would not be good enough.
    case.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn support_that_was_found_wanting_is_no_support() {
    let mut case = case(1, six_of_alice());
    let mut linked = self_reported(1, "pypi:alice");
    let gone = Refuted::new(RefutedReason::UnknownProject, "own");
    linked
        .attempts
        .push(MissingEvidence::new(EvidenceKind::AccountStatement, gone));
    case.accounts.push(linked);
    refuted_by(&answer(&case), RefutedReason::Resisted);
}

#[test]
fn on_npm_an_account_statement_counts_in_the_accounts_own_scope_only() {
    for (name, counts) in [
        ("npm:@alice/auths", true),
        ("npm:@alice/tool", true),
        // Given away by whoever published it, or open to a team that is not listed.
        ("npm:gift", false),
        ("npm:alice", false),
        ("npm:@acme/x", false),
        ("npm:@Alice/auths", false),
        ("npm:@alice2/auths", false),
    ] {
        let listing = owners(&[("npm:alice", OwnerRole::Owner)]);
        let own = package(name, listing, releases(&[(20, &[1]), (10, &[1])]));
        let own = speaking(own, &account("npm:alice"));
        let proof = AccountProof::AccountStatement(Box::new(own));
        let evidence = AccountEvidence::new(account("npm:alice"), did(1), now(), proof);
        let linked = LinkedAccount::new(
            platform_claim(1, "npm:alice"),
            vec![ObservedEvidence::live(evidence)],
        );
        let links = grade_account(&linked, &Policy::standard(), &KeyRing::intrinsic(), now());
        let standing = &links[1].standing;
        if counts {
            assert_eq!(*standing, Standing::Holds, "{name}");
            continue;
        }
        let Standing::Refuted(refuted) = standing else {
            panic!("{name}: {standing:?}");
        };
        assert_eq!(refuted.reason, RefutedReason::NotSoleOwner, "{name}");
        assert!(
            refuted.raw_detail.contains("outside the scope @alice/"),
            "{refuted}"
        );
    }
}

#[test]
fn where_the_accounts_own_package_lists_others_the_remedy_names_them() {
    let mut case = case(1, six_of_alice());
    let both = owners(&[
        ("pypi:alice", OwnerRole::Owner),
        ("pypi:bob", OwnerRole::Owner),
    ]);
    let own = package("pypi:own", both, releases(&[(100, &[1]), (0, &[1])]));
    let own = speaking(own, &account("pypi:alice"));
    let proof = AccountProof::AccountStatement(Box::new(own));
    let evidence = AccountEvidence::new(account("pypi:alice"), did(1), now(), proof);
    case.accounts.push(LinkedAccount::new(
        platform_claim(1, "pypi:alice"),
        vec![ObservedEvidence::live(evidence)],
    ));
    let decision = answer(&case);
    let remedy = decision.remedy().unwrap();
    assert!(remedy.contains("pypi:bob"), "{remedy}");
    assert!(remedy.contains("pypi:own"), "{remedy}");
}
