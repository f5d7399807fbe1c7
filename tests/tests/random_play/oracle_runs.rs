//! What the oracle finds in answers to CI runs: each is decided in one world and held against another.

use auths_core::Policy;
use auths_core::claim::{
    Action, Actions, Delegation, Revocation, RevocationTarget, Signed, SigningRequest,
    TrustedPublisher,
};
use auths_core::decide::Outcome;
use auths_testkit::world::{
    Asked, CiRun, Given, Metadata, Person, Protection, Session, World, WrongBecause,
};
use auths_tests::claims::{did, key, sign};
use auths_tests::front_end::{Kept, Stage, on_pypi, push};

/// Alice's rule, and mallory who may write to the repository that it names.
fn with_writer() -> (Stage, Session, [Signed<TrustedPublisher>; 1]) {
    let stage = on_pypi();
    let mallory = stage.writer("mallory");
    let rules = [stage.owners_rule()];
    (stage, mallory, rules)
}

/// Why the yes to a run is wrong, held against `truth`.
#[track_caller]
fn judge(
    stage: &Stage,
    truth: &World,
    run: &CiRun,
    rules: &[Signed<TrustedPublisher>],
    kept: &Kept,
) -> Option<WrongBecause> {
    let (token, policy) = (stage.token(run), Policy::standard());
    let decision = stage.decide(&token, &stage.six(), rules, kept, &policy);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    let wrong = stage.judge(truth, run, &decision, rules, kept, &policy);
    wrong.map(|wrong| wrong.because)
}

#[test]
fn a_writers_run_is_worth_what_the_answer_names() {
    let (stage, mallory, rules) = with_writer();
    let run = stage.run(&mallory);
    let truth = stage.world().clone();
    assert_eq!(judge(&stage, &truth, &run, &rules, &Kept::default()), None);
}

#[test]
fn an_answer_to_somebody_who_has_not_the_run_is_wrong() {
    let (stage, mallory, rules) = with_writer();
    let run = stage.run(&mallory);
    let (token, policy) = (stage.token(&run), Policy::standard());
    let decision = stage.decide(&token, &stage.six(), &rules, &Kept::default(), &policy);
    let carol = Person::named("carol");
    let mut asked = Asked::of_run(&carol, &run, policy.maturity());
    asked.publishers = &rules;
    let wrong = stage
        .world()
        .find_wrong_yes(&asked, &decision, &Given::nothing());
    assert_eq!(wrong.map(|w| w.because), Some(WrongBecause::NothingHeld));
}

/// The world in which the same run is another one: by its event, its environment, or its repository.
#[test]
fn an_answer_to_a_run_that_no_rule_means_is_wrong() {
    let (stage, mallory, _) = with_writer();
    let six = stage.six();
    let rules = [stage.rule(&key(1), &stage.workflow, &six, |fields| {
        fields.environment = Some("release".parse().unwrap());
    })];
    let inside = push().rewriting(Some("release".parse().unwrap()));
    let mut pulled = inside.clone();
    pulled.trigger = "pull_request_target".parse().unwrap();
    let before = stage.world().clone();
    let run = stage
        .world()
        .start_run(&mallory, &stage.workflow, &inside)
        .unwrap();
    for plan in [pulled, push().rewriting(None)] {
        let mut truth = before.clone();
        let other = truth.start_run(&mallory, &stage.workflow, &plan).unwrap();
        assert_eq!(other, run, "the number of the run");
        let because = judge(&stage, &truth, &run, &rules, &Kept::default());
        assert_eq!(because, Some(WrongBecause::OutsideRule), "{plan:?}");
    }
    let mut truth = before;
    truth
        .rename_workflow(&mallory, &stage.workflow, "nightly.yml")
        .unwrap();
    truth.start_run(&mallory, &stage.workflow, &inside).unwrap();
    let because = judge(&stage, &truth, &run, &rules, &Kept::default());
    assert_eq!(because, Some(WrongBecause::OutsideRule));
}

/// The answer names no writer, because the environment is guarded. In truth a writer ran without an approval.
#[test]
fn an_answer_that_names_less_than_the_run_took_is_wrong() {
    let (stage, mallory, _) = with_writer();
    let carol = stage.on_hub("carol");
    let six = stage.six();
    stage
        .world()
        .use_environment(&stage.hub, &stage.workflow, Some("release"))
        .unwrap();
    let rules = [stage.rule(&key(1), &stage.workflow, &six, |fields| {
        fields.environment = Some("release".parse().unwrap());
    })];
    let mut truth = stage.world().clone();
    let guard = Protection::by(["carol"]);
    stage
        .world()
        .protect_environment(&stage.hub, &stage.workflow, "release", &guard)
        .unwrap();
    let run = stage.run(&mallory);
    stage.world().approve_run(&carol, &run).unwrap();
    let right = stage.world().clone();
    assert_eq!(judge(&stage, &right, &run, &rules, &Kept::default()), None);
    truth.start_run(&mallory, &stage.workflow, &push()).unwrap();
    let because = judge(&stage, &truth, &run, &rules, &Kept::default());
    assert_eq!(because, Some(WrongBecause::NothingHeld));
}

/// Bob may pass the right on in the one world, and not in the other.
#[test]
fn an_answer_by_a_rule_of_somebody_who_may_not_sign_one_is_wrong() {
    let stage = on_pypi();
    let mallorys = stage.on_hub("mallory");
    let tools = stage
        .world()
        .create_repository(&mallorys, "mallory/tools")
        .unwrap();
    let rules = [stage.rule(&key(2), &tools, &stage.six(), |_| {})];
    let run = stage.run_of(&mallorys, &tools);
    let publish = || Actions::only(Action::Publish);
    let now = stage.world().now();
    let narrow = Delegation::new(did(&key(2)), [stage.six()], publish());
    let wide = narrow.clone().with_further();
    let [narrow, wide] = [narrow, wide].map(|body| sign(SigningRequest::new(body, now), &key(1)));
    let mut truth = stage.world().clone();
    truth.record_delegation(&narrow);
    let mut right = stage.world().clone();
    right.record_delegation(&wide);
    let kept = Kept {
        delegations: vec![wide],
        ..Kept::default()
    };
    assert_eq!(judge(&stage, &right, &run, &rules, &kept), None);
    let because = judge(&stage, &truth, &run, &rules, &kept);
    assert_eq!(because, Some(WrongBecause::NothingHeld));
}

#[test]
fn an_answer_that_rests_on_a_rule_that_was_revoked_is_wrong() {
    let (stage, mallory, rules) = with_writer();
    let run = stage.run(&mallory);
    let policy = Policy::standard();
    let decision = stage.decide(
        &stage.token(&run),
        &stage.six(),
        &rules,
        &Kept::default(),
        &policy,
    );
    let person = Person::named("mallory");
    let mut asked = Asked::of_run(&person, &run, policy.maturity());
    asked.publishers = &rules;
    let revoked_by = |by: u8| {
        let body = Revocation::new(RevocationTarget::Claim(rules[0].id().clone()));
        let mut given = Given::nothing();
        let now = stage.world().now();
        given
            .revocations
            .push(sign(SigningRequest::new(body, now), &key(by)));
        let wrong = stage.world().find_wrong_yes(&asked, &decision, &given);
        wrong.map(|wrong| wrong.because)
    };
    assert_eq!(revoked_by(9), None, "by a stranger");
    assert_eq!(revoked_by(1), Some(WrongBecause::RestsOnRevoked));
}

/// The releases that name alice name bob's key since longer: in that world bob agreed to nothing.
#[test]
fn an_answer_around_a_did_that_is_mature_and_present_is_wrong() {
    let (stage, mallory, rules) = with_writer();
    let run = stage.run(&mallory);
    let mut truth = World::pypi("2025-01-01T00:00:00Z".parse().unwrap());
    truth.make_key("alice", did(&key(1)));
    truth.make_key("bob", did(&key(2)));
    // The same moves in the same order give the same numbers.
    let alice = truth.sign_up("alice").unwrap();
    let hub = truth
        .sign_up_on(&auths_core::Platform::GITHUB, "alice")
        .unwrap();
    let workflow = truth.create_repository(&hub, "alice/six").unwrap();
    let six = stage.six();
    let week = auths_testkit::DAY * 8;
    for (version, named) in [("1.0.0", &[2][..]), ("1.1.0", &[2]), ("1.2.0", &[1, 2])] {
        let named = named.iter().map(|byte| did(&key(*byte)));
        let metadata = Metadata::new().naming(named, &six);
        truth.publish(&alice, "six", version, metadata).unwrap();
        truth.wait(week);
    }
    let person = truth
        .sign_up_on(&auths_core::Platform::GITHUB, "mallory")
        .unwrap();
    truth.set_writer(&hub, &workflow, "mallory", true).unwrap();
    let later = stage.world().now().since(truth.now());
    truth.wait(later);
    truth.record_publisher(&rules[0]);
    let other = truth.start_run(&person, &workflow, &push()).unwrap();
    assert_eq!(other, run, "the number of the run");
    let because = judge(&stage, &truth, &run, &rules, &Kept::default());
    assert_eq!(because, Some(WrongBecause::AroundMatureDid));
}
