//! One use of a token, over replicas and restarts; and one use of a challenge.

use std::sync::Arc;

use super::*;
use auths_core::ports::{MemoryReplayGuard, MemoryRevocations};
use auths_core::reason::RefutedReason::{ChallengeUsed, TokenUsed};
use auths_core::use_cases::{ClaimRequest, ClaimsContext, KeyPublishRequest, Verifier};
use auths_keystore::{FileReplayGuard, RecordKey};
use auths_testkit::block_on;
use auths_testkit::doubles::CountingEntropy;
use auths_tests::front_end::{HUB, on_pypi};

#[test]
fn a_second_replica_gives_no_second_grant_for_a_token() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let (six, kept, policy) = ([stage.six()], Kept::default(), Policy::standard());
    let token = stage.token(&stage.run(&stage.hub));
    let replicas = [
        stage.desk(stage.used.clone()),
        stage.desk(stage.used.clone()),
    ];
    let ask =
        |replica: usize| stage.grant_at(&replicas[replica], &token, &six, &rules, &kept, &policy);
    assert!(ask(0).is_ok());
    refused(ask(1), TokenUsed);
    refused(ask(0), TokenUsed);
    // What shares no record is no replica: that is why it must.
    let apart = stage.desk(Arc::new(MemoryReplayGuard::new()));
    assert!(
        stage
            .grant_at(&apart, &token, &six, &rules, &kept, &policy)
            .is_ok()
    );
}

#[test]
fn a_restart_gives_no_second_grant_for_a_token() {
    let stage = on_pypi();
    let rules = [stage.owners_rule()];
    let (six, kept, policy) = ([stage.six()], Kept::default(), Policy::standard());
    let token = stage.token(&stage.run(&stage.hub));
    let home = tempfile::tempdir().unwrap();
    let started = || {
        let key = RecordKey::in_dir(home.path().join("keys"));
        let used = FileReplayGuard::new(home.path().join("used"), key);
        stage.desk(Arc::new(used))
    };
    let ask = || stage.grant_at(&started(), &token, &six, &rules, &kept, &policy);
    assert!(ask().is_ok());
    refused(ask(), TokenUsed);
    // It lives five minutes, and its use is remembered for longer.
    stage.world().wait(std::time::Duration::from_secs(301));
    refused(ask(), TokenUsed);
}

#[test]
fn a_second_replica_or_a_restart_takes_no_challenge_twice() {
    let stage = on_pypi();
    let home = tempfile::tempdir().unwrap();
    let replica = || -> Verifier {
        let key = RecordKey::in_dir(home.path().join("keys"));
        let used = FileReplayGuard::new(home.path().join("used"), key);
        Verifier::builder(HUB.parse().unwrap())
            .registry(stage.registry.clone())
            .revocations(stage.list.clone())
            .revocation_memory(MemoryRevocations::new())
            .challenges(Arc::new(used), CountingEntropy::default(), DAY / 24)
            .build()
            .unwrap()
    };
    let (verifier, now) = (replica(), stage.world().now());
    let issued = block_on(verifier.issue_challenge(did(&alice()), stage.six(), now));
    let request = ClaimRequest::new(stage.six(), now)
        .for_audience(HUB.parse().unwrap())
        .with_challenge(issued.unwrap().challenge().clone());
    let (context, policy) = (ClaimsContext::default(), Policy::standard());
    let claimed = block_on(verifier.claim(&alice(), &context, request, &policy));
    let bundle = claimed.unwrap().bundle;
    let desk = stage.desk(stage.used.clone());
    let request = KeyPublishRequest::new(bundle);
    let publish = |at: &Verifier| block_on(at.publish_by_key(&desk, &request, &policy, now));
    assert!(publish(&verifier).is_ok());
    refused(publish(&verifier), ChallengeUsed);
    refused(publish(&replica()), ChallengeUsed);
}
