//! The golden vectors of grants: their content, their files, and their judgement.
//!
//! `cargo run -p auths-tests --example write_vectors` writes them again. A test fails when the files differ from its output, so that a
//! change of a grant's form cannot pass unseen.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "fixed input of tests: a panic is a failed test"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use auths_core::claim::{Action, Actions};
use auths_core::crypto::KeyPair;
use auths_core::grant::{
    DenyList, Grant, GrantError, GrantIssuer, GrantRequest, GrantVerifier, IssuedGrant,
};
use auths_core::ports::MemoryPins;
use auths_core::{
    ExposeSecret, Invalid, NamespaceAuthority, Policy, Reason, SecretString, Timestamp, Verified,
};
use auths_testkit::block_on;
use auths_testkit::doubles::CountingEntropy;
use auths_testkit::scenes::{Authorities, did, key};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::claims::{HUB, NOW, now};
use crate::document::text;

/// The audience of the sample grants.
pub const FILES: &str = "https://files.hub.example";

/// One vector.
#[derive(Debug, Clone)]
pub struct Case {
    /// The folder's name, without `_fail`.
    pub name: &'static str,
    /// A sentence about what it shows.
    pub about: &'static str,
    /// The token.
    pub grant: String,
    /// The input of the check.
    pub check: Check,
    /// The reason's name, for a vector that must be refused.
    pub expect: Option<&'static str>,
}

/// The input of whoever takes a grant in, beside the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The time.
    pub now: String,
    /// The name that it is used for.
    pub namespace: String,
    /// The action that it is used for.
    pub action: String,
    /// The deny list.
    pub denied: String,
}

impl Check {
    fn of(namespace: &str) -> Self {
        Self {
            now: NOW.to_owned(),
            namespace: namespace.to_owned(),
            action: "publish".to_owned(),
            denied: String::new(),
        }
    }

    fn to_json(&self) -> String {
        let check = json!({
            "issuer": HUB,
            "audience": FILES,
            "key": did(&signer()).as_str(),
            "now": self.now,
            "namespace": self.namespace,
            "action": self.action,
            "denied": self.denied,
        });
        text(&check) + "\n"
    }

    /// Reads `check.json`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let check: BTreeMap<String, String> = serde_json::from_str(text).unwrap();
        let read = Self {
            now: check["now"].clone(),
            namespace: check["namespace"].clone(),
            action: check["action"].clone(),
            denied: check["denied"].clone(),
        };
        assert_eq!(read.to_json(), text, "one verifier reads all vectors");
        read
    }

    /// Verifies a token for the name and action. Returns what it says as JSON, or the name of the reason.
    ///
    /// # Errors
    /// The name of the reason and the error, when the grant is refused.
    pub fn judge(&self, token: &str) -> Result<String, (&'static str, String)> {
        let denied: DenyList = self.denied.parse().unwrap();
        let (token, name) = (token.to_owned().into(), self.namespace.parse().unwrap());
        let (action, now) = (self.action.parse().unwrap(), self.now.parse().unwrap());
        match block_on(verifier(denied).authorize(&token, &name, action, now)) {
            Ok(grant) => Ok(payload_file(&grant)),
            Err(error) => Err((name_of(&error), error.to_string())),
        }
    }
}

fn name_of(error: &GrantError) -> &'static str {
    match error {
        GrantError::Malformed { .. } => Invalid::MalformedGrant.name(),
        GrantError::Refuted(refuted) => refuted.reason.name(),
        GrantError::Unavailable(why) => why.reason.name(),
        _ => "a reason that the tests do not know",
    }
}

fn payload_file(grant: &Grant) -> String {
    serde_json::to_string(grant).unwrap() + "\n"
}

impl Case {
    /// Returns the folder's name.
    #[must_use]
    pub fn folder(&self) -> String {
        let tail = if self.expect.is_some() { "_fail" } else { "" };
        format!("{}{tail}", self.name)
    }

    /// Returns its files, by name.
    #[must_use]
    pub fn files(&self) -> BTreeMap<&'static str, Vec<u8>> {
        let mut files = BTreeMap::from([
            ("README.md", format!("{}\n", self.about).into_bytes()),
            ("check.json", self.check.to_json().into_bytes()),
            ("grant", self.grant.clone().into_bytes()),
        ]);
        match self.expect {
            Some(reason) => files.insert("expect", format!("{reason}\n").into_bytes()),
            None => {
                let payload = self.check.judge(&self.grant).unwrap();
                files.insert("payload.json", payload.into_bytes())
            }
        };
        files
    }
}

/// Returns the folder of the vectors.
#[must_use]
pub fn folder() -> PathBuf {
    crate::root().join("tests/vectors/grants")
}

/// Returns the key of the issuer of the sample grants.
#[must_use]
pub fn signer() -> KeyPair {
    key(0x9a)
}

/// Returns the verifier of the sample grants.
#[must_use]
pub fn verifier(denied: DenyList) -> GrantVerifier {
    let (hub, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
    let pins = Arc::new(MemoryPins::new());
    GrantVerifier::new(hub, files, [did(&signer())], pins, denied)
}

/// Makes a grant of these decisions, as the sample issuer does.
#[must_use]
pub fn issue(authorities: &[Verified<NamespaceAuthority>], at: Timestamp) -> IssuedGrant {
    let (hub, files) = (HUB.parse().unwrap(), FILES.parse().unwrap());
    let entropy = Arc::new(CountingEntropy::default());
    let issuer = GrantIssuer::new(hub, files, Arc::new(signer()), entropy, DenyList::default());
    let policy = Policy::standard();
    let request = GrantRequest::new(authorities, Actions::only(Action::Publish), &policy, at);
    block_on(issuer.issue(&request)).unwrap()
}

/// Returns the token of a grant of a key for a crate.
#[must_use]
pub fn of_key() -> SecretString {
    let decided = Authorities::at(now());
    let verified = decided.of_key(&key(1), "cargo:demo", &Actions::only(Action::Publish));
    issue(&[verified], now()).into_parts().0
}

/// Signs a header and a payload of any bytes, as a compact JWS.
#[must_use]
pub fn sign(header: &str, payload: &str, key: &KeyPair) -> String {
    let [header, payload] = [header, payload].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
    let input = format!("{header}.{payload}");
    let signature = key.sign(input.as_bytes()).to_bytes();
    format!("{input}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// Returns header and payload of a token.
#[must_use]
pub fn taken_apart(token: &str) -> [String; 2] {
    let mut parts = token.split('.');
    [(); 2].map(|()| {
        let bytes = BASE64URL_NOPAD.decode(parts.next().unwrap().as_bytes());
        String::from_utf8(bytes.unwrap()).unwrap()
    })
}

/// Returns every vector.
#[must_use]
pub fn cases() -> Vec<Case> {
    let publish = Actions::only(Action::Publish);
    let decided = Authorities::at(now());
    let token = |verified: &[Verified<NamespaceAuthority>]| {
        issue(verified, now()).token().expose_secret().to_owned()
    };
    let acme = token(&[decided.of_key(&key(1), "github:acme", &publish)]);
    let good = |name, about, grant: &str, namespace| Case {
        name,
        about,
        grant: grant.to_owned(),
        check: Check::of(namespace),
        expect: None,
    };
    let several = ["cargo:tokio-util", "github:acme"];
    let several = several.map(|name| decided.of_key(&key(1), name, &publish));
    let run = token(&[decided.of_run("cargo:demo", &publish)]);
    let mut all = vec![
        good(
            "key",
            "A grant of a key.",
            of_key().expose_secret(),
            "cargo:demo",
        ),
        good("run", "A grant of a CI run.", &run, "cargo:demo"),
        good(
            "several",
            "One grant for two names; a crate is written in its own spelling.",
            &token(&several),
            "cargo:tokio_util",
        ),
        good(
            "below",
            "A grant of an organisation, used for a package below it.",
            &acme,
            "github:acme/server",
        ),
    ];
    all.extend(refused_use(&acme));
    all.extend(refused_form());
    all
}

/// Grants that are good, used where they are not.
fn refused_use(acme: &str) -> Vec<Case> {
    let own = of_key().expose_secret().to_owned();
    let bad = |name, about, grant: &str, check, expect| Case {
        name,
        about,
        grant: grant.to_owned(),
        check,
        expect: Some(expect),
    };
    let at = |now: &str| Check {
        now: now.to_owned(),
        ..Check::of("cargo:demo")
    };
    let denying = |name: &str| Check {
        denied: format!("{name}\n"),
        ..Check::of("github:acme/server")
    };
    let yank = Check {
        action: "yank".to_owned(),
        ..Check::of("cargo:demo")
    };
    let prefix = Check::of("github:acme-corp/server");
    let (late, early) = (at("2026-11-21T08:52:00Z"), at("2026-11-21T08:44:59Z"));
    vec![
        bad(
            "other-name",
            "A name that it does not list.",
            &own,
            Check::of("cargo:demo2"),
            "grant-too-narrow",
        ),
        bad(
            "other-action",
            "An action that it does not list.",
            &own,
            yank,
            "grant-too-narrow",
        ),
        bad(
            "prefix",
            "A name that begins like the one that it lists.",
            acme,
            prefix,
            "grant-too-narrow",
        ),
        bad(
            "denied",
            "A name on the deny list.",
            acme,
            denying("github:acme/server"),
            "name-denied",
        ),
        bad(
            "denied-above",
            "A name below an organisation on the deny list.",
            acme,
            denying("github:acme"),
            "name-denied",
        ),
        bad(
            "late",
            "A leeway after it ended.",
            &own,
            late,
            "grant-expired",
        ),
        bad(
            "early",
            "More than a leeway before it was issued.",
            &own,
            early,
            "grant-not-yet-valid",
        ),
    ]
}

/// Tokens that are no grants, or none of this issuer.
fn refused_form() -> Vec<Case> {
    let own = of_key().expose_secret().to_owned();
    let [header, payload] = taken_apart(&own);
    let header_with = |from: &str, to: &str| {
        let changed = header.replacen(from, to, 1);
        assert_ne!(changed, header, "{from} stands in it");
        sign(&changed, &payload, &signer())
    };
    let payload_with = |change: &dyn Fn(&mut Value)| {
        let mut value: Value = serde_json::from_str(&payload).unwrap();
        change(&mut value);
        // In the order of the members of a grant, so that the change alone is wrong.
        let members = [
            "iss", "sub", "aud", "iat", "exp", "jti", "purls", "actions", "falls_to",
        ];
        let members = members.iter().filter(|name| value.get(*name).is_some());
        let members: Vec<_> = members
            .map(|name| format!("\"{name}\":{}", value[*name]))
            .collect();
        sign(&header, &format!("{{{}}}", members.join(",")), &signer())
    };
    let bad = |name, about, grant: String, expect| Case {
        name,
        about,
        grant,
        check: Check::of("cargo:demo"),
        expect: Some(expect),
    };
    let malformed = |name, about, grant| bad(name, about, grant, "malformed-grant");
    let foreign = did(&key(7)).key_method().unwrap().to_string();
    let own_kid = did(&signer()).key_method().unwrap().to_string();
    vec![
        malformed(
            "typ-jwt",
            "The type of an ID token.",
            header_with("auths-grant+jwt", "JWT"),
        ),
        malformed(
            "typ-missing",
            "No type.",
            header_with(",\"typ\":\"auths-grant+jwt\"", ""),
        ),
        malformed("alg-none", "No algorithm.", header_with("EdDSA", "none")),
        malformed(
            "alg-rs256",
            "The algorithm of ID tokens.",
            header_with("EdDSA", "RS256"),
        ),
        malformed(
            "kid-missing",
            "No key.",
            header_with(&format!("\"kid\":\"{own_kid}\","), ""),
        ),
        malformed(
            "header-more",
            "A header with a member that no grant has.",
            header_with("{", "{\"crit\":[],"),
        ),
        malformed(
            "header-twice",
            "A header with a member twice.",
            header_with("{", "{\"alg\":\"EdDSA\","),
        ),
        malformed("padded", "Base64url with padding.", format!("{own}=")),
        malformed(
            "two-parts",
            "No signature.",
            own.rsplit_once('.').unwrap().0.to_owned(),
        ),
        malformed("four-parts", "One part too many.", format!("{own}.e30")),
        malformed(
            "member-unknown",
            "A payload with a member that no grant has.",
            sign(&header, &payload.replacen('{', "{\"nbf\":1,", 1), &signer()),
        ),
        malformed(
            "member-twice",
            "A payload with a member twice.",
            sign(
                &header,
                &payload.replacen('{', &format!("{{\"iss\":\"{HUB}\","), 1),
                &signer(),
            ),
        ),
        malformed(
            "member-missing",
            "A payload without its price.",
            payload_with(&|p| {
                p.as_object_mut().unwrap().remove("falls_to");
            }),
        ),
        malformed(
            "purls-none",
            "A grant for nothing.",
            payload_with(&|p| p["purls"] = json!([])),
        ),
        malformed(
            "purls-short",
            "A name that is no purl.",
            payload_with(&|p| p["purls"] = json!(["cargo:demo"])),
        ),
        malformed(
            "actions-none",
            "A grant for no action.",
            payload_with(&|p| p["actions"] = json!([])),
        ),
        malformed(
            "time-text",
            "A time as text.",
            payload_with(&|p| p["iat"] = json!(NOW)),
        ),
        malformed(
            "audience-list",
            "A list of audiences.",
            payload_with(&|p| p["aud"] = json!([FILES])),
        ),
        bad(
            "other-key",
            "A key that is not the issuer's, which signed it.",
            sign(&header.replacen(&own_kid, &foreign, 1), &payload, &key(7)),
            "grant-key",
        ),
        bad(
            "other-signature",
            "Another key signed it in the issuer's name.",
            sign(&header, &payload, &key(7)),
            "grant-signature",
        ),
        bad(
            "tampered",
            "A payload that was changed after it was signed.",
            changed_after_signing(&own),
            "grant-signature",
        ),
        malformed(
            "stray-bits",
            "A signature whose last character has bits that say nothing.",
            with_stray_bits(&own),
        ),
        bad(
            "other-issuer",
            "Another issuer with the same key.",
            payload_with(&|p| p["iss"] = json!("https://other.example")),
            "grant-issuer",
        ),
        bad(
            "other-audience",
            "Another audience.",
            payload_with(&|p| p["aud"] = json!(HUB)),
            "grant-audience",
        ),
        bad(
            "life-too-long",
            "A life of five minutes and a second.",
            payload_with(&|p| p["exp"] = json!(now().as_unix() + 301)),
            "grant-life-too-long",
        ),
        bad(
            "life-none",
            "An end at its beginning.",
            payload_with(&|p| p["exp"] = p["iat"].clone()),
            "grant-expired",
        ),
    ]
}

/// Returns the grant with another name in it, and the signature of before.
fn changed_after_signing(own: &str) -> String {
    let [header, payload] = taken_apart(own);
    let payload = payload.replacen("pkg:cargo/demo", "pkg:cargo/deno", 1);
    let [header, payload] = [header, payload].map(|part| BASE64URL_NOPAD.encode(part.as_bytes()));
    let signature = own.rsplit('.').next().unwrap();
    format!("{header}.{payload}.{signature}")
}

/// Returns the grant with its last character replaced by the next one of the alphabet, which decodes to the same bytes where stray
/// bits are dropped.
fn with_stray_bits(own: &str) -> String {
    let (start, last) = own.split_at(own.len() - 1);
    let next = match last {
        "A" => "B",
        "Q" => "R",
        "g" => "h",
        _ => "x",
    };
    format!("{start}{next}")
}
