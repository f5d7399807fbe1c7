//! `auths namespace check`.

use auths_core::evidence::OwnerRole;
use auths_testkit::server::{Fault, Reply, Server};
use auths_testkit::world::Metadata;

use crate::sandbox::Sandbox;
use crate::world::{Pypi, nobody, sixty_days_ago};

const CHECK: [&str; 4] = ["namespace", "check", "pypi:six", "--account"];

fn check(sandbox: &Sandbox, namespace: &str, login: &str) -> serde_json::Value {
    sandbox.json(
        "namespace-check",
        &["namespace", "check", namespace, "--account", login],
    )
}

#[test]
fn an_owner_is_confirmed_another_is_not_and_an_unknown_project_has_its_own_reason() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let owner = check(&sandbox, "pypi:six", "gutworth");
    assert_eq!(owner["outcome"], "confirmed");
    assert_eq!(owner["role"], "owner");
    assert_eq!(owner["falls_to"], serde_json::json!(["account-session"]));
    assert_eq!(owner["evidence"][0]["kind"], "listed-owner");
    assert!(
        owner["note"]
            .as_str()
            .unwrap()
            .contains("does not show who holds the account")
    );
    let namespace = owner["namespace"].as_str().unwrap();
    assert!(
        namespace.contains("repository_url=http:"),
        "another server shows: {namespace}"
    );
    assert_eq!(owner["account"]["origin"], pypi.origin());

    let other = check(&sandbox, "pkg:pypi/six", "mallory");
    assert_eq!(
        (&other["outcome"], &other["reason"]),
        (&"refuted".into(), &"not-listed".into())
    );
    let unknown = check(&sandbox, "pypi:seven", "gutworth");
    assert_eq!(
        (&unknown["outcome"], &unknown["reason"]),
        (&"refuted".into(), &"unknown-project".into())
    );
    assert!(sandbox.keys().is_empty(), "no key is needed");
}

#[test]
fn a_lesser_role_is_said() {
    let (mut world, gutworth) = sixty_days_ago();
    world.sign_up("bob").unwrap();
    world
        .set_role(&gutworth, "six", "bob", OwnerRole::Maintainer)
        .unwrap();
    let pypi = Pypi::serve(world);
    let bob = check(&Sandbox::new().asking(pypi.origin()), "pypi:six", "bob");
    assert_eq!(
        (&bob["outcome"], &bob["role"]),
        (&"confirmed".into(), &"maintainer".into())
    );
    assert_eq!(
        bob["falls_to"],
        serde_json::json!(["collaborator", "account-session"])
    );
}

#[test]
fn hidden_owners_leave_it_open() {
    let (mut world, gutworth) = sixty_days_ago();
    world
        .set_organization(&gutworth, "six", Some("acme"))
        .unwrap();
    let pypi = Pypi::serve(world);
    let answer = check(&Sandbox::new().asking(pypi.origin()), "pypi:six", "mallory");
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"undetermined".into(), &"owners-hidden".into())
    );
}

#[test]
fn what_cannot_be_read_is_never_a_no() {
    let refused = check(&Sandbox::new().asking(nobody()), "pypi:six", "gutworth");
    assert_eq!(
        (&refused["outcome"], &refused["reason"]),
        (&"unavailable".into(), &"network".into())
    );
    for (reply, reason) in [
        (Reply::status(403), "forbidden"),
        (Reply::status(500), "server-error"),
        (
            Reply::status(429).header("retry-after", "3600"),
            "rate-limited",
        ),
        (
            Reply::bytes(200, "application/json", "<html>"),
            "unreadable",
        ),
        (
            Reply::json(
                200,
                serde_json::json!({"info": {"name": "six", "version": "1"}, "releases": {}}),
            ),
            "missing-field",
        ),
        (Reply::fault(Fault::CutBody), "truncated"),
    ] {
        let server = Server::start(move |_| reply.clone());
        let answer = check(
            &Sandbox::new().asking(server.origin()),
            "pypi:six",
            "gutworth",
        );
        assert_eq!(answer["reason"], reason, "{answer:#}");
        let expected = if reason == "missing-field" {
            "undetermined"
        } else {
            "unavailable"
        };
        assert_eq!(answer["outcome"], expected, "{reason}");
        if reason == "rate-limited" {
            assert_eq!(answer["retry_after_s"], 3600);
        }
    }
}

#[test]
fn what_cannot_be_asked_is_invalid_and_asks_nobody() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    for (namespace, login) in [
        ("gem:six", "gutworth"),
        ("six", "gutworth"),
        ("pypi:", "gutworth"),
        ("pypi:six@1", "gutworth"),
        ("pypi:six", "-"),
        (
            "pkg:pypi/six?repository_url=https://elsewhere.example",
            "gutworth",
        ),
    ] {
        let account = format!("--account={login}");
        let answer = sandbox.json("failure", &["namespace", "check", namespace, &account]);
        assert_eq!(answer["outcome"], "invalid", "{namespace} {login}");
    }
    assert!(
        sandbox
            .run(&["ns", "check", "gem:six", "--account", "a"])
            .err
            .contains("PyPI, npm, crates.io and GitHub only")
    );
    assert_eq!(pypi.server.request_count(), 0);
}

#[test]
fn text_from_the_registry_is_escaped() {
    let (world, _) = sixty_days_ago();
    let pypi = Pypi::serve_with(world, |_, _| {
        let body = serde_json::json!({
            "info": {"name": "six", "version": "1.0"},
            "ownership": {"roles": [{"role": "Own\u{202e}er\u{1b}[31m", "user": "gutworth"}], "organization": null},
            "releases": {"1.0": [{"upload_time_iso_8601": "2026-01-01T00:00:00Z", "yanked": false}]},
        });
        Reply::json(200, body)
    });
    // `Run::new` refuses raw control and bidi characters in anything that is printed.
    let sandbox = Sandbox::new().asking(pypi.origin());
    let run = sandbox.run(&[&CHECK[..], &["gutworth"]].concat());
    assert_ne!(run.code, 0);
    assert!(run.out.contains("\\u{202e}"), "{}", run.out);
    // A message is for people in JSON too.
    let answer = sandbox.run(&[&CHECK[..], &["gutworth", "--json"]].concat());
    let answer: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("\\u{202e}"), "{message}");
    let argument = sandbox.run(&["namespace", "check", "pypi:si\u{202e}x", "--account", "a"]);
    assert_eq!(argument.code, 2);
}

#[test]
fn a_home_that_cannot_be_written_stops_no_public_read() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().asking(pypi.origin());
    let file = sandbox.file("taken", "");
    let run = sandbox.run(&[
        "namespace",
        "check",
        "pypi:six",
        "--account",
        "gutworth",
        "--home",
        &file,
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(run.err.contains("cannot be written"), "{}", run.err);
}

#[test]
fn a_second_process_reads_no_body_again() {
    let (mut world, gutworth) = sixty_days_ago();
    world
        .publish(&gutworth, "six", "1.1", Metadata::new())
        .unwrap();
    let pypi = Pypi::serve(world);
    let sandbox = Sandbox::new().asking(pypi.origin());
    for _ in 0..2 {
        assert_eq!(
            check(&sandbox, "pypi:six", "gutworth")["outcome"],
            "confirmed"
        );
    }
    let requests = pypi.server.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[1].header("if-none-match").is_some());
}

#[test]
fn a_page_that_says_404_is_no_answer_of_the_registry() {
    for reply in [
        Reply::bytes(404, "text/html", "<html>Sign in</html>"),
        Reply::json(404, serde_json::json!({ "error": "no route" })),
        Reply::status(404),
    ] {
        let portal = Server::start(move |_| reply.clone());
        let sandbox = Sandbox::new().asking(portal.origin());
        let answer = check(&sandbox, "pypi:six", "gutworth");
        assert_eq!(
            (&answer["outcome"], &answer["reason"]),
            (&"unavailable".into(), &"unexpected-status".into())
        );
    }
}

#[test]
fn a_list_in_place_of_an_object_lists_nobody() {
    let (world, _) = sixty_days_ago();
    let pypi = Pypi::serve_with(world, |_, _| {
        Reply::json(
            200,
            serde_json::json!({
                "info": {"name": "six", "version": "1.0"},
                "ownership": {"roles": [["Owner", "gutworth"]], "organization": null},
                "releases": {"1.0": [{"upload_time_iso_8601": "2026-01-01T00:00:00Z", "yanked": false}]},
            }),
        )
    });
    let answer = check(
        &Sandbox::new().asking(pypi.origin()),
        "pypi:six",
        "gutworth",
    );
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"unavailable".into(), &"unreadable".into())
    );
}
