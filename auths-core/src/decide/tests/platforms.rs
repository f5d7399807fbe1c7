//! Registries and platforms that core does not know, and those without statements.

use super::*;

fn toy(login: &str) -> Account {
    account(&format!("toy:{login}"))
}

fn widget() -> Namespace {
    "toy:widget".parse().unwrap()
}

/// What a registry that core does not know shows of a name.
fn shown(name: &str, entry: ListedAccount) -> NamespaceEvidence {
    let mut evidence = package(name, Listing::new(vec![entry]), releases(&[(900, &[])]));
    evidence.timeline = Reading::NotOffered;
    evidence
}

fn boss(account: Account) -> ListedAccount {
    ListedAccount::new(account, OwnerRole::Owner, "boss")
}

fn widget_case(evidence: NamespaceEvidence, linked: LinkedAccount) -> DecisionInput {
    let body = NamespaceClaim::new(widget(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now() - HOUR).for_audience(Audience::local(&did(1)));
    let claim = request.sign(&key(1)).now_or_never().unwrap().unwrap();
    let mut case = DecisionInput::new(claim, ProofExpectation::new(Audience::local(&did(1))));
    case.evidence.push(ObservedEvidence::live(evidence));
    case.accounts.push(linked);
    case
}

fn linked(account: Account) -> LinkedAccount {
    LinkedAccount::new(sign(1, PlatformClaim::new(account, None)), vec![])
}

// --- no statements

#[test]
fn a_registry_without_statements_gives_proper_answers() {
    let listed = shown("toy:widget", boss(toy("alice")).by_only_name());
    let self_reported = widget_case(listed.clone(), linked(toy("alice")));
    let decision = answer(&self_reported);
    refuted_by(&decision, RefutedReason::Resisted);
    assert_eq!(decision.weakest(), Some(Stranger));
    let literal = decide(&self_reported, &Policy::trust_self_reported(), now());
    assert_eq!(literal.outcome(), Outcome::Accepted);

    let unlisted = answer(&widget_case(listed.clone(), linked(toy("bob"))));
    refuted_by(&unlisted, RefutedReason::NotListed);

    let proved = widget_case(listed.clone(), by_flow(1, toy("alice"), None));
    assert_eq!(answer(&proved).outcome(), Outcome::Accepted);

    let mut nobody = widget_case(listed, linked(toy("alice")));
    nobody.accounts.clear();
    let nobody = answer(&nobody);
    refuted_by(&nobody, RefutedReason::NoChain);

    for decision in [decision, nobody] {
        let remedy = decision.remedy().unwrap();
        let names_releases = remedy.contains("publish") || remedy.contains("--statement");
        assert!(!names_releases, "{remedy}");
    }
}

#[test]
fn an_account_statement_in_a_package_without_releases_is_no_support() {
    let mut case = widget_case(
        shown("toy:widget", boss(toy("alice")).by_only_name()),
        linked(toy("alice")),
    );
    let own = shown("toy:own", boss(toy("alice")).by_only_name());
    let proof = AccountProof::AccountStatement(Box::new(own));
    let seen = AccountEvidence::new(toy("alice"), did(1), now(), proof);
    case.accounts[0].evidence.push(ObservedEvidence::live(seen));
    refuted_by(&answer(&case), RefutedReason::Resisted);
}

// --- no ids

/// alice's account, stated by a package of her own that lists her as `entry`.
fn stated_by_own(entry: ListedAccount) -> LinkedAccount {
    let account = entry.account.clone();
    let mut own = shown("toy:own", entry);
    own.timeline = Reading::Read(releases(&[(30, &[1]), (10, &[1])]));
    let own = speaking(own, &account);
    let proof = AccountProof::AccountStatement(Box::new(own));
    let seen = AccountEvidence::new(account.clone(), did(1), now(), proof);
    let mut linked = linked(account);
    linked.evidence.push(ObservedEvidence::live(seen));
    linked
}

#[test]
fn where_an_adapter_says_that_names_are_all_there_is_a_custom_platform_works() {
    let alice = || boss(toy("alice")).by_only_name();
    let decision = answer(&widget_case(
        shown("toy:widget", alice()),
        stated_by_own(alice()),
    ));
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
    // Young, it says what to do next.
    let remedy = answer(&widget_case(
        {
            let mut evidence = shown("toy:widget", alice());
            evidence.timeline = Reading::Read(releases(&[(900, &[])]));
            evidence
        },
        linked(toy("alice")),
    ));
    assert!(remedy.remedy().unwrap().contains("--statement"));
}

#[test]
fn where_it_does_not_a_bare_name_is_a_recyclable_one_in_either_link() {
    let (name, only) = (boss(toy("alice")), boss(toy("alice")).by_only_name());
    for (listed, own) in [(&name, &only), (&only, &name), (&name, &name)] {
        let case = widget_case(
            shown("toy:widget", listed.clone()),
            stated_by_own(own.clone()),
        );
        let decision = answer(&case);
        refuted_by(&decision, RefutedReason::Resisted);
        assert_eq!(decision.weakest(), Some(RecycledName));
    }
}

#[test]
fn where_a_custom_platform_shows_ids_they_decide() {
    let with_id = |id: &str| toy("alice").with_id(AccountId::new(id).unwrap());
    let case = widget_case(
        shown("toy:widget", boss(with_id("7"))),
        by_flow(1, with_id("7"), None),
    );
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    for other in [with_id("8"), toy("alice")] {
        let case = widget_case(
            shown("toy:widget", boss(with_id("7"))),
            by_flow(1, other.clone(), None),
        );
        refuted_by(&answer(&case), RefutedReason::NotListed);
    }
}

#[test]
fn no_adapter_makes_a_bare_github_login_more_than_a_recyclable_name() {
    let bare = |basis| {
        let mut entry = boss(Account::parse_login(Platform::GITHUB, "alice").unwrap());
        entry.basis = basis;
        entry
    };
    for basis in [
        ListingBasis::Id,
        ListingBasis::OnlyName,
        ListingBasis::RecyclableName,
    ] {
        let mut case = case(1, owned_by(bare(basis), false));
        case.accounts.push(by_flow(1, github("alice", "7"), None));
        let decision = answer(&case);
        refuted_by(&decision, RefutedReason::Resisted);
        assert_eq!(decision.weakest(), Some(RecycledName), "{basis:?}");
    }
    // Nor is a login without an id ever an account that somebody may hold.
    let login = Account::parse_login(Platform::GITHUB, "alice").unwrap();
    assert!(!login.same_as(&login));
}

#[test]
fn a_claim_lives_long_only_where_an_id_stands_for_the_account() {
    let life = |account: Account| PlatformClaim::new(account, None).max_life();
    assert_eq!(life(toy("alice")), DAY * 30);
    assert_eq!(life(account("npm:alice")), DAY * 30);
    assert_eq!(life(github("alice", "7")), DAY * 180);
    let with_id = toy("alice").with_id(AccountId::new("7").unwrap());
    assert_eq!(life(with_id), DAY * 180);
}
