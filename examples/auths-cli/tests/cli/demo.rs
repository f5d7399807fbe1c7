//! `auths demo`.

use crate::sandbox::Sandbox;

#[test]
fn every_step_ends_as_it_must_without_a_network() {
    // A proxy that is nowhere: whatever left this machine would fail.
    let sandbox = Sandbox::new().env("HTTPS_PROXY", "http://127.0.0.1:1");
    let answer = sandbox.json("demo", &["demo"]);
    assert_eq!(answer["outcome"], "done", "{answer:#}");
    let steps = answer["steps"].as_array().unwrap();
    let yes =
        |outcome: &serde_json::Value| ["accepted", "done"].contains(&outcome.as_str().unwrap());
    let attacks = steps.iter().filter(|s| !yes(&s["outcome"]));
    assert!(attacks.clone().count() >= 12);
    assert!(attacks.clone().all(|s| s["code"].is_string()));
    assert!(sandbox.kept("").is_empty(), "it leaves nothing behind");
    let text = sandbox.run(&["demo"]);
    assert_eq!(text.code, 0);
    assert!(text.out.contains("stolen-token") || text.out.contains("thief"));
}
