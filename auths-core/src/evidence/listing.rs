//! The accounts that a registry lists for a name, and their rights.

use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::identity::{Account, StableIds};
use crate::reason::Unavailable;

/// The accounts that the registry lists for a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Listing {
    /// The accounts, in the order of the answer.
    #[serde(rename = "accounts")]
    pub accounts: Vec<ListedAccount>,
    /// The completeness of the list of accounts.
    #[serde(rename = "owners")]
    pub owners: ListingCompleteness,
    /// True where an API token suffices to add an owner (crates.io), so that a new owner may be a thief.
    #[serde(rename = "tokensMayAddOwners")]
    pub tokens_may_add_owners: bool,
    /// The teams that the registry also lists, in its own words. Their members may publish, but own nothing: a team never leads
    /// an account to a yes.
    #[serde(rename = "teams", default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
}

impl Listing {
    /// Creates a complete listing of a registry where only an account's holder can add owners.
    #[must_use]
    pub fn new(accounts: Vec<ListedAccount>) -> Self {
        Self {
            accounts,
            owners: ListingCompleteness::Listed,
            tokens_may_add_owners: false,
            teams: Vec::new(),
        }
    }

    /// Returns the account that alone can publish: the only role of the listing is Owner or own account, and no organization owns
    /// the name.
    #[must_use]
    pub fn sole_owner(&self) -> Option<&ListedAccount> {
        match (self.accounts.as_slice(), &self.owners) {
            ([only], ListingCompleteness::Listed)
                if matches!(only.role, OwnerRole::Owner | OwnerRole::OwnAccount) =>
            {
                Some(only)
            }
            _ => None,
        }
    }
}

/// The completeness of a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ListingCompleteness {
    /// All accounts are listed.
    #[serde(rename = "listed")]
    Listed,
    /// An organization of this name owns the package too. Its members are not listed.
    #[serde(rename = "organization")]
    Organization(String),
    /// All accounts are listed, but some of them could not be identified. Accounts in the listing are listed; no account can be
    /// said to be unlisted.
    #[serde(rename = "unread")]
    Unread(Unavailable),
}

/// One account in a listing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ListedAccount {
    /// The account.
    #[serde(rename = "account")]
    pub account: Account,
    /// Its role, in this library's words.
    #[serde(rename = "role")]
    pub role: OwnerRole,
    /// Its role, in the registry's words.
    #[serde(rename = "label")]
    pub label: String,
    /// The kind of name by which the registry identifies the account.
    #[serde(rename = "basis")]
    pub basis: ListingBasis,
    /// The earliest release that this exact account id published, where the registry shows it.
    #[serde(
        rename = "firstPublished",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub first_published: Option<Timestamp>,
    /// True where the first release that the package ever had is by this exact account id, and the registry shows it and keeps
    /// every release.
    #[serde(
        rename = "founder",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub founder: bool,
    /// The time since when the observer has found the account listed, at every observation: [`KnownOwners`](super::KnownOwners).
    #[serde(
        rename = "knownSince",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub known_since: Option<Timestamp>,
    /// The last observation, before `known_since`, that did not find the account listed. Earlier releases of the account do not
    /// show how it became an owner.
    #[serde(rename = "absentAt", default, skip_serializing_if = "Option::is_none")]
    pub absent_at: Option<Timestamp>,
    /// The registry's own account that is really listed, where `account` is the one linked to it. For example, crates.io lists
    /// its own accounts, which sign in with accounts of GitHub.
    #[serde(rename = "holder", default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Account>,
}

impl ListedAccount {
    /// Creates the listing of an account in this role. The basis is [`ListingBasis::Id`] if the account carries an id,
    /// [`ListingBasis::OnlyName`] if its platform is known to have none, and otherwise [`ListingBasis::RecyclableName`].
    #[must_use]
    pub fn new(account: Account, role: OwnerRole, label: impl Into<String>) -> Self {
        let basis = match (account.id(), account.platform().stable_ids()) {
            (Some(_), _) => ListingBasis::Id,
            (None, StableIds::Never) => ListingBasis::OnlyName,
            (None, _) => ListingBasis::RecyclableName,
        };
        Self {
            account,
            role,
            label: label.into(),
            basis,
            first_published: None,
            founder: false,
            known_since: None,
            absent_at: None,
            holder: None,
        }
    }

    /// Sets that the platform has only names. For adapters of platforms that core does not know and that have no stable ids.
    /// Where core knows that ids exist (GitHub), the name still counts as a recyclable name.
    ///
    /// ```
    /// use auths_core::Account;
    /// use auths_core::evidence::{ListedAccount, ListingBasis, OwnerRole};
    ///
    /// let alice: Account = "my-registry:alice".parse()?;
    /// let listed = ListedAccount::new(alice, OwnerRole::Owner, "owner");
    /// assert_eq!(listed.basis, ListingBasis::RecyclableName, "unless the adapter says more");
    /// assert_eq!(listed.by_only_name().basis, ListingBasis::OnlyName);
    /// # Ok::<(), auths_core::AccountError>(())
    /// ```
    #[must_use]
    pub fn by_only_name(mut self) -> Self {
        self.basis = ListingBasis::OnlyName;
        self
    }

    /// Returns the basis that counts. Core's knowledge of the platform overrides the adapter's basis.
    pub(crate) fn effective_basis(&self) -> ListingBasis {
        match (self.basis, self.account.platform().stable_ids()) {
            (ListingBasis::OnlyName, StableIds::Always) => ListingBasis::RecyclableName,
            (ListingBasis::Id, _) if self.account.id().is_none() => ListingBasis::RecyclableName,
            (basis, _) => basis,
        }
    }
}

/// The rights of a listed account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum OwnerRole {
    /// May do everything.
    #[serde(rename = "owner")]
    Owner,
    /// May publish, and no more.
    #[serde(rename = "maintainer")]
    Maintainer,
    /// Holds the account that the namespace is the name of.
    #[serde(rename = "own-account")]
    OwnAccount,
    /// A role that gives no right to publish.
    #[serde(rename = "other")]
    Other,
    /// Any role that was offered and not accepted yet: no right at all.
    #[serde(rename = "invited")]
    Invited,
}

/// The kind of name by which a listing identifies an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ListingBasis {
    /// The stable id.
    #[serde(rename = "id")]
    Id,
    /// The name, on a platform without ids. It counts unless core knows better: see [`ListedAccount::by_only_name`].
    #[serde(rename = "only-name")]
    OnlyName,
    /// The name, although the platform has ids.
    #[serde(rename = "recyclable-name")]
    RecyclableName,
}
