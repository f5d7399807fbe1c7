//! GitHub accounts: whose a token is, and what their gists say.

use async_trait::async_trait;
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::decide::Obstacle;
use auths_core::evidence::{AccountEvidence, AccountProof, GistState};
use auths_core::ports::{AccountProver, AccountProverError, AccountQuery, ProofHint};
use auths_core::{Account, Did, Login, Platform, Refutation, Refuted, Timestamp, Unavailable, Why};
use auths_http::{Object, Response, STRIPPED, Transport, read_json};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use crate::classify::{Answer, Route, classify};
use crate::client::{Asking, Client, not_an_address};
use crate::config::{ClientId, GitHubConfig, GitHubConfigError};
use crate::device_flow::FlowToken;
use crate::gist::{CLAIM_FILE, GistId, Seen};
use crate::wire::{AppTokenAnswer, GistAnswer, GistCreated, User};

/// One GitHub: the accounts of its tokens, and the proofs in their gists.
///
/// As an [`AccountProver`] it reads a gist by its id and nothing else: its owner is told by the number in the answer, and
/// the claim in it must be the one that was asked about. See the crate's documentation for what each look shows.
#[derive(Debug, Clone)]
pub struct GitHub {
    client: Client,
    platform: Platform,
    token: Option<SecretString>,
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

/// A gist that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishedGist {
    /// Its id.
    pub id: GistId,
    /// Where it can be seen: the page that the server named, if that is one of this gist, or else its address in the API.
    pub url: String,
}

/// A gist's claim, and the evidence that its owner published it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GistProof {
    /// The claim. Not verified.
    pub claim: Signed<PlatformClaim>,
    /// What the gist shows.
    pub evidence: AccountEvidence,
}

impl GitHub {
    /// The configured GitHub, asked as nobody: 60 requests an hour from one address.
    #[must_use]
    pub fn new(config: GitHubConfig, transport: Transport) -> Self {
        Self {
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
        let (account, sources) = self.whose(&token.secret).await?;
        let challenge = token.challenge.clone();
        let proof = AccountProof::DeviceFlow { challenge };
        let mut evidence = AccountEvidence::new(account, token.did.clone(), now, proof);
        evidence.sources = sources;
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
        let (account, sources) = self.whose(token).await?;
        let is_own = match app {
            Some(app) => self.was_given_to(token, app, &account, now).await?,
            None => false,
        };
        let proof = match is_own {
            true => AccountProof::DeviceFlow { challenge: None },
            false => AccountProof::TokenHolder {},
        };
        let mut evidence = AccountEvidence::new(account, did, now, proof);
        evidence.sources = sources;
        Ok(evidence)
    }

    /// The person's account that has this login now, with its id; `None` when the API says that there is none for whoever asks.
    ///
    /// # Errors
    /// [`Obstacle::Refuted`] when an organisation or a bot has the login ([`Refutation::NotAPerson`]).
    /// [`Obstacle::Unavailable`] when it cannot be read, or the answer is about another login than was asked
    /// ([`Why::EvidenceMismatch`]).
    pub async fn account_of(&self, login: &Account) -> Result<Option<Account>, Obstacle> {
        let mut asking = self.client.asking();
        let Some(user) = self.named(&mut asking, login.login()).await? else {
            return Ok(None);
        };
        self.person(&user).map(Some)
    }

    /// Publishes a claim in a new public gist of the token's account. The token needs the scope `gist`.
    ///
    /// # Errors
    /// [`Unavailable`]. After one that came on the way, the gist may be there nevertheless.
    pub async fn publish(
        &self,
        token: &SecretString,
        claim: &Signed<PlatformClaim>,
    ) -> Result<PublishedGist, Unavailable> {
        let route = Route::read().with_scopes(&["gist"]).created();
        let body = json!({
            "description": format!("auths: this account is linked to {}", claim.did()),
            "public": true,
            "files": { CLAIM_FILE: { "content": claim.to_json() } },
        });
        let request = self.client.post(&["gists"], token)?.json(&body);
        let place = request.url().to_string();
        let mut asking = self.client.asking();
        let made = asking.read(request, &route, |response| {
            let Object(created) = read_json::<Object<GistCreated>>(response.body())?;
            let id: Result<GistId, _> = created.id.parse();
            let id = id.map_err(|e| Unavailable::new(Why::Unreadable, e.to_string()))?;
            Ok((id.to_string(), created.html_url))
        });
        let Some((id, page)) = made.await? else {
            // GitHub's page on gists: without the scope, the route is not there.
            let detail = format!(
                "{place}: status 404 to a new gist: the token lacks the scope gist, or the account may have no gists"
            );
            return Err(Unavailable::new(Why::MissingScope, detail));
        };
        let unreadable = |e: crate::GistIdError| Unavailable::new(Why::Unreadable, e.to_string());
        let id: GistId = id.parse().map_err(unreadable)?;
        let shows_it = |url: &String| self.config().gist_of(url) == Some(Ok(id.clone()));
        let url = match page.filter(shows_it) {
            Some(page) => page,
            None => {
                let api = self.config().api().at(&["gists", id.as_str()]);
                api.map_err(not_an_address)?.into()
            }
        };
        Ok(PublishedGist { id, url })
    }

    /// Reads a gist, and the claim in it.
    ///
    /// # Errors
    /// [`AccountProverError`] when it is a fork, holds no claim or one of another account, or cannot be read.
    pub async fn read(&self, id: &GistId, now: Timestamp) -> Result<GistProof, AccountProverError> {
        self.read_page(id, None, now).await
    }

    /// The same, of a gist that an address shows as this account's
    /// ([`gist_page_of`](GitHubConfig::gist_page_of)). It counts for what is wrong with a gist, never for a yes.
    ///
    /// # Errors
    /// As of [`read`](Self::read); and that the gist is not there, though the account is.
    pub async fn read_page(
        &self,
        id: &GistId,
        page_of: Option<&Account>,
        now: Timestamp,
    ) -> Result<GistProof, AccountProverError> {
        let mut asking = self.client.asking();
        let seen = match self.gist(&mut asking, id).await? {
            Some(seen) => seen,
            None => self.not_there(&mut asking, id, page_of).await?,
        };
        let claim = seen.claim()?;
        seen.is_of_who_claims(&claim.unverified().account, page_of)?;
        let evidence = seen.evidence(id, &claim, now, asking.into_sources());
        Ok(GistProof { claim, evidence })
    }

    /// What can be said of a gist that is not to be seen, when all that is known is its address.
    async fn not_there(
        &self,
        asking: &mut Asking<'_>,
        id: &GistId,
        page_of: Option<&Account>,
    ) -> Result<Seen, AccountProverError> {
        let hidden = |who: String| {
            Unavailable::new(Why::AccountHidden, format!("there is no gist {id}{who}"))
        };
        let Some(page_of) = page_of else {
            return Err(hidden(", and its address names no account".to_owned()).into());
        };
        let login = page_of.login().as_str();
        let Some(user) = self.user(asking, &["users", login]).await? else {
            return Err(hidden(format!(", and no account {login}")).into());
        };
        // One 404 may be a cache's. The account is there, and so is the API.
        match self.gist(asking, id).await? {
            Some(seen) => Ok(seen),
            None => {
                let detail = format!(
                    "there is no gist {id}, and its account is there, as {}",
                    user.login
                );
                Err(Refuted::new(Refutation::GistDeleted, detail).into())
            }
        }
    }

    /// The person whose token it is, by the API's own word.
    async fn whose(
        &self,
        token: &SecretString,
    ) -> Result<(Account, Vec<String>), AccountProverError> {
        let mut asking = self.client.asking();
        let request = self.client.get(&["user"], Some(token))?;
        let user = asking.read(request, &Route::read(), user).await?;
        let Some(user) = user else {
            let detail = "status 404 to the question whose token it is";
            return Err(Unavailable::new(Why::UnexpectedStatus, detail).into());
        };
        let account = self.person::<AccountProverError>(&user)?;
        Ok((account, asking.into_sources()))
    }

    /// The account in an answer, which must be a person's.
    fn person<E: From<Refuted> + From<Unavailable>>(&self, user: &User) -> Result<Account, E> {
        let account = user.account(self.config())?;
        if user.is_person() {
            return Ok(account);
        }
        let kind: String = user.kind.chars().take(80).collect();
        let detail = format!("{account} is of type {kind:?}");
        Err(Refuted::new(Refutation::NotAPerson, detail).into())
    }

    /// Whether GitHub says that the token was given to `app`, for this account.
    async fn was_given_to(
        &self,
        token: &SecretString,
        app: &OwnApp,
        account: &Account,
        now: Timestamp,
    ) -> Result<bool, AccountProverError> {
        let request = self.client.check_token(app.id.as_str(), &app.secret)?;
        let body = json!({ "access_token": token.expose_secret() });
        let request = request.json(&body).secret(token);
        let response = self.client.transport.send(request).await?;
        if classify(&response, &Route::read().as_app())? == Answer::NotFound {
            return Ok(false);
        }
        // The answer repeats the token, and a parser may quote it.
        let answer = read_json::<Object<AppTokenAnswer>>(response.body());
        let Object(answer) = answer.map_err(|error| {
            Unavailable::new(error.why, "the answer about the token cannot be read")
        })?;
        // Taken out where it is the one that was sent; tokens too short for that are none of GitHub's.
        if answer.token != STRIPPED && answer.token != token.expose_secret() {
            let detail = "the answer is about another token than was asked";
            return Err(Unavailable::new(Why::EvidenceMismatch, detail).into());
        }
        if let Some(end) = &answer.expires_at {
            let unreadable = |_| Unavailable::new(Why::Unreadable, "the token's end is no time");
            let end = Timestamp::parse_rfc3339(end).map_err(unreadable)?;
            if end <= now {
                let detail = format!("the answer says that the token ended at {end}");
                return Err(Unavailable::new(Why::EvidenceMismatch, detail).into());
            }
        }
        let Some(Object(user)) = answer.user else {
            let detail = "the answer about the token names no account";
            return Err(Unavailable::new(Why::MissingField, detail).into());
        };
        if !user.account(self.config())?.same_as(account) {
            let detail = "the answer about the token names another account than the token does";
            return Err(Unavailable::new(Why::EvidenceMismatch, detail).into());
        }
        if answer.app.client_id.is_empty() {
            let detail = "the answer about the token names no app";
            return Err(Unavailable::new(Why::MissingField, detail).into());
        }
        Ok(answer.app.client_id == app.id.as_str())
    }

    async fn gist(
        &self,
        asking: &mut Asking<'_>,
        id: &GistId,
    ) -> Result<Option<Seen>, Unavailable> {
        let request = self
            .client
            .get(&["gists", id.as_str()], self.token.as_ref())?;
        let request = request.digested_as("gist/1");
        let (config, route) = (self.config(), Route::read());
        let digest = asking.read(request, &route, |response| {
            let Object(answer) = read_json::<Object<GistAnswer>>(response.body())?;
            Seen::new(answer, id, config)
        });
        digest.await
    }

    async fn user(
        &self,
        asking: &mut Asking<'_>,
        segments: &[&str],
    ) -> Result<Option<User>, Unavailable> {
        let request = self.client.get(segments, self.token.as_ref())?;
        asking.read(request, &Route::read(), user).await
    }

    /// Whoever has the login now.
    async fn named(
        &self,
        asking: &mut Asking<'_>,
        login: &Login,
    ) -> Result<Option<User>, Unavailable> {
        let Some(user) = self.user(asking, &["users", login.as_str()]).await? else {
            return Ok(None);
        };
        if user.account(self.config())?.login() != login {
            let found: String = user.login.chars().take(80).collect();
            let detail = format!("{login} was asked about, and the answer is about {found:?}");
            return Err(Unavailable::new(Why::EvidenceMismatch, detail));
        }
        Ok(Some(user))
    }

    /// Why a gist is not there: it was deleted, its account is gone, or somebody else has the login now.
    async fn gone(
        &self,
        asking: &mut Asking<'_>,
        id: &GistId,
        claimed: &Account,
    ) -> Result<Seen, AccountProverError> {
        let number = claimed.id().map_or("", auths_core::AccountId::as_str);
        if let Some(user) = self.user(asking, &["user", number]).await? {
            if user.id.to_string() != number {
                let detail = "the answer is about another account than was asked";
                return Err(Unavailable::new(Why::EvidenceMismatch, detail).into());
            }
            // One that was turned into an organisation keeps its number, and loses its gists.
            self.person::<AccountProverError>(&user)?;
            // One 404 may be a cache's. The account is there, and so is the API.
            return match self.gist(asking, id).await? {
                Some(seen) => Ok(seen),
                None => {
                    let detail = format!(
                        "there is no gist {id}, and its account is there, as {}",
                        user.login
                    );
                    Err(Refuted::new(Refutation::GistDeleted, detail).into())
                }
            };
        }
        let login = claimed.login();
        if let Some(user) = self.named(asking, login).await? {
            let now = user.account(self.config())?;
            if !now.same_as(claimed) {
                let detail =
                    format!("the account {number} is not to be seen, and {login} is {now} now");
                return Err(Refuted::new(Refutation::LoginReregistered, detail).into());
            }
        }
        let detail = format!("neither gist {id} nor {claimed} is to be seen");
        Err(Unavailable::new(Why::AccountHidden, detail).into())
    }
}

#[async_trait]
impl AccountProver for GitHub {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    async fn prove(&self, query: &AccountQuery) -> Result<AccountEvidence, AccountProverError> {
        let claimed = &query.claim.unverified().account;
        let invalid = |what: String| AccountProverError::Invalid { what };
        let ProofHint::Gist(hint) = &query.hint else {
            return Err(invalid("GitHub accounts are proved by a gist".to_owned()));
        };
        if *claimed.platform() != self.platform || claimed.origin() != self.config().configured() {
            return Err(invalid(format!(
                "{claimed} is no account of the GitHub that is asked"
            )));
        }
        if claimed.id().is_none() {
            return Err(invalid(format!(
                "the claim does not say the id of {claimed}"
            )));
        }
        let id: GistId = hint
            .id
            .parse()
            .map_err(|e: crate::GistIdError| invalid(e.to_string()))?;
        let mut asking = self.client.asking();
        let seen = match self.gist(&mut asking, &id).await? {
            Some(seen) => seen,
            None => self.gone(&mut asking, &id, claimed).await?,
        };
        seen.is_of(claimed)?;
        let found = same_claim(&seen, &query.claim, hint.recorded.as_ref())?;
        Ok(seen.evidence(&id, &found, query.now, asking.into_sources()))
    }
}

fn user(response: &Response) -> Result<User, Unavailable> {
    read_json::<Object<User>>(response.body()).map(|Object(user)| user)
}

/// The claim in the gist, which must be the one that is asked about.
fn same_claim(
    seen: &Seen,
    asked: &Signed<PlatformClaim>,
    recorded: Option<&GistState>,
) -> Result<Signed<PlatformClaim>, Refuted> {
    let found = seen.claim();
    if let Ok(found) = &found
        && found.id() == asked.id()
    {
        return Ok(found.clone());
    }
    if recorded.is_some_and(|recorded| seen.differs_from(recorded)) {
        let holds = match &found {
            Ok(found)
                if found
                    .unverified()
                    .account
                    .same_as(&asked.unverified().account) =>
            {
                format!("another claim now, {}", found.id())
            }
            Ok(found) => format!(
                "a claim of another account now, {}",
                found.unverified().account
            ),
            Err(_) => "no claim now".to_owned(),
        };
        let detail = format!("it was last changed at {}, and holds {holds}", seen.updated);
        return Err(Refuted::new(Refutation::GistEdited, detail));
    }
    let found = found?;
    let (body, account) = (found.unverified(), &asked.unverified().account);
    match body.account.same_as(account) {
        false => {
            let detail = format!(
                "it names {}, and the gist is {}'s",
                body.account, seen.owner
            );
            Err(Refuted::new(Refutation::GistNamesAnother, detail))
        }
        true => {
            let detail = format!(
                "it holds {}, and {} was asked about",
                found.id(),
                asked.id()
            );
            Err(Refuted::new(Refutation::GistOtherClaim, detail))
        }
    }
}
