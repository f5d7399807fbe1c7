//! What holds of every decision, whatever the world (`docs/design.md`, "The outcomes").

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};

use super::worlds::{Support, delegation_to, policy, resisting, supported, world};
use super::*;

/// How often each outcome came about: a property that only ever sees one of them shows little.
#[derive(Debug, Default)]
struct Counts(RefCell<BTreeMap<Outcome, u32>>);

impl Counts {
    fn saw(&self, decision: &Decision) {
        *self.0.borrow_mut().entry(decision.outcome()).or_default() += 1;
    }

    fn all_came_about(&self) {
        let seen = self.0.borrow();
        for outcome in [
            Outcome::Accepted,
            Outcome::Pending,
            Outcome::Denied,
            Outcome::Undetermined,
        ] {
            let times = seen.get(&outcome).copied().unwrap_or_default();
            assert!(times > 0, "{outcome} never came about: {seen:?}");
        }
    }
}

#[track_caller]
pub(super) fn for_all<S: Strategy>(
    strategy: &S,
    test: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(384)
    };
    let mut runner = TestRunner::new(config);
    match runner.run(strategy, test) {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{why}\n{input:#?}"),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

fn accepts(decision: &Decision) -> bool {
    decision.outcome() == Outcome::Accepted
}

#[test]
fn resisting_more_never_turns_a_no_into_a_yes() {
    let counts = Counts::default();
    let more = prop::collection::btree_set(prop::sample::select(Capability::ALL.to_vec()), 0..3);
    for_all(
        &(world(), policy(), more),
        |(world, (resisted, trusts), more)| {
            let case = world.case();
            let less = decide(&case, &resisting(&resisted, trusts), now());
            let resisted = &resisted | &more;
            let more = decide(&case, &resisting(&resisted, trusts), now());
            prop_assert!(!accepts(&more) || accepts(&less));
            counts.saw(&less);
            Ok(())
        },
    );
    counts.all_came_about();
}

/// What is added, and the weakest capability that it falls to.
fn addition() -> impl Strategy<Value = (u8, Option<(usize, Support)>, Capability)> {
    let account = prop_oneof![
        Just((Support::Nothing, Stranger)),
        Just((Support::Token, StolenToken)),
        Just((Support::Planted, StolenToken)),
        Just((Support::Young, StolenToken)),
        Just((Support::Mature, HeldToken)),
        Just((Support::Flow, AccountSession)),
    ];
    let account = (1u8..=3, 0usize..2, account)
        .prop_map(|(n, login, (support, falls))| (n, Some((login, support)), falls));
    let delegation = (1u8..=3).prop_map(|n| (n, None, DelegateKey));
    prop_oneof![3 => account, 1 => delegation]
}

/// Adding evidence that falls to X never turns a no that resists X into a yes, and never removes X from what a yes falls to.
#[test]
fn added_evidence_never_falls_to_less_than_it_does() {
    let counts = Counts::default();
    let kept = RefCell::new(0);
    let all = (world(), policy(), addition(), 1u8..=3);
    for_all(
        &all,
        |(world, (resisted, trusts), (n, added, falls_to), from)| {
            let case = world.case();
            let mut more = case.clone();
            match added {
                Some((login, support)) => more.accounts.push(supported(n, login, support)),
                None => more.delegations.push(sign(from, delegation_to(n, true))),
            }
            let policy = resisting(&resisted, trusts);
            let (before, after) = (decide(&case, &policy, now()), decide(&more, &policy, now()));
            if policy.resists(falls_to) {
                prop_assert!(!accepts(&after) || accepts(&before), "{:?}", after.chains());
            }
            let has = |decision: &Decision| decision.falls_to().unwrap().contains(falls_to);
            if accepts(&before) {
                // Support never takes a yes away, and a better way may only be one that does not rest on what was added.
                prop_assert!(accepts(&after), "{:?}", after.reason());
                prop_assert!(!has(&before) || has(&after));
                *kept.borrow_mut() += u32::from(has(&before));
                let len = |decision: &Decision| decision.falls_to().unwrap().len();
                prop_assert!(len(&after) <= len(&before));
            }
            counts.saw(&after);
            Ok(())
        },
    );
    counts.all_came_about();
    assert!(kept.take() >= 4);
}

/// Everything that an answer says agrees with everything else that it says.
#[test]
fn a_yes_falls_to_nothing_that_the_policy_resists() {
    let counts = Counts::default();
    for_all(&(world(), policy()), |(world, (resisted, trusts))| {
        let case = world.case();
        let policy = resisting(&resisted, trusts);
        let decision = decide(&case, &policy, now());
        let is_yes = accepts(&decision);
        prop_assert_eq!(decision.clone().into_verified().is_ok(), is_yes);
        prop_assert_eq!(decision.reason().is_none(), is_yes);
        prop_assert_eq!(decision.remedy().is_none(), is_yes);
        for chain in decision.chains() {
            let links = chain.links.iter();
            let union = links.fold(CapabilitySet::EMPTY, |set, l| set.union(l.falls_to));
            prop_assert_eq!(chain.falls_to, union);
        }
        if is_yes {
            let best = &decision.chains()[0];
            prop_assert_eq!(decision.falls_to(), Some(best.falls_to));
            prop_assert!(policy.accepts(best.falls_to));
            prop_assert!(
                best.links
                    .iter()
                    .all(|link| link.standing == Standing::Holds)
            );
            let verified = decision.clone().into_verified().unwrap();
            prop_assert!(verified.valid_until() > now());
            prop_assert!(verified.resisting(&policy, now()).is_ok());
        }
        counts.saw(&decision);
        Ok(())
    });
    counts.all_came_about();
}

/// The same input gives the same bytes, in whatever order it was gathered.
#[test]
fn the_same_case_gives_the_same_bytes() {
    let counts = Counts::default();
    let seed = any::<[u8; 4]>();
    for_all(
        &(world(), policy(), seed),
        |(world, (resisted, trusts), seed)| {
            let case = world.case();
            let policy = resisting(&resisted, trusts);
            let decision = decide(&case, &policy, now());
            let write = |decision: &Decision| serde_json::to_string(decision).unwrap();
            prop_assert_eq!(
                write(&decision),
                write(&decide(&world.case(), &policy, now()))
            );
            let mut turned = case.clone();
            let turn = |n: u8, len: usize| usize::from(n).checked_rem(len).unwrap_or_default();
            let [a, b, c, d] = seed;
            let len = turned.accounts.len();
            turned.accounts.rotate_left(turn(a, len));
            turned.accounts.reverse();
            let len = turned.delegations.len();
            turned.delegations.rotate_left(turn(b, len));
            let len = turned.evidence.len();
            turned.evidence.rotate_left(turn(c, len));
            let mut found = case.revocations.found().to_vec();
            if case
                .revocations
                .consulted()
                .iter()
                .all(|list| list.unread.is_none())
            {
                let len = found.len();
                found.rotate_left(turn(d, len));
                turned.revocations = Revocations::not_checked().with("list", Ok(found));
            }
            prop_assert_eq!(write(&decision), write(&decide(&turned, &policy, now())));
            counts.saw(&decision);
            Ok(())
        },
    );
    counts.all_came_about();
}
