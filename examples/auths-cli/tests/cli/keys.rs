//! `auths id new`, `show`, `list`: and every way in which a key cannot be had.

use crate::sandbox::{PASSPHRASE, Sandbox};

#[test]
fn a_key_is_made_shown_and_listed() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.json("id-list", &["id", "list"])["keys"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    let made = sandbox.json("id-key", &["id", "new", "--name", "a"]);
    let recovery = made["did"].as_str().unwrap();
    let second = sandbox.json("id-key", &["id", "new", "--recovery", recovery]);
    assert_eq!(second["recovery"], recovery);
    let shown = sandbox.json("id-key", &["id", "show", "--name", "a"]);
    assert_eq!(shown["did"], made["did"]);
    assert_eq!(shown["keystore"], "file");
    let listed = sandbox.json("id-list", &["id", "list"]);
    let names: Vec<_> = listed["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|k| k["name"].clone())
        .collect();
    assert_eq!(names, ["a", "main"]);
    let run = sandbox.run(&["id", "list"]);
    assert!(run.out.contains(recovery), "{}", run.out);
}

#[test]
fn what_cannot_be_done_with_keys_is_told_apart() {
    let sandbox = Sandbox::with_key();
    let code = |sandbox: &Sandbox, args: &[&str]| {
        let answer = sandbox.json("failure", args);
        assert_eq!(answer["outcome"], "invalid");
        answer["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(code(&sandbox, &["id", "new"]), "AUTHS-1010");
    assert_eq!(
        code(&sandbox, &["id", "show", "--name", "no"]),
        "AUTHS-1009"
    );
    assert_eq!(
        code(&sandbox, &["id", "new", "--name", "../x"]),
        "AUTHS-1001"
    );
    let revoke = [
        "revoke",
        "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ];
    let wrong = sandbox.file("wrong", "another");
    let key = std::fs::read(sandbox.keys().pop().unwrap()).unwrap();
    let sandbox = sandbox.env("AUTHS_PASSPHRASE_FILE", &wrong);
    assert_eq!(code(&sandbox, &revoke), "AUTHS-1011");
    let sandbox = sandbox.env("AUTHS_PASSPHRASE_FILE", "/nowhere");
    assert_eq!(code(&sandbox, &revoke), "AUTHS-1014");
    let sandbox = sandbox.without_passphrase();
    assert_eq!(code(&sandbox, &revoke), "AUTHS-1014");
    assert_eq!(code(&sandbox, &["id", "new", "--name", "b"]), "AUTHS-1014");
    std::fs::write(sandbox.keys().pop().unwrap(), &key[..key.len() - 9]).unwrap();
    let listed = sandbox.json("id-list", &["id", "list"]);
    assert_eq!(listed["outcome"], "invalid");
    assert_eq!(listed["code"], "AUTHS-1012");
}

#[test]
fn the_os_keychain_is_not_here_yet() {
    let answer = Sandbox::new().json("failure", &["id", "new", "--keystore", "os"]);
    assert_eq!(
        (&answer["outcome"], &answer["reason"]),
        (&"invalid".into(), &"bad-configuration".into())
    );
}

#[test]
fn a_key_in_memory_says_that_it_goes() {
    let run = Sandbox::new()
        .without_passphrase()
        .run(&["id", "new", "--keystore", "memory"]);
    assert_eq!(run.code, 0);
    assert!(
        run.err.contains("gone when the process ends"),
        "{}",
        run.err
    );
}

#[cfg(unix)]
#[test]
fn a_passphrase_comes_from_a_descriptor() {
    use std::process::{Command, Stdio};
    let sandbox = Sandbox::new().without_passphrase();
    let file = sandbox.file("given", PASSPHRASE);
    let script = format!("exec \"$0\" id new --passphrase-fd 3 3< {file}");
    let made = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_auths")])
        .env("AUTHS_HOME", sandbox.home())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let closed = sandbox.json(
        "failure",
        &["id", "new", "--name", "b", "--passphrase-fd", "77"],
    );
    assert_eq!(closed["reason"], "locked");
}

#[cfg(unix)]
#[test]
fn a_passphrase_file_that_others_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    std::fs::set_permissions(
        sandbox.path("passphrase"),
        std::fs::Permissions::from_mode(0o644),
    )
    .unwrap();
    let run = sandbox.run(&["id", "new", "--json"]);
    assert_eq!(run.code, 0);
    assert!(run.err.contains("chmod 600"), "{}", run.err);
}

#[test]
fn a_damaged_key_is_in_nobodys_way_who_names_another() {
    let sandbox = Sandbox::with_key();
    let damaged = sandbox.keys().pop().unwrap();
    assert_eq!(sandbox.run(&["id", "new", "--name", "b"]).code, 0);
    std::fs::write(damaged, "no key").unwrap();
    let run = |args: &[&str]| sandbox.run(args).code;
    assert_eq!(run(&["id", "show", "--name", "b"]), 0);
    assert_eq!(run(&["id", "claim", "pypi", "gutworth", "--key", "b"]), 0);
    assert_eq!(run(&["id", "show"]), 2);
    let listed = sandbox.json("id-list", &["id", "list"]);
    assert_eq!(listed["outcome"], "invalid");
    assert_eq!(listed["keys"][0]["name"], "b");
    assert_eq!(listed["unreadable"].as_array().unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_key_file_that_others_read_is_the_callers_to_mend() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::with_key();
    let key = sandbox.keys().pop().unwrap();
    std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let answer = sandbox.json("failure", &["id", "show"]);
    assert_eq!(answer["outcome"], "invalid");
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("chmod 600"), "{message}");
}
