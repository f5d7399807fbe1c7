//! What each link is held of, and how the cost says it.

use super::*;
use crate::identity::Subject;

fn of_account(text: &str) -> Subject {
    Subject::Account(account(text))
}

fn of_package(text: &str) -> Subject {
    Subject::of_namespace(&text.parse().unwrap())
}

/// The links of the first chain that ends in such a link.
fn links_to(decision: &Decision, kind: EvidenceKind) -> Vec<LinkReport> {
    let ends = |chain: &&ChainReport| chain.links.last().unwrap().kind == kind;
    decision.chains().iter().find(ends).unwrap().links.clone()
}

#[test]
fn a_key_is_held_of_its_did_a_statement_of_its_package_and_a_listing_of_the_package() {
    let decision = answer(&accepted_case());
    let of: Vec<_> = links_to(&decision, EvidenceKind::ListedOwner)
        .iter()
        .map(|link| (link.kind, link.of.clone()))
        .collect();
    assert_eq!(
        of,
        [
            (EvidenceKind::ClaimSignature, Subject::Did(did(1))),
            (EvidenceKind::AccountStatement, of_package("pypi:own")),
            (EvidenceKind::ListedOwner, of_package("pypi:six")),
        ]
    );
    assert_eq!(
        links_to(&decision, EvidenceKind::PackageStatement)[1].of,
        of_package("pypi:six")
    );
    for words in [
        "steal an API token of `pypi:own`, publish with it twice",
        "take over the browser session of an owner of `pypi:six`",
        &format!("steal the device key of `{}`", did(1)),
    ] {
        assert!(decision.cost().contains(words), "{}", decision.cost());
    }
}

#[test]
fn what_shows_an_account_by_itself_is_held_of_the_account() {
    let gist = AccountProof::GistProof {
        gist: "aa5a315d61ae9438b18d".into(),
        claim: platform_claim(1, "github:alice").id().clone(),
        unchanged_since: ago(30),
        state: None,
    };
    let flow = AccountProof::DeviceFlow { challenge: None };
    for (login, proof) in [
        ("github:alice", gist),
        ("github:alice", flow),
        ("npm:alice", AccountProof::TokenHolder {}),
    ] {
        let seen = AccountEvidence::new(account(login), did(1), now(), proof);
        let linked =
            LinkedAccount::new(platform_claim(1, login), vec![ObservedEvidence::live(seen)]);
        let links = grade_account(&linked, &Policy::standard(), &KeyRing::intrinsic(), now());
        assert_eq!(links.len(), 2);
        assert!(links.iter().all(|link| link.of == of_account(login)));
    }
}

#[test]
fn an_account_of_its_own_name_is_held_of_the_account_and_an_organisation_of_itself() {
    let listed = |role| {
        let listing = Listing::new(vec![ListedAccount::new(github("acme", "7"), role, "role")]);
        let origin = "https://api.github.example".parse().unwrap();
        let mut seen = NamespaceEvidence::new("github:acme".parse().unwrap(), origin, now());
        seen.listing = Reading::Read(listing);
        let account = github("acme", "7");
        check_listing(&seen, &account, &Policy::standard())
            .unwrap()
            .link
    };
    let own = listed(OwnerRole::OwnAccount);
    assert_eq!(own.of, Subject::Account(github("acme", "7")));
    let organisation = listed(OwnerRole::Owner);
    assert_eq!(organisation.of, of_package("github:acme"));
    assert!(matches!(organisation.of, Subject::Organization(_)));
    // The name that changed hands is the account's.
    let name = organisation.subject_of(Capability::RecycledName);
    assert_eq!(*name, Subject::Account(github("acme", "7")));
}

#[test]
fn a_build_is_held_of_its_repository_and_the_token_that_publishes_it_of_the_package() {
    let mut evidence = six_of_alice();
    evidence.provenance = Reading::Read(vec![Provenance {
        platform: Platform::GITHUB,
        owner_id: AccountId::new("7").unwrap(),
        repository_id: AccountId::new("99").unwrap(),
        since: ago(900),
        token_may_publish: true,
        newest: newest(&evidence),
    }]);
    let typed = SourceRepository::new(Platform::GITHUB, "alice", "six");
    evidence.repositories = Reading::Read(vec![typed]);
    let mut case = case(1, evidence);
    case.accounts.push(by_flow(1, github("alice", "7"), None));
    let decision = answer(&case);
    let repository = Subject::Repository {
        platform: Platform::GITHUB,
        id: AccountId::new("99").unwrap(),
    };
    let built = &links_to(&decision, EvidenceKind::Provenance)[2];
    assert_eq!(built.of, repository);
    assert_eq!(*built.subject_of(CiWorkflow), repository);
    for of_the_package in [
        StolenToken,
        HeldToken,
        Collaborator,
        FormerCollaborator,
        AccountSession,
    ] {
        assert_eq!(*built.subject_of(of_the_package), of_package("pypi:six"));
    }
    let typed = &links_to(&decision, EvidenceKind::SourceRepository)[2];
    assert_eq!(typed.of, of_package("pypi:six"));
    let renamed = Subject::Account(github("alice", "7"));
    assert_eq!(*typed.subject_of(RecycledName), renamed);
    for words in [
        "steal an API token of `pypi:six`, publish with it twice",
        "take lasting control of the publishing workflow of `github:repository/99`",
        "take over the browser session of `github:alice`",
    ] {
        assert!(decision.cost().contains(words), "{}", decision.cost());
    }
}

#[test]
fn a_delegation_is_held_of_the_did_that_signed_it() {
    let mut case = case(2, six_of_alice());
    case.delegations.push(sign(1, delegated(false)));
    case.accounts.push(stated(1, "pypi:alice", 100));
    let decision = answer(&case);
    let delegation = &links_to(&decision, EvidenceKind::ListedOwner)[1];
    assert_eq!(
        (delegation.kind, &delegation.of),
        (EvidenceKind::Delegation, &Subject::Did(did(1)))
    );
    for words in [
        format!("steal the key of somebody that `{}` delegated to", did(1)),
        format!("steal the device key of `{}`", did(1)),
        format!("steal the device key of `{}`", did(2)),
    ] {
        assert!(decision.cost().contains(&words), "{}", decision.cost());
    }
}

/// `github:alice` by its own account, which a gist that has stood for `days` ties to the DID.
fn by_gist_for_its_own_name(days: u32) -> DecisionInput {
    let alice = github("alice", "7");
    let namespace: Namespace = "github:alice".parse().unwrap();
    let marker = Incarnation::new("github-id", "7");
    let body = NamespaceClaim::new(
        namespace.clone(),
        marker.clone(),
        Actions::only(Action::Publish),
    );
    let request = SigningRequest::new(body, now() - HOUR).for_audience(Audience::local(&did(1)));
    let claim = request.sign(&key(1)).now_or_never().unwrap().unwrap();
    let mut case = DecisionInput::new(claim, ProofExpectation::new(Audience::local(&did(1))));
    let origin = "https://api.github.example".parse().unwrap();
    let mut seen = NamespaceEvidence::new(namespace, origin, now());
    seen.incarnation = Reading::Read(marker);
    seen.timeline = Reading::NotOffered;
    let entry = ListedAccount::new(alice.clone(), OwnerRole::OwnAccount, "itself");
    seen.listing = Reading::Read(Listing::new(vec![entry]));
    case.evidence.push(ObservedEvidence::live(seen));
    let claim = sign(1, PlatformClaim::new(alice.clone(), None));
    let proof = AccountProof::GistProof {
        gist: "aa5a315d61ae9438b18d".into(),
        claim: claim.id().clone(),
        unchanged_since: ago(days),
        state: None,
    };
    let seen = AccountEvidence::new(alice, did(1), now(), proof);
    case.accounts.push(LinkedAccount::new(
        claim,
        vec![ObservedEvidence::live(seen)],
    ));
    case
}

#[test]
fn more_of_the_same_thing_is_no_other_way() {
    // A session of the account can do all that its token can, and is not named beside it.
    let decision = answer(&by_gist_for_its_own_name(30));
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    let cost = decision.cost();
    assert!(
        cost.contains("steal an API token of `github:alice`, put up a gist"),
        "{cost}"
    );
    assert!(!cost.contains("browser session"), "{cost}");
    // While it is young, the cost is that of the mature one.
    let young = answer(&by_gist_for_its_own_name(3));
    assert_eq!(young.outcome(), Outcome::Pending);
    assert_eq!(young.cost(), cost);
}

#[test]
fn the_words_of_every_capability_name_what_it_is_of() {
    let strict = answer(&accepted_case());
    assert!(!strict.cost().contains("the package"), "{}", strict.cost());
    let maintained = six_naming(
        owners(&[
            ("pypi:bob", OwnerRole::Owner),
            ("pypi:alice", OwnerRole::Maintainer),
        ]),
        &[(900, &[])],
    );
    let mut case = maintained;
    case.accounts.push(stated(1, "pypi:alice", 100));
    let decision = answer(&case);
    assert!(
        decision.cost().contains("hold a lesser role on `pypi:six`"),
        "{}",
        decision.cost()
    );
    let young = decide(
        &six_naming(
            owners(&[("pypi:alice", OwnerRole::Owner)]),
            &[(100, &[]), (1, &[1])],
        ),
        &Policy::strict(),
        now(),
    );
    assert!(
        young
            .cost()
            .contains("steal an API token of `pypi:six` once"),
        "{}",
        young.cost()
    );
}
