//! A verifier of ID tokens with tokens of its own.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use auths_core::ci::CiIssuer;
use auths_core::ci::CiTokenEvidence;
use auths_core::ports::{CiTokenError, CiTokenQuery, CiTokenVerifier};
use auths_core::reason::{RefutedReason, Unavailable};
use auths_core::{ExposeSecret, Invalid, SecretString};

/// A verifier that reads the tokens which it issued itself. They have the form of real ones, and say nothing to anybody else.
///
/// ```
/// use auths_core::ci::{CiIssuer, CiProvider};
/// use auths_core::ports::{CiTokenQuery, CiTokenVerifierExt};
/// use auths_testkit::block_on;
/// use auths_testkit::conformance::TokenScene;
/// use auths_testkit::doubles::FakeCiTokens;
///
/// let github = CiIssuer::public(CiProvider::GitHubActions)?;
/// let now = "2026-11-21T08:46:00Z".parse()?;
/// let tokens = FakeCiTokens::new(vec![github.clone()]);
/// let token = tokens.issue(TokenScene::new(&github, now)?.evidence);
/// let query = CiTokenQuery::new(token, "registry.example".parse()?, now);
/// let verified = block_on(tokens.verify(&query))?;
/// assert_eq!(verified.identity().repository().name.as_str(), "acme/widget");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FakeCiTokens {
    issuers: Vec<CiIssuer>,
    issued: Mutex<BTreeMap<String, IssuedToken>>,
    lost_keys: Mutex<Option<Unavailable>>,
}

#[derive(Debug, Clone)]
struct IssuedToken {
    evidence: CiTokenEvidence,
    flaw: Option<RefutedReason>,
}

impl FakeCiTokens {
    /// Creates a verifier that accepts these issuers.
    #[must_use]
    pub fn new(issuers: Vec<CiIssuer>) -> Self {
        Self {
            issuers,
            issued: Mutex::default(),
            lost_keys: Mutex::default(),
        }
    }

    /// Issues a token.
    pub fn issue(&self, evidence: CiTokenEvidence) -> SecretString {
        self.issue_as(evidence, None)
    }

    /// Issues a token that is refused for `reason`.
    pub fn issue_flawed(&self, evidence: CiTokenEvidence, reason: RefutedReason) -> SecretString {
        self.issue_as(evidence, Some(reason))
    }

    fn issue_as(&self, evidence: CiTokenEvidence, flaw: Option<RefutedReason>) -> SecretString {
        let mut issued = lock(&self.issued);
        let token = format!(
            "eyJhbGciOiJmYWtlIn0.eyJqdGkiOiI{:08x}.c2lnbmF0dXJl",
            issued.len()
        );
        issued.insert(token.clone(), IssuedToken { evidence, flaw });
        SecretString::from(token)
    }

    /// Lets the keys of every issuer be unreadable from now on.
    pub fn lose_keys(&self, why: Unavailable) {
        *lock(&self.lost_keys) = Some(why);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns the error of a flawed token.
fn refused(flaw: RefutedReason) -> CiTokenError {
    CiTokenError::refuted(flaw, "the token was issued with this flaw")
}

#[async_trait]
impl CiTokenVerifier for FakeCiTokens {
    fn issuers(&self) -> &[CiIssuer] {
        &self.issuers
    }

    async fn read_token(&self, query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError> {
        query.check_size()?;
        let issued = lock(&self.issued).get(query.token.expose_secret()).cloned();
        let Some(IssuedToken { evidence, flaw }) = issued else {
            let what = "this double did not issue it";
            return Err(CiTokenError::invalid(Invalid::MalformedToken, what));
        };
        let of_header = [RefutedReason::TokenHeader, RefutedReason::TokenAlgorithm];
        if let Some(flaw) = flaw.filter(|flaw| of_header.contains(flaw)) {
            return Err(refused(flaw));
        }
        let issuer = evidence.identity.issuer();
        let is_asked = query.issuer.as_ref().is_none_or(|only| issuer.url == *only);
        if !self.issuers.contains(issuer) || !is_asked {
            let detail = format!("it is of {issuer}");
            return Err(CiTokenError::refuted(RefutedReason::TokenIssuer, detail));
        }
        if let Some(why) = lock(&self.lost_keys).clone() {
            return Err(why.into());
        }
        if let Some(flaw) = flaw {
            return Err(refused(flaw));
        }
        if evidence.audience != query.audience {
            let detail = format!("it is for {}", evidence.audience);
            return Err(CiTokenError::refuted(RefutedReason::TokenAudience, detail));
        }
        evidence.times.check(issuer.provider, query.now)?;
        Ok(evidence)
    }
}
