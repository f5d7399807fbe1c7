//! The requests: which address, with which token, how much of it, and what is kept of the answer.

use auths_core::ports::Budget;
use auths_core::{Timestamp, Unavailable, UnavailableReason};
use auths_http::{Lookup, Request, RequestBudget, Response, Transport};
use secrecy::SecretString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::classify::{Answer, Route, classify};
use crate::config::{API_VERSION, GitHubConfig};

/// What the API is asked to answer in.
const ACCEPT: &str = "application/vnd.github+json";

/// Asks one GitHub.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) config: GitHubConfig,
    pub(crate) transport: Transport,
}

/// One question, which may take several requests.
#[derive(Debug)]
pub(crate) struct GitHubRequests<'a>(RequestBudget<'a>);

impl Client {
    pub(crate) fn new(config: GitHubConfig, transport: Transport) -> Self {
        Self { config, transport }
    }

    /// A question within the limits of the configuration, and that budget.
    pub(crate) fn asking(&self, budget: &Budget) -> GitHubRequests<'_> {
        let GitHubConfig {
            max_requests,
            max_time,
            ..
        } = self.config;
        GitHubRequests(RequestBudget::new(
            &self.transport,
            max_requests,
            max_time,
            budget,
        ))
    }

    /// A read of the API, as the token's account if there is one.
    pub(crate) fn get(
        &self,
        segments: &[&str],
        token: Option<&SecretString>,
    ) -> Result<Request, Unavailable> {
        let request = Request::get(self.config.api(), segments);
        Ok(self.prepare(request.map_err(not_an_address)?, token))
    }

    /// A write to the API.
    pub(crate) fn post(
        &self,
        segments: &[&str],
        token: &SecretString,
    ) -> Result<Request, Unavailable> {
        let request = Request::post(self.config.api(), segments);
        Ok(self.prepare(request.map_err(not_an_address)?, Some(token)))
    }

    /// The question to whom a token was given, as the app itself. The token goes into its body.
    pub(crate) fn check_token(
        &self,
        app: &str,
        secret: &SecretString,
    ) -> Result<Request, Unavailable> {
        let request = Request::post(self.config.api(), &["applications", app, "token"]);
        let request = self.prepare(request.map_err(not_an_address)?, None);
        Ok(request.basic(app, secret))
    }

    fn prepare(&self, request: Request, token: Option<&SecretString>) -> Request {
        let request = request
            .accept(ACCEPT)
            .header("x-github-api-version", API_VERSION)
            .max_bytes(self.config.max_bytes);
        match token {
            Some(token) => request.bearer(token),
            None => request,
        }
    }
}

impl GitHubRequests<'_> {
    /// Reads; `None` is the API's own 404, whose meaning depends on the route.
    ///
    /// # Errors
    /// [`Unavailable`] by the table of [`classify`], and whatever `digest` returns. What it returns is kept for a
    /// conditional request next time, so it must hold no secret.
    pub(crate) async fn read<T: Serialize + DeserializeOwned>(
        &mut self,
        request: Request,
        route: &Route,
        digest: impl FnOnce(&Response) -> Result<T, Unavailable>,
    ) -> Result<Option<T>, Unavailable> {
        let asked = self.0.ask(request, |response| {
            Ok(match classify(response, route)? {
                Answer::Body => Lookup::Found(digest(response)?),
                Answer::NotFound => Lookup::NotFound,
            })
        });
        Ok(asked.await?.value.into_option())
    }

    /// When what was read was so: when the oldest of the answers was made.
    pub(crate) fn observed_at(&self, now: Timestamp) -> Timestamp {
        self.0.observed_at(now)
    }

    /// The addresses that were read, in order.
    pub(crate) fn into_sources(self) -> Vec<String> {
        self.0.into_sources()
    }
}

/// Names are checked before they become segments, so this is a mistake of the program.
pub(crate) fn not_an_address(error: auths_core::OriginError) -> Unavailable {
    Unavailable::new(UnavailableReason::Unreadable, error.to_string())
}
