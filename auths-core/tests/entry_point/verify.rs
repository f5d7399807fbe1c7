//! One verifier for holders and for verifiers.

use super::*;
use auths_core::Outcome;
use auths_core::claim::{Challenge, MAX_CHALLENGE_LIFE, RevocationTarget};
use auths_core::ports::ProofHint;
use auths_core::use_cases::{SetupError, StoredLink, revoke, sign_account_claim};
use auths_testkit::doubles::FailNext;

#[test]
fn a_verifier_without_a_source_or_a_memory_of_revocations_or_a_word_on_challenges_cannot_be_made() {
    let scene = Scene::new();
    let me = || Verifier::builder(HUB.parse().unwrap()).registry(scene.pypi.clone());
    let without_source = me().revocation_memory(scene.memory.clone()).build();
    assert_eq!(without_source.unwrap_err(), SetupError::NoRevocationSource);
    let without_memory = me().revocations(scene.list.clone()).build().unwrap_err();
    assert_eq!(without_memory, SetupError::NoRevocationMemory);
    assert_eq!(without_memory.code(), "AUTHS-1008");
    let whole = || {
        me().revocations(scene.list.clone())
            .revocation_memory(scene.memory.clone())
    };
    let undecided = whole().build().unwrap_err();
    assert_eq!(undecided, SetupError::ChallengesUndecided);
    let entropy = CountingEntropy::default();
    let both = whole().challenges(scene.guard.clone(), entropy, Duration::from_secs(60));
    let both = both.without_challenges().build().unwrap_err();
    assert_eq!(both, SetupError::ChallengesUndecided);
}

#[test]
fn a_verifier_whose_challenges_live_too_long_or_not_at_all_cannot_be_made() {
    let scene = Scene::new();
    let with_life = |life| {
        Verifier::builder(HUB.parse().unwrap())
            .registry(scene.pypi.clone())
            .revocations(scene.list.clone())
            .revocation_memory(scene.memory.clone())
            .challenges(scene.guard.clone(), CountingEntropy::default(), life)
            .build()
    };
    for life in [Duration::ZERO, MAX_CHALLENGE_LIFE + Duration::from_secs(1)] {
        assert_eq!(
            with_life(life).unwrap_err(),
            SetupError::ChallengeLife(life)
        );
    }
    assert!(with_life(MAX_CHALLENGE_LIFE).is_ok());
}

#[test]
fn holder_and_verifier_come_to_one_answer() {
    let scene = Scene::new();
    let verifier = scene.verifier();
    let bundle = scene.bundle(&verifier, &scene.key, false);
    let decision = scene.verify(&verifier, &bundle);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{}",
        decision.message()
    );
    assert_eq!(decision.revocations()[0].source, "the hub's list");
    let verified = decision.into_verified().unwrap();
    assert_eq!(verified.get().speaker.did(), Some(&did(&scene.key)));

    let stranger = scene.bundle(&verifier, &key(2), false);
    assert_eq!(
        scene.verify(&verifier, &stranger).outcome(),
        Outcome::Denied
    );
}

#[test]
fn a_challenge_is_used_up_by_the_first_yes() {
    let scene = Scene::new();
    let verifier = scene.verifier_with_challenges();
    let bundle = scene.bundle(&verifier, &scene.key, true);
    let first = scene.verify(&verifier, &bundle);
    assert!(first.into_verified().is_ok());
    let second = scene.verify(&verifier, &bundle);
    assert_eq!(
        (second.outcome(), code(&second)),
        (Outcome::Denied, "AUTHS-2009")
    );
    assert!(second.into_verified().is_err());
}

#[test]
fn an_answer_that_is_no_yes_uses_no_challenge_up() {
    let scene = Scene::new();
    let verifier = scene.verifier_with_challenges();
    let bundle = scene.bundle(&verifier, &scene.key, true);
    scene.set_down(true);
    assert_eq!(
        scene.verify(&verifier, &bundle).outcome(),
        Outcome::Undetermined
    );
    scene.set_down(false);
    assert!(scene.verify(&verifier, &bundle).into_verified().is_ok());
}

#[test]
fn a_claim_without_a_challenge_of_this_verifier_is_denied_and_costs_no_request() {
    let scene = Scene::new();
    let verifier = scene.verifier_with_challenges();
    let without = scene.bundle(&scene.verifier(), &scene.key, false);
    let made_up: Challenge = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
        .parse()
        .unwrap();
    let request = ClaimRequest::new("pypi:six".parse().unwrap(), scene.now())
        .for_audience(HUB.parse().unwrap())
        .with_challenge(made_up);
    let context = ClaimsContext::default();
    let claimed = block_on(verifier.claim(&scene.key, &context, request, &Policy::standard()));
    for bundle in [without, claimed.unwrap().bundle] {
        let before = scene.asked();
        let decision = scene.verify(&verifier, &bundle);
        assert_eq!(
            (decision.outcome(), code(&decision)),
            (Outcome::Denied, "AUTHS-2006")
        );
        assert_eq!(scene.asked(), before);
        let offline = block_on(verifier.verify_offline(bundle, &Policy::standard(), scene.now()));
        assert_eq!(code(&offline.unwrap()), "AUTHS-2006");
    }
}

#[test]
fn a_claim_for_another_verifier_is_denied_and_costs_no_request() {
    let scene = Scene::new();
    let elsewhere = Verifier::builder("https://other.example".parse().unwrap())
        .registry(scene.pypi.clone())
        .revocations(scene.list.clone())
        .revocation_memory(scene.memory.clone())
        .without_challenges()
        .build()
        .unwrap();
    let bundle = scene.bundle(&scene.verifier(), &scene.key, false);
    let before = scene.asked();
    let decision = scene.verify(&elsewhere, &bundle);
    assert_eq!(
        (decision.outcome(), code(&decision)),
        (Outcome::Denied, "AUTHS-2005")
    );
    assert_eq!(scene.asked(), before);
}

#[test]
fn a_revoked_key_is_denied_and_costs_no_request() {
    let scene = Scene::new();
    let verifier = scene.verifier();
    let bundle = scene.bundle(&verifier, &scene.key, false);
    let own = RevocationTarget::Did(did(&scene.key));
    scene.publish_revocation(block_on(revoke(&scene.key, own, scene.now())).unwrap());
    let before = scene.asked();
    let decision = scene.verify(&verifier, &bundle);
    assert_eq!(
        (decision.outcome(), code(&decision)),
        (Outcome::Denied, "AUTHS-2030")
    );
    assert_eq!(scene.asked(), before);
}

#[test]
fn what_was_seen_of_a_revocation_once_is_remembered_by_the_next_verifier() {
    let scene = Scene::new();
    let bundle = scene.bundle(&scene.verifier(), &scene.key, false);
    let own = RevocationTarget::Did(did(&scene.key));
    let revocation = block_on(revoke(&scene.key, own, scene.now())).unwrap();
    let told = scene.builder().revocations({
        let list = RevocationList::new("a log");
        list.publish(PublishedRevocations::new([revocation]));
        list
    });
    assert_eq!(
        code(&scene.verify(&told.without_challenges().build().unwrap(), &bundle)),
        "AUTHS-2030"
    );
    // The log is gone, and the memory is not.
    assert_eq!(
        code(&scene.verify(&scene.verifier(), &bundle)),
        "AUTHS-2030"
    );
}

#[test]
fn a_source_of_revocations_that_cannot_be_read_keeps_a_yes_back() {
    let scene = Scene::new();
    let failing = FailNext::new(RevocationList::new("a log"));
    failing.fail_next(Unavailable::new(
        UnavailableReason::RevocationsUnread,
        "the log is down",
    ));
    let bundle = scene.bundle(&scene.verifier(), &scene.key, false);
    let verifier = scene.builder().revocations(failing).without_challenges();
    let verifier = verifier.build().unwrap();
    let decision = scene.verify(&verifier, &bundle);
    assert_eq!(
        decision.outcome(),
        Outcome::Undetermined,
        "{}",
        decision.message()
    );
    assert_eq!(
        scene.verify(&verifier, &bundle).outcome(),
        Outcome::Accepted
    );
}

/// A registry that answers about the package `seven` alone.
#[derive(Debug)]
struct OnlySeven(Arc<SimulatedRegistry>);

#[async_trait]
impl NamespaceVerifier for OnlySeven {
    fn ecosystem(&self) -> &Ecosystem {
        self.0.ecosystem()
    }
    fn origin(&self) -> &Origin {
        self.0.origin()
    }
    fn is_public(&self) -> bool {
        true
    }
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        if query.namespace == "pypi:seven".parse().unwrap() {
            return self.0.gather(query).await;
        }
        Err(Unavailable::new(UnavailableReason::Network, "it is down").into())
    }
}

#[test]
fn accounts_that_cannot_be_read_have_one_answer_for_holder_and_verifier() {
    let scene = Scene::new();
    let (device, account) = (key(3), "pypi:alice".parse().unwrap());
    {
        // Nobody is named by `seven`, so only alice's account leads to it.
        let name = "pypi:alice-auths".parse().unwrap();
        let mut world = scene.world.lock().unwrap();
        world
            .publish(&scene.alice, "seven", "1.0", Metadata::new())
            .unwrap();
        for version in ["1.0", "1.1"] {
            let metadata = Metadata::new().speaking_for(did(&device), &name, &account);
            world
                .publish(&scene.alice, "alice-auths", version, metadata)
                .unwrap();
            world.wait(DAY * 8);
        }
    }
    let claim = block_on(sign_account_claim(&device, account, None, scene.now())).unwrap();
    let hint = ProofHint::Statement("pypi:alice-auths".parse().unwrap());
    let good = scene.verifier();
    let bad = Verifier::builder(HUB.parse().unwrap())
        .registry(OnlySeven(scene.pypi.registry.clone()))
        .revocations(scene.list.clone())
        .revocation_memory(scene.memory.clone())
        .without_challenges()
        .build()
        .unwrap();
    let mut found = None;
    for (verifier, outcome) in [(&good, Outcome::Accepted), (&bad, Outcome::Undetermined)] {
        let request = ClaimRequest::new("pypi:seven".parse().unwrap(), scene.now())
            .for_audience(HUB.parse().unwrap());
        let context = verifier.context(vec![StoredLink::new(claim.clone(), Some(hint.clone()))]);
        let claimed = block_on(verifier.claim(&device, &context, request, &Policy::standard()));
        let claimed = claimed.unwrap();
        // Only a bundle of somebody who found the proof says where it is.
        let bundle = found.get_or_insert(claimed.bundle);
        let verified = scene.verify(verifier, bundle);
        assert_eq!(verified.outcome(), outcome, "{}", verified.message());
        assert_eq!(claimed.decision.outcome(), outcome);
        assert_eq!(claimed.decision.message(), verified.message());
    }
}

#[test]
fn offline_it_decides_on_observers_and_asks_the_registry_nothing() {
    let scene = Scene::new();
    let verifier = scene.verifier();
    let bundle = scene.bundle(&verifier, &scene.key, false);
    let before = scene.asked();
    let policy = Policy::standard().trusting([did(&scene.key)]);
    let decide = |policy: &Policy| {
        let decided = block_on(verifier.verify_offline(bundle.clone(), policy, scene.now()));
        decided.unwrap().outcome()
    };
    assert_eq!(decide(&policy), Outcome::Accepted);
    assert_eq!(decide(&Policy::standard()), Outcome::Undetermined);
    assert_eq!(scene.asked(), before);
}

#[test]
fn no_challenge_is_given_for_a_package_that_no_registry_reads() {
    let scene = Scene::new();
    let verifier = scene.verifier_with_challenges();
    let (elsewhere, now) = ("npm:left".parse().unwrap(), scene.now());
    let refused = block_on(verifier.issue_challenge(did(&scene.key), elsewhere, now));
    assert_eq!(refused.unwrap_err().code(), "AUTHS-3026");
}
