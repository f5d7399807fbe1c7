//! Evidence: what an adapter saw on a platform, with the place, the time and the stable ids.
//!
//! Anyone can build these values; they prove nothing by themselves. The table [`WORTH`] fixes what each kind is worth, an adapter
//! has no say in it, and only [`decide`](crate::decide) weighs evidence. The types serialize without numbers or null, so that an
//! observer can sign them ([`Observation`](crate::claim::Observation)).

mod account;
mod confirm;
mod kind;
mod known;
mod namespace;
mod observed;
mod repository;
mod roles;
mod timeline;

use serde::{Deserialize, Serialize};

pub use account::{AccountEvidence, AccountProof, Attempt, GistState, LinkedAccount};
pub use kind::{EvidenceKind, Grade, WORTH, WorthRow, worth};
pub use known::KnownOwners;
pub use namespace::{
    Existence, ListedAccount, Listing, ListingBasis, NamespaceEvidence, Owners, Provenance, Role,
};
pub use observed::{ObservedEvidence, SeenBy};
pub use repository::{MAX_REPOSITORIES, SourceRepository};
pub use roles::SeenRoles;
pub use timeline::{Named, NamedAccount, Release, Timeline};

use crate::Timestamp;
use crate::reason::Unavailable;

/// One piece of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Evidence {
    /// A registry's answer about a name.
    #[serde(rename = "namespace")]
    Namespace(Box<NamespaceEvidence>),
    /// Evidence that an account agrees to a DID.
    #[serde(rename = "account")]
    Account(Box<AccountEvidence>),
}

impl Evidence {
    /// Returns the time of the observation.
    #[must_use]
    pub fn observed_at(&self) -> Timestamp {
        match self {
            Self::Namespace(e) => e.observed_at,
            Self::Account(e) => e.observed_at,
        }
    }
}

/// A part of an answer: read, not readable, or not offered. An empty value never stands for "unknown".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reading<T> {
    /// The part was read whole.
    #[serde(rename = "read")]
    Read(T),
    /// The part could not be read.
    #[serde(rename = "unread")]
    Unread(Unavailable),
    /// The registry or adapter has nothing of this kind, so it gives no way to a yes and leaves no open question. A part that is
    /// offered but was not read is `Unread`.
    #[serde(rename = "not-offered")]
    NotOffered,
}

/// Makes `Read` of a value and `Unread` of a reason.
///
/// ```
/// use auths_core::Unavailable;
/// use auths_core::evidence::Reading;
///
/// assert_eq!(Reading::from(Ok(7)), Reading::Read(7));
/// let why = Unavailable::missing_field("owners");
/// assert_eq!(Reading::<u8>::from(Err(why.clone())), Reading::Unread(why));
/// ```
impl<T> From<Result<T, Unavailable>> for Reading<T> {
    fn from(result: Result<T, Unavailable>) -> Self {
        result.map_or_else(Self::Unread, Self::Read)
    }
}

impl<T> Reading<T> {
    /// Makes a value of a list that cannot be empty, such as that of a package's owners. An empty list counts as unread, since it
    /// shows nothing ([`UnavailableReason::Empty`](crate::UnavailableReason::Empty)).
    ///
    /// ```
    /// use auths_core::evidence::{Listing, Reading};
    ///
    /// let listing: Reading<Listing> = Reading::unless_empty(Vec::new(), Listing::new);
    /// assert_eq!(listing.get().unwrap_err().reason, auths_core::UnavailableReason::Empty);
    /// ```
    #[must_use]
    pub fn unless_empty<U>(list: Vec<U>, make: impl FnOnce(Vec<U>) -> T) -> Self {
        if list.is_empty() {
            let detail = "a list is empty that cannot be";
            return Self::Unread(Unavailable::new(
                crate::reason::UnavailableReason::Empty,
                detail,
            ));
        }
        Self::Read(make(list))
    }

    /// Returns the value.
    ///
    /// # Errors
    /// The reason, when the part was not read or is not offered.
    pub fn get(&self) -> Result<&T, Unavailable> {
        match self {
            Self::Read(value) => Ok(value),
            Self::Unread(why) => Err(why.clone()),
            Self::NotOffered => Err(Unavailable::new(
                crate::reason::UnavailableReason::NotOffered,
                "nothing of the kind is offered here",
            )),
        }
    }
}
