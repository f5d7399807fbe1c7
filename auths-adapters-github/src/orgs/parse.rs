//! The kept part of the answers about memberships, and what their headers say about the token.

use std::collections::BTreeSet;

use auths_core::policy::ORG_EVIDENCE_AGE;
use auths_core::{
    Account, AccountId, Ecosystem, Namespace, Origin, Timestamp, Unavailable, UnavailableReason,
    shorten,
};
use auths_http::{Object, Response, read_json};
use serde::{Deserialize, Serialize};

use super::{MembershipState, OrgMembership, OrgRole, OrgVisibility, OwnedNamespace};
use crate::classify::{RequestRoute, SsoHeader, is_of_github_app, sso};
use crate::wire::{Lenient, MAX_SHOWN, MembershipAnswer};

/// The scopes that show memberships; any one is enough.
pub(super) const SCOPES: &[&str] = &["read:org", "write:org", "admin:org"];

/// The headers of a page about organisations that are not on it.
#[derive(Debug)]
pub(super) struct HiddenHeaders {
    /// The scopes of the token; `None` for a kind of token that has permissions instead.
    pub(super) scopes: Option<String>,
    pub(super) sso: Option<BTreeSet<String>>,
    pub(super) is_apps: bool,
}

/// The entries of a page: those that were read, and why the others were not.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct OrgPage {
    pub(super) memberships: Vec<CheckedMembership>,
    pub(super) unread: Vec<Unavailable>,
}

/// A membership, checked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CheckedMembership {
    pub(super) org: AccountId,
    pub(super) login: String,
    user: Option<AccountId>,
    role: OrgRole,
    state: MembershipState,
}

/// The organisations of the pages so far. One name has one id, and one id one name.
#[derive(Debug, Default)]
pub(super) struct SeenPages {
    ids: BTreeSet<AccountId>,
    names: BTreeSet<String>,
}

impl SeenPages {
    /// Adds one more organisation. A repeated one is an error: it may stand in the place of another.
    pub(super) fn add(&mut self, membership: &CheckedMembership) -> Result<(), Unavailable> {
        let CheckedMembership { org, login, .. } = membership;
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

impl OrgPage {
    /// Reads a page. An entry that cannot be read, or of which the words are not known, is left out alone, and is said.
    pub(super) fn of(response: &Response) -> Result<Self, Unavailable> {
        type Answer = Object<MembershipAnswer>;
        let entries: Vec<Lenient<Answer>> = read_json(response.body())?;
        // The strict reading says what is wrong with the first one that is of another form.
        let odd = read_json::<Vec<Answer>>(response.body()).err();
        let odd = odd.unwrap_or_else(|| Unavailable::unreadable("an entry cannot be read"));
        let mut page = Self::default();
        for entry in entries {
            let answer = entry.read().ok_or_else(|| odd.clone());
            match answer.and_then(|Object(answer)| CheckedMembership::new(answer)) {
                Ok(membership) => page.memberships.push(membership),
                Err(why) => page.unread.push(why),
            }
        }
        Ok(page)
    }

    pub(super) fn entries(&self) -> usize {
        self.memberships.len() + self.unread.len()
    }

    pub(super) fn add(&mut self, other: Self) {
        self.memberships.extend(other.memberships);
        self.unread.extend(other.unread);
    }
}

impl HiddenHeaders {
    pub(super) fn of(response: &Response, route: &RequestRoute) -> Self {
        let app = response.header("x-oauth-client-id");
        let scopes = response.header("x-oauth-scopes");
        Self {
            scopes: scopes
                .filter(|_| !is_of_github_app(response, route))
                .map(str::to_owned),
            sso: sso(response).map(|sso| match sso {
                SsoHeader::Required => BTreeSet::new(),
                SsoHeader::Partial(ids) => ids.into_iter().collect(),
            }),
            is_apps: app.is_some_and(|id| !id.trim().is_empty()),
        }
    }
}

impl HiddenHeaders {
    fn has_scope(&self) -> bool {
        let scopes = self.scopes.as_deref().unwrap_or_default();
        scopes
            .split(',')
            .any(|scope| SCOPES.contains(&scope.trim()))
    }
}

/// Returns the visibility of a list that was read whole, by what the headers say about the token.
pub(super) fn visibility(pages: &[HiddenHeaders]) -> OrgVisibility {
    let sso: Vec<_> = pages.iter().filter_map(|page| page.sso.as_ref()).collect();
    if pages.iter().any(|page| page.scopes.is_none()) {
        OrgVisibility::TokenKindLimited
    } else if !pages.iter().all(HiddenHeaders::has_scope) {
        OrgVisibility::NoOrgScope
    } else if !sso.is_empty() {
        OrgVisibility::SsoHidden(sso.into_iter().flatten().cloned().collect())
    } else if pages.iter().any(|page| page.is_apps) {
        OrgVisibility::AppRestricted
    } else {
        OrgVisibility::Complete
    }
}

impl CheckedMembership {
    pub(super) fn new(answer: MembershipAnswer) -> Result<Self, Unavailable> {
        let Object(org) = answer.organization;
        if org.login.is_empty() {
            return Err(Unavailable::unreadable("an organisation has no name"));
        }
        // An unknown word may mean anything, even an Owner.
        let role = match answer.role.as_str() {
            "admin" => OrgRole::Admin,
            "member" => OrgRole::Member,
            "billing_manager" => OrgRole::BillingManager,
            other => {
                return Err(Unavailable::unreadable(format_args!(
                    "{:?} is no role",
                    shorten(other, MAX_SHOWN)
                )));
            }
        };
        let state = match answer.state.as_str() {
            "active" => MembershipState::Active,
            "pending" => MembershipState::Pending,
            other => {
                return Err(Unavailable::unreadable(format_args!(
                    "{:?} is no state",
                    shorten(other, MAX_SHOWN)
                )));
            }
        };
        Ok(Self {
            org: account_id(org.id)?,
            login: org.login,
            user: answer
                .user
                .map(|Object(user)| account_id(user.id))
                .transpose()?,
            role,
            state,
        })
    }

    pub(super) fn is_owner(&self) -> bool {
        self.state == MembershipState::Active && self.role == OrgRole::Admin
    }

    /// Checks that the membership can be the account's. GitHub leaves the user out for some tokens, but the token's own account
    /// was asked about.
    ///
    /// Users and organisations take their names and ids from one set, so an organisation cannot have the account's own name or
    /// id.
    pub(super) fn fits(&self, account: &Account) -> Result<(), Unavailable> {
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

pub(super) fn owned(
    login: &str,
    id: &AccountId,
    server: Option<&Origin>,
) -> Result<OwnedNamespace, Unavailable> {
    let namespace = Namespace::parse_name(Ecosystem::GITHUB, login);
    let namespace = namespace.map_err(Unavailable::unreadable)?;
    if namespace.parent().is_some() {
        let detail = format!("{} is no login of an organisation", namespace.short());
        return Err(Unavailable::unreadable(detail));
    }
    Ok(OwnedNamespace {
        namespace: namespace.at(server.cloned()),
        id: id.clone(),
    })
}

fn account_id(id: u64) -> Result<AccountId, Unavailable> {
    AccountId::new(&id.to_string()).map_err(Unavailable::unreadable)
}

pub(super) fn mismatch(detail: &str) -> Unavailable {
    Unavailable::new(UnavailableReason::EvidenceMismatch, detail)
}
