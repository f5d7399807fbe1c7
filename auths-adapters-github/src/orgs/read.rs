//! Reads the memberships of a token's account.

use std::collections::BTreeSet;
use std::time::Duration;

use auths_core::decide::Obstacle;
use auths_core::policy::ORG_EVIDENCE_AGE;
use auths_core::ports::Budget;
use auths_core::{
    Account, AccountId, Ecosystem, Namespace, Origin, PackageName, Refuted, RefutedReason,
    Timestamp, Unavailable, UnavailableReason,
};
use auths_http::{Object, Request, Response, read_json};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{
    MembershipState, OrgMembership, OrgNamespaces, OrgRole, OwnedNamespace, UnnamedOrg, Visibility,
    fresh,
};
use crate::classify::{Route, Sso, is_of_github_app, sso};
use crate::client::{Client, GitHubRequests};
use crate::wire::{Lenient, MembershipAnswer, User};

/// The scopes that show memberships; any one is enough.
const SCOPES: &[&str] = &["read:org", "write:org", "admin:org"];

/// The largest allowed difference between GitHub's clock and ours, for dates of evidence that is good for five minutes.
pub(crate) const MAX_SKEW: Duration = Duration::from_secs(120);

/// The most memberships on a page: GitHub's own limit.
const PER_PAGE: usize = 100;

/// One lookup with one token.
pub(crate) struct Reader<'a> {
    client: &'a Client,
    token: &'a SecretString,
    asking: GitHubRequests<'a>,
    route: Route,
}

/// The headers of a page about organisations that are not on it.
#[derive(Debug)]
struct Hidden {
    /// The scopes of the token; `None` for a kind of token that has permissions instead.
    scopes: Option<String>,
    sso: Option<BTreeSet<String>>,
    is_apps: bool,
}

/// The entries of a page: those that were read, and why the others were not.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Page {
    memberships: Vec<Membership>,
    unread: Vec<Unavailable>,
}

/// A membership, checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Membership {
    org: AccountId,
    login: String,
    user: Option<AccountId>,
    role: OrgRole,
    state: MembershipState,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(client: &'a Client, token: &'a SecretString, budget: &Budget) -> Self {
        Self {
            client,
            token,
            asking: client.asking(budget),
            route: Route::read()
                .needing(SCOPES, "members=read")
                .with_token(token),
        }
    }

    pub(crate) fn into_sources(self) -> Vec<String> {
        self.asking.into_sources()
    }

    /// Returns the time of the evidence: when the oldest of the answers was made.
    pub(crate) fn observed_at(&self, now: Timestamp) -> Timestamp {
        self.asking.observed_at(now)
    }

    /// Creates a read of evidence that is good for minutes: past the caches, by a clock near ours, and never kept.
    fn get(&self, segments: &[&str]) -> Result<Request, Unavailable> {
        let request = self.client.get(segments, Some(self.token))?;
        Ok(request.no_store().past_caches().max_skew(MAX_SKEW))
    }

    /// Reads the person whose token it is.
    pub(crate) async fn own(&mut self) -> Result<Account, Obstacle> {
        let request = self.get(&["user"])?;
        let route = Route::read().with_token(self.token);
        let read = self.asking.read(request, &route, |response| {
            let Object(user) = read_json::<Object<User>>(response.body())?;
            Ok(user)
        });
        let user = read
            .await?
            .ok_or_else(|| status_404("the token's own account"))?;
        if !user.is_person() {
            let detail = format!("{} is of the kind {:?}", user.login, cut(&user.kind));
            return Err(Refuted::new(RefutedReason::NotAPerson, detail).into());
        }
        Ok(user.account(&self.client.config)?)
    }

    /// Reads the membership in one organisation, by name; `None` when GitHub shows none.
    pub(crate) async fn one(
        &mut self,
        org: &PackageName,
    ) -> Result<Option<Membership>, Unavailable> {
        let segments = ["user", "memberships", "orgs", org.as_str()];
        let request = self.get(&segments)?;
        let read = self.asking.read(request, &self.route, |response| {
            let Object(answer) = read_json::<Object<MembershipAnswer>>(response.body())?;
            let membership = Membership::new(answer)?;
            let same = PackageName::parse(&Ecosystem::GITHUB, &membership.login);
            match same.is_ok_and(|login| login == *org) {
                true => Ok(membership),
                false => Err(mismatch(&format!(
                    "it is about {:?}",
                    cut(&membership.login)
                ))),
            }
        });
        read.await
    }

    /// Reads every namespace of the token's account, in one list.
    pub(crate) async fn all(mut self, now: Timestamp) -> Result<OrgNamespaces, Obstacle> {
        let account = self.own().await?;
        let (page, visibility) = self.list(&account).await?;
        let server = self.client.config.configured();
        let (mut orgs, mut unnamed) = (Vec::new(), Vec::new());
        for Membership { org, login, .. } in page.memberships.iter().filter(|m| m.is_owner()) {
            match owned(login, org, server) {
                Ok(owned) => orgs.push(owned),
                Err(_) => unnamed.push(UnnamedOrg {
                    id: org.clone(),
                    login: cut(login),
                }),
            }
        }
        let is_whole = unnamed.is_empty() && page.unread.is_empty();
        let visibility = match visibility {
            Visibility::Complete if !is_whole => Visibility::EntriesUnread,
            visibility => visibility,
        };
        let id = account.id().ok_or_else(|| status_404("the account's id"))?;
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
    async fn list(&mut self, account: &Account) -> Result<(Page, Visibility), Unavailable> {
        let segments = ["user", "memberships", "orgs"];
        let first = self.get(&segments)?;
        let first = first.query("per_page", &PER_PAGE.to_string());
        let (mut request, mut number) = (first.clone(), 1_usize);
        let (mut all, mut hidden) = (Page::default(), Vec::new());
        let mut seen = SeenPages::default();
        loop {
            // Nothing of these answers is kept, so each is read here, with its headers.
            let (mut next, mut limits) = (None, None);
            let read = self.asking.read(request.clone(), &self.route, |response| {
                next = request.next_page(response)?;
                limits = Some(Hidden::of(response, &self.route));
                Page::of(response)
            });
            let page = match read.await {
                Ok(Some(page)) => page,
                Ok(None) => return Err(status_404("the list of memberships")),
                Err(why) => match Visibility::of_refusal(why.reason) {
                    Some(limited) if hidden.is_empty() => return Ok((Page::default(), limited)),
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

/// The organisations of the pages so far. One name has one id, and one id one name.
#[derive(Debug, Default)]
struct SeenPages {
    ids: BTreeSet<AccountId>,
    names: BTreeSet<String>,
}

impl SeenPages {
    /// Adds one more organisation. A repeated one is an error: it may stand in the place of another.
    fn add(&mut self, membership: &Membership) -> Result<(), Unavailable> {
        let Membership { org, login, .. } = membership;
        let is_new_id = self.ids.insert(org.clone());
        let is_new_name = self.names.insert(login.to_ascii_lowercase());
        match (is_new_id, is_new_name) {
            (true, true) => Ok(()),
            (false, false) => Err(mismatch(&format!("{login} is listed twice"))),
            (true, false) => Err(mismatch(&format!("{login} is listed with two ids"))),
            (false, true) => {
                let detail = format!("the id {org} is listed with two names, one of them {login}");
                Err(mismatch(&detail))
            }
        }
    }
}

impl Page {
    /// Reads a page. An entry that cannot be read, or of which the words are not known, is left out alone, and is said.
    fn of(response: &Response) -> Result<Self, Unavailable> {
        type Answer = Object<MembershipAnswer>;
        let entries: Vec<Lenient<Answer>> = read_json(response.body())?;
        // The strict reading says what is wrong with the first one that is of another form.
        let odd = read_json::<Vec<Answer>>(response.body()).err();
        let odd = odd.unwrap_or_else(|| {
            Unavailable::new(UnavailableReason::Unreadable, "an entry cannot be read")
        });
        let mut page = Self::default();
        for entry in entries {
            let answer = entry.read().ok_or_else(|| odd.clone());
            match answer.and_then(|Object(answer)| Membership::new(answer)) {
                Ok(membership) => page.memberships.push(membership),
                Err(why) => page.unread.push(why),
            }
        }
        Ok(page)
    }

    fn entries(&self) -> usize {
        self.memberships.len() + self.unread.len()
    }

    fn add(&mut self, other: Self) {
        self.memberships.extend(other.memberships);
        self.unread.extend(other.unread);
    }
}

impl Hidden {
    fn of(response: &Response, route: &Route) -> Self {
        let is_id = |id: &str| !id.trim().is_empty();
        let scopes = response.header("x-oauth-scopes");
        Self {
            scopes: scopes
                .filter(|_| !is_of_github_app(response, route))
                .map(str::to_owned),
            sso: sso(response).map(|sso| match sso {
                Sso::Required => BTreeSet::new(),
                Sso::Partial(ids) => ids.into_iter().collect(),
            }),
            is_apps: response.header("x-oauth-client-id").is_some_and(is_id),
        }
    }
}

/// Returns the visibility of a list that was read whole, by what the headers say about the token.
fn visibility(pages: &[Hidden]) -> Visibility {
    let sso: Vec<_> = pages.iter().filter_map(|page| page.sso.as_ref()).collect();
    let has_scope = |page: &Hidden| {
        let scopes = page.scopes.as_deref().unwrap_or_default();
        scopes
            .split(',')
            .any(|scope| SCOPES.contains(&scope.trim()))
    };
    if pages.iter().any(|page| page.scopes.is_none()) {
        Visibility::TokenKindLimited
    } else if !pages.iter().all(has_scope) {
        Visibility::NoOrgScope
    } else if !sso.is_empty() {
        Visibility::SsoHidden(sso.into_iter().flatten().cloned().collect())
    } else if pages.iter().any(|page| page.is_apps) {
        Visibility::AppRestricted
    } else {
        Visibility::Complete
    }
}

impl Membership {
    fn new(answer: MembershipAnswer) -> Result<Self, Unavailable> {
        let unreadable =
            |what: &str| Unavailable::new(UnavailableReason::Unreadable, what.to_owned());
        let id = |id: u64| AccountId::new(&id.to_string()).map_err(|e| unreadable(&e.to_string()));
        let Object(org) = answer.organization;
        if org.login.is_empty() {
            return Err(unreadable("an organisation has no name"));
        }
        // An unknown word may mean anything, even an Owner.
        let role = match answer.role.as_str() {
            "admin" => OrgRole::Admin,
            "member" => OrgRole::Member,
            "billing_manager" => OrgRole::BillingManager,
            other => return Err(unreadable(&format!("{:?} is no role", cut(other)))),
        };
        let state = match answer.state.as_str() {
            "active" => MembershipState::Active,
            "pending" => MembershipState::Pending,
            other => return Err(unreadable(&format!("{:?} is no state", cut(other)))),
        };
        Ok(Self {
            org: id(org.id)?,
            login: org.login,
            user: answer.user.map(|Object(user)| id(user.id)).transpose()?,
            role,
            state,
        })
    }

    fn is_owner(&self) -> bool {
        self.state == MembershipState::Active && self.role == OrgRole::Admin
    }

    /// Checks that the membership can be the account's. GitHub leaves the user out for some tokens, but the token's own account
    /// was asked about.
    ///
    /// Users and organisations take their names and ids from one set, so an organisation cannot have the account's own name or
    /// id.
    fn fits(&self, account: &Account) -> Result<(), Unavailable> {
        let login = &self.login;
        if self.user.is_some() && self.user.as_ref() != account.id() {
            let detail = format!("a membership in {login} is another account's than the token's");
            return Err(mismatch(&detail));
        }
        let has_name = login.eq_ignore_ascii_case(account.login().as_str());
        if has_name || account.id() == Some(&self.org) {
            let org = &self.org;
            let detail = format!(
                "the organisation {login} (id {org}) has the name or the id of {account} itself"
            );
            return Err(mismatch(&detail));
        }
        Ok(())
    }

    /// Makes the membership of the account in the organisation of that id.
    ///
    /// # Errors
    /// [`UnavailableReason::EvidenceMismatch`] when the membership is another account's, or when the organisation is another one
    /// than was found under the name, or is that account itself.
    pub(crate) fn of(
        &self,
        user: &Account,
        org: Account,
        seen_at: Timestamp,
    ) -> Result<OrgMembership, Unavailable> {
        self.fits(user)?;
        if org.id() != Some(&self.org) {
            let detail = format!(
                "the name is that of {org}, and the membership's organisation has the id {}",
                self.org
            );
            return Err(mismatch(&detail));
        }
        Ok(OrgMembership {
            org,
            user: user.clone(),
            role: self.role,
            state: self.state,
            valid_until: seen_at + ORG_EVIDENCE_AGE,
        })
    }
}

fn owned(
    login: &str,
    id: &AccountId,
    server: Option<&Origin>,
) -> Result<OwnedNamespace, Unavailable> {
    let namespace = Namespace::parse_name(Ecosystem::GITHUB, login);
    let namespace =
        namespace.map_err(|e| Unavailable::new(UnavailableReason::Unreadable, e.to_string()))?;
    Ok(OwnedNamespace {
        namespace: namespace.at(server.cloned()),
        id: id.clone(),
    })
}

fn status_404(what: &str) -> Unavailable {
    Unavailable::new(
        UnavailableReason::UnexpectedStatus,
        format!("status 404 for {what}"),
    )
}

fn mismatch(detail: &str) -> Unavailable {
    Unavailable::new(UnavailableReason::EvidenceMismatch, detail)
}

fn cut(text: &str) -> String {
    text.chars().take(80).collect()
}
