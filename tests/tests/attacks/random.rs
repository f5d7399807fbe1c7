//! Random sequences of moves.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Move {
    /// The owner publishes, naming alice or nobody.
    Owner {
        package: usize,
        names: bool,
    },
    /// The owner yanks its own newest release.
    Yank {
        package: usize,
    },
    /// The thief publishes with the stolen token, naming itself, perhaps beside alice.
    Thief {
        package: usize,
        beside: bool,
    },
    Wait {
        hours: u32,
    },
}

const PACKAGES: [&str; 3] = ["six", "alice-auths", "alice-new"];

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        3 => (0usize..3, any::<bool>()).prop_map(|(package, names)| Move::Owner { package, names }),
        1 => (0usize..3).prop_map(|package| Move::Yank { package }),
        3 => (0usize..3, any::<bool>()).prop_map(|(package, beside)| Move::Thief { package, beside }),
        3 => (1u32..240).prop_map(|hours| Move::Wait { hours }),
    ];
    prop::collection::vec(one, 1..14)
}

/// Plays the moves; the thief may act only while `may_act(first theft, now)` holds. Asserts after each that it is never accepted.
fn play(
    scene: &Scene,
    session: &Session,
    moves: &[Move],
    holds_for: std::time::Duration,
) -> Result<(), TestCaseError> {
    let token = scene.steal_token(session, None);
    let mut first_theft = None;
    for (n, one) in moves.iter().enumerate() {
        let version = format!("{}.0", n + 100);
        match one {
            Move::Owner { package, names } => {
                let named: &[&KeyPair] = if *names { &[&alice()] } else { &[] };
                scene
                    .publish(session, PACKAGES[*package], &version, named)
                    .unwrap();
            }
            Move::Yank { package } => {
                let newest = scene
                    .world()
                    .project(PACKAGES[*package])
                    .and_then(|p| Some(p.releases().last()?.version().to_owned()));
                if let Some(newest) = newest {
                    scene
                        .world()
                        .yank(session, PACKAGES[*package], &newest, true)
                        .unwrap();
                }
            }
            Move::Thief { package, beside } => {
                let now = scene.world().now();
                let since = *first_theft.get_or_insert(now);
                if now.since(since) < holds_for {
                    let both = [&alice(), &mallory()];
                    let named: &[&KeyPair] = if *beside { &both } else { &both[1..] };
                    scene
                        .publish(&token, PACKAGES[*package], &version, named)
                        .unwrap();
                }
            }
            Move::Wait { hours } => scene.world().wait(DAY / 24 * *hours),
        }
        for package in PACKAGES {
            let by_package = scene.accepts(&mallory(), package, &ClaimParts::with_nothing());
            // A name that was free, and that the thief itself registered, it may have: a stranger could have had it too.
            let namespace = scene.namespace(package);
            let own = scene.world().project(package).is_some_and(|p| {
                p.releases()
                    .first()
                    .is_some_and(|r| r.metadata().dids_for(&namespace).contains(&did(&mallory())))
            });
            prop_assert!(!by_package || own, "{package} after move {n}");
            let by_account = scene.accepts(
                &mallory(),
                "six",
                &ClaimParts::as_account("alice", Some(package)),
            );
            prop_assert!(
                !by_account,
                "by the account statement {package}, after move {n}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A token that is used for less than the maturity, however often, and then waited on for however long.
    #[test]
    fn a_stolen_token_that_is_not_held_never_gets_a_yes(moves in moves()) {
        let (scene, session) = old_project();
        play(&scene, &session, &moves, WEEK)?;
        scene.wait_days(400);
        prop_assert!(!scene.accepts(&mallory(), "six", &ClaimParts::with_nothing()));
    }

    /// Over a mature DID that its owner goes on naming, not even a token that is held for ever.
    #[test]
    fn a_held_token_never_gets_a_yes_beside_a_did_that_stays_mature(beside in prop::collection::vec((any::<bool>(), 1u32..240), 1..10)) {
        let (scene, session) = claimed_project();
        let token = scene.steal_token(&session, Some("six"));
        for (n, (owner, hours)) in beside.iter().enumerate() {
            let version = format!("{}.0", n + 100);
            if *owner {
                scene.publish(&session, "six", &version, &[&alice()]).unwrap();
            } else {
                scene.publish(&token, "six", &version, &[&alice(), &mallory()]).unwrap();
            }
            scene.world().wait(DAY / 24 * *hours);
            prop_assert!(!scene.accepts(&mallory(), "six", &ClaimParts::with_nothing()));
            prop_assert!(scene.accepts(&alice(), "six", &ClaimParts::with_nothing()));
        }
    }
}
