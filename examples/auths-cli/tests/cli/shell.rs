//! Usage, help, completions, the manual, and the tables.

use crate::sandbox::Sandbox;

#[test]
fn mistakes_are_invalid_and_json_stays_json() {
    let sandbox = Sandbox::new();
    for args in [
        &[][..],
        &["frobnicate"],
        &["id"],
        &["id", "new", "--nmae", "x"],
        &["namespace", "check"],
        &["namespace", "check", "pypi:six"],
        &[
            "namespace",
            "check",
            "pypi:six",
            "--account",
            "a",
            "--batch",
            "-",
        ],
        &["delegate", "pypi:six"],
        &["explain", "--markdown"],
    ] {
        let answer = sandbox.json("failure", args);
        assert_eq!(
            (&answer["outcome"], &answer["code"]),
            (&"invalid".into(), &"AUTHS-1001".into()),
            "{args:?}"
        );
    }
    let text = sandbox.run(&["frobnicate\u{202e}"]);
    assert_eq!((text.code, text.out.as_str()), (2, ""));
    assert!(text.err.contains("\\u{202e}"), "{}", text.err);
}

#[test]
fn every_command_has_help_with_examples() {
    let sandbox = Sandbox::new();
    for command in [
        "",
        "demo",
        "id",
        "id new",
        "id show",
        "id list",
        "id status",
        "id claim",
        "id claim pypi",
        "id verify",
        "namespace",
        "namespace check",
        "namespace statements",
        "namespace claim",
        "namespace verify",
        "delegate",
        "revoke",
        "pypi-token",
        "pypi-token inspect",
        "pypi-token restrict",
        "pypi-token check",
        "pypi-token create",
        "explain",
        "completions",
        "man",
    ] {
        let args: Vec<_> = command.split_whitespace().chain(["--help"]).collect();
        let help = sandbox.run(&args);
        assert_eq!(help.code, 0);
        assert!(help.out.contains("Examples:"), "{command}");
    }
    assert!(sandbox.run(&["--version"]).out.starts_with("auths "));
}

#[test]
fn completions_and_the_manual() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = sandbox.run(&["completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.out.contains("statements"), "{shell}");
    }
    let manual = sandbox.run(&["man"]);
    assert_eq!(manual.code, 0);
    for said in [".TH", "auths", "expect", "AUTHS_HOME"] {
        assert!(manual.out.contains(said), "{said}");
    }
}

#[test]
fn the_tables_are_cores() {
    let sandbox = Sandbox::new();
    let all = sandbox.json("explain", &["explain"]);
    assert_eq!(
        all["capabilities"].as_array().unwrap().len(),
        auths_core::capability::CAPABILITIES.len()
    );
    assert_eq!(
        all["evidence"].as_array().unwrap().len(),
        auths_core::evidence::WORTH.len()
    );
    let codes = sandbox.json("explain", &["explain", "codes"]);
    assert_eq!(
        codes["codes"].as_array().unwrap().len(),
        auths_core::reason::all_reasons().len()
    );
    for table in ["capabilities", "evidence", "codes", "policy"] {
        assert_eq!(sandbox.run(&["explain", table]).code, 0);
    }
    let strict = sandbox.json("explain", &["explain", "policy", "strict"]);
    assert_eq!(strict["policy"]["name"], "strict");
    let bad = sandbox.json("failure", &["explain", "policy", "lenient"]);
    assert_eq!(bad["reason"], "bad-policy");
    let markdown = sandbox.run(&["explain", "--markdown"]).out;
    let one = |table| sandbox.run(&["explain", table, "--markdown"]).out;
    assert_eq!(
        markdown,
        format!("{}\n{}", one("capabilities"), one("evidence"))
    );
    let codes = sandbox.run(&["explain", "codes", "--markdown"]);
    assert!(codes.code == 0 && codes.out.contains("| AUTHS-2014 | `not-listed` |"));
    assert!(
        markdown.contains("| `stolen-token` |")
            && markdown.contains("| `package-statement` | mature sole |")
    );
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    for args in [
        &["explain"][..],
        &["man"],
        &["id", "list", "--json"],
        &["--help"],
    ] {
        let mut child = Sandbox::new().command(args).spawn().unwrap();
        drop(child.stdout.take());
        let run = crate::sandbox::Run::new(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{args:?}");
    }
}

#[test]
fn an_argument_that_looks_like_a_token_is_refused_and_never_repeated() {
    let sandbox = Sandbox::new();
    let mut tokens: Vec<String> = [
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "npm_",
    ]
    .map(|prefix| format!("{prefix}{}", "aB3".repeat(12)))
    .to_vec();
    // As long as a login may be.
    tokens.push("ghp_PLANTEDplanted0123456789abcdefghijk".to_owned());
    tokens.push(format!("pypi-AgEIcHlwaS5vcmc{}", "aB3_".repeat(9)));
    tokens.push("0123456789abcdef0123456789abcdef01234567".to_owned());
    for token in &tokens {
        let named = format!("npm:{token}");
        for args in [
            &["org", "list", token][..],
            &["org", "check", token],
            &["id", "claim", "github", token],
            &["id", "claim", "github", "--client-id", token],
            &["id", "claim", "pypi", token],
            &["id", "verify", token],
            &["namespace", "check", "cargo:demo", "--account-id", token],
            &["namespace", "check", &named, "--account", "alice"],
            &["pypi-token", "inspect", token],
            &[&format!("--token={token}")],
            &["explain", "policy", token],
        ] {
            for json in [&["--json"][..], &[]] {
                let run = sandbox.run(&[args, json].concat());
                assert_eq!(run.code, 2, "{args:?}: {}", run.err);
                // Neither as it was given, nor as names are normalized.
                let said = format!("{}{}", run.out, run.err).to_lowercase();
                assert!(!said.contains(&token.to_lowercase()), "{args:?}: {said}");
            }
            let refused = sandbox.json("failure", args);
            assert_eq!(refused["reason"], "usage", "{args:?}");
        }
    }
}

/// What cannot be followed is no remedy.
#[test]
fn every_command_that_a_remedy_names_has_the_flags_that_it_names() {
    let mut tried = 0;
    for row in auths_core::reason::all_reasons() {
        for named in row.remedy.split('`').skip(1).step_by(2) {
            let Some(line) = named.strip_prefix("auths ") else {
                continue;
            };
            let words: Vec<&str> = line.split(' ').collect();
            let is_part = |word: &&&str| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
            let command = words
                .iter()
                .take_while(is_part)
                .filter(|w| !w.starts_with('-'));
            let mut args: Vec<&str> = command.copied().collect();
            args.push("--help");
            let help = Sandbox::new().run(&args);
            assert_eq!(help.code, 0, "{line}");
            for flag in words.iter().filter(|word| word.starts_with("--")) {
                assert!(help.out.contains(*flag), "{line}: {}", help.out);
            }
            tried += 1;
        }
    }
    assert!(tried > 5, "{tried}");
}
