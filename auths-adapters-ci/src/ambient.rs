//! The job's own token: what a step of a CI job does to get one.

use std::fmt;

use auths_core::ci::TokenAudience;
use auths_core::ports::Budget;
use auths_core::{Invalid, OriginError, Reason, Unavailable};
use auths_http::{Request, Transport};
use secrecy::{ExposeSecret, SecretString};

use crate::parse::TokenParts;
use crate::wire::JobTokenAnswer;

/// The largest answer of the runner, in bytes.
const MAX_ANSWER: u64 = 256 << 10;

/// A job of GitHub Actions that may ask for ID tokens: one with the permission `id-token: write`.
///
/// GitLab needs no such thing: it puts the token into the variable that `id_tokens` in the job's configuration names, when the job
/// starts, for the audience that stands there.
///
/// Source: GitHub's page "OpenID Connect reference", section "Methods for requesting the OIDC token".
///
/// ```
/// use auths_adapters_ci::GitHubJob;
/// use secrecy::SecretString;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let address = std::env::var("ACTIONS_ID_TOKEN_REQUEST_URL")?;
/// let secret = SecretString::from(std::env::var("ACTIONS_ID_TOKEN_REQUEST_TOKEN")?);
/// let job = GitHubJob::new(&address, secret)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GitHubJob {
    request: Request,
}

impl GitHubJob {
    /// Creates a job from the values of its variables `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    ///
    /// # Errors
    /// [`JobTokenError::Address`] when the address is none, or not of https (a literal loopback address may be of http).
    /// [`JobTokenError::NoSecret`] when the secret is empty.
    pub fn new(address: &str, secret: SecretString) -> Result<Self, JobTokenError> {
        if secret.expose_secret().trim().is_empty() {
            return Err(JobTokenError::NoSecret);
        }
        let request = Request::get_url(address)?.accept("application/json");
        Ok(Self {
            request: request.bearer(&secret).max_bytes(MAX_ANSWER).no_store(),
        })
    }

    /// Asks for a token for one audience, in one request.
    ///
    /// # Errors
    /// [`JobTokenError::Unavailable`] when no token came.
    pub async fn request_token(
        &self,
        transport: &Transport,
        audience: &TokenAudience,
        budget: &Budget,
    ) -> Result<SecretString, JobTokenError> {
        let request = self.request.clone().query("audience", audience.as_str());
        let response = transport.send(request.within(budget)).await?;
        let answer: JobTokenAnswer = response.object()?;
        let token = SecretString::from(answer.value);
        transport.keep_secret(&token);
        if TokenParts::read(token.expose_secret()).is_err() {
            return Err(Unavailable::unreadable("the answer holds no ID token").into());
        }
        Ok(token)
    }
}

/// Shows the host, and neither the token nor the job.
impl fmt::Debug for GitHubJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitHubJob")
            .field("host", &self.request.url().host_str().unwrap_or_default())
            .finish_non_exhaustive()
    }
}

/// A reason why a job got no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobTokenError {
    /// The address of the job's variables cannot be asked.
    #[error("the address that the job asks for ID tokens cannot be used: {0}")]
    Address(#[from] OriginError),
    /// The job has no secret to ask with: it may not ask for ID tokens.
    #[error("the job's secret for asking for ID tokens is empty")]
    NoSecret,
    /// No token came.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl JobTokenError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Address(_) | Self::NoSecret => Invalid::BadConfiguration.code(),
            Self::Unavailable(why) => why.reason.code(),
        }
    }

    /// Returns whether the same request may succeed later although the caller changes nothing.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(why) if why.is_retryable())
    }
}
