//! What a stolen token of crates.io or GitHub gains on a crate: nothing, while it is noticed in time.

use super::*;

#[test]
fn stolen_token_that_publishes_says_nothing_of_a_key() {
    let (scene, session, _) = linked_crate();
    let (_, asking) = mallorys(&scene);
    let grants = [
        Grant::CratesPublishUpdate,
        Grant::CratesPublishNew,
        Grant::CratesYank,
    ];
    let token = scene.steal_token_for(&session, &grants);
    for version in ["6.0.0", "6.1.0", "6.2.0"] {
        scene
            .publish(&token, "demo", version, &[&mallory()])
            .unwrap();
        scene
            .publish(&token, &format!("new{}", &version[2..3]), version, &[])
            .unwrap();
        scene.wait_days(8);
    }
    assert!(scene.world().add_owner(&token, "demo", "mallory").is_err());
    for asking in [asking, ClaimParts::with_nothing()] {
        let decision = scene.answer(&mallory(), "demo", &asking);
        assert_eq!(
            decision.outcome(),
            Outcome::Denied,
            "{:?}",
            decision.reason()
        );
    }
}

#[test]
fn stolen_token_adding_its_thief_as_an_owner() {
    let (scene, session, _) = linked_crate();
    let (theirs, asking) = mallorys(&scene);
    let token = scene.steal_token(&session, None);
    scene.world().add_owner(&token, "demo", "mallory").unwrap();
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
    scene.world().accept_invitation(&theirs, "demo").unwrap();
    for days in [0, 7, 100] {
        scene.wait_days(days);
        denied_for(&scene.answer(&mallory(), "demo", &asking), StolenToken);
    }
    // What alice's token publishes is alice's, however old it gets.
    scene.publish(&token, "demo", "6.0.0", &[]).unwrap();
    scene.wait_days(8);
    denied_for(&scene.answer(&mallory(), "demo", &asking), StolenToken);
}

#[test]
fn stolen_token_presented_as_if_it_were_an_approval() {
    let (scene, session, _) = linked_crate();
    let grants = [Grant::Gist, Grant::ReadOrg];
    let classic = scene.steal_token_for(&session, &grants);
    let asking = presenting(&scene, scene.account("alice"), &classic);
    denied_for(&scene.answer(&mallory(), "demo", &asking), StolenToken);
    // The same for a token that some other app obtained.
    let mut world = scene.world();
    world.register_app("another app", true);
    let flow = world.begin_device_flow("another app", &[]).unwrap();
    world
        .answer_device_flow(&session, &flow.user_code, true)
        .unwrap();
    let token = world
        .poll_device_flow("another app", &flow.device_code)
        .unwrap();
    drop(world);
    let asking = presenting(&scene, scene.account("alice"), &token);
    denied_for(&scene.answer(&mallory(), "demo", &asking), StolenToken);
    // A token of crates.io is none of GitHub, and what was revoked is nobody's.
    scene.world().revoke_token(&session, &token).unwrap();
    let asking = presenting(&scene, scene.account("alice"), &token);
    denied_for(&scene.answer(&mallory(), "demo", &asking), Stranger);
}

#[test]
fn stolen_token_planting_a_gist_that_the_owner_sees_within_the_maturity() {
    let (scene, session, _) = linked_crate();
    let token = scene.steal_token_for(&session, &[Grant::Gist]);
    let link = scene
        .gist(&token, &mallory(), scene.account("alice"))
        .unwrap();
    let planted = link.1.clone().unwrap();
    let asking = ClaimParts::linked([link]);
    for days in [0, 6] {
        scene.wait_days(days);
        pending(&scene.answer(&mallory(), "demo", &asking));
    }
    scene.world().revoke_token(&session, &token).unwrap();
    scene.world().delete_gist(&session, &planted).unwrap();
    scene.wait_days(30);
    assert!(!scene.accepts(&mallory(), "demo", &asking));
}

#[test]
fn stolen_token_of_one_poisoned_run() {
    let (scene, session, _) = linked_crate();
    let (_, asking) = mallorys(&scene);
    let workflow = scene
        .world()
        .create_repository(&session, "alice/demo")
        .unwrap();
    scene.world().trust(&session, "demo", &workflow).unwrap();
    let run = scene.world().run(&workflow).unwrap();
    scene.publish(&run, "demo", "6.0.0", &[&mallory()]).unwrap();
    assert!(scene.world().add_owner(&run, "demo", "mallory").is_err());
    scene.wait_days(8);
    denied(&scene.answer(&mallory(), "demo", &asking), "not-listed");
}
