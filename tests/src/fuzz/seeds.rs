//! The first inputs of the targets.

use auths_core::Timestamp;
use auths_core::claim::{PlatformClaim, SigningRequest};
use auths_testkit::issuer::{SigningKey, TokenDraft};
use auths_testkit::services::github;
use auths_testkit::services::pypi::answer;
use auths_testkit::world::{Metadata, World};

use crate::claims::{NOW, alice, bob, did, now, sign};
use crate::{bundles, vectors};

fn texts<const N: usize>(all: [&str; N]) -> Vec<Vec<u8>> {
    all.map(|text| text.as_bytes().to_vec()).to_vec()
}

pub(super) fn claims() -> Vec<Vec<u8>> {
    let cases = vectors::cases().into_iter();
    let telling = cases.filter(|c| c.expect.is_none() || c.name.starts_with("json-"));
    telling.map(|case| case.claim.into_bytes()).collect()
}

pub(super) fn bundles() -> Vec<Vec<u8>> {
    let cases = bundles::cases().into_iter();
    cases.map(|case| case.bundle.into_bytes()).collect()
}

pub(super) fn policies() -> Vec<Vec<u8>> {
    let resist = "name = 'ours'\nresist = ['ci-workflow', 'collaborator']\nmaturity_hours = 336\nevidence_age_hours = 12";
    let mut all = texts([
        "trust_self_reported = true",
        "resist = ['stranger']\nmaturity_hours = 24",
        resist,
    ]);
    all.extend(
        bundles::cases()
            .into_iter()
            .take(1)
            .map(|c| c.check.policy.into_bytes()),
    );
    all
}

pub(super) fn publisher_rules() -> Vec<Vec<u8>> {
    let signed = [
        crate::claims::trusted_publisher(),
        crate::claims::trusted_publisher_in_full(),
    ];
    let rules = signed.map(|claim| serde_json::to_vec(&claim.unverified().publisher).unwrap());
    rules.to_vec()
}

pub(super) fn grants() -> Vec<Vec<u8>> {
    let mut all = texts(["# names that nobody gets\npypi:six\n\npkg:github/acme\n"]);
    for case in crate::grants::cases() {
        if case.expect.is_none() {
            let [_, payload] = crate::grants::taken_apart(&case.grant);
            all.extend([case.grant.into_bytes(), payload.into_bytes()]);
        }
    }
    all
}

pub(super) fn stored_records() -> Vec<Vec<u8>> {
    let claim = crate::claims::trusted_publisher();
    let (id, did) = (claim.id(), claim.did());
    let pin = r#"{"type":"auths-pin-1","namespace":"pkg:pypi/widget","incarnation":{"kind":"first-upload","value":"2026-01-01T00:00:00Z"},
        "issuer":"https://token.actions.githubusercontent.com","repositoryId":"700700","repository":"acme/widget","ownerId":"4242",
        "recordedAt":"2026-11-21T08:46:00Z","fallsToCollaborator":false}"#;
    let intake = format!(
        r#"{{"type":"auths-publisher-intake-1","publisher":"{id}","signer":"{did}","namespace":"pkg:github/acme",
        "incarnation":{{"kind":"organization","value":"4242"}},"takenInAt":"2026-11-21T08:46:00Z",
        "seen":[{{"owner-role":{{"platform":"github","id":"7","login":"alice"}}}}]}}"#
    );
    texts([pin, &intake])
}

pub(super) fn github_environments() -> Vec<Vec<u8>> {
    texts([
        r#"{"name":"pypi","url":"https://api.github.com/repos/acme/widget/environments/pypi","can_admins_bypass":false,
        "protection_rules":[{"type":"required_reviewers","prevent_self_review":true,
        "reviewers":[{"type":"User","reviewer":{"id":7}},{"type":"Team","reviewer":{"id":9}}]},{"type":"wait_timer"}],
        "deployment_branch_policy":{"protected_branches":true,"custom_branch_policies":false}}"#,
        r#"{"name":"pypi","url":"https://api.github.com/repos/acme/widget/environments/pypi","can_admins_bypass":true,
        "protection_rules":[]}"#,
    ])
}

pub(super) fn dids() -> Vec<Vec<u8>> {
    let did = did(&alice()).to_string();
    let method = format!("{did}#{}", did.trim_start_matches("did:key:"));
    let mut all = texts([
        "did:web:hub.example:u:alice",
        "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
    ]);
    all.extend([did.into_bytes(), method.into_bytes()]);
    all
}

pub(super) fn namespaces() -> Vec<Vec<u8>> {
    texts([
        "pypi:six",
        "pkg:pypi/ruamel-yaml",
        "pkg:npm/%40scope/name",
        "npm:@Scope/name",
        "cargo:serde_json",
        "pkg:github/acme",
        "pkg:golang/example.com/a/b",
        "pkg:pypi/six?repository_url=http:%2F%2F127.0.0.1:8000",
        "pkg:pypi/six?repository_url=https:%2F%2Fh.example%2Fbase",
        "pkg:pypi/six@1.0#sub",
        "pkg:pkg/e",
        "pkg:pypi/six?repository_url=https:%2F%2Fh.example%2F,,\"\"",
    ])
}

pub(super) fn packages() -> Vec<Vec<u8>> {
    texts([
        "Ruamel.Yaml__Clib",
        "@scope/name",
        "tokio-util",
        "a.b~c",
        "..",
        "a%2Fb",
        "a?b#c@d",
        "caf\u{e9}",
    ])
}

pub(super) fn accounts() -> Vec<Vec<u8>> {
    texts([
        "pypi:Alice",
        "npm:alice~x",
        "github:octo-cat",
        "gitlab:a@b",
        r#"{"platform":"github","id":"583231","login":"octocat"}"#,
        r#"{"platform":"pypi","login":"alice","origin":"https://h.example"}"#,
    ])
}

pub(super) fn origins() -> Vec<Vec<u8>> {
    texts([
        "https://registry.example/base/",
        "http://127.0.0.1:8080",
        "http://[::1]:9/a",
        "https://xn--bcher-kva.example",
        "https://a@b/c?d#e",
        "https://h,ost/\"%,",
    ])
}

pub(super) fn times() -> Vec<Vec<u8>> {
    texts([
        NOW,
        "2024-12-04T17:35:28.174320Z",
        "2024-12-04t17:35:28+01:00",
        "9999-12-31T23:59:60Z",
    ])
}

pub(super) fn headers() -> Vec<Vec<u8>> {
    texts([
        "120\nSat, 21 Nov 2026 08:46:00 GMT\n7",
        "Sat, 21 Nov 2026 08:47:00 GMT\nSaturday, 21-Nov-26 08:46:00 GMT",
        "99999999999999999999\nSat Nov 21 08:46:00 2026\n-1",
    ])
}

pub(super) fn key_files() -> Vec<Vec<u8>> {
    let (did, recovery) = (did(&alice()), did(&bob()));
    let file = |recovery: String| {
        let header = format!(
            r#"{{"kind":"ed25519-seed","name":"main","did":"{did}","created":"{NOW}","recovery":{recovery},"kdf":"argon2id-v19","cost":{{"memory_kib":19456,"passes":2,"lanes":1}},"salt":"{}","cipher":"xchacha20-poly1305","nonce":"{}"}}"#,
            "0a".repeat(16),
            "0b".repeat(24),
        );
        format!("auths-key 1\n{header}\n{}\n", "0c".repeat(48)).into_bytes()
    };
    let whole = auths_keystore::fuzzing::digested(&file("null".to_owned()));
    vec![
        file("null".to_owned()),
        file(format!("\"{recovery}\"")),
        whole,
    ]
}

pub(super) fn projects() -> Vec<Vec<u8>> {
    answers(&["/pypi/six/json"])
}

pub(super) fn releases() -> Vec<Vec<u8>> {
    answers(&["/pypi/six/1.0/json"])
}

/// Returns ID tokens of both platforms, their payloads, and a key set.
pub(super) fn id_tokens() -> Vec<Vec<u8>> {
    let key = SigningKey::shared(0);
    let [github, gitlab] = [
        TokenDraft::github(
            "https://token.actions.githubusercontent.com",
            "registry.example",
            now(),
        ),
        TokenDraft::gitlab("https://gitlab.com", "registry.example", now()),
    ];
    let keys = serde_json::json!({ "keys": [key.public_jwk(), { "kty": "OKP", "kid": "other" }] });
    let payloads = [
        github.payload_json(),
        gitlab.payload_json(),
        keys.to_string(),
    ];
    let tokens = [github.sign(&key), gitlab.sign(&key)];
    payloads
        .into_iter()
        .chain(tokens)
        .map(String::into_bytes)
        .collect()
}

pub(super) fn indexes() -> Vec<Vec<u8>> {
    let empty = r#"{"meta":{"api-version":"1.4","_last-serial":7},"name":"six","project-status":{"status":"quarantined"},"files":[],"versions":[]}"#;
    let mut all = answers(&["/simple/six/"]);
    all.extend(texts([empty]));
    all
}

/// Returns the answers of the simulated npm about a package with statements, one of its versions deprecated and one unpublished.
pub(super) fn packuments() -> Vec<Vec<u8>> {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut world = World::npm(start);
    let owner = world.sign_up("alice").unwrap();
    let left = "npm:left".parse().unwrap();
    let mut all = Vec::new();
    for (version, named) in [
        ("1.0.0", vec![]),
        ("1.1.0", vec![did(&alice())]),
        ("1.2.0", vec![did(&alice()), did(&bob())]),
    ] {
        let metadata = Metadata::new().naming(named, &left);
        world.publish(&owner, "left", version, metadata).unwrap();
    }
    let shown = |world: &World| {
        let answer = auths_testkit::services::npm::answer(world, "GET", "/left");
        answer.body.into_bytes()
    };
    all.push(shown(&world));
    world.yank(&owner, "left", "1.1.0", true).unwrap();
    world.delete_release(&owner, "left", "1.0.0").unwrap();
    all.push(shown(&world));
    world.delete_project(&owner, "left").unwrap();
    all.push(shown(&world));
    all
}

/// Returns the answers of the simulated PyPI about a project with statements of both kinds.
fn answers(paths: &[&str]) -> Vec<Vec<u8>> {
    let world = world();
    let answers = paths.iter().map(|path| answer(&world, "GET", path).body);
    answers.map(String::into_bytes).collect()
}

fn world() -> World {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut world = World::pypi(start);
    let owner = world.sign_up("alice").unwrap();
    let six = "pypi:six".parse().unwrap();
    let named = [did(&alice()), did(&bob())];
    let metadata = Metadata::new().naming(named, &six);
    world.publish(&owner, "six", "1.0", metadata).unwrap();
    world
}

pub(super) fn statements() -> Vec<Vec<u8>> {
    let (one, two) = (did(&alice()), did(&bob()));
    let six = "pypi:six".parse().unwrap();
    let url = auths_adapters_pypi::statement::render([&one, &two], &six);
    let words = format!(
        "tools {},x",
        auths_adapters_pypi::statement::render_keyword(&one, &six)
    );
    vec![url.into_bytes(), words.into_bytes()]
}

/// Returns tokens in both formats, and caveats of every kind. Each caveat is also tried as a token.
pub(super) fn tokens() -> Vec<Vec<u8>> {
    let file = std::fs::read(crate::root().join("tests/vectors/pypi-tokens/pypi_tokens.json"));
    let file: serde_json::Value = serde_json::from_slice(&file.unwrap()).unwrap();
    let cases = file["cases"].as_array().unwrap().iter();
    let texts = cases.map(|case| {
        let parts = case["token_parts"].as_array().unwrap().iter();
        parts.map(|part| part.as_str().unwrap()).collect::<String>()
    });
    let mut all: Vec<Vec<u8>> = texts.map(String::into_bytes).collect();
    all.extend(texts_of_caveats());
    all
}

fn texts_of_caveats() -> Vec<Vec<u8>> {
    texts([
        "[0, 1700000060, 1700000000]",
        "[1, [\"six\"]]",
        "[2, [\"aa11bb22-cc33-4d44-8e55-ff6677889900\"]]",
        "[4, \"aa11bb22-cc33-4d44-8e55-ff6677889900\", null]",
        "{\"version\": 1, \"permissions\": {\"projects\": [\"six\"]}}",
        "{\"nbf\": 0, \"exp\": 99999999999}",
        "{\"project_ids\": []}",
    ])
}

/// Returns the answers of the simulated GitHub about a gist of alice that proves her account.
pub(super) fn github_gists() -> Vec<Vec<u8>> {
    let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut world = World::github(start);
    let session = world.sign_up("alice").unwrap();
    let account = world.account_of_session(&session).unwrap();
    let claim = SigningRequest::new(PlatformClaim::new(account, None), start);
    let claim = sign(claim, &alice()).to_json();
    let gist = world.create_gist(&session, claim).unwrap();
    let path = format!("/gists/{gist}");
    let body = github::answer(&mut world, &github::Asked::get(&path)).body;
    vec![body.replace(&gist, super::github::GIST).into_bytes()]
}

pub(super) fn github_flows() -> Vec<Vec<u8>> {
    texts([
        r#"{"device_code":"3584d83530557fdd1f46","user_code":"WDJB-MJHT","verification_uri":"https://github.com/login/device","expires_in":900,"interval":5}"#,
        r#"{"access_token":"gho_x","token_type":"bearer","scope":"repo,gist"}"#,
        r#"{"error":"slow_down","interval":10}"#,
        r#"{"error":"authorization_pending","access_token":"gho_x","token_type":"bearer"}"#,
    ])
}

pub(super) fn github_addresses() -> Vec<Vec<u8>> {
    texts([
        "https://gist.github.com/alice/aa5a315d61ae9438b18d",
        "https://gist.github.com/aa5a315d61ae9438b18d#file-auths-claim-json",
        "https://api.github.com/gists/aa5a315d61ae9438b18d",
    ])
}
