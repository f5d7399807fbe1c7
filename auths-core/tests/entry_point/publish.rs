//! Grants for CI runs and keys, over the simulated world.

use super::*;
use auths_core::ci::{CiIdentity, CiIdentityParts, CiIssuer, CiProvider, PublisherRule};
use auths_core::claim::{
    Action, Actions, Delegation, Revocation, RevocationTarget, Signed, TrustedPublisher,
};
use auths_core::grant::{DenyList, GrantIssuer, GrantVerifier};
use auths_core::pin::PinStep;
use auths_core::ports::{MemoryPins, PinStore, ReplayGuard, StoreError, StoreKey};
use auths_core::problem::ProblemDetails;
use auths_core::reason::Reason;
use auths_core::use_cases::{
    GrantDesk, KeyPublishRequest, PublishError, PublishGate, PublishGrant, PublishRequest,
    TokenUses, delegate, revoke, sign_account_claim, trust_publisher,
};
use auths_core::{Namespace, Outcome, RefutedReason, SecretString};
use auths_testkit::conformance::TokenScene;
use auths_testkit::doubles::{FailNext, FakeCiTokens};

const FILES: &str = "files.hub.example";

/// A hub that hands out grants for `six`, whose owner signed a rule for runs of `acme/widget`.
pub(super) struct Hub {
    pub(super) scene: Scene,
    github: CiIssuer,
    pub(super) tokens: Arc<FakeCiTokens>,
    pub(super) pins: Arc<MemoryPins>,
    desk: GrantDesk,
    issued: AtomicUsize,
}

pub(super) fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

fn publishing() -> Actions {
    Actions::only(Action::Publish)
}

impl Hub {
    pub(super) fn new() -> Self {
        let scene = Scene::new();
        let github = CiIssuer::public(CiProvider::GitHubActions).unwrap();
        let tokens = Arc::new(FakeCiTokens::new(vec![github.clone()]));
        let (pins, guard) = (Arc::new(MemoryPins::new()), scene.guard.clone());
        let desk = desk(tokens.clone(), guard, pins.clone(), "");
        Self {
            scene,
            github,
            tokens,
            pins,
            desk,
            issued: AtomicUsize::new(0),
        }
    }

    /// Signs the rule for the repository of that number: as alice, a day before it is used.
    pub(super) fn rule(&self, repository: &str) -> Signed<TrustedPublisher> {
        self.rule_by(&self.scene.key, repository, &["pypi:six"])
    }

    fn rule_by(&self, by: &KeyPair, repository: &str, names: &[&str]) -> Signed<TrustedPublisher> {
        let rule: PublisherRule = format!(
            r#"{{"issuer": "https://token.actions.githubusercontent.com", "repositoryId": "{repository}", "ownerId": "4242",
                "repository": "acme/widget", "workflow": "release.yml", "binding": "caller"}}"#
        )
        .parse()
        .unwrap();
        let names = names.iter().map(|name| name.parse().unwrap());
        let publisher = TrustedPublisher::new(rule, names, publishing());
        block_on(trust_publisher(by, publisher, DAY * 30, self.scene.now())).unwrap()
    }

    /// A new token of a run of `acme/widget`.
    pub(super) fn token(&self) -> SecretString {
        self.token_of(|_| {})
    }

    fn token_of(&self, change: impl FnOnce(&mut CiIdentityParts)) -> SecretString {
        let mut token = TokenScene::new(&self.github, self.scene.now())
            .unwrap()
            .evidence;
        let mut parts = token.identity.parts().clone();
        // The job is in the workflow that was started.
        if let Some(job) = &mut parts.job_workflow {
            job.reference = parts.workflow.clone();
        }
        change(&mut parts);
        token.identity = CiIdentity::new(parts).unwrap();
        let number = self.issued.fetch_add(1, Ordering::Relaxed);
        token.id = format!("jti-{number}").parse().unwrap();
        self.tokens.issue(token)
    }

    fn publish(
        &self,
        token: &SecretString,
        rules: &[Signed<TrustedPublisher>],
    ) -> Result<PublishGrant, PublishError> {
        self.publish_at(&self.desk, token, [six()], rules)
    }

    fn publish_at(
        &self,
        desk: &GrantDesk,
        token: &SecretString,
        names: impl IntoIterator<Item = Namespace>,
        rules: &[Signed<TrustedPublisher>],
    ) -> Result<PublishGrant, PublishError> {
        let mut request = PublishRequest::new(token.clone(), names, publishing());
        request.publishers = rules.to_vec();
        let (verifier, now) = (self.scene.verifier(), self.scene.now());
        block_on(verifier.publish(desk, request, &Policy::standard(), now))
    }
}

pub(super) fn desk(
    tokens: Arc<FakeCiTokens>,
    guard: Arc<dyn ReplayGuard>,
    pins: Arc<dyn PinStore>,
    denied: &str,
) -> GrantDesk {
    let denied: DenyList = denied.parse().unwrap();
    let (issuer, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
    let entropy = Arc::new(CountingEntropy::default());
    let grants = GrantIssuer::new(issuer, files, Arc::new(key(77)), entropy, denied);
    let audience = "registry.example".parse().unwrap();
    let gate = PublishGate::new(audience, tokens, TokenUses::new(guard), pins);
    GrantDesk::new(gate, grants)
}

#[track_caller]
fn refused(result: Result<PublishGrant, PublishError>, by: RefutedReason) {
    let error = result.unwrap_err();
    assert_eq!(error.code(), by.code(), "{error}");
}

#[test]
fn a_run_that_matches_the_owners_rule_gets_one_grant_for_one_token() {
    let hub = Hub::new();
    let (token, rules) = (hub.token(), [hub.rule("700700")]);
    let granted = hub.publish(&token, &rules).unwrap();
    let files = GrantVerifier::new(
        HUB.parse().unwrap(),
        FILES.parse().unwrap(),
        [did(&key(77))],
        hub.pins.clone(),
        DenyList::default(),
    );
    let now = hub.scene.now();
    let used = block_on(files.authorize(granted.token(), &six(), Action::Publish, now));
    let grant = used.unwrap();
    assert!(!grant.covers(&six(), Action::Yank));
    assert!(!grant.covers(&"pypi:seven".parse().unwrap(), Action::Publish));
    let late = files.verify(granted.token(), now + DAY);
    assert!(late.is_err(), "it lives five minutes");
    refused(hub.publish(&token, &rules), RefutedReason::TokenUsed);
    assert!(
        hub.publish(&hub.token(), &rules).is_ok(),
        "another token of that repository"
    );
}

#[test]
fn another_number_under_the_same_name_a_strangers_rule_and_a_revoked_rule_get_nothing() {
    let hub = Hub::new();
    let rule = hub.rule("700700");
    let namesake = hub.token_of(|run| run.repository.id = "700701".parse().unwrap());
    refused(
        hub.publish(&namesake, std::slice::from_ref(&rule)),
        RefutedReason::NoRuleMatches,
    );
    let stranger = hub.rule_by(&key(9), "700700", &["pypi:six"]);
    let token = hub.token();
    assert!(matches!(
        hub.publish(&token, &[stranger]),
        Err(PublishError::NotAccepted(_))
    ));
    let revoked = RevocationTarget::Claim(rule.id().clone());
    let revocation = block_on(revoke(&hub.scene.key, revoked, hub.scene.now())).unwrap();
    // Refusals used nothing up, and set no pin.
    let before = hub.publish(&token, std::slice::from_ref(&rule));
    assert!(before.is_ok(), "{before:?}");
    hub.scene.publish_revocation(revocation);
    refused(hub.publish(&hub.token(), &[rule]), RefutedReason::Revoked);
}

/// A front end may keep rules of anybody. Of strangers it keeps no accounts, and none are looked up.
#[test]
fn rules_of_many_strangers_shut_no_owner_out() {
    let hub = Hub::new();
    let strangers = (100..140).map(|byte| hub.rule_by(&key(byte), "700700", &["pypi:six"]));
    let rules: Vec<_> = strangers.chain([hub.rule("700700")]).collect();
    let granted = hub.publish(&hub.token(), &rules);
    assert!(granted.is_ok(), "{granted:?}");
}

#[test]
fn a_hundred_exchanges_of_one_token_at_once_give_one_grant() {
    let hub = Hub::new();
    let (token, rules) = (hub.token(), [hub.rule("700700")]);
    let granted = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..100)
            .map(|_| scope.spawn(|| hub.publish(&token, &rules)))
            .collect();
        let results = tries.into_iter().map(|one| one.join().unwrap());
        results.filter(Result::is_ok).count()
    });
    assert_eq!(granted, 1);
}

#[test]
fn a_package_stays_with_the_repository_that_published_first_until_its_owner_signs_another_rule() {
    let hub = Hub::new();
    let both = [hub.rule("700700"), hub.rule("700701")];
    let other = || hub.token_of(|run| run.repository.id = "700701".parse().unwrap());
    let granted = std::thread::scope(|scope| {
        let tokens = [hub.token(), other()];
        let tries = tokens.map(|token| {
            scope.spawn({
                let (hub, both) = (&hub, &both);
                move || hub.publish(&token, both)
            })
        });
        tries.map(|one| one.join().unwrap().is_ok())
    });
    assert_eq!(granted.iter().filter(|ok| **ok).count(), 1, "one pin");
    let pin = block_on(hub.pins.read(&six())).unwrap().unwrap();
    let (first, loser) = match granted {
        [true, _] => ("700700", "700701"),
        _ => ("700701", "700700"),
    };
    assert_eq!(pin.repository().id.to_string(), first);
    let token_of = |id: &str| {
        let id = id.parse().unwrap();
        hub.token_of(|run| run.repository.id = id)
    };
    refused(
        hub.publish(&token_of(loser), &both),
        RefutedReason::PinnedToAnother,
    );
    assert!(hub.publish(&token_of(first), &both).is_ok());
    // The owner's later rule moves it, and an old one replayed does not move it back.
    hub.scene.wait(Duration::from_secs(60));
    let later = [hub.rule(loser)];
    assert!(hub.publish(&token_of(loser), &later).is_ok());
    refused(
        hub.publish(&token_of(first), &both),
        RefutedReason::PinnedToAnother,
    );
}

#[test]
fn a_strangers_rule_delegation_and_many_revocations_harm_nobody() {
    let hub = Hub::new();
    let (alice, stranger) = (did(&hub.scene.key), key(9));
    let now = hub.scene.now();
    // Each from an earlier time than the last, so that each says something new: more than are remembered.
    let signed = (0..70).flat_map(|number| {
        [alice.clone(), did(&stranger)].map(|who| {
            let who = Revocation::new(RevocationTarget::Did(who));
            let revocation = who.starting(now + DAY * (100 - number));
            let signed_at = now + Duration::from_secs(number.into());
            block_on(revoke(&stranger, revocation, signed_at)).unwrap()
        })
    });
    let list = PublishedRevocations::new(signed.collect::<Vec<_>>());
    hub.scene.list.publish(list);
    hub.scene.wait(DAY);
    let to_alice = Delegation::new(alice, [six()], publishing());
    let to_alice = block_on(delegate(&stranger, to_alice, DAY * 30, now)).unwrap();
    let rules = [
        hub.rule("700700"),
        hub.rule_by(&stranger, "700700", &["pypi:six"]),
    ];
    for _ in 0..2 {
        let mut request = PublishRequest::new(hub.token(), [six()], publishing());
        request.publishers = rules.to_vec();
        request.delegations = vec![to_alice.clone()];
        let (verifier, policy) = (hub.scene.verifier(), Policy::standard());
        let granted = block_on(verifier.publish(&hub.desk, request, &policy, hub.scene.now()));
        assert!(granted.is_ok(), "{granted:?}");
    }
}

#[test]
fn what_fails_before_the_token_is_used_burns_nothing() {
    let hub = Hub::new();
    let (token, rules) = (hub.token(), [hub.rule("700700")]);
    // The registry is down.
    hub.scene.set_down(true);
    let down = hub.publish(&token, &rules).unwrap_err();
    assert_eq!(down.code(), UnavailableReason::Network.code(), "{down}");
    hub.scene.set_down(false);
    // The pins cannot be read, or written.
    {
        let pins = Arc::new(FailNext::new(MemoryPins::new()));
        let record = StoreKey::new("pins", "pkg:pypi/six");
        pins.fail_next(StoreError::new(&record, "read", "the disk"));
        let failing = desk(hub.tokens.clone(), hub.scene.guard.clone(), pins, "");
        let failed = hub
            .publish_at(&failing, &token, [six()], &rules)
            .unwrap_err();
        assert_eq!(
            failed.code(),
            UnavailableReason::StoreFailed.code(),
            "{failed}"
        );
    }
    // The name is denied.
    let (tokens, guard) = (hub.tokens.clone(), hub.scene.guard.clone());
    let denying = desk(tokens, guard, hub.pins.clone(), "pypi:six\n");
    refused(
        hub.publish_at(&denying, &token, [six()], &rules),
        RefutedReason::NameDenied,
    );
    assert_eq!(
        block_on(hub.pins.read(&six())).unwrap(),
        None,
        "nothing was pinned"
    );
    // One of two packages is not the run's to publish.
    let seven: Namespace = "pypi:seven".parse().unwrap();
    let pair = hub.publish_at(&hub.desk, &token, [six(), seven], &rules);
    assert!(
        matches!(pair, Err(PublishError::NotAccepted(_))),
        "{pair:?}"
    );
    let none = hub.publish_at(&hub.desk, &token, [], &rules);
    assert!(matches!(none, Err(PublishError::Packages(0))));
    let many = (0..65).map(|n| format!("pypi:six{n}").parse().unwrap());
    let many = hub.publish_at(&hub.desk, &token, many, &rules);
    assert!(matches!(many, Err(PublishError::Packages(65))));
    assert!(
        hub.publish(&token, &rules).is_ok(),
        "the token is still good"
    );
}

#[test]
fn a_check_says_what_a_publish_would_answer_and_changes_nothing() {
    let hub = Hub::new();
    let (token, rules) = (hub.token(), [hub.rule("700700")]);
    let check = || {
        let mut request = PublishRequest::new(token.clone(), [six()], publishing());
        request.publishers = rules.to_vec();
        let (verifier, policy, now) = (hub.scene.verifier(), Policy::standard(), hub.scene.now());
        block_on(verifier.check_publish(&hub.desk.gate, &request, &policy, now))
    };
    for _ in 0..2 {
        let [six_now] = &check().unwrap()[..] else {
            panic!("one package was asked about");
        };
        assert_eq!(six_now.decision().outcome(), Outcome::Accepted);
        assert!(
            six_now.decision().clone().into_verified().is_err(),
            "a check opens nothing"
        );
        assert_eq!(six_now.present_pin(), None);
        let pin = six_now.pin().unwrap();
        assert_eq!(pin.repository().id.to_string(), "700700");
        assert!(matches!(six_now.step(), PinStep::Record(_)));
    }
    assert_eq!(block_on(hub.pins.read(&six())).unwrap(), None, "no pin");
    let granted = hub.publish(&token, &rules).unwrap();
    let pinned = block_on(hub.pins.read(&six())).unwrap();
    assert_eq!(granted.packages()[0].pin(), pinned.as_ref());
    let used = check().unwrap_err();
    assert_eq!(used.code(), RefutedReason::TokenUsed.code(), "{used}");
}

#[test]
fn a_used_token_sets_no_pins() {
    let hub = Hub::new();
    let rule = hub.rule_by(&hub.scene.key, "700700", &["pypi:six", "pypi:seven"]);
    let token = hub.token();
    hub.publish(&token, std::slice::from_ref(&rule)).unwrap();
    let reads = hub.scene.asked();
    let seven: Namespace = "pypi:seven".parse().unwrap();
    let again = hub.publish_at(&hub.desk, &token, [seven.clone()], &[rule]);
    refused(again, RefutedReason::TokenUsed);
    assert_eq!(block_on(hub.pins.read(&seven)).unwrap(), None);
    assert_eq!(hub.scene.asked(), reads, "nothing is read for a used token");
}

#[test]
fn names_that_are_too_long_for_one_grant_are_found_before_anything_is_used_up() {
    let hub = Hub::new();
    let names: Vec<Namespace> = (0..64)
        .map(|n| format!("pypi:{n}-{}x", "x".repeat(185)).parse().unwrap())
        .collect();
    for version in ["1.0", "1.1"] {
        for name in &names {
            let named = Metadata::new().naming([did(&hub.scene.key)], name);
            let mut world = hub.scene.world.lock().unwrap();
            let package = name.name().as_str();
            let published = world.publish(&hub.scene.alice, package, version, named);
            published.unwrap();
        }
        hub.scene.wait(DAY * 8);
    }
    let spelled: Vec<String> = names.iter().map(ToString::to_string).collect();
    let spelled: Vec<&str> = spelled.iter().map(String::as_str).collect();
    let rule = hub.rule_by(&hub.scene.key, "700700", &spelled);
    let (token, rules) = (hub.token(), std::slice::from_ref(&rule));
    // A name of the issuer that leaves too little room.
    let mut desk = hub.desk.clone();
    let issuer = format!("https://hub.example/{}", "h".repeat(350)).parse();
    let files = "f".repeat(250).parse().unwrap();
    let entropy = Arc::new(CountingEntropy::default());
    let key = Arc::new(key(77));
    desk.grants = GrantIssuer::new(issuer.unwrap(), files, key, entropy, DenyList::default());
    let refused = hub.publish_at(&desk, &token, names.clone(), rules);
    let refused = refused.unwrap_err();
    assert!(
        refused.to_string().contains("too many for one grant"),
        "{refused}"
    );
    assert_eq!(block_on(hub.pins.read(&names[0])).unwrap(), None, "no pin");
    let first = hub.publish_at(&hub.desk, &token, [names[0].clone()], rules);
    assert!(first.is_ok(), "the token is still good: {first:?}");
}

#[test]
fn the_life_of_a_grant_is_checked_before_anything_is_used_up() {
    let hub = Hub::new();
    let (token, rules) = (hub.token(), [hub.rule("700700")]);
    let minute = Duration::from_secs(60);
    for bad in [Duration::ZERO, minute * 5 + Duration::from_secs(1)] {
        let desk = hub.desk.clone().granting_for(bad);
        let refused = hub.publish_at(&desk, &token, [six()], &rules).unwrap_err();
        assert!(matches!(refused, PublishError::Grant(_)), "{refused}");
    }
    let desk = hub.desk.clone().granting_for(minute);
    let granted = hub.publish_at(&desk, &token, [six()], &rules).unwrap();
    let grant = granted.grant();
    assert_eq!(grant.expires().since(grant.issued_at()), minute);
}

#[test]
fn a_key_gets_a_grant_for_one_answer_to_one_challenge() {
    let hub = Hub::new();
    let verifier = hub.scene.verifier_with_challenges();
    let bundle = hub.scene.bundle(&verifier, &hub.scene.key, true);
    let request = KeyPublishRequest::new(bundle);
    let publish = || {
        let (policy, now) = (Policy::standard(), hub.scene.now());
        block_on(verifier.publish_by_key(&hub.desk, &request, &policy, now))
    };
    let check = || {
        let (policy, now) = (Policy::standard(), hub.scene.now());
        block_on(verifier.check_publish_by_key(&hub.desk.gate, &request, &policy, now))
    };
    let looked = check().unwrap();
    assert_eq!(looked.decision().outcome(), Outcome::Accepted);
    let granted = publish().unwrap();
    assert_eq!(granted.grant().subject().did(), Some(&did(&hub.scene.key)));
    refused(publish(), RefutedReason::ChallengeUsed);
    let used = check().unwrap_err();
    assert_eq!(used.code(), RefutedReason::ChallengeUsed.code(), "{used}");
    assert_eq!(
        block_on(hub.pins.read(&six())).unwrap(),
        None,
        "a key sets no pin"
    );
    let plain = hub.scene.verifier();
    let unasked = hub.scene.bundle(&plain, &hub.scene.key, false);
    let now = hub.scene.now();
    let policy = Policy::standard();
    let unasked = KeyPublishRequest::new(unasked);
    let unasked = block_on(plain.publish_by_key(&hub.desk, &unasked, &policy, now));
    refused(unasked, RefutedReason::WrongChallenge);
}

#[test]
fn a_challenge_that_the_front_end_gave_is_used_up_once_too() {
    let hub = Hub::new();
    let given: Challenge = "Z2l2ZW4gYnkgdGhlIGZyb250IGVuZA".parse().unwrap();
    let other: Challenge = "bm90IHRoZSBvbmUgdGhhdCB3YXMgZ2l2ZW4".parse().unwrap();
    // A verifier without challenges of its own.
    let verifier = hub.scene.verifier();
    let by = &hub.scene.key;
    let bundle = hub
        .scene
        .bundle_answering(&verifier, by, Some(given.clone()));
    let publish = |challenge: &Challenge| {
        let request = KeyPublishRequest::new(bundle.clone()).answering(challenge.clone());
        let (policy, now) = (Policy::standard(), hub.scene.now());
        block_on(verifier.publish_by_key(&hub.desk, &request, &policy, now))
    };
    refused(publish(&other), RefutedReason::WrongChallenge);
    assert!(publish(&given).is_ok());
    refused(publish(&given), RefutedReason::ChallengeUsed);
}

#[test]
fn a_claim_of_a_key_is_held_to_what_is_asked_for() {
    let hub = Hub::new();
    let verifier = hub.scene.verifier_with_challenges();
    let bundle = hub.scene.bundle(&verifier, &hub.scene.key, true);
    let publish = |namespace: &str, actions: &str| {
        let request = KeyPublishRequest::new(bundle.clone());
        let request = request.asking(namespace.parse().unwrap(), actions.parse().unwrap());
        let (policy, now) = (Policy::standard(), hub.scene.now());
        block_on(verifier.publish_by_key(&hub.desk, &request, &policy, now))
    };
    refused(
        publish("pypi:seven", "publish"),
        RefutedReason::WrongSubject,
    );
    refused(publish("pypi:six", "yank"), RefutedReason::GrantTooNarrow);
    // Neither used the challenge up.
    let spelled = "pkg:pypi/Six?repository_url=https://registry.example";
    let granted = publish(spelled, "publish").unwrap();
    assert!(granted.grant().covers(&six(), Action::Publish));
}

#[test]
fn every_refusal_of_a_publish_is_a_problem_with_its_code() {
    let hub = Hub::new();
    let (token, rules) = (hub.token(), [hub.rule("700700")]);
    let problem_of = |error: &PublishError| {
        let problem = ProblemDetails::from(error);
        assert_eq!(problem.code, error.code(), "{error}");
        problem.status
    };
    let none = hub.publish_at(&hub.desk, &token, [], &rules).unwrap_err();
    assert_eq!(problem_of(&none), 400);
    let no_rule = hub.publish(&token, &[]).unwrap_err();
    assert_eq!(problem_of(&no_rule), 403);
    let unknown = hub.publish(&"a.b".to_owned().into(), &rules).unwrap_err();
    assert!(problem_of(&unknown) < 500, "{unknown}");
    let told = ProblemDetails::from(&unknown);
    assert_eq!(told.detail, told.title, "nothing of the token is told");
    hub.scene.set_down(true);
    let down = hub.publish(&token, &rules).unwrap_err();
    assert_eq!(problem_of(&down), 503);
    hub.scene.set_down(false);
    hub.publish(&token, &rules).unwrap();
    let used = hub.publish(&token, &rules).unwrap_err();
    assert_eq!(problem_of(&used), 403);
}

#[test]
fn a_bundle_that_a_maintainer_sent_brings_its_accounts_and_its_claim_says_nothing() {
    let hub = Hub::new();
    let (alice, at) = (&hub.scene.key, hub.scene.now());
    let account = "pypi:alice".parse().unwrap();
    let linked = block_on(sign_account_claim(alice, account, None, at)).unwrap();
    let mut bundle = hub.scene.bundle(&hub.scene.verifier(), alice, false);
    bundle.platform_claims.push(linked.clone());
    let request = PublishRequest::new(hub.token(), [six()], publishing());
    let request = request.with_documents_of(&bundle);
    assert_eq!(request.links[0].claim, linked);
    let (verifier, policy) = (hub.scene.verifier(), Policy::standard());
    let refused = block_on(verifier.check_publish(&hub.desk.gate, &request, &policy, at));
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), RefutedReason::NoChain.code(), "{refused}");
}
