//! The schemas in `docs/schemas`: of the answers, and of the documents in them.

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
    check_documents(answer);
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
