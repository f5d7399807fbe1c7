//! Organisations: the memberships that a token shows of its account.

mod client;
mod parse;

use std::collections::BTreeSet;

use auths_core::decide::Obstacle;
use auths_core::{
    Account, AccountId, Namespace, Refuted, RefutedReason, Timestamp, Unavailable,
    UnavailableReason,
};
use serde::{Deserialize, Serialize};

pub(crate) use client::{MAX_SKEW, OrgReader};
pub(crate) use parse::CheckedMembership;

/// A namespace on GitHub that the account of a token has, with its number: the account's own name, or an organisation that it
/// administers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OwnedNamespace {
    /// The name as it is now.
    pub namespace: Namespace,
    /// The numeric id of the account or organisation: the mark of this life of its name.
    pub id: AccountId,
}

/// An organisation that the account of a token administers, with a name that breaks the rules of GitHub names. It cannot be a
/// namespace, and is identified only by its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct UnnamedOrg {
    /// The numeric id of the organisation.
    pub id: AccountId,
    /// The name that GitHub gives it, cut to 80 characters. Text from outside: escape it before printing.
    pub login: String,
}

/// The part of its account's organisations that a token shows.
///
/// For every value except [`Complete`](Self::Complete), an organisation that is not listed may be the account's all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrgVisibility {
    /// All organisations.
    Complete,
    /// No organisation: the token lacks the scope `read:org`.
    NoOrgScope,
    /// The organisations that this kind of token is shown, perhaps none: a fine-grained token, or one of a GitHub App.
    TokenKindLimited,
    /// All organisations except those of these ids, until the token has passed their single sign-on. With no ids, GitHub did not
    /// name them.
    SsoHidden(BTreeSet<String>),
    /// All organisations except those that have not approved the OAuth app of the token. GitHub leaves them out silently.
    AppRestricted,
    /// Not those whose entries or names cannot be read.
    EntriesUnread,
}

impl OrgVisibility {
    /// The word in documents: `complete`, `no-org-scope`, `token-kind-limited`, `sso-hidden`, `app-restricted`,
    /// `entries-unread`.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::NoOrgScope => "no-org-scope",
            Self::TokenKindLimited => "token-kind-limited",
            Self::SsoHidden(_) => "sso-hidden",
            Self::AppRestricted => "app-restricted",
            Self::EntriesUnread => "entries-unread",
        }
    }

    /// Returns why an organisation may be missing; `None` when all are shown.
    #[must_use]
    pub fn limit(&self) -> Option<Unavailable> {
        let (why, detail) = match self {
            Self::Complete => return None,
            Self::NoOrgScope => (
                UnavailableReason::MissingScope,
                "the token lacks the scope read:org, so no organisation is shown".to_owned(),
            ),
            Self::TokenKindLimited => (
                UnavailableReason::TokenKind,
                "this kind of token (fine-grained, or of a GitHub App) is shown no organisation but those that let it have the permission members=read; a classic token, or one of an OAuth app, needs the scope read:org".to_owned(),
            ),
            Self::SsoHidden(ids) => {
                let ids: Vec<_> = ids.iter().map(String::as_str).collect();
                let named = match ids.is_empty() {
                    true => " (GitHub does not say which)".to_owned(),
                    false => format!(": those of the ids {}", ids.join(", ")),
                };
                let detail = format!("organisations are left out until the token has passed their single sign-on{named}");
                (UnavailableReason::SsoRequired, detail)
            }
            Self::AppRestricted => (
                UnavailableReason::AppRestricted,
                "the token is an OAuth app's: organisations that have not approved the app are left out".to_owned(),
            ),
            Self::EntriesUnread => (
                UnavailableReason::Unreadable,
                "organisations whose entries or names cannot be read are left out".to_owned(),
            ),
        };
        Some(Unavailable::new(why, detail))
    }

    /// Returns what a refusal to list says about the token; `None` for a refusal that says nothing about it, and fails the whole
    /// lookup.
    fn of_refusal(why: UnavailableReason) -> Option<Self> {
        Some(match why {
            UnavailableReason::MissingScope => Self::NoOrgScope,
            UnavailableReason::TokenKind => Self::TokenKindLimited,
            UnavailableReason::SsoRequired => Self::SsoHidden(BTreeSet::new()),
            UnavailableReason::AppRestricted => Self::AppRestricted,
            _ => return None,
        })
    }
}

impl Serialize for OrgVisibility {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Every namespace on GitHub that a token shows to be its account's. Ask [`owns`](Self::owns), which checks the time too: a role
/// may have been taken away since an older list was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrgNamespaces {
    /// The account of the token.
    pub account: Account,
    /// The account's own name.
    pub personal: OwnedNamespace,
    /// The organisations that the account administers, its membership active.
    pub orgs: Vec<OwnedNamespace>,
    /// The administered organisations whose names cannot be read.
    pub unnamed: Vec<UnnamedOrg>,
    /// Why entries of the list could not be read, one an entry: each may be of an organisation that the account administers.
    pub unread: Vec<Unavailable>,
    /// Whether more may be the account's.
    pub visibility: OrgVisibility,
    /// The time until which this may be relied on: five minutes after GitHub made the oldest of the answers.
    pub valid_until: Timestamp,
}

impl OrgNamespaces {
    /// Returns why this may be less than the account has; `None` when it is all: the entries that cannot be read, or else what
    /// the token is not shown, or else the organisations whose names cannot be ([`UnavailableReason::Unreadable`]).
    #[must_use]
    pub fn limit(&self) -> Option<Unavailable> {
        let hidden = match &self.visibility {
            // Told by what was left out.
            OrgVisibility::EntriesUnread => None,
            visibility => visibility.limit(),
        };
        self.unread_entries()
            .or(hidden)
            .or_else(|| self.unnamed_orgs())
    }

    /// Returns why the entries that cannot be read were left out, if there are any.
    fn unread_entries(&self) -> Option<Unavailable> {
        let first = self.unread.first()?;
        let entries = match self.unread.len() {
            1 => "one entry of the list is".to_owned(),
            more => format!("{more} entries of the list are"),
        };
        let detail = format!("{entries} left out: {}", first.raw_detail);
        Some(Unavailable::new(first.reason, detail))
    }

    /// Returns that organisations whose names cannot be read were left out, if there are any.
    fn unnamed_orgs(&self) -> Option<Unavailable> {
        let UnnamedOrg { id, login } = self.unnamed.first()?;
        let orgs = match self.unnamed.len() {
            1 => "one organisation is".to_owned(),
            more => format!("{more} organisations are"),
        };
        let detail = format!("{orgs} left out, of a name that cannot be read: {login:?} (id {id})");
        Some(Unavailable::unreadable(detail))
    }

    /// Checks that `namespace` is among them, and that this may still be relied on at `now`.
    ///
    /// # Errors
    /// [`UnavailableReason::StaleEvidence`] after [`valid_until`](Self::valid_until), whatever was seen then.
    /// [`RefutedReason::NotListed`] only when all organisations are shown and there is any. Otherwise the reason why
    /// organisations are not shown.
    pub fn owns(&self, namespace: &Namespace, now: Timestamp) -> Result<&OwnedNamespace, Obstacle> {
        fresh(self.valid_until, now)?;
        let mut all = std::iter::once(&self.personal).chain(&self.orgs);
        if let Some(owned) = all.find(|owned| owned.namespace == *namespace) {
            return Ok(owned);
        }
        let account = &self.account;
        Err(match self.limit() {
            Some(limit) => limit.into(),
            None if self.orgs.is_empty() => {
                let detail = format!("no organisation of {account} is shown");
                Unavailable::new(UnavailableReason::Empty, detail).into()
            }
            None => {
                let detail = format!("{account} does not administer {}", namespace.short());
                Refuted::new(RefutedReason::NotListed, detail).into()
            }
        })
    }
}

/// The membership of one account in one organisation, both identified by their numbers. Ask [`is_owner`](Self::is_owner), which
/// checks the time too.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrgMembership {
    /// The organisation.
    pub org: Account,
    /// The member: the account of the token that asked.
    pub user: Account,
    /// The role: `admin` is GitHub's word for an Owner.
    pub role: OrgRole,
    /// The state: accepted, or only offered.
    pub state: MembershipState,
    /// The time until which this may be relied on: five minutes after GitHub made the oldest of the answers.
    pub valid_until: Timestamp,
}

/// A role in an organisation, in GitHub's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OrgRole {
    /// An Owner.
    #[serde(rename = "admin")]
    Admin,
    /// A member.
    #[serde(rename = "member")]
    Member,
    /// A person who sees and pays bills, and is no member.
    #[serde(rename = "billing_manager")]
    BillingManager,
}

/// The state of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum MembershipState {
    /// The membership holds.
    #[serde(rename = "active")]
    Active,
    /// The membership was offered, and not accepted.
    #[serde(rename = "pending")]
    Pending,
}

impl OrgRole {
    /// Returns GitHub's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
            Self::BillingManager => "billing_manager",
        }
    }
}

impl OrgMembership {
    /// Checks that the membership may still be relied on at `now`.
    pub(crate) fn is_fresh(&self, now: Timestamp) -> Result<(), Unavailable> {
        fresh(self.valid_until, now)
    }

    /// Checks that the member is an Owner (active, and `admin`), and that the membership may still be relied on at `now`.
    ///
    /// # Errors
    /// [`UnavailableReason::StaleEvidence`] after [`valid_until`](Self::valid_until), whatever was seen then.
    /// [`RefutedReason::RolePending`] for an invitation, whatever the role. [`RefutedReason::LesserRole`] for a member and for a
    /// billing manager; the message names which.
    pub fn is_owner(&self, now: Timestamp) -> Result<(), Obstacle> {
        self.is_fresh(now)?;
        let (user, org) = (self.user.login(), self.org.login());
        let (by, says) = match (self.state, self.role) {
            (MembershipState::Active, OrgRole::Admin) => return Ok(()),
            (MembershipState::Pending, role) => (
                RefutedReason::RolePending,
                format!(
                    "{user} was invited to {org} as {}, and has not accepted",
                    role.as_str()
                ),
            ),
            (_, OrgRole::Member) => (
                RefutedReason::LesserRole,
                format!("{user} is a member of {org}, and no Owner"),
            ),
            (_, OrgRole::BillingManager) => (
                RefutedReason::LesserRole,
                format!("{user} manages the bills of {org}, and is no member"),
            ),
        };
        Err(Refuted::new(by, says).into())
    }
}

/// Checks that the time of reliance is not over. Roles can be taken away, so an observation is good for minutes.
pub(crate) fn fresh(valid_until: Timestamp, now: Timestamp) -> Result<(), Unavailable> {
    if now <= valid_until {
        return Ok(());
    }
    let detail = format!("what GitHub showed of the organisations was good until {valid_until}");
    Err(Unavailable::new(UnavailableReason::StaleEvidence, detail))
}
