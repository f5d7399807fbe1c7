//! GitHub accounts: whose a token is, and who has a login.

use std::sync::Arc;

use auths_core::decide::Obstacle;
use auths_core::evidence::{AccountEvidence, AccountProof};
use auths_core::ports::{AccountProverError, Budget};
use auths_core::{
    Account, Did, Login, Platform, Refuted, RefutedReason, Timestamp, Unavailable,
    UnavailableReason,
};
use auths_http::{Object, REDACTED, Response, Transport, read_json};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::classify::{Answer, Route, classify};
use crate::client::{Client, GitHubRequests};
use crate::config::{ClientId, GitHubConfig, GitHubConfigError};
use crate::device_flow::FlowToken;
use crate::gist_memory::GistMemory;
use crate::wire::{AppTokenAnswer, User};

/// One GitHub: the accounts of its tokens, and the proofs in their gists.
///
/// As an [`AccountProver`](auths_core::ports::AccountProver) it reads a gist by its id and nothing else: its owner is told by the number in the answer, and
/// the claim in it must be the one that was asked about. See the crate's documentation for what each look shows.
#[derive(Debug, Clone)]
pub struct GitHub {
    pub(crate) client: Client,
    pub(crate) platform: Platform,
    pub(crate) token: Option<SecretString>,
    pub(crate) memory: Arc<GistMemory>,
}

/// A verifier's own OAuth app, with which it may ask whether a token was given to that app.
///
/// `Debug` does not show the secret.
#[derive(Debug, Clone)]
pub struct OwnApp {
    id: ClientId,
    secret: SecretString,
}

impl OwnApp {
    /// The app of that client id.
    ///
    /// ```
    /// use auths_adapters_github::OwnApp;
    ///
    /// assert!(OwnApp::new("Iv1.0123456789abcdef", "secret".to_owned().into()).is_ok());
    /// assert!(OwnApp::new("../user", "secret".to_owned().into()).is_err());
    /// ```
    ///
    /// # Errors
    /// [`GitHubConfigError::ClientId`] for what is no client id.
    pub fn new(client_id: &str, secret: SecretString) -> Result<Self, GitHubConfigError> {
        let id = client_id.parse()?;
        Ok(Self { id, secret })
    }
}

impl GitHub {
    /// The configured GitHub, asked as nobody: 60 requests an hour from one address.
    ///
    /// # Security
    /// GitHub's `updated_at` of a gist moves by a star or a comment, which any stranger can make. The transport's store remembers
    /// in which state each gist was seen, and one that it saw stays as old as it is; in a store that does not last, each process
    /// begins anew.
    #[must_use]
    pub fn new(config: GitHubConfig, transport: Transport) -> Self {
        let memory = GistMemory::new(config.api().to_string(), transport.store());
        Self {
            memory: Arc::new(memory),
            client: Client::new(config, transport),
            platform: Platform::GITHUB,
            token: None,
        }
    }

    /// The same, reading gists and accounts with a token: 5,000 requests an hour.
    #[must_use]
    pub fn reading_as(mut self, token: SecretString) -> Self {
        self.token = Some(token);
        self
    }

    /// How it is asked.
    #[must_use]
    pub fn config(&self) -> &GitHubConfig {
        &self.client.config
    }

    /// Whose token a device flow gave, read with that token: evidence that the account agrees to the DID that the flow was
    /// run for.
    ///
    /// # Security
    /// A flow says something at the GitHub that it was run at. A token that another one handed out is sent nowhere: it may have
    /// been stolen here.
    ///
    /// # Errors
    /// [`AccountProverError`] when the account is no person's, or cannot be read; [`AccountProverError::Invalid`] for a flow
    /// that was run at another GitHub.
    pub async fn approved(
        &self,
        token: &FlowToken,
        now: Timestamp,
    ) -> Result<AccountEvidence, AccountProverError> {
        let own = token.is_of(self.config());
        own.map_err(|what| AccountProverError::Invalid { what })?;
        let (account, asking) = self.whose(&token.secret).await?;
        let challenge = token.challenge.clone();
        let proof = AccountProof::DeviceFlow { challenge };
        let (did, at) = (token.did.clone(), asking.observed_at(now));
        let mut evidence = AccountEvidence::new(account, did, at, proof);
        evidence.sources = asking.into_sources();
        Ok(evidence)
    }

    /// What somebody who presents a token for a DID shows. With `app`, GitHub is asked whether the token was given to that
    /// app: only then it is worth as much as a device flow. Any other token makes its bearer a `token-holder`.
    ///
    /// # Security
    /// A bearer token is whoever's who has it: a token of `app` that was stolen makes the same evidence as one that was just
    /// approved, for any DID that the thief names. Give `app` only for a token that your own device flow got just now, for
    /// that DID, and that went nowhere since; for every other token give none. Use the app for nothing but device flows that
    /// show the DID: whatever it was approved for counts. No challenge is answered by a token that was brought along.
    ///
    /// # Errors
    /// [`AccountProverError`] when the token is dead, its account is no person's, or it cannot be found out.
    pub async fn present(
        &self,
        token: &SecretString,
        did: Did,
        app: Option<&OwnApp>,
        now: Timestamp,
    ) -> Result<AccountEvidence, AccountProverError> {
        let (account, asking) = self.whose(token).await?;
        let (is_own, said_at) = match app {
            Some(app) => self.was_given_to(token, app, &account, now).await?,
            None => (false, now),
        };
        let at = asking.observed_at(now).min(said_at);
        let proof = match is_own {
            true => AccountProof::DeviceFlow { challenge: None },
            false => AccountProof::TokenHolder {},
        };
        let mut evidence = AccountEvidence::new(account, did, at, proof);
        evidence.sources = asking.into_sources();
        Ok(evidence)
    }

    /// The person's account that has this login now, with its id; `None` when the API says that there is none for whoever asks.
    ///
    /// # Errors
    /// [`Obstacle::Refuted`] when an organisation or a bot has the login ([`RefutedReason::NotAPerson`]).
    /// [`Obstacle::Unavailable`] when it cannot be read, or the answer is about another login than was asked
    /// ([`UnavailableReason::EvidenceMismatch`]).
    pub async fn account_of(&self, login: &Account) -> Result<Option<Account>, Obstacle> {
        let mut asking = self.client.asking(&Budget::unlimited());
        let Some(user) = self.named(&mut asking, login.login()).await? else {
            return Ok(None);
        };
        self.person(&user).map(Some)
    }

    /// The person whose token it is, by the API's own word.
    async fn whose(
        &self,
        token: &SecretString,
    ) -> Result<(Account, GitHubRequests<'_>), AccountProverError> {
        let mut asking = self.client.asking(&Budget::unlimited());
        let request = self.client.get(&["user"], Some(token))?;
        let user = asking.read(request, &Route::read(), user).await?;
        let Some(user) = user else {
            let detail = "status 404 to the question whose token it is";
            return Err(Unavailable::new(UnavailableReason::UnexpectedStatus, detail).into());
        };
        let account = self.person::<AccountProverError>(&user)?;
        Ok((account, asking))
    }

    /// The account in an answer, which must be a person's.
    pub(crate) fn person<E: From<Refuted> + From<Unavailable>>(
        &self,
        user: &User,
    ) -> Result<Account, E> {
        let account = user.account(self.config())?;
        if user.is_person() {
            return Ok(account);
        }
        let kind: String = user.kind.chars().take(80).collect();
        let detail = format!("{account} is of type {kind:?}");
        Err(Refuted::new(RefutedReason::NotAPerson, detail).into())
    }

    /// Whether GitHub says that the token was given to `app`, for this account; and when the answer was made.
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
        if classify(&response, &Route::read().as_app())? == Answer::NotFound {
            return Ok((false, at));
        }
        // The answer repeats the token, and a parser may quote it.
        let answer = read_json::<Object<AppTokenAnswer>>(response.body());
        let Object(answer) = answer.map_err(|error| {
            Unavailable::new(error.reason, "the answer about the token cannot be read")
        })?;
        // Taken out where it is the one that was sent; tokens too short for that are none of GitHub's.
        if answer.token != REDACTED && answer.token != token.expose_secret() {
            let detail = "the answer is about another token than was asked";
            return Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into());
        }
        if let Some(end) = &answer.expires_at {
            let unreadable =
                |_| Unavailable::new(UnavailableReason::Unreadable, "the token's end is no time");
            let end = Timestamp::parse_rfc3339(end).map_err(unreadable)?;
            if end <= now {
                let detail = format!("the answer says that the token ended at {end}");
                return Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into());
            }
        }
        let Some(Object(user)) = answer.user else {
            let detail = "the answer about the token names no account";
            return Err(Unavailable::new(UnavailableReason::MissingField, detail).into());
        };
        if !user.account(self.config())?.same_as(account) {
            let detail = "the answer about the token names another account than the token does";
            return Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into());
        }
        if answer.app.client_id.is_empty() {
            let detail = "the answer about the token names no app";
            return Err(Unavailable::new(UnavailableReason::MissingField, detail).into());
        }
        Ok((answer.app.client_id == app.id.as_str(), at))
    }

    pub(crate) async fn user(
        &self,
        asking: &mut GitHubRequests<'_>,
        segments: &[&str],
    ) -> Result<Option<User>, Unavailable> {
        // Who has a login may change at any time: no old copy says it.
        let request = self
            .client
            .get(segments, self.token.as_ref())?
            .past_caches();
        asking.read(request, &Route::read(), user).await
    }

    /// Whoever has the login now.
    pub(crate) async fn named(
        &self,
        asking: &mut GitHubRequests<'_>,
        login: &Login,
    ) -> Result<Option<User>, Unavailable> {
        let Some(user) = self.user(asking, &["users", login.as_str()]).await? else {
            return Ok(None);
        };
        if user.account(self.config())?.login() != login {
            let found: String = user.login.chars().take(80).collect();
            let detail = format!("{login} was asked about, and the answer is about {found:?}");
            return Err(Unavailable::new(
                UnavailableReason::EvidenceMismatch,
                detail,
            ));
        }
        Ok(Some(user))
    }
}

fn user(response: &Response) -> Result<User, Unavailable> {
    read_json::<Object<User>>(response.body()).map(|Object(user)| user)
}
