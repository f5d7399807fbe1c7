//! Parts of an answer, which may not have been read.

use serde::{Deserialize, Serialize};

use crate::reason::{Unavailable, UnavailableReason};

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
            return Self::Unread(Unavailable::new(UnavailableReason::Empty, detail));
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
                UnavailableReason::NotOffered,
                "nothing of the kind is offered here",
            )),
        }
    }
}
