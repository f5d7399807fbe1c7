//! `auths namespace statements`.

use auths_core::simulation::Metadata;

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
fn where_only_a_release_is_missing_no_time_is_named() {
    for (days, is_to_come) in [(57, true), (30, false)] {
        let did = Sandbox::with_key().did();
        let (mut world, gutworth) = sixty_days_ago();
        world.wait(days * DAY);
        let names = naming(&did, "six");
        world.publish(&gutworth, "six", "1.1", names).unwrap();
        let pypi = Pypi::serve(world);
        let sandbox = Sandbox::new().asking(pypi.origin());
        let answer = sandbox.json("namespace-statements", &SIX);
        let one = &answer["statements"][0];
        assert_eq!(
            (&one["state"], &one["needs_release"]),
            (&"young".into(), &true.into())
        );
        assert_eq!(one["matures_at"].is_string(), is_to_come, "{answer:#}");
        let text = sandbox.run(&SIX).out;
        assert!(text.contains("needs one more release"), "{text}");
    }
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

#[test]
fn a_release_without_a_time_leaves_it_open() {
    let (mut world, gutworth) = sixty_days_ago();
    world.wait(DAY);
    world
        .publish(&gutworth, "six", "1.1", Metadata::new())
        .unwrap();
    world.delete_file(&gutworth, "six", "1.0", 0).unwrap();
    let pypi = Pypi::serve(world);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let args = [&SIX[..], &["--expect-none"]].concat();
    let answer = sandbox.json("namespace-statements", &args);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"undetermined".into(), &"release-without-time".into())
    );
}

#[test]
fn every_release_of_the_newest_second_is_compared() {
    let planted = Sandbox::with_key().did();
    for first in [true, false] {
        let (mut world, gutworth) = sixty_days_ago();
        world.wait(DAY);
        for (version, names) in [("1.1", first), ("1.2", !first)] {
            let metadata = match names {
                true => naming(&planted, "six"),
                false => Metadata::new(),
            };
            world.publish(&gutworth, "six", version, metadata).unwrap();
        }
        let pypi = Pypi::serve(world);
        let sandbox = Sandbox::new().asking(pypi.origin());
        let args = [&SIX[..], &["--expect-none"]].concat();
        let answer = sandbox.json("namespace-statements", &args);
        assert_eq!(answer["outcome"], "refuted", "{answer:#}");
        assert_eq!(answer["statements"][0]["did"], planted);
    }
}

#[test]
fn what_was_dropped_and_what_was_not_read_are_said() {
    let (dropped, own) = (Sandbox::with_key().did(), Sandbox::with_key().did());
    let (mut world, gutworth) = sixty_days_ago();
    for (version, names) in [("1.1", Some(&dropped)), ("1.2", Some(&own)), ("1.3", None)] {
        world.wait(5 * DAY);
        let metadata = names.map_or_else(Metadata::new, |did| naming(did, "six"));
        world.publish(&gutworth, "six", version, metadata).unwrap();
    }
    let pypi = Pypi::serve(world.clone());
    let sandbox = Sandbox::new().asking(pypi.origin());
    let args = [&SIX[..], &["--expect-none"]].concat();
    let silent = sandbox.json("namespace-statements", &args);
    // The newest release names nobody: nothing older can stand, and nothing older was read.
    assert_eq!(silent["outcome"], "confirmed");
    assert_eq!(
        silent["read"],
        serde_json::json!({ "releases": 1, "of": 4, "oldest": "1.3" })
    );
    let text = sandbox.run(&args).out;
    assert!(
        text.contains("1 of 4 releases") && text.contains("were not read"),
        "{text}"
    );

    // What installers pick is read too: that it names a DID which the newest release does not is shown, and compared.
    world.wait(DAY);
    let names = naming(&dropped, "six");
    world.publish(&gutworth, "six", "1.4", names).unwrap();
    let beta = Metadata::new();
    world.publish(&gutworth, "six", "2.0b1", beta).unwrap();
    world.wait(DAY);
    let beta = Metadata::new();
    world.publish(&gutworth, "six", "2.0b2", beta).unwrap();
    *pypi.world.lock().unwrap() = world;
    let answer = sandbox.json("namespace-statements", &args);
    assert_eq!(answer["outcome"], "refuted");
    let one = &answer["statements"][0];
    assert_eq!(
        (&one["did"], &one["state"]),
        (&dropped.clone().into(), &"dropped".into()),
        "{answer:#}"
    );
    let help = sandbox.run(&["namespace", "statements", "--help"]).out;
    let words = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("Releases before that are not read"),
        "{words}"
    );
}
