//! `docs/limits.md` holds the numbers of the code.

use std::time::Duration;

use auths_core::ports::{RecordKind, StoreBounds};
use auths_core::use_cases::VerificationLimits;
use auths_core::{Capability, Policy, PolicyBuilder, PolicyError, claim, policy};
use auths_keystore::FileRevocations;
use auths_tests::root;

use crate::workspace::read;

const MIB: u64 = 1 << 20;

fn hours(time: Duration) -> u64 {
    time.as_secs() / 3_600
}

fn days(time: Duration) -> u64 {
    hours(time) / 24
}

/// The range that a policy names when a time is outside of it.
fn range(outside: PolicyBuilder) -> String {
    let resisting = outside.resisting([Capability::Stranger]);
    match resisting.build().unwrap_err() {
        PolicyError::OutOfRange { min, max, .. } => format!("{min} to {max}"),
        other => panic!("{other}"),
    }
}

/// The rows whose numbers programs can ask for.
fn computed() -> Vec<String> {
    let new = || Policy::builder("a policy");
    let (maturity, age) = (policy::DEFAULT_MATURITY, policy::DEFAULT_EVIDENCE_AGE);
    let (limits, bounds) = (VerificationLimits::default(), StoreBounds::default());
    let bound = |kind| bounds.of(kind) / MIB;
    vec![
        format!(
            "| `maturity_hours` | `with_maturity` | {} | {} |",
            hours(maturity),
            range(new().with_maturity(Duration::MAX))
        ),
        format!(
            "| `evidence_age_hours` | `with_evidence_age` | {} | {} |",
            hours(age),
            range(new().with_evidence_age(Duration::MAX))
        ),
        format!(
            "| evidence counts | {} hours by default: `evidence_age_hours` |",
            hours(age)
        ),
        format!(
            "| evidence of an organisation counts | {} minutes, under every policy |",
            policy::ORG_EVIDENCE_AGE.as_secs() / 60
        ),
        format!(
            "| a claim may be created ahead of the verifier's clock by | {} minutes |",
            claim::MAX_CLOCK_LEAD.as_secs() / 60
        ),
        format!(
            "| any claim, also of a type of your own | {} days |",
            days(claim::MAX_LIFE)
        ),
        format!(
            "three quarters of them for the name itself | {} |",
            limits.requests
        ),
        format!("| time of reading | {} seconds |", limits.time.as_secs()),
        format!(
            "| bytes of all answers, after decompression | {} MiB |",
            limits.bytes / MIB
        ),
        format!("| proofs of accounts that are read | {} |", limits.proofs),
        format!("| DIDs whose accounts are looked up | {} |", limits.dids),
        format!(
            "cached records in one collection; the least recently used are dropped | {} MiB |",
            bound(RecordKind::Cached)
        ),
        format!(
            "kept records in one collection; nothing is dropped, a new one is refused | {} MiB |",
            bound(RecordKind::Kept)
        ),
        format!(
            "| `FileRevocations` | {} entries, {} MiB in all, 16 MiB a file, folders {} deep |",
            thousands(FileRevocations::MAX_ENTRIES),
            FileRevocations::MAX_BYTES as u64 / MIB,
            FileRevocations::MAX_DEPTH
        ),
    ]
}

fn thousands(number: usize) -> String {
    format!("{},{:03}", number / 1_000, number % 1_000)
}

/// The rows whose numbers only the code has: the file, what it says, and the row.
const WRITTEN: &[(&str, &str, &str)] = &[
    (
        "auths-core/src/claim/namespace.rs",
        "30 * DAY",
        "| namespace claim | 30 days |",
    ),
    (
        "auths-core/src/claim/platform.rs",
        "MAX_LIFE",
        "| platform claim, account with a stable id (GitHub) | 180 days |",
    ),
    (
        "auths-core/src/claim/platform.rs",
        "30 * DAY",
        "| platform claim, account told by its name (PyPI, npm) | 30 days |",
    ),
    (
        "auths-core/src/claim/delegation.rs",
        "30 * DAY",
        "| delegation | 30 days |",
    ),
    (
        "auths-core/src/claim/trusted_publisher.rs",
        "MAX_LIFE\n",
        "| trusted publisher | 180 days |",
    ),
    (
        "auths-core/src/ci/provider.rs",
        "max_token_life: Some(Duration::from_secs(15 * 60))",
        "| ID token of GitHub Actions | 15 minutes |",
    ),
    (
        "auths-core/src/ci/token.rs",
        "CLOCK_LEEWAY: Duration = Duration::from_secs(60)",
        "| the times of an ID token may differ from the verifier's clock by | 60 seconds |",
    ),
    (
        "auths-core/src/ci/token.rs",
        "MAX_TOKEN_BYTES: usize = 16 * 1024",
        "| ID token | 16 KiB |",
    ),
    (
        "auths-core/src/grant/request.rs",
        "MAX_GRANT_LIFE: Duration = Duration::from_secs(5 * 60)",
        "| grant, at most; one ends earlier with its decision | 5 minutes |",
    ),
    (
        "auths-core/src/grant/wire.rs",
        "MAX_GRANT_BYTES: usize = 16 * 1024",
        "| grant | 16 KiB |",
    ),
    (
        "auths-core/src/use_cases/publish/error.rs",
        "MAX_PACKAGES: usize = 64",
        "| request to publish (`PublishRequest`) | 64 packages |",
    ),
    (
        "auths-core/src/ci/rule.rs",
        "MAX_RULE_BYTES: usize = 1024 * 1024",
        "| publisher rule | 1 MiB, by itself as in a claim,",
    ),
    (
        "auths-core/src/ci/rule.rs",
        "MAX_LIST: usize = 64",
        "64 refs, 64 triggers |",
    ),
    (
        "auths-core/src/claim/observation.rs",
        "30 * DAY",
        "| observation | 30 days |",
    ),
    (
        "auths-core/src/claim/challenge.rs",
        "MAX_CHALLENGE_LIFE: Duration = Duration::from_secs(3_600)",
        "| challenge | 1 hour |",
    ),
    (
        "auths-core/src/claim/challenge.rs",
        "(16..=64).contains(&bytes.len())",
        "| challenge | 22 to 86 characters |",
    ),
    (
        "auths-core/src/claim/audience.rs",
        "(1..=300)",
        "| audience | 300 characters |",
    ),
    (
        "auths-core/src/claim/json.rs",
        "MAX_CLAIM: usize = 1024 * 1024",
        "| claim | 1 MiB in canonical form;",
    ),
    (
        "auths-core/src/claim/json.rs",
        "MAX_OBSERVATION: usize = 4 * MAX_CLAIM",
        "an observation 4 MiB;",
    ),
    (
        "auths-core/src/claim/json.rs",
        "SLACK: usize = 2",
        "as text twice that |",
    ),
    (
        "auths-core/src/claim/json.rs",
        "MAX_VALUES: usize = 1 << 18",
        "| JSON of either | 262,144 values,",
    ),
    (
        "auths-core/src/claim/json.rs",
        "MAX_DEPTH: usize = 24",
        "24 levels |",
    ),
    (
        "auths-core/src/bundle.rs",
        "MAX_BYTES: usize = 16 * 1024 * 1024",
        "| bundle | 16 MiB,",
    ),
    (
        "auths-core/src/bundle.rs",
        "MAX_CLAIMS: usize = 256",
        "256 claims of one kind |",
    ),
    (
        "auths-core/src/identity/did.rs",
        "MAX_LEN: usize = 256",
        "| DID | 256 characters |",
    ),
    (
        "auths-core/src/identity/origin.rs",
        "MAX_LEN: usize = 400",
        "| origin | 400 characters |",
    ),
    (
        "auths-core/src/decide/search.rs",
        "MAX_DELEGATIONS: usize = 4;",
        "| delegations one after another in a chain | 4 |",
    ),
    (
        "auths-core/src/decide/steps.rs",
        "MAX_STEPS: usize = 4_096",
        "| steps of the search for chains | 4096 |",
    ),
    (
        "auths-core/src/use_cases/revocations.rs",
        "MAX_RECOVERY_DIDS: usize = 64",
        "| recovery DIDs that are remembered of one DID | 64 |",
    ),
    (
        "auths-core/src/use_cases/revocations.rs",
        "MAX_REVOCATIONS: usize = 64",
        "| revocations that are remembered of one target by one DID | 64 |",
    ),
    (
        "auths-core/src/use_cases/verifier.rs",
        "REMOVAL_AFTER: Duration = DAY",
        "until `review` removes a record | 24 hours by default",
    ),
    (
        "auths-core/src/evidence/repository.rs",
        "MAX_REPOSITORIES: usize = 32",
        "| repositories of a package that are compared | 32 |",
    ),
    (
        "auths-http/src/attempt.rs",
        "MAX_SKEW: Duration = Duration::from_secs(10 * 60)",
        "`Date` may differ from the verifier's clock by | 10 minutes;",
    ),
    (
        "auths-adapters-github/src/orgs/client.rs",
        "MAX_SKEW: Duration = Duration::from_secs(120)",
        "for evidence of an organisation, 2 minutes |",
    ),
    (
        "auths-http/src/host_limiter.rs",
        "LEFT_ALONE: Duration = Duration::from_secs(60)",
        "60 seconds where it names none,",
    ),
    (
        "auths-http/src/host_limiter.rs",
        "MAX_LEFT_ALONE: Duration = Duration::from_secs(3600)",
        "1 hour at most.",
    ),
    (
        "auths-http/src/config.rs",
        "connect_timeout: Duration::from_secs(10)",
        "| `with_connect_timeout` | 10 seconds |",
    ),
    (
        "auths-http/src/config.rs",
        "attempt_timeout: Duration::from_secs(30)",
        "| `with_timeout`, for one attempt | 30 seconds |",
    ),
    (
        "auths-http/src/config.rs",
        "deadline: Duration::from_secs(60)",
        "| `with_deadline`, for all attempts and the waits between them | 60 seconds |",
    ),
    (
        "auths-http/src/config.rs",
        "max_attempts: 3,",
        "| `with_max_attempts`, GET and HEAD only | 3 |",
    ),
    (
        "auths-http/src/config.rs",
        "max_retry_after: Duration::from_secs(60)",
        "| `with_max_retry_after`, the longest wait for a 5xx | 60 seconds |",
    ),
    (
        "auths-http/src/config.rs",
        "max_bytes: 2 << 20",
        "| `with_max_bytes`, unless the adapter sets another | 2 MiB |",
    ),
    (
        "auths-http/src/config.rs",
        "max_concurrent: 8,",
        "| `with_max_concurrent`, to one server | 8 |",
    ),
    (
        "auths-adapters-pypi/src/config.rs",
        "Limits::new(40, Duration::from_secs(45), 32 << 20)",
        "| `PyPiConfig` | 40 | 45 seconds | 32 MiB for a project,",
    ),
    (
        "auths-adapters-pypi/src/config.rs",
        "max_release_bytes: 2 << 20",
        "2 MiB for a release |",
    ),
    (
        "auths-adapters-npm/src/config.rs",
        "Limits::new(1, Duration::from_secs(60), 100 << 20)",
        "| `NpmConfig` | 1 | 60 seconds | 100 MiB,",
    ),
    (
        "auths-adapters-npm/src/config.rs",
        "max_versions: 100_000",
        "100,000 versions |",
    ),
    (
        "auths-adapters-github/src/crates_io/config.rs",
        "Limits::new(100, Duration::from_secs(120), 16 << 20)",
        "| `CratesIoConfig` | 100 | 120 seconds | 16 MiB |",
    ),
    (
        "auths-adapters-github/src/crates_io/config.rs",
        "PUBLIC_MIN_INTERVAL: Duration = Duration::from_secs(1)",
        "asked once in 1 second by a process",
    ),
    (
        "auths-adapters-github/src/config.rs",
        "Limits::new(20, Duration::from_secs(45), 2 << 20)",
        "| `GitHubConfig` | 20 | 45 seconds | 2 MiB |",
    ),
    (
        "auths-adapters-ci/src/config.rs",
        "Limits::new(2, Duration::from_secs(5), 256 << 10)",
        "to read the keys of an issuer | 2 | 5 seconds | 256 KiB,",
    ),
    (
        "auths-adapters-ci/src/key_set.rs",
        "MAX_KEYS: usize = 64",
        "256 KiB, 64 keys |",
    ),
    (
        "auths-adapters-ci/src/config.rs",
        "refresh: Duration::from_secs(3600)",
        "serves meanwhile, from an age of | 1 hour",
    ),
    (
        "auths-adapters-ci/src/config.rs",
        "hard: Duration::from_secs(24 * 3600)",
        "no longer serves from an age of | 24 hours",
    ),
    (
        "auths-adapters-ci/src/issuer_keys.rs",
        "MIN_INTERVAL: Duration = Duration::from_secs(60)",
        "two readings of one issuer's keys lie apart by | 60 seconds |",
    ),
    (
        "auths-adapters-github/src/gist.rs",
        "MAX_CLAIM: usize = 64 << 10",
        "| claim in a gist | 64 KiB |",
    ),
    (
        "auths-adapters-github/src/device_flow.rs",
        "MAX_LIFE: Duration = Duration::from_secs(3600)",
        "| code of a device flow | 1 hour |",
    ),
    (
        "auths-adapters-npm/src/versions.rs",
        "MAX_DIDS: usize = 64",
        "| DIDs that one release may name | 64 |",
    ),
    (
        "auths-adapters-pypi/src/parse.rs",
        "MAX_DIDS: usize = 64",
        "| DIDs that one release may name | 64 |",
    ),
    (
        "pypi-tokens/src/error.rs",
        "MAX_TEXT: usize = 64 * 1024",
        "| PyPI token | 64 KiB,",
    ),
    (
        "pypi-tokens/src/error.rs",
        "MAX_CAVEATS: usize = 1_000",
        "1,000 restrictions |",
    ),
    (
        "auths-keystore/src/replay.rs",
        "GRACE: Duration = Duration::from_secs(60 * 60)",
        "remembered after its end (`FileReplayGuard`) | 1 hour |",
    ),
    (
        "auths-keystore/src/record.rs",
        "MAX_LEN: usize = 16 * 1024 * 1024",
        "| one record of a `FileStore` | 16 MiB |",
    ),
    (
        "auths-keystore/src/records.rs",
        "MAX_LEN: usize = 48 * 1024 * 1024",
        "| one record of `FileRecords` | 48 MiB |",
    ),
    (
        "auths-keystore/src/revocation_files.rs",
        "MAX_FILE: usize = 16 * 1024 * 1024",
        "16 MiB a file",
    ),
];

#[test]
fn the_page_of_limits_says_what_the_code_says() {
    let page = read(&root().join("docs/limits.md"));
    for row in computed() {
        assert!(page.contains(&row), "docs/limits.md should say: {row}");
    }
    for (file, code, row) in WRITTEN {
        let source = read(&root().join(file));
        let changed = format!("{file} no longer says {code:?}: correct the row {row:?}");
        assert!(source.contains(code), "{changed}");
        assert!(page.contains(row), "docs/limits.md should say: {row}");
    }
}

#[test]
fn the_page_of_limits_names_every_key_of_a_policy() {
    let page = read(&root().join("docs/limits.md"));
    let error = Policy::from_toml("nonsense = 1").unwrap_err().to_string();
    let (_, keys) = error.split_once("none of ").unwrap();
    let keys: Vec<&str> = keys.split(", ").collect();
    assert!(keys.len() >= 7, "{keys:?}");
    for key in keys {
        assert!(page.contains(&format!("| `{key}` |")), "{key}");
    }
}
