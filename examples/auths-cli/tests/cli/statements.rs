//! `auths namespace statements`.

use auths_testkit::world::Metadata;

use crate::sandbox::Sandbox;
use crate::world::{DAY, Pypi, naming, nobody, sixty_days_ago, speaking};

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

/// `requests` is such a project.
#[test]
fn where_no_readable_release_names_anybody_a_release_without_files_leaves_nothing_open() {
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
    assert_eq!(answer["outcome"], "confirmed", "{answer:#}");
    let run = sandbox.run(&args);
    assert_eq!(run.code, 0);
    assert!(
        run.out.contains("release 1.0 has no upload time"),
        "{}",
        run.out
    );
    // What somebody would rest on stays open: the release may have come in between.
    let did = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";
    {
        let mut world = pypi.world.lock().unwrap();
        world.wait(DAY);
        let names = naming(did, "six");
        world.publish(&gutworth, "six", "1.2", names).unwrap();
    }
    let expecting = [&SIX[..], &["--expect", did]].concat();
    let answer = sandbox.json("namespace-statements", &expecting);
    assert_eq!(answer["outcome"], "undetermined", "{answer:#}");
    assert_eq!(
        sandbox.json("namespace-statements", &args)["outcome"],
        "refuted"
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

/// What the answer says of the package as a whole, and of each DID; and the exit status.
fn watched(sandbox: &Sandbox, args: &[&str]) -> (String, String, Vec<(String, String)>, i32) {
    let all = [&SIX[..], args].concat();
    let answer = sandbox.json("namespace-statements", &all);
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let states = answer["statements"].as_array().unwrap().iter();
    let states = states.map(|one| (text(&one["did"]), text(&one["state"])));
    (
        text(&answer["outcome"]),
        text(&answer["reason"]),
        states.collect(),
        sandbox.run(&all).code,
    )
}

#[test]
fn an_expected_did_that_the_newest_release_dropped_is_an_answer() {
    let own = Sandbox::with_key().did();
    let (mut world, gutworth) = sixty_days_ago();
    for (version, names) in [("1.1", true), ("1.2", true), ("1.3", false), ("1.4", false)] {
        world.wait(10 * DAY);
        let metadata = match names {
            true => naming(&own, "six"),
            false => Metadata::new(),
        };
        world.publish(&gutworth, "six", version, metadata).unwrap();
    }
    let pypi = Pypi::serve(world);
    let sandbox = Sandbox::new().asking(pypi.origin());
    // Releases are read back to where it was named.
    let (outcome, reason, states, code) = watched(&sandbox, &["--expect", &own]);
    assert_eq!(
        (&*outcome, &*reason, code),
        ("refuted", "statement-dropped", 1)
    );
    assert_eq!(states, [(own, "dropped".to_owned())]);
}

#[test]
fn an_expected_did_that_no_release_names_is_absent() {
    let (own, other) = (Sandbox::with_key().did(), Sandbox::with_key().did());
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let (outcome, reason, states, code) = watched(&sandbox, &["--expect", &own]);
    assert_eq!(
        (&*outcome, &*reason, code),
        ("refuted", "statement-absent", 1)
    );
    assert_eq!(states, [(own, "absent".to_owned())]);
    let (outcome, reason, _, code) = watched(&sandbox, &["--expect-account", &other]);
    assert_eq!(
        (&*outcome, &*reason, code),
        ("refuted", "statement-absent", 1)
    );
}

#[test]
fn an_expected_did_that_is_contested_is_an_answer_though_both_are_expected() {
    let (own, new) = (Sandbox::with_key().did(), Sandbox::with_key().did());
    let (mut world, gutworth) = sixty_days_ago();
    for (version, did) in [("1.1", &own), ("1.2", &own), ("1.3", &new)] {
        world.wait(18 * DAY);
        world
            .publish(&gutworth, "six", version, naming(did, "six"))
            .unwrap();
    }
    let pypi = Pypi::serve(world);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let both = ["--expect", &*new, "--expect", &*own];
    let (outcome, reason, states, code) = watched(&sandbox, &both);
    assert_eq!(
        (&*outcome, &*reason, code),
        ("refuted", "statement-contested", 1),
        "{states:?}"
    );
}

#[test]
fn an_expected_did_that_is_young_is_confirmed_and_the_answer_says_when() {
    let own = Sandbox::with_key().did();
    let (mut world, gutworth) = sixty_days_ago();
    world.wait(58 * DAY);
    world
        .publish(&gutworth, "six", "1.1", naming(&own, "six"))
        .unwrap();
    let pypi = Pypi::serve(world);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let args = [&SIX[..], &["--expect", &own]].concat();
    let run = sandbox.run(&args);
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(
        run.out.contains("is young, and mature at 20"),
        "{}",
        run.out
    );
    let answer = sandbox.json("namespace-statements", &args);
    assert_eq!(answer["outcome"], "confirmed");
    assert!(answer["statements"][0]["matures_at"].is_string());
}

#[test]
fn an_account_statement_is_shown_as_such_and_watched_by_itself() {
    let (own, planted) = (Sandbox::with_key().did(), Sandbox::with_key().did());
    let (mut world, gutworth) = sixty_days_ago();
    world.wait(30 * DAY);
    for version in ["1.0", "1.1"] {
        let statement = speaking(&own, "gutworth-auths");
        world
            .publish(&gutworth, "gutworth-auths", version, statement)
            .unwrap();
        world.wait(14 * DAY);
    }
    let pypi = Pypi::serve(world.clone());
    let sandbox = Sandbox::new().asking(pypi.origin());
    let name = ["namespace", "statements", "pypi:gutworth-auths"];
    let read = |args: &[&str]| sandbox.json("namespace-statements", &[&name[..], args].concat());
    let answer = read(&["--expect-account", &own]);
    assert_eq!(answer["outcome"], "confirmed", "{answer:#}");
    let statements = answer["statements"].as_array().unwrap();
    assert_eq!(statements.len(), 1, "{answer:#}");
    assert_eq!(statements[0]["account"], "pypi:gutworth");
    assert_eq!(statements[0]["state"], "mature");
    // That it speaks for an account is not what somebody expects who expects that it is named for the package.
    assert_eq!(read(&["--expect", &own])["outcome"], "refuted");
    assert_eq!(read(&["--expect-none"])["outcome"], "refuted");

    let statement = naming(&planted, "gutworth-auths");
    world
        .publish(&gutworth, "gutworth-auths", "1.2", statement)
        .unwrap();
    *pypi.world.lock().unwrap() = world;
    let answer = read(&["--expect-account", &own]);
    assert_eq!(answer["outcome"], "refuted");
    assert!(answer["message"].as_str().unwrap().contains(&planted));
    let answer = read(&["--expect-account", &own, "--expect", &planted]);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"refuted".into(), &"statement-contested".into()),
        "{answer:#}"
    );
    let statements = answer["statements"].as_array().unwrap().iter();
    let mut of_account = statements.filter(|one| one["account"] == "pypi:gutworth");
    assert_eq!(of_account.next().unwrap()["state"], "dropped");
}
