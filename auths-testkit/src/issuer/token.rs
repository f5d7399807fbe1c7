//! Tokens for tests: the claims of a real one, to be changed in one point each.

use auths_core::Timestamp;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use super::SigningKey;

/// The commit that the tokens are for.
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A token to be signed: a header and claims.
#[derive(Debug, Clone, PartialEq)]
pub struct TokenDraft {
    /// The members of the header. `kid` and `alg` are added where they are missing and were not removed.
    pub header: Map<String, Value>,
    /// The claims.
    pub claims: Map<String, Value>,
    removed: Vec<String>,
}

impl TokenDraft {
    /// Creates a token of GitHub Actions with every claim that its tokens have, one property of the repository among them: a release of `acme/widget` by its own
    /// workflow, for the tag `v1.2.0`, in the environment `pypi`. It was issued at `now`, for five minutes.
    #[must_use]
    pub fn github(issuer: &str, audience: &str, now: Timestamp) -> Self {
        let workflow = "acme/widget/.github/workflows/release.yml@refs/tags/v1.2.0";
        let claims = json!({
            "jti": "6fc3b0a1-2d0e-4c1b-9a55-3f6a4d7e8f90",
            "sub": "repo:acme@4242/widget@700700:environment:pypi",
            "aud": audience,
            "iss": issuer,
            "iat": now.as_unix(),
            "nbf": now.as_unix(),
            "exp": now.as_unix() + 300,
            "ref": "refs/tags/v1.2.0",
            "ref_type": "tag",
            "ref_protected": "true",
            "sha": COMMIT,
            "repository": "acme/widget",
            "repository_id": "700700",
            "repository_owner": "acme",
            "repository_owner_id": "4242",
            "repository_visibility": "public",
            "workflow": "Release",
            "workflow_ref": workflow,
            "workflow_sha": COMMIT,
            "job_workflow_ref": workflow,
            "job_workflow_sha": COMMIT,
            "event_name": "push",
            "environment": "pypi",
            "runner_environment": "github-hosted",
            "run_id": "99887766",
            "run_number": "12",
            "run_attempt": "1",
            "actor": "alice",
            "actor_id": "77",
            "head_ref": "",
            "base_ref": "",
            "check_run_id": "554433",
            "environment_node_id": "EN_kwDOA1",
            "enterprise": "acme-corp",
            "enterprise_id": "9",
            "issuer_scope": "",
            "repo_property_tier": "gold",
        });
        Self::of(claims)
    }

    /// Creates a token of GitLab CI: a release of `acme/ci/widget` by its own configuration, for the tag `v1.2.0`, in the
    /// environment `pypi`. It was issued at `now`, for an hour.
    #[must_use]
    pub fn gitlab(issuer: &str, audience: &str, now: Timestamp) -> Self {
        let host = issuer.split("://").last().unwrap_or_default();
        let claims = json!({
            "jti": "c1a2b3c4-0000-4d2e-8f3a-4b5c6d7e8f90",
            "sub": "project_path:acme/ci/widget:ref_type:tag:ref:v1.2.0",
            "aud": audience,
            "iss": issuer,
            "iat": now.as_unix(),
            "nbf": now.as_unix() - 5,
            "exp": now.as_unix() + 3600,
            "namespace_id": "4242",
            "namespace_path": "acme/ci",
            "project_id": "700700",
            "project_path": "acme/ci/widget",
            "project_visibility": "public",
            "user_id": "77",
            "user_login": "alice",
            "user_email": "alice@example.com",
            "user_access_level": "maintainer",
            "groups_direct": ["acme/ci"],
            "user_identities": [],
            "pipeline_id": "99887766",
            "pipeline_source": "push",
            "job_id": "5544",
            "ref": "v1.2.0",
            "ref_type": "tag",
            "ref_path": "refs/tags/v1.2.0",
            "ref_protected": "true",
            "environment": "pypi",
            "environment_protected": "true",
            "deployment_tier": "production",
            "environment_action": "start",
            "runner_id": 12,
            "runner_environment": "gitlab-hosted",
            "sha": COMMIT,
            "ci_config_ref_uri": format!("{host}/acme/ci/widget//.gitlab-ci.yml@refs/tags/v1.2.0"),
            "ci_config_sha": COMMIT,
        });
        Self::of(claims)
    }

    fn of(claims: Value) -> Self {
        let claims = match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        };
        let header = Map::from_iter([("typ".to_owned(), json!("JWT"))]);
        Self {
            header,
            claims,
            removed: Vec::new(),
        }
    }

    /// Sets a claim.
    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a claim.
    #[must_use]
    pub fn without_claim(mut self, name: &str) -> Self {
        self.claims.remove(name);
        self
    }

    /// Sets a member of the header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.to_owned(), value.into());
        self
    }

    /// Removes a member of the header.
    #[must_use]
    pub fn without_header(mut self, name: &str) -> Self {
        self.header.remove(name);
        self.removed.push(name.to_owned());
        self
    }

    /// Returns the header that a key signs.
    #[must_use]
    pub fn header_json(&self, key: &SigningKey) -> String {
        let mut header = self.header.clone();
        for (name, value) in [("alg", "RS256"), ("kid", key.id())] {
            if !self.removed.iter().any(|removed| removed == name) {
                header.entry(name).or_insert(json!(value));
            }
        }
        Value::Object(header).to_string()
    }

    /// Returns the payload.
    #[must_use]
    pub fn payload_json(&self) -> String {
        Value::Object(self.claims.clone()).to_string()
    }

    /// Signs the token.
    #[must_use]
    pub fn sign(&self, key: &SigningKey) -> String {
        encode_token(
            self.header_json(key).as_bytes(),
            self.payload_json().as_bytes(),
            key,
        )
    }
}

/// Signs any header and payload, whatever they are, as a compact token.
#[must_use]
pub fn encode_token(header: &[u8], payload: &[u8], key: &SigningKey) -> String {
    let [header, payload] = [header, payload].map(|part| BASE64URL_NOPAD.encode(part));
    let signed = format!("{header}.{payload}");
    let signature = BASE64URL_NOPAD.encode(&key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}
