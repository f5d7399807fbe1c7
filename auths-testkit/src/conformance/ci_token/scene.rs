//! Tokens for a subject to sign.

use std::time::Duration;

use auths_core::Timestamp;
use auths_core::ci::CiTokenEvidence;
use auths_core::ci::{
    CiIdentity, CiIdentityError, CiIdentityParts, CiIssuer, JobWorkflow, OwnerIdentity,
    RepositoryIdentity, RepositoryVisibility, RunNumber, RunnerKind, TokenTimes,
};

use super::AUDIENCE;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A token for a subject to sign: what it says, and what is wrong with it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TokenScene {
    /// What the token says.
    pub evidence: CiTokenEvidence,
    /// What is wrong with the token beside what it says.
    pub flaw: Option<TokenFlaw>,
}

/// A fault in a token that its issuer would not make. A claim is named as the subject names it in
/// [`CiTokenSubject::required_claims`](super::CiTokenSubject::required_claims).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenFlaw {
    /// It names another algorithm than the issuer's in its header.
    OtherAlgorithm,
    /// It says that it is not signed.
    Unsigned,
    /// It names a key that the issuer does not have.
    UnknownKey,
    /// It names a key of the issuer, and another key signed it.
    OtherKey,
    /// It was changed after it was signed.
    Changed,
    /// A claim that every token has is missing.
    ClaimMissing(&'static str),
    /// A claim is null.
    ClaimNull(&'static str),
    /// A claim is a list.
    ClaimList(&'static str),
}

impl TokenScene {
    /// Creates a token of a release of `acme/widget`, issued `now` for five minutes, for `registry.example`.
    ///
    /// # Errors
    /// [`CiIdentityError`] for no issuer of this version.
    pub fn new(issuer: &CiIssuer, now: Timestamp) -> Result<Self, CiIdentityError> {
        let name = "acme/widget".parse()?;
        let prefix = issuer.workflow_prefix(&name);
        let reference = |file: &str| format!("{prefix}{file}@refs/tags/v1.2.0").parse();
        let tells_job = issuer.provider.tells_job_workflow();
        let job = JobWorkflow {
            commit: Some(COMMIT.parse()?),
            ..JobWorkflow::new(reference("publish.yml")?)
        };
        let parts = CiIdentityParts {
            issuer: issuer.clone(),
            repository: RepositoryIdentity {
                id: "700700".parse()?,
                name,
            },
            owner: OwnerIdentity {
                id: "4242".parse()?,
                name: "acme".parse()?,
            },
            workflow: reference("release.yml")?,
            workflow_commit: Some(COMMIT.parse()?),
            job_workflow: tells_job.then_some(job),
            git_ref: Some("refs/tags/v1.2.0".parse()?),
            ref_protected: Some(true),
            commit: COMMIT.parse()?,
            environment: Some("Prod".parse()?),
            trigger: "push".parse()?,
            runner: Some(RunnerKind::Hosted),
            visibility: Some(RepositoryVisibility::Public),
            run: Some(RunNumber {
                id: "99887766".parse()?,
                attempt: None,
            }),
        };
        let times = TokenTimes::new(now, Some(now), now + Duration::from_secs(300));
        let identity = CiIdentity::new(parts)?;
        let id = "0a1b2c3d-jti-1".parse()?;
        Ok(Self {
            evidence: CiTokenEvidence::new(identity, AUDIENCE.parse()?, id, times),
            flaw: None,
        })
    }

    /// Changes the run that the token is of.
    ///
    /// # Errors
    /// [`CiIdentityError`] when the changed parts do not belong together.
    pub fn changing(mut self, change: fn(&mut CiIdentityParts)) -> Result<Self, CiIdentityError> {
        let mut parts = self.evidence.identity.parts().clone();
        change(&mut parts);
        self.evidence.identity = CiIdentity::new(parts)?;
        Ok(self)
    }

    /// Sets what is wrong with the token.
    #[must_use]
    pub fn with(mut self, flaw: TokenFlaw) -> Self {
        self.flaw = Some(flaw);
        self
    }
}
