//! Tokens where none belongs, in every text that a person hands over: refused by their kind, neither shown nor sent.

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};
use crate::world::{Pypi, linked, sixty_days_ago};

/// One token of each kind that is told by its beginning, and whose it is.
fn tokens() -> Vec<(String, &'static str)> {
    let base62 = "aB3xYz9Q".repeat(12);
    let of = |n: usize| &base62[..n];
    let mut all: Vec<(String, &'static str)> = ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]
        .map(|prefix| (format!("{prefix}{}", of(36)), "a GitHub token"))
        .to_vec();
    all.extend([
        (
            format!("github_pat_{}_{}", of(22), of(59)),
            "a GitHub token",
        ),
        (format!("npm_{}", of(36)), "an npm token"),
        (format!("pypi-AgEIcHlwaS5vcmc{}", of(80)), "a PyPI token"),
        (format!("cio{}", of(32)), "a crates.io token"),
        (format!("cio_tp_{}", of(32)), "a crates.io token"),
        (
            format!("eyJhbGciOiJSUzI1NiJ9.{}.{}", of(60), of(80)),
            "a signed token",
        ),
    ]);
    all
}

/// And those that have no beginning of their own, for where names stand.
fn with_shapes() -> Vec<(String, &'static str)> {
    let mut all = tokens();
    all.extend([
        (
            "aB3xYz9QaB3xYz9QaB3xYz9QaB3xYz9Q".to_owned(),
            "a crates.io token",
        ),
        (
            "0b1c4d2e-8f3a-4b5c-9d7e-8f901a2b3c4d".to_owned(),
            "an npm token",
        ),
        (
            "0123456789abcdef0123456789abcdef01234567".to_owned(),
            "a GitHub token",
        ),
    ]);
    all
}

/// That nothing of it is shown, neither as it was given nor as names are normalized.
fn shows_nothing(run: &Run, token: &str, what: &str) {
    let said = format!("{}{}", run.out, run.err).to_lowercase();
    let token = token.to_lowercase();
    let parts = token.as_bytes().windows(12).skip(token.len() / 3);
    for part in parts {
        let part = std::str::from_utf8(part).unwrap();
        assert!(!said.contains(part), "{what}: {part} in {said}");
    }
}

fn refused(run: &Run, token: &str, kind: &str, what: &str) {
    shows_nothing(run, token, what);
    assert_eq!(run.code, 2, "{what}: {} {}", run.out, run.err);
    let said = format!("{}{}", run.out, run.err);
    assert!(said.contains(kind), "{what}: {said}");
    assert!(said.contains("AUTHS-1001"), "{what}: {said}");
}

#[test]
fn a_token_in_a_batch_line_is_neither_shown_nor_sent_and_stops_no_other_line() {
    let pypi = Pypi::serve(sixty_days_ago().0);
    let sandbox = Sandbox::new()
        .asking(pypi.origin())
        .origin("npm", pypi.server.origin())
        .origin("github", pypi.server.origin())
        .origin("github-api", pypi.server.origin())
        .origin("crates-io", pypi.server.origin());
    for (token, kind) in with_shapes() {
        let planted = [
            token.clone(),
            format!("{token}\tgutworth"),
            format!("pypi:six\t{token}"),
            format!("pypi:{token}\tgutworth"),
            format!("npm:{token}\tgutworth"),
            format!("npm:@acme/{token}\tgutworth"),
            format!("npm:@{token}/x\tgutworth"),
            format!("pkg:npm/{token}\tgutworth"),
            format!("cargo:{token}\tgutworth"),
            format!("cargo:demo\t{token}"),
            format!("github:{token}\tgutworth"),
            format!("pypi:six {token}"),
            format!("pypi:six\tgutworth\t{token}"),
            format!("{token}:six\tgutworth"),
            format!("pypi:six\tgutworth@{token}"),
            format!("pkg:pypi/six?repository_url=https://{token}@host.example\tgutworth"),
        ];
        let list = format!("{}\npypi:six\tgutworth\n", planted.join("\n"));
        for json in [true, false] {
            let mut args = vec!["namespace", "check", "--batch", "-"];
            args.extend(json.then_some("--json"));
            let run = sandbox.run_with(&args, list.as_bytes());
            shows_nothing(&run, &token, kind);
            assert_eq!(run.code, 2, "{}", run.err);
            let lines: Vec<&str> = run.out.lines().collect();
            assert_eq!(lines.len(), planted.len() + 1, "{}", run.out);
            if !json {
                continue;
            }
            for (line, said) in planted.iter().zip(&lines) {
                let said: Value = serde_json::from_str(said).unwrap();
                assert_eq!(said["outcome"], "invalid", "{line}: {said}");
                assert_eq!(said["code"], "AUTHS-1001", "{line}: {said}");
                let message = said["message"].as_str().unwrap();
                assert!(message.contains(kind), "{line}: {message}");
            }
            assert!(lines[planted.len()].contains("confirmed"), "{}", run.out);
        }
        for request in pypi.server.requests() {
            assert!(!request.path.contains(&token), "{}", request.path);
            assert!(!request.path.to_lowercase().contains(&token.to_lowercase()));
        }
    }
}

#[test]
fn a_token_in_a_policy_is_refused_wherever_it_stands() {
    let sandbox = Sandbox::new();
    for (token, kind) in with_shapes() {
        for text in [
            format!("name = \"{token}\"\nresist = ['stranger']\n"),
            format!("resist = [\"{token}\"]\n"),
            format!("resist = ['stranger']\n\"{token}\" = true\n"),
            format!("resist = ['stranger']\n{token} = true\n"),
            format!("{token}\n"),
            format!("resist = ['stranger']\nmaturity_hours = {token}\n"),
            format!("resist = ['stranger']\ntrusted_observers = [\"did:key:{token}\"]\n"),
            format!("[{token}]\n"),
        ] {
            let file = sandbox.file("policy.toml", &text);
            for args in [
                &["explain", "policy", &file][..],
                &["explain", "policy", &file, "--json"],
                &["namespace", "statements", "pypi:six", "--policy", &file],
            ] {
                refused(&sandbox.run(args), &token, kind, &text);
            }
        }
    }
    // What else is wrong in one is said without repeating it.
    for text in ["resist = ['hunter2']", "hunter2 = 1", "hunter2"] {
        let file = sandbox.file("policy.toml", text);
        let run = sandbox.run(&["explain", "policy", &file, "--json"]);
        assert_eq!(
            (run.code, &run.json("failure")["reason"]),
            (2, &"bad-policy".into())
        );
        assert!(!run.out.contains("hunter2"), "{}", run.out);
    }
}

#[test]
fn a_token_in_a_document_is_refused_whichever_document_it_is() {
    let sandbox = Sandbox::with_key();
    let pypi = linked(&sandbox.did());
    let sandbox = sandbox.asking(pypi.origin());
    let good = sandbox.json("id-claim", &["id", "claim", "pypi", "gutworth"])["claim"].to_string();
    let good_file = sandbox.file("good.json", &good);
    let link = [
        "id",
        "claim",
        "pypi",
        "gutworth",
        "--statement",
        "gutworth-auths",
    ];
    assert_eq!(sandbox.run(&link).code, 0);
    let bundle = sandbox.path("bundle.json").display().to_string();
    let claim = ["namespace", "claim", "pypi:six", "--out", &bundle];
    assert_eq!(sandbox.run(&claim).code, 0);
    let before = pypi.server.request_count();
    for (token, kind) in tokens() {
        let folder = sandbox.path("revocations");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        let shown = folder.display().to_string();
        for text in [
            token.clone(),
            format!("\"{token}\""),
            format!("{{\"{token}\": true}}"),
            format!("[\"{token}\"]"),
            good.replace("gutworth", &token),
            good.replacen('{', &format!("{{\"note\": \"{token}\","), 1),
        ] {
            let file = sandbox.file("bad.json", &text);
            std::fs::write(folder.join("x.json"), &text).unwrap();
            for args in [
                &["id", "verify", &file][..],
                &["id", "verify", &file, "--json"],
                &["revoke", &file],
                &["namespace", "verify", &file],
                &["namespace", "verify", &file, "--json"],
                &["id", "verify", &good_file, "--revocations", &file],
                &["id", "verify", &good_file, "--revocations", &shown],
                &[
                    "namespace",
                    "verify",
                    &bundle,
                    "--revocations",
                    &file,
                    "--json",
                ],
                &["namespace", "claim", "pypi:six", "--delegation", &file],
            ] {
                refused(
                    &sandbox.run(args),
                    &token,
                    kind,
                    &format!("{args:?} {text}"),
                );
            }
            for args in [&["id", "verify", "-"][..], &["namespace", "verify", "-"]] {
                refused(
                    &sandbox.run_with(args, text.as_bytes()),
                    &token,
                    kind,
                    &text,
                );
            }
        }
        // As the name of a file.
        std::fs::write(folder.join("x.json"), "[]").unwrap();
        std::fs::write(folder.join(format!("{token}.json")), "[]").unwrap();
        let named = ["id", "verify", &good_file, "--revocations", &shown];
        refused(&sandbox.run(&named), &token, kind, "the name of a file");
    }
    assert_eq!(pypi.server.request_count(), before, "nothing was asked");
}

#[test]
fn a_token_in_the_environment_is_refused_but_where_it_belongs() {
    for (token, kind) in tokens() {
        for name in [
            "AUTHS_KEYSTORE",
            "AUTHS_GITHUB_CLIENT_ID",
            "AUTHS_ORIGIN_NPM",
            "AUTHS_ORIGIN_GITHUB_API",
        ] {
            let sandbox = Sandbox::new().env(name, &format!("https://host.example/{token}"));
            let run = sandbox.run(&["namespace", "check", "npm:x", "--account", "a"]);
            refused(&run, &token, kind, name);
            assert!(run.err.contains(name), "{}", run.err);
        }
        let by_stdin = ["org", "list", "--token-stdin"];
        let pypi = Pypi::serve(sixty_days_ago().0);
        let sandbox = Sandbox::new()
            .origin("github", pypi.server.origin())
            .origin("github-api", pypi.server.origin());
        if kind == "a GitHub token" {
            let run = sandbox.run_with(&by_stdin, token.as_bytes());
            shows_nothing(&run, &token, "a token where it belongs");
            assert_ne!(run.code, 2);
            continue;
        }
        let run = sandbox.run_with(&by_stdin, token.as_bytes());
        refused(&run, &token, kind, "standard input");
        let sandbox = sandbox.env("AUTHS_GITHUB_TOKEN", &token);
        refused(
            &sandbox.run(&["org", "list"]),
            &token,
            kind,
            "the environment",
        );
        assert_eq!(
            pypi.server.request_count(),
            0,
            "it went to no other service"
        );
    }
}

#[test]
fn a_token_that_a_server_says_by_itself_is_not_shown() {
    for (token, kind) in tokens() {
        let said = token.clone();
        let server = auths_testkit::server::Server::start(move |_| {
            let body = serde_json::json!({ "message": said, "error": said, "info": said });
            auths_testkit::server::Reply::json(403, body).header("location", &said)
        });
        let sandbox = Sandbox::new()
            .asking(server.origin())
            .origin("npm", server.origin())
            .origin("github", server.origin())
            .origin("github-api", server.origin())
            .origin("crates-io", server.origin());
        for args in [
            &["namespace", "check", "pypi:six", "--account", "a", "--json"][..],
            &["namespace", "check", "npm:six", "--account", "a"],
            &[
                "namespace",
                "check",
                "cargo:six",
                "--account",
                "a",
                "--json",
            ],
            &["namespace", "statements", "npm:six"],
        ] {
            let run = sandbox.run(args);
            assert_eq!(run.code, 3, "{args:?} {}", run.err);
            shows_nothing(&run, &token, kind);
        }
    }
}
