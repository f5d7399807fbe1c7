//! Environments as evidence: who must approve before a job in one runs.

mod answer;

use async_trait::async_trait;
use auths_core::ci::{
    CiIssuer, CiProvider, CiValueError, EnvironmentEvidence, EnvironmentProtection,
};
use auths_core::ports::{EnvironmentQuery, EnvironmentReader};
use auths_core::{Unavailable, UnavailableReason};
use auths_http::{Lookup, Request, Transport};
use secrecy::SecretString;

use crate::classify::RequestRoute;
use crate::client::{GitHubClient, GitHubRequests};
use crate::config::{GitHubConfig, GitHubConfigError};
use crate::orgs::MAX_SKEW;
use crate::wire::Repository;
pub(crate) use answer::SeenEnvironment;

/// The scope of a classic token, or of an OAuth app's, that shows the environments of private repositories.
const SCOPES: &[&str] = &["repo"];

/// The permission that other kinds of token need for it.
const PERMISSION: &str = "actions=read";

/// An adapter that reads the environments of GitHub's repositories: the reviewers by number, whether whoever started a run may
/// approve it, whether administrators may pass over the rules, and whether the environment takes some refs alone.
///
/// Each query takes two requests: the repository of the number, and its environment. Environments of public repositories are shown to
/// everybody; those of private ones to a token with the scope `repo` or the permission `actions=read`.
///
/// # What guards
/// Core decides it ([`EnvironmentProtection::is_guarded`]). Wait timers, rules of apps and rules of unknown types count for nothing.
/// [`restricts_refs`](EnvironmentProtection::restricts_refs) says that GitHub lets some branches or tags alone use the environment:
/// with protected branches, all of them where none is protected. It guards nothing.
///
/// # Errors
/// There are none: an environment that was not read whole is evidence without a protection. GitHub says the same of an environment
/// that does not exist as of one that it does not show ([`UnavailableReason::Empty`]).
///
/// # Security
/// The answer about the repository must have its number, and the answer about the environment must name that repository and that
/// environment. No redirect is followed, no answer is kept, and a clock more than two minutes off is
/// [`UnavailableReason::ClockSkew`]. A token is sent to the configured API alone.
///
/// Source: GitHub's pages "REST API endpoints for deployment environments" and "Deployments and environments": G22 to G25 in
/// `docs/platform-facts.md`.
///
/// ```
/// use std::sync::Arc;
/// use auths_adapters_github::{GitHubConfig, GitHubEnvironments};
/// use auths_core::ci::{CiIssuer, CiProvider};
/// use auths_core::ports::{Clock, EnvironmentQuery, EnvironmentReaderExt, MemoryStore};
/// use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = Transport::new(
///     TransportConfig::default(),
///     Arc::new(SystemClock),
///     Arc::new(TokioSleeper),
///     Arc::new(MemoryStore::new()),
/// )?;
/// let issuer = CiIssuer::public(CiProvider::GitHubActions)?;
/// let environments = GitHubEnvironments::new(issuer.clone(), GitHubConfig::public()?, transport)?;
/// let query = EnvironmentQuery::new(issuer, "1296269".parse()?, "release".parse()?, SystemClock.now());
/// match environments.read_checked(&query).await.protection {
///     Ok(protection) => println!("guarded: {}", protection.is_guarded()),
///     Err(why) => println!("not read: {why}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct GitHubEnvironments {
    client: GitHubClient,
    issuer: CiIssuer,
    token: Option<SecretString>,
}

impl GitHubEnvironments {
    /// Creates an adapter for the repositories of an issuer, which the configured API numbers. Without a token: 60 requests an hour
    /// from one address.
    ///
    /// # Errors
    /// [`GitHubConfigError::OtherIssuer`] for an issuer of another platform, and where one of the two is the public GitHub's and the
    /// other is not. The issuers that GitHub gives enterprises below its own host are the public GitHub's.
    ///
    /// # Security
    /// Every GitHub numbers its repositories from 1. Give the API of another server only with the issuer of the same server: with
    /// any other issuer, an environment there would guard a repository here.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// use auths_adapters_github::{GitHubConfig, GitHubConfigError, GitHubEnvironments};
    /// use auths_core::ci::{CiIssuer, CiProvider};
    /// # use auths_core::ports::MemoryStore;
    /// # use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
    /// # let (clock, sleeper) = (Arc::new(SystemClock), Arc::new(TokioSleeper));
    /// # let transport = Transport::new(TransportConfig::default(), clock, sleeper, Arc::new(MemoryStore::new()))?;
    /// let public = CiIssuer::public(CiProvider::GitHubActions)?;
    /// let own = GitHubConfig::at("https://ghes.example/api/v3".parse()?);
    /// let refused = GitHubEnvironments::new(public, own.clone(), transport.clone());
    /// assert!(matches!(refused, Err(GitHubConfigError::OtherIssuer { .. })));
    ///
    /// let issuer = CiIssuer::new(CiProvider::GitHubActions, "https://ghes.example/_services/token".parse()?);
    /// assert!(GitHubEnvironments::new(issuer, own, transport).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(
        issuer: CiIssuer,
        config: GitHubConfig,
        transport: Transport,
    ) -> Result<Self, GitHubConfigError> {
        let public = CiIssuer::public(CiProvider::GitHubActions);
        let is_public = public.is_ok_and(|it| it.url.authority() == issuer.url.authority());
        if issuer.provider != CiProvider::GitHubActions || is_public != config.is_public() {
            let (issuer, api) = (Box::new(issuer), config.api().clone());
            return Err(GitHubConfigError::OtherIssuer { issuer, api });
        }
        Ok(Self {
            client: GitHubClient::new(config, transport),
            issuer,
            token: None,
        })
    }

    /// Sets a token, which shows environments of private repositories and may ask more often.
    #[must_use]
    pub fn reading_as(mut self, token: SecretString) -> Self {
        self.token = Some(token);
        self
    }

    /// Creates a read of evidence that is good for minutes: past the caches, by a clock near ours, and never kept.
    fn get(&self, segments: &[&str]) -> Result<Request, Unavailable> {
        let request = self.client.get(segments, self.token.as_ref())?;
        Ok(request.no_store().past_caches().max_skew(MAX_SKEW))
    }

    async fn protection(
        &self,
        requests: &mut GitHubRequests<'_>,
        query: &EnvironmentQuery,
    ) -> Result<EnvironmentProtection, Unavailable> {
        query.check_for(self)?;
        let id = query.repository_id.to_string();
        let route = RequestRoute::read()
            .needing(SCOPES, PERMISSION)
            .with_token(self.token.as_ref());
        let request = self.get(&["repositories", &id])?;
        let read = requests.read(request, &route, |response| {
            let repository: Repository = response.json_object()?;
            answer::check_number(&repository, query.repository_id)?;
            Ok(repository)
        });
        let Lookup::Found(repository) = read.await? else {
            let detail = format!("GitHub shows no repository of the number {id}");
            return Err(Unavailable::new(UnavailableReason::Empty, detail));
        };
        let name = repository.full_name.parse().map_err(unreadable)?;
        let environment = query.environment.as_str();
        let request = self.get(&["repositories", &id, "environments", environment])?;
        let read = requests.read(request, &route, |response| {
            SeenEnvironment::read(response, query, &name)
        });
        let Lookup::Found(seen) = read.await? else {
            let detail = format!(
                "GitHub shows no environment {} of the repository {name}: there is none, or a token is needed that may read it",
                query.environment
            );
            return Err(Unavailable::new(UnavailableReason::Empty, detail));
        };
        Ok(seen.into_protection())
    }
}

fn unreadable(error: CiValueError) -> Unavailable {
    Unavailable::unreadable(format!("the answer about the repository: {error}"))
}

#[async_trait]
impl EnvironmentReader for GitHubEnvironments {
    fn issuer(&self) -> &CiIssuer {
        &self.issuer
    }

    async fn read_environment(&self, query: &EnvironmentQuery) -> EnvironmentEvidence {
        let mut requests = self.client.requests_within(&query.budget);
        let protection = self.protection(&mut requests, query).await;
        query.answer(requests.observed_at(query.now), protection)
    }
}
