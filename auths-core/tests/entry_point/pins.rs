//! Pins over real decisions: two repositories whose runs alice lets publish.

use std::sync::Arc;

use auths_core::Policy;
use auths_core::ci::{
    CiIdentity, CiIssuer, CiProvider, CiTokenEvidence, PublisherRule, RepositoryIdentity,
};
use auths_core::claim::{Action, Actions, Signed, SigningRequest, TrustedPublisher};
use auths_core::decide::{
    DecisionInput, NamespaceAuthority, Revocations, RunProof, Verified, decide_run,
};
use auths_core::evidence::ObservedEvidence;
use auths_core::pin::{Pin, PinStep, hold_to_pin};
use auths_core::ports::{
    CiTokenQuery, CiTokenVerifierExt, MemoryPins, MemoryReplayGuard, NamespaceQuery,
    NamespaceVerifier, PinChange, PinRecording, PinStore,
};
use auths_core::reason::{Obstacle, RefutedReason};
use auths_core::use_cases::TokenUses;
use auths_testkit::block_on;
use auths_testkit::conformance::TokenScene;
use auths_testkit::doubles::FakeCiTokens;

use super::{DAY, Scene};

impl Scene {
    /// A trusted publisher for runs of a repository of acme, signed now by alice.
    fn rule_for(&self, repository: &str, number: u64) -> Signed<TrustedPublisher> {
        let rule: PublisherRule = format!(
            r#"{{"issuer": "https://token.actions.githubusercontent.com",
            "repositoryId": "{number}", "ownerId": "4242", "repository": "acme/{repository}",
            "workflow": "release.yml"}}"#
        )
        .parse()
        .unwrap();
        let publish = Actions::only(Action::Publish);
        let body = TrustedPublisher::new(rule, ["pypi:six".parse().unwrap()], publish);
        block_on(SigningRequest::new(body, self.now()).sign(&self.key)).unwrap()
    }

    /// What is accepted of a run of that repository, for `six`.
    fn accepted_run(
        &self,
        repository: &str,
        number: u64,
        rule: &Signed<TrustedPublisher>,
        action: Action,
    ) -> Verified<NamespaceAuthority> {
        let now = self.now();
        let github = CiIssuer::public(CiProvider::GitHubActions).unwrap();
        let token = TokenScene::new(&github, now).unwrap().evidence;
        let mut parts = token.identity.parts().clone();
        parts.repository = RepositoryIdentity {
            id: number.to_string().parse().unwrap(),
            name: format!("acme/{repository}").parse().unwrap(),
        };
        let release = format!("acme/{repository}/.github/workflows/release.yml@refs/tags/v1.2.0");
        parts.workflow = release.parse().unwrap();
        if let Some(job) = &mut parts.job_workflow {
            job.reference = parts.workflow.clone();
        }
        let identity = CiIdentity::new(parts).unwrap();
        let evidence =
            CiTokenEvidence::new(identity, token.audience.clone(), token.id, token.times);
        let tokens = FakeCiTokens::new(vec![github]);
        let query = CiTokenQuery::new(tokens.issue(evidence), token.audience, now);
        let token = Arc::new(block_on(tokens.verify(&query)).unwrap());
        let actions = Actions::only(action);
        let mut run = RunProof::new(token, "pypi:six".parse().unwrap(), actions);
        run.publishers.push(rule.clone());
        let mut input = DecisionInput::for_run(run);
        let query = NamespaceQuery::new("pypi:six".parse().unwrap(), now);
        let seen = block_on(self.pypi.gather(&query)).unwrap();
        input.evidence.push(ObservedEvidence::live(seen));
        input.revocations = Revocations::not_checked().with("the hub's list", Ok(Vec::new()));
        let decided = decide_run(&input, &Policy::standard(), now).unwrap();
        // Another record each time: this test is about pins.
        let uses = TokenUses::new(Arc::new(MemoryReplayGuard::new()));
        block_on(uses.use_once(decided, now)).unwrap()
    }
}

#[test]
fn a_pin_moves_by_a_rule_that_was_signed_after_it() {
    let scene = Scene::new();
    let pins = MemoryPins::new();
    let (widget, gadget) = (scene.rule_for("widget", 1), scene.rule_for("gadget", 2));
    scene.wait(DAY / 24);
    let first = scene.accepted_run("widget", 1, &widget, Action::Publish);
    let Ok(PinStep::Record(pin)) = hold_to_pin(None, &first, scene.now()) else {
        panic!("the first run sets the pin");
    };
    assert_eq!(Pin::of(&first, scene.now()), Some(pin.clone()));
    assert_eq!(pin.publisher(), Some(widget.id()));
    assert_eq!(pin.repository().id.get(), 1);
    assert!(!pin.falls_to_collaborator(), "{}", first.falls_to());
    assert_eq!(block_on(pins.record(&pin)).unwrap(), PinRecording::Recorded);

    scene.wait(DAY / 24);
    let again = scene.accepted_run("widget", 1, &widget, Action::Publish);
    let step = hold_to_pin(Some(&pin), &again, scene.now()).unwrap();
    assert_eq!(step, PinStep::Keep);
    // alice let the other repository publish before the pin was set: that rule, replayed, moves nothing.
    let other = scene.accepted_run("gadget", 2, &gadget, Action::Publish);
    match hold_to_pin(Some(&pin), &other, scene.now()) {
        Err(Obstacle::Refuted(why)) => assert_eq!(why.reason, RefutedReason::PinnedToAnother),
        step => panic!("{step:?}"),
    }
    let since = scene.rule_for("gadget", 2);
    let moved = scene.accepted_run("gadget", 2, &since, Action::Publish);
    let Ok(PinStep::Change(to)) = hold_to_pin(Some(&pin), &moved, scene.now()) else {
        panic!("a rule that was signed since moves the pin");
    };
    assert_eq!(
        block_on(pins.change(&pin, &to)).unwrap(),
        PinChange::Changed
    );
    let present = block_on(pins.read(&"pypi:six".parse().unwrap())).unwrap();
    assert_eq!(present, Some(to));
}
