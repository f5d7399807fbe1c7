//! The decision, rule by rule. Every world is built by hand, so that each test shows exactly what it rests on.

use std::time::Duration;

use futures_util::FutureExt;
use zeroize::Zeroizing;

use super::*;
use crate::Timestamp;
use crate::capability::Capability::{self, *};
use crate::capability::CapabilitySet;
use crate::claim::{
    Action, Actions, Audience, Challenge, Claim, Delegation, Expectation, Incarnation,
    IssuedChallenge, KeyRing, NamespaceClaim, Observation, PlatformClaim, Revocation, Revoked,
    Signed, SigningRequest,
};
use crate::crypto::{KeyPair, Seed};
use crate::evidence::*;
use crate::identity::{Account, AccountId, Did, Namespace, Origin, Platform};
use crate::outcome::{Refutation, Refuted, Unavailable, Why};
use crate::policy::Policy;
use crate::ports::{Entropy, EntropyError};
use crate::time::DAY;

mod attacks;
mod narrowing;
mod observers;
mod platforms;
mod properties;
mod resisting;
mod worlds;

const HOUR: Duration = Duration::from_secs(3600);

fn key(n: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new(Zeroizing::new([n; 32])))
}

fn did(n: u8) -> Did {
    Did::from_key(&key(n).public())
}

fn now() -> Timestamp {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

fn ago(days: u32) -> Timestamp {
    now() - DAY * days
}

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

fn account(text: &str) -> Account {
    text.parse().unwrap()
}

fn pypi() -> Origin {
    "https://pypi.example".parse().unwrap()
}

fn sign<C: Claim>(n: u8, claim: C) -> Signed<C> {
    SigningRequest::new(claim, now() - HOUR)
        .sign(&key(n))
        .now_or_never()
        .unwrap()
        .unwrap()
}

fn namespace_claim(n: u8) -> Signed<NamespaceClaim> {
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now() - HOUR).for_audience(Audience::local(&did(n)));
    request.sign(&key(n)).now_or_never().unwrap().unwrap()
}

fn first_upload() -> Incarnation {
    Incarnation::new("first-upload", "2010-06-29T19:56:36.719942Z")
}

fn platform_claim(n: u8, login: &str) -> Signed<PlatformClaim> {
    sign(n, PlatformClaim::new(account(login), None))
}

fn owners(roles: &[(&str, Role)]) -> Listing {
    Listing::new(
        roles
            .iter()
            .map(|(login, role)| ListedAccount::new(account(login), *role, format!("{role:?}")))
            .collect(),
    )
}

/// Releases as (days ago, DIDs named).
fn releases(rows: &[(u32, &[u8])]) -> Timeline {
    let rows: Vec<_> = rows
        .iter()
        .map(|(days, named)| {
            Release::new(format!("v{days}"), Some(ago(*days)), false)
                .naming(named.iter().map(|n| did(*n)))
        })
        .collect();
    let default = rows.last().map(|r| r.version.clone());
    Timeline::new(rows, default)
}

fn package(name: &str, listing: Listing, timeline: Timeline) -> NamespaceEvidence {
    let mut evidence = NamespaceEvidence::new(name.parse().unwrap(), pypi(), now());
    evidence.incarnation = Reading::Read(first_upload());
    evidence.listing = Reading::Read(listing);
    evidence.timeline = Reading::Read(timeline);
    evidence
}

/// `pypi:six`, owned by alice alone, naming nobody.
fn six_of_alice() -> NamespaceEvidence {
    package(
        "pypi:six",
        owners(&[("pypi:alice", Role::Owner)]),
        releases(&[(900, &[]), (100, &[])]),
    )
}

fn case(n: u8, evidence: NamespaceEvidence) -> Case {
    let mut case = Case::new(
        namespace_claim(n),
        Expectation::new(Audience::local(&did(n))),
    );
    case.evidence.push(Sighting::live(evidence));
    case
}

fn self_reported(n: u8, login: &str) -> LinkedAccount {
    LinkedAccount::new(platform_claim(n, login), vec![])
}

/// `login` proved by a package of its own, which names the DID since `days` ago and still does.
fn stated(n: u8, login: &str, days: u32) -> LinkedAccount {
    stated_by(n, login, &[(days, &[n]), (0, &[n])])
}

fn stated_by(n: u8, login: &str, rows: &[(u32, &[u8])]) -> LinkedAccount {
    let own = package("pypi:own", owners(&[(login, Role::Owner)]), releases(rows));
    let proof = AccountProof::AccountStatement(Box::new(own));
    let evidence = AccountEvidence::new(account(login), did(n), now(), proof);
    LinkedAccount::new(platform_claim(n, login), vec![Sighting::live(evidence)])
}

/// The same, as observer `n` signed it.
fn observed(n: u8, evidence: NamespaceEvidence) -> Sighting<NamespaceEvidence> {
    let sighting = Sighting::observed(&observation(n, evidence), &KeyRing::intrinsic(), now());
    let sighting = sighting.unwrap();
    let Evidence::Namespace(seen) = sighting.evidence() else {
        panic!()
    };
    sighting.with((**seen).clone())
}

fn observation(n: u8, evidence: NamespaceEvidence) -> Signed<Observation> {
    let at = evidence.observed_at;
    let observation = Observation::new(Evidence::Namespace(Box::new(evidence)));
    let request = SigningRequest::new(observation, at);
    request.sign(&key(n)).now_or_never().unwrap().unwrap()
}

fn answer(case: &Case) -> Decision {
    decide(case, &Policy::standard(), now())
}

fn falls_to(decision: &Decision) -> Vec<Capability> {
    decision
        .falls_to()
        .map(|set| set.weakest().collect())
        .unwrap_or_default()
}

#[track_caller]
fn refuted_by(decision: &Decision, by: Refutation) {
    assert_eq!(
        decision.outcome(),
        Outcome::Denied,
        "{:?}",
        decision.reason()
    );
    assert!(decision.is_refuted_by(by), "{:?}", decision.reason());
    assert!(decision.clone().into_verified().is_err());
}

#[track_caller]
fn undetermined_by(decision: &Decision, why: Why) {
    assert_eq!(
        decision.outcome(),
        Outcome::Undetermined,
        "{:?}",
        decision.reason()
    );
    assert!(
        matches!(decision.reason(), Some(Obstacle::Unavailable(u)) if u.why == why),
        "{:?}",
        decision.reason()
    );
    assert!(decision.clone().into_verified().is_err());
}

// --- account chains

#[test]
fn a_typed_name_falls_to_a_stranger_and_is_denied_with_a_remedy() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(self_reported(1, "pypi:alice"));
    let decision = answer(&case);
    refuted_by(&decision, Refutation::Resisted);
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
    assert_eq!(falls_to(&decision), [HeldToken, DeviceKey]);
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
    refuted_by(&strict, Refutation::Resisted);
    assert_eq!(strict.weakest(), Some(HeldToken));
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
            ("pypi:alice", Role::Owner),
            ("pypi:mallory", Role::Maintainer),
        ]),
        owners(&[("pypi:alice", Role::Owner), ("pypi:mallory", Role::Owner)]),
        owners(&[("pypi:alice", Role::Maintainer)]),
        owners(&[("pypi:mallory", Role::Owner)]),
        owners(&[]),
        Listing {
            owners: Owners::Organization("org".into()),
            ..owners(&[("pypi:alice", Role::Owner)])
        },
    ] {
        let own = package("pypi:own", listing, releases(&[(100, &[1]), (9, &[1])]));
        let proof = AccountProof::AccountStatement(Box::new(own));
        let evidence = AccountEvidence::new(account("pypi:alice"), did(1), now(), proof);
        let mut case = case(1, six_of_alice());
        case.accounts.push(LinkedAccount::new(
            platform_claim(1, "pypi:alice"),
            vec![Sighting::live(evidence)],
        ));
        refuted_by(&answer(&case), Refutation::Resisted);
    }
}

#[test]
fn an_account_statement_from_another_server_ecosystem_or_time_is_refused() {
    let good = || {
        package(
            "pypi:own",
            owners(&[("pypi:alice", Role::Owner)]),
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
            vec![Sighting::live(evidence)],
        ));
        undetermined_by(&answer(&case), Why::EvidenceMismatch);
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
        undetermined_by(&answer(&case), Why::EvidenceMismatch);
    }
}

#[test]
fn a_claim_of_another_did_links_nothing() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(2, "pypi:alice", 100));
    refuted_by(&answer(&case), Refutation::NoChain);
}

#[test]
fn who_is_not_listed_is_denied_and_who_may_be_hidden_is_undetermined() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:bob", 100));
    refuted_by(&answer(&case), Refutation::NotListed);

    let mut hidden = six_of_alice();
    hidden.listing = Reading::Read(Listing {
        owners: Owners::Organization("org".into()),
        ..owners(&[])
    });
    case.evidence = vec![Sighting::live(hidden)];
    undetermined_by(&answer(&case), Why::OwnersHidden);

    let mut empty = six_of_alice();
    empty.listing = Reading::Read(owners(&[]));
    case.evidence = vec![Sighting::live(empty)];
    undetermined_by(&answer(&case), Why::Empty);

    let mut unread = six_of_alice();
    unread.listing = Reading::Unread(Unavailable::new(Why::MissingField, "ownership"));
    case.evidence = vec![Sighting::live(unread)];
    undetermined_by(&answer(&case), Why::MissingField);
}

#[test]
fn a_maintainer_is_a_collaborator_and_another_role_is_none() {
    for (role, by, weakest) in [
        (Role::Maintainer, Refutation::Resisted, Some(Collaborator)),
        (Role::Other, Refutation::LesserRole, None),
    ] {
        let evidence = package(
            "pypi:six",
            owners(&[("pypi:bob", role), ("pypi:alice", Role::Owner)]),
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
    let timeout = Unavailable::new(Why::Timeout, "own");
    linked
        .attempts
        .push(Attempt::new(EvidenceKind::AccountStatement, timeout));
    case.accounts.push(linked);
    undetermined_by(&answer(&case), Why::Timeout);
    let strict = decide(&case, &Policy::strict(), now());
    refuted_by(&strict, Refutation::Resisted); // Even a mature one would not be good enough.
    case.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn support_that_was_found_wanting_is_no_support() {
    let mut case = case(1, six_of_alice());
    let mut linked = self_reported(1, "pypi:alice");
    let gone = Refuted::new(Refutation::UnknownProject, "own");
    linked
        .attempts
        .push(Attempt::new(EvidenceKind::AccountStatement, gone));
    case.accounts.push(linked);
    refuted_by(&answer(&case), Refutation::Resisted);
}

// --- statement chains

fn six_naming(listing: Listing, rows: &[(u32, &[u8])]) -> Case {
    case(1, package("pypi:six", listing, releases(rows)))
}

#[test]
fn a_mature_package_statement_is_accepted_where_one_owner_is_alone() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1]), (10, &[1])];
    let decision = answer(&six_naming(owners(&[("pypi:alice", Role::Owner)]), rows));
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert_eq!(falls_to(&decision), [HeldToken, CiWorkflow, DeviceKey]);
    for shared in [
        owners(&[("pypi:alice", Role::Owner), ("pypi:bob", Role::Owner)]),
        owners(&[("pypi:alice", Role::Owner), ("pypi:bob", Role::Maintainer)]),
        Listing {
            owners: Owners::Organization("org".into()),
            ..owners(&[("pypi:alice", Role::Owner)])
        },
    ] {
        let decision = answer(&six_naming(shared, rows));
        refuted_by(&decision, Refutation::Resisted);
        assert_eq!(decision.weakest(), Some(Collaborator));
    }
}

#[test]
fn a_planted_release_is_never_a_yes() {
    let rows: &[(u32, &[u8])] = &[(900, &[]), (30, &[1])];
    let decision = answer(&six_naming(owners(&[("pypi:alice", Role::Owner)]), rows));
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
        owners(&[("pypi:alice", Role::Owner)]),
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
    evidence.timeline = Reading::Unread(Unavailable::new(Why::ServerError, "500"));
    undetermined_by(&answer(&case(1, evidence.clone())), Why::ServerError);
    let mut with_link = case(1, evidence);
    with_link.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&with_link).outcome(), Outcome::Accepted);
}

/// crates.io and GitHub: were it an open question, no answer about a crate or an organisation could ever be a no.
#[test]
fn where_statements_are_not_offered_there_is_no_such_way_and_no_open_question() {
    let mut evidence = six_of_alice();
    evidence.timeline = Reading::NotOffered;
    refuted_by(&answer(&case(1, evidence.clone())), Refutation::NoChain);
    let mut typed = case(1, evidence.clone());
    typed.accounts.push(self_reported(1, "pypi:alice"));
    let decision = answer(&typed);
    refuted_by(&decision, Refutation::Resisted);
    assert_eq!(decision.weakest(), Some(Capability::Stranger));
    let mut with_link = case(1, evidence);
    with_link.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&with_link).outcome(), Outcome::Accepted);
}

#[test]
fn a_first_release_that_names_the_did_needs_nothing_but_time() {
    let rows: &[(u32, &[u8])] = &[(3, &[1])];
    let decision = answer(&six_naming(owners(&[("pypi:alice", Role::Owner)]), rows));
    assert_eq!(decision.outcome(), Outcome::Pending);
    assert_eq!(
        decision.remedy(),
        Some(&*format!("ask again at {}", ago(3) + DAY * 7))
    );
}

// --- ids, names, builds

#[test]
fn a_gist_holds_this_very_claim_and_ripens() {
    let account = github("alice", "7");
    let claim = sign(1, PlatformClaim::new(account.clone(), None));
    let other = sign(1, PlatformClaim::new(github("bob", "8"), None));
    let entry = ListedAccount::new(account.clone(), Role::Owner, "owner");
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
            vec![Sighting::live(evidence)],
        ));
        answer(&case)
    };
    assert_eq!(with(&claim, 7).outcome(), Outcome::Accepted);
    assert_eq!(falls_to(&with(&claim, 7)), [HeldToken, DeviceKey]);
    let young = with(&claim, 6);
    assert_eq!(young.outcome(), Outcome::Pending);
    assert_eq!(young.ripe_at(), Some(now() + DAY));
    undetermined_by(&with(&other, 7), Why::EvidenceMismatch);
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
        let mut evidence = package("pypi:six", owners(&[("pypi:alice", Role::Owner)]), timeline);
        evidence.provenance = Reading::Read(vec![Provenance {
            platform: Platform::GITHUB,
            owner_id: AccountId::new("7").unwrap(),
            repository_id: AccountId::new("70").unwrap(),
            since: ago(days),
            token_may_publish: true,
        }]);
        let mut case = case(1, evidence);
        case.accounts.push(by_flow(1, github("alice", "7"), None));
        answer(&case)
    };
    assert_eq!(attested(7, false).outcome(), Outcome::Accepted);
    let young = attested(6, false);
    assert_eq!(young.outcome(), Outcome::Pending);
    assert!(young.remedy().unwrap().starts_with("ask again at"));
    assert_eq!(attested(7, true).outcome(), Outcome::Pending);
}

#[test]
fn the_chain_that_an_answer_rests_on_is_reported_first() {
    for (since, outcome) in [(20, Outcome::Accepted), (10, Outcome::Pending)] {
        let lesser = ListedAccount::new(github("alice", "7"), Role::Maintainer, "team");
        let rows = releases(&[(900, &[]), (20, &[]), (13, &[])]);
        let mut evidence = package("pypi:six", Listing::new(vec![lesser]), rows);
        evidence.provenance = Reading::Read(vec![Provenance {
            platform: Platform::GITHUB,
            owner_id: AccountId::new("7").unwrap(),
            repository_id: AccountId::new("70").unwrap(),
            since: ago(since),
            token_may_publish: true,
        }]);
        let mut case = case(1, evidence);
        case.accounts.push(by_flow(1, github("alice", "7"), None));
        let decision = answer(&case);
        assert_eq!(decision.outcome(), outcome);
        let first = &decision.chains()[0];
        assert_eq!(Some(first.falls_to), decision.falls_to());
        let kinds: Vec<_> = first.links.iter().map(|link| link.kind).collect();
        assert_eq!(
            kinds,
            [
                EvidenceKind::ClaimSignature,
                EvidenceKind::DeviceFlow,
                EvidenceKind::Provenance
            ]
        );
    }
}

fn github(login: &str, id: &str) -> Account {
    Account::parse_login(Platform::GITHUB, login)
        .unwrap()
        .with_id(AccountId::new(id).unwrap())
}

fn by_flow(n: u8, account: Account, challenge: Option<Challenge>) -> LinkedAccount {
    let claim = sign(n, PlatformClaim::new(account.clone(), None));
    let evidence = AccountEvidence::new(
        account,
        did(n),
        now(),
        AccountProof::DeviceFlow { challenge },
    );
    LinkedAccount::new(claim, vec![Sighting::live(evidence)])
}

fn owned_by(entry: ListedAccount, tokens_may_add_owners: bool) -> NamespaceEvidence {
    let mut listing = Listing::new(vec![entry]);
    listing.tokens_may_add_owners = tokens_may_add_owners;
    package("pypi:six", listing, releases(&[(100, &[])]))
}

#[test]
fn ids_decide_and_a_name_where_an_id_exists_is_recyclable() {
    let by_id = ListedAccount::new(github("old-login", "7"), Role::Owner, "owner");
    let mut by_id = case(1, owned_by(by_id, false));
    by_id
        .accounts
        .push(by_flow(1, github("new-login", "7"), None));
    let decision = answer(&by_id);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert_eq!(falls_to(&decision), [AccountSession, DeviceKey]);

    let other_id = ListedAccount::new(github("same", "8"), Role::Owner, "owner");
    let mut other = case(1, owned_by(other_id, false));
    other.accounts.push(by_flow(1, github("same", "7"), None));
    refuted_by(&answer(&other), Refutation::NotListed);

    let nameless = Account::parse_login(Platform::GITHUB, "same").unwrap();
    let mut by_name = case(
        1,
        owned_by(ListedAccount::new(nameless, Role::Owner, "owner"), false),
    );
    by_name.accounts.push(by_flow(1, github("same", "7"), None));
    let decision = answer(&by_name);
    refuted_by(&decision, Refutation::Resisted);
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
        let mut entry = ListedAccount::new(alice(), Role::Owner, "owner");
        entry.first_published = published.map(ago);
        (entry.founder, entry.was_absent) = (founder, absent);
        entry.known_since = known.map(ago);
        let mut case = case(1, owned_by(entry, true));
        case.accounts.push(by_flow(1, alice(), None));
        assert_eq!(answer(&case).outcome(), standard, "{row:?}");
        let strictly = decide(&case, &Policy::strict(), now());
        assert_eq!(strictly.outcome(), strict, "strict, {row:?}");
        if standard == Pending {
            let since = if absent { known } else { published.or(known) };
            let ripe = ago(since.unwrap()) + DAY * 7;
            assert_eq!(answer(&case).ripe_at(), Some(ripe), "{row:?}");
        }
    }
    for (recorded, outcome) in [(6, Pending), (7, Accepted)] {
        let entry = ListedAccount::new(alice(), Role::Owner, "owner");
        let mut case = case(1, owned_by(entry, true));
        case.accounts.push(by_flow(1, alice(), None));
        case.recorded_owners = vec![(alice(), ago(recorded))];
        assert_eq!(answer(&case).outcome(), outcome, "{recorded}");
    }
}

#[test]
fn a_package_that_teams_alone_own_is_refused_and_an_owner_may_delegate() {
    let mut seen = owned_by(
        ListedAccount::new(github("bob", "8"), Role::Owner, "owner"),
        true,
    );
    let mut listing = seen.listing.get().unwrap().clone();
    listing.teams = vec!["github:acme:core".to_owned()];
    for (accounts, by) in [
        (listing.accounts.clone(), Refutation::NotListed),
        (Vec::new(), Refutation::TeamsOnly),
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
fn a_name_with_another_id_is_another_account() {
    let mut entry = ListedAccount::new(github("same", "8"), Role::Owner, "by its picture");
    entry.basis = ListingBasis::RecyclableName;
    for (id, by) in [("7", Refutation::NotListed), ("8", Refutation::Resisted)] {
        let mut case = case(1, owned_by(entry.clone(), true));
        case.accounts.push(by_flow(1, github("same", id), None));
        refuted_by(&answer(&case), by);
    }
}

#[test]
fn a_device_flow_for_this_very_challenge_outweighs_a_stolen_device_key() {
    #[derive(Debug)]
    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(7);
            Ok(())
        }
    }
    let issued = IssuedChallenge::issue(&Sevens, did(1), six(), now(), HOUR).unwrap();
    let body = NamespaceClaim::new(six(), first_upload(), Actions::only(Action::Publish));
    let request = SigningRequest::new(body, now()).for_audience("hub".parse().unwrap());
    let claim = request
        .answering(Some(issued.challenge().clone()))
        .sign(&key(1))
        .now_or_never()
        .unwrap()
        .unwrap();
    let entry = ListedAccount::new(github("alice", "7"), Role::Owner, "owner");
    let expected = Expectation::new("hub".parse().unwrap()).answering(issued.challenge().clone());
    let mut case = Case::new(claim, expected);
    case.evidence.push(Sighting::live(owned_by(entry, false)));
    case.issued = Some(issued.clone());
    case.accounts.push(by_flow(
        1,
        github("alice", "7"),
        Some(issued.challenge().clone()),
    ));
    assert_eq!(falls_to(&answer(&case)), [AccountSession]);
    case.accounts = vec![by_flow(1, github("alice", "7"), None)];
    assert_eq!(
        falls_to(&answer(&case)),
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
    };
    evidence.provenance = Reading::Read(vec![attested.clone()]);
    let mut by_build = case(1, evidence.clone());
    by_build
        .accounts
        .push(by_flow(1, github("alice", "7"), None));
    assert_eq!(answer(&by_build).outcome(), Outcome::Accepted);
    assert_eq!(
        decide(&by_build, &Policy::strict(), now()).weakest(),
        Some(CiWorkflow)
    );
    evidence.provenance = Reading::Read(vec![Provenance {
        token_may_publish: true,
        ..attested
    }]);
    let mut young = case(1, evidence);
    young.accounts.push(by_flow(1, github("alice", "7"), None));
    assert_eq!(answer(&young).outcome(), Outcome::Pending);
}

// --- evidence against

#[test]
fn another_incarnation_is_denied_and_an_unreadable_one_undetermined() {
    let mut evidence = six_of_alice();
    evidence.incarnation = Reading::Read(Incarnation::new("first-upload", "2026-11-20T00:00:00Z"));
    let mut changed = case(1, evidence.clone());
    changed.accounts.push(stated(1, "pypi:alice", 100));
    refuted_by(&answer(&changed), Refutation::AnotherIncarnation);
    evidence.incarnation = Reading::Unread(Unavailable::new(Why::MissingField, "releases"));
    changed.evidence = vec![Sighting::live(evidence)];
    undetermined_by(&answer(&changed), Why::IncarnationUnread);
}

#[test]
fn a_name_that_is_not_there_is_denied_for_its_own_reason() {
    for by in [
        Refutation::UnknownProject,
        Refutation::Quarantined,
        Refutation::NoReleases,
    ] {
        let mut evidence = six_of_alice();
        evidence.existence = Existence::Absent(Refuted::new(by, "six"));
        refuted_by(&answer(&case(1, evidence)), by);
    }
}

fn accepted_case() -> Case {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    case
}

fn revoking(n: u8, what: Revoked) -> Revocations {
    Revocations::not_checked().with("list", Ok(vec![sign(n, Revocation::new(what))]))
}

#[test]
fn revocations_win_and_only_those_who_may_can_revoke() {
    let mut case = accepted_case();
    let claim = case.claim.id().clone();
    let link = case.accounts[0].claim.id().clone();
    for what in [
        Revoked::Claim(claim),
        Revoked::Claim(link),
        Revoked::Did(did(1)),
    ] {
        case.revocations = revoking(1, what.clone());
        assert_eq!(answer(&case).outcome(), Outcome::Denied, "{what:?}");
        case.revocations = revoking(2, what.clone());
        assert_eq!(
            answer(&case).outcome(),
            Outcome::Accepted,
            "a stranger revoked {what:?}"
        );
    }
    case.revocations = revoking(1, Revoked::Did(did(1)));
    refuted_by(&answer(&case), Refutation::Revoked);
}

#[test]
fn the_recovery_did_may_revoke() {
    let mut case = accepted_case();
    case.accounts[0].claim = sign(1, PlatformClaim::new(account("pypi:alice"), Some(did(9))));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    case.revocations = revoking(9, Revoked::Did(did(1)));
    refuted_by(&answer(&case), Refutation::Revoked);
}

#[test]
fn an_unreadable_source_of_revocations_keeps_a_yes_back_and_a_no_stands() {
    let offline =
        || Revocations::not_checked().with("log", Err(Unavailable::new(Why::Network, "down")));
    let mut yes = accepted_case();
    yes.revocations = offline();
    undetermined_by(&answer(&yes), Why::RevocationsUnread);
    let mut no = case(1, six_of_alice());
    no.revocations = offline();
    refuted_by(&answer(&no), Refutation::NoChain);
}

#[test]
fn evidence_must_be_about_the_question_fresh_and_by_someone_trusted() {
    let policy = Policy::standard();
    let with = |evidence: NamespaceEvidence| {
        let mut case = accepted_case();
        case.evidence = vec![Sighting::live(evidence)];
        answer(&case)
    };
    let mut other = six_of_alice();
    other.namespace = "pypi:sax".parse().unwrap();
    undetermined_by(&with(other), Why::EvidenceMismatch);
    let mut elsewhere = six_of_alice();
    elsewhere.namespace = six().at(Some("http://127.0.0.1:9".parse().unwrap()));
    undetermined_by(&with(elsewhere), Why::EvidenceMismatch);
    let mut stale = six_of_alice();
    stale.observed_at = now() - DAY - Duration::from_secs(1);
    undetermined_by(&with(stale), Why::StaleEvidence);
    let mut future = six_of_alice();
    future.observed_at = now() + HOUR;
    undetermined_by(&with(future), Why::EvidenceMismatch);
    let mut none = accepted_case();
    none.evidence.clear();
    undetermined_by(&answer(&none), Why::StaleEvidence);
    none.unread.push(Unavailable::new(Why::Timeout, "pypi"));
    undetermined_by(&answer(&none), Why::Timeout);

    let mut observed = accepted_case();
    let evidence = Evidence::Namespace(Box::new({
        let mut e = six_of_alice();
        e.observed_at = now() - HOUR;
        e
    }));
    let observation = sign(5, Observation::new(evidence));
    let sighting =
        Sighting::observed(&observation, &crate::claim::KeyRing::intrinsic(), now()).unwrap();
    let Evidence::Namespace(seen) = sighting.evidence() else {
        panic!()
    };
    observed.evidence = vec![sighting.with((**seen).clone())];
    undetermined_by(&decide(&observed, &policy, now()), Why::UntrustedObserver);
    let trusting = policy.trusting([did(5)]);
    assert_eq!(
        decide(&observed, &trusting, now()).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn a_yes_is_still_one_in_the_second_in_which_it_is_given() {
    let policy = Policy::standard();
    let mut last = accepted_case();
    let mut evidence = six_of_alice();
    evidence.observed_at = now() - DAY + Duration::from_secs(1);
    last.evidence = vec![Sighting::live(evidence.clone())];
    let verified = decide(&last, &policy, now()).into_verified().unwrap();
    assert!(verified.resisting(&policy, now()).is_ok());
    assert_eq!(verified.valid_until(), now() + Duration::from_secs(1));
    evidence.observed_at = now() - DAY;
    last.evidence = vec![Sighting::live(evidence)];
    undetermined_by(&decide(&last, &policy, now()), Why::StaleEvidence);
}

#[test]
fn which_of_two_came_first_changes_no_answer() {
    // Two sightings of one second that contradict, and two chains that fall to the same but last differently.
    let mut other = six_of_alice();
    other.listing = Reading::Read(owners(&[("pypi:bob", Role::Owner)]));
    let short = SigningRequest::new(
        PlatformClaim::new(account("pypi:alice"), None),
        now() - HOUR,
    );
    let mut ending = stated(1, "pypi:alice", 100);
    ending.claim = short
        .living(2 * HOUR)
        .sign(&key(1))
        .now_or_never()
        .unwrap()
        .unwrap();
    let given = |evidence: Vec<NamespaceEvidence>, accounts: Vec<LinkedAccount>| {
        let mut case = case(1, six_of_alice());
        case.evidence = evidence.into_iter().map(Sighting::live).collect();
        case.accounts = accounts;
        answer(&case)
    };
    let written = |decision: &Decision| serde_json::to_string(decision).unwrap();
    let lasting = || stated(1, "pypi:alice", 100);
    let one = given(
        vec![six_of_alice(), other.clone()],
        vec![lasting(), ending.clone()],
    );
    let two = given(vec![other, six_of_alice()], vec![ending.clone(), lasting()]);
    assert_eq!(written(&one), written(&two));
    let best = given(vec![six_of_alice()], vec![ending, lasting()]);
    let verified = best.into_verified().unwrap();
    assert_eq!(
        verified.valid_until(),
        now() + DAY,
        "it rests on the chain that lasts"
    );
}

#[test]
fn the_claim_itself_must_hold() {
    let mut case = accepted_case();
    case.expected = Expectation::new("https://hub.example".parse().unwrap());
    refuted_by(&answer(&case), Refutation::WrongAudience);
    case.expected = Expectation::new(Audience::local(&did(1)))
        .answering("AAAAAAAAAAAAAAAAAAAAAA".parse().unwrap());
    refuted_by(&answer(&case), Refutation::WrongChallenge);
    let later = accepted_case();
    refuted_by(
        &decide(&later, &Policy::standard(), now() + DAY * 31),
        Refutation::Expired,
    );
    refuted_by(
        &decide(&later, &Policy::standard(), now() - DAY),
        Refutation::NotYetValid,
    );
}

#[test]
fn an_expired_platform_claim_links_nothing() {
    let mut case = accepted_case();
    let old = SigningRequest::new(PlatformClaim::new(account("pypi:alice"), None), ago(31));
    case.accounts[0].claim = old.sign(&key(1)).now_or_never().unwrap().unwrap();
    refuted_by(&answer(&case), Refutation::Expired);
}

// --- delegation

fn delegated(further: bool) -> Delegation {
    let delegation = Delegation::new(did(2), [six()], Actions::only(Action::Publish));
    if further {
        delegation.with_further()
    } else {
        delegation
    }
}

/// did 2 asks; did 1 owns.
fn delegate_case(delegations: Vec<Signed<Delegation>>) -> Case {
    let mut case = case(2, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    case.delegations = delegations;
    case
}

#[test]
fn a_delegate_of_an_owner_is_accepted_and_its_key_is_named() {
    let case = delegate_case(vec![sign(1, delegated(false))]);
    let decision = answer(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    assert_eq!(falls_to(&decision), [HeldToken, DelegateKey, DeviceKey]);
    refuted_by(&answer(&delegate_case(vec![])), Refutation::NoChain);
    refuted_by(
        &answer(&delegate_case(vec![sign(3, delegated(false))])),
        Refutation::NoChain,
    );
}

#[test]
fn delegations_narrow_end_and_are_revoked() {
    let other = Delegation::new(
        did(2),
        ["pypi:sax".parse().unwrap()],
        Actions::only(Action::Publish),
    );
    let yank = Delegation::new(did(2), [six()], Actions::only(Action::Yank));
    for narrow in [other, yank] {
        refuted_by(
            &answer(&delegate_case(vec![sign(1, narrow)])),
            Refutation::DelegationTooNarrow,
        );
    }
    let short = SigningRequest::new(delegated(false), now() - HOUR).living(HOUR);
    let short = short.sign(&key(1)).now_or_never().unwrap().unwrap();
    refuted_by(&answer(&delegate_case(vec![short])), Refutation::Expired);

    let mut case = delegate_case(vec![sign(1, delegated(false))]);
    let (delegation, claim) = (case.delegations[0].id().clone(), case.claim.id().clone());
    for what in [
        Revoked::Claim(delegation),
        Revoked::Claim(claim),
        Revoked::Did(did(2)),
        Revoked::Did(did(1)),
    ] {
        case.revocations = revoking(1, what);
        refuted_by(&answer(&case), Refutation::Revoked);
    }
}

#[test]
fn a_delegate_delegates_further_only_where_allowed() {
    let to_three = || Delegation::new(did(3), [six()], Actions::only(Action::Publish));
    for (further, outcome) in [(false, Outcome::Denied), (true, Outcome::Accepted)] {
        let mut case = case(3, six_of_alice());
        case.accounts.push(stated(1, "pypi:alice", 100));
        case.delegations = vec![sign(2, to_three()), sign(1, delegated(further))];
        assert_eq!(answer(&case).outcome(), outcome, "further: {further}");
    }
}

#[test]
fn delegations_in_a_circle_end() {
    let back = Delegation::new(did(1), [six()], Actions::only(Action::Publish)).with_further();
    let mut case = delegate_case(vec![sign(1, delegated(true)), sign(2, back)]);
    case.accounts.clear();
    let decision = answer(&case);
    refuted_by(&decision, Refutation::NoChain);
    assert_eq!(decision.chains().len(), 2, "each DID is asked once");
}

// --- what a signature alone is worth

#[test]
fn a_signature_makes_an_act_and_not_a_fact() {
    let keys = crate::claim::KeyRing::intrinsic();
    let public = Expectation::new(Audience::public());
    let fact = platform_claim(1, "pypi:alice")
        .verify(&public, &keys, now())
        .unwrap();
    assert!(fact.falls_to().contains(Stranger));
    assert!(fact.resisting(&Policy::standard(), now()).is_err());
    let act = sign(1, delegated(false))
        .verify(&public, &keys, now())
        .unwrap();
    assert_eq!(act.falls_to(), CapabilitySet::above(DeviceKey));
    assert!(act.resisting(&Policy::strict(), now()).is_ok());
    assert!(
        namespace_claim(1).verify(&public, &keys, now()).is_err(),
        "not for everyone"
    );
}
