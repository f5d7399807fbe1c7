//! What releases that name the DID are worth.

use super::*;

#[test]
fn a_mature_package_statement_is_accepted_where_one_owner_is_alone() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    let decision = answer(&six_naming(
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        rows,
    ));
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert_eq!(
        falls_to(&decision),
        [FormerCollaborator, HeldToken, RepositoryWriter, DeviceKey]
    );
    for shared in [
        owners(&[
            ("pypi:alice", OwnerRole::Owner),
            ("pypi:bob", OwnerRole::Owner),
        ]),
        owners(&[
            ("pypi:alice", OwnerRole::Owner),
            ("pypi:bob", OwnerRole::Maintainer),
        ]),
        Listing {
            owners: ListingCompleteness::Organization("org".into()),
            ..owners(&[("pypi:alice", OwnerRole::Owner)])
        },
    ] {
        let decision = answer(&six_naming(shared, rows));
        refuted_by(&decision, RefutedReason::Resisted);
        assert_eq!(decision.weakest(), Some(Collaborator));
    }
}

#[test]
fn a_planted_release_is_never_a_yes() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1])];
    let decision = answer(&six_naming(
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        rows,
    ));
    assert_eq!(decision.outcome(), Outcome::Pending);
    assert!(
        decision.remedy().unwrap().contains("another release"),
        "{:?}",
        decision.remedy()
    );
}

#[test]
fn a_statement_is_mature_as_of_when_it_was_read() {
    let mut evidence = package(
        "pypi:six",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(&[(7, &[1])]),
    );
    assert_eq!(
        answer(&case(1, evidence.clone())).outcome(),
        Outcome::Accepted
    );
    evidence.observed_at = now() - HOUR;
    let decision = answer(&case(1, evidence));
    assert_eq!(
        decision.outcome(),
        Outcome::Pending,
        "an hour ago it was not"
    );
}

#[test]
fn an_unread_timeline_leaves_the_answer_open() {
    let mut evidence = six_of_alice();
    evidence.timeline = Reading::Unread(Unavailable::new(UnavailableReason::ServerError, "500"));
    undetermined_by(
        &answer(&case(1, evidence.clone())),
        UnavailableReason::ServerError,
    );
    // An account that a token could have linked may be one that a mature DID stands against.
    let mut with_link = case(1, evidence.clone());
    with_link.accounts.push(stated(1, "pypi:alice", 100));
    undetermined_by(&answer(&with_link), UnavailableReason::ServerError);
    let owner = ListedAccount::new(github("alice", "7"), OwnerRole::Owner, "owner");
    evidence.listing = Reading::Read(Listing::new(vec![owner]));
    let mut by_session = case(1, evidence);
    by_session
        .accounts
        .push(by_flow(1, github("alice", "7"), None));
    assert_eq!(answer(&by_session).outcome(), Outcome::Accepted);
}

/// crates.io and GitHub: were it an open question, no answer about a crate or an organisation could ever be a no.
#[test]
fn where_statements_are_not_offered_there_is_no_such_way_and_no_open_question() {
    let mut evidence = six_of_alice();
    evidence.timeline = Reading::NotOffered;
    refuted_by(&answer(&case(1, evidence.clone())), RefutedReason::NoChain);
    let mut typed = case(1, evidence.clone());
    typed.accounts.push(self_reported(1, "pypi:alice"));
    let decision = answer(&typed);
    refuted_by(&decision, RefutedReason::Resisted);
    assert_eq!(decision.weakest(), Some(Capability::Stranger));
    let mut with_link = case(1, evidence);
    with_link.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&with_link).outcome(), Outcome::Accepted);
}

#[test]
fn a_first_release_that_names_the_did_needs_nothing_but_time() {
    let rows: &[(u32, &[u8])] = &[(3, &[1])];
    let decision = answer(&six_naming(
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        rows,
    ));
    assert_eq!(decision.outcome(), Outcome::Pending);
    assert_eq!(
        decision.remedy(),
        Some(&*format!("ask again at {}", ago(3) + DAY * 7))
    );
}
