//! The result of asking a service for one thing by its name.

use serde::{Deserialize, Serialize};

/// The result of asking a service for one thing: the thing, or the service's own answer that it has none.
///
/// An adapter makes a `Lookup` of each answer in the function that it gives to
/// [`Transport::fetch_cached`](crate::Transport::fetch_cached). Only answers of status 200 are kept, so `NotFound` is never kept.
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
}
