//! Bundles, and what cannot be seen: never a yes.

use super::*;

// --- bundles

#[test]
fn a_bundle_counts_offline_for_those_who_trust_its_observer_only() {
    let (scene, _) = linked_project();
    let bundle = scene
        .ask(&alice(), "six", &as_alice(), &Policy::standard())
        .unwrap()
        .bundle;
    let stranger = scene.verify_offline(&bundle, &Policy::standard()).unwrap();
    assert_eq!(
        (stranger.outcome(), reason(&stranger)),
        (Outcome::Undetermined, "untrusted-observer")
    );
    assert!(stranger.remedy().unwrap().contains("--live"));
    let trusting = Policy::standard().trusting([did(&alice())]);
    assert_eq!(
        scene.verify_offline(&bundle, &trusting).unwrap().outcome(),
        Outcome::Accepted
    );
    assert_eq!(
        scene.verify_live(&bundle, &Policy::standard()).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn an_edited_bundle_is_refused_offline_and_decided_anew_live() {
    let (scene, _) = old_project();
    let bundle = scene
        .ask(
            &mallory(),
            "six",
            &ClaimParts::as_account("alice", None),
            &Policy::standard(),
        )
        .unwrap()
        .bundle;
    let edited = bundle
        .to_json()
        .replace("pypi:alice", "pypi:mallory")
        .replace("\"alice\"", "\"mallory\"");
    assert_ne!(edited, bundle.to_json());
    let edited = auths_core::Bundle::parse(edited.as_bytes()).unwrap();
    let trusting = Policy::standard().trusting([did(&mallory())]);
    assert!(scene.verify_offline(&edited, &trusting).is_err());
    assert_ne!(
        scene.verify_live(&edited, &trusting).outcome(),
        Outcome::Accepted
    );
}

#[test]
fn an_old_bundle_is_not_fresh_evidence() {
    let (scene, _) = linked_project();
    let bundle = scene
        .ask(&alice(), "six", &as_alice(), &Policy::standard())
        .unwrap()
        .bundle;
    scene.world().wait(DAY + DAY / 24);
    let trusting = Policy::standard().trusting([did(&alice())]);
    let stale = scene.verify_offline(&bundle, &trusting).unwrap();
    assert_eq!(
        (stale.outcome(), reason(&stale)),
        (Outcome::Undetermined, "stale-evidence")
    );
    scene.world().wait(DAY * 31);
    denied(
        &scene.verify_offline(&bundle, &trusting).unwrap(),
        "expired",
    );
}

// --- what cannot be seen is never a yes

#[test]
fn an_organization_hides_who_else_may_publish() {
    let (scene, session) = claimed_project();
    scene
        .world()
        .set_organization(&session, "six", Some("acme"))
        .unwrap();
    denied_for(
        &scene.answer(&alice(), "six", &ClaimParts::with_nothing()),
        Collaborator,
    );
}

#[test]
fn a_quarantined_or_unknown_project_is_nobodys() {
    let (scene, _) = claimed_project();
    scene.world().quarantine("six", true).unwrap();
    assert!(
        scene
            .ask(
                &alice(),
                "six",
                &ClaimParts::with_nothing(),
                &Policy::standard()
            )
            .is_err()
    );
    assert!(
        scene
            .ask(
                &alice(),
                "never-made",
                &ClaimParts::with_nothing(),
                &Policy::standard()
            )
            .is_err()
    );
}
