//! What a registry shows of one name.

use serde::{Deserialize, Serialize};

use super::{Reading, SeenRoles, SourceRepository, Timeline};
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::identity::{Account, AccountId, Namespace, Origin, Platform, StableIds};
use crate::reason::{Refuted, Unavailable, UnavailableReason};

/// What a registry shows of one name, as one adapter read it at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NamespaceEvidence {
    /// What was asked about, with its `repository_url` when a configured server answered.
    #[serde(rename = "namespace")]
    pub namespace: Namespace,
    /// The server that answered.
    #[serde(rename = "origin")]
    pub origin: Origin,
    /// When it answered.
    #[serde(rename = "observedAt")]
    pub observed_at: Timestamp,
    /// The addresses that were read.
    #[serde(rename = "sources")]
    pub sources: Vec<String>,
    /// Whether the name is there.
    #[serde(rename = "existence")]
    pub existence: Existence,
    /// Which life of the name this is.
    #[serde(rename = "incarnation")]
    pub incarnation: Reading<Incarnation>,
    /// Who may act for it.
    #[serde(rename = "listing")]
    pub listing: Reading<Listing>,
    /// Its releases, and which DIDs they name.
    #[serde(rename = "timeline")]
    pub timeline: Reading<Timeline>,
    /// The repositories that the publisher typed: at most [`MAX_REPOSITORIES`](super::MAX_REPOSITORIES); with more it is unread.
    #[serde(rename = "repositories")]
    pub repositories: Reading<Vec<SourceRepository>>,
    /// Attested builds.
    #[serde(rename = "provenance")]
    pub provenance: Reading<Vec<Provenance>>,
    /// What this process's verifier remembers of the roles, from its own looks. It is not on the wire: what somebody else
    /// remembers is no evidence here.
    #[serde(skip)]
    pub seen_roles: Option<SeenRoles>,
}

impl NamespaceEvidence {
    /// Evidence that `namespace` is there, with nothing else read yet.
    #[must_use]
    pub fn new(namespace: Namespace, origin: Origin, observed_at: Timestamp) -> Self {
        fn unread<T>() -> Reading<T> {
            Reading::Unread(Unavailable::new(
                UnavailableReason::MissingField,
                "it was not read",
            ))
        }
        Self {
            namespace,
            origin,
            observed_at,
            sources: Vec::new(),
            existence: Existence::Present,
            incarnation: unread(),
            listing: unread(),
            timeline: unread(),
            repositories: Reading::NotOffered,
            provenance: Reading::NotOffered,
            seen_roles: None,
        }
    }
}

impl NamespaceEvidence {
    /// Whether it answers a question about `namespace`, from the server that the namespace names, if it names one.
    pub(crate) fn is_about(&self, namespace: &Namespace) -> bool {
        self.namespace == *namespace && namespace.repository().is_none_or(|o| *o == self.origin)
    }
}

/// Whether a name is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Existence {
    /// It is there.
    #[serde(rename = "present")]
    Present,
    /// The registry itself said that it is not, or may not be used.
    #[serde(rename = "absent")]
    Absent(Refuted),
}

/// Whom the registry lists for a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Listing {
    /// The accounts, in the order of the answer.
    #[serde(rename = "accounts")]
    pub accounts: Vec<ListedAccount>,
    /// Whether those are all who may act.
    #[serde(rename = "owners")]
    pub owners: Owners,
    /// Whether an API token suffices to add an owner there (crates.io), so that a new owner may be a thief's.
    #[serde(rename = "tokensMayAddOwners")]
    pub tokens_may_add_owners: bool,
    /// Teams that the registry lists too, in its own words. Their members may publish, and own nothing: no team is ever an
    /// account's way to a yes.
    #[serde(rename = "teams", default, skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<String>,
}

impl Listing {
    /// A complete listing, where owners are added by an account's holder only.
    #[must_use]
    pub fn new(accounts: Vec<ListedAccount>) -> Self {
        Self {
            accounts,
            owners: Owners::Listed,
            tokens_may_add_owners: false,
            teams: Vec::new(),
        }
    }

    /// Whether `account` alone can publish: one role in all, Owner, and no organization.
    #[must_use]
    pub fn sole_owner(&self) -> Option<&ListedAccount> {
        match (self.accounts.as_slice(), &self.owners) {
            ([only], Owners::Listed) if matches!(only.role, Role::Owner | Role::OwnAccount) => {
                Some(only)
            }
            _ => None,
        }
    }
}

/// Whether a listing is complete.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Owners {
    /// All are listed.
    #[serde(rename = "listed")]
    Listed,
    /// An organization of this name owns it too; its members are not listed.
    #[serde(rename = "organization")]
    Organization(String),
    /// All are listed, and of some it could not be read who they are: those in the listing are, and nobody is said not to be.
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
    pub role: Role,
    /// Its role, in the registry's words.
    #[serde(rename = "label")]
    pub label: String,
    /// By what the registry names the account.
    #[serde(rename = "basis")]
    pub basis: ListingBasis,
    /// The earliest release that this very account id published, where the registry shows it.
    #[serde(
        rename = "firstPublished",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub first_published: Option<Timestamp>,
    /// Whether the first release that the package ever had is this very account id's, where the registry shows it and keeps
    /// every release.
    #[serde(
        rename = "founder",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub founder: bool,
    /// Since when the observer has found it listed, each time that it looked: [`KnownOwners`](super::KnownOwners).
    #[serde(
        rename = "knownSince",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub known_since: Option<Timestamp>,
    /// The last look, before `known_since`, at which the observer did not find it listed. What it published before says nothing
    /// of how it came to be an owner.
    #[serde(rename = "absentAt", default, skip_serializing_if = "Option::is_none")]
    pub absent_at: Option<Timestamp>,
    /// The registry's own account that is listed in truth, where `account` is one that it is linked to: crates.io lists its own
    /// accounts, which sign in with GitHub's.
    #[serde(rename = "holder", default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Account>,
}

impl ListedAccount {
    /// An account in this role. The basis follows from whether the account carries an id and its platform is known to
    /// have none; a bare name on any other platform is a recyclable one.
    #[must_use]
    pub fn new(account: Account, role: Role, label: impl Into<String>) -> Self {
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

    /// The same, said to be named by all that the platform has: for adapters of platforms that core does not know and that
    /// have no stable ids. Where core knows that ids exist (GitHub), it is taken for a recyclable name all the same.
    ///
    /// ```
    /// use auths_core::Account;
    /// use auths_core::evidence::{ListedAccount, ListingBasis, Role};
    ///
    /// let alice: Account = "my-registry:alice".parse()?;
    /// let listed = ListedAccount::new(alice, Role::Owner, "owner");
    /// assert_eq!(listed.basis, ListingBasis::RecyclableName, "unless the adapter says more");
    /// assert_eq!(listed.by_only_name().basis, ListingBasis::OnlyName);
    /// # Ok::<(), auths_core::AccountError>(())
    /// ```
    #[must_use]
    pub fn by_only_name(mut self) -> Self {
        self.basis = ListingBasis::OnlyName;
        self
    }

    /// By what the account is told: what core knows of the platform goes before the adapter's word.
    pub(crate) fn told_by(&self) -> ListingBasis {
        match (self.basis, self.account.platform().stable_ids()) {
            (ListingBasis::OnlyName, StableIds::Always) => ListingBasis::RecyclableName,
            (ListingBasis::Id, _) if self.account.id().is_none() => ListingBasis::RecyclableName,
            (basis, _) => basis,
        }
    }
}

/// What a listed account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Role {
    /// Everything.
    #[serde(rename = "owner")]
    Owner,
    /// Publish, and no more.
    #[serde(rename = "maintainer")]
    Maintainer,
    /// The namespace is the account's own.
    #[serde(rename = "own-account")]
    OwnAccount,
    /// A role that gives no right to publish.
    #[serde(rename = "other")]
    Other,
    /// Any role that was offered and not accepted yet: no right at all.
    #[serde(rename = "invited")]
    Invited,
}

/// By what a listing names an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum ListingBasis {
    /// By the stable id.
    #[serde(rename = "id")]
    Id,
    /// By name; the platform has no ids. Counts where core does not know better: see
    /// [`ListedAccount::by_only_name`].
    #[serde(rename = "only-name")]
    OnlyName,
    /// By name, although the platform has ids.
    #[serde(rename = "recyclable-name")]
    RecyclableName,
}

/// An attested build, its attestation checked by the adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Provenance {
    /// Where the build ran.
    #[serde(rename = "platform")]
    pub platform: Platform,
    /// The numeric id of the repository's owner, from the certificate.
    #[serde(rename = "ownerId")]
    pub owner_id: AccountId,
    /// The numeric id of the repository, from the certificate.
    #[serde(rename = "repositoryId")]
    pub repository_id: AccountId,
    /// Since when releases carry attestations of this owner without a gap.
    #[serde(rename = "since")]
    pub since: Timestamp,
    /// Whether an API token alone can publish a release with an attestation of another repository (npm).
    #[serde(rename = "tokenMayPublish")]
    pub token_may_publish: bool,
    /// The newest release that carries one. Where that is not the newest of all, or is not said, what came after them may have
    /// been built anywhere.
    #[serde(rename = "newest", default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
}
