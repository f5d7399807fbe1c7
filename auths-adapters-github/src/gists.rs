//! The gists of GitHub accounts: publishes a claim in one, and reads it back.

use std::fmt;

use async_trait::async_trait;
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::evidence::{AccountEvidence, GistState};
use auths_core::ports::{
    AccountProofQuery, AccountProver, AccountProverError, Budget, CLAIM_FILE, ProofHint,
};
use auths_core::{
    Account, Origin, Platform, Refuted, RefutedReason, Timestamp, Unavailable, UnavailableReason,
};
use auths_http::Lookup;
use secrecy::SecretString;
use serde_json::json;

use crate::accounts::GitHub;
use crate::classify::RequestRoute;
use crate::client::GitHubRequests;
use crate::gist::{GistId, GistSnapshot};
use crate::wire::{GistCreated, User};

/// A gist that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PublishedGist {
    /// The id of the gist.
    pub id: GistId,
    /// The address where the gist can be seen: the page that the server named, if that is a page of this gist, or else the
    /// address in the API.
    pub url: String,
}

/// A gist's claim, and the evidence that its owner published it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GistProof {
    /// The claim. Not verified.
    pub claim: Signed<PlatformClaim>,
    /// The evidence that the gist gives.
    pub evidence: AccountEvidence,
}

impl GitHub {
    /// Publishes a claim in a new public gist of the token's account. The token needs the scope `gist`.
    ///
    /// # Errors
    /// [`Unavailable`] on failure. After a failure on the way, the gist may have been made all the same.
    pub async fn publish(
        &self,
        token: &SecretString,
        claim: &Signed<PlatformClaim>,
    ) -> Result<PublishedGist, Unavailable> {
        let route = RequestRoute::read()
            .needing(&["gist"], "gists=write")
            .with_token(token)
            .created();
        let body = json!({
            "description": format!("auths: this account is linked to {}", claim.did()),
            "public": true,
            "files": { CLAIM_FILE: { "content": claim.to_json() } },
        });
        let request = self.client.post(&["gists"], token)?.json(&body);
        let place = request.url().to_string();
        let mut requests = self.client.requests_within(&Budget::unlimited());
        let made = requests.read(request, &route, |response| {
            let created: GistCreated = response.json_object()?;
            let id: Result<GistId, _> = created.id.parse();
            let id = id.map_err(Unavailable::unreadable)?;
            Ok((id.to_string(), created.html_url))
        });
        let Lookup::Found((id, page)) = made.await? else {
            // GitHub's page on gists: without the scope, the route is not there.
            let detail = format!(
                "{place}: status 404 to a new gist: the token lacks the scope gist, or the account may have no gists"
            );
            return Err(Unavailable::new(UnavailableReason::MissingScope, detail));
        };
        let id: GistId = id.parse().map_err(Unavailable::unreadable)?;
        let named = page.filter(|url| self.config().gist_of(url) == Some(Ok(id.clone())));
        let url = match named {
            Some(page) => page,
            None => self.config().api().at(&["gists", id.as_str()])?.into(),
        };
        Ok(PublishedGist { id, url })
    }

    /// Reads a gist, and the claim in it.
    ///
    /// # Errors
    /// [`AccountProverError`] when the gist is a fork, holds no claim or one of another account, or cannot be read.
    pub async fn read(&self, id: &GistId, now: Timestamp) -> Result<GistProof, AccountProverError> {
        self.read_page(id, None, now).await
    }

    /// Reads a gist whose address shows it as this account's ([`gist_page_of`](crate::GitHubConfig::gist_page_of)). The account
    /// in the address is used only to say what is wrong with a gist, never for a yes.
    ///
    /// # Errors
    /// The errors of [`read`](Self::read), and one for a gist that does not exist although the account does.
    pub async fn read_page(
        &self,
        id: &GistId,
        page_of: Option<&Account>,
        now: Timestamp,
    ) -> Result<GistProof, AccountProverError> {
        let mut requests = self.client.requests_within(&Budget::unlimited());
        let seen = match self.gist(&mut requests, id).await? {
            Some(seen) => seen,
            None => self.not_there(&mut requests, id, page_of).await?,
        };
        let claim = seen.claim()?;
        seen.is_of_who_claims(&claim.unverified().account, page_of)?;
        let at = requests.observed_at(now);
        let since = self.memory.record(id, &seen, at).await?;
        let evidence = seen.evidence(id, &claim, since, at, requests.into_sources());
        Ok(GistProof { claim, evidence })
    }

    /// Returns the error for a gist that cannot be seen, when only its address is known.
    async fn not_there(
        &self,
        requests: &mut GitHubRequests<'_>,
        id: &GistId,
        page_of: Option<&Account>,
    ) -> Result<GistSnapshot, AccountProverError> {
        let Some(page_of) = page_of else {
            return Err(hidden(id, ", and its address names no account").into());
        };
        let login = page_of.login().as_str();
        let Some(user) = self.user(requests, &["users", login]).await? else {
            return Err(hidden(id, &format!(", and no account {login}")).into());
        };
        self.look_again(requests, id, &user).await
    }

    async fn gist(
        &self,
        requests: &mut GitHubRequests<'_>,
        id: &GistId,
    ) -> Result<Option<GistSnapshot>, Unavailable> {
        let request = self
            .client
            .get(&["gists", id.as_str()], self.token.as_ref())?;
        let request = request.cache_as("gist/2");
        let route = RequestRoute::read().with_token(self.token.as_ref());
        let config = self.config();
        let read = requests.read(request, &route, |response| {
            GistSnapshot::new(response.json_object()?, id, config)
        });
        Ok(read.await?.into_option())
    }

    /// Asks once more for a gist whose account exists and whose API answers. A single 404 may be a cache's.
    async fn look_again(
        &self,
        requests: &mut GitHubRequests<'_>,
        id: &GistId,
        owner: &User,
    ) -> Result<GistSnapshot, AccountProverError> {
        let seen = self.gist(requests, id).await?;
        seen.ok_or_else(|| {
            let owner = &owner.login;
            let detail = format!("there is no gist {id}, and its account is there, as {owner}");
            Refuted::new(RefutedReason::GistDeleted, detail).into()
        })
    }

    /// Returns why a gist does not exist: it was deleted, its account is gone, or another account has the login now.
    async fn gone(
        &self,
        requests: &mut GitHubRequests<'_>,
        id: &GistId,
        claimed: &Account,
    ) -> Result<GistSnapshot, AccountProverError> {
        let number = claimed.id().map_or("", auths_core::AccountId::as_str);
        if let Some(user) = self.user(requests, &["user", number]).await? {
            if user.id.to_string() != number {
                let detail = "the answer is about another account than was asked";
                return Err(Unavailable::new(UnavailableReason::EvidenceMismatch, detail).into());
            }
            // A person's account may have been converted to an organisation, whose gists nobody can change (G4 in
            // docs/platform-facts.md).
            self.person::<AccountProverError>(&user)?;
            return self.look_again(requests, id, &user).await;
        }
        let login = claimed.login();
        if let Some(user) = self.named(requests, login).await? {
            let now = user.account(self.config())?;
            if !now.same_as(claimed) {
                let detail =
                    format!("the account {number} is not to be seen, and {login} is {now} now");
                return Err(Refuted::new(RefutedReason::LoginReregistered, detail).into());
            }
        }
        let detail = format!("neither gist {id} nor {claimed} is to be seen");
        Err(Unavailable::new(UnavailableReason::AccountHidden, detail).into())
    }
}

#[async_trait]
impl AccountProver for GitHub {
    fn platform(&self) -> &Platform {
        &self.platform
    }

    fn accounts_at(&self) -> Option<Origin> {
        self.config().configured().cloned()
    }

    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        let claimed = &query.claim.unverified().account;
        let ProofHint::Gist(hint) = &query.hint else {
            return Err(invalid("GitHub accounts are proved by a gist"));
        };
        if *claimed.platform() != self.platform || claimed.origin() != self.config().configured() {
            return Err(invalid(format_args!(
                "{claimed} is no account of the GitHub that is asked"
            )));
        }
        if claimed.id().is_none() {
            return Err(invalid(format_args!(
                "the claim does not say the id of {claimed}"
            )));
        }
        let id: GistId = hint.id.parse().map_err(invalid)?;
        let mut requests = self.client.requests_within(&query.budget);
        let seen = match self.gist(&mut requests, &id).await? {
            Some(seen) => seen,
            None => self.gone(&mut requests, &id, claimed).await?,
        };
        seen.is_of(claimed)?;
        let found = same_claim(&seen, &query.claim, hint.recorded.as_ref())?;
        let at = requests.observed_at(query.now);
        let since = self.memory.record(&id, &seen, at).await?;
        Ok(seen.evidence(&id, &found, since, at, requests.into_sources()))
    }
}

fn hidden(id: &GistId, who: &str) -> Unavailable {
    let detail = format!("there is no gist {id}{who}");
    Unavailable::new(UnavailableReason::AccountHidden, detail)
}

fn invalid(what: impl fmt::Display) -> AccountProverError {
    let what = what.to_string();
    AccountProverError::Invalid { what }
}

/// Checks that the claim in the gist is the one that was asked about, and returns it.
fn same_claim(
    seen: &GistSnapshot,
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
        return Err(Refuted::new(RefutedReason::GistEdited, detail));
    }
    let found = found?;
    let (body, account) = (found.unverified(), &asked.unverified().account);
    match body.account.same_as(account) {
        false => {
            let detail = format!(
                "it names {}, and the gist is {}'s",
                body.account, seen.owner
            );
            Err(Refuted::new(RefutedReason::GistNamesAnother, detail))
        }
        true => {
            let detail = format!(
                "it holds {}, and {} was asked about",
                found.id(),
                asked.id()
            );
            Err(Refuted::new(RefutedReason::GistOtherClaim, detail))
        }
    }
}
