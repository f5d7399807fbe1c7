//! What is signed says one thing: two claims that differ never have the same canonical bytes.

use std::cell::Cell;
use std::fmt::Debug;
use std::str::FromStr;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::evidence::NamedAccount;
use crate::evidence::{
    AccountEvidence, AccountProof, Evidence, Existence, GistState, ListedAccount, Listing,
    ListingCompleteness, NamespaceEvidence, OwnerRole, Provenance, Reading, Release,
    SourceRepository, Timeline,
};
use crate::identity::{Account, AccountId, Namespace, Origin, Platform};
use crate::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// Text of few letters, some of which need escapes: so that equal values and near misses are common.
fn text() -> impl Strategy<Value = String> {
    let letters = vec![
        "a",
        "b",
        "\"",
        "\\",
        "\u{0}",
        "\u{e9}",
        "e\u{301}",
        "\u{1f600}",
        "\u{fb33}",
        "null",
        "1",
    ];
    prop::collection::vec(prop::sample::select(letters), 0..3).prop_map(|parts| parts.concat())
}

fn one_of<T: Clone + Debug + 'static>(all: Vec<T>) -> impl Strategy<Value = T> {
    prop::sample::select(all)
}

fn any_did() -> impl Strategy<Value = Did> {
    let web = "did:web:hub.example".parse().unwrap();
    let of = |n| Did::from_key(&key(n).public());
    one_of(vec![of(1), of(2), web])
}

fn time() -> impl Strategy<Value = Timestamp> {
    one_of(vec![
        now(),
        now() + Duration::from_secs(1),
        Timestamp::from_unix(0).unwrap(),
    ])
}

fn origin() -> impl Strategy<Value = Origin> {
    let all = [
        "https://a.example",
        "https://a.example/b",
        "http://127.0.0.1:1",
    ];
    one_of(all.map(|o| o.parse().unwrap()).to_vec())
}

fn namespace() -> impl Strategy<Value = Namespace> {
    let all = [
        "pypi:a",
        "pypi:b",
        "npm:@a/b",
        "npm:a",
        "cargo:a_b",
        "github:a",
        "golang:a/b",
    ];
    let name = one_of(all.map(|n| n.parse::<Namespace>().unwrap()).to_vec());
    (name, prop::option::of(origin())).prop_map(|(name, origin)| name.at(origin))
}

fn any_account() -> impl Strategy<Value = Account> {
    let all = ["pypi:a", "pypi:A", "npm:a", "npm:A", "github:a"];
    let account = one_of(all.map(|a| a.parse::<Account>().unwrap()).to_vec());
    let id = prop::option::of(one_of(vec!["1", "12"]));
    (account, id, prop::option::of(origin())).prop_map(|(account, id, origin)| {
        let account = account.at(origin);
        match id {
            Some(id) => account.with_id(AccountId::new(id).unwrap()),
            None => account,
        }
    })
}

fn actions() -> impl Strategy<Value = Actions> {
    prop::sample::subsequence(Action::ALL.to_vec(), 1..=3)
        .prop_map(|list| Actions::try_from(list).unwrap())
}

fn incarnation() -> impl Strategy<Value = Incarnation> {
    (text(), text()).prop_map(|(kind, value)| Incarnation::new(kind, value))
}

/// Without a time to wait, which is for this process and is never written.
fn unavailable() -> impl Strategy<Value = Unavailable> {
    let why = one_of(vec![UnavailableReason::Timeout, UnavailableReason::Empty]);
    (why, text()).prop_map(|(why, detail)| Unavailable::new(why, detail))
}

fn reading<T: Debug + Clone>(read: impl Strategy<Value = T>) -> impl Strategy<Value = Reading<T>> {
    let unread = unavailable().prop_map(Reading::Unread);
    prop_oneof![4 => read.prop_map(Reading::Read), 1 => unread]
}

fn listing() -> impl Strategy<Value = Listing> {
    let role = one_of(vec![
        OwnerRole::Owner,
        OwnerRole::Maintainer,
        OwnerRole::Other,
        OwnerRole::OwnAccount,
    ]);
    let entry = (any_account(), role, text(), prop::option::of(time()));
    let entry = entry.prop_map(|(account, role, label, first)| {
        let mut listed = ListedAccount::new(account, role, label);
        listed.first_published = first;
        listed
    });
    let organization = prop::option::of(text());
    (
        prop::collection::vec(entry, 0..3),
        organization,
        any::<bool>(),
    )
        .prop_map(|(accounts, organization, tokens)| {
            let mut listing = Listing::new(accounts);
            listing.owners = organization.map_or(
                ListingCompleteness::Listed,
                ListingCompleteness::Organization,
            );
            listing.tokens_may_add_owners = tokens;
            listing
        })
}

fn timeline() -> impl Strategy<Value = Timeline> {
    let dids = prop::option::of(prop::collection::btree_set(any_did(), 0..3));
    let account = || one_of(vec!["npm:alice", "npm:bob"]).prop_map(|a| a.parse().unwrap());
    let more = (
        prop::option::of((any_did(), account())),
        prop::option::of(account()),
        prop::option::of(any::<bool>()),
        prop::option::of(unavailable()),
    );
    let release = (text(), prop::option::of(time()), any::<bool>(), dids, more);
    let release = release.prop_map(|(version, at, withdrawn, dids, (named, by, ci, unread))| {
        let mut release = Release::new(version, at, withdrawn);
        (release.publisher, release.from_ci, release.unread) = (by, ci, unread);
        let named = named.map(|(did, account)| NamedAccount::new(did, account));
        match dids {
            Some(dids) => release.naming(dids).naming_accounts(named),
            None => release,
        }
    });
    let releases = prop::collection::vec(release, 0..3);
    (
        releases,
        prop::option::of(text()),
        prop::option::of(unavailable()),
    )
        .prop_map(|(releases, default, stopped)| {
            let timeline = Timeline::new(releases, default);
            match stopped {
                Some(why) => timeline.stopped(why),
                None => timeline,
            }
        })
}

fn package() -> impl Strategy<Value = NamespaceEvidence> {
    let repository = (text(), text())
        .prop_map(|(owner, name)| SourceRepository::new(Platform::GITHUB, owner, name));
    let build = (one_of(vec!["1", "12"]), time(), any::<bool>()).prop_map(|(id, since, may)| {
        let id = AccountId::new(id).unwrap();
        Provenance {
            platform: Platform::GITHUB,
            owner_id: id.clone(),
            repository_id: id,
            since,
            token_may_publish: may,
            newest: may.then(|| "1.0".to_owned()),
        }
    });
    let absent = prop::option::of(text());
    let about = (
        namespace(),
        origin(),
        time(),
        prop::collection::vec(text(), 0..3),
        absent,
    );
    (
        about,
        reading(incarnation()),
        reading(listing()),
        reading(timeline()),
        reading(prop::collection::vec(repository, 0..2)),
        reading(prop::collection::vec(build, 0..2)),
    )
        .prop_map(
            |((name, origin, at, sources, absent), life, roles, releases, typed, built)| {
                let mut evidence = NamespaceEvidence::new(name, origin, at);
                evidence.sources = sources;
                if let Some(detail) = absent {
                    let refuted = Refuted::new(RefutedReason::UnknownProject, detail);
                    evidence.existence = Existence::Absent(refuted);
                }
                evidence.incarnation = life;
                evidence.listing = roles;
                evidence.timeline = releases;
                evidence.repositories = typed;
                evidence.provenance = built;
                evidence
            },
        )
}

fn observation() -> impl Strategy<Value = Observation> {
    let id = platform_claim().id().clone();
    let proof = prop_oneof![
        Just(AccountProof::TokenHolder {}),
        Just(AccountProof::DeviceFlow { challenge: None }),
        (text(), time(), proptest::option::of((text(), time()))).prop_map(
            move |(gist, unchanged_since, state)| AccountProof::GistProof {
                gist,
                claim: id.clone(),
                state: state.map(|(digest, created)| GistState::new(None, digest, created)),
                unchanged_since
            }
        ),
        package().prop_map(|p| AccountProof::AccountStatement(Box::new(p))),
    ];
    let of_account =
        (any_account(), any_did(), time(), proof).prop_map(|(account, did, at, proof)| {
            Evidence::Account(Box::new(AccountEvidence::new(account, did, at, proof)))
        });
    let of_package = package().prop_map(|p| Evidence::Namespace(Box::new(p)));
    prop_oneof![of_account, of_package].prop_map(Observation::new)
}

fn bytes<C: Claim>(claim: &C) -> Vec<u8> {
    StrictJson::of(claim).unwrap().canonical()
}

/// What stands in the bytes is the claim, and nothing but the claim: they can be read back, so no two claims share them.
fn says_one_thing<C: Claim>(claims: impl Strategy<Value = C> + 'static) {
    let (same, different) = (Cell::new(0), Cell::new(0));
    let claims = claims.boxed();
    let near = claims.clone().prop_flat_map({
        let claims = claims.clone();
        move |a| {
            (
                Just(a.clone()),
                prop_oneof![1 => Just(a), 4 => claims.clone()],
            )
        }
    });
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(256)
    };
    let run = TestRunner::new(config).run(&near, |(a, b)| {
        let (first, second) = (bytes(&a), bytes(&b));
        let read: C = StrictJson::parse(&first).unwrap().read().unwrap();
        // Debug as well: logins are equal in any case, and are signed as they are spelled.
        prop_assert_eq!(format!("{read:?}"), format!("{a:?}"));
        prop_assert_eq!(&read, &a);
        prop_assert_eq!(&bytes(&read), &first);
        let is_same = format!("{a:?}") == format!("{b:?}");
        prop_assert_eq!(first == second, is_same);
        let count = if is_same { &same } else { &different };
        count.set(count.get() + 1);
        Ok(())
    });
    run.unwrap();
    assert!(
        same.get() > 10 && different.get() > 10,
        "{same:?} {different:?}"
    );
}

#[test]
fn platform_claims_that_differ_are_signed_differently() {
    let claim = (any_account(), prop::option::of(any_did()));
    says_one_thing(claim.prop_map(|(account, recovery)| PlatformClaim::new(account, recovery)));
}

#[test]
fn namespace_claims_that_differ_are_signed_differently() {
    let claim = (namespace(), incarnation(), actions());
    says_one_thing(
        claim.prop_map(|(name, life, actions)| NamespaceClaim::new(name, life, actions)),
    );
}

#[test]
fn delegations_that_differ_are_signed_differently() {
    let names = prop::collection::btree_set(namespace(), 0..3);
    let claim = (any_did(), names, actions(), any::<bool>());
    says_one_thing(claim.prop_map(|(to, names, actions, further)| {
        let mut delegation = Delegation::new(to, names, actions);
        delegation.further = further;
        delegation
    }));
}

#[test]
fn revocations_that_differ_are_signed_differently() {
    let ids = [
        platform_claim(),
        sign(PlatformClaim::new("npm:a".parse().unwrap(), None)).unwrap(),
    ];
    let ids =
        one_of(ids.map(|claim| claim.id().clone()).to_vec()).prop_map(RevocationTarget::Claim);
    let of_did = (any_did(), proptest::option::of(time())).prop_map(|(did, since)| {
        let revocation = Revocation::new(RevocationTarget::Did(did));
        since.map_or(revocation.clone(), |since| revocation.starting(since))
    });
    says_one_thing(prop_oneof![ids.prop_map(Revocation::new), of_did]);
}

#[test]
fn observations_that_differ_are_signed_differently() {
    says_one_thing(observation());
}

/// And so is everything around the body: who signed, when, for whom, in answer to what.
#[test]
fn what_stands_around_a_claim_is_signed_too() {
    let hub = |name: &str| Audience::from_str(name).unwrap();
    let challenge = |text: &str| Some(text.parse().unwrap());
    let request = |audience, challenge: Option<Challenge>, at, life| {
        let claim = NamespaceClaim::new(
            "pypi:six".parse().unwrap(),
            Incarnation::new("first-upload", "x"),
            Actions::only(Action::Publish),
        );
        let request = SigningRequest::new(claim, at).for_audience(audience);
        request
            .with_challenge(challenge)
            .living(Duration::from_secs(life))
    };
    let (a, b) = ("https://a.example", "https://b.example");
    let later = now() + Duration::from_secs(1);
    let (one, two) = ("AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ");
    let requests = [
        (request(hub(a), None, now(), 100), 1),
        (request(hub(a), None, now(), 100), 2),
        (request(hub(b), None, now(), 100), 1),
        (request(hub(a), challenge(one), now(), 100), 1),
        (request(hub(a), challenge(two), now(), 100), 1),
        (request(hub(a), None, later, 99), 1),
        (request(hub(a), None, now(), 101), 1),
    ];
    let ids = requests.map(|(request, n)| {
        let signed = request.sign(&key(n)).now_or_never().unwrap().unwrap();
        signed.id().clone()
    });
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
}
