//! What a stolen token of npm gains: nothing.

use super::*;

#[test]
fn stolen_token_planting_one_release_at_once_and_by_waiting() {
    let (scene, session) = old_package();
    let token = scene.steal_token(&session, Some("left"));
    scene
        .publish(&token, "left", "6.6.6", &[&mallory()])
        .unwrap();
    for days in [0, 6, 1, 1, 365] {
        scene.wait_days(days);
        pending(&scene.answer(&mallory(), "left", &nothing()));
    }
}

/// npm's tokens may unpublish, so that a planted release is the first that is left.
#[test]
fn stolen_token_unpublishing_every_release_before_its_own() {
    let (scene, session) = old_package();
    let token = scene.steal_token(&session, None);
    scene
        .publish(&token, "left", "6.6.6", &[&mallory()])
        .unwrap();
    for version in ["1.0.0", "1.1.0"] {
        scene
            .world()
            .delete_release(&token, "left", version)
            .unwrap();
    }
    for days in [0, 7, 365] {
        scene.wait_days(days);
        assert!(
            !scene.accepts(&mallory(), "left", &nothing()),
            "after {days}"
        );
    }
}

#[test]
fn stolen_token_unpublishing_a_mature_did() {
    let (scene, session) = claimed_package();
    let token = scene.steal_token(&session, None);
    scene
        .publish(&token, "left", "6.6.6", &[&mallory()])
        .unwrap();
    for version in ["1.0.0", "1.1.0", "2.0.0", "2.1.0"] {
        scene
            .world()
            .delete_release(&token, "left", version)
            .unwrap();
    }
    for days in [0, 7, 365] {
        scene.wait_days(days);
        assert!(
            !scene.accepts(&mallory(), "left", &nothing()),
            "after {days}"
        );
    }
}

/// Where nobody depends on a package, a token may end it and begin it anew. When the package was created is shown then as
/// before, so that the planted release is not the first ever.
#[test]
fn stolen_token_unpublishing_the_package_and_making_it_again() {
    let (scene, session) = old_package();
    let token = scene.steal_token(&session, None);
    scene.world().delete_project(&token, "left").unwrap();
    scene.wait_days(1);
    scene
        .publish(&token, "left", "6.0.0", &[&mallory()])
        .unwrap();
    for days in [0, 7, 365] {
        scene.wait_days(days);
        assert!(
            !scene.accepts(&mallory(), "left", &nothing()),
            "after {days}"
        );
    }
}

/// What is left of it, should npm show a new `time.created` then: a name like any that was free. Whoever claimed the old one is
/// told apart, and `strict` refuses the new one.
#[test]
fn recycled_name_that_a_stolen_token_unpublished_and_made_again_created_anew() {
    let scene = Scene::in_world(|now| World::npm(now).creating_anew());
    let session = scene.sign_up("alice");
    for version in ["2.0.0", "2.1.0"] {
        scene
            .publish(&session, "left", version, &[&alice()])
            .unwrap();
        scene.wait_days(8);
    }
    let asked = scene.ask(&alice(), "left", &nothing(), &Policy::standard());
    let bundle = asked.unwrap().bundle;
    let token = scene.steal_token(&session, None);
    scene.world().delete_project(&token, "left").unwrap();
    assert!(
        scene
            .publish(&token, "left", "6.0.0", &[&mallory()])
            .is_err()
    );
    scene.wait_days(1);
    scene
        .publish(&token, "left", "6.0.0", &[&mallory()])
        .unwrap();
    let decision = scene.verify_live(&bundle, &Policy::standard());
    denied(&decision, "another-incarnation");
    scene.wait_days(7);
    let decision = scene.answer(&mallory(), "left", &nothing());
    accepted(&decision, &[HeldToken, RepositoryWriter, DeviceKey]);
    denied_for(&strictly(&scene, &mallory(), "left", &nothing()), HeldToken);
    // A package that others depend on stays.
    let (scene, session) = claimed_package();
    scene.world().depend_on("left", true).unwrap();
    let token = scene.steal_token(&session, None);
    assert!(scene.world().delete_project(&token, "left").is_err());
}

#[test]
fn stolen_token_deprecating_or_moving_the_tag_gains_nothing() {
    let (scene, session) = old_package();
    let token = scene.steal_token(&session, None);
    // Planted and hidden: installers keep the old version.
    for version in ["6.0.0", "6.1.0"] {
        scene
            .publish(&token, "left", version, &[&mallory()])
            .unwrap();
        scene
            .world()
            .tag(&token, "left", "latest", "1.1.0")
            .unwrap();
        scene.wait_days(8);
        denied(
            &scene.answer(&mallory(), "left", &nothing()),
            "default-outside",
        );
    }
    // Deprecated, what was planted stands for nothing.
    scene
        .world()
        .tag(&token, "left", "latest", "6.1.0")
        .unwrap();
    for version in ["6.0.0", "6.1.0"] {
        scene.world().yank(&session, "left", version, true).unwrap();
    }
    assert!(!scene.accepts(&mallory(), "left", &nothing()));
    // Deprecating what the owner published does not make it undone.
    for version in ["1.0.0", "1.1.0"] {
        scene.world().yank(&token, "left", version, true).unwrap();
    }
    scene
        .publish(&token, "left", "6.2.0", &[&mallory()])
        .unwrap();
    scene.wait_days(365);
    assert!(!scene.accepts(&mallory(), "left", &nothing()));
}

/// What was dropped and is named again begins anew: also where the release in between was taken away.
#[test]
fn stolen_token_adding_its_line_again_after_the_owner_dropped_it() {
    for takes_away in [false, true] {
        let (scene, session) = old_package();
        let token = scene.steal_token(&session, Some("left"));
        let theirs = [&mallory()];
        scene.publish(&token, "left", "6.0.0", &theirs).unwrap();
        scene.wait_days(3);
        scene.publish(&session, "left", "6.0.1", &[]).unwrap();
        scene.wait_days(10);
        scene.publish(&token, "left", "6.0.2", &theirs).unwrap();
        if takes_away {
            let gone = scene.world().delete_release(&token, "left", "6.0.1");
            gone.unwrap();
        }
        for days in [0, 7, 365] {
            scene.wait_days(days);
            let accepted = scene.accepts(&mallory(), "left", &nothing());
            assert!(!accepted, "after {days}");
        }
    }
}

#[test]
fn stolen_token_over_a_mature_did_and_beside_it() {
    let (scene, session) = claimed_package();
    let token = scene.steal_token(&session, Some("left"));
    let both = [&alice(), &mallory()];
    scene.publish(&token, "left", "2.2.0", &both).unwrap();
    scene.wait_days(8);
    scene.publish(&token, "left", "2.3.0", &both).unwrap();
    scene.wait_days(30);
    let decision = scene.answer(&mallory(), "left", &nothing());
    denied(&decision, "statement-contested");
    scene.publish(&token, "left", "2.4.0", &both[1..]).unwrap();
    let decision = scene.answer(&mallory(), "left", &nothing());
    denied(&decision, "statement-contested");
}

#[test]
fn stolen_token_in_the_account_statement_and_in_a_new_package() {
    let (scene, session) = linked_package();
    let token = scene.steal_token(&session, None);
    scene
        .publish_for_account(&token, "@alice/auths", "3.0.0", &mallory(), "alice")
        .unwrap();
    scene
        .publish_for_account(&token, "@alice/more", "1.0.0", &mallory(), "alice")
        .unwrap();
    denied_for(&scene.answer(&mallory(), "left", &as_alice()), Stranger);
    scene.wait_days(365);
    // A package speaks for one DID, from its first release on.
    denied_for(&scene.answer(&mallory(), "left", &as_alice()), Stranger);
    let more = ClaimParts::as_account("alice", Some("@alice/more"));
    pending(&scene.answer(&mallory(), "left", &more));
}

#[test]
fn stolen_token_typing_a_repository_of_the_thief() {
    let (scene, session) = old_package();
    let asking = mature_gist(&scene, "mallory");
    let token = scene.steal_token(&session, None);
    let repository = SourceRepository::new(Platform::GITHUB, "mallory", "left");
    let typed = Metadata::new().from_repository(repository);
    scene
        .world()
        .publish(&token, "left", "6.0.0", typed)
        .unwrap();
    scene.wait_days(150);
    let decision = scene.answer(&mallory(), "left", &asking);
    denied(&decision, "resisted");
    assert!(
        decision
            .chains()
            .iter()
            .any(|c| c.falls_to.contains(StolenToken))
    );
}

#[test]
fn stolen_token_bringing_an_attestation_of_the_thiefs_own_build() {
    let scene = Scene::showing(World::npm, |registry| registry.showing_provenance());
    let session = scene.sign_up("alice");
    scene.publish(&session, "left", "1.0.0", &[]).unwrap();
    scene.wait_days(400);
    let asking = mature_gist(&scene, "mallory");
    let token = scene.steal_token(&session, None);
    let mut world = scene.world();
    let hub = world.sign_up_on(&Platform::GITHUB, "mallory2").unwrap();
    let account = world.account_of_session(&hub).unwrap();
    let workflow = world.create_repository(&hub, "mallory2/left").unwrap();
    let plain = Metadata::new();
    world
        .publish_attested(&token, "left", "6.0.0", plain, &workflow)
        .unwrap();
    drop(world);
    let link = scene.gist(&hub, &mallory(), account).unwrap();
    scene.wait_days(150);
    let by_build = scene.answer(&mallory(), "left", &ClaimParts::linked([link]));
    denied_for(&by_build, Collaborator);
    // Another account's build is nobody else's.
    denied(&scene.answer(&mallory(), "left", &asking), "not-listed");
    // With every earlier release gone it is still not there from the beginning.
    scene
        .world()
        .delete_release(&token, "left", "1.0.0")
        .unwrap();
    assert!(!scene.accepts(&mallory(), "left", &asking));
}

#[test]
fn stolen_token_of_one_poisoned_run() {
    let (scene, session) = old_package();
    let workflow = scene.world().trust_workflow(&session, "left").unwrap();
    let run = scene.world().run(&workflow).unwrap();
    scene.publish(&run, "left", "6.0.0", &[&mallory()]).unwrap();
    scene.wait_days(8);
    assert!(scene.publish(&run, "left", "6.1.0", &[&mallory()]).is_err());
    pending(&scene.answer(&mallory(), "left", &nothing()));
}

#[test]
fn stolen_token_that_only_reads_or_changes_maintainers_cannot() {
    let (scene, session) = linked_package();
    let theirs = scene.sign_up("mallory");
    for grant in [Grant::NpmReadOnly, Grant::NpmGranular, Grant::NpmBypass] {
        let token = scene
            .world()
            .create_token_for(&session, &[grant], None)
            .unwrap();
        assert!(scene.world().add_owner(&token, "left", "mallory").is_err());
        assert!(scene.world().accept_invitation(&theirs, "left").is_err());
    }
}
