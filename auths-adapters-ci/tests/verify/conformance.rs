//! The suite of the port, on an issuer of each platform.

use std::sync::Arc;

use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier, IssuerConfig, SecretString};
use auths_core::Timestamp;
use auths_core::ci::{CiIdentityParts, CiIssuer, CiProvider, RepositoryVisibility, RunnerKind};
use auths_core::ports::FixedClock;
use auths_testkit::conformance::{CiTokenSubject, TokenFlaw, TokenScene};
use auths_testkit::issuer::{SigningKey, TestIssuer, TokenDraft};
use serde_json::{Value, json};

use crate::common::{issuer, transport_at};

/// The time of the suite.
fn now() -> Timestamp {
    Timestamp::from_unix(1_795_000_000).unwrap()
}

struct Subject {
    server: TestIssuer,
    provider: CiProvider,
}

impl Subject {
    fn of(provider: CiProvider) -> Self {
        let server = TestIssuer::start_with_clock(Arc::new(FixedClock(now())));
        Self { server, provider }
    }

    fn verifier(&self, config: IssuerConfig) -> IdTokenVerifier {
        let config = IdTokenConfig::new().with_issuer(config);
        IdTokenVerifier::new(config, transport_at(now())).unwrap()
    }

    fn draft(&self, scene: &TokenScene) -> TokenDraft {
        let (evidence, parts) = (&scene.evidence, scene.evidence.identity.parts());
        let (url, audience) = (parts.issuer.url.to_string(), evidence.audience.as_str());
        let issued = evidence.times.issued_at;
        let (draft, claims) = match self.provider {
            CiProvider::GitHubActions => {
                (TokenDraft::github(&url, audience, issued), of_github(parts))
            }
            _ => (TokenDraft::gitlab(&url, audience, issued), of_gitlab(parts)),
        };
        let times = [
            ("jti", json!(evidence.id.as_str())),
            ("exp", json!(evidence.times.expires.as_unix())),
            (
                "nbf",
                json!(evidence.times.not_before.map(Timestamp::as_unix)),
            ),
            ("sub", json!("written by the owner of the repository")),
        ];
        let all = claims.into_iter().chain(times);
        all.fold(draft, |draft, (name, value)| match value {
            Value::Null => draft.without_claim(name),
            value => draft.claim(name, value),
        })
    }
}

/// Claims by their names; null where the run does not have them.
type Said = Vec<(&'static str, Value)>;

fn visibility(parts: &CiIdentityParts) -> Option<&'static str> {
    parts.visibility.map(|visibility| match visibility {
        RepositoryVisibility::Public => "public",
        RepositoryVisibility::Internal => "internal",
        _ => "private",
    })
}

fn runner(parts: &CiIdentityParts, hosted: &'static str) -> Option<&'static str> {
    parts.runner.map(|runner| match runner {
        RunnerKind::Hosted => hosted,
        _ => "self-hosted",
    })
}

fn text(value: Option<impl ToString>) -> Value {
    json!(value.map(|value| value.to_string()))
}

fn of_github(parts: &CiIdentityParts) -> Said {
    let job = parts.job_workflow.as_ref();
    vec![
        ("repository", json!(parts.repository.name.as_str())),
        ("repository_id", json!(parts.repository.id.to_string())),
        ("repository_owner", json!(parts.owner.name.as_str())),
        ("repository_owner_id", json!(parts.owner.id.to_string())),
        ("workflow_ref", json!(parts.workflow.as_str())),
        ("workflow_sha", text(parts.workflow_commit.as_ref())),
        ("job_workflow_ref", text(job.map(|job| &job.reference))),
        (
            "job_workflow_sha",
            text(job.and_then(|job| job.commit.as_ref())),
        ),
        (
            "ref",
            json!(
                parts
                    .git_ref
                    .as_ref()
                    .map_or("", |git_ref| git_ref.as_str())
            ),
        ),
        ("ref_protected", text(parts.ref_protected)),
        ("sha", json!(parts.commit.as_str())),
        ("environment", text(parts.environment.as_ref())),
        ("event_name", json!(parts.trigger.as_str())),
        ("runner_environment", json!(runner(parts, "github-hosted"))),
        ("repository_visibility", json!(visibility(parts))),
        ("run_id", text(parts.run.map(|run| run.id))),
        ("run_attempt", text(parts.run.and_then(|run| run.attempt))),
    ]
}

fn of_gitlab(parts: &CiIdentityParts) -> Said {
    vec![
        ("project_path", json!(parts.repository.name.as_str())),
        ("project_id", json!(parts.repository.id.to_string())),
        ("namespace_path", json!(parts.owner.name.as_str())),
        ("namespace_id", json!(parts.owner.id.to_string())),
        ("ci_config_ref_uri", json!(parts.workflow.as_str())),
        ("ci_config_sha", text(parts.workflow_commit.as_ref())),
        (
            "ref_path",
            json!(
                parts
                    .git_ref
                    .as_ref()
                    .map_or("", |git_ref| git_ref.as_str())
            ),
        ),
        ("ref_protected", text(parts.ref_protected)),
        ("sha", json!(parts.commit.as_str())),
        ("environment", text(parts.environment.as_ref())),
        ("pipeline_source", json!(parts.trigger.as_str())),
        ("runner_environment", json!(runner(parts, "gitlab-hosted"))),
        ("project_visibility", json!(visibility(parts))),
        ("pipeline_id", text(parts.run.map(|run| run.id))),
    ]
}

impl CiTokenSubject for Subject {
    type Verifier = IdTokenVerifier;

    fn open(&self) -> IdTokenVerifier {
        self.verifier(IssuerConfig::new(self.issuer()))
    }

    fn open_without_keys(&self) -> Option<IdTokenVerifier> {
        let nowhere = format!("{}/nowhere", self.server.origin()).parse().unwrap();
        let config = IssuerConfig::new(self.issuer()).with_keys_at(nowhere);
        Some(self.verifier(config.unwrap()))
    }

    fn issuer(&self) -> CiIssuer {
        issuer(&self.server, self.provider)
    }

    fn sign(&self, _verifier: &IdTokenVerifier, scene: &TokenScene) -> SecretString {
        let (key, other) = (SigningKey::shared(0), SigningKey::shared(1));
        let draft = self.draft(scene);
        let token = match scene.flaw {
            None => draft.sign(&key),
            Some(TokenFlaw::OtherAlgorithm) => draft.header("alg", "RS512").sign(&key),
            Some(TokenFlaw::Unsigned) => draft.header("alg", "none").sign(&key),
            Some(TokenFlaw::UnknownKey) => draft.header("kid", "unknown").sign(&key),
            Some(TokenFlaw::OtherKey) => draft.header("kid", key.id()).sign(&other),
            Some(TokenFlaw::Changed) => change(&draft, &key),
            Some(TokenFlaw::ClaimMissing(name)) => draft.without_claim(name).sign(&key),
            Some(TokenFlaw::ClaimNull(name)) => draft.claim(name, Value::Null).sign(&key),
            Some(TokenFlaw::ClaimList(name)) => draft.claim(name, json!([1])).sign(&key),
            Some(flaw) => panic!("{flaw:?} is new"),
        };
        token.into()
    }

    fn required_claims(&self) -> Vec<&'static str> {
        let all = ["exp", "iat", "jti", "sha"];
        let own: &[&str] = match self.provider {
            CiProvider::GitHubActions => &[
                "repository",
                "repository_id",
                "repository_owner",
                "repository_owner_id",
                "workflow_ref",
                "event_name",
                "ref",
            ],
            _ => &[
                "project_path",
                "project_id",
                "namespace_path",
                "namespace_id",
                "ci_config_ref_uri",
                "pipeline_source",
                "ref_path",
            ],
        };
        all.into_iter().chain(own.iter().copied()).collect()
    }
}

/// Puts the payload of another token before the signature of this one.
fn change(draft: &TokenDraft, key: &SigningKey) -> String {
    let signed = draft.sign(key);
    let other = draft.clone().claim("actor", "eve").sign(key);
    let payload = other.split('.').nth(1).unwrap();
    let parts: Vec<_> = signed.split('.').collect();
    format!("{}.{payload}.{}", parts[0], parts[2])
}

mod github {
    auths_testkit::ci_token_verifier_conformance!(
        super::Subject::of(super::CiProvider::GitHubActions),
        tokio
    );
}

mod gitlab {
    auths_testkit::ci_token_verifier_conformance!(
        super::Subject::of(super::CiProvider::GitLabCi),
        tokio
    );
}
