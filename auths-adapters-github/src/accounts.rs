//! GitHub accounts: the account of a token, and the holder of a login.

use std::sync::Arc;

use async_trait::async_trait;
use auths_core::decide::Obstacle;
use auths_core::evidence::{AccountEvidence, AccountProof};
use auths_core::ports::{AccountDirectory, AccountProverError, Budget};
use auths_core::{
    Account, Did, Login, Platform, Refuted, RefutedReason, Timestamp, Unavailable,
    UnavailableReason, shorten,
};
use auths_http::{AnswerClass, Object, REDACTED, Response, Transport};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::classify::{RequestRoute, classify};
use crate::client::{GitHubClient, GitHubRequests};
use crate::config::{ClientId, GitHubConfig, GitHubConfigError};
use crate::device_flow::FlowToken;
use crate::gist_memory::GistMemory;
use crate::wire::{AppTokenAnswer, MAX_SHOWN, User};

/// A client for one GitHub: the accounts of its tokens, and the proofs in their gists.
///
/// As an [`AccountProver`](auths_core::ports::AccountProver) it reads a gist only by its id. The owner is identified by the
/// number in the answer, and the claim in the gist must be the one that was asked about. See the crate's documentation for what
/// each lookup shows.
#[derive(Debug, Clone)]
pub struct GitHub {
    pub(crate) client: GitHubClient,
    pub(crate) platform: Platform,
    pub(crate) token: Option<SecretString>,
    pub(crate) memory: Arc<GistMemory>,
}

/// A verifier's own OAuth app, which lets the verifier ask whether a token was given to that app.
///
/// `Debug` does not show the secret.
#[derive(Debug, Clone)]
pub struct OwnApp {
    id: ClientId,
    secret: SecretString,
}

impl OwnApp {
    /// Creates the app from its client id and secret.
    ///
    /// ```
    /// use auths_adapters_github::OwnApp;
    ///
    /// assert!(OwnApp::new("Iv1.0123456789abcdef", "secret".to_owned().into()).is_ok());
    /// assert!(OwnApp::new("../user", "secret".to_owned().into()).is_err());
    /// ```
    ///
    /// # Errors
    /// [`GitHubConfigError::ClientId`] for a text that is no client id.
    pub fn new(client_id: &str, secret: SecretString) -> Result<Self, GitHubConfigError> {
        let id = client_id.parse()?;
        Ok(Self { id, secret })
    }
}

#[async_trait]
impl AccountDirectory for GitHub {
    async fn account_of(&self, account: &Account) -> Result<Option<Account>, Obstacle> {
        GitHub::account_of(self, account).await
    }
}

impl GitHub {
    /// Creates a client for the configured GitHub, without a token: 60 requests an hour from one address.
    ///
    /// # Security
    /// A star or a comment, which any stranger can make, moves GitHub's `updated_at` of a gist. The transport's store therefore
    /// remembers the state in which each gist was seen, so that a gist in the same state keeps its age. With a store that does
    /// not last, each process begins anew.
    #[must_use]
    pub fn new(config: GitHubConfig, transport: Transport) -> Self {
        let memory = GistMemory::new(config.api().to_string(), transport.store());
        Self {
            memory: Arc::new(memory),
            client: GitHubClient::new(config, transport),
            platform: Platform::GITHUB,
            token: None,
        }
    }

    /// Sets a token for reading gists and accounts: 5,000 requests an hour.
    #[must_use]
    pub fn reading_as(mut self, token: SecretString) -> Self {
        self.token = Some(token);
        self
    }

    /// Returns the configuration.
    #[must_use]
    pub fn config(&self) -> &GitHubConfig {
        &self.client.config
    }

    /// Reads the account of a token that a device flow gave, with that token. Returns evidence that the account agrees to the DID
    /// of the flow.
    ///
    /// # Security
    /// A flow is evidence only at the GitHub that it was run at. A token from another GitHub is sent nowhere: it may have been
    /// stolen here.
    ///
    /// # Errors
    /// [`AccountProverError`] when the account is no person's, or cannot be read. [`AccountProverError::Invalid`] for a flow that
    /// was run at another GitHub.
    pub async fn approved(
        &self,
        token: &FlowToken,
        now: Timestamp,
    ) -> Result<AccountEvidence, AccountProverError> {
        let own = token.is_of(self.config());
        own.map_err(|what| AccountProverError::Invalid { what })?;
        let (account, requests) = self.whose(&token.secret).await?;
        let challenge = token.challenge.clone();
        let proof = AccountProof::DeviceFlow { challenge };
        let (did, at) = (token.did.clone(), requests.observed_at(now));
        let mut evidence = AccountEvidence::new(account, did, at, proof);
        evidence.sources = requests.into_sources();
        Ok(evidence)
    }

    /// Reads the evidence in a token that is presented for a DID. With `app`, GitHub is asked whether the token was given to that
    /// app: only then the evidence is worth as much as a device flow. Any other token makes its bearer a `token-holder`.
    ///
    /// # Security
    /// Anyone who has a bearer token can use it. A stolen token of `app` makes the same evidence as a newly approved one, for any
    /// DID that the thief names. Give `app` only for a token that your own device flow got just now, for that DID, and that went
    /// nowhere since. For every other token give none. Use the app only for device flows that show the DID, because an approval
    /// for any other purpose counts too. A presented token never answers a challenge.
    ///
    /// # Errors
    /// [`AccountProverError`] when the token is dead, its account is no person's, or the account cannot be read.
    pub async fn present(
        &self,
        token: &SecretString,
        did: Did,
        app: Option<&OwnApp>,
        now: Timestamp,
    ) -> Result<AccountEvidence, AccountProverError> {
        let (account, requests) = self.whose(token).await?;
        let (is_own, said_at) = match app {
            Some(app) => self.was_given_to(token, app, &account, now).await?,
            None => (false, now),
        };
        let at = requests.observed_at(now).min(said_at);
        let proof = match is_own {
            true => AccountProof::DeviceFlow { challenge: None },
            false => AccountProof::TokenHolder {},
        };
        let mut evidence = AccountEvidence::new(account, did, at, proof);
        evidence.sources = requests.into_sources();
        Ok(evidence)
    }

    /// Returns the person's account that has this login now, with its id; `None` when the API says that there is none for the
    /// caller.
    ///
    /// # Errors
    /// [`Obstacle::Refuted`] when an organisation or a bot has the login ([`RefutedReason::NotAPerson`]).
    /// [`Obstacle::Unavailable`] when the account cannot be read, or the answer is about another login
    /// ([`UnavailableReason::EvidenceMismatch`]).
    pub async fn account_of(&self, login: &Account) -> Result<Option<Account>, Obstacle> {
        let mut requests = self.client.requests_within(&Budget::unlimited());
        let Some(user) = self.named(&mut requests, login.login()).await? else {
            return Ok(None);
        };
        self.person(&user).map(Some)
    }

    /// Returns the person's account that has this login now, with its id, where there must be one.
    ///
    /// # Errors
    /// The errors of [`account_of`](Self::account_of), and [`RefutedReason::UnknownAccount`] when there is none.
    /// [`UnavailableReason::OwnersHidden`] for a login that only accounts managed by a company have: GitHub hides them from others.
    pub async fn resolve(&self, login: &Account) -> Result<Account, Obstacle> {
        let found = GitHub::account_of(self, login).await?;
        found.ok_or_else(|| {
            if login.login().as_str().contains('_') {
                let detail = format!("GitHub shows nobody but its company the account {login}");
                return Unavailable::new(UnavailableReason::OwnersHidden, detail).into();
            }
            let detail = format!("GitHub knows no account {login}");
            Refuted::new(RefutedReason::UnknownAccount, detail).into()
        })
    }

    /// Returns the person whose token it is, as the API states it.
    async fn whose(
        &self,
        token: &SecretString,
    ) -> Result<(Account, GitHubRequests<'_>), AccountProverError> {
        let mut requests = self.client.requests_within(&Budget::unlimited());
        let request = self.client.get(&["user"], Some(token))?;
        let route = RequestRoute::read().with_token(token);
        let read = requests.read(request, &route, Response::json_object::<User>);
        let user = read.await?.or_unexpected("the token's own account")?;
        let account = self.person::<AccountProverError>(&user)?;
        Ok((account, requests))
    }

    /// Returns the account in an answer, which must be a person's.
    pub(crate) fn person<E: From<Refuted> + From<Unavailable>>(
        &self,
        user: &User,
    ) -> Result<Account, E> {
        let account = user.account(self.config())?;
        if user.is_person() {
            return Ok(account);
        }
        let kind = shorten(&user.kind, MAX_SHOWN);
        let detail = format!("{account} is of type {kind:?}");
        Err(Refuted::new(RefutedReason::NotAPerson, detail).into())
    }

    /// Returns whether GitHub says that the token was given to `app`, for this account, and when the answer was made.
    async fn was_given_to(
        &self,
        token: &SecretString,
        app: &OwnApp,
        account: &Account,
        now: Timestamp,
    ) -> Result<(bool, Timestamp), AccountProverError> {
        let request = self.client.check_token(app.id.as_str(), &app.secret)?;
        let body = json!({ "access_token": token.expose_secret() });
        let request = request.json(&body).secret(token);
        let response = self.client.transport.send(request).await?;
        let at = now - response.how_old();
        if classify(&response, &RequestRoute::read().as_app())? == AnswerClass::NotFound {
            return Ok((false, at));
        }
        // The answer repeats the token, and a parser may quote it.
        let answer = response.json_object::<AppTokenAnswer>();
        let answer = answer.map_err(|error| {
            Unavailable::new(error.reason, "the answer about the token cannot be read")
        })?;
        // The token is already replaced where it is the one that was sent. Tokens too short for that are none of GitHub's.
        if answer.token != REDACTED && answer.token != token.expose_secret() {
            let detail = "the answer is about another token than was asked";
            return Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into());
        }
        if let Some(end) = &answer.expires_at {
            let end = Timestamp::parse_rfc3339(end);
            let end = end.map_err(|_| Unavailable::unreadable("the token's end is no time"))?;
            if end <= now {
                let detail = format!("the answer says that the token ended at {end}");
                return Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into());
            }
        }
        let Some(Object(user)) = answer.user else {
            return Err(Unavailable::missing_field("account of the token").into());
        };
        if !user.account(self.config())?.same_as(account) {
            let detail = "the answer about the token names another account than the token does";
            return Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into());
        }
        if answer.app.client_id.is_empty() {
            return Err(Unavailable::missing_field("app of the token").into());
        }
        Ok((answer.app.client_id == app.id.as_str(), at))
    }

    pub(crate) async fn user(
        &self,
        requests: &mut GitHubRequests<'_>,
        segments: &[&str],
    ) -> Result<Option<User>, Unavailable> {
        // The holder of a login may change at any time, so no old copy is used.
        let request = self
            .client
            .get(segments, self.token.as_ref())?
            .past_caches();
        let route = RequestRoute::read().with_token(self.token.as_ref());
        let read = requests.read(request, &route, Response::json_object);
        Ok(read.await?.into_option())
    }

    /// Returns the account that has the login now.
    pub(crate) async fn named(
        &self,
        requests: &mut GitHubRequests<'_>,
        login: &Login,
    ) -> Result<Option<User>, Unavailable> {
        let Some(user) = self.user(requests, &["users", login.as_str()]).await? else {
            return Ok(None);
        };
        if user.account(self.config())?.login() != login {
            let found = shorten(&user.login, MAX_SHOWN);
            let detail = format!("{login} was asked about, and the answer is about {found:?}");
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        Ok(Some(user))
    }
}
