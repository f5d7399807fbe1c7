//! The decision, rule by rule. Every world is built by hand, so that each test shows exactly what it rests on.

use std::time::Duration;

use futures_util::FutureExt;
use zeroize::Zeroizing;

use super::*;
use crate::Timestamp;
use crate::capability::Capability::{self, *};
use crate::capability::CapabilitySet;
use crate::claim::{
    Action, Actions, Audience, Challenge, ChallengeKey, ChallengeScope, Claim, Delegation,
    Incarnation, IssuedChallenge, KeyRing, NamespaceClaim, Observation, PlatformClaim,
    ProofExpectation, Revocation, RevocationTarget, Signed, SigningRequest,
};
use crate::crypto::{KeyPair, Seed};
use crate::evidence::*;
use crate::identity::{Account, AccountId, Did, Namespace, Origin, Platform};
use crate::policy::Policy;
use crate::ports::{Entropy, EntropyError};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use crate::time::DAY;

mod accounts;
mod against;
mod attacks;
mod budget;
mod challenges;
mod contest;
mod delegations;
mod ids;
mod intake;
mod narrowing;
mod observers;
mod platforms;
mod properties;
mod resisting;
mod revocations;
mod runs;
mod signatures;
mod spans;
mod statements;
mod subjects;
mod words;
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

/// A challenge of the verifier `hub` for the nth key to speak for `pypi:six`.
fn issued_to(n: u8) -> IssuedChallenge {
    #[derive(Debug)]
    struct Sevens;
    impl Entropy for Sevens {
        fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyError> {
            buffer.fill(7);
            Ok(())
        }
    }
    let scope = ChallengeScope {
        did: &did(n),
        namespace: &six(),
        audience: &"hub".parse().unwrap(),
        purpose: "test",
    };
    let key = ChallengeKey::from_bytes(Zeroizing::new([9; 32]));
    IssuedChallenge::give(&key, &Sevens, scope, now(), HOUR).unwrap()
}

/// The report on an answer to a challenge.
fn answer_to(case: &DecisionInput, issued: &IssuedChallenge) -> Decision {
    let decided = decide_answer(case, issued.clone(), &Policy::standard(), now());
    decided.report().clone()
}

fn first_upload() -> Incarnation {
    Incarnation::new("first-upload", "2010-06-29T19:56:36.719942Z")
}

fn platform_claim(n: u8, login: &str) -> Signed<PlatformClaim> {
    sign(n, PlatformClaim::new(account(login), None))
}

fn owners(roles: &[(&str, OwnerRole)]) -> Listing {
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

/// The newest release.
fn newest(evidence: &NamespaceEvidence) -> Option<String> {
    let releases = evidence.timeline.get().unwrap().releases();
    releases.last().map(|release| release.version.clone())
}

/// Returns the package as one made for an account: whom its releases name, they name as who speaks for it. On npm it published them.
fn speaking(mut own: NamespaceEvidence, account: &Account) -> NamespaceEvidence {
    let timeline = own.timeline.get().unwrap();
    let speaks = |release: &Release| {
        let named = release.dids.iter().flat_map(|dids| dids.iter());
        let named = named.map(|did| NamedAccount::new(did.clone(), account.clone()));
        let spoken = release.clone().naming_accounts(named);
        match account.platform().as_str() {
            "npm" => spoken.by(account.clone()),
            _ => spoken,
        }
    };
    let releases = timeline.releases().iter().map(speaks).collect();
    let default = timeline.default_version().map(str::to_owned);
    own.timeline = Reading::Read(Timeline::new(releases, default));
    own
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
        owners(&[("pypi:alice", OwnerRole::Owner)]),
        releases(&[(900, &[]), (100, &[])]),
    )
}

fn case(n: u8, evidence: NamespaceEvidence) -> DecisionInput {
    let mut case = DecisionInput::new(
        namespace_claim(n),
        ProofExpectation::new(Audience::local(&did(n))),
    );
    case.evidence.push(ObservedEvidence::live(evidence));
    case.revocations = looked();
    case
}

/// A source of revocations was consulted, and holds none.
fn looked() -> Revocations {
    Revocations::not_checked().with("list", Ok(vec![]))
}

fn self_reported(n: u8, login: &str) -> LinkedAccount {
    LinkedAccount::new(platform_claim(n, login), vec![])
}

/// `login` proved by a package of its own, which names the DID since `days` ago and still does.
fn stated(n: u8, login: &str, days: u32) -> LinkedAccount {
    stated_by(n, login, &[(days, &[n]), (0, &[n])])
}

fn stated_by(n: u8, login: &str, rows: &[(u32, &[u8])]) -> LinkedAccount {
    let own = package(
        "pypi:own",
        owners(&[(login, OwnerRole::Owner)]),
        releases(rows),
    );
    let own = speaking(own, &account(login));
    let proof = AccountProof::AccountStatement(Box::new(own));
    let evidence = AccountEvidence::new(account(login), did(n), now(), proof);
    LinkedAccount::new(
        platform_claim(n, login),
        vec![ObservedEvidence::live(evidence)],
    )
}

/// Returns evidence as observer `n` signed it.
fn observed(n: u8, evidence: NamespaceEvidence) -> ObservedEvidence<NamespaceEvidence> {
    let sighting =
        ObservedEvidence::observed(&observation(n, evidence), &KeyRing::intrinsic(), now());
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

fn answer(case: &DecisionInput) -> Decision {
    decide(case, &Policy::standard(), now())
}

fn falls_to(decision: &Decision) -> Vec<Capability> {
    decision
        .falls_to()
        .map(|set| set.weakest().collect())
        .unwrap_or_default()
}

#[track_caller]
fn refuted_by(decision: &Decision, by: RefutedReason) {
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
fn undetermined_by(decision: &Decision, why: UnavailableReason) {
    assert_eq!(
        decision.outcome(),
        Outcome::Undetermined,
        "{:?}",
        decision.reason()
    );
    assert!(
        matches!(decision.reason(), Some(Obstacle::Unavailable(u)) if u.reason == why),
        "{:?}",
        decision.reason()
    );
    assert!(decision.clone().into_verified().is_err());
}

fn six_naming(listing: Listing, rows: &[(u32, &[u8])]) -> DecisionInput {
    case(1, package("pypi:six", listing, releases(rows)))
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
    LinkedAccount::new(claim, vec![ObservedEvidence::live(evidence)])
}

fn owned_by(entry: ListedAccount, tokens_may_add_owners: bool) -> NamespaceEvidence {
    let mut listing = Listing::new(vec![entry]);
    listing.tokens_may_add_owners = tokens_may_add_owners;
    package("pypi:six", listing, releases(&[(100, &[])]))
}

fn accepted_case() -> DecisionInput {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    case
}

fn revoking(n: u8, what: RevocationTarget) -> Revocations {
    Revocations::not_checked().with("list", Ok(vec![sign(n, Revocation::new(what))]))
}

fn delegated(further: bool) -> Delegation {
    let delegation = Delegation::new(did(2), [six()], Actions::only(Action::Publish));
    if further {
        delegation.with_further()
    } else {
        delegation
    }
}
