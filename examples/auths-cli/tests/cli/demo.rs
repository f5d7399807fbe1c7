//! `auths demo`.

use crate::sandbox::Sandbox;

#[test]
fn every_step_ends_as_it_must_without_a_network() {
    // A proxy that is nowhere: whatever left this machine would fail.
    let sandbox = Sandbox::new().env("HTTPS_PROXY", "http://127.0.0.1:1");
    let answer = sandbox.json("demo", &["demo"]);
    assert_eq!(answer["outcome"], "done", "{answer:#}");
    let steps = answer["steps"].as_array().unwrap();
    let yes = |outcome: &serde_json::Value| {
        ["accepted", "confirmed", "done"].contains(&outcome.as_str().unwrap())
    };
    let attacks = steps.iter().filter(|s| !yes(&s["outcome"]));
    assert!(attacks.clone().count() >= 21);
    assert!(attacks.clone().all(|s| s["code"].is_string()));
    // A token or grant that is used in a wrong way, and a run of somebody else, have reasons of their own.
    for code in ["2093", "2107", "2104", "2092", "2094", "2085", "2084"] {
        let code = format!("AUTHS-{code}");
        assert!(steps.iter().any(|s| s["code"] == code.as_str()), "{code}");
    }
    assert!(sandbox.kept("").is_empty(), "it leaves nothing behind");
    let text = sandbox.run(&["demo"]);
    assert_eq!(text.code, 0);
    assert!(text.out.contains("stolen-token") || text.out.contains("thief"));
}
