//! How long the verification of an ID token takes with its key at hand, without and with the decision about its run, as a ratio to
//! `jsonwebtoken` decoding the same token with the same key, in the same run. The check of the trusted publisher's signature is
//! measured apart and taken off the decision: a front end has made it before.
//!
//! `cargo bench -p auths-adapters-ci` measures with criterion, and ends with the ratio of the shortest times of runs taken in turn.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark: it reads the clock, and prints"
)]

use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier, IssuerConfig};
use auths_core::ci::{CiIssuer, CiProvider, PublisherRule};
use auths_core::claim::{Action, Actions, KeyRing, Signed, TrustedPublisher};
use auths_core::crypto::KeyPair;
use auths_core::decide::{DecisionInput, Revocations, RunProof, decide_run};
use auths_core::evidence::{NamespaceEvidence, ObservedEvidence};
use auths_core::ports::{CiTokenQuery, CiTokenVerifierExt, NamespaceQuery, NamespaceVerifier};
use auths_core::use_cases::trust_publisher;
use auths_core::{Namespace, Outcome, Policy, Timestamp};
use auths_http::{SystemClock, Transport};
use auths_testkit::issuer::{SigningKey, TestIssuer, TokenDraft};
use auths_testkit::world::{Metadata, SimulatedRegistry, World};
use criterion::{Criterion, Throughput};
use futures_util::FutureExt;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::Deserialize;

const AUDIENCE: &str = "registry.example";

/// The claims that a verifier of GitHub's tokens needs, as a program would write them.
#[derive(Deserialize)]
#[allow(dead_code, reason = "they are decoded")]
struct Decoded {
    jti: String,
    repository: String,
    repository_id: String,
    repository_owner: String,
    repository_owner_id: String,
    workflow_ref: String,
    workflow_sha: String,
    job_workflow_ref: String,
    job_workflow_sha: String,
    event_name: String,
    environment: String,
    runner_environment: String,
    repository_visibility: String,
    run_id: String,
    run_attempt: String,
    #[serde(rename = "ref")]
    git_ref: String,
    ref_protected: String,
    sha: String,
    iat: u64,
    exp: u64,
    nbf: u64,
}

/// A token, and everything that either side needs to verify it.
struct Sample {
    token: String,
    now: Timestamp,
    verifier: IdTokenVerifier,
    rule: PublisherRule,
    key: DecodingKey,
    validation: Validation,
    publisher: Signed<TrustedPublisher>,
    /// What the registry shows of `pypi:six`, whose releases name the publisher's signer.
    evidence: ObservedEvidence<NamespaceEvidence>,
    policy: Policy,
}

impl Sample {
    /// Makes a sample, and reads the keys of its issuer.
    fn new() -> Self {
        let server = TestIssuer::start();
        let (url, now) = (server.origin().to_string(), SystemClock.now());
        let issuer = CiIssuer::new(CiProvider::GitHubActions, url.parse().unwrap());
        let config = IdTokenConfig::new().with_issuer(IssuerConfig::new(issuer));
        let verifier = IdTokenVerifier::new(config, Transport::system().unwrap()).unwrap();
        let key = SigningKey::shared(0);
        let token = TokenDraft::github(&url, AUDIENCE, now).sign(&key);
        let rule = format!(
            r#"{{ "issuer": "{url}", "repositoryId": "700700", "ownerId": "4242", "repository": "acme/widget",
                "workflow": "release.yml", "environment": "pypi", "refs": ["refs/tags/v*"] }}"#
        );
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&url]);
        validation.set_audience(&[AUDIENCE]);
        validation.validate_nbf = true;
        let (n, e) = key.public_numbers();
        let rule = PublisherRule::parse(rule.as_bytes()).unwrap();
        let owner = auths_testkit::scenes::key(1);
        let (six, day) = (six(), Duration::from_secs(86_400));
        let body = TrustedPublisher::new(rule.clone(), [six.clone()], publishing());
        let signed = trust_publisher(&owner, body, day * 30, now);
        let sample = Self {
            publisher: signed.now_or_never().unwrap().unwrap(),
            evidence: ObservedEvidence::live(statements(&six, &owner, now)),
            policy: Policy::standard(),
            token,
            now,
            verifier,
            rule,
            key: DecodingKey::from_rsa_raw_components(&n, &e),
            validation,
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime
            .unwrap()
            .block_on(sample.verifier.verify(&sample.query()))
            .unwrap();
        sample
    }

    fn query(&self) -> CiTokenQuery {
        let token = black_box(self.token.as_str()).into();
        CiTokenQuery::new(token, AUDIENCE.parse().unwrap(), self.now)
    }

    /// From the text to the rule that matches. The keys are there, so nothing is waited for.
    fn verify(&self) {
        let query = self.query();
        let verified = self
            .verifier
            .verify(&query)
            .now_or_never()
            .unwrap()
            .unwrap();
        black_box(self.rule.matches(verified.identity()).unwrap());
    }

    /// From the text to the decision about the run.
    fn decide(&self) {
        let query = self.query();
        let verified = self.verifier.verify(&query);
        let token = Arc::new(verified.now_or_never().unwrap().unwrap());
        let mut run = RunProof::new(token, six(), publishing());
        run.publishers.push(self.publisher.clone());
        let mut input = DecisionInput::for_run(run);
        input.evidence.push(self.evidence.clone());
        input.revocations = Revocations::not_checked().with("a list", Ok(Vec::new()));
        let decided = decide_run(&input, &self.policy, self.now).unwrap();
        assert_eq!(decided.report().outcome(), Outcome::Accepted);
        let _ = black_box(decided);
    }

    /// What a front end has done before: the check of the signature.
    fn check_signature(&self) {
        let keys = KeyRing::intrinsic();
        black_box(&self.publisher).check_signature(&keys).unwrap();
    }

    fn decode(&self) {
        let token = black_box(self.token.as_str());
        black_box(decode::<Decoded>(token, &self.key, &self.validation).unwrap());
    }
}

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

fn publishing() -> Actions {
    Actions::only(Action::Publish)
}

/// Returns what the registry shows of a package whose releases have named this key for two weeks.
fn statements(package: &Namespace, key: &KeyPair, now: Timestamp) -> NamespaceEvidence {
    let week = Duration::from_secs(7 * 86_400);
    let mut world = World::pypi(now - 2 * week);
    let alice = world.sign_up("alice").unwrap();
    for version in ["1.0", "1.1"] {
        let named = Metadata::new().naming([auths_testkit::scenes::did(key)], package);
        world.publish(&alice, "six", version, named).unwrap();
        world.wait(week);
    }
    let world = Arc::new(Mutex::new(world));
    let registry = SimulatedRegistry::public(world, "https://registry.example".parse().unwrap());
    let query = NamespaceQuery::new(package.clone(), now);
    registry.gather(&query).now_or_never().unwrap().unwrap()
}

fn measure(c: &mut Criterion, sample: &Sample) {
    let mut group = c.benchmark_group("id-token");
    group.throughput(Throughput::Elements(1));
    group.bench_function("jsonwebtoken", |b| b.iter(|| sample.decode()));
    group.bench_function("verify and match", |b| b.iter(|| sample.verify()));
    group.bench_function("verify and decide", |b| b.iter(|| sample.decide()));
    group.finish();
}

/// The shortest of many short runs, taken in turn so that a busy machine disturbs all alike; in nanoseconds.
fn shortest(sample: &Sample) -> [f64; 4] {
    let work: [&dyn Fn(); 4] = [
        &|| sample.decode(),
        &|| sample.verify(),
        &|| sample.decide(),
        &|| sample.check_signature(),
    ];
    let mut best = [f64::INFINITY; 4];
    for _ in 0..2_000 {
        for (work, best) in work.iter().zip(&mut best) {
            let start = Instant::now();
            (0..10).for_each(|_| work());
            *best = best.min(start.elapsed().as_nanos() as f64 / 10.0);
        }
    }
    best
}

fn main() {
    let sample = Sample::new();
    let mut criterion = Criterion::default().configure_from_args();
    measure(&mut criterion, &sample);
    criterion.final_summary();
    // Under `--test` nothing is measured.
    if std::env::args().any(|arg| arg == "--bench") && !std::env::args().any(|arg| arg == "--test")
    {
        let [floor, matched, decided, signature] = shortest(&sample);
        let decided = decided - signature;
        println!("\nratio (target)");
        for (name, most, ours) in [("match", "1.2", matched), ("decide", "1.5", decided)] {
            println!(
                "verify and {name} / jsonwebtoken {:.2}  (at most {most}); {:.1} us against {:.1} us",
                ours / floor,
                ours / 1e3,
                floor / 1e3
            );
        }
    }
}
