//! What every test needs: a test issuer, an adapter for it, and tokens at one time.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier, IssuerConfig};
use auths_core::Timestamp;
use auths_core::ci::VerifiedCiToken;
use auths_core::ci::{CiIssuer, CiProvider};
use auths_core::ports::{CiTokenError, CiTokenQuery, CiTokenVerifierExt, FixedClock, MemoryStore};
use auths_http::{Transport, TransportConfig};
use auths_testkit::doubles::RecordingSleeper;
use auths_testkit::issuer::{SigningKey, TestIssuer, TokenDraft};

pub(crate) const AUDIENCE: &str = "registry.example";

pub(crate) fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

pub(crate) fn after(seconds: u64) -> Timestamp {
    now() + Duration::from_secs(seconds)
}

/// A transport at the time of the tests.
pub(crate) fn transport() -> Transport {
    transport_at(now())
}

/// A transport that makes one attempt, a short one, at this time.
pub(crate) fn transport_at(now: Timestamp) -> Transport {
    let config = TransportConfig::default()
        .with_timeout(Duration::from_secs(4))
        .with_max_attempts(1);
    let (clock, sleeper) = (
        Arc::new(FixedClock(now)),
        Arc::new(RecordingSleeper::default()),
    );
    Transport::new(config, clock, sleeper, Arc::new(MemoryStore::new())).unwrap()
}

/// An issuer of each platform with the same keys, and an adapter that accepts both.
pub(crate) struct Pair {
    pub(crate) github: TestIssuer,
    pub(crate) gitlab: TestIssuer,
    pub(crate) verifier: Arc<IdTokenVerifier>,
}

pub(crate) fn issuer(of: &TestIssuer, provider: CiProvider) -> CiIssuer {
    CiIssuer::new(provider, of.origin().to_string().parse().unwrap())
}

pub(crate) fn start() -> Pair {
    start_with(|config| config)
}

pub(crate) fn start_with(configure: impl FnOnce(IdTokenConfig) -> IdTokenConfig) -> Pair {
    let clock = Arc::new(FixedClock(now()));
    let github = TestIssuer::start_with_clock(clock.clone());
    let gitlab = TestIssuer::start_with_clock(clock);
    let config = IdTokenConfig::new()
        .with_issuer(IssuerConfig::new(issuer(
            &github,
            CiProvider::GitHubActions,
        )))
        .with_issuer(IssuerConfig::new(issuer(&gitlab, CiProvider::GitLabCi)));
    let verifier = IdTokenVerifier::new(configure(config), transport()).unwrap();
    Pair {
        github,
        gitlab,
        verifier: Arc::new(verifier),
    }
}

pub(crate) fn query(token: &str) -> CiTokenQuery {
    CiTokenQuery::new(token.into(), AUDIENCE.parse().unwrap(), now())
}

impl Pair {
    /// A token of the GitHub issuer that is accepted.
    pub(crate) fn draft(&self) -> TokenDraft {
        TokenDraft::github(&self.github.origin().to_string(), AUDIENCE, now())
    }

    /// A token of the GitLab issuer that is accepted.
    pub(crate) fn gitlab_draft(&self) -> TokenDraft {
        TokenDraft::gitlab(&self.gitlab.origin().to_string(), AUDIENCE, now())
    }

    pub(crate) async fn verify(
        &self,
        query: &CiTokenQuery,
    ) -> Result<VerifiedCiToken, CiTokenError> {
        self.verifier.verify(query).await
    }

    /// The stable code of what comes of a token: `ok` where it is accepted.
    pub(crate) async fn code(&self, token: &str) -> &'static str {
        code(&self.verify(&query(token)).await)
    }

    /// The code of what comes of a draft that the first key signs.
    pub(crate) async fn code_of(&self, draft: &TokenDraft) -> &'static str {
        self.code(&draft.sign(&SigningKey::shared(0))).await
    }
}

pub(crate) fn code<T>(verified: &Result<T, CiTokenError>) -> &'static str {
    match verified {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

/// The reasons, by the stable codes that core gives them.
pub(crate) mod codes {
    pub(crate) const TOO_LARGE: &str = "AUTHS-1016";
    pub(crate) const MALFORMED: &str = "AUTHS-1017";
    pub(crate) const HEADER: &str = "AUTHS-2080";
    pub(crate) const ALGORITHM: &str = "AUTHS-2081";
    pub(crate) const ISSUER: &str = "AUTHS-2082";
    pub(crate) const KEY: &str = "AUTHS-2083";
    pub(crate) const SIGNATURE: &str = "AUTHS-2084";
    pub(crate) const AUDIENCE: &str = "AUTHS-2085";
    pub(crate) const EXPIRED: &str = "AUTHS-2086";
    pub(crate) const NOT_YET: &str = "AUTHS-2087";
    pub(crate) const LIFE: &str = "AUTHS-2088";
    pub(crate) const MISSING: &str = "AUTHS-2089";
    pub(crate) const WRONG: &str = "AUTHS-2090";
    pub(crate) const INCONSISTENT: &str = "AUTHS-2091";
    pub(crate) const RECENT: &str = "AUTHS-3042";
}
