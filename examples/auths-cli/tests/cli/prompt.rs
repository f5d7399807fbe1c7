//! Prompts on a real terminal: what is typed wrong, and what interrupts them.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// Runs `id new` on a terminal, with these steps, and says what became of it.
fn on_a_terminal(steps: &Value, args: &[&str]) -> Value {
    let python = crate::sandbox::python();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/python/prompt.py");
    let sandbox = Sandbox::new();
    let run = std::process::Command::new(python)
        .args([script, &steps.to_string(), env!("CARGO_BIN_EXE_auths")])
        .args(["id", "new"])
        .args(args)
        .env_remove("AUTHS_PASSPHRASE_FILE")
        .env("AUTHS_HOME", sandbox.home())
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    assert!(sandbox.keys().is_empty());
    serde_json::from_slice(&run.stdout).unwrap()
}

const PROMPT: &str = "New passphrase for the key main: ";

#[test]
fn an_interrupted_prompt_says_nothing_and_gives_the_echo_back() {
    for how in [json!(["signal", "SIGTERM"]), json!(["type", "\u{3}"])] {
        let ended = on_a_terminal(&json!([["expect", PROMPT], ["type", "abc"], how]), &[]);
        assert_eq!(ended["code"], 130, "{how}: {ended}");
        assert_eq!(ended["echo"], true, "{how}: {ended}");
        assert_eq!(
            ended["shown"].as_str().unwrap().trim(),
            PROMPT.trim(),
            "{how}"
        );
    }
}

#[test]
fn two_passphrases_that_differ_are_not_a_locked_store() {
    let steps = json!([
        ["expect", PROMPT],
        ["type", "one\n"],
        ["expect", "The same again: "],
        ["type", "two\n"],
    ]);
    let ended = on_a_terminal(&steps, &[]);
    assert_eq!(ended["code"], 2, "{ended}");
    let shown = ended["shown"].as_str().unwrap();
    assert!(shown.contains("the two passphrases differ"), "{shown}");
    assert!(shown.contains("AUTHS-1001"), "{shown}");
    assert!(!shown.contains("locked"), "{shown}");
}
