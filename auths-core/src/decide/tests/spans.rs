//! Who could have published the releases that a statement rests on: of accounts, and of packages.

use super::super::context::EvaluationContext;
use super::super::links::package_statement_links;
use super::*;

const ALICE: &str = "npm:alice";

/// A release of alice's, days ago, that says that key 1 speaks for her, published by her as npm tells.
fn says(days: u32) -> Release {
    let said = NamedAccount::new(did(1), account(ALICE));
    let release = Release::new(format!("v{days}"), Some(ago(days)), false);
    release.naming_accounts([said]).by(account(ALICE))
}

fn npm_package(name: &str, listing: Listing, rows: Vec<Release>) -> NamespaceEvidence {
    let default = rows.last().map(|r| r.version.clone());
    package(name, listing, Timeline::new(rows, default))
}

fn alone() -> Listing {
    owners(&[(ALICE, OwnerRole::Owner)])
}

/// What the account statement link comes to.
fn linked(login: &str, own: NamespaceEvidence) -> LinkReport {
    let proof = AccountProof::AccountStatement(Box::new(own));
    let evidence = AccountEvidence::new(account(login), did(1), now(), proof);
    let linked = LinkedAccount::new(
        platform_claim(1, login),
        vec![ObservedEvidence::live(evidence)],
    );
    let links = grade_account(&linked, &Policy::standard(), &KeyRing::intrinsic(), now());
    links.into_iter().nth(1).unwrap()
}

fn weakest(report: &LinkReport) -> Vec<Capability> {
    assert_eq!(report.standing, Standing::Holds);
    report.falls_to.weakest().collect()
}

fn reason(report: &LinkReport) -> String {
    match &report.standing {
        Standing::Holds => "holds".to_owned(),
        Standing::Refuted(refuted) => format!("{:?}", refuted.reason),
        Standing::Undetermined(why) => format!("{:?}", why.reason),
    }
}

/// The record of a verifier that looked an hour before and after each of these days, and found `listing`.
fn looked(listing: &Listing, days: &[u32]) -> SeenRoles {
    let times = days.iter().flat_map(|d| [ago(*d) - HOUR, ago(*d) + HOUR]);
    times
        .fold(None, |seen, at| {
            Some(SeenRoles::record(seen, &first_upload(), listing, at))
        })
        .unwrap()
}

#[test]
fn a_package_that_names_the_did_for_itself_says_nothing_of_its_owners_account() {
    let plain = |days: u32| {
        let release = Release::new(format!("v{days}"), Some(ago(days)), false);
        release.naming([did(1)]).by(account(ALICE))
    };
    let link = |rows| linked(ALICE, npm_package("npm:@alice/widget", alone(), rows));
    assert_eq!(reason(&link(vec![plain(20), plain(10)])), "StatementAbsent");
    // Nor one that began to speak for it later, or lately does not.
    assert_eq!(
        reason(&link(vec![plain(30), says(20), says(10)])),
        "StatementAbsent"
    );
    assert_eq!(
        reason(&link(vec![says(30), says(20), plain(10)])),
        "StatementDropped"
    );
    assert_eq!(weakest(&link(vec![says(20), says(10)])), [HeldToken]);
}

#[test]
fn evidence_from_before_there_were_account_statements_links_no_account() {
    let own = package(
        "pypi:own",
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(&[(20, &[1]), (10, &[1])]),
    );
    assert_eq!(reason(&linked("pypi:alice", own)), "StatementAbsent");
}

#[test]
fn a_release_from_ci_speaks_for_no_account() {
    for days in [30, 10] {
        let rows = [30, 20, 10].map(|d| match d == days {
            true => says(d).by_ci(),
            false => says(d),
        });
        let own = npm_package("npm:@alice/auths", alone(), rows.to_vec());
        assert_eq!(reason(&linked(ALICE, own)), "StatementAbsent");
    }
    // By a token that published from a workflow: npm names the person, and the attestation tells.
    let mut attested = says(10);
    attested.from_ci = Some(true);
    let own = npm_package("npm:@alice/auths", alone(), vec![says(20), attested]);
    assert_eq!(reason(&linked(ALICE, own)), "StatementAbsent");
}

/// A person's account was made an organisation: it is listed like a person, and its members publish.
#[test]
fn a_scope_that_may_be_an_organisations_links_nobody() {
    let by = |days: u32, who: Option<&str>| {
        let mut release = says(days);
        release.publisher = who.map(account);
        release
    };
    let mut opened = alone();
    opened.owners = ListingCompleteness::Organization("alice".to_owned());
    for listing in [alone(), opened] {
        for rows in [
            vec![by(20, Some("npm:mallory")), by(10, Some("npm:mallory"))],
            vec![by(20, Some(ALICE)), by(10, Some("npm:mallory"))],
            vec![by(20, None), by(10, Some(ALICE))],
            vec![by(20, None), by(10, None)],
        ] {
            let own = npm_package("npm:@alice/auths", listing.clone(), rows);
            assert_eq!(reason(&linked(ALICE, own)), "OwnersHidden");
        }
    }
    let mut others = alone();
    others.owners = ListingCompleteness::Organization("acme".to_owned());
    let own = npm_package("npm:@alice/auths", others, vec![says(20), says(10)]);
    assert_eq!(reason(&linked(ALICE, own)), "NotSoleOwner");
}

#[test]
fn one_package_speaks_for_one_did() {
    let both = |days: u32| {
        let theirs = NamedAccount::new(did(2), account(ALICE));
        says(days).naming_accounts([NamedAccount::new(did(1), account(ALICE)), theirs])
    };
    let own = npm_package("npm:@alice/auths", alone(), vec![both(20), both(10)]);
    assert_eq!(reason(&linked(ALICE, own)), "StatementContested");
}

#[test]
fn what_an_account_statement_falls_to_says_what_was_seen() {
    let of = |listing: &Listing, seen: Option<SeenRoles>| {
        let own = package(
            "pypi:own",
            listing.clone(),
            releases(&[(20, &[1]), (10, &[1])]),
        );
        let mut own = speaking(own, &account("pypi:alice"));
        own.seen_roles = seen;
        weakest(&linked("pypi:alice", own))
    };
    let listing = owners(&[("pypi:alice", OwnerRole::Owner)]);
    assert_eq!(
        of(&listing, None),
        [FormerCollaborator, HeldToken, RepositoryWriter]
    );
    let seen = looked(&listing, &[20, 10]);
    assert_eq!(of(&listing, Some(seen)), [HeldToken, RepositoryWriter]);
    let half = looked(&listing, &[10]);
    assert_eq!(
        of(&listing, Some(half)),
        [FormerCollaborator, HeldToken, RepositoryWriter]
    );
    let young = npm_package("npm:@alice/auths", alone(), vec![says(3)]);
    let young = linked(ALICE, young);
    assert!(weakest(&young).contains(&StolenToken));
    assert!(
        young.missing_release.is_some(),
        "one release is never enough"
    );
}

#[test]
fn the_cost_of_an_account_statement_says_that_it_opens_every_package_of_the_account() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    let decision = answer(&case);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    let opens = "which opens every package of the account that `pypi:own` speaks for";
    assert!(decision.cost().contains(opens), "{}", decision.cost());
    // A statement of the package itself opens that alone.
    let decision = answer(&six_naming(
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        &[(20, &[1]), (10, &[1])],
    ));
    assert!(!decision.cost().contains("every package"));
}

/// What the package statement link of key 1 falls to.
fn named(evidence: &NamespaceEvidence) -> Vec<Capability> {
    let (policy, keys) = (Policy::standard(), KeyRing::intrinsic());
    let context = EvaluationContext::alone(&[], &policy, &keys, now());
    let links = package_statement_links(&context, evidence, &did(1));
    weakest(&links[0].report)
}

#[test]
fn a_removed_role_is_a_price_and_npms_word_on_publishers_a_no() {
    let (widget, listing) = ("npm:widget", alone());
    let by = |days: u32, who: Option<&str>| {
        let mut release = Release::new(format!("v{days}"), Some(ago(days)), false).naming([did(1)]);
        (release.publisher, release.from_ci) = (who.map(account), Some(who.is_none()));
        release
    };
    let of = |rows: Vec<Release>| named(&npm_package(widget, listing.clone(), rows));
    let sole = [HeldToken, RepositoryWriter];
    let former = [FormerCollaborator, HeldToken, RepositoryWriter];
    assert_eq!(of(vec![by(20, Some(ALICE)), by(10, Some(ALICE))]), sole);
    assert_eq!(of(vec![by(20, None), by(10, Some(ALICE))]), former);
    for rows in [
        vec![by(20, Some("npm:mallory")), by(10, Some(ALICE))],
        vec![by(20, Some(ALICE)), by(10, Some("npm:mallory"))],
        vec![by(20, None), by(15, Some("npm:mallory")), by(10, None)],
    ] {
        assert!(of(rows).contains(&Collaborator));
    }
    // What was released before the span does not count against it.
    let before = vec![
        by(90, Some("npm:mallory")),
        by(40, Some(ALICE)),
        by(10, Some(ALICE)),
    ];
    assert_eq!(of(before), sole);
}

#[test]
fn a_former_collaborator_is_accepted_at_that_price_only_and_strict_says_no() {
    let listing = owners(&[("pypi:alice", OwnerRole::Owner)]);
    let mut case = six_naming(listing.clone(), &[(90, &[]), (20, &[1]), (10, &[1])]);
    let decision = answer(&case);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert!(falls_to(&decision).contains(&FormerCollaborator));
    assert!(
        decision.cost().contains("held a role on `pypi:six`"),
        "{}",
        decision.cost()
    );
    let strict = decide(&case, &Policy::strict(), now());
    assert_eq!(strict.outcome(), Outcome::Denied);
    // A verifier that looked, and found alice alone.
    let mut seen = case.evidence[0].evidence().clone();
    seen.seen_roles = Some(looked(&listing, &[20, 10]));
    case.evidence = vec![ObservedEvidence::live(seen.clone())];
    assert!(!falls_to(&answer(&case)).contains(&FormerCollaborator));
    // One that found somebody else at one of its looks.
    let two = owners(&[
        ("pypi:alice", OwnerRole::Owner),
        ("pypi:mallory", OwnerRole::Maintainer),
    ]);
    let other = SeenRoles::record(None, &first_upload(), &two, ago(16));
    let times = [21, 20, 19, 11, 10, 9];
    let look =
        |record, days: &u32| SeenRoles::record(Some(record), &first_upload(), &listing, ago(*days));
    seen.seen_roles = Some(times.iter().fold(other, look));
    case.evidence = vec![ObservedEvidence::live(seen)];
    assert!(falls_to(&answer(&case)).contains(&FormerCollaborator));
}

#[test]
fn no_bundle_brings_a_memory_of_roles() {
    let listing = owners(&[("pypi:alice", OwnerRole::Owner)]);
    let mut evidence = package(
        "pypi:six",
        listing.clone(),
        releases(&[(20, &[1]), (10, &[1])]),
    );
    evidence.seen_roles = Some(looked(&listing, &[20, 10]));
    let seen = observed(5, evidence.clone());
    assert_eq!(seen.evidence().seen_roles, None);
    let mut wire = serde_json::to_value(&evidence).unwrap();
    assert!(wire.get("seenRoles").is_none() && wire.get("seen_roles").is_none());
    let record = serde_json::to_value(evidence.seen_roles).unwrap();
    wire["seen_roles"] = record.clone();
    assert!(serde_json::from_value::<NamespaceEvidence>(wire.clone()).is_err());
    wire.as_object_mut().unwrap().remove("seen_roles");
    wire["seenRoles"] = record;
    assert!(serde_json::from_value::<NamespaceEvidence>(wire).is_err());
}

#[test]
fn builds_count_where_the_newest_release_was_built_there_too() {
    let account_of = github("acme", "42");
    let attested = |newest: Option<&str>| {
        let listing = owners(&[("pypi:alice", OwnerRole::Owner)]);
        let mut evidence = package("pypi:six", listing, releases(&[(20, &[]), (10, &[])]));
        evidence.provenance = Reading::Read(vec![Provenance {
            platform: Platform::GITHUB,
            owner_id: AccountId::new("42").unwrap(),
            repository_id: AccountId::new("7").unwrap(),
            since: ago(20),
            token_may_publish: false,
            newest: newest.map(str::to_owned),
        }]);
        let mut case = case(1, evidence);
        case.accounts.push(by_flow(1, account_of.clone(), None));
        answer(&case)
    };
    let builds = |decision: &Decision| {
        let mut links = decision.chains().iter().flat_map(|chain| &chain.links);
        links.any(|link| link.kind == EvidenceKind::Provenance)
    };
    assert!(builds(&attested(Some("v10"))));
    for not_seen in [None, Some("v20"), Some("v1")] {
        assert!(!builds(&attested(not_seen)), "{not_seen:?}");
    }
}
