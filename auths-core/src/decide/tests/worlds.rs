//! Worlds made at random: cases that a real verifier could meet, of every outcome.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// The observer who signed some of the evidence.
const OBSERVER: u8 = 5;
const LOGINS: [&str; 2] = ["pypi:alice", "pypi:bob"];

/// What supports an account, if anything does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Support {
    Nothing,
    TimedOut,
    Token,
    Young,
    Planted,
    Mature,
    Flow,
}

/// How a package lists its owners.
#[derive(Debug, Clone, Copy)]
enum Roles {
    AliceAlone,
    AliceAndMaintainer,
    TwoOwners,
    BobAlone,
    Organization,
    Empty,
    Unread,
}

#[derive(Debug, Clone)]
struct Shown {
    roles: Roles,
    /// Releases: days ago, and which of the DIDs 1 and 2 they name.
    rows: Vec<(u32, bool, bool)>,
    same_incarnation: bool,
    hours_old: u64,
    by_observer: bool,
}

/// A case, in few words: what proptest makes and shrinks.
#[derive(Debug, Clone)]
pub(super) struct World {
    claimant: u8,
    shown: Vec<Shown>,
    accounts: Vec<(u8, usize, Support)>,
    delegations: Vec<(u8, u8, bool)>,
    revocations: Vec<(u8, u8)>,
    is_list_read: bool,
    is_all_read: bool,
}

fn support() -> impl Strategy<Value = Support> {
    use Support::*;
    prop_oneof![
        3 => prop::sample::select(vec![Young, Planted]),
        2 => Just(Mature),
        3 => prop::sample::select(vec![Nothing, TimedOut, Token, Flow]),
    ]
}

fn shown() -> impl Strategy<Value = Shown> {
    use Roles::*;
    let roles = prop_oneof![
        8 => Just(AliceAlone),
        3 => Just(AliceAndMaintainer),
        1 => prop::sample::select(vec![TwoOwners, BobAlone, Organization, Empty, Unread]),
    ];
    // Mostly releases that agree with each other, as real ones do.
    let steady = (0u8..3, prop::collection::vec(0u32..40, 1..4)).prop_map(|(who, days)| {
        let rows = days.into_iter().map(|d| (d, who == 1, who == 2));
        rows.collect::<Vec<_>>()
    });
    let wild = prop::collection::vec((0u32..40, any::<bool>(), any::<bool>()), 0..5);
    let rows = prop_oneof![3 => steady, 1 => wild];
    let hours = prop_oneof![9 => 0u64..24, 1 => 24u64..60];
    let is_same = prop::bool::weighted(0.95);
    (roles, rows, is_same, hours, prop::bool::weighted(0.25)).prop_map(
        |(roles, rows, same_incarnation, hours_old, by_observer)| Shown {
            roles,
            rows,
            same_incarnation,
            hours_old,
            by_observer,
        },
    )
}

pub(super) fn world() -> impl Strategy<Value = World> {
    let claimant = prop_oneof![5 => Just(1u8), 2 => 2u8..=3];
    let account = (1u8..=2, 0usize..2, support());
    let delegation = (1u8..=3, 1u8..=3, any::<bool>());
    let revocation = (1u8..=3, 1u8..=3);
    (
        claimant,
        prop_oneof![3 => prop::collection::vec(shown(), 1), 1 => prop::collection::vec(shown(), 0..3)],
        (prop::option::weighted(0.8, support()), prop::collection::vec(account, 0..3)),
        prop::collection::vec(delegation, 0..4),
        prop_oneof![8 => Just(vec![]), 1 => prop::collection::vec(revocation, 1..3)],
        prop::bool::weighted(0.95),
        prop::bool::weighted(0.95),
    )
        .prop_map(
            |(claimant, shown, (own, others), delegations, revocations, is_list_read, is_all_read)| World {
                claimant,
                shown,
                // Mostly the claimant has something to show for the name that owns it.
                accounts: own.map(|s| (claimant.min(2), 0, s)).into_iter().chain(others).collect(),
                delegations,
                revocations,
                is_list_read,
                is_all_read,
            },
        )
}

/// A policy that resists some capabilities, or nobody, and trusts the observer or does not.
pub(super) fn policy() -> impl Strategy<Value = (BTreeSet<Capability>, bool)> {
    let every = Capability::ALL.to_vec();
    let some = prop::sample::subsequence(every, 0..4).prop_map(BTreeSet::from_iter);
    let preset = |policy: Policy| Just(policy.resisted().collect::<BTreeSet<_>>());
    let presets = prop_oneof![2 => preset(Policy::standard()), 1 => preset(Policy::strict())];
    (prop_oneof![1 => some, 2 => presets], any::<bool>())
}

pub(super) fn resisting(capabilities: &BTreeSet<Capability>, trusts: bool) -> Policy {
    let names: Vec<_> = capabilities.iter().map(|c| c.as_str()).collect();
    let policy = match names.is_empty() {
        true => Policy::trust_self_reported(),
        false => Policy::from_toml(&format!("resist = {names:?}")).unwrap(),
    };
    let trusted = trusts.then(|| did(OBSERVER));
    policy.trusting(trusted)
}

pub(super) fn supported(n: u8, login: usize, support: Support) -> LinkedAccount {
    let login = LOGINS[login];
    let by = |proof| {
        let evidence = AccountEvidence::new(account(login), did(n), now(), proof);
        LinkedAccount::new(
            platform_claim(n, login),
            vec![ObservedEvidence::live(evidence)],
        )
    };
    match support {
        Support::Nothing => self_reported(n, login),
        Support::TimedOut => {
            let mut linked = self_reported(n, login);
            let timeout = Unavailable::new(UnavailableReason::Timeout, "own");
            let attempt = MissingEvidence::new(EvidenceKind::AccountStatement, timeout);
            linked.attempts.push(attempt);
            linked
        }
        Support::Token => by(AccountProof::TokenHolder {}),
        Support::Young => stated(n, login, 3),
        Support::Planted => stated_by(n, login, &[(30, &[n])]),
        Support::Mature => stated(n, login, 30),
        Support::Flow => by(AccountProof::DeviceFlow { challenge: None }),
    }
}

impl Shown {
    fn sighting(&self) -> ObservedEvidence<NamespaceEvidence> {
        let (alice, bob) = ("pypi:alice", "pypi:bob");
        let listing = match self.roles {
            Roles::AliceAlone | Roles::Unread => owners(&[(alice, OwnerRole::Owner)]),
            Roles::AliceAndMaintainer => {
                owners(&[(alice, OwnerRole::Owner), (bob, OwnerRole::Maintainer)])
            }
            Roles::TwoOwners => owners(&[(alice, OwnerRole::Owner), (bob, OwnerRole::Owner)]),
            Roles::BobAlone => owners(&[(bob, OwnerRole::Owner)]),
            Roles::Organization => Listing {
                owners: ListingCompleteness::Organization("org".into()),
                ..owners(&[])
            },
            Roles::Empty => owners(&[]),
        };
        let mut rows = self.rows.clone();
        rows.sort_by_key(|(days, ..)| std::cmp::Reverse(*days));
        let named = |(days, one, two): (u32, bool, bool)| {
            let named: &[u8] = match (one, two) {
                (false, false) => &[],
                (true, false) => &[1],
                (false, true) => &[2],
                (true, true) => &[1, 2],
            };
            (days, named)
        };
        let rows: Vec<_> = rows.into_iter().map(named).collect();
        let mut evidence = package("pypi:six", listing, releases(&rows));
        if let Roles::Unread = self.roles {
            evidence.listing =
                Reading::Unread(Unavailable::new(UnavailableReason::Timeout, "roles"));
        }
        if !self.same_incarnation {
            evidence.incarnation = Reading::Read(Incarnation::new("first-upload", "another"));
        }
        evidence.observed_at = now() - HOUR * u32::try_from(self.hours_old).unwrap();
        if !self.by_observer {
            return ObservedEvidence::live(evidence);
        }
        let at = evidence.observed_at;
        let observation = Observation::new(Evidence::Namespace(Box::new(evidence)));
        let request = SigningRequest::new(observation, at);
        let signed = request
            .sign(&key(OBSERVER))
            .now_or_never()
            .unwrap()
            .unwrap();
        let keys = crate::claim::KeyRing::intrinsic();
        let sighting = ObservedEvidence::observed(&signed, &keys, at).unwrap();
        match sighting.evidence() {
            Evidence::Namespace(seen) => sighting.with((**seen).clone()),
            Evidence::Account(_) => unreachable!(),
        }
    }
}

impl World {
    pub(super) fn case(&self) -> DecisionInput {
        let n = self.claimant;
        let expected = ProofExpectation::new(Audience::local(&did(n)));
        let mut case = DecisionInput::new(namespace_claim(n), expected);
        case.evidence = self.shown.iter().map(Shown::sighting).collect();
        let accounts = self.accounts.iter();
        case.accounts = accounts.map(|(n, l, s)| supported(*n, *l, *s)).collect();
        let delegations = self.delegations.iter();
        case.delegations = delegations
            .map(|(from, to, further)| sign(*from, delegation_to(*to, *further)))
            .collect();
        let revoked =
            |(by, whom): &(u8, u8)| sign(*by, Revocation::new(RevocationTarget::Did(did(*whom))));
        let list = match self.is_list_read {
            // Given twice it is one revocation.
            true => Ok(BTreeSet::from_iter(&self.revocations)
                .into_iter()
                .map(revoked)
                .collect()),
            false => Err(Unavailable::new(UnavailableReason::Network, "list")),
        };
        case.revocations = Revocations::not_checked().with("list", list);
        if !self.is_all_read {
            case.unread
                .push(Unavailable::new(UnavailableReason::Timeout, "pypi"));
        }
        case
    }
}

pub(super) fn delegation_to(n: u8, further: bool) -> Delegation {
    let delegation = Delegation::new(did(n), [six()], Actions::only(Action::Publish));
    match further {
        true => delegation.with_further(),
        false => delegation,
    }
}
