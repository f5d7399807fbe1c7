//! The result of asking a service for one thing by its name.

use std::fmt;

use auths_core::{Unavailable, UnavailableReason};
use serde::{Deserialize, Serialize};

use crate::conditional::Cached;

/// The result of asking a service for one thing: the thing, or the service's own answer that it has none.
///
/// [`RequestBudget::read`](crate::RequestBudget::read) makes a `Lookup` of each answer. Only answers of status 200 are kept, so `NotFound` is never kept.
///
/// ```
/// use auths_http::Lookup;
///
/// assert_eq!(Lookup::Found(7).into_option(), Some(7));
/// assert_eq!(Lookup::<u8>::NotFound.into_option(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lookup<T> {
    /// The thing that the service has.
    Found(T),
    /// The service's answer, in its own form of a 404, that it has no such thing.
    NotFound,
}

impl<T> Lookup<T> {
    /// Returns the thing that was found; `None` for `NotFound`.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Found(found) => Some(found),
            Self::NotFound => None,
        }
    }

    /// Returns the thing that was found, for a request to which a 404 is no answer, even in the service's own form.
    ///
    /// ```
    /// use auths_core::UnavailableReason;
    /// use auths_http::Lookup;
    ///
    /// assert_eq!(Lookup::Found(7).or_unexpected("the owners")?, 7);
    /// let why = Lookup::<u8>::NotFound.or_unexpected("the owners").unwrap_err();
    /// assert_eq!((why.reason, &*why.raw_detail), (UnavailableReason::UnexpectedStatus, "status 404 for the owners"));
    /// # Ok::<(), auths_core::Unavailable>(())
    /// ```
    ///
    /// # Errors
    /// [`UnavailableReason::UnexpectedStatus`] for `NotFound`, with the name of the thing.
    pub fn or_unexpected(self, what: impl fmt::Display) -> Result<T, Unavailable> {
        self.into_option().ok_or_else(|| {
            let detail = format!("status 404 for {what}");
            Unavailable::new(UnavailableReason::UnexpectedStatus, detail)
        })
    }
}

impl<T> Cached<Lookup<T>> {
    /// Returns the thing that was found; `None` for `NotFound`.
    #[must_use]
    pub fn found(self) -> Option<T> {
        self.value.into_option()
    }
}
