//! Delegation only narrows: whatever chain of delegations somebody makes, it grants no namespace, action or time that one of
//! its links lacks.

use std::cell::Cell;

use proptest::prelude::*;

use super::*;

/// DID 1 owns the package; any DID may sign any of these.
#[derive(Debug, Clone)]
struct Grant {
    from: u8,
    to: u8,
    six: bool,
    sax: bool,
    actions: Vec<Action>,
    further: bool,
    /// Signed this many hours ago, for a life of so many.
    age: u32,
    life: u32,
}

fn grant() -> impl Strategy<Value = Grant> {
    let actions = prop::sample::subsequence(Action::ALL.to_vec(), 2..=3);
    let likely = || prop::bool::weighted(0.85);
    (
        1u8..=5,
        1u8..=5,
        likely(),
        any::<bool>(),
        actions,
        likely(),
        0u32..48,
        1u32..700,
    )
        .prop_map(|(from, to, six, sax, actions, further, age, life)| Grant {
            from,
            to,
            six: six || !sax,
            sax,
            actions,
            further,
            age,
            life,
        })
}

impl Grant {
    fn signed(&self) -> Signed<Delegation> {
        let sax = "pypi:sax".parse().unwrap();
        let names = [(self.six, six()), (self.sax, sax)];
        let names = names
            .into_iter()
            .filter(|(is_in, _)| *is_in)
            .map(|(_, name)| name);
        let actions = Actions::try_from(self.actions.clone()).unwrap();
        let mut delegation = Delegation::new(did(self.to), names, actions);
        delegation.further = self.further;
        let request =
            SigningRequest::new(delegation, now() - HOUR * self.age).living(HOUR * self.life);
        request
            .sign(&key(self.from))
            .now_or_never()
            .unwrap()
            .unwrap()
    }

    /// Whether it holds now, and for all of this.
    fn covers(&self, actions: &[Action]) -> bool {
        self.six && self.age < self.life && actions.iter().all(|a| self.actions.contains(a))
    }
}

/// When the best way from the owner to `to` ends, in hours from now; `None` when there is none. By itself, not as core does
/// it: straight from what [`Delegation`] says of itself.
fn reaches(grants: &[Grant], to: u8, actions: &[Action], path: &[u8]) -> Option<u32> {
    if to == 1 {
        return Some(u32::MAX);
    }
    if path.len() == 4 {
        return None;
    }
    let into = grants.iter().filter(|g| g.to == to && g.covers(actions));
    let ways = into
        .filter(|g| path.is_empty() || g.further)
        .filter(|g| g.from != to && !path.contains(&g.from))
        .filter_map(|g| {
            let path = [path, &[to]].concat();
            Some(reaches(grants, g.from, actions, &path)?.min(g.life - g.age))
        });
    ways.max()
}

#[test]
fn no_chain_of_delegations_grants_what_one_of_its_links_lacks() {
    let (yes, no) = (Cell::new(0), Cell::new(0));
    let actions = prop::sample::subsequence(Action::ALL.to_vec(), 1..=2);
    let all = (2u8..=4, actions, prop::collection::vec(grant(), 1..9));
    super::properties::for_all(&all, |(claimant, actions, grants)| {
        let asked = Actions::try_from(actions.clone()).unwrap();
        let claim = NamespaceClaim::new(six(), first_upload(), asked.clone());
        let audience = Audience::local(&did(claimant));
        let request = SigningRequest::new(claim, now() - HOUR).for_audience(audience.clone());
        let claim = request
            .sign(&key(claimant))
            .now_or_never()
            .unwrap()
            .unwrap();
        let mut case = DecisionInput::new(claim, ProofExpectation::new(audience));
        case.evidence = vec![ObservedEvidence::live(six_of_alice())];
        case.accounts = vec![stated(1, "pypi:alice", 100)];
        case.delegations = grants.iter().map(Grant::signed).collect();
        let decision = answer(&case);
        match (
            reaches(&grants, claimant, &actions, &[]),
            decision.clone().into_verified(),
        ) {
            (Some(hours), Ok(verified)) => {
                prop_assert_eq!(&verified.get().namespace, &six());
                prop_assert_eq!(&verified.get().actions, &asked);
                prop_assert!(verified.valid_until() <= now() + HOUR * hours.min(24 * 365));
                prop_assert!(verified.falls_to().contains(DelegateKey));
                yes.set(yes.get() + 1);
            }
            (None, Err(_)) => no.set(no.get() + 1),
            (way, _) => prop_assert!(
                false,
                "{way:?}, but {:?}: {:?}",
                decision.outcome(),
                decision.reason()
            ),
        }
        Ok(())
    });
    assert!(yes.get() >= 20 && no.get() >= 20, "{yes:?} {no:?}");
}
