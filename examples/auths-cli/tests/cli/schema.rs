//! The schemas in `docs/schemas`: of the answers, and of the documents in them.

use std::path::Path;

use auths_core::reason::all_reasons;
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
    check_documents(answer);
    reasons(answer);
}

/// What the answer holds or wrote down: a signed claim, or the file of a bundle.
fn check_documents(answer: &Value) {
    let claim = &answer["claim"];
    if claim["@context"].is_array() {
        let kind = claim["type"].as_str().unwrap();
        let words = kind.chars().enumerate().map(|(i, c)| match c {
            c if c.is_ascii_uppercase() && i > 0 => format!("-{}", c.to_ascii_lowercase()),
            c => c.to_ascii_lowercase().to_string(),
        });
        let words: String = words.collect();
        check_document(&format!("urn:auths:schema:claims:{words}:v1"), claim);
    }
    if let Some(Ok(text)) = answer["bundle"].as_str().map(std::fs::read) {
        let bundle = serde_json::from_slice(&text).unwrap();
        check_document("urn:auths:schema:bundle:v1", &bundle);
    }
}

fn check_document(id: &str, document: &Value) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schemas");
    let claims = std::fs::read_dir(folder.join("claims")).unwrap();
    let files = claims.map(|entry| entry.unwrap().path());
    let mut registry = jsonschema::Registry::new();
    for file in files.chain([folder.join("bundle.v1.json")]) {
        let schema: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let id = schema["$id"].as_str().unwrap().to_owned();
        registry = registry.add(id, schema).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let options = jsonschema::options().with_registry(&registry);
    let validator = options.build(&serde_json::json!({ "$ref": id })).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{id}: {errors:#?}\n{document:#}");
}

/// Every code stands with the reason of its row, and every reason with its code; no message says the same twice.
fn reasons(value: &Value) {
    match value {
        Value::Object(fields) => {
            let text = |name: &str| fields.get(name).and_then(Value::as_str);
            if fields.contains_key("code") {
                let row = all_reasons()
                    .into_iter()
                    .find(|row| Some(row.code) == text("code"));
                let name = row.map(|row| row.name);
                // The tables of `explain codes` have names in place of reasons, the steps of the demo codes alone.
                let said = text("reason").or(text("name")).or(name);
                assert!(name.is_some() && name == said, "no such pair: {value:#}");
            }
            let is_alone = text("reason").is_some() && !fields.contains_key("code");
            // Obstacles within evidence are in core's form: a reason and its detail.
            assert!(!is_alone || fields.contains_key("detail"), "{value:#}");
            if let Some(message) = text("message") {
                assert_eq!(said_twice(message), None, "{message}");
            }
            fields.values().for_each(reasons);
        }
        Value::Array(items) => items.iter().for_each(reasons),
        _ => {}
    }
}

/// A part of the message that stands in it twice.
fn said_twice(message: &str) -> Option<&str> {
    let parts: Vec<&str> = message.split(": ").filter(|part| part.len() > 3).collect();
    let twice = |part: &&&str| parts.iter().filter(|other| other == part).count() > 1;
    parts.iter().find(twice).copied()
}

#[test]
fn a_pair_of_another_row_is_found() {
    let answer = |code: &str, reason: &str| serde_json::json!([{ "code": code, "reason": reason }]);
    reasons(&answer("AUTHS-3001", "network"));
    for (code, reason) in [("AUTHS-3019", "unavailable"), ("AUTHS-3001", "timeout")] {
        let checked = std::panic::catch_unwind(|| reasons(&answer(code, reason)));
        assert!(checked.is_err(), "{code} {reason}");
    }
    assert_eq!(said_twice("it failed: x.key: x.key: broken"), Some("x.key"));
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
