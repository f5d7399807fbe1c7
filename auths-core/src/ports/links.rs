//! The port for a holder's own links: platform claims, each with the place of its proof.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::claim::{Observation, PlatformClaim, Signed};
use crate::evidence::GistState;
use crate::identity::{Account, Did, Namespace, escape};
use crate::reason::{Invalid, Reason, UnavailableReason};

/// A platform claim as its holder stores it.
///
/// Its JSON form is an object with `claim`, and with `statement`, `gist` and `observations` where they are known.
///
/// ```
/// use auths_core::ports::KeptLink;
///
/// let bytes = include_bytes!("../../../tests/vectors/claims/platform/claim.json");
/// let stored = [&b"{\"claim\": "[..], bytes, b"}"].concat();
/// let kept = KeptLink::parse(&stored)?;
/// assert!(kept.gist.is_none() && kept.observations.is_empty());
/// assert!(KeptLink::parse(b"[]").is_err());
/// # Ok::<(), String>(())
/// ```
///
/// # Security
/// Nothing in it is believed: the claim's signature, the gist and the observations are checked wherever they count. It holds no
/// secret, and whoever reads it learns which accounts a DID says it holds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeptLink {
    /// The signed claim.
    #[serde(rename = "claim")]
    pub claim: Signed<PlatformClaim>,
    /// The package to read the account statement from.
    #[serde(rename = "statement", default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Namespace>,
    /// The gist that holds the claim.
    #[serde(rename = "gist", default, skip_serializing_if = "Option::is_none")]
    pub gist: Option<KeptGist>,
    /// The observations of the account when it was claimed, signed by the holder's key. They save running a device flow for every
    /// claim.
    #[serde(
        rename = "observations",
        default,
        skip_serializing_if = "Vec::is_empty"
    )]
    pub observations: Vec<Signed<Observation>>,
}

/// The gist of a platform claim, and the state in which it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct KeptGist {
    /// The gist's id.
    #[serde(rename = "id")]
    pub id: String,
    /// The gist's page, for people.
    #[serde(rename = "url")]
    pub url: String,
    /// The state in which it was last seen.
    #[serde(rename = "state", default, skip_serializing_if = "Option::is_none")]
    pub state: Option<GistState>,
}

impl KeptGist {
    /// Creates the entry of a new gist.
    #[must_use]
    pub fn new(id: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            url: url.into(),
            state: None,
        }
    }

    /// Sets the state in which the gist was seen.
    #[must_use]
    pub fn in_state(mut self, state: GistState) -> Self {
        self.state = Some(state);
        self
    }
}

impl KeptLink {
    /// Creates the entry of a claim without support.
    #[must_use]
    pub fn new(claim: Signed<PlatformClaim>) -> Self {
        Self {
            claim,
            statement: None,
            gist: None,
            observations: Vec::new(),
        }
    }

    /// Reads an entry. It must be an object: code that serde derives would also read a list of its fields. The claims in it are
    /// strict.
    ///
    /// # Errors
    /// The fault, in words, when it is no entry.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if !bytes.trim_ascii_start().starts_with(b"{") {
            return Err("it is not a JSON object".to_owned());
        }
        serde_json::from_slice(bytes).map_err(|e| e.to_string())
    }

    /// Returns whether the claim has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.claim.expires().is_some_and(|expires| expires <= now)
    }

    /// Returns whether the claim belongs to a platform where claims are published, and has no known gist.
    #[must_use]
    pub fn is_unpublished(&self) -> bool {
        let account = &self.claim.unverified().account;
        account.platform().facts().has_gists && self.gist.is_none()
    }

    /// Returns whether `other` has the same DID and account, and expires later. An unpublished claim renews nothing.
    #[must_use]
    pub fn is_renewed_by(&self, other: &Self) -> bool {
        let (held, renewed) = (self.claim.unverified(), other.claim.unverified());
        !other.is_unpublished()
            && self.claim.did() == other.claim.did()
            && held.account.same_as(&renewed.account)
            && self.claim.expires() < other.claim.expires()
    }

    /// Returns whether this is a link of `did` to `account`. Where the platform has ids, they decide, because logins change hands.
    #[must_use]
    pub fn is_of(&self, did: &Did, account: &Account) -> bool {
        self.claim.did() == did && self.claim.unverified().account.same_as(account)
    }

    /// Returns whether `other` is the same claim with the same gist. The state of the gist may differ.
    #[must_use]
    pub fn has_gist_of(&self, other: &Self) -> bool {
        let [own, others] = [self, other].map(|kept| kept.gist.as_ref().map(|gist| &gist.id));
        self.claim.id() == other.claim.id() && own == others
    }

    /// Returns the order in which stores list links: the oldest claim first.
    #[must_use]
    pub fn sort_key(&self) -> impl Ord + use<> {
        (self.claim.created(), self.claim.id().clone())
    }
}

/// A reason why links cannot be read or stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The store failed.
    #[error("{}", escape(.0))]
    Failed(String),
    /// An entry of the store is no link. It is never passed over: a missing link silently reduces what its holder may do.
    #[error("{} is not a kept claim: {}", escape(place), escape(what))]
    NotALink {
        /// The entry, such as the path of a file.
        place: String,
        /// The fault.
        what: String,
    },
}

impl LinkError {
    /// Returns the stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Failed(_) => UnavailableReason::StoreFailed.code(),
            Self::NotALink { .. } => Invalid::BadClaim.code(),
        }
    }
}

/// A holder's store of its own links, one entry for each claim.
///
/// # Contract
/// - An entry belongs to one claim, by its id. [`keep`](Self::keep) replaces the entry of that claim whole, in one step, and
///   leaves every other entry as it is. Another reader sees the old entry or the new one, never a part of one.
/// - When `keep` or [`forget`](Self::forget) returns `Ok`, what it did is durable: a later process finds it, also after a crash
///   if the store outlives its process. A claim is kept before it is published. A store that answers early loses claims whose
///   gist is public.
/// - Other processes may write at any time. They keep other claims, publish or replace an entry, and forget one. So `forget`
///   takes the entry as it was read, and leaves one that has got another gist since: somebody has published it meanwhile.
/// - Links are read exactly and completely, the oldest first. If any entry cannot be read, the result is a [`LinkError`], never a
///   shorter list. An empty list means that the store was read and has no link.
///
/// # Security
/// Links hold no secret, and nothing in them is believed. A store that loses an entry costs its holder the link, and leaves a gist
/// that its holder does not know: keep the store where only its holder can write.
///
/// ```
/// use auths_core::ports::{KeptLink, LinkError, LinkStore};
///
/// /// Replaces an earlier link, and loses neither if the store fails in between.
/// async fn replace(links: &dyn LinkStore, old: &KeptLink, new: &KeptLink) -> Result<bool, LinkError> {
///     links.keep(new).await?;
///     links.forget(old).await
/// }
/// ```
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait LinkStore: fmt::Debug + Send + Sync {
    /// Returns every link, oldest first.
    ///
    /// # Errors
    /// [`LinkError`] when one cannot be read, or is none.
    async fn all(&self) -> Result<Vec<KeptLink>, LinkError>;

    /// Returns the links of one DID to one account ([`KeptLink::is_of`]), oldest first.
    ///
    /// # Errors
    /// [`LinkError`], as for [`all`](Self::all).
    async fn of(&self, did: &Did, account: &Account) -> Result<Vec<KeptLink>, LinkError>;

    /// Reads the entry of a claim again: another process may have published or replaced it. `None` when it is gone.
    ///
    /// # Errors
    /// [`LinkError`] when it cannot be read, or is none.
    async fn again(&self, old: &KeptLink) -> Result<Option<KeptLink>, LinkError>;

    /// Stores a link. An earlier entry of the same claim is replaced.
    ///
    /// # Errors
    /// [`LinkError`] when it could not be stored. The earlier entry is then still there.
    async fn keep(&self, kept: &KeptLink) -> Result<(), LinkError>;

    /// Forgets a link that was read as `read`, and returns whether it is gone: `false` when it has another gist by now
    /// ([`KeptLink::has_gist_of`]) and was left.
    ///
    /// # Errors
    /// [`LinkError`] when it could not be read again or removed.
    async fn forget(&self, read: &KeptLink) -> Result<bool, LinkError>;
}
