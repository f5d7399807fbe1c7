//! What asking for one thing by its name found.

use serde::{Deserialize, Serialize};

/// The result of asking a service for one thing: the thing, or the service's own word that it has none.
///
/// An adapter makes it of each answer in the function that it gives to [`Transport::fetch_cached`](crate::Transport::fetch_cached).
/// Only answers of status 200 are kept, so `NotFound` never is.
///
/// ```
/// use auths_http::Lookup;
///
/// assert_eq!(Lookup::Found(7).into_option(), Some(7));
/// assert_eq!(Lookup::<u8>::NotFound.into_option(), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lookup<T> {
    /// The service has it.
    Found(T),
    /// The service says, in its own form of a 404, that it has none.
    NotFound,
}

impl<T> Lookup<T> {
    /// Returns what was found.
    #[must_use]
    pub fn into_option(self) -> Option<T> {
        match self {
            Self::Found(found) => Some(found),
            Self::NotFound => None,
        }
    }
}
