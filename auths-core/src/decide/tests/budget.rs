//! What a decision may cost whoever makes it.

use super::super::steps::MAX_STEPS;
use super::*;
use crate::work::{WorkCounter, work};

/// A delegation of all of six from one DID to another; no two with the same `nth` are alike.
fn allowed(from: u8, to: u8, nth: u32) -> Signed<Delegation> {
    let body = Delegation::new(did(to), [six()], Actions::only(Action::Publish)).with_further();
    let at = now() - HOUR - Duration::from_secs(nth.into());
    let request = SigningRequest::new(body, at);
    request.sign(&key(from)).now_or_never().unwrap().unwrap()
}

/// did 5 asks; did 1 owns; this many delegations stand side by side on each of the four steps between them.
fn four_steps(parallel: u32) -> DecisionInput {
    let mut case = case(5, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    for from in 1..=4 {
        let step = (0..parallel).map(|nth| allowed(from, from + 1, nth));
        case.delegations.extend(step);
    }
    case
}

fn costs(case: &DecisionInput) -> (Decision, WorkCounter) {
    work(|| answer(case))
}

/// This many revocations of each of these DIDs, signed by somebody who may not.
fn by_strangers(each: u32, of: &[u8]) -> Vec<Signed<Revocation>> {
    let revoked = |n: u8, nth: u32| {
        let body = Revocation::new(RevocationTarget::Did(did(n)));
        let at = now() - HOUR - Duration::from_secs(nth.into());
        let request = SigningRequest::new(body, at);
        request.sign(&key(200)).now_or_never().unwrap().unwrap()
    };
    let all = of
        .iter()
        .flat_map(|n| (0..each).map(|nth| revoked(*n, nth)));
    all.collect()
}

#[test]
fn delegations_side_by_side_on_four_steps_cost_a_budget_and_no_more() {
    let mut case = four_steps(16);
    case.revocations =
        Revocations::not_checked().with("list", Ok(by_strangers(51, &[1, 2, 3, 4, 5])));
    let (decision, work) = costs(&case);
    undetermined_by(&decision, UnavailableReason::StepBudget);
    assert!(work.steps <= MAX_STEPS + 1, "{work:?}");
    assert!(decision.chains().is_empty());
    // Of the strangers', no more are checked than are told.
    assert!(work.signatures <= 1 + 1 + 64 + 64, "{work:?}");
    // In whatever order they came.
    case.delegations.reverse();
    undetermined_by(&answer(&case), UnavailableReason::StepBudget);
    // As many as anybody needs are no trouble.
    let few = four_steps(3);
    let (decision, work) = costs(&few);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    assert!(work.steps < MAX_STEPS / 4, "{work:?}");
}

#[test]
fn a_yes_that_was_found_on_the_way_does_not_count_where_the_budget_was_spent() {
    // Were it otherwise, the order of what was sent would decide which chains there are.
    let mut case = four_steps(16);
    case.accounts.push(stated(5, "pypi:alice", 100));
    undetermined_by(&answer(&case), UnavailableReason::StepBudget);
    case.delegations.clear();
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
}

#[test]
fn as_many_delegations_as_a_bundle_holds_cost_a_step_each() {
    let mut case = case(5, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    let mut steps = Vec::new();
    for many in [64u32, 128, 256] {
        case.delegations = (0..many).map(|nth| allowed(1, 5, nth)).collect();
        let (decision, work) = costs(&case);
        assert_eq!(decision.outcome(), Outcome::Accepted);
        steps.push(work.steps);
    }
    let (first, second) = (steps[1] - steps[0], steps[2] - steps[1]);
    assert_eq!(second, 2 * first, "linear: {steps:?}");
    // Those that lead to nobody who asks are not looked at.
    let before = steps[0];
    case.delegations = (0..64).map(|nth| allowed(1, 5, nth)).collect();
    case.delegations
        .extend((0..192).map(|nth| allowed(1, 7, nth)));
    assert_eq!(costs(&case).1.steps, before);
}

#[test]
fn the_last_step_of_the_budget_is_one_that_may_be_taken() {
    let steps = super::super::steps::StepCounter::default();
    assert!((0..MAX_STEPS).all(|_| steps.take()));
    assert_eq!(steps.spent(), None);
    assert!(!steps.take() && !steps.take());
    assert_eq!(
        steps.spent().map(|why| why.reason),
        Some(UnavailableReason::StepBudget)
    );
}

#[test]
fn revocations_by_those_who_may_not_cost_a_look_up_and_no_step() {
    let mut case = four_steps(2);
    let (before, alone) = costs(&case);
    let strangers = by_strangers(51, &[1, 2, 3, 4, 5]);
    case.revocations = Revocations::not_checked().with("list", Ok(strangers));
    let (after, beside) = costs(&case);
    assert_eq!(before.outcome(), after.outcome());
    assert_eq!(alone.steps, beside.steps);
    // No more are checked than are told.
    assert!(beside.signatures <= alone.signatures + 64, "{beside:?}");
}

#[test]
fn many_proofs_of_many_accounts_are_within_the_budget_or_open() {
    let mut case = case(1, six_of_alice());
    let rows = (0..40).map(|_| stated(1, "pypi:alice", 100));
    case.accounts.extend(rows);
    assert_eq!(answer(&case).outcome(), Outcome::Accepted);
    let mut evidence = six_of_alice();
    let typed = |n: usize| SourceRepository::new(Platform::GITHUB, "alice", format!("r{n}"));
    evidence.repositories = Reading::Read((0..32).map(typed).collect());
    case.evidence = vec![ObservedEvidence::live(evidence)];
    case.accounts.clear();
    let flows = (0..200).map(|_| by_flow(1, github("alice", "7"), None));
    case.accounts.extend(flows);
    let (decision, work) = costs(&case);
    undetermined_by(&decision, UnavailableReason::StepBudget);
    assert!(work.steps <= MAX_STEPS + 1, "{work:?}");
}

#[test]
fn a_statement_is_derived_once_for_each_did_however_many_delegations_lead_to_it() {
    // 8,000 versions that name everybody, and 250 delegators.
    let everybody: Vec<u8> = (1..=250).collect();
    let rows: Vec<(u32, &[u8])> = (0..8_000).rev().map(|day| (day, &[][..])).collect();
    let mut read = releases(&rows).releases().to_vec();
    for release in read.iter_mut().rev().take(40) {
        *release = release.clone().naming(everybody.iter().map(|n| did(*n)));
    }
    let mut evidence = six_of_alice();
    evidence.timeline = Reading::Read(Timeline::new(read, Some("v0".to_owned())));
    let mut case = case(251, evidence);
    case.delegations = (1..=250).map(|n| allowed(n, 251, 0)).collect();
    let (decision, work) = costs(&case);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    assert!(work.releases <= 8_000 + 60, "{work:?}");
    assert!(work.steps <= 250 * 3 + 3, "{work:?}");
    // No more of them for more delegations by the same DIDs.
    case.delegations.extend((1..=5).map(|n| allowed(n, 251, 1)));
    assert_eq!(costs(&case).1.releases, work.releases);
}

#[test]
fn one_package_that_speaks_for_an_account_is_gone_through_once_for_all_its_claims() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(stated(1, "pypi:alice", 100));
    let proof = case.accounts[0].evidence[0].clone();
    let once = costs(&case).1.releases;
    case.accounts[0].evidence = vec![proof; 50];
    let (decision, work) = costs(&case);
    assert_eq!(decision.outcome(), Outcome::Accepted);
    assert_eq!(work.releases, once);
}
