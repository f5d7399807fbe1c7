//! `auths namespace statements`.

use crate::sandbox::Sandbox;
use crate::world::{DAY, Pypi, naming, nobody, sixty_days_ago};

const SIX: [&str; 3] = ["namespace", "statements", "pypi:six"];

#[test]
fn every_did_is_shown_and_what_is_not_expected_ends_with_one() {
    let (own, planted) = (Sandbox::with_key().did(), Sandbox::with_key().did());
    let (mut world, gutworth) = sixty_days_ago();
    world.wait(DAY);
    world
        .publish(&gutworth, "six", "1.1", naming(&own, "six"))
        .unwrap();
    world.wait(20 * DAY);
    world
        .publish(&gutworth, "six", "1.2", naming(&own, "six"))
        .unwrap();
    let pypi = Pypi::serve(world.clone());
    let sandbox = Sandbox::new().asking(pypi.origin());
    let read = |args: &[&str]| sandbox.json("namespace-statements", &[&SIX[..], args].concat());

    let plain = read(&[]);
    assert_eq!(
        (&plain["outcome"], &plain["statements"][0]["state"]),
        (&"done".into(), &"mature".into())
    );
    assert_eq!(read(&["--expect", &own])["outcome"], "confirmed");
    assert_eq!(read(&["--expect-none"])["outcome"], "refuted");

    world.wait(38 * DAY);
    world
        .publish(&gutworth, "six", "1.3", naming(&planted, "six"))
        .unwrap();
    *pypi.world.lock().unwrap() = world;
    let answer = read(&["--expect", &own]);
    assert_eq!(answer["outcome"], "refuted");
    assert!(answer["message"].as_str().unwrap().contains(&planted));
    let state = |did: &str| {
        let statements = answer["statements"].as_array().unwrap();
        statements
            .iter()
            .find(|s| s["did"] == did)
            .map(|s| s["state"].clone())
    };
    assert_eq!(state(&planted), Some("contested".into()), "{answer:#}");
    assert_eq!(
        sandbox.run(&[&SIX[..], &["--expect", &own]].concat()).code,
        1
    );
}

#[test]
fn no_statement_and_no_answer_differ() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let none = sandbox.json(
        "namespace-statements",
        &[&SIX[..], &["--expect-none"]].concat(),
    );
    assert_eq!(
        (&none["outcome"], &none["statements"]),
        (&"confirmed".into(), &serde_json::json!([]))
    );
    let unknown = sandbox.json("failure", &["namespace", "statements", "pypi:seven"]);
    assert_eq!(unknown["reason"], "unknown-project");
    let offline = Sandbox::new().asking(nobody()).json("failure", &SIX);
    assert_eq!(offline["outcome"], "unavailable");
}
