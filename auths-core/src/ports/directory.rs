//! The port for who has a login on a platform now.

use std::fmt;

use async_trait::async_trait;

use crate::identity::Account;
use crate::reason::Obstacle;

/// A platform's answer to who has a login now.
///
/// # Contract
/// The answer names the account as the platform does, with its stable id. `None` only when the platform itself says that there is
/// no such account: a failure to read is an error.
///
/// # Security
/// A login is a label that changes hands. The answer tells a holder what became of an old login, and finds the id of an account
/// that a person names. It proves nothing about who asks.
///
/// ```
/// use auths_core::ports::AccountDirectory;
/// use auths_core::{Account, reason::Obstacle};
///
/// async fn has_changed_hands(directory: &dyn AccountDirectory, known: &Account) -> Result<bool, Obstacle> {
///     let now = directory.account_of(known).await?;
///     Ok(now.is_some_and(|now| !now.same_as(known)))
/// }
/// ```
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait AccountDirectory: fmt::Debug + Send + Sync {
    /// Returns the person's account that has the login of `account` now, with its id; `None` when the platform says that there is
    /// none for the caller.
    ///
    /// # Errors
    /// [`Obstacle::Refuted`] when something other than a person's account has the login, such as an organisation.
    /// [`Obstacle::Unavailable`] when it cannot be read.
    async fn account_of(&self, account: &Account) -> Result<Option<Account>, Obstacle>;
}
