//! Which server is asked: arguments, environment, CI.

use crate::sandbox::Sandbox;
use crate::world::{Pypi, sixty_days_ago};

const CHECK: [&str; 5] = ["namespace", "check", "pypi:six", "--account", "gutworth"];

#[test]
fn a_server_from_the_environment_is_warned_about_and_not_taken_in_ci() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new().env("AUTHS_ORIGIN_PYPI", &pypi.origin());
    let run = sandbox.run(&CHECK);
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(
        run.err.contains("warning: AUTHS_ORIGIN_PYPI"),
        "{}",
        run.err
    );
    assert_eq!(pypi.server.request_count(), 1);

    // In CI it is ignored: what is asked then is the server of the arguments.
    let other = Pypi::serve(sixty_days_ago().0);
    let sandbox = sandbox.env("CI", "true").asking(other.origin());
    assert_eq!(sandbox.run(&CHECK).code, 0);
    assert_eq!(other.server.request_count(), 1);
    let sandbox = Sandbox::new()
        .env("CI", "true")
        .env("AUTHS_ORIGIN_PYPI", &pypi.origin());
    let allowed = sandbox.run(&[&CHECK[..], &["--allow-env-origin"]].concat());
    assert_eq!(allowed.code, 0);
    assert_eq!(pypi.server.request_count(), 2);
    let sandbox = Sandbox::new()
        .env("CI", "true")
        .env("AUTHS_ORIGIN_NPM", "https://npm.example");
    let ignored = sandbox.asking(pypi.origin()).run(&CHECK);
    assert!(
        ignored.err.contains("AUTHS_ORIGIN_NPM is ignored"),
        "{}",
        ignored.err
    );
}

#[test]
fn servers_that_cannot_be_trusted_are_refused() {
    for origin in [
        "pypi=http://pypi.example",
        "pypi=https://u:p@pypi.example",
        "pypi=ftp://x",
        "pypi",
        "pip=https://x.example",
    ] {
        let answer = Sandbox::new().json("failure", &[&CHECK[..], &["--origin", origin]].concat());
        assert_eq!(answer["reason"], "bad-configuration", "{origin}");
        assert!(!answer.to_string().contains("u:p@"), "{answer}");
    }
    let twice = [
        "--origin",
        "pypi=https://a.example",
        "--origin",
        "pypi=https://b.example",
    ];
    let answer = Sandbox::new().json("failure", &[&CHECK[..], &twice].concat());
    assert_eq!(answer["outcome"], "invalid");
}

#[test]
fn a_question_ends_with_its_time() {
    let pypi = Pypi::serve_with(sixty_days_ago().0, |_, reply| {
        reply.delay(std::time::Duration::from_secs(20))
    });
    let sandbox = Sandbox::new().asking(pypi.origin());
    let began = std::time::Instant::now();
    let answer = sandbox.json(
        "namespace-check",
        &[&CHECK[..], &["--timeout", "1"]].concat(),
    );
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"unavailable".into(), &"timeout".into())
    );
    assert!(began.elapsed() < std::time::Duration::from_secs(15));
    let none = sandbox.json("failure", &[&CHECK[..], &["--timeout", "0"]].concat());
    assert_eq!(none["outcome"], "invalid");
}

#[test]
fn a_time_beyond_all_times_is_invalid() {
    let sandbox = Sandbox::with_key();
    let delegate = [
        "delegate",
        "pypi:six",
        "--to",
        &sandbox.did(),
        "--expires=+999999999999d",
    ];
    assert_eq!(sandbox.json("failure", &delegate)["outcome"], "invalid");
}

#[test]
fn what_is_signed_names_the_configured_server_of_every_registry() {
    let server = "http://127.0.0.1:9";
    let sandbox = Sandbox::with_key();
    let did = sandbox.did();
    for (name, package) in [
        ("pypi", "pypi:six"),
        ("npm", "npm:six"),
        ("crates-io", "cargo:six"),
        ("github-api", "github:acme"),
    ] {
        let origin = format!("{name}={server}");
        let args = [
            "--origin",
            &origin,
            "delegate",
            package,
            "--to",
            &did,
            "--expires",
            "+1d",
        ];
        let signed = sandbox.json("signed", &args);
        let named = signed["claim"]["namespaces"][0].as_str().unwrap();
        assert!(named.contains("repository_url="), "{named}");
    }
}
