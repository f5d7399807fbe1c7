//! The requests about the memberships of a token's account.

use std::time::Duration;

use auths_core::decide::Obstacle;
use auths_core::policy::ORG_EVIDENCE_AGE;
use auths_core::ports::Budget;
use auths_core::{Account, Namespace, Refuted, RefutedReason, Timestamp, Unavailable, shorten};
use auths_http::Request;
use secrecy::SecretString;

use super::parse::{
    CheckedMembership, HiddenHeaders, OrgPage, SCOPES, SeenPages, owned, visibility,
};
use super::{OrgNamespaces, OrgVisibility, UnnamedOrg, fresh};
use crate::classify::RequestRoute;
use crate::client::{GitHubClient, GitHubRequests};
use crate::wire::{MAX_SHOWN, MembershipAnswer, User};

/// The largest allowed difference between GitHub's clock and ours, for dates of evidence that is good for five minutes.
pub(crate) const MAX_SKEW: Duration = Duration::from_secs(120);

/// The most memberships on a page: GitHub's own limit.
const PER_PAGE: usize = 100;

/// One lookup with one token.
pub(crate) struct OrgReader<'a> {
    client: &'a GitHubClient,
    token: &'a SecretString,
    requests: GitHubRequests<'a>,
    route: RequestRoute,
}

impl<'a> OrgReader<'a> {
    pub(crate) fn new(client: &'a GitHubClient, token: &'a SecretString, budget: &Budget) -> Self {
        Self {
            client,
            token,
            requests: client.requests_within(budget),
            route: RequestRoute::read()
                .needing(SCOPES, "members=read")
                .with_token(token),
        }
    }

    pub(crate) fn into_sources(self) -> Vec<String> {
        self.requests.into_sources()
    }

    /// Returns the time of the evidence: when the oldest of the answers was made.
    pub(crate) fn observed_at(&self, now: Timestamp) -> Timestamp {
        self.requests.observed_at(now)
    }

    /// Creates a read of evidence that is good for minutes: past the caches, by a clock near ours, and never kept.
    fn get(&self, segments: &[&str]) -> Result<Request, Unavailable> {
        let request = self.client.get(segments, Some(self.token))?;
        Ok(request.no_store().past_caches().max_skew(MAX_SKEW))
    }

    /// Reads the person whose token it is.
    pub(crate) async fn own(&mut self) -> Result<Account, Obstacle> {
        let request = self.get(&["user"])?;
        let route = RequestRoute::read().with_token(self.token);
        let read = self
            .requests
            .read(request, &route, |response| response.json_object::<User>());
        let user = read.await?.or_unexpected("the token's own account")?;
        if !user.is_person() {
            let detail = format!(
                "{} is of the kind {:?}",
                user.login,
                shorten(&user.kind, MAX_SHOWN)
            );
            return Err(Refuted::new(RefutedReason::NotAPerson, detail).into());
        }
        Ok(user.account(&self.client.config)?)
    }

    /// Reads the membership in one organisation, by name; `None` when GitHub shows none.
    pub(crate) async fn one(
        &mut self,
        org: &Namespace,
    ) -> Result<Option<CheckedMembership>, Unavailable> {
        let segments = ["user", "memberships", "orgs", org.name().as_str()];
        let request = self.get(&segments)?;
        let read = self.requests.read(request, &self.route, |response| {
            let membership = CheckedMembership::new(response.json_object::<MembershipAnswer>()?)?;
            org.confirm(&membership.login)?;
            Ok(membership)
        });
        Ok(read.await?.into_option())
    }

    /// Reads every namespace of the token's account, in one list.
    pub(crate) async fn all(mut self, now: Timestamp) -> Result<OrgNamespaces, Obstacle> {
        let account = self.own().await?;
        let (page, visibility) = self.list(&account).await?;
        let server = self.client.config.configured();
        let (mut orgs, mut unnamed) = (Vec::new(), Vec::new());
        for CheckedMembership { org, login, .. } in page.memberships.iter().filter(|m| m.is_owner())
        {
            match owned(login, org, server) {
                Ok(owned) => orgs.push(owned),
                Err(_) => unnamed.push(UnnamedOrg {
                    id: org.clone(),
                    login: shorten(login, MAX_SHOWN),
                }),
            }
        }
        let is_whole = unnamed.is_empty() && page.unread.is_empty();
        let visibility = match visibility {
            OrgVisibility::Complete if !is_whole => OrgVisibility::EntriesUnread,
            visibility => visibility,
        };
        let id = account
            .id()
            .ok_or_else(|| Unavailable::missing_field("id of the account"))?;
        let valid_until = self.observed_at(now) + ORG_EVIDENCE_AGE;
        fresh(valid_until, now)?;
        Ok(OrgNamespaces {
            personal: owned(account.login().as_str(), id, server)?,
            account,
            orgs,
            unnamed,
            unread: page.unread,
            visibility,
            valid_until,
        })
    }

    /// The pages of the list, to the last. What the token is not shown leaves the list empty and says so; any other failure, on
    /// any page, fails the whole: a throttle must never shrink what an Owner has.
    async fn list(&mut self, account: &Account) -> Result<(OrgPage, OrgVisibility), Unavailable> {
        let segments = ["user", "memberships", "orgs"];
        let first = self.get(&segments)?;
        let first = first.query("per_page", &PER_PAGE.to_string());
        let (mut request, mut number) = (first.clone(), 1_usize);
        let (mut all, mut hidden) = (OrgPage::default(), Vec::new());
        let mut seen = SeenPages::default();
        loop {
            // Nothing of these answers is kept, so each is read here, with its headers.
            let (mut next, mut limits) = (None, None);
            let read = self
                .requests
                .read(request.clone(), &self.route, |response| {
                    next = request.next_page(response)?;
                    limits = Some(HiddenHeaders::of(response, &self.route));
                    OrgPage::of(response)
                });
            let page = match read.await {
                Ok(found) => found.or_unexpected("the list of memberships")?,
                Err(why) => match OrgVisibility::of_refusal(why.reason) {
                    Some(limited) if hidden.is_empty() => return Ok((OrgPage::default(), limited)),
                    _ => return Err(why),
                },
            };
            for membership in &page.memberships {
                membership.fits(account)?;
                seen.add(membership)?;
            }
            number += 1;
            request = match next {
                Some(next) => next,
                // A full page that names no next one is the last, or something on the way took the header off: it is asked.
                None if page.entries() >= PER_PAGE => {
                    first.clone().query("page", &number.to_string())
                }
                None => {
                    all.add(page);
                    hidden.extend(limits);
                    return Ok((all, visibility(&hidden)));
                }
            };
            all.add(page);
            hidden.extend(limits);
        }
    }
}
