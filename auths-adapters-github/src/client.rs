//! The requests to GitHub: address, token, limits, and the part of the answer that is kept.

use auths_core::ports::Budget;
use auths_core::{Timestamp, Unavailable};
use auths_http::{Lookup, Request, RequestBudget, Response, Transport};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::classify::{RequestRoute, classify};
use crate::config::{API_VERSION, GitHubConfig};

/// The media type that the API is asked for.
const ACCEPT: &str = "application/vnd.github+json";

/// A client for one GitHub.
#[derive(Debug, Clone)]
pub(crate) struct GitHubClient {
    pub(crate) config: GitHubConfig,
    pub(crate) transport: Transport,
}

/// One lookup, which may take several requests.
#[derive(Debug)]
pub(crate) struct GitHubRequests<'a>(RequestBudget<'a>);

impl GitHubClient {
    pub(crate) fn new(config: GitHubConfig, transport: Transport) -> Self {
        Self { config, transport }
    }

    /// Creates a lookup within the limits of the configuration and within that budget.
    pub(crate) fn requests_within(&self, budget: &Budget) -> GitHubRequests<'_> {
        GitHubRequests(RequestBudget::new(
            &self.transport,
            self.config.limits,
            budget,
        ))
    }

    /// Creates a read of the API, as the token's account if there is a token.
    pub(crate) fn get(
        &self,
        segments: &[&str],
        token: Option<&SecretString>,
    ) -> Result<Request, Unavailable> {
        let request = Request::get(self.config.api(), segments)?;
        Ok(self.prepare(request, token))
    }

    /// Creates a write to the API.
    pub(crate) fn post(
        &self,
        segments: &[&str],
        token: &SecretString,
    ) -> Result<Request, Unavailable> {
        let request = Request::post(self.config.api(), segments)?;
        Ok(self.prepare(request, Some(token)))
    }

    /// Creates the request for the app that a token was given to, made as the app itself. The token goes into the body.
    pub(crate) fn check_token(
        &self,
        app: &str,
        secret: &SecretString,
    ) -> Result<Request, Unavailable> {
        let request = Request::post(self.config.api(), &["applications", app, "token"])?;
        Ok(self.prepare(request, None).basic(app, secret))
    }

    fn prepare(&self, request: Request, token: Option<&SecretString>) -> Request {
        let request = request
            .accept(ACCEPT)
            .header("x-github-api-version", API_VERSION)
            .max_bytes(self.config.limits.max_bytes());
        match token {
            Some(token) => request.bearer(token),
            None => request,
        }
    }
}

impl GitHubRequests<'_> {
    /// Reads an answer. The meaning of `NotFound`, the API's own 404, depends on the route.
    ///
    /// # Errors
    /// [`Unavailable`] by the table of [`classify`], and the errors that `parse` returns. The value of `parse` is kept for a
    /// conditional request next time, so it must hold no secret.
    pub(crate) async fn read<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        route: &RequestRoute,
        parse: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<Lookup<T>, Unavailable> {
        let read = self
            .0
            .read(request, |response| classify(response, route), parse);
        Ok(read.await?.value)
    }

    /// Reads an answer whose meaning `parse` knows, whatever its status.
    ///
    /// # Errors
    /// The errors of the transport, and those that `parse` returns. Its value is kept as [`Self::read`] keeps it.
    pub(crate) async fn ask<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        parse: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<T, Unavailable> {
        Ok(self.0.ask(request, parse).await?.value)
    }

    /// Returns the time of the evidence: when the oldest of the answers was made.
    pub(crate) fn observed_at(&self, now: Timestamp) -> Timestamp {
        self.0.observed_at(now)
    }

    /// Returns the addresses that were read, in order.
    pub(crate) fn into_sources(self) -> Vec<String> {
        self.0.into_sources()
    }
}
