//! GitHub's own namespaces as evidence: the administrators of an organisation, and the holder of a personal name.

use async_trait::async_trait;
use auths_core::claim::Incarnation;
use auths_core::decide::Obstacle;
use auths_core::evidence::{
    Existence, ListedAccount, Listing, ListingCompleteness, NamespaceEvidence, OwnerRole, Reading,
};
use auths_core::policy::ORG_EVIDENCE_AGE;
use auths_core::ports::{Budget, NamespaceError, NamespaceQuery, NamespaceVerifier};
use auths_core::{
    Account, Ecosystem, Namespace, Origin, Refuted, RefutedReason, Timestamp, Unavailable,
    UnavailableReason, shorten,
};
use auths_http::{Lookup, Transport};
use secrecy::SecretString;

use crate::classify::RequestRoute;
use crate::client::{GitHubClient, GitHubRequests};
use crate::config::GitHubConfig;
use crate::orgs::{
    CheckedMembership, MAX_SKEW, MembershipState, OrgMembership, OrgNamespaces, OrgReader, OrgRole,
    fresh,
};
use crate::wire::{MAX_SHOWN, User};

/// An adapter that reads the administrators of an organisation of GitHub, as far as a token shows them, and the holder of a
/// personal name.
///
/// # What counts
/// An Owner has a membership that is `active` with the role `admin`. Nobody else is one: not an invited Owner who has not
/// accepted, no member, no billing manager. Both sides are identified by numbers: the organisation by the number that its name
/// has now, the account by the number of the token's account.
///
/// # What is not seen
/// GitHub shows memberships only to the member's own token. Without a token, and for every account except the token's, the
/// administrators of an organisation stay open ([`UnavailableReason::OwnersHidden`]), never a no.
///
/// # Security
/// A token is sent only to the configured API, and nothing of what it shows is kept in a store. Evidence of an organisation is
/// good for five minutes under every policy ([`ORG_EVIDENCE_AGE`](auths_core::policy::ORG_EVIDENCE_AGE)).
///
/// ```
/// use std::sync::Arc;
/// use auths_adapters_github::{GitHubConfig, GitHubOrgs, SecretString};
/// use auths_core::ports::{Clock, MemoryStore};
/// use auths_http::{SystemClock, TokioSleeper, Transport, TransportConfig};
///
/// # async fn example(token: SecretString) -> Result<(), Box<dyn std::error::Error>> {
/// let transport = Transport::new(
///     TransportConfig::default(),
///     Arc::new(SystemClock),
///     Arc::new(TokioSleeper),
///     Arc::new(MemoryStore::new()),
/// )?;
/// let orgs = GitHubOrgs::new(GitHubConfig::public()?, transport);
/// let held = orgs.org_namespaces(&token, SystemClock.now()).await?;
/// for org in &held.orgs {
///     println!("{} (id {})", org.namespace.short(), org.id);
/// }
/// println!("visibility: {}", held.visibility.as_str());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct GitHubOrgs {
    client: GitHubClient,
    token: Option<SecretString>,
}

/// The holder of a name.
enum NameHolder {
    Nobody,
    Person(Account),
    Organization(Account),
}

impl GitHubOrgs {
    /// Creates an adapter for the configured GitHub, without a token. It sees personal names, and which organisation a name is.
    #[must_use]
    pub fn new(config: GitHubConfig, transport: Transport) -> Self {
        Self {
            client: GitHubClient::new(config, transport),
            token: None,
        }
    }

    /// Sets a token whose account's memberships are seen too. The token needs the scope `read:org`.
    #[must_use]
    pub fn reading_as(mut self, token: SecretString) -> Self {
        self.token = Some(token);
        self
    }

    /// Reads every namespace that the account of `token` has: its own name, and the organisations that it administers, from one
    /// list.
    ///
    /// What the token is not shown leaves the personal name, and stands in
    /// [`visibility`](OrgNamespaces::visibility). An entry that cannot be read is left out alone, and stands in
    /// [`unread`](OrgNamespaces::unread). Every other failure, on any page, fails the whole call.
    ///
    /// # Errors
    /// [`Obstacle::Unavailable`]: rate limits, 5xx, a dead token, a list that goes on for too long or leads elsewhere.
    /// [`Obstacle::Refuted`] when the token is no person's ([`RefutedReason::NotAPerson`]).
    pub async fn org_namespaces(
        &self,
        token: &SecretString,
        now: Timestamp,
    ) -> Result<OrgNamespaces, Obstacle> {
        OrgReader::new(&self.client, token, &Budget::unlimited())
            .all(now)
            .await
    }

    /// Reads the membership of the account of `token` in one organisation, by its name.
    ///
    /// # Errors
    /// [`Obstacle::Refuted`] when there is no such organisation. [`Obstacle::Unavailable`] when GitHub shows no membership
    /// ([`UnavailableReason::OwnersHidden`]: there may be one that this token does not see), and when something cannot be read.
    pub async fn membership(
        &self,
        token: &SecretString,
        org: &Namespace,
        now: Timestamp,
    ) -> Result<OrgMembership, Obstacle> {
        let query = NamespaceQuery::new(org.clone(), now);
        let fits = self.check_query(&query);
        fits.map_err(NamespaceError::into_unavailable)?;
        let unlimited = Budget::unlimited();
        let mut requests = self.client.requests_within(&unlimited);
        let found = self.named(&mut requests, org, Some(token)).await?;
        let named_until = requests.observed_at(now) + ORG_EVIDENCE_AGE;
        fresh(named_until, now)?;
        match found {
            NameHolder::Nobody => Err(nobody().into()),
            NameHolder::Person(account) => {
                let detail = format!("{account} is a person's account, not an organisation");
                Err(Refuted::new(RefutedReason::NotListed, detail).into())
            }
            NameHolder::Organization(account) => {
                let mut reader = OrgReader::new(&self.client, token, &unlimited);
                let mut found = membership(&mut reader, org, account, now).await?;
                found.valid_until = found.valid_until.min(named_until);
                found.is_fresh(now)?;
                Ok(found)
            }
        }
    }

    /// Checks that a query is for this verifier, and about an account: a name below one has no owner of its own on GitHub.
    fn check_query(&self, query: &NamespaceQuery) -> Result<(), NamespaceError> {
        query.check_for(self)?;
        match query.namespace.parent() {
            None => Ok(()),
            Some(parent) => Err(NamespaceError::invalid(format!(
                "{} lies below {}, and GitHub is asked about organisations and accounts alone",
                query.namespace,
                parent.short()
            ))),
        }
    }

    /// Reads the present holder of the name.
    async fn named(
        &self,
        requests: &mut GitHubRequests<'_>,
        asked: &Namespace,
        token: Option<&SecretString>,
    ) -> Result<NameHolder, Unavailable> {
        let name = asked.name();
        let request = self.client.get(&["users", name.as_str()], token)?;
        let request = request.cache_as("github-user/1").past_caches();
        let request = request.max_skew(MAX_SKEW);
        let route = RequestRoute::read().with_token(token);
        let read = requests.read(request, &route, |response| {
            let user: User = response.json_object()?;
            asked.confirm(&user.login)?;
            Ok(user)
        });
        let Lookup::Found(user) = read.await? else {
            // Accounts that a company manages have an underscore, and are hidden from everybody else.
            return match name.as_str().contains('_') {
                true => Err(Unavailable::new(
                    UnavailableReason::OwnersHidden,
                    "GitHub shows accounts that a company manages to nobody else",
                )),
                false => Ok(NameHolder::Nobody),
            };
        };
        let account = user.account(&self.client.config)?;
        match user.kind.as_str() {
            "User" => Ok(NameHolder::Person(account)),
            "Organization" => Ok(NameHolder::Organization(account)),
            other => {
                let other = shorten(other, MAX_SHOWN);
                let detail = format!("{account} is of the kind {other:?}");
                Err(Unavailable::unreadable(detail))
            }
        }
    }

    /// Reads the listing of an organisation: the token's account in its role, and others that are not shown.
    async fn listing(
        &self,
        query: &NamespaceQuery,
        evidence: &mut NamespaceEvidence,
        org: Account,
    ) -> Result<Listing, Unavailable> {
        let Some(token) = &self.token else {
            let detail = "GitHub shows who administers an organisation to its members' tokens alone: give one with the scope read:org";
            return Err(Unavailable::new(UnavailableReason::OwnersHidden, detail));
        };
        let mut reader = OrgReader::new(&self.client, token, &query.budget);
        let name = org.login().to_string();
        let found = membership(&mut reader, &query.namespace, org, query.now).await;
        let seen_at = reader.observed_at(query.now);
        evidence.observed_at = evidence.observed_at.min(seen_at);
        evidence.sources.extend(reader.into_sources());
        let found = found.map_err(|obstacle| match obstacle {
            Obstacle::Unavailable(why) => why,
            other => Unavailable::new(UnavailableReason::OwnersHidden, other.to_string()),
        })?;
        let mut listing = Listing::new(vec![listed(&found)]);
        listing.owners = ListingCompleteness::Organization(name);
        Ok(listing)
    }
}

/// Reads the membership of the token's account, in the organisation that the name belongs to.
async fn membership(
    reader: &mut OrgReader<'_>,
    name: &Namespace,
    org: Account,
    now: Timestamp,
) -> Result<OrgMembership, Obstacle> {
    let user = reader.own().await?;
    let found: Option<CheckedMembership> = reader.one(name).await?;
    let found = found.ok_or_else(|| {
        let detail = format!("GitHub shows {user} no membership in {org}");
        Unavailable::new(UnavailableReason::OwnersHidden, detail)
    })?;
    Ok(found.of(&user, org, reader.observed_at(now))?)
}

/// Returns a membership as an entry of a listing.
fn listed(membership: &OrgMembership) -> ListedAccount {
    let word = membership.role.as_str();
    let (role, label) = match (membership.state, membership.role) {
        (MembershipState::Active, OrgRole::Admin) => (OwnerRole::Owner, word.to_owned()),
        (MembershipState::Active, _) => (OwnerRole::Other, word.to_owned()),
        (MembershipState::Pending, _) => (OwnerRole::Invited, format!("{word} (pending)")),
    };
    ListedAccount::new(membership.user.clone(), role, label)
}

fn nobody() -> Refuted {
    Refuted::new(
        RefutedReason::UnknownProject,
        "nobody has this name on GitHub",
    )
}

fn marked(kind: &str, account: &Account) -> Reading<Incarnation> {
    match account.id() {
        Some(id) => Reading::Read(Incarnation::new(kind, id.to_string())),
        None => Reading::Unread(Unavailable::missing_field("id of the account")),
    }
}

#[async_trait]
impl NamespaceVerifier for GitHubOrgs {
    fn ecosystem(&self) -> &Ecosystem {
        &Ecosystem::GITHUB
    }

    fn origin(&self) -> &Origin {
        self.client.config.api()
    }

    fn is_public(&self) -> bool {
        self.client.config.is_public()
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        self.check_query(query)?;
        let origin = self.origin().clone();
        let mut evidence = NamespaceEvidence::new(query.namespace.clone(), origin, query.now);
        evidence.timeline = Reading::NotOffered;
        let mut requests = self.client.requests_within(&query.budget);
        let token = self.token.as_ref();
        let named = self.named(&mut requests, &query.namespace, token).await?;
        evidence.observed_at = requests.observed_at(query.now);
        evidence.sources = requests.into_sources();
        match named {
            NameHolder::Nobody => evidence.existence = Existence::Absent(nobody()),
            NameHolder::Person(account) => {
                evidence.incarnation = marked("account-id", &account);
                let own = ListedAccount::new(account, OwnerRole::OwnAccount, "own account");
                evidence.listing = Reading::Read(Listing::new(vec![own]));
            }
            NameHolder::Organization(org) => {
                evidence.incarnation = marked("org-id", &org);
                let listing = self.listing(query, &mut evidence, org).await;
                evidence.listing = listing.into();
            }
        }
        Ok(evidence)
    }
}
