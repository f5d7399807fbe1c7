//! The schemas in `docs/schemas/cli`.

use std::path::Path;

use serde_json::Value;

/// Checks an answer against the schema of its command.
pub(crate) fn check(of: &str, answer: &Value) {
    let schema = read(of);
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(answer)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{of}: {errors:#?}\n{answer:#}");
}

fn read(of: &str) -> Value {
    let file = format!("{of}.v1.json");
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs/schemas/cli")
        .join(file);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_schema_refuses_what_is_not_an_answer() {
    let schema = read("namespace-check");
    let validator = jsonschema::validator_for(&schema).unwrap();
    for bad in [
        r#"{}"#,
        r#"{"outcome":"yes","evidence":[]}"#,
        r#"{"outcome":"refuted","evidence":[]}"#,
        r#"{"outcome":"confirmed","evidence":[],"code":"AUTHS-2014","reason":"not-listed","message":"m"}"#,
        r#"{"outcome":"confirmed","evidence":[],"more":1}"#,
    ] {
        let value: Value = serde_json::from_str(bad).unwrap();
        assert!(!validator.is_valid(&value), "{bad}");
    }
}
