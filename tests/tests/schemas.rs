//! The JSON Schemas of claims and bundles, held against the golden vectors: what is well formed fits, and what breaks the form
//! does not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};

use auths_core::ci::PublisherRule;
use auths_core::claim::{AnyClaim, Delegation, NamespaceClaim, Observation, PlatformClaim};
use auths_core::claim::{Claim, Revocation, TrustedPublisher};
use auths_tests::root;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

const BUNDLE: &str = "urn:auths:schema:bundle:v1";

/// The schema of each type of claim.
const SCHEMAS: [(&str, &str); 6] = [
    (PlatformClaim::TYPE, "platform-claim"),
    (NamespaceClaim::TYPE, "namespace-claim"),
    (Delegation::TYPE, "delegation"),
    (TrustedPublisher::TYPE, "trusted-publisher"),
    (Revocation::TYPE, "revocation"),
    (Observation::TYPE, "observation"),
];

/// Vectors that break the form in a way that no schema can see, each with why.
const UNSEEN: [(&str, &str); 6] = [
    ("delegation-namespaces-unsorted_fail", "an order"),
    ("json-duplicate-key_fail", "a reader keeps one of the two"),
    ("json-duplicate-key-escaped_fail", "the same"),
    ("key-of-another_fail", "two members compared"),
    ("key-weak_fail", "a curve point"),
    ("signature-short_fail", "the length of what is encoded"),
];

fn read(path: impl AsRef<Path>) -> Value {
    let path = root().join(path);
    let text = fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_slice(&text).unwrap()
}

/// A schema by its name, with every other that it may refer to.
fn validator(id: &str) -> Validator {
    let claims = fs::read_dir(root().join("docs/schemas/claims")).unwrap();
    let files = claims.map(|entry| entry.unwrap().path());
    let mut registry = Registry::new();
    for file in files.chain([PathBuf::from("docs/schemas/bundle.v1.json")]) {
        let schema = read(&file);
        let id = schema["$id"].as_str().unwrap().to_owned();
        registry = registry.add(id, schema).unwrap();
    }
    let registry = registry.prepare().unwrap();
    let options = jsonschema::options().with_registry(&registry);
    options.build(&json!({ "$ref": id })).unwrap()
}

fn of_claim(name: &str) -> Validator {
    let (_, file) = SCHEMAS.iter().find(|(of, _)| *of == name).unwrap();
    validator(&format!("urn:auths:schema:claims:{file}:v1"))
}

/// The folders of vectors of one kind: name, document, and for a bad one the reason.
fn vectors(kind: &str) -> Vec<(String, PathBuf, Option<String>)> {
    let folders = fs::read_dir(root().join("tests/vectors").join(kind)).unwrap();
    let vectors = folders.map(|entry| {
        let entry = entry.unwrap();
        let expect = fs::read_to_string(entry.path().join("expect")).ok();
        let reason = expect.map(|text| text.lines().next().unwrap().to_owned());
        (
            entry.file_name().into_string().unwrap(),
            entry.path(),
            reason,
        )
    });
    vectors.collect()
}

/// Says how the schema and the vector differ.
fn trouble(name: &str, fits: bool, reason: Option<&str>) -> Option<String> {
    let about_form = matches!(reason, Some("bad-claim" | "bad-json" | "bad-bundle"));
    let unseen = UNSEEN.iter().any(|(n, _)| *n == name);
    (fits == (about_form && !unseen))
        .then(|| format!("{name}: fits the schema: {fits}, refused as {reason:?}"))
}

#[test]
fn the_vectors_of_claims_fit_their_schemas_exactly_when_their_form_is_right() {
    let validators: Vec<_> = SCHEMAS.iter().map(|(of, _)| (of, of_claim(of))).collect();
    let judge = |(name, folder, reason): (String, PathBuf, Option<String>)| {
        // What is no JSON at all is refused before any schema.
        let text = fs::read(folder.join("claim.json")).unwrap();
        let document: Value = serde_json::from_slice(&text).ok()?;
        let check = read(folder.join("check.json"));
        let (_, schema) = validators.iter().find(|(of, _)| check["type"] == **of)?;
        trouble(&name, schema.is_valid(&document), reason.as_deref())
    };
    let wrong: Vec<_> = vectors("claims").into_iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_vectors_of_bundles_fit_their_schema_exactly_when_their_form_is_right() {
    let schema = validator(BUNDLE);
    let judge = |(name, folder, reason): (String, PathBuf, Option<String>)| {
        let text = fs::read(folder.join("bundle.json")).unwrap();
        let document: Value = serde_json::from_slice(&text).ok()?;
        // A key that stands twice is gone once it is read; no schema sees it.
        if name == "key-twice_fail" {
            return None;
        }
        trouble(&name, schema.is_valid(&document), reason.as_deref())
    };
    let wrong: Vec<_> = vectors("bundles").into_iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_list_of_what_no_schema_sees_names_vectors_that_are_there() {
    for (name, _) in UNSEEN {
        assert!(
            root().join("tests/vectors/claims").join(name).is_dir(),
            "{name}"
        );
    }
}

/// Each schema is of its version, and tells the types apart.
/// Texts that a rule's refs, environment and workflow may have, or not: each with whether.
const TEXTS: [(&str, &[(&str, bool)]); 4] = [
    (
        "refs",
        &[
            ("refs/tags/v1", true),
            ("refs/tags/@scope/pkg@1.0.0", true),
            // Git forbids bytes of ASCII alone.
            ("refs/heads/a\u{a0}b", true),
            ("refs/heads/a\u{a0}", true),
            ("refs/heads/\u{85}\u{2028}\u{feff}", true),
            ("refs/heads/-a./b]", true),
            ("refs/heads/a b", false),
            ("refs/heads/a\tb", false),
            ("refs/heads/a\u{7f}", false),
            ("refs/heads/a..b", false),
            ("refs/heads/a@{b", false),
            ("refs/heads/.a", false),
            ("refs/heads/a.lock/b", false),
            ("refs/heads/a.lock", false),
            ("refs/heads/a.", false),
            ("refs/heads/a/", false),
            ("refs/heads//a", false),
            ("refs/heads/a\\b", false),
            ("refs/", false),
            ("main", false),
        ],
    ),
    (
        "refs",
        &[
            ("refs/*", true),
            ("refs/tags/v*", true),
            ("refs/heads/a\u{a0}*", true),
            ("*", false),
            ("refs/heads/**", false),
            ("refs/heads/*a", false),
            ("refs/heads/a..*", false),
            ("refs/heads//*", false),
            ("refs//*", false),
            ("refs/heads/ *", false),
        ],
    ),
    (
        "environment",
        &[
            ("py pi", true),
            ("py\u{a0}\u{2028}pi", true),
            ("\u{feff}pypi", true),
            ("", false),
            (" pypi", false),
            ("pypi\u{a0}", false),
            ("\u{3000}pypi", false),
            ("py\u{85}pi", false),
        ],
    ),
    (
        "workflow",
        &[
            ("my release.yml", true),
            ("a\u{a0}b.yaml", true),
            (".gitlab-ci.yml", true),
            ("\u{a0}a.yml", false),
            (".yml", false),
            ("a\u{1}.yml", false),
            ("a/b.yml", false),
        ],
    ),
];

#[test]
fn the_reader_of_rules_and_the_schema_take_the_same_texts() {
    let rule = json!({
        "issuer": "https://token.actions.githubusercontent.com",
        "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
        "workflow": "release.yml"
    });
    let schema = validator("urn:auths:schema:claims:trusted-publisher:v1#/$defs/rule");
    for (member, texts) in TEXTS {
        for (text, is_right) in texts {
            let mut rule = rule.clone();
            rule[member] = match member {
                "refs" => json!([text]),
                _ => json!(text),
            };
            let read = PublisherRule::parse(rule.to_string().as_bytes());
            assert_eq!(read.is_ok(), *is_right, "{member} {text:?}: {read:?}");
            assert_eq!(schema.is_valid(&rule), *is_right, "{member} {text:?}");
        }
    }
}

#[test]
fn a_schema_is_versioned_and_of_one_type() {
    for (of, file) in SCHEMAS {
        let schema = read(format!("docs/schemas/claims/{file}.v1.json"));
        assert_eq!(schema["$id"], format!("urn:auths:schema:claims:{file}:v1"));
        let schema = of_claim(of);
        for (name, folder, reason) in vectors("claims") {
            if reason.is_some() {
                continue;
            }
            let text = fs::read(folder.join("claim.json")).unwrap();
            let is = match AnyClaim::parse(&text).unwrap() {
                AnyClaim::Platform(_) => PlatformClaim::TYPE,
                AnyClaim::Namespace(_) => NamespaceClaim::TYPE,
                AnyClaim::Delegation(_) => Delegation::TYPE,
                AnyClaim::TrustedPublisher(_) => TrustedPublisher::TYPE,
                AnyClaim::Revocation(_) => Revocation::TYPE,
                _ => Observation::TYPE,
            };
            let document = serde_json::from_slice(&text).unwrap();
            assert_eq!(schema.is_valid(&document), is == of, "{name} as {of}");
        }
    }
}
