//! `auths pypi-token`: a pipeline that narrows a token, every answer and exit status, and no token in any message.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};
use crate::world::nobody;

const ID: &str = "7d1e2f3a-0b1c-4d2e-8f3a-4b5c6d7e8f90";
const USER: &str = "3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a";

/// A sandbox, the file of a root key, and the text of a token made with it.
struct Server {
    sandbox: Sandbox,
    key: String,
    token: String,
}

impl Server {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let key = private(&sandbox, "key.hex", &format!("{}\n", "0b".repeat(32)));
        let args = ["--domain", "pypi.example", "--identifier", ID];
        let made =
            sandbox.run(&[&["pypi-token", "create", "--key-file", &key], &args[..]].concat());
        assert_eq!((made.code, made.err.as_str()), (0, ""));
        let token = made.out;
        Self {
            sandbox,
            key,
            token,
        }
    }

    /// Runs with a token on standard input; neither it nor its secret part is in any message.
    fn run(&self, token: &str, args: &[&str]) -> Run {
        let args = [&["pypi-token"], args].concat();
        let run = self.sandbox.run_with(&args, token.as_bytes());
        let secret = &token.trim()[token.trim().len() - 20..];
        assert!(!run.err.contains(secret), "{}", run.err);
        if !matches!(args[1], "restrict" | "create") {
            assert!(!run.out.contains(secret), "{}", run.out);
        }
        run
    }

    fn json(&self, of: &str, token: &str, args: &[&str]) -> Value {
        self.run(token, &[args, &["--json"]].concat()).json(of)
    }

    fn restrict(&self, args: &[&str]) -> String {
        let run = self.run(&self.token, &[&["restrict"], args].concat());
        assert_eq!((run.code, run.err.as_str()), (0, ""));
        assert_eq!(run.out.lines().count(), 1);
        run.out
    }

    fn check(&self, token: &str, args: &[&str]) -> Value {
        let args = [&["check", "--key-file", &self.key], args].concat();
        self.json("pypi-token-check", token, &args)
    }
}

fn private(sandbox: &Sandbox, name: &str, text: &str) -> String {
    let file = sandbox.file(name, text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    file
}

#[test]
fn a_token_is_narrowed_to_a_package_and_ten_minutes() {
    let server = Server::new();
    let narrow = server.restrict(&["--project", "My.Package", "--not-after", "+10m"]);
    assert_eq!(
        server.check(&narrow, &["--project", "my-package"])["outcome"],
        "confirmed"
    );
    let other = server.check(&narrow, &["--project", "other", "--now", "+1h"]);
    assert_eq!(
        (&other["outcome"], &other["code"]),
        (&"refuted".into(), &"AUTHS-2070".into())
    );
    let causes: Vec<_> = other["unmet"]
        .as_array()
        .unwrap()
        .iter()
        .map(|u| &u["cause"])
        .collect();
    assert_eq!(causes, ["expired", "project-name-not-listed"]);
    // The original is what it was.
    assert_eq!(
        server.check(&server.token, &["--project", "other"])["outcome"],
        "confirmed"
    );
    // And for people.
    let args = ["check", "--key-file", &server.key, "--project", "other"];
    let text = server.run(&narrow, &args);
    assert_eq!((text.code, text.err.as_str()), (1, ""));
    assert!(
        text.out.contains("only for the project \"my-package\""),
        "{}",
        text.out
    );
    let yes = server.run(
        &narrow,
        &[&args[..3], &["--project", "my-package"]].concat(),
    );
    assert_eq!(
        (yes.code, yes.out.as_str()),
        (0, "confirmed: the token holds\n")
    );
}

#[test]
fn every_kind_of_restriction_can_be_added_and_is_shown() {
    let server = Server::new();
    let args = [
        "restrict",
        "--project",
        "six",
        "--project",
        "wheel",
        "--project-id",
        ID,
        "--user-id",
        USER,
        "--not-before",
        "1970-01-01T00:00:10Z",
        "--not-after",
        "20",
        "--legacy-noop",
        "--legacy-project",
        "Six",
        "--legacy-not-before",
        "10",
        "--legacy-not-after",
        "20",
    ];
    let made = server.json("pypi-token", &server.token, &args);
    let token = made["token"].as_str().unwrap();
    let shown = server.json("pypi-token-inspect", token, &["inspect"]);
    assert_eq!(shown["restrictions"], made["restrictions"]);
    let kinds: Vec<_> = shown["restrictions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| &r["kind"])
        .collect();
    assert_eq!(
        kinds,
        [
            "date",
            "project-names",
            "project-ids",
            "user-id",
            "legacy-noop",
            "legacy-project-names",
            "legacy-date"
        ]
    );
    assert_eq!(shown["restrictions"][0]["not_before"], 10);
    assert_eq!(
        (&shown["domain"], &shown["identifier"]),
        (&"pypi.example".into(), &ID.into())
    );
    let text = server.run(token, &["inspect"]);
    assert!(
        text.out
            .contains("only from 1970-01-01T00:00:10Z to before 1970-01-01T00:00:20Z")
    );
}

#[test]
fn a_token_that_lists_no_restriction_is_not_called_unrestricted() {
    let server = Server::new();
    let shown = server.json("pypi-token-inspect", &server.token, &["inspect"]);
    assert_eq!(shown["restrictions"].as_array().unwrap().len(), 0);
    let note = shown["note"].as_str().unwrap();
    assert!(note.contains("does not show that there is none"), "{note}");
    let text = server.run(&server.token, &["inspect"]);
    assert!(
        text.out.contains(note) && !text.out.contains("unrestricted"),
        "{}",
        text.out
    );
}

#[test]
fn what_cannot_be_used_is_invalid() {
    let server = Server::new();
    let refused = |token: &str, args: &[&str]| {
        let answer = server.json("failure", token, args);
        assert_eq!(answer["outcome"], "invalid");
        answer["code"].as_str().unwrap().to_owned()
    };
    let token = server.token.trim();
    let (cut, spoilt) = (&token[..token.len() - 2], token.replace("AgE", "Ag!"));
    for bad in [cut, &spoilt, &token[5..], &format!("{token} {token}")] {
        assert_eq!(refused(bad, &["inspect"]), "AUTHS-1015", "{bad}");
        assert_eq!(
            refused(bad, &["restrict", "--project", "six"]),
            "AUTHS-1015"
        );
        let check = ["check", "--key-file", &server.key];
        assert_eq!(refused(bad, &check), "AUTHS-1015");
    }
    for (args, code) in [
        (&["restrict"][..], "AUTHS-1001"),
        (&["restrict", "--not-before", "+1m"], "AUTHS-1001"),
        (&["restrict", "--project", "no name"], "AUTHS-1002"),
        (&["restrict", "--user-id", "alice"], "AUTHS-1002"),
        (&["restrict", "--not-after", "-1h"], "AUTHS-1003"),
        (&["restrict", "--not-after", "+0s"], "AUTHS-1003"),
        (&["restrict", "--not-after", "-30s"], "AUTHS-1003"),
        (&["restrict", "--legacy-not-after", "-30s"], "AUTHS-1003"),
        (&["restrict", "--not-after", "soon"], "AUTHS-1001"),
        (&["inspect", "--token-file", "/nowhere"], "AUTHS-1001"),
        (&["check"], "AUTHS-1001"),
        (&["check", "--key-file", "/nowhere"], "AUTHS-1001"),
    ] {
        assert_eq!(refused(token, args), code, "{args:?}");
    }
    for bad in ["", "zz", "0"] {
        let key = private(&server.sandbox, "bad.hex", bad);
        assert_eq!(refused(token, &["check", "--key-file", &key]), "AUTHS-1008");
    }
    let long = "a".repeat(70_000);
    assert_eq!(refused(&long, &["inspect"]), "AUTHS-1001");
    // As an argument, where it never belongs, it is refused and not repeated.
    let run = server.run(token, &["inspect", token]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("looks like a token"), "{}", run.err);
    assert!(!run.err.contains(token.trim()), "{}", run.err);
}

#[test]
fn a_token_in_the_place_of_anything_else_is_never_repeated() {
    let server = Server::new();
    let token = server.token.trim();
    for option in [
        "--project",
        "--project-id",
        "--user-id",
        "--legacy-project",
        "--not-after",
        "--not-before",
    ] {
        for given in [
            token.to_owned(),
            format!("{token}."),
            token[..60].to_owned(),
        ] {
            if given.len() < token.len() && option.contains("not") {
                continue;
            }
            for json in [&[][..], &["--json"]] {
                let args = ["restrict", option, &given, "--not-after", "+1h"];
                // An option twice is told before its value is looked at.
                let args = &args[..if option == "--not-after" { 3 } else { 5 }];
                let run = server.run(token, &[args, json].concat());
                let said = format!("{}{}", run.out, run.err);
                assert_eq!(run.code, 2, "{option} {said}");
                assert!(!said.contains(&token[..20]), "{option} {said}");
            }
        }
    }
}

#[test]
fn another_key_says_nothing_of_the_restrictions() {
    let server = Server::new();
    let narrow = server.restrict(&["--project", "hidden-name"]);
    let key = private(&server.sandbox, "other.hex", &"0c".repeat(32));
    let answer = server.json("pypi-token-check", &narrow, &["check", "--key-file", &key]);
    assert_eq!(
        (&answer["outcome"], &answer["code"]),
        (&"refuted".into(), &"AUTHS-2001".into())
    );
    assert!(!answer.to_string().contains("hidden-name"));
}

#[test]
fn other_rules_say_that_they_protect_nothing() {
    let server = Server::new();
    let narrow = server.restrict(&["--project", "foo-bar"]);
    let ask = |rules: &str| server.check(&narrow, &["--project", "Foo.Bar", "--rules", rules]);
    for (rules, outcome) in [
        ("strict", "refuted"),
        ("pypitoken", "refuted"),
        ("warehouse", "confirmed"),
    ] {
        let answer = ask(rules);
        assert_eq!(
            (&answer["outcome"], &answer["rules"]),
            (&outcome.into(), &rules.into())
        );
        assert_eq!(answer["warnings"].is_array(), rules != "strict");
    }
    let args = ["check", "--key-file", &server.key, "--rules", "warehouse"];
    let run = server.run(&narrow, &args);
    assert!(run.err.starts_with("warning: "), "{}", run.err);
    let held = [&args[..], &["--project", "Foo.Bar"]].concat();
    let held = server.run(&narrow, &held).out;
    assert!(
        held.contains("warehouse would say that the token holds"),
        "{held}"
    );
    let other = narrow.replacen("pypi-", "other-", 1);
    let answer = server.check(&other, &["--project", "foo-bar", "--rules", "warehouse"]);
    assert_eq!(answer["code"], "AUTHS-2071");
}

#[cfg(unix)]
#[test]
fn a_token_comes_from_a_file_or_a_descriptor_too() {
    let server = Server::new();
    let file = private(&server.sandbox, "token", &server.token);
    let inspect = ["pypi-token", "inspect", "--token-file", &file];
    let from_file = server.sandbox.run(&inspect);
    assert_eq!((from_file.code, from_file.err.as_str()), (0, ""));
    let script = format!("exec \"$0\" pypi-token inspect --token-fd 3 3< {file}");
    let from_descriptor = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_auths")])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let from_descriptor = Run::new(from_descriptor);
    assert_eq!(from_descriptor.out, from_file.out);
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let warned = server.sandbox.run(&inspect);
    assert!(
        warned.code == 0 && warned.err.contains("chmod 600"),
        "{}",
        warned.err
    );
}

#[test]
fn what_the_token_says_of_itself_is_escaped() {
    let server = Server::new();
    let args = [
        "pypi-token",
        "create",
        "--domain",
        "a\u{202e}\u{1b}[31m",
        "--identifier",
        "b\u{9b}",
    ];
    let made = server
        .sandbox
        .run(&[&args[..], &["--key-file", &server.key]].concat());
    // `Run` refuses control characters.
    for json in [&[][..], &["--json"]] {
        assert_eq!(
            server.run(&made.out, &[&["inspect"], json].concat()).code,
            0
        );
    }
}

/// The lines of the guide's first step, run as they stand there.
#[cfg(unix)]
#[test]
fn the_recipe_of_the_guide_narrows_the_token() {
    let guide = include_str!("../../../../docs/guides/pypi-tokens.md");
    let step = guide.split("run: |\n").nth(1).unwrap();
    let lines = step.lines().map_while(|line| line.strip_prefix("    "));
    let script: String = lines.map(|line| format!("{line}\n")).collect();
    let server = Server::new();
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_auths"));
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", bin.parent().unwrap().display());
    let run = |token: &str| {
        let output = server.sandbox.file("output", "");
        let run = Command::new("bash")
            .args(["-e", "-c", &script])
            .env("PATH", &path)
            .env("PYPI_TOKEN", token)
            .env("GITHUB_OUTPUT", &output)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (Run::new(run), std::fs::read_to_string(output).unwrap())
    };
    let (ran, output) = run(server.token.trim());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let narrow = output.trim().strip_prefix("token=").unwrap();
    assert_eq!(ran.out.trim(), format!("::add-mask::{narrow}"));
    let ask = |args: &[&str]| server.check(narrow, args)["outcome"].clone();
    assert_eq!(ask(&["--project", "mypkg"]), "confirmed");
    assert_eq!(ask(&["--project", "other"]), "refuted");
    assert_eq!(ask(&["--project", "mypkg", "--now", "+11m"]), "refuted");
    // Without a token nothing is handed on.
    let (ran, output) = run("");
    assert_eq!((ran.code, output.as_str()), (2, ""));
}

#[test]
fn what_may_be_a_part_of_a_token_is_not_repeated_and_a_did_is() {
    let sandbox = Sandbox::new().asking(nobody());
    let part = "Mx7_".repeat(11);
    for given in [
        part.clone(),
        format!("acme-{part}{part}"),
        format!("x/{part}.json"),
    ] {
        for args in [
            &["namespace", "verify", &given][..],
            &["namespace", "claim", "pypi:six", "--policy", &given],
            &["namespace", "check", "--batch", &given],
            &["namespace", "check", "pypi:six", "--account", &given],
            &["namespace", "claim", "pypi:six", "--account", &given],
            &["revoke", &given],
            &["pypi-token", "check", "--key-file", &given],
            &["explain", &given],
        ] {
            for json in [&[][..], &["--json"]] {
                let run = sandbox.run(&[args, json].concat());
                assert_ne!(run.code, 0, "{args:?}");
                let shown = format!("{}{}", run.out, run.err);
                assert!(!shown.contains("Mx7_Mx7_"), "{args:?}: {shown}");
            }
        }
    }
    let did = Sandbox::with_key().did();
    let run = sandbox.run(&["namespace", "verify", &did]);
    assert!(run.err.contains(&did), "{}", run.err);
}
