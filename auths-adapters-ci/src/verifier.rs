//! The adapter: the steps of a token's verification, in their order.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auths_core::ci::CiTokenEvidence;
use auths_core::ci::{CiIdentity, CiIdentityError, CiIdentityParts, CiIssuer, CiProvider};
use auths_core::ports::{CiTokenError, CiTokenQuery, CiTokenVerifier};
use auths_core::{Refuted, RefutedReason};
use auths_http::Transport;
use secrecy::ExposeSecret;

use crate::claims::{Claims, cut};
use crate::client::KeyClient;
use crate::config::{IdTokenConfig, IdTokenConfigError};
use crate::header::Header;
use crate::issuer_keys::IssuerKeys;
use crate::key::ALGORITHM;
use crate::members::{Members, Value};
use crate::parse::{TokenParts, malformed};
use crate::{github, gitlab};

/// Reads what the tokens of one platform say of a run.
type ReadRun = fn(&Claims<'_>, &CiIssuer) -> Result<CiIdentityParts, Refuted>;

/// An adapter that verifies the ID tokens of CI runs: of GitHub Actions and GitLab CI, each issuer by its exact address.
///
/// # Security
/// - A token is verified in one fixed order, which tests assert; each step has an error of its own. The first fault ends it.
/// - Nothing in a token chooses a key server, an algorithm or an issuer: all of them are configured.
/// - The signature is checked over the bytes as they were received, and the claims are read from those bytes, once.
/// - The token is in no error, no log and no `Debug` form. What a server tells its clients is [`PublicAnswer`](crate::PublicAnswer).
/// - A token that verifies proves which run asked for it. What that run may do is for a rule to say, and each token is worth one use.
///
/// ```
/// use auths_adapters_ci::{IdTokenConfig, IdTokenVerifier};
/// use auths_core::ports::{CiTokenQuery, CiTokenVerifierExt};
/// use auths_http::Transport;
///
/// # async fn example(token: secrecy::SecretString, now: auths_core::Timestamp) -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = IdTokenVerifier::new(IdTokenConfig::public()?, Transport::system()?)?;
/// let query = CiTokenQuery::new(token, "registry.example".parse()?, now);
/// let verified = verifier.verify(&query).await?;
/// println!("{}", verified.identity().repository().name);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct IdTokenVerifier {
    issuers: Vec<CiIssuer>,
    /// One for each of `issuers`, in the same order.
    accepted: Vec<AcceptedIssuer>,
}

/// An issuer that is accepted, with its keys, which are nobody else's.
#[derive(Debug)]
struct AcceptedIssuer {
    issuer: CiIssuer,
    /// The exact text of `iss`.
    text: String,
    read_run: ReadRun,
    keys: Arc<IssuerKeys>,
}

impl IdTokenVerifier {
    /// Creates an adapter that reads keys by `transport`. Nothing is read before the first token comes.
    ///
    /// # Errors
    /// [`IdTokenConfigError`] when no issuer is configured, or one of them twice.
    pub fn new(config: IdTokenConfig, transport: Transport) -> Result<Self, IdTokenConfigError> {
        config.check()?;
        // A caller waits a little longer than the reading may take, so that the reading's own error is the one that is told.
        let max_wait = config.limits.max_time() + Duration::from_secs(1);
        let issuers = config.issuers().cloned().collect();
        let accepted = config.issuers.into_iter().map(|issuer| {
            let client = KeyClient::new(issuer.clone(), transport.clone(), config.limits);
            Ok(AcceptedIssuer {
                text: issuer.issuer.url.to_string(),
                read_run: find_platform(issuer.issuer.provider)?,
                issuer: issuer.issuer,
                keys: Arc::new(IssuerKeys::new(client, config.ages, max_wait)),
            })
        });
        Ok(Self {
            issuers,
            accepted: accepted.collect::<Result<_, _>>()?,
        })
    }

    /// Finds the issuer that the payload names. Nothing else of the payload is looked at before its signature holds.
    fn find_issuer(
        &self,
        payload: &Members<'_>,
        query: &CiTokenQuery,
    ) -> Result<&AcceptedIssuer, Refuted> {
        let named = match payload.get("iss") {
            Some(Value::Text(named)) => named,
            None => return Err(wrong_issuer("it names no issuer")),
            Some(_) => return Err(wrong_issuer("its issuer is no text")),
        };
        let accepted = self.accepted.iter().find(|accepted| accepted.text == named);
        let is_asked = |accepted: &&AcceptedIssuer| {
            let only = query.issuer.as_ref();
            only.is_none_or(|only| *only == accepted.issuer.url)
        };
        accepted
            .filter(is_asked)
            .ok_or_else(|| wrong_issuer(&format!("it is of \"{}\"", cut(&named))))
    }
}

#[async_trait]
impl CiTokenVerifier for IdTokenVerifier {
    fn issuers(&self) -> &[CiIssuer] {
        &self.issuers
    }

    async fn read_token(&self, query: &CiTokenQuery) -> Result<CiTokenEvidence, CiTokenError> {
        query.check_size()?;
        let token = TokenParts::read(query.token.expose_secret())?;
        let header = Header::read(&token.header)?;
        let payload = Members::read(&token.payload)
            .ok_or_else(|| malformed("its payload is no JSON object"))?;
        let accepted = self.find_issuer(&payload, query)?;
        let key = accepted.keys.find(&header.key_id, query).await?;
        if !key.has_signed(token.signed, &token.signature, ALGORITHM) {
            let detail = "its signature is not that of the key that it names";
            return Err(CiTokenError::refuted(RefutedReason::TokenSignature, detail));
        }
        let claims = Claims::new(payload)?;
        read_claims(&claims, accepted, query)
    }
}

/// Reads the claims of a token whose signature holds.
fn read_claims(
    claims: &Claims<'_>,
    accepted: &AcceptedIssuer,
    query: &CiTokenQuery,
) -> Result<CiTokenEvidence, CiTokenError> {
    claims.check_issuer(&accepted.text)?;
    let audience = claims.audience(&query.audience)?;
    let times = claims.times(accepted.issuer.provider, query.now)?;
    let id = claims.required("jti")?;
    let parts = (accepted.read_run)(claims, &accepted.issuer)?;
    let identity = CiIdentity::new(parts).map_err(|error| contradiction(&error))?;
    Ok(CiTokenEvidence::new(identity, audience, id, times))
}

/// Returns how the tokens of a platform are read.
fn find_platform(provider: CiProvider) -> Result<ReadRun, IdTokenConfigError> {
    match provider {
        CiProvider::GitHubActions => Ok(github::read_run),
        CiProvider::GitLabCi => Ok(gitlab::read_run),
        provider => Err(IdTokenConfigError::UnknownPlatform { provider }),
    }
}

fn wrong_issuer(detail: &str) -> Refuted {
    Refuted::new(RefutedReason::TokenIssuer, detail)
}

fn contradiction(error: &CiIdentityError) -> Refuted {
    Refuted::new(RefutedReason::TokenInconsistent, error.to_string())
}
